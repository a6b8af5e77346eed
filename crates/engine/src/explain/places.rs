//! Where a chain of attributes leads for a request, and what is there.

use trapkey_abi::{
    Access, AccessRoot, Attribute, EntityUid, Record, RowField, RowLayout, Type, Value,
};

use crate::{AttributeOwner, Entities, Model, Request};

/// An attribute, or an entity where `attribute` is none.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(super) owner: AttributeOwner,
    pub(super) path: Vec<String>,
    /// None: the place is the entity itself.
    pub(super) attribute: Option<Attribute>,
    /// None: absent, or a set or record of the context, which is encoded.
    pub(crate) value: Option<Value>,
}

/// What chains of attributes are followed by.
#[derive(Clone, Copy)]
pub(crate) struct Finder<'f> {
    pub(crate) model: &'f Model,
    pub(crate) entities: &'f Entities,
    pub(crate) request: &'f Request,
}

impl Finder<'_> {
    /// The place at the end of a chain; none if an entity on the way is not there.
    pub(crate) fn find(&self, access: &Access) -> Option<Place> {
        let mut place = match &access.root {
            AccessRoot::Principal => entity(self.request.principal().uid()),
            AccessRoot::Resource => entity(self.request.resource().uid()),
            AccessRoot::Entity(uid) => entity(uid),
            AccessRoot::Context => {
                let owner = AttributeOwner::Context;
                Place { owner, path: Vec::new(), attribute: None, value: None }
            }
        };
        for name in &access.path {
            place = self.step(place, name)?;
        }
        let is_context = place.owner == AttributeOwner::Context && place.path.is_empty();
        (!is_context).then_some(place)
    }

    fn step(&self, mut place: Place, name: &str) -> Option<Place> {
        if let Some(attribute) = &place.attribute {
            if let Type::Record(record) = &attribute.ty {
                let attribute = record.attributes.get(name)?.clone();
                place.path.push(name.to_owned());
                return Some(self.read(place.owner, place.path, attribute));
            }
            let Some(Value::Entity(uid)) = &place.value else { return None };
            place = entity(uid);
        }
        let record = self.record(&place.owner)?;
        let attribute = record.attributes.get(name)?.clone();
        Some(self.read(place.owner, vec![name.to_owned()], attribute))
    }

    fn record(&self, owner: &AttributeOwner) -> Option<&Record> {
        match owner {
            AttributeOwner::Entity(uid) => {
                self.model.entity_type(&uid.type_name).map(|(_, declared, _)| &declared.attributes)
            }
            AttributeOwner::Context => self.context().map(|(record, _)| record),
        }
    }

    /// The declaration of the request's context and its layout.
    pub(crate) fn context(&self) -> Option<(&Record, &RowLayout)> {
        let action = usize::try_from(self.request.action()).ok()?;
        let declared = self.model.schema().actions.get(action)?;
        Some((&declared.context, self.model.layout().contexts.get(action)?))
    }

    fn read(&self, owner: AttributeOwner, path: Vec<String>, attribute: Attribute) -> Place {
        let value = match &owner {
            AttributeOwner::Entity(uid) => self.attribute(uid, &path),
            AttributeOwner::Context => self.context_value(&path),
        };
        Place { owner, path, attribute: Some(attribute), value }
    }

    fn attribute(&self, uid: &EntityUid, path: &[String]) -> Option<Value> {
        let (first, rest) = path.split_first()?;
        let mut value = self.entities.get(uid)?.attribute(first)?;
        for name in rest {
            let Value::Record(fields) = value else { return None };
            value = fields.get(name)?;
        }
        Some(value.clone())
    }

    /// A value of the context that is no set and no record.
    fn context_value(&self, path: &[String]) -> Option<Value> {
        let (record, layout) = self.context()?;
        let context = RowField::context(layout, record);
        let field = field(&context, path)?;
        let row = self.request.context();
        if !row.has(field) {
            return None;
        }
        let at = field.offset();
        let bytes = row.bytes().get(at..)?;
        match &field.attribute().ty {
            Type::Bool => bytes.first().map(|byte| Value::Bool(*byte != 0)),
            Type::Long => row.int(at).map(Value::Long),
            Type::Decimal => row.int(at).map(Value::Decimal),
            Type::Datetime => row.int(at).map(Value::Datetime),
            Type::Duration => row.int(at).map(Value::Duration),
            Type::Entity(_) => {
                let handle = bytes.first_chunk::<16>()?;
                let handle = trapkey_abi::Handle::from_bytes(*handle);
                self.entities.find(handle).map(|entity| Value::Entity(entity.uid().clone()))
            }
            Type::String => {
                let len = bytes.get(4..)?.first_chunk::<4>()?;
                let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
                let text = std::str::from_utf8(row.content(at).get(..len)?).ok()?;
                Some(Value::String(text.to_owned()))
            }
            Type::Ip | Type::Set(_) | Type::Record(_) => None,
        }
    }
}

fn entity(uid: &EntityUid) -> Place {
    let owner = AttributeOwner::Entity(uid.clone());
    Place { owner, path: Vec::new(), attribute: None, value: Some(Value::Entity(uid.clone())) }
}

/// The field at a path below the context.
pub(super) fn field<'f>(context: &'f RowField, path: &[String]) -> Option<&'f RowField> {
    let mut field = context;
    for name in path {
        field = field.fields().iter().find(|field| field.name() == name)?;
    }
    Some(field)
}

/// A value in words.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Long(value) => value.to_string(),
        Value::String(value) => format!("{value:?}"),
        Value::Decimal(value) => format!("decimal of {value} ten-thousandths"),
        Value::Datetime(value) => format!("datetime of {value} ms"),
        Value::Duration(value) => format!("duration of {value} ms"),
        Value::Ip(ip) => format!("ip {:x}/{}", ip.address, ip.prefix),
        Value::Entity(uid) => uid.to_string(),
        Value::Set(elements) => {
            let elements: Vec<_> = elements.iter().map(text).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Record(fields) => {
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| format!("{name}: {}", text(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}
