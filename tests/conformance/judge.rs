//! Cedar's side: what it accepts, what it says of what it refuses, and what it decides.

use std::collections::{BTreeSet, HashMap};

use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, Entities, EntityUid, PolicyId, PolicySet,
    PolicySetError, Request, Schema, SlotId, ValidationMode, Validator,
};
use serde_json::Value;
use serde_json::value::RawValue;

use super::test::{self, Answer, Link, Policies, Test};

/// What Cedar refuses first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Schema,
    Syntax,
    Links,
    Validation,
    Entities,
}

/// A refusal with all its messages.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) step: Step,
    pub(super) messages: BTreeSet<String>,
}

impl Refusal {
    fn of(step: Step, error: &dyn std::error::Error) -> Self {
        Self { step, messages: BTreeSet::from([error.to_string()]) }
    }
}

/// Policies that Cedar accepts.
pub(super) struct Judge {
    schema: Schema,
    policies: PolicySet,
}

impl Judge {
    /// Reads and strictly validates the policies of `test`.
    pub(super) fn read(test: &Test) -> Result<Self, Refusal> {
        let schema = schema(&test.schema)?;
        let mut policies: PolicySet =
            test.policies.parse().map_err(|errors: cedar_policy::ParseErrors| {
                let messages = errors.iter().map(ToString::to_string).collect();
                Refusal { step: Step::Syntax, messages }
            })?;
        for link in &test.links {
            add(&mut policies, link).map_err(|error| Refusal::of(Step::Links, &*error))?;
        }
        let validated = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !validated.validation_passed() {
            let messages = validated.validation_errors().map(ToString::to_string).collect();
            return Err(Refusal { step: Step::Validation, messages });
        }
        Ok(Self { schema, policies })
    }

    /// Entities that conform to the schema.
    pub(super) fn entities(&self, text: &str) -> Result<Entities, Refusal> {
        Entities::from_json_str(text, Some(&self.schema))
            .map_err(|error| Refusal::of(Step::Entities, &error))
    }

    /// Entities as they stand, whatever the schema says of them; only its actions are added.
    pub(super) fn unchecked_entities(&self, text: &str) -> Result<Entities, Refusal> {
        let refused = |error| Refusal::of(Step::Entities, &error);
        let actions = self.schema.action_entities().map_err(refused)?;
        let entities = Entities::from_json_str(text, None).map_err(refused)?;
        entities.add_entities(actions, None).map_err(refused)
    }

    /// A request that conforms to the schema; the error is Cedar's message.
    pub(super) fn request(&self, request: &test::Request) -> Result<Request, String> {
        let (principal, resource) = (uid(&request.principal)?, uid(&request.resource)?);
        let action = uid(&request.action)?;
        let context = Context::from_json_str(request.context.get(), Some((&self.schema, &action)));
        let context = context.map_err(|error| error.to_string())?;
        let request = Request::new(principal, action, resource, context, Some(&self.schema));
        request.map_err(|error| error.to_string())
    }

    pub(super) fn decide(&self, request: &Request, entities: &Entities) -> Answer {
        let response = Authorizer::new().is_authorized(request, &self.policies, entities);
        let diagnostics = response.diagnostics();
        let erring = diagnostics.errors().map(|error| match error {
            AuthorizationError::PolicyEvaluationError(error) => error.policy_id().to_string(),
        });
        Answer {
            allow: response.decision() == Decision::Allow,
            policies: Policies {
                determining: diagnostics.reason().map(ToString::to_string).collect(),
                erring: erring.collect(),
            },
        }
    }
}

/// A schema in Cedar's syntax, or in its JSON form if the text begins with a brace.
fn schema(text: &str) -> Result<Schema, Refusal> {
    if text.trim_start().starts_with('{') {
        return Schema::from_json_str(text).map_err(|error| Refusal::of(Step::Schema, &error));
    }
    match Schema::from_cedarschema_str(text) {
        Ok((schema, _warnings)) => Ok(schema),
        Err(error) => Err(Refusal::of(Step::Schema, &error)),
    }
}

/// Links a template by its `@id`, as Cedar's command line does.
fn add(policies: &mut PolicySet, link: &Link) -> Result<(), Box<PolicySetError>> {
    let named = policies.templates().find(|t| t.annotation("id") == Some(&link.template));
    let template = named.map_or_else(|| PolicyId::new(&link.template), |t| t.id().clone());
    let slots = [
        (SlotId::principal(), link.principal.clone()),
        (SlotId::resource(), link.resource.clone()),
    ];
    let values: HashMap<_, _> =
        slots.into_iter().filter_map(|(slot, uid)| Some((slot, uid?))).collect();
    policies.link(template, PolicyId::new(&link.id), values).map_err(Box::new)
}

/// The uid in either of its spellings.
fn uid(text: &RawValue) -> Result<EntityUid, String> {
    let value: Value = serde_json::from_str(text.get()).map_err(|error| error.to_string())?;
    match value {
        Value::String(text) => text.parse().map_err(|error| format!("`{text}`: {error}")),
        other => EntityUid::from_json(other).map_err(|error| error.to_string()),
    }
}
