//! A provider without the host that ships: what it says before anything is made of it.

use std::collections::BTreeMap;

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine, Store};

use super::built;

mod provider {
    wasmtime::component::bindgen!({ path: "../wit/plugin", world: "context-provider" });
}

/// What a plugin may reach.
#[derive(Default)]
pub(crate) struct Reach {
    documents: BTreeMap<String, Vec<u8>>,
}

/// Instructions of one call: none of the examples needs more, and one that loops ends.
const FUEL: u64 = 1_000_000_000;

/// A plugin that is loaded.
pub(crate) struct Loaded {
    engine: Engine,
    component: Component,
    linker: Linker<Reach>,
}

impl Loaded {
    pub(crate) fn new(name: &str) -> Option<Self> {
        let built = built::plugin(name)?;
        let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
        let component = Component::new(&engine, &built.component).unwrap();
        for (import, _) in component.component_type().imports(&engine) {
            let interface = import.strip_prefix("trapkey:plugin/").unwrap_or(import);
            let interface = interface.strip_suffix("@0.1.0").unwrap_or(import);
            let is_declared = built.manifest.contains(&format!("\"{interface}\""));
            assert!(interface == "types" || is_declared, "`{name}` imports `{import}`");
        }
        let mut linker = Linker::new(&engine);
        provider::ContextProvider::add_to_linker::<_, HasSelf<_>>(&mut linker, |reach| reach)
            .unwrap();
        Some(Self { engine, component, linker })
    }

    fn store(&self, documents: BTreeMap<String, Vec<u8>>) -> Store<Reach> {
        let reach = Reach { documents };
        let mut store = Store::new(&self.engine, reach);
        store.set_fuel(FUEL).unwrap();
        store
    }

    /// Refreshes with these documents.
    pub(crate) fn refresh(
        &self,
        documents: &[(&str, &str)],
        now: i64,
    ) -> Result<provider::exports::trapkey::plugin::provider::Facts, String> {
        let documents =
            documents.iter().map(|(name, text)| (String::from(*name), text.as_bytes().to_vec()));
        let mut store = self.store(documents.collect());
        let (component, linker) = (&self.component, &self.linker);
        let plugin = provider::ContextProvider::instantiate(&mut store, component, linker).unwrap();
        let answer = plugin.trapkey_plugin_provider().call_refresh(&mut store, now).unwrap();
        answer.map_err(|failure| format!("{failure:?}"))
    }
}

impl provider::trapkey::plugin::types::Host for Reach {}

impl provider::trapkey::plugin::logging::Host for Reach {
    fn log(&mut self, _: provider::trapkey::plugin::logging::Level, _: String) {}
}

impl provider::trapkey::plugin::documents::Host for Reach {
    fn read(&mut self, name: String) -> Result<Vec<u8>, provider::trapkey::plugin::types::Failure> {
        let absent = || provider::trapkey::plugin::types::Failure::Unavailable(name.clone());
        self.documents.get(&name).cloned().ok_or_else(absent)
    }
}
