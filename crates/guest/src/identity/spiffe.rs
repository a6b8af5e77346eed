//! SPIFFE ids in the one form that has no second reading.

use crate::plan::TEXT_BYTES_MAX;
use crate::target::segments;

/// Bytes of a trust domain at most, by the specification.
const TRUST_DOMAIN_BYTES_MAX: usize = 255;

/// The parts of a SPIFFE id.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SpiffeId<'a> {
    pub(super) whole: &'a str,
    pub(super) trust_domain: &'a str,
    pub(super) segments: Vec<&'a str>,
}

impl<'a> SpiffeId<'a> {
    /// Reads `spiffe://trust-domain/path`, as the SPIFFE specification has it: no port, query, fragment, escape, empty
    /// or relative segment.
    pub(super) fn read(whole: &'a str) -> Option<Self> {
        if whole.len() > TEXT_BYTES_MAX {
            return None;
        }
        let (trust_domain, path) = whole.strip_prefix("spiffe://")?.split_once('/')?;
        let is_domain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_');
        let is_segment = |byte| is_domain(byte) || byte.is_ascii_uppercase();
        let domain_len = trust_domain.len();
        if domain_len == 0
            || domain_len > TRUST_DOMAIN_BYTES_MAX
            || !trust_domain.bytes().all(is_domain)
        {
            return None;
        }
        let segments = segments(path, is_segment)?;
        Some(Self { whole, trust_domain, segments })
    }
}
