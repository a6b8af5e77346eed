//! Shadows: the differences are those that Cedar finds, and no answer is another for a candidate.

#![cfg(test)]

#[path = "shadow/life.rs"]
mod life;
#[path = "shadow/plant.rs"]
mod plant;
#[path = "shadow/threads.rs"]
mod threads;
