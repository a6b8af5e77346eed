//! A request as the encoder takes it.

use trapkey_abi::{Clock, EntityUid, Handle, Layout, Row, RowField, Schema};

use crate::arena::{Arena, entity_uid};
use crate::plan::Plan;
use crate::types::{Failure, Request};

/// A request that conforms to the schema.
pub(crate) struct Question {
    pub(crate) environment: u32,
    pub(crate) principal: Handle,
    pub(crate) resource: Handle,
    pub(crate) context: Row,
    pub(crate) at: Option<i64>,
}

impl Question {
    pub(crate) fn new(
        (plan, layout): (&Plan, &Layout),
        instants: &Instants,
        request: &Request,
        arena: &mut Arena<'_>,
    ) -> Result<Self, Failure> {
        let refused = |why: String| Failure::Request(why);
        let schema = &plan.schema;
        let uid = entity_uid(&request.action);
        let unknown = || refused(format!("the schema has no action {uid}"));
        let (index, action) = schema.action(&uid).ok_or_else(unknown)?;
        let row = usize::try_from(index).ok().and_then(|index| layout.contexts.get(index));
        let row = row.ok_or_else(unknown)?;
        let (principal, resource) = (entity_uid(&request.principal), entity_uid(&request.resource));
        let principal_type = party(schema, &principal, &action.principals, "principal")?;
        let resource_type = party(schema, &resource, &action.resources, "resource")?;
        let context = arena.fields(&request.context)?;
        let context =
            context.map_err(|name| refused(format!("`context.{name}` is there twice")))?;
        let context = Row::context(schema, row, &action.context, &context)
            .map_err(|error| refused(format!("context: {error}")))?;
        let at = request.at.or_else(|| instants.read(index, &context));
        let environment = plan.gather.environment(index, principal_type, resource_type);
        let environment = environment.ok_or_else(unknown)?;
        let (principal, resource) = (principal.handle(), resource.handle());
        Ok(Self { environment, principal, resource, context, at })
    }
}

/// The attributes that `@clock("instant")` marks, by action.
#[derive(Debug)]
pub(crate) struct Instants(Vec<Vec<RowField>>);

impl Instants {
    pub(crate) fn new(schema: &Schema, layout: &Layout) -> Self {
        let actions = schema.actions.iter().zip(&layout.contexts);
        let fields = actions.map(|(action, row)| {
            let mut found = Vec::new();
            marked(&RowField::context(row, &action.context), &mut found);
            found
        });
        Self(fields.collect())
    }

    /// The first that is there.
    fn read(&self, action: u32, context: &Row) -> Option<i64> {
        let fields = self.0.get(usize::try_from(action).ok()?)?;
        let field = fields.iter().find(|field| context.has(field))?;
        context.int(field.offset())
    }
}

fn marked(field: &RowField, found: &mut Vec<RowField>) {
    for field in field.fields() {
        if field.attribute().clock == Some(Clock::Instant) {
            found.push(field.clone());
        } else {
            marked(field, found);
        }
    }
}

fn party(schema: &Schema, uid: &EntityUid, allowed: &[String], role: &str) -> Result<u32, Failure> {
    let refused = |why: &str| Failure::Request(format!("{role} {uid}: {why}"));
    let (index, _) =
        schema.entity_type(&uid.type_name).ok_or_else(|| refused("the schema has no such type"))?;
    if !allowed.contains(&uid.type_name) {
        return Err(refused("the action does not apply to its type"));
    }
    if !schema.has_id(&uid.type_name, &uid.id) {
        return Err(refused("its type has no such id"));
    }
    Ok(index)
}
