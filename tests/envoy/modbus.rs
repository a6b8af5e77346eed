//! Modbus through the filter: each request is decided as the engine decides, and nothing else reaches the device.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use trapkey_envoy::Chain;
use trapkey_testkit::examples_dir;

use crate::certificates::{Authority, Identity, Leaf};
use crate::client::Client;
use crate::device::Device;
use crate::frames::{Ask, Asked};
use crate::place::{Place, configuration, example, replaced};
use crate::proxy::{Proxy, installed, until};
use crate::world::{World, push};

const OVEN_1: &str = "spiffe://plant-1.example/mes/oven-1";
const OVEN_2: &str = "spiffe://plant-1.example/mes/oven-2";

/// The example's policies, mapping and entities.
pub(crate) fn world() -> World {
    let folder = examples_dir().join("legacy-modbus-cell");
    let mut world = World::of(&folder, example("modbus.toml"));
    world.entities = serde_json::from_str::<Value>(&example("modbus-entities.json")).unwrap();
    world
}

/// Denied requests are taken out of the stream.
fn dropping() -> World {
    let mut world = world();
    world.mapping = replaced(&world.mapping, "denied = \"close\"", "denied = \"drop\"");
    world
}

/// An Envoy with the filter, in front of a device.
struct Guarded {
    // Ends before its folder.
    proxy: Proxy,
    place: Place,
    device: Device,
}

impl Guarded {
    fn start(envoy: &Path, world: &World, change: impl Fn(&str) -> String) -> Self {
        let (place, device) = (Place::new(), Device::start());
        push(place.path(), Chain::Network, world.filter().bytes(), None);
        let text = change(&configuration("tcp.yaml", device.port));
        let proxy = Proxy::start(envoy, place.path(), &text);
        let guarded = Self { proxy, place, device };
        guarded.proxy.has("trapkey-modbus");
        guarded
    }

    fn reloads(&self) -> u64 {
        self.proxy.statistic("trapkey-modbus.config_reload")
    }

    fn is_taken(&self, before: u64) {
        until("the filter", || (self.reloads() > before).then_some(()));
    }

    fn issue(&self, uris: &[&str]) -> Identity {
        self.place.authority.issue(&Leaf { uris, ..Leaf::default() })
    }

    fn connect(&self, identity: Option<&Identity>) -> Client {
        let config = self.place.authority.client(identity);
        Client::connect(self.proxy.port("modbus"), &config).unwrap()
    }
}

/// Requests to units 11 and 12: reads and writes within and beyond limits, steps, sizes, functions.
fn requests() -> Vec<(u8, Ask)> {
    let read = |address, quantity| (11, Ask::Read(3, address, quantity));
    let write = |address, value| (11, Ask::Write(address, value));
    vec![
        read(0, 1),
        read(0, 4),
        // Register 4 is not in the store.
        read(0, 5),
        read(4, 1),
        (11, Ask::Read(4, 1, 1)),
        (11, Ask::Read(1, 0, 1)),
        (12, Ask::Read(3, 0, 1)),
        (0, Ask::Read(3, 0, 1)),
        write(0, 1_000),
        // A step of more than 100.
        write(0, 1_101),
        write(0, 1_100),
        write(0, 1_001),
        write(0, 999),
        write(1, 10),
        write(1, 11),
        write(2, 1),
        write(3, 1),
        (12, Ask::Write(0, 1)),
        (0, Ask::Write(0, 1)),
        (11, Ask::WriteAll(0, vec![1_000, 5])),
        (11, Ask::WriteAll(0, vec![1_000, 11])),
        (11, Ask::WriteAll(1, vec![1, 1])),
        (11, Ask::Mask(1, 0, 3)),
        (11, Ask::Mask(1, 0xff, 3)),
        (11, Ask::ReadWrite(0, 2, 1, vec![4])),
        (11, Ask::ReadWrite(0, 5, 1, vec![4])),
        (11, Ask::ReadWrite(0, 2, 2, vec![4])),
        (11, Ask::Other(43, vec![0x0e, 1, 0])),
        (12, Ask::Other(43, vec![0x0e, 1, 0])),
        (11, Ask::Other(17, vec![])),
        (11, Ask::Other(8, vec![0, 1, 0, 0])),
        (11, Ask::Other(90, vec![0, 1])),
        // Contradicts itself: nothing of it is asked.
        (11, Ask::Other(16, vec![0, 0, 0, 2, 2, 0, 1])),
        (11, Ask::Other(3, vec![0, 0, 0, 0])),
        read(1, 1),
    ]
}

/// The same requests one by one, all at once, and byte by byte.
#[test]
fn requests_are_decided_however_they_come() {
    for envoy in installed() {
        let world = dropping();
        let reference = world.reference();
        for cut in [usize::MAX, 1, 7, 64, 300] {
            let guarded = Guarded::start(&envoy, &world, str::to_owned);
            let mut asked =
                Asked { reference: &reference, who: "mes-oven-1", written: BTreeMap::new() };
            let mut client = guarded.connect(Some(&guarded.issue(&[OVEN_1])));
            let (mut all, mut wanted) = (Vec::new(), Vec::new());
            for (number, (unit, ask)) in (0..).zip(requests()) {
                let frame = ask.frame(number, unit);
                let is_allowed = asked.is_allowed(unit, &ask);
                if is_allowed {
                    wanted.push(frame.clone());
                }
                if cut == usize::MAX {
                    client.send(&frame).unwrap();
                    if is_allowed {
                        assert_eq!(client.bytes(frame.len()).unwrap(), frame, "{unit} {ask:?}");
                    }
                }
                all.extend(frame);
            }
            if cut != usize::MAX {
                for part in all.chunks(cut) {
                    client.send(part).unwrap();
                }
                let answers = wanted.concat();
                assert_eq!(client.bytes(answers.len()).unwrap(), answers);
            }
            assert_eq!(guarded.device.take(), wanted, "{cut}");
            assert!((8..30).contains(&wanted.len()), "{}", wanted.len());
        }
    }
}

#[test]
fn a_denied_request_closes_its_connection() {
    for envoy in installed() {
        let guarded = Guarded::start(&envoy, &world(), str::to_owned);
        let identity = guarded.issue(&[OVEN_1]);
        let [good, bad] = [Ask::Read(3, 0, 1), Ask::Write(2, 1)].map(|ask| ask.frame(1, 11));
        let mut client = guarded.connect(Some(&identity));
        client.send(&good).unwrap();
        assert_eq!(client.bytes(good.len()).unwrap(), good);
        client.send(&bad).unwrap();
        assert!(client.is_closed());
        assert_eq!(guarded.device.take(), std::slice::from_ref(&good));
        let access = until("an access", || guarded.proxy.accesses().pop());
        let decision = access["decision"].as_str().unwrap();
        assert!(decision.starts_with("trapkey_denied{reason=not_permitted,policies=,"), "{access}");
        assert_eq!(access["peer"], OVEN_1);

        // Nothing passes behind a denied request, nor behind what is none.
        for stop in [
            bad,
            vec![0, 1, 0, 1, 0, 2, 11, 3],
            vec![0, 1, 0, 0, 0, 1, 11],
            vec![0, 1, 0, 0, 1, 4, 11],
        ] {
            let mut client = guarded.connect(Some(&identity));
            client.send(&[stop.clone(), good.clone()].concat()).unwrap();
            assert!(client.is_closed(), "{stop:?}");
            assert_eq!(guarded.device.take(), Vec::<Vec<u8>>::new(), "{stop:?}");
        }
    }
}

#[test]
fn identity_decides_on_connections() {
    for envoy in installed() {
        let accepting = |text: &str| {
            let text = replaced(
                text,
                "require_client_certificate: true",
                "require_client_certificate: false",
            );
            let trusted = "trusted_ca: { filename: trapkey/ca.pem }";
            replaced(
                &text,
                trusted,
                &format!("{trusted}\n                  trust_chain_verification: ACCEPT_UNTRUSTED"),
            )
        };
        let guarded = Guarded::start(&envoy, &dropping(), accepting);
        let foreign =
            Authority::new("authority").issue(&Leaf { uris: &[OVEN_1], ..Leaf::default() });
        let expired = guarded.place.authority.issue(&Leaf {
            uris: &[OVEN_1],
            has_expired: true,
            ..Leaf::default()
        });
        let named = guarded.place.authority.issue(&Leaf { names: &["plc"], ..Leaf::default() });
        let of = |uris: &[&str]| guarded.issue(uris);
        let double = of(&[OVEN_1, "spiffe://plant-1.example/admin"]);
        let comma = of(&["spiffe://plant-1.example/mes/oven-1,x"]);
        let other = of(&["spiffe://plant-2.example/mes/oven-1"]);
        let frame = Ask::Read(3, 0, 1).frame(1, 11);
        for identity in [
            None,
            Some(&foreign),
            Some(&expired),
            Some(&named),
            Some(&double),
            Some(&comma),
            Some(&other),
        ] {
            let mut client = guarded.connect(identity);
            client.send(&frame).unwrap();
            assert!(client.is_closed());
            assert_eq!(guarded.device.take(), Vec::<Vec<u8>>::new());
        }
        // Who it is decides: oven 2 may not read of oven 1, and so on.
        for (uri, unit, is_allowed) in
            [(OVEN_1, 11, true), (OVEN_2, 11, false), (OVEN_1, 12, false), (OVEN_2, 12, true)]
        {
            let mut client = guarded.connect(Some(&of(&[uri])));
            let last = Ask::Read(3, 0, 1).frame(2, if uri == OVEN_1 { 11 } else { 12 });
            client.send(&[Ask::Read(3, 0, 1).frame(1, unit), last.clone()].concat()).unwrap();
            let count = if is_allowed { 2 } else { 1 };
            let answers = client.bytes(last.len() * count).unwrap();
            assert!(answers.ends_with(&last), "{uri} {unit}");
            assert_eq!(guarded.device.take().len(), count, "{uri} {unit}");
        }
    }
}

/// A connection that was made under an old policy does not keep it.
#[test]
fn connections_end_with_their_policy() {
    for envoy in installed() {
        let world = world();
        let guarded = Guarded::start(&envoy, &world, str::to_owned);
        let identity = guarded.issue(&[OVEN_1]);
        let frame = Ask::Read(3, 0, 1).frame(1, 11);
        let mut client = guarded.connect(Some(&identity));
        client.send(&frame).unwrap();
        assert_eq!(client.bytes(frame.len()).unwrap(), frame);
        drop(guarded.device.take());
        let mut revoked = world.clone();
        revoked.policies.push_str("\n@id(\"stop\") forbid (principal, action, resource);\n");
        let before = guarded.reloads();
        push(guarded.place.path(), Chain::Network, revoked.filter().bytes(), None);
        guarded.is_taken(before);
        // Each worker takes it by itself, so that a new connection may come too early once.
        until("the new policy", || {
            let mut other = guarded.connect(Some(&identity));
            other.send(&frame).unwrap();
            other.bytes(frame.len()).is_err().then_some(())
        });
        drop(guarded.device.take());
        client.send(&frame).unwrap();
        assert!(client.is_closed());
        assert_eq!(guarded.device.take(), Vec::<Vec<u8>>::new());
    }
}
