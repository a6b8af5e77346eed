//! `==` on every type: symbolic values are compared part by part.

use trapkey_abi::{FieldLayout, Record, RecordLayout, Type, stride};

use super::access::context;
use super::value::{Bindings, Entity, Memory, Value, is_trivial};
use super::{Lower, Lowering, Unsupported};
use crate::ir::{Comparison, Expr, Kind};

impl Lowering<'_, '_> {
    /// Whether two values are equal; their types may differ in the optionality of fields alone.
    pub(super) fn equal(&mut self, a: Value, b: Value, types: (&Type, &Type)) -> Lower<Expr> {
        let equal = Comparison::Equal;
        self.budget.spend(1);
        self.budget.check()?;
        match (a, b) {
            (Value::Bool(a), Value::Bool(b)) | (Value::Int(a), Value::Int(b)) => {
                Ok(match (&a, &b) {
                    (Expr::Int(x), Expr::Int(y)) => Expr::Bool(x == y),
                    (Expr::Bool(x), Expr::Bool(y)) => Expr::Bool(x == y),
                    (_, _) => Expr::Compare(equal, a.boxed(), b.boxed()),
                })
            }
            (Value::Entity(a), Value::Entity(b)) => Ok(self.same_entity(&a, &b)),
            (Value::Choice(test, yes, no), b) => {
                self.budget.spend(b.size());
                let yes = self.equal(*yes, b.clone(), types)?;
                Ok(test.choose(yes, self.equal(*no, b, types)?))
            }
            (a, Value::Choice(test, yes, no)) => {
                self.budget.spend(a.size());
                let yes = self.equal(a.clone(), *yes, types)?;
                Ok(test.choose(yes, self.equal(a, *no, types)?))
            }
            (a, b) => match types {
                (Type::String, Type::String) => self.same_text(a, b),
                (Type::Ip, Type::Ip) => {
                    let (a, b) = (self.address(a)?, self.address(b)?);
                    Ok(Expr::SameIp(a.boxed(), b.boxed()))
                }
                (Type::Set(x), Type::Set(y)) => self.same_set(a, b, (x, y)),
                (Type::Record(x), Type::Record(y)) => self.same_record((a, x), (b, y)),
                // Values of different types are different, once both are evaluated.
                (_, _) => Ok(self.effects(&a).then(self.effects(&b).then(Expr::FALSE))),
            },
        }
    }

    pub(super) fn same_entity(&mut self, a: &Entity, b: &Entity) -> Expr {
        match (a, b) {
            (Entity::Literal(a), Entity::Literal(b)) => Expr::Bool(a == b),
            (Entity::Literal(literal), other) | (other, Entity::Literal(literal)) => {
                Expr::IsEntity(self.entity_address(other).boxed(), literal.handle())
            }
            (a, b) => {
                let (a, b) = (self.entity_address(a), self.entity_address(b));
                Expr::SameEntity(a.boxed(), b.boxed())
            }
        }
    }

    fn same_text(&mut self, a: Value, b: Value) -> Lower<Expr> {
        Ok(match (a, b) {
            (Value::Text(a), Value::Text(b)) => Expr::Bool(a == b),
            (Value::Text(text), other) | (other, Value::Text(text)) => {
                Expr::IsString(self.text_address(other)?.boxed(), text)
            }
            (a, b) => {
                let (a, b) = (self.text_address(a)?, self.text_address(b)?);
                Expr::SameString(a.boxed(), b.boxed())
            }
        })
    }

    /// Sets are equal if they have as many elements and one has all of the other's; where one is
    /// a literal, whose elements may repeat, each must have all of the other's.
    fn same_set(&mut self, a: Value, b: Value, types: (&Type, &Type)) -> Lower<Expr> {
        let mut bindings = Bindings::default();
        let (a, b) = (self.bind(a, &mut bindings)?, self.bind(b, &mut bindings)?);
        let body = if let (Value::Memory(x), Value::Memory(y)) = (&a, &b) {
            let (x, y) = (self.set_address(x, types.0), self.set_address(y, types.1));
            let counts = (Expr::Count(x.boxed()), Expr::Count(y.boxed()));
            let same = Expr::Compare(Comparison::Equal, counts.0.boxed(), counts.1.boxed());
            same.and(self.has_all(&a, &b, types)?)
        } else {
            let forth = self.has_all(&a, &b, types)?;
            forth.and(self.has_all(&b, &a, (types.1, types.0))?)
        };
        Ok(bindings.around(body))
    }

    fn same_record(&mut self, a: (Value, &Record), b: (Value, &Record)) -> Lower<Expr> {
        let mut bindings = Bindings::default();
        let x = self.bind(a.0, &mut bindings)?;
        let y = self.bind(b.0, &mut bindings)?;
        let mut same = Expr::TRUE;
        let names = a.1.attributes.keys().chain(b.1.attributes.keys());
        let names: std::collections::BTreeSet<&String> = names.collect();
        self.budget.step(names.len());
        for name in names {
            let field = self.same_field((&x, a.1), (&y, b.1), name)?;
            same = same.and(field);
        }
        Ok(bindings.around(same))
    }

    /// Both have the field and its values are equal, or neither has it.
    fn same_field(
        &mut self,
        a: (&Value, &Record),
        b: (&Value, &Record),
        name: &str,
    ) -> Lower<Expr> {
        let (x, y) = (self.field(a.0, a.1, name)?, self.field(b.0, b.1, name)?);
        Ok(match (x, y) {
            (None, None) => Expr::TRUE,
            (Some((has, ..)), None) | (None, Some((has, ..))) => has.not(),
            (Some((has_x, x, tx)), Some((has_y, y, ty))) => {
                let equal = self.equal(x, y, (&tx, &ty))?;
                has_x.choose(has_y.clone().and(equal), has_y.not())
            }
        })
    }

    /// Whether a record has the field, its value, and the value's type.
    fn field(
        &mut self,
        record: &Value,
        declared: &Record,
        name: &str,
    ) -> Lower<Option<(Expr, Value, Type)>> {
        let Some(attribute) = declared.attributes.get(name) else {
            return Ok(None);
        };
        let ty = attribute.ty.clone();
        let layout: FieldLayout = match record {
            Value::Record(fields) => {
                let value = fields.get(name).cloned();
                self.budget.spend(value.as_ref().map_or(0, Value::size));
                return Ok(value.map(|value| (Expr::TRUE, value, ty)));
            }
            Value::Context => self
                .context_layout()?
                .field(name)
                .cloned()
                .ok_or_else(|| Unsupported(format!("no field `{name}`")))?,
            Value::Memory(_) => RecordLayout::new(declared)
                .field(name)
                .cloned()
                .ok_or_else(|| Unsupported(format!("no field `{name}`")))?,
            other => return other.unexpected("a record"),
        };
        let (memory, noted) = if let Value::Memory(memory) = record {
            (memory.clone(), self.declared.record(&memory.address, declared))
        } else {
            (context(), Some(&self.action()?.context))
        };
        let has = match layout.presence {
            Some(offset) => self.presence(memory.offset(offset)),
            None => Expr::TRUE,
        };
        let memory = memory.offset(layout.offset);
        if let Some(attribute) = noted.and_then(|noted| noted.attributes.get(name)) {
            self.declared.note(&memory.address, &attribute.ty, attribute.max);
        }
        let value = self.load(memory, &ty);
        Ok(Some((has, value, ty)))
    }

    /// Gives every costly or fallible part of a value a variable, evaluated once and up front.
    pub(super) fn bind(&mut self, value: Value, bindings: &mut Bindings) -> Lower<Value> {
        self.budget.spend(1);
        self.budget.check()?;
        Ok(match value {
            Value::Bool(expr) => Value::Bool(self.bind_expr(expr, bindings)),
            Value::Int(expr) => Value::Int(self.bind_expr(expr, bindings)),
            Value::Memory(Memory { address, origin }) => {
                Value::Memory(Memory { address: self.bind_expr(address, bindings), origin })
            }
            Value::Entity(Entity::At(mut at)) => {
                at.address = self.bind_expr(at.address, bindings);
                Value::Entity(Entity::At(at))
            }
            Value::Entity(Entity::Choice(test, yes, no)) => {
                // Both branches are left as they are: only the one chosen may be evaluated.
                let address =
                    self.entity_address(&Entity::Choice(test.clone(), yes.clone(), no.clone()));
                if address.can_err() {
                    let local = self.local();
                    bindings.0.push((local, address));
                }
                Value::Entity(Entity::Choice(test, yes, no))
            }
            Value::Choice(test, yes, no) => {
                let value = Value::Choice(test, yes, no);
                let effects = self.effects(&value);
                if effects.can_err() {
                    let local = self.local();
                    bindings.0.push((local, effects));
                }
                value
            }
            Value::Set(elements) => {
                let bound = elements.into_iter().map(|element| self.bind(element, bindings));
                Value::Set(bound.collect::<Lower<_>>()?)
            }
            Value::Record(fields) => {
                let bound =
                    fields.into_iter().map(|(name, field)| Ok((name, self.bind(field, bindings)?)));
                Value::Record(bound.collect::<Lower<_>>()?)
            }
            value @ (Value::Text(_) | Value::Context | Value::Entity(Entity::Literal(_))) => value,
        })
    }

    fn bind_expr(&mut self, expr: Expr, bindings: &mut Bindings) -> Expr {
        if is_trivial(&expr) {
            return expr;
        }
        let (local, kind) = (self.local(), expr.kind());
        self.declared.bind(local, &expr);
        bindings.0.push((local, expr));
        Expr::Local(local, kind)
    }

    pub(super) fn local(&mut self) -> u32 {
        self.locals += 1;
        self.locals
    }

    /// The value of the element of type `ty` at a variable's address.
    pub(super) fn element(&mut self, local: u32, ty: &Type) -> Value {
        let address = Expr::Local(local, Kind::Address);
        self.load(Memory { address, origin: None }, ty)
    }

    /// Whether the body, made from an element's value, holds for some element of a set.
    pub(super) fn any(
        &mut self,
        set: Expr,
        ty: &Type,
        body: impl FnOnce(&mut Self, Value) -> Lower<Expr>,
    ) -> Lower<Expr> {
        let local = self.local();
        if let Some(element) = self.declared.element(&set) {
            self.declared.note(&Expr::Local(local, Kind::Address), element, None);
        }
        let element = self.element(local, ty);
        let body = body(self, element)?;
        Ok(Expr::Any(set.boxed(), stride(ty), local, body.boxed()))
    }
}
