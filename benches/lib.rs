//! Criterion benches of Trapkey: each file beside this one is a target.
