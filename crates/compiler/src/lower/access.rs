//! Attributes, `has`, tags, and the addresses and rows of entities.

use std::rc::Rc;

use trapkey_abi::{
    Action, Attribute, EntityType, EvalError, FieldLayout, Record, RecordLayout, RowLayout, Type,
    stride,
};

use super::value::{Entity, EntityAt, Memory, Origin, Route, RowAt, RowField, TagField, Value};
use super::{Lower, Lowering, Unsupported, choice, constant, unsupported};
use crate::ir::{Expr, Failure, Place};
use crate::prove;

/// Offset in bytes of the value in a tag; the key's descriptor comes first.
const TAG_VALUE: u32 = 8;

impl<'a> Lowering<'a, '_> {
    pub(super) fn attribute(
        &mut self,
        value: Value,
        ty: &Type,
        name: &str,
        place: Place,
    ) -> Lower<Value> {
        self.budget.check()?;
        match (value, ty) {
            (Value::Entity(entity), Type::Entity(of)) => {
                self.entity_attribute(&entity, of, name, place)
            }
            (Value::Choice(test, yes, no), _) => {
                let yes = self.attribute(*yes, ty, name, place)?;
                let no = self.attribute(*no, ty, name, place)?;
                Ok(choice(*test, yes, no))
            }
            (Value::Record(mut fields), _) => {
                let field = fields.remove(name).ok_or_else(|| unknown(name))?;
                let mut first = Expr::TRUE;
                for other in fields.into_values() {
                    first = self.effects(&other).then(first);
                }
                self.budget.spend(if first.can_err() { field.size() } else { 0 });
                Ok(after(first, field))
            }
            (Value::Context, _) => {
                let field = self.context_layout()?.field(name).ok_or_else(|| unknown(name))?;
                let attribute = declared(&self.action()?.context, name)?;
                Ok(self.load_attribute(context().offset(field.offset), attribute))
            }
            (Value::Memory(memory), Type::Record(record)) => {
                let layout = RecordLayout::new(record);
                let field = layout.field(name).ok_or_else(|| unknown(name))?;
                let memory_of_field = memory.offset(field.offset);
                let noted = prove::address_key(&memory.address);
                let noted = noted.and_then(|address| self.records.get(&address).copied());
                if let Some(noted) = noted.filter(|noted| has_shape(noted, record)) {
                    return Ok(self.load_attribute(memory_of_field, declared(noted, name)?));
                }
                let noted = self.declared.record(&memory.address, record);
                if let Some(attribute) = noted.and_then(|noted| noted.attributes.get(name)) {
                    let address = &memory_of_field.address;
                    self.declared.note(address, &attribute.ty, attribute.max);
                }
                Ok(self.load(memory_of_field, &declared(record, name)?.ty))
            }
            (_, ty) => unsupported(format!("a {ty} has no attributes")),
        }
    }

    fn entity_attribute(
        &mut self,
        entity: &Entity,
        of: &str,
        name: &str,
        place: Place,
    ) -> Lower<Value> {
        if let Entity::Choice(test, yes, no) = entity {
            self.budget.spend(test.size());
            let yes = self.entity_attribute(yes, of, name, place)?;
            let no = self.entity_attribute(no, of, name, place)?;
            return Ok(choice((**test).clone(), yes, no));
        }
        let (index, entity_type, layout) = self.entity_type(of)?;
        let field = layout.field(name).ok_or_else(|| unknown(name))?;
        let attribute = declared(&entity_type.attributes, name)?;
        let row = self.row(entity)?;
        let address = self.present(row, of, place).offset(field.offset);
        let route = route(entity);
        let origin = Origin { row: RowAt::Entity(index, route), offset: field.offset };
        Ok(self.load_attribute(Memory { address, origin: Some(origin) }, attribute))
    }

    /// The row of an entity of type `of`, or a failure at `place`.
    fn present(&mut self, row: Expr, of: &str, place: Place) -> Expr {
        self.missing.entry(place).or_default().insert(of.to_owned());
        Expr::Present(row.boxed(), Some(Failure { error: EvalError::EntityMissing, place }))
    }

    /// The value of an attribute at a place in memory; what the schema says of it is noted.
    fn load_attribute(&mut self, memory: Memory, attribute: &'a Attribute) -> Value {
        self.declared.note(&memory.address, &attribute.ty, attribute.max);
        let value = self.load(memory, &attribute.ty);
        match (&value, &attribute.ty) {
            (Value::Int(number), _) => {
                self.bounds.extend(prove::number_key(number).zip(attribute.bounds));
            }
            (Value::Memory(memory), Type::Record(record)) => {
                self.records
                    .extend(prove::address_key(&memory.address).map(|address| (address, record)));
            }
            (_, _) => {}
        }
        value
    }

    /// The value of type `ty` at a place in memory.
    pub(super) fn load(&mut self, memory: Memory, ty: &Type) -> Value {
        match ty {
            Type::Bool => {
                self.reads.read(&memory, ty);
                Value::Bool(memory.address.load_bool())
            }
            Type::Long | Type::Decimal | Type::Datetime | Type::Duration => {
                self.reads.read(&memory, ty);
                let speed = memory.origin.as_ref().and_then(|origin| match origin.row {
                    RowAt::Context => self.scope.clocks.get(&origin.offset).copied(),
                    RowAt::Entity(..) | RowAt::Tag(..) => None,
                });
                let number = memory.address.load_int();
                Value::Int(match speed {
                    Some(speed) => Expr::Clock(number.boxed(), speed),
                    None => number,
                })
            }
            Type::Entity(_) => {
                let route = memory.origin.as_ref().and_then(|origin| match &origin.row {
                    RowAt::Context => Some(Route::Context(origin.offset)),
                    RowAt::Entity(entity_type, of) => of.as_ref().map(|of| {
                        let field = RowField { entity_type: *entity_type, offset: origin.offset };
                        Route::Row(Rc::new(of.clone()), field)
                    }),
                    RowAt::Tag(of, tag) => of.as_ref().map(|of| {
                        let field = TagField { handle: origin.offset, ..*tag };
                        Route::Tags(Rc::new(of.clone()), field)
                    }),
                });
                let Memory { address, origin } = memory;
                Value::Entity(Entity::At(Box::new(EntityAt { address, origin, route })))
            }
            Type::String | Type::Ip | Type::Set(_) | Type::Record(_) => Value::Memory(memory),
        }
    }

    pub(super) fn has_attribute(&mut self, value: Value, ty: &Type, name: &str) -> Lower<Expr> {
        match (value, ty) {
            (Value::Entity(entity), Type::Entity(of)) => self.entity_has(&entity, of, name),
            (Value::Choice(test, yes, no), _) => {
                let yes = self.has_attribute(*yes, ty, name)?;
                let no = self.has_attribute(*no, ty, name)?;
                Ok(test.choose(yes, no))
            }
            (value @ Value::Record(_), _) => {
                let has = matches!(&value, Value::Record(fields) if fields.contains_key(name));
                Ok(self.effects(&value).then(Expr::Bool(has)))
            }
            (Value::Context, _) => {
                let field = self.context_layout()?.field(name);
                Ok(self.field_presence(&context(), field))
            }
            (Value::Memory(memory), Type::Record(record)) => {
                let layout = RecordLayout::new(record);
                Ok(self.field_presence(&memory, layout.field(name)))
            }
            (_, ty) => unsupported(format!("a {ty} has no attributes")),
        }
    }

    fn entity_has(&mut self, entity: &Entity, of: &str, name: &str) -> Lower<Expr> {
        if let Entity::Choice(test, yes, no) = entity {
            self.budget.spend(test.size());
            let (yes, no) = (self.entity_has(yes, of, name)?, self.entity_has(no, of, name)?);
            return Ok((**test).clone().choose(yes, no));
        }
        let (index, _, layout) = self.entity_type(of)?;
        let address = self.entity_address(entity);
        let Some(field) = layout.field(name) else {
            return Ok(address.then(Expr::FALSE));
        };
        let row = self.row(entity)?;
        self.budget.spend(row.size());
        let has = Expr::IsPresent(row.clone().boxed());
        let has = match field.presence {
            None => has,
            Some(offset) => {
                let origin = Origin { row: RowAt::Entity(index, None), offset };
                let memory = Memory { address: row.offset(offset), origin: Some(origin) };
                has.and(self.presence(memory))
            }
        };
        Ok(address.then(has))
    }

    /// Whether the record has a field: by its presence byte, if the type declares it optional.
    fn field_presence(&mut self, record: &Memory, presence: Option<&FieldLayout>) -> Expr {
        self.budget.spend(record.address.size());
        match presence.map(|field| field.presence) {
            Some(Some(offset)) => self.presence(record.offset(offset)),
            Some(None) => record.address.clone().then(Expr::TRUE),
            None => record.address.clone().then(Expr::FALSE),
        }
    }

    pub(super) fn presence(&mut self, memory: Memory) -> Expr {
        self.reads.read(&memory, &Type::Bool);
        memory.address.load_bool()
    }

    /// `value has a.b.c`: stops at the first that is missing.
    pub(super) fn has_attributes(
        &mut self,
        value: Value,
        ty: &Type,
        names: &[&str],
    ) -> Lower<Expr> {
        let Some((name, rest)) = names.split_first() else {
            return Ok(Expr::TRUE);
        };
        self.budget.spend(value.size());
        self.budget.check()?;
        let has = self.has_attribute(value.clone(), ty, name)?;
        if rest.is_empty() || has == Expr::FALSE {
            return Ok(has);
        }
        let next = match ty {
            Type::Entity(of) => {
                let (_, entity_type, _) = self.entity_type(of)?;
                declared(&entity_type.attributes, name)
            }
            Type::Record(record) => declared(record, name),
            other => unsupported(format!("a {other} has no attributes")),
        };
        // A name that the type does not declare is absent; `has` said so already.
        let Ok(next) = next else { return Ok(has) };
        let next = next.ty.clone();
        let value = self.attribute(value, ty, name, 0)?;
        Ok(has.and(self.has_attributes(value, &next, rest)?))
    }

    pub(super) fn tag(
        &mut self,
        entity: &Entity,
        of: &str,
        key: Value,
        place: Place,
    ) -> Lower<Value> {
        if let Entity::Choice(test, yes, no) = entity {
            self.budget.spend(test.size() + key.size());
            self.budget.check()?;
            let yes = self.tag(yes, of, key.clone(), place)?;
            let no = self.tag(no, of, key, place)?;
            return Ok(choice((**test).clone(), yes, no));
        }
        let (index, ty, offset) = self.tags(of)?;
        let step = stride(ty) + TAG_VALUE;
        let row = self.row(entity)?;
        let row = self.present(row, of, place).offset(offset);
        let key = self.text_address(key)?;
        self.reads.tags(index, offset);
        let found = Expr::Tag(row.boxed(), step, key.boxed());
        // Validation proves the tag present; were it not, the policy errs rather than reads on.
        let address = self.present(found, of, place);
        self.declared.note(&address, ty, None);
        let field = TagField { entity_type: index, offset, stride: step, handle: 0 };
        let origin = Origin { row: RowAt::Tag(route(entity), field), offset: TAG_VALUE };
        Ok(self.load(Memory { address, origin: Some(origin) }, ty))
    }

    pub(super) fn has_tag(&mut self, entity: &Entity, of: &str, key: Value) -> Lower<Expr> {
        if let Entity::Choice(test, yes, no) = entity {
            self.budget.spend(test.size() + key.size());
            self.budget.check()?;
            let yes = self.has_tag(yes, of, key.clone())?;
            let no = self.has_tag(no, of, key)?;
            return Ok((**test).clone().choose(yes, no));
        }
        let address = self.entity_address(entity);
        let key = self.text_address(key)?;
        self.budget.spend(key.size());
        let effects = address.then(key.clone().then(Expr::TRUE));
        let Ok((index, ty, offset)) = self.tags(of) else {
            return Ok(effects.and(Expr::FALSE));
        };
        let row = self.row(entity)?;
        self.budget.spend(row.size());
        self.reads.tags(index, offset);
        let step = stride(ty) + TAG_VALUE;
        let found = Expr::Tag(row.clone().offset(offset).boxed(), step, key.boxed());
        let has = Expr::IsPresent(row.boxed()).and(Expr::IsPresent(found.boxed()));
        Ok(effects.and(has))
    }

    /// Index of the entity type, type of its tags, offset of their table.
    fn tags(&self, of: &str) -> Lower<(u32, &'a Type, u32)> {
        let (index, entity_type, layout) = self.entity_type(of)?;
        let (Some(ty), Some(offset)) = (&entity_type.tags, layout.tags) else {
            return unsupported(format!("`{of}` has no tags"));
        };
        Ok((index, ty, offset))
    }

    /// Address of the entity's handle.
    pub(super) fn entity_address(&mut self, entity: &Entity) -> Expr {
        self.budget.spend(1);
        match entity {
            Entity::Literal(uid) => Expr::Data(uid.handle().to_bytes().to_vec()),
            Entity::At(at) => {
                let memory = Memory { address: at.address.clone(), origin: at.origin.clone() };
                self.reads.read(&memory, &Type::Entity(String::new()));
                self.budget.spend(at.address.size());
                at.address.clone()
            }
            Entity::Choice(test, yes, no) => {
                self.budget.spend(test.size());
                let (yes, no) = (self.entity_address(yes), self.entity_address(no));
                (**test).clone().choose(yes, no)
            }
        }
    }

    /// Address of the entity's row, 0 if it does not exist; registers how the encoder finds it.
    pub(super) fn row(&mut self, entity: &Entity) -> Lower<Expr> {
        match entity {
            Entity::Choice(test, yes, no) => {
                self.budget.spend(test.size());
                let (yes, no) = (self.row(yes)?, self.row(no)?);
                Ok((**test).clone().choose(yes, no))
            }
            Entity::Literal(uid) => {
                let slot = self.register(&Route::Literal(uid.handle()));
                Ok(Expr::Slot(slot))
            }
            Entity::At(at) => {
                let route = at.route.as_ref().ok_or_else(|| {
                    Unsupported("an entity is reached by no static path".to_owned())
                })?;
                let slot = self.register(route);
                if route.is_many() {
                    self.budget.spend(at.address.size());
                    return Ok(Expr::Directory(at.address.clone().boxed()));
                }
                Ok(Expr::Slot(slot))
            }
        }
    }

    fn register(&mut self, route: &Route) -> u32 {
        if let Route::Context(offset) = route {
            self.reads.handle(None, *offset);
        }
        if let Route::Row(_, field) = route {
            self.reads.handle(Some(field.entity_type), field.offset);
        }
        if let Route::Tags(_, field) = route {
            self.reads.tags(field.entity_type, field.offset);
        }
        let of = match route {
            Route::Row(of, _) | Route::Tags(of, _) => Some(self.register(of)),
            Route::Principal | Route::Resource | Route::Literal(_) | Route::Context(_) => None,
        };
        let path = self.paths.intern(route, of);
        self.used.insert(path);
        path
    }

    pub(super) fn entity_type(&self, name: &str) -> Lower<(u32, &'a EntityType, &'a RowLayout)> {
        let found = self.scope.schema.entity_type(name).and_then(|(index, entity_type)| {
            let layout = self.scope.layout.entity_types.get(usize::try_from(index).ok()?)?;
            Some((index, entity_type, layout))
        });
        found.ok_or_else(|| Unsupported(format!("the schema has no entity type `{name}`")))
    }

    /// The action of the request environment.
    pub(super) fn action(&self) -> Lower<&'a Action> {
        let index = usize::try_from(self.scope.action).unwrap_or(usize::MAX);
        let action = self.scope.schema.actions.get(index);
        action.ok_or_else(|| Unsupported("the action is not declared".to_owned()))
    }

    pub(super) fn context_layout(&self) -> Lower<&'a RowLayout> {
        let index = usize::try_from(self.scope.action).unwrap_or(usize::MAX);
        let layout = self.scope.layout.contexts.get(index);
        layout.ok_or_else(|| Unsupported("the action is not declared".to_owned()))
    }

    /// Address of a string, whose literal becomes a constant.
    pub(super) fn text_address(&mut self, value: Value) -> Lower<Expr> {
        match value {
            Value::Text(text) => Ok(Expr::Data(constant::text(self.scope.schema, &text)?)),
            Value::Choice(test, yes, no) => {
                let (yes, no) = (self.text_address(*yes)?, self.text_address(*no)?);
                Ok(test.choose(yes, no))
            }
            Value::Memory(memory) => {
                self.reads.read(&memory, &Type::String);
                Ok(memory.address)
            }
            other => other.unexpected("a String"),
        }
    }

    /// Address of an ip.
    pub(super) fn address(&mut self, value: Value) -> Lower<Expr> {
        match value {
            Value::Choice(test, yes, no) => {
                let (yes, no) = (self.address(*yes)?, self.address(*no)?);
                Ok(test.choose(yes, no))
            }
            Value::Memory(memory) => {
                self.reads.read(&memory, &Type::Ip);
                Ok(memory.address)
            }
            other => other.unexpected("an ipaddr"),
        }
    }

    /// Evaluates a value for its errors alone.
    pub(super) fn effects(&mut self, value: &Value) -> Expr {
        match value {
            Value::Text(_) | Value::Context => Expr::TRUE,
            Value::Bool(expr) | Value::Int(expr) => {
                self.budget.spend(expr.size());
                expr.clone().then(Expr::TRUE)
            }
            Value::Memory(memory) => {
                self.budget.spend(memory.address.size());
                memory.address.clone().then(Expr::TRUE)
            }
            Value::Entity(entity) => self.entity_address(entity).then(Expr::TRUE),
            Value::Set(values) => self.effects_of_all(values.iter()),
            Value::Record(fields) => self.effects_of_all(fields.values()),
            Value::Choice(test, yes, no) => {
                self.budget.spend(test.size());
                let (yes, no) = (self.effects(yes), self.effects(no));
                (**test).clone().choose(yes, no)
            }
        }
    }

    fn effects_of_all<'v>(&mut self, values: impl Iterator<Item = &'v Value>) -> Expr {
        values.fold(Expr::TRUE, |all, value| all.then(self.effects(value)))
    }
}

/// The context's row.
pub(super) fn context() -> Memory {
    let origin = Origin { row: RowAt::Context, offset: 0 };
    Memory { address: Expr::Context, origin: Some(origin) }
}

fn route(entity: &Entity) -> Option<Route> {
    match entity {
        Entity::Literal(uid) => Some(Route::Literal(uid.handle())),
        Entity::At(at) => at.route.clone(),
        Entity::Choice(..) => None,
    }
}

fn declared<'r>(record: &'r Record, name: &str) -> Lower<&'r Attribute> {
    record.attributes.get(name).ok_or_else(|| unknown(name))
}

/// Whether two record types are the same but for annotations. A record and the record at its start
/// have one address, and no type holds itself.
pub(super) fn has_shape(a: &Record, b: &Record) -> bool {
    let mut fields = a.attributes.iter().zip(&b.attributes);
    let is_same = |((x, a), (y, b)): ((&String, &Attribute), (&String, &Attribute))| {
        x == y && a.required == b.required && has_same_type(&a.ty, &b.ty)
    };
    a.attributes.len() == b.attributes.len() && fields.all(is_same)
}

fn has_same_type(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Record(a), Type::Record(b)) => has_shape(a, b),
        (Type::Set(a), Type::Set(b)) => has_same_type(a, b),
        (a, b) => a == b,
    }
}

fn unknown(name: &str) -> Unsupported {
    Unsupported(format!("no attribute `{name}` is declared"))
}

/// `value`, after `first` has been evaluated for its errors.
fn after(first: Expr, value: Value) -> Value {
    if !first.can_err() {
        return value;
    }
    match value {
        Value::Bool(expr) => Value::Bool(first.then(expr)),
        Value::Int(expr) => Value::Int(first.then(expr)),
        Value::Memory(Memory { address, origin }) => {
            Value::Memory(Memory { address: first.then(address), origin })
        }
        // The test cannot change the value: both branches are the same.
        Value::Entity(entity) => {
            let same = Box::new(entity);
            Value::Entity(Entity::Choice(first.boxed(), same.clone(), same))
        }
        value @ (Value::Text(_)
        | Value::Context
        | Value::Set(_)
        | Value::Record(_)
        | Value::Choice(..)) => {
            let same = Box::new(value);
            Value::Choice(first.boxed(), same.clone(), same)
        }
    }
}
