//! The slots of templates: how a scope tests them, and which entities can stand for them.

use cedar_policy_core::ast::Template as CedarTemplate;
use cedar_policy_core::ast::{EntityReference, PrincipalOrResourceConstraint, SlotId};
use cedar_policy_core::validator::types::RequestEnv;
use trapkey_abi::{EntityType, SlotTest, Template, TemplateSlot};

/// What a template leaves open, before it is known which entities can stand for its slots.
pub(crate) fn unfilled(template: &CedarTemplate, break_glass: Option<i64>) -> Template {
    Template {
        principal: slot(template.principal_constraint().as_inner()),
        resource: slot(template.resource_constraint().as_inner()),
        break_glass,
    }
}

fn slot(constraint: &PrincipalOrResourceConstraint) -> Option<TemplateSlot> {
    let (reference, test, is) = match constraint {
        PrincipalOrResourceConstraint::Any | PrincipalOrResourceConstraint::Is(_) => return None,
        PrincipalOrResourceConstraint::Eq(reference) => (reference, SlotTest::Equal, None),
        PrincipalOrResourceConstraint::In(reference) => (reference, SlotTest::In, None),
        PrincipalOrResourceConstraint::IsIn(name, reference) => {
            (reference, SlotTest::In, Some(name.to_string()))
        }
    };
    match reference {
        EntityReference::EUID(_) => None,
        EntityReference::Slot(_) => Some(TemplateSlot { test, is, entity_types: Vec::new() }),
    }
}

/// Notes that the scope admits a principal and a resource of these types.
pub(crate) fn admit(template: &mut Template, principal: &EntityType, resource: &EntityType) {
    for (slot, own) in [(&mut template.principal, principal), (&mut template.resource, resource)] {
        let Some(slot) = slot else { continue };
        let groups = match slot.test {
            SlotTest::Equal => [].as_slice(),
            SlotTest::In => own.ancestors.as_slice(),
        };
        for name in groups.iter().chain([&own.name]) {
            if let Err(place) = slot.entity_types.binary_search(name) {
                slot.entity_types.insert(place, name.clone());
            }
        }
    }
}

/// The environment in which each slot stands for an entity of the type of the request's: no other
/// type makes more of the template than this one, and the rest of it does not depend on the slots.
pub(crate) fn filled<'e>(template: &CedarTemplate, env: &RequestEnv<'e>) -> RequestEnv<'e> {
    let has = |id: SlotId| template.slots().any(|slot| slot.id == id);
    let own = |id, of: Option<&cedar_policy_core::ast::EntityType>| of.filter(|_| has(id)).cloned();
    let principal = own(SlotId::principal(), env.principal_entity_type());
    let resource = own(SlotId::resource(), env.resource_entity_type());
    env.clone().link(principal, resource)
}
