//! The plant's cases as the structs that are generated for its schema.

use serde_json::Value as Json;
use trapkey::{Datetime, Duration, EntityUid, Ip, parse_uid};

use trapkey_tests::generated::plant::{
    Ai, AiActContext, AiAgent, AiCallTool, Api, ApiRead, ApiReadContext, ApiReadPrincipal,
    ApiReadResource, ApiService, ApiWrite, Asset, Assurance, BreakGlass, Cell, CipReadPrincipal,
    CipReadResource, CipWritePrincipal, Compliance, Conduit, Cred, CredKind, Device, Env,
    IdentityBasis, LegacyPrincipal, Machine, Modbus, ModbusDiagnosticsContext,
    ModbusFileRecordPrincipal, ModbusReadRegisters, ModbusWriteRegister, Mqtt,
    MqttPublishCommandContext, MqttPublishData, MqttPublishDataPrincipal, Opcua,
    OpcuaBrowseContext, OpcuaWrite, Operator, PlcChangeCredentialResource, PlcProgramDownload,
    PlcRead, PlcReadResource, PlcSetAlarmLimits, Point, RemoteFileTransferPrincipal, RemoteSession,
    RiskLevel, SafetyAsset, SafetyStop, Session, Tool, Topic, VendorTech, WorkOrder, Workload,
    Zone,
};

/// A value read from an attribute in Cedar's JSON.
pub(crate) trait Read: Sized {
    fn read(json: Option<&Json>) -> Self;
}

/// What is done with a request that was read.
pub(crate) trait Visit {
    fn visit<T: trapkey::TypedRequest>(&mut self, request: &T);
}

/// Reads a request as the struct of its action.
pub(crate) fn visit(json: &Json, visitor: &mut impl Visit) {
    let action = uid(json.get("action"));
    let json = Some(json);
    match action.id.as_str() {
        "ai.callTool" => visitor.visit(&AiCallTool::read(json)),
        "api.read" => visitor.visit(&ApiRead::read(json)),
        "api.write" => visitor.visit(&ApiWrite::read(json)),
        "modbus.readRegisters" => visitor.visit(&ModbusReadRegisters::read(json)),
        "modbus.writeRegister" => visitor.visit(&ModbusWriteRegister::read(json)),
        "mqtt.publishData" => visitor.visit(&MqttPublishData::read(json)),
        "opcua.write" => visitor.visit(&OpcuaWrite::read(json)),
        "plc.programDownload" => visitor.visit(&PlcProgramDownload::read(json)),
        "plc.read" => visitor.visit(&PlcRead::read(json)),
        "plc.setAlarmLimits" => visitor.visit(&PlcSetAlarmLimits::read(json)),
        "remote.session" => visitor.visit(&RemoteSession::read(json)),
        "safety.stop" => visitor.visit(&SafetyStop::read(json)),
        other => panic!("no struct is read for `{other}`"),
    }
}

fn uid(json: Option<&Json>) -> EntityUid {
    let json = json.unwrap();
    if let Some(text) = json.as_str() {
        return parse_uid(text).unwrap();
    }
    let uid = json.get("__entity").unwrap_or(json);
    EntityUid::new(uid["type"].as_str().unwrap(), uid["id"].as_str().unwrap())
}

fn text(json: Option<&Json>) -> &str {
    let json = json.unwrap();
    json.get("__extn").map_or(json, |extension| &extension["arg"]).as_str().unwrap()
}

impl<T: Read> Read for Option<T> {
    fn read(json: Option<&Json>) -> Self {
        json.map(|json| T::read(Some(json)))
    }
}

impl Read for bool {
    fn read(json: Option<&Json>) -> Self {
        json.unwrap().as_bool().unwrap()
    }
}

impl Read for i64 {
    fn read(json: Option<&Json>) -> Self {
        json.unwrap().as_i64().unwrap()
    }
}

/// Reads what a text says.
macro_rules! parsed {
    ($($type:ty)*) => {$(
        impl Read for $type {
            fn read(json: Option<&Json>) -> Self {
                text(json).parse().unwrap()
            }
        }
    )*};
}

parsed!(String Datetime Duration Ip);

/// Reads ids of a type.
macro_rules! ids {
    ($($type:ident)*) => {$(
        impl Read for $type {
            fn read(json: Option<&Json>) -> Self {
                let uid = uid(json);
                assert_eq!(uid.type_name, <Self as trapkey::EntityId>::TYPE);
                $type(uid.id)
            }
        }
    )*};
}

ids!(AiAgent Api ApiService Asset Cell Conduit LegacyPrincipal Machine Operator Point SafetyAsset);
ids!(Tool Topic VendorTech WorkOrder Workload Zone);

/// Reads entities of an enumerated type.
macro_rules! enumerated {
    ($($type:ident)*) => {$(
        impl Read for $type {
            fn read(json: Option<&Json>) -> Self {
                $type::from_id(&uid(json).id).unwrap()
            }
        }
    )*};
}

enumerated!(Assurance Compliance CredKind IdentityBasis RiskLevel);

/// Reads an entity of one of several types.
macro_rules! party {
    ($type:ident: $($of:ident)*) => {
        impl Read for $type {
            fn read(json: Option<&Json>) -> Self {
                match uid(json).type_name.as_str() {
                    $(<$of as trapkey::EntityId>::TYPE => $of::read(json).into(),)*
                    other => panic!("unexpected type `{other}`"),
                }
            }
        }
    };
}

party!(ApiReadPrincipal: AiAgent Machine Operator VendorTech Workload);
party!(ApiReadResource: Api ApiService);
party!(CipReadPrincipal: AiAgent LegacyPrincipal Machine Operator VendorTech Workload);
party!(CipReadResource: Asset Point);
party!(CipWritePrincipal: LegacyPrincipal Machine Operator VendorTech Workload);
party!(ModbusFileRecordPrincipal: Operator VendorTech Workload);
party!(MqttPublishDataPrincipal: AiAgent LegacyPrincipal Machine Workload);
party!(PlcChangeCredentialResource: Asset SafetyAsset);
party!(PlcReadResource: Asset Point SafetyAsset);
party!(RemoteFileTransferPrincipal: Operator VendorTech);

/// Reads a record by its fields and the names of their attributes.
macro_rules! record {
    ($type:ident: $($field:ident $name:literal)*) => {
        impl Read for $type {
            fn read(json: Option<&Json>) -> Self {
                let json = json.unwrap();
                $type { $($field: Read::read(json.get($name)),)* }
            }
        }
    };
}

record!(Ai: calls_this_task "callsThisTask" chain_depth "chainDepth" human_approved "humanApproved"
    model_digest "modelDigest" on_behalf_of "onBehalfOf" task_id "taskId");
record!(BreakGlass: first "first" opened_at "openedAt" reason "reason" second "second"
    ticket "ticket");
record!(Cred: age "age" basis "basis" bound_to_task "boundToTask" expires_in "expiresIn"
    exposed "exposed" holders_seen "holdersSeen" id "id" kind "kind");
record!(Device: attest_age "attestAge" attested "attested" compliance "compliance"
    firmware_approved "firmwareApproved" score "score");
record!(Env: clock_trusted "clockTrusted" conduit "conduit" data_age "dataAge" location "location"
    maintenance_window "maintenanceWindow" now "now" on_shift "onShift" plant_state "plantState"
    source_ip "sourceIp" source_zone "sourceZone");
record!(Session: age "age" assurance "assurance" id "id" idle "idle" interactive "interactive"
    recorded "recorded" revoked "revoked" risk "risk" via_jump_host "viaJumpHost");
record!(Modbus: addr "addr" broadcast "broadcast" fc "fc" prev "prev" qty "qty" unit "unit"
    value "value");
record!(Mqtt: client_id "clientId" qos "qos" retain "retain" sparkplug_type "sparkplugType"
    wildcard "wildcard");
record!(Opcua: app_uri "appUri" attr "attr" method "method" security_mode "securityMode"
    value "value");
record!(AiActContext: ai "ai" break_glass "breakGlass" cred "cred" device "device" env "env"
    session "session" work_order "workOrder");
record!(ApiReadContext: break_glass "breakGlass" cred "cred" device "device" env "env"
    session "session" work_order "workOrder");
record!(ModbusDiagnosticsContext: break_glass "breakGlass" cred "cred" device "device" env "env"
    modbus "modbus" session "session" work_order "workOrder");
record!(MqttPublishCommandContext: break_glass "breakGlass" cred "cred" device "device" env "env"
    mqtt "mqtt" session "session" work_order "workOrder");
record!(OpcuaBrowseContext: break_glass "breakGlass" cred "cred" device "device" env "env"
    opcua "opcua" session "session" work_order "workOrder");

/// Reads requests.
macro_rules! requests {
    ($($type:ident)*) => {$(
        record!($type: principal "principal" resource "resource" context "context");
    )*};
}

requests!(AiCallTool ApiRead ApiWrite ModbusReadRegisters ModbusWriteRegister MqttPublishData);
requests!(OpcuaWrite PlcProgramDownload PlcRead PlcSetAlarmLimits RemoteSession SafetyStop);
