//! What is known of one request, asked of the proxy only when something needs it.

use crate::deny::Deny;
use crate::headers::Headers;
use crate::host::Host;
use crate::identity::Known;
use crate::plan::{ModbusField, Piece, TEXT_BYTES_MAX};

/// What is known of one request.
pub(crate) struct Facts<'f, 'h, H> {
    /// The proxy.
    pub(crate) host: &'f mut H,
    /// None on connections.
    pub(crate) headers: Option<&'f Headers<'h>>,
    /// The host that it is for.
    pub(crate) authority: Option<&'f str>,
    /// What a Modbus request says.
    pub(crate) modbus: Option<ModbusFacts>,
    /// The instant in milliseconds since 1970-01-01T00:00:00Z, if something needs it.
    pub(crate) now: Option<i64>,
    /// Certificates of connections that had requests before; none for connections, which remember their own.
    pub(crate) known: Option<&'f mut Known>,
}

/// The parts of a Modbus request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ModbusFacts {
    pub(crate) unit: u8,
    pub(crate) function: u8,
    pub(crate) address: Option<u16>,
    pub(crate) quantity: Option<u16>,
    pub(crate) value: Option<u16>,
    pub(crate) previous: Option<u16>,
}

/// What texts are put together from beside the request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Who<'w> {
    pub(crate) parameters: &'w [&'w str],
    pub(crate) whole: &'w str,
}

impl ModbusFacts {
    /// A part, if the request has it.
    pub(crate) fn field(&self, field: ModbusField) -> Option<i64> {
        match field {
            ModbusField::Unit => Some(self.unit.into()),
            ModbusField::Function => Some(self.function.into()),
            ModbusField::Address => self.address.map(i64::from),
            ModbusField::Quantity => self.quantity.map(i64::from),
            ModbusField::Value => self.value.map(i64::from),
            ModbusField::Previous => self.previous.map(i64::from),
        }
    }
}

impl<'h, H: Host> Facts<'_, 'h, H> {
    /// The only value of a header.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&'h str>, Deny> {
        self.headers.map_or(Ok(None), |headers| headers.single(name))
    }

    /// A property that is text.
    pub(crate) fn property(&mut self, path: &[&str]) -> Result<Option<String>, Deny> {
        let value = self.host.property(path)?;
        value.map(|value| String::from_utf8(value).map_err(|_| Deny::Bad("property"))).transpose()
    }

    /// A text put together; absent if a piece of it is.
    pub(crate) fn text(&mut self, pieces: &[Piece], who: &Who<'_>) -> Result<Option<String>, Deny> {
        // Enough for nearly all: growing costs as much as all the rest.
        let mut text = String::with_capacity(64);
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Parameter(index) => {
                    let index = usize::try_from(*index).map_err(|_| Deny::Failed)?;
                    let Some(value) = who.parameters.get(index) else { return Ok(None) };
                    text.push_str(value);
                }
                Piece::Whole => text.push_str(who.whole),
                Piece::Header(name) => {
                    let Some(value) = self.header(name)? else { return Ok(None) };
                    text.push_str(value);
                }
                Piece::Host => {
                    let Some(value) = self.authority else { return Ok(None) };
                    text.push_str(value);
                }
                Piece::Sni => {
                    let sni = self.property(&["connection", "requested_server_name"])?;
                    let Some(sni) = sni.filter(|sni| !sni.is_empty()) else { return Ok(None) };
                    text.push_str(&sni);
                }
                Piece::Modbus(field) => {
                    let value = self.modbus.as_ref().and_then(|facts| facts.field(*field));
                    let Some(value) = value else { return Ok(None) };
                    text.push_str(&value.to_string());
                }
            }
            if text.len() > TEXT_BYTES_MAX {
                return Err(Deny::Bad("text_length"));
            }
        }
        Ok(Some(text))
    }

    /// The peer's address without its port.
    pub(crate) fn peer(&mut self) -> Result<Option<String>, Deny> {
        let Some(address) = self.property(&["source", "address"])? else { return Ok(None) };
        let host =
            address.rsplit_once(':').map(|(host, _)| host).ok_or(Deny::Bad("peer_address"))?;
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Ok(Some(inner.unwrap_or(host).to_owned()))
    }
}
