//! Structs of a generated header: each field is read as what it is, and nothing that is wrong allows.

use std::fs;
use std::path::Path;

use trapkey::{Bundle, CompileOptions, Release, Sources, compile, generate_c, parse_schema};
use trapkey_testkit::repository_dir;

use super::programs::{Language, Library, run, run_with};

/// A context with a field of each kind, and names that are none in C.
const SCHEMA: &str = r#"
namespace Shop {
  entity User, Door;
  entity Color enum ["deep red", "green", "\"blue\"?"];
  type Inner = { depth: Long, text?: String };
  action "open up" appliesTo { principal: [User, Door], resource: Door, context: {
    age: duration, at: datetime, class: Long, colour: Color, door?: Door, flag: Bool,
    from: ipaddr, inner: Inner, long: Set<Long>, names: Set<String>, other?: Inner,
    paint: Set<Color>, ratio: decimal, "so \"odd\"": String, empty: {}
  } };
  action close, lock appliesTo { principal: User, resource: Door, context: { value: Long } };
  action all;
}
"#;

/// Every field matters.
const POLICIES: &str = r#"
permit(principal == Shop::User::"ann", action == Shop::Action::"open up", resource == Shop::Door::"d1")
when {
  context.age == duration("5s") && context.at == datetime("1970-01-01T00:00:07Z") &&
  context.class == -3 && context.colour == Shop::Color::"\"blue\"?" &&
  context has door && context.door == Shop::Door::"d2" && context.flag &&
  context.from.isInRange(ip("10.1.2.0/24")) && context.inner.depth == 9 &&
  context.inner has text && context.inner.text == "grün" && context.long == [1, 2] &&
  context.names == ["a", "b"] && !(context has other) &&
  context.paint == [Shop::Color::"green"] && context.ratio == decimal("1.25") &&
  context["so \"odd\""] == "yes"
};
permit(principal, action == Shop::Action::"close", resource) when { context.value < 10 };
"#;

fn bundle(policies: &str, schema: &str) -> Vec<u8> {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "shop".into(), version: "1".into(), sequence: 1 };
    Bundle::pack(&release, &compiled.module).unwrap()
}

fn header(schema: &str, name: &str, prefix: &str, to: &Path) {
    let Ok(schema) = parse_schema(schema) else { panic!("{name} is no schema") };
    fs::write(to, generate_c(&schema, name, prefix)).unwrap();
}

/// The header, and a bundle of its schema and of another one.
pub(crate) fn shop_inputs(path: &Path) {
    header(SCHEMA, "shop.cedarschema", "shop", &path.join("shop_requests.h"));
    fs::write(path.join("shop.bundle"), bundle(POLICIES, SCHEMA)).unwrap();
    let other = SCHEMA.replace("value: Long", "value: Bool");
    let policies = POLICIES.replace("context.value < 10", "context.value");
    fs::write(path.join("changed.bundle"), bundle(&policies, &other)).unwrap();
}

#[test]
fn each_field_of_a_struct_is_read_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    shop_inputs(path);
    for language in [Language::C, Language::Cpp] {
        run_with("tests/typed.c", (language, Library::Shared), &[path], (path, &[]));
    }
}

#[test]
fn headers_of_odd_schemas_compile() {
    let odd = fs::read_to_string(repository_dir().join("tests/generated/odd.cedarschema")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    header(&odd, "odd.cedarschema", "7 odd-ones", &folder.path().join("odd_requests.h"));
    let program = "#include \"odd_requests.h\"\nint main(void) { return n7_odd_ones_schema.actions_len == 0; }\n";
    fs::write(folder.path().join("odd.c"), program).unwrap();
    let source = folder.path().join("odd.c");
    for language in [Language::C, Language::Cpp] {
        let linked = (language, Library::Shared);
        run_with(source.to_str().unwrap(), linked, &[folder.path()], (folder.path(), &[]));
    }
}

#[test]
fn plant_header_is_what_is_generated() {
    let schema = trapkey_testkit::plant::folder().unwrap().schema;
    let path = repository_dir().join("bindings/c/examples/plant_requests.h");
    let Ok(parsed) = parse_schema(&schema) else { panic!("the plant's schema") };
    let generated = generate_c(&parsed, "plant.cedarschema", "plant");
    if std::env::var_os("TRAPKEY_BLESS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap();
    assert!(found == generated, "{}: run with TRAPKEY_BLESS=1", path.display());
    let folder = tempfile::tempdir().unwrap();
    let program = "#include \"examples/plant_requests.h\"\nint main(void) { return plant_schema.actions_len < 30; }\n";
    fs::write(folder.path().join("all.c"), program).unwrap();
    let source = folder.path().join("all.c");
    for language in [Language::C, Language::Cpp] {
        run(source.to_str().unwrap(), language, Library::Shared, (folder.path(), &[]));
    }
}
