//! Errors that each policy may still meet at run time, over all request environments.

use std::collections::{BTreeMap, BTreeSet};

use trapkey_abi::{EvalError, Fault};

use crate::ir::{Expr, Failure, Place};

/// Errors by policy.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    policies: BTreeMap<usize, BTreeMap<Failure, Occurrence>>,
}

#[derive(Debug, Default)]
struct Occurrence {
    entity_types: BTreeSet<String>,
    actions: BTreeSet<u32>,
}

impl Faults {
    /// Notes the checks that a policy's condition kept for an action; `missing` has the types of
    /// the entities at each place.
    pub(crate) fn add(
        &mut self,
        policy: usize,
        action: u32,
        condition: &Expr,
        missing: &BTreeMap<Place, BTreeSet<String>>,
    ) {
        let mut failures = BTreeSet::new();
        condition.failures(&mut failures);
        if failures.is_empty() {
            return;
        }
        let known = self.policies.entry(policy).or_default();
        for failure in failures {
            let occurrence = known.entry(failure).or_default();
            occurrence.actions.insert(action);
            if failure.error == EvalError::EntityMissing {
                let types = missing.get(&failure.place).into_iter().flatten().cloned();
                occurrence.entity_types.extend(types);
            }
        }
    }

    /// The errors of one policy, by kind and place.
    pub(crate) fn take(&mut self, policy: usize) -> Vec<Fault> {
        let known = self.policies.remove(&policy).unwrap_or_default();
        let fault = |(Failure { error, place }, occurrence): (Failure, Occurrence)| Fault {
            error,
            place,
            entity_types: occurrence.entity_types.into_iter().collect(),
            actions: occurrence.actions.into_iter().collect(),
        };
        known.into_iter().map(fault).collect()
    }
}
