//! Rules for failures: none is dropped, and a library's are typed.

use syn::visit::{self, Visit};
use syn::{Expr, GenericArgument, Ident, PathArguments, Stmt, Type, TypeParamBound};

use super::{Finding, is_library_code};
use crate::source::Source;

/// Finds `let _ = …`, `_ = …` and `….ok();`.
pub(super) fn dropped(source: &Source) -> Vec<Finding> {
    let mut lines = source.find(&["let", "_", "="]);
    lines.extend(source.find(&["let", "_", ":"]));
    let mut dropped = Dropped(lines);
    dropped.visit_file(&source.syntax);
    dropped.0.sort_unstable();
    Finding::all(dropped.0)
}

struct Dropped(Vec<usize>);

impl<'ast> Visit<'ast> for Dropped {
    fn visit_stmt(&mut self, node: &'ast Stmt) {
        if let Stmt::Expr(Expr::MethodCall(call), Some(_)) = node
            && call.method == "ok"
            && call.args.is_empty()
        {
            self.0.push(call.method.span().start().line);
        }
        visit::visit_stmt(self, node);
    }

    fn visit_expr_assign(&mut self, node: &'ast syn::ExprAssign) {
        if matches!(*node.left, Expr::Infer(_)) {
            self.0.push(node.eq_token.span.start().line);
        }
        visit::visit_expr_assign(self, node);
    }
}

/// Finds `anyhow`, `Box<dyn Error>` and `Result<_, String>` in library code.
pub(super) fn untyped(source: &Source) -> Vec<Finding> {
    let mut untyped = Untyped(source.find(&["anyhow"]));
    untyped.visit_file(&source.syntax);
    untyped.0.sort_unstable();
    Finding::all(untyped.0.into_iter().filter(|line| is_library_code(source, *line)))
}

struct Untyped(Vec<usize>);

impl<'ast> Visit<'ast> for Untyped {
    fn visit_path_segment(&mut self, node: &'ast syn::PathSegment) {
        let arguments = type_arguments(&node.arguments);
        let is_untyped = match (node.ident.to_string().as_str(), arguments.as_slice()) {
            ("Box", [Type::TraitObject(object)]) => object.bounds.iter().any(|bound| {
                let TypeParamBound::Trait(bound) = bound else {
                    return false;
                };
                last(&bound.path).is_some_and(|name| name == "Error")
            }),
            ("Result", [_, Type::Path(error)]) => {
                last(&error.path).is_some_and(|name| name == "String")
            }
            _ => false,
        };
        if is_untyped {
            self.0.push(node.ident.span().start().line);
        }
        visit::visit_path_segment(self, node);
    }
}

fn type_arguments(arguments: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return Vec::new();
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    });
    types.collect()
}

fn last(path: &syn::Path) -> Option<&Ident> {
    path.segments.last().map(|segment| &segment.ident)
}
