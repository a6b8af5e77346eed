//! The functions that every module carries: strings, sets, ranges, tags, the response's entries.

mod dispatch;
mod note;
mod search;
mod strings;
mod turn;

use wasm_encoder::{Function, MemArg, ValType};

pub(super) use search::SCANNED;

/// An intrinsic; its position in [`Intrinsic::ALL`] is its function index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intrinsic {
    /// `(out, policy, class, result)`: appends an entry to the response.
    Note,
    /// `(out, entry: i64, flag)`: appends the entry of a satisfied policy to the response.
    NoteHeld,
    /// `(a: i64, b: i64) -> i32`: whether the product leaves 64 bits.
    ProductOverflows,
    /// `(a, b) -> i32`: whether two strings are equal.
    SameString,
    /// `(a, b) -> i32`: whether a string is at most another, in the order of sets.
    IsAtMost,
    /// `(a, b, len) -> i32`: whether two ranges of bytes are equal.
    SameBytes,
    /// `(set, low: i64, high: i64) -> i32`: whether a set has a handle.
    HasEntity,
    /// `(set, number: i64) -> i32`: whether a set has a number.
    HasInt,
    /// `(set, text) -> i32`: whether a set has a string.
    HasString,
    /// `(ip, range) -> i32`: whether a range has an ip's range.
    InRange,
    /// `(text, pattern) -> i32`: whether a string matches a pattern in the data.
    Like,
    /// `(table, stride, key) -> i32`: address of a tag's value, or 0.
    Tag,
    /// `(frame, low: i64, high: i64) -> i32`: address of a row by the directory, or 0.
    Directory,
    /// `(frame, out, table, mask, shift: i64, low: i64, high: i64)`: evaluates the candidates of a handle.
    Dispatch,
    /// `(frame, out, table, mask, shift: i64, set)`: evaluates the candidates of each handle of a set.
    DispatchSet,
    /// `(out, delta: i64)`: notes that the response holds for no longer.
    Turn,
    /// `(out, a: i64, b: i64, speed: i64) -> i32`: whether a moving number is less than another.
    Less,
    /// `(out, a: i64, b: i64, speed: i64) -> i32`: whether a moving number is another.
    Same,
    /// `(out, value: i64, by: i64, speed: i64) -> i64`: the quotient of a moving number.
    Step,
    /// `(out, time: i64, speed: i64) -> i64`: a moving time of day, as it is given.
    Midnight,
    /// `(out, value: i64, speed: i64) -> i64`: a moving number, as it is given.
    Drift,
    /// `(frame, out, end: i64) -> i32`: whether the request's instant is known to be before one.
    IsBefore,
}

impl Intrinsic {
    pub(super) const ALL: [Self; 22] = [
        Self::Note,
        Self::NoteHeld,
        Self::ProductOverflows,
        Self::SameString,
        Self::IsAtMost,
        Self::SameBytes,
        Self::HasEntity,
        Self::HasInt,
        Self::HasString,
        Self::InRange,
        Self::Like,
        Self::Tag,
        Self::Directory,
        Self::Dispatch,
        Self::DispatchSet,
        Self::Turn,
        Self::Less,
        Self::Same,
        Self::Step,
        Self::Midnight,
        Self::Drift,
        Self::IsBefore,
    ];

    /// Function index in the module.
    pub(super) fn index(self) -> u32 {
        let position = Self::ALL.iter().position(|known| *known == self).unwrap_or_default();
        u32::try_from(position).unwrap_or(u32::MAX)
    }

    /// Parameters and results.
    pub(super) fn signature(self) -> (&'static [ValType], &'static [ValType]) {
        const I32: ValType = ValType::I32;
        const I64: ValType = ValType::I64;
        match self {
            Self::Note => (&[I32, I32, I32, I32], &[]),
            Self::NoteHeld => (&[I32, I64, I32], &[]),
            Self::ProductOverflows => (&[I64, I64], &[I32]),
            Self::SameString | Self::IsAtMost | Self::HasString | Self::InRange | Self::Like => {
                (&[I32, I32], &[I32])
            }
            Self::SameBytes | Self::Tag => (&[I32, I32, I32], &[I32]),
            Self::HasEntity | Self::Directory => (&[I32, I64, I64], &[I32]),
            Self::HasInt => (&[I32, I64], &[I32]),
            Self::Dispatch => (&[I32, I32, I32, I32, I64, I64, I64], &[]),
            Self::DispatchSet => (&[I32, I32, I32, I32, I64, I32], &[]),
            Self::Turn => (&[I32, I64], &[]),
            Self::Less | Self::Same => (&[I32, I64, I64, I64], &[I32]),
            Self::Step => (&[I32, I64, I64, I64], &[I64]),
            Self::Midnight | Self::Drift => (&[I32, I64, I64], &[I64]),
            Self::IsBefore => (&[I32, I32, I64], &[I32]),
        }
    }

    pub(super) fn body(self) -> Function {
        match self {
            Self::Note => note::note(),
            Self::NoteHeld => note::note_held(),
            Self::ProductOverflows => note::product_overflows(),
            Self::SameString => strings::same_string(),
            Self::IsAtMost => strings::is_at_most(),
            Self::SameBytes => strings::same_bytes(),
            Self::HasEntity => search::has_entity(),
            Self::HasInt => search::has_int(),
            Self::HasString => search::has_string(),
            Self::InRange => search::in_range(),
            Self::Like => strings::like(),
            Self::Tag => search::tag(),
            Self::Directory => search::directory(),
            Self::Dispatch => dispatch::dispatch(),
            Self::DispatchSet => dispatch::dispatch_set(),
            Self::Turn => turn::turn(),
            Self::Less => turn::less(),
            Self::Same => turn::same(),
            Self::Step => turn::step(),
            Self::Midnight => turn::midnight(),
            Self::Drift => turn::drift(),
            Self::IsBefore => turn::is_before(),
        }
    }
}

/// An access to memory 0 at an offset, `align` being a power of two.
pub(super) fn at(offset: u32, align: u32) -> MemArg {
    MemArg { offset: u64::from(offset), align, memory_index: 0 }
}
