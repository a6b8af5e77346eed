//! The candidates of each request environment, `decide` and `decide_batch`.

mod granted;

use std::collections::BTreeMap;

use trapkey_abi::response::fields;
use trapkey_abi::{ForbidErrors, Handle, Reason, header};
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use super::code::Code;
use super::condition::Body;
use super::conditions::{Condition, Conditions, Form};
use super::constants::Constants;
use super::cost::{Lookup, Sizes};
use super::dispatch::{self, Side, Table, Visited};
use super::intrinsic::{Intrinsic, at};
use super::{
    CHUNK, CONDITION, DECIDE, Emission, List, Oversized, Program, Signature, index, length,
    over_limits, signed,
};
use crate::limits::FUNCTIONS_MAX;

const FRAME: u32 = 0;
const OUT: u32 = 1;
/// Local that holds the offset of a row.
const ROW: u32 = 2;

/// Operations of conditions that are evaluated within one function: engines compile small
/// functions faster than large ones.
const INLINE_MAX: usize = 2048;

/// A candidate that is visited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Leaf {
    policy: u32,
    class: u32,
    /// Number of what is left to test; absent if it holds.
    condition: Option<u32>,
    /// The first instant at which it no longer counts.
    expires: Option<i64>,
}

type Plan = dispatch::Plan<Leaf>;
type Split = dispatch::Split<Leaf>;

/// Functions that evaluate candidates and conditions, as they are emitted.
pub(super) struct Lists<'d> {
    conditions: Conditions<'d>,
    data: &'d mut Constants,
    /// Offset in bytes of the context's row in frames.
    context: u32,
    /// Entries that the directory of a frame has at most.
    directory_max: u64,
    /// Function index of the first.
    first: u32,
    /// Entries of the module's table before those of `called`.
    environments: u32,
    functions: Vec<(Signature, Emission)>,
    /// Function indexes that tables of handles lead to, in the order of the module's table.
    called: Vec<u32>,
    /// Plans that have a function, and where it is among `called`.
    known: BTreeMap<Plan, u32>,
    /// Templates that have a function, and its index.
    known_templates: BTreeMap<Vec<granted::Open>, u32>,
    /// The first condition that is too large.
    oversized: Option<Oversized>,
}

/// All functions that evaluate candidates.
pub(super) struct EmittedLists {
    pub(super) functions: Vec<(Signature, Emission)>,
    /// Function index that evaluates the whole of each list.
    pub(super) entries: Vec<u32>,
    /// Function indexes for the module's table.
    pub(super) called: Vec<u32>,
}

/// Where the ancestors of each side are.
struct Ancestors<'l> {
    principal: &'l [u32],
    resource: &'l [u32],
}

impl<'d> Lists<'d> {
    pub(super) fn new(program: &'d Program<'_>, data: &'d mut Constants, first: u32) -> Self {
        Self {
            conditions: Conditions::new(program),
            data,
            context: program.context_offset,
            directory_max: program.directory_max,
            first,
            environments: length(program.environments.len()),
            functions: Vec::new(),
            called: Vec::new(),
            known: BTreeMap::new(),
            known_templates: BTreeMap::new(),
            oversized: None,
        }
    }

    /// Emits a function for each list, and those that it calls before it.
    ///
    /// # Errors
    ///
    /// [`Oversized::Condition`]
    pub(super) fn emit(mut self, lists: &[List]) -> Result<EmittedLists, Oversized> {
        // All plans come first: how often a condition is needed decides where it is emitted.
        let mut plans = Vec::new();
        let mut functions = 0_usize;
        for list in lists {
            // Each candidate can become a function in both tables, and each split is one.
            functions = functions.saturating_add(list.candidates.len().saturating_mul(3));
            let plan = self.planned(list, functions <= FUNCTIONS_MAX / 2);
            plans.push((plan, self.granted(&list.templates)));
        }
        let mut entries = Vec::new();
        for (list, (plan, templates)) in lists.iter().zip(plans) {
            let ancestors = Ancestors {
                principal: &list.principal_ancestors,
                resource: &list.resource_ancestors,
            };
            // What a part calls depends on where its ancestors are.
            self.known.clear();
            let granted = self.brought_in(templates);
            entries.push(self.plan(&plan, &ancestors, granted));
        }
        match self.oversized {
            Some(oversized) => Err(oversized),
            None => Ok(EmittedLists { functions: self.functions, entries, called: self.called }),
        }
    }

    fn planned(&mut self, list: &List, may_split: bool) -> Plan {
        let mut leaf = |visited: Visited<'_>| Leaf {
            policy: visited.candidate.policy,
            class: visited.candidate.class,
            condition: self.conditions.number(visited),
            expires: visited.candidate.expires,
        };
        if may_split {
            dispatch::plan(&list.candidates, &mut leaf)
        } else {
            dispatch::visit_all(&list.candidates, &mut leaf)
        }
    }

    fn push(&mut self, signature: Signature, emission: Emission) -> u32 {
        let index = self.first.saturating_add(length(self.functions.len()));
        self.functions.push((signature, emission));
        index
    }

    /// A function for a plan, which calls the function `granted` first if a grant fits.
    fn plan(&mut self, plan: &Plan, ancestors: &Ancestors<'_>, granted: Option<u32>) -> u32 {
        match plan {
            Plan::Visit(leaves) => self.visit(leaves, granted),
            Plan::Split(split) => self.split(split, ancestors, granted),
        }
    }

    /// One function for all candidates, or several that the last one calls.
    fn visit(&mut self, leaves: &[Leaf], granted: Option<u32>) -> u32 {
        let mut chunks = Vec::new();
        let mut rest = leaves;
        while rest.len() > CHUNK {
            let (chunk, after) = rest.split_at(CHUNK);
            chunks.push(self.evaluate(&[], chunk, None));
            rest = after;
        }
        self.evaluate(&chunks, rest, granted)
    }

    /// Emits the conditions of `leaves` that become functions.
    fn functions_for(&mut self, leaves: &[Leaf]) {
        let mut room = INLINE_MAX;
        for number in leaves.iter().filter_map(|leaf| leaf.condition) {
            match self.conditions.form(number, room) {
                Form::Inline(condition) => room = room.saturating_sub(condition.size),
                Form::Function(condition) => {
                    let number_of_origin = condition.origin;
                    let sizes = sizes(condition, self.directory_max);
                    let emission = function(condition, sizes, self.context, self.data);
                    if let Some(what) = over_limits(&emission.function, emission.locals) {
                        let oversized = Oversized::Condition { number: number_of_origin, what };
                        self.oversized.get_or_insert(oversized);
                    }
                    let function = self.push(CONDITION, emission);
                    self.conditions.emitted(number, function);
                }
                Form::Call(_) => {}
            }
        }
    }

    fn evaluate(&mut self, chunks: &[u32], leaves: &[Leaf], granted: Option<u32>) -> u32 {
        self.functions_for(leaves);
        let mut code = Code::default();
        if let Some(function) = granted {
            granted::call(&mut code, function);
        }
        for chunk in chunks {
            code.local_get(FRAME).local_get(OUT).call(*chunk);
        }
        let mut body = Body::new(self.context, self.data);
        let mut room = INLINE_MAX;
        for leaf in leaves {
            visited(leaf, (&self.conditions, self.directory_max), &mut room, &mut body, &mut code);
        }
        let emission = body.finish(code);
        self.push(DECIDE, emission)
    }

    fn split(&mut self, split: &Split, ancestors: &Ancestors<'_>, granted: Option<u32>) -> u32 {
        let always = split.always.as_ref().map(|plan| self.plan(plan, ancestors, None));
        let own = self.table(&split.own, ancestors);
        let above = self.table(&split.above, ancestors);
        let (handle, slot, sets) = match split.side {
            Side::Principal => (header::PRINCIPAL, 0, ancestors.principal),
            Side::Resource => (header::RESOURCE, 1, ancestors.resource),
        };
        let handle = length(handle);
        let slot = length(header::SLOTS) + 4 * slot;
        let mut function = Function::new([(1, ValType::I32)]);
        let mut code = function.instructions();
        let mut bounds = Vec::new();
        if let Some(function) = granted {
            code.local_get(FRAME).i32_load(at(granted::COUNT, 2)).if_(BlockType::Empty);
            code.local_get(FRAME).local_get(OUT).call(function).end();
        }
        if let Some(always) = always {
            code.local_get(FRAME).local_get(OUT).call(always);
        }
        if let Some(table) = own {
            code.local_get(FRAME).local_get(OUT);
            table.push(&mut code);
            code.local_get(FRAME).i64_load(at(handle, 3));
            code.local_get(FRAME).i64_load(at(handle + 8, 3));
            bounds.push(table.lookup.own());
            code.call(Intrinsic::Dispatch.index());
        }
        if let Some(table) = above.filter(|_| !sets.is_empty()) {
            code.local_get(FRAME).i32_load(at(slot, 2)).local_tee(ROW).if_(BlockType::Empty);
            for set in sets {
                code.local_get(FRAME).local_get(OUT);
                table.push(&mut code);
                code.local_get(FRAME).local_get(ROW).i32_add();
                code.i32_const(signed(*set)).i32_add().call(Intrinsic::DispatchSet.index());
            }
            bounds.extend(table.lookup.above(sets.len()));
            code.end();
        }
        code.end();
        self.push(DECIDE, Emission { function, locals: 1, bounds })
    }

    /// A table that leads to a function for each plan, and what a search in it does at most; absent
    /// without plans.
    fn table(
        &mut self,
        plans: &BTreeMap<Handle, Plan>,
        ancestors: &Ancestors<'_>,
    ) -> Option<Placed> {
        if plans.is_empty() {
            return None;
        }
        let mut numbers = BTreeMap::new();
        for (handle, plan) in plans {
            let number = if let Some(number) = self.known.get(plan) {
                *number
            } else {
                let function = self.plan(plan, ancestors, None);
                let number = self.environments.saturating_add(length(self.called.len()));
                self.called.push(function);
                self.known.insert(plan.clone(), number);
                number
            };
            numbers.insert(*handle, number);
        }
        let called = |number: &u32| {
            let position = number.checked_sub(self.environments)?;
            self.called.get(index(position)).copied()
        };
        // A function that is not there would have no cost.
        let functions = numbers.values().map(|n| called(n).unwrap_or(u32::MAX)).collect();
        let table = Table::new(&numbers);
        let lookup = Lookup::new(&table.bytes, functions);
        let address = self.data.address(&table.bytes);
        Some(Placed { address, mask: table.mask, shift: table.shift, lookup })
    }
}

/// A table of handles in the module's data.
struct Placed {
    address: u32,
    mask: u32,
    shift: u32,
    lookup: Lookup,
}

impl Placed {
    /// Pushes what a search needs to know.
    fn push(&self, code: &mut InstructionSink<'_>) {
        code.i32_const(signed(self.address));
        code.i32_const(signed(self.mask));
        code.i64_const(i64::from(self.shift));
    }
}

/// What is known of the sizes of a condition's values.
fn sizes(condition: &Condition, directory_max: u64) -> Sizes<'_> {
    Sizes::new(&condition.expr, &condition.limits, directory_max)
}

/// A condition as a function of its own.
fn function(
    condition: &Condition,
    sizes: Sizes<'_>,
    context: u32,
    data: &mut Constants,
) -> Emission {
    let mut body = Body::new(context, data);
    let mut code = Code::default();
    body.condition(&condition.expr, sizes, &mut code);
    body.finish(code)
}

/// Emits what is left to test of a candidate, where there is room for so many operations.
fn visited<'c>(
    leaf: &Leaf,
    known: (&'c Conditions<'_>, u64),
    room: &mut usize,
    body: &mut Body<'c>,
    code: &mut Code,
) {
    if let Some(expires) = leaf.expires {
        code.local_get(FRAME).local_get(OUT).i64_const(expires);
        code.call(Intrinsic::IsBefore.index()).if_(BlockType::Empty);
        counted(leaf, known, room, body, code);
        code.end();
    } else {
        counted(leaf, known, room, body, code);
    }
}

fn counted<'c>(
    leaf: &Leaf,
    (conditions, directory_max): (&'c Conditions<'_>, u64),
    room: &mut usize,
    body: &mut Body<'c>,
    code: &mut Code,
) {
    let Some(number) = leaf.condition else {
        held(leaf, code);
        return;
    };
    let form = conditions.form(number, *room);
    if let Form::Inline(condition) = form {
        *room = room.saturating_sub(condition.size);
    }
    let emitted = match form {
        Form::Inline(condition) | Form::Function(condition) => {
            Emitted::Here(condition, sizes(condition, directory_max))
        }
        Form::Call(function) => Emitted::There(function),
    };
    candidate(leaf, emitted, body, code);
}

/// Where a condition's code is.
enum Emitted<'c> {
    Here(&'c Condition, Sizes<'c>),
    /// In a function.
    There(u32),
}

/// Evaluates a candidate's condition and notes what comes of it.
fn candidate<'c>(leaf: &Leaf, emitted: Emitted<'c>, body: &mut Body<'c>, code: &mut Code) {
    match emitted {
        Emitted::Here(condition, sizes) if !condition.expr.can_err() => {
            body.condition(&condition.expr, sizes, code);
            code.if_(BlockType::Empty);
            held(leaf, code);
            code.end();
            return;
        }
        Emitted::Here(condition, sizes) => {
            code.block(BlockType::Result(ValType::I32));
            body.condition(&condition.expr, sizes, code);
            code.end();
        }
        Emitted::There(function) => {
            code.local_get(FRAME).local_get(OUT).call(function);
        }
    }
    let result = body.take(ValType::I32);
    code.local_tee(result).if_(BlockType::Empty);
    code.local_get(OUT).i32_const(signed(leaf.policy)).i32_const(signed(leaf.class));
    code.local_get(result).call(Intrinsic::Note.index());
    code.end();
    body.give(ValType::I32, result);
}

/// Notes that a candidate is satisfied.
fn held(leaf: &Leaf, code: &mut Code) {
    let entry = u64::from(leaf.policy) | u64::from(leaf.class) << 32;
    // Observed policies count in no verdict.
    let flag = if leaf.class == 0 {
        fields::FLAG_PERMIT
    } else if leaf.class == fields::CLASS_FORBID {
        fields::FLAG_FORBID
    } else {
        0
    };
    code.local_get(OUT).i64_const(entry.cast_signed()).i32_const(signed(flag));
    code.call(Intrinsic::NoteHeld.index());
}

/// `decide(frame, out)`: clears the response, evaluates the frame's environment, concludes.
pub(super) fn decide(environments: u32, ty: u32, forbid_errors: ForbidErrors) -> Function {
    const ENVIRONMENT: u32 = 2;
    let environment = length(header::ENVIRONMENT);
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    for word in 0..fields::ENTRIES / 8 {
        let start = if word * 8 == fields::REMAINING { fields::NEVER_ENDS } else { 0 };
        code.local_get(OUT).i64_const(start.cast_signed()).i64_store(at(word * 8, 3));
    }
    code.local_get(FRAME).i32_load(at(environment, 2)).local_tee(ENVIRONMENT);
    code.i32_const(signed(environments)).i32_ge_u().if_(BlockType::Empty);
    code.local_get(OUT).i32_const(signed(fields::FLAG_BAD_FRAME));
    code.i32_store(at(fields::FLAGS, 2));
    store_verdict(&mut code, |code| {
        code.i32_const(verdict(Reason::UnknownEnvironment));
    });
    code.return_().end();
    code.local_get(FRAME).local_get(OUT).local_get(ENVIRONMENT).call_indirect(0, ty);
    store_verdict(&mut code, |code| conclude(code, forbid_errors));
    code.end();
    function
}

/// Verdict and reason as the response's first two bytes.
fn verdict(reason: Reason) -> i32 {
    let allow = i32::from(reason == Reason::Permitted);
    allow | i32::from(reason.code()) << 8
}

fn store_verdict(code: &mut InstructionSink<'_>, value: impl FnOnce(&mut InstructionSink<'_>)) {
    code.local_get(OUT);
    value(code);
    code.i32_store16(at(fields::VERDICT, 1));
    code.local_get(OUT).local_get(OUT).i32_load(at(fields::COUNT, 2));
    code.i32_const(signed(fields::ENTRY)).i32_mul();
    code.i32_const(signed(fields::ENTRIES)).i32_add().i32_store(at(fields::LENGTH, 2));
}

/// Pushes the verdict that follows from the flags: a forbid, then an erring forbid where that
/// denies, then a permit.
fn conclude(code: &mut InstructionSink<'_>, forbid_errors: ForbidErrors) {
    const FLAGS: u32 = 3;
    let value = BlockType::Result(ValType::I32);
    code.local_get(OUT).i32_load(at(fields::FLAGS, 2)).local_tee(FLAGS);
    code.i32_const(signed(fields::FLAG_FORBID)).i32_and().if_(value);
    code.i32_const(verdict(Reason::Forbidden)).else_();
    if forbid_errors == ForbidErrors::Deny {
        code.local_get(FLAGS).i32_const(signed(fields::FLAG_FORBID_ERRED)).i32_and().if_(value);
        code.i32_const(verdict(Reason::ForbidErred)).else_();
    }
    code.i32_const(verdict(Reason::Permitted)).i32_const(verdict(Reason::NotPermitted));
    code.local_get(FLAGS).i32_const(signed(fields::FLAG_PERMIT)).i32_and().select();
    if forbid_errors == ForbidErrors::Deny {
        code.end();
    }
    code.end();
}

/// `decide_batch(first, count, stride, out)`: frames `stride` bytes apart, responses as far apart
/// as the longest is long.
pub(super) fn decide_batch(decide: u32, response_bytes_max: u32) -> Function {
    const FIRST: u32 = 0;
    const COUNT: u32 = 1;
    const STRIDE: u32 = 2;
    const OUT: u32 = 3;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(COUNT).i32_eqz().br_if(1);
    code.local_get(FIRST).local_get(OUT).call(decide);
    code.local_get(FIRST).local_get(STRIDE).i32_add().local_set(FIRST);
    code.local_get(OUT).i32_const(signed(response_bytes_max)).i32_add().local_set(OUT);
    code.local_get(COUNT).i32_const(1).i32_sub().local_set(COUNT).br(0).end().end();
    code.end();
    function
}
