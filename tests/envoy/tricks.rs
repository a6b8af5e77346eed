//! Requests and connections that try to look like others.

use std::path::Path;

use trapkey_envoy::Chain;

use crate::certificates::{Authority, Identity, Leaf};
use crate::client::{Answer, Client};
use crate::http::{started, with_metadata};
use crate::place::{Place, replaced};
use crate::proxy::{Proxy, installed};
use crate::upstream::Upstream;
use crate::world::{World, push};

const CELL_7: &str = "spiffe://plant-1.example/mes/cell-7";

/// Each is told to reach `/shelves/tools/saw` or `/admin` by some server.
const PATHS: &[&str] = &[
    "/shelves/tools/../tools/saw",
    "/shelves/tools/./saw",
    "/shelves//tools/saw",
    "//shelves/tools/saw",
    "/shelves/tools/saw/",
    "/shelves/tools/saw/.",
    "/shelves/tools/saw/..",
    "/shelves/tools/%73aw",
    "/shelves/tools/saw%00",
    "/shelves/tools%2fsaw",
    "/shelves/tools%2Fsaw",
    "/shelves/tools%5csaw",
    "/shelves/tools\\saw",
    "/shelves\\tools\\saw",
    "/\\shelves/tools/saw",
    "/shelves/tools/saw;x=1",
    "/shelves;x=1/tools/saw",
    "/shelves/tools/saw#x",
    "/shelves/tools/..;/tools/saw",
    "/shelves/tools/%2e%2e/tools/saw",
    "/shelves/tools/.%2e/tools/saw",
    "/shelves//saw",
    "/shelves/./saw",
    "/shelves/../saw",
    "/shelves/tools/",
    "/shelves/tools/.",
    "/shelves/tools/..",
    "/shelves/../admin",
    "/%61dmin",
    "/shelves/tools/s\u{e4}ge",
    "/shelves/tools/saw\u{7f}",
    "shelves/tools/saw",
    "http://localhost/shelves/tools/../../admin",
    "*",
];

/// An Envoy with the world's filter, and what is needed to ask it.
struct Tried {
    // Ends before its folder.
    proxy: Proxy,
    place: Place,
    upstream: Upstream,
}

impl Tried {
    fn start(envoy: &Path, change: impl Fn(&str) -> String) -> Self {
        let (place, upstream) = (Place::new(), Upstream::start());
        let text = change(&with_metadata(upstream.port));
        let proxy = started(envoy, &place, &text, &World::new());
        Self { proxy, place, upstream }
    }

    fn connect(&self, identity: Option<&Identity>) -> Client {
        let config = self.place.authority.client(identity);
        Client::connect(self.proxy.port("http"), &config).unwrap()
    }

    fn cell_7(&self) -> Identity {
        self.place.authority.issue(&Leaf { uris: &[CELL_7], ..Leaf::default() })
    }
}

/// The example without what changes or refuses paths before the filter sees them.
fn bare(text: &str) -> String {
    let text = replaced(text, "normalize_path: true", "normalize_path: false");
    let text = replaced(&text, "merge_slashes: true", "merge_slashes: false");
    let action = "path_with_escaped_slashes_action: REJECT_REQUEST";
    replaced(&text, action, "path_with_escaped_slashes_action: KEEP_UNCHANGED")
}

fn request(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes()
}

#[test]
fn path_tricks_do_not_pass() {
    for envoy in installed() {
        let tried = Tried::start(&envoy, bare);
        let identity = tried.cell_7();
        for path in PATHS {
            // Envoy closes the connection where it cannot read a request.
            let answer = tried.connect(Some(&identity)).ask(&request(path));
            let status = answer.as_ref().map(|answer| answer.status);
            assert!(matches!(status, Ok(400 | 403 | 404)), "{path:?}: {answer:?}");
            assert_eq!(tried.upstream.take(), Vec::<Vec<String>>::new(), "{path:?}");
        }
        let long = format!("/shelves/tools/{}", "a".repeat(2_048));
        let answer = tried.connect(Some(&identity)).ask(&request(&long)).unwrap();
        assert_eq!(answer.status, 403);
        let answer = tried.connect(Some(&identity)).ask(&request("/shelves/tools/saw")).unwrap();
        assert_eq!(answer.status, 200);
    }
}

/// With the example's options Envoy puts some of these in order first; then that is what is decided and goes upstream.
#[test]
fn what_goes_upstream_is_what_was_decided() {
    for envoy in installed() {
        let tried = Tried::start(&envoy, str::to_owned);
        let identity = tried.cell_7();
        let mut passed = 0;
        for path in PATHS {
            let answer = tried.connect(Some(&identity)).ask(&request(path)).unwrap();
            let reached = tried.upstream.take();
            if answer.status == 200 {
                assert_eq!(reached.len(), 1, "{path:?}");
                assert_eq!(reached[0][0], "GET /shelves/tools/saw HTTP/1.1", "{path:?}");
                passed += 1;
            } else {
                assert_eq!(reached, Vec::<Vec<String>>::new(), "{path:?}: {answer:?}");
            }
        }
        assert!(passed >= 3, "{passed}");
    }
}

/// Smuggled requests are requests of their own, or none.
#[test]
fn each_pipelined_request_is_decided() {
    for envoy in installed() {
        let tried = Tried::start(&envoy, str::to_owned);
        let identity = tried.cell_7();
        let mut client = tried.connect(Some(&identity));
        // Envoy closes a connection on which more has come behind a request that a filter answers.
        let lines =
            ["GET /shelves/tools/saw", "GET /shelves/tools", "GET /admin", "GET /shelves/tools"];
        let all: Vec<u8> = lines
            .iter()
            .flat_map(|line| format!("{line} HTTP/1.1\r\nhost: localhost\r\n\r\n").into_bytes())
            .collect();
        client.send(&all).unwrap();
        let statuses = [(); 3].map(|()| client.answer().unwrap().status);
        assert_eq!(statuses, [200, 200, 403]);
        let is_last = client.answer().is_ok_and(|answer| answer.status == 200);
        let reached: Vec<_> =
            tried.upstream.take().into_iter().map(|lines| lines[0].clone()).collect();
        let passed = [lines[0], lines[1], lines[3]].map(|line| format!("{line} HTTP/1.1"));
        assert_eq!(reached, passed[..2 + usize::from(is_last)]);

        let both = "GET /shelves/tools/saw HTTP/1.1\r\nhost: localhost\r\ncontent-length: 40\r\n\
                    transfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nhost: localhost\r\n\r\n";
        let answer = tried.connect(Some(&identity)).ask(both.as_bytes());
        assert!(
            answer.is_err() || answer.as_ref().is_ok_and(|answer| answer.status == 400),
            "{answer:?}"
        );
        let host =
            "GET /shelves/tools/saw HTTP/1.1\r\nhost: localhost\r\nhost: closed.example\r\n\r\n";
        let answer = tried.connect(Some(&identity)).ask(host.as_bytes());
        assert!(answer.as_ref().map_or(true, |answer| answer.status != 200), "{answer:?}");
        assert_eq!(tried.upstream.take(), Vec::<Vec<String>>::new());
    }
}

/// Where Envoy takes certificates that it could not validate, and clients without any.
#[test]
fn unvalidated_certificates_identify_nobody() {
    for envoy in installed() {
        let tried = Tried::start(&envoy, |text| {
            let text = replaced(
                text,
                "require_client_certificate: true",
                "require_client_certificate: false",
            );
            let trusted = "trusted_ca: { filename: trapkey/ca.pem }";
            let accepting =
                format!("{trusted}\n                  trust_chain_verification: ACCEPT_UNTRUSTED");
            replaced(&text, trusted, &accepting)
        });
        let leaf = Leaf { uris: &[CELL_7], ..Leaf::default() };
        let foreign = Authority::new("authority").issue(&leaf);
        let expired = tried.place.authority.issue(&Leaf { has_expired: true, ..leaf });
        let listed =
            "x-forwarded-client-cert: Hash=".to_owned() + &"0".repeat(64) + ";URI=" + CELL_7;
        for identity in [None, Some(&foreign), Some(&expired)] {
            for header in ["accept: */*", &listed] {
                let request = format!(
                    "GET /shelves/tools/saw HTTP/1.1\r\nhost: localhost\r\n{header}\r\n\r\n"
                );
                let answer = tried.connect(identity).ask(request.as_bytes()).unwrap();
                assert_eq!(answer.status, 403, "{answer:?}");
            }
        }
        assert_eq!(tried.upstream.take(), Vec::<Vec<String>>::new());
        let answer = ask(&mut tried.connect(Some(&tried.cell_7())));
        assert_eq!(answer.status, 200);
        // A person may come without a certificate, if something before this has seen to the header.
        let request =
            b"GET /shelves/tools/saw HTTP/1.1\r\nhost: localhost\r\nx-person: ada\r\n\r\n";
        assert_eq!(tried.connect(None).ask(request).unwrap().status, 200);
        assert_eq!(tried.connect(Some(&foreign)).ask(request).unwrap().status, 403);
    }
}

/// Sessions of TLS would bring a certificate that was not looked at again; the example has none.
#[test]
fn clients_that_resume_are_identified() {
    for envoy in installed() {
        let tried = Tried::start(&envoy, str::to_owned);
        let config = tried.place.authority.client(Some(&tried.cell_7()));
        for _ in 0..3 {
            let mut client = Client::connect(tried.proxy.port("http"), &config).unwrap();
            assert_eq!(ask(&mut client).status, 200);
        }
        let text = with_metadata(tried.upstream.port);
        let text = replaced(
            &text,
            "disable_stateless_session_resumption: true",
            "disable_stateless_session_resumption: false",
        );
        push(tried.place.path(), Chain::Http, World::new().filter().bytes(), None);
        let proxy = started(&envoy, &tried.place, &text, &World::new());
        let mut statuses = Vec::new();
        for _ in 0..2 {
            let mut client = Client::connect(proxy.port("http"), &config).unwrap();
            statuses.push(ask(&mut client).status);
        }
        assert_eq!(statuses, [200, 403]);
    }
}

fn ask(client: &mut Client) -> Answer {
    client.ask(&request("/shelves/tools/saw")).unwrap()
}
