//! The candidates of each request environment, `decide` and `decide_batch`.

use std::collections::BTreeMap;

use trapkey_abi::response::fields;
use trapkey_abi::{ForbidErrors, Handle, Reason, header};
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use super::constants::Constants;
use super::cost::{Bound, Lookup};
use super::dispatch::{self, Plan, Side, Split, Table};
use super::intrinsic::{Intrinsic, at};
use super::{CHUNK, Candidate, List, length, signed};
use crate::limits::FUNCTIONS_MAX;

const FRAME: u32 = 0;
const OUT: u32 = 1;
/// Local that holds the offset of a row.
const ROW: u32 = 2;

/// Function indexes of conditions.
pub(super) struct Conditions {
    pub(super) first: u32,
}

/// Functions that evaluate candidates, as they are emitted.
pub(super) struct Lists<'d> {
    conditions: &'d Conditions,
    data: &'d mut Constants,
    /// Function index of the first.
    first: u32,
    /// Entries of the module's table before those of `called`.
    environments: u32,
    /// With what their loops and calls do at most.
    functions: Vec<(Function, Vec<Bound>)>,
    /// Function indexes that tables of handles lead to, in the order of the module's table.
    called: Vec<u32>,
    /// Plans that have a function, and where it is among `called`.
    known: BTreeMap<Plan, u32>,
}

/// All functions that evaluate candidates.
pub(super) struct EmittedLists {
    /// With what their loops and calls do at most.
    pub(super) functions: Vec<(Function, Vec<Bound>)>,
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
    pub(super) fn new(
        conditions: &'d Conditions,
        data: &'d mut Constants,
        first: u32,
        environments: u32,
    ) -> Self {
        let (functions, called, known) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { conditions, data, first, environments, functions, called, known }
    }

    /// Emits a function for each list, and those that it calls before it.
    pub(super) fn emit(mut self, lists: &[List]) -> EmittedLists {
        let mut entries = Vec::new();
        for list in lists {
            let ancestors = Ancestors {
                principal: &list.principal_ancestors,
                resource: &list.resource_ancestors,
            };
            // What a part calls depends on where its ancestors are.
            self.known.clear();
            let plan = if self.has_room(list.candidates.len()) {
                dispatch::plan(&list.candidates)
            } else {
                Plan::Visit(list.candidates.clone())
            };
            entries.push(self.plan(&plan, &ancestors));
        }
        EmittedLists { functions: self.functions, entries, called: self.called }
    }

    /// Whether a list may be split: each candidate can become a function in both tables, and each
    /// split is one.
    fn has_room(&self, candidates: usize) -> bool {
        self.functions.len().saturating_add(candidates.saturating_mul(3)) <= FUNCTIONS_MAX / 2
    }

    fn push(&mut self, function: Function, bounds: Vec<Bound>) -> u32 {
        let index = self.first.saturating_add(length(self.functions.len()));
        self.functions.push((function, bounds));
        index
    }

    fn plan(&mut self, plan: &Plan, ancestors: &Ancestors<'_>) -> u32 {
        match plan {
            Plan::Visit(candidates) => self.visit(candidates),
            Plan::Split(split) => self.split(split, ancestors),
        }
    }

    /// One function for all candidates, or several that the last one calls.
    fn visit(&mut self, candidates: &[Candidate]) -> u32 {
        let mut chunks = Vec::new();
        let mut rest = candidates;
        while rest.len() > CHUNK {
            let (chunk, after) = rest.split_at(CHUNK);
            let function = evaluate(&[], chunk, self.conditions);
            chunks.push(self.push(function, Vec::new()));
            rest = after;
        }
        let function = evaluate(&chunks, rest, self.conditions);
        self.push(function, Vec::new())
    }

    fn split(&mut self, split: &Split, ancestors: &Ancestors<'_>) -> u32 {
        let always = split.always.as_ref().map(|plan| self.plan(plan, ancestors));
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
        if let Some(always) = always {
            code.local_get(FRAME).local_get(OUT).call(always);
        }
        if let Some((table, mask, lookup)) = own {
            code.local_get(FRAME).local_get(OUT).i32_const(signed(table)).i32_const(signed(mask));
            code.local_get(FRAME).i64_load(at(handle, 3));
            code.local_get(FRAME).i64_load(at(handle + 8, 3));
            bounds.push(lookup.own());
            code.call(Intrinsic::Dispatch.index());
        }
        if let Some((table, mask, lookup)) = above.filter(|_| !sets.is_empty()) {
            code.local_get(FRAME).i32_load(at(slot, 2)).local_tee(ROW).if_(BlockType::Empty);
            for set in sets {
                code.local_get(FRAME).local_get(OUT);
                code.i32_const(signed(table)).i32_const(signed(mask));
                code.local_get(FRAME).local_get(ROW).i32_add();
                code.i32_const(signed(*set)).i32_add().call(Intrinsic::DispatchSet.index());
            }
            bounds.extend(lookup.above(sets.len()));
            code.end();
        }
        code.end();
        self.push(function, bounds)
    }

    /// Address and mask of a table that leads to a function for each plan, and what a search in it
    /// does at most; absent without plans.
    fn table(
        &mut self,
        plans: &BTreeMap<Handle, Plan>,
        ancestors: &Ancestors<'_>,
    ) -> Option<(u32, u32, Lookup)> {
        if plans.is_empty() {
            return None;
        }
        let mut numbers = BTreeMap::new();
        for (handle, plan) in plans {
            let number = if let Some(number) = self.known.get(plan) {
                *number
            } else {
                let function = self.plan(plan, ancestors);
                let number = self.environments.saturating_add(length(self.called.len()));
                self.called.push(function);
                self.known.insert(plan.clone(), number);
                number
            };
            numbers.insert(*handle, number);
        }
        let called = |number: &u32| {
            let position = number.checked_sub(self.environments)?;
            self.called.get(usize::try_from(position).ok()?).copied()
        };
        // A function that is not there would have no cost.
        let functions = numbers.values().map(|n| called(n).unwrap_or(u32::MAX)).collect();
        let table = Table::new(&numbers);
        let lookup = Lookup::new(&table.bytes, functions);
        Some((self.data.address(&table.bytes), table.mask, lookup))
    }
}

fn evaluate(chunks: &[u32], candidates: &[Candidate], conditions: &Conditions) -> Function {
    const RESULT: u32 = 2;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    for chunk in chunks {
        code.local_get(FRAME).local_get(OUT).call(*chunk);
    }
    for candidate in candidates {
        let note = |code: &mut InstructionSink<'_>| {
            code.local_get(OUT).i32_const(signed(candidate.policy));
            code.i32_const(signed(candidate.class));
        };
        match candidate.condition {
            None => {
                note(&mut code);
                code.i32_const(1).call(Intrinsic::Note.index());
            }
            Some(condition) => {
                code.local_get(FRAME).call(conditions.first.saturating_add(condition));
                code.local_tee(RESULT).if_(BlockType::Empty);
                note(&mut code);
                code.local_get(RESULT).call(Intrinsic::Note.index()).end();
            }
        }
    }
    code.end();
    function
}

/// `decide(frame, out)`: clears the response, evaluates the frame's environment, concludes.
pub(super) fn decide(environments: u32, ty: u32, forbid_errors: ForbidErrors) -> Function {
    const ENVIRONMENT: u32 = 2;
    let environment = length(header::ENVIRONMENT);
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    for word in 0..fields::ENTRIES / 8 {
        code.local_get(OUT).i64_const(0).i64_store(at(word * 8, 3));
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
