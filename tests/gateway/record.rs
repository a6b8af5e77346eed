//! The gateway's record of its decisions, held against the mapping in Rust and against Cedar.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use trapkey_testkit::Oracle;

use crate::mapping::{Part, Table, parts};
use crate::place::World;

/// Ranges of addresses of one server, as its configuration has them.
struct Range {
    unit: u8,
    table: Table,
    first: u32,
    last: u32,
    resource: Value,
}

fn ranges(map: &str) -> Vec<Range> {
    let mut found = Vec::new();
    for line in map.lines() {
        let words: Vec<&str> = line.split('#').next().unwrap().split_whitespace().collect();
        let uid = |kind: &str, id: &str| json!({ "type": kind, "id": id });
        let range = match words[..] {
            ["map", unit, table, first, last, kind, id] => Range {
                unit: unit.parse().unwrap(),
                table: match table {
                    "c" => Table::Coils,
                    "d" => Table::DiscreteInputs,
                    "i" => Table::InputRegisters,
                    _ => Table::HoldingRegisters,
                },
                first: first.parse().unwrap(),
                last: last.parse().unwrap(),
                resource: uid(kind, id),
            },
            ["device", unit, kind, id] => Range {
                unit: unit.parse().unwrap(),
                table: Table::Device,
                first: 0,
                last: u32::MAX,
                resource: uid(kind, id),
            },
            _ => panic!("{line}"),
        };
        found.push(range);
    }
    found
}

/// A decision that a request is to be asked for; none if an address of it is nothing that is known.
type Asked = Option<(&'static str, Value, Value)>;

/// What the gateway is to do with requests that come one at a time, and what it has to remember for it.
pub(crate) struct Reference {
    oracle: Oracle,
    servers: Vec<Vec<Range>>,
    held: BTreeMap<(usize, u8, Table, u32), i64>,
    /// Decisions that were compared, and those of them that allow.
    pub(crate) decided: u64,
    pub(crate) allowed: u64,
}

impl Reference {
    pub(crate) fn new(world: &World) -> Self {
        let entities = Value::from(world.entities.clone());
        let oracle = Oracle::new(&world.folder.schema, &world.folder.policies, &entities).unwrap();
        let servers = world.maps.iter().map(|map| ranges(map)).collect();
        Self { oracle, servers, held: BTreeMap::new(), decided: 0, allowed: 0 }
    }

    fn range(&self, server: usize, unit: u8, table: Table, address: u32) -> Option<&Range> {
        self.servers[server].iter().find(|range| {
            (range.unit, range.table) == (unit, table)
                && (range.first..=range.last).contains(&address)
        })
    }

    /// The decisions of one part of a request, in order.
    fn asked(&self, server: usize, unit: u8, function: u8, part: &Part) -> Vec<Asked> {
        let modbus = |more: Value| {
            let mut fields = json!({
                "unit": unit, "fc": function, "addr": part.address, "qty": part.quantity,
                "broadcast": unit == 0,
            });
            for (name, value) in more.as_object().unwrap() {
                if !value.is_null() {
                    fields[name] = value.clone();
                }
            }
            fields
        };
        let question = |range: &Range, more| (part.action, range.resource.clone(), modbus(more));
        let mut asked = Vec::new();
        if let Some(values) = &part.values {
            for (address, value) in (part.address..).zip(values) {
                let held = self.held.get(&(server, unit, part.table, address));
                let range = self.range(server, unit, part.table, address);
                asked.push(range.map(|it| question(it, json!({ "value": value, "prev": held }))));
            }
            return asked;
        }
        let mut address = part.address;
        loop {
            let range = self.range(server, unit, part.table, address);
            asked.push(range.map(|it| question(it, json!({}))));
            let next = range.map(|range| range.last.saturating_add(1));
            match next {
                Some(next) if next < part.address + part.quantity => address = next,
                _ => return asked,
            }
        }
    }

    /// Takes the lines of one request off the record, and compares each with the mapping and with Cedar;
    /// gives whether the request is allowed.
    #[track_caller]
    pub(crate) fn check<'a>(
        &mut self,
        server: usize,
        (unit, request): (u8, &[u8]),
        record: &mut impl Iterator<Item = &'a Value>,
    ) -> Result<bool, u8> {
        let parts = parts(request)?;
        for part in &parts {
            for asked in self.asked(server, unit, request[0], part) {
                let line = record.next().expect("a decision is missing from the record");
                let Some((action, resource, modbus)) = asked else {
                    assert_eq!(line["outcome"], "unmapped", "{line}");
                    return Ok(false);
                };
                let found = &line["request"];
                assert_eq!(found["action"], json!({ "type": "Plant::Action", "id": action }));
                assert_eq!((&found["resource"], &found["context"]["modbus"]), (&resource, &modbus));
                let want = self.oracle.decide(found).is_ok_and(|verdict| verdict.allow);
                assert_eq!(line["verdict"], if want { "allow" } else { "deny" }, "{line}");
                self.decided += 1;
                self.allowed += u64::from(want);
                if !want {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Remembers what a request and its answer say of values.
    pub(crate) fn learn(&mut self, server: usize, (unit, request): (u8, &[u8]), answer: &[u8]) {
        if answer[0] != request[0] {
            return;
        }
        let parts = parts(request).unwrap();
        for part in &parts {
            for (address, value) in (part.address..).zip(part.values.iter().flatten()) {
                if let Some(value) = value {
                    self.held.insert((server, unit, part.table, address), *value);
                }
            }
        }
        let is_read = |part: &&Part| part.action.starts_with("modbus.read") && request[0] != 24;
        for part in parts.iter().filter(is_read) {
            for (index, address) in (0..).zip(part.address..part.address + part.quantity) {
                let value: i64 = match part.table {
                    Table::Coils => (answer[2 + index / 8] >> (index % 8) & 1).into(),
                    Table::HoldingRegisters => {
                        u16::from_be_bytes([answer[2 + index * 2], answer[3 + index * 2]]).into()
                    }
                    Table::DiscreteInputs | Table::InputRegisters | Table::Device => continue,
                };
                self.held.insert((server, unit, part.table, address), value);
            }
        }
    }
}

/// How often the record of a gateway allows and denies.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Judged {
    pub(crate) allowed: usize,
    pub(crate) denied: usize,
}

/// Holds each line of a record that has a request against Cedar, whatever was asked.
#[track_caller]
pub(crate) fn judge(world: &World, record: &[Value]) -> Judged {
    let oracle = Reference::new(world).oracle;
    let mut judged = Judged::default();
    for line in record {
        let Some(request) = line.get("request") else {
            assert_eq!(line["verdict"], "deny", "{line}");
            judged.denied += 1;
            continue;
        };
        let want = oracle.decide(request).is_ok_and(|verdict| verdict.allow);
        assert_eq!(line["verdict"], if want { "allow" } else { "deny" }, "{line}");
        judged.allowed += usize::from(want);
        judged.denied += usize::from(!want);
    }
    judged
}
