//! The example plugins in the host that ships, with what their manifests declare and nothing more.

use std::sync::{Arc, Mutex};

use trapkey::Datetime;
use trapkey_plugin::{
    AuditSink, CallError, Direction, DocumentError, Grants, Host, HostOptions, Limits, Manifest,
    Package, ProtocolAdapter, Provider, Reading,
};

use super::built;
use super::posture::SEVEN;

/// A plugin's lines.
type Lines = Arc<Mutex<Vec<String>>>;

/// What a document has: none where there is no document.
pub(crate) type Text = Arc<Mutex<Option<String>>>;

/// A reader of a protocol.
pub(crate) struct Adapter {
    plugin: ProtocolAdapter,
    pub(crate) lines: Lines,
}

/// A document that tests change.
struct Changing(Text);

impl trapkey_plugin::Document for Changing {
    fn read(&self) -> Result<Vec<u8>, DocumentError> {
        let text = self.0.lock().unwrap().clone();
        text.map(String::into_bytes).ok_or(DocumentError::NotAFile)
    }
}

/// Loads a plugin with all that it declares, but for documents.
fn load<T>(name: &str, load: impl FnOnce(&Host, Package<'_>, Grants) -> T) -> Option<(T, Lines)> {
    let built = built::plugin(name)?;
    let manifest = Manifest::parse(&built.manifest).unwrap();
    let lines = Lines::default();
    let kept = Arc::clone(&lines);
    let grants = Grants::none()
        .logging(move |level, line| kept.lock().unwrap().push(format!("{level:?}: {line}")))
        .take_all();
    let host = Host::new(&HostOptions::default()).unwrap();
    let package = Package { manifest: &manifest, component: &built.component };
    Some((load(&host, package, grants), lines))
}

impl Adapter {
    pub(crate) fn new(name: &str) -> Option<Self> {
        let loaded = load(name, |host, package, grants| {
            host.load_adapter(package, grants, Limits::default()).unwrap()
        });
        loaded.map(|(plugin, lines)| Self { plugin, lines })
    }

    pub(crate) fn read(&self, direction: Direction, bytes: &[u8]) -> Result<Reading, CallError> {
        self.plugin.read(direction, bytes, Datetime(SEVEN))
    }
}

/// A sink of records.
pub(crate) fn sink(name: &str) -> Option<AuditSink> {
    let loaded = load(name, |host, package, grants| {
        host.load_sink(package, grants, Limits::default()).unwrap()
    });
    loaded.map(|(plugin, _)| plugin)
}

/// A provider, and the document that it reads.
pub(crate) fn provider(name: &str, document: &str) -> Option<(Provider, Text)> {
    let text = Text::default();
    let lent = Arc::new(Changing(Arc::clone(&text)));
    let loaded = load(name, |host, package, grants| {
        host.load_provider(package, grants.document(document, lent), Limits::default()).unwrap()
    });
    loaded.map(|(plugin, _)| (plugin, text))
}
