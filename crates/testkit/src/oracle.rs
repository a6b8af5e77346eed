//! Cedar's own authorizer as the judge of what a policy set decides.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cedar_policy::{
    AuthorizationError, Authorizer, CedarSchemaError, Context, ContextJsonError, Decision,
    Entities, EntityUid, ParseErrors, PolicyId, PolicySet, PolicySetError, Request,
    RequestValidationError, Response, Schema, SlotId, ValidationMode, ValidationResult, Validator,
    entities_errors::EntitiesError,
};
use serde::Deserialize;
use serde_json::Value;

use crate::uid::Uid;

/// A policy set with its schema and one entity store, decided by Cedar.
///
/// A policy's id is its `@id` annotation, else `policyN` with `N` counted from zero in source order. Cheap to clone:
/// the schema and the policies are shared.
#[derive(Clone, Debug)]
pub struct Oracle {
    schema: Arc<Schema>,
    // INVARIANT: strictly valid under `schema`.
    policies: Arc<PolicySet>,
    // INVARIANT: conforms to `schema`.
    entities: Arc<Entities>,
}

/// A template with its slots filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Id of the link.
    pub id: String,
    /// Id of the template, as [`Oracle`] names policies.
    pub template: String,
    /// What `?principal` stands for.
    pub principal: Option<EntityUid>,
    /// What `?resource` stands for.
    pub resource: Option<EntityUid>,
}

/// What Cedar decided, under Cedar's rules: an erring policy is skipped, stages play no part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// True if the decision is allow.
    pub allow: bool,
    /// Ids of the policies that the decision rests on.
    pub determining: BTreeSet<String>,
    /// Ids of the policies whose evaluation failed.
    pub erring: BTreeSet<String>,
}

/// Why an oracle could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OracleError {
    /// The schema does not parse, or names what it does not declare.
    #[error("unreadable schema")]
    Schema(#[source] Box<CedarSchemaError>),
    /// The policies do not parse.
    #[error("unreadable policies")]
    Policies(#[source] Box<ParseErrors>),
    /// Two policies have one id.
    #[error("ambiguous policy id")]
    Id(#[source] Box<PolicySetError>),
    /// The policies are not strictly valid.
    #[error("policies do not conform to the schema")]
    Validation(#[source] Box<ValidationResult>),
    /// The entities do not parse, or do not conform to the schema.
    #[error("entities do not conform to the schema")]
    Entities(#[source] Box<EntitiesError>),
}

/// Why a request could not be decided.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The request is not an object of principal, action, resource and context.
    #[error("unreadable request")]
    Shape(#[source] serde_json::Error),
    /// The context does not parse under the schema.
    #[error("unreadable context")]
    Context(#[source] Box<ContextJsonError>),
    /// The request does not conform to the schema.
    #[error("request does not conform to the schema")]
    Validation(#[source] Box<RequestValidationError>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestJson {
    principal: Uid,
    action: Uid,
    resource: Uid,
    context: Value,
}

impl Oracle {
    /// Parses and strictly validates everything once.
    ///
    /// # Errors
    ///
    /// [`OracleError`], in the order of its variants.
    pub fn new(schema: &str, policies: &str, entities: &Value) -> Result<Self, OracleError> {
        let (schema, _warnings) = Schema::from_cedarschema_str(schema)
            .map_err(|source| OracleError::Schema(Box::new(source)))?;
        let parsed: PolicySet =
            policies.parse().map_err(|source| OracleError::Policies(Box::new(source)))?;
        let policies = named(&parsed).map_err(OracleError::Id)?;
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !result.validation_passed() {
            return Err(OracleError::Validation(Box::new(result)));
        }
        let entities = conforming(&schema, entities)?;
        Ok(Self {
            schema: Arc::new(schema),
            policies: Arc::new(policies),
            entities: Arc::new(entities),
        })
    }

    /// The same policies, and links of the templates among them.
    ///
    /// # Errors
    ///
    /// [`OracleError::Id`] for a link that Cedar refuses, [`OracleError::Validation`] for one that is not strictly
    /// valid.
    pub fn with_links(&self, links: &[Link]) -> Result<Self, OracleError> {
        let mut policies = PolicySet::clone(&self.policies);
        for Link { id, template, principal, resource } in links {
            let mut values = HashMap::new();
            values.extend(principal.clone().map(|uid| (SlotId::principal(), uid)));
            values.extend(resource.clone().map(|uid| (SlotId::resource(), uid)));
            policies
                .link(PolicyId::new(template), PolicyId::new(id), values)
                .map_err(|source| OracleError::Id(Box::new(source)))?;
        }
        let validator = Validator::new(Schema::clone(&self.schema));
        let result = validator.validate(&policies, ValidationMode::Strict);
        if !result.validation_passed() {
            return Err(OracleError::Validation(Box::new(result)));
        }
        Ok(Self { policies: Arc::new(policies), ..self.clone() })
    }

    /// The same policies over another entity store.
    ///
    /// # Errors
    ///
    /// [`OracleError::Entities`].
    pub fn with_entities(&self, entities: &Value) -> Result<Self, OracleError> {
        let entities = conforming(&self.schema, entities)?;
        Ok(Self { entities: Arc::new(entities), ..self.clone() })
    }

    /// Reads a request in Cedar's JSON form and checks it against the schema.
    ///
    /// # Errors
    ///
    /// [`RequestError`], in the order of its variants.
    pub fn request(&self, request: &Value) -> Result<Request, RequestError> {
        let RequestJson {
            principal: Uid(principal),
            action: Uid(action),
            resource: Uid(resource),
            context,
        } = RequestJson::deserialize(request).map_err(RequestError::Shape)?;
        let context = Context::from_json_value(context, Some((&self.schema, &action)))
            .map_err(|source| RequestError::Context(Box::new(source)))?;
        Request::new(principal, action, resource, context, Some(&self.schema))
            .map_err(|source| RequestError::Validation(Box::new(source)))
    }

    /// Reads, checks and decides `request`.
    ///
    /// # Errors
    ///
    /// [`RequestError`], as [`Oracle::request`].
    pub fn decide(&self, request: &Value) -> Result<Verdict, RequestError> {
        Ok(self.verdict(&self.request(request)?))
    }

    /// Decides a request that was read before.
    pub fn verdict(&self, request: &Request) -> Verdict {
        let response = Authorizer::new().is_authorized(request, &self.policies, &self.entities);
        Verdict::from(&response)
    }

    /// The schema.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The policies, under the ids that a [`Verdict`] names.
    pub fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// The entity store, with the schema's action entities.
    pub fn entities(&self) -> &Entities {
        &self.entities
    }
}

impl From<&Response> for Verdict {
    fn from(response: &Response) -> Self {
        let diagnostics = response.diagnostics();
        Self {
            allow: response.decision() == Decision::Allow,
            determining: diagnostics.reason().map(ToString::to_string).collect(),
            erring: diagnostics
                .errors()
                .map(|AuthorizationError::PolicyEvaluationError(error)| {
                    error.policy_id().to_string()
                })
                .collect(),
        }
    }
}

/// The policies of `parsed` under their `@id`.
fn named(parsed: &PolicySet) -> Result<PolicySet, Box<PolicySetError>> {
    let mut renamed = PolicySet::new();
    for policy in parsed.policies() {
        renamed.add(match policy.annotation("id") {
            Some(id) => policy.new_id(PolicyId::new(id)),
            None => policy.clone(),
        })?;
    }
    for template in parsed.templates() {
        renamed.add_template(match template.annotation("id") {
            Some(id) => template.new_id(PolicyId::new(id)),
            None => template.clone(),
        })?;
    }
    Ok(renamed)
}

fn conforming(schema: &Schema, entities: &Value) -> Result<Entities, OracleError> {
    Entities::from_json_value(entities.clone(), Some(schema))
        .map_err(|source| OracleError::Entities(Box::new(source)))
}

#[cfg(test)]
mod tests;
