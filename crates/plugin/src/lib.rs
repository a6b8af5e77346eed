//! Runs plugins: components of the worlds in `wit/plugin`, which are told apart from what they may do.
//!
//! A plugin is two files, a component and a [`Manifest`]. The manifest declares what it imports, which documents it asks for
//! and what it may tell; the host grants all or a part of that by [`Grants`]. There is no WASI: a plugin reaches what it was
//! granted and nothing else. What it imports is held against manifest and grants before anything of it runs, and how it is made
//! is bounded before it is compiled ([`LoadError::Structure`]).
//!
//! Each call has a store of its own, with ceilings on memory, tables, instances, stack, instructions, time, what goes in, what
//! comes out and what is logged ([`Limits`]). What comes back is checked as a whole and taken as a whole. A plugin
//! that misbehaves several times in a row is quarantined; [`Health`] says how it behaves.
//!
//! No plugin is called within a decision. [`Provider`]s refresh facts ahead, by whoever may wait or by a [`Refresher`]; one that
//! is slow, absent or wrong makes facts old, and their age is an attribute that policies read.
//!
//! ```
//! use trapkey_plugin::{Grants, Host, HostOptions, Manifest, Package, Limits, LoadError};
//!
//! let host = Host::new(&HostOptions::default())?;
//! let manifest = Manifest::parse(
//!     r#"
//!     name = "posture"
//!     version = "1.0.0"
//!     world = "context-provider"
//!     component = "0000000000000000000000000000000000000000000000000000000000000000"
//!     imports = ["logging"]
//!     [provides]
//!     entities = { "Plant::Device" = ["posture"] }
//!     age = "dataAge"
//!     "#,
//! )?;
//! let package = Package { manifest: &manifest, component: b"another component" };
//! let grants = Grants::none().logging(|level, line| eprintln!("{level:?} {line}")).take_all();
//! let refused = host.load_provider(package, grants, Limits::default());
//! assert!(matches!(refused, Err(LoadError::Digest { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adapter;
mod bindings;
mod error;
mod fulfiller;
mod grants;
mod host;
mod ledger;
mod limits;
mod load;
mod manifest;
mod plugin;
mod provider;
mod refresher;
mod sink;
mod state;
mod structure;
mod text;

pub use adapter::{Direction, ProtocolAdapter, Question, Reading};
pub use error::{CallError, FAILURE_BYTES_MAX, Failure, TrapKind};
pub use fulfiller::{Fulfiller, Obliged};
pub use grants::{Document, DocumentError, FileDocument, Grants, Level};
pub use host::{Host, HostError};
pub use ledger::{Health, Standing};
pub use limits::{HostOptions, Limits};
pub use load::{LoadError, Package};
pub use manifest::{
    Asks, Import, MANIFEST_BYTES_MAX, Manifest, ManifestError, NAME_BYTES_MAX, Provides, World,
};
pub use provider::{AGE_UNKNOWN, Filler, Provider, RefreshError, Refreshed};
pub use refresher::{Refresher, Refreshing};
pub use sink::AuditSink;
