//! The published cases of the plant pack, in every form that a bench starts from.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a set-up that fails must stop the bench"
)]

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;
use trapkey::{
    Bundle, CompileOptions, Compiled, Engine, EntityStore, Limits, Release, Request, Sources,
    compile,
};
use trapkey_abi::{EncodeRequest, Response, Rows, encode};
use trapkey_testkit::{Folder, Generator, Oracle, plant};

use crate::by_hand::{Answer, ByHand, POLICIES};
use crate::guest::Guest;

/// Samples near the cases on which the rules by hand are held against the module.
pub const NEAR: usize = 5_000;

/// The plant pack, with an engine and an oracle over the same entities.
pub struct Plant {
    /// The compiled policies.
    pub compiled: Compiled,
    /// The engine that they are published on.
    pub engine: Engine,
    /// Cedar over the same.
    pub oracle: Oracle,
    /// The folder itself.
    pub folder: Folder,
    /// The requests of the cases that meet `entities.json`, in Cedar's JSON.
    pub cases: Vec<Value>,
}

impl Plant {
    /// Reads, compiles and publishes the plant.
    pub fn new() -> Self {
        let folder = plant::folder().expect("the plant folder reads");
        let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
        let compiled = compile(&sources, CompileOptions::default()).expect("the plant compiles");
        let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
        let engine = Engine::new(Limits::default()).expect("an engine");
        let bundle = Bundle::open(&bytes).expect("the bundle opens");
        let entities = folder.entities.to_string();
        engine.publish_with_json(&bundle, &entities).expect("the bundle is published");
        let oracle = folder.oracle().expect("an oracle");
        let cases = folder.cases.iter().filter(|case| case.entities == folder.entities);
        let cases = cases.map(|case| case.request.clone()).collect();
        Self { compiled, engine, oracle, folder, cases }
    }

    /// The requests as their texts.
    pub fn texts(&self) -> Vec<String> {
        self.cases.iter().map(ToString::to_string).collect()
    }

    /// The requests, resolved.
    pub fn requests(&self) -> Vec<Request> {
        self.texts().iter().map(|text| self.request(text)).collect()
    }

    /// One request, resolved.
    pub fn request(&self, text: &str) -> Request {
        let model = self.engine.model().expect("a model");
        Request::from_json(&model, text).expect("a request")
    }

    /// The requests as Cedar's own.
    pub fn oracle_requests(&self) -> Vec<cedar_policy::Request> {
        self.cases.iter().map(|case| self.oracle.request(case).expect("a request")).collect()
    }

    /// The frame of a request over these entities.
    pub fn frame(&self, request: &Request, entities: &impl Rows) -> Vec<u8> {
        let (principal, resource) = (request.principal(), request.resource());
        let gather = &self.compiled.gather;
        let (principal_type, resource_type) = (principal.entity_type(), resource.entity_type());
        let encoded = EncodeRequest {
            environment: gather
                .environment(request.action(), principal_type, resource_type)
                .expect("an environment"),
            principal: principal.handle(),
            resource: resource.handle(),
            context: request.context().bytes(),
            now: request.at().map(|at| at.0),
            grants: &[],
        };
        let max = usize::try_from(self.compiled.manifest.memory.frame_bytes_max);
        let mut frame = vec![0; max.expect("32 bits")];
        let len = encode(gather, &encoded, entities, &mut frame).expect("a frame");
        frame.truncate(len);
        frame
    }

    /// The frames of the cases.
    pub fn frames(&self) -> Vec<Vec<u8>> {
        let entities = self.engine.entities().expect("entities");
        self.requests().iter().map(|request| self.frame(request, &entities)).collect()
    }

    /// A guest with the plant's module.
    pub fn guest(&self) -> Guest {
        Guest::new(&self.compiled.module)
    }

    /// The rules by hand, for the frames of this module.
    ///
    /// # Panics
    ///
    /// If they do not answer what the module answers, in verdict and in every policy that held or
    /// erred, for the published cases and for [`NEAR`] samples near them.
    pub fn by_hand(&self) -> ByHand {
        let model = self.engine.model().expect("a model");
        let rules = ByHand::new(&model, &self.compiled.gather);
        let policies = self.compiled.policies.iter().filter(|policy| !policy.is_template());
        let compiled: Vec<&str> = policies.map(|policy| policy.id.as_str()).collect();
        assert_eq!(compiled, POLICIES, "the rules are those of another policy set");
        let mut guest = self.guest();
        for case in &self.folder.cases {
            self.assert_same(&rules, &mut guest, (&case.request, &case.entities));
        }
        let generator = Generator::new(&self.folder).expect("a generator");
        let mut runner = TestRunner::deterministic();
        let samples = generator.samples();
        for _ in 0..NEAR {
            let sample = samples.new_tree(&mut runner).expect("a sample").current();
            self.assert_same(&rules, &mut guest, (&sample.request(), &sample.entities()));
        }
        rules
    }

    /// Holds the answer by hand against the module's.
    fn assert_same(
        &self,
        rules: &ByHand,
        guest: &mut Guest,
        (request, entities): (&Value, &Value),
    ) {
        let model = self.engine.model().expect("a model");
        let store = EntityStore::from_json(model, &entities.to_string()).expect("a store");
        let text = request.to_string();
        let frame = self.frame(&self.request(&text), &store.snapshot());
        let map = &self.compiled.manifest.memory;
        guest.write(map.frames_offset, &frame);
        guest.decide(map.frames_offset, map.responses_offset);
        let end = map.responses_offset + map.response_bytes_max;
        let response = guest.read(map.responses_offset..end);
        let response = Response::read(response).expect("a response");
        let mut want = Answer { is_allow: response.is_allow(), ..Answer::default() };
        for entry in response.entries() {
            let entry = entry.expect("an entry");
            let bits = if entry.error.is_some() { &mut want.erred } else { &mut want.held };
            *bits |= 1 << entry.policy;
        }
        assert_eq!(rules.decide(&frame), want, "by hand and by the module, of {text}");
    }
}

impl Default for Plant {
    fn default() -> Self {
        Self::new()
    }
}
