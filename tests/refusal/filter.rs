//! Mappings, entities and modules that become no filter.

use std::sync::Arc;

use trapkey::{
    Bundle, CompileOptions, EntityStore, LayoutDigest, Model, Release, Sources, compile,
};
use trapkey_envoy::{
    BuildError, Chain, Failure, Filter, FilterStructureError, ImageError, MAPPING_BYTES_MAX,
    MAPPING_RULES_MAX, Mapping, MappingError, MappingErrorKind, POLICY_PAGES_MAX, Push, build,
};
use trapkey_tests::fixture::{DENY, Fixture, release};

const SCHEMA: &str = r#"
    namespace Cell {
      entity Basis enum ["cryptographic", "brokered"];
      entity Connector;
      entity Operator;
      entity Stranger;
      entity Register;
      entity Unit;
      type Frame = { now: datetime, source: ipaddr, basis: Basis, tags: Set<String>,
                     modbus: { unit: Long, value?: Long }, note?: String };
      action write appliesTo { principal: [Connector, Operator], resource: Register, context: Frame };
      action read appliesTo { principal: [Connector], resource: [Register, Unit], context: {} };
      action all;
      action count in all appliesTo { principal: Stranger, resource: Unit, context: {} };
    }
    namespace Other {
      action read appliesTo { principal: Cell::Connector, resource: Cell::Unit, context: {} };
    }
"#;

const HTTP: &str = r#"
adapter = "http"
[[principal]]
spiffe = "spiffe://plant-1.example/mes/{cell}"
type = "Cell::Connector"
id = "{spiffe}"
[[principal]]
header = "x-operator"
type = "Cell::Operator"
id = "{value}"
[[route]]
method = "PUT"
path = "/units/{unit}/registers/{register}"
host = "plc.example"
action = "write"
resource = { type = "Cell::Register", id = "{unit}/{register}" }
[route.context]
now = "time"
source = "peer-address"
basis = { certificate = "cryptographic", header = "brokered" }
tags = { list = "x-tags" }
"modbus.unit" = { text = "{unit}" }
note = { text = "{header:x-note} on {host}" }
"#;

const MODBUS: &str = r#"
adapter = "modbus"
[[principal]]
spiffe = "spiffe://plant-1.example/mes/{cell}"
type = "Cell::Connector"
id = "{cell}"
[[function]]
functions = [3, 4]
action = 'Cell::Action::"read"'
resource = { type = "Cell::Register", id = "{modbus:unit}/{modbus:address}" }
"#;

fn bundle() -> Bundle {
    let policies = "permit (principal, action, resource);";
    let sources = Sources { policies, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("compiles");
    let release = Release { name: "cell".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).expect("packs");
    Bundle::open(&bytes).expect("opens")
}

/// The filter of a mapping, without entities.
fn built(bundle: &Bundle, text: &str) -> Result<Filter, BuildError> {
    let store = EntityStore::new(Arc::new(Model::new(bundle.schema().clone()))).expect("a store");
    build(bundle, &store.snapshot(), &Mapping::parse(text)?)
}

/// Where and why a mapping with one change is refused.
#[track_caller]
fn refused(text: &str, from: &str, to: &str) -> (String, MappingErrorKind) {
    assert!(text.contains(from), "{from}");
    match built(&bundle(), &text.replacen(from, to, 1)) {
        Err(BuildError::Mapping(MappingError::Part { place, kind })) => (place, kind),
        other => panic!("{from} to {to}: {:?}", other.map(|filter| filter.bytes().len())),
    }
}

#[test]
fn the_mappings_that_are_changed_are_right() {
    for text in [HTTP, MODBUS] {
        let filter = built(&bundle(), text).expect("a filter");
        assert!(filter.bytes().starts_with(b"\0asm"));
    }
}

#[test]
fn text_that_is_no_mapping_is_refused() {
    let long = "#".repeat(MAPPING_BYTES_MAX + 1);
    let error = Mapping::parse(&long).expect_err("refused");
    assert!(matches!(error, MappingError::TooLarge { len } if len == MAPPING_BYTES_MAX + 1));
    for text in ["adapter = 'http", "adapter = 'smtp'", "adapter = 'http'\nroutes = []"] {
        let error = Mapping::parse(text).expect_err("refused");
        assert!(matches!(error, MappingError::Toml(_)), "{text}");
    }
}

#[test]
fn mappings_without_principal_or_question_are_refused() {
    use MappingErrorKind as Kind;
    let after = |text: &'static str, word: &str| {
        let start = text.find(word).expect("a part");
        text.get(start..).expect("a part")
    };
    let (principals, routes) = (after(HTTP, "[[principal]]"), after(HTTP, "[[route]]"));
    let principals = principals.strip_suffix(routes).expect("principals come first");
    let (_, kind) = refused(HTTP, principals, "");
    assert_eq!(kind, Kind::NoPrincipal);
    let (_, kind) = refused(HTTP, routes, "");
    assert!(matches!(kind, Kind::NoQuestion { wanted: "route", .. }), "{kind}");
    let (_, kind) = refused(MODBUS, after(MODBUS, "[[function]]"), "");
    assert!(matches!(kind, Kind::NoQuestion { wanted: "function", .. }), "{kind}");
    let (_, kind) = refused(HTTP, "adapter = \"http\"", "adapter = \"modbus\"");
    assert!(matches!(kind, Kind::PrincipalForm | Kind::OtherAdapter { .. }), "{kind}");
    let (_, kind) = refused(MODBUS, "adapter = \"modbus\"", "adapter = \"http\"");
    assert!(matches!(kind, Kind::OtherAdapter { found: "function", .. }), "{kind}");
    let many =
        "[[function]]\nfunctions = []\naction = 'write'\nresource = { type = 'x', id = '' }\n";
    let (_, kind) =
        refused(MODBUS, "[[function]]", &(many.repeat(MAPPING_RULES_MAX) + "[[function]]"));
    assert!(matches!(kind, Kind::TooMany { len } if len > MAPPING_RULES_MAX), "{kind}");
}

#[test]
fn principals_that_are_none_are_refused() {
    use MappingErrorKind as Kind;
    let (place, kind) = refused(HTTP, "header = \"x-operator\"", "");
    assert_eq!((place.as_str(), kind), ("principal 2", Kind::PrincipalForm));
    let (_, kind) = refused(HTTP, "type = \"Cell::Operator\"", "type = \"Cell::Nobody\"");
    assert!(matches!(kind, Kind::UnknownType { name } if name == "Cell::Nobody"));
    for (text, to) in [
        ("spiffe://plant-1.example/mes/{cell}", "https://plant-1.example/mes/{cell}"),
        ("spiffe://plant-1.example/mes/{cell}", "spiffe://plant-1.example"),
        ("spiffe://plant-1.example/mes/{cell}", "spiffe://Plant/mes/{cell}"),
        ("spiffe://plant-1.example/mes/{cell}", "spiffe://plant-1.example/"),
        ("spiffe://plant-1.example/mes/{cell}", "spiffe://plant-1.example/a//{cell}"),
        ("spiffe://plant-1.example/mes/{cell}", "spiffe://plant-1.example/{cell}/{cell}"),
    ] {
        let (_, kind) = refused(HTTP, text, to);
        assert!(matches!(kind, Kind::Spiffe { .. }), "{to}: {kind}");
    }
    for name in ["", "x y", ":path", "host", "X-Forwarded-Client-Cert"] {
        let (_, kind) = refused(HTTP, "x-operator", name);
        assert!(matches!(kind, Kind::Header { .. }), "{name}: {kind}");
    }
    for (from, to) in [("{spiffe}", "{line}"), ("{value}", "{spiffe}"), ("{value}", "{header:x}")] {
        let (_, kind) = refused(HTTP, from, to);
        assert!(matches!(kind, Kind::UnknownPiece { .. }), "{to}: {kind}");
    }
    for to in ["{value", "value}", "{{value}}"] {
        let (_, kind) = refused(HTTP, "{value}", to);
        assert!(matches!(kind, Kind::Brace { .. }), "{to}: {kind}");
    }
}

#[test]
fn questions_that_the_schema_does_not_have_are_refused() {
    use MappingErrorKind as Kind;
    for name in ["open", "all", "Cell::Action::\\\"open\\\""] {
        let (place, kind) = refused(HTTP, "action = \"write\"", &format!("action = \"{name}\""));
        assert_eq!(place, "route 1");
        assert!(matches!(kind, Kind::UnknownAction { .. }), "{name}: {kind}");
    }
    let (_, kind) = refused(MODBUS, "'Cell::Action::\"read\"'", "\"read\"");
    assert!(matches!(kind, Kind::AmbiguousAction { name } if name == "read"));
    let (_, kind) = refused(HTTP, "type = \"Cell::Register\"", "type = \"Cell::Unit\"");
    assert!(matches!(kind, Kind::WrongResource { name } if name == "Cell::Unit"));
    let other = MODBUS.replace("'Cell::Action::\"read\"'", "\"count\"");
    let (_, kind) = refused(&other, "Cell::Register", "Cell::Unit");
    assert_eq!(kind, Kind::WrongPrincipal);
    let (_, kind) = refused(HTTP, "PUT", "put");
    assert!(matches!(kind, Kind::Method { name } if name == "put"));
    for host in ["PLC.example", "plc.example:80", ""] {
        let (_, kind) = refused(HTTP, "plc.example", host);
        assert!(matches!(kind, Kind::Host { .. }), "{host}: {kind}");
    }
    for path in ["units", "/units//x", "/units/../x", "/un%20its", "/units/{a-b}", "/{x}/{x}", "/"]
    {
        let (_, kind) = refused(HTTP, "/units/{unit}/registers/{register}", path);
        // `/` is a path, but then the resource's id has parts that are not known.
        let is_right = matches!(kind, Kind::Path { .. })
            || path == "/" && matches!(kind, Kind::UnknownPiece { .. });
        assert!(is_right, "{path}: {kind}");
    }
    for codes in ["0", "128", "3, 3"] {
        let (_, kind) = refused(MODBUS, "3, 4", codes);
        assert!(matches!(kind, Kind::Function { .. }), "{codes}: {kind}");
    }
}

#[test]
fn contexts_that_the_schema_does_not_have_are_refused() {
    use MappingErrorKind as Kind;
    let (place, kind) = refused(HTTP, "\"modbus.unit\"", "\"modbus.line\"");
    assert_eq!(place, "route 1, context modbus.line");
    assert!(matches!(kind, Kind::UnknownAttribute { path } if path == "modbus.line"));
    let (_, kind) = refused(HTTP, "\"modbus.unit\" = { text = \"{unit}\" }\n", "");
    assert!(matches!(kind, Kind::NoSource { path } if path == "modbus.unit"));
    for (from, to) in [
        ("now = \"time\"", "now = \"peer-address\""),
        ("source = \"peer-address\"", "source = \"time\""),
        ("tags = { list = \"x-tags\" }", "tags = { text = \"a\" }"),
        ("note = { text", "note = { list = \"x-note\" }\n#"),
        ("note = { text", "note = \"time\"\n#"),
    ] {
        let (_, kind) = refused(HTTP, from, to);
        assert!(matches!(kind, Kind::WrongSource { .. }), "{to}: {kind}");
    }
    for (from, to) in [
        ("now = \"time\"", "now = \"clock\""),
        ("tags = { list = \"x-tags\" }", "tags = { list = \"x-tags\", text = \"a\" }"),
        ("tags = { list = \"x-tags\" }", "tags = {}"),
        ("tags = { list = \"x-tags\" }", "tags = { modbus = \"unit\" }"),
    ] {
        let (_, kind) = refused(HTTP, from, to);
        assert!(matches!(kind, Kind::UnknownSource { .. }), "{to}: {kind}");
    }
    let (_, kind) = refused(HTTP, "\"brokered\"", "\"said\"");
    assert!(matches!(kind, Kind::UnknownId { id, .. } if id == "said"));
}

#[test]
fn entities_of_another_schema_are_refused() {
    let (bundle, other) = (bundle(), Fixture::new(DENY).bundle());
    let store = EntityStore::new(Arc::new(Model::new(other.schema().clone()))).expect("a store");
    let mapping = Mapping::parse(HTTP).expect("a mapping");
    let error = build(&bundle, &store.snapshot(), &mapping).expect_err("refused");
    assert!(matches!(error, BuildError::Entities(ImageError::Layout)), "{error:?}");
}

#[test]
fn policies_that_need_too_much_memory_are_refused() {
    let mapping = "adapter = 'http'\n[[principal]]\nspiffe = 'spiffe://plant/{id}'\ntype = 'User'\n\
        id = '{id}'\n[[route]]\nmethod = 'GET'\npath = '/{id}'\naction = 'view'\n\
        resource = { type = 'Document', id = '{id}' }\n[route.context]\nhour = { text = '7' }\n";
    let mut fixture = Fixture::new(DENY);
    built(&fixture.bundle(), mapping).expect("a filter");
    fixture.manifest.memory.pages = 1_000;
    fixture.memory = "(memory (export \"memory\") 1000 1000)".into();
    let error = built(&fixture.bundle(), mapping).expect_err("refused");
    assert!(matches!(error, BuildError::PolicyMemory { pages: 1_000 }), "{error:?}");
    assert_eq!(POLICY_PAGES_MAX, 495);
    // A bundle is opened before its module's structure is judged.
    let module = wat::parse_str(Fixture::new(DENY).wat().replace("\"decide\"", "\"other\""));
    let module = Fixture::new(DENY).sections(&module.expect("WAT"));
    let bundle = Bundle::open(&Bundle::pack(&release(), &module).expect("packs")).expect("opens");
    let error = built(&bundle, mapping).expect_err("refused");
    assert!(matches!(error, BuildError::Defect(_)), "{error:?}");
}

/// What is pushed has to be a filter.
fn pushed(module: &[u8]) -> Result<String, FilterStructureError> {
    let (chain, failure) = (Chain::default(), Failure::default());
    Push { name: "trapkey", chain, failure, filter: module, image: None }.discovery()
}

#[test]
fn modules_that_are_no_filters_are_not_pushed() {
    let filter = built(&bundle(), HTTP).expect("a filter");
    assert!(pushed(filter.bytes()).expect("pushed").contains("\"vm_id\":\"trapkey\""));
    assert!(matches!(pushed(b"\0asm"), Err(FilterStructureError::Invalid(_))));
    let module = |text: &str| wat::parse_str(text).expect("WAT");
    let start = module("(module (func $f) (start $f))");
    assert!(matches!(pushed(&start), Err(FilterStructureError::Start)));
    for import in [
        "\"env\" \"fd_write\" (func)",
        "\"wasi\" \"proxy_log\" (func)",
        "\"env\" \"proxy_x\" (global i32)",
    ] {
        let module = module(&format!("(module (import {import}))"));
        assert!(matches!(pushed(&module), Err(FilterStructureError::Import { .. })), "{import}");
    }
    let memory = "(memory (export \"memory\") 1)";
    for (items, want) in [
        ("", "memory"),
        (memory, "proxy_abi_version_0_2_1"),
        (
            &format!("{memory} (func (export \"proxy_abi_version_0_2_1\") (param i32))"),
            "proxy_abi_version_0_2_1",
        ),
        (
            &format!("{memory} (func (export \"proxy_abi_version_0_2_1\"))"),
            "proxy_on_memory_allocate",
        ),
    ] {
        let error = pushed(&module(&format!("(module {items})"))).expect_err("no filter");
        assert!(
            matches!(error, FilterStructureError::Export { name } if name == want),
            "{error:?}"
        );
    }
}

#[test]
fn digests_are_of_the_layout() {
    let digest = LayoutDigest::default();
    let image = trapkey_guest::image::write(&digest, std::iter::empty()).expect("an image");
    let read = |bytes: &[u8]| {
        trapkey_guest::image::Image::read(bytes, &digest, 1).map(|image| image.len())
    };
    assert_eq!(read(&image), Ok(0));
    assert_eq!(read(&image[1..]), Err(ImageError::Magic));
    assert_eq!(read(&[]), Err(ImageError::Magic));
    let mut other = image.clone();
    other[8] = 1;
    assert_eq!(read(&other), Err(ImageError::Layout));
    let mut long = image.clone();
    long.push(0);
    assert_eq!(read(&long), Err(ImageError::Shape));
    let handles = [trapkey::Handle { high: 0, low: 2 }, trapkey::Handle { high: 0, low: 1 }];
    let rows = handles.map(|handle| (handle, 0, [7_u8; 8].as_slice()));
    let mut two = trapkey_guest::image::write(&digest, rows.into_iter()).expect("an image");
    assert_eq!(read(&two), Ok(2));
    // The lower handle is first; now the second is no higher.
    let whole = two.clone();
    two[32 + 16] = 1;
    assert_eq!(read(&two), Err(ImageError::Order));
    let owned = |bytes: &[u8]| {
        let bytes = std::borrow::Cow::Owned(bytes.to_vec());
        trapkey_guest::image::OwnedImage::read(bytes, &digest, 1).map(|image| image.image().len())
    };
    assert_eq!(owned(&whole), Ok(2));
    let mut damaged = whole;
    // In a row.
    damaged[32 + 2 * 32] = 6;
    assert_eq!(read(&damaged), Ok(2));
    assert_eq!(owned(&damaged), Err(ImageError::Digest));
    let rows = [(handles[0], 1, [7_u8; 8].as_slice())];
    let typed = trapkey_guest::image::write(&digest, rows.into_iter()).expect("an image");
    assert_eq!(read(&typed), Err(ImageError::Shape));
}
