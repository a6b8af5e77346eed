/** Requests of the schema `plant.cedarschema` as structs. */
/* Written by `trapkey generate c`; write it anew when the schema changes. */
#ifndef PLANT_REQUESTS_H
#define PLANT_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <trapkey.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The layout that follows from the schema, as `trapkey inspect` prints it. */
#define PLANT_LAYOUT "79dedea5e297c0261010d975010e8afc"

#define PLANT_TYPE_ACTION "Plant::Action"
#define PLANT_TYPE_AI_AGENT "Plant::AiAgent"
#define PLANT_TYPE_API "Plant::Api"
#define PLANT_TYPE_API_SERVICE "Plant::ApiService"
#define PLANT_TYPE_AREA "Plant::Area"
#define PLANT_TYPE_ASSET "Plant::Asset"
#define PLANT_TYPE_ASSET_CLASS "Plant::AssetClass"
#define PLANT_TYPE_ASSURANCE "Plant::Assurance"
#define PLANT_TYPE_CELL "Plant::Cell"
#define PLANT_TYPE_COMPLIANCE "Plant::Compliance"
#define PLANT_TYPE_CONDUIT "Plant::Conduit"
#define PLANT_TYPE_CRED_KIND "Plant::CredKind"
#define PLANT_TYPE_CREW "Plant::Crew"
#define PLANT_TYPE_CRITICALITY "Plant::Criticality"
#define PLANT_TYPE_IDENTITY_BASIS "Plant::IdentityBasis"
#define PLANT_TYPE_LEGACY_PRINCIPAL "Plant::LegacyPrincipal"
#define PLANT_TYPE_LINE "Plant::Line"
#define PLANT_TYPE_MACHINE "Plant::Machine"
#define PLANT_TYPE_NHI_GROUP "Plant::NhiGroup"
#define PLANT_TYPE_NHI_STATE "Plant::NhiState"
#define PLANT_TYPE_OPERATOR "Plant::Operator"
#define PLANT_TYPE_POINT "Plant::Point"
#define PLANT_TYPE_POLICY_BUNDLE "Plant::PolicyBundle"
#define PLANT_TYPE_RISK_LEVEL "Plant::RiskLevel"
#define PLANT_TYPE_ROLE "Plant::Role"
#define PLANT_TYPE_RUN_MODE "Plant::RunMode"
#define PLANT_TYPE_SAFETY_ASSET "Plant::SafetyAsset"
#define PLANT_TYPE_SECRET "Plant::Secret"
#define PLANT_TYPE_SITE "Plant::Site"
#define PLANT_TYPE_TOOL "Plant::Tool"
#define PLANT_TYPE_TOPIC "Plant::Topic"
#define PLANT_TYPE_TRUST_DOMAIN "Plant::TrustDomain"
#define PLANT_TYPE_VENDOR_ORG "Plant::VendorOrg"
#define PLANT_TYPE_VENDOR_TECH "Plant::VendorTech"
#define PLANT_TYPE_WORK_ORDER "Plant::WorkOrder"
#define PLANT_TYPE_WORK_ORDER_STATE "Plant::WorkOrderState"
#define PLANT_TYPE_WORKLOAD "Plant::Workload"
#define PLANT_TYPE_ZONE "Plant::Zone"

/** An entity of the type `Plant::AssetClass`. */
typedef uint32_t plant_asset_class;
enum {
    /** `cnc` */
    PLANT_ASSET_CLASS_CNC = 0,
    /** `drive` */
    PLANT_ASSET_CLASS_DRIVE = 1,
    /** `gateway` */
    PLANT_ASSET_CLASS_GATEWAY = 2,
    /** `historian` */
    PLANT_ASSET_CLASS_HISTORIAN = 3,
    /** `hmi` */
    PLANT_ASSET_CLASS_HMI = 4,
    /** `plc` */
    PLANT_ASSET_CLASS_PLC = 5,
    /** `robot` */
    PLANT_ASSET_CLASS_ROBOT = 6,
    /** `sensor` */
    PLANT_ASSET_CLASS_SENSOR = 7,
    /** `workstation` */
    PLANT_ASSET_CLASS_WORKSTATION = 8,
};
static const char *const plant_asset_class_ids[] = {
    "cnc",
    "drive",
    "gateway",
    "historian",
    "hmi",
    "plc",
    "robot",
    "sensor",
    "workstation",
};

/** An entity of the type `Plant::Assurance`. */
typedef uint32_t plant_assurance;
enum {
    /** `machine-dynamic` */
    PLANT_ASSURANCE_MACHINE_DYNAMIC = 0,
    /** `mfa` */
    PLANT_ASSURANCE_MFA = 1,
    /** `none` */
    PLANT_ASSURANCE_NONE = 2,
    /** `phishing-resistant` */
    PLANT_ASSURANCE_PHISHING_RESISTANT = 3,
    /** `single-factor` */
    PLANT_ASSURANCE_SINGLE_FACTOR = 4,
};
static const char *const plant_assurance_ids[] = {
    "machine-dynamic",
    "mfa",
    "none",
    "phishing-resistant",
    "single-factor",
};

/** An entity of the type `Plant::Compliance`. */
typedef uint32_t plant_compliance;
enum {
    /** `compliant` */
    PLANT_COMPLIANCE_COMPLIANT = 0,
    /** `not-compliant` */
    PLANT_COMPLIANCE_NOT_COMPLIANT = 1,
    /** `unknown` */
    PLANT_COMPLIANCE_UNKNOWN = 2,
};
static const char *const plant_compliance_ids[] = {
    "compliant",
    "not-compliant",
    "unknown",
};

/** An entity of the type `Plant::CredKind`. */
typedef uint32_t plant_cred_kind;
enum {
    /** `api-key` */
    PLANT_CRED_KIND_API_KEY = 0,
    /** `jwt-svid` */
    PLANT_CRED_KIND_JWT_SVID = 1,
    /** `mtls-cert` */
    PLANT_CRED_KIND_MTLS_CERT = 2,
    /** `none` */
    PLANT_CRED_KIND_NONE = 3,
    /** `oauth-token` */
    PLANT_CRED_KIND_OAUTH_TOKEN = 4,
    /** `opcua-cert` */
    PLANT_CRED_KIND_OPCUA_CERT = 5,
    /** `password` */
    PLANT_CRED_KIND_PASSWORD = 6,
    /** `psk` */
    PLANT_CRED_KIND_PSK = 7,
    /** `x509-svid` */
    PLANT_CRED_KIND_X509_SVID = 8,
};
static const char *const plant_cred_kind_ids[] = {
    "api-key",
    "jwt-svid",
    "mtls-cert",
    "none",
    "oauth-token",
    "opcua-cert",
    "password",
    "psk",
    "x509-svid",
};

/** An entity of the type `Plant::Criticality`. */
typedef uint32_t plant_criticality;
enum {
    /** `critical` */
    PLANT_CRITICALITY_CRITICAL = 0,
    /** `production` */
    PLANT_CRITICALITY_PRODUCTION = 1,
    /** `safety` */
    PLANT_CRITICALITY_SAFETY = 2,
    /** `support` */
    PLANT_CRITICALITY_SUPPORT = 3,
};
static const char *const plant_criticality_ids[] = {
    "critical",
    "production",
    "safety",
    "support",
};

/** An entity of the type `Plant::IdentityBasis`. */
typedef uint32_t plant_identity_basis;
enum {
    /** `brokered` */
    PLANT_IDENTITY_BASIS_BROKERED = 0,
    /** `cryptographic` */
    PLANT_IDENTITY_BASIS_CRYPTOGRAPHIC = 1,
    /** `network-only` */
    PLANT_IDENTITY_BASIS_NETWORK_ONLY = 2,
};
static const char *const plant_identity_basis_ids[] = {
    "brokered",
    "cryptographic",
    "network-only",
};

/** An entity of the type `Plant::NhiState`. */
typedef uint32_t plant_nhi_state;
enum {
    /** `active` */
    PLANT_NHI_STATE_ACTIVE = 0,
    /** `orphaned` */
    PLANT_NHI_STATE_ORPHANED = 1,
    /** `retired` */
    PLANT_NHI_STATE_RETIRED = 2,
    /** `suspended` */
    PLANT_NHI_STATE_SUSPENDED = 3,
};
static const char *const plant_nhi_state_ids[] = {
    "active",
    "orphaned",
    "retired",
    "suspended",
};

/** An entity of the type `Plant::RiskLevel`. */
typedef uint32_t plant_risk_level;
enum {
    /** `HIGH` */
    PLANT_RISK_LEVEL_HIGH = 0,
    /** `LOW` */
    PLANT_RISK_LEVEL_LOW = 1,
    /** `MEDIUM` */
    PLANT_RISK_LEVEL_MEDIUM = 2,
};
static const char *const plant_risk_level_ids[] = {
    "HIGH",
    "LOW",
    "MEDIUM",
};

/** An entity of the type `Plant::RunMode`. */
typedef uint32_t plant_run_mode;
enum {
    /** `maintenance` */
    PLANT_RUN_MODE_MAINTENANCE = 0,
    /** `program` */
    PLANT_RUN_MODE_PROGRAM = 1,
    /** `remote` */
    PLANT_RUN_MODE_REMOTE = 2,
    /** `run` */
    PLANT_RUN_MODE_RUN = 3,
    /** `stopped` */
    PLANT_RUN_MODE_STOPPED = 4,
    /** `unknown` */
    PLANT_RUN_MODE_UNKNOWN = 5,
};
static const char *const plant_run_mode_ids[] = {
    "maintenance",
    "program",
    "remote",
    "run",
    "stopped",
    "unknown",
};

/** An entity of the type `Plant::WorkOrderState`. */
typedef uint32_t plant_work_order_state;
enum {
    /** `cancelled` */
    PLANT_WORK_ORDER_STATE_CANCELLED = 0,
    /** `closed` */
    PLANT_WORK_ORDER_STATE_CLOSED = 1,
    /** `draft` */
    PLANT_WORK_ORDER_STATE_DRAFT = 2,
    /** `released` */
    PLANT_WORK_ORDER_STATE_RELEASED = 3,
};
static const char *const plant_work_order_state_ids[] = {
    "cancelled",
    "closed",
    "draft",
    "released",
};

/** An action that requests can be for. */
enum {
    /** `Plant::Action::"ai.act"` */
    PLANT_ACTION_AI_ACT = 0,
    /** `Plant::Action::"ai.callTool"` */
    PLANT_ACTION_AI_CALL_TOOL = 1,
    /** `Plant::Action::"ai.read"` */
    PLANT_ACTION_AI_READ = 2,
    /** `Plant::Action::"api.read"` */
    PLANT_ACTION_API_READ = 3,
    /** `Plant::Action::"api.servicePath"` */
    PLANT_ACTION_API_SERVICE_PATH = 4,
    /** `Plant::Action::"api.write"` */
    PLANT_ACTION_API_WRITE = 5,
    /** `Plant::Action::"cip.forwardOpen"` */
    PLANT_ACTION_CIP_FORWARD_OPEN = 6,
    /** `Plant::Action::"cip.read"` */
    PLANT_ACTION_CIP_READ = 7,
    /** `Plant::Action::"cip.write"` */
    PLANT_ACTION_CIP_WRITE = 8,
    /** `Plant::Action::"identity.enroll"` */
    PLANT_ACTION_IDENTITY_ENROLL = 9,
    /** `Plant::Action::"identity.retire"` */
    PLANT_ACTION_IDENTITY_RETIRE = 10,
    /** `Plant::Action::"modbus.diagnostics"` */
    PLANT_ACTION_MODBUS_DIAGNOSTICS = 11,
    /** `Plant::Action::"modbus.fileRecord"` */
    PLANT_ACTION_MODBUS_FILE_RECORD = 12,
    /** `Plant::Action::"modbus.identify"` */
    PLANT_ACTION_MODBUS_IDENTIFY = 13,
    /** `Plant::Action::"modbus.maskWrite"` */
    PLANT_ACTION_MODBUS_MASK_WRITE = 14,
    /** `Plant::Action::"modbus.readBits"` */
    PLANT_ACTION_MODBUS_READ_BITS = 15,
    /** `Plant::Action::"modbus.readRegisters"` */
    PLANT_ACTION_MODBUS_READ_REGISTERS = 16,
    /** `Plant::Action::"modbus.vendor"` */
    PLANT_ACTION_MODBUS_VENDOR = 17,
    /** `Plant::Action::"modbus.writeCoil"` */
    PLANT_ACTION_MODBUS_WRITE_COIL = 18,
    /** `Plant::Action::"modbus.writeMultiple"` */
    PLANT_ACTION_MODBUS_WRITE_MULTIPLE = 19,
    /** `Plant::Action::"modbus.writeRegister"` */
    PLANT_ACTION_MODBUS_WRITE_REGISTER = 20,
    /** `Plant::Action::"mqtt.publishCommand"` */
    PLANT_ACTION_MQTT_PUBLISH_COMMAND = 21,
    /** `Plant::Action::"mqtt.publishData"` */
    PLANT_ACTION_MQTT_PUBLISH_DATA = 22,
    /** `Plant::Action::"mqtt.subscribe"` */
    PLANT_ACTION_MQTT_SUBSCRIBE = 23,
    /** `Plant::Action::"opcua.browse"` */
    PLANT_ACTION_OPCUA_BROWSE = 24,
    /** `Plant::Action::"opcua.call"` */
    PLANT_ACTION_OPCUA_CALL = 25,
    /** `Plant::Action::"opcua.historyRead"` */
    PLANT_ACTION_OPCUA_HISTORY_READ = 26,
    /** `Plant::Action::"opcua.historyUpdate"` */
    PLANT_ACTION_OPCUA_HISTORY_UPDATE = 27,
    /** `Plant::Action::"opcua.nodeManagement"` */
    PLANT_ACTION_OPCUA_NODE_MANAGEMENT = 28,
    /** `Plant::Action::"opcua.read"` */
    PLANT_ACTION_OPCUA_READ = 29,
    /** `Plant::Action::"opcua.roleManagement"` */
    PLANT_ACTION_OPCUA_ROLE_MANAGEMENT = 30,
    /** `Plant::Action::"opcua.subscribe"` */
    PLANT_ACTION_OPCUA_SUBSCRIBE = 31,
    /** `Plant::Action::"opcua.write"` */
    PLANT_ACTION_OPCUA_WRITE = 32,
    /** `Plant::Action::"plc.changeCredential"` */
    PLANT_ACTION_PLC_CHANGE_CREDENTIAL = 33,
    /** `Plant::Action::"plc.changeMode"` */
    PLANT_ACTION_PLC_CHANGE_MODE = 34,
    /** `Plant::Action::"plc.firmwareUpdate"` */
    PLANT_ACTION_PLC_FIRMWARE_UPDATE = 35,
    /** `Plant::Action::"plc.onlineEdit"` */
    PLANT_ACTION_PLC_ONLINE_EDIT = 36,
    /** `Plant::Action::"plc.programDownload"` */
    PLANT_ACTION_PLC_PROGRAM_DOWNLOAD = 37,
    /** `Plant::Action::"plc.programUpload"` */
    PLANT_ACTION_PLC_PROGRAM_UPLOAD = 38,
    /** `Plant::Action::"plc.read"` */
    PLANT_ACTION_PLC_READ = 39,
    /** `Plant::Action::"plc.reset"` */
    PLANT_ACTION_PLC_RESET = 40,
    /** `Plant::Action::"plc.setAlarmLimits"` */
    PLANT_ACTION_PLC_SET_ALARM_LIMITS = 41,
    /** `Plant::Action::"plc.setTime"` */
    PLANT_ACTION_PLC_SET_TIME = 42,
    /** `Plant::Action::"plc.write"` */
    PLANT_ACTION_PLC_WRITE = 43,
    /** `Plant::Action::"policy.activate"` */
    PLANT_ACTION_POLICY_ACTIVATE = 44,
    /** `Plant::Action::"policy.rollback"` */
    PLANT_ACTION_POLICY_ROLLBACK = 45,
    /** `Plant::Action::"remote.fileTransfer"` */
    PLANT_ACTION_REMOTE_FILE_TRANSFER = 46,
    /** `Plant::Action::"remote.session"` */
    PLANT_ACTION_REMOTE_SESSION = 47,
    /** `Plant::Action::"safety.bypass"` */
    PLANT_ACTION_SAFETY_BYPASS = 48,
    /** `Plant::Action::"safety.force"` */
    PLANT_ACTION_SAFETY_FORCE = 49,
    /** `Plant::Action::"safety.reset"` */
    PLANT_ACTION_SAFETY_RESET = 50,
    /** `Plant::Action::"safety.stop"` */
    PLANT_ACTION_SAFETY_STOP = 51,
    /** `Plant::Action::"secret.use"` */
    PLANT_ACTION_SECRET_USE = 52,
};

/** The record `ai`. */
typedef struct plant_ai {
    /** `callsThisTask`: `Long`. */
    int64_t calls_this_task;
    /** `chainDepth`: `Long`. */
    int64_t chain_depth;
    /** `humanApproved`: `Bool`. */
    bool human_approved;
    /** `modelDigest`: `String`. */
    trapkey_str_t model_digest;
    bool has_on_behalf_of;
    /** `onBehalfOf`: `Plant::Operator`, if the flag before it is set. */
    const trapkey_party_t *on_behalf_of;
    /** `taskId`: `String`. */
    trapkey_str_t task_id;
} plant_ai;
static const trapkey_field_t plant_ai_fields[] = {
    {"callsThisTask", offsetof(plant_ai, calls_this_task), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"chainDepth", offsetof(plant_ai, chain_depth), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"humanApproved", offsetof(plant_ai, human_approved), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"modelDigest", offsetof(plant_ai, model_digest), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"onBehalfOf", offsetof(plant_ai, on_behalf_of), offsetof(plant_ai, has_on_behalf_of), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
    {"taskId", offsetof(plant_ai, task_id), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_ai_record = {
    plant_ai_fields, 6, sizeof(plant_ai)
};

/** The record `breakGlass`. */
typedef struct plant_break_glass {
    /** `first`: `Plant::Operator`. */
    const trapkey_party_t *first;
    /** `openedAt`: `datetime`. */
    int64_t opened_at;
    /** `reason`: `String`. */
    trapkey_str_t reason;
    /** `second`: `Plant::Operator`. */
    const trapkey_party_t *second;
    /** `ticket`: `String`. */
    trapkey_str_t ticket;
} plant_break_glass;
static const trapkey_field_t plant_break_glass_fields[] = {
    {"first", offsetof(plant_break_glass, first), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
    {"openedAt", offsetof(plant_break_glass, opened_at), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_DATETIME, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"reason", offsetof(plant_break_glass, reason), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"second", offsetof(plant_break_glass, second), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
    {"ticket", offsetof(plant_break_glass, ticket), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_break_glass_record = {
    plant_break_glass_fields, 5, sizeof(plant_break_glass)
};

/** The record `cred`. */
typedef struct plant_cred {
    /** `age`: `duration`. */
    int64_t age;
    /** `basis`: `Plant::IdentityBasis`. */
    plant_identity_basis basis;
    bool has_bound_to_task;
    /** `boundToTask`: `Plant::WorkOrder`, if the flag before it is set. */
    const trapkey_party_t *bound_to_task;
    /** `expiresIn`: `duration`. */
    int64_t expires_in;
    /** `exposed`: `Bool`. */
    bool exposed;
    /** `holdersSeen`: `Long`. */
    int64_t holders_seen;
    /** `id`: `String`. */
    trapkey_str_t id;
    /** `kind`: `Plant::CredKind`. */
    plant_cred_kind kind;
} plant_cred;
static const trapkey_field_t plant_cred_fields[] = {
    {"age", offsetof(plant_cred, age), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_DURATION, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"basis", offsetof(plant_cred, basis), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_ENUM, sizeof(uint32_t), NULL, NULL, plant_identity_basis_ids, sizeof(plant_identity_basis_ids) / sizeof(plant_identity_basis_ids[0]), "Plant::IdentityBasis"},
    {"boundToTask", offsetof(plant_cred, bound_to_task), offsetof(plant_cred, has_bound_to_task), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
    {"expiresIn", offsetof(plant_cred, expires_in), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_DURATION, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"exposed", offsetof(plant_cred, exposed), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"holdersSeen", offsetof(plant_cred, holders_seen), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"id", offsetof(plant_cred, id), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"kind", offsetof(plant_cred, kind), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_ENUM, sizeof(uint32_t), NULL, NULL, plant_cred_kind_ids, sizeof(plant_cred_kind_ids) / sizeof(plant_cred_kind_ids[0]), "Plant::CredKind"},
};
static const trapkey_record_t plant_cred_record = {
    plant_cred_fields, 8, sizeof(plant_cred)
};

/** The record `device`. */
typedef struct plant_device {
    /** `attestAge`: `duration`. */
    int64_t attest_age;
    /** `attested`: `Bool`. */
    bool attested;
    /** `compliance`: `Plant::Compliance`. */
    plant_compliance compliance;
    /** `firmwareApproved`: `Bool`. */
    bool firmware_approved;
    /** `score`: `Long`. */
    int64_t score;
} plant_device;
static const trapkey_field_t plant_device_fields[] = {
    {"attestAge", offsetof(plant_device, attest_age), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_DURATION, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"attested", offsetof(plant_device, attested), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"compliance", offsetof(plant_device, compliance), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_ENUM, sizeof(uint32_t), NULL, NULL, plant_compliance_ids, sizeof(plant_compliance_ids) / sizeof(plant_compliance_ids[0]), "Plant::Compliance"},
    {"firmwareApproved", offsetof(plant_device, firmware_approved), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"score", offsetof(plant_device, score), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_device_record = {
    plant_device_fields, 5, sizeof(plant_device)
};

/** The record `env`. */
typedef struct plant_env {
    /** `clockTrusted`: `Bool`. */
    bool clock_trusted;
    bool has_conduit;
    /** `conduit`: `Plant::Conduit`, if the flag before it is set. */
    const trapkey_party_t *conduit;
    /** `dataAge`: `duration`. */
    int64_t data_age;
    bool has_location;
    /** `location`: `Plant::Cell`, if the flag before it is set. */
    const trapkey_party_t *location;
    /** `maintenanceWindow`: `Bool`. */
    bool maintenance_window;
    /** `now`: `datetime`. */
    int64_t now;
    /** `onShift`: `Bool`. */
    bool on_shift;
    /** `plantState`: `String`. */
    trapkey_str_t plant_state;
    /** `sourceIp`: `ipaddr`. */
    trapkey_ip_t source_ip;
    /** `sourceZone`: `Plant::Zone`. */
    const trapkey_party_t *source_zone;
} plant_env;
static const trapkey_field_t plant_env_fields[] = {
    {"clockTrusted", offsetof(plant_env, clock_trusted), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"conduit", offsetof(plant_env, conduit), offsetof(plant_env, has_conduit), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
    {"dataAge", offsetof(plant_env, data_age), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_DURATION, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"location", offsetof(plant_env, location), offsetof(plant_env, has_location), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
    {"maintenanceWindow", offsetof(plant_env, maintenance_window), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"now", offsetof(plant_env, now), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_DATETIME, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"onShift", offsetof(plant_env, on_shift), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"plantState", offsetof(plant_env, plant_state), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"sourceIp", offsetof(plant_env, source_ip), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_IP, sizeof(trapkey_ip_t), NULL, NULL, NULL, 0, NULL},
    {"sourceZone", offsetof(plant_env, source_zone), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_env_record = {
    plant_env_fields, 10, sizeof(plant_env)
};

/** The record `session`. */
typedef struct plant_session {
    /** `age`: `duration`. */
    int64_t age;
    /** `assurance`: `Plant::Assurance`. */
    plant_assurance assurance;
    /** `id`: `String`. */
    trapkey_str_t id;
    /** `idle`: `duration`. */
    int64_t idle;
    /** `interactive`: `Bool`. */
    bool interactive;
    /** `recorded`: `Bool`. */
    bool recorded;
    /** `revoked`: `Bool`. */
    bool revoked;
    /** `risk`: `Plant::RiskLevel`. */
    plant_risk_level risk;
    /** `viaJumpHost`: `Bool`. */
    bool via_jump_host;
} plant_session;
static const trapkey_field_t plant_session_fields[] = {
    {"age", offsetof(plant_session, age), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_DURATION, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"assurance", offsetof(plant_session, assurance), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_ENUM, sizeof(uint32_t), NULL, NULL, plant_assurance_ids, sizeof(plant_assurance_ids) / sizeof(plant_assurance_ids[0]), "Plant::Assurance"},
    {"id", offsetof(plant_session, id), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"idle", offsetof(plant_session, idle), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_DURATION, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"interactive", offsetof(plant_session, interactive), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"recorded", offsetof(plant_session, recorded), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"revoked", offsetof(plant_session, revoked), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"risk", offsetof(plant_session, risk), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_ENUM, sizeof(uint32_t), NULL, NULL, plant_risk_level_ids, sizeof(plant_risk_level_ids) / sizeof(plant_risk_level_ids[0]), "Plant::RiskLevel"},
    {"viaJumpHost", offsetof(plant_session, via_jump_host), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_session_record = {
    plant_session_fields, 9, sizeof(plant_session)
};

/** The context of `Plant::Action::"ai.act"`. */
typedef struct plant_ai_act_context {
    /** `ai`: `record`. */
    plant_ai ai;
    bool has_break_glass;
    /** `breakGlass`: `record`, if the flag before it is set. */
    plant_break_glass break_glass;
    /** `cred`: `record`. */
    plant_cred cred;
    /** `device`: `record`. */
    plant_device device;
    /** `env`: `record`. */
    plant_env env;
    /** `session`: `record`. */
    plant_session session;
    bool has_work_order;
    /** `workOrder`: `Plant::WorkOrder`, if the flag before it is set. */
    const trapkey_party_t *work_order;
} plant_ai_act_context;
static const trapkey_field_t plant_ai_act_context_fields[] = {
    {"ai", offsetof(plant_ai_act_context, ai), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_ai), &plant_ai_record, NULL, NULL, 0, NULL},
    {"breakGlass", offsetof(plant_ai_act_context, break_glass), offsetof(plant_ai_act_context, has_break_glass), TRAPKEY_FIELD_RECORD, sizeof(plant_break_glass), &plant_break_glass_record, NULL, NULL, 0, NULL},
    {"cred", offsetof(plant_ai_act_context, cred), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_cred), &plant_cred_record, NULL, NULL, 0, NULL},
    {"device", offsetof(plant_ai_act_context, device), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_device), &plant_device_record, NULL, NULL, 0, NULL},
    {"env", offsetof(plant_ai_act_context, env), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_env), &plant_env_record, NULL, NULL, 0, NULL},
    {"session", offsetof(plant_ai_act_context, session), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_session), &plant_session_record, NULL, NULL, 0, NULL},
    {"workOrder", offsetof(plant_ai_act_context, work_order), offsetof(plant_ai_act_context, has_work_order), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_ai_act_context_record = {
    plant_ai_act_context_fields, 7, sizeof(plant_ai_act_context)
};

/**
 * Decides a request for one of the actions whose context is `plant_ai_act_context`; another is refused.
 * `at` is the instant of the request, or TRAPKEY_NO_INSTANT. Threads, memory, blocking:
 * as `trapkey_typed_decide`.
 */
static inline trapkey_status_t plant_decide_ai_act_context(
    trapkey_typed_t *typed,
    trapkey_decider_t *decider,
    uint32_t action,
    const trapkey_party_t *principal,
    const trapkey_party_t *resource,
    const plant_ai_act_context *context,
    int64_t at,
    trapkey_decision_t *decision,
    trapkey_verdict_t *verdict,
    trapkey_error_t **error)
{
    trapkey_question_t question;
    question.struct_size = sizeof(question);
    question.record = &plant_ai_act_context_record;
    question.context = context;
    question.decider = decider;
    question.principal = principal;
    question.resource = resource;
    question.at = at;
    question.action = action;
    question.reserved = 0;
    return trapkey_typed_decide(typed, &question, decision, verdict, error);
}

/** The context of `Plant::Action::"api.read"`. */
typedef struct plant_api_read_context {
    bool has_break_glass;
    /** `breakGlass`: `record`, if the flag before it is set. */
    plant_break_glass break_glass;
    /** `cred`: `record`. */
    plant_cred cred;
    /** `device`: `record`. */
    plant_device device;
    /** `env`: `record`. */
    plant_env env;
    /** `session`: `record`. */
    plant_session session;
    bool has_work_order;
    /** `workOrder`: `Plant::WorkOrder`, if the flag before it is set. */
    const trapkey_party_t *work_order;
} plant_api_read_context;
static const trapkey_field_t plant_api_read_context_fields[] = {
    {"breakGlass", offsetof(plant_api_read_context, break_glass), offsetof(plant_api_read_context, has_break_glass), TRAPKEY_FIELD_RECORD, sizeof(plant_break_glass), &plant_break_glass_record, NULL, NULL, 0, NULL},
    {"cred", offsetof(plant_api_read_context, cred), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_cred), &plant_cred_record, NULL, NULL, 0, NULL},
    {"device", offsetof(plant_api_read_context, device), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_device), &plant_device_record, NULL, NULL, 0, NULL},
    {"env", offsetof(plant_api_read_context, env), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_env), &plant_env_record, NULL, NULL, 0, NULL},
    {"session", offsetof(plant_api_read_context, session), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_session), &plant_session_record, NULL, NULL, 0, NULL},
    {"workOrder", offsetof(plant_api_read_context, work_order), offsetof(plant_api_read_context, has_work_order), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_api_read_context_record = {
    plant_api_read_context_fields, 6, sizeof(plant_api_read_context)
};

/**
 * Decides a request for one of the actions whose context is `plant_api_read_context`; another is refused.
 * `at` is the instant of the request, or TRAPKEY_NO_INSTANT. Threads, memory, blocking:
 * as `trapkey_typed_decide`.
 */
static inline trapkey_status_t plant_decide_api_read_context(
    trapkey_typed_t *typed,
    trapkey_decider_t *decider,
    uint32_t action,
    const trapkey_party_t *principal,
    const trapkey_party_t *resource,
    const plant_api_read_context *context,
    int64_t at,
    trapkey_decision_t *decision,
    trapkey_verdict_t *verdict,
    trapkey_error_t **error)
{
    trapkey_question_t question;
    question.struct_size = sizeof(question);
    question.record = &plant_api_read_context_record;
    question.context = context;
    question.decider = decider;
    question.principal = principal;
    question.resource = resource;
    question.at = at;
    question.action = action;
    question.reserved = 0;
    return trapkey_typed_decide(typed, &question, decision, verdict, error);
}

/** The record `cip`. */
typedef struct plant_cip {
    /** `attribute`: `Long`. */
    int64_t attribute;
    /** `cls`: `Long`. */
    int64_t cls;
    /** `inst`: `Long`. */
    int64_t inst;
    /** `service`: `Long`. */
    int64_t service;
} plant_cip;
static const trapkey_field_t plant_cip_fields[] = {
    {"attribute", offsetof(plant_cip, attribute), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"cls", offsetof(plant_cip, cls), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"inst", offsetof(plant_cip, inst), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"service", offsetof(plant_cip, service), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_cip_record = {
    plant_cip_fields, 4, sizeof(plant_cip)
};

/** The context of `Plant::Action::"cip.forwardOpen"`. */
typedef struct plant_cip_forward_open_context {
    bool has_break_glass;
    /** `breakGlass`: `record`, if the flag before it is set. */
    plant_break_glass break_glass;
    /** `cip`: `record`. */
    plant_cip cip;
    /** `cred`: `record`. */
    plant_cred cred;
    /** `device`: `record`. */
    plant_device device;
    /** `env`: `record`. */
    plant_env env;
    /** `session`: `record`. */
    plant_session session;
    bool has_work_order;
    /** `workOrder`: `Plant::WorkOrder`, if the flag before it is set. */
    const trapkey_party_t *work_order;
} plant_cip_forward_open_context;
static const trapkey_field_t plant_cip_forward_open_context_fields[] = {
    {"breakGlass", offsetof(plant_cip_forward_open_context, break_glass), offsetof(plant_cip_forward_open_context, has_break_glass), TRAPKEY_FIELD_RECORD, sizeof(plant_break_glass), &plant_break_glass_record, NULL, NULL, 0, NULL},
    {"cip", offsetof(plant_cip_forward_open_context, cip), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_cip), &plant_cip_record, NULL, NULL, 0, NULL},
    {"cred", offsetof(plant_cip_forward_open_context, cred), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_cred), &plant_cred_record, NULL, NULL, 0, NULL},
    {"device", offsetof(plant_cip_forward_open_context, device), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_device), &plant_device_record, NULL, NULL, 0, NULL},
    {"env", offsetof(plant_cip_forward_open_context, env), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_env), &plant_env_record, NULL, NULL, 0, NULL},
    {"session", offsetof(plant_cip_forward_open_context, session), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_session), &plant_session_record, NULL, NULL, 0, NULL},
    {"workOrder", offsetof(plant_cip_forward_open_context, work_order), offsetof(plant_cip_forward_open_context, has_work_order), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_cip_forward_open_context_record = {
    plant_cip_forward_open_context_fields, 7, sizeof(plant_cip_forward_open_context)
};

/**
 * Decides a request for one of the actions whose context is `plant_cip_forward_open_context`; another is refused.
 * `at` is the instant of the request, or TRAPKEY_NO_INSTANT. Threads, memory, blocking:
 * as `trapkey_typed_decide`.
 */
static inline trapkey_status_t plant_decide_cip_forward_open_context(
    trapkey_typed_t *typed,
    trapkey_decider_t *decider,
    uint32_t action,
    const trapkey_party_t *principal,
    const trapkey_party_t *resource,
    const plant_cip_forward_open_context *context,
    int64_t at,
    trapkey_decision_t *decision,
    trapkey_verdict_t *verdict,
    trapkey_error_t **error)
{
    trapkey_question_t question;
    question.struct_size = sizeof(question);
    question.record = &plant_cip_forward_open_context_record;
    question.context = context;
    question.decider = decider;
    question.principal = principal;
    question.resource = resource;
    question.at = at;
    question.action = action;
    question.reserved = 0;
    return trapkey_typed_decide(typed, &question, decision, verdict, error);
}

/** The record `modbus`. */
typedef struct plant_modbus {
    /** `addr`: `Long`. */
    int64_t addr;
    /** `broadcast`: `Bool`. */
    bool broadcast;
    /** `fc`: `Long`. */
    int64_t fc;
    bool has_prev;
    /** `prev`: `Long`, if the flag before it is set. */
    int64_t prev;
    /** `qty`: `Long`. */
    int64_t qty;
    /** `unit`: `Long`. */
    int64_t unit;
    bool has_value;
    /** `value`: `Long`, if the flag before it is set. */
    int64_t value;
} plant_modbus;
static const trapkey_field_t plant_modbus_fields[] = {
    {"addr", offsetof(plant_modbus, addr), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"broadcast", offsetof(plant_modbus, broadcast), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"fc", offsetof(plant_modbus, fc), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"prev", offsetof(plant_modbus, prev), offsetof(plant_modbus, has_prev), TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"qty", offsetof(plant_modbus, qty), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"unit", offsetof(plant_modbus, unit), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"value", offsetof(plant_modbus, value), offsetof(plant_modbus, has_value), TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_modbus_record = {
    plant_modbus_fields, 7, sizeof(plant_modbus)
};

/** The context of `Plant::Action::"modbus.diagnostics"`. */
typedef struct plant_modbus_diagnostics_context {
    bool has_break_glass;
    /** `breakGlass`: `record`, if the flag before it is set. */
    plant_break_glass break_glass;
    /** `cred`: `record`. */
    plant_cred cred;
    /** `device`: `record`. */
    plant_device device;
    /** `env`: `record`. */
    plant_env env;
    /** `modbus`: `record`. */
    plant_modbus modbus;
    /** `session`: `record`. */
    plant_session session;
    bool has_work_order;
    /** `workOrder`: `Plant::WorkOrder`, if the flag before it is set. */
    const trapkey_party_t *work_order;
} plant_modbus_diagnostics_context;
static const trapkey_field_t plant_modbus_diagnostics_context_fields[] = {
    {"breakGlass", offsetof(plant_modbus_diagnostics_context, break_glass), offsetof(plant_modbus_diagnostics_context, has_break_glass), TRAPKEY_FIELD_RECORD, sizeof(plant_break_glass), &plant_break_glass_record, NULL, NULL, 0, NULL},
    {"cred", offsetof(plant_modbus_diagnostics_context, cred), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_cred), &plant_cred_record, NULL, NULL, 0, NULL},
    {"device", offsetof(plant_modbus_diagnostics_context, device), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_device), &plant_device_record, NULL, NULL, 0, NULL},
    {"env", offsetof(plant_modbus_diagnostics_context, env), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_env), &plant_env_record, NULL, NULL, 0, NULL},
    {"modbus", offsetof(plant_modbus_diagnostics_context, modbus), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_modbus), &plant_modbus_record, NULL, NULL, 0, NULL},
    {"session", offsetof(plant_modbus_diagnostics_context, session), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_session), &plant_session_record, NULL, NULL, 0, NULL},
    {"workOrder", offsetof(plant_modbus_diagnostics_context, work_order), offsetof(plant_modbus_diagnostics_context, has_work_order), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_modbus_diagnostics_context_record = {
    plant_modbus_diagnostics_context_fields, 7, sizeof(plant_modbus_diagnostics_context)
};

/**
 * Decides a request for one of the actions whose context is `plant_modbus_diagnostics_context`; another is refused.
 * `at` is the instant of the request, or TRAPKEY_NO_INSTANT. Threads, memory, blocking:
 * as `trapkey_typed_decide`.
 */
static inline trapkey_status_t plant_decide_modbus_diagnostics_context(
    trapkey_typed_t *typed,
    trapkey_decider_t *decider,
    uint32_t action,
    const trapkey_party_t *principal,
    const trapkey_party_t *resource,
    const plant_modbus_diagnostics_context *context,
    int64_t at,
    trapkey_decision_t *decision,
    trapkey_verdict_t *verdict,
    trapkey_error_t **error)
{
    trapkey_question_t question;
    question.struct_size = sizeof(question);
    question.record = &plant_modbus_diagnostics_context_record;
    question.context = context;
    question.decider = decider;
    question.principal = principal;
    question.resource = resource;
    question.at = at;
    question.action = action;
    question.reserved = 0;
    return trapkey_typed_decide(typed, &question, decision, verdict, error);
}

/** The record `mqtt`. */
typedef struct plant_mqtt {
    /** `clientId`: `String`. */
    trapkey_str_t client_id;
    /** `qos`: `Long`. */
    int64_t qos;
    /** `retain`: `Bool`. */
    bool retain;
    bool has_sparkplug_type;
    /** `sparkplugType`: `String`, if the flag before it is set. */
    trapkey_str_t sparkplug_type;
    /** `wildcard`: `Bool`. */
    bool wildcard;
} plant_mqtt;
static const trapkey_field_t plant_mqtt_fields[] = {
    {"clientId", offsetof(plant_mqtt, client_id), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"qos", offsetof(plant_mqtt, qos), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"retain", offsetof(plant_mqtt, retain), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
    {"sparkplugType", offsetof(plant_mqtt, sparkplug_type), offsetof(plant_mqtt, has_sparkplug_type), TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"wildcard", offsetof(plant_mqtt, wildcard), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_BOOL, sizeof(bool), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_mqtt_record = {
    plant_mqtt_fields, 5, sizeof(plant_mqtt)
};

/** The context of `Plant::Action::"mqtt.publishCommand"`. */
typedef struct plant_mqtt_publish_command_context {
    bool has_break_glass;
    /** `breakGlass`: `record`, if the flag before it is set. */
    plant_break_glass break_glass;
    /** `cred`: `record`. */
    plant_cred cred;
    /** `device`: `record`. */
    plant_device device;
    /** `env`: `record`. */
    plant_env env;
    /** `mqtt`: `record`. */
    plant_mqtt mqtt;
    /** `session`: `record`. */
    plant_session session;
    bool has_work_order;
    /** `workOrder`: `Plant::WorkOrder`, if the flag before it is set. */
    const trapkey_party_t *work_order;
} plant_mqtt_publish_command_context;
static const trapkey_field_t plant_mqtt_publish_command_context_fields[] = {
    {"breakGlass", offsetof(plant_mqtt_publish_command_context, break_glass), offsetof(plant_mqtt_publish_command_context, has_break_glass), TRAPKEY_FIELD_RECORD, sizeof(plant_break_glass), &plant_break_glass_record, NULL, NULL, 0, NULL},
    {"cred", offsetof(plant_mqtt_publish_command_context, cred), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_cred), &plant_cred_record, NULL, NULL, 0, NULL},
    {"device", offsetof(plant_mqtt_publish_command_context, device), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_device), &plant_device_record, NULL, NULL, 0, NULL},
    {"env", offsetof(plant_mqtt_publish_command_context, env), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_env), &plant_env_record, NULL, NULL, 0, NULL},
    {"mqtt", offsetof(plant_mqtt_publish_command_context, mqtt), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_mqtt), &plant_mqtt_record, NULL, NULL, 0, NULL},
    {"session", offsetof(plant_mqtt_publish_command_context, session), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_session), &plant_session_record, NULL, NULL, 0, NULL},
    {"workOrder", offsetof(plant_mqtt_publish_command_context, work_order), offsetof(plant_mqtt_publish_command_context, has_work_order), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_mqtt_publish_command_context_record = {
    plant_mqtt_publish_command_context_fields, 7, sizeof(plant_mqtt_publish_command_context)
};

/**
 * Decides a request for one of the actions whose context is `plant_mqtt_publish_command_context`; another is refused.
 * `at` is the instant of the request, or TRAPKEY_NO_INSTANT. Threads, memory, blocking:
 * as `trapkey_typed_decide`.
 */
static inline trapkey_status_t plant_decide_mqtt_publish_command_context(
    trapkey_typed_t *typed,
    trapkey_decider_t *decider,
    uint32_t action,
    const trapkey_party_t *principal,
    const trapkey_party_t *resource,
    const plant_mqtt_publish_command_context *context,
    int64_t at,
    trapkey_decision_t *decision,
    trapkey_verdict_t *verdict,
    trapkey_error_t **error)
{
    trapkey_question_t question;
    question.struct_size = sizeof(question);
    question.record = &plant_mqtt_publish_command_context_record;
    question.context = context;
    question.decider = decider;
    question.principal = principal;
    question.resource = resource;
    question.at = at;
    question.action = action;
    question.reserved = 0;
    return trapkey_typed_decide(typed, &question, decision, verdict, error);
}

/** The record `opcua`. */
typedef struct plant_opcua {
    /** `appUri`: `String`. */
    trapkey_str_t app_uri;
    /** `attr`: `Long`. */
    int64_t attr;
    bool has_method;
    /** `method`: `String`, if the flag before it is set. */
    trapkey_str_t method;
    /** `securityMode`: `String`. */
    trapkey_str_t security_mode;
    bool has_value;
    /** `value`: `Long`, if the flag before it is set. */
    int64_t value;
} plant_opcua;
static const trapkey_field_t plant_opcua_fields[] = {
    {"appUri", offsetof(plant_opcua, app_uri), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"attr", offsetof(plant_opcua, attr), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
    {"method", offsetof(plant_opcua, method), offsetof(plant_opcua, has_method), TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"securityMode", offsetof(plant_opcua, security_mode), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_STRING, sizeof(trapkey_str_t), NULL, NULL, NULL, 0, NULL},
    {"value", offsetof(plant_opcua, value), offsetof(plant_opcua, has_value), TRAPKEY_FIELD_LONG, sizeof(int64_t), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_opcua_record = {
    plant_opcua_fields, 5, sizeof(plant_opcua)
};

/** The context of `Plant::Action::"opcua.browse"`. */
typedef struct plant_opcua_browse_context {
    bool has_break_glass;
    /** `breakGlass`: `record`, if the flag before it is set. */
    plant_break_glass break_glass;
    /** `cred`: `record`. */
    plant_cred cred;
    /** `device`: `record`. */
    plant_device device;
    /** `env`: `record`. */
    plant_env env;
    /** `opcua`: `record`. */
    plant_opcua opcua;
    /** `session`: `record`. */
    plant_session session;
    bool has_work_order;
    /** `workOrder`: `Plant::WorkOrder`, if the flag before it is set. */
    const trapkey_party_t *work_order;
} plant_opcua_browse_context;
static const trapkey_field_t plant_opcua_browse_context_fields[] = {
    {"breakGlass", offsetof(plant_opcua_browse_context, break_glass), offsetof(plant_opcua_browse_context, has_break_glass), TRAPKEY_FIELD_RECORD, sizeof(plant_break_glass), &plant_break_glass_record, NULL, NULL, 0, NULL},
    {"cred", offsetof(plant_opcua_browse_context, cred), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_cred), &plant_cred_record, NULL, NULL, 0, NULL},
    {"device", offsetof(plant_opcua_browse_context, device), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_device), &plant_device_record, NULL, NULL, 0, NULL},
    {"env", offsetof(plant_opcua_browse_context, env), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_env), &plant_env_record, NULL, NULL, 0, NULL},
    {"opcua", offsetof(plant_opcua_browse_context, opcua), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_opcua), &plant_opcua_record, NULL, NULL, 0, NULL},
    {"session", offsetof(plant_opcua_browse_context, session), TRAPKEY_FIELD_REQUIRED, TRAPKEY_FIELD_RECORD, sizeof(plant_session), &plant_session_record, NULL, NULL, 0, NULL},
    {"workOrder", offsetof(plant_opcua_browse_context, work_order), offsetof(plant_opcua_browse_context, has_work_order), TRAPKEY_FIELD_ENTITY, sizeof(trapkey_party_t *), NULL, NULL, NULL, 0, NULL},
};
static const trapkey_record_t plant_opcua_browse_context_record = {
    plant_opcua_browse_context_fields, 7, sizeof(plant_opcua_browse_context)
};

/**
 * Decides a request for one of the actions whose context is `plant_opcua_browse_context`; another is refused.
 * `at` is the instant of the request, or TRAPKEY_NO_INSTANT. Threads, memory, blocking:
 * as `trapkey_typed_decide`.
 */
static inline trapkey_status_t plant_decide_opcua_browse_context(
    trapkey_typed_t *typed,
    trapkey_decider_t *decider,
    uint32_t action,
    const trapkey_party_t *principal,
    const trapkey_party_t *resource,
    const plant_opcua_browse_context *context,
    int64_t at,
    trapkey_decision_t *decision,
    trapkey_verdict_t *verdict,
    trapkey_error_t **error)
{
    trapkey_question_t question;
    question.struct_size = sizeof(question);
    question.record = &plant_opcua_browse_context_record;
    question.context = context;
    question.decider = decider;
    question.principal = principal;
    question.resource = resource;
    question.at = at;
    question.action = action;
    question.reserved = 0;
    return trapkey_typed_decide(typed, &question, decision, verdict, error);
}

static const trapkey_action_t plant_actions[] = {
    {"Plant::Action", "ai.act", &plant_ai_act_context_record},
    {"Plant::Action", "ai.callTool", &plant_ai_act_context_record},
    {"Plant::Action", "ai.read", &plant_ai_act_context_record},
    {"Plant::Action", "api.read", &plant_api_read_context_record},
    {"Plant::Action", "api.servicePath", &plant_api_read_context_record},
    {"Plant::Action", "api.write", &plant_api_read_context_record},
    {"Plant::Action", "cip.forwardOpen", &plant_cip_forward_open_context_record},
    {"Plant::Action", "cip.read", &plant_cip_forward_open_context_record},
    {"Plant::Action", "cip.write", &plant_cip_forward_open_context_record},
    {"Plant::Action", "identity.enroll", &plant_api_read_context_record},
    {"Plant::Action", "identity.retire", &plant_api_read_context_record},
    {"Plant::Action", "modbus.diagnostics", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.fileRecord", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.identify", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.maskWrite", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.readBits", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.readRegisters", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.vendor", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.writeCoil", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.writeMultiple", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "modbus.writeRegister", &plant_modbus_diagnostics_context_record},
    {"Plant::Action", "mqtt.publishCommand", &plant_mqtt_publish_command_context_record},
    {"Plant::Action", "mqtt.publishData", &plant_mqtt_publish_command_context_record},
    {"Plant::Action", "mqtt.subscribe", &plant_mqtt_publish_command_context_record},
    {"Plant::Action", "opcua.browse", &plant_opcua_browse_context_record},
    {"Plant::Action", "opcua.call", &plant_opcua_browse_context_record},
    {"Plant::Action", "opcua.historyRead", &plant_opcua_browse_context_record},
    {"Plant::Action", "opcua.historyUpdate", &plant_opcua_browse_context_record},
    {"Plant::Action", "opcua.nodeManagement", &plant_opcua_browse_context_record},
    {"Plant::Action", "opcua.read", &plant_opcua_browse_context_record},
    {"Plant::Action", "opcua.roleManagement", &plant_opcua_browse_context_record},
    {"Plant::Action", "opcua.subscribe", &plant_opcua_browse_context_record},
    {"Plant::Action", "opcua.write", &plant_opcua_browse_context_record},
    {"Plant::Action", "plc.changeCredential", &plant_api_read_context_record},
    {"Plant::Action", "plc.changeMode", &plant_api_read_context_record},
    {"Plant::Action", "plc.firmwareUpdate", &plant_api_read_context_record},
    {"Plant::Action", "plc.onlineEdit", &plant_api_read_context_record},
    {"Plant::Action", "plc.programDownload", &plant_api_read_context_record},
    {"Plant::Action", "plc.programUpload", &plant_api_read_context_record},
    {"Plant::Action", "plc.read", &plant_api_read_context_record},
    {"Plant::Action", "plc.reset", &plant_api_read_context_record},
    {"Plant::Action", "plc.setAlarmLimits", &plant_api_read_context_record},
    {"Plant::Action", "plc.setTime", &plant_api_read_context_record},
    {"Plant::Action", "plc.write", &plant_api_read_context_record},
    {"Plant::Action", "policy.activate", &plant_api_read_context_record},
    {"Plant::Action", "policy.rollback", &plant_api_read_context_record},
    {"Plant::Action", "remote.fileTransfer", &plant_api_read_context_record},
    {"Plant::Action", "remote.session", &plant_api_read_context_record},
    {"Plant::Action", "safety.bypass", &plant_api_read_context_record},
    {"Plant::Action", "safety.force", &plant_api_read_context_record},
    {"Plant::Action", "safety.reset", &plant_api_read_context_record},
    {"Plant::Action", "safety.stop", &plant_api_read_context_record},
    {"Plant::Action", "secret.use", &plant_api_read_context_record},
};

/** The schema, for `trapkey_typed_new`. */
static const trapkey_schema_t plant_schema = {
    sizeof(trapkey_schema_t), "plant.cedarschema", PLANT_LAYOUT, plant_actions, 53
};

#ifdef __cplusplus
}
#endif

#endif
