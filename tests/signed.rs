//! Security event tokens with test keys, and the plant with open sessions to receive them.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a fixture that is wrong stops its tests"
)]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm as Signing, EncodingKey, crypto};
use serde_json::{Value as Json, json};
use trapkey::{
    Bundle, CompileOptions, Datetime, Engine, EntityUid, Flip, Grant, Limits, Release, Request,
    SessionId, SessionKeys, SessionLimits, SessionTerms, Sessions, Sources, compile,
};
use trapkey_events::{Algorithm, ApplyError, Mapping, Receiver, ReceiverLimits, Timeline, Trusted};
use trapkey_testkit::{Folder, plant};

/// Who issues the tokens.
pub const ISSUER: &str = "https://idp.example";

/// For whom they are.
pub const AUDIENCE: &str = "https://plant-1.example/pdp";

/// The table of the example.
pub const MAPPING: &str = include_str!("../policies-examples/plant/events.json");

/// The instant of the session's request, 2026-10-05T07:00:00Z.
pub const NOW: Datetime = Datetime(1_791_183_600_000);

/// The test keys: `jwks`, and by `kid` their private parts.
pub fn keys() -> Json {
    serde_json::from_str(include_str!("events/keys.json")).expect("keys")
}

/// The JWK set of the test keys.
pub fn jwks() -> String {
    keys()["jwks"].to_string()
}

/// A receiver that trusts the test keys.
pub fn receiver(limits: ReceiverLimits) -> Receiver {
    Receiver::new(trusted(), &jwks(), limits).expect("a receiver")
}

/// Whom it trusts.
pub fn trusted() -> Trusted {
    Trusted {
        issuer: ISSUER.to_owned(),
        audiences: vec![AUDIENCE.to_owned()],
        algorithms: vec![Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa],
    }
}

/// Signs any texts as header and claims, with the algorithm and key that the signer names.
pub fn sign_texts(header: &str, claims: &str, signing: Signing) -> String {
    let keys = keys();
    let der =
        |kid: &str| STANDARD.decode(keys["private"][kid].as_str().expect("a key")).expect("DER");
    let key = match signing {
        Signing::EdDSA => EncodingKey::from_ed_der(&der("ed")),
        Signing::ES256 => EncodingKey::from_ec_der(&der("ec")),
        Signing::RS256 | Signing::PS256 => EncodingKey::from_rsa_der(&der("rsa")),
        // The public key as secret.
        Signing::HS256 => {
            let public = keys["jwks"]["keys"][0]["x"].as_str().expect("a key");
            EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(public).expect("base64"))
        }
        other => panic!("no key for {other:?}"),
    };
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = crypto::sign(message.as_bytes(), &key, signing).expect("a signature");
    format!("{message}.{signature}")
}

/// Signs claims with Ed25519.
pub fn sign(claims: &Json) -> String {
    let header = r#"{"alg":"EdDSA","typ":"secevent+jwt","kid":"ed"}"#;
    sign_texts(header, &claims.to_string(), Signing::EdDSA)
}

/// Claims of a token of now about one event of CAEP.
pub fn claims(id: &str, event: &str, subject: &Json, fields: &Json) -> Json {
    let uri = format!("https://schemas.openid.net/secevent/caep/event-type/{event}");
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "jti": id, "iat": NOW.0 / 1000, "sub_id": subject,
        "events": { uri: fields },
    })
}

/// A complex subject with one opaque identifier.
pub fn opaque(member: &str, id: &str) -> Json {
    json!({ "format": "complex", member: { "format": "opaque", "id": id } })
}

/// The user of [`Stage::session`].
pub const VENDOR: &str = "acme/jo";

/// The user of [`Stage::other`].
pub const OTHER: &str = "acme/kim";

/// The plant with three open sessions, which stay open when their decisions become deny.
pub struct Stage {
    /// The engine.
    pub engine: Engine,
    /// Its sessions.
    pub sessions: Sessions,
    /// The session of the vendor `acme/jo` on the device `pad-1`, named `s1`; a work order allows it.
    pub session: SessionId,
    /// The session of the vendor `acme/kim` on the device `pad-2`, named `s2`; a grant allows it.
    pub other: SessionId,
    /// The session of the historian on the device `box-1`, named `s3`.
    pub program: SessionId,
    /// What verifies tokens.
    pub receiver: Receiver,
    /// The example's table.
    pub mapping: Mapping,
    /// What keeps events in order.
    pub timeline: Timeline,
}

/// The plant and its bundle.
static PLANT: LazyLock<(Folder, Vec<u8>)> = LazyLock::new(|| {
    let folder = plant::folder().expect("the plant");
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).expect("it compiles");
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
    (folder, bytes)
});

/// All that an event could change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The rows of all entities.
    rows: Vec<(EntityUid, Vec<u8>)>,
    /// The ids of all grants.
    grants: Vec<String>,
    /// Of each session its context and whether it is allowed.
    sessions: Vec<(Vec<u8>, bool)>,
    /// Decisions of all sessions so far.
    decided: u64,
}

impl Stage {
    /// The plant as its pack has it, with another vendor.
    pub fn new() -> Self {
        let (folder, bytes) = &*PLANT;
        let engine = Engine::new(Limits::default()).expect("an engine");
        let bundle = Bundle::open(bytes).expect("a bundle");
        engine.publish_with_json(&bundle, &entities(&folder.entities)).expect("facts");
        engine.grant(elevation()).expect("a grant");
        let model = engine.model().expect("a model");
        let mut sessions = engine.sessions(SessionLimits::default());
        let mut open = |case: &str, principal: Option<&str>, device: &str, name: &str| {
            let case = folder.cases.iter().find(|own| own.name == case).expect("the case");
            let mut request = case.request.clone();
            if let Some(principal) = principal {
                request["principal"] = json!(format!("Plant::VendorTech::\"{principal}\""));
            }
            let request = Request::from_json(&model, &request.to_string()).expect("a request");
            let keys = SessionKeys {
                device: Some(device.to_owned()),
                credential: Some(format!("cred-{name}")),
                session: Some(name.to_owned()),
            };
            let terms = SessionTerms { stays: true, ..SessionTerms::default() };
            sessions.open(NOW, request, keys, terms).expect("it is allowed").0
        };
        let session = open("vendor in window", None, "pad-1", "s1");
        let other = open("vendor in window", Some(OTHER), "pad-2", "s2");
        let program = open("historian reads own cell", None, "box-1", "s3");
        let mapping = Mapping::from_json(MAPPING, &model).expect("a mapping");
        let receiver = receiver(ReceiverLimits::default());
        let timeline = Timeline::new(64);
        Self { engine, sessions, session, other, program, receiver, mapping, timeline }
    }

    /// Verifies and applies a token that is right.
    ///
    /// # Errors
    ///
    /// That of the last step.
    pub fn receive(&mut self, claims: &Json) -> Result<(), ApplyError> {
        let set = self.receiver.verify(&sign(claims), NOW).expect("it is verified");
        let effects = self.mapping.resolve(&set).expect("a rule is for it");
        self.timeline.apply(&mut self.sessions, effects, NOW)
    }

    /// The flips of a poll.
    pub fn polled(&mut self) -> Vec<Flip> {
        let mut flips = Vec::new();
        self.sessions.poll(NOW, &mut flips);
        flips
    }

    /// All that an event could change, after a poll.
    pub fn state(&mut self) -> State {
        self.polled();
        let entities = self.engine.entities().expect("facts");
        let rows = entities.iter().map(|own| (own.uid().clone(), own.row().bytes().to_vec()));
        let grants = self.engine.grants();
        let sessions = [self.session, self.other, self.program].map(|id| {
            let request = self.sessions.request(id).expect("a session");
            let decision = self.sessions.decision(id).expect("a session");
            (request.context().bytes().to_vec(), decision.is_allow())
        });
        State {
            rows: rows.collect(),
            grants: grants.iter().map(|held| held.grant().id.clone()).collect(),
            sessions: sessions.to_vec(),
            decided: self.sessions.counts().decided,
        }
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// The plant's entities, and one more vendor, who is in no work order.
fn entities(of_plant: &Json) -> String {
    let mut entities = of_plant.as_array().expect("entities").clone();
    let jo = entities.iter().find(|entity| entity["uid"]["id"] == VENDOR).expect("the vendor");
    let mut kim = jo.clone();
    kim["uid"]["id"] = json!(OTHER);
    kim["parents"] = json!([{ "type": "Plant::VendorOrg", "id": "acme-robotics" }]);
    entities.push(kim);
    Json::from(entities).to_string()
}

/// What allows the other vendor's session.
fn elevation() -> Grant {
    let uid = |name: &str, id: &str| EntityUid::new(format!("Plant::{name}"), id);
    Grant {
        id: "jit".to_owned(),
        template: "tmpl-jit-elevation".to_owned(),
        principal: Some(uid("VendorTech", OTHER)),
        resource: Some(uid("Asset", "plc-7")),
        not_before: None,
        expires: Datetime(NOW.0 + 3_600_000),
        reason: None,
        ticket: None,
        requester: uid("Operator", "chen"),
        approvers: vec![uid("Operator", "lead1")],
    }
}
