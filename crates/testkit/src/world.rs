//! Whole worlds from a number: a schema, policies of every construct, template links, stores, requests.
//!
//! Policies are typed while they are written: an expression of a type is made of operations that give that type, and of
//! the paths of the schema that lead to it, guarded by `has` where an attribute may be absent. What strict validation
//! still refuses is left out. Values are those that the policies name, their neighbours, and the edges of each type;
//! entities are missing from the stores on purpose.

mod boolean;
mod constant;
mod expression;
mod path;
mod policy;
mod schema;

use cedar_policy::{
    CedarSchemaError, EntityUid, ParseErrors, PolicySet, RequestValidationError, Schema,
    ValidationMode, Validator,
};
use proptest::prelude::{Rng, RngExt};
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Map, Value};

use crate::generator::{Action, Clock, Literals, Pool, Vocabulary, VocabularyError, pick};
use crate::oracle::Link;
use crate::uid::uid_json;
use policy::{About, PolicyWriter};

/// Policies that a world is given; those that do not validate are not among them.
const POLICIES_MAX: usize = 12;
/// Policies written before the world is taken as it is.
const ATTEMPTS_MAX: usize = 40;
/// Requests of a world.
const REQUESTS: usize = 8;

/// A schema, policies that validate, and stores and requests that conform.
#[derive(Clone, Debug)]
pub struct World {
    /// The schema in Cedar's syntax.
    pub schema: String,
    /// The schema again, in the JSON form in some worlds.
    pub schema_as_given: String,
    /// Policies and templates, one text each.
    pub policies: Vec<String>,
    /// Links of the templates among them.
    pub links: Vec<Link>,
    /// Entity stores in Cedar's JSON: whole, with entities missing, empty.
    pub stores: Vec<Value>,
    /// Requests in Cedar's JSON.
    pub requests: Vec<Value>,
    /// Policies that were written, with those that strict validation refused.
    pub attempts: usize,
}

/// Why a world could not be made; each is a fault of the generator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// The generated schema does not parse.
    #[error("generated schema")]
    Schema(#[source] Box<CedarSchemaError>),
    /// The generated schema has types that the generator does not know.
    #[error("types of the generated schema")]
    Vocabulary(#[source] VocabularyError),
    /// A generated policy does not parse.
    #[error("generated policy `{text}`")]
    Policy {
        /// The policy.
        text: String,
        /// Why not.
        source: Box<ParseErrors>,
    },
    /// Cedar cannot be asked what a literal means.
    #[error("evaluation of literals")]
    Clock(#[source] Box<RequestValidationError>),
    /// The schema has no action that applies to anything.
    #[error("the schema has no action that applies to anything")]
    NoAction,
}

impl World {
    /// The world of a number: the same number, the same world.
    ///
    /// # Errors
    ///
    /// [`WorldError`].
    pub fn generate(seed: u64) -> Result<Self, WorldError> {
        let mut rng = rng(seed);
        let schema = schema::schema(&mut rng);
        Self::of_schema(&schema, &mut rng)
    }

    /// A world of another schema, in Cedar's syntax.
    ///
    /// # Errors
    ///
    /// [`WorldError`].
    pub fn under(schema: &str, seed: u64) -> Result<Self, WorldError> {
        Self::of_schema(schema, &mut rng(seed))
    }

    fn of_schema(schema: &str, rng: &mut TestRng) -> Result<Self, WorldError> {
        let (parsed, _warnings) = Schema::from_cedarschema_str(schema)
            .map_err(|source| WorldError::Schema(Box::new(source)))?;
        let vocabulary = Vocabulary::read(schema).map_err(WorldError::Vocabulary)?;
        let mut world = Self {
            schema: schema.to_owned(),
            schema_as_given: as_given(schema, rng),
            policies: Vec::new(),
            links: Vec::new(),
            stores: Vec::new(),
            requests: Vec::new(),
            attempts: 0,
        };
        let validator = Validator::new(parsed);
        let (mut literals, about) = world.write_policies(&vocabulary, &validator, rng)?;
        constant::note_edges(&mut literals, &vocabulary, rng);
        let pool = literals.into_pool(&vocabulary);
        let whole = store(&vocabulary, &pool, rng);
        let holes = whole.iter().filter(|_| rng.random_ratio(2, 3)).cloned().collect();
        world.stores = vec![Value::Array(whole), Value::Array(holes), Value::Array(Vec::new())];
        for _ in 0..REQUESTS {
            world.requests.extend(request(&vocabulary, &pool, &about, rng));
        }
        Ok(world)
    }

    /// The policies as one text.
    pub fn policies(&self) -> String {
        self.policies.join("\n")
    }

    /// Writes policies until there are enough, and links for their templates.
    fn write_policies(
        &mut self,
        vocabulary: &Vocabulary,
        validator: &Validator,
        rng: &mut TestRng,
    ) -> Result<(Literals, Vec<About>), WorldError> {
        let (uid, _) = vocabulary.actions.iter().next().ok_or(WorldError::NoAction)?;
        let clock = Clock::new(uid).map_err(WorldError::Clock)?;
        let mut literals = Literals::new(clock);
        let mut about = Vec::new();
        let wanted = rng.random_range(1..=POLICIES_MAX);
        while self.policies.len() < wanted && self.attempts < ATTEMPTS_MAX {
            self.attempts += 1;
            let Some(written) = PolicyWriter::new(vocabulary, rng).policy() else {
                continue;
            };
            let text = written.text;
            let parsed: PolicySet = text.parse().map_err(|source| WorldError::Policy {
                text: text.clone(),
                source: Box::new(source),
            })?;
            if !validator.validate(&parsed, ValidationMode::Strict).validation_passed() {
                continue;
            }
            if let Ok(json) = parsed.to_json() {
                literals.note_policy(&json);
            }
            let template = format!("policy{}", self.policies.len());
            for (principal, resource) in written.links {
                let id = format!("link {}", self.links.len());
                self.links.push(Link { id, template: template.clone(), principal, resource });
            }
            self.policies.push(text);
            about.push(written.about);
        }
        Ok((literals, about))
    }
}

fn rng(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    for (target, source) in bytes.iter_mut().zip(seed.to_le_bytes()) {
        *target = source;
    }
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// The schema, in one of six worlds in its JSON form.
fn as_given(schema: &str, rng: &mut impl Rng) -> String {
    if rng.random_ratio(5, 6) {
        return schema.to_owned();
    }
    match cedar_policy::SchemaFragment::from_cedarschema_str(schema) {
        Ok((fragment, _warnings)) => fragment.to_json_string().unwrap_or_else(|_| schema.into()),
        Err(_) => schema.to_owned(),
    }
}

/// Most of the entities that the pool names, with parents that are later in the list.
fn store(vocabulary: &Vocabulary, pool: &Pool, rng: &mut impl Rng) -> Vec<Value> {
    let mut uids: Vec<&EntityUid> =
        vocabulary.entities.keys().flat_map(|name| pool.uids(name)).collect();
    for last in (1..uids.len()).rev() {
        uids.swap(last, rng.random_range(0..=last));
    }
    let mut stored = Vec::new();
    for (index, uid) in uids.iter().enumerate() {
        let (Some(record), true) = (vocabulary.attributes(uid.type_name()), rng.random_ratio(7, 8))
        else {
            continue;
        };
        let mut entity = Map::new();
        entity.insert("uid".to_owned(), uid_json(uid));
        entity.insert("attrs".to_owned(), Value::Object(pool.record(record, rng)));
        let allowed = vocabulary.parents(uid.type_name());
        let later = uids.get(index + 1..).unwrap_or_default().iter();
        let candidates =
            later.filter(|other| allowed.is_some_and(|a| a.contains(other.type_name())));
        let parents: Vec<Value> =
            candidates.filter(|_| rng.random_ratio(1, 3)).map(|parent| uid_json(parent)).collect();
        entity.insert("parents".to_owned(), Value::Array(parents));
        if let Some(tags) = vocabulary.tags(uid.type_name()) {
            let mut values = Map::new();
            for key in constant::KEYS {
                if rng.random_ratio(2, 3) {
                    values.insert((*key).to_owned(), pool.value(tags, rng));
                }
            }
            entity.insert("tags".to_owned(), Value::Object(values));
        }
        stored.push(Value::Object(entity));
    }
    stored
}

/// A request that some policy is about, or in one of five cases any that the schema admits.
fn request(
    vocabulary: &Vocabulary,
    pool: &Pool,
    about: &[About],
    rng: &mut impl Rng,
) -> Option<Value> {
    let actions: Vec<(&EntityUid, &Action)> = vocabulary.actions.iter().collect();
    let (uid, principal, resource) = match pick(about, rng) {
        Some(about) if rng.random_ratio(4, 5) => about.clone(),
        _ => {
            let &(uid, action) = pick(&actions, rng)?;
            let principals: Vec<_> = action.principals.iter().collect();
            let resources: Vec<_> = action.resources.iter().collect();
            let (principal, resource) = (pick(&principals, rng)?, pick(&resources, rng)?);
            (uid.clone(), (*principal).clone(), (*resource).clone())
        }
    };
    let action = vocabulary.actions.get(&uid)?;
    let mut party = |of| pool.uid(of, rng).map(uid_json);
    let (principal, resource) = (party(&principal)?, party(&resource)?);
    let mut request = Map::new();
    request.insert("principal".to_owned(), principal);
    request.insert("action".to_owned(), uid_json(&uid));
    request.insert("resource".to_owned(), resource);
    request.insert("context".to_owned(), Value::Object(pool.record(&action.context, rng)));
    Some(Value::Object(request))
}

#[cfg(test)]
mod tests;
