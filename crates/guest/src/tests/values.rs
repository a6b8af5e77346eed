//! Contexts: each value in its type, and what a request lacks.

use trapkey_abi::{Attribute, Layout, Record, Row, RowField, Schema, Type, parse_ip};

use super::plans::{STREAM, Values, context, http, requesting, schema, started};
use crate::host::Action;
use crate::plan::{Adapter, Feature, HeaderRule, HttpPlan, Piece, Plan, Source};
use crate::question::Prepared;

/// The values of a context with these headers; none if it is denied for them.
fn asked(plan: &Plan, headers: &[(&str, &str)]) -> Result<Vec<u8>, String> {
    let mut fake = requesting();
    for (name, value) in headers {
        fake.header_is(name, Some(value));
    }
    let mut guest = started(plan, &mut fake);
    match guest.request(&mut fake, STREAM) {
        Action::Continue => Ok(fake.frames.remove(0).context),
        Action::Pause => Err(fake.details().to_owned()),
    }
}

/// A plan whose context has one attribute, from the header `x-value`.
fn single(ty: &Type, source: Source, required: bool) -> Plan {
    let attribute = Attribute::new(ty.clone(), required);
    let attributes = [("value".to_owned(), attribute)].into_iter().collect();
    let schema = schema(&Record { attributes });
    let layout = Layout::new(&schema);
    let mut plan = http();
    let feature = Feature { path: vec!["value".to_owned()], source, is_required: false };
    if let Adapter::Http(HttpPlan { routes }) = &mut plan.adapter {
        routes[0].question.context = vec![feature];
    }
    let words = usize::try_from(layout.contexts[1].size / 8).unwrap();
    plan.gather.contexts[1].mask = vec![u64::MAX; words];
    plan.gather.contexts[1].spills = if trapkey_abi::is_spilled(ty) { vec![0] } else { Vec::new() };
    plan.gather.layout = layout.digest;
    plan.schema = schema;
    plan
}

fn header_text() -> Source {
    super::plans::header("x-value")
}

/// The row that a host would have made of this value.
fn row(schema: &Schema, value: trapkey_abi::Value) -> Row {
    let layout = Layout::new(schema);
    let values: Values = [("value".to_owned(), value)].into_iter().collect();
    Row::context(schema, &layout.contexts[1], &schema.actions[1].context, &values).unwrap()
}

#[test]
fn texts_are_read_as_the_schema_says() {
    use trapkey_abi::Value::{Bool, Datetime, Decimal, Duration, Entity, Ip, Long};
    let kind = Type::Entity("Kind".to_owned());
    let cases = [
        (Type::Bool, "true", Some(Bool(true))),
        (Type::Bool, "false", Some(Bool(false))),
        (Type::Bool, "True", None),
        (Type::Bool, "1", None),
        (Type::Long, "0", Some(Long(0))),
        (Type::Long, "-9223372036854775808", Some(Long(i64::MIN))),
        (Type::Long, "9223372036854775808", None),
        (Type::Long, "+1", None),
        (Type::Long, "01", None),
        (Type::Long, "-0", None),
        (Type::Long, "", None),
        (Type::Long, "-", None),
        (Type::Long, "1 ", None),
        (Type::Decimal, "1.5", Some(Decimal(15_000))),
        (Type::Decimal, "1", None),
        (Type::Datetime, "1970-01-02", Some(Datetime(86_400_000))),
        (Type::Datetime, "1970-13-02", None),
        (Type::Duration, "1s", Some(Duration(1_000))),
        (Type::Duration, "1", None),
        (Type::Ip, "10.0.0.0/8", Some(Ip(parse_ip("10.0.0.0/8").unwrap()))),
        (Type::Ip, "10.0.0", None),
        (kind.clone(), "a", Some(Entity(trapkey_abi::EntityUid::new("Kind", "a")))),
        (kind.clone(), "c", None),
        (kind, "", None),
    ];
    for (ty, text, want) in cases {
        let plan = single(&ty, header_text(), true);
        let got = asked(&plan, &[("x-value", text)]);
        match want {
            Some(value) => {
                assert_eq!(got.unwrap(), row(&plan.schema, value).bytes(), "{ty} {text}");
            }
            None => assert!(got.unwrap_err().contains("reason=bad_request:feature"), "{ty} {text}"),
        }
    }
}

#[test]
fn strings_and_sets_keep_their_limits() {
    let plan = single(&Type::String, header_text(), true);
    let has =
        |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has(&asked(&plan, &[("x-value", "hello, w\u{f6}rld")]).unwrap(), "hello, w\u{f6}rld"));
    assert!(asked(&plan, &[("x-value", &"a".repeat(256))]).is_ok());
    assert!(asked(&plan, &[("x-value", &"a".repeat(257))]).is_err());
    assert!(asked(&plan, &[("x-value", "a\u{7}b")]).is_err());

    let list = || Source::List { header: "x-value".to_owned() };
    let plan = single(&Type::Set(Box::new(Type::Long)), list(), true);
    let count = |text: &str| asked(&plan, &[("x-value", text)]).map(|bytes| bytes[4]);
    assert_eq!(count("3, 1,2 ,1"), Ok(3));
    assert_eq!(count(""), Ok(0));
    for text in ["1,,2", "1,", ",", "1;2", "a"] {
        assert!(count(text).is_err(), "{text}");
    }
    let many: Vec<String> = (0..65).map(|number| number.to_string()).collect();
    assert!(count(&many.join(",")).is_err());
    let plan = single(&Type::Set(Box::new(Type::String)), list(), true);
    assert!(has(&asked(&plan, &[("x-value", "eng, ops")]).unwrap(), "eng"));
    assert!(asked(&plan, &[("x-value", "eng,,ops")]).is_err());
}

#[test]
fn what_a_request_lacks_is_absent_or_denies() {
    let required = single(&Type::Long, header_text(), true);
    assert!(asked(&required, &[]).unwrap_err().contains("bad_request:missing_feature"));
    let optional = single(&Type::Long, header_text(), false);
    assert!(asked(&optional, &[]).is_ok());
    let mut wanted = optional;
    if let Adapter::Http(HttpPlan { routes }) = &mut wanted.adapter {
        routes[0].question.context[0].is_required = true;
    }
    assert!(asked(&wanted, &[]).unwrap_err().contains("bad_request:missing_feature"));
}

#[test]
fn record_is_there_if_a_part_of_it_is() {
    let plan = http();
    let schema = schema(&context());
    let layout = &Layout::new(&schema).contexts[1];
    let whole = RowField::context(layout, &schema.actions[1].context);
    let zone = whole.fields().iter().find(|field| field.name() == "zone").unwrap();
    let presence = layout.field("zone").unwrap().presence.unwrap();
    let is_there = |row: &[u8]| row[usize::try_from(presence).unwrap()] == 1;
    assert!(!is_there(&asked(&plan, &[]).unwrap()));
    let row = asked(&plan, &[("x-zone", "north"), ("x-floor", "3")]).unwrap();
    assert!(is_there(&row));
    let floor = zone.fields()[0].offset();
    assert_eq!(i64::from_le_bytes(row[floor..floor + 8].try_into().unwrap()), 3);
    // Its name is required in it.
    let reason = asked(&plan, &[("x-floor", "3")]).unwrap_err();
    assert!(reason.contains("bad_request:missing_feature"), "{reason}");
}

#[test]
fn numbers_keep_their_bounds() {
    assert!(asked(&http(), &[("x-level", "100")]).is_ok());
    assert!(asked(&http(), &[("x-level", "101")]).unwrap_err().contains("bad_request:feature"));
}

#[test]
fn peer_address_has_no_port() {
    for (address, is_good) in
        [("10.1.2.3:80", true), ("[2001:db8::1]:80", true), ("10.1.2.3", false), ("pipe", false)]
    {
        let mut fake = requesting();
        fake.property_is(&["source", "address"], address.as_bytes());
        let mut guest = started(&http(), &mut fake);
        assert_eq!(guest.request(&mut fake, STREAM) == Action::Continue, is_good, "{address}");
    }
}

#[test]
fn plans_that_do_not_fit_the_schema_are_refused() {
    let schema = schema(&context());
    let layout = Layout::new(&schema);
    let Adapter::Http(HttpPlan { routes }) = http().adapter else { panic!("no HTTP") };
    let check = |change: &dyn Fn(&mut crate::plan::Question), want: &str| {
        let mut question = routes[0].question.clone();
        change(&mut question);
        let error = Prepared::new(&question, &schema, &layout).unwrap_err().to_string();
        assert_eq!(error, want);
    };
    check(&|question| question.action = 2, "the schema has no action 2");
    check(&|question| question.resource_type = "X".to_owned(), "the schema has no entity type `X`");
    check(
        &|question| question.context[0].path = vec!["x".to_owned()],
        "no text is a value of `context.x`",
    );
    check(
        &|question| question.context[0].source = super::plans::header("x-a"),
        "no text is a value of `context.groups`",
    );
    check(
        &|question| question.context[5].path = vec!["zone".to_owned()],
        "no text is a value of `context.zone`",
    );
    check(&|question| drop(question.context.remove(4)), "nothing gives a value to `context.peer`");
}

#[test]
fn basis_says_whether_a_certificate_or_a_header_tells_who_asks() {
    let source = Source::Basis { certificate: "true".to_owned(), header: "false".to_owned() };
    let mut plan = single(&Type::Bool, source, true);
    let id = vec![Piece::Whole];
    let rule = HeaderRule { name: "x-who".to_owned(), entity_type: "Connector".to_owned(), id };
    plan.identity.headers.push(rule);
    for is_by_certificate in [false, true] {
        let mut fake = requesting();
        fake.header_is("x-who", Some("someone"));
        if !is_by_certificate {
            fake.header_is("x-forwarded-client-cert", None);
        }
        let mut guest = started(&plan, &mut fake);
        assert_eq!(guest.request(&mut fake, STREAM), Action::Continue, "{:?}", fake.answers);
        let want = row(&plan.schema, trapkey_abi::Value::Bool(is_by_certificate));
        assert_eq!(fake.frames[0].context, want.bytes());
    }
}
