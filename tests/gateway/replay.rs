//! Captured traffic through the gateway: each request is what Rust and C say that it is, each answer what
//! Cedar decides.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;

use serde_json::{Value, json};
use trapkey_testkit::{ModbusSegment, modbus_segments, shared_dir};

use crate::place::{Place, World, hex};
use crate::record::Reference;

/// Captures, their requests that are whole, and the least number of them that are allowed and denied.
const CAPTURES: [(&str, usize, usize, usize); 4] = [
    ("ModbusTCP.pcap", 7_990, 5_000, 500),
    ("modbusSmall.pcap", 16, 8, 0),
    ("suri_modbus.pcap", 18, 2, 10),
    ("icsnpp_modbus_example.pcap", 24, 5, 5),
];

/// One request of a capture.
pub(crate) struct Captured {
    client: Ipv4Addr,
    server: Ipv4Addr,
    unit: u8,
    pub(crate) request: Vec<u8>,
}

/// The whole requests of a capture.
pub(crate) fn captured(segments: &[ModbusSegment<'_>]) -> Vec<Captured> {
    let mut found = Vec::new();
    for &ModbusSegment { client, server, mut data, .. } in segments {
        while let Some((&[_, _, 0, 0, high, low], rest)) = data.split_first_chunk() {
            let len = usize::from(u16::from_be_bytes([high, low]));
            let Some(body) = rest.get(..len).filter(|body| (2..=254).contains(&body.len())) else {
                break;
            };
            found.push(Captured { client, server, unit: body[0], request: body[1..].to_vec() });
            data = &rest[len..];
        }
    }
    found
}

/// The bytes of a capture, if there is a shared folder.
pub(crate) fn capture(name: &str) -> Option<Vec<u8>> {
    let shared = shared_dir().unwrap();
    if shared.is_none() {
        println!("skipped: there is no shared folder");
    }
    shared.map(|shared| fs::read(shared.join("captures").join(name)).unwrap())
}

fn source(number: usize) -> [u8; 4] {
    [127, 1, 0, u8::try_from(number + 1).unwrap()]
}

/// A controller for each server of a capture: the first of two may be written, the second not.
fn world(requests: &[Captured], servers: &[Ipv4Addr], clients: &[Ipv4Addr]) -> World {
    let mut world = World::cell();
    world.maps.clear();
    world.clients.clear();
    for (number, server) in servers.iter().enumerate() {
        let (asset, point) = (server.to_string(), format!("{server}/point"));
        let controller = world.like("plc-7", &asset);
        world.entities.push(controller);
        let mut like = world.like("plc-7/40012", &point);
        like["attrs"]["asset"]["__entity"]["id"] = json!(asset);
        like["attrs"]["writable"] = json!(number % 2 == 0);
        world.entities.push(like);
        let mut map = String::new();
        let units: std::collections::BTreeSet<u8> =
            requests.iter().filter(|one| one.server == *server).map(|one| one.unit).collect();
        for unit in units {
            for table in ["c", "h"] {
                writeln!(map, "map {unit} {table} 0 2047 Plant::Point {point}").unwrap();
            }
            for table in ["d", "i"] {
                writeln!(map, "map {unit} {table} 0 65535 Plant::Asset {asset}").unwrap();
            }
            writeln!(map, "device {unit} Plant::Asset {asset}").unwrap();
        }
        world.maps.push(map);
    }
    for (number, _) in clients.iter().enumerate() {
        let address = Ipv4Addr::from(source(number));
        let first = requests.iter().find(|one| one.server == servers[0]).unwrap();
        let unit = first.unit;
        writeln!(
            world.clients,
            "client {address} Plant::Workload spiffe://plant-1.example/both zone=z-ops \
             conduit=c-ops-control basis=brokered cred=x509-svid open=0:4/{unit}/0"
        )
        .unwrap();
    }
    world
}

fn distinct(all: impl Iterator<Item = Ipv4Addr>) -> Vec<Ipv4Addr> {
    let all: std::collections::BTreeSet<_> = all.collect();
    all.into_iter().collect()
}

/// Replays a capture; gives how many of its requests were allowed and denied.
fn replay(name: &str, requests: &[Captured]) -> Option<(usize, usize)> {
    let servers = distinct(requests.iter().map(|one| one.server));
    let clients = distinct(requests.iter().map(|one| one.client));
    let world = world(requests, &servers, &clients);
    let sources: Vec<_> = (0..clients.len()).map(source).collect();
    let place = Place::start(&world, &sources)?;
    let mut wires = BTreeMap::new();
    let mut answers = Vec::new();
    for one in requests {
        let server = servers.iter().position(|server| *server == one.server).unwrap();
        let client = clients.iter().position(|client| *client == one.client).unwrap();
        let wire =
            wires.entry((server, client)).or_insert_with(|| place.connect(server, sources[client]));
        answers.push((server, wire.ask(one.unit, &one.request)));
        // The device knows no such function, nor therefore where its request ends.
        if one.request[0] == 24 {
            wires.remove(&(server, client));
        }
    }
    drop(wires);
    let (record, said, reached) = place.stop();
    let mut reference = Reference::new(&world);
    let mut lines = record.iter();
    let mut want = Vec::new();
    let (mut allowed, mut denied) = (0, 0);
    for (one, (server, answer)) in requests.iter().zip(&answers) {
        let asked = (one.unit, &one.request[..]);
        match reference.check(*server, asked, &mut lines) {
            Ok(true) => {
                allowed += 1;
                want.push([&[one.unit][..], &one.request].concat());
                reference.learn(*server, asked, answer);
            }
            Ok(false) => {
                denied += 1;
                assert_eq!(answer[..], [one.request[0] | 0x80, 1], "{}", hex(&one.request));
            }
            Err(exception) => {
                denied += 1;
                assert_eq!(answer[..], [one.request[0] | 0x80, exception], "{}", hex(&one.request));
            }
        }
    }
    assert_eq!(lines.next(), None::<&Value>, "nothing else is decided");
    assert_eq!(reached.len(), want.len(), "{said}");
    for (found, want) in reached.iter().zip(&want) {
        let len = if want[1] == 24 { 2 } else { want.len() };
        assert_eq!(found[6..], want[..len]);
    }
    println!(
        "{name}: {allowed} requests allowed, {denied} not; {} decisions, {} of them allow",
        reference.decided, reference.allowed
    );
    Some((allowed, denied))
}

#[test]
fn captured_requests_are_answered_as_cedar_decides() {
    for (name, count, allowed, denied) in CAPTURES {
        let Some(bytes) = capture(name) else { return };
        let requests = captured(&modbus_segments(&bytes).unwrap());
        assert_eq!(requests.len(), count, "{name}");
        let Some(found) = replay(name, &requests) else { return };
        assert!(found.0 >= allowed && found.1 >= denied, "{name}: {found:?}");
    }
}
