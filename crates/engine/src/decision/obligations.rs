//! What a decision asks of the PEP.

use trapkey_abi::{Effect, Obligation, Policy};

use super::{Decision, Reason};
use crate::Honours;

impl Decision {
    /// Duties of the PEP from the determining policies, in the order of the policy set, each once.
    /// The PEP that cannot fulfil one of an allow must refuse.
    pub fn obligations(&self) -> impl Iterator<Item = &Obligation> {
        self.each_once(|policy| &policy.obligations)
    }

    /// What the determining policies advise the PEP to do, in the order of the policy set, each
    /// once. A PEP may pass over it.
    pub fn advice(&self) -> impl Iterator<Item = &Obligation> {
        self.each_once(|policy| &policy.advice)
    }

    /// The obligations for whose sake the reason is [`Reason::ObligationNotHonoured`], each with
    /// the satisfied permit that asks for it, by what the engine's PEP honours.
    pub fn not_honoured<'d>(
        &'d self,
        honours: &'d Honours,
    ) -> impl Iterator<Item = (&'d Policy, &'d Obligation)> {
        let is_refused = self.reason() == Reason::ObligationNotHonoured;
        let satisfied = self
            .entries()
            .filter(move |entry| is_refused && entry.error.is_none() && !entry.class.is_observed);
        satisfied
            .filter_map(|entry| self.policy(&entry))
            .filter(|policy| policy.effect == Effect::Permit)
            .flat_map(|policy| policy.obligations.iter().map(move |duty| (policy, duty)))
            .filter(|(_, duty)| !honours.includes(&duty.name))
    }

    fn each_once(
        &self,
        list: impl Fn(&Policy) -> &[Obligation] + Copy,
    ) -> impl Iterator<Item = &Obligation> {
        let all = move || self.determining().flat_map(list);
        // Few policies determine a decision: looking back costs less than a set.
        all()
            .enumerate()
            .filter(move |(index, duty)| !all().take(*index).any(|before| before == *duty))
            .map(|(_, duty)| duty)
    }
}
