//! Compares Trapkey with Cedar, and both with test files that say what Cedar decides.
//!
//! A test is a schema, policies, entities and requests. What Cedar refuses must be refused, with Cedar's
//! diagnostics; what Cedar accepts must be accepted, and decided with the same determining and erring policies.

mod application;
mod comparison;
mod find;
mod gaps;
mod integration;
mod judge;
mod mending;
mod pdp;
mod report;
mod test;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use cedar_policy::ParseErrors;
use trapkey::RuntimeError;

pub use self::gaps::{GAPS, Gap};
pub use self::report::{Difference, Report};

use self::comparison::{Comparison, compare};
use self::find::Found;
use self::pdp::Pdp;

/// Stack of a thread that compares, in bytes: Cedar refuses what is nested deeper than its stack, and without
/// optimisation the usual 2 MiB hold a tenth of what they hold otherwise.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Why tests could not be run, as opposed to what came of them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConformanceError {
    /// A file or folder cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is not the JSON that it should be.
    #[error("malformed `{}`", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: serde_json::Error,
    },
    /// A test names a file that is in none of the folders above it.
    #[error("`{}` names `{name}`, which is in no folder above", path.display())]
    Missing {
        /// The test.
        path: PathBuf,
        /// The file that it names.
        name: String,
    },
    /// A slot of a template link is not the uid of an entity.
    #[error("a link in `{}` names no entity", path.display())]
    Link {
        /// The links.
        path: PathBuf,
        /// Why not.
        source: Box<ParseErrors>,
    },
    /// The engine does not start.
    #[error("no engine")]
    Engine(#[source] RuntimeError),
    /// A thread cannot be started.
    #[error("no thread")]
    Thread(#[source] std::io::Error),
}

/// Runs every test in `folder` and below, on as many threads as the machine has cores. Tests among `gaps` must differ.
///
/// # Errors
///
/// [`ConformanceError`]; a difference is none.
pub fn run(folder: &Path, gaps: &[Gap]) -> Result<Report, ConformanceError> {
    let found = find::tests(folder)?;
    let queue = Mutex::new(found.iter());
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let compared = thread::scope(|scope| {
        let mut workers = Vec::new();
        for _ in 0..threads {
            let builder = thread::Builder::new().stack_size(STACK_BYTES);
            let worker = builder
                .spawn_scoped(scope, || work(folder, &queue))
                .map_err(ConformanceError::Thread)?;
            workers.push(worker);
        }
        let mut compared = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(part) => compared.extend(part?),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        Ok(compared)
    })?;
    Ok(Report::of(compared, gaps))
}

/// Compares tests until none is left.
fn work<'f>(
    folder: &Path,
    queue: &Mutex<impl Iterator<Item = &'f Found>>,
) -> Result<Vec<Comparison>, ConformanceError> {
    let pdp = Pdp::start().map_err(ConformanceError::Engine)?;
    let mut compared = Vec::new();
    loop {
        let next = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
        let Some(found) = next else {
            return Ok(compared);
        };
        if let Some(test) = found.read(folder)? {
            compared.push(compare(&test, &pdp));
        }
    }
}
