//! Finds the number of a request environment in one step.

use trapkey_abi::{Environment, GatherTable};

/// The environments of a gather table, arranged for lookup.
pub(crate) struct Environments {
    // INVARIANT: an entry is at the place that `place` gives or in the run of entries behind it, and
    // the last entry is free.
    entries: Box<[Entry]>,
    /// Places less one; their number is a power of two.
    mask: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    action: u32,
    principal_type: u32,
    resource_type: u32,
    /// The environment's number; `FREE` where there is none.
    number: u32,
}

const FREE: Entry =
    Entry { action: u32::MAX, principal_type: u32::MAX, resource_type: u32::MAX, number: u32::MAX };

impl Environments {
    /// Arranges the environments of `gather`.
    pub(crate) fn new(gather: &GatherTable) -> Option<Self> {
        let places = gather.environments.len().checked_mul(2)?.checked_next_power_of_two()?;
        let mask = u64::try_from(places.checked_sub(1)?).ok()?;
        let mut entries = vec![FREE; places];
        for (number, environment) in (0..).zip(&gather.environments) {
            let Environment { action, principal_type, resource_type, .. } = *environment;
            let entry = Entry { action, principal_type, resource_type, number };
            let first = place((action, principal_type, resource_type), mask)?;
            let is_free = |entry: &Entry| entry.number == FREE.number;
            match entries.get_mut(first..)?.iter_mut().find(|entry| is_free(entry)) {
                Some(free) => *free = entry,
                None => entries.push(entry),
            }
        }
        entries.push(FREE);
        Some(Self { entries: entries.into_boxed_slice(), mask })
    }

    /// The number of an action's environment, if it has one for these types.
    #[inline]
    pub(crate) fn find(&self, action: u32, principal_type: u32, resource_type: u32) -> Option<u32> {
        let key = (action, principal_type, resource_type);
        for entry in self.entries.get(place(key, self.mask)?..)? {
            if (entry.action, entry.principal_type, entry.resource_type) == key {
                return Some(entry.number).filter(|number| *number != FREE.number);
            }
            if entry.number == FREE.number {
                return None;
            }
        }
        None
    }
}

/// The place of a key: a multiplication spreads its three small numbers over the high bits.
#[inline]
fn place((action, principal_type, resource_type): (u32, u32, u32), mask: u64) -> Option<usize> {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let key = u64::from(action) << 32 ^ u64::from(principal_type) << 16 ^ u64::from(resource_type);
    usize::try_from(key.wrapping_mul(SPREAD) >> 32 & mask).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_environment_is_found_and_no_other() {
        let environment = |action, principal_type, resource_type| Environment {
            action,
            principal_type,
            resource_type,
            context: 0,
            paths: Vec::new(),
            templates: Vec::new(),
        };
        for types in [0, 1, 2, 9] {
            let mut gather = GatherTable::default();
            for action in 0..types {
                for principal in (0..types).filter(|number| number % 3 != 2) {
                    gather.environments.push(environment(action, principal, action + principal));
                }
            }
            let environments = Environments::new(&gather).unwrap();
            for action in 0..=types {
                for principal in 0..=types {
                    for resource in 0..=2 * types {
                        let want = gather.environment(action, principal, resource);
                        let found = environments.find(action, principal, resource);
                        assert_eq!(found, want, "{action} {principal} {resource}");
                    }
                }
            }
            assert_eq!(environments.find(u32::MAX, u32::MAX, u32::MAX), None);
        }
    }
}
