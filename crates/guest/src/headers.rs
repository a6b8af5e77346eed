//! The headers of one request, as the proxy hands them over in one block.

use crate::deny::Deny;
use crate::plan::TEXT_BYTES_MAX;

/// Headers of a request at most; proxies allow fewer.
const HEADERS_MAX: usize = 4_096;

/// Bytes of a request's id at most.
const REQUEST_ID_BYTES_MAX: usize = 128;

/// The headers of one request, in their order.
#[derive(Debug)]
pub(crate) struct Headers<'a> {
    pairs: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Headers<'a> {
    /// Reads the block: a count, the lengths of each name and value, then the texts, a zero after each.
    pub(crate) fn read(block: &'a [u8]) -> Result<Self, Deny> {
        Self::split(block).ok_or(Deny::Failed)
    }

    fn split(block: &'a [u8]) -> Option<Self> {
        let (count, rest) = block.split_first_chunk()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        if count > HEADERS_MAX {
            return None;
        }
        let (lengths, mut texts) = rest.split_at_checked(count.checked_mul(8)?)?;
        let mut pairs = Vec::with_capacity(count);
        for lengths in lengths.as_chunks::<4>().0.as_chunks::<2>().0 {
            let [name_len, value_len] = *lengths;
            let (name, rest) = text(texts, name_len)?;
            let (value, rest) = text(rest, value_len)?;
            pairs.push((name, value));
            texts = rest;
        }
        texts.is_empty().then_some(Self { pairs })
    }

    /// Refuses requests that have one of the interface's own names twice.
    pub(crate) fn has_each_pseudo_once(&self) -> Result<(), Deny> {
        let mut seen: Vec<&[u8]> = Vec::new();
        for (name, _) in self.pairs.iter().filter(|(name, _)| name.starts_with(b":")) {
            // It ends with the first repetition, so that few are compared.
            if seen.contains(name) {
                return Err(Deny::Bad("repeated_header"));
            }
            seen.push(name);
        }
        Ok(())
    }

    /// The only value of a header, by its name in lower case; absent if there is none.
    pub(crate) fn single(&self, name: &str) -> Result<Option<&'a str>, Deny> {
        let mut found = None;
        for (_, value) in
            self.pairs.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes()))
        {
            if found.replace(*value).is_some() {
                return Err(Deny::Bad("repeated_header"));
            }
        }
        found.map(readable).transpose()
    }

    /// The request's id for its answer; empty if it has none that is safe to repeat.
    pub(crate) fn request_id(&self) -> &'a str {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        match self.single("x-request-id") {
            Ok(Some(id)) if id.len() <= REQUEST_ID_BYTES_MAX && id.bytes().all(is_safe) => id,
            Ok(_) | Err(_) => "",
        }
    }
}

/// The text of a header's value, without control characters.
fn readable(value: &[u8]) -> Result<&str, Deny> {
    let text = str::from_utf8(value).map_err(|_| Deny::Bad("header_value"))?;
    let is_bounded = text.len() <= TEXT_BYTES_MAX * 8;
    if is_bounded && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        Err(Deny::Bad("header_value"))
    }
}

/// A text of this length, and what comes after the zero at its end.
fn text(bytes: &[u8], len: [u8; 4]) -> Option<(&[u8], &[u8])> {
    let (text, rest) = bytes.split_at_checked(usize::try_from(u32::from_le_bytes(len)).ok()?)?;
    let (zero, rest) = rest.split_first()?;
    (*zero == 0).then_some((text, rest))
}
