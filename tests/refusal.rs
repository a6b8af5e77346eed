//! Everything that is refused, and why: one case at least for each variant of each error.

#![cfg(test)]

#[path = "refusal/advance.rs"]
mod advance;
#[path = "refusal/bundle.rs"]
mod bundle;
#[path = "refusal/clock.rs"]
mod clock;
#[path = "refusal/compiler.rs"]
mod compiler;
#[path = "refusal/component.rs"]
mod component;
#[path = "refusal/contents.rs"]
mod contents;
#[path = "refusal/contract.rs"]
mod contract;
#[path = "refusal/decision.rs"]
mod decision;
#[path = "refusal/entities.rs"]
mod entities;
#[path = "refusal/events.rs"]
mod events;
#[path = "refusal/explain.rs"]
mod explain;
#[path = "refusal/filter.rs"]
mod filter;
#[path = "refusal/gather.rs"]
mod gather;
#[path = "refusal/grants.rs"]
mod grants;
#[path = "refusal/link.rs"]
mod link;
#[path = "refusal/plugin.rs"]
mod plugin;
#[path = "refusal/plugin_calls.rs"]
mod plugin_calls;
#[path = "refusal/precompiled.rs"]
mod precompiled;
#[path = "refusal/prepared.rs"]
mod prepared;
#[path = "refusal/publication.rs"]
mod publication;
#[path = "refusal/requests.rs"]
mod requests;
#[path = "refusal/sessions.rs"]
mod sessions;
#[path = "refusal/shadow.rs"]
mod shadow;
#[path = "refusal/stages.rs"]
mod stages;
#[path = "refusal/structure.rs"]
mod structure;
#[path = "refusal/world.rs"]
mod world;
