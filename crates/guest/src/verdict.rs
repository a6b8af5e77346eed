//! What the policies answer, and no more of it than follows from what they list.

use trapkey_abi::response::fields;
use trapkey_abi::{EncodeRequest, Reason, Response};

use crate::deny::Deny;
use crate::host::Host;
use crate::image::Image;
use crate::plan::Plan;
use crate::question::{Asked, Entity};

/// An allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// The policies that brought it about.
    pub(crate) policies: Vec<u32>,
    /// The first instant, in milliseconds since 1970-01-01T00:00:00Z, at which it may no longer hold.
    pub(crate) until: Option<i64>,
}

/// Asks the policies. A request that no policy is about is denied like any other that none permits.
pub(crate) fn decide<H: Host>(
    plan: &Plan,
    image: &Image<'_>,
    host: &mut H,
    action: u32,
    asked: &Asked,
) -> Result<Allowed, Deny> {
    let Asked { principal, resource, context, now } = asked;
    let of = |entity: &Entity| entity.entity_type;
    let environment = plan.gather.environment(action, of(principal), of(resource));
    let Some(environment) = environment else {
        return Err(Deny::Decided(Reason::UnknownEnvironment, Vec::new()));
    };
    let request = EncodeRequest {
        environment,
        principal: principal.handle,
        resource: resource.handle,
        context: context.bytes(),
        now: *now,
        grants: &[],
    };
    let mut frame = |out: &mut [u8]| trapkey_abi::encode(&plan.gather, &request, image, out);
    let response = host.decide(&plan.memory, &mut frame)?;
    let (reason, policies, remaining) = read(response, plan.policies.len())?;
    if reason != Reason::Permitted {
        return Err(Deny::Decided(reason, policies));
    }
    let note = |policy: &u32| usize::try_from(*policy).ok().and_then(|at| plan.policies.get(at));
    if policies.iter().filter_map(note).any(|note| note.is_unhonoured) {
        return Err(Deny::Unhonoured(policies));
    }
    Ok(Allowed { policies, until: until(*now, remaining)? })
}

/// When an answer ends that lasts so many milliseconds.
fn until(now: Option<i64>, remaining: u64) -> Result<Option<i64>, Deny> {
    if remaining == fields::NEVER_ENDS {
        return Ok(None);
    }
    // Its end is excluded, but it holds at its own instant.
    let now = now.ok_or(Deny::Failed)?;
    let after = remaining.max(1);
    Ok(Some(now.saturating_add(i64::try_from(after).unwrap_or(i64::MAX))))
}

/// The reason, if it follows from the entries, the policies that brought it about, and for how long it holds.
fn read(bytes: &[u8], policies: usize) -> Result<(Reason, Vec<u32>, u64), Deny> {
    let response = Response::read(bytes).map_err(|_| Deny::Failed)?;
    let (mut permits, mut forbids, mut erring) = (Vec::new(), Vec::new(), Vec::new());
    for entry in response.entries() {
        let entry = entry.map_err(|_| Deny::Failed)?;
        if !usize::try_from(entry.policy).is_ok_and(|policy| policy < policies) {
            return Err(Deny::Failed);
        }
        let is_erring = entry.error.is_some();
        if entry.class.is_observed {
            continue;
        }
        match (entry.class.is_forbid, is_erring) {
            (false, false) => permits.push(entry.policy),
            (true, false) => forbids.push(entry.policy),
            (true, true) => erring.push(entry.policy),
            (false, true) => {}
        }
    }
    let (follows, determining) = match response.reason() {
        Reason::Permitted => (!permits.is_empty() && forbids.is_empty(), permits),
        Reason::Forbidden => (!forbids.is_empty(), forbids),
        Reason::NotPermitted => (permits.is_empty() && forbids.is_empty(), Vec::new()),
        Reason::ForbidErred => (!erring.is_empty() && forbids.is_empty(), erring),
        Reason::UnknownEnvironment => (true, Vec::new()),
    };
    if follows {
        Ok((response.reason(), determining, response.remaining()))
    } else {
        Err(Deny::Failed)
    }
}
