//! Requests and entity stores that lie near the cases of a folder, and conform to its schema.

mod mutation;
mod pool;
mod sample;
mod time;
mod vocabulary;

use cedar_policy::{ParseErrors, PolicySet, PolicySetError, RequestValidationError};
use proptest::prelude::{Rng, RngExt, Strategy};
use proptest::sample::select;
use serde_json::Value;

pub(crate) use self::pool::{Literals, Pool};
pub use self::sample::Sample;
pub(crate) use self::time::Clock;
pub use self::vocabulary::VocabularyError;
pub(crate) use self::vocabulary::{Action, EntityKind, Record, Type, Vocabulary};
use crate::folder::Folder;

/// Mutations that a generated sample has at most. More than a few leave nothing but default denials.
pub const MUTATIONS_MAX: usize = 4;

/// Varies the cases of a folder.
///
/// New values are those that its policies, entities and cases name, and their neighbours: one more, one millisecond
/// earlier, an instant moved by a duration that some policy compares with. Everything generated conforms to the schema;
/// uids may name entities that the store lacks.
#[derive(Clone, Debug)]
pub struct Generator {
    vocabulary: Vocabulary,
    pool: Pool,
    // INVARIANT: not empty, and every sample's action is in `vocabulary`.
    seeds: Vec<Sample>,
}

/// Why a folder could not be made into generators.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GeneratorError {
    /// The schema cannot be used.
    #[error("schema of the folder")]
    Vocabulary(#[source] VocabularyError),
    /// The policies do not parse.
    #[error("unreadable policies")]
    Policies(#[source] Box<ParseErrors>),
    /// The policies have no JSON form, in which their literals are found.
    #[error("policies without a JSON form")]
    PoliciesJson(#[source] Box<PolicySetError>),
    /// The folder has no cases to vary.
    #[error("no cases")]
    NoCases,
    /// A case is not a request with a list of entities, or its action is not in the schema.
    #[error("case `{name}` does not fit the schema")]
    Case {
        /// Its name.
        name: String,
    },
    /// Cedar cannot be asked what a literal means.
    #[error("evaluation of literals")]
    Clock(#[source] Box<RequestValidationError>),
}

impl Generator {
    /// Reads the schema, collects the literals, and takes the cases as seeds.
    ///
    /// # Errors
    ///
    /// [`GeneratorError`].
    pub fn new(folder: &Folder) -> Result<Self, GeneratorError> {
        let vocabulary = Vocabulary::read(&folder.schema).map_err(GeneratorError::Vocabulary)?;
        let mut seeds = Vec::new();
        for case in &folder.cases {
            let unfit = || GeneratorError::Case { name: case.name.clone() };
            let sample = Sample::read(&case.request, &case.entities).ok_or_else(unfit)?;
            if !vocabulary.actions.contains_key(&sample.action) {
                return Err(unfit());
            }
            seeds.push(sample);
        }
        let Some(first) = seeds.first() else {
            return Err(GeneratorError::NoCases);
        };
        let clock = Clock::new(&first.principal).map_err(GeneratorError::Clock)?;
        let mut literals = Literals::new(clock);
        literals.note_policy(&policies_json(&folder.policies)?);
        for seed in &seeds {
            seed.note(&mut literals);
        }
        Ok(Self { pool: literals.into_pool(&vocabulary), vocabulary, seeds })
    }

    /// The cases, unchanged and in their order: what [`Generator::mutate`] starts from.
    pub fn seeds(&self) -> &[Sample] {
        &self.seeds
    }

    /// Cases with up to [`MUTATIONS_MAX`] mutations of request and store; shrinks to fewer, then to the first case.
    pub fn samples(&self) -> impl Strategy<Value = Sample> + use<> {
        self.varied(MUTATIONS_MAX, Self::mutate)
    }

    /// Requests near those of the cases, for the store of `entities.json` or any other.
    pub fn requests(&self) -> impl Strategy<Value = Value> + use<> {
        self.varied(MUTATIONS_MAX, Self::mutate_request).prop_map(|sample| sample.request())
    }

    /// Entity stores near those of the cases.
    pub fn worlds(&self) -> impl Strategy<Value = Value> + use<> {
        self.varied(2 * MUTATIONS_MAX, Self::mutate_store).prop_map(|sample| sample.entities())
    }

    fn varied<F>(&self, mutations_max: usize, mutate: F) -> impl Strategy<Value = Sample> + use<F>
    where
        F: Fn(&Self, &mut Sample, &mut proptest::test_runner::TestRng),
    {
        let generator = self.clone();
        // `prop_perturb` resets its generator for each candidate of a shrink: fewer mutations are a prefix of more.
        (select(self.seeds.clone()), 0..=mutations_max).prop_perturb(
            move |(mut sample, mutations), mut rng| {
                for _ in 0..mutations {
                    mutate(&generator, &mut sample, &mut rng);
                }
                sample
            },
        )
    }
}

fn policies_json(policies: &str) -> Result<Value, GeneratorError> {
    let policies: PolicySet =
        policies.parse().map_err(|source| GeneratorError::Policies(Box::new(source)))?;
    let json = policies.to_json();
    json.map_err(|source| GeneratorError::PoliciesJson(Box::new(source)))
}

/// One of `items`, each as likely as another; `None` if there are none.
pub(crate) fn pick<'a, T>(items: &'a [T], rng: &mut impl Rng) -> Option<&'a T> {
    match items.len() {
        0 => None,
        len => items.get(rng.random_range(0..len)),
    }
}

#[cfg(test)]
mod tests;
