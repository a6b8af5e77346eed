//! The model that facts and requests are read against: a schema and the layout that follows from it.

use trapkey_abi::{Action, EntityType, EntityUid, Layout, RowLayout, Schema};

/// A schema and its layout, shared by entities, requests and modules as `Arc<Model>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    // INVARIANT: `layout` is that of `schema`.
    schema: Schema,
    layout: Layout,
}

impl Model {
    /// Computes the layout of `schema`, whose lists are sorted as [`Schema`] asks.
    pub fn new(schema: Schema) -> Self {
        let layout = Layout::new(&schema);
        Self { schema, layout }
    }

    /// The schema.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The layout of rows.
    pub fn layout(&self) -> &Layout {
        &self.layout
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
