//! Rules for types, constants and re-exports: what they may be called, and what they may show.

use syn::visit::{self, Visit};
use syn::{Ident, UseTree, Visibility};

use super::Finding;
use crate::source::Source;

/// Words that name no thing of the field.
const WORDS: [&str; 9] =
    ["Manager", "Handler", "Helper", "Util", "Service", "Data", "Info", "Impl", "V2"];

pub(super) fn badly_named(source: &Source) -> Vec<Finding> {
    let types = definitions(source).types;
    types
        .iter()
        .filter(|(name, _)| {
            let singular = name.strip_suffix('s').unwrap_or(name);
            WORDS.iter().any(|word| singular.ends_with(word))
        })
        .map(|(_, line)| Finding::at(*line))
        .collect()
}

pub(super) fn mixed_fields(source: &Source) -> Vec<Finding> {
    Finding::all(definitions(source).mixed)
}

pub(super) fn glob_reexports(source: &Source) -> Vec<Finding> {
    Finding::all(definitions(source).globs)
}

pub(super) fn unprefixed_constants(source: &Source) -> Vec<Finding> {
    if !source.is_under(&["crates/capi/src/"]) {
        return Vec::new();
    }
    let constants = definitions(source).constants;
    constants
        .iter()
        .filter(|(name, _)| !name.starts_with("TRAPKEY_"))
        .map(|(_, line)| Finding::at(*line))
        .collect()
}

/// Names with their lines, or lines alone.
#[derive(Default)]
struct Definitions {
    types: Vec<(String, usize)>,
    constants: Vec<(String, usize)>,
    mixed: Vec<usize>,
    globs: Vec<usize>,
}

fn definitions(source: &Source) -> Definitions {
    let mut definitions = Definitions::default();
    definitions.visit_file(&source.syntax);
    definitions
}

fn named(ident: &Ident) -> (String, usize) {
    (ident.to_string(), ident.span().start().line)
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

impl<'ast> Visit<'ast> for Definitions {
    fn visit_item_struct(&mut self, node: &'ast syn::ItemStruct) {
        let name = named(&node.ident);
        let shown = node.fields.iter().filter(|field| is_public(&field.vis)).count();
        if is_public(&node.vis) && shown != 0 && shown != node.fields.len() {
            self.mixed.push(name.1);
        }
        self.types.push(name);
        visit::visit_item_struct(self, node);
    }

    fn visit_item_enum(&mut self, node: &'ast syn::ItemEnum) {
        self.types.push(named(&node.ident));
        visit::visit_item_enum(self, node);
    }

    fn visit_item_union(&mut self, node: &'ast syn::ItemUnion) {
        self.types.push(named(&node.ident));
        visit::visit_item_union(self, node);
    }

    fn visit_item_trait(&mut self, node: &'ast syn::ItemTrait) {
        self.types.push(named(&node.ident));
        visit::visit_item_trait(self, node);
    }

    fn visit_item_type(&mut self, node: &'ast syn::ItemType) {
        self.types.push(named(&node.ident));
        visit::visit_item_type(self, node);
    }

    fn visit_item_const(&mut self, node: &'ast syn::ItemConst) {
        if is_public(&node.vis) {
            self.constants.push(named(&node.ident));
        }
        visit::visit_item_const(self, node);
    }

    fn visit_item_use(&mut self, node: &'ast syn::ItemUse) {
        if !matches!(node.vis, Visibility::Inherited) {
            self.globs.extend(globs(&node.tree));
        }
    }
}

fn globs(tree: &UseTree) -> Vec<usize> {
    match tree {
        UseTree::Path(path) => globs(&path.tree),
        UseTree::Group(group) => group.items.iter().flat_map(globs).collect(),
        UseTree::Glob(glob) => vec![glob.star_token.span.start().line],
        UseTree::Name(_) | UseTree::Rename(_) => Vec::new(),
    }
}
