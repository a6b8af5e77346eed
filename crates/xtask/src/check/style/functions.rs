//! Rules for functions: how long, how many parameters, what they may be called.

use syn::visit::{self, Visit};
use syn::{Block, FnArg, Signature, Visibility};

use super::Finding;
use crate::source::Source;

const LINES_MAX: usize = 70;
const PARAMETERS_MAX: usize = 5;

/// Names that speak of the history of the code.
const PREFIXES: [&str; 2] = ["new_", "old_"];

/// Counts from the line of `fn` to that of the closing brace, comments and blank lines included.
pub(super) fn long(source: &Source) -> Vec<Finding> {
    functions(source)
        .into_iter()
        .filter(|function| function.lines > LINES_MAX)
        .map(|function| function.finding(&format!("{} lines", function.lines)))
        .collect()
}

/// Counts without `self`.
pub(super) fn wide(source: &Source) -> Vec<Finding> {
    functions(source)
        .into_iter()
        .filter(|function| function.parameters > PARAMETERS_MAX)
        .map(|function| function.finding(&format!("{} parameters", function.parameters)))
        .collect()
}

pub(super) fn badly_named(source: &Source) -> Vec<Finding> {
    functions(source)
        .into_iter()
        .filter(|function| PREFIXES.iter().any(|prefix| function.name.starts_with(prefix)))
        .map(|function| Finding::at(function.line))
        .collect()
}

pub(super) fn unprefixed(source: &Source) -> Vec<Finding> {
    if !source.is_under(&["crates/capi/src/"]) {
        return Vec::new();
    }
    functions(source)
        .into_iter()
        .filter(|function| function.is_exported && !function.name.starts_with("trapkey_"))
        .map(|function| Finding::at(function.line))
        .collect()
}

struct Function {
    name: String,
    line: usize,
    /// Zero for a declaration without a body.
    lines: usize,
    parameters: usize,
    /// `pub extern`.
    is_exported: bool,
}

impl Function {
    fn finding(&self, what: &str) -> Finding {
        Finding::saying(self.line, format!("`{}` has {what}", self.name))
    }
}

fn functions(source: &Source) -> Vec<Function> {
    let mut functions = Functions(Vec::new());
    functions.visit_file(&source.syntax);
    functions.0
}

struct Functions(Vec<Function>);

impl Functions {
    fn push(&mut self, signature: &Signature, body: Option<&Block>, is_public: bool) {
        let line = signature.fn_token.span.start().line;
        let parameters = signature.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_)));
        self.0.push(Function {
            name: signature.ident.to_string(),
            line,
            lines: body.map_or(0, |body| body.brace_token.span.close().end().line - line + 1),
            parameters: parameters.count(),
            is_exported: is_public && signature.abi.is_some(),
        });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        let is_public = matches!(node.vis, Visibility::Public(_));
        self.push(&node.sig, Some(&node.block), is_public);
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        self.push(&node.sig, Some(&node.block), false);
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        self.push(&node.sig, node.default.as_ref(), false);
        visit::visit_trait_item_fn(self, node);
    }
}
