//! Grants that are not made: the exact reason, and the grants as before.

use trapkey::{
    APPROVERS_MAX, Bundle, CompileError, CompileOptions, Datetime, Engine, EntityUid,
    GRANT_TEXT_BYTES_MAX, Grant, GrantError, Limits, Release, SlotName, Sources, compile,
};

const SCHEMA: &str = r#"
entity Mode enum ["day", "night"];
entity User;
entity Doc;
action read appliesTo { principal: [User, Mode], resource: Doc };
"#;

const POLICIES: &str = r#"
@id("plain") permit(principal, action, resource);
@id("one") forbid(principal == ?principal, action, resource is Doc);
@id("both") permit(principal == ?principal, action, resource == ?resource);
@id("glass") @breakglass("1h") permit(principal == ?principal, action, resource);
"#;

fn engine() -> Engine {
    let limits = Limits { grants_max: 3, grants_per_entity_max: 2, ..Limits::default() };
    let engine = Engine::new(limits).expect("an engine");
    let sources = Sources { policies: POLICIES, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("they compile");
    let release = Release { name: "r".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
    let entity = |of: &str, id: &str| {
        format!(r#"{{"uid":{{"type":"{of}","id":"{id}"}},"attrs":{{}},"parents":[]}}"#)
    };
    let entities = [entity("User", "ann"), entity("User", "bob"), entity("Doc", "plan")].join(",");
    let bundle = Bundle::open(&bytes).expect("it opens");
    engine.publish_with_json(&bundle, &format!("[{entities}]")).expect("it is published");
    engine
}

fn uid(of: &str, id: &str) -> EntityUid {
    EntityUid::new(of, id)
}

fn grant(id: &str) -> Grant {
    Grant {
        id: id.to_owned(),
        template: "both".to_owned(),
        principal: Some(uid("User", "ann")),
        resource: Some(uid("Doc", "plan")),
        not_before: Some(Datetime(0)),
        expires: Datetime(1_000),
        reason: None,
        ticket: None,
        requester: uid("User", "chief"),
        approvers: Vec::new(),
    }
}

fn glass() -> Grant {
    Grant {
        template: "glass".to_owned(),
        resource: None,
        reason: Some("stuck".to_owned()),
        ticket: Some("T-1".to_owned()),
        approvers: vec![uid("User", "dan"), uid("User", "eve")],
        ..grant("g")
    }
}

#[track_caller]
fn check_on(engine: &Engine, refused: Grant, want: &GrantError) {
    let before: Vec<Grant> = engine.grants().iter().map(|held| held.grant().clone()).collect();
    assert_eq!(engine.grant(refused).as_ref(), Err(want));
    let after: Vec<Grant> = engine.grants().iter().map(|held| held.grant().clone()).collect();
    assert_eq!(before, after);
}

#[track_caller]
fn check(refused: Grant, want: &GrantError) {
    check_on(&engine(), refused, want);
}

#[test]
fn grants_need_a_publication() {
    let engine = Engine::new(Limits::default()).expect("an engine");
    check_on(&engine, grant("g"), &GrantError::NothingPublished);
    assert!(!engine.revoke("g"));
    assert_eq!(engine.expire_grants(Datetime(0)), 0);
}

#[test]
fn templates_must_be_there_and_be_templates() {
    let template = |name: &str| Grant { template: name.to_owned(), ..grant("g") };
    let unknown = GrantError::UnknownTemplate { template: "none".to_owned() };
    check(template("none"), &unknown);
    let plain = GrantError::NotATemplate { policy: "plain".to_owned() };
    check(template("plain"), &plain);
}

#[test]
fn slots_must_be_filled_by_entities_that_can_match() {
    let (template, slot) = ("both".to_owned(), SlotName::Resource);
    let missing = GrantError::MissingSlot { template, slot };
    check(Grant { resource: None, ..grant("g") }, &missing);
    let template = "one".to_owned();
    let extra = GrantError::ExtraSlot { template: template.clone(), slot };
    check(Grant { template, ..grant("g") }, &extra);
    let (found, admitted) = ("User".to_owned(), vec!["Doc".to_owned()]);
    let of_user = GrantError::SlotType { slot, found, admitted };
    check(Grant { resource: Some(uid("User", "ann")), ..grant("g") }, &of_user);
    let absent = uid("User", "nobody");
    let unknown = GrantError::UnknownEntity { slot: SlotName::Principal, uid: absent.clone() };
    check(Grant { principal: Some(absent), ..grant("g") }, &unknown);
    let dusk = uid("Mode", "dusk");
    let unknown = GrantError::UnknownEntity { slot: SlotName::Principal, uid: dusk.clone() };
    check(Grant { principal: Some(dusk), ..grant("g") }, &unknown);
    // The ids that a schema lists need no entry.
    let night = Grant { principal: Some(uid("Mode", "night")), ..grant("g") };
    engine().grant(night).expect("it is admitted");
}

#[test]
fn time_must_lie_ahead() {
    let (not_before, expires) = (Datetime(1_000), Datetime(1_000));
    let never = GrantError::NeverBegins { not_before, expires };
    check(Grant { not_before: Some(not_before), ..grant("g") }, &never);
    let engine = engine();
    engine.expire_grants(Datetime(1_000));
    // The time that was told never goes back.
    engine.expire_grants(Datetime(0));
    let expired = GrantError::Expired { expires, now: Datetime(1_000) };
    check_on(&engine, grant("g"), &expired);
    engine.grant(Grant { expires: Datetime(1_001), ..grant("g") }).expect("it is not over");
}

#[test]
fn approvers_are_others_and_each_is_one() {
    let approved = |approvers: &[&str]| Grant {
        approvers: approvers.iter().map(|id| uid("User", id)).collect(),
        ..grant("g")
    };
    let own = |id: &str| GrantError::SelfApproved { approver: uid("User", id) };
    check(approved(&["dan", "chief"]), &own("chief"));
    check(approved(&["ann"]), &own("ann"));
    let twice = GrantError::RepeatedApprover { approver: uid("User", "dan") };
    check(approved(&["dan", "eve", "dan"]), &twice);
}

#[test]
fn break_glass_needs_more() {
    let mut one = glass();
    one.approvers.truncate(1);
    check(one, &GrantError::TooFewApprovers { found: 1, wanted: 2 });
    check(Grant { ticket: None, ..glass() }, &GrantError::NoTicket);
    check(Grant { reason: Some(String::new()), ..glass() }, &GrantError::NoReason);
    check(Grant { not_before: None, ..glass() }, &GrantError::NoClock);
    let hour = std::time::Duration::from_hours(1);
    let lasts = hour + std::time::Duration::from_millis(1);
    let long = GrantError::LastsTooLong { lasts, longest: hour };
    check(Grant { expires: Datetime(3_600_001), ..glass() }, &long);
    engine().grant(Grant { expires: Datetime(3_600_000), ..glass() }).expect("it is admitted");
}

#[test]
fn grants_are_bounded() {
    let long = "x".repeat(GRANT_TEXT_BYTES_MAX + 1);
    let len = long.len();
    let too_long = |what| GrantError::TooLong { what, len };
    check(Grant { id: long.clone(), ..grant("g") }, &too_long("id"));
    check(Grant { reason: Some(long.clone()), ..grant("g") }, &too_long("reason"));
    check(Grant { ticket: Some(long), ..grant("g") }, &too_long("ticket"));
    let approvers = (0..=APPROVERS_MAX).map(|number| uid("User", &number.to_string())).collect();
    let many = GrantError::TooManyApprovers { len: APPROVERS_MAX + 1 };
    check(Grant { approvers, ..grant("g") }, &many);
    let engine = engine();
    engine.grant(grant("a")).expect("there is room");
    check_on(&engine, grant("a"), &GrantError::Duplicate { id: "a".to_owned() });
    engine.grant(grant("b")).expect("there is room");
    let of_ann = GrantError::TooManyOfEntity { uid: uid("User", "ann"), max: 2 };
    check_on(&engine, grant("c"), &of_ann);
    let bob = |id: &str| Grant { principal: Some(uid("User", "bob")), ..grant(id) };
    engine.grant(bob("c")).expect("there is room");
    check_on(&engine, bob("d"), &GrantError::TooMany { max: 3 });
}

#[test]
fn a_malformed_or_misplaced_break_glass_annotation_does_not_compile() {
    let cases = [
        (r#"@breakglass("soon") permit(principal == ?principal, action, resource);"#, "expected"),
        (r#"@breakglass("-1h") permit(principal == ?principal, action, resource);"#, "expected"),
        (r#"@breakglass("1h") permit(principal, action, resource);"#, "is for templates"),
    ];
    for (policies, want) in cases {
        let sources = Sources { policies, schema: SCHEMA, links: &[] };
        let error = compile(&sources, CompileOptions::default()).expect_err("it is refused");
        let CompileError::Annotation(findings) = &error else { panic!("{error:?}") };
        assert!(findings[0].message.contains(want), "{findings:?}");
    }
}
