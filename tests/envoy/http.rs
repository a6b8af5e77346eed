//! HTTP through the filter: each answer is the engine's.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use trapkey_envoy::Chain;

use crate::certificates::Leaf;
use crate::client::Client;
use crate::place::{Place, configuration, replaced};
use crate::proxy::{Proxy, installed, until};
use crate::upstream::Upstream;
use crate::world::{Reference, World, push, question};

const CELL_7: &str = "spiffe://plant-1.example/mes/cell-7";
const CELL_8: &str = "spiffe://plant-1.example/mes/cell-8";
const CELL_9: &str = "spiffe://plant-1.example/mes/cell-9";
const CELL_10: &str = "spiffe://plant-1.example/mes/cell-10";

/// What is to come of a request.
enum Want {
    /// What the engine says of this.
    Asked(Value),
    /// A deny without a question, with this reason.
    Refused(&'static str),
}

/// One request.
struct Case {
    /// The URIs of the certificate.
    uris: &'static [&'static str],
    line: &'static str,
    headers: &'static [&'static str],
    want: Want,
}

fn case(
    uri: &'static [&'static str],
    line: &'static str,
    headers: &'static [&'static str],
    want: Want,
) -> Case {
    Case { uris: uri, line, headers, want }
}

fn reads(who: &str, what: &str, context: &Value) -> Want {
    Want::Asked(question(("Client", who), "read", ("Thing", what), context))
}

fn writes(who: &str, what: &str, context: &Value) -> Want {
    Want::Asked(question(("Client", who), "write", ("Thing", what), context))
}

/// An Envoy with the filter of a world, that is ready.
pub(crate) fn started(envoy: &Path, place: &Place, text: &str, world: &World) -> Proxy {
    push(place.path(), Chain::Http, world.filter().bytes(), None);
    let proxy = Proxy::start(envoy, place.path(), text);
    proxy.has("trapkey-http");
    proxy
}

/// The example, with a route that has metadata.
pub(crate) fn with_metadata(upstream: u16) -> String {
    let text = configuration("http.yaml", upstream);
    let metadata = "- metadata: { filter_metadata: { trapkey: { zone: ops } } }\n                          match: { prefix: \"/\" }";
    replaced(&text, "- match: { prefix: \"/\" }", metadata)
}

fn identities() -> Vec<Case> {
    let read = "GET /shelves/tools/saw";
    let none = json!({});
    let refused = Want::Refused;
    vec![
        case(&[CELL_7], read, &[], reads(CELL_7, "tools/saw", &none)),
        case(&[CELL_8], read, &[], reads(CELL_8, "tools/saw", &none)),
        case(&[CELL_8], "GET /shelves/tools/drill", &[], reads(CELL_8, "tools/drill", &none)),
        case(&[CELL_9], read, &[], reads(CELL_9, "tools/saw", &none)),
        // Not in the store: the policy errs, and is skipped.
        case(&[CELL_10], read, &[], reads(CELL_10, "tools/saw", &none)),
        case(&[CELL_7, CELL_8], read, &[], refused("no_identity")),
        case(
            &[CELL_7, "spiffe://plant-1.example/admin"],
            read,
            &["x-person: ada"],
            refused("no_identity"),
        ),
        case(&[CELL_7, CELL_7], read, &[], refused("no_identity")),
        case(&["spiffe://plant-2.example/mes/cell-7"], read, &[], refused("no_identity")),
        case(&["spiffe://plant-1.example/mes/cell-7/more"], read, &[], refused("no_identity")),
        case(&["spiffe://plant-1.example/mes/"], read, &[], refused("no_identity")),
        case(&["spiffe://plant-1.example/mes/.."], read, &[], refused("no_identity")),
        case(&["SPIFFE://plant-1.example/mes/cell-7"], read, &[], refused("no_identity")),
        case(&["spiffe://Plant-1.example/mes/cell-7"], read, &[], refused("no_identity")),
        case(&["spiffe://plant-1.example/mes/cell-7?a"], read, &[], refused("no_identity")),
        case(&["spiffe://plant-1.example/mes/cell%2d7"], read, &[], refused("no_identity")),
        case(&["https://plant-1.example/mes/cell-7"], read, &[], refused("no_identity")),
    ]
}

/// What lists of certificates and headers can claim.
fn claims() -> Vec<Case> {
    let read = "GET /shelves/tools/saw";
    let none = json!({});
    let refused = Want::Refused;
    vec![
        // Envoy neither quotes nor escapes what it lists.
        case(&["spiffe://plant-1.example/mes/cell-7;By=a"], read, &[], refused("no_identity")),
        case(&["spiffe://plant-1.example/mes/cell-7;Hash=0"], read, &[], refused("no_identity")),
        case(&["spiffe://plant-1.example/mes/cell-7,By=a"], read, &[], refused("no_identity")),
        case(&["\"spiffe://plant-1.example/mes/cell-7\""], read, &[], refused("no_identity")),
        case(&["x;URI=spiffe://plant-1.example/mes/cell-7"], read, &[], refused("no_identity")),
        case(&[], read, &[], refused("no_identity")),
        case(&[], read, &["x-person: ada"], refused("no_identity")),
        // What a client says of its certificate is not what Envoy says.
        case(
            &[],
            read,
            &["x-forwarded-client-cert: Hash=00;URI=spiffe://plant-1.example/mes/cell-7"],
            refused("no_identity"),
        ),
        case(
            &[CELL_8],
            read,
            &["x-forwarded-client-cert: Hash=00;URI=spiffe://plant-1.example/mes/cell-7"],
            reads(CELL_8, "tools/saw", &none),
        ),
        // Of the trust domain, but of no rule for certificates.
        case(
            &["spiffe://plant-1.example/desk"],
            read,
            &["x-person: ada"],
            Want::Asked(question(("Person", "person/ada"), "read", ("Thing", "tools/saw"), &none)),
        ),
        case(
            &["spiffe://plant-1.example/desk"],
            read,
            &["x-person: bob"],
            Want::Asked(question(("Person", "person/bob"), "read", ("Thing", "tools/saw"), &none)),
        ),
        case(
            &["spiffe://plant-1.example/desk"],
            "PUT /shelves/tools/saw",
            &["x-person: ada", "x-amount: 1"],
            Want::Asked(question(
                ("Person", "person/ada"),
                "write",
                ("Thing", "tools/saw"),
                &json!({ "amount": 1 }),
            )),
        ),
        case(
            &["spiffe://plant-1.example/desk"],
            read,
            &["x-person: ada", "x-person: ada"],
            refused("bad_request:repeated_header"),
        ),
        case(&["spiffe://plant-1.example/desk"], read, &[], refused("no_identity")),
        // A certificate of a rule is who asks, whatever a header says.
        case(&[CELL_9], read, &["x-person: ada"], reads(CELL_9, "tools/saw", &none)),
    ]
}

fn routes() -> Vec<Case> {
    let none = json!({});
    let list =
        |what| Want::Asked(question(("Client", CELL_7), "shelf.list", ("Shelf", what), &none));
    let refused = Want::Refused;
    vec![
        case(&[CELL_7], "GET /shelves/tools", &[], list("tools")),
        case(&[CELL_7], "GET /shelves/paint", &[], list("paint")),
        case(&[CELL_7], "GET /shelves/tools?x=/shelves/tools/saw", &[], list("tools")),
        case(&[CELL_7], "GET /shelves/tools/hammer", &[], reads(CELL_7, "tools/hammer", &none)),
        case(&[CELL_7], "POST /shelves/tools/saw", &[], refused("no_route")),
        case(&[CELL_7], "GET /", &[], refused("no_route")),
        case(&[CELL_7], "GET /Shelves/tools", &[], refused("no_route")),
        case(&[CELL_7], "GET /shelves/tools/saw/teeth", &[], refused("no_route")),
        case(&[CELL_7], "GET /admin", &[], refused("no_route")),
        case(&[CELL_7], "DELETE /shelves/tools", &[], refused("no_route")),
        case(&[CELL_7], "PUT /shelves/tools/saw", &[], writes(CELL_7, "tools/saw", &none)),
        case(
            &[CELL_7],
            "PUT /shelves/tools/saw",
            &["x-amount: 100"],
            writes(CELL_7, "tools/saw", &json!({ "amount": 100 })),
        ),
        case(
            &[CELL_7],
            "PUT /shelves/tools/saw",
            &["x-amount: 101"],
            writes(CELL_7, "tools/saw", &json!({ "amount": 101 })),
        ),
        case(
            &[CELL_7],
            "PUT /shelves/tools/drill",
            &["x-amount: 6"],
            writes(CELL_7, "tools/drill", &json!({ "amount": 6 })),
        ),
        case(
            &[CELL_7],
            "PUT /shelves/tools/saw",
            &["x-amount: -1"],
            writes(CELL_7, "tools/saw", &json!({ "amount": -1 })),
        ),
    ]
}

/// A header, and what it is in the context: of each type a value that is allowed, one that is not, and none at all.
fn contexts() -> Vec<Case> {
    let extn = |function: &str, text: &str| json!({ "__extn": { "fn": function, "arg": text } });
    let team = |id: &str| json!({ "team": { "__entity": { "type": "Api::Team", "id": id } } });
    let told: [(&[&str], Value); 24] = [
        (&["x-urgent: true"], json!({ "urgent": true })),
        (&["x-urgent: false"], json!({ "urgent": false })),
        (&["x-amount: 9223372036854775807"], json!({ "amount": i64::MAX })),
        (&["x-ratio: 0.5"], json!({ "ratio": extn("decimal", "0.5") })),
        (&["x-ratio: 0.5001"], json!({ "ratio": extn("decimal", "0.5001") })),
        (&["x-until: 2100-01-01"], json!({ "until": extn("datetime", "2100-01-01") })),
        (&["x-until: 2020-01-01T00:00:00Z"], json!({ "until": extn("datetime", "2020-01-01") })),
        (&["x-wait: 1h"], json!({ "wait": extn("duration", "1h") })),
        (&["x-wait: 1h1ms"], json!({ "wait": extn("duration", "1h1ms") })),
        (&["x-age: 500ms"], json!({ "age": extn("duration", "500ms") })),
        (&["x-age: 1s"], json!({ "age": extn("duration", "1s") })),
        (&["x-from: 10.9.8.7"], json!({ "from": extn("ip", "10.9.8.7") })),
        (&["x-from: 192.168.0.0/16"], json!({ "from": extn("ip", "192.168.0.0/16") })),
        (&["x-from: ::1"], json!({ "from": extn("ip", "::1") })),
        (&["x-team: red"], team("red")),
        (&["x-team: unheard-of"], team("unheard-of")),
        (&["x-groups: a, b"], json!({ "groups": ["a", "b"] })),
        (&["x-groups: a,banned"], json!({ "groups": ["a", "banned"] })),
        (&["x-groups: banned"], json!({ "groups": ["banned"] })),
        (&["x-note: yes"], json!({ "deep": { "note": "yes" } })),
        (&["x-note: it is no good"], json!({ "deep": { "note": "it is no good" } })),
        (
            &["x-note: yes", "x-groups: banned"],
            json!({ "groups": ["banned"], "deep": { "note": "yes" } }),
        ),
        (&["host: Closed.example:443"], json!({ "host": "closed.example" })),
        (&["host: open.example"], json!({ "host": "open.example" })),
    ];
    let mut cases = Vec::new();
    for (headers, context) in told {
        let headers: &'static [&'static str] = Vec::leak(headers.to_vec());
        let want = reads(CELL_7, "tools/saw", &context);
        cases.push(case(&[CELL_7], "GET /shelves/tools/saw", headers, want));
    }
    for headers in [
        &["x-urgent: TRUE"] as &'static [&'static str],
        &["x-urgent: 1"],
        &["x-amount: 9223372036854775808"],
        &["x-amount: 1.0"],
        &["x-amount: +1"],
        &["x-amount: 0x1"],
        &["x-ratio: 0.50001"],
        &["x-until: tomorrow"],
        &["x-wait: 1 hour"],
        &["x-from: 10.9.8.7:80"],
        &["x-team: "],
        &["x-groups: a,,b"],
    ] {
        let want = Want::Refused("bad_request:");
        cases.push(case(&[CELL_7], "GET /shelves/tools/saw", headers, want));
    }
    for headers in [
        &["x-note: yes", "x-note: yes"] as &'static [&'static str],
        &["x-note: yes", "X-Note: no"],
        &["x-groups: a", "x-groups: b"],
        &["x-amount: 1", "x-amount: 2"],
    ] {
        let want = Want::Refused("bad_request:repeated_header");
        cases.push(case(&[CELL_7], "GET /shelves/tools/saw", headers, want));
    }
    cases
}

/// Runs cases on an Envoy, and compares what it answers, what it logs and what reaches the upstream.
fn check(envoy: &Path, cases: &[Case]) {
    let (place, upstream, world) = (Place::new(), Upstream::start(), World::new());
    let reference = world.reference();
    let proxy = started(envoy, &place, &with_metadata(upstream.port), &world);
    let port = proxy.port("http");
    let mut clients: BTreeMap<&[&str], Client> = BTreeMap::new();
    let mut wants = Vec::new();
    for case in cases {
        let client = clients.entry(case.uris).or_insert_with(|| {
            let identity = place.authority.issue(&Leaf { uris: case.uris, ..Leaf::default() });
            Client::connect(port, &place.authority.client(Some(&identity))).unwrap()
        });
        let mut request = format!("{} HTTP/1.1\r\n", case.line);
        if !case.headers.iter().any(|header| header.starts_with("host:")) {
            request.push_str("host: localhost\r\n");
        }
        for header in case.headers {
            request.push_str(header);
            request.push_str("\r\n");
        }
        let name = format!("{:?} {} {:?}", case.uris, case.line, case.headers);
        let answer = client.ask(format!("{request}\r\n").as_bytes());
        let answer = answer.unwrap_or_else(|error| panic!("{name}: {error}"));
        let (is_allow, details) = expected(&reference, &case.want);
        assert_eq!(answer.status, if is_allow { 200 } else { 403 }, "{name}: {answer:?}");
        let reached = upstream.take();
        assert_eq!(reached.len(), usize::from(is_allow), "{name}");
        if is_allow {
            assert_eq!(reached[0][0], format!("{} HTTP/1.1", case.line));
        } else {
            assert!(
                answer.body.starts_with(r#"{"error":"denied","request_id":""#),
                "{name}: {answer:?}"
            );
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert!(!format!("{answer:?}").contains("policies"), "{name}: {answer:?}");
        }
        wants.push((name, is_allow, details));
    }
    let accesses = until("all accesses", || {
        Some(proxy.accesses()).filter(|accesses| accesses.len() >= wants.len())
    });
    for ((name, is_allow, details), access) in wants.iter().zip(&accesses) {
        let decision = access["decision"].as_str().unwrap_or_default();
        assert!(decision.starts_with(details.as_str()), "{name}: {access} is not {details}");
        let told = access["details"].as_str().unwrap_or_default();
        assert_eq!(told, if *is_allow { "via_upstream" } else { decision }, "{name}");
    }
    println!("{} requests as the engine decides", cases.len());
}

fn expected(reference: &Reference, want: &Want) -> (bool, String) {
    match want {
        Want::Asked(question) => {
            let verdict = reference.decide(question);
            (verdict.is_allow, verdict.details())
        }
        Want::Refused(reason) => (false, format!("trapkey_denied{{reason={reason}")),
    }
}

#[test]
fn identity_decides() {
    for envoy in installed() {
        check(&envoy, &identities());
        check(&envoy, &claims());
    }
}

#[test]
fn routes_decide() {
    for envoy in installed() {
        check(&envoy, &routes());
    }
}

#[test]
fn contexts_decide() {
    for envoy in installed() {
        check(&envoy, &contexts());
    }
}
