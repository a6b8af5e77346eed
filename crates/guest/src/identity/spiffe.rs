//! SPIFFE ids in the one form that has no second reading.

use crate::plan::TEXT_BYTES_MAX;

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
        let is_domain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte);
        let is_segment = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let domain_len = trust_domain.len();
        if domain_len == 0
            || domain_len > TRUST_DOMAIN_BYTES_MAX
            || !trust_domain.bytes().all(is_domain)
        {
            return None;
        }
        let segments: Vec<&str> = path.split('/').collect();
        let is_right = |segment: &&str| {
            !matches!(*segment, "" | "." | "..") && segment.bytes().all(is_segment)
        };
        segments.iter().all(is_right).then_some(Self { whole, trust_domain, segments })
    }
}
