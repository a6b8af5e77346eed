//! `trapkey inspect`: what a bundle holds.

use std::io::Write;

use serde_json::{Value, json};
use trapkey::{
    Bundle, EntityUid, ForbidErrors, PRECOMPILED_BYTES_MAX, Policy, PrecompiledHead, Schema, Span,
    Stage,
};

use crate::arguments::InspectArguments;
use crate::decide;
use crate::decision::{effect_name, obligation_text};
use crate::error::{CliError, ModuleError};
use crate::faults;
use crate::files;
use crate::output::{Output, Status};
use crate::precompiled;
use crate::wasm::{self, Shape};

/// Runs `trapkey inspect`.
pub(crate) fn run(arguments: &InspectArguments, output: &mut Output) -> Result<Status, CliError> {
    let bytes = files::bytes(&arguments.bundle, PRECOMPILED_BYTES_MAX)?;
    if PrecompiledHead::is_of(&bytes) {
        precompiled::inspect(&arguments.bundle, &bytes, output)?;
        return Ok(Status::Done);
    }
    let (bundle, bytes) = (decide::opened(&arguments.bundle, &bytes)?, bytes.len());
    let module = |error: ModuleError| CliError::Module { path: arguments.bundle.clone(), error };
    let wat = if arguments.wat { Some(wasm::text(bundle.module()).map_err(module)?) } else { None };
    let shape = wasm::shape(bundle.module()).map_err(module)?;
    if output.is_json() {
        let policies = if arguments.policies {
            bundle.policies().iter().map(|policy| policy_json(policy, bundle.schema())).collect()
        } else {
            json!(bundle.policies().len())
        };
        let mut fields = bundle_json(&bundle, bytes, &shape);
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("policies".to_owned(), policies);
            fields.insert("wat".to_owned(), wat.into());
        }
        output.json(&fields)?;
    } else if let Some(wat) = wat {
        output.write_all(wat.as_bytes())?;
    } else {
        print_bundle(&bundle, bytes, &shape, output)?;
        if arguments.policies {
            for policy in bundle.policies() {
                print_policy(policy, output)?;
                faults::print(policy, bundle.schema(), |_| None, output)?;
            }
        }
    }
    Ok(Status::Done)
}

fn forbid_errors_name(rule: ForbidErrors) -> &'static str {
    match rule {
        ForbidErrors::Deny => "deny",
        ForbidErrors::Skip => "skip",
    }
}

fn bundle_json(bundle: &Bundle, bytes: usize, shape: &Shape) -> Value {
    let (head, manifest) = (bundle.head(), bundle.manifest());
    let (semantics, memory) = (manifest.semantics, manifest.memory);
    json!({
        "name": head.name,
        "version": head.version,
        "sequence": head.sequence,
        "compiler": manifest.compiler,
        "abi": manifest.abi,
        "semantics": {
            "forbid_errors": forbid_errors_name(semantics.forbid_errors),
            "stages": semantics.stages,
            "expiry": semantics.expiry,
        },
        "digest": bundle.digest().to_string(),
        "module_digest": head.module_digest.to_string(),
        "schema_digest": head.schema_digest.to_string(),
        "layout_digest": head.layout_digest.to_string(),
        "bytes": { "bundle": bytes, "module": bundle.module().len() },
        "memory": {
            "pages": memory.pages,
            "frames_offset": memory.frames_offset,
            "frames_bytes": memory.frames_bytes,
            "frame_bytes_max": memory.frame_bytes_max,
            "responses_offset": memory.responses_offset,
            "responses_bytes": memory.responses_bytes,
            "response_bytes_max": memory.response_bytes_max,
        },
        "exports": shape.exports,
        "functions": shape.functions,
        "entity_types": bundle.schema().entity_types.len(),
        "actions": bundle.schema().actions.len(),
        "environments": bundle.gather().environments.len(),
        "instructions_max": worst_cases(bundle).map(worst_case_json).collect::<Vec<_>>(),
    })
}

/// Actions that requests can have, with the most instructions that a decision on one takes.
fn worst_cases(bundle: &Bundle) -> impl Iterator<Item = (&EntityUid, u64)> {
    let bounds = bundle.manifest().instructions_max.iter().copied();
    let actions = bundle.schema().actions.iter().map(|action| &action.uid);
    actions.zip(bounds).filter(|(_, bound)| *bound > 0)
}

fn worst_case_json((action, instructions_max): (&EntityUid, u64)) -> Value {
    json!({ "action": action.to_string(), "instructions": instructions_max })
}

fn print_bundle(
    bundle: &Bundle,
    bytes: usize,
    shape: &Shape,
    output: &mut Output,
) -> Result<(), CliError> {
    let (head, manifest) = (bundle.head(), bundle.manifest());
    let semantics = manifest.semantics;
    output.line(format_args!("`{}` {} (sequence {})", head.name, head.version, head.sequence))?;
    output.line(format_args!("  compiler       {}, ABI {}", manifest.compiler, manifest.abi))?;
    let forbid_errors = forbid_errors_name(semantics.forbid_errors);
    output.line(format_args!(
        "  semantics      forbid_errors = {forbid_errors}, stages = {}, expiry = {}",
        semantics.stages, semantics.expiry
    ))?;
    output.line(format_args!("  digest         {}", bundle.digest()))?;
    output.line(format_args!("  module digest  {}", head.module_digest))?;
    output.line(format_args!("  schema digest  {}", head.schema_digest))?;
    output.line(format_args!("  layout digest  {}", head.layout_digest))?;
    output.line(format_args!(
        "  bytes          {bytes}, of which {} are the module",
        bundle.module().len()
    ))?;
    let schema = bundle.schema();
    output.line(format_args!(
        "  schema         {} entity types, {} actions",
        schema.entity_types.len(),
        schema.actions.len()
    ))?;
    output.line(format_args!("  environments   {}", bundle.gather().environments.len()))?;
    output.line(format_args!("  policies       {}", bundle.policies().len()))?;
    output.line(format_args!("  functions      {}", shape.functions))?;
    print_memory(bundle, output)?;
    output.line(format_args!("worst case, in instructions"))?;
    for (action, instructions_max) in worst_cases(bundle) {
        output.line(format_args!("  {instructions_max:>14} {action}"))?;
    }
    output.line(format_args!("exports"))?;
    for export in &shape.exports {
        output.line(format_args!("  {:<14} {} {}", export.name, export.kind, export.ty))?;
    }
    Ok(())
}

fn print_memory(bundle: &Bundle, output: &mut Output) -> Result<(), CliError> {
    let memory = bundle.manifest().memory;
    output.line(format_args!("memory: {} pages of 64 KiB", memory.pages))?;
    output.line(format_args!(
        "  frames         at {:#x}, {} bytes, the longest {}",
        memory.frames_offset, memory.frames_bytes, memory.frame_bytes_max
    ))?;
    output.line(format_args!(
        "  responses      at {:#x}, {} bytes, the longest {}",
        memory.responses_offset, memory.responses_bytes, memory.response_bytes_max
    ))?;
    Ok(())
}

fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Observe => "observe",
        Stage::Enforce => "enforce",
    }
}

fn policy_json(policy: &Policy, schema: &Schema) -> Value {
    let obligations = policy
        .obligations
        .iter()
        .map(|obligation| json!({ "name": obligation.name, "argument": obligation.argument }));
    let span = |span: &Span| json!({ "start": span.start, "end": span.end });
    json!({
        "id": policy.id,
        "cedar_id": policy.cedar_id,
        "effect": effect_name(policy.effect),
        "stage": stage_name(policy.stage),
        "is_template": policy.is_template(),
        "annotations": policy.annotations,
        "obligations": obligations.collect::<Vec<_>>(),
        "expires": policy.expires,
        "span": span(&policy.span),
        "places": policy.places.iter().map(span).collect::<Vec<_>>(),
        "faults": faults::json(std::slice::from_ref(policy), schema, |_| None),
    })
}

fn print_policy(policy: &Policy, output: &mut Output) -> Result<(), CliError> {
    let kind = if policy.is_template() { " template" } else { "" };
    output.line(format_args!(
        "{}: {}{kind}, {}, `{}`, bytes {} to {}",
        policy.id,
        effect_name(policy.effect),
        stage_name(policy.stage),
        policy.cedar_id,
        policy.span.start,
        policy.span.end
    ))?;
    for (name, value) in &policy.annotations {
        if !["id", "stage", "obligation"].contains(&name.as_str()) {
            output.line(format_args!("  @{name}: {value}"))?;
        }
    }
    if !policy.obligations.is_empty() {
        let obligations: Vec<String> = policy.obligations.iter().map(obligation_text).collect();
        output.line(format_args!("  obligations: {}", obligations.join(", ")))?;
    }
    Ok(())
}
