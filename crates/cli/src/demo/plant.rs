//! The example plant: policies, schema, entities and requests, compiled into the command.

use serde_json::{Value, json};

use super::shift::{Fact, Question};
use crate::error::CliError;

/// The plant's policies.
pub(super) const POLICIES: &str = include_str!("../../../../policies-examples/plant/plant.cedar");

/// The plant's schema.
pub(super) const SCHEMA: &str =
    include_str!("../../../../policies-examples/plant/plant.cedarschema");

/// The plant's entities.
pub(super) const ENTITIES: &str = include_str!("../../../../policies-examples/plant/entities.json");

const CASES: &str = include_str!("../../../../policies-examples/plant/cases.json");

/// The policy that the stricter set adds.
pub(super) const FREEZE: &str = r#"
@id("freeze-01-no-connector-writes")
@stage("enforce")
@why("line 2 is audited: no connector changes a set point")
@obligation("alert:control-room")
forbid (principal is Plant::Workload, action in Plant::Action::"modbusWrite", resource);
"#;

/// What the script looks up by name.
pub(super) struct Plant {
    entities: Vec<Value>,
    cases: Vec<Value>,
}

impl Plant {
    /// The plant that is compiled in.
    pub(super) fn embedded() -> Result<Self, CliError> {
        let read = |text| serde_json::from_str(text).ok();
        let (Some(entities), Some(cases)) = (read(ENTITIES), read(CASES)) else {
            return Err(CliError::Demo { what: "the plant's files are not JSON" });
        };
        Ok(Self { entities, cases })
    }

    /// The request of the case that `question` names, at the time it names.
    pub(super) fn request(&self, question: &Question) -> Result<Value, CliError> {
        let case = self
            .cases
            .iter()
            .find(|case| case.get("name").and_then(Value::as_str) == Some(question.case));
        let request = case.and_then(|case| case.get("request"));
        let mut request = request.cloned().unwrap_or_default();
        let Some(now) = request.pointer_mut("/context/env/now/__extn/arg") else {
            return Err(CliError::Demo { what: "the plant lacks a case of the script" });
        };
        *now = format!("2026-10-05T{}:00Z", question.time).into();
        Ok(request)
    }

    /// The entity that `fact` speaks of, as it then is, in JSON.
    pub(super) fn changed(&self, fact: &Fact) -> Result<String, CliError> {
        let uid = json!({ "type": fact.entity.0, "id": fact.entity.1 });
        let entity = self.entities.iter().find(|entity| entity.get("uid") == Some(&uid));
        let mut entity = entity.cloned().unwrap_or_default();
        let attribute = entity.get_mut("attrs").and_then(|attrs| attrs.get_mut(fact.attribute));
        let Some(attribute) = attribute else {
            return Err(CliError::Demo { what: "the plant lacks an entity of the script" });
        };
        *attribute = fact.value.json();
        Ok(entity.to_string())
    }
}
