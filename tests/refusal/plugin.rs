//! Plugins that are refused before anything of them runs: manifests, hosts, components, grants, documents.

use std::error::Error;
use std::io;
use std::sync::{Arc, LazyLock};

use trapkey::Digest;
use trapkey_plugin::{
    Document, DocumentError, FileDocument, Grants, Host, HostError, HostOptions, Import, Limits,
    LoadError, MANIFEST_BYTES_MAX, Manifest, ManifestError, Package, Provides, World,
};
use trapkey_tests::guests::{
    Guest, LOG, NOW, PROVIDES, Published, Told, engine, open, provider, reading_provider, sink,
};

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(&HostOptions::default()).unwrap());

const LOGGING: &str = "imports = [\"logging\"]";

const READING: &str = "imports = [\"documents\"]\ndocuments = [\"inventory.json\"]";

fn logging() -> Grants {
    Grants::none().logging(|_, _| {})
}

fn with_limits(component: Vec<u8>, rest: &str, grants: Grants, limits: Limits) -> LoadError {
    let published = Published::new("context-provider", component, rest);
    let error = HOST.load_provider(published.package(), grants, limits).err();
    // The host takes others, and the engine decides.
    let good = Published::new("context-provider", good(), PROVIDES);
    let grants = Grants::none().take_all();
    let good = HOST.load_provider(good.package(), grants, Limits::default()).unwrap();
    let engine = engine();
    good.refresh(&engine, NOW).unwrap();
    assert!(engine.decide(&open(&engine, "d1")).is_allow());
    error.expect("it is refused")
}

fn refused(component: Vec<u8>, rest: &str, grants: Grants) -> LoadError {
    with_limits(component, rest, grants, Limits::default())
}

fn good() -> Vec<u8> {
    provider(&Told::default(), "").component()
}

fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// The same component with another name in it, as long as the old one.
fn renamed(component: &[u8], old: &str, other: &str) -> Vec<u8> {
    assert_eq!(old.len(), other.len());
    let mut renamed = component.to_vec();
    let mut count = 0;
    for at in 0..=renamed.len() - old.len() {
        if renamed[at..].starts_with(old.as_bytes()) {
            renamed[at..at + old.len()].copy_from_slice(other.as_bytes());
            count += 1;
        }
    }
    assert!(count > 0, "{old}");
    renamed
}

#[test]
fn imports_are_known_declared_and_granted() {
    let wasi = "(component (import \"wasi:cli/environment@0.2.0\" (instance
        (export \"get-arguments\" (func (result (list string)))))))";
    let lone = "(component (import \"now\" (func (result u64))))";
    for (text, want) in [(wasi, "wasi:cli/environment@0.2.0"), (lone, "now")] {
        let error = refused(component(text), LOGGING, logging());
        assert!(matches!(&error, LoadError::UnknownImport { import } if import == want), "{error}");
    }
    // One of the package, but for the host and not of it.
    let mut logs = provider(&Told::default(), "");
    logs.imports = LOG.to_owned();
    logs.functions = logs.functions.replace(
        "(result i32)",
        "(result i32) (call $log (i32.const 0) (i32.const 0) (i32.const 0))",
    );
    let logs = logs.component();
    let other = renamed(&logs, "trapkey:plugin/logging@0.1.0", "trapkey:plugin/loggers@0.1.0");
    assert!(matches!(refused(other, LOGGING, logging()), LoadError::UnknownImport { .. }));
    let other = renamed(&logs, "trapkey:plugin/logging@0.1.0", "trapkey:plugin/logging@0.2.0");
    let error = refused(other, LOGGING, logging());
    assert!(matches!(error, LoadError::OtherVersion { name } if name.ends_with("logging@0.2.0")));

    let error = refused(logs.clone(), "", logging());
    assert!(matches!(error, LoadError::UndeclaredImport { import: Import::Logging }));
    let error = refused(logs, LOGGING, Grants::none());
    assert!(matches!(error, LoadError::UngrantedImport { import: Import::Logging }));
    let reads = reading_provider().component();
    let error = refused(reads.clone(), LOGGING, logging());
    assert!(matches!(error, LoadError::UndeclaredImport { import: Import::Documents }));
    let error = refused(reads, READING, logging());
    assert!(matches!(error, LoadError::UngrantedImport { import: Import::Documents }));
}

#[test]
fn grants_stay_within_what_is_declared() {
    let document: Arc<dyn Document> = Arc::new(|| Ok(Vec::new()));
    let grants = Grants::none().document("passwd", document);
    let error = refused(good(), READING, grants);
    assert!(matches!(error, LoadError::GrantUndeclared { name } if name == "passwd"));
    let name = |name: &str| name.to_owned();
    let only = |attribute: &str| [(name("Device"), [name(attribute)].into())].into();
    let cases = [
        (Provides { entities: only("owner"), ..Provides::default() }, "Device.owner"),
        (Provides { entities: [(name("User"), [].into())].into(), ..Provides::default() }, "User"),
        (Provides { context: [name("dataAge")].into(), ..Provides::default() }, "dataAge"),
        (Provides { age: Some(name("score")), ..Provides::default() }, "score"),
        (
            Provides { stamps: [(name("Device"), name("level"))].into(), ..Provides::default() },
            "Device.level",
        ),
        (Provides { obligations: [name("mail")].into(), ..Provides::default() }, "mail"),
        (
            Provides {
                asks: Some(trapkey_plugin::Asks { actions: name("Action"), resources: [].into() }),
                ..Provides::default()
            },
            "Action",
        ),
    ];
    for (takes, want) in cases {
        let error = refused(good(), PROVIDES, Grants::none().take(takes));
        assert!(matches!(&error, LoadError::GrantUndeclared { name } if name == want), "{error}");
    }
}

#[test]
fn components_are_those_of_their_manifests() {
    let digest = "00".repeat(32);
    let text = format!("name='x'\nversion='1'\nworld='audit-sink'\ncomponent='{digest}'");
    let manifest = Manifest::parse(&text).unwrap();
    let (bytes, limits) = (good(), Limits::default());
    let package = Package { manifest: &manifest, component: &bytes };
    let error = HOST.load_provider(package, Grants::none(), limits.clone()).err().unwrap();
    let (declared, asked) = (World::AuditSink, World::ContextProvider);
    let is_other = |error: &LoadError| matches!(error, LoadError::OtherWorld { declared: d, asked: a } if (*d, *a) == (declared, asked));
    assert!(is_other(&error), "{error}");
    let error = HOST.load_sink(package, Grants::none(), limits).err().unwrap();
    let is_digest = matches!(
        error,
        LoadError::Digest { declared, found }
            if declared == digest.parse().unwrap() && found == Digest::of(&bytes)
    );
    assert!(is_digest);
    let limits = Limits { component_bytes_max: bytes.len() - 1, ..Limits::default() };
    let error = with_limits(bytes.clone(), "", Grants::none(), limits);
    assert!(matches!(error, LoadError::TooLarge { len, max } if len == max + 1));

    let module = component("(module)");
    assert!(matches!(refused(module, "", Grants::none()), LoadError::CoreModule));
    let text = b"(component)".to_vec();
    let half = bytes[..bytes.len() / 2].to_vec();
    for unreadable in [text, half, Vec::new(), b"\0asm\x0d\0\x01\0junk".to_vec()] {
        let error = refused(unreadable, "", Grants::none());
        assert!(matches!(error, LoadError::Unreadable(_)), "{error}");
    }
}

#[test]
fn components_export_the_interface_of_their_world() {
    let error = refused(sink(1).component(), "", Grants::none());
    let is_missing = matches!(
        &error,
        LoadError::MissingExport { want, found }
            if want == "trapkey:plugin/provider" && found == &["trapkey:plugin/sink@0.1.0"]
    );
    assert!(is_missing, "{error}");
    let old = "trapkey:plugin/provider@0.1.0";
    for version in ["0.2.0", "1.1.0", "0.0.1"] {
        let other = renamed(&good(), old, &format!("trapkey:plugin/provider@{version}"));
        let error = refused(other, "", Grants::none());
        assert!(matches!(error, LoadError::OtherVersion { .. }), "{error}");
    }
    let empty = format!("(component (instance $i) (export \"{old}\" (instance $i)))");
    assert!(matches!(refused(component(&empty), "", Grants::none()), LoadError::Interface(_)));
    // A later version of an interface that the host has, with a function that it has not.
    let newer = "(component (import \"trapkey:plugin/logging@0.1.7\" (instance
        (export \"flush\" (func)))) (instance $i) (export \"trapkey:plugin/provider@0.1.0\" (instance $i)))";
    let error = refused(component(newer), LOGGING, logging());
    let LoadError::Interface(source) = error else { panic!("{error}") };
    let mut text = source.to_string();
    let mut source: Option<&dyn Error> = source.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    assert!(text.contains("logging@0.1.7"), "{text}");
}

#[test]
fn what_components_need_at_first_is_bounded() {
    let guest = |items: &str, pages: u32| Guest {
        items: items.to_owned(),
        pages,
        ..provider(&Told::default(), "")
    };
    let cases = [
        (guest("", 513), "bytes of memory", 513 << 16, 512 << 16),
        (guest(&"(memory 0)".repeat(8), 2), "memories", 9, 8),
        (guest(&"(table 0 funcref)".repeat(17), 2), "tables", 17, 16),
        (guest("(table 65537 funcref)", 2), "elements of a table", 65_537, 65_536),
    ];
    for (guest, want, found_want, max_want) in cases {
        let error = refused(guest.component(), PROVIDES, Grants::none());
        let LoadError::Resources { what, found, max } = error else { panic!("{error}") };
        assert_eq!((what, found, max), (want, found_want, max_want));
    }
}

/// Components of which each instantiates the one before ten times, so that the last has a power of ten.
fn bomb(levels: usize, last: &str) -> String {
    let instances = "(instance (instantiate $c))".repeat(10);
    let component = |at: usize| {
        let before = at - 1;
        format!("(component $c{at} (alias outer $all $c{before} (component $c)) {instances})")
    };
    let components: String = (1..=levels).map(component).collect();
    format!("(component $all (component $c0) {components} {last})")
}

fn nested(open: &str, times: usize) -> String {
    format!("{}{}", open.repeat(times), ")".repeat(times))
}

fn module(functions: &str) -> String {
    format!("(component (core module {functions}))")
}

/// A function of many locals, the last of them used, and of branches.
fn branching(locals: usize, branches: usize) -> String {
    let last = locals - 1;
    let declared = "i32 ".repeat(locals);
    let branches = "(br_if 0 (i32.const 0))".repeat(branches);
    format!("(func (local {declared}) (local.set {last} (i32.const 0)) {branches})")
}

#[track_caller]
fn check_structure(text: &str, want: (&str, u64, u64)) {
    let error = refused(component(text), "", Grants::none());
    let LoadError::Structure { what, found, max } = error else { panic!("{error}") };
    assert_eq!((what, found, max), want);
}

#[test]
fn instantiations_are_bounded_before_they_are_written_out() {
    let ten = "(instance (instantiate $c))".repeat(10);
    let want = ("instances", 1_110, 1_024);
    check_structure(&bomb(3, ""), want);
    check_structure(&bomb(9, ""), want);
    // What is exported has another name.
    check_structure(&bomb(2, &format!("(export $c \"c\" (component $c2)) {ten}")), want);
    let part = "(component $c (core module $m) (core instance (instantiate $m)))";
    let instances = "(instance (instantiate $c))".repeat(513);
    let cores = format!("(component {part} {instances})");
    check_structure(&cores, ("instances", 1_025, 1_024));

    let want = ("instances of components that are not defined in it", 1, 0);
    let imported = "(import \"c\" (component $c)) (instance (instantiate $c))";
    check_structure(&format!("(component {imported})"), want);
    check_structure(&format!("(component (component {imported}))"), want);
    let out = "(component $a (component $b) (export \"b\" (component $b)))
        (instance $i (instantiate $a)) (alias export $i \"b\" (component $c))";
    check_structure(&format!("(component {out} (instance (instantiate $c)))"), want);

    let types = "(type string)".repeat(100);
    let instances = "(instance (instantiate $c))".repeat(200);
    let many = format!("(component (component $c {types}) {instances})");
    check_structure(&many, ("items", 20_098, 20_000));
    let many = format!("(component {})", "(type string)".repeat(20_001));
    check_structure(&many, ("items", 20_001, 20_000));
}

#[test]
fn parts_of_components_are_bounded() {
    let parts = |count: usize| format!("(component {})", "(core module)".repeat(count));
    check_structure(&parts(128), ("components and modules", 129, 128));
    check_structure(&nested("(component ", 9), ("components in each other", 9, 8));
    let types = |times: usize| {
        format!("(component {})", nested("(type (instance ", times).replace(')', "))"))
    };
    check_structure(&types(9), ("types in each other", 9, 8));
    check_structure(&types(9).replace("instance", "component"), ("types in each other", 9, 8));
    // As deep as would be too much for the stack of those that read by recursion.
    let mut deep = b"\0asm\x0d\0\x01\0\x07\xe4\x93\x12\x01".to_vec();
    deep.extend(b"\x41\x01\x01".repeat(99_999));
    deep.extend(b"\x41\x00");
    let len = deep.len() - 12;
    let leb = |shift: usize| u8::try_from(len >> shift & 0x7f).unwrap();
    deep.splice(9..12, [0x80 | leb(0), 0x80 | leb(7), leb(14)]);
    let error = refused(deep, "", Grants::none());
    let is_deep =
        matches!(error, LoadError::Structure { what: "types in each other", found: 9, .. });
    assert!(is_deep, "{error}");
    for most in [parts(127), nested("(component ", 8), types(8), bomb(2, "")] {
        let error = refused(component(&most), "", Grants::none());
        assert!(matches!(error, LoadError::MissingExport { .. }), "{error}");
    }
}

#[test]
fn functions_are_bounded_before_they_are_compiled() {
    let half = format!("(core module {})", "(func)".repeat(10_001));
    check_structure(&format!("(component {half} {half})"), ("functions", 20_002, 20_000));
    let long = module(&format!("(func {})", "nop ".repeat(1 << 20)));
    check_structure(&long, ("bytes of a function", (1 << 20) + 2, 1 << 20));
    let locals = module(&format!("(func (local {} f32))", "i32 ".repeat(5_000)));
    check_structure(&locals, ("locals of a function", 5_001, 5_000));
    for block in ["(block ", "(loop ", "(if (i32.const 0) (then "] {
        let ends = if block.starts_with("(if") { "))" } else { ")" };
        let deep =
            |times: usize| module(&format!("(func {}{})", block.repeat(times), ends.repeat(times)));
        check_structure(&deep(1_001), ("blocks in each other", 1_001, 1_000));
        let side = module(&format!("(func {})", format!("{block}{ends}").repeat(1_001)));
        for fine in [deep(1_000), side] {
            let error = refused(component(&fine), "", Grants::none());
            assert!(matches!(error, LoadError::MissingExport { .. }), "{error}");
        }
    }
    let table = format!("(br_table {} (i32.const 0))", "0 ".repeat(32_769));
    let tables = module(&format!("(func {table} {table})"));
    check_structure(&tables, ("targets of `br_table`", 65_538, 65_536));
    let two = module(&branching(5_000, 401).repeat(2));
    check_structure(&two, ("locals times branches", 4_010_000, 4_000_000));
}

fn manifest(world: &str, rest: &str) -> Result<Manifest, ManifestError> {
    let digest = "ab".repeat(32);
    Manifest::parse(&format!(
        "name = \"n\"\nversion = \"1\"\nworld = \"{world}\"\ncomponent = \"{digest}\"\n{rest}"
    ))
}

#[test]
fn manifests_are_refused_with_their_line() {
    let whole = manifest("context-provider", PROVIDES).unwrap();
    assert_eq!((whole.name(), whole.version()), ("n", "1"));
    let large = format!("#{}", " ".repeat(MANIFEST_BYTES_MAX));
    assert_eq!(Manifest::parse(&large), Err(ManifestError::TooLarge { len: large.len() }));
    for (rest, at) in [
        ("name = 'm'", 5),
        ("\nunheard = 1", 6),
        ("imports = [\n'logging',\n'wasi']", 7),
        ("[provides]\nunheard = 1", 6),
        ("[provides]\nentities = { 'A' = 'b' }", 6),
        ("x", 5),
    ] {
        let error = manifest("context-provider", rest).unwrap_err();
        let ManifestError::Toml { line, message } = error else { panic!("{rest}: {error}") };
        assert_eq!(line, at, "{rest}: {message}");
    }
    assert!(matches!(manifest("policy", ""), Err(ManifestError::Toml { line: 3, .. })));
    assert!(matches!(Manifest::parse("name = 'n'"), Err(ManifestError::Toml { .. })));
    let short = "name = 'n'\nversion = '1'\nworld = 'audit-sink'\ncomponent = 'ab'";
    assert!(matches!(Manifest::parse(short), Err(ManifestError::Toml { line: 4, .. })));
    let long = "x".repeat(65);
    for name in ["", "A", "a b", "a/b", "ä", &long] {
        let digest = "ab".repeat(32);
        let text = format!("version='1'\nname='{name}'\nworld='audit-sink'\ncomponent='{digest}'");
        assert!(matches!(Manifest::parse(&text), Err(ManifestError::Name { line: 2, .. })));
    }
    let rest = "imports = ['documents']\ndocuments = ['a',\n'']";
    assert!(matches!(manifest("context-provider", rest), Err(ManifestError::Name { line: 7, .. })));
    let twice = [
        "imports = ['logging', 'logging']",
        "imports = ['documents']\ndocuments = ['a', 'a']",
        "provides = { context = ['a'], age = 'a' }",
        "provides = { context = ['a'], age = 'a.b' }",
        "provides = { context = ['b', 'a.b.c'], age = 'a.b' }",
        "provides = { entities = { A = ['b'] }, stamps = { A = 'b' } }",
    ];
    for rest in twice {
        let error = manifest("context-provider", rest).unwrap_err();
        assert!(matches!(error, ManifestError::Twice { line: 5 | 6, .. }), "{rest}: {error}");
    }
    assert_eq!(
        manifest("protocol-adapter", "imports = ['documents']"),
        Err(ManifestError::ImportOfWorld {
            line: 5,
            import: Import::Documents,
            world: World::ProtocolAdapter,
        })
    );
    assert_eq!(
        manifest("context-provider", "imports = ['logging']\ndocuments = ['a']"),
        Err(ManifestError::WithoutImport { line: 6 })
    );
    let world = World::AuditSink;
    for (key, value, of) in [
        ("entities", "{ A = ['b'] }", World::ContextProvider),
        ("context", "['a']", World::ContextProvider),
        ("age", "'a'", World::ContextProvider),
        ("stamps", "{ A = 'b' }", World::ContextProvider),
        ("obligations", "['a']", World::ObligationHandler),
        ("asks", "{ actions = 'A', resources = ['B'] }", World::ProtocolAdapter),
    ] {
        let error = manifest("audit-sink", &format!("provides = {{ {key} = {value} }}"));
        assert_eq!(error, Err(ManifestError::KeyOfWorld { line: 5, key, of, world }));
    }
    assert_eq!(
        manifest("context-provider", "provides = { stamps = { A = 'b' } }"),
        Err(ManifestError::StampOfNothing { line: 5, type_name: "A".to_owned() })
    );
}

#[test]
fn documents_are_files_of_bounded_size() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d");
    let document = FileDocument { path: path.clone(), bytes_max: 3 };
    assert!(
        matches!(document.read(), Err(DocumentError::Io(error)) if error.kind() == io::ErrorKind::NotFound)
    );
    std::fs::write(&path, "abc").unwrap();
    assert_eq!(document.read().unwrap(), b"abc");
    std::fs::write(&path, "abcd").unwrap();
    assert!(matches!(document.read(), Err(DocumentError::TooLarge { max: 3 })));
    let none = FileDocument { path: folder.path().to_owned(), bytes_max: 3 };
    assert!(matches!(none.read(), Err(DocumentError::NotAFile)));
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let link = FileDocument { path: link, bytes_max: 30 };
        assert!(matches!(link.read(), Err(DocumentError::NotAFile)));
    }
}

#[test]
fn hosts_that_cannot_be_are_refused() {
    let options = HostOptions { tick: std::time::Duration::ZERO, ..HostOptions::default() };
    assert!(matches!(Host::new(&options), Err(HostError::Tick)));
    // Only machines give these that have no threads, or no native code.
    let error = HostError::Thread(io::Error::other("none left"));
    assert_eq!(error.to_string(), "the thread that ticks does not start");
    let error = HostError::Runtime(wasmtime::Error::msg("no such machine").into());
    assert_eq!(error.to_string(), "the runtime does not start");
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("no such machine"));
}
