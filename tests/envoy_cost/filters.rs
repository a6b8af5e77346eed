//! The filters that are compared: ours of an example, and some written by hand that make a number of calls.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;
use trapkey::{Bundle, CompileOptions, EntityStore, Model, Release, Sources, compile};
use trapkey_envoy::{Filter, Mapping, build};
use trapkey_testkit::{Folder, examples_dir};

/// The one URI of the client's certificate.
pub(crate) const PEER: &str = "spiffe://plant-1.example/mes/oven-1";

/// What the client asks, again and again: a write that the example's policies permit.
pub(crate) const REQUEST: &str = "PUT /units/oven-1/registers/zone-temperature HTTP/1.1\r\n\
    host: plc.example\r\nuser-agent: envoy-cost/1\r\naccept: */*\r\nx-value: 1500\r\ncontent-length: 0\r\n\r\n";

/// How ours is built.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Built {
    /// Policies of allows go into filter state.
    pub(crate) records_allows: bool,
    /// The certificate's URIs are in filter state, and not in a header.
    pub(crate) by_filter_state: bool,
    /// The policies read the instant and the peer's address.
    pub(crate) reads_time: bool,
}

/// Policies of one set, linked into a filter.
pub(crate) fn linked(schema: &str, policies: &str, entities: &Value, mapping: &str) -> Filter {
    let sources = Sources { policies, schema, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "cost".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let model = Arc::new(Model::new(bundle.schema().clone()));
    let store = EntityStore::from_json(model, &entities.to_string()).unwrap();
    build(&bundle, &store.snapshot(), &Mapping::parse(mapping).unwrap()).unwrap()
}

/// The 16 policies of the cell behind a Modbus gateway. Without time, one condition of one policy and a date of expiry
/// are left out.
pub(crate) fn ours(built: Built) -> Vec<u8> {
    let folder = Folder::read(&examples_dir().join("legacy-modbus-cell")).unwrap();
    let (mut schema, mut policies) = (folder.schema, folder.policies);
    if !built.reads_time {
        schema = without(&schema, "@clock(\"instant\") now: datetime,");
        policies = without(&policies, "@expires(\"2027-01-31\")");
        let age = "&&\n  context.now.durationSince(context.broker.attestedAt) < duration(\"1d\")";
        policies = without(&policies, age);
    }
    let uris =
        if built.by_filter_state { "{ filter_state = 'trapkey.uris' }" } else { "'forwarded'" };
    let source = if built.reads_time { "'peer-address'" } else { "{ text = '10.7.1.20' }" };
    let now = if built.reads_time { "now = 'time'\n" } else { "" };
    let mapping = format!(
        "adapter = 'http'\nrecord_allows = {}\nuris = {uris}\n\
         [[principal]]\nspiffe = 'spiffe://plant-1.example/mes/{{cell}}'\ntype = 'Cell::Connector'\n\
         id = 'mes-{{cell}}'\n\
         [[route]]\nmethod = 'GET'\npath = '/units/{{unit}}/registers/{{register}}'\n\
         action = 'registers.read'\nresource = {{ type = 'Cell::Register', id = '{{unit}}/{{register}}' }}\n\
         [route.context]\n{}\
         [[route]]\nmethod = 'PUT'\npath = '/units/{{unit}}/registers/{{register}}'\n\
         action = 'register.write'\nresource = {{ type = 'Cell::Register', id = '{{unit}}/{{register}}' }}\n\
         [route.context]\n{}'modbus.value' = {{ text = '{{header:x-value}}' }}\n",
        built.records_allows,
        context(source, now, 3),
        context(source, now, 6),
    );
    linked(&schema, &policies, &folder.entities, &mapping).bytes().to_vec()
}

fn context(source: &str, now: &str, function: u8) -> String {
    format!(
        "{now}source = {source}\nbasis = {{ certificate = 'cryptographic', header = 'brokered' }}\n\
         writesThisMinute = {{ text = '3' }}\n'modbus.unit' = {{ text = '11' }}\n\
         'modbus.function' = {{ text = '{function}' }}\n'modbus.quantity' = {{ text = '1' }}\n"
    )
}

#[track_caller]
fn without(text: &str, part: &str) -> String {
    assert_eq!(text.matches(part).count(), 1, "`{part}`");
    text.replace(part, "")
}

/// A call that a filter by hand makes for each request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    /// All headers.
    Headers,
    /// Whether the peer's certificate is valid.
    Property,
    /// The instant.
    Time,
    /// A text of 90 bytes for filter state.
    Record,
}

/// A filter that makes these calls, looks at no answer and continues.
pub(crate) fn by_hand(calls: &[Call], has_contexts: bool) -> Vec<u8> {
    let mut body = String::new();
    for call in calls {
        let call = match call {
            Call::Headers => "(call $pairs (i32.const 0) (i32.const 16) (i32.const 20))",
            Call::Property => {
                "(call $property (i32.const 1024) (i32.const 33) (i32.const 16) (i32.const 20))"
            }
            Call::Time => "(call $time (i32.const 24))",
            Call::Record => {
                "(call $record (i32.const 1100) (i32.const 16) (i32.const 1200) (i32.const 90))"
            }
        };
        write!(body, "(drop {call})").unwrap();
    }
    let contexts = if has_contexts {
        "(func (export \"proxy_on_context_create\") (param i32 i32))
         (func (export \"proxy_on_done\") (param i32) (result i32) i32.const 1)
         (func (export \"proxy_on_log\") (param i32))
         (func (export \"proxy_on_delete\") (param i32))"
    } else {
        ""
    };
    let text = format!(
        "(module
          (import \"env\" \"proxy_get_header_map_pairs\" (func $pairs (param i32 i32 i32) (result i32)))
          (import \"env\" \"proxy_get_property\" (func $property (param i32 i32 i32 i32) (result i32)))
          (import \"env\" \"proxy_get_current_time_nanoseconds\" (func $time (param i32) (result i32)))
          (import \"env\" \"proxy_set_property\" (func $record (param i32 i32 i32 i32) (result i32)))
          (memory (export \"memory\") 2)
          (data (i32.const 1024) \"connection\\00peer_certificate_valid\")
          (data (i32.const 1100) \"trapkey.decision\")
          (data (i32.const 1200) \"{:x<90}\")
          (func (export \"proxy_abi_version_0_2_1\"))
          (func (export \"proxy_on_memory_allocate\") (param i32) (result i32) i32.const 4096)
          (func (export \"proxy_on_vm_start\") (param i32 i32) (result i32) i32.const 1)
          (func (export \"proxy_on_configure\") (param i32 i32) (result i32) i32.const 1)
          {contexts}
          (func (export \"proxy_on_request_headers\") (param i32 i32 i32) (result i32)
            {body} i32.const 0))",
        "x"
    );
    wat::parse_str(&text).unwrap()
}
