//! Requests that repeat: asked once, unless anything that decides is another.

use super::fake::{Fake, allow, forbid};
use super::plans::{ROOT, STREAM, http, requesting, started};
use crate::host::Action;
use crate::plan::{Adapter, Plan, UriList};

/// A plan of one route, in which headers alone decide.
fn plan() -> Plan {
    let mut plan = http();
    plan.needs_time = false;
    if let Adapter::Http(http) = &mut plan.adapter {
        http.routes.retain(|route| route.method == "GET");
    }
    plan
}

fn public() -> Fake {
    let mut fake = requesting();
    fake.header_is(":method", Some("GET"));
    fake.header_is(":path", Some("/public"));
    fake
}

#[test]
fn request_in_the_same_words_is_asked_once() {
    let mut fake = public();
    let mut guest = started(&plan(), &mut fake);
    for id in ["1", "2", "3"] {
        fake.header_is("x-request-id", Some(id));
        fake.header_is("x-unread", Some(id));
        assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
    }
    assert_eq!(fake.frames.len(), 1);
    let calls = ["headers", "property", "decide", "headers", "property", "headers", "property"];
    assert_eq!(fake.calls, calls);
    guest.tick(&mut fake, ROOT);
    assert_eq!(fake.counters["trapkey.allowed"], 3);
}

#[test]
fn other_words_are_asked_about() {
    for (name, value, action) in [
        (":method", "PUT", Action::Pause),
        (":path", "/public?a", Action::Continue),
        (":path", "/public/", Action::Pause),
        (":authority", "other.example", Action::Pause),
        (":authority", "plc.example:99", Action::Continue),
        ("x-forwarded-client-cert", "Hash=0;URI=spiffe://x/y", Action::Pause),
    ] {
        let mut fake = public();
        let mut guest = started(&plan(), &mut fake);
        assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
        fake.header_is(name, Some(value));
        fake.decides = Box::new(|_| allow());
        assert_eq!(guest.request(&mut fake, STREAM), action, "{name}: {value}");
        let asked = if action == Action::Continue { 2 } else { 1 };
        assert_eq!(fake.frames.len(), asked, "{name}: {value}");
    }
}

#[test]
fn repeated_header_is_another_request() {
    let mut fake = public();
    let mut guest = started(&plan(), &mut fake);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
    let path = (":path".to_owned(), "/public".to_owned());
    fake.headers.push(path);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
}

#[test]
fn certificate_is_asked_about_each_time() {
    let mut fake = public();
    let mut guest = started(&plan(), &mut fake);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
    fake.property_is(&["connection", "peer_certificate_valid"], &[0]);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
    assert!(fake.details().contains("reason=no_identity"), "{}", fake.details());
}

#[test]
fn denies_and_ends_and_other_entities_are_asked_about_again() {
    let mut fake = public();
    let mut guest = started(&plan(), &mut fake);
    fake.decides = Box::new(|_| forbid());
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
    fake.decides = Box::new(|_| allow());
    assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
    fake.decides = Box::new(|_| forbid());
    assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
    assert!(guest.configure(&mut fake, ROOT, 0));
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
}

#[test]
fn nothing_is_remembered_where_more_than_headers_decides() {
    type Change = fn(&mut Plan);
    let changes: [Change; 2] = [
        |plan| plan.needs_time = true,
        |plan| plan.identity.uris = UriList::FilterState("trapkey.uris".to_owned()),
    ];
    for change in changes {
        let mut plan = plan();
        change(&mut plan);
        let mut fake = public();
        fake.property_is(&["filter_state", "trapkey.uris"], super::plans::SPIFFE.as_bytes());
        let mut guest = started(&plan, &mut fake);
        for _ in 0..2 {
            assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
        }
        assert_eq!(fake.frames.len(), 2);
    }
}
