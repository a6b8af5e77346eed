//! Integration tests of Trapkey: each file beside this one is a target.

pub mod conformance;
pub mod constructs;
pub mod fixture;
pub mod fuzzing;
pub mod generated;
pub mod guests;
pub mod lasting;
pub mod links;
pub mod reading;
pub mod signed;
pub mod windows;
