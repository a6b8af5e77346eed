//! From a manifest and the bytes of a component to a plugin: what is checked before anything of it runs.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};

use trapkey::{Digest, RuntimeError};
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};

use crate::bindings::{audit, documents, logging, obligations, protocol, provider, types};
use crate::grants::Takes;
use crate::ledger::Ledger;
use crate::plugin::Plugin;
use crate::state::State;
use crate::structure;
use crate::text::line;
use crate::{
    AuditSink, FAILURE_BYTES_MAX, Fulfiller, Grants, Host, Import, Limits, Manifest,
    ProtocolAdapter, Provider, World,
};

/// The package of the interfaces.
const PACKAGE: &str = "trapkey:plugin/";

/// Versions that are the same interface: they may add functions, which a component may need in vain.
const VERSIONS: &str = "0.1.";

/// How a core module begins.
const CORE_MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Exports that an error names.
const NAMED_MAX: usize = 16;

/// A plugin as it is published: two files.
#[derive(Clone, Copy, Debug)]
pub struct Package<'p> {
    /// What it says of itself.
    pub manifest: &'p Manifest,
    /// The component.
    pub component: &'p [u8],
}

/// Why a plugin was not loaded; nothing of it has run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The manifest is of a plugin of another world.
    #[error("the manifest says {declared}, asked for is {asked}")]
    OtherWorld {
        /// The manifest's world.
        declared: World,
        /// The world that was asked for.
        asked: World,
    },
    /// Something is granted that the manifest does not declare.
    #[error("granted is `{name}`, which the manifest does not declare")]
    GrantUndeclared {
        /// A document, or a name of what is taken.
        name: String,
    },
    /// The component exceeds [`Limits::component_bytes_max`].
    #[error("the component is {len} bytes, the limit is {max}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// The component is not the one that the manifest is of.
    #[error("the component has the digest {found}, the manifest says {declared}")]
    Digest {
        /// The manifest's digest.
        declared: Digest,
        /// That of the component.
        found: Digest,
    },
    /// It is a core module, which has no interface; `wit-component` makes a component of it.
    #[error("a core module, not a component")]
    CoreModule,
    /// More of something than a component may be made of. It was not compiled, as that may take without end.
    ///
    /// All numbers are of the whole component where nothing else is said: 8 levels of components or modules in each other, and
    /// of types; 128 components and modules; 1,024 instances and 20,000 items (imports, exports, aliases, types, arguments and
    /// the like) once each instantiation is written out; none of a component that is imported or taken out of an instance;
    /// 20,000 functions; for each function 1 MiB, 5,000 locals, 1,000 levels of blocks, and 65,536 targets of `br_table`; a sum
    /// of 4,000,000 over all functions of locals times branches.
    #[error("the component has {found} {what}, the limit is {max}")]
    Structure {
        /// Of what.
        what: &'static str,
        /// What it has, or how many of them were found before the rest was left unread.
        found: u64,
        /// The limit.
        max: u64,
    },
    /// It is no component that can be compiled.
    #[error("unreadable component")]
    Unreadable(#[source] RuntimeError),
    /// It imports what no host of plugins has, as WASI.
    #[error("the component imports `{import}`, which plugins do not have")]
    UnknownImport {
        /// The import.
        import: String,
    },
    /// It imports or exports another version of an interface.
    #[error("the component has `{name}`, this host has the versions {VERSIONS}x")]
    OtherVersion {
        /// The interface with its version.
        name: String,
    },
    /// It imports what its manifest does not declare.
    #[error("the component imports `{import}`, which its manifest does not declare")]
    UndeclaredImport {
        /// The import.
        import: Import,
    },
    /// It imports what the host does not grant it.
    #[error("the component imports `{import}`, which is not granted")]
    UngrantedImport {
        /// The import.
        import: Import,
    },
    /// It does not export what plugins of its world do.
    #[error("the component does not export `{want}`, but {found:?}")]
    MissingExport {
        /// The interface that it lacks.
        want: String,
        /// What it exports; the first of them.
        found: Vec<String>,
    },
    /// A function that it imports or exports is not that of the interface.
    #[error("the component is made for other interfaces")]
    Interface(#[source] RuntimeError),
    /// It needs more from the beginning on than it may have.
    #[error("the component has {found} {what}, the limit is {max}")]
    Resources {
        /// Of what.
        what: &'static str,
        /// What it has.
        found: u64,
        /// The limit.
        max: u64,
    },
}

impl Host {
    /// Loads a provider of facts. Compiling takes about a second for each MiB; it has no deadline, and what it might take long
    /// for is refused before ([`LoadError::Structure`]).
    ///
    /// # Errors
    ///
    /// [`LoadError`]
    pub fn load_provider(
        &self,
        package: Package<'_>,
        grants: Grants,
        limits: Limits,
    ) -> Result<Provider, LoadError> {
        let make = provider::ContextProviderPre::new;
        self.load(World::ContextProvider, package, (grants, limits), make).map(Provider::new)
    }

    /// Loads a plugin that fulfils obligations, as [`Host::load_provider`].
    ///
    /// # Errors
    ///
    /// [`LoadError`]
    pub fn load_fulfiller(
        &self,
        package: Package<'_>,
        grants: Grants,
        limits: Limits,
    ) -> Result<Fulfiller, LoadError> {
        let make = obligations::ObligationHandlerPre::new;
        self.load(World::ObligationHandler, package, (grants, limits), make).map(Fulfiller::new)
    }

    /// Loads a sink of audit records, as [`Host::load_provider`].
    ///
    /// # Errors
    ///
    /// [`LoadError`]
    pub fn load_sink(
        &self,
        package: Package<'_>,
        grants: Grants,
        limits: Limits,
    ) -> Result<AuditSink, LoadError> {
        let make = audit::AuditSinkPre::new;
        self.load(World::AuditSink, package, (grants, limits), make).map(AuditSink::new)
    }

    /// Loads a reader of a protocol, as [`Host::load_provider`].
    ///
    /// # Errors
    ///
    /// [`LoadError`]
    pub fn load_adapter(
        &self,
        package: Package<'_>,
        grants: Grants,
        limits: Limits,
    ) -> Result<ProtocolAdapter, LoadError> {
        let make = protocol::ProtocolAdapterPre::new;
        self.load(World::ProtocolAdapter, package, (grants, limits), make).map(ProtocolAdapter::new)
    }

    fn load<P>(
        &self,
        world: World,
        Package { manifest, component }: Package<'_>,
        (grants, limits): (Grants, Limits),
        make: fn(InstancePre<State>) -> wasmtime::Result<P>,
    ) -> Result<Plugin<P>, LoadError> {
        if manifest.world() != world {
            return Err(LoadError::OtherWorld { declared: manifest.world(), asked: world });
        }
        let undeclared =
            grants.documents.keys().find(|name| !manifest.documents().contains(*name)).cloned();
        let scope = match &grants.takes {
            Takes::Nothing => crate::Provides::default(),
            Takes::All => manifest.provides().clone(),
            Takes::Only(provides) => provides.clone(),
        };
        if let Some(name) = undeclared.or_else(|| scope.undeclared(manifest.provides())) {
            return Err(LoadError::GrantUndeclared { name });
        }
        let engine = self.runtime.engine();
        let component = compile(engine, manifest, component, &limits)?;
        check_imports(engine, &component, manifest, &grants)?;
        check_export(engine, &component, world)?;
        check_resources(&component, &limits)?;
        let linker = link(engine, &grants).map_err(interface)?;
        let pre = linker.instantiate_pre(&component).and_then(make).map_err(interface)?;
        Ok(Plugin {
            runtime: Arc::clone(&self.runtime),
            manifest: manifest.clone(),
            scope,
            limits: Arc::new(limits),
            logger: grants.logger,
            documents: Arc::new(grants.documents),
            pre,
            running: AtomicU32::new(0),
            ledger: Mutex::new(Ledger::default()),
        })
    }
}

fn interface(error: wasmtime::Error) -> LoadError {
    LoadError::Interface(error.into())
}

fn compile(
    engine: &wasmtime::Engine,
    manifest: &Manifest,
    bytes: &[u8],
    limits: &Limits,
) -> Result<Component, LoadError> {
    let (len, max) = (bytes.len(), limits.component_bytes_max);
    if len > max {
        return Err(LoadError::TooLarge { len, max });
    }
    let (declared, found) = (manifest.component(), Digest::of(bytes));
    if found != declared {
        return Err(LoadError::Digest { declared, found });
    }
    if bytes.starts_with(&CORE_MODULE) {
        return Err(LoadError::CoreModule);
    }
    structure::check(bytes)?;
    Component::from_binary(engine, bytes).map_err(|error| LoadError::Unreadable(error.into()))
}

/// What the component imports must be known, declared and granted. `types` has no functions, and grants nothing.
fn check_imports(
    engine: &wasmtime::Engine,
    component: &Component,
    manifest: &Manifest,
    grants: &Grants,
) -> Result<(), LoadError> {
    for (name, _) in component.component_type().imports(engine) {
        let unknown = || LoadError::UnknownImport { import: line(name, FAILURE_BYTES_MAX) };
        let own = name.strip_prefix(PACKAGE).ok_or_else(unknown)?;
        let (own, version) = own.split_once('@').unwrap_or((own, ""));
        let import = match own {
            "types" => None,
            "logging" => Some((Import::Logging, grants.logger.is_some())),
            "documents" => Some((Import::Documents, !grants.documents.is_empty())),
            _ => return Err(unknown()),
        };
        if !version.starts_with(VERSIONS) {
            return Err(LoadError::OtherVersion { name: line(name, FAILURE_BYTES_MAX) });
        }
        let Some((import, is_granted)) = import else { continue };
        if !manifest.imports().contains(&import) {
            return Err(LoadError::UndeclaredImport { import });
        }
        if !is_granted {
            return Err(LoadError::UngrantedImport { import });
        }
    }
    Ok(())
}

fn check_export(
    engine: &wasmtime::Engine,
    component: &Component,
    world: World,
) -> Result<(), LoadError> {
    let want = format!("{PACKAGE}{}", world.export());
    let component_type = component.component_type();
    let names = || component_type.exports(engine).map(|(name, _)| name);
    let version = |name: &str| {
        let rest = name.strip_prefix(want.as_str())?;
        rest.strip_prefix('@').map(|version| version.starts_with(VERSIONS))
    };
    if names().any(|name| version(name) == Some(true)) {
        return Ok(());
    }
    if let Some(name) = names().find(|name| version(name).is_some()) {
        return Err(LoadError::OtherVersion { name: line(name, FAILURE_BYTES_MAX) });
    }
    let found = names().take(NAMED_MAX).map(str::to_owned).collect();
    Err(LoadError::MissingExport { want, found })
}

/// What the component needs before it runs. What comes to it later is counted in each call.
fn check_resources(component: &Component, limits: &Limits) -> Result<(), LoadError> {
    const PAGE_BYTES: u64 = 65_536;
    let Some(required) = component.resources_required() else { return Ok(()) };
    let memory = required.max_initial_memory_size.unwrap_or_default().saturating_mul(PAGE_BYTES);
    let table = required.max_initial_table_size.unwrap_or_default();
    for (what, found, max) in [
        ("memories", u64::from(required.num_memories), limits.memories_max),
        ("bytes of memory", memory, limits.memory_bytes_max),
        ("tables", u64::from(required.num_tables), limits.tables_max),
        ("elements of a table", table, limits.table_elements_max),
    ] {
        let max = u64::try_from(max).unwrap_or(u64::MAX);
        if found > max {
            return Err(LoadError::Resources { what, found, max });
        }
    }
    Ok(())
}

/// A linker with what is granted, and nothing else.
fn link(engine: &wasmtime::Engine, grants: &Grants) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    types::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    if grants.logger.is_some() {
        logging::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    }
    if !grants.documents.is_empty() {
        documents::add_to_linker::<State, HasSelf<State>>(&mut linker, |state| state)?;
    }
    Ok(linker)
}
