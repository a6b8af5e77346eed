//! The `trapkey` command: checks, builds, inspects, decides, tests and shows policies.

mod arguments;
mod build;
mod cases;
mod check;
mod compiled;
mod component;
mod decide;
mod decision;
mod demo;
mod envoy;
mod error;
mod explain;
mod faults;
mod files;
mod findings;
mod generate;
mod inspect;
mod output;
mod precompiled;
mod progress;
mod push;
mod sources;
mod wasm;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use serde_json::json;

use arguments::{Arguments, Command, PushCommand};
use error::CliError;
use output::{Output, Status};

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let mut output = Output::stdout(arguments.json);
    let outcome = run(arguments.command, &mut output);
    let outcome = outcome.and_then(|status| {
        output.finish()?;
        Ok(status)
    });
    match outcome {
        Ok(status) => status.into(),
        Err(error) => match error.report(&mut output) {
            Ok(()) => error.status().into(),
            // Standard output is gone: what could be said has nowhere to go.
            Err(_) => Status::Failed.into(),
        },
    }
}

fn run(command: Command, output: &mut Output) -> Result<Status, CliError> {
    match command {
        Command::Check(arguments) => check::run(&arguments, output),
        Command::Build(arguments) => build::run(&arguments, output),
        Command::Push(PushCommand::Envoy(arguments)) => push::run(&arguments, output),
        Command::Inspect(arguments) => inspect::run(&arguments, output),
        Command::Generate(arguments) => generate::run(&arguments, output),
        Command::Decide(arguments) => decide::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::Test(arguments) => cases::run(&arguments, output),
        Command::Demo(arguments) => demo::run(&arguments, output),
    }
}

/// Answers a command line that cannot be used, or that asks for help.
fn refuse(error: &clap::Error) -> ExitCode {
    let is_answer = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    // The flag is looked for by hand: there are no parsed arguments.
    let printed = if !is_answer && std::env::args().any(|argument| argument == "--json") {
        let message = error.to_string();
        let message = message.trim_end();
        let mut output = Output::stdout(true);
        let error = json!({ "error": { "kind": "usage", "message": message, "causes": [] } });
        output.json(&error).and_then(|()| output.finish())
    } else {
        error.print().map_err(CliError::Output)
    };
    match (printed, is_answer) {
        (Ok(()), true) => ExitCode::SUCCESS,
        (Ok(()), false) => Status::Usage.into(),
        (Err(_), _) => Status::Failed.into(),
    }
}
