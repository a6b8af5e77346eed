//! Proves that errors cannot occur, and removes the checks for them.
//!
//! A row that a path has already shown to be there is not missing, and arithmetic on numbers whose
//! bounds are known may be unable to overflow. Bounds come from the schema, from literals and from
//! comparisons on the path. Only checks are removed: no value is computed here, and nothing is
//! concluded from a type.

mod facts;
mod interval;

use std::collections::BTreeMap;

use trapkey_abi::Bounds;

use crate::ir::{Arithmetic, Comparison, Expr, Failure, Kind, Local, Time};
use facts::{Facts, Known};
use interval::Interval;

pub(crate) use facts::{address_key, number_key};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Steps that one condition may take; after them, checks stay as they are.
const STEPS_MAX: usize = 4_000_000;

/// The condition without the checks that cannot fail, and the steps that it took; `bounds` are by
/// [`number_key`].
pub(crate) fn prove(condition: Expr, bounds: &BTreeMap<Expr, Bounds>) -> (Expr, usize) {
    let mut prover = Prover { bounds, facts: Facts::default(), steps: 0 };
    let proof = prover.visit(condition);
    (proof.expr, prover.steps)
}

/// An expression without superfluous checks, and what its evaluation tells.
struct Proof {
    expr: Expr,
    /// What holds if it gives true; for other kinds, if it gives a value.
    holds: Known,
    /// What holds if it gives false; for other kinds, as above.
    fails: Known,
    /// The numbers it may give.
    interval: Interval,
}

impl Proof {
    fn of(expr: Expr, known: Known) -> Self {
        Self { expr, fails: known.clone(), holds: known, interval: Interval::ALL }
    }

    /// What holds whatever the value.
    fn always(self) -> (Expr, Known) {
        (self.expr, self.holds.either(self.fails))
    }
}

struct Prover<'b> {
    bounds: &'b BTreeMap<Expr, Bounds>,
    /// What holds where the next expression is evaluated.
    facts: Facts,
    /// Operations of all facts that were carried along.
    steps: usize,
}

impl Prover<'_> {
    fn visit(&mut self, expr: Expr) -> Proof {
        let proof = self.proof(expr);
        self.steps = self.steps.saturating_add(1 + proof.holds.size() + proof.fails.size());
        if self.steps > STEPS_MAX {
            let (holds, fails) = (Known::default(), Known::default());
            return Proof { holds, fails, ..proof };
        }
        proof
    }

    fn proof(&mut self, expr: Expr) -> Proof {
        match expr {
            // What never comes out tells everything.
            Expr::Bool(value) => {
                let (mut holds, mut fails) = (Known::default(), Known::default());
                if value { &mut fails } else { &mut holds }.is_impossible = true;
                Proof { expr: Expr::Bool(value), holds, fails, interval: Interval::ALL }
            }
            Expr::Not(inner) => {
                let Proof { expr, holds, fails, interval } = self.visit(*inner);
                Proof { expr: expr.not(), holds: fails, fails: holds, interval }
            }
            Expr::And(left, right) => self.and(*left, *right),
            Expr::Or(left, right) => self.or(*left, *right),
            Expr::If(test, yes, no) => self.choice(*test, *yes, *no),
            Expr::Let(local, value, body) => self.binding(local, *value, *body),
            Expr::Then(first, value) => {
                let (first, known) = self.visit(*first).always();
                let value = self.under(&known, |this| this.visit(*value));
                let Proof { expr, holds, fails, interval } = value;
                let holds = known.clone().and(holds);
                Proof { expr: first.then(expr), holds, fails: known.and(fails), interval }
            }
            Expr::Any(set, step, local, body) => {
                let (set, known) = self.visit(*set).always();
                // The body may run for no element: what it tells ends with it.
                let (body, _) = self.under(&known, |this| this.visit(*body)).always();
                Proof::of(Expr::Any(set.boxed(), step, local, body.boxed()), known)
            }
            Expr::Present(row, failure) => self.present(*row, failure),
            Expr::IsPresent(row) => {
                let key = address_key(&row);
                let (row, known) = self.visit(*row).always();
                let holds = known.clone().and(Known::present(key));
                let expr = Expr::IsPresent(row.boxed());
                Proof { expr, holds, fails: known, interval: Interval::ALL }
            }
            Expr::Compare(comparison, a, b) => self.compare(comparison, *a, *b),
            Expr::Arithmetic(op, a, b, failure) => self.arithmetic(op, *a, *b, failure),
            Expr::ToDate(value, failure) => self.start_of_day(*value, failure),
            Expr::Time(time, value) => {
                let value = self.visit(*value);
                let interval = match time {
                    Time::Divide(by) => value.interval.divided(by),
                    Time::OfDay => Interval::new(0, DAY - 1),
                };
                let (value, known) = value.always();
                Proof { interval, ..Proof::of(Expr::Time(time, value.boxed()), known) }
            }
            other => self.operands(other),
        }
    }

    /// Operations that evaluate their operands from left to right and add nothing to what those
    /// tell.
    fn operands(&mut self, mut expr: Expr) -> Proof {
        let original = number_key(&expr);
        let mut known = Known::default();
        for child in expr.children_mut().into_iter().flatten() {
            let operand = std::mem::replace(child, Expr::Frame);
            let (operand, more) = self.under(&known, |this| this.visit(operand)).always();
            *child = operand;
            known = known.and(more);
        }
        let mut interval = match (&expr, expr.kind()) {
            (Expr::Int(value), _) => Interval::new(*value, *value),
            (Expr::Count(_), _) => Interval::new(0, i64::from(u32::MAX)),
            (_, Kind::Int | Kind::Bool | Kind::Address) => Interval::ALL,
        };
        if let Some(key) = original {
            if let Some(bounds) = self.bounds.get(&key) {
                interval = interval.and(Interval::new(bounds.min, bounds.max));
            }
            interval = interval.and(self.facts.interval(&key));
        }
        Proof { interval, ..Proof::of(expr, known) }
    }

    /// Runs `body` where `known` holds as well.
    fn under<T>(&mut self, known: &Known, body: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.facts.assume(known);
        let result = body(self);
        self.facts.forget(mark);
        result
    }

    fn and(&mut self, left: Expr, right: Expr) -> Proof {
        let left = self.visit(left);
        let right = self.under(&left.holds, |this| this.visit(right));
        let fails = left.fails.either(left.holds.clone().and(right.fails));
        let expr = Expr::And(left.expr.boxed(), right.expr.boxed());
        Proof { expr, holds: left.holds.and(right.holds), fails, interval: Interval::ALL }
    }

    fn or(&mut self, left: Expr, right: Expr) -> Proof {
        let left = self.visit(left);
        let right = self.under(&left.fails, |this| this.visit(right));
        let holds = left.holds.either(left.fails.clone().and(right.holds));
        let expr = Expr::Or(left.expr.boxed(), right.expr.boxed());
        Proof { expr, holds, fails: left.fails.and(right.fails), interval: Interval::ALL }
    }

    fn choice(&mut self, test: Expr, yes: Expr, no: Expr) -> Proof {
        let test = self.visit(test);
        let yes = self.under(&test.holds, |this| this.visit(yes));
        let no = self.under(&test.fails, |this| this.visit(no));
        let holds = test.holds.clone().and(yes.holds).either(test.fails.clone().and(no.holds));
        let fails = test.holds.and(yes.fails).either(test.fails.and(no.fails));
        let interval = yes.interval.or(no.interval);
        let expr = Expr::If(test.expr.boxed(), yes.expr.boxed(), no.expr.boxed());
        Proof { expr, holds, fails, interval }
    }

    fn binding(&mut self, local: Local, value: Expr, body: Expr) -> Proof {
        let kind = value.kind();
        let value = self.visit(value);
        let interval = value.interval;
        let (value, known) = value.always();
        let variable = (kind == Kind::Int).then_some(Expr::Local(local, kind));
        let inside = known.clone().and(Known::interval(variable, interval));
        let body = self.under(&inside, |this| this.visit(body));
        let Proof { expr, holds, fails, interval } = body;
        let holds = known.clone().and(holds);
        let expr = Expr::Let(local, value.boxed(), expr.boxed());
        Proof { expr, holds, fails: known.and(fails), interval }
    }

    fn present(&mut self, row: Expr, failure: Option<Failure>) -> Proof {
        let key = address_key(&row);
        let (row, known) = self.visit(row).always();
        let is_proven = key.as_ref().is_some_and(|key| self.facts.is_present(key));
        let failure = failure.filter(|_| !is_proven);
        let known = known.and(Known::present(key));
        Proof::of(Expr::Present(row.boxed(), failure), known)
    }

    /// Two operands, left to right, each with the numbers it may give, and what both tell.
    fn pair(&mut self, a: Expr, b: Expr) -> ((Expr, Interval), (Expr, Interval), Known) {
        let a = self.visit(a);
        let x = a.interval;
        let (a, first) = a.always();
        let b = self.under(&first, |this| this.visit(b));
        let y = b.interval;
        let (b, second) = b.always();
        ((a, x), (b, y), first.and(second))
    }

    fn compare(&mut self, comparison: Comparison, a: Expr, b: Expr) -> Proof {
        let keys = (number_key(&a), number_key(&b));
        let is_int = a.kind() == Kind::Int;
        let ((a, x), (b, y), known) = self.pair(a, b);
        let expr = Expr::Compare(comparison, a.boxed(), b.boxed());
        if !is_int {
            return Proof::of(expr, known);
        }
        // What the comparison tells of each side, if it holds and if it fails.
        let (holds, fails) = match comparison {
            Comparison::Equal => ((y, x), (Interval::ALL, Interval::ALL)),
            Comparison::Less => ((y.below(), x.above()), (y.from(), x.up_to())),
            Comparison::LessOrEqual => ((y.up_to(), x.from()), (y.above(), x.below())),
        };
        let tell = |(left, right): (Interval, Interval)| {
            let left = Known::interval(keys.0.clone(), x.and(left));
            let right = Known::interval(keys.1.clone(), y.and(right));
            known.clone().and(left).and(right)
        };
        Proof { expr, holds: tell(holds), fails: tell(fails), interval: Interval::ALL }
    }

    fn arithmetic(&mut self, op: Arithmetic, a: Expr, b: Expr, failure: Option<Failure>) -> Proof {
        let ((a, x), (b, y), known) = self.pair(a, b);
        let (interval, is_exact) = match op {
            Arithmetic::Add => x.sum(y),
            Arithmetic::Subtract => x.difference(y),
            Arithmetic::Multiply => x.product(y),
        };
        let failure = failure.filter(|_| !is_exact);
        let expr = Expr::Arithmetic(op, a.boxed(), b.boxed(), failure);
        Proof { interval, ..Proof::of(expr, known) }
    }

    fn start_of_day(&mut self, value: Expr, failure: Option<Failure>) -> Proof {
        let value = self.visit(value);
        let (interval, is_exact) = value.interval.difference(Interval::new(0, DAY - 1));
        let (value, known) = value.always();
        let failure = failure.filter(|_| !is_exact);
        Proof { interval, ..Proof::of(Expr::ToDate(value.boxed(), failure), known) }
    }
}

#[cfg(test)]
mod tests;
