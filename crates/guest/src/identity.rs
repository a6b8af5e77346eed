//! Who asks: the principal, by the peer's certificate or by a header.

mod forwarded;
mod spiffe;

use std::borrow::Cow;

use crate::deny::Deny;
use crate::facts::{Facts, Who};
use crate::host::Host;
use crate::plan::{Identity, TEXT_BYTES_MAX, UriList};
use crate::target::parameters;
use spiffe::SpiffeId;

/// A principal by its type and id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal<'i, 'h> {
    pub(crate) entity_type: &'i str,
    pub(crate) id: String,
    /// The SPIFFE id, or the value of the header.
    pub(crate) whole: Cow<'h, str>,
    /// Whether a header says it, and no certificate.
    pub(crate) is_by_header: bool,
}

/// Finds the principal. A certificate that is wrong is nobody's; headers are for one that no rule fits, or for none.
pub(crate) fn find<'i, 'h, H: Host>(
    identity: &'i Identity,
    facts: &mut Facts<'_, 'h, H>,
) -> Result<Principal<'i, 'h>, Deny> {
    if !identity.spiffe.is_empty()
        && let Some(whole) = certificate(identity, facts)?
    {
        let id = SpiffeId::read(&whole).ok_or(Deny::NoIdentity)?;
        for rule in identity.spiffe.iter().filter(|rule| rule.trust_domain == id.trust_domain) {
            if let Some(parameters) = parameters(&rule.path, &id.segments) {
                let who = Who { parameters: &parameters, whole: id.whole };
                let (id, entity_type) =
                    (not_empty(facts.text(&rule.id, &who)?)?, &rule.entity_type);
                return Ok(Principal { entity_type, id, whole, is_by_header: false });
            }
        }
        if !identity.spiffe.iter().any(|rule| rule.trust_domain == id.trust_domain) {
            return Err(Deny::NoIdentity);
        }
    }
    for rule in &identity.headers {
        if let Some(value) = facts.header(&rule.name)?.filter(|value| !value.is_empty()) {
            let who = Who { parameters: &[], whole: value };
            let (id, entity_type) = (not_empty(facts.text(&rule.id, &who)?)?, &rule.entity_type);
            return Ok(Principal { entity_type, id, whole: value.into(), is_by_header: true });
        }
    }
    Err(Deny::NoIdentity)
}

fn not_empty(id: Option<String>) -> Result<String, Deny> {
    id.filter(|id| !id.is_empty()).ok_or(Deny::NoIdentity)
}

/// Connections that are remembered at most.
const KNOWN_MAX: usize = 512;

/// The URIs of validated certificates by the connections that they came with: one call says which connection a request
/// is of, where two ask for the certificate, which does not change. Connections share places by their numbers, so that
/// it does not grow.
#[derive(Debug, Default)]
pub(crate) struct Known {
    places: Vec<Option<(u64, String)>>,
}

impl Known {
    fn place(id: u64) -> usize {
        usize::try_from(id).unwrap_or_default() % KNOWN_MAX
    }

    fn get(&self, id: u64) -> Option<&str> {
        let (own, uris) = self.places.get(Self::place(id))?.as_ref()?;
        (*own == id).then_some(uris)
    }

    fn put(&mut self, id: u64, uris: &str) {
        if self.places.is_empty() {
            self.places.resize(KNOWN_MAX, None);
        }
        let place = self.places.get_mut(Self::place(id));
        if let Some(place) = place.filter(|_| uris.len() <= TEXT_BYTES_MAX) {
            *place = Some((id, uris.to_owned()));
        }
    }
}

/// The one URI of the peer's certificate, which the proxy has validated; absent if there is no certificate.
fn certificate<'h, H: Host>(
    identity: &Identity,
    facts: &mut Facts<'_, 'h, H>,
) -> Result<Option<Cow<'h, str>>, Deny> {
    match &identity.uris {
        UriList::Forwarded => {
            let Some(list) = facts.header("x-forwarded-client-cert")? else { return Ok(None) };
            let uri = forwarded::only_uri(list).ok_or(Deny::NoIdentity)?;
            is_valid(facts.host)?;
            Ok(Some(Cow::Borrowed(uri)))
        }
        UriList::FilterState(key) => Ok(filter_state(key, facts)?.map(Cow::Owned)),
    }
}

/// The URIs that are listed in filter state: one alone is a SPIFFE id.
fn filter_state<H: Host>(key: &str, facts: &mut Facts<'_, '_, H>) -> Result<Option<String>, Deny> {
    let id = match facts.known {
        Some(_) => facts.host.property(&["connection_id"])?,
        None => None,
    };
    let id = id.and_then(|id| id.try_into().ok()).map(u64::from_le_bytes);
    if let (Some(id), Some(known)) = (id, &facts.known)
        && let Some(uris) = known.get(id)
    {
        return Ok(Some(uris.to_owned()));
    }
    let uris = match facts.property(&["filter_state", key])? {
        // The second is what a proxy writes for an empty list.
        None => return Ok(None),
        Some(uris) if uris.is_empty() || uris == "-" => return Ok(None),
        Some(uris) => uris,
    };
    is_valid(facts.host)?;
    if let (Some(id), Some(known)) = (id, &mut facts.known) {
        known.put(id, &uris);
    }
    Ok(Some(uris))
}

/// Whether the proxy has validated the peer's certificate.
pub(crate) fn is_valid<H: Host>(host: &mut H) -> Result<(), Deny> {
    match host.property(&["connection", "peer_certificate_valid"])?.as_deref() {
        Some([1]) => Ok(()),
        Some(_) | None => Err(Deny::NoIdentity),
    }
}
