//! The policies, each as the condition that follows its scope: `plant.cedar` in Rust.
//!
//! What is read is read in Cedar's order, so that a policy errs where Cedar's would.

use super::facts::{Erred, Facts, Outcome};
use super::policy::Kind;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Facts<'_> {
    /// `vendor-01`, of a technician and an asset.
    pub(super) fn vendor_maintenance(&self) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        let (context, principal) = (self.context(), self.principal()?);
        let now = context.long(offsets.env.now);
        if !(principal.flag(offsets.principal.active)
            && now < principal.long(offsets.principal.contract_ends_at))
        {
            return Ok(false);
        }
        let Some(order) = self.released_order()? else { return Ok(false) };
        if !(self.principal_in(offsets.ancestors.orders, order)
            && self.resource_in(offsets.ancestors.orders, order)
            && context.flag(offsets.env.clock_trusted)
            && self.is_order_open(now)?)
        {
            return Ok(false);
        }
        let session = &offsets.session;
        Ok(context.handle(session.assurance) == literals.phishing_resistant
            && context.flag(session.via_jump_host)
            && context.flag(session.recorded)
            && context.long(session.age) < 4 * HOUR
            && context.long(session.idle) < 15 * MINUTE
            && context.handle(offsets.device.compliance) == literals.compliant)
    }

    /// The request's work order, if it has one and that is released.
    fn released_order(&self) -> Result<Option<u128>, Erred> {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        let Some(order) = self.context().optional_handle(offsets.context.work_order) else {
            return Ok(None);
        };
        let is_released = self.order()?.handle(offsets.order.state) == literals.released;
        Ok(is_released.then_some(order))
    }

    fn is_order_open(&self, now: i64) -> Outcome {
        let (offsets, order) = (&self.rules.offsets, self.order()?);
        Ok(now >= order.long(offsets.order.opens_at) && now < order.long(offsets.order.closes_at))
    }

    /// `ai-01`, of an agent and an interface.
    pub(super) fn vision_reads_quality(&self, resource: Kind) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        let is_quality = match resource {
            Kind::ApiService => self.resource_handle() == literals.quality,
            Kind::Api => self.resource_in(offsets.ancestors.services, literals.quality),
            _ => false,
        };
        if !self.principal_in(offsets.ancestors.groups, literals.vision) || !is_quality {
            return Ok(false);
        }
        let context = self.context();
        Ok(self.principal()?.handle(offsets.principal.state) == literals.active
            && context.handle(offsets.cred.basis) == literals.cryptographic
            && context.long(offsets.cred.age) < HOUR)
    }

    /// `ai-02`, of an agent; `has_ai` if the context says what the agent is about.
    pub(super) fn bounded_autonomy(&self, has_ai: bool, resource: Kind) -> Outcome {
        let offsets = &self.rules.offsets;
        if self.principal()?.long(offsets.principal.max_autonomy) >= 3 {
            return Ok(false);
        }
        if !has_ai {
            return Ok(true);
        }
        let is_bounded = self.context().flag(offsets.context.ai_human_approved)
            || match resource {
                Kind::Tool => self.resource()?.long(offsets.resource.effect) <= 1,
                Kind::Api => !self.resource()?.flag(offsets.resource.writes),
                Kind::ApiService => true,
                _ => false,
            };
        Ok(!is_bounded)
    }

    /// `ai-03`, of an agent.
    pub(super) fn chain_and_model(&self) -> Outcome {
        let (offsets, context) = (&self.rules.offsets, self.context());
        Ok(context.long(offsets.context.ai_chain_depth) > 2
            || context.string(offsets.context.ai_model_digest)
                != self.principal()?.string(offsets.principal.model_digest)
            || context.long(offsets.context.ai_calls) > 200)
    }

    /// `cell-01`, of a workload and a point.
    pub(super) fn own_mes_connector(&self) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        if !self.principal_in(offsets.ancestors.groups, literals.mes_connectors) {
            return Ok(false);
        }
        let (point, context) = (self.resource()?, self.context());
        let cell = self.asset()?.handle(offsets.resource.cell);
        Ok(self.principal_in(offsets.ancestors.cells, cell)
            && self.principal()?.handle(offsets.principal.state) == literals.active
            && point.flag(offsets.resource.writable)
            && !point.flag(offsets.resource.safety_related)
            && context.handle(offsets.cred.kind) == literals.x509_svid
            && context.optional_long(offsets.context.modbus_value).is_some_and(|value| {
                value >= point.long(offsets.resource.lo) && value <= point.long(offsets.resource.hi)
            }))
    }

    /// `cell-02`, of a point.
    pub(super) fn rate_of_change(&self) -> Outcome {
        let (offsets, context) = (&self.rules.offsets, self.context());
        let value = context.optional_long(offsets.context.modbus_value);
        let prev = context.optional_long(offsets.context.modbus_prev);
        let (Some(value), Some(prev)) = (value, prev) else { return Ok(false) };
        let max_step = self.resource()?.long(offsets.resource.max_step);
        Ok(value.checked_sub(prev).ok_or(Erred)? > max_step
            || prev.checked_sub(value).ok_or(Erred)? > max_step)
    }

    /// `cell-03`
    pub(super) fn is_broadcast_write(&self) -> bool {
        self.context().flag(self.rules.offsets.context.modbus_broadcast)
    }

    /// `hist-01`, of a workload.
    pub(super) fn historian_reads(&self, resource: Kind) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        if !self.principal_in(offsets.ancestors.groups, literals.historian_collectors) {
            return Ok(false);
        }
        let cell = match resource {
            Kind::Asset => self.resource()?.handle(offsets.resource.cell),
            Kind::Point => {
                self.resource()?;
                self.asset()?.handle(offsets.resource.cell)
            }
            _ => return Ok(false),
        };
        Ok(self.principal_in(offsets.ancestors.cells, cell))
    }

    /// Whether a person is at a keyboard: `path-01`, `path-02`.
    pub(super) fn is_interactive(&self) -> bool {
        self.context().flag(self.rules.offsets.session.interactive)
    }

    /// `bg-01`, of an operator.
    pub(super) fn break_glass(&self) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        let (context, glass) = (self.context(), &self.rules.offsets.context);
        if !self.principal()?.flag(offsets.principal.active) || !context.flag(glass.break_glass) {
            return Ok(false);
        }
        let (first, second) =
            (context.handle(glass.glass_first), context.handle(glass.glass_second));
        let (principal, role) = (self.principal_handle(), literals.break_glass_approver);
        let (now, opened_at) = (context.long(offsets.env.now), context.long(glass.glass_opened_at));
        Ok(first != second
            && principal != first
            && principal != second
            && self.glass_first_in(role)
            && self.glass_second_in(role)
            && now >= opened_at
            && now < opened_at.checked_add(HOUR).ok_or(Erred)?
            && context.flag(offsets.session.recorded))
    }

    /// `cred-01`
    pub(super) fn is_credential_too_old(&self) -> bool {
        let (context, cred) = (self.context(), &self.rules.offsets.cred);
        let (kind, age) = (context.handle(cred.kind), context.long(cred.age));
        let literals = &self.rules.literals;
        (kind == literals.x509_svid && age > DAY)
            || (kind == literals.jwt_svid && age > HOUR)
            || (kind == literals.oauth_token && age > HOUR)
            || (kind == literals.api_key && age > 30 * DAY)
            || (kind == literals.opcua_cert && age > 365 * DAY)
            || context.long(cred.expires_in) <= 0
    }

    /// `cred-02`
    pub(super) fn is_credential_shared(&self) -> bool {
        let (context, cred) = (self.context(), &self.rules.offsets.cred);
        context.flag(cred.exposed)
            || (context.long(cred.holders_seen) > 1
                && context.handle(cred.basis) != self.rules.literals.brokered)
    }

    /// `obs-01`, of a workload.
    pub(super) fn is_off_maintenance(&self) -> bool {
        !self.context().flag(self.rules.offsets.env.maintenance_window)
    }

    /// `sig-01`
    pub(super) fn is_session_unfit(&self, is_observe: bool) -> bool {
        let (context, offsets) = (self.context(), &self.rules.offsets);
        let literals = &self.rules.literals;
        context.flag(offsets.session.revoked)
            || context.handle(offsets.session.risk) == literals.high
            || (!is_observe && context.handle(offsets.device.compliance) == literals.not_compliant)
    }

    /// `sig-02`
    pub(super) fn are_facts_stale(&self) -> bool {
        self.context().long(self.rules.offsets.env.data_age) > 5 * MINUTE
    }

    /// `zone-01`, of an asset.
    pub(super) fn lacks_conduit_to_asset(&self) -> Outcome {
        self.lacks_conduit(self.resource()?.handle(self.rules.offsets.resource.zone))
    }

    /// `zone-01p`, of a point.
    pub(super) fn lacks_conduit_to_point(&self) -> Outcome {
        self.resource()?;
        self.lacks_conduit(self.asset()?.handle(self.rules.offsets.resource.zone))
    }

    fn lacks_conduit(&self, zone: u128) -> Outcome {
        let (context, offsets) = (self.context(), &self.rules.offsets);
        let source = context.handle(offsets.env.source_zone);
        if source == zone {
            return Ok(false);
        }
        if !context.flag(offsets.env.conduit.presence) {
            return Ok(true);
        }
        let conduit = self.conduit()?;
        Ok(!(conduit.flag(offsets.resource.conduit_enabled)
            && conduit.handle(offsets.resource.conduit_from) == source
            && conduit.handle(offsets.resource.conduit_to) == zone))
    }

    /// `zone-01s`, of a safety asset.
    pub(super) fn is_remote_to_safety(&self) -> Outcome {
        let (context, offsets) = (self.context(), &self.rules.offsets);
        let zone = self.resource()?.handle(offsets.resource.zone);
        Ok(context.handle(offsets.env.source_zone) != zone
            || context.flag(offsets.session.via_jump_host))
    }

    /// `zone-02`, of an asset.
    pub(super) fn crosses_into_island(&self) -> Outcome {
        let (context, offsets) = (self.context(), &self.rules.offsets);
        let zone = self.resource()?.handle(offsets.resource.zone);
        Ok(self.zone()?.flag(offsets.resource.island)
            && context.handle(offsets.env.source_zone) != zone)
    }

    /// `safety-02`, of an asset.
    pub(super) fn is_locked_out(&self) -> Outcome {
        let (asset, offsets) = (self.resource()?, &self.rules.offsets.resource);
        Ok(asset.flag(offsets.locked_out) || asset.flag(offsets.person_in_cell))
    }

    /// `safety-03`, of a point.
    pub(super) fn is_point_locked_out(&self) -> Outcome {
        let (point, asset) = (self.resource()?, self.asset()?);
        let offsets = &self.rules.offsets.resource;
        Ok(asset.flag(offsets.locked_out)
            || asset.flag(offsets.person_in_cell)
            || point.flag(offsets.safety_related))
    }

    /// `safety-04`, of a safety asset.
    pub(super) fn hands_off_safety(&self, principal: Kind) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        let (context, orders) = (self.context(), self.rules.offsets.ancestors.orders);
        if principal != Kind::Operator
            || !self.principal_in(offsets.ancestors.roles, literals.safety_engineer)
            || !self.resource()?.flag(offsets.resource.key_switch_program)
        {
            return Ok(true);
        }
        let Some(order) = context.optional_handle(offsets.context.work_order) else {
            return Ok(true);
        };
        Ok(!(self.resource_in(orders, order)
            && self.principal_in(orders, order)
            && self.order()?.handle(offsets.order.state) == literals.released
            && context.string(offsets.env.plant_state) == b"maintenance"))
    }

    /// `eng-01`, of an operator and an asset.
    pub(super) fn program_download(&self) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        let (context, orders) = (self.context(), self.rules.offsets.ancestors.orders);
        if !self.principal_in(offsets.ancestors.roles, literals.controls_engineer) {
            return Ok(false);
        }
        let (principal, now) = (self.principal()?, context.long(offsets.env.now));
        if !(principal.flag(offsets.principal.active)
            && now < principal.long(offsets.principal.training_valid_until)
            && context.flag(offsets.env.maintenance_window)
            && context.flag(offsets.env.on_shift)
            && context.flag(offsets.env.clock_trusted))
        {
            return Ok(false);
        }
        let Some(order) = context.optional_handle(offsets.context.work_order) else {
            return Ok(false);
        };
        if !(self.principal_in(orders, order) && self.resource_in(orders, order)) {
            return Ok(false);
        }
        let row = self.order()?;
        if !(row.handle(offsets.order.state) == literals.released
            && row.has_string(offsets.order.allows, b"engineer")
            && self.is_order_open(now)?
            && self.is_in_cell_of_asset()?)
        {
            return Ok(false);
        }
        Ok(context.flag(offsets.device.attested)
            && context.long(offsets.device.attest_age) < 10 * MINUTE
            && context.long(offsets.session.age) < 2 * HOUR)
    }

    /// `op-01`, of an operator and an asset.
    pub(super) fn operator_own_cell(&self) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        Ok(self.principal_in(offsets.ancestors.roles, literals.opcua_operator)
            && self.principal()?.flag(offsets.principal.active)
            && self.context().flag(offsets.env.on_shift)
            && self.is_in_cell_of_asset()?)
    }

    fn is_in_cell_of_asset(&self) -> Outcome {
        let offsets = &self.rules.offsets;
        match self.context().optional_handle(offsets.env.location) {
            Some(location) => Ok(location == self.resource()?.handle(offsets.resource.cell)),
            None => Ok(false),
        }
    }

    /// `legacy-01`
    pub(super) fn is_network_only(&self) -> bool {
        self.context().handle(self.rules.offsets.cred.basis) == self.rules.literals.network_only
    }

    /// `legacy-02`, of a legacy principal.
    pub(super) fn bypasses_broker(&self) -> Outcome {
        let (context, offsets) = (self.context(), &self.rules.offsets);
        let literals = &self.rules.literals;
        if context.handle(offsets.cred.basis) != literals.brokered {
            return Ok(true);
        }
        self.principal()?;
        Ok(!(self.broker()?.handle(offsets.principal.state) == literals.active
            && context.flag(offsets.session.recorded)))
    }

    /// `nhi-01`, of a workload.
    pub(super) fn is_workload_unfit(&self) -> Outcome {
        let (principal, offsets) = (self.principal()?, &self.rules.offsets.principal);
        Ok(principal.handle(offsets.state) != self.rules.literals.active
            || self.context().long(self.rules.offsets.env.now)
                > principal.long(offsets.review_due_at)
            || principal.string(offsets.purpose).is_empty()
            || principal.string(offsets.renewal_path).is_empty()
            || principal.string(offsets.env) != b"prod")
    }

    /// `proto-01`
    pub(super) fn is_unsigned(&self) -> bool {
        let mode = self.context().string(self.rules.offsets.context.opcua_security_mode);
        mode != b"SignAndEncrypt" && mode != b"Sign"
    }

    /// `proto-02`, where the action is not to subscribe.
    pub(super) fn is_wild_command(&self, is_command: bool) -> bool {
        let (context, offsets) = (self.context(), &self.rules.offsets.context);
        context.flag(offsets.mqtt_wildcard) || (is_command && context.flag(offsets.mqtt_retain))
    }

    /// `mqtt-01`, of a machine and a topic.
    pub(super) fn device_own_topic(&self) -> Outcome {
        let (offsets, literals) = (&self.rules.offsets, &self.rules.literals);
        // A topic that is not there has no cell, and asking for one is no error.
        let Ok(topic) = self.resource() else { return Ok(false) };
        let Some(cell) = topic.optional_handle(offsets.resource.topic_cell) else {
            return Ok(false);
        };
        Ok(self.principal_in(offsets.ancestors.cells, cell)
            && self.principal()?.handle(offsets.principal.state) == literals.active)
    }

    /// `time-01`
    pub(super) fn is_clock_untrusted(&self) -> bool {
        !self.context().flag(self.rules.offsets.env.clock_trusted)
    }
}
