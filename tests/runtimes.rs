//! A module decides alike wherever it runs: the same frames give the same bytes in wasmtime, in the interpreter wasmi
//! and in V8, from one instance for all frames, from an instance for each, and in batches.

#![cfg(test)]

#[path = "runtimes/compiled.rs"]
mod compiled;
#[path = "runtimes/guest.rs"]
mod guest;
#[path = "runtimes/interpreted.rs"]
mod interpreted;
#[path = "runtimes/node.rs"]
mod node;
#[path = "runtimes/work.rs"]
mod work;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use trapkey::Semantics;
use trapkey_abi::{Response, header};
use trapkey_testkit::{Folder, Generator, examples_dir};
use trapkey_tests::constructs::{self, Dice};

use guest::Responses;
use work::{Encoder, Work};

/// Generated requests of each example folder.
const SAMPLES: usize = 400;

/// A way to have a module decide.
struct Runtime {
    name: &'static str,
    respond: fn(&Work) -> Responses,
}

const WASMTIME: Runtime = Runtime { name: "wasmtime", respond: compiled::respond };
const WASMI: Runtime = Runtime { name: "wasmi", respond: interpreted::respond };
const NODE: Runtime = Runtime { name: "node", respond: node::respond };

/// The runtimes of this machine; on a desk, Node may be missing.
fn runtimes() -> Vec<Runtime> {
    let mut runtimes = vec![WASMTIME, WASMI];
    if node::is_installed() {
        runtimes.push(NODE);
    } else {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "no `node`, which CI requires"
        );
        println!("skips V8: there is no `node`");
    }
    runtimes
}

fn folder(name: &str) -> Work {
    let folder = Folder::read(&examples_dir().join(name)).unwrap();
    let samples = Generator::new(&folder).unwrap().samples();
    let mut encoder = Encoder::new(&folder.policies, &folder.schema, Semantics::TRAPKEY);
    let mut runner = TestRunner::deterministic();
    for _ in 0..SAMPLES {
        let sample = samples.new_tree(&mut runner).unwrap().current();
        encoder.store(&sample.entities());
        encoder.request(&sample.request());
    }
    encoder.finish()
}

fn language() -> Work {
    let (policies, _) = constructs::policies();
    let mut encoder = Encoder::new(&policies, constructs::SCHEMA, Semantics::CEDAR);
    let mut dice = Dice(7);
    for _ in 0..60 {
        encoder.store(&dice.store());
        (0..8).for_each(|_| encoder.request(&dice.request()));
    }
    encoder.finish()
}

/// Where two runtimes differ, by the number of the frame.
fn differing(left: &[Vec<u8>], right: &[Vec<u8>]) -> Vec<usize> {
    assert_eq!(left.len(), right.len());
    (0..left.len()).filter(|frame| left[*frame] != right[*frame]).collect()
}

#[track_caller]
fn check(name: &str, work: &Work) {
    let mut first: Option<Vec<Vec<u8>>> = None;
    for runtime in runtimes() {
        let Responses { reused, fresh, batched } = (runtime.respond)(work);
        let want = first.get_or_insert_with(|| reused.clone());
        for (how, got) in [("reused", &reused), ("fresh", &fresh), ("batched", &batched)] {
            let differing = differing(want, got);
            assert!(
                differing.is_empty(),
                "{name}: {} {how} differs in frames {differing:?}",
                runtime.name
            );
        }
    }
    let (mut allowed, mut erred) = (0, 0);
    let responses = first.unwrap();
    for (bytes, verdict) in responses.iter().zip(&work.verdicts) {
        let response = Response::read(bytes).unwrap();
        assert_eq!(response.is_allow(), *verdict, "{name}: the engine decides otherwise");
        allowed += u32::from(response.is_allow());
        erred += u32::from(response.entries().any(|entry| entry.unwrap().error.is_some()));
    }
    let frames = u32::try_from(responses.len()).unwrap();
    println!("{name}: {frames} frames, {allowed} allowed, {erred} with errors");
    for part in [allowed, frames - allowed, erred] {
        assert!(part * 50 > frames, "{name}: {allowed} allowed, {erred} with errors of {frames}");
    }
}

#[test]
fn examples_give_the_same_bytes_everywhere() {
    for name in ["plant", "vendor-maintenance", "ai-vision", "legacy-modbus-cell"] {
        check(name, &folder(name));
    }
}

#[test]
fn every_construct_gives_the_same_bytes_everywhere() {
    check("language", &language());
}

/// A frame that one runtime alone is given otherwise, by one byte, is found among all others.
#[test]
fn one_byte_of_one_frame_is_noticed() {
    const FRAME: usize = 11;
    let work = folder("legacy-modbus-cell");
    let mut changed = work.clone();
    // The number of an environment that no module has.
    changed.frames[FRAME][header::ENVIRONMENT + 3] ^= 0x80;
    let want = (WASMTIME.respond)(&work);
    for runtime in runtimes() {
        let got = (runtime.respond)(&changed);
        for (want, got) in
            [(&want.reused, got.reused), (&want.fresh, got.fresh), (&want.batched, got.batched)]
        {
            assert_eq!(differing(want, &got), [FRAME], "{}", runtime.name);
        }
    }
}
