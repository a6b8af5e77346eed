//! Sets: membership, inclusion, `in`. Literals are taken apart; no set is built at run time.

use trapkey_abi::{ANCESTORS_MAX, Type};

use super::value::{Bindings, Entity, Memory, Value};
use super::{Lower, Lowering, TypedExpr, constant, type_name, type_of, unsupported};
use crate::ir::{Comparison, Expr};

/// Literal sets up to this many elements are compared one by one; larger ones that are constant
/// become data that is searched.
const INLINE_MAX: usize = 8;

impl Lowering<'_, '_> {
    pub(super) fn set_literal(
        &mut self,
        elements: &[TypedExpr],
        whole: &TypedExpr,
    ) -> Lower<Value> {
        if elements.len() > INLINE_MAX
            && let Some(set) = constant::fold(whole)
        {
            let bytes = constant::encode(self.scope.schema, &type_of(whole)?, &set)?;
            return Ok(Value::Memory(Memory::constant(bytes)));
        }
        let values = elements.iter().map(|element| self.value(element));
        Ok(Value::Set(values.collect::<Lower<_>>()?))
    }

    /// Address of a set in memory, all of whose content counts as read.
    pub(super) fn set_address(&mut self, memory: &Memory, element: &Type) -> Expr {
        self.reads.read(memory, &Type::Set(Box::new(element.clone())));
        self.budget.spend(memory.address.size());
        memory.address.clone()
    }

    pub(super) fn is_empty(&mut self, set: Value) -> Lower<Expr> {
        match set {
            Value::Set(ref elements) => {
                let is_empty = elements.is_empty();
                Ok(self.effects(&set).then(Expr::Bool(is_empty)))
            }
            Value::Memory(memory) => {
                let count = Expr::Count(self.set_address(&memory, &Type::Bool).boxed());
                Ok(Expr::Compare(Comparison::Equal, count.boxed(), Expr::Int(0).boxed()))
            }
            Value::Choice(test, yes, no) => {
                let (yes, no) = (self.is_empty(*yes)?, self.is_empty(*no)?);
                Ok(test.choose(yes, no))
            }
            other => other.unexpected("a set"),
        }
    }

    pub(super) fn contains(
        &mut self,
        set: Value,
        ty: &Type,
        element: Value,
        element_type: &Type,
    ) -> Lower<Expr> {
        let mut bindings = Bindings::default();
        let set = self.bind(set, &mut bindings)?;
        let element = self.bind(element, &mut bindings)?;
        let body = self.has(&set, ty, &element, element_type)?;
        Ok(bindings.around(body))
    }

    /// `containsAll` or `containsAny`.
    pub(super) fn contains_many(
        &mut self,
        (set, others): (Value, Value),
        types: (&Type, &Type),
        is_all: bool,
    ) -> Lower<Expr> {
        let mut bindings = Bindings::default();
        let set = self.bind(set, &mut bindings)?;
        let others = self.bind(others, &mut bindings)?;
        let body = if is_all {
            self.has_all(&set, &others, types)?
        } else {
            self.has_any(&set, &others, types)?
        };
        Ok(bindings.around(body))
    }

    /// Whether a bound set has a bound element.
    fn has(&mut self, set: &Value, ty: &Type, element: &Value, of: &Type) -> Lower<Expr> {
        match (set, element) {
            (Value::Set(elements), _) => {
                let len = element.size();
                elements.iter().try_fold(Expr::FALSE, |found, candidate| {
                    self.budget.spend(candidate.size() + len);
                    let same = self.equal(candidate.clone(), element.clone(), (ty, of))?;
                    Ok(found.or(same))
                })
            }
            (Value::Choice(test, yes, no), _) => {
                self.budget.spend(test.size());
                let yes = self.has(yes, ty, element, of)?;
                let no = self.has(no, ty, element, of)?;
                Ok((**test).clone().choose(yes, no))
            }
            (Value::Memory(memory), Value::Int(number)) => {
                self.budget.spend(number.size());
                let set = self.set_address(memory, ty);
                Ok(Expr::HasInt(set.boxed(), number.clone().boxed()))
            }
            (Value::Memory(memory), Value::Entity(entity)) => {
                let set = self.set_address(memory, ty);
                Ok(Expr::HasEntity(set.boxed(), self.entity_address(entity).boxed()))
            }
            (Value::Memory(memory), text) if *of == Type::String => {
                let set = self.set_address(memory, ty);
                self.budget.spend(text.size());
                let text = self.text_address(text.clone())?;
                Ok(Expr::HasString(set.boxed(), text.boxed()))
            }
            (Value::Memory(memory), _) => {
                let set = self.set_address(memory, ty);
                self.any(set, ty, |this, candidate| {
                    this.budget.spend(element.size());
                    this.equal(candidate, element.clone(), (ty, of))
                })
            }
            other => other.0.unexpected("a set"),
        }
    }

    /// Whether a bound set has all elements of another.
    pub(super) fn has_all(
        &mut self,
        set: &Value,
        others: &Value,
        types: (&Type, &Type),
    ) -> Lower<Expr> {
        match others {
            Value::Set(elements) => elements.iter().try_fold(Expr::TRUE, |all, element| {
                Ok(all.and(self.has(set, types.0, element, types.1)?))
            }),
            Value::Choice(test, yes, no) => {
                self.budget.spend(test.size());
                let (yes, no) = (self.has_all(set, yes, types)?, self.has_all(set, no, types)?);
                Ok((**test).clone().choose(yes, no))
            }
            Value::Memory(memory) => {
                let address = self.set_address(memory, types.1);
                let lacks = self.any(address, types.1, |this, element| {
                    Ok(this.has(set, types.0, &element, types.1)?.not())
                })?;
                Ok(lacks.not())
            }
            other => other.unexpected("a set"),
        }
    }

    /// Whether a bound set has some element of another.
    fn has_any(&mut self, set: &Value, others: &Value, types: (&Type, &Type)) -> Lower<Expr> {
        match others {
            Value::Set(elements) => elements.iter().try_fold(Expr::FALSE, |any, element| {
                Ok(any.or(self.has(set, types.0, element, types.1)?))
            }),
            Value::Choice(test, yes, no) => {
                self.budget.spend(test.size());
                let (yes, no) = (self.has_any(set, yes, types)?, self.has_any(set, no, types)?);
                Ok((**test).clone().choose(yes, no))
            }
            Value::Memory(memory) => {
                let address = self.set_address(memory, types.1);
                self.any(address, types.1, |this, element| {
                    this.has(set, types.0, &element, types.1)
                })
            }
            other => other.unexpected("a set"),
        }
    }

    /// `entity in group`, where the group is an entity or a set of entities.
    pub(super) fn is_in(
        &mut self,
        (entity, of): (Entity, &str),
        group: Value,
        ty: &Type,
    ) -> Lower<Expr> {
        let mut bindings = Bindings::default();
        let Value::Entity(entity) = self.bind(Value::Entity(entity), &mut bindings)? else {
            return unsupported("expected an entity");
        };
        let group = self.bind(group, &mut bindings)?;
        let body = self.is_in_group(&entity, of, &group, ty)?;
        Ok(bindings.around(body))
    }

    fn is_in_group(&mut self, entity: &Entity, of: &str, group: &Value, ty: &Type) -> Lower<Expr> {
        self.budget.check()?;
        match group {
            Value::Entity(group) => {
                let name = entity_type_name(group, ty)?;
                self.is_in_entity(entity, of, group, &name)
            }
            Value::Set(elements) => {
                let Type::Set(ty) = ty else {
                    return unsupported("expected a set");
                };
                elements.iter().try_fold(Expr::FALSE, |any, element| {
                    Ok(any.or(self.is_in_group(entity, of, element, ty)?))
                })
            }
            Value::Choice(test, yes, no) => {
                self.budget.spend(test.size());
                let yes = self.is_in_group(entity, of, yes, ty)?;
                let no = self.is_in_group(entity, of, no, ty)?;
                Ok((**test).clone().choose(yes, no))
            }
            Value::Memory(memory) => {
                let Type::Set(element) = ty else {
                    return unsupported("expected a set");
                };
                let set = self.set_address(memory, element);
                let name = type_name(element)?;
                self.is_in_set(entity, of, set, &name)
            }
            other => other.unexpected("an entity or a set of entities"),
        }
    }

    fn is_in_entity(
        &mut self,
        entity: &Entity,
        of: &str,
        group: &Entity,
        group_type: &str,
    ) -> Lower<Expr> {
        if let (Entity::Literal(entity), Entity::Literal(group)) = (entity, group)
            && let Some((_, action)) = self.scope.schema.action(entity)
        {
            return Ok(Expr::Bool(entity == group || action.groups.contains(group)));
        }
        let same = if of == group_type {
            self.same_entity(entity, group)
        } else {
            let effects = self.entity_address(entity).then(Expr::TRUE);
            effects.and(self.entity_address(group).then(Expr::FALSE))
        };
        let Some(ancestors) = self.ancestors(entity, of, group_type)? else {
            return Ok(same);
        };
        let group = self.entity_address(group);
        let member = Expr::HasEntity(ancestors.1.boxed(), group.boxed());
        Ok(same.or(Expr::IsPresent(ancestors.0.boxed()).and(member)))
    }

    fn is_in_set(&mut self, entity: &Entity, of: &str, set: Expr, group_type: &str) -> Lower<Expr> {
        let address = self.entity_address(entity);
        self.budget.spend(set.size());
        let same = if of == group_type {
            Expr::HasEntity(set.clone().boxed(), address.boxed())
        } else {
            address.then(Expr::FALSE)
        };
        let Some((row, ancestors)) = self.ancestors(entity, of, group_type)? else {
            return Ok(same);
        };
        let ty = Type::Entity(group_type.to_owned());
        let member = self.any(ancestors, &ty, |this, ancestor| match ancestor {
            Value::Entity(ancestor) => {
                let ancestor = this.entity_address(&ancestor);
                Ok(Expr::HasEntity(set.boxed(), ancestor.boxed()))
            }
            other => other.unexpected("an entity"),
        })?;
        Ok(same.or(Expr::IsPresent(row.boxed()).and(member)))
    }

    /// The entity's row and the set of its ancestors of a type, if it can have any.
    fn ancestors(&mut self, entity: &Entity, of: &str, group: &str) -> Lower<Option<(Expr, Expr)>> {
        let (index, entity_type, layout) = self.entity_type(of)?;
        let Some(offset) = layout.ancestors_offset(group) else {
            return Ok(None);
        };
        let row = self.row(entity)?;
        self.reads.tags(index, offset);
        self.budget.spend(row.size());
        // The limit is on stored entities; the groups of actions come from the schema.
        let max = if entity_type.is_action {
            self.scope.schema.actions.iter().map(|action| action.groups.len()).max().unwrap_or(0)
        } else {
            let ids = self.entity_type(group)?.1.ids.as_ref();
            ids.map_or(ANCESTORS_MAX, |ids| ids.len().min(ANCESTORS_MAX))
        };
        let ancestors = row.clone().offset(offset);
        self.declared.limit(&ancestors, u32::try_from(max).unwrap_or(u32::MAX));
        Ok(Some((row, ancestors)))
    }
}

/// In scopes the elements of one list may be of several types.
fn entity_type_name(entity: &Entity, ty: &Type) -> Lower<String> {
    match entity {
        Entity::Literal(uid) => Ok(uid.type_name.clone()),
        Entity::At(_) | Entity::Choice(..) => type_name(ty),
    }
}
