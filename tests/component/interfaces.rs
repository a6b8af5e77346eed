//! The text of the interfaces: every item is documented, and each file has one interface.

use std::fs;

use trapkey_testkit::repository_dir;
use wit_parser::{Docs, Interface, Resolve, TypeDef, TypeDefKind, WorldItem};

/// What has no text beside it.
#[derive(Default)]
struct Bare(Vec<String>);

impl Bare {
    fn look(&mut self, place: &str, docs: &Docs) {
        if docs.contents.as_deref().is_none_or(|text| text.trim().is_empty()) {
            self.0.push(place.to_owned());
        }
    }

    fn interface(&mut self, resolve: &Resolve, interface: &Interface) {
        let name = interface.name.as_deref().unwrap();
        self.look(name, &interface.docs);
        for function in interface.functions.values() {
            self.look(&format!("{name}.{}", function.name), &function.docs);
        }
        for (ty, id) in &interface.types {
            let ty = format!("{name}.{ty}");
            self.ty(&ty, &resolve.types[*id]);
        }
    }

    fn ty(&mut self, place: &str, ty: &TypeDef) {
        // What is used of another interface is documented there.
        if let TypeDefKind::Type(wit_parser::Type::Id(_)) = ty.kind {
            return;
        }
        self.look(place, &ty.docs);
        let parts: Vec<(&str, &Docs)> = match &ty.kind {
            TypeDefKind::Record(record) => {
                record.fields.iter().map(|part| (part.name.as_str(), &part.docs)).collect()
            }
            TypeDefKind::Variant(variant) => {
                variant.cases.iter().map(|part| (part.name.as_str(), &part.docs)).collect()
            }
            TypeDefKind::Enum(cases) => {
                cases.cases.iter().map(|part| (part.name.as_str(), &part.docs)).collect()
            }
            TypeDefKind::Flags(flags) => {
                flags.flags.iter().map(|part| (part.name.as_str(), &part.docs)).collect()
            }
            TypeDefKind::Resource | TypeDefKind::Type(_) => Vec::new(),
            kind => panic!("{place} is {kind:?}, which this does not know"),
        };
        for (part, docs) in parts {
            self.look(&format!("{place}.{part}"), docs);
        }
    }
}

#[test]
fn interfaces_are_documented_and_versioned() {
    for (package, worlds) in [
        ("policy", ["policy"].as_slice()),
        ("plugin", &["audit-sink", "context-provider", "obligation-handler", "protocol-adapter"]),
    ] {
        let folder = repository_dir().join("wit").join(package);
        let mut resolve = Resolve::default();
        resolve.push_dir(&folder).unwrap();
        let (_, found) = resolve.packages.iter().next().unwrap();
        assert_eq!(found.name.to_string(), format!("trapkey:{package}@0.1.0"));
        assert!(found.worlds.keys().map(String::as_str).eq(worlds.iter().copied()), "{worlds:?}");
        let mut bare = Bare::default();
        for interface in found.interfaces.values() {
            bare.interface(&resolve, &resolve.interfaces[*interface]);
        }
        for world in found.worlds.values() {
            let world = &resolve.worlds[*world];
            bare.look(&world.name, &world.docs);
            let is_interface = |item: &WorldItem| matches!(item, WorldItem::Interface { .. });
            assert!(world.imports.values().chain(world.exports.values()).all(is_interface));
        }
        assert!(bare.0.is_empty(), "not documented: {:?}", bare.0);
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let interfaces = text.lines().filter(|line| line.starts_with("interface ")).count();
            assert!(interfaces <= 1, "{}: {interfaces} interfaces", path.display());
        }
    }
}
