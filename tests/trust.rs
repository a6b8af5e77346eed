//! Clocks that are right, drift, jump, go back, or are not to be trusted.

#![cfg(test)]

#[path = "trust/across.rs"]
mod across;
#[path = "trust/mark.rs"]
mod mark;
#[path = "trust/risk.rs"]
mod risk;
#[path = "trust/sessions.rs"]
mod sessions;
#[path = "trust/site.rs"]
mod site;
