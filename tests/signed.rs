//! Security event tokens with test keys, and the plant with one open session to receive them.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a fixture that is wrong stops its tests"
)]

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm as Signing, EncodingKey, crypto};
use serde_json::{Value as Json, json};
use trapkey::{
    Bundle, CompileOptions, Datetime, Engine, Limits, Release, Request, SessionId, SessionKeys,
    SessionLimits, SessionTerms, Sessions, Sources, compile,
};
use trapkey_events::{Algorithm, ApplyError, Mapping, Receiver, ReceiverLimits, Timeline, Trusted};
use trapkey_testkit::plant;

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

/// The plant with one open session.
pub struct Stage {
    /// The engine.
    pub engine: Engine,
    /// Its sessions.
    pub sessions: Sessions,
    /// The session of the vendor `acme/jo` on the device `pad-1`, named `s1`.
    pub session: SessionId,
    /// What verifies tokens.
    pub receiver: Receiver,
    /// The example's table.
    pub mapping: Mapping,
    /// What keeps events in order.
    pub timeline: Timeline,
}

impl Stage {
    /// The plant as its pack has it.
    pub fn new() -> Self {
        let folder = plant::folder().expect("the plant");
        let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
        let compiled = compile(&sources, CompileOptions::default()).expect("it compiles");
        let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).expect("a bundle");
        let engine = Engine::new(Limits::default()).expect("an engine");
        let bundle = Bundle::open(&bytes).expect("a bundle");
        engine.publish_with_json(&bundle, &folder.entities.to_string()).expect("facts");
        let model = engine.model().expect("a model");
        let case = folder.cases.iter().find(|case| case.name == "vendor in window");
        let request = &case.expect("the case").request;
        let request = Request::from_json(&model, &request.to_string()).expect("a request");
        let mut sessions = engine.sessions(SessionLimits::default());
        let keys = SessionKeys {
            device: Some("pad-1".to_owned()),
            credential: None,
            session: Some("s1".to_owned()),
        };
        let opened = sessions.open(NOW, request, keys, SessionTerms::default());
        let session = opened.expect("it is allowed").0;
        let mapping = Mapping::from_json(MAPPING, &model).expect("a mapping");
        let receiver = receiver(ReceiverLimits::default());
        Self { engine, sessions, session, receiver, mapping, timeline: Timeline::new(64) }
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
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}
