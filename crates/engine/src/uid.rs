//! Uids in Cedar's syntax, as `Plant::Asset::"plc-7"`.

use trapkey_abi::EntityUid;

/// Words that are no part of a name.
const RESERVED: [&str; 10] =
    ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"];

/// Why a text is not a uid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UidError {
    /// The text is not a type, `::` and an id in double quotes.
    #[error("text is not of the form `Type::\"id\"`")]
    Form,
    /// The part before the id is not a name.
    #[error("the type is not identifiers joined by `::`")]
    Type,
    /// The id has an unknown escape, or is not written as Cedar prints it.
    #[error("the id is not escaped as Cedar escapes it")]
    Escape,
}

/// Reads a uid as Cedar does: without spaces, and with the id escaped exactly as Cedar prints it.
///
/// # Errors
///
/// [`UidError`]
pub fn parse_uid(text: &str) -> Result<EntityUid, UidError> {
    // A type has no quotes, so the first one begins the id.
    let (type_name, id) =
        text.strip_suffix('"').and_then(|text| text.split_once('"')).ok_or(UidError::Form)?;
    let type_name = type_name.strip_suffix("::").ok_or(UidError::Form)?;
    if !type_name.split("::").all(is_identifier) {
        return Err(UidError::Type);
    }
    if id.bytes().all(is_plain) {
        return Ok(EntityUid::new(type_name, id));
    }
    let unescaped = unescape(id).ok_or(UidError::Escape)?;
    // One entity, one text: what Cedar would print differently is refused.
    if !unescaped.escape_debug().eq(id.chars()) {
        return Err(UidError::Escape);
    }
    Ok(EntityUid::new(type_name, unescaped))
}

/// Whether Cedar prints a byte of an id as it is, whatever is around it.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\')
}

fn is_identifier(text: &str) -> bool {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let starts_well = text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    is_word && starts_well && !RESERVED.contains(&text)
}

fn unescape(text: &str) -> Option<String> {
    let mut chars = text.chars();
    let mut unescaped = String::with_capacity(text.len());
    while let Some(char) = chars.next() {
        unescaped.push(if char == '\\' { escaped(&mut chars)? } else { char });
    }
    Some(unescaped)
}

/// The character that the escape after a backslash stands for.
fn escaped(chars: &mut std::str::Chars<'_>) -> Option<char> {
    match chars.next()? {
        't' => Some('\t'),
        'r' => Some('\r'),
        'n' => Some('\n'),
        '0' => Some('\0'),
        quoted @ ('\\' | '"' | '\'') => Some(quoted),
        'u' => {
            let (digits, rest) = chars.as_str().strip_prefix('{')?.split_once('}')?;
            let is_hex = digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            *chars = rest.chars();
            char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_read_as_it_is_printed() {
        for (type_name, id) in [
            ("User", "alice"),
            ("Plant::Asset", "plc-7"),
            ("A::B::_c1", ""),
            ("User", "O'Brien \"x\" \\ \n\t\r\0"),
            ("User", "a::\"b"),
            ("User", "\u{301}é\u{200b}\u{10ffff}"),
        ] {
            let uid = EntityUid::new(type_name, id);
            assert_eq!(parse_uid(&uid.to_string()), Ok(uid));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, want) in [
            ("", UidError::Form),
            ("User", UidError::Form),
            ("User::alice", UidError::Form),
            ("User::\"", UidError::Form),
            ("User::\"alice\" ", UidError::Form),
            ("\"alice\"", UidError::Form),
            ("::\"alice\"", UidError::Type),
            (" User::\"alice\"", UidError::Type),
            ("A:: B::\"alice\"", UidError::Type),
            ("A::::\"alice\"", UidError::Type),
            ("in::\"alice\"", UidError::Type),
            ("__cedar::A::\"alice\"", UidError::Type),
            ("Üser::\"alice\"", UidError::Type),
            ("1User::\"alice\"", UidError::Type),
            ("User::\"O'Brien\"", UidError::Escape),
            ("User::\"a\"b\"", UidError::Escape),
            ("User::\"a\\\"", UidError::Escape),
            ("User::\"\\x41\"", UidError::Escape),
            ("User::\"\\u{61}\"", UidError::Escape),
            ("User::\"\\u{+200b}\"", UidError::Escape),
            ("User::\"\\u{200B}\"", UidError::Escape),
            ("User::\"a\nb\"", UidError::Escape),
        ] {
            assert_eq!(parse_uid(text), Err(want), "{text}");
        }
    }
}
