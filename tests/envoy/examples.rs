//! The example configurations: Envoy takes them, and nothing is allowed before the first push.

use crate::certificates::{Authority, Leaf};
use crate::client::Client;
use crate::place::{Place, configuration, example};
use crate::proxy::{Proxy, installed, until, validate};
use crate::upstream::Upstream;

const SPIFFE: &str = "spiffe://plant-1.example/mes/oven-1";

#[test]
fn examples_are_configurations() {
    for envoy in installed() {
        let place = Place::new();
        let client = place.authority.issue(&Leaf { uris: &[SPIFFE], ..Leaf::default() });
        client.write(&place.path().join("trapkey"), "oven-1");
        for name in ["http.yaml", "tcp.yaml", "client.yaml", "upstream.yaml"] {
            validate(&envoy, place.path(), &example(name))
                .unwrap_or_else(|said| panic!("{name}: {said}"));
        }
        assert!(validate(&envoy, place.path(), "static_resources: { nothing: 1 }").is_err());
    }
}

#[test]
fn nothing_is_allowed_before_the_first_push() {
    for envoy in installed() {
        let (place, upstream) = (Place::new(), Upstream::start());
        let proxy = Proxy::start(&envoy, place.path(), &configuration("http.yaml", upstream.port));
        let identity = place.authority.issue(&Leaf { uris: &[SPIFFE], ..Leaf::default() });
        let config = place.authority.client(Some(&identity));
        let mut client = Client::connect(proxy.port("http"), &config).unwrap();
        let answer = client.ask(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        assert_eq!(answer.status, 403);
        let access = until("an access", || proxy.accesses().pop());
        assert_eq!(access["peer"], SPIFFE);
        assert_eq!(access["details"], "rbac_access_denied_matched_policy[none]");
        drop(proxy);

        let proxy = Proxy::start(&envoy, place.path(), &configuration("tcp.yaml", upstream.port));
        let mut client = Client::connect(proxy.port("modbus"), &config).unwrap();
        client.send(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
        assert!(client.is_closed());
        assert_eq!(upstream.take(), Vec::<Vec<String>>::new());
    }
}

#[test]
fn handshakes_need_a_certificate_that_holds() {
    for envoy in installed() {
        let (place, upstream) = (Place::new(), Upstream::start());
        let proxy = Proxy::start(&envoy, place.path(), &configuration("http.yaml", upstream.port));
        let leaf = Leaf { uris: &[SPIFFE], ..Leaf::default() };
        let foreign = Authority::new("another").issue(&leaf);
        let expired = place.authority.issue(&Leaf { has_expired: true, ..leaf });
        for identity in [None, Some(&foreign), Some(&expired)] {
            let config = place.authority.client(identity);
            let mut client = Client::connect(proxy.port("http"), &config).unwrap();
            let answer = client.ask(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
            assert!(answer.is_err(), "{answer:?}");
        }
        assert_eq!(upstream.take(), Vec::<Vec<String>>::new());
    }
}
