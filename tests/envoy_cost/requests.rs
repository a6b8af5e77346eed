//! What one request costs each of the compared Envoys.

use std::fs;
use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use crate::certificates::Leaf;
use crate::driven::Driven;
use crate::filters::Call::{Headers, Property, Record, Time};
use crate::filters::{Built, Call, PEER, by_hand, ours};
use crate::listener::{Answer, Decider, configuration};
use crate::place::Place;
use crate::proxy::installed;
use crate::upstream::head;

/// Requests of each Envoy before the first round. More change nothing: Envoy has V8 compile all code for speed at once.
const WARM_UP: u32 = 5_000;

/// Requests of each Envoy in a round.
const REQUESTS: u32 = 4_000;

/// One of those that are compared.
struct Variant {
    name: &'static str,
    /// Envoy runs in it.
    _folder: Place,
    driven: Driven,
    /// Nanoseconds for each request, in each round.
    rounds: Vec<f64>,
}

/// What a variant decides with.
enum Kind {
    Nobody,
    Rbac,
    Service,
    Wasm(Vec<u8>, bool),
}

/// Measures in so many rounds and prints the table, of those whose name has a word in it, if one is given.
pub(crate) fn measure(rounds: u32, word: &str) {
    let program = installed().into_iter().next().expect("an Envoy, see `cargo xtask test`");
    for (name, answer) in
        [("direct answers", Answer::Direct), ("an upstream", Answer::Upstream(serve()))]
    {
        println!("\n{name}: {rounds} rounds of {REQUESTS} requests, 8 connections\n");
        let mut variants = Vec::new();
        let is_wanted = |name: &str| matches!(name, "none" | "rbac") || name.contains(word);
        for (name, kind) in kinds().into_iter().filter(|(name, _)| is_wanted(name)) {
            variants.push(Variant::start(&program, name, &kind, answer));
        }
        for variant in &mut variants {
            variant.driven.drive(WARM_UP);
        }
        for round in 0..rounds {
            let count = variants.len();
            for index in 0..count {
                let variant = &mut variants[(index + round as usize) % count];
                let used = variant.driven.drive(REQUESTS);
                variant.rounds.push(used);
            }
        }
        report(&variants);
    }
}

/// All that are compared; the first two are peers of the others.
fn kinds() -> Vec<(&'static str, Kind)> {
    let own = |built| Kind::Wasm(ours(built), built.by_filter_state);
    let hand = |calls: &[Call], has_contexts| Kind::Wasm(by_hand(calls, has_contexts), false);
    let plain = Built::default();
    vec![
        ("none", Kind::Nobody),
        ("rbac", Kind::Rbac),
        ("wasm, returns at once", hand(&[], false)),
        ("wasm, told of contexts too", hand(&[], true)),
        ("wasm, headers", hand(&[Headers], true)),
        ("wasm, headers + property", hand(&[Headers, Property], true)),
        ("wasm, headers + 2 properties", hand(&[Headers, Property, Property], true)),
        ("wasm, headers + property + time", hand(&[Headers, Property, Time], true)),
        ("wasm, headers + property + record", hand(&[Headers, Property, Record], true)),
        ("trapkey", own(plain)),
        ("trapkey, record_allows", own(Built { records_allows: true, ..plain })),
        ("trapkey, filter_state", own(Built { by_filter_state: true, ..plain })),
        ("trapkey, time and peer address", own(Built { reads_time: true, ..plain })),
        ("ext_authz, HTTP", Kind::Service),
    ]
}

impl Variant {
    fn start(program: &Path, name: &'static str, kind: &Kind, answer: Answer) -> Self {
        let folder = Place::new();
        if let Kind::Wasm(module, _) = kind {
            fs::write(folder.path().join("filter.wasm"), module).unwrap();
        }
        let decider = match kind {
            Kind::Nobody => Decider::Nobody,
            Kind::Rbac => Decider::Rbac(PEER),
            Kind::Service => Decider::Service(serve()),
            Kind::Wasm(_, has_filter_state) => {
                Decider::Wasm { file: "filter.wasm", has_filter_state: *has_filter_state }
            }
        };
        let identity = folder.authority.issue(&Leaf { uris: &[PEER], ..Leaf::default() });
        let client = folder.authority.client(Some(&identity));
        let text = configuration(&decider, answer);
        let driven = Driven::start(program, folder.path(), &text, &client);
        Self { name, _folder: folder, driven, rounds: Vec::new() }
    }
}

/// A server that answers at once; its port.
pub(crate) fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || answer_all(stream));
        }
    });
    port
}

/// Until the connection ends, in whatever way.
fn answer_all(stream: TcpStream) {
    let mut output = stream.try_clone().unwrap();
    let mut input = BufReader::new(stream);
    while head(&mut input).is_some() {
        if output.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone").is_err() {
            return;
        }
    }
}

fn report(variants: &[Variant]) {
    println!("| variant | µs for each request | to none | quartiles | to rbac | quartiles |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for Variant { name, rounds, .. } in variants {
        let used = quartiles(rounds.clone())[1] / 1_000.0;
        let to = |peer: &Variant| {
            let ratios = rounds.iter().zip(&peer.rounds).map(|(own, peer)| own / peer);
            let [low, middle, high] = quartiles(ratios.collect());
            format!("{middle:.2} | {low:.2}–{high:.2}")
        };
        println!("| {name} | {used:.1} | {} | {} |", to(&variants[0]), to(&variants[1]));
    }
}

fn quartiles(mut numbers: Vec<f64>) -> [f64; 3] {
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len() - 1;
    [last / 4, last / 2, last - last / 4].map(|at| numbers[at])
}
