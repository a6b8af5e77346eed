//! One question: the context of one request, and how it moves with time.

use trapkey_abi::{Clock, Handle, Row, RowEditor, RowSpace, Schema, Type, Value};

use super::{Node, Prepared, convert};
use crate::deny::Deny;
use crate::facts::{Facts, Who};
use crate::host::Host;
use crate::plan::Source;

/// What the policies are asked about one request; can be asked again later.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) principal: Entity,
    pub(crate) resource: Entity,
    pub(crate) context: Row,
    /// The instant in milliseconds since 1970-01-01T00:00:00Z, if frames say it.
    pub(crate) now: Option<i64>,
}

/// An entity as frames name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    pub(crate) entity_type: u32,
    pub(crate) handle: Handle,
}

impl Entity {
    /// The entity with this type and id, if the schema allows it.
    pub(crate) fn of(schema: &Schema, type_name: &str, id: &str) -> Option<Self> {
        let (entity_type, declared) = schema.entity_type(type_name)?;
        let is_open = declared.ids.is_none() && !declared.is_action;
        let is_known = is_open || schema.has_id(type_name, id);
        is_known.then(|| Self { entity_type, handle: Handle::of(type_name, id) })
    }
}

impl Prepared {
    /// The question about one request.
    pub(crate) fn ask<H: Host>(
        &self,
        schema: &Schema,
        (principal, is_by_header): (Entity, bool),
        facts: &mut Facts<'_, '_, H>,
        who: &Who<'_>,
    ) -> Result<Asked, Deny> {
        let id = facts.text(&self.question.resource, who)?;
        let id = id.filter(|id| !id.is_empty()).ok_or(Deny::Bad("resource"))?;
        let resource = Entity::of(schema, &self.question.resource_type, &id);
        let resource = resource.ok_or(Deny::Bad("resource"))?;
        debug_assert_eq!(resource.entity_type, self.resource_type);
        let mut given = Vec::with_capacity(self.question.context.len());
        for (feature, is_settled) in self.question.context.iter().zip(&self.settled) {
            if *is_settled {
                given.push(Given::Settled);
                continue;
            }
            let value = Given::of(&feature.source, is_by_header, facts, who)?;
            if value.is_none() && feature.is_required {
                return Err(Deny::Bad("missing_feature"));
            }
            given.push(value.unwrap_or(Given::Nothing));
        }
        let (mut context, mut space) = (self.blank(is_by_header), RowSpace::default());
        let mut editor = RowEditor::new(schema, &mut context, &mut space);
        fill(&self.nodes, &given, &mut editor)?;
        Ok(Asked { principal, resource, context, now: facts.now })
    }

    /// Moves a question to a later instant; whether every part of it may be what it then is.
    pub(crate) fn advance(&self, asked: &mut Asked, now: i64) -> Option<()> {
        let by = now.checked_sub(asked.now?)?;
        for (field, clock) in &self.clocks {
            if !asked.context.has(field) {
                continue;
            }
            let before = asked.context.int(field.offset())?;
            let after = match clock {
                Clock::Instant | Clock::Elapsed => before.checked_add(by)?,
                Clock::Remaining => before.checked_sub(by)?,
            };
            let bounds = field.attribute().bounds;
            if bounds.is_some_and(|bounds| !(bounds.min..=bounds.max).contains(&after)) {
                return None;
            }
            asked.context.put_int(field.offset(), after).then_some(())?;
        }
        asked.now = Some(now);
        Some(())
    }
}

/// A value before its type is known.
#[derive(Debug)]
enum Given {
    /// The blank context has it.
    Settled,
    /// The request does not have it.
    Nothing,
    Text(String),
    List(String),
    Number(i64),
    Instant(i64),
}

impl Given {
    fn of<H: Host>(
        source: &Source,
        is_by_header: bool,
        facts: &mut Facts<'_, '_, H>,
        who: &Who<'_>,
    ) -> Result<Option<Self>, Deny> {
        Ok(match source {
            Source::Text(pieces) => facts.text(pieces, who)?.map(Self::Text),
            Source::List { header } => {
                facts.header(header)?.map(|list| Self::List(list.to_owned()))
            }
            Source::PeerAddress => facts.peer()?.map(Self::Text),
            Source::TlsVersion => {
                let version = facts.property(&["connection", "tls_version"])?;
                version.filter(|version| !version.is_empty()).map(Self::Text)
            }
            Source::Now => Some(Self::Instant(facts.now.ok_or(Deny::Failed)?)),
            Source::Basis { header, .. } if is_by_header => Some(Self::Text(header.clone())),
            Source::Basis { certificate, .. } => Some(Self::Text(certificate.clone())),
            Source::RouteMetadata(key) => {
                let path = ["xds", "route_metadata", "filter_metadata", "trapkey", key];
                facts.property(&path)?.map(Self::Text)
            }
            Source::Modbus(field) => {
                facts.modbus.as_ref().and_then(|facts| facts.field(*field)).map(Self::Number)
            }
        })
    }

    fn value(&self, ty: &Type) -> Option<Value> {
        match (self, ty) {
            (Self::Text(text), ty) => convert::value(ty, text),
            (Self::List(text), Type::Set(element)) => convert::list(element, text),
            (Self::List(_) | Self::Settled | Self::Nothing, _) => None,
            (Self::Number(number), ty) => convert::number(ty, *number),
            (Self::Instant(now), ty) => convert::instant(ty, *now),
        }
    }
}

/// Writes what is given; a record that may be absent is there if any of its attributes is given.
fn fill(nodes: &[Node], given: &[Given], editor: &mut RowEditor<'_>) -> Result<(), Deny> {
    const BAD: Deny = Deny::Bad("feature");
    for node in nodes {
        let attribute = node.field.attribute();
        if matches!(attribute.ty, Type::Record(_)) {
            if !attribute.required {
                if !has_any(&node.inner, given) {
                    continue;
                }
                editor.enter(&node.field).map_err(|_| BAD)?;
            }
            fill(&node.inner, given, editor)?;
            continue;
        }
        match node.feature.and_then(|index| given.get(index)) {
            Some(Given::Settled) => {}
            None | Some(Given::Nothing) => {
                if attribute.required {
                    return Err(Deny::Bad("missing_feature"));
                }
            }
            Some(value) => {
                let value = value.value(&attribute.ty).ok_or(BAD)?;
                editor.put_value(&node.field, &value).map_err(|_| BAD)?;
            }
        }
    }
    Ok(())
}

fn has_any(nodes: &[Node], given: &[Given]) -> bool {
    nodes.iter().any(|node| {
        let value = node.feature.and_then(|index| given.get(index));
        value.is_some_and(|value| !matches!(value, Given::Nothing)) || has_any(&node.inner, given)
    })
}
