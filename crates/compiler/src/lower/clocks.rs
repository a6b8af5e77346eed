//! Which numbers of a context move with time.

use std::collections::BTreeMap;

use trapkey_abi::{Clock, FieldLayout, Record, RowLayout, Type};

/// By how much numbers move each millisecond, by their offset in the context's row.
pub(crate) type Clocks = BTreeMap<u32, i64>;

/// The clocks of a context.
pub(crate) fn clocks(layout: &RowLayout, context: &Record) -> Clocks {
    let mut found = Clocks::new();
    find(context, &layout.fields, 0, &mut found);
    found
}

fn find(record: &Record, fields: &[FieldLayout], start: u32, found: &mut Clocks) {
    for field in fields {
        let Some(attribute) = record.attributes.get(&field.name) else { continue };
        let offset = start.saturating_add(field.offset);
        if let (Type::Record(record), Some(layout)) = (&attribute.ty, &field.record) {
            find(record, &layout.fields, offset, found);
        } else if let Some(clock) = attribute.clock {
            let speed = match clock {
                Clock::Instant | Clock::Elapsed => 1,
                Clock::Remaining => -1,
            };
            found.insert(offset, speed);
        }
    }
}
