//! Requests of Modbus: as bytes, and as the questions that they are.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::world::Reference;

/// A request to a unit.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    /// Function, address, quantity.
    Read(u8, u16, u16),
    /// Address, value.
    Write(u16, u16),
    /// First address, values.
    WriteAll(u16, Vec<u16>),
    /// Address, bits to keep, bits to set.
    Mask(u16, u16, u16),
    /// Address and quantity that are read, address and values that are written.
    ReadWrite(u16, u16, u16, Vec<u16>),
    /// Function and what follows it.
    Other(u8, Vec<u8>),
}

fn bytes(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn counted(head: &[u16], values: &[u16]) -> Vec<u8> {
    let count = u16::try_from(values.len()).unwrap();
    let mut body = bytes(head);
    body.extend(bytes(&[count]));
    body.push(u8::try_from(count * 2).unwrap());
    body.extend(bytes(values));
    body
}

impl Ask {
    fn function(&self) -> u8 {
        match self {
            Self::Read(function, ..) | Self::Other(function, _) => *function,
            Self::Write(..) => 6,
            Self::WriteAll(..) => 16,
            Self::Mask(..) => 22,
            Self::ReadWrite(..) => 23,
        }
    }

    /// The whole request.
    pub(crate) fn frame(&self, transaction: u16, unit: u8) -> Vec<u8> {
        let body = match self {
            Self::Read(_, address, quantity) => bytes(&[*address, *quantity]),
            Self::Write(address, value) => bytes(&[*address, *value]),
            Self::WriteAll(address, values) => counted(&[*address], values),
            Self::Mask(address, kept, set) => bytes(&[*address, *kept, *set]),
            Self::ReadWrite(from, count, to, values) => counted(&[*from, *count, *to], values),
            Self::Other(_, body) => body.clone(),
        };
        let mut frame = bytes(&[transaction, 0, u16::try_from(body.len() + 2).unwrap()]);
        frame.extend([unit, self.function()]);
        frame.extend(body);
        frame
    }
}

/// What the engine says of the requests of one client, in their order.
pub(crate) struct Asked<'r> {
    pub(crate) reference: &'r Reference,
    /// Id of the connector.
    pub(crate) who: &'static str,
    /// What was last let through, by unit and address.
    pub(crate) written: BTreeMap<(u8, u16), u16>,
}

impl Asked<'_> {
    /// Whether every question of a request is answered with an allow; what it writes is remembered then.
    pub(crate) fn is_allowed(&mut self, unit: u8, ask: &Ask) -> bool {
        let range = |first: u16, count: usize| (first..).take(count);
        let reads = |first, count: u16| range(first, count.into()).map(|at| (at, None));
        let all = match ask {
            Ask::Read(3 | 4, address, quantity) => reads(*address, *quantity)
                .all(|at| self.asks("registers.read", (unit, ask), at, *quantity)),
            Ask::Write(address, value) => {
                self.writes("register.write", (unit, ask), *address, &[*value])
            }
            Ask::WriteAll(address, values) => {
                self.writes("registers.write", (unit, ask), *address, values)
            }
            // Of a mask no value is known, unless no bit is kept.
            Ask::Mask(address, 0, set) => {
                self.writes("register.mask", (unit, ask), *address, &[*set])
            }
            Ask::Mask(address, ..) => self.asks("register.mask", (unit, ask), (*address, None), 1),
            Ask::ReadWrite(from, count, to, values) => {
                reads(*from, *count).all(|at| self.asks("registers.read", (unit, ask), at, *count))
                    && self.writes("registers.write", (unit, ask), *to, values)
            }
            Ask::Other(17 | 43, _) => self.identifies(unit, ask),
            Ask::Read(..) | Ask::Other(..) => false,
        };
        if all {
            let (first, values): (u16, &[u16]) = match ask {
                Ask::Write(address, value) => (*address, &[*value]),
                Ask::WriteAll(address, values) | Ask::ReadWrite(_, _, address, values) => {
                    (*address, values)
                }
                Ask::Mask(..) | Ask::Read(..) | Ask::Other(..) => (0, &[]),
            };
            self.written.extend((first..).zip(values).map(|(at, value)| ((unit, at), *value)));
        }
        all
    }

    fn writes(&self, action: &str, of: (u8, &Ask), first: u16, values: &[u16]) -> bool {
        let count = u16::try_from(values.len()).unwrap();
        (first..).zip(values).all(|(at, value)| self.asks(action, of, (at, Some(*value)), count))
    }

    fn asks(
        &self,
        action: &str,
        (unit, ask): (u8, &Ask),
        at: (u16, Option<u16>),
        quantity: u16,
    ) -> bool {
        let (address, value) = at;
        let mut modbus = json!({ "unit": unit, "function": ask.function(), "quantity": quantity });
        if action != "registers.read" {
            if let Some(value) = value {
                modbus["value"] = json!(value);
            }
            if let Some(previous) = self.written.get(&(unit, address)) {
                modbus["previous"] = json!(previous);
            }
        }
        let register = json!({ "type": "Cell::Register", "id": format!("{unit}/{address}") });
        self.decide(action, &register, &modbus)
    }

    fn identifies(&self, unit: u8, ask: &Ask) -> bool {
        let modbus = json!({ "unit": unit, "function": ask.function(), "quantity": 1 });
        let unit = json!({ "type": "Cell::Unit", "id": unit.to_string() });
        self.decide("unit.identify", &unit, &modbus)
    }

    fn decide(&self, action: &str, resource: &Value, modbus: &Value) -> bool {
        let request = json!({
            "principal": { "type": "Cell::Connector", "id": self.who },
            "action": { "type": "Cell::Action", "id": action },
            "resource": resource,
            "context": {
                "now": { "__extn": { "fn": "datetime", "arg": "2026-11-27T12:00:00Z" } },
                "source": { "__extn": { "fn": "ip", "arg": "127.0.0.1" } },
                "basis": { "__entity": { "type": "Cell::Basis", "id": "cryptographic" } },
                "writesThisMinute": 0,
                "modbus": modbus,
            },
        });
        self.reference.decide(&request).is_allow
    }
}
