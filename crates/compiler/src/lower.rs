//! Typed policy conditions to expressions: offsets, slots and constants in place of names.

mod access;
mod budget;
mod clocks;
mod constant;
mod declared;
mod equality;
mod extension;
mod operators;
mod reads;
mod sets;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy_core::ast::{self, BinaryOp, ExprKind, Literal, UnaryOp, Var};
use cedar_policy_core::validator::types;
use trapkey_abi::{Bounds, EntityUid, EvalError, Layout, Record, Schema, Type, header};

use crate::ir::{Arithmetic, Comparison, Expr, Failure, Place};
use crate::prove;
use crate::schema::{convert_type, uid};
use declared::Declared;
use value::{Entity, EntityAt, Route, Value};

pub(crate) use budget::Budget;
pub(crate) use clocks::{Clocks, clocks};
pub(crate) use declared::{Limits, widen};
pub(crate) use reads::{Bytes, Paths, Reads};

/// One of Cedar's typed expressions.
pub(crate) type TypedExpr = ast::Expr<Option<types::Type>>;

/// What the lowering of one condition needs to know.
pub(crate) struct Scope<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) layout: &'a Layout,
    /// The action of the request environment, by its index in the schema.
    pub(crate) action: u32,
    /// Values of a link's slots; absent for a template, whose slots are tested before.
    pub(crate) slots: Option<&'a BTreeMap<String, EntityUid>>,
    /// How numbers of the context move, by their offset in its row.
    pub(crate) clocks: &'a Clocks,
    /// The policy's places by source range.
    pub(crate) places: &'a BTreeMap<(usize, usize), Place>,
}

/// A condition, and what of entities and context it reads.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) condition: Expr,
    /// What the sets and strings hold at most that it reads.
    pub(crate) limits: Limits,
    pub(crate) reads: Reads,
    pub(crate) paths: BTreeSet<u32>,
    /// Per place, the types of the entities that may be missing there.
    pub(crate) missing: BTreeMap<Place, BTreeSet<String>>,
}

/// Lowers the typed condition of one policy in one request environment.
///
/// # Errors
///
/// Says what in the expression has no counterpart, or which limit of the budget is exceeded.
pub(crate) fn lower(
    scope: &Scope<'_>,
    paths: &mut Paths,
    budget: &mut Budget,
    condition: &TypedExpr,
) -> Lower<Lowered> {
    let (used, reads) = (BTreeSet::new(), Reads::default());
    let mut lowering = Lowering {
        scope,
        paths,
        budget,
        used,
        reads,
        bounds: BTreeMap::new(),
        records: BTreeMap::new(),
        declared: Declared::default(),
        missing: BTreeMap::new(),
        locals: 0,
    };
    let condition = lowering.bool(condition)?;
    lowering.budget.check()?;
    let (condition, steps) = prove::prove(condition, &lowering.bounds);
    lowering.budget.step(steps);
    let Lowering { declared, reads, used, missing, .. } = lowering;
    Ok(Lowered { condition, limits: declared.into_limits(), reads, paths: used, missing })
}

struct Lowering<'a, 'p> {
    scope: &'a Scope<'a>,
    paths: &'p mut Paths,
    budget: &'p mut Budget,
    used: BTreeSet<u32>,
    reads: Reads,
    /// Declared bounds of numbers, by the expression that reads them.
    bounds: BTreeMap<Expr, Bounds>,
    /// Records as the schema declares them, by their address.
    records: BTreeMap<Expr, &'a Record>,
    declared: Declared<'a>,
    missing: BTreeMap<Place, BTreeSet<String>>,
    locals: u32,
}

/// What in an expression has no counterpart in the module.
#[derive(Debug)]
pub(crate) struct Unsupported(pub(crate) String);

impl From<String> for Unsupported {
    fn from(message: String) -> Self {
        Self(message)
    }
}

type Lower<T> = Result<T, Unsupported>;

fn unsupported<T>(message: impl Into<String>) -> Lower<T> {
    Err(Unsupported(message.into()))
}

impl Lowering<'_, '_> {
    fn bool(&mut self, expr: &TypedExpr) -> Lower<Expr> {
        match self.value(expr)? {
            Value::Bool(value) => Ok(value),
            other => other.unexpected("a Bool"),
        }
    }

    fn int(&mut self, expr: &TypedExpr) -> Lower<Expr> {
        match self.value(expr)? {
            Value::Int(value) => Ok(value),
            other => other.unexpected("a number"),
        }
    }

    fn entity(&mut self, expr: &TypedExpr) -> Lower<Entity> {
        match self.value(expr)? {
            Value::Entity(entity) => Ok(entity),
            other => other.unexpected("an entity"),
        }
    }

    fn value(&mut self, expr: &TypedExpr) -> Lower<Value> {
        self.budget.spend(1);
        self.budget.check()?;
        match expr.expr_kind() {
            ExprKind::Lit(literal) => Ok(literal_value(literal)),
            ExprKind::Var(var) => self.variable(*var),
            ExprKind::Slot(slot) => {
                let slot = slot.to_string();
                let uid = self.scope.slots.and_then(|slots| slots.get(&slot));
                let uid =
                    uid.ok_or_else(|| Unsupported(format!("the slot `{slot}` is not linked")))?;
                Ok(Value::Entity(Entity::Literal(uid.clone())))
            }
            ExprKind::If { test_expr, then_expr, else_expr } => {
                let test = self.bool(test_expr)?;
                let (yes, no) = (self.value(then_expr)?, self.value(else_expr)?);
                Ok(choice(test, yes, no))
            }
            ExprKind::And { left, right } => {
                Ok(Value::Bool(self.bool(left)?.and(self.bool(right)?)))
            }
            ExprKind::Or { left, right } => Ok(Value::Bool(self.bool(left)?.or(self.bool(right)?))),
            ExprKind::UnaryApp { op, arg } => self.unary(*op, arg, expr),
            ExprKind::BinaryApp { op, arg1, arg2 } => self.binary(*op, arg1, arg2, expr),
            ExprKind::ExtensionFunctionApp { fn_name, args } => {
                self.extension(&fn_name.to_string(), args, expr)
            }
            ExprKind::GetAttr { expr: of, attr } => {
                let (value, ty) = (self.value(of)?, self.static_type(of)?);
                self.attribute(value, &ty, attr, self.place(expr))
            }
            ExprKind::HasAttr { expr: of, attr } => {
                let (value, ty) = (self.value(of)?, self.static_type(of)?);
                self.has_attribute(value, &ty, attr).map(Value::Bool)
            }
            ExprKind::ExtHasAttr { expr: of, attrs } => {
                let (value, ty) = (self.value(of)?, self.static_type(of)?);
                let names: Vec<&str> = attrs.iter().map(AsRef::as_ref).collect();
                self.has_attributes(value, &ty, &names).map(Value::Bool)
            }
            ExprKind::Like { expr: of, pattern } => {
                let value = self.value(of)?;
                let address = self.text_address(value)?;
                Ok(Value::Bool(like(address, constant::pattern(pattern))))
            }
            ExprKind::Is { expr: of, entity_type } => {
                let entity = self.entity(of)?;
                let is = type_name(&type_of(of)?)? == entity_type.to_string();
                Ok(Value::Bool(self.entity_address(&entity).then(Expr::Bool(is))))
            }
            ExprKind::Set(elements) => self.set_literal(elements, expr),
            ExprKind::Record(fields) => {
                let mut values = BTreeMap::new();
                for (name, field) in fields.iter() {
                    values.insert(name.to_string(), self.value(field)?);
                }
                Ok(Value::Record(values))
            }
            ExprKind::Unknown(_) => unsupported("unknowns are not part of a policy"),
        }
    }

    /// The type of an expression whose type may be large: converting it takes time.
    fn static_type(&mut self, expr: &TypedExpr) -> Lower<Type> {
        let ty = type_of(expr)?;
        self.budget.step(keys(&ty));
        Ok(ty)
    }

    fn variable(&mut self, var: Var) -> Lower<Value> {
        let at = |offset: usize, route| {
            let offset = u32::try_from(offset).unwrap_or(u32::MAX);
            let address = Expr::Frame.offset(offset);
            let at = EntityAt { address, origin: None, route: Some(route) };
            Value::Entity(Entity::At(Box::new(at)))
        };
        match var {
            Var::Principal => Ok(at(header::PRINCIPAL, Route::Principal)),
            Var::Resource => Ok(at(header::RESOURCE, Route::Resource)),
            Var::Action => Ok(Value::Entity(Entity::Literal(self.action()?.uid.clone()))),
            Var::Context => Ok(Value::Context),
        }
    }

    fn unary(&mut self, op: UnaryOp, arg: &TypedExpr, whole: &TypedExpr) -> Lower<Value> {
        match op {
            UnaryOp::Not => Ok(Value::Bool(self.bool(arg)?.not())),
            UnaryOp::Neg => {
                let value = self.int(arg)?;
                if let Expr::Int(number) = value
                    && let Some(negated) = number.checked_neg()
                {
                    return Ok(Value::Int(Expr::Int(negated)));
                }
                Ok(Value::Int(self.subtract(Expr::Int(0), value, whole)))
            }
            UnaryOp::IsEmpty => {
                let set = self.value(arg)?;
                self.is_empty(set).map(Value::Bool)
            }
        }
    }

    fn subtract(&self, left: Expr, right: Expr, whole: &TypedExpr) -> Expr {
        let failure = Failure { error: EvalError::Overflow, place: self.place(whole) };
        Expr::Arithmetic(Arithmetic::Subtract, left.boxed(), right.boxed(), Some(failure))
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        left: &TypedExpr,
        right: &TypedExpr,
        whole: &TypedExpr,
    ) -> Lower<Value> {
        if self.is_granted(op, right) {
            return Ok(Value::Bool(Expr::TRUE));
        }
        match op {
            BinaryOp::Eq => {
                let (a, b) = (self.value(left)?, self.value(right)?);
                self.equal(a, b, (&type_of(left)?, &type_of(right)?)).map(Value::Bool)
            }
            BinaryOp::Less => self.compare(Comparison::Less, left, right),
            BinaryOp::LessEq => self.compare(Comparison::LessOrEqual, left, right),
            BinaryOp::Add => {
                self.arithmetic((Arithmetic::Add, EvalError::Overflow), left, right, whole)
            }
            BinaryOp::Sub => {
                self.arithmetic((Arithmetic::Subtract, EvalError::Overflow), left, right, whole)
            }
            BinaryOp::Mul => {
                self.arithmetic((Arithmetic::Multiply, EvalError::Overflow), left, right, whole)
            }
            BinaryOp::In => {
                let entity = self.entity(left)?;
                let group = self.value(right)?;
                let of = type_name(&type_of(left)?)?;
                self.is_in((entity, &of), group, &type_of(right)?).map(Value::Bool)
            }
            BinaryOp::Contains => {
                let (set, element) = (self.value(left)?, self.value(right)?);
                let ty = element_type(&type_of(left)?)?;
                self.contains(set, &ty, element, &type_of(right)?).map(Value::Bool)
            }
            BinaryOp::ContainsAll | BinaryOp::ContainsAny => {
                let sets = (self.value(left)?, self.value(right)?);
                let types = (element_type(&type_of(left)?)?, element_type(&type_of(right)?)?);
                let is_all = op == BinaryOp::ContainsAll;
                self.contains_many(sets, (&types.0, &types.1), is_all).map(Value::Bool)
            }
            BinaryOp::GetTag => {
                let (entity, key) = (self.entity(left)?, self.value(right)?);
                let of = type_name(&type_of(left)?)?;
                self.tag(&entity, &of, key, self.place(whole))
            }
            BinaryOp::HasTag => {
                let (entity, key) = (self.entity(left)?, self.value(right)?);
                let of = type_name(&type_of(left)?)?;
                self.has_tag(&entity, &of, key).map(Value::Bool)
            }
        }
    }

    /// Whether this is the test of a template's slot, which a scope alone can have: the host makes
    /// it before it lets the template count.
    fn is_granted(&self, op: BinaryOp, right: &TypedExpr) -> bool {
        let is_slot = matches!(right.expr_kind(), ExprKind::Slot(_));
        is_slot && self.scope.slots.is_none() && matches!(op, BinaryOp::Eq | BinaryOp::In)
    }

    /// The place to report if `expr` fails; 0 is the whole policy.
    fn place(&self, expr: &TypedExpr) -> Place {
        expr.source_loc()
            .and_then(|loc| self.scope.places.get(&(loc.start(), loc.end())).copied())
            .unwrap_or(0)
    }
}

fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => Value::Bool(Expr::Bool(*value)),
        Literal::Long(value) => Value::Int(Expr::Int(*value)),
        Literal::String(text) => Value::Text(text.to_string()),
        Literal::EntityUID(entity) => Value::Entity(Entity::Literal(uid(entity))),
    }
}

/// Sets, records and texts stay symbolic on both sides.
fn choice(test: Expr, yes: Value, no: Value) -> Value {
    match (yes, no) {
        (Value::Bool(yes), Value::Bool(no)) => Value::Bool(test.choose(yes, no)),
        (Value::Int(yes), Value::Int(no)) => Value::Int(test.choose(yes, no)),
        (Value::Entity(yes), Value::Entity(no)) => {
            Value::Entity(Entity::Choice(test.boxed(), Box::new(yes), Box::new(no)))
        }
        (yes, no) => Value::Choice(test.boxed(), Box::new(yes), Box::new(no)),
    }
}

fn type_name(ty: &Type) -> Lower<String> {
    match ty {
        Type::Entity(name) => Ok(name.clone()),
        other => unsupported(format!("expected an entity, found a {other}")),
    }
}

/// Attributes of a type, nested ones included.
fn keys(ty: &Type) -> usize {
    match ty {
        Type::Record(record) => {
            record.attributes.values().map(|attribute| 1 + keys(&attribute.ty)).sum()
        }
        Type::Set(element) => keys(element),
        Type::Bool
        | Type::Long
        | Type::String
        | Type::Decimal
        | Type::Datetime
        | Type::Duration
        | Type::Ip
        | Type::Entity(_) => 0,
    }
}

/// Patterns without a wildcard, or with nothing else, need no search.
fn like(address: Expr, pattern: Vec<Option<String>>) -> Expr {
    match pattern.as_slice() {
        [] => Expr::IsString(address.boxed(), String::new()),
        [None] => address.then(Expr::TRUE),
        [Some(text)] => Expr::IsString(address.boxed(), text.clone()),
        [_, _, ..] => Expr::Like(address.boxed(), pattern),
    }
}

/// The static type of a typed expression.
fn type_of(expr: &TypedExpr) -> Lower<Type> {
    match expr.data() {
        Some(ty) => convert_type(ty),
        None => unsupported("an expression carries no type"),
    }
}

fn element_type(ty: &Type) -> Lower<Type> {
    match ty {
        Type::Set(element) => Ok((**element).clone()),
        other => unsupported(format!("expected a set, found a {other}")),
    }
}
