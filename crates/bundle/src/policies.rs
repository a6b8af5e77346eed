//! Checks the policies' descriptions: ids, spans, places.

use std::collections::BTreeSet;

use trapkey_abi::{Fault, Policy, Schema, Span, Template};

/// Places that entries of responses can name: their field has 16 bits.
pub const PLACES_MAX: usize = 1 << 16;

/// Why the policies of a module were refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PoliciesError {
    /// Two policies have one Cedar id.
    #[error("the id `{cedar_id}` belongs to two policies")]
    Repeated {
        /// The id.
        cedar_id: String,
    },
    /// A span ends before it starts.
    #[error("policy `{cedar_id}` has a span from {} to {}", span.start, span.end)]
    Span {
        /// Cedar's id of the policy.
        cedar_id: String,
        /// The span.
        span: Span,
    },
    /// A policy has more places than an entry can name.
    #[error("policy `{cedar_id}` has {len} places, the limit is {PLACES_MAX}")]
    Places {
        /// Cedar's id of the policy.
        cedar_id: String,
        /// Number of places.
        len: usize,
    },
    /// A possible error names a place or an action that is not there.
    #[error(
        "policy `{cedar_id}` may err at a place or for an action that is not there: place {place}"
    )]
    Fault {
        /// Cedar's id of the policy.
        cedar_id: String,
        /// Index of the place.
        place: u16,
    },
    /// A template has a slot for a type of entities that is not there, or grants of it could last
    /// no time.
    #[error("template `{cedar_id}` has a slot or a longest grant that nothing can have")]
    Template {
        /// Cedar's id of the template.
        cedar_id: String,
    },
}

/// Checks each policy on its own, against the schema, and that no two share an id.
pub(crate) fn check(policies: &[Policy], schema: &Schema) -> Result<(), PoliciesError> {
    let actions = schema.actions.len();
    let mut ids = BTreeSet::new();
    for policy in policies {
        let cedar_id = || policy.cedar_id.clone();
        if !ids.insert(policy.cedar_id.as_str()) {
            return Err(PoliciesError::Repeated { cedar_id: cedar_id() });
        }
        if policy.places.len() > PLACES_MAX {
            return Err(PoliciesError::Places { cedar_id: cedar_id(), len: policy.places.len() });
        }
        let mut spans = policy.places.iter().chain([&policy.span]);
        if let Some(span) = spans.find(|span| span.start > span.end) {
            return Err(PoliciesError::Span { cedar_id: cedar_id(), span: *span });
        }
        let is_known = |action: &u32| usize::try_from(*action).is_ok_and(|action| action < actions);
        let fits = |fault: &&Fault| {
            usize::from(fault.place) < policy.places.len() && fault.actions.iter().all(is_known)
        };
        if let Some(fault) = policy.faults.iter().find(|fault| !fits(fault)) {
            return Err(PoliciesError::Fault { cedar_id: cedar_id(), place: fault.place });
        }
        if policy.template.as_ref().is_some_and(|template| !is_usable(template, schema)) {
            return Err(PoliciesError::Template { cedar_id: cedar_id() });
        }
    }
    Ok(())
}

/// Whether the template's slots are for types of the schema, and grants of it can last.
fn is_usable(template: &Template, schema: &Schema) -> bool {
    let slots = [&template.principal, &template.resource];
    let types =
        slots.into_iter().flatten().flat_map(|slot| slot.is.iter().chain(&slot.entity_types));
    template.break_glass.is_none_or(|longest| longest > 0)
        && types.into_iter().all(|name| schema.entity_type(name).is_some())
}
