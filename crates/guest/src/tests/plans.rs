//! Plans of a small plant.

use std::collections::BTreeMap;

use trapkey_abi::{
    Action, Attribute, Bounds, Clock, EntityType, EntityUid, Environment, GatherTable, Layout,
    MemoryMap, Path, Projection, Record, Schema, Type,
};

use super::fake::Fake;
use crate::Guest;
use crate::plan::*;

pub(super) const ROOT: u32 = 1;
pub(super) const STREAM: u32 = 2;
pub(super) const HASH: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
pub(super) const SPIFFE: &str = "spiffe://plant-1.example/mes/cell-7";

pub(super) fn text(text: &str) -> Vec<Piece> {
    vec![Piece::Literal(text.to_owned())]
}

fn record(attributes: impl IntoIterator<Item = (&'static str, Attribute)>) -> Record {
    let attributes = attributes.into_iter().map(|(name, own)| (name.to_owned(), own));
    Record { attributes: attributes.collect() }
}

pub(super) fn schema(context: &Record) -> Schema {
    let entity_type = |name: &str, is_action| EntityType {
        name: name.to_owned(),
        attributes: Record::default(),
        tags: None,
        ancestors: Vec::new(),
        ids: (name == "Kind").then(|| vec!["a".to_owned(), "b".to_owned()]),
        is_action,
    };
    let action = |id: &str, context: &Record| Action {
        uid: EntityUid::new("Action", id),
        groups: Vec::new(),
        principals: vec!["Connector".to_owned()],
        resources: vec!["Register".to_owned()],
        context: context.clone(),
    };
    Schema {
        entity_types: vec![
            entity_type("Action", true),
            entity_type("Connector", false),
            entity_type("Kind", false),
            entity_type("Register", false),
        ],
        actions: vec![action("read", &Record::default()), action("write", context)],
    }
}

/// A record that may be absent, bounds, a set, and clocks.
pub(super) fn context() -> Record {
    let of = |ty, required| Attribute::new(ty, required);
    let clock = |ty, clock| Attribute { clock: Some(clock), ..Attribute::new(ty, false) };
    let zone = record([("floor", of(Type::Long, false)), ("name", of(Type::String, true))]);
    let bounds = Some(Bounds { min: 0, max: 100 });
    record([
        ("groups", of(Type::Set(Box::new(Type::String)), false)),
        ("left", clock(Type::Duration, Clock::Remaining)),
        ("level", Attribute { bounds, ..of(Type::Long, false) }),
        ("now", clock(Type::Datetime, Clock::Instant)),
        ("peer", of(Type::Ip, true)),
        ("zone", of(Type::Record(zone), false)),
    ])
}

pub(super) fn header(name: &str) -> Source {
    Source::Text(vec![Piece::Header(name.to_owned())])
}

pub(super) fn feature(path: &str, source: Source) -> Feature {
    let path = path.split('.').map(str::to_owned).collect();
    Feature { path, source, is_required: false }
}

fn question(action: u32, resource: Vec<Piece>, context: Vec<Feature>) -> Question {
    Question { action, resource_type: "Register".to_owned(), resource, context }
}

fn notes() -> Vec<PolicyNote> {
    let note =
        |id: &str| PolicyNote { id: id.to_owned(), duties: Vec::new(), is_unhonoured: false };
    vec![note("may write"), note("never")]
}

fn plan(schema: Schema, adapter: Adapter) -> Plan {
    let layout = Layout::new(&schema);
    let environment = |action, context| Environment {
        action,
        principal_type: 1,
        resource_type: 3,
        context,
        paths: vec![0, 1],
        templates: Vec::new(),
    };
    let whole = |action: usize| {
        let words = usize::try_from(layout.contexts[action].size / 8).unwrap();
        Projection { mask: vec![u64::MAX; words], spills: Vec::new() }
    };
    Plan {
        version: PLAN_VERSION,
        gather: GatherTable {
            layout: layout.digest,
            paths: vec![Path::Principal, Path::Resource],
            environments: vec![environment(0, 0), environment(1, 1)],
            entity_types: vec![Projection::default(); 4],
            contexts: vec![whole(0), whole(1)],
        },
        schema,
        memory: MemoryMap {
            pages: 10,
            frames_offset: 1_024,
            frames_bytes: 65_536,
            frame_bytes_max: 16_384,
            responses_offset: 131_072,
            responses_bytes: 4_096,
            response_bytes_max: 1_024,
        },
        digest: "0123456789abcdef0123456789abcdef".to_owned(),
        policies: notes(),
        needs_time: false,
        observes: false,
        records_allows: false,
        identity: Identity {
            uris: UriList::Forwarded,
            spiffe: vec![SpiffeRule {
                trust_domain: "plant-1.example".to_owned(),
                path: vec![Segment::Literal("mes".to_owned()), Segment::Parameter],
                entity_type: "Connector".to_owned(),
                id: vec![Piece::Whole],
            }],
            headers: Vec::new(),
        },
        adapter,
    }
}

/// `PUT /units/{unit}/registers/{register}` and, for one host alone, `GET /public`.
pub(super) fn http() -> Plan {
    let literal = |text: &str| Segment::Literal(text.to_owned());
    let resource = vec![Piece::Parameter(0), Piece::Literal("/".to_owned()), Piece::Parameter(1)];
    let features = vec![
        feature("groups", Source::List { header: "x-groups".to_owned() }),
        feature("left", header("x-left")),
        feature("level", header("x-level")),
        feature("now", Source::Now),
        feature("peer", Source::PeerAddress),
        feature("zone.floor", header("x-floor")),
        feature("zone.name", header("x-zone")),
    ];
    let units =
        vec![literal("units"), Segment::Parameter, literal("registers"), Segment::Parameter];
    let write = Route {
        method: "PUT".to_owned(),
        path: units,
        host: None,
        question: question(1, resource, features),
    };
    let public = Route {
        method: "GET".to_owned(),
        path: vec![literal("public")],
        host: Some("plc.example".to_owned()),
        question: question(0, text("public"), Vec::new()),
    };
    plan(schema(&context()), Adapter::Http(HttpPlan { routes: vec![write, public] }))
}

/// Registers one by one, functions 23 and 43 among them.
pub(super) fn modbus(denied: Denied) -> Plan {
    let of = |ty| Attribute::new(ty, false);
    let context = record([("previous", of(Type::Long)), ("value", of(Type::Long))]);
    let place = vec![
        Piece::Modbus(ModbusField::Unit),
        Piece::Literal("/".to_owned()),
        Piece::Modbus(ModbusField::Address),
    ];
    let features = vec![
        feature("previous", Source::Modbus(ModbusField::Previous)),
        feature("value", Source::Modbus(ModbusField::Value)),
    ];
    let rule = |functions: &[u8], writes, question| ModbusRule {
        functions: functions.to_vec(),
        writes,
        each_address: true,
        question,
    };
    let rules = vec![
        rule(&[1, 3, 23], false, question(0, place.clone(), Vec::new())),
        rule(&[5, 6, 15, 16, 22, 23], true, question(1, place, features)),
        rule(&[43], false, question(0, text("device"), Vec::new())),
    ];
    let uris = UriList::FilterState("trapkey.uris".to_owned());
    let plan = plan(schema(&context), Adapter::Modbus(ModbusPlan { rules, denied }));
    Plan { identity: Identity { uris, ..plan.identity }, ..plan }
}

/// A filter that has started, with one plugin and one stream.
#[track_caller]
pub(super) fn started(plan: &Plan, fake: &mut Fake) -> Guest {
    let bytes = postcard::to_allocvec(plan).unwrap();
    let mut guest = Guest::new(&bytes, &[]).unwrap();
    guest.create(fake, ROOT, 0);
    assert!(guest.start(fake));
    assert!(guest.configure(fake, ROOT, 0), "{:?}", fake.logs);
    guest.create(fake, STREAM, ROOT);
    fake.calls.clear();
    guest
}

/// A proxy with a request that is right.
pub(super) fn requesting() -> Fake {
    let mut fake = Fake::new();
    let headers = [
        (":method", "PUT"),
        (":path", "/units/7/registers/40"),
        (":scheme", "https"),
        (":authority", "plc.example:8443"),
        ("x-request-id", "b1-2"),
        ("x-forwarded-client-cert", &format!("Hash={HASH};URI={SPIFFE}")),
    ];
    fake.headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    fake.property_is(&["connection", "peer_certificate_valid"], &[1]);
    fake.property_is(&["source", "address"], b"10.1.2.3:4711");
    fake
}

/// A proxy with a connection that is right.
pub(super) fn connecting() -> Fake {
    let mut fake = Fake::new();
    fake.property_is(&["connection", "peer_certificate_valid"], &[1]);
    fake.property_is(&["filter_state", "trapkey.uris"], SPIFFE.as_bytes());
    fake.property_is(&["plugin_name"], b"registers");
    fake
}

impl Fake {
    /// Sets a header of the request, or takes it away.
    pub(super) fn header_is(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(own, _)| own != name);
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }
}

/// The attributes of a context, by name.
pub(super) type Values = BTreeMap<String, trapkey_abi::Value>;
