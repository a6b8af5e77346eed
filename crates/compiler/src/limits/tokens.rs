//! Tokens of Cedar's policies and schemas and of JSON, as far as they matter for counting.

use std::ops::Range;

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// An identifier or a keyword.
    Word(&'t str),
    /// Digits.
    Number,
    /// What is between the quotes of a string, escapes as written.
    Text(&'t str),
    /// An operator, a bracket or another character.
    Symbol(&'t str),
}

/// The tokens of a text; comments and white space are skipped.
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

const PAIRS: [&str; 7] = ["::", "==", "!=", "<=", ">=", "||", "&&"];

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return;
            }
            self.at += trimmed.find(['\n', '\r']).unwrap_or(trimmed.len());
        }
    }

    fn next_token(&self) -> Option<(Token<'t>, usize)> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let run =
            |is: fn(u8) -> bool| rest.bytes().position(|byte| !is(byte)).unwrap_or(rest.len());
        Some(match first {
            '"' => {
                let inner = rest.get(1..).unwrap_or_default();
                let len = text_len(inner);
                (Token::Text(inner.get(..len).unwrap_or_default()), len + 2)
            }
            'a'..='z' | 'A'..='Z' | '_' => {
                let len = run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
                (Token::Word(rest.get(..len).unwrap_or_default()), len)
            }
            '0'..='9' => (Token::Number, run(|byte| byte.is_ascii_digit())),
            _other => {
                let pair = rest.get(..2).filter(|pair| PAIRS.contains(pair));
                let symbol = pair.or_else(|| rest.get(..first.len_utf8())).unwrap_or_default();
                (Token::Symbol(symbol), symbol.len())
            }
        })
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = (Token<'t>, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip();
        let (token, len) = self.next_token()?;
        let start = self.at;
        self.at = start.saturating_add(len).min(self.text.len());
        Some((token, start..self.at))
    }
}

/// Bytes before the closing quote, or all where there is none.
fn text_len(inner: &str) -> usize {
    let mut is_escaped = false;
    inner
        .bytes()
        .position(|byte| {
            let is_end = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        })
        .unwrap_or(inner.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &[Token<'_>]) {
        let tokens: Vec<_> = Tokens::new(text).collect();
        let found: Vec<_> = tokens.iter().map(|(token, _)| *token).collect();
        assert_eq!(found, want, "{text}");
        assert!(tokens.iter().all(|(_, range)| range.end <= text.len()), "{tokens:?}");
    }

    #[test]
    fn strings_and_comments_hide_what_is_in_them() {
        use Token::{Symbol, Text, Word};
        check(r#"a == "(\"(" // (("#, &[Word("a"), Symbol("=="), Text(r#"(\"("#)]);
        check("// a\rb", &[Word("b")]);
        check(r#"("\\")"#, &[Symbol("("), Text(r"\\"), Symbol(")")]);
        check("\"(", &[Text("(")]);
        check("\"", &[Text("")]);
    }

    #[test]
    fn operators_of_two_characters_are_one_token() {
        use Token::{Number, Symbol, Word};
        check("a::b", &[Word("a"), Symbol("::"), Word("b")]);
        check("1<=-2", &[Number, Symbol("<="), Symbol("-"), Number]);
        check("é(", &[Symbol("é"), Symbol("(")]);
    }
}
