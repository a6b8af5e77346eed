//! Policy modules written by hand, for tests of everything around a module.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a fixture that is wrong stops its tests"
)]

use std::collections::BTreeMap;

use trapkey::{
    Bundle, Effect, Engine, Entity, EntityUid, Limits, Model, Options, Policy, Precompiled,
    PrecompiledError, Release, Request, Span, Stage, Value,
};
use trapkey_abi::{
    Action, Attribute, EntityType, Environment, ForbidErrors, GatherTable, Layout, MemoryMap,
    ModuleManifest, Path, Projection, Read, Record, Schema, Semantics, Spill, Type, section,
};

/// A module as its parts, to be broken one at a time.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// Content of the section for the manifest.
    pub manifest: ModuleManifest,
    /// Content of the section for the schema.
    pub schema: Schema,
    /// Content of the section for the gather table.
    pub gather: GatherTable,
    /// Content of the section for the policies.
    pub policies: Vec<Policy>,
    /// The memory's declaration.
    pub memory: String,
    /// The global that holds the contract's version.
    pub abi: String,
    /// What else the module declares.
    pub items: String,
    /// The body of `decide`, with `$frame` and `$out`.
    pub decide: String,
}

/// Frames and responses of the fixture: 32 KiB and 8 KiB in two pages.
pub const MEMORY: MemoryMap = MemoryMap {
    pages: 2,
    frames_offset: 1024,
    frames_bytes: 32768,
    frame_bytes_max: 4096,
    responses_offset: 65536,
    responses_bytes: 8192,
    response_bytes_max: 1024,
};

/// Functions that bodies of `decide` call.
const LIBRARY: &str = "
  (func $respond (param $out i32) (param $verdict i32) (param $reason i32)
    (i32.store8 offset=0 (local.get $out) (local.get $verdict))
    (i32.store8 offset=1 (local.get $out) (local.get $reason))
    (i32.store offset=4 (local.get $out) (i32.const 0))
    (i32.store offset=8 (local.get $out) (i32.const 0))
    (i32.store offset=12 (local.get $out) (i32.const 64)))
  (func $entry (param $out i32) (param $policy i32) (param $bits i32)
    (local $at i32)
    (local.set $at (i32.add (local.get $out) (i32.load offset=12 (local.get $out))))
    (i32.store (local.get $at) (local.get $policy))
    (i32.store offset=4 (local.get $at) (local.get $bits))
    (i32.store offset=8 (local.get $out)
      (i32.add (i32.load offset=8 (local.get $out)) (i32.const 1)))
    (i32.store offset=12 (local.get $out)
      (i32.add (i32.load offset=12 (local.get $out)) (i32.const 8))))
  (func $level (param $frame i32) (result i32)
    (local $row i32)
    (local.set $row (i32.load offset=128 (local.get $frame)))
    (if (i32.eqz (local.get $row)) (then (return (i32.const -1))))
    (i32.load offset=LEVEL (i32.add (local.get $frame) (local.get $row))))";

/// Denies: no permit is satisfied.
pub const DENY: &str = "(call $respond (local.get $out) (i32.const 0) (i32.const 3))";

/// Allows by policy 0.
pub const ALLOW: &str = "
  (call $respond (local.get $out) (i32.const 1) (i32.const 1))
  (call $entry (local.get $out) (i32.const 0) (i32.const 0))";

/// Allows by policy 0 if the principal's level is at least 3.
pub const ALLOW_BY_LEVEL: &str = "
  (if (i32.ge_s (call $level (local.get $frame)) (i32.const 3))
    (then
      (call $respond (local.get $out) (i32.const 1) (i32.const 1))
      (call $entry (local.get $out) (i32.const 0) (i32.const 0)))
    (else (call $respond (local.get $out) (i32.const 0) (i32.const 3))))";

/// A body that does `special` for principals of level 9, and else denies.
pub fn at_level_9(special: &str) -> String {
    format!(
        "(if (i32.eq (call $level (local.get $frame)) (i32.const 9))
           (then {special}) (else {DENY}))"
    )
}

impl Fixture {
    /// A module over users, documents and the action `view`, with this body of `decide`.
    ///
    /// Policy 0 is a permit, 1 a forbid, 2 an observed permit; each has one place.
    pub fn new(decide: &str) -> Self {
        Self::for_schema(schema(), decide)
    }

    /// The same module for another schema, which keeps what the module reads.
    pub fn for_schema(schema: Schema, decide: &str) -> Self {
        let layout = Layout::new(&schema);
        let gather = gather(&schema, &layout);
        Self {
            manifest: ModuleManifest {
                abi: trapkey_abi::ABI_VERSION,
                compiler: "hand 1.0".to_owned(),
                schema_digest: "0".repeat(64),
                layout_digest: layout.digest,
                semantics: Semantics {
                    forbid_errors: ForbidErrors::Deny,
                    stages: true,
                    expiry: true,
                },
                memory: MEMORY,
                instructions_max: vec![1_000; schema.actions.len()],
            },
            policies: vec![
                policy(0, Effect::Permit, Stage::Enforce),
                policy(1, Effect::Forbid, Stage::Enforce),
                policy(2, Effect::Permit, Stage::Observe),
            ],
            schema,
            gather,
            memory: "(memory (export \"memory\") 2 2)".to_owned(),
            abi: "(global (export \"trapkey_abi\") i32 (i32.const 1))".to_owned(),
            items: String::new(),
            decide: decide.to_owned(),
        }
    }

    /// The module in text form, without its custom sections.
    pub fn wat(&self) -> String {
        let Self { memory, abi, items, decide, .. } = self;
        let library = LIBRARY.replace("LEVEL", &self.level_offset().to_string());
        format!(
            "(module {items} {memory} {abi} {library}
               (func (export \"decide\") (param $frame i32) (param $out i32) {decide})
               (func (export \"decide_batch\") (param i32 i32 i32 i32)))"
        )
    }

    /// The module's bytes.
    pub fn module(&self) -> Vec<u8> {
        self.sections(&wat::parse_str(self.wat()).expect("the fixture is WAT"))
    }

    /// `module` with the custom sections.
    pub fn sections(&self, module: &[u8]) -> Vec<u8> {
        let mut module = module.to_vec();
        let Self { manifest, schema, gather, policies, .. } = self;
        custom(&mut module, section::MANIFEST, &serde_json::to_vec(manifest).expect("JSON"));
        custom(&mut module, section::LAYOUT, &serde_json::to_vec(schema).expect("JSON"));
        custom(&mut module, section::GATHER, &serde_json::to_vec(gather).expect("JSON"));
        custom(&mut module, section::POLICIES, &serde_json::to_vec(policies).expect("JSON"));
        module
    }

    /// The packed bundle.
    pub fn packed(&self) -> Vec<u8> {
        Bundle::pack(&release(), &self.module()).expect("the fixture packs")
    }

    /// The opened bundle.
    pub fn bundle(&self) -> Bundle {
        Bundle::open(&self.packed()).expect("the fixture opens")
    }

    fn level_offset(&self) -> u32 {
        let layout = Layout::new(&self.schema);
        let mut rows = self.schema.entity_types.iter().zip(&layout.entity_types);
        let (_, row) = rows.find(|(ty, _)| ty.name == "User").expect("the schema has users");
        row.field("level").map_or(0, |field| field.offset)
    }
}

/// Appends a custom section.
pub fn custom(module: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut section = leb128(name.len());
    section.extend_from_slice(name.as_bytes());
    section.extend_from_slice(content);
    module.push(0);
    module.extend(leb128(section.len()));
    module.extend(section);
}

fn leb128(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// The name under which fixtures are packed.
pub fn release() -> Release {
    Release { name: "fixture".to_owned(), version: "1.0.0".to_owned(), sequence: 1 }
}

fn policy(index: u32, effect: Effect, stage: Stage) -> Policy {
    let span = Span { start: index * 100, end: index * 100 + 50 };
    Policy {
        id: format!("fixture.{index}"),
        cedar_id: format!("policy{index}"),
        effect,
        stage,
        template: None,
        annotations: BTreeMap::new(),
        obligations: Vec::new(),
        advice: Vec::new(),
        expires: None,
        span,
        places: vec![span],
        faults: Vec::new(),
    }
}

/// An attribute without limits.
pub fn attribute(ty: Type, required: bool) -> Attribute {
    Attribute::new(ty, required)
}

fn record<const N: usize>(attributes: [(&str, Attribute); N]) -> Record {
    Record { attributes: attributes.map(|(name, ty)| (name.to_owned(), ty)).into() }
}

/// Users with a level, and perhaps a name and a manager; documents; the action `view`.
pub fn schema() -> Schema {
    let entity = |name: &str, attributes: Record| EntityType {
        name: name.to_owned(),
        attributes,
        tags: None,
        ancestors: Vec::new(),
        ids: None,
        is_action: false,
    };
    let user = record([
        ("level", attribute(Type::Long, true)),
        ("manager", attribute(Type::Entity("User".to_owned()), false)),
        ("name", attribute(Type::String, false)),
    ]);
    let context = record([("hour", attribute(Type::Long, true))]);
    Schema {
        entity_types: vec![
            EntityType { is_action: true, ..entity("Action", Record::default()) },
            entity("Document", Record::default()),
            entity("User", user),
        ],
        actions: vec![Action {
            uid: EntityUid::new("Action", "view"),
            groups: Vec::new(),
            principals: vec!["User".to_owned()],
            resources: vec!["Document".to_owned()],
            context,
        }],
    }
}

/// Reads the principal's level and name, and the level of the principal's manager.
fn gather(schema: &Schema, layout: &Layout) -> GatherTable {
    let (user_type, _) = schema.entity_type("User").expect("the schema has users");
    let user = &layout.entity_types[usize::try_from(user_type).expect("small")];
    let offset = |name| user.field(name).expect("declared").offset;
    let mut entity_types = vec![Projection::default(); schema.entity_types.len()];
    entity_types[usize::try_from(user_type).expect("small")] = Projection::new(
        [
            Read { offset: offset("level"), len: 8 },
            Read { offset: offset("manager"), len: 16 },
            Read { offset: offset("name"), len: 8 },
        ],
        [Spill(offset("name"))],
    );
    let hour = layout.contexts[0].field("hour").expect("declared").offset;
    GatherTable {
        layout: layout.digest,
        paths: vec![
            Path::Principal,
            Path::Resource,
            Path::Row { of: 0, offset: offset("manager") },
        ],
        environments: vec![Environment {
            action: 0,
            principal_type: user_type,
            resource_type: schema.entity_type("Document").expect("declared").0,
            context: 0,
            paths: vec![0, 1, 2],
            templates: Vec::new(),
        }],
        entity_types,
        contexts: vec![Projection::new([Read { offset: hour, len: 8 }], [])],
    }
}

/// The schema with another attribute of users.
pub fn schema_with(name: &str, attribute: Attribute) -> Schema {
    let mut schema = schema();
    let user = schema.entity_types.iter_mut().find(|ty| ty.name == "User").expect("declared");
    user.attributes.attributes.insert(name.to_owned(), attribute);
    schema
}

/// A user of this level.
pub fn user(id: &str, level: i64) -> Entity {
    Entity {
        uid: EntityUid::new("User", id),
        attributes: BTreeMap::from([("level".to_owned(), Value::Long(level))]),
        parents: Vec::new(),
        tags: BTreeMap::new(),
    }
}

/// The request of a user to view a document.
pub fn request(engine: &Engine, id: &str) -> Request {
    let model = engine.model().expect("something is published");
    request_under(&model, id)
}

/// The same, for any schema of the fixture.
pub fn request_under(model: &Model, id: &str) -> Request {
    Request::builder(model)
        .principal(EntityUid::new("User", id))
        .action(EntityUid::new("Action", "view"))
        .resource(EntityUid::new("Document", "d"))
        .attribute("hour", Value::Long(12))
        .build()
        .expect("the request conforms")
}

/// An engine under these limits that finds out modules which read what was not written for them.
pub fn engine(limits: Limits) -> Engine {
    let options =
        Options { limits, poison_frames: true, signal_handlers: false, ..Options::default() };
    Engine::with_options(options).expect("the runtime starts")
}

/// The artefact of a bundle, taken for what it claims to be.
///
/// # Errors
///
/// [`PrecompiledError`] if it is not that of the bundle, or damaged.
#[expect(
    unsafe_code,
    reason = "tests make their artefacts themselves, and damage only what is digested"
)]
pub fn trusted<'a>(
    bundle: &'a Bundle,
    artefact: &'a [u8],
) -> Result<Precompiled<'a>, PrecompiledError> {
    // SAFETY: every artefact of a test is what `precompile` returned, or differs from that in bytes that the digest
    // covers or the header's checks refuse.
    unsafe { Precompiled::trusted(bundle, artefact) }
}
