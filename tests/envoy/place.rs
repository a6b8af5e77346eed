//! The folder in which an Envoy runs, made from the example configurations.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use trapkey_testkit::repository_dir;

use crate::certificates::Authority;

/// A file of `bindings/envoy`.
pub(crate) fn example(name: &str) -> String {
    let path = repository_dir().join("bindings/envoy").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An example configuration on free ports, with an upstream that is there.
pub(crate) fn configuration(name: &str, upstream: u16) -> String {
    let text = example(name);
    let text = replaced(&text, "port_value: 9901", "port_value: 0");
    let upstream = format!("port_value: {upstream}");
    if name == "tcp.yaml" {
        let text = replaced(&text, "port_value: 8802", "port_value: 0");
        replaced(&text, "port_value: 1502", &upstream)
    } else {
        let text = replaced(&text, "port_value: 8443", "port_value: 0");
        replaced(&text, "port_value: 8080", &upstream)
    }
}

/// Exactly one text in place of another.
#[track_caller]
pub(crate) fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}`");
    text.replace(from, to)
}

/// A folder as the examples want it, before the first push.
pub(crate) struct Place {
    folder: TempDir,
    pub(crate) authority: Authority,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("trapkey");
        fs::create_dir(&inner).unwrap();
        let authority = Authority::new("authority");
        authority.write_server(&inner);
        for name in ["http", "modbus"] {
            fs::write(inner.join(format!("{name}-filter.yaml")), example("nothing.yaml")).unwrap();
        }
        Self { folder, authority }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}
