//! Other numbers for what a module refers to.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode};

/// How far each number of a module moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) types: u32,
    /// What becomes of the functions that the module imports.
    pub(super) imported: Vec<u32>,
    /// The first of its own functions.
    pub(super) functions: u32,
    pub(super) tables: u32,
    pub(super) globals: u32,
    pub(super) elements: u32,
    pub(super) data: u32,
}

impl Reencode for Shift {
    type Error = Infallible;

    fn data_index(&mut self, data: u32) -> Result<u32, Error> {
        Ok(data.saturating_add(self.data))
    }

    fn element_index(&mut self, element: u32) -> Result<u32, Error> {
        Ok(element.saturating_add(self.elements))
    }

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let imported = u32::try_from(self.imported.len()).unwrap_or(u32::MAX);
        let known = usize::try_from(function).ok().and_then(|index| self.imported.get(index));
        let own = || function.saturating_sub(imported).saturating_add(self.functions);
        Ok(known.copied().unwrap_or_else(own))
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error> {
        Ok(global.saturating_add(self.globals))
    }

    fn table_index(&mut self, table: u32) -> Result<u32, Error> {
        Ok(table.saturating_add(self.tables))
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, Error> {
        Ok(ty.saturating_add(self.types))
    }
}
