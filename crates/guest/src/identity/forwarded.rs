//! The header in which a proxy lists what a peer's certificate says.

/// Digits of a certificate's digest.
const DIGEST_DIGITS: usize = 64;

/// The only URI of the only certificate in `x-forwarded-client-cert`.
///
/// Envoy escapes nothing in it, so that what comes after `URI=` is the peer's to choose. Therefore no general reading:
/// exactly the proxy's own URIs, if it has any, the digest and one URI, in which nothing separates anything; what else
/// it must be is for who reads it. Envoy writes more where it is told to list more than URIs; that is refused.
pub(super) fn only_uri(list: &str) -> Option<&str> {
    let mut rest = list;
    while let Some(own) = rest.strip_prefix("By=") {
        let (uri, after) = own.split_once(';')?;
        if uri.contains([',', '"']) {
            return None;
        }
        rest = after;
    }
    let (digest, rest) = rest.strip_prefix("Hash=")?.split_at_checked(DIGEST_DIGITS)?;
    let uri = rest.strip_prefix(";URI=")?;
    let is_digest = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_digest
        && !uri.is_empty()
        && !uri.bytes().any(|byte| matches!(byte, b';' | b',' | b'"' | b'=')))
    .then_some(uri)
}
