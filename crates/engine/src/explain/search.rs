//! The smallest set of changes that allows: all sets of one change, then of two, then of three.

use trapkey_abi::{Clause, Entry};

use super::places::Finder;
use super::probes::{ProbeVerdict, Probes};
use super::{
    AttributeChange, Counterfactual, EXPLAIN_CHANGES_MAX, alter, candidates, decide, reach,
    with_facts,
};
use crate::snapshot::{Live, Snapshot};
use crate::{Decision, EntityStore, Request};

/// A search for one request.
pub(super) struct Search<'s> {
    // INVARIANT: `made` is at most `budget`.
    snapshot: &'s Snapshot,
    live: &'s Live,
    request: &'s Request,
    budget: u32,
    made: u32,
    decision: Decision,
}

/// The budget is used up.
struct Exhausted;

impl<'s> Search<'s> {
    /// A search that decides so many times at most.
    pub(super) fn new(
        snapshot: &'s Snapshot,
        live: &'s Live,
        request: &'s Request,
        budget: u32,
    ) -> Self {
        Self { snapshot, live, request, budget, made: 0, decision: Decision::new() }
    }

    /// Decisions that were made.
    pub(super) fn made(&self) -> u32 {
        self.made
    }

    /// Searches for what turns this deny into an allow.
    pub(super) fn run(
        &mut self,
        probes: &Probes,
        decision: &Decision,
        verdicts: &[ProbeVerdict],
    ) -> Counterfactual {
        let permits = probes.possible_permits(self.live, verdicts);
        if permits.is_empty() && !self.live.loaded().has_templates() {
            return Counterfactual::Never;
        }
        let model = self.live.loaded().model();
        let entities = self.live.entities();
        let finder = Finder { model, entities, request: self.request };
        let Ok(Some(store)) = reach::store(&finder, model, probes.clauses()) else {
            return Counterfactual::BudgetExhausted;
        };
        let against: Vec<u32> = decision
            .entries()
            .filter(|entry| entry.class.is_forbid && !entry.class.is_observed)
            .map(|entry: Entry| entry.policy)
            .collect();
        let groups: Vec<Vec<AttributeChange>> = permits
            .iter()
            .map(|permit| {
                let is_own =
                    |clause: &&Clause| clause.policy == *permit || against.contains(&clause.policy);
                let mut changes = Vec::new();
                for clause in probes.clauses().iter().filter(is_own) {
                    candidates::of(&finder, clause, &mut changes);
                }
                changes
            })
            .collect();
        let mut all: Vec<AttributeChange> = Vec::new();
        for change in groups.iter().flatten() {
            if !all.contains(change) {
                all.push(change.clone());
            }
        }
        let all = [all];
        for count in 1..=EXPLAIN_CHANGES_MAX {
            // Sets of more than one change are those of one permit and what stands against it.
            for group in if count == 1 { &all[..] } else { &groups } {
                match self.sets(&finder, group, count, (self.request, &store)) {
                    Ok(Some(changes)) => return Counterfactual::Found(changes),
                    Ok(None) => {}
                    Err(Exhausted) => return Counterfactual::BudgetExhausted,
                }
            }
        }
        Counterfactual::NoneWithin
    }

    /// Tries all sets of `count` of these changes.
    fn sets(
        &mut self,
        finder: &Finder<'_>,
        changes: &[AttributeChange],
        count: usize,
        (request, store): (&Request, &EntityStore),
    ) -> Result<Option<Vec<AttributeChange>>, Exhausted> {
        let mut rest = changes;
        while let Some((change, others)) = rest.split_first() {
            rest = others;
            let (mut changed, mut facts) = (request.clone(), store.clone());
            if !alter::apply(finder, change, &mut changed, &mut facts) {
                continue;
            }
            if count == 1 {
                if self.allows(&changed, &facts)? {
                    return Ok(Some(vec![change.clone()]));
                }
                continue;
            }
            let others: Vec<AttributeChange> = others
                .iter()
                .filter(|other| {
                    other.owner != change.owner || other.path != change.path || is_group(change)
                })
                .cloned()
                .collect();
            if let Some(mut found) = self.sets(finder, &others, count - 1, (&changed, &facts))? {
                found.insert(0, change.clone());
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Decides again.
    fn allows(&mut self, request: &Request, store: &EntityStore) -> Result<bool, Exhausted> {
        if self.made >= self.budget {
            return Err(Exhausted);
        }
        self.made += 1;
        let snapshot = with_facts(self.snapshot, self.live, store.snapshot());
        decide(&snapshot, request, &mut self.decision);
        Ok(self.decision.is_allow())
    }
}

fn is_group(change: &AttributeChange) -> bool {
    change.path.is_empty()
}
