//! Where built plugins are: in `target/plugins`, else the copies that are committed.

use std::path::{Path, PathBuf};
use std::{env, fs};

use trapkey::Digest;
use trapkey_testkit::repository_dir;

/// A component and its manifest.
pub(crate) struct Built {
    pub(crate) component: Vec<u8>,
    pub(crate) manifest: String,
}

/// A plugin; none, and that is said, where there is neither one that was built nor a copy.
pub(crate) fn plugin(name: &str) -> Option<Built> {
    // The folder of the tests' own files is beside those of the profiles.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("plugins");
    let file = |end: &str| target.join(format!("{name}.{end}"));
    if let (Ok(component), Ok(manifest)) =
        (fs::read(file("wasm")), fs::read_to_string(file("toml")))
    {
        return Some(Built { component, manifest });
    }
    let folder = repository_dir().join("bindings/wit/examples").join(name);
    if let Ok(component) = fs::read(asset(&folder, name)) {
        let manifest = fs::read_to_string(folder.join("plugin.toml")).unwrap();
        let manifest = manifest.replace("DIGEST", &Digest::of(&component).to_string());
        return Some(Built { component, manifest });
    }
    assert!(env::var_os("CI").is_none(), "no plugin `{name}`: run `cargo xtask plugins`");
    eprintln!("skipped: no plugin `{name}`; `cargo xtask plugins` builds it");
    None
}

fn asset(folder: &Path, name: &str) -> PathBuf {
    folder.join("asset").join(format!("{name}.wasm"))
}

#[test]
fn manifests_name_the_components_beside_them() {
    for name in ["posture", "s7comm", "ocsf"] {
        let Some(built) = plugin(name) else { continue };
        let digest = Digest::of(&built.component);
        assert!(built.manifest.contains(&format!("component = \"{digest}\"\n")), "{name}");
        assert!(built.manifest.starts_with(&format!("name = \"{name}\"\n")), "{name}");
    }
}
