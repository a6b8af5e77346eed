//! One whole day in the example plant, decided anew every minute: no decision changes before its
//! horizon, and sessions end at the minute in which their decision does.

#![cfg(test)]

#[path = "day/requests.rs"]
mod requests;
#[path = "day/walk.rs"]
mod walk;
