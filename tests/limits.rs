//! Bounds at their edges: what is exactly at a limit is accepted, one more is refused with what it
//! is, its size and the limit; and nothing overflows a stack or a memory before that.

#![cfg(test)]

#[path = "limits/facts.rs"]
mod facts;
#[path = "limits/nesting.rs"]
mod nesting;
#[path = "limits/scale.rs"]
mod scale;
#[path = "limits/schemas.rs"]
mod schemas;
#[path = "scale/shapes.rs"]
mod shapes;
#[path = "limits/sizes.rs"]
mod sizes;
#[path = "limits/sources.rs"]
mod sources;
