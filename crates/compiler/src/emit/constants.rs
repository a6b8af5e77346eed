//! The module's constant data: each content once, eight-byte aligned.

use std::collections::BTreeMap;

/// Constants and their addresses.
#[derive(Debug)]
pub(super) struct Constants {
    bytes: Vec<u8>,
    addresses: BTreeMap<Vec<u8>, u32>,
}

/// Where the data begins; the addresses below hold zeros, so that 0 is no value's address.
pub(super) const DATA_START: u32 = 1024;

impl Constants {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), addresses: BTreeMap::new() }
    }

    /// Address of `content`.
    pub(super) fn address(&mut self, content: &[u8]) -> u32 {
        if let Some(address) = self.addresses.get(content) {
            return *address;
        }
        let address = self.end();
        self.bytes.extend_from_slice(content);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.addresses.insert(content.to_vec(), address);
        address
    }

    /// First address after the data, a multiple of eight.
    pub(super) fn end(&self) -> u32 {
        let len = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        DATA_START.saturating_add(len)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
