//! Methods, paths and hosts: what could be read in two ways is denied.

use super::plans::{STREAM, http, requesting, started};
use crate::host::Action;

/// The reason for which a request with this header is denied; none if it is allowed.
fn reason(name: &str, value: Option<&str>) -> Option<String> {
    let mut fake = requesting();
    fake.header_is(name, value);
    judged(&mut fake)
}

fn judged(fake: &mut super::fake::Fake) -> Option<String> {
    let mut guest = started(&http(), fake);
    let action = guest.request(fake, STREAM);
    assert_eq!(action == Action::Continue, fake.answers.is_empty());
    let details = &fake.answers.first()?.1;
    let (reason, _) = details.strip_prefix("trapkey_denied{reason=")?.split_once(',')?;
    Some(reason.to_owned())
}

#[test]
fn paths_have_one_reading() {
    let good = [
        "/units/7/registers/40",
        "/units/a.b/registers/..c",
        "/units/7/registers/40?a=%2e&b=/../x;y",
    ];
    for path in good {
        assert_eq!(reason(":path", Some(path)), None, "{path}");
    }
    let bad = [
        "",
        "units/7/registers/40",
        "*",
        "//units/7/registers/40",
        "/units//7/registers/40",
        "/units/7/registers/40/",
        "/public/../units/7/registers/40",
        "/units/./7/registers/40",
        "/units/7/registers/..",
        "/units/7/registers/%34%30",
        "/units/7%2fregisters/40",
        "/units/7/registers\\40",
        "/units/7/registers/40;v=1",
        "/units/7/registers/4\u{e9}",
        "/units/7/registers/40#x",
        "/units/7/registers/4 0",
        "http://plc.example/units/7/registers/40",
        "/units/7/registers/{x}",
        "/units/7/registers/\"",
        "/units/7/registers/40?a#b",
        "/units/7/registers/40?a b",
    ];
    for path in bad {
        let reason = reason(":path", Some(path));
        assert!(
            reason.as_ref().is_some_and(|own| own.starts_with("bad_request:")),
            "{path}: {reason:?}"
        );
    }
    let long = format!("/units/7/registers/{}", "4".repeat(2_048));
    assert_eq!(reason(":path", Some(&long)).as_deref(), Some("bad_request:path_length"));
    let deep = "/a".repeat(129);
    assert_eq!(reason(":path", Some(&deep)).as_deref(), Some("bad_request:path"));
}

#[test]
fn unknown_routes_are_denied() {
    for path in ["/", "/units/7/registers", "/units/7/registers/40/x", "/Units/7/registers/40"] {
        assert_eq!(reason(":path", Some(path)).as_deref(), Some("no_route"), "{path}");
    }
    for method in ["GET", "put", "PUTT", ""] {
        assert_eq!(reason(":method", Some(method)).as_deref(), Some("no_route"), "{method}");
    }
    for missing in [":method", ":path"] {
        assert!(reason(missing, None).is_some_and(|own| own.starts_with("bad_request:")));
    }
}

#[test]
fn hosts_are_compared_without_case_and_port() {
    let of = |authority: Option<&str>| {
        let mut fake = requesting();
        fake.header_is(":method", Some("GET"));
        fake.header_is(":path", Some("/public"));
        fake.header_is(":authority", authority);
        judged(&mut fake)
    };
    for authority in ["plc.example", "PLC.Example:80"] {
        assert_eq!(of(Some(authority)), None, "{authority}");
    }
    for authority in ["example", "[::1]", "[::1]:80"] {
        assert_eq!(of(Some(authority)).as_deref(), Some("no_route"), "{authority}");
    }
    assert_eq!(of(None).as_deref(), Some("no_route"));
    let bad = [
        "",
        "a@plc.example",
        "plc.example:",
        "plc.example:x",
        "plc.example:123456",
        "plc/example",
        "[::1",
        "[]",
        "[::1]x",
        "pl\u{e7}",
        ":80",
        "plc.example:80:80",
        "plc.example.",
        "plc.example.:80",
    ];
    for authority in bad {
        assert_eq!(of(Some(authority)).as_deref(), Some("bad_request:host"), "{authority}");
    }
}

#[test]
fn headers_by_which_servers_take_another_request_are_denied() {
    for name in ["x-http-method-override", "X-Original-URL", "x-rewrite-url", "x-method-override"] {
        let mut fake = requesting();
        let mut guest = started(&http(), &mut fake);
        assert_eq!(guest.request(&mut fake, STREAM), Action::Continue);
        // The same words otherwise, which were allowed.
        fake.headers.push((name.to_owned(), "DELETE".to_owned()));
        assert_eq!(guest.request(&mut fake, STREAM), Action::Pause, "{name}");
        assert!(fake.details().contains("bad_request:override_header"), "{name}");
    }
}

#[test]
fn repeated_headers_are_denied_where_they_are_read() {
    let names = [
        ":path",
        ":method",
        ":authority",
        ":scheme",
        "x-forwarded-client-cert",
        "x-level",
        "X-Level",
        "x-groups",
    ];
    for name in names {
        let mut fake = requesting();
        if name.starts_with(['x', 'X']) && name != "x-forwarded-client-cert" {
            fake.headers.push((name.to_ascii_lowercase(), "1".to_owned()));
        }
        let first = fake.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).unwrap();
        let again = (name.to_owned(), first.1.clone());
        fake.headers.push(again);
        assert_eq!(judged(&mut fake).as_deref(), Some("bad_request:repeated_header"), "{name}");
    }
    let mut fake = requesting();
    fake.headers
        .extend([("cookie".to_owned(), "a".to_owned()), ("cookie".to_owned(), "b".to_owned())]);
    assert_eq!(judged(&mut fake), None);
}

#[test]
fn blocks_of_headers_that_do_not_fit_are_refused() {
    use crate::headers::Headers;
    let good = b"\x01\0\0\0\x01\0\0\0\x02\0\0\0a\0bc\0";
    assert!(Headers::read(good).is_ok());
    for end in 0..good.len() {
        assert!(Headers::read(&good[..end]).is_err(), "{end}");
    }
    assert!(Headers::read(&[&good[..], b"x"].concat()).is_err());
    for at in 0..12 {
        let mut bad = good.to_vec();
        bad[at] = 0xff;
        assert!(Headers::read(&bad).is_err(), "{at}");
    }
}
