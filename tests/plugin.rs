//! Plugins: what good ones do, what bad ones cannot do, and what decisions see of them.

#![cfg(test)]

#[path = "plugin/behaviour.rs"]
mod behaviour;
#[path = "plugin/facts.rs"]
mod facts;
#[path = "plugin/plant.rs"]
mod plant;
#[path = "plugin/refresher.rs"]
mod refresher;
#[path = "plugin/worlds.rs"]
mod worlds;
