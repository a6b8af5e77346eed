//! A schema with entities and requests, and policies decided over them by Cedar and by us.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a broken property stops the fuzzer, and what is written down here is right"
)]

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use cedar_policy::{AuthorizationError, Authorizer, Decision, Entities, PolicySet};
use serde_json::Value;
use trapkey::{Bundle, Compiled, Engine, Limits, Options, Reason, Release};

use crate::reading::cedar::Schemas;
use crate::reading::{BothRequests, check_request};

/// What policies are decided over.
pub(super) struct World {
    pub(super) schema_text: &'static str,
    pub(super) schemas: Schemas,
    pub(super) requests: Vec<BothRequests>,
    entities: Entities,
    entities_text: String,
    engine: Engine,
}

/// An engine for many short-lived modules, in which a loop ends after a millisecond.
pub(super) fn engine() -> Engine {
    engine_with(NonZeroU64::MIN.saturating_add(999_999))
}

fn engine_with(fuel: NonZeroU64) -> Engine {
    let limits = Limits {
        fuel,
        memory_pages_max: 16,
        module_bytes_max: 1 << 20,
        pool_instances_max: 1,
        history_max: 0,
        ..Limits::default()
    };
    let options =
        Options { limits, poison_frames: true, signal_handlers: false, ..Options::default() };
    Engine::with_options(options).expect("the runtime starts")
}

/// The name under which modules are packed.
pub(super) fn release() -> Release {
    Release { name: "fuzz".to_owned(), version: "1".to_owned(), sequence: 1 }
}

/// A list in JSON, item by item.
fn items(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("the text is a list")
}

impl World {
    pub(super) fn new(
        schema_text: &'static str,
        entities: &Value,
        requests: impl IntoIterator<Item = String>,
    ) -> Self {
        let schemas = Schemas::parse(schema_text);
        let requests =
            requests.into_iter().map(|text| check_request(&schemas, &text).expect("accepted"));
        let requests = requests.collect();
        let entities_text = entities.to_string();
        let entities = schemas.entities(&entities_text).expect("the entities conform");
        // No compiled module loops without end, whatever it states as its worst case.
        let engine = engine_with(NonZeroU64::MAX);
        Self { schema_text, schemas, requests, entities, entities_text, engine }
    }

    /// Under each schema, one world with all its entities, one with holes, one with none.
    pub(super) fn all() -> Vec<Self> {
        let rich = (
            include_str!("rich.cedarschema"),
            include_str!("rich-entities.json"),
            items(include_str!("rich-requests.json")),
        );
        let shop = (
            include_str!("../readers/types.cedarschema"),
            include_str!("../readers/types.json"),
            items(include_str!("../readers/requests.json")),
        );
        let cases = include_str!("../../policies-examples/vendor-maintenance/cases.json");
        let vendor = (
            include_str!(
                "../../policies-examples/vendor-maintenance/vendor-maintenance.cedarschema"
            ),
            include_str!("../../policies-examples/vendor-maintenance/entities.json"),
            items(cases).iter().take(6).map(|case| case["request"].clone()).collect(),
        );
        let mut worlds = Vec::new();
        for (schema, entities, requests) in [rich, shop, vendor] {
            let requests: Vec<String> = requests.iter().map(Value::to_string).collect();
            let whole = items(entities);
            let numbered = whole.iter().enumerate();
            let holes = numbered.filter(|(index, _)| index % 3 != 0).map(|(_, entity)| entity);
            let holes = holes.cloned().collect();
            for store in [whole, holes, Vec::new()] {
                worlds.push(Self::new(schema, &Value::Array(store), requests.clone()));
            }
        }
        worlds
    }

    /// Makes `compiled` what decides.
    pub(super) fn publish(&self, compiled: &Compiled) {
        let bytes = Bundle::pack(&release(), &compiled.module).expect("a compiled module packs");
        let bundle = Bundle::open(&bytes).expect("a packed bundle opens");
        let published = if self.engine.model().is_none() {
            self.engine.publish_with_json(&bundle, &self.entities_text)
        } else {
            self.engine.publish(&bundle)
        };
        if let Err(error) = published {
            panic!("a compiled module is not published: {error:?}");
        }
    }

    /// Checks that `request` is decided as Cedar decides it by `policies`, which must be those
    /// published.
    pub(super) fn check_decision(&self, policies: &PolicySet, request: &BothRequests) {
        let want = Authorizer::new().is_authorized(&request.theirs, policies, &self.entities);
        let got = self.engine.decide(&request.ours);
        assert!(!matches!(got.reason(), Reason::Failed(_)), "no decision: {:?}", got.reason());
        let erring: BTreeSet<String> = want
            .diagnostics()
            .errors()
            .map(|AuthorizationError::PolicyEvaluationError(error)| error.policy_id().to_string())
            .collect();
        let ours = got.erring().map(|erring| erring.policy.cedar_id.clone());
        assert_eq!(erring, ours.collect(), "erring policies");
        let determining: BTreeSet<String> =
            want.diagnostics().reason().map(ToString::to_string).collect();
        let ours = got.determining().map(|policy| policy.cedar_id.clone());
        assert_eq!(determining, ours.collect(), "determining policies");
        assert_eq!(want.decision() == Decision::Allow, got.is_allow(), "verdict");
    }
}
