//! Cedar text to parsed policies and schema, bounds first.

use cedar_policy_core::ast::PolicySet;
use cedar_policy_core::extensions::Extensions;
use cedar_policy_core::parser::parse_policyset;
use cedar_policy_core::validator::{ValidatorSchema, json_schema};
use trapkey_abi::Schema;

use crate::diagnostic::{CompileError, Diagnostic, Severity, Source};
use crate::limits::{POLICY_BYTES_MAX, SCHEMA_BYTES_MAX, within};
use crate::lower::Unsupported;
use crate::{limits, overlay, schema, still};

/// A schema as Cedar's validator and as the contract see it.
pub(crate) struct ParsedSchema {
    pub(crate) cedar: ValidatorSchema,
    pub(crate) schema: Schema,
    pub(crate) warnings: Vec<Diagnostic>,
}

/// Reads a schema in Cedar's syntax, or in its JSON form if the text begins with a brace.
///
/// # Errors
///
/// [`CompileError::TooLarge`] before anything is read, [`CompileError::Limit`] before anything is
/// parsed or put together, then [`CompileError::Schema`].
pub fn parse_schema(text: &str) -> Result<Schema, CompileError> {
    limits::on_own_stack(|| parsed_schema(text).map(|parsed| parsed.schema))
}

pub(crate) fn parsed_schema(text: &str) -> Result<ParsedSchema, CompileError> {
    within("schema text", text.len(), "bytes", SCHEMA_BYTES_MAX)?;
    limits::check_schema(text)?;
    let extensions = Extensions::all_available();
    let mut warnings = Vec::new();
    let fragment = if text.trim_start().starts_with('{') {
        json_schema::Fragment::from_json_str(text).map_err(|e| refused(&e))?
    } else {
        let (fragment, found) = json_schema::Fragment::from_cedarschema_str(text, extensions)
            .map_err(|e| refused(&e))?;
        warnings
            .extend(found.map(|w| Diagnostic::from_cedar(Source::Schema, Severity::Warning, &w)));
        fragment
    };
    let annotated = serde_json::to_value(&fragment).map_err(|error| {
        let message = error.to_string();
        CompileError::Schema(vec![Diagnostic::error(Source::Schema, None, message)])
    })?;
    limits::check_fragment(&annotated)?;
    let cedar = ValidatorSchema::try_from(fragment).map_err(|e| refused(&e))?;
    cedar.check_complete().map_err(|e| refused(&e))?;
    let mut schema = schema::convert(&cedar).map_err(|Unsupported(message)| {
        CompileError::Schema(vec![Diagnostic::error(Source::Schema, None, message)])
    })?;
    overlay::annotate(&mut schema, &annotated).map_err(CompileError::Schema)?;
    warnings.extend(still::still_durations(&schema));
    Ok(ParsedSchema { cedar, schema, warnings })
}

pub(crate) fn parsed_policies(text: &str) -> Result<PolicySet, CompileError> {
    within("policy text", text.len(), "bytes", POLICY_BYTES_MAX)?;
    limits::check_policies(text)?;
    parse_policyset(text).map_err(|errors| {
        let list = errors
            .iter()
            .map(|e| Diagnostic::from_cedar(Source::Policies, Severity::Error, e))
            .collect();
        CompileError::Parse(list)
    })
}

fn refused(report: &dyn miette::Diagnostic) -> CompileError {
    CompileError::Schema(vec![Diagnostic::from_cedar(Source::Schema, Severity::Error, report)])
}
