//! The head of a bundle: who published what, under which number, from which compiler and schema.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use trapkey_abi::{LayoutDigest, ModuleManifest};

use crate::Digest;

/// Longest head in bytes: three texts of [`TEXT_BYTES_MAX`], each byte escaped, and four digests.
pub const HEAD_BYTES_MAX: usize = 4096;

/// Longest name or version in bytes; both go into audit records and file names.
pub const TEXT_BYTES_MAX: usize = 256;

/// What the publisher says of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Name of the policy set, as `plant/line-3`.
    pub name: String,
    /// Version of the policy set, as `2.1.0`; not interpreted.
    pub version: String,
    /// Sequence number; a later bundle of the same name has a larger one.
    pub sequence: u64,
}

/// The head of a bundle, in the order of its JSON form.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Name and version of the compiler, as in the module.
    pub compiler: String,
    /// Digest of the layout, as in the module, in hexadecimal.
    #[serde(deserialize_with = "layout_digest")]
    pub layout_digest: LayoutDigest,
    /// Digest of the module's bytes.
    pub module_digest: Digest,
    /// Name of the policy set.
    pub name: String,
    /// Digest of the schema, as in the module.
    pub schema_digest: Digest,
    /// Sequence number.
    pub sequence: u64,
    /// Version of the policy set.
    pub version: String,
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeadError {
    /// A text is empty, longer than [`TEXT_BYTES_MAX`], or holds a control character.
    #[error("`{field}` must be 1 to {TEXT_BYTES_MAX} bytes without control characters")]
    Text {
        /// `name`, `version` or `compiler`.
        field: &'static str,
    },
    /// The head and the module's manifest name different compilers, schemas or layouts.
    #[error("`{field}` of the head is not the one in the module's manifest")]
    Manifest {
        /// The field that differs.
        field: &'static str,
    },
}

impl Head {
    /// The head of a module with this digest and manifest.
    pub(crate) fn new(
        release: &Release,
        module_digest: Digest,
        manifest: &ModuleManifest,
        schema_digest: Digest,
    ) -> Self {
        Self {
            compiler: manifest.compiler.clone(),
            layout_digest: manifest.layout_digest,
            module_digest,
            name: release.name.clone(),
            schema_digest,
            sequence: release.sequence,
            version: release.version.clone(),
        }
    }

    /// The JSON form: keys in alphabetical order, no spaces.
    pub(crate) fn to_json(&self) -> String {
        let text = |text: &str| Value::String(text.to_owned());
        let fields = [
            ("compiler", text(&self.compiler)),
            ("layout_digest", Value::String(self.layout_digest.to_string())),
            ("module_digest", Value::String(self.module_digest.to_string())),
            ("name", text(&self.name)),
            ("schema_digest", Value::String(self.schema_digest.to_string())),
            ("sequence", Value::from(self.sequence)),
            ("version", text(&self.version)),
        ];
        // `Value` writes itself and cannot fail, where serialising may.
        Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
            .to_string()
    }

    /// Refuses unusable texts, and a head that belongs to another module.
    pub(crate) fn check(
        &self,
        manifest: &ModuleManifest,
        schema_digest: Digest,
    ) -> Result<(), HeadError> {
        let texts =
            [("name", &self.name), ("version", &self.version), ("compiler", &self.compiler)];
        for (field, text) in texts {
            if text.is_empty() || text.len() > TEXT_BYTES_MAX || text.chars().any(char::is_control)
            {
                return Err(HeadError::Text { field });
            }
        }
        let fields = [
            ("compiler", self.compiler == manifest.compiler),
            ("layout_digest", self.layout_digest == manifest.layout_digest),
            ("schema_digest", self.schema_digest == schema_digest),
        ];
        match fields.into_iter().find(|(_, is_equal)| !is_equal) {
            Some((field, _)) => Err(HeadError::Manifest { field }),
            None => Ok(()),
        }
    }
}

/// A layout digest as 32 hexadecimal digits.
fn layout_digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LayoutDigest, D::Error> {
    let text = String::deserialize(deserializer)?;
    let number = u128::from_str_radix(&text, 16).map_err(D::Error::custom)?;
    let digest = LayoutDigest(number.to_be_bytes());
    if digest.to_string() == text {
        return Ok(digest);
    }
    Err(D::Error::custom("layout digest is not 32 lower-case hexadecimal digits"))
}
