//! What is done beside answering: obligations, records, counters, and answers that end.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::certificates::Leaf;
use crate::client::Client;
use crate::http::{started, with_metadata};
use crate::place::{Place, replaced};
use crate::proxy::{Proxy, installed, until};
use crate::upstream::{Upstream, head, value};
use crate::world::{World, question};

const CELL_7: &str = "spiffe://plant-1.example/mes/cell-7";

fn connect(place: &Place, proxy: &Proxy) -> Client {
    let identity = place.authority.issue(&Leaf { uris: &[CELL_7], ..Leaf::default() });
    Client::connect(proxy.port("http"), &place.authority.client(Some(&identity))).unwrap()
}

fn request(line: &str, headers: &[&str]) -> Vec<u8> {
    let head = format!("{line} HTTP/1.1\r\nhost: localhost");
    [&[head.as_str()], headers, &["\r\n"]].concat().join("\r\n").into_bytes()
}

#[test]
fn obligations_are_honoured_or_deny() {
    let mut world = World::new();
    let duties = "@obligation(\"add-header:x-seen=by policy,remove-header:x-secret,log:reads\")\n";
    world.policies = replaced(
        &world.policies,
        "@id(\"client-reads\")\n",
        &format!("@id(\"client-reads\")\n{duties}"),
    );
    let page = "@id(\"client-lists\")\n@obligation(\"page:guard\")\n";
    world.policies = replaced(&world.policies, "@id(\"client-lists\")\n", page);
    for envoy in installed() {
        let (place, upstream) = (Place::new(), Upstream::start());
        let proxy = started(&envoy, &place, &with_metadata(upstream.port), &world);
        let mut client = connect(&place, &proxy);
        let headers =
            ["x-seen: forged", "x-seen: twice", "x-secret: a", "X-Secret: b", "x-other: c"];
        let answer = client.ask(&request("GET /shelves/tools/saw", &headers)).unwrap();
        assert_eq!(answer.status, 200);
        let reached = upstream.take().remove(0);
        let seen: Vec<_> = reached.iter().filter(|line| line.starts_with("x-seen")).collect();
        assert_eq!(seen, ["x-seen: by policy"]);
        assert_eq!(value(&reached, "x-secret"), None, "{reached:?}");
        assert_eq!(value(&reached, "x-other"), Some("c"));
        // No proxy can do that: what it is asked for with an allow makes it a deny.
        assert_eq!(client.ask(&request("GET /shelves/tools", &[])).unwrap().status, 403);
        let accesses = until("accesses", || Some(proxy.accesses()).filter(|all| all.len() == 2));
        assert_eq!(accesses[0]["marks"], "log:reads");
        let details = accesses[1]["details"].as_str().unwrap();
        assert!(
            details
                .starts_with("trapkey_denied{reason=unhonoured_obligation,policies=client-lists,"),
            "{details}"
        );
        assert_eq!(upstream.take(), Vec::<Vec<String>>::new());
    }
}

/// Everything passes, and what would have been denied is recorded and counted.
#[test]
fn observing_reports_and_lets_pass() {
    let mut world = World::new();
    world.mapping =
        replaced(&world.mapping, "adapter = \"http\"", "adapter = \"http\"\nstage = \"observe\"");
    for envoy in installed() {
        let (place, upstream) = (Place::new(), Upstream::start());
        let proxy = started(&envoy, &place, &with_metadata(upstream.port), &world);
        let mut client = connect(&place, &proxy);
        let lines = ["GET /shelves/tools/saw", "GET /admin", "PUT /shelves/tools/saw"];
        for line in lines {
            assert_eq!(client.ask(&request(line, &[])).unwrap().status, 200, "{line}");
        }
        assert_eq!(upstream.take().len(), 3);
        let accesses = until("accesses", || Some(proxy.accesses()).filter(|all| all.len() == 3));
        let write = question(("Client", CELL_7), "write", ("Thing", "tools/saw"), &json!({}));
        let write = world.reference().decide(&write).details().replace("denied", "would_deny");
        for (access, want) in
            accesses.iter().zip(["trapkey_allowed{", "trapkey_would_deny{reason=no_route,", &write])
        {
            assert!(
                access["decision"].as_str().unwrap().starts_with(want),
                "{access} is not {want}"
            );
            assert_eq!(access["details"], "via_upstream");
        }
        let counted = |name: &str, want| {
            until(name, || (proxy.statistic(&format!("trapkey.{name}")) == want).then_some(()));
        };
        counted("would_deny", 2);
        counted("allowed", 1);
        counted("denied", 0);
    }
}

#[test]
fn decisions_are_counted() {
    for envoy in installed() {
        let (place, upstream) = (Place::new(), Upstream::start());
        let proxy = started(&envoy, &place, &with_metadata(upstream.port), &World::new());
        let mut client = connect(&place, &proxy);
        for number in 0..10 {
            let line = if number < 7 { "GET /shelves/tools/saw" } else { "GET /admin" };
            client.ask(&request(line, &[])).unwrap();
        }
        for (name, want) in [("allowed", 7), ("denied", 3), ("would_deny", 0), ("failed", 0)] {
            until(name, || (proxy.statistic(&format!("trapkey.{name}")) == want).then_some(()));
        }
    }
}

/// A server with a URI of its own is listed beside the client, and changes nothing.
#[test]
fn servers_may_have_identities() {
    for envoy in installed() {
        let (place, upstream) = (Place::new(), Upstream::start());
        let server = Leaf {
            uris: &["spiffe://plant-1.example/gateway"],
            names: &["localhost"],
            ..Leaf::default()
        };
        place.authority.issue(&server).write(&place.path().join("trapkey"), "server");
        let proxy = started(&envoy, &place, &with_metadata(upstream.port), &World::new());
        let answer = connect(&place, &proxy).ask(&request("GET /shelves/tools/saw", &[])).unwrap();
        assert_eq!(answer.status, 200);
        let reached = upstream.take().remove(0);
        let listed = value(&reached, "x-forwarded-client-cert").unwrap();
        assert!(listed.starts_with("By=spiffe://plant-1.example/gateway;Hash="), "{listed}");
        let nobody = place.authority.issue(&Leaf { names: &["plc"], ..Leaf::default() });
        let config = place.authority.client(Some(&nobody));
        let mut client = Client::connect(proxy.port("http"), &config).unwrap();
        assert_eq!(client.ask(&request("GET /shelves/tools/saw", &[])).unwrap().status, 403);
    }
}

/// Sends a part of an answer every 20 ms, for at most a minute; whether it came to its end.
fn drip(mut stream: TcpStream) -> bool {
    let mut input = std::io::BufReader::new(stream.try_clone().unwrap());
    if head(&mut input).is_none()
        || stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err()
    {
        return false;
    }
    for _ in 0..3_000 {
        if stream.write_all(b"1\r\na\r\n").is_err() {
            return false;
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    stream.write_all(b"0\r\n\r\n").is_ok()
}

/// An allow that holds for half a second ends a response that goes on, and a request that is not all there.
#[test]
fn streams_end_with_their_allow() {
    for envoy in installed() {
        let place = Place::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            drip(stream)
        });
        let proxy = started(&envoy, &place, &with_metadata(port), &World::new());
        let mut client = connect(&place, &proxy);
        client.send(&request("GET /shelves/tools/saw", &["x-age: 500ms"])).unwrap();
        let begin = client.bytes(12).unwrap();
        assert_eq!(begin, b"HTTP/1.1 200");
        let mut count = 0;
        while client.bytes(1).is_ok() {
            count += 1;
        }
        assert!(count > 100, "{count}");
        assert!(!server.join().unwrap());
        let denied = |proxy: &Proxy| {
            until("a deny", || {
                let access = proxy.accesses().pop()?;
                let decision = access["decision"].as_str()?;
                decision
                    .starts_with("trapkey_denied{reason=forbidden,policies=no-old-age,")
                    .then_some(())
            });
        };
        denied(&proxy);
        drop(proxy);
        slow_request(&envoy, &place);
    }
}

/// A response of which nothing goes by any more is ended too.
#[test]
fn silent_streams_end_with_their_allow() {
    for envoy in installed() {
        let place = Place::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let begin = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n";
            stream.write_all(begin).unwrap();
            // Until the proxy ends the connection.
            stream.read_to_end(&mut Vec::new()).unwrap_or_default();
        });
        let proxy = started(&envoy, &place, &with_metadata(port), &World::new());
        let mut client = connect(&place, &proxy);
        client.send(&request("GET /shelves/tools/saw", &["x-age: 500ms"])).unwrap();
        while client.bytes(1).is_ok() {}
        server.join().unwrap();
        until("a deny", || {
            let access = proxy.accesses().pop()?;
            access["decision"]
                .as_str()?
                .starts_with("trapkey_denied{reason=forbidden,")
                .then_some(())
        });
    }
}

fn slow_request(envoy: &Path, place: &Place) {
    let upstream = Upstream::start();
    let proxy = started(envoy, place, &with_metadata(upstream.port), &World::new());
    let mut client = connect(place, &proxy);
    let headers = ["x-age: 500ms", "x-amount: 1", "content-length: 3000"];
    client.send(&request("PUT /shelves/tools/saw", &headers)).unwrap();
    until("a deny while the request goes on", || {
        client.send(b"a").unwrap();
        let access = proxy.accesses().pop()?;
        access["decision"].as_str()?.starts_with("trapkey_denied{reason=forbidden,").then_some(())
    });
    assert_eq!(client.answer().unwrap().status, 403);
    // Its end has not come, so that the upstream has not got it as a whole.
    assert_eq!(upstream.take(), Vec::<Vec<String>>::new());
}
