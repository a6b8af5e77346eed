//! Stages: what is observed is allowed and told, and nothing else is; what is guarded goes back.

#![cfg(test)]

#[path = "stages/guard.rs"]
mod guard;
#[path = "stages/plant.rs"]
mod plant;
#[path = "stages/robots.rs"]
mod robots;
#[path = "stages/scopes.rs"]
mod scopes;
