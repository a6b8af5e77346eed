//! Cedar's JSON as the arena of the component's interface.

use serde_json::Value as Json;
use trapkey::parse_uid;
use trapkey_abi::{parse_datetime, parse_decimal, parse_duration};

use crate::interface::exports::trapkey::policy::types::{Entity, EntityUid, Field, Request, Value};

/// Values, each refers to earlier ones alone.
#[derive(Default)]
pub(crate) struct Arena {
    values: Vec<Value>,
}

impl Arena {
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }

    pub(crate) fn entities(&mut self, json: &Json) -> Vec<Entity> {
        let entity = |json: &Json| Entity {
            uid: uid(&json["uid"]),
            attributes: self.fields(&json["attrs"]),
            parents: json["parents"].as_array().into_iter().flatten().map(uid).collect(),
            tags: self.fields(&json["tags"]),
        };
        json.as_array().unwrap().iter().map(entity).collect()
    }

    pub(crate) fn request(&mut self, json: &Json) -> Request {
        Request {
            principal: uid(&json["principal"]),
            action: uid(&json["action"]),
            resource: uid(&json["resource"]),
            context: self.fields(&json["context"]),
            at: None,
        }
    }

    fn fields(&mut self, json: &Json) -> Vec<Field> {
        let fields = json.as_object().into_iter().flatten();
        fields.map(|(name, json)| Field { name: name.clone(), value: self.value(json) }).collect()
    }

    fn value(&mut self, json: &Json) -> u32 {
        let value = match json {
            Json::Bool(value) => Value::Boolean(*value),
            Json::Number(value) => Value::Long(value.as_i64().unwrap()),
            Json::String(value) => Value::Text(value.clone()),
            Json::Array(parts) => Value::Set(parts.iter().map(|part| self.value(part)).collect()),
            Json::Object(object) => match (object.get("__entity"), object.get("__extn")) {
                (Some(entity), _) => Value::Entity(uid(entity)),
                (None, Some(extension)) => self::extension(extension),
                (None, None) => Value::Structure(self.fields(json)),
            },
            Json::Null => panic!("no value is null"),
        };
        self.values.push(value);
        u32::try_from(self.values.len() - 1).unwrap()
    }
}

fn extension(json: &Json) -> Value {
    let text = json["arg"].as_str().unwrap();
    match json["fn"].as_str().unwrap() {
        "ip" => Value::Ip(text.to_owned()),
        "decimal" => Value::Decimal(parse_decimal(text).unwrap()),
        "datetime" => Value::Datetime(parse_datetime(text).unwrap()),
        "duration" => Value::Duration(parse_duration(text).unwrap()),
        name => panic!("no extension is called `{name}`"),
    }
}

fn uid(json: &Json) -> EntityUid {
    if let Some(text) = json.as_str() {
        let uid = parse_uid(text).unwrap();
        return EntityUid { type_name: uid.type_name, id: uid.id };
    }
    let json = json.get("__entity").unwrap_or(json);
    let part = |name: &str| json[name].as_str().unwrap();
    EntityUid { type_name: part("type").to_owned(), id: part("id").to_owned() }
}
