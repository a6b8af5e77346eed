//! Bytes for the S7comm adapter that contradict themselves, or are anything: refused or asked about, never a message that hides a command.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use trapkey_plugin::Direction;

use super::frames::{
    asking, fragment, invocation, job, packet, pdu, read, silent, stop, variable, write,
};
use super::host::Adapter;
use super::s7comm::{Said, said};

/// A frame with bytes of its PDU changed.
fn changed(mut frame: Vec<u8>, changes: &[(usize, u8)]) -> Vec<u8> {
    for (at, value) in changes {
        frame[*at] = *value;
    }
    frame
}

#[test]
fn contradictions_end_the_connection() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    let byte = variable(2, 1, 1, 0x84, 0);
    let connect = silent().remove(0);
    let cases = [
        // The packet: another version, another reserved byte, a length below the least.
        b"GET / HTTP/1.1\r\n".to_vec(),
        b"\x16\x03\x01\0\x05hello".to_vec(),
        vec![4],
        vec![3, 1],
        vec![3, 0, 0, 6, 1, 0xf0],
        vec![3, 0, 0, 6, 2, 0xf0],
        vec![3, 0, 0, 5, 0],
        vec![3, 0, 0, 0],
        // The transport: another length of the header, another kind, data where none may be, another class, options cut off.
        changed(stop(), &[(4, 3)]),
        changed(stop(), &[(4, 0xff)]),
        changed(stop(), &[(5, 0xf1)]),
        changed(stop(), &[(5, 0x10)]),
        [&connect[..2], &[0, 24], &connect[4..], &[0x32, 0]].concat(),
        changed(connect.clone(), &[(10, 0x40)]),
        changed(connect.clone(), &[(12, 0x20)]),
        changed(connect.clone(), &[(5, 0xd0)]),
        changed(connect, &[(5, 0xe1)]),
        // The header: cut off, and lengths that are not those of the packet.
        packet(&[0x32]),
        packet(&stop()[7..16]),
        changed(stop(), &[(14, 0x0f)]),
        changed(stop(), &[(13, 0xff)]),
        changed(stop(), &[(15, 0xff), (16, 0xff)]),
        packet(&[&stop()[7..], &[0]].concat()),
        packet(&pdu(1, &[], &[])),
        packet(&pdu(7, &[0, 1, 0x12, 4, 0x11, 0x47, 2], &[0x0a, 0, 0, 0])),
        packet(&pdu(7, &[0, 1, 0x12, 8, 0x11, 0x47, 2, 0], &[0x0a, 0, 0, 0])),
        packet(&pdu(7, &[0, 1, 0x12, 4, 0x11, 0x47, 2, 0], &[0x0a, 0, 0])),
        packet(&pdu(7, &[0, 1, 0x12, 4, 0x11, 0x47, 2, 0], &[0x0a, 0, 0, 1])),
        packet(&pdu(7, &[9, 1, 0x12, 4, 0x11, 0x47, 2, 0], &[0x0a, 0, 0, 0])),
        // Functions whose own lengths are wrong.
        job(&[0xf0, 0]),
        packet(&pdu(1, &[0xf0, 0, 0, 1, 0, 1, 1, 0xe0], &[1])),
        job(b"\x29\0\0\0\0\0\x08P_PROGRAM"),
        job(b"\x29\0\0\0\0\0\x0aP_PROGRAM"),
        job(b"\x29"),
        job(b"\x28\0\0\0\0\0\0\xfd\0\0"),
        job(b"\x28\0\0\0\0\0\0\xfd\0\xff\x05_INSE"),
        job(b"\x28\0\0\0\0\0\0\xfd\0\0\x04_INSE"),
        job(b"\x28\0\0\0\0\0\0\xfd\0\x06\x05_INSE"),
        job(b"\x1a\0\x01\0\0\0\0\0\x0f_0A00001P"),
        job(b"\x1a\0\x01\0\0\0\0\0\x09_0A00001P\x0d1000500"),
        job(b"\x1d\0\0\0\0\0\0\0\x08_0A00001A"),
        packet(&pdu(1, b"\x1d\0\0\0\0\0\0\0\x09_0A00001A", &[1])),
        // Variables: none, fewer or more than their number, of no length, with data in a read, values that do not fit.
        job(&[4]),
        job(&[4, 0]),
        changed(read(&[byte]), &[(18, 2)]),
        changed(read(&[byte, byte]), &[(18, 1)]),
        read(&[variable(2, 0, 1, 0x84, 0)]),
        packet(&pdu(1, &[&[4, 1][..], &byte].concat(), &[0])),
        write(&[byte], b""),
        write(&[byte], b"\0\x04\0\x10ab"),
        write(&[byte], b"\0\x04\0\x08"),
        write(&[byte], b"\0\x04\0\x08a\0\0"),
        write(&[byte], b"\0\x04\0\x08a\0\0\x04\0\x08b"),
        write(&[variable(8, 1, 1, 0x84, 0)], b"\0\x07\0\x20abcd"),
    ];
    for bytes in cases {
        let answer = said(&plugin, Direction::ToController, &bytes);
        assert!(matches!(answer, Said::Refused(_)), "{bytes:02x?}: {answer:?}");
    }
}

/// Whether a message of one packet may ask for nothing: told from the bytes alone.
fn may_be_silent(frame: &[u8], direction: Direction) -> bool {
    if frame[5] != 0xf0 || frame.len() == 7 {
        return true;
    }
    match (direction, frame.get(7), frame.get(8)) {
        // The setup of communication does nothing.
        (Direction::ToController, Some(0x32), Some(1)) => frame.get(17) == Some(&0xf0),
        // An acknowledgement without anything in it.
        (Direction::ToController, Some(0x32), Some(2 | 3)) => frame.len() == 19,
        (Direction::FromController, Some(0x32), Some(2 | 3)) => true,
        (Direction::FromController, Some(0x32), Some(7)) => frame[22] >> 6 != 1,
        (Direction::ToController | Direction::FromController, _, _) => false,
    }
}

/// What holds of any bytes.
fn holds(plugin: &Adapter, direction: Direction, bytes: &[u8]) -> Result<(), TestCaseError> {
    match said(plugin, direction, bytes) {
        Said::Incomplete(more) => {
            prop_assert!(more > 0 && more < 65_536);
            prop_assert!(bytes.is_empty() || bytes[0] == 3, "held back: {bytes:02x?}");
        }
        Said::Message(len, questions) => {
            prop_assert!((7..=bytes.len()).contains(&len));
            let first = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
            if len == first && questions.is_empty() {
                prop_assert!(may_be_silent(&bytes[..len], direction), "hidden: {bytes:02x?}");
            }
            prop_assert!(len == first || !questions.is_empty() || len > first);
        }
        Said::Refused(_) => {}
    }
    Ok(())
}

fn directions() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::ToController), Just(Direction::FromController)]
}

fn run<T: std::fmt::Debug>(
    strategy: impl Strategy<Value = T>,
    test: impl Fn(T) -> Result<(), TestCaseError>,
) {
    let config = Config { cases: 1_500, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&strategy, test).unwrap();
}

#[test]
fn frames_with_changed_bytes_hide_nothing() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    let mut frames: Vec<Vec<u8>> =
        asking().into_iter().map(|(frame, _)| frame).chain(silent()).collect();
    frames.push(invocation(b"", "P_PROGRAM"));
    let frame = proptest::sample::select(frames);
    let changes = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4);
    run((frame, changes, directions()), |(mut frame, changes, direction)| {
        for (at, value) in changes {
            let at = at.index(frame.len());
            frame[at] = value;
        }
        holds(&plugin, direction, &frame)
    });
}

#[test]
fn any_bytes_are_read_without_a_trap() {
    let Some(plugin) = Adapter::new("s7comm") else { return };
    let bytes = || proptest::collection::vec(any::<u8>(), 0..96);
    run((bytes(), directions()), |(bytes, direction)| holds(&plugin, direction, &bytes));
    // Packets of the transport with anything in them, and PDUs with anything in those.
    run((bytes(), directions(), any::<bool>()), |(bytes, direction, is_last)| {
        holds(&plugin, direction, &fragment(&bytes, is_last))
    });
    let parts = (any::<u8>(), bytes(), bytes(), directions());
    run(parts, |(kind, parameters, data, direction)| {
        holds(&plugin, direction, &packet(&pdu(kind % 9, &parameters, &data)))
    });
}
