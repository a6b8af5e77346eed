//! A plugin's configuration: entities in place of those that are built in.

use std::borrow::Cow;

use super::{Guest, Root, TICK_MS};
use crate::host::{Buffer, Failed, Host};
use crate::image::{IMAGE_BYTES_MAX, MAGIC, OwnedImage};
use crate::plan::Adapter;

impl Guest {
    /// A plugin gets its configuration: nothing, or an image of entities as bytes or as base64; whether it is right. What
    /// is not right changes nothing.
    pub fn configure<H: Host>(&mut self, host: &mut H, root: u32, len: usize) -> bool {
        match self.configured(host, root, len) {
            Ok(()) => true,
            Err(reason) => {
                host.log(&format!("trapkey: configuration refused: {reason}"));
                false
            }
        }
    }

    fn configured<H: Host>(&mut self, host: &mut H, root: u32, len: usize) -> Result<(), String> {
        let failed = |_| "the proxy does not answer".to_owned();
        let pushed = match len {
            0 => None,
            len if len > IMAGE_BYTES_MAX / 3 * 4 + 4 => {
                return Err(format!("{len} bytes are too many"));
            }
            len => {
                let bytes = host.buffer(Buffer::Configuration, len).map_err(failed)?;
                if bytes.len() != len {
                    return Err(format!("{} bytes came, {len} were promised", bytes.len()));
                }
                let bytes = if bytes.starts_with(&MAGIC) { Some(bytes) } else { decode(&bytes) };
                let bytes = bytes.ok_or("neither an image of entities nor base64")?;
                if bytes.is_empty() {
                    return Err("no image of entities".to_owned());
                }
                let types = self.plan.schema.entity_types.len();
                let image = OwnedImage::read(Cow::Owned(bytes), &self.layout.digest, types);
                Some(image.map_err(|error| error.to_string())?)
            }
        };
        host.tick_every(TICK_MS).map_err(failed)?;
        let (epoch, epoch_key) = match &self.plan.adapter {
            // Requests have no policy that is kept longer than they are.
            Adapter::Http(_) => ([0; 32], String::new()),
            Adapter::Modbus(_) => {
                let image = pushed.as_ref().unwrap_or(&self.built_in);
                let mut epoch = blake3::Hasher::new();
                epoch.update(&self.plan_digest).update(image.digest());
                (*epoch.finalize().as_bytes(), epoch_key(host)?)
            }
        };
        self.repeated.clear();
        let root = self.roots.entry(root).or_default();
        let written_key = epoch_key.replacen("trapkey.epoch", "trapkey.written", 1);
        *root = Root { pushed, epoch, epoch_key, written_key, ..Root::default() };
        Ok(())
    }

    /// Says that a plugin's policies and entities are in force, once. Not when it is configured: a proxy configures
    /// plugins to try them, and may refuse them for another reason.
    pub(super) fn publish<H: Host>(&mut self, host: &mut H, root: u32) {
        let root = self.roots.get_mut(&root);
        let Some(root) = root.filter(|root| !root.is_published && !root.epoch_key.is_empty())
        else {
            return;
        };
        match host.share(&root.epoch_key, &root.epoch) {
            Ok(()) => root.is_published = true,
            // Tried again with the next stream or tick; until then its connections are closed.
            Err(Failed) => host.log("trapkey: policies cannot be published to other workers"),
        }
    }
}

/// Under which key all workers find what is in force: by names, so that each plugin has its own.
fn epoch_key<H: Host>(host: &mut H) -> Result<String, String> {
    let mut key = "trapkey.epoch".to_owned();
    let mut is_named = false;
    for property in ["plugin_name", "plugin_root_id"] {
        let name = host.property(&[property]).map_err(|_| "the plugin's name is not known")?;
        let name = String::from_utf8(name.unwrap_or_default()).map_err(|_| "a name is no text")?;
        is_named |= !name.is_empty();
        key.push('/');
        key.push_str(&name);
    }
    if is_named { Ok(key) } else { Err("the plugin needs a name that no other has".to_owned()) }
}

/// The bytes of a base64 text, with or without what fills it up at its end; line ends around it are no part of it.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(text.len() / 4 * 3 + 3).ok()?;
    for group in text.chunks(4) {
        let mut number = 0_u32;
        for digit in group {
            number = number << 6 | u32::from(digit_of(*digit)?);
        }
        let missing = 4 - group.len();
        number <<= 6 * missing;
        let [_, a, b, c] = number.to_be_bytes();
        match missing {
            0 => bytes.extend_from_slice(&[a, b, c]),
            1 if c == 0 => bytes.extend_from_slice(&[a, b]),
            2 if b == 0 && c == 0 => bytes.push(a),
            _ => return None,
        }
    }
    Some(bytes)
}

fn digit_of(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
