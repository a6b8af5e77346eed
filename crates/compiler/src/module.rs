//! Sources to module: the compiler's front, back and emission in one call.

use serde::Serialize;
use trapkey_abi::{
    ABI_VERSION, DIRECTORY_MAX, Effect, EvalError, Fault, GatherTable, ModuleManifest, Path,
    Policy, SET_ELEMENTS_MAX, Schema, Semantics, section,
};

use crate::back::{self, Back, length};
use crate::diagnostic::{CompileError, Diagnostic, Source};
use crate::emit::{self, Program};
use crate::front::{self, Entry, Front};
use crate::limits;
use crate::links::TemplateLink;

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
    compiled_front(front::front(sources)?, options)
}

/// Compiles what is parsed and validated.
pub(crate) fn compiled_front(
    front: Front,
    options: CompileOptions,
) -> Result<Compiled, CompileError> {
    let mut back = back::back(&front, options.semantics)?;
    let policies = described(front.policies, &mut back);
    let mut emitted = emit::emit(&Program {
        conditions: &back.conditions,
        limits: &back.limits,
        directory_max: directory_max(&back.gather),
        lists: &back.lists,
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
        instructions_max: per_action(schema.actions.len(), &back.gather, &emitted.instructions_max),
    };
    emitted.section(section::MANIFEST, &json(&manifest)?);
    emitted.section(section::LAYOUT, &schema_json);
    emitted.section(section::GATHER, &json(&back.gather)?);
    emitted.section(section::POLICIES, &json(&policies)?);
    let module = emitted.finish();
    limits::within("module", module.len(), "bytes", limits::MODULE_BYTES_MAX)?;
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

/// Entries that the directory of a frame has at most, as far as its paths tell: what tags lead to.
fn directory_max(gather: &GatherTable) -> u64 {
    let mut rows: Vec<u64> = Vec::new();
    // A path comes after the one that it starts from.
    for path in &gather.paths {
        let of = |path: u32| {
            let position = usize::try_from(path).unwrap_or(usize::MAX);
            rows.get(position).copied().unwrap_or(u64::MAX)
        };
        let row = match path {
            Path::Principal | Path::Resource | Path::Literal { .. } | Path::Context { .. } => 0,
            Path::Row { of: start, .. } => of(*start),
            Path::Tags { of: start, .. } => {
                of(*start).max(1).saturating_mul(u64::from(SET_ELEMENTS_MAX))
            }
        };
        rows.push(row);
    }
    let all = rows.into_iter().fold(0, u64::saturating_add);
    all.min(u64::try_from(DIRECTORY_MAX).unwrap_or(u64::MAX))
}

/// The dearest environment of each action.
fn per_action(actions: usize, gather: &GatherTable, environments: &[u64]) -> Vec<u64> {
    let mut most = vec![0; actions];
    for (environment, cost) in gather.environments.iter().zip(environments) {
        let action = usize::try_from(environment.action).unwrap_or(usize::MAX);
        if let Some(action) = most.get_mut(action) {
            *action = (*action).max(*cost);
        }
    }
    most
}

/// Sources that compile, and what there is to say of them.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The schema.
    pub schema: Schema,
    /// Policies and templates in the order of the source.
    pub policies: Vec<Policy>,
    /// Findings that do not prevent compilation.
    pub warnings: Vec<Diagnostic>,
}

impl Checked {
    /// An error for each place at which a forbid can err: where it does, it may not have been
    /// decided whether it holds.
    pub fn erring_forbids(&self) -> Vec<Diagnostic> {
        let forbids = self.policies.iter().filter(|policy| policy.effect == Effect::Forbid);
        let finding = |(policy, fault): (&Policy, &Fault)| {
            let span = policy.places.get(usize::from(fault.place)).copied();
            let (what, help) = match fault.error {
                EvalError::EntityMissing => {
                    let types = fault.entity_types.join("` or `");
                    let help = "test with `has` first, for an attribute of that entity";
                    (format!("the `{types}` may not exist"), help)
                }
                EvalError::Overflow => {
                    let help = "bound the numbers by @min and @max in the schema, or compare first";
                    ("the number may leave 64 bits".to_owned(), help)
                }
                EvalError::Extension => {
                    let help = "bound the times by @min and @max in the schema, or compare first";
                    ("the time may leave 64 bits".to_owned(), help)
                }
            };
            let message = format!("forbid `{}` can err: {what}", policy.id);
            let finding = Diagnostic::error(Source::Policies, span, message);
            Diagnostic { help: Some(help.to_owned()), ..finding }
        };
        forbids
            .flat_map(|policy| policy.faults.iter().map(move |fault| (policy, fault)))
            .map(finding)
            .collect()
    }
}

/// Runs all steps short of emission.
///
/// # Errors
///
/// As [`compile`].
pub fn check(sources: &Sources<'_>) -> Result<Checked, CompileError> {
    limits::on_own_stack(|| {
        let front = front::front(sources)?;
        let mut back = back::back(&front, Semantics::TRAPKEY)?;
        let policies = described(front.policies, &mut back);
        Ok(Checked { schema: front.schema.schema, policies, warnings: front.warnings })
    })
}

/// The policies with what they may still meet, and which entities can stand for slots.
fn described(entries: Vec<Entry>, back: &mut Back) -> Vec<Policy> {
    let templates = std::mem::take(&mut back.templates);
    let described = |((number, entry), template): ((usize, Entry), _)| Policy {
        faults: back.faults.take(number),
        template,
        ..entry.manifest
    };
    entries.into_iter().enumerate().zip(templates).map(described).collect()
}

pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>, CompileError> {
    serde_json::to_vec(value).map_err(|error| {
        let message = format!("a section cannot be written: {error}");
        CompileError::Unsupported(vec![Diagnostic::error(Source::Policies, None, message)])
    })
}
