//! `trapkey generate`: source code with a type for each request of a schema.

use serde_json::json;
use trapkey::{Model, generate_c, generate_rust, parse_schema};

use crate::arguments::{GenerateArguments, Language};
use crate::error::CliError;
use crate::files;
use crate::output::{Output, Status};
use crate::sources::SourceFiles;

/// Runs `trapkey generate`.
pub(crate) fn run(arguments: &GenerateArguments, output: &mut Output) -> Result<Status, CliError> {
    let (files, name) = SourceFiles::schema_alone(&arguments.schema)?;
    let schema = match parse_schema(files.sources().schema) {
        Ok(schema) => schema,
        Err(error) => return Err(CliError::Compile { error, files: Box::new(files) }),
    };
    let text = match arguments.language {
        Language::Rust => generate_rust(&schema, &name),
        Language::C => {
            let stem = name.split('.').next().unwrap_or(&name);
            generate_c(&schema, &name, arguments.prefix.as_deref().unwrap_or(stem))
        }
    };
    if let Some(path) = &arguments.output {
        files::replace(path, text.as_bytes())?;
    }
    let (entity_types, actions) = (schema.entity_types.len(), schema.actions.len());
    let layout = Model::new(schema).layout().digest;
    if output.is_json() {
        output.json(&json!({
            "schema": name,
            "layout_digest": layout.to_string(),
            "entity_types": entity_types,
            "actions": actions,
            "path": arguments.output,
            "text": arguments.output.is_none().then_some(text),
        }))?;
        return Ok(Status::Done);
    }
    match &arguments.output {
        Some(path) => output.line(format_args!(
            "{}: `{name}`, {entity_types} entity types, {actions} actions, layout {layout}",
            path.display()
        ))?,
        None => text.lines().try_for_each(|line| output.line(format_args!("{line}")))?,
    }
    Ok(Status::Done)
}
