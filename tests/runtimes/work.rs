//! A module, frames that the engine's encoder writes for it, and how they are divided into batches.

use std::num::NonZeroU64;
use std::ops::Range;

use serde_json::Value;
use trapkey::{
    Bundle, CompileOptions, Compiled, Engine, Limits, MemoryMap, Release, Request, Semantics,
    Sources, compile,
};
use trapkey_abi::{EncodeRequest, encode};

/// What a runtime is given.
#[derive(Clone)]
pub(crate) struct Work {
    pub(crate) module: Vec<u8>,
    pub(crate) map: MemoryMap,
    pub(crate) frames: Vec<Vec<u8>>,
    /// Per frame, whether the engine allows.
    pub(crate) verdicts: Vec<bool>,
    pub(crate) batches: Vec<Batch>,
}

/// Frames that are decided by one call.
#[derive(Clone)]
pub(crate) struct Batch {
    /// Numbers of the frames.
    pub(crate) frames: Range<usize>,
    /// Distance between frames, in bytes.
    pub(crate) stride: u32,
}

/// Writes frames for one module.
pub(crate) struct Encoder {
    compiled: Compiled,
    engine: Engine,
    frames: Vec<Vec<u8>>,
    verdicts: Vec<bool>,
}

impl Encoder {
    pub(crate) fn new(policies: &str, schema: &str, semantics: Semantics) -> Self {
        let sources = Sources { policies, schema, links: &[] };
        let compiled = compile(&sources, CompileOptions { semantics }).unwrap();
        let release = Release { name: "runtimes".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).unwrap();
        // All conditions at once, on the largest values, are more than the default budget.
        let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
        let engine = Engine::new(limits).unwrap();
        engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
        Self { compiled, engine, frames: Vec::new(), verdicts: Vec::new() }
    }

    /// Entities for the requests that follow.
    pub(crate) fn store(&self, entities: &Value) {
        self.engine.replace_entities_json(&entities.to_string()).unwrap();
    }

    /// Adds the frame of a request.
    pub(crate) fn request(&mut self, request: &Value) {
        let model = self.engine.model().unwrap();
        let request = Request::from_json(&model, &request.to_string()).unwrap();
        let (principal, resource) = (request.principal(), request.resource());
        let gather = &self.compiled.gather;
        let types = (principal.entity_type(), resource.entity_type());
        let encoded = EncodeRequest {
            environment: gather.environment(request.action(), types.0, types.1).unwrap(),
            principal: principal.handle(),
            resource: resource.handle(),
            context: request.context().bytes(),
            now: request.at().map(|at| at.0),
            grants: &[],
        };
        let mut frame = vec![0; self.compiled.manifest.memory.frame_bytes_max as usize];
        let entities = self.engine.entities().unwrap();
        let len = encode(gather, &encoded, &entities, &mut frame).unwrap();
        frame.truncate(len);
        self.frames.push(frame);
        self.verdicts.push(self.engine.decide(&request).is_allow());
    }

    pub(crate) fn finish(self) -> Work {
        let Compiled { module, manifest, .. } = self.compiled;
        let batches = batches(&self.frames, &manifest.memory);
        Work { module, map: manifest.memory, frames: self.frames, verdicts: self.verdicts, batches }
    }
}

/// As many frames in each batch as its areas have room for.
fn batches(frames: &[Vec<u8>], map: &MemoryMap) -> Vec<Batch> {
    let longest = frames.iter().map(Vec::len).max().unwrap();
    let stride = u32::try_from(longest.next_multiple_of(8)).unwrap();
    let room = (map.frames_bytes / stride).min(map.responses_bytes / map.response_bytes_max);
    let starts = (0..frames.len()).step_by(room as usize);
    let end = |start: usize| frames.len().min(start + room as usize);
    starts.map(|start| Batch { frames: start..end(start), stride }).collect()
}
