//! `trapkey decide`: one request against a bundle and entities.

use std::path::Path;

use trapkey::{
    BUNDLE_BYTES_MAX, Bundle, ENTITIES_BYTES_MAX, Engine, Limits, REQUEST_BYTES_MAX, Reason,
};

use crate::arguments::DecideArguments;
use crate::decision;
use crate::error::CliError;
use crate::files;
use crate::output::{Output, Status};
use crate::progress;
use crate::sources::PolicyFiles;

/// Runs `trapkey decide`.
pub(crate) fn run(arguments: &DecideArguments, output: &mut Output) -> Result<Status, CliError> {
    if arguments.entities.as_os_str() == "-" && arguments.request.as_os_str() == "-" {
        return Err(CliError::SharedInput);
    }
    let sources = PolicyFiles::read(&arguments.source)?;
    let (bundle, _) = open(&arguments.bundle)?;
    let entities = files::text(&arguments.entities, ENTITIES_BYTES_MAX)?;
    let request = files::text(&arguments.request, REQUEST_BYTES_MAX)?;
    let engine = Engine::new(Limits::default()).map_err(CliError::Runtime)?;
    progress::during("publishing", || engine.publish_with_json(&bundle, &entities))
        .map_err(|error| CliError::Publish(Box::new(error)))?;
    let decided = engine.decide_json(&request).map_err(|error| CliError::Request {
        path: arguments.request.clone(),
        error: Box::new(error),
    })?;
    if output.is_json() {
        output.json(&decision::json(&decided, &sources))?;
    } else {
        decision::print(&decided, &sources, output)?;
    }
    Ok(match decided.reason() {
        Reason::Permitted => Status::Done,
        Reason::Forbidden
        | Reason::NotPermitted
        | Reason::ForbidErred
        | Reason::ObligationNotHonoured => Status::Denied,
        Reason::Failed(_) => Status::Failed,
    })
}

/// Opens a bundle file; gives its length too.
pub(crate) fn open(path: &Path) -> Result<(Bundle, usize), CliError> {
    let bytes = files::bytes(path, BUNDLE_BYTES_MAX)?;
    Ok((opened(path, &bytes)?, bytes.len()))
}

/// The bundle in the bytes of a file.
pub(crate) fn opened(path: &Path, bytes: &[u8]) -> Result<Bundle, CliError> {
    Bundle::open(bytes).map_err(|error| CliError::Open { path: path.to_path_buf(), error })
}
