//! `trapkey push`: a filter into the file that a proxy watches.

use serde_json::json;
use trapkey_envoy::{Chain, Failure, IMAGE_BYTES_MAX, PUSHED_BYTES_MAX, Push};

use crate::arguments::{ChainName, FailureName, PushArguments};
use crate::error::CliError;
use crate::files;
use crate::output::{Output, Status};

/// Runs `trapkey push envoy`.
pub(crate) fn run(arguments: &PushArguments, output: &mut Output) -> Result<Status, CliError> {
    let filter = files::bytes(&arguments.module, PUSHED_BYTES_MAX)?;
    let image = match &arguments.image {
        Some(path) => Some(files::bytes(path, IMAGE_BYTES_MAX)?),
        None => None,
    };
    let push = Push {
        name: &arguments.name,
        chain: match arguments.chain {
            ChainName::Http => Chain::Http,
            ChainName::Network => Chain::Network,
        },
        failure: match arguments.failure {
            FailureName::Reload => Failure::Reload,
            FailureName::Closed => Failure::Closed,
        },
        filter: &filter,
        image: image.as_deref(),
    };
    let refused = |error| CliError::NoFilter { path: arguments.module.clone(), error };
    let text = push.discovery().map_err(refused)?;
    files::replace(&arguments.file, text.as_bytes())?;
    let path = arguments.file.display();
    if output.is_json() {
        let (path, bytes) = (path.to_string(), text.len());
        output.json(&json!({ "path": path, "name": arguments.name, "bytes": bytes }))?;
    } else {
        output.line(format_args!("{path}: `{}`, {} bytes", arguments.name, text.len()))?;
    }
    Ok(Status::Done)
}
