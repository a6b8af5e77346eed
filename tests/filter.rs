//! Filters hold the policies of their bundle: the same functions, data and types, but for the shift by imports.

#![cfg(test)]

use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use trapkey::{Bundle, CompileOptions, EntityStore, Model, Release, Sources, compile};
use trapkey_envoy::{Filter, Mapping, build};
use trapkey_testkit::{Folder, examples_dir};
use wasmparser::{Data, DataKind, FuncType, Operator, Parser, Payload, TypeRef};

/// A module's parts that are compared.
#[derive(Default)]
struct Parts<'a> {
    types: Vec<FuncType>,
    imports: u32,
    functions: Vec<u32>,
    bodies: Vec<wasmparser::FunctionBody<'a>>,
    data: Vec<Data<'a>>,
    exports: Vec<String>,
}

impl<'a> Parts<'a> {
    fn read(module: &'a [u8]) -> Self {
        let mut parts = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::TypeSection(types) => {
                    let types = types.into_iter_err_on_gc_types();
                    parts.types = types.collect::<Result<_, _>>().unwrap();
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        assert!(matches!(import.unwrap().ty, TypeRef::Func(_)));
                        parts.imports += 1;
                    }
                }
                Payload::FunctionSection(functions) => {
                    parts.functions = functions.into_iter().collect::<Result<_, _>>().unwrap();
                }
                Payload::CodeSectionEntry(body) => parts.bodies.push(body),
                Payload::DataSection(data) => {
                    parts.data = data.into_iter().collect::<Result<_, _>>().unwrap();
                }
                Payload::ExportSection(exports) => {
                    let names = exports.into_iter().map(|export| export.unwrap().name.to_owned());
                    parts.exports = names.collect();
                }
                _ => {}
            }
        }
        parts
    }
}

/// The operators of a body, with functions shifted.
fn operators<'a>(body: &wasmparser::FunctionBody<'a>, shift: u32) -> Vec<Operator<'a>> {
    let operators = body.get_operators_reader().unwrap().into_iter();
    let shifted = operators.map(|operator| match operator.unwrap() {
        Operator::Call { function_index } => {
            Operator::Call { function_index: function_index + shift }
        }
        other => other,
    });
    shifted.collect()
}

/// A mapping that fits any schema whose principals are of these types.
fn mapping(schema: &trapkey::Schema) -> Mapping {
    let action = schema.actions.iter().find(|action| !action.principals.is_empty()).unwrap();
    let mut text = format!(
        "adapter = 'http'\n[[principal]]\nspiffe = 'spiffe://plant/{{id}}'\ntype = '{}'\nid = '{{id}}'\n\
         [[route]]\nmethod = 'GET'\npath = '/{{id}}'\naction = '{}'\nresource = {{ type = '{}', id = '{{id}}' }}\n\
         [route.context]\n",
        action.principals[0],
        format_args!("{}::\"{}\"", action.uid.type_name, action.uid.id),
        action.resources[0]
    );
    sources(&action.context, "", &mut text);
    Mapping::parse(&text).unwrap()
}

/// A source for each required attribute.
fn sources(record: &trapkey::Record, prefix: &str, text: &mut String) {
    for (name, attribute) in record.attributes.iter().filter(|(_, attribute)| attribute.required) {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match &attribute.ty {
            trapkey::Type::Record(inner) => sources(inner, &path, text),
            trapkey::Type::Set(_) => {
                writeln!(text, "'{path}' = {{ list = 'x-{name}' }}").unwrap();
            }
            _ => writeln!(text, "'{path}' = {{ text = '{{header:x-{name}}}' }}").unwrap(),
        }
    }
}

/// The bundle of an example, and its filter.
fn example(folder: &Folder) -> (Bundle, Filter) {
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "example".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let model = Arc::new(Model::new(bundle.schema().clone()));
    let store = EntityStore::from_json(model, &folder.entities.to_string()).unwrap();
    let filter = build(&bundle, &store.snapshot(), &mapping(bundle.schema())).unwrap();
    (bundle, filter)
}

#[test]
fn policies_are_those_of_the_bundle() {
    let folders = fs::read_dir(examples_dir()).unwrap();
    let mut compared = 0;
    for folder in folders {
        let folder = Folder::read(&folder.unwrap().path()).unwrap();
        let (bundle, filter) = example(&folder);
        let (policy, filter) = (Parts::read(bundle.module()), Parts::read(filter.bytes()));
        assert!(filter.imports > 0);
        assert_eq!(filter.types[..policy.types.len()], policy.types);
        assert_eq!(filter.functions[..policy.functions.len()], policy.functions);
        for (own, linked) in policy.bodies.iter().zip(&filter.bodies) {
            assert_eq!(operators(own, filter.imports), operators(linked, 0));
            assert_eq!(
                own.get_locals_reader()
                    .unwrap()
                    .into_iter()
                    .map(Result::unwrap)
                    .collect::<Vec<_>>(),
                linked
                    .get_locals_reader()
                    .unwrap()
                    .into_iter()
                    .map(Result::unwrap)
                    .collect::<Vec<_>>()
            );
            compared += 1;
        }
        for (own, linked) in policy.data.iter().zip(&filter.data) {
            assert_eq!(own.data, linked.data);
            assert_eq!(offset(own), offset(linked));
        }
    }
    assert!(compared > 20, "{compared} functions");
}

fn offset(data: &Data<'_>) -> Option<i32> {
    match &data.kind {
        DataKind::Active { offset_expr, .. } => {
            match offset_expr.get_operators_reader().read().unwrap() {
                Operator::I32Const { value } => Some(value),
                other => panic!("{other:?}"),
            }
        }
        DataKind::Passive => None,
    }
}

#[test]
fn bodies_of_requests_are_looked_at_where_decisions_end() {
    let schema = |clock: &str| {
        format!(
            "entity User, Door; action open appliesTo {{ principal: User, resource: Door, \
             context: {{ {clock} now: datetime }} }};"
        )
    };
    for (clock, ends) in [("@clock(\"instant\")", true), ("", false)] {
        let (policies, schema) = ("permit (principal, action, resource);", schema(clock));
        let sources = Sources { policies, schema: &schema, links: &[] };
        let compiled = compile(&sources, CompileOptions::default()).unwrap();
        let release = Release { name: "door".into(), version: "1".into(), sequence: 1 };
        let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
        let store = EntityStore::new(Arc::new(Model::new(bundle.schema().clone()))).unwrap();
        let filter = build(&bundle, &store.snapshot(), &mapping(bundle.schema())).unwrap();
        let exports = Parts::read(filter.bytes()).exports;
        assert_eq!(exports.iter().any(|name| name == "proxy_on_request_body"), ends);
        assert!(exports.iter().any(|name| name == "proxy_on_request_headers"));
        // Each filter has what a connection needs too: without it, one in the wrong chain would let all pass.
        assert!(exports.iter().any(|name| name == "proxy_on_downstream_data"));
    }
}
