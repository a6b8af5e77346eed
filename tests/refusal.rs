//! Everything that is refused, and why: one case at least for each variant of each error.

#[path = "refusal/bundle.rs"]
mod bundle;
#[path = "refusal/contents.rs"]
mod contents;
#[path = "refusal/decision.rs"]
mod decision;
#[path = "refusal/gather.rs"]
mod gather;
#[path = "refusal/publication.rs"]
mod publication;
#[path = "refusal/structure.rs"]
mod structure;
