//! The most that functions cost, in instructions as Wasmtime's fuel counts them.
//!
//! Emitted code is walked: of two branches the dearer one counts. What a loop, or a call whose cost
//! depends on data, may do at most is noted as [`Bound`] where the code is emitted; the walk meets
//! the notes in the order of the code, and a function whose notes do not fit has no cost at all.

mod sizes;
mod walk;

use std::cmp::Reverse;

use trapkey_abi::ANCESTORS_MAX;
use wasm_encoder::Function;

use super::dispatch::ENTRY;
use super::index;
use super::intrinsic::{Intrinsic, SCANNED};

pub(super) use sizes::Sizes;
pub(crate) use walk::Unbounded;

/// What a loop or a call does at most; a function has one for each of its loops and of its calls
/// whose cost depends on data, in the order of its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// A loop: how often its body begins each time the loop is reached.
    Loop(u64),
    /// A loop: how often its body begins while the function runs, however often it is reached.
    LoopInAll(u64),
    /// A call of an intrinsic.
    Call(Work),
    /// A call through the module's table, made once while the function runs: what it costs.
    Indirect(u64),
}

/// What an intrinsic is given at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// A text: its bytes.
    Text(u64),
    /// A set: its elements.
    Elements(u64),
    /// A set of texts.
    Texts { elements: u64, bytes: u64 },
    /// A text of so many bytes, and a pattern of so many parts, the longest of so many bytes.
    Pattern { text: u64, parts: u64, longest: u64 },
    /// One handle, looked up in a table.
    Handle(Lookup),
    /// A set of handles, each looked up in a table.
    Handles { elements: u64, lookup: Lookup },
}

/// Looking up a handle in a table of [`dispatch`](super::dispatch).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    /// Entries looked at before the search ends.
    probes: u64,
    /// Indexes of the functions that the entries lead to.
    functions: Vec<u32>,
}

impl Lookup {
    pub(super) fn new(table: &[u8], functions: Vec<u32>) -> Self {
        Self { probes: probes(table), functions }
    }

    /// The entity's own handle.
    pub(super) fn own(self) -> Bound {
        Bound::Call(Work::Handle(self))
    }

    /// All ancestors of an entity, which lie in so many sets; one bound for each.
    ///
    /// The sets share no handle and have at most [`ANCESTORS_MAX`] together, so what they cost is
    /// the same wherever the handles are: all of it counts for the first.
    pub(super) fn above(self, sets: usize) -> Vec<Bound> {
        let none = Self { probes: self.probes, functions: Vec::new() };
        let rest = Work::Handles { elements: 0, lookup: none };
        let elements = count(ANCESTORS_MAX);
        let first = Bound::Call(Work::Handles { elements, lookup: self });
        let rest = std::iter::repeat_n(Bound::Call(rest), sets.saturating_sub(1));
        std::iter::once(first).take(sets).chain(rest).collect()
    }
}

/// The longest run of entries in a table, and the free one behind it.
fn probes(table: &[u8]) -> u64 {
    let entries: Vec<bool> =
        table.chunks(index(ENTRY)).map(|entry| entry.iter().any(|byte| *byte != 0)).collect();
    let (mut longest, mut run) = (0_u64, 0);
    for is_taken in &entries {
        run = if *is_taken { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest.min(count(entries.len())).saturating_add(1)
}

/// What the functions of a module cost, by their index.
#[derive(Debug, Default)]
pub(super) struct Costs {
    /// Bodies of the intrinsics, the first functions of a module.
    intrinsics: Vec<Vec<u8>>,
    /// Costs of the functions after them.
    functions: Vec<u64>,
}

impl Costs {
    pub(super) fn new() -> Self {
        let bodies = Intrinsic::ALL.iter().map(|intrinsic| intrinsic.body().into_raw_body());
        Self { intrinsics: bodies.collect(), functions: Vec::new() }
    }

    /// Adds the next function, which calls none but those before it.
    ///
    /// # Errors
    ///
    /// [`Unbounded`] if the bounds do not fit the function's code.
    pub(super) fn push(&mut self, function: &Function, bounds: &[Bound]) -> Result<(), Unbounded> {
        let cost = self.walk(&function.clone().into_raw_body(), bounds)?;
        self.functions.push(cost);
        Ok(())
    }

    /// The cost of a function after the intrinsics.
    pub(super) fn of(&self, function: u32) -> Option<u64> {
        let number = index(function).checked_sub(self.intrinsics.len())?;
        self.functions.get(number).copied()
    }

    /// The cost of an intrinsic that is given so much.
    fn intrinsic(&self, intrinsic: Intrinsic, work: &Work) -> Result<u64, Unbounded> {
        let number = intrinsic.index();
        let body = self.intrinsics.get(index(number)).ok_or(Unbounded::Callee(number))?;
        let (bounds, called) = self.bounds(intrinsic, work)?;
        Ok(self.walk(body, &bounds)?.saturating_add(called))
    }

    /// The bounds of an intrinsic's own code, and what functions cost that it calls in turn.
    fn bounds(&self, intrinsic: Intrinsic, work: &Work) -> Result<(Vec<Bound>, u64), Unbounded> {
        let after = |entries: &u64| Bound::Loop(entries.saturating_add(1));
        let bounds = match (intrinsic, work) {
            (Intrinsic::SameString | Intrinsic::IsAtMost, Work::Text(bytes)) => {
                vec![after(&bytes.div_ceil(8))]
            }
            (Intrinsic::SameBytes, Work::Text(bytes)) => vec![after(bytes)],
            (Intrinsic::Directory, Work::Elements(elements)) => vec![after(elements)],
            (Intrinsic::HasEntity | Intrinsic::HasInt, Work::Elements(elements)) => {
                vec![halvings(*elements), after(&(*elements).min(u64::from(SCANNED)))]
            }
            (Intrinsic::HasString, Work::Texts { elements, bytes }) => {
                let text = Bound::Call(Work::Text(*bytes));
                let scanned = after(&(*elements).min(u64::from(SCANNED)));
                vec![halvings(*elements), text.clone(), scanned, text]
            }
            (Intrinsic::Tag, Work::Texts { elements, bytes }) => {
                vec![after(elements), Bound::Call(Work::Text(*bytes))]
            }
            (Intrinsic::Like, Work::Pattern { text, parts, longest }) => {
                let part = Bound::Call(Work::Text(*longest));
                // Of the places where parts are tried, each is left behind or ends a part.
                let places = Bound::LoopInAll(text.saturating_add(*parts).saturating_add(1));
                vec![part.clone(), part.clone(), after(parts), places, part]
            }
            (Intrinsic::Dispatch, Work::Handle(lookup)) => {
                let dearest = self.dearest(&lookup.functions, 1)?;
                vec![Bound::Loop(lookup.probes), Bound::Indirect(dearest)]
            }
            (Intrinsic::DispatchSet, Work::Handles { elements, lookup }) => {
                let called = self.dearest(&lookup.functions, *elements)?;
                let lookup = Lookup { probes: lookup.probes, functions: Vec::new() };
                let each = Bound::Call(Work::Handle(lookup));
                return Ok((vec![after(elements), each], called));
            }
            (intrinsic, _) => return Err(Unbounded::Callee(intrinsic.index())),
        };
        Ok((bounds, 0))
    }

    /// The cost of so many functions, the dearest ones.
    fn dearest(&self, functions: &[u32], most: u64) -> Result<u64, Unbounded> {
        let cost = |function: &u32| self.of(*function).ok_or(Unbounded::Callee(*function));
        let mut costs = functions.iter().map(cost).collect::<Result<Vec<u64>, _>>()?;
        costs.sort_unstable_by_key(|cost| Reverse(*cost));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(costs.into_iter().take(most).fold(0, u64::saturating_add))
    }
}

/// How often a search looks whether so many elements are still too many to be looked at one after
/// the other.
fn halvings(elements: u64) -> Bound {
    let (mut left, mut looks) = (elements, 1);
    while left > u64::from(SCANNED) {
        left = left.div_ceil(2);
        looks += 1;
    }
    Bound::Loop(looks)
}

fn count(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
