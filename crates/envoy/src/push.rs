//! A filter as Envoy discovers it: the content of a file that it watches (ECDS).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::structure::{self, FilterStructureError};

/// Bytes of a filter that is pushed at most: Envoy reads the whole file at once.
pub const PUSHED_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Which chain of filters the filter is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chain {
    /// HTTP requests.
    #[default]
    Http,
    /// Connections.
    Network,
}

/// What Envoy does while the filter cannot run; none of it lets a request pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Failure {
    /// It starts the filter anew, and denies meanwhile.
    #[default]
    Reload,
    /// It denies until the next push.
    Closed,
}

/// What is pushed.
#[derive(Clone, Copy, Debug)]
pub struct Push<'a> {
    /// The filter's name in the proxy's configuration.
    pub name: &'a str,
    /// Which chain it is for.
    pub chain: Chain,
    /// What a failure means.
    pub failure: Failure,
    /// The filter.
    pub filter: &'a [u8],
    /// Entities in place of those that the filter was built with, from [`image`](crate::image).
    pub image: Option<&'a [u8]>,
}

impl Push<'_> {
    /// The file: a discovery response in JSON, which is YAML too.
    ///
    /// The virtual machine's id is the filter's name: what one push after the other says to connections goes by it, and
    /// other code has a machine of its own all the same. So names have to be unique in a proxy.
    ///
    /// # Errors
    ///
    /// [`FilterStructureError`] if what is pushed is no filter.
    pub fn discovery(&self) -> Result<String, FilterStructureError> {
        structure::check(self.filter)?;
        let mut version = blake3::Hasher::new();
        version.update(self.filter);
        version.update(self.image.unwrap_or_default());
        let chain = match self.chain {
            Chain::Http => "http",
            Chain::Network => "network",
        };
        let failure = match self.failure {
            Failure::Reload => "FAIL_RELOAD",
            Failure::Closed => "FAIL_CLOSED",
        };
        let mut config = json!({
            "name": self.name,
            "root_id": self.name,
            "failure_policy": failure,
            "vm_config": {
                "vm_id": self.name,
                "runtime": "envoy.wasm.runtime.v8",
                "code": { "local": { "inline_bytes": STANDARD.encode(self.filter) } },
            },
        });
        if let (Some(image), Value::Object(config)) = (self.image, &mut config) {
            let bytes = STANDARD.encode(image);
            let value = "type.googleapis.com/google.protobuf.BytesValue";
            config.insert("configuration".into(), json!({ "@type": value, "value": bytes }));
        }
        let filter = format!("type.googleapis.com/envoy.extensions.filters.{chain}.wasm.v3.Wasm");
        let resource = json!({
            "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
            "name": self.name,
            "typed_config": { "@type": filter, "config": config },
        });
        let version = version.finalize().to_hex().to_string();
        let mut text = json!({ "version_info": version, "resources": [resource] }).to_string();
        text.push('\n');
        Ok(text)
    }
}
