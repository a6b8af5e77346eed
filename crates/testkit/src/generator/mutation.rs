//! One small change to a sample that keeps it within the schema.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{EntityId, EntityTypeName, EntityUid};
use proptest::prelude::{Rng, RngExt};
use serde_json::{Map, Value};

use super::sample::{Sample, Stored};
use super::vocabulary::{Action, Attribute, EntityKind, Record, Type};
use super::{Generator, pick};

impl Generator {
    /// Changes one thing in the request or in the store.
    ///
    /// A change that finds nothing to change leaves `sample` as it is.
    pub fn mutate(&self, sample: &mut Sample, rng: &mut impl Rng) {
        if rng.random_ratio(3, 5) {
            self.mutate_request(sample, rng);
        } else {
            self.mutate_store(sample, rng);
        }
    }

    /// Changes a field of the context, the principal, the resource or the action.
    pub fn mutate_request(&self, sample: &mut Sample, rng: &mut impl Rng) {
        let Some(action) = self.vocabulary.actions.get(&sample.action) else {
            return;
        };
        match rng.random_range(0..12) {
            0 => self.replace_uid(&mut sample.principal, &action.principals, rng),
            1 => self.replace_uid(&mut sample.resource, &action.resources, rng),
            2 | 3 => self.replace_action(sample, action, rng),
            _ => self.vary_record(&mut sample.context, &action.context, rng),
        }
    }

    /// Changes an entity's attributes or parents, removes an entity, or adds one.
    pub fn mutate_store(&self, sample: &mut Sample, rng: &mut impl Rng) {
        match rng.random_range(0..10) {
            0..=2 => self.vary_attributes(sample, rng),
            3..=6 => {
                if let Some(uid) = some_stored(sample, rng) {
                    sample.store.remove(&uid);
                }
            }
            7 | 8 => self.vary_parents(sample, rng),
            _ => self.add_entity(sample, rng),
        }
    }

    /// Keeps the type in half of the cases.
    fn replace_uid(
        &self,
        old: &mut EntityUid,
        types: &BTreeSet<EntityTypeName>,
        rng: &mut impl Rng,
    ) {
        let types: Vec<&EntityTypeName> = types.iter().collect();
        let new = match pick(&types, rng) {
            Some(type_name) if rng.random() => self.pool.uid(type_name, rng),
            _ => self.pool.uid(old.type_name(), rng),
        };
        if let Some(new) = new {
            *old = new.clone();
        }
    }

    /// Another action for the same types of principal and resource, with the context that it takes.
    fn replace_action(&self, sample: &mut Sample, old: &Action, rng: &mut impl Rng) {
        let principal = sample.principal.type_name();
        let resource = sample.resource.type_name();
        let fits = |action: &Action| {
            action.principals.contains(principal) && action.resources.contains(resource)
        };
        let actions = self.vocabulary.actions.iter();
        let fitting: Vec<_> = actions.filter(|(_, action)| fits(action)).collect();
        let Some(&(uid, action)) = pick(&fitting, rng) else {
            return;
        };
        let mut context = Map::new();
        for (name, attribute) in &action.context {
            let is_kept = old.context.get(name).is_some_and(|before| before.of == attribute.of);
            match sample.context.remove(name) {
                Some(value) if is_kept => {
                    context.insert(name.clone(), value);
                }
                _ if attribute.is_required => {
                    context.insert(name.clone(), self.pool.attribute(attribute, rng));
                }
                _ => {}
            }
        }
        sample.action = uid.clone();
        sample.context = context;
    }

    /// Changes one attribute of a record, within nested records too.
    fn vary_record(&self, fields: &mut Map<String, Value>, record: &Record, rng: &mut impl Rng) {
        let declared: Vec<(&String, &Attribute)> = record.iter().collect();
        let Some(&(name, attribute)) = pick(&declared, rng) else {
            return;
        };
        match (&attribute.of, fields.get_mut(name)) {
            (_, Some(_)) if !attribute.is_required && rng.random_ratio(1, 3) => {
                fields.remove(name);
            }
            (Type::Record(inner), Some(Value::Object(inside))) => {
                self.vary_record(inside, inner, rng);
            }
            (_, _) => {
                fields.insert(name.clone(), self.pool.attribute(attribute, rng));
            }
        }
    }

    fn vary_attributes(&self, sample: &mut Sample, rng: &mut impl Rng) {
        let Some(uid) = some_stored(sample, rng) else {
            return;
        };
        let declared = self.vocabulary.attributes(uid.type_name());
        if let (Some(record), Some(stored)) = (declared, sample.store.get_mut(&uid)) {
            self.vary_record(&mut stored.attributes, record, rng);
        }
    }

    /// Takes an entity out of a group, or puts it into one that the schema allows.
    fn vary_parents(&self, sample: &mut Sample, rng: &mut impl Rng) {
        let Some(child) = some_stored(sample, rng) else {
            return;
        };
        let Some(types) = self.vocabulary.parents(child.type_name()) else {
            return;
        };
        let new = pick(&types.iter().collect::<Vec<_>>(), rng)
            .and_then(|type_name| self.pool.uid(type_name, rng))
            .filter(|parent| !reaches(&sample.store, parent, &child));
        let Some(stored) = sample.store.get_mut(&child) else {
            return;
        };
        let old: Vec<EntityUid> = stored.parents.iter().cloned().collect();
        match (pick(&old, rng), new) {
            (Some(old), _) if rng.random() => {
                stored.parents.remove(old);
            }
            (_, Some(new)) => {
                stored.parents.insert(new.clone());
            }
            _ => {}
        }
    }

    /// A new entity, which is the principal or the resource of the request in half of the cases where it can be.
    fn add_entity(&self, sample: &mut Sample, rng: &mut impl Rng) {
        let kinds: Vec<(&EntityTypeName, &EntityKind)> = self.vocabulary.entities.iter().collect();
        let Some(&(type_name, EntityKind::Standard { attributes, parents, tags })) =
            pick(&kinds, rng)
        else {
            return;
        };
        let id = EntityId::new(format!("extra-{}", sample.store.len()));
        let new = EntityUid::from_type_name_and_id(type_name.clone(), id);
        let parents: Vec<&EntityTypeName> = parents.iter().collect();
        let mut stored =
            Stored { attributes: self.pool.record(attributes, rng), ..Stored::default() };
        for _ in 0..rng.random_range(0..3) {
            let parent = pick(&parents, rng).and_then(|name| self.pool.uid(name, rng).cloned());
            // Nothing has the new entity as an ancestor, so no cycle can close.
            stored.parents.extend(parent);
        }
        if let Some(tags) = tags {
            stored.tags.insert("extra".to_owned(), self.pool.value(tags, rng));
        }
        sample.store.insert(new.clone(), stored);
        let action = self.vocabulary.actions.get(&sample.action);
        if action.is_some_and(|action| action.principals.contains(type_name)) && rng.random() {
            sample.principal = new;
        } else if action.is_some_and(|action| action.resources.contains(type_name)) && rng.random()
        {
            sample.resource = new;
        }
    }
}

/// A stored entity, in five of six cases one that the request leads to.
fn some_stored(sample: &Sample, rng: &mut impl Rng) -> Option<EntityUid> {
    let related: Vec<EntityUid> = sample.related().into_iter().collect();
    match pick(&related, rng) {
        Some(uid) if rng.random_ratio(5, 6) => Some(uid.clone()),
        _ => pick(&sample.store.keys().collect::<Vec<_>>(), rng).copied().cloned(),
    }
}

/// Whether `from` is `to` or has it as an ancestor.
fn reaches(store: &BTreeMap<EntityUid, Stored>, from: &EntityUid, to: &EntityUid) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(next) = open.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            open.extend(store.get(next).into_iter().flat_map(|stored| &stored.parents));
        }
    }
    false
}
