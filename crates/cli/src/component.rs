//! `trapkey build --target component`: a bundle to a component.

use serde_json::json;
use trapkey::Bundle;

use crate::arguments::BuildArguments;
use crate::error::CliError;
use crate::files;
use crate::output::{Output, Status};
use crate::progress;

/// Builds the component of a bundle.
pub(crate) fn build(
    arguments: &BuildArguments,
    bundle: &Bundle,
    output: &mut Output,
) -> Result<Status, CliError> {
    let component = progress::during("linking", || trapkey_component::build(bundle));
    let path = &arguments.output;
    let component = component.map_err(|error| CliError::Component { path: path.clone(), error })?;
    files::replace(path, &component)?;
    let (path, bytes, digest) = (path.display(), component.len(), bundle.digest().to_string());
    if output.is_json() {
        output
            .json(&json!({ "path": path.to_string(), "bundle_digest": digest, "bytes": bytes }))?;
    } else {
        output.line(format_args!("{path}: component, {bytes} bytes"))?;
        output.line(format_args!("  bundle  {digest}"))?;
    }
    Ok(Status::Done)
}
