//! The digest that ties a frame, a prepared request or a typed struct to one layout.

use core::fmt::{self, Write};

use super::{FieldLayout, Layout, RowLayout};
use crate::ABI_VERSION;
use crate::schema::{Attribute, Bounds, Record, Schema, Type};

/// Length of a [`LayoutDigest`] in bytes.
pub const LAYOUT_DIGEST_BYTES: usize = 16;

/// First 128 bits of BLAKE3 over the contract's version, the schema and every offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LayoutDigest(pub [u8; LAYOUT_DIGEST_BYTES]);

impl fmt::Display for LayoutDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl LayoutDigest {
    pub(super) fn of(schema: &Schema, layout: &Layout) -> Self {
        let mut text = Text(blake3::Hasher::new());
        // `Text` never fails: hashing has no error.
        let written = text.layout(schema, layout).is_ok();
        debug_assert!(written);
        let mut digest = Self::default();
        text.0.finalize_xof().fill(&mut digest.0);
        digest
    }
}

/// Feeds a canonical text to the hasher; names go in with their length, so nothing is ambiguous.
struct Text(blake3::Hasher);

impl Write for Text {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0.update(s.as_bytes());
        Ok(())
    }
}

impl Text {
    fn layout(&mut self, schema: &Schema, layout: &Layout) -> fmt::Result {
        writeln!(self, "trapkey layout {ABI_VERSION}")?;
        for (entity_type, row) in schema.entity_types.iter().zip(&layout.entity_types) {
            self.name("entity", &entity_type.name)?;
            self.record(&entity_type.attributes)?;
            if let Some(tags) = &entity_type.tags {
                self.write_str("tags ")?;
                self.ty(tags)?;
            }
            for name in &entity_type.ancestors {
                self.name("in", name)?;
            }
            writeln!(self, "{} {}", entity_type.is_action, entity_type.ids.is_some())?;
            for id in entity_type.ids.iter().flatten() {
                self.name("id", id)?;
            }
            self.row(row)?;
        }
        for (action, row) in schema.actions.iter().zip(&layout.contexts) {
            self.name("action", &action.uid.type_name)?;
            self.name("", &action.uid.id)?;
            for group in &action.groups {
                self.name("in", &group.type_name)?;
                self.name("", &group.id)?;
            }
            for principal in &action.principals {
                self.name("principal", principal)?;
            }
            for resource in &action.resources {
                self.name("resource", resource)?;
            }
            self.record(&action.context)?;
            self.row(row)?;
        }
        Ok(())
    }

    fn name(&mut self, label: &str, name: &str) -> fmt::Result {
        writeln!(self, "{label} {}:{name}", name.len())
    }

    fn row(&mut self, row: &RowLayout) -> fmt::Result {
        writeln!(self, "row {} tags {:?}", row.size, row.tags)?;
        // Layouts of records follow from the schema.
        for FieldLayout { name, offset, presence, record: _ } in &row.fields {
            self.name("field", name)?;
            writeln!(self, "{offset} {presence:?}")?;
        }
        for (name, offset) in &row.ancestors {
            self.name("ancestors", name)?;
            writeln!(self, "{offset}")?;
        }
        Ok(())
    }

    fn record(&mut self, record: &Record) -> fmt::Result {
        self.write_str("{")?;
        for (name, attribute) in &record.attributes {
            self.name("attribute", name)?;
            let Attribute { ty, required, clock, max, bounds } = attribute;
            let bounds = bounds.map(|Bounds { min, max }| (min, max));
            writeln!(self, "{required} {clock:?} {max:?} {bounds:?}")?;
            self.ty(ty)?;
        }
        self.write_str("}")
    }

    fn ty(&mut self, ty: &Type) -> fmt::Result {
        match ty {
            Type::Bool => self.write_str("Bool"),
            Type::Long => self.write_str("Long"),
            Type::String => self.write_str("String"),
            Type::Decimal => self.write_str("Decimal"),
            Type::Datetime => self.write_str("Datetime"),
            Type::Duration => self.write_str("Duration"),
            Type::Ip => self.write_str("Ip"),
            Type::Entity(name) => self.name("Entity", name),
            Type::Set(element) => {
                self.write_str("Set ")?;
                self.ty(element)
            }
            Type::Record(record) => self.record(record),
        }
    }
}
