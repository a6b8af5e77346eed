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

    /// All names and values, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.pairs.iter().copied()
    }

    /// Those whose names are wanted.
    pub(crate) fn only(&self, is_wanted: impl Fn(&[u8]) -> bool) -> Self {
        Self { pairs: self.iter().filter(|(name, _)| is_wanted(name)).collect() }
    }

    /// Refuses requests that have one of the interface's own names twice.
    pub(crate) fn has_each_pseudo_once(&self) -> Result<(), Deny> {
        let is_own = |(name, _): &&(&[u8], &[u8])| name.first() == Some(&b':');
        let mut own = self.pairs.iter().filter(is_own);
        while let Some((name, _)) = own.next() {
            // It ends with the first repetition, so that few are compared.
            if own.clone().any(|(later, _)| later == name) {
                return Err(Deny::Bad("repeated_header"));
            }
        }
        Ok(())
    }

    /// The only value of a header, by its name in lower case; absent if there is none.
    pub(crate) fn single(&self, name: &str) -> Result<Option<&'a str>, Deny> {
        let mut found = None;
        let name = name.as_bytes();
        for (_, value) in self
            .pairs
            .iter()
            .filter(|(own, _)| own.len() == name.len() && own.eq_ignore_ascii_case(name))
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
    if is_bounded && (is_printable(value) || !text.chars().any(char::is_control)) {
        Ok(text)
    } else {
        Err(Deny::Bad("header_value"))
    }
}

/// Whether all bytes are printable ASCII: eight at a time, since nearly all values are.
fn is_printable(value: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = value.as_chunks::<8>();
    let is_plain = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        // The high bit of a byte is set if it had it, if it was below a blank, or if it was a delete character. What a
        // byte that is not plain borrows or carries can only add to that.
        let signs = word | word.wrapping_sub(EACH * 0x20) | word.wrapping_add(EACH);
        signs & (EACH * 0x80) == 0
    };
    words.iter().all(is_plain) && rest.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

/// A text of this length, and what comes after the zero at its end.
fn text(bytes: &[u8], len: [u8; 4]) -> Option<(&[u8], &[u8])> {
    let (text, rest) = bytes.split_at_checked(usize::try_from(u32::from_le_bytes(len)).ok()?)?;
    let (zero, rest) = rest.split_first()?;
    (*zero == 0).then_some((text, rest))
}
