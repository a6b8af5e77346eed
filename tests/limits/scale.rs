//! Sets of many policies: valid modules that engines take, with the sizes that their shapes imply.

use trapkey::{
    CompileOptions, Compiled, Limits, MEMORY_PAGES_MAX, PATHS_MAX, Sources, check, compile,
};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use crate::shapes::Shape;
use crate::sources::publish;

/// Bytes of a function's body and variables of one that every engine takes.
const BODY_BYTES: usize = 7_654_321;
const LOCALS: u32 = 50_000;

fn build(shape: &Shape) -> Compiled {
    let sources = Sources { policies: &shape.policies, schema: &shape.schema, links: &shape.links };
    match compile(&sources, CompileOptions::default()) {
        Ok(compiled) => compiled,
        Err(error) => panic!("{}: {error}", shape.name),
    }
}

/// Checks a module against the limits that the WebAssembly engines have agreed on.
#[track_caller]
fn check_engine_limits(compiled: &Compiled) {
    let features = WasmFeatures::MVP | WasmFeatures::SIGN_EXTENSION | WasmFeatures::BULK_MEMORY;
    let features = features & !WasmFeatures::FLOATS;
    Validator::new_with_features(features).validate_all(&compiled.module).expect("valid");
    assert!(compiled.manifest.memory.pages <= MEMORY_PAGES_MAX);
    for payload in Parser::new(0).parse_all(&compiled.module) {
        match payload.expect("parses") {
            Payload::FunctionSection(functions) => assert!(functions.count() <= 1_000_000),
            Payload::DataSection(data) => assert!(data.count() <= 100_000),
            Payload::TableSection(tables) => {
                let table = tables.into_iter().next().expect("a table").expect("parses");
                assert!(table.ty.initial <= 10_000_000);
            }
            Payload::CodeSectionEntry(body) => {
                assert!(body.range().len() <= BODY_BYTES);
                let locals = body.get_locals_reader().expect("locals").into_iter();
                let count: u32 = locals.map(|group| group.expect("parses").0).sum();
                assert!(count <= LOCALS);
            }
            _ => {}
        }
    }
}

#[test]
fn thousands_of_policies_of_each_shape_compile_and_go_live() {
    for shape in Shape::all(1_000) {
        let compiled = build(&shape);
        check_engine_limits(&compiled);
        assert_eq!(compiled.policies.len(), 1_000, "{}", shape.name);
        publish(&compiled, Limits::default());
    }
}

#[test]
fn a_response_has_room_for_every_policy() {
    for count in [1_000, 20_000] {
        let shape = Shape::all(count).swap_remove(1);
        let compiled = build(&shape);
        check_engine_limits(&compiled);
        let memory = compiled.manifest.memory;
        assert!(memory.response_bytes_max as usize >= 64 + 8 * count);
        assert!(memory.responses_bytes >= memory.response_bytes_max);
        let end = u64::from(memory.responses_offset) + u64::from(memory.responses_bytes);
        assert!(end <= u64::from(memory.pages) * 65_536);
    }
}

/// As many entities as paths lead to, and one more; the principal and the resource are two.
#[test]
fn entities_named_in_conditions_are_bounded() {
    let schema = "entity U = { on: Bool }; action a appliesTo { principal: U, resource: U };";
    let named = |count: usize| {
        let tests = (0..count)
            .map(|n| format!("permit (principal, action, resource) when {{ U::\"{n}\".on }};"));
        tests.collect::<Vec<_>>().join("\n")
    };
    let checked = |count: usize| {
        let policies = named(count);
        check(&Sources { policies: &policies, schema, links: &[] })
    };
    checked(PATHS_MAX - 2).expect("as many as there may be");
    let refused = checked(PATHS_MAX - 1).expect_err("one more");
    let says = "the policy set has 8193 paths to entities, the limit is 8192";
    assert_eq!(refused.to_string(), says);
}
