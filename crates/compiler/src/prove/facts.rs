//! What is known of rows and numbers at a point of a condition.

use std::collections::{BTreeMap, BTreeSet};

use super::interval::Interval;
use crate::ir::Expr;

/// Facts that one point keeps; those beyond are forgotten, which costs a check and no more.
const FACTS_MAX: usize = 32;

/// Operations of an expression that facts are kept about.
const KEY_SIZE_MAX: usize = 48;

/// What an evaluation tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Rows that are there.
    present: BTreeSet<Expr>,
    /// Numbers and where they lie.
    intervals: BTreeMap<Expr, Interval>,
    /// Whether no evaluation comes out like this.
    pub(super) is_impossible: bool,
}

impl Known {
    pub(super) fn present(row: Option<Expr>) -> Self {
        Self { present: row.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn interval(number: Option<Expr>, interval: Interval) -> Self {
        let number = number.filter(|_| interval != Interval::ALL);
        let intervals = number.map(|number| (number, interval)).into_iter().collect();
        Self { intervals, ..Self::default() }
    }

    /// Both hold.
    pub(super) fn and(mut self, mut other: Self) -> Self {
        self.is_impossible |= other.is_impossible;
        if self.present.len() + other.present.len() <= FACTS_MAX {
            self.present.append(&mut other.present);
        }
        for (number, interval) in other.intervals {
            if self.intervals.len() < FACTS_MAX || self.intervals.contains_key(&number) {
                let known = self.intervals.entry(number).or_insert(Interval::ALL);
                *known = known.and(interval);
            }
        }
        self
    }

    /// Operations of all that facts are known about.
    pub(super) fn size(&self) -> usize {
        self.present.iter().chain(self.intervals.keys()).map(Expr::size).sum()
    }

    /// One or the other holds.
    pub(super) fn either(mut self, other: Self) -> Self {
        if self.is_impossible {
            return other;
        }
        if other.is_impossible {
            return self;
        }
        self.present.retain(|row| other.present.contains(row));
        self.intervals.retain(|number, interval| {
            let Some(same) = other.intervals.get(number) else { return false };
            *interval = interval.or(*same);
            true
        });
        self
    }
}

/// What holds at the current point: the known of all that encloses it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// How often each row was found to be there.
    present: BTreeMap<Expr, usize>,
    intervals: BTreeMap<Expr, Interval>,
    /// What to undo, the latest last.
    undo: Vec<Undo>,
}

#[derive(Debug)]
enum Undo {
    Present(Expr),
    Interval(Expr, Option<Interval>),
}

impl Facts {
    /// Adds facts; [`Facts::forget`] with what this gives takes them back.
    pub(super) fn assume(&mut self, known: &Known) -> usize {
        let mark = self.undo.len();
        for row in &known.present {
            *self.present.entry(row.clone()).or_default() += 1;
            self.undo.push(Undo::Present(row.clone()));
        }
        for (number, interval) in &known.intervals {
            let before = self.intervals.get(number).copied();
            let now = before.map_or(*interval, |before| before.and(*interval));
            self.intervals.insert(number.clone(), now);
            self.undo.push(Undo::Interval(number.clone(), before));
        }
        mark
    }

    pub(super) fn forget(&mut self, mark: usize) {
        for undo in self.undo.drain(mark..).rev() {
            match undo {
                Undo::Present(row) => {
                    let count = self.present.remove(&row).unwrap_or_default();
                    if count > 1 {
                        self.present.insert(row, count - 1);
                    }
                }
                Undo::Interval(number, Some(before)) => {
                    self.intervals.insert(number, before);
                }
                Undo::Interval(number, None) => {
                    self.intervals.remove(&number);
                }
            }
        }
    }

    pub(super) fn is_present(&self, row: &Expr) -> bool {
        self.present.contains_key(row)
    }

    pub(super) fn interval(&self, number: &Expr) -> Interval {
        self.intervals.get(number).copied().unwrap_or(Interval::ALL)
    }
}

/// The expression under which facts about it are kept: without its checks, which do not change its
/// value.
pub(super) fn key(expr: &Expr) -> Expr {
    let mut key = expr.clone();
    strip(&mut key);
    key
}

fn strip(expr: &mut Expr) {
    while let Expr::Present(row, _) = expr {
        *expr = std::mem::replace(&mut **row, Expr::Frame);
    }
    if let Expr::Arithmetic(_, _, _, failure) | Expr::ToDate(_, failure) = expr {
        *failure = None;
    }
    for child in expr.children_mut().into_iter().flatten() {
        strip(child);
    }
}

/// The key of a row or another address, if it is small.
pub(crate) fn address_key(expr: &Expr) -> Option<Expr> {
    expr.is_within(KEY_SIZE_MAX).then(|| key(expr))
}

/// The key of a number that is read, if it is small; of others nothing is kept.
pub(crate) fn number_key(expr: &Expr) -> Option<Expr> {
    let is_read = matches!(expr, Expr::LoadInt(..) | Expr::Clock(..) | Expr::Local(..));
    (is_read && expr.is_within(KEY_SIZE_MAX)).then(|| key(expr))
}
