//! What the requester may know of an explanation.

use super::{AttributeOwner, Counterfactual, Explanation};
use crate::{Generation, Request, Verdict};

/// An explanation for the requester: the verdict, the publication, and the names of the
/// requester's own attributes that would have to be others.
///
/// It has no policy, no source, no value, and nothing of other entities than the principal. If any
/// change that would allow is not the requester's own, none is named: a part would say something of
/// the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedactedExplanation {
    /// The verdict.
    pub verdict: Verdict,
    /// The publication that decided.
    pub generation: Generation,
    /// What the requester could change; empty if nothing of it alone would allow.
    pub own: Vec<OwnAttribute>,
}

/// An attribute of the requester, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnAttribute {
    /// An attribute of the request's context, by the names that lead to it.
    Context(Vec<String>),
    /// An attribute of the principal.
    Principal(Vec<String>),
    /// The groups of the principal.
    Groups,
}

impl Explanation {
    /// The explanation of `request`, as its requester may see it.
    pub fn redacted(&self, request: &Request) -> RedactedExplanation {
        let principal = request.principal().handle();
        let own = match &self.counterfactual {
            Counterfactual::Found(changes) => {
                let own = changes.iter().map(|change| match &change.owner {
                    AttributeOwner::Context => Some(OwnAttribute::Context(change.path.clone())),
                    AttributeOwner::Entity(uid) if uid.handle() != principal => None,
                    AttributeOwner::Entity(_) if change.path.is_empty() => {
                        Some(OwnAttribute::Groups)
                    }
                    AttributeOwner::Entity(_) => Some(OwnAttribute::Principal(change.path.clone())),
                });
                own.collect::<Option<Vec<_>>>().unwrap_or_default()
            }
            Counterfactual::Allowed
            | Counterfactual::NoneWithin
            | Counterfactual::BudgetExhausted
            | Counterfactual::Never => Vec::new(),
        };
        let (verdict, generation) = (self.decision.verdict(), self.decision.generation());
        RedactedExplanation { verdict, generation, own }
    }
}
