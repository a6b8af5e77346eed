//! Where rows hold what the rules read, and the entities that the rules name: looked up once.

#![expect(clippy::expect_used, reason = "a set-up that fails must stop the bench")]

use trapkey::{GatherTable, Handle, Model, Record, Type};
use trapkey_abi::{FieldLayout, Path, RecordLayout, RowLayout, header};

/// An attribute and the byte that says whether it is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Optional {
    pub(super) value: usize,
    pub(super) presence: usize,
}

/// Offsets in bytes within rows. One name and type has one offset in all rows that have it.
#[derive(Clone, Debug)]
pub(super) struct Offsets {
    pub(super) env: Env,
    pub(super) session: Session,
    pub(super) cred: Cred,
    pub(super) device: Device,
    pub(super) context: Context,
    pub(super) order: Order,
    pub(super) principal: Principal,
    pub(super) resource: Resource,
    pub(super) ancestors: Ancestors,
}

#[derive(Clone, Debug)]
pub(super) struct Env {
    pub(super) now: usize,
    pub(super) clock_trusted: usize,
    pub(super) source_zone: usize,
    pub(super) location: Optional,
    pub(super) on_shift: usize,
    pub(super) maintenance_window: usize,
    pub(super) plant_state: usize,
    pub(super) conduit: Optional,
    pub(super) data_age: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) age: usize,
    pub(super) idle: usize,
    pub(super) assurance: usize,
    pub(super) interactive: usize,
    pub(super) recorded: usize,
    pub(super) via_jump_host: usize,
    pub(super) revoked: usize,
    pub(super) risk: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Cred {
    pub(super) kind: usize,
    pub(super) basis: usize,
    pub(super) age: usize,
    pub(super) expires_in: usize,
    pub(super) holders_seen: usize,
    pub(super) exposed: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) compliance: usize,
    pub(super) attested: usize,
    pub(super) attest_age: usize,
}

/// What else contexts hold, each kind of action its own.
#[derive(Clone, Debug)]
pub(super) struct Context {
    pub(super) work_order: Optional,
    pub(super) break_glass: usize,
    pub(super) glass_first: usize,
    pub(super) glass_second: usize,
    pub(super) glass_opened_at: usize,
    pub(super) modbus_value: Optional,
    pub(super) modbus_prev: Optional,
    pub(super) modbus_broadcast: usize,
    pub(super) opcua_security_mode: usize,
    pub(super) mqtt_wildcard: usize,
    pub(super) mqtt_retain: usize,
    pub(super) ai_human_approved: usize,
    pub(super) ai_chain_depth: usize,
    pub(super) ai_model_digest: usize,
    pub(super) ai_calls: usize,
}

/// A work order's row.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) state: usize,
    pub(super) opens_at: usize,
    pub(super) closes_at: usize,
    pub(super) allows: usize,
}

/// Rows of principals.
#[derive(Clone, Debug)]
pub(super) struct Principal {
    pub(super) active: usize,
    pub(super) contract_ends_at: usize,
    pub(super) training_valid_until: usize,
    pub(super) state: usize,
    pub(super) purpose: usize,
    pub(super) renewal_path: usize,
    pub(super) env: usize,
    pub(super) review_due_at: usize,
    pub(super) max_autonomy: usize,
    pub(super) model_digest: usize,
    pub(super) broker: usize,
}

/// Rows of resources, and of what they refer to.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) zone: usize,
    pub(super) cell: usize,
    pub(super) topic_cell: Optional,
    pub(super) asset: usize,
    pub(super) writable: usize,
    pub(super) safety_related: usize,
    pub(super) lo: usize,
    pub(super) hi: usize,
    pub(super) max_step: usize,
    pub(super) locked_out: usize,
    pub(super) person_in_cell: usize,
    pub(super) key_switch_program: usize,
    pub(super) effect: usize,
    pub(super) writes: usize,
    pub(super) island: usize,
    pub(super) conduit_enabled: usize,
    pub(super) conduit_from: usize,
    pub(super) conduit_to: usize,
}

/// Sets of ancestors by their type.
#[derive(Clone, Debug)]
pub(super) struct Ancestors {
    pub(super) roles: usize,
    pub(super) groups: usize,
    pub(super) orders: usize,
    pub(super) cells: usize,
    pub(super) services: usize,
}

impl Offsets {
    pub(super) fn new(model: &Model) -> Self {
        let entity = |name: &str| Shape::entity(model, name);
        let context = |action: &str| Shape::context(model, action);
        let common = context("plc.read");
        let (order, asset) = (entity("WorkOrder"), entity("Asset"));
        Self {
            env: Env::new(&common),
            session: Session::new(&common),
            cred: Cred {
                kind: common.at(&["cred", "kind"]),
                basis: common.at(&["cred", "basis"]),
                age: common.at(&["cred", "age"]),
                expires_in: common.at(&["cred", "expiresIn"]),
                holders_seen: common.at(&["cred", "holdersSeen"]),
                exposed: common.at(&["cred", "exposed"]),
            },
            device: Device {
                compliance: common.at(&["device", "compliance"]),
                attested: common.at(&["device", "attested"]),
                attest_age: common.at(&["device", "attestAge"]),
            },
            context: Context::new(model, &common),
            order: Order {
                state: order.at(&["state"]),
                opens_at: order.at(&["opensAt"]),
                closes_at: order.at(&["closesAt"]),
                allows: order.at(&["allows"]),
            },
            principal: Principal::new(model),
            resource: Resource::new(model, &asset),
            ancestors: Ancestors {
                roles: entity("Operator").ancestors("Role"),
                groups: entity("Workload").ancestors("NhiGroup"),
                orders: asset.ancestors("WorkOrder"),
                cells: entity("Workload").ancestors("Cell"),
                services: entity("Api").ancestors("ApiService"),
            },
        }
    }
}

impl Env {
    fn new(common: &Shape<'_>) -> Self {
        Self {
            now: common.at(&["env", "now"]),
            clock_trusted: common.at(&["env", "clockTrusted"]),
            source_zone: common.at(&["env", "sourceZone"]),
            location: common.optional(&["env", "location"]),
            on_shift: common.at(&["env", "onShift"]),
            maintenance_window: common.at(&["env", "maintenanceWindow"]),
            plant_state: common.at(&["env", "plantState"]),
            conduit: common.optional(&["env", "conduit"]),
            data_age: common.at(&["env", "dataAge"]),
        }
    }
}

impl Session {
    fn new(common: &Shape<'_>) -> Self {
        Self {
            age: common.at(&["session", "age"]),
            idle: common.at(&["session", "idle"]),
            assurance: common.at(&["session", "assurance"]),
            interactive: common.at(&["session", "interactive"]),
            recorded: common.at(&["session", "recorded"]),
            via_jump_host: common.at(&["session", "viaJumpHost"]),
            revoked: common.at(&["session", "revoked"]),
            risk: common.at(&["session", "risk"]),
        }
    }
}

impl Context {
    fn new(model: &Model, common: &Shape<'_>) -> Self {
        let context = |action: &str| Shape::context(model, action);
        let (modbus, opcua) = (context("modbus.writeRegister"), context("opcua.write"));
        let (mqtt, ai) = (context("mqtt.publishData"), context("ai.read"));
        Self {
            work_order: common.optional(&["workOrder"]),
            break_glass: common.optional(&["breakGlass"]).presence,
            glass_first: common.at(&["breakGlass", "first"]),
            glass_second: common.at(&["breakGlass", "second"]),
            glass_opened_at: common.at(&["breakGlass", "openedAt"]),
            modbus_value: modbus.optional(&["modbus", "value"]),
            modbus_prev: modbus.optional(&["modbus", "prev"]),
            modbus_broadcast: modbus.at(&["modbus", "broadcast"]),
            opcua_security_mode: opcua.at(&["opcua", "securityMode"]),
            mqtt_wildcard: mqtt.at(&["mqtt", "wildcard"]),
            mqtt_retain: mqtt.at(&["mqtt", "retain"]),
            ai_human_approved: ai.at(&["ai", "humanApproved"]),
            ai_chain_depth: ai.at(&["ai", "chainDepth"]),
            ai_model_digest: ai.at(&["ai", "modelDigest"]),
            ai_calls: ai.at(&["ai", "callsThisTask"]),
        }
    }
}

impl Principal {
    fn new(model: &Model) -> Self {
        let entity = |name: &str| Shape::entity(model, name);
        let (operator, vendor) = (entity("Operator"), entity("VendorTech"));
        let (workload, agent) = (entity("Workload"), entity("AiAgent"));
        Self {
            active: operator.at(&["active"]),
            contract_ends_at: vendor.at(&["contractEndsAt"]),
            training_valid_until: operator.at(&["trainingValidUntil"]),
            state: workload.at(&["state"]),
            purpose: workload.at(&["purpose"]),
            renewal_path: workload.at(&["renewalPath"]),
            env: workload.at(&["env"]),
            review_due_at: workload.at(&["reviewDueAt"]),
            max_autonomy: agent.at(&["maxAutonomy"]),
            model_digest: agent.at(&["modelDigest"]),
            broker: entity("LegacyPrincipal").at(&["broker"]),
        }
    }
}

impl Resource {
    fn new(model: &Model, asset: &Shape<'_>) -> Self {
        let entity = |name: &str| Shape::entity(model, name);
        let (point, conduit) = (entity("Point"), entity("Conduit"));
        Self {
            zone: asset.at(&["zone"]),
            cell: asset.at(&["cell"]),
            topic_cell: entity("Topic").optional(&["cell"]),
            asset: point.at(&["asset"]),
            writable: point.at(&["writable"]),
            safety_related: point.at(&["safetyRelated"]),
            lo: point.at(&["lo"]),
            hi: point.at(&["hi"]),
            max_step: point.at(&["maxStep"]),
            locked_out: asset.at(&["lockedOut"]),
            person_in_cell: asset.at(&["personInCell"]),
            key_switch_program: entity("SafetyAsset").at(&["keySwitchProgram"]),
            effect: entity("Tool").at(&["effect"]),
            writes: entity("Api").at(&["writes"]),
            island: entity("Zone").at(&["island"]),
            conduit_enabled: conduit.at(&["enabled"]),
            conduit_from: conduit.at(&["from"]),
            conduit_to: conduit.at(&["to"]),
        }
    }
}

/// The declaration and the layout of one kind of row.
struct Shape<'m> {
    record: &'m Record,
    row: &'m RowLayout,
}

impl<'m> Shape<'m> {
    fn entity(model: &'m Model, name: &str) -> Self {
        let name = format!("Plant::{name}");
        let types = model.schema().entity_types.iter().zip(&model.layout().entity_types);
        let (ty, row) = types.into_iter().find(|(ty, _)| ty.name == name).expect("an entity type");
        Self { record: &ty.attributes, row }
    }

    fn context(model: &'m Model, action: &str) -> Self {
        let actions = model.schema().actions.iter().zip(&model.layout().contexts);
        let (action, row) =
            actions.into_iter().find(|(found, _)| found.uid.id == action).expect("an action");
        Self { record: &action.context, row }
    }

    /// Offset of an attribute, or of an attribute of a record in it.
    fn at(&self, path: &[&str]) -> usize {
        self.find(path).0
    }

    fn optional(&self, path: &[&str]) -> Optional {
        let (value, presence) = self.find(path);
        Optional { value, presence: presence.expect("an optional attribute") }
    }

    fn find(&self, path: &[&str]) -> (usize, Option<usize>) {
        let (first, rest) = path.split_first().expect("a name");
        let field = self.row.field(first).expect("an attribute");
        let declared = self.record.attributes.get(*first).expect("an attribute");
        within(0, field, &declared.ty, rest)
    }

    fn ancestors(&self, name: &str) -> usize {
        to_usize(self.row.ancestors_offset(&format!("Plant::{name}")).expect("an ancestor type"))
    }
}

fn within(base: usize, field: &FieldLayout, ty: &Type, rest: &[&str]) -> (usize, Option<usize>) {
    let at = base + to_usize(field.offset);
    let Some((first, rest)) = rest.split_first() else {
        return (at, field.presence.map(|presence| base + to_usize(presence)));
    };
    let record = if let Type::Record(record) = ty { Some(record) } else { None };
    let record = record.expect("a record");
    let layout = RecordLayout::new(record);
    let field = layout.field(first).expect("a field");
    within(at, field, &record.attributes.get(*first).expect("a field").ty, rest)
}

fn to_usize(value: u32) -> usize {
    usize::try_from(value).expect("32 bits")
}

/// Offsets in bytes, in a frame, of the slots that the rules read.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    pub(super) principal: usize,
    pub(super) resource: usize,
    pub(super) asset: usize,
    pub(super) zone: usize,
    pub(super) broker: usize,
    pub(super) conduit: usize,
    pub(super) order: usize,
    pub(super) glass_first: usize,
    pub(super) glass_second: usize,
}

impl Slots {
    pub(super) fn new(gather: &GatherTable, offsets: &Offsets) -> Self {
        let slot = |wanted: Path| {
            let index = gather.paths.iter().position(|path| *path == wanted);
            header::SLOTS + 4 * index.expect("a path of the module")
        };
        let at = |offset: usize| u32::try_from(offset).expect("32 bits");
        let context = |offset| slot(Path::Context { offset: at(offset) });
        let row = |of, offset| slot(Path::Row { of, offset: at(offset) });
        Self {
            principal: slot(Path::Principal),
            resource: slot(Path::Resource),
            asset: row(1, offsets.resource.asset),
            zone: row(1, offsets.resource.zone),
            broker: row(0, offsets.principal.broker),
            conduit: context(offsets.env.conduit.value),
            order: context(offsets.context.work_order.value),
            glass_first: context(offsets.context.glass_first),
            glass_second: context(offsets.context.glass_second),
        }
    }
}

/// Handles of the entities that the rules name.
#[derive(Clone, Debug)]
pub(super) struct Literals {
    pub(super) active: u128,
    pub(super) released: u128,
    pub(super) phishing_resistant: u128,
    pub(super) compliant: u128,
    pub(super) not_compliant: u128,
    pub(super) cryptographic: u128,
    pub(super) brokered: u128,
    pub(super) network_only: u128,
    pub(super) high: u128,
    pub(super) x509_svid: u128,
    pub(super) jwt_svid: u128,
    pub(super) oauth_token: u128,
    pub(super) api_key: u128,
    pub(super) opcua_cert: u128,
    pub(super) vision: u128,
    pub(super) quality: u128,
    pub(super) mes_connectors: u128,
    pub(super) historian_collectors: u128,
    pub(super) break_glass_approver: u128,
    pub(super) safety_engineer: u128,
    pub(super) controls_engineer: u128,
    pub(super) opcua_operator: u128,
}

impl Literals {
    pub(super) fn new() -> Self {
        let handle =
            |ty: &str, id| u128::from_le_bytes(Handle::of(&format!("Plant::{ty}"), id).to_bytes());
        Self {
            active: handle("NhiState", "active"),
            released: handle("WorkOrderState", "released"),
            phishing_resistant: handle("Assurance", "phishing-resistant"),
            compliant: handle("Compliance", "compliant"),
            not_compliant: handle("Compliance", "not-compliant"),
            cryptographic: handle("IdentityBasis", "cryptographic"),
            brokered: handle("IdentityBasis", "brokered"),
            network_only: handle("IdentityBasis", "network-only"),
            high: handle("RiskLevel", "HIGH"),
            x509_svid: handle("CredKind", "x509-svid"),
            jwt_svid: handle("CredKind", "jwt-svid"),
            oauth_token: handle("CredKind", "oauth-token"),
            api_key: handle("CredKind", "api-key"),
            opcua_cert: handle("CredKind", "opcua-cert"),
            vision: handle("NhiGroup", "ai/vision"),
            quality: handle("ApiService", "quality"),
            mes_connectors: handle("NhiGroup", "mes-connectors"),
            historian_collectors: handle("NhiGroup", "historian-collectors"),
            break_glass_approver: handle("Role", "break-glass-approver"),
            safety_engineer: handle("Role", "safety-engineer"),
            controls_engineer: handle("Role", "controls-engineer"),
            opcua_operator: handle("Role", "opcua/Operator"),
        }
    }
}
