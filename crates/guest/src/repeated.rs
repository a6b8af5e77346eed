//! Allows of requests that repeat: what was asked in the same words is not asked again.
//!
//! Only what headers alone decide is remembered: an allow that does not end, where nothing else is asked of the proxy.
//! Whether the certificate is valid is not remembered, but asked for each request.

use crate::headers::Headers;
use crate::plan::{Adapter, Piece, Plan, Source, UriList};
use crate::verdict::Allowed;

/// Allows that are remembered at most; requests share places by a hash, so that it does not grow.
const KEPT_MAX: usize = 256;

/// Bytes of the words of a request that is remembered at most.
const WORDS_BYTES_MAX: usize = 1_024;

/// The header that has to be there: without it there is no certificate.
const CERTIFICATE: &str = "x-forwarded-client-cert";

/// What is remembered.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    /// The headers that decide beside those of the interface, in lower case; absent if not only headers do.
    names: Option<Vec<String>>,
    /// The words of the last request that was looked for; none if it is not to be remembered.
    words: Vec<u8>,
    places: Vec<Option<(Vec<u8>, Allowed)>>,
}

impl Repeated {
    /// Nothing yet, of requests to this plan.
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { names: names(plan), ..Self::default() }
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.words.clear();
    }

    /// The headers that decide, if they are all that does.
    pub(crate) fn deciding<'a>(&self, headers: &Headers<'a>) -> Option<Headers<'a>> {
        let names = self.names.as_ref()?;
        Some(headers.only(|name| is_deciding(names, name)))
    }

    /// What was answered to a request with these headers to a plugin.
    pub(crate) fn find(&mut self, root: u32, headers: &Headers<'_>) -> Option<&Allowed> {
        self.words.clear();
        let names = self.names.as_ref()?;
        self.words.extend_from_slice(&root.to_le_bytes());
        let mut has_certificate = false;
        for (name, value) in headers.iter().filter(|(name, _)| is_deciding(names, name)) {
            has_certificate |= name.eq_ignore_ascii_case(CERTIFICATE.as_bytes());
            if self.words.len() + name.len() + value.len() > WORDS_BYTES_MAX {
                self.words.clear();
                return None;
            }
            for part in [name, value] {
                let len = u32::try_from(part.len()).unwrap_or(u32::MAX);
                self.words.extend_from_slice(&len.to_le_bytes());
                self.words.extend_from_slice(part);
            }
        }
        if !has_certificate {
            self.words.clear();
            return None;
        }
        self.words.resize(self.words.len().next_multiple_of(8), 0);
        let (words, allowed) = self.places.get(place(&self.words))?.as_ref()?;
        is_same(words, &self.words).then_some(allowed)
    }

    /// Remembers the answer to the request that was looked for last.
    pub(crate) fn keep(&mut self, allowed: &Allowed) {
        if self.words.is_empty() || allowed.until.is_some() {
            return;
        }
        if self.places.is_empty() {
            self.places.resize(KEPT_MAX, None);
        }
        if let Some(place) = self.places.get_mut(place(&self.words)) {
            *place = Some((self.words.clone(), allowed.clone()));
        }
    }
}

fn is_deciding(names: &[String], name: &[u8]) -> bool {
    let is_it = |own: &String| own.len() == name.len() && own.as_bytes().eq_ignore_ascii_case(name);
    name.first() == Some(&b':') || names.iter().any(is_it)
}

/// The headers that a plan reads; absent if it reads something else too.
fn names(plan: &Plan) -> Option<Vec<String>> {
    let Adapter::Http(http) = &plan.adapter else { return None };
    let is_by_header = plan.identity.uris == UriList::Forwarded && !plan.identity.spiffe.is_empty();
    if plan.needs_time || !is_by_header {
        return None;
    }
    let mut names = vec![CERTIFICATE.to_owned()];
    let mut texts: Vec<&[Piece]> = plan.identity.spiffe.iter().map(|rule| &*rule.id).collect();
    for rule in &plan.identity.headers {
        names.push(rule.name.clone());
        texts.push(&rule.id);
    }
    for question in http.routes.iter().map(|route| &route.question) {
        texts.push(&question.resource);
        for feature in &question.context {
            match &feature.source {
                Source::Text(pieces) => texts.push(pieces),
                Source::List { header } => names.push(header.clone()),
                Source::Basis { .. } => {}
                Source::PeerAddress
                | Source::TlsVersion
                | Source::Now
                | Source::RouteMetadata(_)
                | Source::Modbus(_) => return None,
            }
        }
    }
    for piece in texts.into_iter().flatten() {
        match piece {
            Piece::Header(name) => names.push(name.clone()),
            Piece::Literal(_) | Piece::Parameter(_) | Piece::Whole | Piece::Host => {}
            Piece::Sni | Piece::Modbus(_) => return None,
        }
    }
    names.sort_unstable();
    names.dedup();
    Some(names)
}

/// Where words are remembered.
fn place(words: &[u8]) -> usize {
    let mut hash = 0_u64;
    for word in words.as_chunks::<8>().0 {
        hash =
            (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    usize::try_from(hash >> 32).unwrap_or_default() % KEPT_MAX
}

/// Whether two texts of whole words are the same; eight bytes at a time.
fn is_same(a: &[u8], b: &[u8]) -> bool {
    let (a, b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
    let is_equal = |(a, b): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*a) == u64::from_le_bytes(*b);
    a.len() == b.len() && a.iter().zip(b).all(is_equal)
}
