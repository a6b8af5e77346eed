//! A plugin's configuration: entities in place of those that are built in.

use std::borrow::Cow;

use super::{Guest, TICK_MS};
use crate::host::{Buffer, Host};
use crate::image::{IMAGE_BYTES_MAX, MAGIC, OwnedImage};

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
        self.roots.entry(root).or_default().pushed = pushed;
        Ok(())
    }
}

/// The bytes of a base64 text, with or without what fills it up at its end; line ends around it are no part of it.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
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
