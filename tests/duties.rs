//! What decisions ask of the PEP, and what a deployment only observes.

#![cfg(test)]

#[path = "duties/obligations.rs"]
mod obligations;
#[path = "duties/shop.rs"]
mod shop;
