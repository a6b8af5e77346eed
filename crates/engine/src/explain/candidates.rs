//! Changes that may make a clause true: from what it reads, and the values it has written down.

use trapkey_abi::{Clause, EntityUid, Type, Value};

use super::places::{Finder, Place};
use super::{Alteration, AttributeChange, AttributeOwner};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Adds the changes for a clause to `into`, each once.
pub(super) fn of(finder: &Finder<'_>, clause: &Clause, into: &mut Vec<AttributeChange>) {
    let places: Vec<Place> =
        clause.accesses.iter().filter_map(|access| finder.find(access)).collect();
    let others = places.iter().filter_map(|place| place.value.clone());
    let values: Vec<Value> = clause.constants.iter().cloned().chain(others).collect();
    for place in &places {
        let mut add = |owner: &AttributeOwner, path: &[String], to: Alteration| {
            let change = AttributeChange { owner: owner.clone(), path: path.to_vec(), to };
            if !into.contains(&change) {
                into.push(change);
            }
        };
        if let Some(attribute) = &place.attribute {
            for value in settings(&attribute.ty, place.value.as_ref(), &values) {
                if place.value.as_ref() != Some(&value) {
                    add(&place.owner, &place.path, Alteration::Set(value));
                }
            }
            if !attribute.required {
                add(&place.owner, &place.path, Alteration::Remove);
            }
        }
        if let Some(Value::Entity(member)) = &place.value {
            let owner = AttributeOwner::Entity(member.clone());
            for to in memberships(finder, member, &values) {
                add(&owner, &[], to);
            }
        }
    }
}

/// Values that an attribute may be given.
fn settings(ty: &Type, current: Option<&Value>, values: &[Value]) -> Vec<Value> {
    let mut settings = Vec::new();
    match ty {
        Type::Bool => settings.extend([Value::Bool(true), Value::Bool(false)]),
        Type::Long | Type::Decimal | Type::Duration => {
            for value in values {
                match (ty, value) {
                    (Type::Long, Value::Long(n)) => near(*n, Value::Long, &mut settings),
                    (Type::Decimal, Value::Decimal(n)) => near(*n, Value::Decimal, &mut settings),
                    (Type::Duration, Value::Duration(n)) => {
                        near(*n, Value::Duration, &mut settings);
                    }
                    _ => {}
                }
            }
        }
        Type::Datetime => datetimes(current, values, &mut settings),
        Type::String => {
            let texts = values.iter().filter(|value| matches!(value, Value::String(_)));
            settings.extend(texts.cloned());
        }
        Type::Entity(name) => settings.extend(
            values
                .iter()
                .filter(|value| matches!(value, Value::Entity(uid) if uid.type_name == *name))
                .cloned(),
        ),
        Type::Ip => {
            settings.extend(values.iter().filter(|v| matches!(v, Value::Ip(_))).cloned());
        }
        Type::Set(element) => sets(element, current, values, &mut settings),
        Type::Record(_) => {}
    }
    settings
}

/// A number and its neighbours.
fn near(number: i64, value: fn(i64) -> Value, into: &mut Vec<Value>) {
    let numbers = [Some(number), number.checked_add(1), number.checked_sub(1)];
    into.extend(numbers.into_iter().flatten().map(value));
}

fn datetimes(current: Option<&Value>, values: &[Value], into: &mut Vec<Value>) {
    for value in values {
        match value {
            Value::Datetime(at) => near(*at, Value::Datetime, into),
            Value::Duration(length) => {
                // The same day at that time, and that long before and after each other instant.
                if let Some(Value::Datetime(now)) = current {
                    let midnight = now.checked_sub(now.rem_euclid(DAY));
                    if let Some(at) = midnight.and_then(|day| day.checked_add(*length)) {
                        near(at, Value::Datetime, into);
                    }
                }
                for other in values {
                    let Value::Datetime(other) = other else { continue };
                    let ends = [other.checked_add(*length), other.checked_sub(*length)];
                    for at in ends.into_iter().flatten() {
                        near(at, Value::Datetime, into);
                    }
                }
            }
            _ => {}
        }
    }
}

fn sets(element: &Type, current: Option<&Value>, values: &[Value], into: &mut Vec<Value>) {
    let current = match current {
        Some(Value::Set(elements)) => elements.as_slice(),
        _ => &[],
    };
    into.push(Value::Set(Vec::new()));
    for value in values.iter().filter(|value| is_of(value, element)) {
        let mut with = current.to_vec();
        with.retain(|other| other != value);
        into.push(Value::Set(with.clone()));
        with.push(value.clone());
        into.push(Value::Set(with));
    }
}

fn is_of(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Entity(name), Value::Entity(uid)) => uid.type_name == *name,
        (Type::Bool, Value::Bool(_))
        | (Type::Long, Value::Long(_))
        | (Type::String, Value::String(_))
        | (Type::Decimal, Value::Decimal(_))
        | (Type::Datetime, Value::Datetime(_))
        | (Type::Duration, Value::Duration(_))
        | (Type::Ip, Value::Ip(_)) => true,
        _ => false,
    }
}

/// Groups that an entity may join, and parents that it may leave for not being in a group.
fn memberships(finder: &Finder<'_>, member: &EntityUid, values: &[Value]) -> Vec<Alteration> {
    let Some(entity) = finder.entities.get(member) else { return Vec::new() };
    let mut changes = Vec::new();
    for value in values {
        let Value::Entity(group) = value else { continue };
        if group == member {
            continue;
        }
        if !entity.is_in(group.handle()) {
            changes.push(Alteration::Join(group.clone()));
            continue;
        }
        for parent in entity.parents() {
            let leads = finder.entities.get(parent).is_some_and(|p| p.is_in(group.handle()));
            if parent == group || leads {
                changes.push(Alteration::Leave(parent.clone()));
            }
        }
    }
    changes
}
