//! Requests as structs that are generated from a schema decide as those read from JSON.

#![cfg(test)]

#[path = "typed/read.rs"]
mod read;
#[path = "prepared/whole.rs"]
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use trapkey::{
    Bundle, CompileOptions, DecideError, Engine, Limits, Model, Reason, Release, Request,
    RequestError, RowErrorKind, Sources, TypedError, TypedRequest, compile, generate_rust,
    parse_schema,
};
use trapkey_testkit::{World, plant as pack, repository_dir};
use trapkey_tests::generated::odd;

use read::Visit;
use whole::whole;

/// Schemas of generated worlds whose modules are parsed.
const WORLDS: u64 = 60;

fn engine(policies: &str, schema: &str) -> Engine {
    let compiled =
        compile(&Sources { policies, schema, links: &[] }, CompileOptions::default()).unwrap();
    let release = Release { name: "test".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    engine.publish(&bundle).unwrap();
    engine
}

/// The module of a schema of the repository.
fn generated(schema: &str) -> String {
    let path = repository_dir().join(schema);
    let text = std::fs::read_to_string(&path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    generate_rust(&parse_schema(&text).unwrap(), name)
}

#[test]
fn modules_are_those_that_are_kept() {
    let kept = [
        ("policies-examples/plant/plant.cedarschema", "tests/generated/plant.rs"),
        ("tests/generated/odd.cedarschema", "tests/generated/odd.rs"),
        ("tests/generated/press.cedarschema", "tests/generated/press.rs"),
    ];
    for (schema, module) in kept {
        let (text, path) = (generated(schema), repository_dir().join(module));
        if std::env::var_os("TRAPKEY_BLESS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(text == kept, "{module} is not what {schema} gives; TRAPKEY_BLESS=1 writes it");
    }
}

/// What `rustfmt` makes of a module, as it lays out by default.
fn formatted(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rustfmt.toml"), "").unwrap();
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    rustfmt.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = rustfmt.wait_with_output().unwrap();
    assert!(output.status.success(), "not Rust: {text}");
    String::from_utf8(output.stdout).unwrap()
}

/// The modules of schemas in the repository and of generated ones.
fn modules() -> Vec<String> {
    let files = [
        "policies-examples/plant/plant.cedarschema",
        "policies-examples/ai-vision/ai-vision.cedarschema",
        "tests/emit/emit.cedarschema",
        "tests/generated/odd.cedarschema",
        "tests/generated/press.cedarschema",
    ];
    let mut modules: Vec<String> = files.map(generated).to_vec();
    // The arguments of a call are wider here than `rustfmt` leaves on one line by default.
    let wide = "entity U; action a appliesTo { principal: U, resource: U, context: {
        a_name_of_thirty_letters_here: Long, another_name_of_thirty_letters?: Long } };";
    modules.push(generate_rust(&parse_schema(wide).unwrap(), "wide"));
    for seed in 1..=WORLDS {
        let schema = parse_schema(&World::generate(seed).unwrap().schema).unwrap();
        modules.push(generate_rust(&schema, &format!("world {seed}")));
    }
    modules
}

/// The façade as this test was linked with it: the newest of its libraries beside the test.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let beside = std::fs::read_dir(test.parent().unwrap()).unwrap();
    let paths = beside.map(|entry| entry.unwrap().path());
    let is_library = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        let hash = name.strip_prefix("libtrapkey-").and_then(|rest| rest.strip_suffix(".rlib"));
        hash.is_some()
    };
    let changed = |path: &PathBuf| path.metadata().unwrap().modified().unwrap();
    paths.filter(is_library).max_by_key(changed).unwrap()
}

#[test]
fn modules_compile_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let library = library();
    let mut crate_text =
        vec!["//! Generated modules.\n#![deny(warnings, missing_docs)]".to_owned()];
    for (number, text) in modules().iter().enumerate() {
        std::fs::write(folder.path().join(format!("module{number}.rs")), text).unwrap();
        crate_text.push(format!("/// One of them.\npub mod module{number};"));
    }
    std::fs::write(folder.path().join("lib.rs"), crate_text.join("\n")).unwrap();
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "lib.rs"])
        .arg("--extern")
        .arg(format!("trapkey={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", library.parent().unwrap().display()))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn modules_are_laid_out_as_rustfmt_does() {
    for text in modules() {
        let formatted = formatted(&text);
        let differs = text.lines().zip(formatted.lines()).find(|(own, other)| own != other);
        assert_eq!(differs, None);
        assert!(text == formatted);
    }
}

/// Builds each request as a struct, and one of its action anew in the same memory.
struct Check<'c> {
    engine: &'c Engine,
    model: Arc<Model>,
    anew: Request,
    reused: &'c mut BTreeMap<&'static str, Request>,
}

impl Visit for Check<'_> {
    fn visit<T: TypedRequest>(&mut self, request: &T) {
        let typed = self.model.typed::<T>().unwrap();
        let built = typed.request(request).unwrap();
        let reused = self.reused.entry(T::ACTION_ID).or_insert_with(|| built.clone());
        typed.fill(request, reused).unwrap();
        for typed in [&built, &*reused] {
            assert_eq!(whole(&self.model, typed), whole(&self.model, &self.anew));
            let (got, want) = (self.engine.decide(typed), self.engine.decide(&self.anew));
            assert_eq!((got.verdict(), got.reason()), (want.verdict(), want.reason()));
            assert!(got.determining().eq(want.determining()));
        }
    }
}

#[test]
fn cases_of_the_plant_decide_as_structs() {
    let folder = pack::folder().unwrap();
    let engine = engine(&folder.policies, &folder.schema);
    let (mut reused, mut verdicts) = (BTreeMap::new(), BTreeSet::new());
    for case in &folder.cases {
        engine.replace_entities_json(&case.entities.to_string()).unwrap();
        let model = engine.model().unwrap();
        let anew = Request::from_json(&model, &case.request.to_string()).unwrap();
        let is_allow = engine.decide(&anew).is_allow();
        assert_eq!(is_allow, case.trapkey.allow, "{}", case.name);
        verdicts.insert(is_allow);
        let mut check = Check { engine: &engine, model, anew, reused: &mut reused };
        read::visit(&case.request, &mut check);
    }
    assert_eq!((reused.len(), verdicts.len()), (12, 2));
}

fn odd_request() -> odd::Unnamed {
    let pair = |x| odd::Pairs { x, y: Some(vec![vec![3, 1], Vec::new()]) };
    let zone = |id: &str| odd::Zone(id.to_owned());
    odd::Unnamed {
        principal: zone("north").into(),
        resource: odd::AZone("z".to_owned()),
        context: odd::UnnamedContext {
            unnamed: 1,
            n1: 2,
            a_b: None,
            a_b2: 4,
            an_attribute_with_a_name_that_is_longer: 5,
            an_attribute_with_a_name_that_is_longer2: Some(
                odd::AnAttributeWithANameThatIsLongerThanSixt { r#if: odd::Colour::Self2 },
            ),
            colour: odd::Colour::AB2,
            inner: odd::Inner {
                inner: odd::InnerInner { zone: zone("in") },
                zone: odd::BZone("out".to_owned()),
            },
            pairs: Some(vec![pair(2), pair(1), pair(2)]),
            quo_te: 6,
            self_: "self".to_owned(),
            r#type: true,
            what: odd::Action("a".to_owned()),
            zone: 9,
            zones: vec![zone("b"), zone("a")],
            unnamed2: None,
        },
    }
}

const ODD_CONTEXT: &str = r#"{
  "": 1, "1": 2, "a_b": 4, "quo\"te": 6, "self": "self", "type": true, "zone": 9,
  "an attribute with a name that is longer than any line of the module can be, in all layouts": 5,
  "an attribute with a name that is longer than sixty columns": {"if": {"type": "Colour", "id": "Self"}},
  "colour": {"type": "Colour", "id": "a-b"}, "what": {"type": "Action", "id": "a"},
  "inner": {"zone": {"type": "B::Zone", "id": "out"}, "inner": {"zone": {"type": "A::Zone", "id": "in"}}},
  "pairs": [{"x": 1, "y": [[1, 3], []]}, {"x": 2, "y": [[], [3, 1]]}],
  "zones": [{"type": "A::Zone", "id": "a"}, {"type": "A::Zone", "id": "b"}]
}"#;

fn odd_engine() -> Engine {
    let schema = std::fs::read_to_string(repository_dir().join("tests/generated/odd.cedarschema"));
    engine("permit(principal, action, resource);", &schema.unwrap())
}

#[test]
fn odd_names_stand_for_what_the_schema_says() {
    let engine = odd_engine();
    let model = engine.model().unwrap();
    let typed = model.typed::<odd::Unnamed>().unwrap();
    let text = format!(
        r#"{{"principal": "A::Zone::\"north\"", "action": "Action::\"\"",
            "resource": "AZone::\"z\"", "context": {ODD_CONTEXT}}}"#
    );
    let anew = Request::from_json(&model, &text).unwrap();
    let mut request = typed.request(&odd_request()).unwrap();
    assert_eq!(whole(&model, &request), whole(&model, &anew));
    assert!(engine.decide(&request).is_allow());

    // Without what is optional, and back.
    let mut less = odd_request();
    less.context.pairs = None;
    less.context.an_attribute_with_a_name_that_is_longer2 = None;
    less.principal = odd::Type("t".to_owned()).into();
    typed.fill(&less, &mut request).unwrap();
    assert_eq!(whole(&model, &request), whole(&model, &typed.request(&less).unwrap()));
    assert_ne!(whole(&model, &request), whole(&model, &anew));
    typed.fill(&odd_request(), &mut request).unwrap();
    assert_eq!(whole(&model, &request), whole(&model, &anew));

    for id in ["", "Self", "a b", "a-b", "日本", "`tick`", "quo\"te", "line\nbreak"] {
        let colour = odd::Colour::from_id(id).unwrap();
        assert_eq!(trapkey::EntityId::id(&colour), id);
    }
    assert_eq!(odd::Colour::from_id("blue"), None);
}

#[test]
fn a_struct_that_does_not_conform_changes_nothing() {
    let engine = odd_engine();
    let model = engine.model().unwrap();
    let typed = model.typed::<odd::Unnamed>().unwrap();
    let mut request = typed.request(&odd_request()).unwrap();
    let before = whole(&model, &request);
    let mut wrong = odd_request();
    wrong.principal = odd::BZone("other".to_owned()).into();
    wrong.context.self_ = "longer than before".to_owned();
    wrong.context.zone = 10;
    for _ in 0..3 {
        match typed.fill(&wrong, &mut request) {
            Err(RequestError::Context(error)) => {
                assert_eq!(error.path, "zone");
                let want = RowErrorKind::OutOfBounds { value: 10, min: 0, max: 9 };
                assert_eq!(error.kind, want);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(whole(&model, &request), before);
    }
    assert!(matches!(typed.request(&wrong), Err(RequestError::Context(_))));
    wrong.context.zone = 9;
    typed.fill(&wrong, &mut request).unwrap();
    assert_ne!(whole(&model, &request), before);
    typed.fill(&odd_request(), &mut request).unwrap();
    assert_eq!(whole(&model, &request), before);
}

#[test]
fn another_schema_is_refused_and_makes_typed_requests_stale() {
    let folder = pack::folder().unwrap();
    let plant = engine(&folder.policies, &folder.schema);
    let (model, odd) = (plant.model().unwrap(), odd_engine());
    let error = model.typed::<odd::Unnamed>().unwrap_err();
    let (generated, published) = (odd::LAYOUT, model.layout().digest);
    let schema = "odd.cedarschema";
    assert_eq!(error, TypedError::OtherSchema { schema, generated, published });
    let says = "generated from `odd.cedarschema` with the layout ";
    assert!(error.to_string().starts_with(says), "{error}");

    let typed = odd.model().unwrap().typed::<odd::Unnamed>().unwrap();
    let request = typed.request(&odd_request()).unwrap();
    let decision = plant.decide(&request);
    assert_eq!(decision.reason(), Reason::Failed(DecideError::Stale));
    assert!(!decision.is_allow());
}
