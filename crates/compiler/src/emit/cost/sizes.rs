//! How much the sets and strings of one condition hold at most.

use std::collections::BTreeMap;

use trapkey_abi::{SET_ELEMENTS_MAX, STRING_BYTES_MAX};

use super::{Bound, Work, count};
use crate::emit::FRAME_BYTES_MAX;
use crate::emit::index;
use crate::ir::{Expr, Local};
use crate::lower::Limits;
use crate::prove::address_key;

/// Bytes of the descriptors of strings and sets, and of a handle.
const DESCRIPTOR: u32 = 8;
const HANDLE: u32 = 16;
/// Bytes of an entry of the frame's directory.
const DIRECTORY_ENTRY: u32 = 24;

/// What is known of the sizes of a condition's values.
#[derive(Debug)]
pub(in crate::emit) struct Sizes<'l> {
    limits: &'l Limits,
    /// Entries that the frame's directory has at most.
    directory: u64,
    locals: BTreeMap<Local, Extent>,
}

/// What a string or set at an address holds at most.
#[derive(Clone, Copy, Debug)]
struct Extent {
    /// Bytes or elements.
    count: u64,
    /// Bytes of the frame, or of the constant, that it is part of.
    within: u64,
    /// Whether it may be part of a constant, to which no limits apply.
    is_constant: bool,
}

impl Extent {
    const UNKNOWN: Self = Self { count: u64::MAX, within: u64::MAX, is_constant: true };

    fn or(self, other: Self) -> Self {
        Self {
            count: self.count.max(other.count),
            within: self.within.max(other.within),
            is_constant: self.is_constant || other.is_constant,
        }
    }
}

impl<'l> Sizes<'l> {
    pub(in crate::emit) fn new(condition: &Expr, limits: &'l Limits, directory: u64) -> Self {
        let mut sizes = Self { limits, directory, locals: BTreeMap::new() };
        sizes.bind(condition);
        sizes
    }

    /// The bound of the loop or call that an operation is, apart from its operands; for operations
    /// that are neither, it is no bound.
    pub(in crate::emit) fn bound(&self, expr: &Expr) -> Option<Bound> {
        let elements = |set: &Expr, step: u32| self.count(set, step);
        let bound = match expr {
            Expr::Any(set, step, _, _) => Bound::Loop(elements(set, *step).saturating_add(1)),
            Expr::Directory(_) => {
                let entries = self.directory.min(u64::from(FRAME_BYTES_MAX / DIRECTORY_ENTRY));
                Bound::Call(Work::Elements(entries))
            }
            Expr::HasEntity(set, _) => Bound::Call(Work::Elements(elements(set, HANDLE))),
            Expr::HasInt(set, _) => Bound::Call(Work::Elements(elements(set, 8))),
            Expr::HasString(set, text) => {
                let bytes = self.element_bytes(set).min(self.count(text, 1));
                Bound::Call(Work::Texts { elements: elements(set, DESCRIPTOR), bytes })
            }
            Expr::Tag(_, step, key) => {
                let fit = u64::from(FRAME_BYTES_MAX / (*step).max(1));
                let elements = u64::from(SET_ELEMENTS_MAX).min(fit);
                let bytes = u64::from(STRING_BYTES_MAX).min(self.count(key, 1));
                Bound::Call(Work::Texts { elements, bytes })
            }
            Expr::SameString(a, b) => {
                Bound::Call(Work::Text(self.count(a, 1).min(self.count(b, 1))))
            }
            Expr::IsString(a, text) => {
                Bound::Call(Work::Text(self.count(a, 1).min(count(text.len()))))
            }
            Expr::Like(text, pattern) => {
                let text = self.count(text, 1);
                let parts = || pattern.iter().flatten().map(|part| count(part.len()));
                let longest = parts().max().unwrap_or(0).min(text);
                Bound::Call(Work::Pattern { text, parts: count(parts().count()), longest })
            }
            Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Data(_)
            | Expr::Frame
            | Expr::Context
            | Expr::Slot(_)
            | Expr::Local(..)
            | Expr::Let(..)
            | Expr::Then(..)
            | Expr::Present(..)
            | Expr::Offset(..)
            | Expr::LoadBool(..)
            | Expr::LoadInt(..)
            | Expr::Clock(..)
            | Expr::Not(_)
            | Expr::And(..)
            | Expr::Or(..)
            | Expr::If(..)
            | Expr::Compare(..)
            | Expr::Arithmetic(..)
            | Expr::Time(..)
            | Expr::ToDate(..)
            | Expr::IsPresent(_)
            | Expr::SameEntity(..)
            | Expr::IsEntity(..)
            | Expr::SameIp(..)
            | Expr::InRange(..)
            | Expr::Count(_) => return None,
        };
        Some(bound)
    }

    /// Notes the extents of variables; one that is bound twice is bound to the same.
    fn bind(&mut self, expr: &Expr) {
        match expr {
            Expr::Let(local, value, body) => {
                self.bind(value);
                self.locals.insert(*local, self.extent(value));
                self.bind(body);
            }
            Expr::Any(set, step, local, body) => {
                self.bind(set);
                // Elements of this size may be strings or sets; of others no count is asked.
                let constant = constant(set).filter(|_| *step == DESCRIPTOR);
                let longest = constant.and_then(|(bytes, at)| longest(bytes, at));
                let count = longest.unwrap_or(u64::MAX);
                self.locals.insert(*local, Extent { count, ..self.extent(set) });
                self.bind(body);
            }
            other => other.children().into_iter().flatten().for_each(|child| self.bind(child)),
        }
    }

    /// Bytes of a string, or elements of a set, of which each has so many bytes.
    fn count(&self, address: &Expr, step: u32) -> u64 {
        let extent = self.extent(address);
        extent.count.min(extent.within / u64::from(step.max(1)))
    }

    /// Bytes of a string in a set of strings; in rows, elements have the default limit.
    fn element_bytes(&self, set: &Expr) -> u64 {
        if let Some((bytes, offset)) = constant(set) {
            return longest(bytes, offset).unwrap_or(count(bytes.len()));
        }
        let extent = self.extent(set);
        if extent.is_constant { extent.within } else { u64::from(STRING_BYTES_MAX) }
    }

    fn extent(&self, address: &Expr) -> Extent {
        if let Some((bytes, offset)) = constant(address) {
            let len = descriptor(bytes, offset).map(|(_, len)| u64::from(len));
            let within = count(bytes.len());
            return Extent { count: len.unwrap_or(within), within, is_constant: true };
        }
        match address {
            Expr::If(_, yes, no) => self.extent(yes).or(self.extent(no)),
            Expr::Then(_, value) => self.extent(value),
            Expr::Local(local, _) => {
                let bound = self.locals.get(local).copied().unwrap_or(Extent::UNKNOWN);
                Extent { count: self.limit(address).min(bound.count), ..bound }
            }
            other => Extent { count: self.limit(other), ..self.whole(other) },
        }
    }

    /// What is known of the whole that an address lies in.
    fn whole(&self, address: &Expr) -> Extent {
        match address {
            Expr::Frame | Expr::Context | Expr::Slot(_) | Expr::Directory(_) => {
                let within = u64::from(FRAME_BYTES_MAX);
                Extent { count: u64::MAX, within, is_constant: false }
            }
            Expr::Present(of, _) | Expr::Offset(of, _) | Expr::Tag(of, _, _) => self.whole(of),
            Expr::Data(_) | Expr::If(..) | Expr::Then(..) | Expr::Local(..) => self.extent(address),
            // No address.
            _other => Extent::UNKNOWN,
        }
    }

    /// The schema's limit on what is at an address.
    fn limit(&self, address: &Expr) -> u64 {
        let limit = address_key(address).and_then(|key| self.limits.get(&key).copied());
        limit.map_or(u64::MAX, u64::from)
    }
}

/// The constant that an address lies in, and where in it.
fn constant(address: &Expr) -> Option<(&[u8], usize)> {
    let (base, offset) = match address {
        Expr::Offset(base, offset) => (&**base, *offset),
        base => (base, 0),
    };
    let Expr::Data(bytes) = base else { return None };
    Some((bytes, index(offset)))
}

/// Distance and length in the descriptor at an offset.
fn descriptor(bytes: &[u8], at: usize) -> Option<(u32, u32)> {
    let word = |at: usize| {
        let bytes = bytes.get(at..at.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    Some((word(at)?, word(at.checked_add(4)?)?))
}

/// Bytes of the longest string, or elements of the largest set, in the constant set at an offset.
fn longest(bytes: &[u8], at: usize) -> Option<u64> {
    let (distance, len) = descriptor(bytes, at)?;
    let start = at.checked_add(index(distance))?;
    let end = start.checked_add(index(len).checked_mul(index(DESCRIPTOR))?)?;
    let lens = (start..end).step_by(index(DESCRIPTOR)).map(|at| descriptor(bytes, at));
    lens.map(|found| found.map(|(_, len)| u64::from(len)))
        .try_fold(0, |most, len| Some(most.max(len?)))
}
