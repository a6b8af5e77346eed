//! What a Modbus request does, read from the specification a second time: what the gateway's C is held
//! against.

use std::fmt::{self, Write as _};

use trapkey_testkit::modbus_action;

/// What has addresses. The numbers are those of the C.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Coils = 0,
    DiscreteInputs = 1,
    InputRegisters = 2,
    HoldingRegisters = 3,
    Device = 4,
}

/// One thing that a request does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) action: &'static str,
    pub(crate) table: Table,
    pub(crate) address: u32,
    pub(crate) quantity: u32,
    /// One for each address, unknown if the request alone does not say it; none if nothing is written.
    pub(crate) values: Option<Vec<Option<i64>>>,
}

/// The classes in the order of the C's numbers.
const ACTIONS: [&str; 10] = [
    "modbus.readBits",
    "modbus.readRegisters",
    "modbus.writeCoil",
    "modbus.writeRegister",
    "modbus.writeMultiple",
    "modbus.maskWrite",
    "modbus.fileRecord",
    "modbus.diagnostics",
    "modbus.identify",
    "modbus.vendor",
];

/// As `tests/modbus.c` prints it.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = ACTIONS.iter().position(|action| *action == self.action).unwrap();
        write!(f, "{kind} {} {} {}", self.table as u32, self.address, self.quantity)?;
        for value in self.values.iter().flatten() {
            match value {
                Some(value) => write!(f, " {value}")?,
                None => f.write_str(" ?")?,
            }
        }
        Ok(())
    }
}

/// The whole answer of `tests/modbus.c`.
pub(crate) fn printed(request: &[u8]) -> String {
    match parts(request) {
        Err(exception) => format!("refused {exception}"),
        Ok(parts) => {
            let mut text = String::new();
            for (number, part) in parts.iter().enumerate() {
                write!(text, "{}{part}", if number == 0 { "" } else { ";" }).unwrap();
            }
            text
        }
    }
}

const ADDRESS: u8 = 2;
const VALUE: u8 = 3;

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks(2).map(|two| u32::from(two[0]) * 256 + u32::from(two[1])).collect()
}

/// Whether there are so many addresses.
fn within(address: u32, quantity: u32, most: u32) -> Result<(), u8> {
    match quantity {
        0 => Err(VALUE),
        _ if quantity > most => Err(VALUE),
        _ if address + quantity > 65_536 => Err(ADDRESS),
        _ => Ok(()),
    }
}

/// What a request without its header does, or the exception that it breaks the protocol with.
pub(crate) fn parts(request: &[u8]) -> Result<Vec<Part>, u8> {
    let &[function, ref rest @ ..] = request else { return Err(VALUE) };
    if request.len() > 253 {
        return Err(VALUE);
    }
    let part = |table, address, quantity, values| Part {
        action: modbus_action(request),
        table,
        address,
        quantity,
        values,
    };
    let table = match function {
        1 | 5 | 15 => Table::Coils,
        2 => Table::DiscreteInputs,
        4 => Table::InputRegisters,
        3 | 6 | 16 | 22 | 23 | 24 => Table::HoldingRegisters,
        _ => Table::Device,
    };
    let read = |most| {
        let &[address, quantity] = &words(rest)[..] else { return Err(VALUE) };
        within(address, quantity, most).map(|()| vec![part(table, address, quantity, None)])
    };
    let one = |value| vec![part(table, words(rest)[0], 1, Some(vec![value]))];
    let device = |address| Ok(vec![part(Table::Device, address, 0, None)]);
    match (function, rest.len()) {
        (1 | 2, 4) => read(2_000),
        (3 | 4, 4) => read(125),
        (24, 2) => Ok(vec![part(table, words(rest)[0], 1, None)]),
        (5, 4) => match words(rest)[1] {
            0 => Ok(one(Some(0))),
            0xff00 => Ok(one(Some(1))),
            _ => Err(VALUE),
        },
        (6, 4) => Ok(one(Some(words(rest)[1].into()))),
        (22, 6) => Ok(one((words(rest)[1] == 0).then(|| words(rest)[2].into()))),
        (15, 5..) => many(rest, 1_968, |bytes, quantity| {
            let bits = bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
            let bits: Vec<_> = bits.take(quantity).map(|bit| Some(bit.into())).collect();
            (bytes.len() == quantity.div_ceil(8)).then_some(bits)
        })
        .map(|(address, quantity, values)| vec![part(table, address, quantity, Some(values))]),
        (16, 5..) => many(rest, 123, registers)
            .map(|(address, quantity, values)| vec![part(table, address, quantity, Some(values))]),
        (23, 9..) => {
            let read = words(&rest[..4]);
            within(read[0], read[1], 125)?;
            let (address, quantity, values) = many(&rest[4..], 121, registers)?;
            let read =
                Part { action: "modbus.readRegisters", ..part(table, read[0], read[1], None) };
            Ok(vec![read, part(table, address, quantity, Some(values))])
        }
        (20 | 21, 1..) => records(function == 21, rest)
            .map(|found| found.iter().map(|of| part(table, of.0, of.1, None)).collect()),
        (7 | 11 | 12 | 17, 0) => device(0),
        (8, len) if len >= 2 && len % 2 == 0 => device(words(rest)[0]),
        (43, 3) if rest[0] == 14 => match rest[1] {
            1..=4 => device(14),
            _ => Err(VALUE),
        },
        (43, 1..) if rest[0] != 14 => device(rest[0].into()),
        (1..=8 | 11 | 12 | 15..=17 | 20..=24 | 43, _) => Err(VALUE),
        _ => device(0),
    }
}

fn registers(bytes: &[u8], quantity: usize) -> Option<Vec<Option<i64>>> {
    (bytes.len() == quantity * 2)
        .then(|| words(bytes).into_iter().map(|word| Some(word.into())).collect())
}

type Values = fn(&[u8], usize) -> Option<Vec<Option<i64>>>;

/// Address, quantity, a byte that says how many follow, and these.
fn many(bytes: &[u8], most: u32, read: Values) -> Result<(u32, u32, Vec<Option<i64>>), u8> {
    let head = words(&bytes[..4]);
    let values = &bytes[5..];
    let values = read(values, usize::try_from(head[1]).unwrap())
        .filter(|_| usize::from(bytes[4]) == values.len())
        .ok_or(VALUE)?;
    within(head[0], head[1], most)?;
    Ok((head[0], head[1], values))
}

/// The files of records, and the lengths of these.
fn records(is_write: bool, bytes: &[u8]) -> Result<Vec<(u32, u32)>, u8> {
    let (len, mut rest) = (usize::from(bytes[0]), &bytes[1..]);
    let bounds = if is_write { 9..=251 } else { 7..=245 };
    if rest.len() != len || !bounds.contains(&len) {
        return Err(VALUE);
    }
    let (mut found, mut answered) = (Vec::new(), 0);
    while !rest.is_empty() {
        let Some((&[6, ref head @ ..], after)) = rest.split_first_chunk::<7>() else {
            return Err(VALUE);
        };
        let &[file, record, length] = &words(head)[..] else { panic!("six bytes are three words") };
        if file == 0 || record > 9_999 {
            return Err(ADDRESS);
        }
        let data = if is_write { usize::try_from(length * 2).unwrap() } else { 0 };
        answered += 2 + length * 2;
        if length == 0 || data > after.len() || !is_write && answered > 245 {
            return Err(VALUE);
        }
        found.push((file, length));
        rest = &after[data..];
    }
    Ok(found)
}
