// Requests of the schema `plant.cedarschema` as structs.
// Written by `trapkey generate rust`; write it anew when the schema changes.

/// Name of the schema.
pub const SCHEMA: &str = "plant.cedarschema";

/// The layout that follows from the schema.
pub const LAYOUT: trapkey::LayoutDigest =
    trapkey::LayoutDigest(0x79de_dea5_e297_c026_1010_d975_010e_8afc_u128.to_be_bytes());

/// Id of an entity of the type `Plant::Action`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action(pub String);

impl trapkey::EntityId for Action {
    const TYPE: &'static str = "Plant::Action";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::AiAgent`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AiAgent(pub String);

impl trapkey::EntityId for AiAgent {
    const TYPE: &'static str = "Plant::AiAgent";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Api`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Api(pub String);

impl trapkey::EntityId for Api {
    const TYPE: &'static str = "Plant::Api";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::ApiService`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiService(pub String);

impl trapkey::EntityId for ApiService {
    const TYPE: &'static str = "Plant::ApiService";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Area`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area(pub String);

impl trapkey::EntityId for Area {
    const TYPE: &'static str = "Plant::Area";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Asset`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset(pub String);

impl trapkey::EntityId for Asset {
    const TYPE: &'static str = "Plant::Asset";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Plant::AssetClass`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetClass {
    /// `cnc`
    Cnc,
    /// `drive`
    Drive,
    /// `gateway`
    Gateway,
    /// `historian`
    Historian,
    /// `hmi`
    Hmi,
    /// `plc`
    Plc,
    /// `robot`
    Robot,
    /// `sensor`
    Sensor,
    /// `workstation`
    Workstation,
}

impl trapkey::EntityId for AssetClass {
    const TYPE: &'static str = "Plant::AssetClass";

    fn id(&self) -> &str {
        match self {
            Self::Cnc => "cnc",
            Self::Drive => "drive",
            Self::Gateway => "gateway",
            Self::Historian => "historian",
            Self::Hmi => "hmi",
            Self::Plc => "plc",
            Self::Robot => "robot",
            Self::Sensor => "sensor",
            Self::Workstation => "workstation",
        }
    }
}

impl AssetClass {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "cnc" => Some(Self::Cnc),
            "drive" => Some(Self::Drive),
            "gateway" => Some(Self::Gateway),
            "historian" => Some(Self::Historian),
            "hmi" => Some(Self::Hmi),
            "plc" => Some(Self::Plc),
            "robot" => Some(Self::Robot),
            "sensor" => Some(Self::Sensor),
            "workstation" => Some(Self::Workstation),
            _ => None,
        }
    }
}

/// The entities of the type `Plant::Assurance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// `machine-dynamic`
    MachineDynamic,
    /// `mfa`
    Mfa,
    /// `none`
    None,
    /// `phishing-resistant`
    PhishingResistant,
    /// `single-factor`
    SingleFactor,
}

impl trapkey::EntityId for Assurance {
    const TYPE: &'static str = "Plant::Assurance";

    fn id(&self) -> &str {
        match self {
            Self::MachineDynamic => "machine-dynamic",
            Self::Mfa => "mfa",
            Self::None => "none",
            Self::PhishingResistant => "phishing-resistant",
            Self::SingleFactor => "single-factor",
        }
    }
}

impl Assurance {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "machine-dynamic" => Some(Self::MachineDynamic),
            "mfa" => Some(Self::Mfa),
            "none" => Some(Self::None),
            "phishing-resistant" => Some(Self::PhishingResistant),
            "single-factor" => Some(Self::SingleFactor),
            _ => None,
        }
    }
}

/// Id of an entity of the type `Plant::Cell`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(pub String);

impl trapkey::EntityId for Cell {
    const TYPE: &'static str = "Plant::Cell";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Plant::Compliance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compliance {
    /// `compliant`
    Compliant,
    /// `not-compliant`
    NotCompliant,
    /// `unknown`
    Unknown,
}

impl trapkey::EntityId for Compliance {
    const TYPE: &'static str = "Plant::Compliance";

    fn id(&self) -> &str {
        match self {
            Self::Compliant => "compliant",
            Self::NotCompliant => "not-compliant",
            Self::Unknown => "unknown",
        }
    }
}

impl Compliance {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "compliant" => Some(Self::Compliant),
            "not-compliant" => Some(Self::NotCompliant),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// Id of an entity of the type `Plant::Conduit`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conduit(pub String);

impl trapkey::EntityId for Conduit {
    const TYPE: &'static str = "Plant::Conduit";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Plant::CredKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CredKind {
    /// `api-key`
    ApiKey,
    /// `jwt-svid`
    JwtSvid,
    /// `mtls-cert`
    MtlsCert,
    /// `none`
    None,
    /// `oauth-token`
    OauthToken,
    /// `opcua-cert`
    OpcuaCert,
    /// `password`
    Password,
    /// `psk`
    Psk,
    /// `x509-svid`
    X509Svid,
}

impl trapkey::EntityId for CredKind {
    const TYPE: &'static str = "Plant::CredKind";

    fn id(&self) -> &str {
        match self {
            Self::ApiKey => "api-key",
            Self::JwtSvid => "jwt-svid",
            Self::MtlsCert => "mtls-cert",
            Self::None => "none",
            Self::OauthToken => "oauth-token",
            Self::OpcuaCert => "opcua-cert",
            Self::Password => "password",
            Self::Psk => "psk",
            Self::X509Svid => "x509-svid",
        }
    }
}

impl CredKind {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "api-key" => Some(Self::ApiKey),
            "jwt-svid" => Some(Self::JwtSvid),
            "mtls-cert" => Some(Self::MtlsCert),
            "none" => Some(Self::None),
            "oauth-token" => Some(Self::OauthToken),
            "opcua-cert" => Some(Self::OpcuaCert),
            "password" => Some(Self::Password),
            "psk" => Some(Self::Psk),
            "x509-svid" => Some(Self::X509Svid),
            _ => None,
        }
    }
}

/// Id of an entity of the type `Plant::Crew`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Crew(pub String);

impl trapkey::EntityId for Crew {
    const TYPE: &'static str = "Plant::Crew";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Plant::Criticality`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criticality {
    /// `critical`
    Critical,
    /// `production`
    Production,
    /// `safety`
    Safety,
    /// `support`
    Support,
}

impl trapkey::EntityId for Criticality {
    const TYPE: &'static str = "Plant::Criticality";

    fn id(&self) -> &str {
        match self {
            Self::Critical => "critical",
            Self::Production => "production",
            Self::Safety => "safety",
            Self::Support => "support",
        }
    }
}

impl Criticality {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "critical" => Some(Self::Critical),
            "production" => Some(Self::Production),
            "safety" => Some(Self::Safety),
            "support" => Some(Self::Support),
            _ => None,
        }
    }
}

/// The entities of the type `Plant::IdentityBasis`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityBasis {
    /// `brokered`
    Brokered,
    /// `cryptographic`
    Cryptographic,
    /// `network-only`
    NetworkOnly,
}

impl trapkey::EntityId for IdentityBasis {
    const TYPE: &'static str = "Plant::IdentityBasis";

    fn id(&self) -> &str {
        match self {
            Self::Brokered => "brokered",
            Self::Cryptographic => "cryptographic",
            Self::NetworkOnly => "network-only",
        }
    }
}

impl IdentityBasis {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "brokered" => Some(Self::Brokered),
            "cryptographic" => Some(Self::Cryptographic),
            "network-only" => Some(Self::NetworkOnly),
            _ => None,
        }
    }
}

/// Id of an entity of the type `Plant::LegacyPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegacyPrincipal(pub String);

impl trapkey::EntityId for LegacyPrincipal {
    const TYPE: &'static str = "Plant::LegacyPrincipal";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Line`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(pub String);

impl trapkey::EntityId for Line {
    const TYPE: &'static str = "Plant::Line";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Machine`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Machine(pub String);

impl trapkey::EntityId for Machine {
    const TYPE: &'static str = "Plant::Machine";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::NhiGroup`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NhiGroup(pub String);

impl trapkey::EntityId for NhiGroup {
    const TYPE: &'static str = "Plant::NhiGroup";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Plant::NhiState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NhiState {
    /// `active`
    Active,
    /// `orphaned`
    Orphaned,
    /// `retired`
    Retired,
    /// `suspended`
    Suspended,
}

impl trapkey::EntityId for NhiState {
    const TYPE: &'static str = "Plant::NhiState";

    fn id(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Orphaned => "orphaned",
            Self::Retired => "retired",
            Self::Suspended => "suspended",
        }
    }
}

impl NhiState {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "active" => Some(Self::Active),
            "orphaned" => Some(Self::Orphaned),
            "retired" => Some(Self::Retired),
            "suspended" => Some(Self::Suspended),
            _ => None,
        }
    }
}

/// Id of an entity of the type `Plant::Operator`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator(pub String);

impl trapkey::EntityId for Operator {
    const TYPE: &'static str = "Plant::Operator";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Point`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point(pub String);

impl trapkey::EntityId for Point {
    const TYPE: &'static str = "Plant::Point";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::PolicyBundle`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyBundle(pub String);

impl trapkey::EntityId for PolicyBundle {
    const TYPE: &'static str = "Plant::PolicyBundle";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Plant::RiskLevel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RiskLevel {
    /// `HIGH`
    High,
    /// `LOW`
    Low,
    /// `MEDIUM`
    Medium,
}

impl trapkey::EntityId for RiskLevel {
    const TYPE: &'static str = "Plant::RiskLevel";

    fn id(&self) -> &str {
        match self {
            Self::High => "HIGH",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
        }
    }
}

impl RiskLevel {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "HIGH" => Some(Self::High),
            "LOW" => Some(Self::Low),
            "MEDIUM" => Some(Self::Medium),
            _ => None,
        }
    }
}

/// Id of an entity of the type `Plant::Role`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(pub String);

impl trapkey::EntityId for Role {
    const TYPE: &'static str = "Plant::Role";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Plant::RunMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunMode {
    /// `maintenance`
    Maintenance,
    /// `program`
    Program,
    /// `remote`
    Remote,
    /// `run`
    Run,
    /// `stopped`
    Stopped,
    /// `unknown`
    Unknown,
}

impl trapkey::EntityId for RunMode {
    const TYPE: &'static str = "Plant::RunMode";

    fn id(&self) -> &str {
        match self {
            Self::Maintenance => "maintenance",
            Self::Program => "program",
            Self::Remote => "remote",
            Self::Run => "run",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        }
    }
}

impl RunMode {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "maintenance" => Some(Self::Maintenance),
            "program" => Some(Self::Program),
            "remote" => Some(Self::Remote),
            "run" => Some(Self::Run),
            "stopped" => Some(Self::Stopped),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// Id of an entity of the type `Plant::SafetyAsset`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafetyAsset(pub String);

impl trapkey::EntityId for SafetyAsset {
    const TYPE: &'static str = "Plant::SafetyAsset";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Secret`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(pub String);

impl trapkey::EntityId for Secret {
    const TYPE: &'static str = "Plant::Secret";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Site`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site(pub String);

impl trapkey::EntityId for Site {
    const TYPE: &'static str = "Plant::Site";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Tool`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tool(pub String);

impl trapkey::EntityId for Tool {
    const TYPE: &'static str = "Plant::Tool";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Topic`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(pub String);

impl trapkey::EntityId for Topic {
    const TYPE: &'static str = "Plant::Topic";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::TrustDomain`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrustDomain(pub String);

impl trapkey::EntityId for TrustDomain {
    const TYPE: &'static str = "Plant::TrustDomain";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::VendorOrg`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendorOrg(pub String);

impl trapkey::EntityId for VendorOrg {
    const TYPE: &'static str = "Plant::VendorOrg";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::VendorTech`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendorTech(pub String);

impl trapkey::EntityId for VendorTech {
    const TYPE: &'static str = "Plant::VendorTech";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::WorkOrder`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkOrder(pub String);

impl trapkey::EntityId for WorkOrder {
    const TYPE: &'static str = "Plant::WorkOrder";

    fn id(&self) -> &str {
        &self.0
    }
}

/// The entities of the type `Plant::WorkOrderState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkOrderState {
    /// `cancelled`
    Cancelled,
    /// `closed`
    Closed,
    /// `draft`
    Draft,
    /// `released`
    Released,
}

impl trapkey::EntityId for WorkOrderState {
    const TYPE: &'static str = "Plant::WorkOrderState";

    fn id(&self) -> &str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
            Self::Draft => "draft",
            Self::Released => "released",
        }
    }
}

impl WorkOrderState {
    /// The entity with this id, if the schema has it.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "cancelled" => Some(Self::Cancelled),
            "closed" => Some(Self::Closed),
            "draft" => Some(Self::Draft),
            "released" => Some(Self::Released),
            _ => None,
        }
    }
}

/// Id of an entity of the type `Plant::Workload`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Workload(pub String);

impl trapkey::EntityId for Workload {
    const TYPE: &'static str = "Plant::Workload";

    fn id(&self) -> &str {
        &self.0
    }
}

/// Id of an entity of the type `Plant::Zone`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zone(pub String);

impl trapkey::EntityId for Zone {
    const TYPE: &'static str = "Plant::Zone";

    fn id(&self) -> &str {
        &self.0
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AiActResource {
    /// Of the type `Plant::Api`.
    Api(Api),
    /// Of the type `Plant::ApiService`.
    ApiService(ApiService),
    /// Of the type `Plant::Asset`.
    Asset(Asset),
    /// Of the type `Plant::Point`.
    Point(Point),
}

impl AiActResource {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Api(id) => trapkey::EntityId::names(id),
            Self::ApiService(id) => trapkey::EntityId::names(id),
            Self::Asset(id) => trapkey::EntityId::names(id),
            Self::Point(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Api> for AiActResource {
    fn from(id: Api) -> Self {
        Self::Api(id)
    }
}

impl From<ApiService> for AiActResource {
    fn from(id: ApiService) -> Self {
        Self::ApiService(id)
    }
}

impl From<Asset> for AiActResource {
    fn from(id: Asset) -> Self {
        Self::Asset(id)
    }
}

impl From<Point> for AiActResource {
    fn from(id: Point) -> Self {
        Self::Point(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiReadPrincipal {
    /// Of the type `Plant::AiAgent`.
    AiAgent(AiAgent),
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::VendorTech`.
    VendorTech(VendorTech),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl ApiReadPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::AiAgent(id) => trapkey::EntityId::names(id),
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::VendorTech(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<AiAgent> for ApiReadPrincipal {
    fn from(id: AiAgent) -> Self {
        Self::AiAgent(id)
    }
}

impl From<Machine> for ApiReadPrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Operator> for ApiReadPrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<VendorTech> for ApiReadPrincipal {
    fn from(id: VendorTech) -> Self {
        Self::VendorTech(id)
    }
}

impl From<Workload> for ApiReadPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiReadResource {
    /// Of the type `Plant::Api`.
    Api(Api),
    /// Of the type `Plant::ApiService`.
    ApiService(ApiService),
}

impl ApiReadResource {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Api(id) => trapkey::EntityId::names(id),
            Self::ApiService(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Api> for ApiReadResource {
    fn from(id: Api) -> Self {
        Self::Api(id)
    }
}

impl From<ApiService> for ApiReadResource {
    fn from(id: ApiService) -> Self {
        Self::ApiService(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CipForwardOpenPrincipal {
    /// Of the type `Plant::LegacyPrincipal`.
    LegacyPrincipal(LegacyPrincipal),
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl CipForwardOpenPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::LegacyPrincipal(id) => trapkey::EntityId::names(id),
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<LegacyPrincipal> for CipForwardOpenPrincipal {
    fn from(id: LegacyPrincipal) -> Self {
        Self::LegacyPrincipal(id)
    }
}

impl From<Machine> for CipForwardOpenPrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Workload> for CipForwardOpenPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CipReadPrincipal {
    /// Of the type `Plant::AiAgent`.
    AiAgent(AiAgent),
    /// Of the type `Plant::LegacyPrincipal`.
    LegacyPrincipal(LegacyPrincipal),
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::VendorTech`.
    VendorTech(VendorTech),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl CipReadPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::AiAgent(id) => trapkey::EntityId::names(id),
            Self::LegacyPrincipal(id) => trapkey::EntityId::names(id),
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::VendorTech(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<AiAgent> for CipReadPrincipal {
    fn from(id: AiAgent) -> Self {
        Self::AiAgent(id)
    }
}

impl From<LegacyPrincipal> for CipReadPrincipal {
    fn from(id: LegacyPrincipal) -> Self {
        Self::LegacyPrincipal(id)
    }
}

impl From<Machine> for CipReadPrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Operator> for CipReadPrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<VendorTech> for CipReadPrincipal {
    fn from(id: VendorTech) -> Self {
        Self::VendorTech(id)
    }
}

impl From<Workload> for CipReadPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CipReadResource {
    /// Of the type `Plant::Asset`.
    Asset(Asset),
    /// Of the type `Plant::Point`.
    Point(Point),
}

impl CipReadResource {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Asset(id) => trapkey::EntityId::names(id),
            Self::Point(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Asset> for CipReadResource {
    fn from(id: Asset) -> Self {
        Self::Asset(id)
    }
}

impl From<Point> for CipReadResource {
    fn from(id: Point) -> Self {
        Self::Point(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CipWritePrincipal {
    /// Of the type `Plant::LegacyPrincipal`.
    LegacyPrincipal(LegacyPrincipal),
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::VendorTech`.
    VendorTech(VendorTech),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl CipWritePrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::LegacyPrincipal(id) => trapkey::EntityId::names(id),
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::VendorTech(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<LegacyPrincipal> for CipWritePrincipal {
    fn from(id: LegacyPrincipal) -> Self {
        Self::LegacyPrincipal(id)
    }
}

impl From<Machine> for CipWritePrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Operator> for CipWritePrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<VendorTech> for CipWritePrincipal {
    fn from(id: VendorTech) -> Self {
        Self::VendorTech(id)
    }
}

impl From<Workload> for CipWritePrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityEnrollPrincipal {
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl IdentityEnrollPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Operator> for IdentityEnrollPrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<Workload> for IdentityEnrollPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityEnrollResource {
    /// Of the type `Plant::Asset`.
    Asset(Asset),
    /// Of the type `Plant::PolicyBundle`.
    PolicyBundle(PolicyBundle),
}

impl IdentityEnrollResource {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Asset(id) => trapkey::EntityId::names(id),
            Self::PolicyBundle(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Asset> for IdentityEnrollResource {
    fn from(id: Asset) -> Self {
        Self::Asset(id)
    }
}

impl From<PolicyBundle> for IdentityEnrollResource {
    fn from(id: PolicyBundle) -> Self {
        Self::PolicyBundle(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModbusDiagnosticsPrincipal {
    /// Of the type `Plant::LegacyPrincipal`.
    LegacyPrincipal(LegacyPrincipal),
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::VendorTech`.
    VendorTech(VendorTech),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl ModbusDiagnosticsPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::LegacyPrincipal(id) => trapkey::EntityId::names(id),
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::VendorTech(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<LegacyPrincipal> for ModbusDiagnosticsPrincipal {
    fn from(id: LegacyPrincipal) -> Self {
        Self::LegacyPrincipal(id)
    }
}

impl From<Operator> for ModbusDiagnosticsPrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<VendorTech> for ModbusDiagnosticsPrincipal {
    fn from(id: VendorTech) -> Self {
        Self::VendorTech(id)
    }
}

impl From<Workload> for ModbusDiagnosticsPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModbusFileRecordPrincipal {
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::VendorTech`.
    VendorTech(VendorTech),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl ModbusFileRecordPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::VendorTech(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Operator> for ModbusFileRecordPrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<VendorTech> for ModbusFileRecordPrincipal {
    fn from(id: VendorTech) -> Self {
        Self::VendorTech(id)
    }
}

impl From<Workload> for ModbusFileRecordPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ModbusIdentifyPrincipal {
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::VendorTech`.
    VendorTech(VendorTech),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl ModbusIdentifyPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::VendorTech(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Machine> for ModbusIdentifyPrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Operator> for ModbusIdentifyPrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<VendorTech> for ModbusIdentifyPrincipal {
    fn from(id: VendorTech) -> Self {
        Self::VendorTech(id)
    }
}

impl From<Workload> for ModbusIdentifyPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MqttPublishCommandPrincipal {
    /// Of the type `Plant::AiAgent`.
    AiAgent(AiAgent),
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl MqttPublishCommandPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::AiAgent(id) => trapkey::EntityId::names(id),
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<AiAgent> for MqttPublishCommandPrincipal {
    fn from(id: AiAgent) -> Self {
        Self::AiAgent(id)
    }
}

impl From<Machine> for MqttPublishCommandPrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Operator> for MqttPublishCommandPrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<Workload> for MqttPublishCommandPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MqttPublishDataPrincipal {
    /// Of the type `Plant::AiAgent`.
    AiAgent(AiAgent),
    /// Of the type `Plant::LegacyPrincipal`.
    LegacyPrincipal(LegacyPrincipal),
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl MqttPublishDataPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::AiAgent(id) => trapkey::EntityId::names(id),
            Self::LegacyPrincipal(id) => trapkey::EntityId::names(id),
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<AiAgent> for MqttPublishDataPrincipal {
    fn from(id: AiAgent) -> Self {
        Self::AiAgent(id)
    }
}

impl From<LegacyPrincipal> for MqttPublishDataPrincipal {
    fn from(id: LegacyPrincipal) -> Self {
        Self::LegacyPrincipal(id)
    }
}

impl From<Machine> for MqttPublishDataPrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Workload> for MqttPublishDataPrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MqttSubscribePrincipal {
    /// Of the type `Plant::AiAgent`.
    AiAgent(AiAgent),
    /// Of the type `Plant::LegacyPrincipal`.
    LegacyPrincipal(LegacyPrincipal),
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl MqttSubscribePrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::AiAgent(id) => trapkey::EntityId::names(id),
            Self::LegacyPrincipal(id) => trapkey::EntityId::names(id),
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<AiAgent> for MqttSubscribePrincipal {
    fn from(id: AiAgent) -> Self {
        Self::AiAgent(id)
    }
}

impl From<LegacyPrincipal> for MqttSubscribePrincipal {
    fn from(id: LegacyPrincipal) -> Self {
        Self::LegacyPrincipal(id)
    }
}

impl From<Machine> for MqttSubscribePrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Operator> for MqttSubscribePrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<Workload> for MqttSubscribePrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlcChangeCredentialResource {
    /// Of the type `Plant::Asset`.
    Asset(Asset),
    /// Of the type `Plant::SafetyAsset`.
    SafetyAsset(SafetyAsset),
}

impl PlcChangeCredentialResource {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Asset(id) => trapkey::EntityId::names(id),
            Self::SafetyAsset(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Asset> for PlcChangeCredentialResource {
    fn from(id: Asset) -> Self {
        Self::Asset(id)
    }
}

impl From<SafetyAsset> for PlcChangeCredentialResource {
    fn from(id: SafetyAsset) -> Self {
        Self::SafetyAsset(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlcReadResource {
    /// Of the type `Plant::Asset`.
    Asset(Asset),
    /// Of the type `Plant::Point`.
    Point(Point),
    /// Of the type `Plant::SafetyAsset`.
    SafetyAsset(SafetyAsset),
}

impl PlcReadResource {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Asset(id) => trapkey::EntityId::names(id),
            Self::Point(id) => trapkey::EntityId::names(id),
            Self::SafetyAsset(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Asset> for PlcReadResource {
    fn from(id: Asset) -> Self {
        Self::Asset(id)
    }
}

impl From<Point> for PlcReadResource {
    fn from(id: Point) -> Self {
        Self::Point(id)
    }
}

impl From<SafetyAsset> for PlcReadResource {
    fn from(id: SafetyAsset) -> Self {
        Self::SafetyAsset(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RemoteFileTransferPrincipal {
    /// Of the type `Plant::Operator`.
    Operator(Operator),
    /// Of the type `Plant::VendorTech`.
    VendorTech(VendorTech),
}

impl RemoteFileTransferPrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::Operator(id) => trapkey::EntityId::names(id),
            Self::VendorTech(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<Operator> for RemoteFileTransferPrincipal {
    fn from(id: Operator) -> Self {
        Self::Operator(id)
    }
}

impl From<VendorTech> for RemoteFileTransferPrincipal {
    fn from(id: VendorTech) -> Self {
        Self::VendorTech(id)
    }
}

/// An entity of one of several types.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecretUsePrincipal {
    /// Of the type `Plant::AiAgent`.
    AiAgent(AiAgent),
    /// Of the type `Plant::Machine`.
    Machine(Machine),
    /// Of the type `Plant::Workload`.
    Workload(Workload),
}

impl SecretUsePrincipal {
    /// Type name and id.
    pub fn names(&self) -> (&str, &str) {
        match self {
            Self::AiAgent(id) => trapkey::EntityId::names(id),
            Self::Machine(id) => trapkey::EntityId::names(id),
            Self::Workload(id) => trapkey::EntityId::names(id),
        }
    }
}

impl From<AiAgent> for SecretUsePrincipal {
    fn from(id: AiAgent) -> Self {
        Self::AiAgent(id)
    }
}

impl From<Machine> for SecretUsePrincipal {
    fn from(id: Machine) -> Self {
        Self::Machine(id)
    }
}

impl From<Workload> for SecretUsePrincipal {
    fn from(id: Workload) -> Self {
        Self::Workload(id)
    }
}

/// The context of `Plant::Action::"ai.act"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiActContext {
    /// `ai`: `record`.
    pub ai: Ai,
    /// `breakGlass`: `record`.
    pub break_glass: Option<BreakGlass>,
    /// `cred`: `record`.
    pub cred: Cred,
    /// `device`: `record`.
    pub device: Device,
    /// `env`: `record`.
    pub env: Env,
    /// `session`: `record`.
    pub session: Session,
    /// `workOrder`: `Plant::WorkOrder`.
    pub work_order: Option<WorkOrder>,
}

impl trapkey::FieldValue for AiActContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("ai", &self.ai)?;
        record.optional("breakGlass", self.break_glass.as_ref())?;
        record.field("cred", &self.cred)?;
        record.field("device", &self.device)?;
        record.field("env", &self.env)?;
        record.field("session", &self.session)?;
        record.optional("workOrder", self.work_order.as_ref())?;
        record.finish()
    }
}

/// The record `ai`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ai {
    /// `callsThisTask`: `Long`.
    pub calls_this_task: i64,
    /// `chainDepth`: `Long`.
    pub chain_depth: i64,
    /// `humanApproved`: `Bool`.
    pub human_approved: bool,
    /// `modelDigest`: `String`.
    pub model_digest: String,
    /// `onBehalfOf`: `Plant::Operator`.
    pub on_behalf_of: Option<Operator>,
    /// `taskId`: `String`.
    pub task_id: String,
}

impl trapkey::FieldValue for Ai {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("callsThisTask", &self.calls_this_task)?;
        record.field("chainDepth", &self.chain_depth)?;
        record.field("humanApproved", &self.human_approved)?;
        record.field("modelDigest", &self.model_digest)?;
        record.optional("onBehalfOf", self.on_behalf_of.as_ref())?;
        record.field("taskId", &self.task_id)?;
        record.finish()
    }
}

/// The record `breakGlass`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlass {
    /// `first`: `Plant::Operator`.
    pub first: Operator,
    /// `openedAt`: `datetime`.
    pub opened_at: trapkey::Datetime,
    /// `reason`: `String`.
    pub reason: String,
    /// `second`: `Plant::Operator`.
    pub second: Operator,
    /// `ticket`: `String`.
    pub ticket: String,
}

impl trapkey::FieldValue for BreakGlass {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("first", &self.first)?;
        record.field("openedAt", &self.opened_at)?;
        record.field("reason", &self.reason)?;
        record.field("second", &self.second)?;
        record.field("ticket", &self.ticket)?;
        record.finish()
    }
}

/// The record `cred`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cred {
    /// `age`: `duration`.
    pub age: trapkey::Duration,
    /// `basis`: `Plant::IdentityBasis`.
    pub basis: IdentityBasis,
    /// `boundToTask`: `Plant::WorkOrder`.
    pub bound_to_task: Option<WorkOrder>,
    /// `expiresIn`: `duration`.
    pub expires_in: trapkey::Duration,
    /// `exposed`: `Bool`.
    pub exposed: bool,
    /// `holdersSeen`: `Long`.
    pub holders_seen: i64,
    /// `id`: `String`.
    pub id: String,
    /// `kind`: `Plant::CredKind`.
    pub kind: CredKind,
}

impl trapkey::FieldValue for Cred {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("age", &self.age)?;
        record.field("basis", &self.basis)?;
        record.optional("boundToTask", self.bound_to_task.as_ref())?;
        record.field("expiresIn", &self.expires_in)?;
        record.field("exposed", &self.exposed)?;
        record.field("holdersSeen", &self.holders_seen)?;
        record.field("id", &self.id)?;
        record.field("kind", &self.kind)?;
        record.finish()
    }
}

/// The record `device`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// `attestAge`: `duration`.
    pub attest_age: trapkey::Duration,
    /// `attested`: `Bool`.
    pub attested: bool,
    /// `compliance`: `Plant::Compliance`.
    pub compliance: Compliance,
    /// `firmwareApproved`: `Bool`.
    pub firmware_approved: bool,
    /// `score`: `Long`.
    pub score: i64,
}

impl trapkey::FieldValue for Device {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("attestAge", &self.attest_age)?;
        record.field("attested", &self.attested)?;
        record.field("compliance", &self.compliance)?;
        record.field("firmwareApproved", &self.firmware_approved)?;
        record.field("score", &self.score)?;
        record.finish()
    }
}

/// The record `env`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Env {
    /// `clockTrusted`: `Bool`.
    pub clock_trusted: bool,
    /// `conduit`: `Plant::Conduit`.
    pub conduit: Option<Conduit>,
    /// `dataAge`: `duration`.
    pub data_age: trapkey::Duration,
    /// `location`: `Plant::Cell`.
    pub location: Option<Cell>,
    /// `maintenanceWindow`: `Bool`.
    pub maintenance_window: bool,
    /// `now`: `datetime`.
    pub now: trapkey::Datetime,
    /// `onShift`: `Bool`.
    pub on_shift: bool,
    /// `plantState`: `String`.
    pub plant_state: String,
    /// `sourceIp`: `ipaddr`.
    pub source_ip: trapkey::Ip,
    /// `sourceZone`: `Plant::Zone`.
    pub source_zone: Zone,
}

impl trapkey::FieldValue for Env {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("clockTrusted", &self.clock_trusted)?;
        record.optional("conduit", self.conduit.as_ref())?;
        record.field("dataAge", &self.data_age)?;
        record.optional("location", self.location.as_ref())?;
        record.field("maintenanceWindow", &self.maintenance_window)?;
        record.field("now", &self.now)?;
        record.field("onShift", &self.on_shift)?;
        record.field("plantState", &self.plant_state)?;
        record.field("sourceIp", &self.source_ip)?;
        record.field("sourceZone", &self.source_zone)?;
        record.finish()
    }
}

/// The record `session`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// `age`: `duration`.
    pub age: trapkey::Duration,
    /// `assurance`: `Plant::Assurance`.
    pub assurance: Assurance,
    /// `id`: `String`.
    pub id: String,
    /// `idle`: `duration`.
    pub idle: trapkey::Duration,
    /// `interactive`: `Bool`.
    pub interactive: bool,
    /// `recorded`: `Bool`.
    pub recorded: bool,
    /// `revoked`: `Bool`.
    pub revoked: bool,
    /// `risk`: `Plant::RiskLevel`.
    pub risk: RiskLevel,
    /// `viaJumpHost`: `Bool`.
    pub via_jump_host: bool,
}

impl trapkey::FieldValue for Session {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("age", &self.age)?;
        record.field("assurance", &self.assurance)?;
        record.field("id", &self.id)?;
        record.field("idle", &self.idle)?;
        record.field("interactive", &self.interactive)?;
        record.field("recorded", &self.recorded)?;
        record.field("revoked", &self.revoked)?;
        record.field("risk", &self.risk)?;
        record.field("viaJumpHost", &self.via_jump_host)?;
        record.finish()
    }
}

/// The context of `Plant::Action::"api.read"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiReadContext {
    /// `breakGlass`: `record`.
    pub break_glass: Option<BreakGlass>,
    /// `cred`: `record`.
    pub cred: Cred,
    /// `device`: `record`.
    pub device: Device,
    /// `env`: `record`.
    pub env: Env,
    /// `session`: `record`.
    pub session: Session,
    /// `workOrder`: `Plant::WorkOrder`.
    pub work_order: Option<WorkOrder>,
}

impl trapkey::FieldValue for ApiReadContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.optional("breakGlass", self.break_glass.as_ref())?;
        record.field("cred", &self.cred)?;
        record.field("device", &self.device)?;
        record.field("env", &self.env)?;
        record.field("session", &self.session)?;
        record.optional("workOrder", self.work_order.as_ref())?;
        record.finish()
    }
}

/// The context of `Plant::Action::"cip.forwardOpen"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipForwardOpenContext {
    /// `breakGlass`: `record`.
    pub break_glass: Option<BreakGlass>,
    /// `cip`: `record`.
    pub cip: Cip,
    /// `cred`: `record`.
    pub cred: Cred,
    /// `device`: `record`.
    pub device: Device,
    /// `env`: `record`.
    pub env: Env,
    /// `session`: `record`.
    pub session: Session,
    /// `workOrder`: `Plant::WorkOrder`.
    pub work_order: Option<WorkOrder>,
}

impl trapkey::FieldValue for CipForwardOpenContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.optional("breakGlass", self.break_glass.as_ref())?;
        record.field("cip", &self.cip)?;
        record.field("cred", &self.cred)?;
        record.field("device", &self.device)?;
        record.field("env", &self.env)?;
        record.field("session", &self.session)?;
        record.optional("workOrder", self.work_order.as_ref())?;
        record.finish()
    }
}

/// The record `cip`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cip {
    /// `attribute`: `Long`.
    pub attribute: i64,
    /// `cls`: `Long`.
    pub cls: i64,
    /// `inst`: `Long`.
    pub inst: i64,
    /// `service`: `Long`.
    pub service: i64,
}

impl trapkey::FieldValue for Cip {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("attribute", &self.attribute)?;
        record.field("cls", &self.cls)?;
        record.field("inst", &self.inst)?;
        record.field("service", &self.service)?;
        record.finish()
    }
}

/// The context of `Plant::Action::"modbus.diagnostics"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusDiagnosticsContext {
    /// `breakGlass`: `record`.
    pub break_glass: Option<BreakGlass>,
    /// `cred`: `record`.
    pub cred: Cred,
    /// `device`: `record`.
    pub device: Device,
    /// `env`: `record`.
    pub env: Env,
    /// `modbus`: `record`.
    pub modbus: Modbus,
    /// `session`: `record`.
    pub session: Session,
    /// `workOrder`: `Plant::WorkOrder`.
    pub work_order: Option<WorkOrder>,
}

impl trapkey::FieldValue for ModbusDiagnosticsContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.optional("breakGlass", self.break_glass.as_ref())?;
        record.field("cred", &self.cred)?;
        record.field("device", &self.device)?;
        record.field("env", &self.env)?;
        record.field("modbus", &self.modbus)?;
        record.field("session", &self.session)?;
        record.optional("workOrder", self.work_order.as_ref())?;
        record.finish()
    }
}

/// The record `modbus`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modbus {
    /// `addr`: `Long`.
    pub addr: i64,
    /// `broadcast`: `Bool`.
    pub broadcast: bool,
    /// `fc`: `Long`.
    pub fc: i64,
    /// `prev`: `Long`.
    pub prev: Option<i64>,
    /// `qty`: `Long`.
    pub qty: i64,
    /// `unit`: `Long`.
    pub unit: i64,
    /// `value`: `Long`.
    pub value: Option<i64>,
}

impl trapkey::FieldValue for Modbus {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("addr", &self.addr)?;
        record.field("broadcast", &self.broadcast)?;
        record.field("fc", &self.fc)?;
        record.optional("prev", self.prev.as_ref())?;
        record.field("qty", &self.qty)?;
        record.field("unit", &self.unit)?;
        record.optional("value", self.value.as_ref())?;
        record.finish()
    }
}

/// The context of `Plant::Action::"mqtt.publishCommand"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttPublishCommandContext {
    /// `breakGlass`: `record`.
    pub break_glass: Option<BreakGlass>,
    /// `cred`: `record`.
    pub cred: Cred,
    /// `device`: `record`.
    pub device: Device,
    /// `env`: `record`.
    pub env: Env,
    /// `mqtt`: `record`.
    pub mqtt: Mqtt,
    /// `session`: `record`.
    pub session: Session,
    /// `workOrder`: `Plant::WorkOrder`.
    pub work_order: Option<WorkOrder>,
}

impl trapkey::FieldValue for MqttPublishCommandContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.optional("breakGlass", self.break_glass.as_ref())?;
        record.field("cred", &self.cred)?;
        record.field("device", &self.device)?;
        record.field("env", &self.env)?;
        record.field("mqtt", &self.mqtt)?;
        record.field("session", &self.session)?;
        record.optional("workOrder", self.work_order.as_ref())?;
        record.finish()
    }
}

/// The record `mqtt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mqtt {
    /// `clientId`: `String`.
    pub client_id: String,
    /// `qos`: `Long`.
    pub qos: i64,
    /// `retain`: `Bool`.
    pub retain: bool,
    /// `sparkplugType`: `String`.
    pub sparkplug_type: Option<String>,
    /// `wildcard`: `Bool`.
    pub wildcard: bool,
}

impl trapkey::FieldValue for Mqtt {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("clientId", &self.client_id)?;
        record.field("qos", &self.qos)?;
        record.field("retain", &self.retain)?;
        record.optional("sparkplugType", self.sparkplug_type.as_ref())?;
        record.field("wildcard", &self.wildcard)?;
        record.finish()
    }
}

/// The context of `Plant::Action::"opcua.browse"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaBrowseContext {
    /// `breakGlass`: `record`.
    pub break_glass: Option<BreakGlass>,
    /// `cred`: `record`.
    pub cred: Cred,
    /// `device`: `record`.
    pub device: Device,
    /// `env`: `record`.
    pub env: Env,
    /// `opcua`: `record`.
    pub opcua: Opcua,
    /// `session`: `record`.
    pub session: Session,
    /// `workOrder`: `Plant::WorkOrder`.
    pub work_order: Option<WorkOrder>,
}

impl trapkey::FieldValue for OpcuaBrowseContext {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.optional("breakGlass", self.break_glass.as_ref())?;
        record.field("cred", &self.cred)?;
        record.field("device", &self.device)?;
        record.field("env", &self.env)?;
        record.field("opcua", &self.opcua)?;
        record.field("session", &self.session)?;
        record.optional("workOrder", self.work_order.as_ref())?;
        record.finish()
    }
}

/// The record `opcua`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opcua {
    /// `appUri`: `String`.
    pub app_uri: String,
    /// `attr`: `Long`.
    pub attr: i64,
    /// `method`: `String`.
    pub method: Option<String>,
    /// `securityMode`: `String`.
    pub security_mode: String,
    /// `value`: `Long`.
    pub value: Option<i64>,
}

impl trapkey::FieldValue for Opcua {
    fn write(&self, to: trapkey::FieldWriter<'_>) -> Result<trapkey::Written, trapkey::RowError> {
        let mut record = to.record()?;
        record.field("appUri", &self.app_uri)?;
        record.field("attr", &self.attr)?;
        record.optional("method", self.method.as_ref())?;
        record.field("securityMode", &self.security_mode)?;
        record.optional("value", self.value.as_ref())?;
        record.finish()
    }
}

/// A request for `Plant::Action::"ai.act"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiAct {
    /// Who asks.
    pub principal: AiAgent,
    /// What is acted on.
    pub resource: AiActResource,
    /// Under which circumstances.
    pub context: AiActContext,
}

impl trapkey::TypedRequest for AiAct {
    type Context = AiActContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "ai.act";

    fn principal(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.principal)
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"ai.callTool"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiCallTool {
    /// Who asks.
    pub principal: AiAgent,
    /// What is acted on.
    pub resource: Tool,
    /// Under which circumstances.
    pub context: AiActContext,
}

impl trapkey::TypedRequest for AiCallTool {
    type Context = AiActContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "ai.callTool";

    fn principal(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.principal)
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"ai.read"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AiRead {
    /// Who asks.
    pub principal: AiAgent,
    /// What is acted on.
    pub resource: AiActResource,
    /// Under which circumstances.
    pub context: AiActContext,
}

impl trapkey::TypedRequest for AiRead {
    type Context = AiActContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "ai.read";

    fn principal(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.principal)
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"api.read"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRead {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: ApiReadResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for ApiRead {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "api.read";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"api.servicePath"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiServicePath {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: ApiReadResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for ApiServicePath {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "api.servicePath";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"api.write"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiWrite {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: ApiReadResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for ApiWrite {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "api.write";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"cip.forwardOpen"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipForwardOpen {
    /// Who asks.
    pub principal: CipForwardOpenPrincipal,
    /// What is acted on.
    pub resource: Asset,
    /// Under which circumstances.
    pub context: CipForwardOpenContext,
}

impl trapkey::TypedRequest for CipForwardOpen {
    type Context = CipForwardOpenContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "cip.forwardOpen";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"cip.read"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipRead {
    /// Who asks.
    pub principal: CipReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: CipForwardOpenContext,
}

impl trapkey::TypedRequest for CipRead {
    type Context = CipForwardOpenContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "cip.read";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"cip.write"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipWrite {
    /// Who asks.
    pub principal: CipWritePrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: CipForwardOpenContext,
}

impl trapkey::TypedRequest for CipWrite {
    type Context = CipForwardOpenContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "cip.write";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"identity.enroll"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityEnroll {
    /// Who asks.
    pub principal: IdentityEnrollPrincipal,
    /// What is acted on.
    pub resource: IdentityEnrollResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for IdentityEnroll {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "identity.enroll";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"identity.retire"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRetire {
    /// Who asks.
    pub principal: IdentityEnrollPrincipal,
    /// What is acted on.
    pub resource: IdentityEnrollResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for IdentityRetire {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "identity.retire";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.diagnostics"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusDiagnostics {
    /// Who asks.
    pub principal: ModbusDiagnosticsPrincipal,
    /// What is acted on.
    pub resource: Asset,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusDiagnostics {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.diagnostics";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.fileRecord"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusFileRecord {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: Asset,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusFileRecord {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.fileRecord";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.identify"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusIdentify {
    /// Who asks.
    pub principal: ModbusIdentifyPrincipal,
    /// What is acted on.
    pub resource: Asset,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusIdentify {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.identify";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.maskWrite"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusMaskWrite {
    /// Who asks.
    pub principal: CipWritePrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusMaskWrite {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.maskWrite";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.readBits"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusReadBits {
    /// Who asks.
    pub principal: CipReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusReadBits {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.readBits";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.readRegisters"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusReadRegisters {
    /// Who asks.
    pub principal: CipReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusReadRegisters {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.readRegisters";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.vendor"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusVendor {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: Asset,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusVendor {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.vendor";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.writeCoil"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusWriteCoil {
    /// Who asks.
    pub principal: CipWritePrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusWriteCoil {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.writeCoil";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.writeMultiple"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusWriteMultiple {
    /// Who asks.
    pub principal: CipWritePrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusWriteMultiple {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.writeMultiple";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"modbus.writeRegister"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModbusWriteRegister {
    /// Who asks.
    pub principal: CipWritePrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: ModbusDiagnosticsContext,
}

impl trapkey::TypedRequest for ModbusWriteRegister {
    type Context = ModbusDiagnosticsContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "modbus.writeRegister";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"mqtt.publishCommand"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttPublishCommand {
    /// Who asks.
    pub principal: MqttPublishCommandPrincipal,
    /// What is acted on.
    pub resource: Topic,
    /// Under which circumstances.
    pub context: MqttPublishCommandContext,
}

impl trapkey::TypedRequest for MqttPublishCommand {
    type Context = MqttPublishCommandContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "mqtt.publishCommand";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"mqtt.publishData"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttPublishData {
    /// Who asks.
    pub principal: MqttPublishDataPrincipal,
    /// What is acted on.
    pub resource: Topic,
    /// Under which circumstances.
    pub context: MqttPublishCommandContext,
}

impl trapkey::TypedRequest for MqttPublishData {
    type Context = MqttPublishCommandContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "mqtt.publishData";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"mqtt.subscribe"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MqttSubscribe {
    /// Who asks.
    pub principal: MqttSubscribePrincipal,
    /// What is acted on.
    pub resource: Topic,
    /// Under which circumstances.
    pub context: MqttPublishCommandContext,
}

impl trapkey::TypedRequest for MqttSubscribe {
    type Context = MqttPublishCommandContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "mqtt.subscribe";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.browse"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaBrowse {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaBrowse {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.browse";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.call"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaCall {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaCall {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.call";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.historyRead"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaHistoryRead {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaHistoryRead {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.historyRead";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.historyUpdate"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaHistoryUpdate {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaHistoryUpdate {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.historyUpdate";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.nodeManagement"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaNodeManagement {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaNodeManagement {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.nodeManagement";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.read"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaRead {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaRead {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.read";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.roleManagement"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaRoleManagement {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaRoleManagement {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.roleManagement";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.subscribe"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaSubscribe {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaSubscribe {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.subscribe";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"opcua.write"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpcuaWrite {
    /// Who asks.
    pub principal: ApiReadPrincipal,
    /// What is acted on.
    pub resource: CipReadResource,
    /// Under which circumstances.
    pub context: OpcuaBrowseContext,
}

impl trapkey::TypedRequest for OpcuaWrite {
    type Context = OpcuaBrowseContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "opcua.write";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.changeCredential"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcChangeCredential {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcChangeCredential {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.changeCredential";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.changeMode"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcChangeMode {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcChangeMode {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.changeMode";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.firmwareUpdate"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcFirmwareUpdate {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcFirmwareUpdate {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.firmwareUpdate";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.onlineEdit"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcOnlineEdit {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcOnlineEdit {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.onlineEdit";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.programDownload"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcProgramDownload {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcProgramDownload {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.programDownload";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.programUpload"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcProgramUpload {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcProgramUpload {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.programUpload";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.read"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcRead {
    /// Who asks.
    pub principal: CipReadPrincipal,
    /// What is acted on.
    pub resource: PlcReadResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcRead {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.read";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.reset"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcReset {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcReset {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.reset";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.setAlarmLimits"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcSetAlarmLimits {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcSetAlarmLimits {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.setAlarmLimits";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.setTime"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcSetTime {
    /// Who asks.
    pub principal: ModbusFileRecordPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcSetTime {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.setTime";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"plc.write"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlcWrite {
    /// Who asks.
    pub principal: CipWritePrincipal,
    /// What is acted on.
    pub resource: PlcReadResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PlcWrite {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "plc.write";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"policy.activate"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyActivate {
    /// Who asks.
    pub principal: IdentityEnrollPrincipal,
    /// What is acted on.
    pub resource: IdentityEnrollResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PolicyActivate {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "policy.activate";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"policy.rollback"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRollback {
    /// Who asks.
    pub principal: IdentityEnrollPrincipal,
    /// What is acted on.
    pub resource: IdentityEnrollResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for PolicyRollback {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "policy.rollback";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"remote.fileTransfer"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFileTransfer {
    /// Who asks.
    pub principal: RemoteFileTransferPrincipal,
    /// What is acted on.
    pub resource: Asset,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for RemoteFileTransfer {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "remote.fileTransfer";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"remote.session"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteSession {
    /// Who asks.
    pub principal: RemoteFileTransferPrincipal,
    /// What is acted on.
    pub resource: Asset,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for RemoteSession {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "remote.session";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"safety.bypass"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyBypass {
    /// Who asks.
    pub principal: ModbusIdentifyPrincipal,
    /// What is acted on.
    pub resource: SafetyAsset,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for SafetyBypass {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "safety.bypass";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"safety.force"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyForce {
    /// Who asks.
    pub principal: ModbusIdentifyPrincipal,
    /// What is acted on.
    pub resource: SafetyAsset,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for SafetyForce {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "safety.force";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"safety.reset"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyReset {
    /// Who asks.
    pub principal: ModbusIdentifyPrincipal,
    /// What is acted on.
    pub resource: SafetyAsset,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for SafetyReset {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "safety.reset";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"safety.stop"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyStop {
    /// Who asks.
    pub principal: CipReadPrincipal,
    /// What is acted on.
    pub resource: PlcChangeCredentialResource,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for SafetyStop {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "safety.stop";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        self.resource.names()
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}

/// A request for `Plant::Action::"secret.use"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretUse {
    /// Who asks.
    pub principal: SecretUsePrincipal,
    /// What is acted on.
    pub resource: Secret,
    /// Under which circumstances.
    pub context: ApiReadContext,
}

impl trapkey::TypedRequest for SecretUse {
    type Context = ApiReadContext;

    const SCHEMA: &'static str = SCHEMA;
    const LAYOUT: trapkey::LayoutDigest = LAYOUT;
    const ACTION_TYPE: &'static str = "Plant::Action";
    const ACTION_ID: &'static str = "secret.use";

    fn principal(&self) -> (&str, &str) {
        self.principal.names()
    }

    fn resource(&self) -> (&str, &str) {
        trapkey::EntityId::names(&self.resource)
    }

    fn context(&self) -> &Self::Context {
        &self.context
    }
}
