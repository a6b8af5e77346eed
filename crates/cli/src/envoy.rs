//! `trapkey build --target envoy`: a bundle, entities and a mapping to a filter.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use trapkey::{Bundle, ENTITIES_BYTES_MAX, EntityStore, Model};
use trapkey_envoy::{MAPPING_BYTES_MAX, Mapping};

use crate::arguments::BuildArguments;
use crate::error::CliError;
use crate::files;
use crate::output::{Output, Status};
use crate::progress;

/// Builds the filter of a bundle.
pub(crate) fn build(
    arguments: &BuildArguments,
    bundle: &Bundle,
    output: &mut Output,
) -> Result<Status, CliError> {
    // Clap asks for it; without one there is nothing to read.
    let path = arguments.mapping.clone().unwrap_or_default();
    let refused = |error| CliError::Mapping { path: path.clone(), error };
    let mapping = Mapping::parse(&files::text(&path, MAPPING_BYTES_MAX)?).map_err(refused)?;
    let (path, text) = match &entities_file(arguments) {
        Some(path) => (path.clone(), files::text(path, ENTITIES_BYTES_MAX)?),
        None => (PathBuf::from("no entities"), "[]".to_owned()),
    };
    let model = Arc::new(Model::new(bundle.schema().clone()));
    let store = EntityStore::from_json(model, &text);
    let store = store.map_err(|error| CliError::Entities { path, error })?;
    let entities = store.snapshot();
    let failed = |error| CliError::Filter { path: arguments.output.clone(), error };
    let filter = progress::during("linking", || trapkey_envoy::build(bundle, &entities, &mapping));
    let filter = filter.map_err(failed)?;
    files::replace(&arguments.output, filter.bytes())?;
    if let Some(path) = &arguments.image {
        let image = trapkey_envoy::image(&entities).map_err(failed)?;
        files::replace(path, &image)?;
    }
    let (bytes, count) = (filter.bytes().len(), entities.len());
    if output.is_json() {
        output.json(&json!({
            "path": arguments.output.display().to_string(),
            "digest": filter.digest(),
            "bundle_digest": bundle.digest().to_string(),
            "bytes": bytes,
            "entities": count,
            "image": arguments.image.as_ref().map(|path| path.display().to_string()),
        }))?;
    } else {
        output.line(format_args!("{}: filter, {bytes} bytes", arguments.output.display()))?;
        output.line(format_args!("  digest    {}", filter.digest()))?;
        output.line(format_args!("  bundle    {}", bundle.digest()))?;
        output.line(format_args!("  entities  {count}"))?;
    }
    Ok(Status::Done)
}

/// The entities that are named, or those of the first folder that has some.
fn entities_file(arguments: &BuildArguments) -> Option<PathBuf> {
    let in_folder = || {
        let files = arguments.sources.policies.iter().map(|path| path.join("entities.json"));
        files.into_iter().find(|path| path.is_file())
    };
    arguments.entities.clone().or_else(in_folder)
}
