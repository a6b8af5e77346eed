//! The contract's own refusals: frames, responses, texts, and what evaluation cannot finish.

use trapkey::{
    CompileOptions, Compiled, Entities, EntityUid, EvalError, Handle, Reason, Sources, compile,
};
use trapkey_abi::response::{Response, ResponseError, fields};
use trapkey_abi::{
    EncodeError, EncodeRequest, RowRef, Rows, TextError, encode, parse_datetime, parse_decimal,
    parse_duration, parse_ip,
};

use crate::world;

fn compiled() -> Compiled {
    let sources = Sources { policies: world::POLICY, schema: world::SCHEMA, links: &[] };
    compile(&sources, CompileOptions::default()).expect("the sources compile")
}

/// A request by the stored user, with a context of zeros.
fn request(context: &[u8]) -> EncodeRequest<'_> {
    let principal = EntityUid::new("User", "ann").handle();
    let resource = EntityUid::new("Door", "d").handle();
    let environment = environment();
    EncodeRequest { environment, principal, resource, context, now: None, grants: &[] }
}

/// The environment of users, the one action, and doors.
fn environment() -> u32 {
    let Compiled { schema, gather, .. } = compiled();
    let (action, _) = schema.action(&EntityUid::new("Action", "open")).expect("declared");
    let index = |name| schema.entity_type(name).expect("declared").0;
    gather.environment(action, index("User"), index("Door")).expect("an environment")
}

fn entities() -> Entities {
    world::engine().entities().expect("something is published")
}

/// A store whose every row is this one.
struct Everywhere(u32, &'static [u8]);

impl Rows for Everywhere {
    fn row(&self, _: Handle) -> Option<RowRef<'_>> {
        Some(RowRef { entity_type: self.0, bytes: self.1, version: 0 })
    }
}

#[track_caller]
fn check(result: &Result<usize, EncodeError>, want: EncodeError, says: &str) {
    assert_eq!(*result, Err(want));
    assert_eq!(want.to_string(), says);
}

#[test]
fn frames_that_do_not_fit_are_refused_at_every_length() {
    let (table, entities) = (compiled().gather, entities());
    let mut frame = vec![0; 4096];
    let len = encode(&table, &request(&[0; 256]), &entities, &mut frame).expect("4 KiB suffice");
    for capacity in 0..len {
        let result = encode(&table, &request(&[0; 256]), &entities, &mut frame[..capacity]);
        let says = format!("frame does not fit in {capacity} bytes");
        check(&result, EncodeError::TooLarge { capacity }, &says);
    }
    encode(&table, &request(&[0; 256]), &entities, &mut frame[..len]).expect("it fits again");
}

#[test]
fn unknown_environments_are_refused_by_number() {
    let table = compiled().gather;
    for environment in [u32::try_from(table.environments.len()).unwrap(), u32::MAX] {
        let request = EncodeRequest { environment, ..request(&[0; 256]) };
        check(
            &encode(&table, &request, &entities(), &mut [0; 4096]),
            EncodeError::UnknownEnvironment { environment },
            &format!("the module has no request environment {environment}"),
        );
    }
}

#[test]
fn rows_that_do_not_fit_the_layout_are_refused() {
    let table = compiled().gather;
    let user = compiled().schema.entity_type("User").expect("declared").0;
    let says = "row does not fit the layout";
    for context in [&[][..], &[0; 7]] {
        let result = encode(&table, &request(context), &entities(), &mut [0; 4096]);
        check(&result, EncodeError::Malformed, says);
    }
    for rows in [Everywhere(user, &[]), Everywhere(user, &[0; 7]), Everywhere(u32::MAX, &[0; 512])]
    {
        let result = encode(&table, &request(&[0; 256]), &rows, &mut [0; 4096]);
        check(&result, EncodeError::Malformed, says);
    }
}

/// Bytes put at an offset.
type Edit<'a> = (u32, &'a [u8]);

/// A deny without entries, edited.
fn response(len: usize, edits: &[Edit<'_>]) -> Vec<u8> {
    let mut bytes = vec![0; len.max(128)];
    let whole: [Edit<'_>; 2] = [(fields::REASON, &[3]), (fields::LENGTH, &[64, 0, 0, 0])];
    for (at, edit) in whole.iter().chain(edits) {
        let at = usize::try_from(*at).unwrap();
        bytes[at..at + edit.len()].copy_from_slice(edit);
    }
    bytes.truncate(len);
    bytes
}

/// Reads a response and its entries, as the engine does.
fn read(bytes: &[u8]) -> Result<Reason, ResponseError> {
    let response = Response::read(bytes)?;
    for entry in response.entries() {
        entry?;
    }
    Ok(if response.is_allow() { Reason::Permitted } else { Reason::NotPermitted })
}

#[test]
fn responses_that_break_the_contract_are_refused() {
    use ResponseError::{Inconsistent, Missing, Truncated, Undefined};
    assert_eq!(read(&response(64, &[])), Ok(Reason::NotPermitted));
    let error = (fields::ENTRIES + 5, &[4][..]);
    let cases: [(usize, &[Edit<'_>], ResponseError); 14] = [
        (0, &[], Truncated),
        (8, &[], Truncated),
        (63, &[], Truncated),
        (64, &[(fields::LENGTH, &[63, 0, 0, 0])], Truncated),
        (64, &[(fields::LENGTH, &[72, 0, 0, 0])], Truncated),
        (128, &[(fields::COUNT, &[1, 0, 0, 0])], Truncated),
        (128, &[(fields::COUNT, &[0xff; 4])], Truncated),
        (64, &[(fields::LENGTH, &[0; 4])], Missing),
        (64, &[(fields::REASON, &[0])], Undefined),
        (64, &[(fields::REASON, &[6])], Undefined),
        (72, &[(fields::LENGTH, &[72, 0, 0, 0]), (fields::COUNT, &[1, 0, 0, 0]), error], Undefined),
        (64, &[(fields::VERDICT, &[1])], Inconsistent),
        (64, &[(fields::VERDICT, &[2])], Inconsistent),
        (64, &[(fields::REASON, &[1])], Inconsistent),
    ];
    for (len, edits, want) in cases {
        assert_eq!(read(&response(len, edits)), Err(want), "{len} bytes with {edits:?}");
    }
    for (error, says) in [
        (Truncated, "response is longer than its area"),
        (Missing, "the module wrote no response"),
        (Undefined, "response holds an undefined value"),
        (Inconsistent, "verdict and reason of the response contradict each other"),
    ] {
        assert_eq!(error.to_string(), says);
    }
}

/// Reads a text, and forgets the value.
type Reader = fn(&str) -> Result<(), TextError>;

#[test]
fn texts_of_another_form_or_out_of_range_are_told_apart() {
    let readers: [(Reader, &str, &str); 4] = [
        (|text| parse_ip(text).map(drop), "10.0.0.256", "10.0.0.0/33"),
        (|text| parse_decimal(text).map(drop), "1", "922337203685477.5808"),
        (|text| parse_datetime(text).map(drop), "2026-1-1", "2026-02-30"),
        (|text| parse_duration(text).map(drop), "1m1h", "106751991168d"),
    ];
    for (reader, form, range) in readers {
        assert_eq!(reader(form), Err(TextError::Form), "{form}");
        assert_eq!(reader(range), Err(TextError::Range), "{range}");
    }
    assert_eq!(TextError::Form.to_string(), "text does not have the form of its type");
    assert_eq!(TextError::Range.to_string(), "value is outside the range of its type");
}

/// Conditions that cannot be evaluated, why, and where.
const ERRING: [(&str, EvalError, &str); 8] = [
    (r#"User::"ghost".level > 0"#, EvalError::EntityMissing, r#"User::"ghost".level"#),
    (
        "context has device && context.device.owner.level > 0",
        EvalError::EntityMissing,
        "context.device.owner.level",
    ),
    ("principal.level + 1 > 0", EvalError::Overflow, "principal.level + 1"),
    ("principal.level * 2 > 0", EvalError::Overflow, "principal.level * 2"),
    ("-2 - principal.level < 0", EvalError::Overflow, "-2 - principal.level"),
    ("-(-1 - principal.level) > 0", EvalError::Overflow, "-(-1 - principal.level)"),
    (
        r#"context.now.offset(duration("9223372036854775807ms")) > context.now"#,
        EvalError::Extension,
        r#"context.now.offset(duration("9223372036854775807ms"))"#,
    ),
    (
        r#"datetime("1970-01-01").offset(duration("-9223372036854775808ms")).toDate() < context.now"#,
        EvalError::Extension,
        r#"datetime("1970-01-01").offset(duration("-9223372036854775808ms")).toDate()"#,
    ),
];

/// Decides by a satisfied permit and by policies of this effect that all err.
#[track_caller]
fn check_erring(effect: &str, want: Reason) {
    let scope = r#"(principal is User, action == Action::"open", resource)"#;
    let erring = ERRING.map(|(condition, ..)| format!("{effect} {scope} when {{ {condition} }};"));
    let policies = format!("{}\n{}", world::POLICY, erring.join("\n"));
    let facts = r#"[{"uid": {"type": "User", "id": "ann"}, "parents": [],
        "attrs": {"level": 9223372036854775807}}]"#;
    let engine = world::publish(&policies, facts);
    let device = r#", "device": {"owner": {"type": "User", "id": "ghost"}, "trusted": true}}"#;
    let request = world::REQUEST.replacen('}', device, 1);
    let decision = engine.decide_json(&request).expect("the request conforms");
    assert_eq!(decision.reason(), want);
    let part = |span| world::part(&policies, span);
    let found: Vec<_> = decision.erring().map(|erring| (erring.error, part(erring.span))).collect();
    assert_eq!(found, ERRING.map(|(_, error, place)| (error, place)));
}

#[test]
fn erring_permits_are_skipped_and_reported_with_their_place() {
    check_erring("permit", Reason::Permitted);
}

#[test]
fn erring_forbids_deny_and_are_reported_with_their_place() {
    check_erring("forbid", Reason::ForbidErred);
}
