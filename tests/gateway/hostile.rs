//! What no client should send: the gateway's reading of it in C is that in Rust, nothing of it is let through
//! that is not allowed, and what comes after it is served.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::Shutdown;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest::{collection::vec, num::u8::ANY};
use trapkey_testkit::{modbus_action, modbus_segments};

use crate::mapping::{parts, printed};
use crate::place::{BOTH, HISTORIAN, Place, World, hex, programs};
use crate::record::{Reference, judge};
use crate::replay::{capture, captured};

/// One request of each function that the protocol defines, without its header.
const VALID: [&[u8]; 21] = [
    &[1, 0, 5, 0, 3],
    &[2, 0, 5, 0, 3],
    &[3, 0, 12, 0, 4],
    &[4, 0, 5, 0, 3],
    &[5, 0, 5, 255, 0],
    &[6, 0, 12, 0, 90],
    &[7],
    &[8, 0, 4, 0, 0],
    &[11],
    &[12],
    &[15, 0, 5, 0, 10, 2, 0xff, 3],
    &[16, 0, 14, 0, 2, 4, 0, 7, 0, 8],
    &[17],
    &[20, 14, 6, 0, 4, 0, 1, 0, 2, 6, 0, 3, 0, 9, 0, 2],
    &[21, 13, 6, 0, 4, 0, 7, 0, 3, 6, 0xaf, 4, 0xbe, 0x10, 0x0d],
    &[22, 0, 12, 0, 0, 0, 5],
    &[23, 0, 14, 0, 2, 0, 14, 0, 1, 2, 0, 50],
    &[24, 0, 14],
    &[43, 14, 1, 0],
    &[43, 13, 1, 0],
    &[90, 0, 1],
];

/// The classes of all functions, 0 to 255, by the specification and the plant's schema.
fn class(function: u8) -> &'static str {
    match function {
        1 | 2 => "modbus.readBits",
        3 | 4 | 24 => "modbus.readRegisters",
        5 | 15 => "modbus.writeCoil",
        6 => "modbus.writeRegister",
        16 => "modbus.writeMultiple",
        22 => "modbus.maskWrite",
        20 | 21 => "modbus.fileRecord",
        7 | 8 | 11 | 12 => "modbus.diagnostics",
        17 | 43 => "modbus.identify",
        _ => "modbus.vendor",
    }
}

/// What `tests/modbus.c` says of requests.
fn said_in_c(program: &Path, requests: &[Vec<u8>]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("requests");
    let lines: String = requests.iter().map(|request| hex(request) + "\n").collect();
    fs::write(&path, lines).unwrap();
    let mut command = Command::new(program);
    command.arg(folder.path()).stdin(Stdio::from(fs::File::open(&path).unwrap()));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[track_caller]
fn same_in_both(requests: &[Vec<u8>]) {
    let Some(programs) = programs() else { return };
    let found = said_in_c(&programs.says, requests);
    assert_eq!(found.len(), requests.len());
    for (request, found) in requests.iter().zip(found) {
        assert_eq!(found, printed(request), "{}", hex(request));
    }
}

/// Requests that are almost right: valid ones with bytes changed, cut off or added, and mere bytes.
fn almost(count: usize) -> Vec<Vec<u8>> {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[72; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    let change = (0..VALID.len(), vec((0..16_usize, ANY), 0..4), 0..24_usize, vec(ANY, 0..4));
    let mere = vec(ANY, 0..64);
    let mut all = Vec::new();
    while all.len() < count {
        let (which, changes, len, more) = change.new_tree(&mut runner).unwrap().current();
        let mut request = VALID[which].to_vec();
        for (at, byte) in changes {
            let at = at % request.len();
            request[at] = byte;
        }
        if len < 4 {
            request.truncate(len + 1);
        } else if len < 8 {
            request.extend(more);
        }
        all.push(request);
        if all.len() % 4 == 0 {
            all.push(mere.new_tree(&mut runner).unwrap().current());
        }
    }
    all
}

#[test]
fn each_function_is_an_action_and_unknown_ones_are_a_vendors() {
    let known: BTreeSet<u8> = VALID.iter().map(|request| request[0]).collect();
    let mut requests: Vec<Vec<u8>> = VALID.iter().map(|request| request.to_vec()).collect();
    requests.extend((0..=255).filter(|code| !known.contains(code)).map(|code| vec![code, 1, 2]));
    for request in &requests {
        let parts = parts(request).unwrap_or_else(|_| panic!("{}", hex(request)));
        let is_transport = request[..] == [43, 13, 1, 0];
        let want = if is_transport { "modbus.vendor" } else { class(request[0]) };
        if request[0] == 23 {
            let both: Vec<_> = parts.iter().map(|part| part.action).collect();
            assert_eq!(both, ["modbus.readRegisters", "modbus.writeMultiple"]);
        } else {
            assert!(parts.iter().all(|part| part.action == want), "{}", hex(request));
            assert_eq!(modbus_action(request), want);
        }
    }
    same_in_both(&requests);
}

#[test]
fn each_captured_request_is_explained() {
    for (name, broken) in [
        ("ModbusTCP.pcap", &[][..]),
        ("modbusSmall.pcap", &[]),
        // A byte too many behind an identification.
        ("suri_modbus.pcap", &["2b0e030100", "2b0e030100"]),
        // File records of which there are none.
        ("icsnpp_modbus_example.pcap", &["1400", "1500"]),
        // Almost all are functions that nobody knows, and thus a vendor's.
        ("fuzz-72.pcap", &[]),
    ] {
        let Some(bytes) = capture(name) else { return };
        let all = captured(&modbus_segments(&bytes).unwrap());
        let requests: Vec<Vec<u8>> = all.into_iter().map(|one| one.request).collect();
        same_in_both(&requests);
        let refused: Vec<_> =
            requests.iter().filter(|one| parts(one).is_err()).map(|one| hex(one)).collect();
        println!("{name}: {} requests, {} break the protocol", requests.len(), refused.len());
        assert_eq!(refused, broken, "{name}");
    }
}

/// Requests at and beyond the ends of what there is, for each function that says how many.
fn edges() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (function, most) in
        [(1_u8, 2_000_u16), (2, 2_000), (3, 125), (4, 125), (15, 1_968), (16, 123), (23, 121)]
    {
        for quantity in [0_u16, 1, most - 1, most, most + 1] {
            for address in [0, 65_536 - u32::from(quantity), 65_537 - u32::from(quantity), 65_535] {
                let address = u16::try_from(address.min(65_535)).unwrap();
                let range = [address.to_be_bytes(), quantity.to_be_bytes()].concat();
                let bytes = match function {
                    15 => usize::from(quantity).div_ceil(8),
                    16 | 23 => usize::from(quantity) * 2,
                    _ => 0,
                };
                let written = [&[u8::try_from(bytes).unwrap_or(255)], &vec![0; bytes][..]].concat();
                match function {
                    15 | 16 => all.push([&[function], &range[..], &written].concat()),
                    23 => {
                        all.push([&[23, 0, 0, 0, 1], &range[..], &written].concat());
                        all.push([&[23], &range[..], &[0, 0, 0, 1, 2, 0, 0]].concat());
                    }
                    _ => all.push([&[function], &range[..]].concat()),
                }
            }
        }
    }
    all
}

#[test]
fn bytes_are_read_alike_in_both_languages() {
    let mut requests = almost(10_000);
    requests.extend(edges());
    // Each length of each valid request.
    for request in VALID {
        requests.extend((0..request.len()).map(|len| request[..len].to_vec()));
        requests.push([request, &[0]].concat());
        requests.push([request, &[0; 250]].concat());
    }
    same_in_both(&requests);
}

#[test]
fn almost_requests_are_refused_or_decided() {
    let world = World::cell();
    let Some(place) = Place::start(&world, &[BOTH]) else { return };
    let mut wire = place.connect(0, BOTH);
    // What the device would not find the end of stays out.
    let requests: Vec<_> = almost(8_000)
        .into_iter()
        .filter(|request| !request.is_empty() && request[0] != 24)
        .collect();
    let mut answers = Vec::new();
    for request in &requests {
        answers.push(wire.ask(1, request));
    }
    let (record, said, reached) = place.stop();
    let mut reference = Reference::new(&world);
    let mut lines = record.iter();
    let mut allowed = Vec::new();
    for (request, answer) in requests.iter().zip(&answers) {
        match reference.check(0, (1, request), &mut lines) {
            Ok(true) => {
                allowed.push(request);
                reference.learn(0, (1, request), answer);
            }
            Ok(false) => assert_eq!(answer[..], [request[0] | 0x80, 1], "{}", hex(request)),
            Err(code) => assert_eq!(answer[..], [request[0] | 0x80, code], "{}", hex(request)),
        }
    }
    assert!(allowed.len() > 100, "{}", allowed.len());
    assert_eq!(reached.len(), allowed.len(), "{said}");
    assert!(reached.iter().zip(&allowed).all(|(found, want)| found[7..] == want[..]));
    println!("{} requests, {} allowed; {said}", requests.len(), allowed.len());
}

#[test]
fn mere_bytes_do_not_crash_it() {
    let world = World::cell();
    let Some(mut place) = Place::start(&world, &[BOTH, HISTORIAN]) else { return };
    let mut blobs: Vec<Vec<u8>> = Vec::new();
    if let Some(bytes) = capture("fuzz-72.pcap") {
        let segments = modbus_segments(&bytes).unwrap();
        assert!(segments.len() > 15);
        blobs.extend(segments.iter().map(|segment| segment.data.to_vec()));
        blobs.push(segments.iter().flat_map(|segment| segment.data.to_vec()).collect());
    }
    for (at, request) in almost(2_000).into_iter().enumerate() {
        let len = u16::try_from(request.len() + 1).unwrap().to_be_bytes();
        let mut frame = [&[0, 1, 0, 0, len[0], len[1], 1], &request[..]].concat();
        // Now and then it is the header that is wrong.
        if at % 5 < 3 {
            let len = frame.len();
            frame[at % 7] ^= u8::try_from(at % 255 + 1).unwrap();
            frame.rotate_left(if at % 5 == 0 { at % len } else { 0 });
        }
        blobs.push(frame);
    }
    for blob in &blobs {
        let mut wire = place.connect(0, BOTH);
        // It may have hung up already.
        if wire.stream.write_all(blob).is_ok() && wire.stream.shutdown(Shutdown::Write).is_ok() {
            while wire.receive().is_some() {}
        }
    }
    assert!(place.gateway.is_running());
    assert_eq!(place.connect(0, HISTORIAN).ask(1, &[3, 0, 0, 0, 1])[..2], [3, 2]);
    let (record, said, reached) = place.stop();
    judge(&world, &record);
    let key = |unit: u64, function: u64| (unit, function);
    let allowed: BTreeSet<_> = record
        .iter()
        .filter(|line| line["verdict"] == "allow")
        .map(|line| &line["request"]["context"]["modbus"])
        .map(|modbus| key(modbus["unit"].as_u64().unwrap(), modbus["fc"].as_u64().unwrap()))
        .collect();
    for request in &reached {
        // What libmodbus made of the rest of a request that it does not know.
        if request.len() > 7 && said.contains("failed 0") {
            let found = key(request[6].into(), request[7].into());
            assert!(allowed.contains(&found), "{}", hex(request));
        }
    }
    println!("{} blobs; {said}", blobs.len());
}
