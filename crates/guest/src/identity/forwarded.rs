//! The header in which a proxy lists what a peer's certificate says.

/// The only URI of the only certificate in `x-forwarded-client-cert`.
///
/// Elements are separated by commas, fields by semicolons; values with either are in quotes, where a backslash stands
/// before quotes. Several elements, several URIs, none, or anything of another form: absent.
pub(super) fn only_uri(list: &str) -> Option<String> {
    let mut uri = None;
    let mut rest = list;
    loop {
        let (name, after) = rest.split_once('=')?;
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
            quoted_value(quoted)?
        } else {
            let end = after.find([';', ',', '"']).unwrap_or(after.len());
            let (value, after) = after.split_at_checked(end)?;
            (value.to_owned(), after)
        };
        if !is_name || (name.eq_ignore_ascii_case("uri") && uri.replace(value).is_some()) {
            return None;
        }
        if after.is_empty() {
            return uri;
        }
        // A comma would begin another element, a quote is no separator.
        rest = after.strip_prefix(';')?;
    }
}

/// The value up to the closing quote, and what comes after that.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value, characters.as_str())),
            '\\' => value.push(characters.next()?),
            character => value.push(character),
        }
    }
}
