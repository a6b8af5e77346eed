//! A batch gives the responses that single calls give: a host of its own, written from the
//! contract alone.

#![cfg(test)]

use trapkey::{
    Bundle, CompileOptions, Engine, Limits, MemoryMap, Release, Request, Sources, compile,
};
use trapkey_abi::{EncodeRequest, Response, encode, export};
use trapkey_testkit::plant;
use wasmtime::{Instance, Memory, Module, Store};

/// The plant's module without an engine around it.
struct Host {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    map: MemoryMap,
}

impl Host {
    fn new(module: &[u8], map: MemoryMap) -> Self {
        let engine = wasmtime::Engine::default();
        let module = Module::from_binary(&engine, module).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, export::MEMORY).unwrap();
        Self { store, instance, memory, map }
    }

    fn write(&mut self, at: u32, bytes: &[u8]) {
        self.memory.write(&mut self.store, at as usize, bytes).unwrap();
    }

    fn response(&self, index: u32) -> Vec<u8> {
        let max = self.map.response_bytes_max;
        let start = (self.map.responses_offset + index * max) as usize;
        let bytes = &self.memory.data(&self.store)[start..start + max as usize];
        let len = u32::from_le_bytes(bytes[12..16].try_into().unwrap());
        bytes[..len as usize].to_vec()
    }

    fn decide(&mut self, frame: &[u8]) -> Vec<u8> {
        self.write(self.map.frames_offset, frame);
        let decide = self
            .instance
            .get_typed_func::<(u32, u32), ()>(&mut self.store, export::DECIDE)
            .unwrap();
        let arguments = (self.map.frames_offset, self.map.responses_offset);
        decide.call(&mut self.store, arguments).unwrap();
        self.response(0)
    }

    fn decide_batch(&mut self, frames: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let longest = frames.iter().map(Vec::len).max().unwrap();
        let stride = u32::try_from(longest.next_multiple_of(8)).unwrap();
        for (index, frame) in (0..).zip(frames) {
            self.write(self.map.frames_offset + index * stride, frame);
        }
        let count = u32::try_from(frames.len()).unwrap();
        let decide_batch = self
            .instance
            .get_typed_func::<(u32, u32, u32, u32), ()>(&mut self.store, export::DECIDE_BATCH)
            .unwrap();
        let arguments = (self.map.frames_offset, count, stride, self.map.responses_offset);
        decide_batch.call(&mut self.store, arguments).unwrap();
        (0..count).map(|index| self.response(index)).collect()
    }
}

#[test]
fn batch_gives_what_single_calls_give() {
    let folder = plant::folder().unwrap();
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).unwrap();
    let engine = Engine::new(Limits::default()).unwrap();
    let bundle = Bundle::open(&bytes).unwrap();
    engine.publish_with_json(&bundle, &folder.entities.to_string()).unwrap();
    let (model, entities) = (engine.model().unwrap(), engine.entities().unwrap());

    let mut frames = Vec::new();
    let mut wants = Vec::new();
    for case in folder.cases.iter().filter(|case| case.entities == folder.entities) {
        let request = Request::from_json(&model, &case.request.to_string()).unwrap();
        let (principal, resource) = (request.principal(), request.resource());
        let environment = compiled
            .gather
            .environment(request.action(), principal.entity_type(), resource.entity_type())
            .unwrap();
        let encoded = EncodeRequest {
            environment,
            principal: principal.handle(),
            resource: resource.handle(),
            context: request.context().bytes(),
            now: request.at().map(|at| at.0),
            grants: &[],
        };
        let mut frame = vec![0xa5; compiled.manifest.memory.frame_bytes_max as usize];
        let len = encode(&compiled.gather, &encoded, &entities, &mut frame).unwrap();
        frame.truncate(len);
        frames.push(frame);
        wants.push(case.trapkey.allow);
    }
    assert!(frames.len() >= 30);

    let mut host = Host::new(&compiled.module, compiled.manifest.memory);
    let single: Vec<Vec<u8>> = frames.iter().map(|frame| host.decide(frame)).collect();
    let batch = host.decide_batch(&frames);
    assert_eq!(single, batch);
    let verdicts: Vec<bool> =
        batch.iter().map(|response| Response::read(response).unwrap().is_allow()).collect();
    assert_eq!(verdicts, wants);
}
