//! Counts what a policy text holds, before Cedar's parser sees it.

use std::ops::Range;

use super::nesting::{Binding, Frame, Group};
use super::tokens::{Token, Tokens};
use super::{
    ANNOTATIONS_MAX, LITERAL_BYTES_MAX, LITERAL_ELEMENTS_MAX, MEMBERS_MAX, NAME_BYTES_MAX,
    NAME_PARTS_MAX, PATTERN_BYTES_MAX, POLICIES_MAX, POLICY_DEPTH_MAX, POLICY_NESTING_MAX, over,
    within,
};
use crate::diagnostic::{CompileError, Diagnostic, Source, span_of};

/// Findings after which counting stops.
const FINDINGS_MAX: usize = 100;

/// Refuses a text with anything over a limit.
///
/// The depth is that of the tree Cedar's parser would make, or more: nothing that parses nests
/// deeper than is counted.
///
/// # Errors
///
/// [`CompileError::TooLarge`] for the number of policies, [`CompileError::Limit`] with what else is
/// over a limit, where it is, its size and the limit.
pub(crate) fn check_policies(text: &str) -> Result<(), CompileError> {
    let mut count = Count::default();
    for (token, range) in Tokens::new(text) {
        count.token(token, &range);
        if count.is_full {
            break;
        }
        count.before = Some((token, range));
    }
    within("policy set", count.policies, "policies", POLICIES_MAX)?;
    count.end(text.len());
    if count.findings.is_empty() { Ok(()) } else { Err(CompileError::Limit(count.findings)) }
}

#[derive(Default)]
struct Count<'t> {
    /// Groups that are open, outermost first; the first is the policy.
    frames: Vec<Frame>,
    /// Brackets among them.
    brackets: usize,
    before: Option<(Token<'t>, Range<usize>)>,
    policies: usize,
    annotations: usize,
    /// Identifiers of the name that is being read, and where it begins.
    name: (usize, usize),
    findings: Vec<Diagnostic>,
    is_full: bool,
}

impl<'t> Count<'t> {
    fn token(&mut self, token: Token<'t>, range: &Range<usize>) {
        if self.frames.is_empty() {
            self.frames.push(Frame::new(Group::Bracket, range.start));
        }
        match token {
            Token::Word(word) => self.word(word, range),
            Token::Text(text) => self.text(text, range),
            Token::Number => {}
            Token::Symbol("(" | "[" | "{") => return self.open(token, range),
            Token::Symbol(")" | "]" | "}") => return self.close(range.end),
            Token::Symbol(",") => return self.separator(),
            Token::Symbol(";") => return self.semicolon(range.end),
            Token::Symbol(symbol) => self.symbol(symbol, range),
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.is_open = true;
        }
    }

    fn word(&mut self, word: &str, range: &Range<usize>) {
        if word.len() > NAME_BYTES_MAX {
            self.report(over("an identifier", word.len(), "bytes", NAME_BYTES_MAX), range);
        }
        if !self.follows("::") {
            self.name = (0, range.start);
        }
        self.name.0 += 1;
        if self.name.0 == NAME_PARTS_MAX + 1 {
            let range = self.name.1..range.end;
            self.report(over("a name", self.name.0, "parts", NAME_PARTS_MAX), &range);
        }
        let is_attribute =
            self.follows(".") || matches!(self.before, Some((Token::Word("has"), _)));
        match word {
            _attribute if is_attribute => {}
            "if" => self.push(Frame::new(Group::Test, range.start)),
            "then" => self.branch(Group::Test, Group::Then),
            "else" => self.branch(Group::Then, Group::Else),
            "in" | "has" | "like" | "is" => self.operator(Binding::Relation, 2),
            // Conditions are joined, and `unless` negates.
            "when" | "unless" if self.frames.len() == 1 => self.operator(Binding::And, 2),
            _other => {}
        }
    }

    fn text(&mut self, text: &str, range: &Range<usize>) {
        let (what, max) = match &self.before {
            Some((Token::Word("like"), _)) => ("a pattern", PATTERN_BYTES_MAX),
            _other => ("a string literal", LITERAL_BYTES_MAX),
        };
        if text.len() > max {
            self.report(over(what, text.len(), "bytes", max), range);
        }
    }

    fn symbol(&mut self, symbol: &str, range: &Range<usize>) {
        match symbol {
            "||" => self.operator(Binding::Or, 1),
            "&&" => self.operator(Binding::And, 1),
            // Some are the negation of others.
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "=" => self.operator(Binding::Relation, 2),
            "+" => self.operator(Binding::Sum, 1),
            "-" if self.follows_operand() => self.operator(Binding::Sum, 1),
            "*" | "/" | "%" => self.operator(Binding::Product, 1),
            "." => self.member(range),
            "!" | "-" => self.operator(Binding::Member, 1),
            "@" if self.frames.len() == 1 => {
                self.annotations += 1;
                if self.annotations == ANNOTATIONS_MAX + 1 {
                    let len = self.annotations;
                    self.report(over("a policy", len, "annotations", ANNOTATIONS_MAX), range);
                }
            }
            _other => {}
        }
    }

    fn member(&mut self, range: &Range<usize>) {
        self.operator(Binding::Member, 1);
        let Some(frame) = self.frames.last_mut() else { return };
        frame.members += 1;
        let members = frame.members;
        if members > MEMBERS_MAX {
            frame.members = 0;
            self.report(over("a chain", members, "attributes and methods", MEMBERS_MAX), range);
        }
    }

    fn open(&mut self, token: Token<'t>, range: &Range<usize>) {
        let is_call = token != Token::Symbol("{") && self.follows_operand();
        if is_call {
            self.operator(Binding::Member, 1);
        }
        self.brackets += 1;
        if self.brackets > POLICY_NESTING_MAX {
            let text =
                format!("brackets nest {} deep, the limit is {POLICY_NESTING_MAX}", self.brackets);
            self.report(text, range);
            self.is_full = true;
        }
        let mut frame = Frame::new(Group::Bracket, range.start);
        frame.begins_chain = !is_call;
        self.push(frame);
    }

    fn close(&mut self, end: usize) {
        self.end_ifs();
        if self.frames.len() < 2 {
            return;
        }
        if let Some(frame) = self.frames.last() {
            let elements = frame.separators + usize::from(frame.is_open);
            if elements > LITERAL_ELEMENTS_MAX {
                let range = frame.start..end;
                self.report(over("a list", elements, "elements", LITERAL_ELEMENTS_MAX), &range);
            }
        }
        self.brackets = self.brackets.saturating_sub(1);
        self.pop();
    }

    fn separator(&mut self) {
        self.end_ifs();
        if let Some(frame) = self.frames.last_mut() {
            frame.separator();
        }
    }

    /// Inside brackets, where the text does not parse, it ends nothing.
    fn semicolon(&mut self, end: usize) {
        self.end_ifs();
        match self.frames.as_slice() {
            [_] => self.end(end),
            _inside => self.separator(),
        }
    }

    /// The end of a policy.
    fn end(&mut self, end: usize) {
        while self.frames.len() > 1 && !self.is_full {
            self.pop();
        }
        if let Some(mut frame) = self.frames.pop() {
            self.policies += 1;
            let depth = frame.depth();
            self.deep(depth, &(frame.start..end));
        }
        self.annotations = 0;
    }

    /// `then` and `else` end the branch before them, with every `if` in it.
    fn branch(&mut self, before: Group, after: Group) {
        while let Some(frame) = self.frames.last_mut() {
            if frame.group == before {
                frame.separator();
                frame.group = after;
                return;
            }
            if frame.group != Group::Else {
                return;
            }
            self.pop();
        }
    }

    fn end_ifs(&mut self) {
        while self.frames.last().is_some_and(|frame| frame.group != Group::Bracket) {
            self.pop();
        }
    }

    fn push(&mut self, frame: Frame) {
        self.deep(self.frames.len(), &(frame.start..frame.start + 1));
        self.is_full |= self.frames.len() > POLICY_DEPTH_MAX;
        if let Some(outer) = self.frames.last_mut() {
            outer.is_open = true;
        }
        self.frames.push(frame);
    }

    fn pop(&mut self) {
        if let Some(frame) = self.frames.pop()
            && let Some(outer) = self.frames.last_mut()
        {
            outer.group(frame);
        }
    }

    fn operator(&mut self, binding: Binding, weight: usize) {
        if let Some(frame) = self.frames.last_mut() {
            frame.operator(binding, weight);
        }
    }

    fn follows(&self, symbol: &str) -> bool {
        matches!(self.before, Some((Token::Symbol(before), _)) if before == symbol)
    }

    /// Whether what comes next is applied to an operand rather than the start of one.
    fn follows_operand(&self) -> bool {
        match &self.before {
            None => false,
            Some((Token::Word(word), _)) => {
                !matches!(*word, "if" | "then" | "else" | "in" | "has" | "like" | "is")
            }
            Some((Token::Number | Token::Text(_), _)) => true,
            Some((Token::Symbol(symbol), _)) => matches!(*symbol, ")" | "]" | "}"),
        }
    }

    fn deep(&mut self, depth: usize, range: &Range<usize>) {
        if depth > POLICY_DEPTH_MAX {
            let text = format!("operations nest {depth} deep, the limit is {POLICY_DEPTH_MAX}");
            self.report(text, range);
        }
    }

    fn report(&mut self, text: String, range: &Range<usize>) {
        let span = span_of(range.start, range.len());
        self.findings.push(Diagnostic::error(Source::Policies, span, text));
        self.is_full |= self.findings.len() >= FINDINGS_MAX;
    }
}
