//! Template links of generated worlds, as the compiler takes them.

use trapkey::{EntityUid, TemplateLink};
use trapkey_testkit::Link;

/// The same link for the compiler.
pub fn template_link(link: &Link) -> TemplateLink {
    let uid = |uid: &cedar_policy::EntityUid| {
        EntityUid::new(uid.type_name().to_string(), uid.id().unescaped())
    };
    TemplateLink {
        id: link.id.clone(),
        template: link.template.clone(),
        principal: link.principal.as_ref().map(uid),
        resource: link.resource.as_ref().map(uid),
    }
}
