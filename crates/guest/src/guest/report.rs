//! What is told of decisions: texts for access logs, and counters.

use crate::deny::Deny;
use crate::host::{Failed, Host};
use crate::plan::Plan;

/// Bytes of the names of policies in one text at most.
const POLICIES_BYTES_MAX: usize = 512;

/// Digits of the bundle's digest in texts.
const DIGEST_DIGITS: usize = 16;

/// What counters count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Allowed,
    Denied,
    WouldDeny,
    Failed,
}

/// Counters, kept here so that no call is paid for each request.
#[derive(Debug, Default)]
pub(super) struct Counts {
    counters: Vec<Counter>,
}

#[derive(Debug)]
struct Counter {
    counted: Counted,
    id: u32,
    untold: i64,
}

impl Counts {
    /// Makes the counters.
    pub(super) fn define<H: Host>(&mut self, host: &mut H) -> Result<(), Failed> {
        let names = [
            (Counted::Allowed, "trapkey.allowed"),
            (Counted::Denied, "trapkey.denied"),
            (Counted::WouldDeny, "trapkey.would_deny"),
            (Counted::Failed, "trapkey.failed"),
        ];
        self.counters.clear();
        for (counted, name) in names {
            self.counters.push(Counter { counted, id: host.counter(name)?, untold: 0 });
        }
        Ok(())
    }

    /// Counts a decision.
    pub(super) fn add(&mut self, counted: Counted) {
        let counters = self.counters.iter_mut();
        for counter in counters.filter(|counter| counter.counted == counted) {
            counter.untold += 1;
        }
    }

    /// Tells the proxy; what it does not take is told the next time.
    pub(super) fn tell<H: Host>(&mut self, host: &mut H) {
        for counter in self.counters.iter_mut().filter(|counter| counter.untold != 0) {
            if host.count(counter.id, counter.untold).is_ok() {
                counter.untold = 0;
            }
        }
    }
}

/// The text of a deny that is enforced, or only observed.
pub(super) fn denied(plan: &Plan, deny: &Deny, is_observed: bool) -> String {
    let kind = if is_observed { "trapkey_would_deny" } else { "trapkey_denied" };
    let (reason, part) = deny.reason();
    let colon = if part.is_empty() { "" } else { ":" };
    text(plan, kind, &format!("{reason}{colon}{part}"), deny.policies())
}

/// The text of an allow.
pub(super) fn allowed(plan: &Plan, policies: &[u32]) -> String {
    text(plan, "trapkey_allowed", "permitted", policies)
}

fn text(plan: &Plan, kind: &str, reason: &str, policies: &[u32]) -> String {
    let mut names = String::new();
    for policy in policies {
        let note = usize::try_from(*policy).ok().and_then(|index| plan.policies.get(index));
        let Some(note) = note else { continue };
        if names.len() + note.id.len() + 1 > POLICIES_BYTES_MAX {
            names.push_str(if names.is_empty() { "..." } else { "|..." });
            break;
        }
        if !names.is_empty() {
            names.push('|');
        }
        push(&mut names, &note.id);
    }
    let digest = plan.digest.get(..DIGEST_DIGITS).unwrap_or(&plan.digest);
    let mut text = String::with_capacity(80 + reason.len() + names.len());
    for part in [kind, "{reason=", reason, ",policies=", &names, ",bundle="] {
        text.push_str(part);
    }
    push(&mut text, digest);
    text.push('}');
    text
}

/// Adds a text; what would separate something becomes `_`.
fn push(text: &mut String, part: &str) {
    if part.chars().all(|character| plain(character) == character) {
        text.push_str(part);
    } else {
        text.extend(part.chars().map(plain));
    }
}

/// A character that separates nothing in these texts nor in logs.
fn plain(character: char) -> char {
    match character {
        '.' | '_' | ':' | '/' | '-' => character,
        _ if character.is_ascii_alphanumeric() => character,
        _ => '_',
    }
}
