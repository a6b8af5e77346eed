//! A captured download of a block: each message against a table that was made from the bytes without the plugin.

use std::fs;

use trapkey_plugin::Direction;
use trapkey_testkit::shared_dir;

use super::host::Adapter;
use super::s7comm::{Said, said};

/// Packets that ask for something, by their number in the capture; each asks about the controller. The packets with 0x1B
/// and 0x1C that come from the controller are among them: it asks for each block.
const ASKING: [(usize, &str); 25] = [
    (10, "plc.read"),
    (13, "plc.read"),
    (16, "plc.read"),
    (19, "plc.read"),
    (22, "plc.read"),
    (25, "plc.read"),
    (28, "plc.read"),
    (31, "plc.read"),
    (34, "plc.read"),
    (37, "plc.read"),
    (40, "plc.read"),
    // Request download of DB 1, then blocks asked for and given, and that they ended.
    (43, "plc.programDownload"),
    (46, "plc.programDownload"),
    (48, "plc.programDownload"),
    (49, "plc.programDownload"),
    (51, "plc.programDownload"),
    (52, "plc.programDownload"),
    (54, "plc.programDownload"),
    (55, "plc.programDownload"),
    (57, "plc.programDownload"),
    // `_INSE`: the block becomes part of the program.
    (58, "plc.programDownload"),
    (71, "plc.read"),
    (74, "plc.read"),
    (77, "plc.read"),
    (89, "plc.read"),
];

/// Packets with bytes for the other side.
const PACKETS: usize = 78;

/// What one packet carries.
pub(crate) struct Carried {
    pub(crate) number: usize,
    pub(crate) client: u16,
    pub(crate) direction: Direction,
    pub(crate) bytes: Vec<u8>,
}

/// The packets of the capture that carry something, in order; none, and that is said, where the capture is not there.
pub(crate) fn packets() -> Option<Vec<Carried>> {
    let Some(shared) = shared_dir().unwrap() else {
        eprintln!("skipped: no shared folder");
        return None;
    };
    let capture = fs::read(shared.join("captures/s7comm_downloading_block_db1.pcap")).unwrap();
    assert_eq!(capture[..4], [0xd4, 0xc3, 0xb2, 0xa1], "little-endian, in microseconds");
    let half = |bytes: &[u8], at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let mut packets = Vec::new();
    let (mut rest, mut number) = (&capture[24..], 0);
    while !rest.is_empty() {
        let len = u32::from_le_bytes(rest[8..12].try_into().unwrap());
        let (packet, after) = rest[16..].split_at(usize::try_from(len).unwrap());
        (rest, number) = (after, number + 1);
        let ip = &packet[14..];
        let tcp = &ip[usize::from(ip[0] & 0x0f) * 4..usize::from(half(ip, 2))];
        let bytes = tcp[usize::from(tcp[12] >> 4) * 4..].to_vec();
        let (from, to) = (half(tcp, 0), half(tcp, 2));
        let (direction, client) = match (from, to) {
            (102, client) => (Direction::FromController, client),
            (client, 102) => (Direction::ToController, client),
            (from, to) => panic!("packet {number} goes from port {from} to {to}"),
        };
        if !bytes.is_empty() {
            packets.push(Carried { number, client, direction, bytes });
        }
    }
    Some(packets)
}

#[test]
fn captured_messages_ask_for_what_their_bytes_say() {
    let (Some(plugin), Some(packets)) = (Adapter::new("s7comm"), packets()) else { return };
    assert_eq!(packets.len(), PACKETS);
    let mut asking = Vec::new();
    for Carried { number, direction, bytes, .. } in &packets {
        let (len, questions) = match said(&plugin, *direction, bytes) {
            Said::Message(len, questions) => (len, questions),
            other => panic!("packet {number}: {other:?}"),
        };
        assert_eq!(len, bytes.len(), "packet {number}");
        for (action, resource) in questions {
            assert_eq!(resource, "Plant::Asset::\"controller\"", "packet {number}");
            asking.push((*number, action));
        }
    }
    let asking: Vec<(usize, &str)> =
        asking.iter().map(|(number, action)| (*number, action.as_str())).collect();
    assert_eq!(asking, ASKING);
}

#[test]
fn streams_of_the_capture_are_read_as_its_packets_are() {
    let (Some(plugin), Some(packets)) = (Adapter::new("s7comm"), packets()) else { return };
    for client in [4185, 4186, 4187] {
        for direction in [Direction::ToController, Direction::FromController] {
            let of_stream = packets
                .iter()
                .filter(|carried| carried.client == client && carried.direction == direction);
            let stream: Vec<u8> =
                of_stream.clone().flat_map(|carried| carried.bytes.clone()).collect();
            let want: usize = of_stream
                .map(|carried| {
                    ASKING.iter().filter(|(number, _)| *number == carried.number).count()
                })
                .sum();
            let (mut rest, mut found) = (stream.as_slice(), 0);
            while !rest.is_empty() {
                match said(&plugin, direction, rest) {
                    Said::Message(len, questions) => {
                        found += questions.len();
                        rest = &rest[len..];
                    }
                    other => panic!("{client}: {other:?}"),
                }
            }
            assert_eq!(found, want, "{client} {direction:?}");
        }
    }
}
