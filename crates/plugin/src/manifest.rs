//! The manifest of a plugin: what it is, what it imports, what it provides. It declares; the host grants.

mod error;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use trapkey::Digest;

pub use error::ManifestError;

/// Bytes of a manifest.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024;

/// Bytes of the name and of the version of a plugin, and of the name of a document.
pub const NAME_BYTES_MAX: usize = 64;

/// What a plugin is for: a world of `trapkey:plugin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// It provides facts ahead of decisions.
    ContextProvider,
    /// It fulfils obligations.
    ObligationHandler,
    /// It formats records of decisions.
    AuditSink,
    /// It reads a protocol of controllers.
    ProtocolAdapter,
}

/// Something of the host that a plugin may import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Import {
    /// Lines for operators.
    Logging,
    /// Documents by name.
    Documents,
}

/// What a plugin may tell the host, and nothing else is taken. A manifest declares it, [`Grants`](crate::Grants) take all
/// or a part of it. Names of attributes of contexts are paths with points, as `env.dataAge`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provides {
    /// Of a provider: attributes of entities, by entity type.
    pub entities: BTreeMap<String, BTreeSet<String>>,
    /// Of a provider: attributes of contexts.
    pub context: BTreeSet<String>,
    /// Of a provider: the attribute of contexts, a duration, in which the host puts how old the facts are.
    pub age: Option<String>,
    /// Of a provider: by entity type, the attribute, a datetime, in which the host puts when the facts of an entity were true.
    pub stamps: BTreeMap<String, String>,
    /// Of an obligation handler: names of obligations.
    pub obligations: BTreeSet<String>,
    /// Of a protocol adapter: what its questions are about.
    pub asks: Option<Asks>,
}

/// What questions of a protocol adapter are about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asks {
    /// The type of actions, as `Plant::Action`.
    pub actions: String,
    /// Types of resources, as `Plant::Asset`.
    pub resources: BTreeSet<String>,
}

/// A manifest, read and checked. In TOML:
///
/// ```toml
/// name = "posture"                    # a-z, 0-9 and -, at most 64 bytes
/// version = "1.0.0"
/// world = "context-provider"          # or obligation-handler, audit-sink, protocol-adapter
/// component = "f00d…"                 # BLAKE3-256 of the component's bytes, in hexadecimal digits
/// imports = ["logging", "documents"]  # all that it imports; anything else is refused
/// documents = ["inventory.json"]      # names of the documents that it asks for
///
/// [provides]                          # what it may set, and nothing else is taken
/// entities = { "Plant::Device" = ["posture", "tampered"] }
/// context = ["device.score"]
/// age = "env.dataAge"
/// stamps = { "Plant::Device" = "postureAt" }
/// ```
///
/// An obligation handler provides `obligations = ["notify"]`, a protocol adapter
/// `asks = { actions = "Plant::Action", resources = ["Plant::Asset"] }`, an audit sink nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    // INVARIANT: the name is one, imports are of the world, and only keys of the world are provided.
    name: String,
    version: String,
    world: World,
    component: Digest,
    imports: BTreeSet<Import>,
    documents: BTreeSet<String>,
    provides: Provides,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: Spanned<String>,
    version: Spanned<String>,
    world: World,
    component: Digest,
    #[serde(default)]
    imports: Vec<Spanned<Import>>,
    #[serde(default)]
    documents: Vec<Spanned<String>>,
    provides: Option<Spanned<Provides>>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// [`ManifestError`], with the line that is wrong.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLarge { len: text.len() });
        }
        let line = |span: Range<usize>| {
            let before = text.as_bytes().iter().take(span.start);
            before.filter(|byte| **byte == b'\n').count() + 1
        };
        let table: Table = toml::from_str(text).map_err(|error| {
            let message = error.message().to_owned();
            ManifestError::Toml { line: error.span().map_or(1, line), message }
        })?;
        let named = |name: &Spanned<String>, is_one: fn(char) -> bool| {
            let text = name.get_ref();
            if text.is_empty() || text.len() > NAME_BYTES_MAX || !text.chars().all(is_one) {
                let (line, name) = (line(name.span()), text.chars().take(NAME_BYTES_MAX).collect());
                return Err(ManifestError::Name { line, name });
            }
            Ok(())
        };
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        named(&table.name, is_plain)?;
        let is_shown = |c: char| !c.is_control();
        named(&table.version, is_shown)?;
        let mut imports = BTreeSet::new();
        for import in &table.imports {
            let (line, import) = (line(import.span()), *import.get_ref());
            if !table.world.imports().contains(&import) {
                return Err(ManifestError::ImportOfWorld { line, import, world: table.world });
            }
            if !imports.insert(import) {
                return Err(ManifestError::Twice { line, name: import.to_string() });
            }
        }
        let mut documents = BTreeSet::new();
        for document in &table.documents {
            named(document, is_shown)?;
            if !documents.insert(document.get_ref().clone()) {
                let (line, name) = (line(document.span()), document.get_ref().clone());
                return Err(ManifestError::Twice { line, name });
            }
        }
        if let Some(document) = table.documents.first()
            && !imports.contains(&Import::Documents)
        {
            return Err(ManifestError::WithoutImport { line: line(document.span()) });
        }
        let provides = match table.provides {
            Some(provides) => {
                provides.get_ref().check(table.world, line(provides.span()))?;
                provides.into_inner()
            }
            None => Provides::default(),
        };
        let (name, version) = (table.name.into_inner(), table.version.into_inner());
        let Table { world, component, .. } = table;
        Ok(Self { name, version, world, component, imports, documents, provides })
    }

    /// The plugin's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, as the plugin's maker counts.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it is for.
    pub fn world(&self) -> World {
        self.world
    }

    /// Digest of the component's bytes.
    pub fn component(&self) -> Digest {
        self.component
    }

    /// What it imports.
    pub fn imports(&self) -> &BTreeSet<Import> {
        &self.imports
    }

    /// Names of the documents that it asks for.
    pub fn documents(&self) -> &BTreeSet<String> {
        &self.documents
    }

    /// What it may tell.
    pub fn provides(&self) -> &Provides {
        &self.provides
    }
}

impl World {
    /// What plugins of this world can import.
    pub fn imports(self) -> &'static [Import] {
        match self {
            Self::ContextProvider | Self::ObligationHandler => {
                &[Import::Logging, Import::Documents]
            }
            Self::AuditSink | Self::ProtocolAdapter => &[Import::Logging],
        }
    }

    /// The interface that plugins of this world export.
    pub(crate) fn export(self) -> &'static str {
        match self {
            Self::ContextProvider => "provider",
            Self::ObligationHandler => "handler",
            Self::AuditSink => "sink",
            Self::ProtocolAdapter => "adapter",
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ContextProvider => "context-provider",
            Self::ObligationHandler => "obligation-handler",
            Self::AuditSink => "audit-sink",
            Self::ProtocolAdapter => "protocol-adapter",
        })
    }
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Logging => "logging",
            Self::Documents => "documents",
        })
    }
}

impl Provides {
    /// Keys that are used, each with the world that it is of.
    fn keys(&self) -> impl Iterator<Item = (&'static str, World)> {
        [
            (!self.entities.is_empty(), "entities", World::ContextProvider),
            (!self.context.is_empty(), "context", World::ContextProvider),
            (self.age.is_some(), "age", World::ContextProvider),
            (!self.stamps.is_empty(), "stamps", World::ContextProvider),
            (!self.obligations.is_empty(), "obligations", World::ObligationHandler),
            (self.asks.is_some(), "asks", World::ProtocolAdapter),
        ]
        .into_iter()
        .filter_map(|(is_used, key, world)| is_used.then_some((key, world)))
    }

    fn check(&self, world: World, line: usize) -> Result<(), ManifestError> {
        if let Some((key, of)) = self.keys().find(|(_, of)| *of != world) {
            return Err(ManifestError::KeyOfWorld { line, key, of, world });
        }
        // What the host writes is not the plugin's to write.
        let is_in = |path: &str, of: &str| {
            path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let overlaps = |age: &&String| {
            self.context.iter().any(|path| is_in(path, age.as_str()) || is_in(age.as_str(), path))
        };
        if let Some(age) = self.age.as_ref().filter(overlaps) {
            return Err(ManifestError::Twice { line, name: age.clone() });
        }
        for (type_name, stamp) in &self.stamps {
            let Some(attributes) = self.entities.get(type_name) else {
                return Err(ManifestError::StampOfNothing { line, type_name: type_name.clone() });
            };
            if attributes.contains(stamp) {
                return Err(ManifestError::Twice { line, name: stamp.clone() });
            }
        }
        Ok(())
    }

    /// The first name of these that `declared` has not.
    pub(crate) fn undeclared(&self, declared: &Self) -> Option<String> {
        for (type_name, attributes) in &self.entities {
            let Some(own) = declared.entities.get(type_name) else {
                return Some(type_name.clone());
            };
            if let Some(attribute) = attributes.iter().find(|name| !own.contains(*name)) {
                return Some(format!("{type_name}.{attribute}"));
            }
        }
        let stamp = self.stamps.iter().find(|(name, own)| declared.stamps.get(*name) != Some(own));
        if let Some((type_name, stamp)) = stamp {
            return Some(format!("{type_name}.{stamp}"));
        }
        let context = self.context.difference(&declared.context).next();
        let age = self.age.as_ref().filter(|_| self.age != declared.age);
        let obligation = self.obligations.difference(&declared.obligations).next();
        if let Some(name) = context.or(age).or(obligation) {
            return Some(name.clone());
        }
        let asks = self.asks.as_ref()?;
        let own = declared.asks.as_ref().filter(|own| own.actions == asks.actions);
        let Some(own) = own else { return Some(asks.actions.clone()) };
        asks.resources.difference(&own.resources).next().cloned()
    }
}
