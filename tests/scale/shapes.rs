//! The generated policy sets.

use trapkey::{EntityUid, TemplateLink};

/// A policy set, its schema and its links.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) policies: String,
    pub(crate) schema: String,
    pub(crate) links: Vec<TemplateLink>,
}

/// Actions of the shapes that have many.
const ACTIONS: usize = 200;

const TYPES: &str = "entity Group; entity User in [Group] = { level: Long, name: String };
entity Doc in [Group] = { owner: User };";

impl Shape {
    pub(crate) fn all(count: usize) -> Vec<Self> {
        vec![
            Self::new("one action, distinct conditions", 1, count, |n| {
                format!(
                    "permit (principal, action, resource) when {{ \
                     principal.level > {n} && context.reason == \"reason {n}\" }};\n"
                )
            }),
            Self::new("one action, few conditions", 1, count, |n| {
                format!(
                    "permit (principal, action, resource) when {{ principal.level > {} }};\n",
                    n % 50
                )
            }),
            Self::new("many actions", ACTIONS, count, |n| {
                let action = n % ACTIONS;
                format!(
                    "permit (principal, action == Action::\"a{action}\", resource) when {{ \
                     principal.level > {n} || resource.owner == principal }};\n"
                )
            }),
            Self::new("distinct principals", 1, count, |n| {
                format!("permit (principal == User::\"user {n}\", action, resource);\n")
            }),
            Self::new("distinct principals and resources, many actions", ACTIONS, count, |n| {
                format!(
                    "forbid (principal == User::\"user {n}\", action == Action::\"a{}\", \
                     resource in Group::\"group {n}\");\n",
                    n % ACTIONS
                )
            }),
            Self::new("entities named in conditions", 1, count, |n| {
                format!(
                    "permit (principal, action, resource) when {{ \
                     User::\"user {n}\" has level && User::\"user {n}\".level > 3 }};\n"
                )
            }),
            Self::links(count),
        ]
    }

    fn new(
        name: &'static str,
        actions: usize,
        count: usize,
        policy: impl Fn(usize) -> String,
    ) -> Self {
        let policies = (0..count).map(policy).collect();
        Self { name, policies, schema: schema(actions), links: Vec::new() }
    }

    /// One template, linked once for each policy.
    fn links(count: usize) -> Self {
        let policies = "@id(\"t\") permit (principal in ?principal, action, resource == ?resource)
            when { principal.level > 3 };";
        let link = |n| TemplateLink {
            id: format!("link {n}"),
            template: "t".to_owned(),
            principal: Some(EntityUid::new("Group", format!("group {n}"))),
            resource: Some(EntityUid::new("Doc", format!("doc {n}"))),
        };
        Self {
            name: "links of one template",
            policies: policies.to_owned(),
            schema: schema(1),
            links: (1..count).map(link).collect(),
        }
    }
}

fn schema(actions: usize) -> String {
    let applies = "principal: User, resource: Doc, context: { reason: String }";
    let actions: Vec<String> =
        (0..actions).map(|n| format!("action a{n} appliesTo {{ {applies} }};")).collect();
    format!("{TYPES}{}", actions.concat())
}
