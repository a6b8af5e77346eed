//! Conditions and request environments to a WebAssembly module.

mod code;
mod condition;
mod conditions;
mod constants;
mod cost;
mod decide;
mod dispatch;
mod horizon;
mod intrinsic;
mod times;

use trapkey_abi::{ABI_VERSION, ForbidErrors, MemoryMap, export, response::fields};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, MemorySection, MemoryType,
    Module, RefType, TableSection, TableType, TypeSection, ValType,
};

use crate::ir::Expr;
use crate::limits::{FUNCTION_BYTES_MAX, FUNCTION_LOCALS_MAX, MEMORY_PAGES_MAX, over};
use crate::lower::Limits;
use constants::{Constants, DATA_START};
use cost::{Bound, Costs};
use decide::Lists;
use intrinsic::Intrinsic;

pub(crate) use cost::Unbounded;
pub(crate) use dispatch::Key;

/// A policy that may matter in an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    /// Index in the manifest.
    pub(crate) policy: u32,
    /// `CLASS_` bits.
    pub(crate) class: u32,
    /// Index among the conditions; absent if it always holds.
    pub(crate) condition: Option<u32>,
    /// The first instant at which it no longer counts, in milliseconds since
    /// 1970-01-01T00:00:00Z.
    pub(crate) expires: Option<i64>,
    /// The principal that the scope names.
    pub(crate) principal: Option<Key>,
    /// The resource that the scope names.
    pub(crate) resource: Option<Key>,
}

/// A template that may matter in an environment, where a grant brings it in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Granted {
    /// Its number among the templates: the bit that says whether it counts.
    pub(crate) ordinal: u32,
    pub(crate) candidate: Candidate,
}

/// What may matter in a request environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct List {
    pub(crate) candidates: Vec<Candidate>,
    /// Offsets in the principal's row of the sets of ancestors that scopes name groups of.
    pub(crate) principal_ancestors: Vec<u32>,
    /// The same for the resource.
    pub(crate) resource_ancestors: Vec<u32>,
    /// Ascending by ordinal.
    pub(crate) templates: Vec<Granted>,
}

impl List {
    /// Entries that a response may have at most.
    fn len(&self) -> usize {
        self.candidates.len().saturating_add(self.templates.len())
    }
}

/// What is emitted.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    /// Distinct conditions.
    pub(crate) conditions: &'a [Expr],
    /// Per condition, what the sets and strings that it reads hold at most.
    pub(crate) limits: &'a [Limits],
    /// Entries that the directory of a frame has at most.
    pub(crate) directory_max: u64,
    /// Distinct lists of candidates.
    pub(crate) lists: &'a [List],
    /// Per request environment, the index of its list of candidates.
    pub(crate) environments: &'a [u32],
    /// Offset in bytes of the context's row in frames.
    pub(crate) context_offset: u32,
    /// What an erring forbid does.
    pub(crate) forbid_errors: ForbidErrors,
}

/// Candidates evaluated by one function: engines compile small functions faster than large ones.
pub(crate) const CHUNK: usize = 256;

/// Longest frame in bytes: the largest plant frame is under 4 KiB.
const FRAME_BYTES_MAX: u32 = 64 * 1024;
/// Area for frames: half of it 256 frames of 1 KiB in one batch, half of it rows that stay.
const FRAMES_BYTES: u32 = 8 * FRAME_BYTES_MAX;
/// Least area for responses.
const RESPONSES_BYTES_MIN: u32 = 64 * 1024;
const PAGE_BYTES: u32 = 64 * 1024;

/// A module under construction; its custom sections come last.
#[derive(Debug)]
pub(crate) struct Emitted {
    module: Module,
    pub(crate) memory: MemoryMap,
    /// Per request environment, the most instructions that `decide` takes.
    pub(crate) instructions_max: Vec<u64>,
}

impl Emitted {
    /// Adds a custom section.
    pub(crate) fn section(&mut self, name: &str, content: &[u8]) {
        self.module.section(&CustomSection { name: name.into(), data: content.into() });
    }

    /// The module's bytes.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.module.finish()
    }
}

/// Function types.
const CONDITION: (&[ValType], &[ValType]) = (&[ValType::I32, ValType::I32], &[ValType::I32]);
const DECIDE: (&[ValType], &[ValType]) = (&[ValType::I32, ValType::I32], &[]);
const BATCH: (&[ValType], &[ValType]) = (&[ValType::I32; 4], &[]);

/// Why a program cannot be a module.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Oversized {
    /// The function of a condition is beyond what engines take; what it has too much of.
    Condition { number: u32, what: String },
    /// The memory is too large.
    Memory { pages: u64 },
    /// A function's cost has no bound.
    Cost(Unbounded),
}

impl From<Unbounded> for Oversized {
    fn from(unbounded: Unbounded) -> Self {
        Self::Cost(unbounded)
    }
}

/// Emits intrinsics, conditions, candidate lists and the exports.
///
/// # Errors
///
/// [`Oversized`]
pub(crate) fn emit(program: &Program<'_>) -> Result<Emitted, Oversized> {
    let mut data = Constants::new();
    let mut functions: Vec<(Signature, Function)> =
        Intrinsic::ALL.iter().map(|intrinsic| (intrinsic.signature(), intrinsic.body())).collect();
    let environments = length(program.environments.len());
    let lists = Lists::new(program, &mut data, length(functions.len())).emit(program.lists)?;
    let memory = memory_map(data.end(), program.lists)?;
    let mut costs = Costs::new();
    for (signature, emission) in lists.functions {
        costs.push(&emission.function, &emission.bounds)?;
        functions.push((signature, emission.function));
    }

    let types = Types::of(functions.iter().map(|(signature, _)| *signature));
    let decide_type = types.index_of(DECIDE);
    let decide_index = length(functions.len());
    let decide = decide::decide(environments, decide_type, program.forbid_errors);
    costs.push(&decide, &[Bound::Indirect(0)])?;
    let instructions_max = instructions_max(&costs, decide_index, program, &lists.entries)?;
    functions.push((DECIDE, decide));
    functions.push((BATCH, decide::decide_batch(decide_index, memory.response_bytes_max)));

    let table: Vec<u32> = program
        .environments
        .iter()
        .filter_map(|list| lists.entries.get(index(*list)).copied())
        .chain(lists.called)
        .collect();
    let (declared, bodies) = function_sections(&types, &functions);
    let mut module = Module::new();
    module
        .section(&types.section())
        .section(&declared)
        .section(&table_section(length(table.len())));
    module.section(&memory_section(memory.pages)).section(&globals());
    module.section(&exports(decide_index));
    module.section(&elements(&table)).section(&bodies).section(&data_section(&data));
    Ok(Emitted { module, memory, instructions_max })
}

/// What `decide` costs in each environment: its own code, and the list of the environment.
fn instructions_max(
    costs: &Costs,
    decide: u32,
    program: &Program<'_>,
    entries: &[u32],
) -> Result<Vec<u64>, Unbounded> {
    let cost = |function: u32| costs.of(function).ok_or(Unbounded::Callee(function));
    let environments = program.environments.iter();
    let entries = environments.filter_map(|list| entries.get(index(*list)).copied());
    entries.map(|entry| Ok(cost(decide)?.saturating_add(cost(entry)?))).collect()
}

/// A function as it is emitted.
struct Emission {
    function: Function,
    /// Number of its variables.
    locals: usize,
    bounds: Vec<Bound>,
}

fn over_limits(function: &Function, locals: usize) -> Option<String> {
    let bytes = function.byte_len();
    if bytes > FUNCTION_BYTES_MAX {
        return Some(over("condition", bytes, "bytes of code", FUNCTION_BYTES_MAX));
    }
    if locals > FUNCTION_LOCALS_MAX {
        return Some(over("condition", locals, "variables", FUNCTION_LOCALS_MAX));
    }
    None
}

/// Longest response: an entry for each policy of the longest list.
fn memory_map(data_end: u64, lists: &[List]) -> Result<MemoryMap, Oversized> {
    let longest = lists.iter().map(List::len).max().unwrap_or_default();
    let entries = length(longest).saturating_mul(fields::ENTRY);
    let response = fields::ENTRIES.saturating_add(entries).next_multiple_of(64);
    let frames_offset = data_end.next_multiple_of(64);
    let responses_offset = frames_offset.saturating_add(u64::from(FRAMES_BYTES));
    let responses_bytes = response.max(RESPONSES_BYTES_MIN);
    let end = responses_offset.saturating_add(u64::from(responses_bytes));
    let pages = end.div_ceil(u64::from(PAGE_BYTES));
    let narrow = |value: u64| u32::try_from(value).map_err(|_| Oversized::Memory { pages });
    if pages > u64::from(MEMORY_PAGES_MAX) {
        return Err(Oversized::Memory { pages });
    }
    let (frames_offset, responses_offset) = (narrow(frames_offset)?, narrow(responses_offset)?);
    Ok(MemoryMap {
        pages: narrow(pages)?,
        frames_offset,
        frames_bytes: FRAMES_BYTES,
        frame_bytes_max: FRAME_BYTES_MAX,
        responses_offset,
        responses_bytes,
        response_bytes_max: response,
    })
}

type Signature = (&'static [ValType], &'static [ValType]);

/// Each distinct signature once.
struct Types(Vec<Signature>);

impl Types {
    fn of(signatures: impl Iterator<Item = Signature>) -> Self {
        let mut distinct = vec![DECIDE, BATCH];
        for signature in signatures {
            if !distinct.contains(&signature) {
                distinct.push(signature);
            }
        }
        Self(distinct)
    }

    fn index_of(&self, signature: Signature) -> u32 {
        length(self.0.iter().position(|known| *known == signature).unwrap_or_default())
    }

    fn section(&self) -> TypeSection {
        let mut section = TypeSection::new();
        for (parameters, results) in &self.0 {
            section.ty().function(parameters.iter().copied(), results.iter().copied());
        }
        section
    }
}

fn function_sections(
    types: &Types,
    functions: &[(Signature, Function)],
) -> (FunctionSection, CodeSection) {
    let mut declared = FunctionSection::new();
    let mut bodies = CodeSection::new();
    for (signature, function) in functions {
        declared.function(types.index_of(*signature));
        bodies.function(function);
    }
    (declared, bodies)
}

fn table_section(functions: u32) -> TableSection {
    let mut section = TableSection::new();
    section.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: u64::from(functions),
        maximum: Some(u64::from(functions)),
        table64: false,
        shared: false,
    });
    section
}

fn memory_section(pages: u32) -> MemorySection {
    let mut section = MemorySection::new();
    section.memory(MemoryType {
        minimum: u64::from(pages),
        maximum: Some(u64::from(pages)),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    section
}

fn globals() -> GlobalSection {
    let mut section = GlobalSection::new();
    let ty = GlobalType { val_type: ValType::I32, mutable: false, shared: false };
    section.global(ty, &ConstExpr::i32_const(signed(ABI_VERSION)));
    section
}

fn exports(decide: u32) -> ExportSection {
    let mut section = ExportSection::new();
    section.export(export::MEMORY, ExportKind::Memory, 0);
    section.export(export::ABI, ExportKind::Global, 0);
    section.export(export::DECIDE, ExportKind::Func, decide);
    section.export(export::DECIDE_BATCH, ExportKind::Func, decide.saturating_add(1));
    section
}

fn elements(table: &[u32]) -> ElementSection {
    let mut section = ElementSection::new();
    section.active(None, &ConstExpr::i32_const(0), Elements::Functions(table.into()));
    section
}

fn data_section(data: &Constants) -> DataSection {
    let mut section = DataSection::new();
    if !data.bytes().is_empty() {
        let offset = ConstExpr::i32_const(signed(DATA_START));
        section.active(0, &offset, data.bytes().iter().copied());
    }
    section
}

fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// Wasm's constants are signed; addresses and codes keep their bits.
pub(crate) fn signed(value: u32) -> i32 {
    value.cast_signed()
}

#[cfg(test)]
mod cases;
