//! The decision cache: never a stale answer, every decision a hit or a miss, nothing allocated by a
//! hit, and how often real traffic hits.

#![cfg(test)]

#[path = "cache/captures.rs"]
mod captures;
#[path = "cache/history.rs"]
mod history;
#[path = "cache/keys.rs"]
mod keys;
#[path = "cache/time.rs"]
mod time;
