//! Who asks: the principal, by the peer's certificate or by a header.

mod forwarded;
mod spiffe;

use crate::deny::Deny;
use crate::facts::{Facts, Who};
use crate::host::Host;
use crate::plan::{Identity, Piece, UriList};
use crate::target::parameters;
use spiffe::SpiffeId;

/// A principal by its type and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    pub(crate) entity_type: String,
    pub(crate) id: String,
    /// The SPIFFE id, or the value of the header.
    pub(crate) whole: String,
    /// Whether a header says it, and no certificate.
    pub(crate) is_by_header: bool,
}

/// Finds the principal. A certificate that is there has to be right, whatever headers say.
pub(crate) fn find<H: Host>(
    identity: &Identity,
    facts: &mut Facts<'_, '_, H>,
) -> Result<Principal, Deny> {
    if !identity.spiffe.is_empty()
        && let Some(id) = certificate(identity, facts)?
    {
        let id = SpiffeId::read(&id).ok_or(Deny::NoIdentity)?;
        for rule in identity.spiffe.iter().filter(|rule| rule.trust_domain == id.trust_domain) {
            if let Some(parameters) = parameters(&rule.path, &id.segments) {
                let who = Who { parameters: &parameters, whole: id.whole };
                return principal(&rule.entity_type, &rule.id, who, facts, false);
            }
        }
        if !identity.spiffe.iter().any(|rule| rule.trust_domain == id.trust_domain) {
            return Err(Deny::NoIdentity);
        }
    }
    for rule in &identity.headers {
        if let Some(value) = facts.header(&rule.name)?.filter(|value| !value.is_empty()) {
            let who = Who { parameters: &[], whole: value };
            return principal(&rule.entity_type, &rule.id, who, facts, true);
        }
    }
    Err(Deny::NoIdentity)
}

fn principal<H: Host>(
    entity_type: &str,
    id: &[Piece],
    who: Who<'_>,
    facts: &mut Facts<'_, '_, H>,
    is_by_header: bool,
) -> Result<Principal, Deny> {
    let id = facts.text(id, &who)?.filter(|id| !id.is_empty()).ok_or(Deny::NoIdentity)?;
    let (entity_type, whole) = (entity_type.to_owned(), who.whole.to_owned());
    Ok(Principal { entity_type, id, whole, is_by_header })
}

/// The one URI of the peer's certificate, which the proxy has validated; absent if there is no certificate.
fn certificate<H: Host>(
    identity: &Identity,
    facts: &mut Facts<'_, '_, H>,
) -> Result<Option<String>, Deny> {
    let uri = match &identity.uris {
        UriList::Forwarded => match facts.header("x-forwarded-client-cert")? {
            None => return Ok(None),
            Some(list) => forwarded::only_uri(list).ok_or(Deny::NoIdentity)?.to_owned(),
        },
        UriList::FilterState(key) => match facts.property(&["filter_state", key])? {
            None => return Ok(None),
            // What a proxy writes for an empty list.
            Some(list) if list.is_empty() || list == "-" => return Ok(None),
            Some(list) => list,
        },
    };
    match facts.host.property(&["connection", "peer_certificate_valid"])?.as_deref() {
        Some([1]) => Ok(Some(uri)),
        Some(_) | None => Err(Deny::NoIdentity),
    }
}
