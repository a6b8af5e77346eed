//! cost
#![cfg(test)]
