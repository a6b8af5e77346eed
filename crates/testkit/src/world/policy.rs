//! Policies and templates: scopes that single out a request environment, or none.

use cedar_policy::{EntityTypeName, EntityUid};
use proptest::prelude::{Rng, RngExt};

use super::constant;
use super::expression::Writer;
use super::path::paths;
use crate::generator::{Action, Vocabulary, pick};

/// What the slots of a link stand for.
pub(super) type Slots = (Option<EntityUid>, Option<EntityUid>);

/// A policy's text, and links if it is a template.
pub(super) struct Written {
    pub(super) text: String,
    pub(super) links: Vec<Slots>,
    pub(super) about: About,
}

/// The request environment that a policy is about: action, type of the principal, type of the resource.
pub(super) type About = (EntityUid, EntityTypeName, EntityTypeName);

/// Writes one policy about one request environment.
pub(super) struct PolicyWriter<'w, R> {
    vocabulary: &'w Vocabulary,
    rng: &'w mut R,
}

/// One party of a scope: its text, whether it narrows the type, and the type of a slot's entity.
struct Party {
    text: String,
    is_narrow: bool,
    slot: Option<EntityTypeName>,
}

impl<'w, R: Rng> PolicyWriter<'w, R> {
    pub(super) fn new(vocabulary: &'w Vocabulary, rng: &'w mut R) -> Self {
        Self { vocabulary, rng }
    }

    pub(super) fn policy(mut self) -> Option<Written> {
        let actions: Vec<(&EntityUid, &Action)> = self.vocabulary.actions.iter().collect();
        let (uid, action) = *pick(&actions, self.rng)?;
        let principals: Vec<&EntityTypeName> = action.principals.iter().collect();
        let resources: Vec<&EntityTypeName> = action.resources.iter().collect();
        let principal_type = (*pick(&principals, self.rng)?).clone();
        let resource_type = (*pick(&resources, self.rng)?).clone();
        let principal = self.party("principal", &principal_type)?;
        let resource = self.party("resource", &resource_type)?;
        let (action_text, is_one) = self.action(uid);
        let context = is_one.then_some(&action.context);
        let mut writer = Writer {
            vocabulary: self.vocabulary,
            paths: paths(self.vocabulary, &principal_type, &resource_type, context),
            proven: Vec::new(),
            rng: &mut *self.rng,
        };
        let effect = if writer.rng.random_ratio(3, 5) { "permit" } else { "forbid" };
        let annotation =
            if writer.rng.random_ratio(1, 5) { writer.annotation() } else { String::new() };
        let text =
            format!("{annotation}{effect}({}, {action_text}, {})", principal.text, resource.text);
        let depth = writer.rng.random_range(1..=4);
        let mut narrowing = Vec::new();
        for (party, name, of) in
            [(&principal, "principal", &principal_type), (&resource, "resource", &resource_type)]
        {
            if !party.is_narrow {
                narrowing.push(format!("{name} is {of} && "));
            }
        }
        let narrowing = narrowing.concat();
        let mut parts = vec![text];
        for _ in 0..writer.rng.random_range(1..=2) {
            let is_when = writer.rng.random_ratio(4, 5);
            let condition = writer.boolean(depth)?;
            let clause = if is_when { "when" } else { "unless" };
            parts.push(format!("{clause} {{ {narrowing}{condition} }}"));
        }
        let text = parts.join(" ") + ";";
        let links = self.links(&principal, &resource);
        Some(Written { text, links, about: (uid.clone(), principal_type, resource_type) })
    }

    fn party(&mut self, name: &str, of: &EntityTypeName) -> Option<Party> {
        let slot = format!("?{name}");
        let parents: Vec<EntityTypeName> =
            self.vocabulary.parents(of).into_iter().flatten().cloned().collect();
        let group_type = pick(&parents, self.rng).unwrap_or(of).clone();
        let group = constant::uid(self.vocabulary, &group_type, self.rng)?;
        let plain = |text: String, is_narrow| Some(Party { text, is_narrow, slot: None });
        match self.rng.random_range(0..12) {
            0..=3 => plain(format!("{name} is {of}"), true),
            4 => {
                let uid = constant::uid(self.vocabulary, of, self.rng)?;
                plain(format!("{name} == {uid}"), true)
            }
            5 => plain(format!("{name} is {of} in {group}"), true),
            6 => plain(format!("{name} in {group}"), false),
            7 => Some(Party {
                text: format!("{name} == {slot}"),
                is_narrow: false,
                slot: Some(of.clone()),
            }),
            8 => {
                let text = format!("{name} is {of} in {slot}");
                Some(Party { text, is_narrow: true, slot: Some(group_type) })
            }
            _ => plain(name.to_owned(), false),
        }
    }

    /// The action's scope, and whether it admits this action alone.
    fn action(&mut self, uid: &EntityUid) -> (String, bool) {
        let group = |id: &str| {
            EntityUid::from_type_name_and_id(
                uid.type_name().clone(),
                cedar_policy::EntityId::new(id),
            )
        };
        match self.rng.random_range(0..10) {
            0..=5 => (format!("action == {uid}"), true),
            6 => (format!("action in [{uid}]"), true),
            7 => (format!("action in [{uid}, {}]", group("some of them")), false),
            8 => (format!("action in {}", group("all")), false),
            _ => ("action".to_owned(), false),
        }
    }

    /// Two links of a template; none of a policy.
    fn links(&mut self, principal: &Party, resource: &Party) -> Vec<Slots> {
        if principal.slot.is_none() && resource.slot.is_none() {
            return Vec::new();
        }
        let mut filled = |party: &Party| {
            let of = party.slot.as_ref()?;
            constant::uid(self.vocabulary, of, self.rng)
        };
        (0..2).map(|_| (filled(principal), filled(resource))).collect()
    }
}
