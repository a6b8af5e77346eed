//! Values of Cedar expressions before they are consumed: literals stay symbolic, the rest is in
//! the frame.

use std::collections::BTreeMap;
use std::rc::Rc;

use trapkey_abi::{EntityUid, Handle};

use super::{Lower, unsupported};
use crate::ir::{CONSTANT_BYTES, Expr};

/// The value of an expression; its type is known beside it.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A truth value.
    Bool(Expr),
    /// A Long, decimal, datetime or duration.
    Int(Expr),
    /// A string literal.
    Text(String),
    /// An entity.
    Entity(Entity),
    /// The whole context.
    Context,
    /// A string, ip, set or record in memory.
    Memory(Memory),
    /// A set literal.
    Set(Vec<Value>),
    /// A record literal.
    Record(BTreeMap<String, Value>),
    /// A set or record that depends on a test.
    Choice(Box<Expr>, Box<Value>, Box<Value>),
}

/// A value in memory, and where in which row it lies.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    pub(super) address: Expr,
    pub(super) origin: Option<Origin>,
}

/// A place in a row of the frame.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) row: RowAt,
    pub(super) offset: u32,
}

/// Which row.
#[derive(Clone, Debug)]
pub(super) enum RowAt {
    /// The context's.
    Context,
    /// The row of an entity of the type with this index; its path, where that is static.
    Entity(u32, Option<Route>),
    /// A tag of the entities that a route leads to.
    Tag(Option<Route>, TagField),
}

/// An entity value.
#[derive(Clone, Debug)]
pub(super) enum Entity {
    /// Named in the policy.
    Literal(EntityUid),
    /// The handle at an address.
    At(Box<EntityAt>),
    /// Depends on a test.
    Choice(Box<Expr>, Box<Entity>, Box<Entity>),
}

/// A handle in memory.
#[derive(Clone, Debug)]
pub(super) struct EntityAt {
    pub(super) address: Expr,
    /// Where the handle lies, if in a row.
    pub(super) origin: Option<Origin>,
    /// How the encoder finds the entity, where that is static.
    pub(super) route: Option<Route>,
}

/// How the encoder finds an entity; becomes a path when its row is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Principal,
    Resource,
    Literal(Handle),
    Context(u32),
    Row(Rc<Route>, RowField),
    Tags(Rc<Route>, TagField),
}

/// A handle in the fixed part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowField {
    pub(super) entity_type: u32,
    pub(super) offset: u32,
}

/// A handle in each tag of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TagField {
    pub(super) entity_type: u32,
    pub(super) offset: u32,
    pub(super) stride: u32,
    pub(super) handle: u32,
}

impl Route {
    /// Whether the route may lead to several entities, found through the frame's directory.
    pub(super) fn is_many(&self) -> bool {
        match self {
            Self::Principal | Self::Resource | Self::Literal(_) | Self::Context(_) => false,
            Self::Row(of, _) => of.is_many(),
            Self::Tags(..) => true,
        }
    }
}

impl Entity {
    /// Number of operations that copying it makes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Literal(uid) => 1 + uid.id.len() / CONSTANT_BYTES,
            Self::At(at) => at.address.size(),
            Self::Choice(test, yes, no) => 1 + test.size() + yes.size() + no.size(),
        }
    }
}

impl Memory {
    pub(super) fn constant(bytes: Vec<u8>) -> Self {
        Self { address: Expr::Data(bytes), origin: None }
    }

    pub(super) fn offset(&self, bytes: u32) -> Self {
        let origin = self.origin.as_ref().map(|origin| Origin {
            row: origin.row.clone(),
            offset: origin.offset.saturating_add(bytes),
        });
        Self { address: self.address.clone().offset(bytes), origin }
    }
}

/// Variables to be bound around an expression, outermost first.
#[derive(Debug, Default)]
pub(super) struct Bindings(pub(super) Vec<(u32, Expr)>);

impl Bindings {
    pub(super) fn around(self, body: Expr) -> Expr {
        self.0
            .into_iter()
            .rev()
            .fold(body, |body, (local, value)| Expr::Let(local, value.boxed(), body.boxed()))
    }
}

impl Value {
    /// Number of operations that copying it makes.
    pub(super) fn size(&self) -> usize {
        let size = match self {
            Self::Bool(expr) | Self::Int(expr) => expr.size(),
            Self::Text(text) => text.len() / CONSTANT_BYTES,
            Self::Context => 0,
            Self::Memory(memory) => memory.address.size(),
            Self::Entity(entity) => entity.size(),
            Self::Set(elements) => elements.iter().map(Self::size).sum(),
            Self::Record(fields) => fields.values().map(Self::size).sum(),
            Self::Choice(test, yes, no) => test.size() + yes.size() + no.size(),
        };
        size.saturating_add(1)
    }

    /// Says that another form of value was expected.
    pub(super) fn unexpected<T>(&self, wanted: &str) -> Lower<T> {
        let form = match self {
            Self::Bool(_) => "a Bool",
            Self::Int(_) => "a number",
            Self::Text(_) => "a string literal",
            Self::Entity(_) => "an entity",
            Self::Context => "the context",
            Self::Memory(_) => "a value in memory",
            Self::Set(_) => "a set literal",
            Self::Record(_) => "a record literal",
            Self::Choice(..) => "a value that depends on a test",
        };
        unsupported(format!("expected {wanted}, found {form}"))
    }
}

/// Whether evaluating the expression again costs no more than reading a variable.
pub(super) fn is_trivial(expr: &Expr) -> bool {
    let base = if let Expr::Offset(base, _) = expr { base } else { expr };
    matches!(
        base,
        Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Data(_)
            | Expr::Frame
            | Expr::Context
            | Expr::Local(..)
    )
}
