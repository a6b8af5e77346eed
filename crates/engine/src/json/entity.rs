//! Entities in JSON: objects with `uid`, `attrs`, `parents` and, if the type has them, `tags`.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use trapkey_abi::{EntityType, EntityUid, Schema};

use super::raw::{Budget, FieldsSeed, ItemsSeed, KeySeed, RawSeed};
use super::value::{ValueErrorKind, read_value};
use super::{
    Fields, JSON_DEPTH_MAX, JsonError, Place, Raw, ValueError, read_record, read_reference,
};
use crate::entities::{ENTITIES_MAX, EntitiesError, Entity, EntityError, NonConforming};

/// Reads an array of entities and hands each to `take` with its index.
pub(crate) fn read_entities(
    schema: &Schema,
    text: &str,
    take: &mut dyn FnMut(usize, Entity) -> Result<(), EntitiesError>,
) -> Result<(), EntitiesError> {
    let mut list = List { schema, take, count: 0, failure: None };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = deserializer.deserialize_seq(&mut list).and_then(|()| deserializer.end());
    match (list.failure, read) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => {
            let place = Place::Item(&Place::Root("entities"), list.count).to_string();
            Err(EntitiesError::Json { place, source: JsonError(error) })
        }
        (None, Ok(())) => Ok(()),
    }
}

/// Reads one entity.
pub(crate) fn read_entity(schema: &Schema, text: &str) -> Result<Entity, EntitiesError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let raw = RawEntitySeed { depth: JSON_DEPTH_MAX }
        .deserialize(&mut deserializer)
        .and_then(|raw| deserializer.end().map(|()| raw));
    match raw {
        Ok(raw) => raw.read(schema, &Place::Root("entity")),
        Err(error) => {
            Err(EntitiesError::Json { place: "entity".to_owned(), source: JsonError(error) })
        }
    }
}

/// The array of entities while it is read.
struct List<'l> {
    schema: &'l Schema,
    take: &'l mut dyn FnMut(usize, Entity) -> Result<(), EntitiesError>,
    count: usize,
    /// What ended the reading, because a visitor can only give errors of the JSON reader.
    failure: Option<EntitiesError>,
}

impl List<'_> {
    fn take(&mut self, raw: &RawEntity<'_>) -> Result<(), EntitiesError> {
        if self.count >= ENTITIES_MAX {
            return Err(EntitiesError::TooMany);
        }
        let root = Place::Root("entities");
        let entity = raw.read(self.schema, &Place::Item(&root, self.count))?;
        (self.take)(self.count, entity)
    }
}

impl<'t> Visitor<'t> for &mut List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of entities")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut access: A) -> Result<(), A::Error> {
        let depth = JSON_DEPTH_MAX - 1;
        while let Some(raw) = access.next_element_seed(RawEntitySeed { depth })? {
            if let Err(failure) = self.take(&raw) {
                self.failure = Some(failure);
                return Err(A::Error::custom("refused"));
            }
            self.count += 1;
        }
        Ok(())
    }
}

/// An entity before its type is known.
struct RawEntity<'t> {
    uid: Raw<'t>,
    attributes: Fields<'t>,
    parents: Vec<Raw<'t>>,
    tags: Fields<'t>,
}

impl RawEntity<'_> {
    fn read(&self, schema: &Schema, place: &Place<'_>) -> Result<Entity, EntitiesError> {
        let uid_place = Place::Field(place, "uid");
        let uid = read_reference(&self.uid, &uid_place).map_err(EntitiesError::Uid)?;
        match self.read_content(schema, &uid, place) {
            Ok((attributes, parents, tags)) => Ok(Entity { uid, attributes, parents, tags }),
            Err(error) => Err(NonConforming { place: place.to_string(), uid, error }.into()),
        }
    }

    fn read_content(
        &self,
        schema: &Schema,
        uid: &EntityUid,
        place: &Place<'_>,
    ) -> Result<(Values, Vec<EntityUid>, Values), EntityError> {
        let (_, entity_type) =
            schema.entity_type(&uid.type_name).ok_or(EntityError::UnknownType)?;
        if entity_type.is_action && !(self.attributes.is_empty() && self.tags.is_empty()) {
            return Err(EntityError::ActionMismatch);
        }
        let attributes_place = Place::Field(place, "attrs");
        let attributes = read_record(&entity_type.attributes, &self.attributes, &attributes_place)?;
        let tags = self.read_tags(entity_type, &Place::Field(place, "tags"))?;
        let parents_place = Place::Field(place, "parents");
        let parents = self
            .parents
            .iter()
            .enumerate()
            .map(|(index, raw)| read_reference(raw, &Place::Item(&parents_place, index)))
            .collect::<Result<_, _>>()?;
        Ok((attributes, parents, tags))
    }

    fn read_tags(&self, of: &EntityType, place: &Place<'_>) -> Result<Values, ValueError> {
        self.tags
            .iter()
            .map(|(name, raw)| {
                let place = Place::Field(place, name);
                let ty =
                    of.tags.as_ref().ok_or_else(|| place.error(ValueErrorKind::UnexpectedTag))?;
                Ok((name.to_owned(), read_value(ty, raw, &place)?))
            })
            .collect()
    }
}

type Values = BTreeMap<String, trapkey_abi::Value>;

/// Reads an entity whose arrays and objects go at most `depth` levels down.
struct RawEntitySeed {
    depth: u32,
}

impl<'t> DeserializeSeed<'t> for RawEntitySeed {
    type Value = RawEntity<'t>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'t> Visitor<'t> for RawEntitySeed {
    type Value = RawEntity<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entity: an object with `uid`, `attrs` and `parents`")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let budget = Budget::new();
        let seed = RawSeed { budget: &budget, depth: self.depth }.inside()?;
        let (mut uid, mut attributes, mut parents, mut tags) = (None, None, None, None);
        while let Some(key) = access.next_key_seed(KeySeed)? {
            let is_repeated = match key.as_ref() {
                "uid" => uid.replace(access.next_value_seed(seed)?).is_some(),
                "attrs" => attributes.replace(access.next_value_seed(FieldsSeed(seed))?).is_some(),
                "parents" => parents.replace(access.next_value_seed(ItemsSeed(seed))?).is_some(),
                "tags" => tags.replace(access.next_value_seed(FieldsSeed(seed))?).is_some(),
                // Cedar ignores other keys of an entity.
                _ => {
                    access.next_value::<IgnoredAny>()?;
                    false
                }
            };
            if is_repeated {
                return Err(occurs_twice(&key));
            }
        }
        Ok(RawEntity {
            uid: uid.ok_or_else(|| A::Error::missing_field("uid"))?,
            attributes: attributes.ok_or_else(|| A::Error::missing_field("attrs"))?,
            parents: parents.ok_or_else(|| A::Error::missing_field("parents"))?,
            tags: tags.unwrap_or_default(),
        })
    }
}

fn occurs_twice<E: Error>(key: &str) -> E {
    E::custom(format_args!("the key `{key}` occurs twice in one object"))
}
