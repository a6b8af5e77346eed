//! Plugins written by hand in WebAssembly text, good and bad ones, and a small world for them.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a fixture that is wrong stops its tests"
)]

use std::fmt::Write as _;
use std::sync::LazyLock;

use trapkey::{
    Bundle, CompileOptions, Datetime, Digest, Engine, EntityUid, Limits, Release, Request, Sources,
    compile,
};
use trapkey_plugin::{Manifest, Package};
use trapkey_testkit::repository_dir;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{PackageId, Resolve};

/// Where the data of an [`Image`] begins.
const BASE: u32 = 4096;

/// 2026-10-05T07:00:00Z.
pub const NOW: Datetime = Datetime(1_791_183_600_000);

/// Words of the canonical ABI that lie in a guest's memory: texts, lists and results, by address.
#[derive(Clone, Debug, Default)]
pub struct Image {
    bytes: Vec<u8>,
}

impl Image {
    /// Puts bytes, and gives their address.
    pub fn bytes(&mut self, bytes: &[u8]) -> u32 {
        while !self.bytes.len().is_multiple_of(8) {
            self.bytes.push(0);
        }
        let at = u32::try_from(self.bytes.len()).expect("a small image");
        self.bytes.extend_from_slice(bytes);
        BASE + at
    }

    /// Puts words, and gives their address.
    pub fn words(&mut self, words: &[u32]) -> u32 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.bytes(&bytes)
    }

    /// Puts a text or other bytes; pointer and length.
    pub fn text(&mut self, text: impl AsRef<[u8]>) -> [u32; 2] {
        let text = text.as_ref();
        [self.bytes(text), u32::try_from(text.len()).expect("a short text")]
    }

    /// Puts a list of records of words; pointer and length.
    pub fn list(&mut self, records: &[Vec<u32>]) -> [u32; 2] {
        let at = self.words(&records.concat());
        [at, u32::try_from(records.len()).expect("a short list")]
    }

    /// The data segment.
    fn segment(&self) -> String {
        let mut text = String::new();
        for byte in &self.bytes {
            write!(text, "\\{byte:02x}").expect("texts grow");
        }
        format!("(data (i32.const {BASE}) \"{text}\")")
    }
}

/// What a guest is made of.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Its world.
    pub world: &'static str,
    /// What it imports.
    pub imports: String,
    /// Pages of its memory.
    pub pages: u32,
    /// What lies in its memory.
    pub image: Image,
    /// Other items.
    pub items: String,
    /// Its functions.
    pub functions: String,
}

/// Lets a guest log.
pub const LOG: &str =
    r#"(import "trapkey:plugin/logging@0.1.0" "log" (func $log (param i32 i32 i32)))"#;

/// Lets a guest read documents.
pub const READ: &str =
    r#"(import "trapkey:plugin/documents@0.1.0" "read" (func $read (param i32 i32 i32)))"#;

/// The interfaces.
static WIT: LazyLock<(Resolve, PackageId)> = LazyLock::new(|| {
    let mut resolve = Resolve::default();
    let (package, _) =
        resolve.push_path(repository_dir().join("wit/plugin")).expect("the interfaces");
    (resolve, package)
});

impl Guest {
    /// A guest of this world that exports nothing yet.
    pub fn new(world: &'static str) -> Self {
        Self {
            world,
            imports: String::new(),
            pages: 2,
            image: Image::default(),
            items: String::new(),
            functions: String::new(),
        }
    }

    /// Exports a function of an interface.
    pub fn function(mut self, name: &str, text: &str) -> Self {
        write!(self.functions, "(func (export \"trapkey:plugin/{name}\") {text})")
            .expect("texts grow");
        self
    }

    /// The module in text; its heap begins behind the first page.
    pub fn wat(&self) -> String {
        let Self { imports, pages, image, items, functions, .. } = self;
        let segment = image.segment();
        format!(
            r#"(module {imports}
  (memory (export "memory") {pages})
  {segment}
  (global $heap (mut i32) (i32.const 65536))
  {items}
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add
        (i32.const 1)
        (i32.div_u
          (i32.sub (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
          (i32.const 65536)))))))
    (local.get $at))
  {functions})"#
        )
    }

    /// The component.
    pub fn component(&self) -> Vec<u8> {
        self.component_of(&self.wat())
    }

    /// The component of another module for the same world.
    pub fn component_of(&self, wat: &str) -> Vec<u8> {
        let mut module = wat::parse_str(wat).expect("a module");
        let (resolve, package) = &*WIT;
        let world = resolve.select_world(&[*package], Some(self.world)).expect("a world");
        embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)
            .expect("a core module");
        let mut encoder =
            ComponentEncoder::default().validate(true).module(&module).expect("a fitting module");
        encoder.encode().expect("a component")
    }
}

/// What a provider tells: entities as type, id and attributes, and values for contexts.
#[derive(Clone, Debug, Default)]
pub struct Told<'t> {
    /// Entities.
    pub entities: Vec<[&'t str; 3]>,
    /// Names and values.
    pub context: Vec<[&'t str; 2]>,
}

impl Told<'_> {
    /// Puts a result of `refresh`, and gives its address; 24 bytes further are the eight of `as-of`.
    pub fn put(&self, image: &mut Image) -> u32 {
        let texts = |image: &mut Image, texts: &[&str]| {
            texts.iter().flat_map(|text| image.text(text)).collect::<Vec<u32>>()
        };
        let entities: Vec<_> = self.entities.iter().map(|fact| texts(image, fact)).collect();
        let context: Vec<_> = self.context.iter().map(|fact| texts(image, fact)).collect();
        let ([entities, entity_count], [context, value_count]) =
            (image.list(&entities), image.list(&context));
        image.words(&[0, 0, entities, entity_count, context, value_count, 0, 0])
    }
}

/// A provider that tells this as of now, once `body` has run, which has `$now`.
pub fn provider(told: &Told<'_>, body: &str) -> Guest {
    let mut guest = Guest::new("context-provider");
    let at = told.put(&mut guest.image);
    let text = format!(
        "(param $now i64) (result i32) {body} \
         (i64.store (i32.const {}) (local.get $now)) (i32.const {at})",
        at + 24
    );
    guest.function("provider@0.1.0#refresh", &text)
}

/// A provider whose result lies at the address that `body` gives.
pub fn raw_provider(guest: Guest, body: &str) -> Guest {
    guest.function("provider@0.1.0#refresh", &format!("(param $now i64) (result i32) {body}"))
}

/// A provider that reads the document `inventory.json` and tells its bytes as attributes of the device `d1`; why it
/// cannot, if it cannot.
pub fn reading_provider() -> Guest {
    let mut guest = Guest::new("context-provider");
    READ.clone_into(&mut guest.imports);
    let [name, name_len] = guest.image.text("inventory.json");
    let read = guest.image.words(&[0; 4]);
    let told = Told { entities: vec![["Device", "d1", ""]], ..Told::default() };
    let at = told.put(&mut guest.image);
    let body = format!(
        "(local $fact i32)
        (call $read (i32.const {name}) (i32.const {name_len}) (i32.const {read}))
        (if (i32.load8_u (i32.const {read}))
          (then
            (i32.store (i32.const {at}) (i32.const 1))
            (i64.store (i32.const {}) (i64.load offset=4 align=4 (i32.const {read})))
            (i32.store (i32.const {}) (i32.load offset=12 (i32.const {read})))
            (return (i32.const {at}))))
        (local.set $fact (i32.load (i32.const {})))
        (i32.store offset=16 (local.get $fact) (i32.load offset=4 (i32.const {read})))
        (i32.store offset=20 (local.get $fact) (i32.load offset=8 (i32.const {read})))
        (i64.store (i32.const {}) (local.get $now))
        (i32.const {at})",
        at + 8,
        at + 16,
        at + 8,
        at + 24,
    );
    raw_provider(guest, &body)
}

/// A plugin that fulfils the obligations `notify` and `mail`, and gives the name of the one that it is given; one
/// without an argument is done.
pub fn fulfiller() -> Guest {
    let mut guest = Guest::new("obligation-handler");
    let texts = [guest.image.text("notify"), guest.image.text("mail")];
    let [at, len] = guest.image.list(&texts.map(|text| text.to_vec()));
    let names = guest.image.words(&[at, len]);
    let result = guest.image.words(&[0; 4]);
    let body = format!(
        "(param $duty i32) (result i32)
        (i32.store8 offset=4 (i32.const {result}) (i32.load8_u offset=8 (local.get $duty)))
        (i32.store offset=8 (i32.const {result}) (i32.load (local.get $duty)))
        (i32.store offset=12 (i32.const {result}) (i32.load offset=4 (local.get $duty)))
        (i32.const {result})"
    );
    guest
        .function("handler@0.1.0#names", &format!("(result i32) (i32.const {names})"))
        .function("handler@0.1.0#fulfil", &body)
}

/// A sink that gives the first `kept` records as they are, or all if there are fewer.
pub fn sink(kept: u32) -> Guest {
    let mut guest = Guest::new("audit-sink");
    let result = guest.image.words(&[0; 3]);
    let body = format!(
        "(param $records i32) (param $count i32) (result i32)
        (i32.store offset=4 (i32.const {result}) (local.get $records))
        (i32.store offset=8 (i32.const {result}) (select (local.get $count) (i32.const {kept})
          (i32.lt_u (local.get $count) (i32.const {kept}))))
        (i32.const {result})"
    );
    guest.function("sink@0.1.0#format", &body)
}

/// An adapter of a protocol whose messages begin with their length in one byte; each asks this question, as action,
/// resource and context. A length of 255 is not of the protocol.
pub fn adapter(question: [[&str; 2]; 2], context: &str) -> Guest {
    let mut guest = Guest::new("protocol-adapter");
    let mut words = Vec::new();
    for text in question.concat() {
        words.extend(guest.image.text(text));
    }
    words.extend(guest.image.text(context));
    let [questions, count] = guest.image.list(&[words]);
    let [why, why_len] = guest.image.text("no such length");
    let invalid = guest.image.words(&[1, 1, why, why_len]);
    let incomplete = guest.image.words(&[0, 0, 0]);
    let message = guest.image.words(&[0, 1, 0, questions, count]);
    let body = format!(
        "(param $direction i32) (param $at i32) (param $len i32) (result i32) (local $size i32)
        (local.set $size (i32.const 1))
        (if (local.get $len) (then (local.set $size (i32.load8_u (local.get $at)))))
        (if (i32.eq (local.get $size) (i32.const 255)) (then (return (i32.const {invalid}))))
        (if (i32.gt_u (local.get $size) (local.get $len))
          (then
            (i32.store offset=8 (i32.const {incomplete})
              (i32.sub (local.get $size) (local.get $len)))
            (return (i32.const {incomplete}))))
        (i32.store offset=8 (i32.const {message}) (local.get $size))
        (i32.const {message})"
    );
    guest.function("adapter@0.1.0#read", &body)
}

/// A component and its manifest.
#[derive(Clone, Debug)]
pub struct Published {
    /// The manifest.
    pub manifest: Manifest,
    /// The component.
    pub component: Vec<u8>,
}

impl Published {
    /// A component of a world, with the rest of its manifest.
    pub fn new(world: &str, component: Vec<u8>, rest: &str) -> Self {
        let digest = Digest::of(&component);
        let text = format!(
            "name = \"guest\"\nversion = \"1.0.0\"\nworld = \"{world}\"\n\
             component = \"{digest}\"\n{rest}"
        );
        Self { manifest: Manifest::parse(&text).expect("a manifest"), component }
    }

    /// As a host loads it.
    pub fn package(&self) -> Package<'_> {
        Package { manifest: &self.manifest, component: &self.component }
    }
}

/// What providers of the small world declare.
pub const PROVIDES: &str = "[provides]
entities = { \"Device\" = [\"posture\", \"level\"] }
context = [\"score\"]
age = \"dataAge\"
stamps = { \"Device\" = \"seenAt\" }
";

/// A small world: devices with a posture, and facts that may be five minutes old.
pub const SCHEMA: &str = r#"
entity User;
entity Device = { posture: String, @min("0") @max("9") level?: Long, seenAt?: datetime };
action open appliesTo {
  principal: User, resource: Device, context: { dataAge: duration, @max("100") score?: Long }
};
action close appliesTo { principal: User, resource: Device, context: {} };
"#;

/// Its policies.
pub const POLICIES: &str = r#"
@id("good") permit (principal, action == Action::"open", resource)
when { resource.posture == "good" };
@id("stale") forbid (principal, action == Action::"open", resource)
when { context.dataAge > duration("5m") };
@id("score") forbid (principal, action == Action::"open", resource)
when { context has score && context.score > 50 };
@id("close") permit (principal, action == Action::"close", resource)
when { resource has seenAt && resource.seenAt > datetime("2026-10-05") };
"#;

/// The bundle of any sources.
pub fn bundle(schema: &str, policies: &str) -> Bundle {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("it compiles");
    let release = Release { name: "guests".into(), version: "1".into(), sequence: 1 };
    Bundle::open(&Bundle::pack(&release, &compiled.module).expect("a bundle")).expect("a bundle")
}

/// An engine with the small world and the devices `d1`, which is good, and `d2`, which is not.
pub fn engine() -> Engine {
    static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| bundle(SCHEMA, POLICIES));
    let engine = Engine::new(Limits::default()).expect("an engine");
    let entities = r#"[
        { "uid": { "type": "Device", "id": "d1" }, "attrs": { "posture": "good" }, "parents": [] },
        { "uid": { "type": "Device", "id": "d2" }, "attrs": { "posture": "bad" }, "parents": [] }
    ]"#;
    engine.publish_with_json(&*BUNDLE, entities).expect("facts");
    engine
}

/// The request to open a device; its facts are new unless it is filled.
pub fn open(engine: &Engine, device: &str) -> Request {
    let model = engine.model().expect("a model");
    Request::builder(&model)
        .principal(EntityUid::new("User", "ann"))
        .action(EntityUid::new("Action", "open"))
        .resource(EntityUid::new("Device", device))
        .attribute("dataAge", trapkey::Value::Duration(0))
        .build()
        .expect("a request")
}

/// All that facts could change: the rows of all entities.
pub fn rows(engine: &Engine) -> Vec<(EntityUid, Vec<u8>)> {
    let entities = engine.entities().expect("facts");
    entities.iter().map(|own| (own.uid().clone(), own.row().bytes().to_vec())).collect()
}
