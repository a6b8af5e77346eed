//! Reads a response into a decision, and believes none of it that the policies contradict.

use trapkey_abi::response::Reason as Stated;
use trapkey_abi::{Response, ResponseError};

use super::{DecideError, Decision, Reason};
use crate::expected::{Expected, Tally};

impl Decision {
    /// Ends a decision with the response at the start of `bytes`.
    ///
    /// The entries must be policies of the module, each once, with the effects and stages that
    /// the bundle gives them, and the stated reason must follow from them. Templates must be among
    /// those that `granted` has a bit for.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        expected: &Expected,
        granted: &[u64],
    ) -> Result<(), DecideError> {
        let response = Response::read(bytes).map_err(DecideError::Response)?;
        let mut tally = Tally::default();
        let mut ascends = true;
        let mut before = None;
        for entry in response.words() {
            expected.add(entry, granted, &mut tally).map_err(DecideError::Response)?;
            let policy = Some(policy(entry));
            ascends &= before < policy;
            before = policy;
            self.entries.push(entry);
        }
        if !ascends {
            self.sort()?;
        }
        self.remaining = response.remaining();
        if !self.found.is_empty() {
            self.end_with_grants(granted);
        }
        self.reason = reason(tally, response.reason(), expected.forbid_errors_deny)?;
        if tally.is_unmet() && self.reason == Reason::Permitted {
            self.reason = Reason::ObligationNotHonoured;
        }
        Ok(())
    }

    /// Sorts the entries, and refuses a policy that has two.
    #[cold]
    fn sort(&mut self) -> Result<(), DecideError> {
        self.entries.sort_unstable_by_key(|entry| policy(*entry));
        if self.entries.is_sorted_by(|a, b| policy(*a) < policy(*b)) {
            Ok(())
        } else {
            Err(DecideError::Response(ResponseError::Undefined))
        }
    }
}

/// The low half of an entry is its policy.
fn policy(entry: u64) -> u32 {
    let [p0, p1, p2, p3, ..] = entry.to_le_bytes();
    u32::from_le_bytes([p0, p1, p2, p3])
}

/// The stated reason, if it follows from the entries.
fn reason(tally: Tally, stated: Stated, forbid_errors_deny: bool) -> Result<Reason, DecideError> {
    let (permits, forbids) = (tally.permits(), tally.forbids());
    let erred = tally.forbid_erred() && forbid_errors_deny;
    let (reason, follows) = match stated {
        Stated::Permitted => (Reason::Permitted, permits && !forbids && !erred),
        Stated::Forbidden => (Reason::Forbidden, forbids),
        Stated::NotPermitted => (Reason::NotPermitted, !permits && !forbids),
        Stated::ForbidErred => (Reason::ForbidErred, erred && !forbids),
        Stated::UnknownEnvironment => return Err(DecideError::NoEnvironment),
    };
    if follows { Ok(reason) } else { Err(DecideError::Response(ResponseError::Inconsistent)) }
}
