//! Batches: the decisions on many requests.

use trapkey::Decision;

use crate::boundary::{guard, value_or};
use crate::decision::{copying, out_of_range, trapkey_decision_t, trapkey_verdict_t, verdict};
use crate::error::trapkey_error_t;
use crate::handle::{Object, give};
use crate::status::trapkey_status_t;

/// The answers to a batch, kept by the caller and used again. The caller frees it; threads may share
/// it while none decides into it.
pub struct trapkey_decisions_t {
    _opaque: (),
}

/// The decisions of the last batch.
#[derive(Default)]
pub(crate) struct Answers {
    // INVARIANT: `list` is what the last batch decided if `is_current`, else of no request.
    list: Vec<Decision>,
    is_current: bool,
}

impl Answers {
    /// Takes all decisions for void until there is another batch; their memory stays.
    pub(crate) fn clear(&mut self) {
        self.is_current = false;
    }

    /// Where the next batch is decided.
    pub(crate) fn list(&mut self) -> &mut Vec<Decision> {
        &mut self.list
    }

    pub(crate) fn seal(&mut self) {
        self.is_current = true;
    }

    fn current(&self) -> &[Decision] {
        if self.is_current { &self.list } else { &[] }
    }
}

impl Object for trapkey_decisions_t {
    type Value = Answers;
    const MAGIC: u64 = u64::from_le_bytes(*b"trkeyans");
}

/// Makes room for the decisions of batches.
///
/// Threads: any. Allocates: yes. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decisions_new(
    decisions: *mut *mut trapkey_decisions_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    guard(error, || {
        place!(decisions).put(give(Answers::default()));
        Ok(())
    })
}

/// Frees decisions. NULL is passed over.
///
/// Threads: one. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decisions_free(decisions: *mut trapkey_decisions_t) {
    free!(decisions);
}

/// How many decisions the last batch left.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decisions_len(decisions: *const trapkey_decisions_t) -> usize {
    value_or(0, || Ok(shared!(decisions).current().len()))
}

/// The verdict on one request of the last batch; deny if there is none.
///
/// Threads: any. Allocates: no. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decisions_verdict(
    decisions: *const trapkey_decisions_t,
    index: usize,
) -> trapkey_verdict_t {
    value_or(trapkey_verdict_t::TRAPKEY_VERDICT_DENY, || {
        let decided = shared!(decisions).current().get(index);
        Ok(decided.map_or(trapkey_verdict_t::TRAPKEY_VERDICT_DENY, verdict))
    })
}

/// Copies one decision of the last batch into `decision`, which is deny if that fails.
///
/// Threads: any. Allocates: for more policies than before. Blocks: no.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn trapkey_decisions_copy(
    decisions: *const trapkey_decisions_t,
    index: usize,
    decision: *mut trapkey_decision_t,
    error: *mut *mut trapkey_error_t,
) -> trapkey_status_t {
    copying(decision, error, || {
        let all = shared!(decisions).current();
        all.get(index).ok_or_else(|| out_of_range(index, all.len()))
    })
}
