//! The inventory: what is read, and what is refused.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, de::Error};

use crate::instant;

/// Bytes and devices that an inventory may have.
const BYTES_MAX: usize = 4 * 1024 * 1024;
const DEVICES_MAX: usize = 10_000;
const ID_BYTES_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Inventory {
    /// When it was true, in milliseconds since 1970-01-01T00:00:00Z.
    #[serde(deserialize_with = "instant")]
    pub(crate) as_of: i64,
    /// The device that requests come from.
    station: Option<String>,
    pub(crate) devices: Vec<Device>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Device {
    pub(crate) id: String,
    pub(crate) compliance: Compliance,
    #[serde(default, deserialize_with = "instant_if_any")]
    pub(crate) attested_at: Option<i64>,
    pub(crate) firmware_approved: bool,
    pub(crate) score: i64,
    /// What kind of entity of the plant it is, if it is one.
    #[serde(rename = "type")]
    pub(crate) kind: Option<Kind>,
    pub(crate) state: Option<State>,
}

#[derive(Clone, Copy, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "Plant::Machine")]
    Machine,
    #[serde(rename = "Plant::Workload")]
    Workload,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Compliance {
    Compliant,
    NotCompliant,
    Unknown,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Active,
    Suspended,
    Orphaned,
    Retired,
}

impl Inventory {
    /// Reads a document; what is wrong with it is named with its place.
    pub(crate) fn parse(document: &[u8]) -> Result<Self, String> {
        if document.len() > BYTES_MAX {
            return Err(format!("{} bytes, the limit is {BYTES_MAX}", document.len()));
        }
        let inventory: Self =
            serde_json::from_slice(document).map_err(|error| error.to_string())?;
        inventory.check()?;
        Ok(inventory)
    }

    /// The device that requests come from, if one is named.
    pub(crate) fn station(&self) -> Option<&Device> {
        let station = self.station.as_ref()?;
        self.devices.iter().find(|device| device.id == *station)
    }

    fn check(&self) -> Result<(), String> {
        if self.devices.len() > DEVICES_MAX {
            return Err(format!("{} devices, the limit is {DEVICES_MAX}", self.devices.len()));
        }
        let mut ids = BTreeSet::new();
        for (at, device) in self.devices.iter().enumerate() {
            let id = &device.id;
            if id.is_empty() || id.len() > ID_BYTES_MAX {
                return Err(format!(
                    "devices[{at}].id: from 1 to {ID_BYTES_MAX} bytes, not {}",
                    id.len()
                ));
            }
            if !ids.insert(id) {
                return Err(format!("devices[{at}].id: `{id}` is there before"));
            }
            if device.kind.is_some() != device.state.is_some() {
                return Err(format!("devices[{at}]: `type` and `state` go together"));
            }
        }
        match &self.station {
            Some(station) if !ids.contains(station) => {
                Err(format!("station: `{station}` is none of the devices"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

impl Kind {
    pub(crate) fn type_name(self) -> &'static str {
        match self {
            Self::Machine => "Plant::Machine",
            Self::Workload => "Plant::Workload",
        }
    }
}

impl Compliance {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Compliant => "compliant",
            Self::NotCompliant => "not-compliant",
            Self::Unknown => "unknown",
        }
    }
}

impl State {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Orphaned => "orphaned",
            Self::Retired => "retired",
        }
    }
}

fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let text = String::deserialize(from)?;
    instant::parse(&text).ok_or_else(|| {
        D::Error::custom(format!("`{text}` is no instant like 2026-10-05T07:00:00Z"))
    })
}

fn instant_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    instant(from).map(Some)
}
