//! What a policy may still meet at run time: which errors, where, and what removes them.

#![cfg(test)]

use trapkey::{Checked, EvalError, Severity, Sources, check};

const SCHEMA: &str = r#"
entity Zone = { island: Bool, parent?: Zone } tags Long;
entity Asset in [Zone] = { zone: Zone, limit: Long, @min("0") @max("65535") word: Long };
entity User = { level: Long };
action all;
action read, write in [all] appliesTo { principal: [User], resource: [Asset], context: {
  @min("0") @max("65535") value: Long, free: Long, when: datetime,
  @min("1970-01-01") @max("2099-12-31") now: datetime, @max("24h") @min("0ms") age: duration,
  modbus: { @min("0") @max("65535") quantity: Long, free: Long }, of?: User,
} };
action stop appliesTo { principal: [User], resource: [Asset], context: {} };
"#;

fn checked(policies: &str) -> Checked {
    check(&Sources { policies, schema: SCHEMA, links: &[] })
        .unwrap_or_else(|error| panic!("{policies}: {error}"))
}

/// The errors of a condition of reads and writes: what fails, and the text where it does.
#[track_caller]
fn faults(condition: &str, want: &[(EvalError, &str)]) {
    let policies =
        format!("forbid(principal, action in Action::\"all\", resource) when {{ {condition} }};");
    let checked = checked(&policies);
    let policy = &checked.policies[0];
    let found: Vec<(EvalError, &str)> = policy
        .faults
        .iter()
        .map(|fault| {
            let span = policy.places[usize::from(fault.place)];
            (fault.error, policies.get(span.start as usize..span.end as usize).unwrap())
        })
        .collect();
    assert_eq!(found, want, "{condition}");
    assert_eq!(checked.erring_forbids().len(), want.len());
}

use EvalError::{EntityMissing, Extension, Overflow};

#[test]
fn entities_that_are_not_tested_may_be_missing() {
    faults("resource.limit > 1", &[(EntityMissing, "resource.limit")]);
    // Cedar places all steps of a chain where the chain is.
    faults("resource.zone.island", &[(EntityMissing, "resource.zone.island")]);
    faults("context has of && context.of.level > 1", &[(EntityMissing, "context.of.level")]);
    faults("Zone::\"dmz\".island", &[(EntityMissing, "Zone::\"dmz\".island")]);
    faults(
        "!(resource.zone has island) || principal.level > 0",
        &[(EntityMissing, "principal.level"), (EntityMissing, "resource.zone")],
    );
}

#[test]
fn entities_that_are_tested_are_there() {
    faults("resource has limit && resource.limit > 1", &[]);
    faults("resource has zone.island && resource.zone.island", &[]);
    faults("resource has zone && resource.zone has island && resource.zone.island", &[]);
    faults("if resource has limit then resource.limit > 1 else false", &[]);
    faults(
        "resource has zone && resource.zone.hasTag(\"t\") && resource.zone.getTag(\"t\") > 1",
        &[],
    );
    faults("!(resource has limit && principal has level) || resource.limit > principal.level", &[]);
    // The first access has shown that the entity is there.
    faults("resource.limit > 1 && resource.word > 1", &[(EntityMissing, "resource.limit")]);
    // Nothing that cannot fail fails.
    faults("resource in Zone::\"z\" || resource has zone && resource.zone == Zone::\"z\"", &[]);
}

#[test]
fn arithmetic_on_unbounded_numbers_may_overflow() {
    faults("context.free + 1 > 2", &[(Overflow, "context.free + 1")]);
    faults("context.free * context.value > 2", &[(Overflow, "context.free * context.value")]);
    faults("-context.free > 2", &[(Overflow, "-context.free")]);
    faults("context.modbus.free - 1 > 2", &[(Overflow, "context.modbus.free - 1")]);
    faults(
        "context.when.offset(context.age) > context.now",
        &[(Extension, "context.when.offset(context.age)")],
    );
    faults("context.when.toDate() > context.now", &[(Extension, "context.when.toDate()")]);
}

#[test]
fn arithmetic_on_bounded_numbers_cannot_overflow() {
    faults("context.value + 1 > 2", &[]);
    faults("context.value * context.value - context.modbus.quantity > 2", &[]);
    faults("resource has word && resource.word * 65535 + context.value > 2", &[]);
    faults("-context.value > 2", &[]);
    faults("context.now.offset(context.age) > context.now.toDate()", &[]);
    faults("context.now.offset(duration(\"2h\")).toTime() >= duration(\"6h\")", &[]);
    faults("context.now.durationSince(datetime(\"2000-01-01\")).toHours() * 3600 > 1", &[]);
    faults("context.free < 100 && context.free > -100 && context.free * 1000 > 5", &[]);
    faults("if context.free >= 0 then context.free - 1 > 5 else context.free + 1 > 5", &[]);
}

#[test]
fn faults_name_types_and_actions() {
    let checked = checked(
        "@id(\"a\") permit(principal, action, resource) when { resource.zone has island };\n\
         @id(\"b\") forbid(principal, action == Action::\"stop\", resource)\n\
         unless { resource.zone.island };\n\
         @id(\"c\") forbid(principal, action, resource);",
    );
    let actions: Vec<&str> = checked.schema.actions.iter().map(|a| a.uid.id.as_str()).collect();
    let [a, b, c] = checked.policies.as_slice() else { panic!("three policies") };
    assert_eq!(a.faults[0].entity_types, ["Asset"]);
    let named: Vec<&str> = a.faults[0].actions.iter().map(|n| actions[*n as usize]).collect();
    assert_eq!(named, ["read", "stop", "write"]);
    let types: Vec<&[String]> = b.faults.iter().map(|f| f.entity_types.as_slice()).collect();
    assert_eq!(types, [["Asset".to_owned(), "Zone".to_owned()]]);
    assert_eq!(c.faults, []);
    let found = checked.erring_forbids();
    assert_eq!(found.len(), 1);
    assert!(found.iter().all(|finding| finding.severity == Severity::Error));
    assert_eq!(found[0].message, "forbid `b` can err: the `Asset` or `Zone` may not exist");
    assert_eq!(found[0].span.unwrap(), b.places[usize::from(b.faults[0].place)]);
}
