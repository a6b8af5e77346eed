//! Compiles and publishes large generated policy sets and prints what each takes, or which limit
//! refuses it: `scale [POLICIES]`, by default 50,000.

mod shapes;

use std::process::ExitCode;

use trapkey::{
    Bundle, CompileOptions, Compiled, Engine, Limits, Options, Release, Sources, compile,
};
use wasmparser::{Validator, WasmFeatures};

use shapes::Shape;

fn main() -> ExitCode {
    let count = std::env::args().nth(1).map_or(Ok(50_000), |count| count.parse());
    let Ok(count) = count else {
        eprintln!("usage: scale [POLICIES]");
        return ExitCode::FAILURE;
    };
    println!("shape | policies | conditions | module bytes | pages | outcome | peak memory kB");
    for shape in Shape::all(count) {
        let outcome = match measure(&shape) {
            Ok(text) => text,
            Err(error) => format!("- | - | - | refused: {error}"),
        };
        println!("{} | {count} | {outcome} | {}", shape.name, peak_memory().unwrap_or_default());
    }
    ExitCode::SUCCESS
}

fn measure(shape: &Shape) -> Result<String, Box<dyn std::error::Error>> {
    let sources = Sources { policies: &shape.policies, schema: &shape.schema, links: &shape.links };
    let compiled = compile(&sources, CompileOptions::default())?;
    let features = WasmFeatures::MVP | WasmFeatures::SIGN_EXTENSION | WasmFeatures::BULK_MEMORY;
    Validator::new_with_features(features & !WasmFeatures::FLOATS)
        .validate_all(&compiled.module)?;
    let outcome = match publish(&compiled) {
        Ok(()) => "published".to_owned(),
        Err(error) => format!("compiled; not published: {error}"),
    };
    let (len, pages) = (compiled.module.len(), compiled.manifest.memory.pages);
    Ok(format!("{} | {len} | {pages} | {outcome}", compiled.conditions))
}

fn publish(compiled: &Compiled) -> Result<(), Box<dyn std::error::Error>> {
    let release = Release { name: "scale".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module)?;
    let mut limits = Limits::default();
    limits.module_bytes_max = limits.module_bytes_max.max(compiled.module.len());
    let engine = Engine::with_options(Options { limits, ..Options::default() })?;
    engine.publish(&Bundle::open(&bytes)?)?;
    Ok(())
}

/// Most memory that the process had, where the system says so.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").to_owned())
}
