//! What changes while connections are open: identities that are revoked, facts and policies that are others,
//! credentials that expire, a device that goes away.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};

use crate::place::{BOTH, BOTH_2, CONNECTOR, HISTORIAN, Place, Wire, World};

const READ: [u8; 5] = [3, 0, 12, 0, 1];
const DENIED: [u8; 2] = [0x83, 1];
const WRITE: [u8; 5] = [6, 0, 12, 0, 5];

fn reads(wire: &mut Wire) -> bool {
    match &wire.ask(1, &READ)[..] {
        [3, 2, _, _] => true,
        answer => {
            assert_eq!(answer, DENIED);
            false
        }
    }
}

#[test]
fn revoked_identity_is_refused_at_its_next_request() {
    let Some(mut place) = Place::start(&World::cell(), &[BOTH, BOTH_2]) else { return };
    let mut revoked = [place.connect(0, BOTH), place.connect(0, BOTH)];
    let mut other = place.connect(0, BOTH_2);
    assert!(revoked.iter_mut().all(reads) && reads(&mut other));
    let reached = place.reached().len();
    let line = "revoke Plant::Workload spiffe://plant-1.example/both";
    assert_eq!(place.gateway.ask(line), "revoked 1");
    for wire in &mut revoked {
        assert!(!reads(wire));
        assert_eq!(wire.receive(), None, "it is shown out");
    }
    // As is who comes again, even after a reload; others are not concerned.
    assert_eq!(place.gateway.ask("reload"), "reloaded");
    let mut again = place.connect(0, BOTH);
    assert!(!reads(&mut again));
    assert_eq!(again.receive(), None);
    assert!(reads(&mut other));
    assert_eq!(place.gateway.ask("revoke Plant::Workload no-one"), "revoked 0");
    assert_eq!(place.reached().len(), reached + 1);
}

#[test]
fn facts_and_policies_are_swapped_under_open_connections() {
    let world = World::cell();
    let Some(mut place) = Place::start(&world, &[HISTORIAN, CONNECTOR]) else { return };
    let (mut historian, mut connector) = (place.connect(0, HISTORIAN), place.connect(0, CONNECTOR));
    assert!(reads(&mut historian));
    assert_eq!(connector.ask(1, &WRITE), WRITE);
    // The controller is locked out: the session of the writer stands on nothing any more.
    let path = place.folder.path().join("entities");
    let entities = Value::from(world.entities.clone()).to_string();
    let mut locked = world.entities.clone();
    for entity in &mut locked {
        if entity["uid"]["id"] == "plc-7" {
            entity["attrs"]["lockedOut"] = json!(true);
        }
    }
    fs::write(&path, Value::from(locked).to_string()).unwrap();
    assert_eq!(place.gateway.ask("reload"), "reloaded");
    assert_eq!(connector.ask(1, &WRITE), [0x86, 1]);
    assert_eq!(connector.receive(), None);
    assert!(reads(&mut historian), "who reads is not concerned");
    // And back; values that were written before still are held against the next.
    fs::write(&path, &entities).unwrap();
    assert_eq!(place.gateway.ask("reload"), "reloaded");
    let mut connector = place.connect(0, CONNECTOR);
    assert_eq!(connector.ask(1, &[6, 0, 12, 0, 106]), [0x86, 1]);
    assert_eq!(connector.ask(1, &[6, 0, 12, 0, 105]), [6, 0, 12, 0, 105]);
    // What cannot be published changes nothing.
    fs::write(&path, &entities.as_bytes()[..entities.len() / 2]).unwrap();
    assert_eq!(place.gateway.ask("reload"), "not reloaded");
    assert!(reads(&mut historian));
    fs::write(&path, &entities).unwrap();
    let bundle = place.folder.path().join("bundle");
    let bytes = fs::read(&bundle).unwrap();
    fs::write(&bundle, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(place.gateway.ask("reload"), "not reloaded");
    assert!(reads(&mut historian));
    // Policies that permit nothing; nobody has a session then.
    let mut none = World::cell();
    none.folder.policies = String::new();
    fs::write(&bundle, none.bundle(2)).unwrap();
    assert_eq!(place.gateway.ask("reload"), "reloaded");
    assert!(!reads(&mut historian));
}

#[test]
fn other_schema_denies_everything_until_the_own_one_is_back() {
    let Some(mut place) = Place::start(&World::cell(), &[HISTORIAN]) else { return };
    let mut wire = place.connect(0, HISTORIAN);
    let [bundle, entities] = ["bundle", "entities"].map(|name| place.folder.path().join(name));
    let own = [fs::read(&bundle).unwrap(), fs::read(&entities).unwrap()];
    let mut other = World::cell();
    other.folder.schema.push_str("namespace Other { entity Thing; }");
    fs::write(&bundle, other.bundle(2)).unwrap();
    assert!(reads(&mut wire));
    assert_eq!(place.gateway.ask("reload"), "not reloaded");
    assert!(!reads(&mut wire));
    fs::write(&bundle, &own[0]).unwrap();
    fs::write(&entities, &own[1]).unwrap();
    assert_eq!(place.gateway.ask("reload"), "reloaded");
    assert!(reads(&mut place.connect(0, HISTORIAN)));
}

#[test]
fn session_ends_with_the_credential() {
    let mut world = World::cell();
    world.clients = world.clients.replace("open=0:3/1/0", "open=0:3/1/0 expires=2");
    let Some(place) = Place::start(&world, &[HISTORIAN, CONNECTOR]) else { return };
    let mut wire = place.connect(0, HISTORIAN);
    let mut count = 0_u32;
    while reads(&mut wire) {
        count += 1;
        assert!(count < 1_000_000, "it never ends");
    }
    assert_eq!(wire.receive(), None);
    assert_eq!(place.connect(0, CONNECTOR).ask(1, &WRITE), WRITE, "others are not concerned");
}

fn forget(mut stream: TcpStream) {
    let mut request = [0; 12];
    while stream.read_exact(&mut request).is_ok() && request[7] == 3 {
        let [high, low, ..] = request;
        stream.write_all(&[high, low, 0, 0, 0, 5, request[6], 3, 2, 0, 7]).unwrap();
    }
}

/// A device that answers reads of one register with 7, and drops the connection of who writes.
fn forgetful_device() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            thread::spawn(|| forget(stream));
        }
    });
    port
}

#[test]
fn value_that_nobody_knows_has_to_be_read_before_it_is_written() {
    let mut world = World::cell();
    world.device = Some(forgetful_device());
    let Some(place) = Place::start(&world, &[BOTH, HISTORIAN]) else { return };
    let (mut wire, mut other) = (place.connect(0, BOTH), place.connect(0, HISTORIAN));
    assert_eq!(wire.ask(1, &WRITE), [0x86, 0x0b]);
    assert_eq!(wire.ask(1, &WRITE), [0x86, 6], "whether 5 was written is not known");
    assert_eq!(wire.ask(1, &[6, 0, 14, 0, 5]), [0x86, 0x0b], "another register is free");
    assert_eq!(other.ask(1, &READ), [3, 2, 0, 7]);
    assert_eq!(wire.ask(1, &[6, 0, 12, 0, 108]), [0x86, 1], "from 7 it is too far");
    assert_eq!(wire.ask(1, &[6, 0, 12, 0, 107]), [0x86, 0x0b]);
    // Who writes and leaves does not make the gateway forget.
    assert_eq!(other.ask(1, &READ), [3, 2, 0, 7]);
    let frame = wire.frame(1, &[6, 0, 12, 0, 90]);
    wire.send(&frame);
    drop(wire);
    let mut wire = place.connect(0, BOTH);
    let answer = wire.ask(1, &[6, 0, 12, 0, 8]);
    assert_eq!(answer, [0x86, 6]);
}

#[test]
fn device_that_is_not_there_is_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut world = World::cell();
    world.device = Some(listener.local_addr().unwrap().port());
    drop(listener);
    let Some(place) = Place::start(&world, &[BOTH]) else { return };
    let mut wire = place.connect(0, BOTH);
    assert_eq!(wire.ask(1, &READ), [0x83, 0x0b]);
    // What was never sent was not written: it may be tried again.
    assert_eq!(wire.ask(1, &WRITE), [0x86, 0x0b]);
    assert_eq!(wire.ask(1, &WRITE), [0x86, 0x0b]);
    assert_eq!(wire.ask(1, &[6, 0, 12, 8, 255]), [0x86, 1]);
}
