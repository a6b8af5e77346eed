//! The conformance kit through Envoy: a mapping made of the schema, and the decisions of every other host.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use trapkey::{Bundle, CompileOptions, Record, Release, Schema, Semantics, Sources, Type, compile};
use trapkey_envoy::{Chain, Mapping, build, image};
use trapkey_testkit::{Folder, examples_dir, repository_dir};

use crate::certificates::Leaf;
use crate::client::Client;
use crate::place::{Place, configuration, replaced};
use crate::proxy::{Proxy, installed, until};
use crate::upstream::Upstream;
use crate::world::{push, store};

/// Policies of the kit as a filter, with the mapping that it was built with.
struct Built {
    bundle: Bundle,
    schema: Schema,
    filter: Vec<u8>,
}

/// The attributes of a context that are no records, by their names from the outside.
fn leaves(record: &Record, within: &[String], all: &mut Vec<(Vec<String>, Type)>) {
    for (name, attribute) in &record.attributes {
        let path = [within, std::slice::from_ref(name)].concat();
        match &attribute.ty {
            Type::Record(inner) => leaves(inner, &path, all),
            ty => all.push((path, ty.clone())),
        }
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A header for each type of principal and each attribute, a route for each action and type of resource.
fn mapping(schema: &Schema) -> String {
    let mut text = String::from(
        "adapter = \"http\"\nrecord_allows = true\n[obligations]\nothers = \"ignore\"\n",
    );
    let principals: BTreeSet<&String> = schema.actions.iter().flat_map(|a| &a.principals).collect();
    for name in principals {
        let (index, _) = schema.entity_type(name).unwrap();
        let (name, value) = (quoted(name), "\"{value}\"");
        writeln!(text, "[[principal]]\nheader = \"p-{index}\"\ntype = {name}\nid = {value}")
            .unwrap();
    }
    for (number, action) in schema.actions.iter().enumerate() {
        for resource in &action.resources {
            let (index, _) = schema.entity_type(resource).unwrap();
            let uid = format!("{}::{}", action.uid.type_name, quoted(&action.uid.id));
            let (uid, resource) = (quoted(&uid), quoted(resource));
            writeln!(text, "[[route]]\nmethod = \"GET\"\npath = \"/{number}/{index}\"").unwrap();
            writeln!(
                text,
                "action = {uid}\nresource = {{ type = {resource}, id = \"{{header:r}}\" }}"
            )
            .unwrap();
            let mut all = Vec::new();
            leaves(&action.context, &[], &mut all);
            writeln!(text, "[route.context]").unwrap();
            for (path, ty) in all {
                let (path, header) = (path.join("."), header(&path));
                let source = match ty {
                    Type::Set(_) => format!("{{ list = \"{header}\" }}"),
                    _ => format!("{{ text = \"{{header:{header}}}\" }}"),
                };
                writeln!(text, "{} = {source}", quoted(&path)).unwrap();
            }
        }
    }
    text
}

/// The header for an attribute: names differ in upper case, and headers do not.
fn header(path: &[String]) -> String {
    let mut name = String::from("c");
    for part in path {
        name.push('-');
        for character in part.chars() {
            if character.is_ascii_uppercase() {
                name.push('.');
            }
            name.push(character.to_ascii_lowercase());
        }
    }
    name
}

fn built(folder: &str, rule: &str) -> Built {
    let Folder { policies, schema, .. } = Folder::read(&examples_dir().join(folder)).unwrap();
    // The kit was decided at instants of its own; a proxy's is that of today, at which policies expire.
    let lines = policies.lines().filter(|line| !line.starts_with("@expires("));
    let policies: String = lines.flat_map(|line| [line, "\n"]).collect();
    let sources = Sources { policies: &policies, schema: &schema, links: &[] };
    let semantics = if rule == "cedar" { Semantics::CEDAR } else { Semantics::TRAPKEY };
    let compiled = compile(&sources, CompileOptions { semantics }).unwrap();
    let release = Release { name: "kit".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let schema = bundle.schema().clone();
    let mapping = Mapping::parse(&mapping(&schema)).unwrap();
    let entities = store(&bundle, &Value::Array(Vec::new())).snapshot();
    let filter = build(&bundle, &entities, &mapping).unwrap().bytes().to_vec();
    Built { bundle, schema, filter }
}

/// The type and the id of a uid without escapes, as `A::B::"c"`.
fn uid(text: &Value) -> (&str, &str) {
    let (ty, id) = text.as_str().unwrap().split_once("::\"").unwrap();
    (ty, id.strip_suffix('"').unwrap())
}

/// A value as a header has it.
fn text(value: &Value) -> String {
    match value {
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(inner) => {
            let (_, inner) = inner.iter().next().unwrap();
            let text = inner.get("id").or_else(|| inner.get("arg")).unwrap();
            text.as_str().unwrap().to_owned()
        }
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

fn context(value: &Value, within: &[String], request: &mut String) {
    for (name, value) in value.as_object().unwrap() {
        let path = [within, std::slice::from_ref(name)].concat();
        match value {
            Value::Object(inner) if !inner.keys().any(|key| key.starts_with("__")) => {
                context(value, &path, request);
            }
            value => write!(request, "{}: {}\r\n", header(&path), text(value)).unwrap(),
        }
    }
}

/// A request of the kit as one of HTTP.
fn request(schema: &Schema, json: &str) -> String {
    let asked: Value = serde_json::from_str(json).unwrap();
    let [principal, action, resource] =
        ["principal", "action", "resource"].map(|part| uid(&asked[part]));
    let is_it =
        |known: &trapkey::Action| (known.uid.type_name.as_str(), known.uid.id.as_str()) == action;
    let number = schema.actions.iter().position(is_it).unwrap();
    let index = |name| schema.entity_type(name).unwrap().0;
    let mut text = format!("GET /{number}/{} HTTP/1.1\r\nhost: localhost\r\n", index(resource.0));
    write!(text, "p-{}: {}\r\nr: {}\r\n", index(principal.0), principal.1, resource.1).unwrap();
    context(&asked["context"], &[], &mut text);
    text.push_str("\r\n");
    text
}

/// The reason and the policies that a line of the kit has, as details have them.
fn wanted(line: &str) -> (bool, String) {
    let fields: Vec<&str> = line.split('\t').collect();
    let reason = fields[1].replace('-', "_");
    let policies = fields[2].strip_prefix("determining=").unwrap().replace(';', "|");
    let is_allow = fields[0] == "allow";
    let kind = if is_allow { "allowed" } else { "denied" };
    (is_allow, format!("trapkey_{kind}{{reason={reason},policies={policies},bundle="))
}

/// Requests that are asked of the same policies and entities.
#[derive(Default)]
struct Group<'k> {
    entities: &'k str,
    /// Name, request, wanted.
    asked: Vec<[&'k str; 3]>,
}

/// Asks a group's requests, and gives how many are allowed.
fn check(envoy: &Path, built: &Built, group: &Group<'_>) -> usize {
    let (place, upstream) = (Place::new(), Upstream::start());
    let entities = serde_json::from_str(group.entities).unwrap();
    let entities = image(&store(&built.bundle, &entities).snapshot()).unwrap();
    push(place.path(), Chain::Http, &built.filter, Some(&entities));
    let text = configuration("http.yaml", upstream.port);
    let text = replaced(&text, "max_headers_count: 64", "max_headers_count: 200");
    let proxy = Proxy::start(envoy, place.path(), &text);
    proxy.has("trapkey-http");
    // Without a URI that any rule is about, so that headers say who asks.
    let identity =
        place.authority.issue(&Leaf { uris: &["spiffe://kit.example/kit"], ..Leaf::default() });
    let mut client =
        Client::connect(proxy.port("http"), &place.authority.client(Some(&identity))).unwrap();
    let mut allowed = 0;
    for [name, json, line] in &group.asked {
        let (is_allow, _) = wanted(line);
        let answer = client.ask(request(&built.schema, json).as_bytes()).unwrap();
        assert_eq!(answer.status, if is_allow { 200 } else { 403 }, "{name}: {json}: {line}");
        assert_eq!(upstream.take().len(), usize::from(is_allow), "{name}");
        allowed += usize::from(is_allow);
    }
    let accesses = until("all accesses", || {
        Some(proxy.accesses()).filter(|accesses| accesses.len() >= group.asked.len())
    });
    for ([name, json, line], access) in group.asked.iter().zip(&accesses) {
        let (_, mut details) = wanted(line);
        let decision = access["decision"].as_str().unwrap_or_default();
        if let Some(erring) = line.strip_prefix("deny\tforbid-erred\t") {
            // The filter names the policies that erred and stand against an allow.
            let named = decision.split(['=', ',']).nth(3).unwrap();
            let is_erring = |name| erring.contains(&format!("{name}:"));
            assert!(named.split('|').all(is_erring), "{name}: {decision}: {line}");
            details = details.replace("policies=", &format!("policies={named}"));
        }
        assert!(decision.starts_with(&details), "{name}: {decision} is not {details}: {json}");
    }
    allowed
}

#[test]
fn envoy_decides_the_kit() {
    let kit = fs::read_to_string(repository_dir().join("tests/kit/decisions.kit")).unwrap();
    let mut all: Vec<(Built, Vec<Group<'_>>)> = Vec::new();
    let (mut name, mut json) = ("", "");
    for line in kit.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once('\t').unwrap();
        match word {
            "policies" => {
                let (folder, rule) = rest.split_once('\t').unwrap();
                all.push((built(folder, rule), Vec::new()));
            }
            "entities" => {
                let (_, groups) = all.last_mut().unwrap();
                groups.push(Group { entities: rest, ..Group::default() });
            }
            "request" => (name, json) = rest.split_once('\t').unwrap(),
            "want" => all.last_mut().unwrap().1.last_mut().unwrap().asked.push([name, json, rest]),
            word => panic!("the kit has no `{word}`"),
        }
    }
    for envoy in installed() {
        let (mut compared, mut allowed) = (0, 0);
        for (built, groups) in &all {
            for group in groups {
                allowed += check(&envoy, built, group);
                compared += group.asked.len();
            }
        }
        println!("{compared} decisions compared, {allowed} allow");
        assert!(compared > 600 && allowed > 100, "{compared}, {allowed}");
    }
}
