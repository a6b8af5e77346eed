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
        // A module whose data ends beyond 32 bits is refused once its memory is laid out.
        let address = u32::try_from(self.end()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(content);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.addresses.insert(content.to_vec(), address);
        address
    }

    /// First address after the data, a multiple of eight.
    pub(super) fn end(&self) -> u64 {
        let len = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        len.saturating_add(u64::from(DATA_START))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
