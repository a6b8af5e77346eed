//! One frame, read in place.

#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "a frame that is cut short must stop the bench"
)]

use trapkey_abi::header;

use super::ByHand;
use super::places::Optional;
use super::policy::{Class, Kind};

/// A policy that cannot be evaluated: an entity that is read is not there, or a number overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Erred;

/// Whether a policy is satisfied.
pub(super) type Outcome = Result<bool, Erred>;

/// What the rules know of one request.
#[derive(Clone, Copy)]
pub(super) struct Facts<'f> {
    pub(super) rules: &'f ByHand,
    frame: &'f [u8],
    context: Row<'f>,
}

/// A row of a frame.
#[derive(Clone, Copy)]
pub(super) struct Row<'f>(&'f [u8]);

impl<'f> Facts<'f> {
    pub(super) fn new(rules: &'f ByHand, frame: &'f [u8]) -> Self {
        let context = Row(&frame[index(u32_at(frame, header::CONTEXT))..]);
        Self { rules, frame, context }
    }

    pub(super) fn class(&self) -> Class {
        self.rules.classes[index(u32_at(self.frame, header::ACTION))]
    }

    pub(super) fn principal_kind(&self) -> Kind {
        self.rules.kinds[index(u32_at(self.frame, header::PRINCIPAL_TYPE))]
    }

    pub(super) fn resource_kind(&self) -> Kind {
        self.rules.kinds[index(u32_at(self.frame, header::RESOURCE_TYPE))]
    }

    pub(super) fn principal_handle(&self) -> u128 {
        handle_at(self.frame, header::PRINCIPAL)
    }

    pub(super) fn resource_handle(&self) -> u128 {
        handle_at(self.frame, header::RESOURCE)
    }

    pub(super) fn context(&self) -> Row<'f> {
        self.context
    }

    /// The row of the entity in a slot, if the store has it.
    fn slot(&self, slot: usize) -> Option<Row<'f>> {
        match u32_at(self.frame, slot) {
            0 => None,
            at => Some(Row(&self.frame[index(at)..])),
        }
    }

    pub(super) fn principal(&self) -> Result<Row<'f>, Erred> {
        self.slot(self.rules.slots.principal).ok_or(Erred)
    }

    pub(super) fn resource(&self) -> Result<Row<'f>, Erred> {
        self.slot(self.rules.slots.resource).ok_or(Erred)
    }

    /// The asset of a point.
    pub(super) fn asset(&self) -> Result<Row<'f>, Erred> {
        self.slot(self.rules.slots.asset).ok_or(Erred)
    }

    /// The zone of an asset.
    pub(super) fn zone(&self) -> Result<Row<'f>, Erred> {
        self.slot(self.rules.slots.zone).ok_or(Erred)
    }

    pub(super) fn broker(&self) -> Result<Row<'f>, Erred> {
        self.slot(self.rules.slots.broker).ok_or(Erred)
    }

    pub(super) fn conduit(&self) -> Result<Row<'f>, Erred> {
        self.slot(self.rules.slots.conduit).ok_or(Erred)
    }

    pub(super) fn order(&self) -> Result<Row<'f>, Erred> {
        self.slot(self.rules.slots.order).ok_or(Erred)
    }

    pub(super) fn glass_first_in(&self, role: u128) -> bool {
        self.is_in(self.rules.slots.glass_first, self.rules.offsets.ancestors.roles, role)
    }

    pub(super) fn glass_second_in(&self, role: u128) -> bool {
        self.is_in(self.rules.slots.glass_second, self.rules.offsets.ancestors.roles, role)
    }

    /// Whether the principal is below `ancestor`, whose type has its ancestors at `offset`.
    pub(super) fn principal_in(&self, offset: usize, ancestor: u128) -> bool {
        self.is_in(self.rules.slots.principal, offset, ancestor)
    }

    /// Whether the resource is below `ancestor`, whose type has its ancestors at `offset`.
    pub(super) fn resource_in(&self, offset: usize, ancestor: u128) -> bool {
        self.is_in(self.rules.slots.resource, offset, ancestor)
    }

    /// An entity that is not there is in nothing.
    fn is_in(&self, slot: usize, offset: usize, ancestor: u128) -> bool {
        self.slot(slot).is_some_and(|row| row.has_handle(offset, ancestor))
    }
}

impl<'f> Row<'f> {
    pub(super) fn flag(self, at: usize) -> bool {
        self.0[at] != 0
    }

    pub(super) fn long(self, at: usize) -> i64 {
        i64::from_le_bytes(bytes_at(self.0, at))
    }

    pub(super) fn handle(self, at: usize) -> u128 {
        handle_at(self.0, at)
    }

    pub(super) fn optional_long(self, at: Optional) -> Option<i64> {
        self.flag(at.presence).then(|| self.long(at.value))
    }

    pub(super) fn optional_handle(self, at: Optional) -> Option<u128> {
        self.flag(at.presence).then(|| self.handle(at.value))
    }

    pub(super) fn string(self, at: usize) -> &'f [u8] {
        let (content, len) = self.content(at);
        &content[..len]
    }

    /// Whether a set of strings has this element.
    pub(super) fn has_string(self, at: usize, element: &[u8]) -> bool {
        let (content, count) = self.content(at);
        (0..count).any(|index| Row(content).string(8 * index) == element)
    }

    /// Whether a set of handles, which is ascending and short, has this element.
    fn has_handle(self, at: usize, element: u128) -> bool {
        let (content, count) = self.content(at);
        content[..16 * count].as_chunks().0.iter().any(|item| u128::from_le_bytes(*item) == element)
    }

    /// The content of a string or set, and the number of its bytes or elements.
    fn content(self, at: usize) -> (&'f [u8], usize) {
        let distance = index(u32_at(self.0, at));
        (&self.0[at + distance..], index(u32_at(self.0, at + 4)))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

fn handle_at(bytes: &[u8], at: usize) -> u128 {
    u128::from_le_bytes(bytes_at(bytes, at))
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    *bytes[at..].first_chunk().expect("the frame is whole")
}

fn index(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
