//! Until when decisions hold: never longer than they do, and exactly where a test of time decides.

#![cfg(test)]

#[path = "horizon/expiry.rs"]
mod expiry;
#[path = "horizon/generator.rs"]
mod generator;
#[path = "horizon/sharp.rs"]
mod sharp;
#[path = "horizon/sound.rs"]
mod sound;
#[path = "horizon/world.rs"]
mod world;
