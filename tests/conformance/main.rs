//! `conformance DIR`: compares Trapkey with Cedar on the tests in a folder.

use std::path::Path;
use std::process::ExitCode;

use trapkey_tests::conformance::{self, GAPS};

/// Exit status of a command line that names no folder.
const MISUSE: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [folder] = arguments.as_slice() else {
        eprintln!("usage: conformance DIR");
        return ExitCode::from(MISUSE);
    };
    let folder = Path::new(folder);
    match conformance::run(folder, GAPS) {
        Ok(report) => {
            println!("{report}");
            if report.tests == 0 {
                eprintln!("there are no tests in `{}`", folder.display());
                return ExitCode::FAILURE;
            }
            if report.differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(&error);
            while let Some(error) = cause {
                text = format!("{text}: {error}");
                cause = error.source();
            }
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}
