//! The explaining module: a module of probes, each of which holds where one clause of a policy does.
//!
//! A probe of a condition is a policy with the scope and all clauses up to that one, so that it is
//! typed as in its policy; the first probe that does not hold names the clause that failed. The
//! parts of a scope stand alone. Probes are compiled as any policy is.

mod clauses;
mod reads;

use std::fmt::Write;

use trapkey_abi::{CLAUSE_ANNOTATION, Clause, Semantics};

use crate::diagnostic::{CompileError, Diagnostic, Source};
use crate::front::{self, Front};
use crate::limits;
use crate::module::{self, CompileOptions, Compiled, Sources, json};

/// Compiles the module that explains what [`compile`](crate::compile) makes of the same sources.
///
/// It has one policy for each part of a scope and for each conjunct of the conditions; templates
/// have none.
///
/// # Errors
///
/// As [`compile`](crate::compile). The size of a policy counts once for each of its clauses.
pub fn compile_explain(sources: &Sources<'_>) -> Result<Compiled, CompileError> {
    limits::on_own_stack(|| compiled(sources))
}

fn compiled(sources: &Sources<'_>) -> Result<Compiled, CompileError> {
    let Front { policies, .. } = front::front(sources)?;
    let mut text = String::new();
    let mut clauses: Vec<Clause> = Vec::new();
    for (number, entry) in (0_u32..).zip(&policies) {
        for (probe, clause) in clauses::probes(number, entry) {
            // Writing to a text cannot fail.
            if writeln!(text, "@id(\"{}\")\n{probe}", clauses.len()).is_err() {
                return Err(unsupported("a probe cannot be written"));
            }
            clauses.push(clause);
        }
    }
    limits::within("probes", text.len(), "bytes", limits::POLICY_BYTES_MAX)?;
    let probes = Sources { policies: &text, schema: sources.schema, links: &[] };
    let mut front = front::front(&probes)?;
    front.warnings.clear();
    if front.policies.len() != clauses.len() {
        return Err(unsupported("a probe was lost"));
    }
    for (entry, clause) in front.policies.iter_mut().zip(&clauses) {
        let described = String::from_utf8(json(clause)?)
            .map_err(|_| unsupported("a clause cannot be written"))?;
        entry.manifest.annotations.insert(CLAUSE_ANNOTATION.to_owned(), described);
        entry.manifest.span = clause.span;
    }
    module::compiled_front(front, CompileOptions { semantics: Semantics::TRAPKEY })
}

fn unsupported(message: &str) -> CompileError {
    CompileError::Unsupported(vec![Diagnostic::error(Source::Policies, None, message.to_owned())])
}
