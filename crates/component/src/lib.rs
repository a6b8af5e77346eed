//! Builds policies into a component that exports `trapkey:policy/authorizer` (`wit/policy`) and imports nothing.
//!
//! [`build`] links the bundle's own module with a guest that comes with this crate, and wraps both: the policies in a
//! component are those of every other host, instruction by instruction; nothing is compiled and no toolchain is needed.

use trapkey_abi::{Effect, Obligation, Policy, Semantics, Stage};
use trapkey_authorizer::{Duty, PLAN_VERSION, Plan, PolicyNote};
use trapkey_bundle::Bundle;
use trapkey_link::{Blob, LinkError, Linking, POLICY_PAGES_MAX, link};
use wasm_encoder::Encode;
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

/// The guest as WebAssembly: compiled once from `crates/authorizer` by `cargo xtask guest`.
const GUEST: &[u8] = include_bytes!("../asset/authorizer.wasm");

/// How exports of the component model begin: the interface, what frees results, what lends memory for arguments.
const EXPORTS: [&str; 3] = ["trapkey:policy/", "cabi_post_", "cabi_realloc"];

/// Where the guest takes from what every component has: handles of its own resources.
const INTRINSICS: &str = "[export]trapkey:policy/authorizer@0.1.0";

/// How the section begins that says which interface a module has.
const INTERFACE: &str = "component-type";

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentError {
    /// The policies need more memory than a component has for them.
    #[error(
        "the policies need {pages} pages of memory, a component has {POLICY_PAGES_MAX} for them"
    )]
    PolicyMemory {
        /// Pages they need.
        pages: u64,
    },
    /// The bundle's module is not what engines take either, or a part of this library is wrong.
    #[error("the parts of the component do not fit together")]
    Defect(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ComponentError {
    fn defect(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Defect(error.into())
    }
}

/// Builds the component of a bundle.
///
/// Templates decide nothing in it: there are no grants. Time grows with the module.
///
/// # Errors
///
/// [`ComponentError`]
pub fn build(bundle: &Bundle) -> Result<Vec<u8>, ComponentError> {
    let semantics = bundle.manifest().semantics;
    let plan = Plan {
        version: PLAN_VERSION,
        schema: bundle.schema().clone(),
        gather: bundle.gather().clone(),
        memory: bundle.manifest().memory,
        digest: bundle.digest().to_string(),
        forbid_errors: semantics.forbid_errors,
        policies: bundle.policies().iter().map(|policy| note(policy, semantics)).collect(),
    };
    let plan = postcard::to_allocvec(&plan).map_err(ComponentError::defect)?;
    let guest = Guest::read().map_err(ComponentError::defect)?;
    let linking = Linking {
        policy: bundle.module(),
        guest: GUEST,
        data: &[Blob { name: "plan", bytes: &plan }],
        host: Some(INTRINSICS),
        exports: &guest.exports,
    };
    let mut module = link(&linking).map_err(|error| match error {
        LinkError::PolicyMemory { pages } => ComponentError::PolicyMemory { pages },
        other => ComponentError::defect(other),
    })?;
    for (name, data) in guest.interface {
        let section = wasm_encoder::CustomSection { name: name.into(), data: data.into() };
        module.push(CUSTOM);
        section.encode(&mut module);
    }
    let encoder = ComponentEncoder::default().validate(true).module(&module);
    encoder.and_then(|mut encoder| encoder.encode()).map_err(ComponentError::defect)
}

/// Id of a custom section.
const CUSTOM: u8 = 0;

/// What the linker has to know of the guest.
#[derive(Default)]
struct Guest {
    exports: Vec<&'static str>,
    /// Names and contents of sections.
    interface: Vec<(&'static str, &'static [u8])>,
}

impl Guest {
    fn read() -> wasmparser::Result<Self> {
        let mut guest = Self::default();
        for payload in Parser::new(0).parse_all(GUEST) {
            match payload? {
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let name = export?.name;
                        if EXPORTS.iter().any(|start| name.starts_with(start)) {
                            guest.exports.push(name);
                        }
                    }
                }
                Payload::CustomSection(section) if section.name().starts_with(INTERFACE) => {
                    guest.interface.push((section.name(), section.data()));
                }
                _ => {}
            }
        }
        Ok(guest)
    }
}

fn note(policy: &Policy, semantics: Semantics) -> PolicyNote {
    let is_forbid = policy.effect == Effect::Forbid;
    PolicyNote {
        id: policy.id.clone(),
        is_forbid,
        is_observed: semantics.stages && policy.stage == Stage::Observe,
        is_template: policy.template.is_some(),
        obligations: policy.obligations.iter().map(duty).collect(),
        advice: policy.advice.iter().map(duty).collect(),
        ends: policy.expires.filter(|_| is_forbid),
        places: policy.places.clone(),
    }
}

fn duty(obligation: &Obligation) -> Duty {
    Duty { name: obligation.name.clone(), argument: obligation.argument.clone() }
}
