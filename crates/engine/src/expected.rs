//! What the entries of a module's responses must be, in the few bytes that a decision compares.

use trapkey_abi::response::fields;
use trapkey_abi::{Effect, EvalError, ForbidErrors, Obligation, ResponseError, Semantics, Stage};
use trapkey_bundle::Contents;

use crate::Honours;
use crate::grants::is_set;

/// What a module may say of its policies.
pub(crate) struct Expected {
    policies: Box<[Claim]>,
    /// Whether an erring forbid denies.
    pub(crate) forbid_errors_deny: bool,
}

/// What entries may say of one policy.
#[derive(Clone, Copy)]
struct Claim {
    /// The policy's class, without that it can never hold.
    class: u8,
    /// Its number among the templates; absent if it is none.
    template: Option<u32>,
    /// Number of places that an error may name.
    places: u32,
    /// Whether it is a permit with an obligation that the PEP does not honour.
    is_unmet: bool,
}

/// What the entries of one response amount to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    /// A bit for each class that is satisfied.
    satisfied: u32,
    /// A bit for each class that erred.
    erred: u32,
    /// Whether a satisfied permit has an obligation that the PEP does not honour.
    is_unmet: bool,
}

impl Tally {
    /// Whether a permit counts that is satisfied.
    pub(crate) fn permits(self) -> bool {
        self.satisfied & 1 != 0
    }

    /// Whether a permit counts that is satisfied and whose obligations the PEP does not honour.
    pub(crate) fn is_unmet(self) -> bool {
        self.is_unmet
    }

    /// Whether a forbid counts that is satisfied.
    pub(crate) fn forbids(self) -> bool {
        self.satisfied & 1 << fields::CLASS_FORBID != 0
    }

    /// Whether a forbid counts that erred and might have held.
    pub(crate) fn forbid_erred(self) -> bool {
        self.erred & 1 << fields::CLASS_FORBID != 0
    }
}

impl Expected {
    pub(crate) fn of(contents: &Contents, honours: &Honours) -> Self {
        let semantics = contents.manifest().semantics;
        let mut templates = 0..;
        let claims = contents.policies().iter().map(|policy| {
            let forbid = u8::from(policy.effect == Effect::Forbid);
            let observed = u8::from(semantics.stages && policy.stage == Stage::Observe);
            let class = forbid | observed << 1;
            let template = policy.template.as_ref().and_then(|_| templates.next());
            let places = u32::try_from(policy.places.len()).unwrap_or(u32::MAX);
            // A class of 0 is a permit that counts; to Cedar annotations mean nothing.
            let honoured = |duty: &Obligation| honours.includes(&duty.name);
            let is_met = class != 0
                || semantics == Semantics::CEDAR
                || policy.obligations.iter().all(honoured);
            Claim { class, template, places, is_unmet: !is_met }
        });
        let forbid_errors_deny = semantics.forbid_errors == ForbidErrors::Deny;
        Self { policies: claims.collect(), forbid_errors_deny }
    }

    /// Adds an entry to what its response amounts to, unless it contradicts its policy, or is of a
    /// template that no grant brought in: `granted` has a bit for each that one did.
    pub(crate) fn add(
        &self,
        entry: u64,
        granted: &[u64],
        tally: &mut Tally,
    ) -> Result<(), ResponseError> {
        const NEVER: u8 = 4;
        let [p0, p1, p2, p3, class, error, place @ ..] = entry.to_le_bytes();
        let policy = usize::try_from(u32::from_le_bytes([p0, p1, p2, p3])).ok();
        let claim = policy.and_then(|policy| self.policies.get(policy));
        let claim = claim.ok_or(ResponseError::Undefined)?;
        if claim.template.is_some_and(|template| !is_set(granted, template)) {
            return Err(ResponseError::Undefined);
        }
        if class & !NEVER != claim.class {
            return Err(ResponseError::Inconsistent);
        }
        if error == 0 {
            if class & NEVER != 0 {
                return Err(ResponseError::Inconsistent);
            }
            tally.satisfied |= 1 << class;
            tally.is_unmet |= claim.is_unmet;
            return Ok(());
        }
        if EvalError::from_code(error).is_none()
            || u32::from(u16::from_le_bytes(place)) >= claim.places
        {
            return Err(ResponseError::Undefined);
        }
        tally.erred |= 1 << class;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_the_bits_of_the_contract() {
        assert_eq!((fields::CLASS_FORBID, fields::CLASS_OBSERVED, fields::CLASS_NEVER), (1, 2, 4));
    }
}
