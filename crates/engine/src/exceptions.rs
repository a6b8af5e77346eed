//! Exceptions as objects: everything that stands for a time only, with who answers for it.

use trapkey_abi::{Effect, sort_compactly};

use crate::{Datetime, Engine};

/// A policy with an `@expires`, or a grant: something that is meant to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyException {
    /// Id of the policy or the grant.
    pub id: String,
    /// What it is.
    pub kind: ExceptionKind,
    /// Who answers for it: the policy's `@owner`, or who requested the grant.
    pub owner: Option<String>,
    /// Why it is there: the policy's `@why`, or the grant's reason.
    pub reason: Option<String>,
    /// What it refers to in another process: the policy's `@ticket`, or the grant's.
    pub reference: Option<String>,
    /// When it is to be reviewed: the policy's `@review`, as it is written there.
    pub review: Option<String>,
    /// The first instant at which it is over.
    pub expires: Datetime,
    /// Whether it is over: a permit or a grant no longer permits; a forbid goes on forbidding.
    pub is_over: bool,
}

/// What an exception is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExceptionKind {
    /// A policy of the published bundle.
    Policy(Effect),
    /// A grant that is held.
    Grant,
}

impl Engine {
    /// All exceptions at `now`: the policies of the published bundle that have an `@expires`, and the
    /// grants that are held. The one whose end is longest past, or next, comes first.
    pub fn exceptions(&self, now: Datetime) -> Vec<PolicyException> {
        let contents = self.contents();
        let policies = contents.as_ref().map(|contents| contents.policies()).unwrap_or_default();
        let mut exceptions: Vec<PolicyException> = Vec::new();
        for policy in policies {
            let Some(expires) = policy.expires.map(Datetime) else { continue };
            let annotation = |name: &str| policy.annotations.get(name).cloned();
            exceptions.push(PolicyException {
                id: policy.id.clone(),
                kind: ExceptionKind::Policy(policy.effect),
                owner: annotation("owner"),
                reason: annotation("why"),
                reference: annotation("ticket"),
                review: annotation("review"),
                expires,
                is_over: expires <= now,
            });
        }
        exceptions.extend(self.grants().into_iter().map(|held| {
            let grant = held.grant().clone();
            PolicyException {
                id: grant.id,
                kind: ExceptionKind::Grant,
                owner: Some(grant.requester.to_string()),
                reason: grant.reason,
                reference: grant.ticket,
                review: None,
                expires: grant.expires,
                is_over: grant.expires <= now,
            }
        }));
        sort_compactly(&mut exceptions, |a, b| (a.expires, &a.id).cmp(&(b.expires, &b.id)));
        exceptions
    }
}
