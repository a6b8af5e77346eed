//! Policy sets of any size in four shapes, each with a store and a request that one policy permits.

use serde_json::{Value, json};

/// How the policies of a set differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One principal and one resource each.
    Pairs,
    /// One group each, with a condition on the context.
    Roles,
    /// All for one group of principals, one resource each.
    OneGroup,
    /// All for one group of resources, one principal each.
    OneFolder,
}

/// A policy set, entities and a request.
#[derive(Clone, Debug)]
pub struct ShapedSet {
    /// The schema in Cedar's syntax.
    pub schema: &'static str,
    /// The policies.
    pub policies: String,
    /// The store.
    pub entities: Value,
    /// A request that is permitted by one policy, in the middle of the set.
    pub request: Value,
}

const SCHEMA: &str = "\
entity Group in [Group];
entity User in [Group] = { level: Long };
entity Folder in [Folder];
entity Doc in [Folder] = { owner: User };
action read, write appliesTo { principal: [User], resource: [Doc], context: { hour: Long } };
";

impl Shape {
    /// All shapes.
    pub const ALL: [Self; 4] = [Self::Pairs, Self::Roles, Self::OneGroup, Self::OneFolder];

    /// The name in benches.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pairs => "pairs",
            Self::Roles => "roles",
            Self::OneGroup => "one-group",
            Self::OneFolder => "one-folder",
        }
    }

    /// A set of `count` policies.
    pub fn set(self, count: usize) -> ShapedSet {
        let policies: Vec<String> = (0..count).map(|number| self.policy(number)).collect();
        let middle = count / 2;
        ShapedSet {
            schema: SCHEMA,
            policies: policies.join("\n"),
            entities: entities(middle),
            request: json!({
                "principal": format!("User::\"{middle}\""),
                "action": "Action::\"read\"",
                "resource": format!("Doc::\"{middle}\""),
                "context": { "hour": 12 },
            }),
        }
    }

    fn policy(self, number: usize) -> String {
        let (principal, resource, when) = match self {
            Self::Pairs => (format!("== User::\"{number}\""), format!("== Doc::\"{number}\""), ""),
            Self::Roles => (
                format!("in Group::\"{number}\""),
                "in Folder::\"all\"".to_owned(),
                " when { context.hour >= 6 && context.hour < 18 }",
            ),
            Self::OneGroup => ("in Group::\"all\"".to_owned(), format!("== Doc::\"{number}\""), ""),
            Self::OneFolder => {
                (format!("== User::\"{number}\""), "in Folder::\"all\"".to_owned(), "")
            }
        };
        format!(
            "permit (principal {principal}, action == Action::\"read\", resource {resource}){when};"
        )
    }
}

/// The user and the document with this number, in the groups that the policies name.
fn entities(number: usize) -> Value {
    let uid = |of: &str, id: &str| json!({ "type": of, "id": id });
    let number = number.to_string();
    json!([
        {
            "uid": uid("User", &number),
            "attrs": { "level": 3 },
            "parents": [uid("Group", &number), uid("Group", "all")],
        },
        { "uid": uid("Group", &number), "attrs": {}, "parents": [] },
        { "uid": uid("Group", "all"), "attrs": {}, "parents": [] },
        {
            "uid": uid("Doc", &number),
            "attrs": { "owner": { "__entity": uid("User", &number) } },
            "parents": [uid("Folder", "all")],
        },
        { "uid": uid("Folder", "all"), "attrs": {}, "parents": [] },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Oracle;

    #[test]
    fn one_policy_permits_the_request_of_each_shape() {
        for shape in Shape::ALL {
            for count in [1, 2, 50] {
                let set = shape.set(count);
                let oracle = Oracle::new(set.schema, &set.policies, &set.entities).unwrap();
                let verdict = oracle.decide(&set.request).unwrap();
                assert!(verdict.allow, "{shape:?}");
                assert_eq!(verdict.determining.len(), 1, "{shape:?}");
                assert_eq!(verdict.erring.len(), 0, "{shape:?}");
            }
        }
    }
}
