//! The plant's policies by number, and what its actions and entity types are to them.

use trapkey::EntityUid;

/// Ids of the policies in the order of the plant's policy set; the position is the bit in an
/// [`Answer`](super::Answer).
pub const POLICIES: [&str; 33] = [
    "vendor-01-maintenance",
    "ai-01-vision-reads-quality",
    "ai-02-bounded-autonomy",
    "ai-03-chain-and-model",
    "cell-01-own-mes-connector",
    "cell-02-rate-of-change",
    "cell-03-no-broadcast-writes",
    "hist-01-historian-reads",
    "path-01-no-human-on-service-path",
    "path-02-no-human-use-of-nhi",
    "bg-01-break-glass",
    "cred-01-max-age",
    "cred-02-reuse-or-exposed",
    "obs-01-candidate-no-browse-off-shift",
    "sig-01-session-and-posture",
    "sig-02-stale-facts",
    "zone-01-conduit-required",
    "zone-01p-conduit-required-points",
    "zone-01s-sis-local-only",
    "zone-02-island-mode",
    "safety-01-stop-is-always-allowed",
    "safety-02-lockout-tagout",
    "safety-03-lockout-points",
    "safety-04-sis-hands-off",
    "eng-01-program-download",
    "op-01-operator-own-cell-on-shift",
    "legacy-01-network-identity-never-writes",
    "legacy-02-through-broker-only",
    "nhi-01-only-active-and-reviewed",
    "proto-01-opcua-signed-writes",
    "proto-02-mqtt-no-wildcard-commands",
    "mqtt-01-device-own-topic",
    "time-01-untrusted-clock",
];

/// A policy as its bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Policy(pub(super) u64);

impl Policy {
    pub(super) const VENDOR_01: Self = Self(1 << 0);
    pub(super) const AI_01: Self = Self(1 << 1);
    pub(super) const AI_02: Self = Self(1 << 2);
    pub(super) const AI_03: Self = Self(1 << 3);
    pub(super) const CELL_01: Self = Self(1 << 4);
    pub(super) const CELL_02: Self = Self(1 << 5);
    pub(super) const CELL_03: Self = Self(1 << 6);
    pub(super) const HIST_01: Self = Self(1 << 7);
    pub(super) const PATH_01: Self = Self(1 << 8);
    pub(super) const PATH_02: Self = Self(1 << 9);
    pub(super) const BG_01: Self = Self(1 << 10);
    pub(super) const CRED_01: Self = Self(1 << 11);
    pub(super) const CRED_02: Self = Self(1 << 12);
    pub(super) const OBS_01: Self = Self(1 << 13);
    pub(super) const SIG_01: Self = Self(1 << 14);
    pub(super) const SIG_02: Self = Self(1 << 15);
    pub(super) const ZONE_01: Self = Self(1 << 16);
    pub(super) const ZONE_01P: Self = Self(1 << 17);
    pub(super) const ZONE_01S: Self = Self(1 << 18);
    pub(super) const ZONE_02: Self = Self(1 << 19);
    pub(super) const SAFETY_01: Self = Self(1 << 20);
    pub(super) const SAFETY_02: Self = Self(1 << 21);
    pub(super) const SAFETY_03: Self = Self(1 << 22);
    pub(super) const SAFETY_04: Self = Self(1 << 23);
    pub(super) const ENG_01: Self = Self(1 << 24);
    pub(super) const OP_01: Self = Self(1 << 25);
    pub(super) const LEGACY_01: Self = Self(1 << 26);
    pub(super) const LEGACY_02: Self = Self(1 << 27);
    pub(super) const NHI_01: Self = Self(1 << 28);
    pub(super) const PROTO_01: Self = Self(1 << 29);
    pub(super) const PROTO_02: Self = Self(1 << 30);
    pub(super) const MQTT_01: Self = Self(1 << 31);
    pub(super) const TIME_01: Self = Self(1 << 32);

    /// The permits.
    pub(super) const PERMITS: u64 = Self::VENDOR_01.0
        | Self::AI_01.0
        | Self::CELL_01.0
        | Self::HIST_01.0
        | Self::BG_01.0
        | Self::SAFETY_01.0
        | Self::ENG_01.0
        | Self::OP_01.0
        | Self::MQTT_01.0;

    /// The forbids that are enforced: all but the one that is observed.
    pub(super) const FORBIDS: u64 = !Self::PERMITS & !Self::OBS_01.0;
}

/// What an action is to the policies: the groups it is in, or its own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Observe,
    MqttPublishData,
    Operate,
    ModbusWrite,
    OpcUaWrite,
    MqttPublishCommand,
    Configure,
    Engineer,
    SafetyOps,
    Discover,
    RemoteAccess,
    ApiRead,
    ApiServicePath,
    AiRead,
    AiUse,
    Govern,
    SafetyStop,
    Other,
}

impl Class {
    /// The class of an action.
    pub(super) fn of(uid: &EntityUid) -> Self {
        match uid.id.as_str() {
            // `proto-02` leaves subscribing alone, so it is no more than observing.
            "mqtt.subscribe"
            | "modbus.readBits"
            | "modbus.readRegisters"
            | "opcua.read"
            | "opcua.subscribe"
            | "opcua.historyRead"
            | "cip.read"
            | "plc.read" => Self::Observe,
            "mqtt.publishData" => Self::MqttPublishData,
            "cip.write" | "cip.forwardOpen" | "plc.write" => Self::Operate,
            "modbus.writeCoil"
            | "modbus.writeRegister"
            | "modbus.writeMultiple"
            | "modbus.maskWrite" => Self::ModbusWrite,
            "opcua.write" | "opcua.call" => Self::OpcUaWrite,
            "mqtt.publishCommand" => Self::MqttPublishCommand,
            "modbus.fileRecord"
            | "modbus.diagnostics"
            | "opcua.historyUpdate"
            | "opcua.nodeManagement"
            | "opcua.roleManagement"
            | "plc.setAlarmLimits"
            | "plc.setTime"
            | "plc.changeCredential" => Self::Configure,
            "modbus.vendor"
            | "plc.reset"
            | "plc.changeMode"
            | "plc.programDownload"
            | "plc.programUpload"
            | "plc.onlineEdit"
            | "plc.firmwareUpdate" => Self::Engineer,
            "safety.bypass" | "safety.reset" | "safety.force" => Self::SafetyOps,
            "modbus.identify" | "opcua.browse" => Self::Discover,
            "remote.session" | "remote.fileTransfer" => Self::RemoteAccess,
            "api.read" => Self::ApiRead,
            "api.servicePath" => Self::ApiServicePath,
            "ai.read" => Self::AiRead,
            "ai.callTool" | "ai.act" => Self::AiUse,
            "policy.activate" | "policy.rollback" | "identity.enroll" | "identity.retire" => {
                Self::Govern
            }
            "safety.stop" => Self::SafetyStop,
            _ => Self::Other,
        }
    }
}

/// What an entity type is to the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Operator,
    VendorTech,
    Workload,
    Machine,
    AiAgent,
    LegacyPrincipal,
    Asset,
    SafetyAsset,
    Point,
    Topic,
    Tool,
    Api,
    ApiService,
    Other,
}

impl Kind {
    /// The kind of an entity type.
    pub(super) fn of(name: &str) -> Self {
        match name.strip_prefix("Plant::").unwrap_or(name) {
            "Operator" => Self::Operator,
            "VendorTech" => Self::VendorTech,
            "Workload" => Self::Workload,
            "Machine" => Self::Machine,
            "AiAgent" => Self::AiAgent,
            "LegacyPrincipal" => Self::LegacyPrincipal,
            "Asset" => Self::Asset,
            "SafetyAsset" => Self::SafetyAsset,
            "Point" => Self::Point,
            "Topic" => Self::Topic,
            "Tool" => Self::Tool,
            "Api" => Self::Api,
            "ApiService" => Self::ApiService,
            _ => Self::Other,
        }
    }
}
