//! Sources to module: the compiler's front, back and emission in one call.

use serde::Serialize;
use trapkey_abi::{ABI_VERSION, GatherTable, ModuleManifest, Policy, Schema, Semantics, section};

use crate::back::{self, length};
use crate::diagnostic::{CompileError, Diagnostic, Source};
use crate::emit::{self, Program};
use crate::front;
use crate::limits;
use crate::links::TemplateLink;
use crate::parse;

/// The sources of one module.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// Cedar policies.
    pub policies: &'a str,
    /// Schema in Cedar's syntax or its JSON form.
    pub schema: &'a str,
    /// Links of the policies' templates.
    pub links: &'a [TemplateLink],
}

/// How a module is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileOptions {
    /// How errors, stages and expiry count.
    pub semantics: Semantics,
}

impl Default for CompileOptions {
    fn default() -> Self {
        Self { semantics: Semantics::TRAPKEY }
    }
}

/// A compiled module and what it says of itself.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The module's bytes, custom sections included.
    pub module: Vec<u8>,
    /// Versions, semantics, memory map.
    pub manifest: ModuleManifest,
    /// The schema.
    pub schema: Schema,
    /// What the module reads.
    pub gather: GatherTable,
    /// Policies and templates in the order of the source.
    pub policies: Vec<Policy>,
    /// Number of distinct conditions in the module.
    pub conditions: usize,
    /// Findings that do not prevent compilation.
    pub warnings: Vec<Diagnostic>,
}

/// Compiles `sources` to a module.
///
/// # Errors
///
/// [`CompileError`], with every diagnostic of the first step that fails: size, schema, syntax,
/// validation, annotations, compilation.
pub fn compile(sources: &Sources<'_>, options: CompileOptions) -> Result<Compiled, CompileError> {
    limits::on_own_stack(|| compiled(sources, options))
}

fn compiled(sources: &Sources<'_>, options: CompileOptions) -> Result<Compiled, CompileError> {
    let front = front::front(sources)?;
    let back = back::back(&front, options.semantics)?;
    let mut emitted = emit::emit(&Program {
        conditions: &back.conditions,
        candidates: &back.lists,
        environments: &back.environments,
        context_offset: length(back.gather.context_offset()),
        forbid_errors: options.semantics.forbid_errors,
    })
    .map_err(|oversized| back.refused(oversized))?;
    let schema = front.schema.schema;
    let schema_json = json(&schema)?;
    let manifest = ModuleManifest {
        abi: ABI_VERSION,
        compiler: concat!("trapkey-compiler ", env!("CARGO_PKG_VERSION")).to_owned(),
        schema_digest: blake3::hash(&schema_json).to_hex().to_string(),
        layout_digest: back.gather.layout,
        semantics: options.semantics,
        memory: emitted.memory,
    };
    let policies: Vec<Policy> = front.policies.into_iter().map(|entry| entry.manifest).collect();
    emitted.section(section::MANIFEST, &json(&manifest)?);
    emitted.section(section::LAYOUT, &schema_json);
    emitted.section(section::GATHER, &json(&back.gather)?);
    emitted.section(section::POLICIES, &json(&policies)?);
    let module = emitted.finish();
    parse::within("module", module.len(), limits::MODULE_BYTES_MAX)?;
    Ok(Compiled {
        module,
        manifest,
        schema,
        gather: back.gather,
        policies,
        conditions: back.conditions.len(),
        warnings: front.warnings,
    })
}

/// Runs all steps short of emission and gives the warnings.
///
/// # Errors
///
/// As [`compile`].
pub fn check(sources: &Sources<'_>) -> Result<Vec<Diagnostic>, CompileError> {
    limits::on_own_stack(|| {
        let front = front::front(sources)?;
        back::back(&front, Semantics::TRAPKEY)?;
        Ok(front.warnings)
    })
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, CompileError> {
    serde_json::to_vec(value).map_err(|error| {
        let message = format!("a section cannot be written: {error}");
        CompileError::Unsupported(vec![Diagnostic::error(Source::Policies, None, message)])
    })
}
