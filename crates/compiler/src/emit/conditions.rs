//! The conditions that are evaluated: each where it is needed or in a function of its own, without
//! the tests of a scope that dispatch has made.

use std::collections::BTreeMap;

use trapkey_abi::header;

use super::dispatch::{Key, Side, Visited};
use super::{Program, index, length};
use crate::ir::Expr;
use crate::lower::{self, Limits};

/// Operations of a condition that is repeated wherever it is needed: it is hardly longer than a call.
const SMALL: usize = 12;
/// Operations of a condition that is moved to the one place where it is needed.
const MOVED: usize = 256;

/// Distinct conditions, without the tests that are known to hold.
pub(super) struct Conditions<'p> {
    program: &'p Program<'p>,
    distinct: Vec<Condition>,
    numbers: BTreeMap<Expr, u32>,
    /// The number, by the program's number and what is known.
    known: BTreeMap<(u32, bool, bool), Option<u32>>,
}

/// A condition, and how often it is evaluated.
pub(super) struct Condition {
    pub(super) expr: Expr,
    /// What the sets and strings that it reads hold at most.
    pub(super) limits: Limits,
    /// Number of its operations.
    pub(super) size: usize,
    /// Index among the program's conditions of one that it comes from.
    pub(super) origin: u32,
    uses: u32,
    function: Option<u32>,
}

/// How a condition is emitted.
pub(super) enum Form<'c> {
    /// Where it is evaluated.
    Inline(&'c Condition),
    /// As the function with this index.
    Call(u32),
    /// As a function, which there is not yet.
    Function(&'c Condition),
}

impl<'p> Conditions<'p> {
    pub(super) fn new(program: &'p Program<'p>) -> Self {
        let (distinct, numbers, known) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { program, distinct, numbers, known }
    }

    /// The number of what is left to test of a candidate; `None` if that is nothing.
    pub(super) fn number(&mut self, visited: Visited<'_>) -> Option<u32> {
        let candidate = visited.candidate;
        let origin = candidate.condition?;
        let key = (origin, visited.principal, visited.resource);
        let number = if let Some(number) = self.known.get(&key) {
            *number
        } else {
            let number = self.distinct(visited, origin);
            self.known.insert(key, number);
            number
        };
        let condition = number.and_then(|number| self.distinct.get_mut(index(number)));
        if let Some(condition) = condition {
            condition.uses = condition.uses.saturating_add(1);
        }
        number
    }

    fn distinct(&mut self, visited: Visited<'_>, origin: u32) -> Option<u32> {
        let expr = without_tests(self.program.conditions.get(index(origin))?, visited);
        if expr == Expr::TRUE {
            return None;
        }
        let limits = self.program.limits.get(index(origin));
        if let Some(number) = self.numbers.get(&expr) {
            if let (Some(known), Some(limits)) = (self.distinct.get_mut(index(*number)), limits) {
                lower::widen(&mut known.limits, limits);
            }
            return Some(*number);
        }
        // Without limits the bounds of its cost are wide.
        let limits = limits.cloned().unwrap_or_default();
        let number = length(self.distinct.len());
        self.numbers.insert(expr.clone(), number);
        let size = expr.size();
        self.distinct.push(Condition { expr, limits, size, origin, uses: 0, function: None });
        Some(number)
    }

    /// How a condition is emitted where there is room for this many operations.
    pub(super) fn form(&self, number: u32, room: usize) -> Form<'_> {
        // There is no such number; a call of no function makes the module one that is refused.
        let Some(condition) = self.distinct.get(index(number)) else {
            return Form::Call(u32::MAX);
        };
        if let Some(function) = condition.function {
            return Form::Call(function);
        }
        let Condition { size, uses, .. } = condition;
        let is_inline = *size <= SMALL || *uses == 1 && *size <= MOVED;
        if is_inline && *size <= room { Form::Inline(condition) } else { Form::Function(condition) }
    }

    /// Says which function a condition has become.
    pub(super) fn emitted(&mut self, number: u32, function: u32) {
        if let Some(condition) = self.distinct.get_mut(index(number)) {
            condition.function = Some(function);
        }
    }
}

/// A candidate's condition without the tests of its scope that are known to hold. They come first
/// and cannot err, so nothing else changes.
fn without_tests(condition: &Expr, visited: Visited<'_>) -> Expr {
    let Expr::And(left, right) = condition else {
        return if holds(condition, visited) { Expr::TRUE } else { condition.clone() };
    };
    let left = without_tests(left, visited);
    // What follows a test of the scope that is left may be another.
    if left == Expr::TRUE || is_test(&left, visited) {
        left.and(without_tests(right, visited))
    } else {
        left.and((**right).clone())
    }
}

/// Whether this is the test of a scope that is known to hold.
fn holds(expr: &Expr, visited: Visited<'_>) -> bool {
    let side = |side, is_known: bool| {
        is_known && visited.candidate.key(side).is_some_and(|key| tests(expr, side, key))
    };
    side(Side::Principal, visited.principal) || side(Side::Resource, visited.resource)
}

/// Whether this is a test of the candidate's scope.
fn is_test(expr: &Expr, visited: Visited<'_>) -> bool {
    holds(expr, Visited { principal: true, resource: true, ..visited })
}

/// Whether `expr` is true of every request whose entity on this side is the key's, or is in it if
/// the key is a group. Only the forms that the lowering gives to scopes are known.
fn tests(expr: &Expr, side: Side, key: Key) -> bool {
    match expr {
        Expr::Or(own, above) if key.is_group => is_own(own, side, key) && is_in(above, side, key),
        expr if key.is_group => is_in(expr, side, key),
        expr => is_own(expr, side, key),
    }
}

fn is_own(expr: &Expr, side: Side, key: Key) -> bool {
    let offset = match side {
        Side::Principal => header::PRINCIPAL,
        Side::Resource => header::RESOURCE,
    };
    let address = Expr::Frame.offset(length(offset));
    matches!(expr, Expr::IsEntity(entity, handle) if **entity == address && *handle == key.handle)
}

fn is_in(expr: &Expr, side: Side, key: Key) -> bool {
    let row = Expr::Slot(match side {
        Side::Principal => 0,
        Side::Resource => 1,
    });
    let is_member = |expr: &Expr| {
        let Expr::HasEntity(set, member) = expr else { return false };
        let Expr::Offset(base, _) = &**set else { return false };
        **base == row && **member == Expr::Data(key.handle.to_bytes().to_vec())
    };
    match expr {
        Expr::And(present, member) => {
            **present == Expr::IsPresent(row.clone().boxed()) && is_member(member)
        }
        expr => is_member(expr),
    }
}
