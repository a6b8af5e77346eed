//! A mapping as TOML has it.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MappingFile {
    pub(super) adapter: AdapterName,
    #[serde(default)]
    pub(super) stage: StageName,
    #[serde(default)]
    pub(super) record_allows: bool,
    #[serde(default)]
    pub(super) uris: Uris,
    #[serde(default)]
    pub(super) denied: DeniedName,
    #[serde(default)]
    pub(super) obligations: Obligations,
    #[serde(default)]
    pub(super) principal: Vec<Principal>,
    #[serde(default)]
    pub(super) route: Vec<Route>,
    #[serde(default)]
    pub(super) function: Vec<Function>,
}

/// What the filter understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum AdapterName {
    Http,
    Modbus,
}

/// Whether denies count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum StageName {
    #[default]
    Enforce,
    Observe,
}

/// Where all URIs of a certificate are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Uris {
    #[default]
    Forwarded,
    FilterState(String),
}

/// What becomes of a denied request on a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DeniedName {
    #[default]
    Close,
    Drop,
}

/// What becomes of obligations.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Obligations {
    /// Names that are noted for access logs.
    #[serde(default)]
    pub(super) marks: Vec<String>,
    /// What is done with others.
    #[serde(default)]
    pub(super) others: Others,
}

/// What is done with obligations that a proxy cannot honour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Others {
    /// The request is denied.
    #[default]
    Deny,
    /// They are left to what is behind the proxy.
    Ignore,
}

/// Principals of one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Principal {
    pub(super) spiffe: Option<String>,
    pub(super) header: Option<String>,
    #[serde(rename = "type")]
    pub(super) entity_type: String,
    pub(super) id: String,
}

/// A resource.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    #[serde(rename = "type")]
    pub(super) entity_type: String,
    pub(super) id: String,
}

/// HTTP requests of one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Route {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) host: Option<String>,
    pub(super) action: String,
    pub(super) resource: Resource,
    #[serde(default)]
    pub(super) context: BTreeMap<String, Source>,
}

/// Modbus requests of one kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Function {
    pub(super) functions: Vec<u8>,
    #[serde(default)]
    pub(super) writes: bool,
    /// Whether each address is asked about; otherwise the first stands for all.
    #[serde(default = "yes")]
    pub(super) each_address: bool,
    pub(super) action: String,
    pub(super) resource: Resource,
    #[serde(default)]
    pub(super) context: BTreeMap<String, Source>,
}

fn yes() -> bool {
    true
}

/// Where an attribute comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Source {
    /// By its name alone.
    Name(String),
    /// With a parameter.
    Table(SourceTable),
}

/// A source with a parameter; one of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceTable {
    pub(super) text: Option<String>,
    pub(super) list: Option<String>,
    pub(super) metadata: Option<String>,
    pub(super) modbus: Option<String>,
    pub(super) certificate: Option<String>,
    pub(super) header: Option<String>,
}
