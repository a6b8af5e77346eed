//! Explaining modules that do not fit, and requests that are not explained.

use serde_json::json;
use trapkey::{
    Bundle, Digest, Engine, ExplainError, Limits, OpenError, PackError, PublishError, Request,
};
use trapkey_abi::{CLAUSE_ANNOTATION, Clause, ClausePart, Span};
use trapkey_tests::fixture::{ALLOW, DENY, Fixture, release};

/// A container with this extension and the right digest.
fn extended(packed: &[u8], extension: &[u8]) -> Vec<u8> {
    let mut bytes = packed.to_vec();
    bytes[60..64].copy_from_slice(&u32::try_from(extension.len()).unwrap().to_le_bytes());
    bytes.extend_from_slice(extension);
    let digest = Digest::of(&bytes[48..]);
    bytes[16..48].copy_from_slice(&digest.0);
    bytes
}

/// Another schema.
fn other() -> Fixture {
    let mut schema = Fixture::new(DENY).schema;
    schema.actions[0].uid.id.push('2');
    Fixture::for_schema(schema, DENY)
}

#[test]
fn another_bundle_is_no_explaining_module() {
    let packed = Fixture::new(DENY).packed();
    let open = |extension: &[u8]| Bundle::open(&extended(&packed, extension)).map(|_| ());
    assert!(matches!(open(b"no bundle"), Err(OpenError::Explain(_))));
    assert!(matches!(open(&extended(&packed, &packed)), Err(OpenError::ExplainNested)));
    assert!(matches!(
        open(&other().packed()),
        Err(OpenError::ExplainSchema { found, expected }) if found != expected
    ));
    assert!(open(&packed).is_ok());
}

#[test]
fn another_module_is_not_packed() {
    let module = Fixture::new(DENY).module();
    let pack = |explain: &[u8]| Bundle::pack_explaining(&release(), &module, explain).map(|_| ());
    assert!(matches!(pack(b"no module"), Err(PackError::Explain(_))));
    assert!(matches!(
        pack(&other().module()),
        Err(PackError::ExplainSchema { found, expected }) if found != expected
    ));
}

/// Explains a request by the fixture and this explaining module.
fn explained(explain: Option<&Fixture>) -> ExplainError {
    let fixture = Fixture::new(ALLOW);
    let bytes = match explain {
        Some(explain) => extended(&fixture.packed(), &explain.packed()),
        None => fixture.packed(),
    };
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
    let schema = &fixture.schema.actions[0];
    let asked = json!({
        "principal": { "type": schema.principals[0], "id": "a" },
        "action": { "type": schema.uid.type_name, "id": schema.uid.id },
        "resource": { "type": schema.resources[0], "id": "b" },
        "context": { "hour": 1 },
    });
    let request = Request::from_json(&engine.model().unwrap(), &asked.to_string()).unwrap();
    let unpublished = Engine::new(Limits::default()).unwrap().explain(&request);
    assert!(matches!(unpublished, Err(ExplainError::Undecided(_))));
    assert!(matches!(engine.explain_shadow(&request, 1), Err(ExplainError::NoShadow)));
    engine.explain(&request).unwrap_err()
}

#[test]
fn unusable_explaining_modules_explain_nothing() {
    assert!(matches!(explained(None), ExplainError::NotInBundle));
    let mut probes = Fixture::new("(unreachable)");
    assert!(matches!(explained(Some(&probes)), ExplainError::Clause { probe: 0, policies: 3 }));
    let part = ClausePart::Condition;
    let (accesses, constants) = (Vec::new(), Vec::new());
    let clause = Clause { policy: 0, part, span: Span::default(), accesses, constants };
    let clause = serde_json::to_string(&clause).unwrap();
    for policy in &mut probes.policies {
        policy.annotations.insert(CLAUSE_ANNOTATION.to_owned(), clause.clone());
    }
    let error = explained(Some(&probes));
    let ExplainError::Module(error) = error else { panic!("{error:?}") };
    assert!(matches!(*error, PublishError::Trial { .. }), "{error:?}");
    // A clause of a policy that there is not.
    probes.policies[2]
        .annotations
        .insert(CLAUSE_ANNOTATION.to_owned(), clause.replace("\"policy\":0", "\"policy\":3"));
    assert!(matches!(explained(Some(&probes)), ExplainError::Clause { probe: 2, policies: 3 }));
}
