//! What `wit/plugin` says, in Rust: written by wasmtime's macro, one module for each world, with the shared types once.

pub(crate) mod provider {
    wasmtime::component::bindgen!({
        path: "../../wit/plugin",
        world: "context-provider",
        imports: { "trapkey:plugin/logging.log": trappable },
    });
}

pub(crate) mod obligations {
    wasmtime::component::bindgen!({
        path: "../../wit/plugin",
        world: "obligation-handler",
        with: {
            "trapkey:plugin/types": super::provider::trapkey::plugin::types,
            "trapkey:plugin/logging": super::provider::trapkey::plugin::logging,
            "trapkey:plugin/documents": super::provider::trapkey::plugin::documents,
        },
    });
}

pub(crate) mod audit {
    wasmtime::component::bindgen!({
        path: "../../wit/plugin",
        world: "audit-sink",
        with: {
            "trapkey:plugin/types": super::provider::trapkey::plugin::types,
            "trapkey:plugin/logging": super::provider::trapkey::plugin::logging,
        },
    });
}

pub(crate) mod protocol {
    wasmtime::component::bindgen!({
        path: "../../wit/plugin",
        world: "protocol-adapter",
        with: {
            "trapkey:plugin/types": super::provider::trapkey::plugin::types,
            "trapkey:plugin/logging": super::provider::trapkey::plugin::logging,
        },
    });
}

pub(crate) use provider::trapkey::plugin::{documents, logging, types};
