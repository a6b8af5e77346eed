# The plant's rules in Rego, for the `regorus` peer of `plant/prepared`.
#
# `data.entities` has each entity's attributes by its uid, with all its ancestors as the keys of `ancestors`;
# `data.groups` has the groups of each action. `input` is a request: uids of principal, action and resource, the types
# of the two parties, and the context. References are uids, datetimes and durations are milliseconds.
#
# One thing cannot be said: a policy that reads an entity which is not there errs in Cedar, and an erring forbid denies;
# in Rego it is undefined, and does not hold. No published case depends on it.
package plant

principal := data.entities[input.principal]

resource := data.entities[input.resource]

ctx := input.context

env := input.context.env

session := input.context.session

cred := input.context.cred

device := input.context.device

action_in(group) if data.groups[input.action][group]

principal_in(uid) if input.principal == uid

principal_in(uid) if principal.ancestors[uid]

resource_in(uid) if input.resource == uid

resource_in(uid) if resource.ancestors[uid]

entity_in(entity, uid) if data.entities[entity].ancestors[uid]

is_nhi if input.principal_type in {"Workload", "Machine", "AiAgent"}

is_stop if input.action == "safety.stop"

decision := {"allow": allow, "reason": reason, "observed": observed}

default allow := false

allow if {
	count(forbid) == 0
	count(permit) > 0
}

reason := forbid if count(forbid) > 0

else := permit

work_order := data.entities[ctx.workOrder]

work_order_open if {
	env.now >= work_order.opensAt
	env.now < work_order.closesAt
}

vendor_action if action_in("remoteAccess")

vendor_action if action_in("observe")

vendor_action if action_in("configure")

permit contains "vendor-01-maintenance" if {
	input.principal_type == "VendorTech"
	vendor_action
	input.resource_type == "Asset"
	principal.active
	env.now < principal.contractEndsAt
	work_order.state == "Plant::WorkOrderState::released"
	principal_in(ctx.workOrder)
	resource_in(ctx.workOrder)
	env.clockTrusted
	work_order_open
	session.assurance == "Plant::Assurance::phishing-resistant"
	session.viaJumpHost
	session.recorded
	session.age < 14400000
	session.idle < 900000
	device.compliance == "Plant::Compliance::compliant"
}

permit contains "ai-01-vision-reads-quality" if {
	input.principal_type == "AiAgent"
	input.action in {"api.read", "ai.read"}
	principal_in("Plant::NhiGroup::ai/vision")
	resource_in("Plant::ApiService::quality")
	principal.state == "Plant::NhiState::active"
	cred.basis == "Plant::IdentityBasis::cryptographic"
	cred.age < 3600000
}

ai_bounded if ctx.ai.humanApproved

ai_bounded if {
	ctx.ai
	input.resource_type == "Tool"
	resource.effect <= 1
}

ai_bounded if {
	ctx.ai
	input.resource_type == "Api"
	not resource.writes
}

ai_bounded if {
	ctx.ai
	input.resource_type == "ApiService"
}

ai_action if action_in("aiUse")

ai_action if action_in("operate")

ai_action if action_in("configure")

forbid contains "ai-02-bounded-autonomy" if {
	input.principal_type == "AiAgent"
	ai_action
	principal.maxAutonomy < 3
	not ai_bounded
}

ai_off if ctx.ai.chainDepth > 2

ai_off if ctx.ai.modelDigest != principal.modelDigest

ai_off if ctx.ai.callsThisTask > 200

forbid contains "ai-03-chain-and-model" if {
	input.principal_type == "AiAgent"
	action_in("aiUse")
	ai_off
}

permit contains "cell-01-own-mes-connector" if {
	input.principal_type == "Workload"
	action_in("modbusWrite")
	input.resource_type == "Point"
	principal_in("Plant::NhiGroup::mes-connectors")
	principal_in(data.entities[resource.asset].cell)
	principal.state == "Plant::NhiState::active"
	resource.writable
	not resource.safetyRelated
	cred.kind == "Plant::CredKind::x509-svid"
	ctx.modbus.value >= resource.lo
	ctx.modbus.value <= resource.hi
}

step_too_large if ctx.modbus.value - ctx.modbus.prev > resource.maxStep

step_too_large if ctx.modbus.prev - ctx.modbus.value > resource.maxStep

forbid contains "cell-02-rate-of-change" if {
	action_in("modbusWrite")
	input.resource_type == "Point"
	step_too_large
}

forbid contains "cell-03-no-broadcast-writes" if {
	action_in("modbusWrite")
	ctx.modbus.broadcast
}

historian_cell := resource.cell if input.resource_type == "Asset"

historian_cell := data.entities[resource.asset].cell if input.resource_type == "Point"

permit contains "hist-01-historian-reads" if {
	input.principal_type == "Workload"
	action_in("observe")
	principal_in("Plant::NhiGroup::historian-collectors")
	principal_in(historian_cell)
}

on_human_path if input.principal_type in {"Operator", "VendorTech"}

on_human_path if session.interactive

forbid contains "path-01-no-human-on-service-path" if {
	input.action == "api.servicePath"
	on_human_path
}

forbid contains "path-02-no-human-use-of-nhi" if {
	is_nhi
	session.interactive
	not is_stop
}

break_glass_action if action_in("observe")

break_glass_action if action_in("operate")

break_glass_action if action_in("configure")

break_glass_action if action_in("remoteAccess")

permit contains "bg-01-break-glass" if {
	input.principal_type == "Operator"
	break_glass_action
	principal.active
	ctx.breakGlass.first != ctx.breakGlass.second
	input.principal != ctx.breakGlass.first
	input.principal != ctx.breakGlass.second
	entity_in(ctx.breakGlass.first, "Plant::Role::break-glass-approver")
	entity_in(ctx.breakGlass.second, "Plant::Role::break-glass-approver")
	env.now >= ctx.breakGlass.openedAt
	env.now < ctx.breakGlass.openedAt + 3600000
	session.recorded
}

max_age := {
	"Plant::CredKind::x509-svid": 86400000,
	"Plant::CredKind::jwt-svid": 3600000,
	"Plant::CredKind::oauth-token": 3600000,
	"Plant::CredKind::api-key": 2592000000,
	"Plant::CredKind::opcua-cert": 31536000000,
}

cred_old if cred.age > max_age[cred.kind]

cred_old if cred.expiresIn <= 0

forbid contains "cred-01-max-age" if {
	cred_old
	not is_stop
}

cred_shared if cred.exposed

cred_shared if {
	cred.holdersSeen > 1
	cred.basis != "Plant::IdentityBasis::brokered"
}

forbid contains "cred-02-reuse-or-exposed" if {
	cred_shared
	not is_stop
}

observed contains "obs-01-candidate-no-browse-off-shift" if {
	input.principal_type == "Workload"
	action_in("discover")
	not env.maintenanceWindow
}

session_unfit if session.revoked

session_unfit if session.risk == "Plant::RiskLevel::HIGH"

session_unfit if {
	device.compliance == "Plant::Compliance::not-compliant"
	not action_in("observe")
}

forbid contains "sig-01-session-and-posture" if {
	session_unfit
	not is_stop
}

stale_action if action_in("configure")

stale_action if action_in("engineer")

stale_action if action_in("remoteAccess")

forbid contains "sig-02-stale-facts" if {
	stale_action
	env.dataAge > 300000
}

zone_reachable(zone) if env.sourceZone == zone

zone_reachable(zone) if {
	conduit := data.entities[env.conduit]
	conduit.enabled
	conduit.from == env.sourceZone
	conduit.to == zone
}

forbid contains "zone-01-conduit-required" if {
	input.resource_type == "Asset"
	action_in("anyOt")
	not zone_reachable(resource.zone)
}

forbid contains "zone-01p-conduit-required-points" if {
	input.resource_type == "Point"
	action_in("anyOt")
	not zone_reachable(data.entities[resource.asset].zone)
}

safety_action if action_in("operate")

safety_action if action_in("configure")

safety_action if action_in("engineer")

safety_action if action_in("safetyOps")

safety_local if {
	env.sourceZone == resource.zone
	not session.viaJumpHost
}

forbid contains "zone-01s-sis-local-only" if {
	input.resource_type == "SafetyAsset"
	safety_action
	not safety_local
}

island_action if action_in("anyOt")

island_action if action_in("remoteAccess")

forbid contains "zone-02-island-mode" if {
	input.resource_type == "Asset"
	island_action
	data.entities[resource.zone].island
	env.sourceZone != resource.zone
}

permit contains "safety-01-stop-is-always-allowed" if is_stop

operate_or_engineer if action_in("operate")

operate_or_engineer if action_in("engineer")

locked_out(asset) if asset.lockedOut

locked_out(asset) if asset.personInCell

forbid contains "safety-02-lockout-tagout" if {
	input.resource_type == "Asset"
	operate_or_engineer
	locked_out(resource)
}

point_locked_out if locked_out(data.entities[resource.asset])

point_locked_out if resource.safetyRelated

forbid contains "safety-03-lockout-points" if {
	input.resource_type == "Point"
	action_in("operate")
	point_locked_out
}

safety_work if {
	input.principal_type == "Operator"
	principal_in("Plant::Role::safety-engineer")
	resource.keySwitchProgram
	resource_in(ctx.workOrder)
	principal_in(ctx.workOrder)
	work_order.state == "Plant::WorkOrderState::released"
	env.plantState == "maintenance"
}

forbid contains "safety-04-sis-hands-off" if {
	input.resource_type == "SafetyAsset"
	safety_action
	not safety_work
}

permit contains "eng-01-program-download" if {
	input.principal_type == "Operator"
	action_in("engineer")
	input.resource_type == "Asset"
	principal_in("Plant::Role::controls-engineer")
	principal.active
	env.now < principal.trainingValidUntil
	env.maintenanceWindow
	env.onShift
	env.clockTrusted
	principal_in(ctx.workOrder)
	resource_in(ctx.workOrder)
	work_order.state == "Plant::WorkOrderState::released"
	"engineer" in work_order.allows
	work_order_open
	env.location == resource.cell
	device.attested
	device.attestAge < 600000
	session.age < 7200000
}

operator_action if action_in("observe")

operator_action if action_in("operate")

permit contains "op-01-operator-own-cell-on-shift" if {
	input.principal_type == "Operator"
	operator_action
	input.resource_type == "Asset"
	principal_in("Plant::Role::opcua/Operator")
	principal.active
	env.onShift
	env.location == resource.cell
}

legacy_action if action_in("operate")

legacy_action if action_in("configure")

legacy_action if action_in("engineer")

forbid contains "legacy-01-network-identity-never-writes" if {
	legacy_action
	cred.basis == "Plant::IdentityBasis::network-only"
}

through_broker if {
	cred.basis == "Plant::IdentityBasis::brokered"
	data.entities[principal.broker].state == "Plant::NhiState::active"
	session.recorded
}

forbid contains "legacy-02-through-broker-only" if {
	input.principal_type == "LegacyPrincipal"
	action_in("operate")
	not through_broker
}

workload_unfit if principal.state != "Plant::NhiState::active"

workload_unfit if env.now > principal.reviewDueAt

workload_unfit if principal.purpose == ""

workload_unfit if principal.renewalPath == ""

workload_unfit if principal.env != "prod"

forbid contains "nhi-01-only-active-and-reviewed" if {
	input.principal_type == "Workload"
	workload_unfit
	not is_stop
}

forbid contains "proto-01-opcua-signed-writes" if {
	input.action in {"opcua.write", "opcua.call"}
	ctx.opcua.securityMode != "SignAndEncrypt"
	ctx.opcua.securityMode != "Sign"
}

mqtt_wild if {
	input.action in {"mqtt.publishCommand", "mqtt.publishData"}
	ctx.mqtt.wildcard
}

mqtt_wild if {
	input.action == "mqtt.publishCommand"
	ctx.mqtt.retain
}

forbid contains "proto-02-mqtt-no-wildcard-commands" if mqtt_wild

permit contains "mqtt-01-device-own-topic" if {
	input.principal_type == "Machine"
	input.action == "mqtt.publishData"
	input.resource_type == "Topic"
	principal_in(resource.cell)
	principal.state == "Plant::NhiState::active"
}

untrusted_clock_action if action_in("engineer")

untrusted_clock_action if action_in("remoteAccess")

untrusted_clock_action if action_in("govern")

forbid contains "time-01-untrusted-clock" if {
	untrusted_clock_action
	not env.clockTrusted
}
