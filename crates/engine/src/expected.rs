//! What the entries of a module's responses must be, in the few bytes that a decision compares.

use trapkey_abi::{Effect, Entry, ForbidErrors, ResponseError, Stage};
use trapkey_bundle::Contents;

/// What a module may say of its policies.
pub(crate) struct Expected {
    policies: Box<[Claim]>,
    /// Whether an erring forbid denies.
    pub(crate) forbid_errors_deny: bool,
}

/// What entries may say of one policy.
#[derive(Clone, Copy)]
struct Claim {
    /// Templates decide only through their links.
    is_template: bool,
    is_forbid: bool,
    is_observed: bool,
    places: u32,
}

impl Expected {
    pub(crate) fn of(contents: &Contents) -> Self {
        let semantics = contents.manifest().semantics;
        let claims = contents.policies().iter().map(|policy| Claim {
            is_template: policy.is_template,
            is_forbid: policy.effect == Effect::Forbid,
            is_observed: semantics.stages && policy.stage == Stage::Observe,
            places: u32::try_from(policy.places.len()).unwrap_or(u32::MAX),
        });
        let forbid_errors_deny = semantics.forbid_errors == ForbidErrors::Deny;
        Self { policies: claims.collect(), forbid_errors_deny }
    }

    /// Refuses an entry that contradicts its policy.
    pub(crate) fn check(&self, entry: &Entry) -> Result<(), ResponseError> {
        let claim = usize::try_from(entry.policy).ok().and_then(|index| self.policies.get(index));
        let claim = claim.filter(|claim| !claim.is_template).ok_or(ResponseError::Undefined)?;
        let class = entry.class;
        if class.is_forbid != claim.is_forbid || class.is_observed != claim.is_observed {
            return Err(ResponseError::Inconsistent);
        }
        match entry.error {
            Some((_, place)) if u32::from(place) >= claim.places => Err(ResponseError::Undefined),
            None if class.is_never => Err(ResponseError::Inconsistent),
            Some(_) | None => Ok(()),
        }
    }
}
