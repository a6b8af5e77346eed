//! Clients and a device by libmodbus, with the gateway between them.

use std::process::Command;

use crate::place::{
    BOTH, BOTH_2, CONNECTOR, HISTORIAN, LEGACY, NOBODY, Place, UNPROVEN, World, hex, programs,
};
use crate::record::judge;

/// Who says what to which unit, and what comes of it. The device's values are 0 first.
const TALK: &[([u8; 4], u8, &str, &str)] = &[
    (HISTORIAN, 1, "holding 0 4", "ok 0 0 0 0"),
    (HISTORIAN, 1, "holding 8 60", ZEROS),
    (HISTORIAN, 1, "registers 0 2", "ok 0 0"),
    (HISTORIAN, 1, "inputs 0 3", "ok 0 0 0"),
    (HISTORIAN, 1, "register 12 0", "exception 1"),
    (HISTORIAN, 1, "coil 5 1", "exception 1"),
    // The step from what was read is too large, then small enough.
    (CONNECTOR, 1, "register 12 101", "exception 1"),
    (CONNECTOR, 1, "register 12 100", "ok"),
    (CONNECTOR, 1, "register 12 150", "ok"),
    (CONNECTOR, 1, "register 12 251", "exception 1"),
    (CONNECTOR, 1, "register 12 2201", "exception 1"),
    (HISTORIAN, 1, "holding 12 1", "ok 150"),
    // Points that nobody may write, or that are nothing at all.
    (CONNECTOR, 1, "register 13 1", "exception 1"),
    (CONNECTOR, 1, "register 5 1", "exception 1"),
    (CONNECTOR, 1, "register 5000 1", "exception 1"),
    (HISTORIAN, 1, "holding 190 20", "exception 1"),
    (CONNECTOR, 1, "holding 12 1", "exception 1"),
    // The first value that is denied denies all.
    (CONNECTOR, 1, "write 14 10 20 30", "ok"),
    (CONNECTOR, 1, "write 14 11 21 3000", "exception 1"),
    (CONNECTOR, 1, "write 11 1 150", "exception 1"),
    (HISTORIAN, 1, "holding 12 5", "ok 150 0 10 20 30"),
    (CONNECTOR, 1, "coil 5 1", "ok"),
    (CONNECTOR, 1, "coils 6 1 0 1", "ok"),
    (HISTORIAN, 1, "bits 4 6", "ok 0 1 1 0 1 0"),
    // Function 23 is both, and allowed only as both.
    (CONNECTOR, 1, "both 14 2 16 31", "exception 1"),
    (HISTORIAN, 1, "both 14 2 16 31", "exception 1"),
    (BOTH, 1, "both 14 3 16 31", "ok 10 20 31"),
    (BOTH, 1, "both 14 3 16 132", "exception 1"),
    (BOTH, 1, "both 14 3 5 1", "exception 1"),
    // A mask that keeps bits does not say what is written.
    (CONNECTOR, 1, "mask 12 65535 1", "exception 1"),
    (CONNECTOR, 1, "mask 12 0 251", "exception 1"),
    (CONNECTOR, 1, "mask 12 0 160", "ok"),
    (HISTORIAN, 1, "holding 12 1", "ok 160"),
    // The other units: all at once, an island, one that is locked out, one that is not there.
    (CONNECTOR, 0, "register 12 161", "exception 1"),
    (HISTORIAN, 2, "holding 0 1", "exception 1"),
    (CONNECTOR, 3, "register 12 1", "exception 1"),
    (HISTORIAN, 7, "holding 0 1", "exception 1"),
    (HISTORIAN, 1, "identify", "exception 1"),
    // Some actions are not for everyone: the engine gives no decision.
    (LEGACY, 1, "holding 0 2", "ok 0 0"),
    (LEGACY, 1, "identify", "exception 1"),
    // Whose address proves nothing gets no session; whose address is nobody's gets nothing.
    (UNPROVEN, 1, "register 12 161", "exception 1"),
    (NOBODY, 1, "holding 0 1", "exception 1"),
    (NOBODY, 1, "holding 0 1", "exception 1"),
    (BOTH_2, 1, "register 12 165", "ok"),
    (HISTORIAN, 1, "holding 12 1", "ok 165"),
];
const ZEROS: &str = "ok 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0";

#[test]
fn libmodbus_gets_what_the_policies_allow() {
    let world = World::cell();
    let Some(programs) = programs() else { return };
    for program in [&programs.gateway, &programs.gateway_as_cpp] {
        let mut place = Place::start_with(&world, &[BOTH], Command::new(program));
        let mut clients = std::collections::BTreeMap::new();
        let mut reached = 0;
        for (number, (source, unit, line, want)) in TALK.iter().enumerate() {
            let client =
                clients.entry((source, unit)).or_insert_with(|| place.client(*source, *unit));
            let found = client.ask(line);
            assert_eq!(found, *want, "{number}: {source:?} unit {unit}: {line}");
            reached += usize::from(want.starts_with("ok"));
            assert_eq!(place.reached().len(), reached, "{number}: {line}");
        }
        // An identity without a session is shown out; nobody may go on asking.
        assert_eq!(clients.get_mut(&(&UNPROVEN, &1)).unwrap().ask("holding 0 1"), "lost");
        let (record, said, requests) = place.stop();
        let judged = judge(&world, &record);
        assert!(judged.allowed >= 20 && judged.denied >= 15, "{judged:?}");
        assert!(said.contains(&format!("forwarded {reached} ")), "{said}");
        let writes =
            requests.iter().filter(|request| matches!(request[7], 5 | 6 | 15 | 16 | 22 | 23));
        for request in writes {
            assert_ne!(request[6], 0, "a broadcast came through: {}", hex(request));
        }
    }
}

const READ: [u8; 5] = [3, 0, 12, 0, 1];

#[test]
fn requests_in_one_segment_are_answered_in_order() {
    let Some(place) = Place::start(&World::cell(), &[BOTH]) else { return };
    let mut wire = place.connect(0, BOTH);
    // The fourth is denied, the sixth breaks the protocol; more than the gateway keeps at a time.
    let mut all = Vec::new();
    for value in 0..40_u8 {
        let value = if value % 10 == 3 { 255 } else { value };
        let request = if value % 10 == 5 { vec![6, 0, 12] } else { vec![6, 0, 12, 0, value] };
        all.push((wire.frame(1, &request), request));
    }
    all.push((wire.frame(1, &READ), READ.to_vec()));
    let bytes: Vec<u8> = all.iter().flat_map(|(frame, _)| frame.clone()).collect();
    wire.send(&bytes);
    for (frame, request) in &all {
        let answer = wire.receive().unwrap();
        assert_eq!(answer[..4], frame[..4], "{}", hex(frame));
        let want = match (request[0], request.get(4)) {
            (3, _) => vec![3, 2, 0, 39],
            (_, None) => vec![0x86, 3],
            (_, Some(255)) => vec![0x86, 1],
            (_, Some(_)) => request.clone(),
        };
        assert_eq!(answer[7..], want, "{}", hex(frame));
    }
}

#[test]
fn requests_are_put_together_from_single_bytes() {
    let Some(place) = Place::start(&World::cell(), &[BOTH, HISTORIAN]) else { return };
    let (mut slow, mut other) = (place.connect(0, BOTH), place.connect(0, HISTORIAN));
    for value in [7, 8] {
        let frame = slow.frame(1, &[6, 0, 12, 0, value]);
        for byte in frame {
            slow.send(&[byte]);
            // Nobody waits for it.
            other.ask(1, &READ);
        }
        assert_eq!(slow.receive().unwrap()[7..], [6, 0, 12, 0, value]);
    }
    // One that leaves in the middle of a request leaves nothing behind.
    let frame = slow.frame(1, &[6, 0, 12, 0, 9]);
    slow.send(&frame[..9]);
    drop(slow);
    assert_eq!(other.ask(1, &READ), [3, 2, 0, 8]);
    let (_, said, _) = place.stop();
    assert!(said.contains("malformed 0"), "{said}");
}

#[test]
fn what_is_no_frame_ends_the_connection() {
    let Some(place) = Place::start(&World::cell(), &[HISTORIAN]) else { return };
    for header in [[0, 1, 0, 1, 0, 6], [0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 0, 255], [0, 1, 0, 0, 1, 0]]
    {
        let mut wire = place.connect(0, HISTORIAN);
        wire.send(&header);
        wire.send(&[1]);
        assert_eq!(wire.receive(), None, "{header:?}");
    }
    assert_eq!(place.connect(0, HISTORIAN).ask(1, &READ), [3, 2, 0, 0]);
    let (record, said, reached) = place.stop();
    assert_eq!((record.len(), reached.len()), (1, 1));
    assert!(said.contains("malformed 4"), "{said}");
}

#[test]
fn a_hundred_clients_are_answered_at_the_same_time() {
    let Some(place) = Place::start(&World::cell(), &[BOTH, HISTORIAN, NOBODY]) else { return };
    let sources = [BOTH, HISTORIAN, NOBODY];
    let mut wires: Vec<_> = (0..102).map(|at| place.connect(0, sources[at % 3])).collect();
    let frames: Vec<_> = wires.iter_mut().map(|wire| wire.frame(1, &READ)).collect();
    for (wire, frame) in wires.iter_mut().zip(&frames) {
        wire.send(frame);
    }
    for (at, wire) in wires.iter_mut().enumerate() {
        let want: &[u8] = if at % 3 == 2 { &[0x83, 1] } else { &[3, 2, 0, 0] };
        assert_eq!(&wire.receive().unwrap()[7..], want, "{at}");
    }
}
