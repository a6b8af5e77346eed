//! Finds the number of a request environment: one step to the action, then a search among its own.

use trapkey_abi::{Environment, GatherTable};

/// Environments of an action that are looked at one after the other.
const SCANNED: usize = 8;

/// The environments of a gather table, arranged for lookup.
pub(crate) struct Environments {
    /// Per action, the number of its first environment; one more entry ends the last.
    starts: Box<[u32]>,
    /// Per environment, principal type and resource type; ascending within an action.
    keys: Box<[u64]>,
}

impl Environments {
    /// Arranges the environments of `gather`, which are sorted by action and key.
    pub(crate) fn new(gather: &GatherTable, actions: u32) -> Option<Self> {
        let before =
            |action| u32::try_from(gather.environments.partition_point(|e| e.action < action)).ok();
        Some(Self {
            starts: (0..=actions).map(before).collect::<Option<_>>()?,
            keys: gather
                .environments
                .iter()
                .map(|Environment { principal_type, resource_type, .. }| {
                    key(*principal_type, *resource_type)
                })
                .collect(),
        })
    }

    /// The number of an action's environment, if it has one for these types.
    pub(crate) fn find(&self, action: u32, principal_type: u32, resource_type: u32) -> Option<u32> {
        let index = usize::try_from(action).ok()?;
        let (&start, &end) = (self.starts.get(index)?, self.starts.get(index + 1)?);
        let keys = self.keys.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)?;
        let key = key(principal_type, resource_type);
        let position = if keys.len() <= SCANNED {
            keys.iter().position(|found| *found == key)?
        } else {
            keys.binary_search(&key).ok()?
        };
        start.checked_add(u32::try_from(position).ok()?)
    }
}

fn key(principal_type: u32, resource_type: u32) -> u64 {
    u64::from(principal_type) << 32 | u64::from(resource_type)
}
