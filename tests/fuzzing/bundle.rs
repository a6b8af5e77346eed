//! Bundles: any bytes, and packed bundles with edits behind digests that are right again.
//!
//! The first byte chooses what is edited, the rest is bytes or edits.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a broken property stops the fuzzer, and what is packed first is right"
)]

use serde_json::json;
use trapkey::{
    Bundle, CompileOptions, ContentsError, Decision, Effect, Engine, LayoutDigest, OpenError,
    Reason, Release, Request, Sources, Stage, compile,
};

use super::bundle_edits::{Parts, apply_edits, contain, seal};
use super::world::{engine, release};
use crate::fixture::{DENY, Fixture, custom};

/// Bytes that are tried; the parts of a bundle that matter are shorter.
const DATA_BYTES_MAX: usize = 16 * 1024;

/// Policies that deny whatever the rest says.
const DENYING: &str = r#"
@obligation("log") forbid(principal, action, resource);
permit(principal == ?principal, action, resource);
@stage("observe") permit(principal, action in [Action::"read", Action::"write"], resource) when { context.n + context.m > 3 };
permit(principal is User, action == Action::"read", resource is Doc) when {
  resource.owner.boss == principal && principal.hasTag(context.s) && principal.getTag(context.s).age > 3 &&
  ["a", "b", "c", "d", "e", "f", "g", "h", "i"].contains(context.s) && context.s like "a*b" &&
  User::"ann".home.city == context.s && resource in Group::"g1"
};
"#;

/// Stated where a manifest states no layout.
const NO_LAYOUT: LayoutDigest = LayoutDigest([0; 16]);

/// A bundle that denies, in parts, and what is asked of it.
struct Base {
    parts: Parts,
    entities: &'static str,
    requests: Vec<String>,
}

thread_local! {
    static BASES: [Base; 2] = [Base::by_hand(), Base::compiled()];
    static ENGINE: Engine = engine();
}

/// Opens `data`, or a bundle edited by it, publishes and decides.
///
/// # Panics
///
/// If a bundle that opens does not pack again as the same, if a module whose code is as it was
/// allows, or if an allow names no permit.
pub fn bundle(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    if rest.len() > DATA_BYTES_MAX {
        return;
    }
    BASES.with(|[by_hand, compiled]| {
        let base = if first & 1 == 0 { by_hand } else { compiled };
        let mut parts = base.parts.clone();
        match first >> 1 & 7 {
            0 => base.check(rest, false),
            1 => {
                let mut bytes = parts.assemble();
                apply_edits(&mut bytes, rest);
                base.check(&seal(bytes), false);
            }
            2 => {
                apply_edits(&mut parts.core, rest);
                base.check(&parts.assemble(), false);
            }
            3 => {
                let mut head = parts.head_json(&parts.module());
                apply_edits(&mut head, rest);
                base.check(&parts.assemble_with(&head), true);
            }
            section => {
                if let Some((_, content)) = parts.sections.get_mut(usize::from(section) - 4) {
                    apply_edits(content, rest);
                }
                base.check_sections(parts);
            }
        }
    });
}

impl Base {
    fn by_hand() -> Self {
        let fixture = Fixture::new(DENY);
        let request = json!({
            "principal": "User::\"u\"", "action": "Action::\"view\"",
            "resource": "Document::\"d\"", "context": { "hour": 12 },
        });
        let entities = r#"[{"uid":{"type":"User","id":"u"},"attrs":{"level":3,"name":"u"},
            "parents":[]}]"#;
        Self { parts: Parts::of(&fixture.module()), entities, requests: vec![request.to_string()] }
    }

    fn compiled() -> Self {
        let schema = include_str!("rich.cedarschema");
        let sources = Sources { policies: DENYING, schema, links: &[] };
        let compiled = compile(&sources, CompileOptions::default()).expect("the policies compile");
        let requests: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("rich-requests.json")).expect("a list");
        Self {
            parts: Parts::of(&compiled.module),
            entities: include_str!("rich-entities.json"),
            requests: requests.iter().map(ToString::to_string).collect(),
        }
        .denying()
    }

    /// The same, found to be published and to deny every request by a decision.
    fn denying(self) -> Self {
        let bundle = Bundle::open(&self.parts.assemble()).expect("the bundle opens");
        ENGINE.with(|engine| {
            engine.publish_with_json(&bundle, self.entities).expect("the bundle is published");
            for request in &self.requests {
                let decision = engine.decide_json(request).expect("the request conforms");
                let is_reached =
                    matches!(decision.reason(), Reason::Forbidden | Reason::NotPermitted);
                assert!(is_reached, "{:?}", decision.reason());
            }
        });
        self
    }

    /// Checks a bundle with edited sections; if they have another layout, one that says so.
    fn check_sections(&self, mut parts: Parts) {
        let bytes = parts.assemble();
        match Bundle::open(&bytes) {
            Err(OpenError::Contents(ContentsError::LayoutDigest { computed, .. })) => {
                parts.set_layout(&json!(computed));
                self.check(&parts.assemble(), true);
            }
            _ => self.check(&bytes, true),
        }
    }

    fn check(&self, bytes: &[u8], is_code_whole: bool) {
        let Ok(bundle) = Bundle::open(bytes) else {
            return;
        };
        check_repacked(&bundle);
        ENGINE.with(|engine| {
            let published = engine.publish_with_json(&bundle, self.entities);
            if published.or_else(|_| engine.publish(&bundle)).is_err() {
                return;
            }
            for request in &self.requests {
                if let Ok(decision) = engine.decide_json(request) {
                    check_decision(&decision, &bundle, is_code_whole);
                }
            }
            let model = engine.model().expect("something is published");
            for action in &bundle.schema().actions {
                let (Some(principal), Some(resource)) =
                    (action.principals.first(), action.resources.first())
                else {
                    continue;
                };
                let request = Request::builder(&model)
                    .principal(trapkey::EntityUid::new(principal.as_str(), "p"))
                    .action(action.uid.clone())
                    .resource(trapkey::EntityUid::new(resource.as_str(), "r"))
                    .build();
                if let Ok(request) = request {
                    check_decision(&engine.decide(&request), &bundle, is_code_whole);
                }
            }
        });
    }
}

/// What opened is what its module packs to.
fn check_repacked(bundle: &Bundle) {
    let head = bundle.head();
    let release =
        Release { name: head.name.clone(), version: head.version.clone(), sequence: head.sequence };
    let bytes = Bundle::pack(&release, bundle.module()).expect("what opened packs");
    let again = Bundle::open(&bytes).expect("what was packed opens");
    assert_eq!(again.head(), head);
    assert_eq!(again.schema(), bundle.schema());
    assert_eq!(again.gather(), bundle.gather());
    assert_eq!(again.policies(), bundle.policies());
}

fn check_decision(decision: &Decision, bundle: &Bundle, is_code_whole: bool) {
    assert_eq!(decision.bundle_digest(), Some(bundle.digest()));
    assert!(!(decision.is_allow() && is_code_whole), "a module that denies allows");
    if decision.is_allow() {
        assert_eq!(decision.reason(), Reason::Permitted);
        assert!(decision.determining().next().is_some(), "an allow names no permit");
        for policy in decision.determining() {
            assert_eq!(policy.effect, Effect::Permit);
            let stages = bundle.manifest().semantics.stages;
            assert!(!(stages && policy.stage == Stage::Observe), "an observed permit allows");
        }
    }
}

/// The custom sections of `module` behind its core, in the order in which they are written.
pub(super) fn suffix(sections: &[(&'static str, Vec<u8>); 4]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in sections {
        custom(&mut bytes, name, content);
    }
    bytes
}

impl Parts {
    /// The bundle.
    fn assemble(&self) -> Vec<u8> {
        self.assemble_with(&self.head_json(&self.module()))
    }

    /// The bundle with another head.
    fn assemble_with(&self, head: &[u8]) -> Vec<u8> {
        contain(head, &self.module())
    }

    fn head_json(&self, module: &[u8]) -> Vec<u8> {
        let Release { name, version, sequence } = release();
        let manifest = self.manifest();
        let layout: LayoutDigest =
            serde_json::from_value(manifest["layout_digest"].clone()).unwrap_or(NO_LAYOUT);
        let head = json!({
            "compiler": manifest["compiler"],
            "layout_digest": layout.to_string(),
            "module_digest": trapkey::Digest::of(module).to_string(),
            "name": name,
            "schema_digest": manifest["schema_digest"],
            "sequence": sequence,
            "version": version,
        });
        head.to_string().into_bytes()
    }
}
