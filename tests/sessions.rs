//! Sessions: what flips is handed over, what is decided again is what was concerned, and what is
//! closed stays closed.

#![cfg(test)]

#[path = "sessions/dependencies.rs"]
mod dependencies;
#[path = "sessions/history.rs"]
mod history;
#[path = "sessions/scale.rs"]
mod scale;
#[path = "sessions/table.rs"]
mod table;
#[path = "sessions/time.rs"]
mod time;
