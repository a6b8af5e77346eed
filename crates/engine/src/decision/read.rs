//! Reads a response into a decision, and believes none of it that the policies contradict.

use trapkey_abi::response::Reason as Stated;
use trapkey_abi::{Effect, Entry, ForbidErrors, Response, ResponseError};
use trapkey_bundle::Contents;

use super::{DecideError, Decision, Reason, is_observed};

/// What the entries of a response amount to.
#[derive(Default)]
struct Tally {
    permits: bool,
    forbids: bool,
    forbid_erred: bool,
}

impl Decision {
    /// Ends a decision with the response at the start of `bytes`.
    ///
    /// The entries must be policies of the module, each once, with the effects and stages that
    /// the bundle gives them, and the stated reason must follow from them.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<(), DecideError> {
        let response = Response::read(bytes).map_err(DecideError::Response)?;
        let Some(contents) = &self.contents else {
            return Err(DecideError::NothingPublished);
        };
        let mut tally = Tally::default();
        for entry in response.entries() {
            let entry = entry.map_err(DecideError::Response)?;
            tally.add(&entry, contents).map_err(DecideError::Response)?;
            self.entries.push(entry);
        }
        if !self.entries.is_sorted_by(|a, b| a.policy < b.policy) {
            self.entries.sort_unstable_by_key(|entry| entry.policy);
            if !self.entries.is_sorted_by(|a, b| a.policy < b.policy) {
                return Err(DecideError::Response(ResponseError::Undefined));
            }
        }
        let denies = contents.manifest().semantics.forbid_errors == ForbidErrors::Deny;
        self.reason = tally.reason(response.reason(), denies)?;
        Ok(())
    }
}

impl Tally {
    fn add(&mut self, entry: &Entry, contents: &Contents) -> Result<(), ResponseError> {
        let index = usize::try_from(entry.policy).map_err(|_| ResponseError::Undefined)?;
        // A template decides only through its links.
        let policy = contents.policies().get(index).filter(|policy| !policy.is_template);
        let policy = policy.ok_or(ResponseError::Undefined)?;
        let is_forbid = policy.effect == Effect::Forbid;
        let class = entry.class;
        if class.is_forbid != is_forbid || class.is_observed != is_observed(policy, contents) {
            return Err(ResponseError::Inconsistent);
        }
        match entry.error {
            Some((_, place)) if usize::from(place) >= policy.places.len() => {
                return Err(ResponseError::Undefined);
            }
            None if class.is_never => return Err(ResponseError::Inconsistent),
            Some(_) | None if class.is_observed => {}
            Some(_) => self.forbid_erred |= is_forbid && !class.is_never,
            None => {
                self.forbids |= is_forbid;
                self.permits |= !is_forbid;
            }
        }
        Ok(())
    }

    /// The stated reason, if it follows from the entries.
    fn reason(&self, stated: Stated, forbid_errors_deny: bool) -> Result<Reason, DecideError> {
        let erred = self.forbid_erred && forbid_errors_deny;
        let (reason, follows) = match stated {
            Stated::Permitted => (Reason::Permitted, self.permits && !self.forbids && !erred),
            Stated::Forbidden => (Reason::Forbidden, self.forbids),
            Stated::NotPermitted => (Reason::NotPermitted, !self.permits && !self.forbids),
            Stated::ForbidErred => (Reason::ForbidErred, erred && !self.forbids),
            Stated::UnknownEnvironment => return Err(DecideError::NoEnvironment),
        };
        if follows { Ok(reason) } else { Err(DecideError::Response(ResponseError::Inconsistent)) }
    }
}
