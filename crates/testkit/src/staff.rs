//! A store of any size: users in a tree of units, and teams that have one unit above them.

use serde_json::{Value, json};

/// The users and units of an organisation, each named by its number.
///
/// One in a hundred is a unit, ten in each above it; a user is in two of them, so a user of a million has about nine
/// ancestors.
#[derive(Clone, Copy, Debug)]
pub struct Staff {
    count: usize,
}

impl Staff {
    /// The schema in Cedar's syntax.
    pub const SCHEMA: &str = "\
entity Unit in [Unit] = { level: Long };
entity User in [Unit] = { active: Bool, home: Unit, level: Long, name: String };
action read appliesTo { principal: [User], resource: [Unit], context: {} };
";

    /// A policy set in Cedar's syntax.
    pub const POLICIES: &str = "\
permit (principal, action, resource) when { principal in resource && principal.active && principal.level > 3 };
";

    /// A store of `count` entities.
    pub const fn new(count: usize) -> Self {
        Self { count }
    }

    /// The type and the id of the entity with this number.
    pub fn uid(self, number: usize) -> (&'static str, String) {
        if number < self.units() { unit(number) } else { ("User", format!("u{number}")) }
    }

    /// The number of a user, for any number.
    pub fn user(self, number: usize) -> usize {
        let units = self.units();
        units + number % self.count.saturating_sub(units).max(1)
    }

    /// The entity with this number.
    pub fn entity(self, number: usize) -> Value {
        let uid = uid_json(&self.uid(number));
        if number < self.units() {
            let above: Vec<Value> =
                number.checked_sub(1).map(|n| unit_json(n / 10)).into_iter().collect();
            return json!({ "uid": uid, "attrs": { "level": number % 5 }, "parents": above });
        }
        let [home, other] = [7, 31].map(|step| unit_json(number * step % self.units()));
        json!({
            "uid": uid,
            "attrs": {
                "active": !number.is_multiple_of(3),
                "home": { "__entity": home },
                "level": number % 7,
                "name": format!("name {number}"),
            },
            "parents": [home, other],
        })
    }

    /// All entities in Cedar's JSON.
    pub fn json(self) -> String {
        let mut text = String::from("[");
        for number in 0..self.count {
            text.push_str(if number == 0 { "" } else { "," });
            text.push_str(&self.entity(number).to_string());
        }
        text.push(']');
        text
    }

    /// A request that the policy permits if the user with this number is active and above level 3.
    pub fn request(self, number: usize) -> Value {
        let resource = unit_json(number * 7 % self.units());
        let action = json!({ "type": "Action", "id": "read" });
        let principal = uid_json(&self.uid(number));
        json!({ "principal": principal, "action": action, "resource": resource, "context": {} })
    }

    /// The type and the id of the unit above the team of this size.
    pub fn head(size: usize) -> (&'static str, String) {
        ("Unit", format!("head of {size}"))
    }

    /// A unit without any above it, and `size` users in it alone.
    pub fn team(size: usize) -> Vec<Value> {
        let head = uid_json(&Self::head(size));
        let user = |number: usize| {
            let uid = uid_json(&("User", format!("{number} of {size}")));
            let name = format!("name {number}");
            let attributes =
                json!({ "active": true, "home": { "__entity": head }, "level": 4, "name": name });
            json!({ "uid": uid, "attrs": attributes, "parents": [head] })
        };
        let unit = json!({ "uid": head, "attrs": { "level": 0 }, "parents": [] });
        std::iter::once(unit).chain((0..size).map(user)).collect()
    }

    fn units(self) -> usize {
        self.count.div_ceil(100)
    }
}

fn unit(number: usize) -> (&'static str, String) {
    ("Unit", format!("n{number}"))
}

fn unit_json(number: usize) -> Value {
    uid_json(&unit(number))
}

fn uid_json((type_name, id): &(&str, String)) -> Value {
    json!({ "type": type_name, "id": id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Oracle;

    #[test]
    fn a_store_has_its_size_and_some_are_permitted() {
        let staff = Staff::new(1_000);
        let mut entities: Vec<Value> = serde_json::from_str(&staff.json()).unwrap();
        assert_eq!(entities.len(), 1_000);
        entities.extend(Staff::team(10));
        let oracle = Oracle::new(Staff::SCHEMA, Staff::POLICIES, &Value::Array(entities)).unwrap();
        // The one action is an entity too.
        assert_eq!(oracle.entities().iter().count(), 1_000 + 11 + 1);
        let permitted = (0..100)
            .filter(|number| oracle.decide(&staff.request(staff.user(*number))).unwrap().allow);
        assert!((10..90).contains(&permitted.count()));
    }
}
