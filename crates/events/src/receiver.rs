//! Verifies tokens: signature, issuer, audience, time, and that each is seen once.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use serde_json::{Map, Value};
use trapkey_engine::Datetime;

use crate::{Event, EventType, Subject, VerifiedSet, json};

/// Bytes of a key set.
pub const KEYS_BYTES_MAX: usize = 256 * 1024;

/// Keys of a key set.
pub const KEYS_MAX: usize = 64;

/// Characters of the modulus of an RSA key of 2048 bits and of one of 4096 bits in base64url.
const MODULUS_CHARS: std::ops::RangeInclusive<usize> = 342..=683;

/// Bytes of the `jti` of a token.
const ID_BYTES_MAX: usize = 256;

/// A signature algorithm; there are no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA over P-256.
    Es256,
    /// RSA PKCS #1 v1.5.
    Rs256,
    /// RSA PSS.
    Ps256,
    /// Ed25519.
    EdDsa,
}

/// Whom a receiver trusts, and for whom tokens have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The `iss` whose keys these are. A transmitter has a receiver of its own.
    pub issuer: String,
    /// A token must be for one of these.
    pub audiences: Vec<String>,
    /// The algorithms that are accepted.
    pub algorithms: Vec<Algorithm>,
}

/// Ceilings of a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceiverLimits {
    /// Bytes of a token.
    pub token_bytes_max: usize,
    /// How old a token may be.
    pub age_max: Duration,
    /// How far ahead of the host's clock a token may be issued.
    pub ahead_max: Duration,
    /// Tokens that are remembered, each until it is too old anyhow. If there is no room for
    /// another, tokens are refused.
    pub seen_max: usize,
}

impl Default for ReceiverLimits {
    /// 64 KiB, ten minutes, one minute, 65,536 tokens.
    fn default() -> Self {
        Self {
            token_bytes_max: 64 * 1024,
            age_max: Duration::from_mins(10),
            ahead_max: Duration::from_mins(1),
            seen_max: 65_536,
        }
    }
}

/// Why a key set was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// It is larger than [`KEYS_BYTES_MAX`].
    #[error("key set is {len} bytes, the limit is {KEYS_BYTES_MAX}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// It is not a JSON object with `keys`.
    #[error("unreadable key set")]
    Json(#[source] serde_json::Error),
    /// It has more than [`KEYS_MAX`] keys, or none.
    #[error("key set has {count} keys, 1 to {KEYS_MAX} are allowed")]
    Count {
        /// How many it has.
        count: usize,
    },
    /// A key is not one that verifies with an allowed algorithm, lacks `kid`, or repeats one.
    #[error("key {index} is refused: {reason}")]
    Key {
        /// Its place in the set, from 0.
        index: usize,
        /// Why.
        reason: &'static str,
    },
}

/// Why a token was refused; nothing is changed and it is not remembered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// It is larger than its limit.
    #[error("token is {len} bytes, the limit is {max}")]
    TooLarge {
        /// Its length in bytes.
        len: usize,
        /// The limit.
        max: usize,
    },
    /// It is not three parts of base64url.
    #[error("the token is not a compact signed token")]
    NotCompact,
    /// Header or claims are not JSON objects, or a member occurs twice.
    #[error("unreadable {part}")]
    Json {
        /// Which of them.
        part: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// A member of the header or of the claims is missing, of another type, or one that security
    /// events must not have (`exp`, `sub`).
    #[error("`{member}` is missing, malformed or not allowed")]
    Malformed {
        /// Its name.
        member: &'static str,
    },
    /// The header's `typ` is not that of security events.
    #[error("the token's type is `{typ}`, not `secevent+jwt`")]
    WrongType {
        /// What it is.
        typ: String,
    },
    /// The header has `crit`, and no extension is known here.
    #[error("the token has critical extensions")]
    Critical,
    /// The algorithm is not allowed.
    #[error("the algorithm `{algorithm}` is not allowed")]
    Algorithm {
        /// Its name.
        algorithm: String,
    },
    /// No key has this name.
    #[error("the key `{key}` is unknown")]
    UnknownKey {
        /// Its name.
        key: String,
    },
    /// The signature is wrong, or the key is not for this algorithm.
    #[error("the signature is wrong")]
    Signature,
    /// The issuer is not the trusted one.
    #[error("the issuer is `{issuer}`, not `{trusted}`")]
    Issuer {
        /// Who it is.
        issuer: String,
        /// Who it should be.
        trusted: String,
    },
    /// The token is for others.
    #[error("the token is for another audience")]
    Audience,
    /// The token is too old.
    #[error("the token is {age_ms} ms old, the limit is {max_ms}")]
    TooOld {
        /// Its age, in milliseconds.
        age_ms: i64,
        /// The limit.
        max_ms: i64,
    },
    /// The token is issued too far in the future.
    #[error("the token is issued {ahead_ms} ms ahead, the limit is {max_ms}")]
    Ahead {
        /// How far, in milliseconds.
        ahead_ms: i64,
        /// The limit.
        max_ms: i64,
    },
    /// The event happened after the token was issued.
    #[error("the event happened {ahead_ms} ms after the token was issued")]
    EventAhead {
        /// How far, in milliseconds.
        ahead_ms: i64,
    },
    /// The event's type is unknown.
    #[error("the event type `{uri}` is unknown")]
    UnknownEvent {
        /// Its URI.
        uri: String,
    },
    /// The subject cannot be read.
    #[error("the subject is refused: {reason}")]
    Subject {
        /// Why.
        reason: &'static str,
    },
    /// The token was seen before.
    #[error("the token `{id}` was seen before")]
    Replayed {
        /// Its `jti`.
        id: String,
    },
    /// As many tokens are remembered as may be.
    #[error("{max} tokens are remembered, which is the limit")]
    Full {
        /// The limit.
        max: usize,
    },
}

/// Verifies the tokens of one transmitter.
pub struct Receiver {
    // INVARIANT: `seen` has all tokens that were verified and are not too old at `mark`; at most
    // `limits.seen_max`.
    trusted: Trusted,
    limits: ReceiverLimits,
    keys: BTreeMap<String, Key>,
    /// When each token was issued, by its id.
    seen: BTreeMap<String, i64>,
    /// The latest time that was given.
    mark: i64,
}

/// A key of the set.
struct Key {
    family: Family,
    /// The one algorithm that it is for, if its `alg` says so.
    only: Option<String>,
    decoding: DecodingKey,
}

/// What kind of key an algorithm needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Ec,
    Rsa,
    Ed,
}

impl Receiver {
    /// A receiver with a JWK set, whose keys all have a `kid`.
    ///
    /// # Errors
    ///
    /// [`KeysError`]
    pub fn new(trusted: Trusted, jwks: &str, limits: ReceiverLimits) -> Result<Self, KeysError> {
        let keys = read_keys(jwks)?;
        Ok(Self { trusted, limits, keys, seen: BTreeMap::new(), mark: i64::MIN })
    }

    /// Puts another JWK set in place of the present one; what was seen stays seen.
    ///
    /// # Errors
    ///
    /// [`KeysError`]; the keys are as before.
    pub fn replace_keys(&mut self, jwks: &str) -> Result<(), KeysError> {
        self.keys = read_keys(jwks)?;
        Ok(())
    }

    /// Verifies a token and remembers it. A `now` before an earlier one counts as that.
    ///
    /// # Errors
    ///
    /// [`EventError`], of the first check that fails: size, header, signature, issuer, audience,
    /// time, event, replay.
    pub fn verify(&mut self, token: &str, now: Datetime) -> Result<VerifiedSet, EventError> {
        let max = self.limits.token_bytes_max;
        if token.len() > max {
            return Err(EventError::TooLarge { len: token.len(), max });
        }
        let claims = self.signed(token)?;
        self.mark = self.mark.max(now.0);
        let set = self.read(&claims)?;
        let oldest = self.mark.saturating_sub(millis(self.limits.age_max));
        self.seen.retain(|_, issued| *issued >= oldest);
        if self.seen.contains_key(&set.id) {
            return Err(EventError::Replayed { id: set.id });
        }
        if self.seen.len() >= self.limits.seen_max {
            return Err(EventError::Full { max: self.limits.seen_max });
        }
        self.seen.insert(set.id.clone(), set.issued_at.0);
        Ok(set)
    }

    /// The claims, if the signature is right.
    fn signed(&self, token: &str) -> Result<Map<String, Value>, EventError> {
        let (message, signature) = token.rsplit_once('.').ok_or(EventError::NotCompact)?;
        let (header, claims) = message.split_once('.').ok_or(EventError::NotCompact)?;
        let header = object("header", header)?;
        let typ = text(&header, "typ")?;
        let bare = typ.strip_prefix("application/").unwrap_or(typ);
        if !bare.eq_ignore_ascii_case("secevent+jwt") {
            return Err(EventError::WrongType { typ: typ.to_owned() });
        }
        if header.contains_key("crit") {
            return Err(EventError::Critical);
        }
        let name = text(&header, "alg")?;
        let (own, of, algorithm) = match name {
            "ES256" => (Algorithm::Es256, Family::Ec, jsonwebtoken::Algorithm::ES256),
            "RS256" => (Algorithm::Rs256, Family::Rsa, jsonwebtoken::Algorithm::RS256),
            "PS256" => (Algorithm::Ps256, Family::Rsa, jsonwebtoken::Algorithm::PS256),
            "EdDSA" => (Algorithm::EdDsa, Family::Ed, jsonwebtoken::Algorithm::EdDSA),
            _ => return Err(EventError::Algorithm { algorithm: name.to_owned() }),
        };
        if !self.trusted.algorithms.contains(&own) {
            return Err(EventError::Algorithm { algorithm: name.to_owned() });
        }
        let id = text(&header, "kid")?;
        let unknown = || EventError::UnknownKey { key: id.to_owned() };
        let Key { family, only, decoding } = self.keys.get(id).ok_or_else(unknown)?;
        let verified = *family == of
            && only.as_deref().is_none_or(|only| only == name)
            && is_signature(signature, message, decoding, algorithm);
        if !verified {
            return Err(EventError::Signature);
        }
        object("claims", claims)
    }

    fn read(&self, claims: &Map<String, Value>) -> Result<VerifiedSet, EventError> {
        let issuer = text(claims, "iss")?;
        if issuer != self.trusted.issuer {
            let trusted = self.trusted.issuer.clone();
            return Err(EventError::Issuer { issuer: issuer.to_owned(), trusted });
        }
        let is_ours = |value: &Value| {
            value.as_str().is_some_and(|name| self.trusted.audiences.iter().any(|own| own == name))
        };
        let is_for_us = match claims.get("aud") {
            Some(Value::Array(list)) => list.iter().any(is_ours),
            Some(one) => is_ours(one),
            None => return Err(EventError::Malformed { member: "aud" }),
        };
        if !is_for_us {
            return Err(EventError::Audience);
        }
        for member in ["exp", "sub"] {
            if claims.contains_key(member) {
                return Err(EventError::Malformed { member });
            }
        }
        let issued_at = seconds(claims, "iat")?;
        self.check_time(issued_at)?;
        let id = text(claims, "jti")?.to_owned();
        if id.len() > ID_BYTES_MAX {
            return Err(EventError::Malformed { member: "jti" });
        }
        let issuer = issuer.to_owned();
        let event = event(claims, issued_at)?;
        let subject = claims.get("sub_id").ok_or(EventError::Malformed { member: "sub_id" })?;
        let subject = Subject::read(subject).map_err(|reason| EventError::Subject { reason })?;
        Ok(VerifiedSet { issuer, id, issued_at: Datetime(issued_at), subject, event })
    }

    fn check_time(&self, issued_at: i64) -> Result<(), EventError> {
        let age_ms = self.mark.saturating_sub(issued_at);
        let max_ms = millis(self.limits.age_max);
        if age_ms > max_ms {
            return Err(EventError::TooOld { age_ms, max_ms });
        }
        let ahead_ms = issued_at.saturating_sub(self.mark);
        let max_ms = millis(self.limits.ahead_max);
        if ahead_ms > max_ms {
            return Err(EventError::Ahead { ahead_ms, max_ms });
        }
        Ok(())
    }
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Receiver").field("trusted", &self.trusted).finish_non_exhaustive()
    }
}

/// Whether it is a signature of this message.
fn is_signature(
    encoded: &str,
    message: &str,
    key: &DecodingKey,
    algorithm: jsonwebtoken::Algorithm,
) -> bool {
    let Ok(signature) = URL_SAFE_NO_PAD.decode(encoded) else { return false };
    // Named, because the default one is for the process to choose: without a choice it panics.
    let verifier = (DEFAULT_PROVIDER.verifier_factory)(&algorithm, key);
    verifier.is_ok_and(|verifier| verifier.verify(message.as_bytes(), &signature).is_ok())
}

/// The one event of a token.
fn event(claims: &Map<String, Value>, issued_at: i64) -> Result<Event, EventError> {
    const EVENTS: EventError = EventError::Malformed { member: "events" };
    let events = claims.get("events").and_then(Value::as_object).ok_or(EVENTS)?;
    let (1, Some((uri, fields))) = (events.len(), events.iter().next()) else {
        return Err(EVENTS);
    };
    let unknown = || EventError::UnknownEvent { uri: uri.clone() };
    let event_type = EventType::of(uri).ok_or_else(unknown)?;
    let fields = fields.as_object().ok_or(EVENTS)?.clone();
    let at = match fields.get("event_timestamp") {
        Some(_) => seconds(&fields, "event_timestamp")?,
        None => issued_at,
    };
    // Times are in whole seconds, so the event may seem to be within the next one.
    if at > issued_at {
        return Err(EventError::EventAhead { ahead_ms: at.saturating_sub(issued_at) });
    }
    Ok(Event { event_type, at: Datetime(at), fields })
}

fn object(part: &'static str, encoded: &str) -> Result<Map<String, Value>, EventError> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| EventError::NotCompact)?;
    match json::read(&bytes).map_err(|source| EventError::Json { part, source })? {
        Value::Object(object) => Ok(object),
        _ => Err(EventError::Malformed { member: part }),
    }
}

fn text<'c>(claims: &'c Map<String, Value>, member: &'static str) -> Result<&'c str, EventError> {
    claims.get(member).and_then(Value::as_str).ok_or(EventError::Malformed { member })
}

/// A time in whole seconds, as milliseconds.
fn seconds(claims: &Map<String, Value>, member: &'static str) -> Result<i64, EventError> {
    let seconds = claims.get(member).and_then(Value::as_i64);
    let millis = seconds.and_then(|seconds| seconds.checked_mul(1000));
    millis.ok_or(EventError::Malformed { member })
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn read_keys(jwks: &str) -> Result<BTreeMap<String, Key>, KeysError> {
    if jwks.len() > KEYS_BYTES_MAX {
        return Err(KeysError::TooLarge { len: jwks.len() });
    }
    let set = json::read(jwks.as_bytes()).map_err(KeysError::Json)?;
    let list = set.get("keys").and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
    if list.is_empty() || list.len() > KEYS_MAX {
        return Err(KeysError::Count { count: list.len() });
    }
    let mut keys = BTreeMap::new();
    for (index, value) in list.iter().enumerate() {
        let refused = |reason| KeysError::Key { index, reason };
        let (id, key) = read_key(value).map_err(refused)?;
        if keys.insert(id, key).is_some() {
            return Err(refused("its `kid` occurs twice"));
        }
    }
    Ok(keys)
}

fn read_key(value: &Value) -> Result<(String, Key), &'static str> {
    let jwk: Jwk = serde_json::from_value(value.clone()).map_err(|_| "it is not a JWK")?;
    if value.get("use").is_some_and(|usage| usage != "sig") {
        return Err("it is not for signatures");
    }
    let family = match &jwk.algorithm {
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => Family::Ec,
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Family::Ed,
        AlgorithmParameters::RSA(key) if MODULUS_CHARS.contains(&key.n.len()) => Family::Rsa,
        AlgorithmParameters::RSA(_) => return Err("an RSA key has 2048 to 4096 bits"),
        AlgorithmParameters::EllipticCurve(_)
        | AlgorithmParameters::OctetKeyPair(_)
        | AlgorithmParameters::OctetKey(_) => return Err("its type is not allowed"),
    };
    let decoding = DecodingKey::from_jwk(&jwk).map_err(|_| "it is malformed")?;
    let id = jwk.common.key_id.ok_or("it has no `kid`")?;
    let only = match value.get("alg") {
        Some(only) => Some(only.as_str().ok_or("its `alg` is not a text")?.to_owned()),
        None => None,
    };
    Ok((id, Key { family, only, decoding }))
}
