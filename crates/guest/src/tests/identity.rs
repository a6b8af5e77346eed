//! Who asks: certificates first, and each of their forms.

use trapkey_abi::{EntityUid, Handle};

use super::fake::Fake;
use super::plans::{HASH, SPIFFE, STREAM, http, requesting, started};
use crate::host::Action;
use crate::plan::{HeaderRule, Piece, Plan, Segment, SpiffeRule, UriList};

/// The principal that the policies are asked about; none if nobody is.
fn principal(plan: &Plan, fake: &mut Fake) -> Option<Handle> {
    let mut guest = started(plan, fake);
    let action = guest.request(fake, STREAM);
    if action == Action::Pause {
        assert!(fake.details().contains("reason=no_identity"), "{}", fake.details());
        assert!(fake.frames.is_empty());
    }
    fake.frames.first().map(|frame| frame.principal)
}

fn connector(id: &str) -> Handle {
    EntityUid::new("Connector", id).handle()
}

/// The principal by a list of a certificate's parts.
fn forwarded(list: Option<&str>) -> Option<Handle> {
    let mut fake = requesting();
    fake.header_is("x-forwarded-client-cert", list);
    principal(&http(), &mut fake)
}

#[test]
fn one_uri_of_one_certificate_names_the_principal() {
    let hash = format!("Hash={HASH}");
    let good = [
        format!("{hash};URI={SPIFFE}"),
        format!("By=spiffe://plant-1.example/mes/other;{hash};URI={SPIFFE}"),
        format!("By=spiffe://a/b?URI=c;By=x;{hash};URI={SPIFFE}"),
    ];
    for list in good {
        assert_eq!(forwarded(Some(&list)), Some(connector(SPIFFE)), "{list}");
    }
    let bad = [
        String::new(),
        SPIFFE.to_owned(),
        format!("URI={SPIFFE}"),
        hash.clone(),
        format!("{hash};URI="),
        format!("{hash};URI={SPIFFE};URI={SPIFFE}"),
        format!("{hash};URI={SPIFFE};URI=spiffe://a.example/b"),
        format!("{hash};URI={SPIFFE},{hash};URI={SPIFFE}"),
        format!("{hash},{hash};URI={SPIFFE}"),
        format!("{hash};URI={SPIFFE},"),
        format!("{hash};URI={SPIFFE};"),
        format!("{hash};URI={SPIFFE};DNS=a.example"),
        format!("{hash};Subject=\"CN=a\";URI={SPIFFE}"),
        format!("{hash};DNS=a.example;URI={SPIFFE}"),
        format!("{hash};URI=\"{SPIFFE}\""),
        format!("{hash};URI={SPIFFE}\""),
        format!("{hash};URI= {SPIFFE}"),
        format!("{hash};uri={SPIFFE}"),
        format!(";{hash};URI={SPIFFE}"),
        format!("{hash}0;URI={SPIFFE}"),
        format!("Hash=00;URI={SPIFFE}"),
        format!("Hash={};URI={SPIFFE}", HASH.replace('0', "g")),
        format!("By=a,b;{hash};URI={SPIFFE}"),
        format!("By=a{hash};URI={SPIFFE}"),
        format!("By=a;URI={SPIFFE};{hash};URI={SPIFFE}"),
        format!("{hash};By=a;URI={SPIFFE}"),
    ];
    for list in bad {
        assert_eq!(forwarded(Some(&list)), None, "{list}");
    }
    assert_eq!(forwarded(None), None);
}

#[test]
fn spiffe_ids_have_one_form() {
    let bad = [
        "spiffe://plant-1.example",
        "spiffe://plant-1.example/",
        "spiffe://plant-1.example/mes/",
        "spiffe://plant-1.example//mes/a",
        "spiffe://plant-1.example/mes/..",
        "spiffe://plant-1.example/mes/.",
        "spiffe://plant-1.example/mes/a?b",
        "spiffe://plant-1.example/mes/a#b",
        "spiffe://plant-1.example/mes/%61",
        "spiffe://plant-1.example:443/mes/a",
        "spiffe://u@plant-1.example/mes/a",
        "spiffe://Plant-1.example/mes/a",
        "SPIFFE://plant-1.example/mes/a",
        "https://plant-1.example/mes/a",
        "spiffe:///mes/a",
        "spiffe://plant-1.example/mes/\u{e4}",
        "spiffe://plant-1.example/mes/a b",
        "spiffe://plant-2.example/mes/a",
        "spiffe://plant-1.example/mes",
        "spiffe://plant-1.example/mes/a/b",
        "spiffe://plant-1.example/erp/a",
    ];
    for id in bad {
        assert_eq!(forwarded(Some(&format!("Hash={HASH};URI={id}"))), None, "{id}");
    }
    let long = format!("spiffe://plant-1.example/mes/{}", "a".repeat(2_048));
    assert_eq!(forwarded(Some(&format!("Hash={HASH};URI={long}"))), None);
}

#[test]
fn certificate_has_to_be_validated() {
    for valid in [None, Some(&[0][..]), Some(&[]), Some(&[1, 0]), Some(b"true")] {
        let mut fake = requesting();
        fake.properties.remove("connection/peer_certificate_valid");
        if let Some(valid) = valid {
            fake.property_is(&["connection", "peer_certificate_valid"], valid);
        }
        assert_eq!(principal(&http(), &mut fake), None, "{valid:?}");
    }
}

#[test]
fn filter_state_lists_uris_too() {
    let mut plan = http();
    plan.identity.uris = UriList::FilterState("uris".to_owned());
    let two = format!("{SPIFFE},spiffe://plant-1.example/mes/b");
    for (list, want) in [(SPIFFE, Some(connector(SPIFFE))), (&two, None), ("", None), ("-", None)] {
        let mut fake = requesting();
        fake.property_is(&["filter_state", "uris"], list.as_bytes());
        assert_eq!(principal(&plan, &mut fake), want, "{list}");
    }
    assert_eq!(principal(&plan, &mut requesting()), None, "the header counts");
}

/// A plan that takes principals from a header too.
fn with_header() -> Plan {
    let mut plan = http();
    plan.identity.headers = vec![HeaderRule {
        name: "x-operator".to_owned(),
        entity_type: "Connector".to_owned(),
        id: vec![Piece::Literal("op:".to_owned()), Piece::Whole],
    }];
    plan
}

#[test]
fn header_counts_only_without_a_certificate_that_is_meant() {
    let plan = with_header();
    let gateway = format!("Hash={HASH};URI=spiffe://plant-1.example/gateway");
    let foreign = format!("Hash={HASH};URI=spiffe://plant-2.example/mes/a");
    let cases = [
        (None, Some("ann"), Some(connector("op:ann"))),
        (Some(gateway.as_str()), Some("ann"), Some(connector("op:ann"))),
        (None, None, None),
        (None, Some(""), None),
        (Some(&foreign), Some("ann"), None),
        (Some("URI=x"), Some("ann"), None),
    ];
    for (list, operator, want) in cases {
        let mut fake = requesting();
        fake.header_is("x-forwarded-client-cert", list);
        fake.header_is("x-operator", operator);
        assert_eq!(principal(&plan, &mut fake), want, "{list:?} {operator:?}");
    }
    let mut fake = requesting();
    fake.header_is("x-operator", Some("ann"));
    assert_eq!(principal(&plan, &mut fake), Some(connector(SPIFFE)));
    fake = requesting();
    fake.header_is("x-operator", Some("ann"));
    fake.properties.remove("connection/peer_certificate_valid");
    assert_eq!(
        principal(&plan, &mut fake),
        None,
        "a certificate that is not valid was passed over"
    );
}

#[test]
fn rules_are_tried_in_order() {
    let mut plan = http();
    let rule = |segment: Segment, id: Vec<Piece>| SpiffeRule {
        trust_domain: "plant-1.example".to_owned(),
        path: vec![Segment::Literal("mes".to_owned()), segment],
        entity_type: "Connector".to_owned(),
        id,
    };
    let literal = Segment::Literal("cell-8".to_owned());
    plan.identity.spiffe = vec![
        rule(literal, vec![Piece::Literal("eight".to_owned())]),
        rule(Segment::Parameter, vec![Piece::Parameter(0)]),
    ];
    for (cell, want) in [("cell-7", "cell-7"), ("cell-8", "eight")] {
        let mut fake = requesting();
        let list = format!("Hash={HASH};URI=spiffe://plant-1.example/mes/{cell}");
        fake.header_is("x-forwarded-client-cert", Some(&list));
        assert_eq!(principal(&plan, &mut fake), Some(connector(want)));
    }
}

#[test]
fn enumerated_types_have_their_ids_alone() {
    let mut plan = with_header();
    plan.identity.headers[0].entity_type = "Kind".to_owned();
    plan.identity.headers[0].id = vec![Piece::Whole];
    plan.gather.environments[1].principal_type = 2;
    for (id, want) in [("a", Some(EntityUid::new("Kind", "a").handle())), ("c", None)] {
        let mut fake = requesting();
        fake.header_is("x-forwarded-client-cert", None);
        fake.header_is("x-operator", Some(id));
        assert_eq!(principal(&plan, &mut fake), want, "{id}");
    }
}

#[test]
fn certificate_is_asked_for_once_in_a_connection() {
    let mut plan = http();
    plan.identity.uris = UriList::FilterState("uris".to_owned());
    let mut fake = requesting();
    fake.property_is(&["filter_state", "uris"], SPIFFE.as_bytes());
    let mut guest = started(&plan, &mut fake);
    let mut calls = |id: u64, fake: &mut Fake| {
        fake.property_is(&["connection_id"], &id.to_le_bytes());
        fake.calls.clear();
        assert_eq!(guest.request(fake, STREAM), Action::Continue);
        fake.calls.iter().filter(|call| **call == "property").count()
    };
    // One of them is for the peer's address.
    assert_eq!(calls(3, &mut fake), 4);
    assert_eq!(calls(3, &mut fake), 2);
    // A connection with another number is another, if it shares the place too.
    let other = "spiffe://plant-1.example/mes/b";
    fake.property_is(&["filter_state", "uris"], other.as_bytes());
    assert_eq!(calls(3 + 512, &mut fake), 4);
    assert_eq!(calls(3 + 512, &mut fake), 2);
    let principals: Vec<_> = fake.frames.iter().map(|frame| frame.principal).collect();
    let [first, second] = [SPIFFE, other].map(connector);
    assert_eq!(principals, [first, first, second, second]);
    // What is not valid is not remembered.
    fake.property_is(&["connection", "peer_certificate_valid"], &[0]);
    fake.property_is(&["connection_id"], &9_u64.to_le_bytes());
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
    assert_eq!(guest.request(&mut fake, STREAM), Action::Pause);
}
