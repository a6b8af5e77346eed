//! Grants: templates linked while the engine runs decide as Cedar decides with the same links.

#![cfg(test)]

#[path = "grants/break_glass.rs"]
mod break_glass;
#[path = "grants/frames.rs"]
mod frames;
#[path = "grants/life.rs"]
mod life;
#[path = "grants/many.rs"]
mod many;
#[path = "grants/site.rs"]
mod site;
#[path = "grants/time.rs"]
mod time;
#[path = "grants/worlds.rs"]
mod worlds;
