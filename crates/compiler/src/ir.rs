//! The expression that a condition is lowered to: typed, closed, and with every offset known.
//!
//! Equal conditions of different policies and request environments are equal here, so each is
//! emitted once. An expression has no effect but its value or an error, so evaluating one twice
//! is a matter of cost only.

use std::collections::BTreeSet;

use trapkey_abi::{EvalError, Handle};

/// Index of one of the policy's places, reported when evaluation fails there.
pub(crate) type Place = u16;

/// Bytes of a constant that count as one node.
pub(crate) const CONSTANT_BYTES: usize = 64;

/// An error that evaluation may meet, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Failure {
    pub(crate) error: EvalError,
    pub(crate) place: Place,
}

/// A local variable of one condition.
pub(crate) type Local = u32;

/// How a value is held while a condition runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `i32`: 0 or 1.
    Bool,
    /// `i64`: a Long, decimal, datetime or duration.
    Int,
    /// `i32`: the address of a handle, descriptor, record or ip; or of a row, 0 if absent.
    Address,
}

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expr {
    /// A constant truth value.
    Bool(bool),
    /// A constant number.
    Int(i64),
    /// Address of a constant in the module's data, eight-byte aligned.
    Data(Vec<u8>),
    /// Address of the frame.
    Frame,
    /// Address of the context's row.
    Context,
    /// Address of the row in a slot; 0 if there is no such entity.
    Slot(u32),
    /// Address of the row of the handle at an address, by the frame's directory; 0 if absent.
    Directory(Box<Expr>),
    /// A variable.
    Local(Local, Kind),
    /// Binds a variable to a value for the body.
    Let(Local, Box<Expr>, Box<Expr>),
    /// Evaluates the first for its errors, then gives the second.
    Then(Box<Expr>, Box<Expr>),
    /// The row address, or a failure if it is 0; no failure where it is proven to be another.
    Present(Box<Expr>, Option<Failure>),
    /// An address and an offset in bytes.
    Offset(Box<Expr>, u32),
    /// The byte at an offset of an address, as a truth value.
    LoadBool(Box<Expr>, u32),
    /// The number at an offset of an address.
    LoadInt(Box<Expr>, u32),
    /// A number that moves with time: by so much each millisecond.
    Clock(Box<Expr>, i64),
    /// Negation.
    Not(Box<Expr>),
    /// Conjunction, left to right.
    And(Box<Expr>, Box<Expr>),
    /// Disjunction, left to right.
    Or(Box<Expr>, Box<Expr>),
    /// Choice; both branches are of one kind.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Comparison of numbers.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// Arithmetic that fails on overflow; no failure where that is proven impossible.
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>, Option<Failure>),
    /// Arithmetic that cannot overflow.
    Time(Time, Box<Expr>),
    /// The start of the day of a datetime; it fails as arithmetic does.
    ToDate(Box<Expr>, Option<Failure>),
    /// Whether an address is not 0.
    IsPresent(Box<Expr>),
    /// Whether the handles at two addresses are equal.
    SameEntity(Box<Expr>, Box<Expr>),
    /// Whether the handle at an address is this one.
    IsEntity(Box<Expr>, Handle),
    /// Whether the strings at two addresses are equal.
    SameString(Box<Expr>, Box<Expr>),
    /// Whether the string at an address is this one.
    IsString(Box<Expr>, String),
    /// Whether the ips at two addresses are equal.
    SameIp(Box<Expr>, Box<Expr>),
    /// Whether the first ip's range lies in the second's.
    InRange(Box<Expr>, Box<Expr>),
    /// Whether the string at an address matches: literal parts, `None` for each wildcard.
    Like(Box<Expr>, Vec<Option<String>>),
    /// Number of elements of the set at an address.
    Count(Box<Expr>),
    /// Whether the set of handles at an address has the handle at another.
    HasEntity(Box<Expr>, Box<Expr>),
    /// Whether the set of numbers at an address has a number.
    HasInt(Box<Expr>, Box<Expr>),
    /// Whether the set of strings at an address has the string at another.
    HasString(Box<Expr>, Box<Expr>),
    /// Whether the body holds for the address of some element of the set, by its stride.
    Any(Box<Expr>, u32, Local, Box<Expr>),
    /// Address of the value of the tag with the string key at an address, by the tags' stride; 0
    /// if there is none.
    Tag(Box<Expr>, u32, Box<Expr>),
}

/// A comparison of signed numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
}

/// A checked operation on signed numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
}

/// An operation on datetimes and durations that cannot fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Time {
    /// Division by a positive constant, truncated toward zero.
    Divide(i64),
    /// Milliseconds since the start of the day.
    OfDay,
}

/// References to the operands, in the order in which they are evaluated.
macro_rules! operands {
    ($expr:expr) => {
        match $expr {
            Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Data(_)
            | Expr::Frame
            | Expr::Context
            | Expr::Slot(_)
            | Expr::Local(..) => [None, None, None],
            Expr::Directory(a)
            | Expr::Present(a, _)
            | Expr::Offset(a, _)
            | Expr::LoadBool(a, _)
            | Expr::LoadInt(a, _)
            | Expr::Clock(a, _)
            | Expr::Not(a)
            | Expr::Time(_, a)
            | Expr::ToDate(a, _)
            | Expr::IsPresent(a)
            | Expr::IsEntity(a, _)
            | Expr::IsString(a, _)
            | Expr::Like(a, _)
            | Expr::Count(a) => [Some(a), None, None],
            Expr::Let(_, a, b)
            | Expr::Then(a, b)
            | Expr::And(a, b)
            | Expr::Or(a, b)
            | Expr::Compare(_, a, b)
            | Expr::Arithmetic(_, a, b, _)
            | Expr::SameEntity(a, b)
            | Expr::SameString(a, b)
            | Expr::SameIp(a, b)
            | Expr::InRange(a, b)
            | Expr::HasEntity(a, b)
            | Expr::HasInt(a, b)
            | Expr::HasString(a, b)
            | Expr::Any(a, _, _, b)
            | Expr::Tag(a, _, b) => [Some(a), Some(b), None],
            Expr::If(a, b, c) => [Some(a), Some(b), Some(c)],
        }
    };
}

impl Expr {
    pub(crate) const TRUE: Self = Self::Bool(true);
    pub(crate) const FALSE: Self = Self::Bool(false);

    pub(crate) fn boxed(self) -> Box<Self> {
        Box::new(self)
    }

    pub(crate) fn offset(self, bytes: u32) -> Self {
        match (self, bytes) {
            (expr, 0) => expr,
            (Self::Offset(base, first), bytes) => Self::Offset(base, first.saturating_add(bytes)),
            (expr, bytes) => Self::Offset(expr.boxed(), bytes),
        }
    }

    /// Loads through a constant offset rather than adding it first.
    pub(crate) fn load_bool(self) -> Self {
        match self {
            Self::Offset(base, offset) => Self::LoadBool(base, offset),
            address => Self::LoadBool(address.boxed(), 0),
        }
    }

    pub(crate) fn load_int(self) -> Self {
        match self {
            Self::Offset(base, offset) => Self::LoadInt(base, offset),
            address => Self::LoadInt(address.boxed(), 0),
        }
    }

    pub(crate) fn not(self) -> Self {
        match self {
            Self::Bool(value) => Self::Bool(!value),
            Self::Not(inner) => *inner,
            expr => Self::Not(expr.boxed()),
        }
    }

    pub(crate) fn and(self, right: Self) -> Self {
        match (self, right) {
            (Self::Bool(true), right) => right,
            (Self::Bool(false), _) => Self::FALSE,
            (left, Self::Bool(true)) => left,
            (left, Self::Bool(false)) => left.then(Self::FALSE),
            (left, right) => Self::And(left.boxed(), right.boxed()),
        }
    }

    pub(crate) fn or(self, right: Self) -> Self {
        match (self, right) {
            (Self::Bool(false), right) => right,
            (Self::Bool(true), _) => Self::TRUE,
            (left, Self::Bool(false)) => left,
            (left, Self::Bool(true)) => left.then(Self::TRUE),
            (left, right) => Self::Or(left.boxed(), right.boxed()),
        }
    }

    pub(crate) fn choose(self, yes: Self, no: Self) -> Self {
        match self {
            Self::Bool(true) => yes,
            Self::Bool(false) => no,
            test if yes == no => test.then(yes),
            test => Self::If(test.boxed(), yes.boxed(), no.boxed()),
        }
    }

    /// Evaluates `self` for its errors, then gives `value`.
    pub(crate) fn then(self, value: Self) -> Self {
        if self.can_err() { Self::Then(self.boxed(), value.boxed()) } else { value }
    }

    /// Whether evaluation can fail.
    pub(crate) fn can_err(&self) -> bool {
        self.failure().is_some() || self.children().into_iter().flatten().any(Self::can_err)
    }

    /// The failure of this operation, apart from those of its operands.
    pub(crate) fn failure(&self) -> Option<Failure> {
        if let Self::Present(_, failure)
        | Self::Arithmetic(_, _, _, failure)
        | Self::ToDate(_, failure) = self
        {
            return *failure;
        }
        None
    }

    /// Adds all failures of this operation and its operands.
    pub(crate) fn failures(&self, found: &mut BTreeSet<Failure>) {
        found.extend(self.failure());
        for child in self.children().into_iter().flatten() {
            child.failures(found);
        }
    }

    /// Whether [`Expr::size`] is at most `max`; looks at no more.
    pub(crate) fn is_within(&self, max: usize) -> bool {
        fn spend(expr: &Expr, left: &mut usize) -> bool {
            let own = 1 + expr.constant_bytes() / CONSTANT_BYTES;
            let Some(rest) = left.checked_sub(own) else { return false };
            *left = rest;
            expr.children().into_iter().flatten().all(|child| spend(child, left))
        }
        let mut left = max;
        spend(self, &mut left)
    }

    /// Number of nodes, for the limit on what is emitted; constants count by their bytes.
    pub(crate) fn size(&self) -> usize {
        let children = self.children().into_iter().flatten().map(Self::size).sum::<usize>();
        children.saturating_add(1).saturating_add(self.constant_bytes() / CONSTANT_BYTES)
    }

    fn constant_bytes(&self) -> usize {
        if let Self::Data(bytes) = self {
            bytes.len()
        } else if let Self::IsString(_, text) = self {
            text.len()
        } else if let Self::Like(_, parts) = self {
            parts.iter().map(|part| 8 + part.as_ref().map_or(0, String::len)).sum()
        } else {
            0
        }
    }

    /// The operands.
    pub(crate) fn children(&self) -> [Option<&Self>; 3] {
        operands!(self)
    }

    /// The operands, to be replaced in place.
    pub(crate) fn children_mut(&mut self) -> [Option<&mut Self>; 3] {
        operands!(self)
    }

    /// How the expression's value is held.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Bool(_)
            | Self::LoadBool(..)
            | Self::Not(_)
            | Self::And(..)
            | Self::Or(..)
            | Self::Compare(..)
            | Self::IsPresent(_)
            | Self::SameEntity(..)
            | Self::IsEntity(..)
            | Self::SameString(..)
            | Self::IsString(..)
            | Self::SameIp(..)
            | Self::InRange(..)
            | Self::Like(..)
            | Self::HasEntity(..)
            | Self::HasInt(..)
            | Self::HasString(..)
            | Self::Any(..) => Kind::Bool,
            Self::Int(_)
            | Self::LoadInt(..)
            | Self::Clock(..)
            | Self::Arithmetic(..)
            | Self::Time(..)
            | Self::ToDate(..)
            | Self::Count(_) => Kind::Int,
            Self::Data(_)
            | Self::Frame
            | Self::Context
            | Self::Slot(_)
            | Self::Directory(_)
            | Self::Present(..)
            | Self::Offset(..)
            | Self::Tag(..) => Kind::Address,
            Self::Local(_, kind) => *kind,
            Self::Let(_, _, body) | Self::Then(_, body) | Self::If(_, body, _) => body.kind(),
        }
    }
}
