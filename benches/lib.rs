//! Criterion benches of Trapkey: each file beside this one is a target, but for what they share.

pub mod stores;
