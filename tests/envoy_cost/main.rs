//! What filters cost in the real Envoy, in time of its worker's processor for each request, beside its own RBAC, a
//! filter that does nothing, and an authorization service: `envoy_cost [requests|loading|instructions] [NUMBER] [WORD]`.
//!
//! Every Envoy has one worker, and all run at once; they are driven in turn, in rounds, so that what is compared meets
//! the same load. What the clients, an upstream or a service use is not counted.

#![cfg(test)]

#[path = "../envoy/certificates.rs"]
mod certificates;
#[expect(dead_code, reason = "the tests of filters use the rest")]
#[path = "../envoy/client.rs"]
mod client;
mod driven;
mod filters;
mod instructions;
mod listener;
mod loading;
#[path = "../envoy/place.rs"]
mod place;
#[expect(dead_code, reason = "the tests of filters use the rest")]
#[path = "../envoy/proxy.rs"]
mod proxy;
mod requests;
#[expect(dead_code, reason = "the tests of filters use the rest")]
#[path = "../envoy/upstream.rs"]
mod upstream;

use std::env;

fn main() {
    // Cargo tells benches that they are benches.
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = words.get(1).map(|word| word.parse().unwrap());
    match words.first().map(String::as_str) {
        None | Some("requests") => {
            requests::measure(number.unwrap_or(15), words.get(2).map_or("", String::as_str));
        }
        Some("loading") => loading::measure(number.unwrap_or(3)),
        Some("instructions") => instructions::measure(),
        Some(other) => panic!("`{other}` is none of requests, loading, instructions"),
    }
}
