//! A Rust file as the checks see it: syntax tree, flat tokens, comments, and where its tests are.

use std::ops::RangeInclusive;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// One parsed file.
pub(crate) struct Source {
    /// From the root of the repository, with forward slashes.
    pub(crate) path: String,
    pub(crate) lines: Vec<String>,
    pub(crate) syntax: syn::File,
    /// Every token in order; a group is its two delimiters around its content.
    pub(crate) tokens: Vec<Token>,
    /// One per line of comment.
    pub(crate) comments: Vec<Comment>,
    pub(crate) attributes: Vec<Attribute>,
    tests: Vec<RangeInclusive<usize>>,
}

/// An identifier, a literal, a delimiter, or one character of punctuation.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
    line_end: usize,
    start: usize,
    end: usize,
}

/// One line of a comment, without its markers.
#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) line: usize,
    pub(crate) text: String,
    pub(crate) is_doc: bool,
}

/// What stands between the brackets of `#[…]` or `#![…]`.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) line: usize,
    pub(crate) is_inner: bool,
    pub(crate) words: Vec<String>,
    /// Index of the token after the closing bracket.
    after: usize,
}

impl Source {
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self, syn::Error> {
        let stream: TokenStream = text.parse()?;
        let mut tokens = Vec::new();
        flatten(stream.clone(), &mut tokens);
        let attributes = attributes(&tokens);
        Ok(Self {
            path: path.to_owned(),
            lines: text.lines().map(str::to_owned).collect(),
            syntax: syn::parse2(stream)?,
            comments: comments(text, &tokens),
            tests: tests(&tokens, &attributes),
            tokens,
            attributes,
        })
    }

    /// Lines on which these tokens follow one another.
    pub(crate) fn find(&self, words: &[&str]) -> Vec<usize> {
        self.tokens
            .windows(words.len())
            .filter(|window| {
                window.iter().map(|token| token.text.as_str()).eq(words.iter().copied())
            })
            .filter_map(|window| window.first())
            .map(|token| token.line)
            .collect()
    }

    /// Whether the file is under one of these folders.
    pub(crate) fn is_under(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    /// Whether the line is compiled for tests alone.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.is_under(&["tests/", "crates/testkit/"])
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.tests.iter().any(|lines| lines.contains(&line))
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(Token::new(open.to_owned(), group.span_open()));
                flatten(group.stream(), tokens);
                tokens.push(Token::new(close.to_owned(), group.span_close()));
            }
            TokenTree::Ident(ident) => tokens.push(Token::new(ident.to_string(), ident.span())),
            TokenTree::Punct(punct) => {
                tokens.push(Token::new(punct.as_char().to_string(), punct.span()));
            }
            TokenTree::Literal(literal) => {
                tokens.push(Token::new(literal.to_string(), literal.span()));
            }
        }
    }
}

impl Token {
    fn new(text: String, span: Span) -> Self {
        let bytes = span.byte_range();
        Self {
            text,
            line: span.start().line,
            line_end: span.end().line,
            start: bytes.start,
            end: bytes.end,
        }
    }
}

/// Collects the comments of a file.
///
/// A documentation comment reaches us as an attribute whose tokens all span the comment; any other
/// comment is what stands between two tokens and is not blank.
fn comments(text: &str, tokens: &[Token]) -> Vec<Comment> {
    let mut comments = Vec::new();
    let mut read_to = 0;
    let mut line = 1;
    for token in tokens {
        let between = text.get(read_to..token.start).unwrap_or_default();
        push_comment(&mut comments, between, line, false);
        let own = text.get(token.start..token.end).unwrap_or_default();
        if token.text == "#" && own.starts_with('/') {
            push_comment(&mut comments, own, token.line, true);
        }
        if token.end > read_to {
            read_to = token.end;
            line = token.line_end;
        }
    }
    push_comment(&mut comments, text.get(read_to..).unwrap_or_default(), line, false);
    comments
}

fn push_comment(comments: &mut Vec<Comment>, text: &str, line: usize, is_doc: bool) {
    for (offset, text) in text.lines().enumerate() {
        let text = text.trim().trim_end_matches("*/").trim_start_matches(['/', '*', '!']);
        if is_doc || !text.is_empty() {
            comments.push(Comment { line: line + offset, text: text.trim().to_owned(), is_doc });
        }
    }
}

fn attributes(tokens: &[Token]) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let rest = tokens.get(index + 1..).unwrap_or_default();
        let (is_inner, before) = match rest {
            [bang, open, ..] if bang.text == "!" && open.text == "[" => (true, 2),
            [open, ..] if open.text == "[" => (false, 1),
            _ => continue,
        };
        if token.text != "#" {
            continue;
        }
        let content = rest.get(before..).unwrap_or_default();
        let len = group_len(content);
        let words = content.iter().take(len).map(|token| token.text.clone()).collect();
        let after = index + 1 + before + len + 1;
        attributes.push(Attribute { line: token.line, is_inner, words, after });
    }
    attributes
}

/// Counts the tokens up to the delimiter that closes what was opened before them.
fn group_len(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return index,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Finds the lines of the items marked `#[test]` or `#[cfg(test)]`.
fn tests(tokens: &[Token], attributes: &[Attribute]) -> Vec<RangeInclusive<usize>> {
    let mut tests = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.marks_test()) {
        let item = tokens.get(attribute.after..).unwrap_or_default();
        let last = item.get(item_len(item)).or(item.last()).map_or(attribute.line, |end| end.line);
        tests.push(attribute.line..=last);
    }
    tests
}

/// Counts the tokens of an item before its last, which is a semicolon or a closing brace.
fn item_len(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" if depth <= 1 => return index,
            "}" => depth -= 1,
            ";" if depth == 0 => return index,
            _ => {}
        }
    }
    tokens.len()
}

impl Attribute {
    /// Whether the attribute is, or under a condition becomes, the one called `name`.
    pub(crate) fn applies(&self, name: &str) -> bool {
        match self.words.as_slice() {
            [first, ..] if first == name => true,
            [first, ..] if first == "cfg_attr" => self.mentions(name),
            _ => false,
        }
    }

    pub(crate) fn mentions(&self, word: &str) -> bool {
        self.words.iter().any(|own| own == word)
    }

    fn marks_test(&self) -> bool {
        match self.words.as_slice() {
            [only] => only == "test",
            [first, ..] => first == "cfg" && self.mentions("test") && !self.mentions("not"),
            [] => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    const TEXT: &str = "//! Module «doc».\n\nuse a::b; // why\n\n/// Doc.\nfn f() {}\n\n\
        #[cfg(test)]\nmod tests {\n    fn g() { let s = \"// no comment\"; }\n}\n/* last\n * line */\n";

    fn source() -> Source {
        Source::parse("crates/a/src/lib.rs", TEXT).expect("the fixture is Rust")
    }

    #[test]
    fn comments_are_told_from_documentation_and_strings() {
        let source = source();
        let comments: Vec<(usize, &str, bool)> = source
            .comments
            .iter()
            .map(|comment| (comment.line, comment.text.as_str(), comment.is_doc))
            .collect();
        let want = [
            (1, "Module «doc».", true),
            (3, "why", false),
            (5, "Doc.", true),
            (12, "last", false),
            (13, "line", false),
        ];
        assert_eq!(comments, want);
    }

    #[test]
    fn lines_of_a_test_module_are_test_code() {
        let source = source();
        let tests: Vec<usize> = (1..=13).filter(|line| source.is_test(*line)).collect();
        assert_eq!(tests, [8, 9, 10, 11]);
    }

    #[test]
    fn code_built_without_tests_is_no_test_code() {
        let text = "#[cfg(not(test))]\nfn f() {}\n";
        let source = Source::parse("crates/a/src/lib.rs", text).expect("the fixture is Rust");
        assert!(!source.is_test(2));
    }

    #[test]
    fn tokens_are_found_across_lines() {
        let text = "fn f() {\n    Instant::\n        now();\n}\n";
        let source = Source::parse("crates/a/src/lib.rs", text).expect("the fixture is Rust");
        assert_eq!(source.find(&["Instant", ":", ":", "now"]), [2]);
    }
}
