//! The model that facts and requests are read against: a schema and the layout that follows from it.

use trapkey_abi::{Action, EntityType, EntityUid, Layout, RowLayout, Schema};

use crate::request::Clocks;

/// A schema and its layout, shared by entities, requests and modules as `Arc<Model>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    // INVARIANT: `layout` is that of `schema`, and `clocks` has those of each action.
    schema: Schema,
    layout: Layout,
    clocks: Vec<Clocks>,
}

impl Model {
    /// Computes the layout of `schema`, whose lists are sorted as [`Schema`] asks.
    pub fn new(schema: Schema) -> Self {
        let layout = Layout::new(&schema);
        let contexts = schema.actions.iter().zip(&layout.contexts);
        let clocks = contexts.map(|(action, layout)| Clocks::of(layout, &action.context)).collect();
        Self { schema, layout, clocks }
    }

    /// The schema.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The layout of rows.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What of the context of an action moves with time.
    pub(crate) fn clocks(&self, action: u32) -> Clocks {
        let action = usize::try_from(action).ok();
        action.and_then(|action| self.clocks.get(action)).cloned().unwrap_or_default()
    }

    /// Index, declaration and row layout of the entity type `name`.
    pub(crate) fn entity_type(&self, name: &str) -> Option<(u32, &EntityType, &RowLayout)> {
        let (index, entity_type) = self.schema.entity_type(name)?;
        let layout = self.layout.entity_types.get(usize::try_from(index).ok()?)?;
        Some((index, entity_type, layout))
    }

    /// Index, declaration and context layout of the action `uid`.
    pub(crate) fn action(&self, uid: &EntityUid) -> Option<(u32, &Action, &RowLayout)> {
        let (index, action) = self.schema.action(uid)?;
        let layout = self.layout.contexts.get(usize::try_from(index).ok()?)?;
        Some((index, action, layout))
    }
}
