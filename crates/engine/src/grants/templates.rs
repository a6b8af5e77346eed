//! The templates of one module, as grants find them.

use trapkey_abi::{Effect, Handle, Policy, SlotTest, Template, sort_compactly};
use trapkey_bundle::Contents;

/// The templates of a module by the keys of their ids.
pub(crate) struct Templates {
    // INVARIANT: `links` ascends by key, and each names a template of the module.
    links: Box<[(Handle, Link)]>,
    /// Whether a template tests what the principal is in.
    pub(super) principal_groups: bool,
    /// The same of the resource.
    pub(super) resource_groups: bool,
}

/// What a decision needs to know of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    /// Its number among the templates.
    pub(super) ordinal: u32,
    /// Its number among the policies.
    pub(super) policy: u32,
    pub(super) principal: Option<SlotTest>,
    pub(super) resource: Option<SlotTest>,
    pub(super) break_glass: Option<i64>,
    pub(super) is_forbid: bool,
}

/// The key of a template's id: a digest, since finding a template must cost little.
pub(super) fn key(id: &str) -> Handle {
    Handle::of("template", id)
}

impl Templates {
    pub(crate) fn of(contents: &Contents) -> Self {
        let templates = (0..).zip(contents.policies());
        let templates = templates.filter_map(|(number, policy)| {
            policy.template.as_ref().map(|template| (number, policy, template))
        });
        let link = |(ordinal, (policy, of, template)): (u32, (u32, &Policy, &Template))| {
            let test = |slot: &Option<trapkey_abi::TemplateSlot>| slot.as_ref().map(|s| s.test);
            let link = Link {
                ordinal,
                policy,
                principal: test(&template.principal),
                resource: test(&template.resource),
                break_glass: template.break_glass,
                is_forbid: of.effect == Effect::Forbid,
            };
            (key(&of.id), link)
        };
        let mut links: Vec<(Handle, Link)> = (0..).zip(templates).map(link).collect();
        sort_compactly(&mut links, |(a, _), (b, _)| a.cmp(b));
        let is_in = |test: Option<SlotTest>| test == Some(SlotTest::In);
        let principal_groups = links.iter().any(|(_, link)| is_in(link.principal));
        let resource_groups = links.iter().any(|(_, link)| is_in(link.resource));
        Self { links: links.into_boxed_slice(), principal_groups, resource_groups }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// The template whose id has this key.
    pub(super) fn find(&self, key: Handle) -> Option<&Link> {
        let place = self.links.binary_search_by_key(&key, |(own, _)| *own).ok()?;
        self.links.get(place).map(|(_, link)| link)
    }

    /// The template with this id, as the module describes it.
    pub(super) fn named<'c>(&self, id: &str, contents: &'c Contents) -> Option<&'c Template> {
        let link = self.find(key(id))?;
        let policy = contents.policies().get(usize::try_from(link.policy).ok()?)?;
        policy.template.as_ref().filter(|_| policy.id == id)
    }
}
