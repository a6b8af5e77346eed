//! Reads a response into a decision, and believes none of it that the policies contradict.

use trapkey_abi::response::Reason as Stated;
use trapkey_abi::{Entry, Response, ResponseError};

use super::{DecideError, Decision, Reason};
use crate::expected::Expected;

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
    pub(crate) fn read(&mut self, bytes: &[u8], expected: &Expected) -> Result<(), DecideError> {
        let response = Response::read(bytes).map_err(DecideError::Response)?;
        let mut tally = Tally::default();
        for entry in response.entries() {
            let entry = entry.map_err(DecideError::Response)?;
            expected.check(&entry).map_err(DecideError::Response)?;
            tally.add(&entry);
            self.entries.push(entry);
        }
        if !self.entries.is_sorted_by(|a, b| a.policy < b.policy) {
            self.entries.sort_unstable_by_key(|entry| entry.policy);
            if !self.entries.is_sorted_by(|a, b| a.policy < b.policy) {
                return Err(DecideError::Response(ResponseError::Undefined));
            }
        }
        self.reason = tally.reason(response.reason(), expected.forbid_errors_deny)?;
        Ok(())
    }
}

impl Tally {
    fn add(&mut self, entry: &Entry) {
        let class = entry.class;
        if class.is_observed {
            return;
        }
        if entry.error.is_some() {
            self.forbid_erred |= class.is_forbid && !class.is_never;
        } else {
            self.forbids |= class.is_forbid;
            self.permits |= !class.is_forbid;
        }
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
