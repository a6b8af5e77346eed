//! Which policies a request meets, by its action, and what comes of them.

use super::ByHand;
use super::facts::{Facts, Outcome};
use super::policy::{Class, Kind, Policy};

/// The answer to one request: bit `i` of the sets is policy `i` of
/// [`POLICIES`](super::POLICIES).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The policies that are satisfied.
    pub held: u64,
    /// The policies that could not be evaluated.
    pub erred: u64,
    /// Whether the verdict is allow.
    pub is_allow: bool,
}

impl Answer {
    fn note(&mut self, policy: Policy, outcome: Outcome) {
        match outcome {
            Ok(true) => self.held |= policy.0,
            Ok(false) => {}
            Err(_) => self.erred |= policy.0,
        }
    }

    fn note_if(&mut self, policy: Policy, holds: bool) {
        if holds {
            self.held |= policy.0;
        }
    }
}

/// Decides the request of one frame.
pub(super) fn decide(rules: &ByHand, frame: &[u8]) -> Answer {
    let facts = Facts::new(rules, frame);
    let request = Request {
        principal: facts.principal_kind(),
        resource: facts.resource_kind(),
        class: facts.class(),
        facts,
    };
    let mut answer = Answer::default();
    if request.class == Class::SafetyStop {
        answer.held = Policy::SAFETY_01.0;
        answer.is_allow = true;
        if request.principal == Kind::Workload && request.facts.principal().is_err() {
            // `nhi-01` reads the workload before it excepts a stop: it errs, and cannot forbid.
            answer.erred = Policy::NHI_01.0;
        }
        return answer;
    }
    request.everywhere(&mut answer);
    request.by_class(&mut answer);
    answer.is_allow =
        answer.held & Policy::PERMITS != 0 && (answer.held | answer.erred) & Policy::FORBIDS == 0;
    answer
}

struct Request<'f> {
    principal: Kind,
    resource: Kind,
    class: Class,
    facts: Facts<'f>,
}

impl Request<'_> {
    fn by_class(&self, answer: &mut Answer) {
        let facts = &self.facts;
        match self.class {
            Class::Observe => self.observe(answer),
            Class::MqttPublishData => {
                self.observe(answer);
                answer.note_if(Policy::PROTO_02, facts.is_wild_command(false));
                if self.principal == Kind::Machine && self.resource == Kind::Topic {
                    answer.note(Policy::MQTT_01, facts.device_own_topic());
                }
            }
            Class::Operate => self.operate(answer),
            Class::ModbusWrite => {
                self.operate(answer);
                self.modbus_write(answer);
            }
            Class::OpcUaWrite => {
                self.operate(answer);
                answer.note_if(Policy::PROTO_01, facts.is_unsigned());
            }
            Class::MqttPublishCommand => {
                self.operate(answer);
                answer.note_if(Policy::PROTO_02, facts.is_wild_command(true));
            }
            Class::Configure => self.configure(answer),
            Class::Engineer => self.engineer(answer),
            Class::SafetyOps => self.safety_asset(answer),
            Class::Discover => self.discover(answer),
            Class::RemoteAccess => self.remote_access(answer),
            Class::ApiRead => self.ai_read(answer),
            Class::ApiServicePath => {
                let is_human = matches!(self.principal, Kind::Operator | Kind::VendorTech);
                answer.note_if(Policy::PATH_01, is_human || facts.is_interactive());
            }
            Class::AiRead => {
                self.ai_read(answer);
                self.ai_use(answer);
            }
            Class::AiUse => self.ai_use(answer),
            Class::Govern => answer.note_if(Policy::TIME_01, facts.is_clock_untrusted()),
            Class::SafetyStop | Class::Other => {}
        }
    }

    /// The policies of all actions, which except a safety stop.
    fn everywhere(&self, answer: &mut Answer) {
        let facts = &self.facts;
        let is_observe = matches!(self.class, Class::Observe | Class::MqttPublishData);
        answer.note_if(Policy::CRED_01, facts.is_credential_too_old());
        answer.note_if(Policy::CRED_02, facts.is_credential_shared());
        answer.note_if(Policy::SIG_01, facts.is_session_unfit(is_observe));
        match self.principal {
            Kind::Workload => {
                answer.note_if(Policy::PATH_02, facts.is_interactive());
                answer.note(Policy::NHI_01, facts.is_workload_unfit());
            }
            Kind::Machine | Kind::AiAgent => {
                answer.note_if(Policy::PATH_02, facts.is_interactive());
            }
            _ => {}
        }
    }

    /// The policies of all actions on the process itself.
    fn any_ot(&self, answer: &mut Answer) {
        let facts = &self.facts;
        match self.resource {
            Kind::Asset => {
                answer.note(Policy::ZONE_01, facts.lacks_conduit_to_asset());
                answer.note(Policy::ZONE_02, facts.crosses_into_island());
            }
            Kind::Point => answer.note(Policy::ZONE_01P, facts.lacks_conduit_to_point()),
            _ => {}
        }
    }

    fn observe(&self, answer: &mut Answer) {
        let facts = &self.facts;
        self.any_ot(answer);
        match (self.principal, self.resource) {
            (Kind::Operator, Kind::Asset) => {
                answer.note(Policy::BG_01, facts.break_glass());
                answer.note(Policy::OP_01, facts.operator_own_cell());
            }
            (Kind::Operator, _) => answer.note(Policy::BG_01, facts.break_glass()),
            (Kind::VendorTech, Kind::Asset) => {
                answer.note(Policy::VENDOR_01, facts.vendor_maintenance());
            }
            (Kind::Workload, resource) => {
                answer.note(Policy::HIST_01, facts.historian_reads(resource));
            }
            _ => {}
        }
    }

    fn operate(&self, answer: &mut Answer) {
        let facts = &self.facts;
        self.any_ot(answer);
        answer.note_if(Policy::LEGACY_01, facts.is_network_only());
        match self.principal {
            Kind::Operator => {
                answer.note(Policy::BG_01, facts.break_glass());
                if self.resource == Kind::Asset {
                    answer.note(Policy::OP_01, facts.operator_own_cell());
                }
            }
            Kind::AiAgent => {
                answer.note(Policy::AI_02, facts.bounded_autonomy(false, self.resource));
            }
            Kind::LegacyPrincipal => answer.note(Policy::LEGACY_02, facts.bypasses_broker()),
            _ => {}
        }
        match self.resource {
            Kind::Asset => answer.note(Policy::SAFETY_02, facts.is_locked_out()),
            Kind::Point => answer.note(Policy::SAFETY_03, facts.is_point_locked_out()),
            _ => self.safety_asset(answer),
        }
    }

    fn modbus_write(&self, answer: &mut Answer) {
        let facts = &self.facts;
        answer.note_if(Policy::CELL_03, facts.is_broadcast_write());
        if self.resource == Kind::Point {
            answer.note(Policy::CELL_02, facts.rate_of_change());
            if self.principal == Kind::Workload {
                answer.note(Policy::CELL_01, facts.own_mes_connector());
            }
        }
    }

    fn configure(&self, answer: &mut Answer) {
        let facts = &self.facts;
        self.any_ot(answer);
        answer.note_if(Policy::SIG_02, facts.are_facts_stale());
        answer.note_if(Policy::LEGACY_01, facts.is_network_only());
        match (self.principal, self.resource) {
            (Kind::Operator, _) => answer.note(Policy::BG_01, facts.break_glass()),
            (Kind::VendorTech, Kind::Asset) => {
                answer.note(Policy::VENDOR_01, facts.vendor_maintenance());
            }
            _ => {}
        }
        self.safety_asset(answer);
    }

    fn engineer(&self, answer: &mut Answer) {
        let facts = &self.facts;
        self.any_ot(answer);
        answer.note_if(Policy::SIG_02, facts.are_facts_stale());
        answer.note_if(Policy::LEGACY_01, facts.is_network_only());
        answer.note_if(Policy::TIME_01, facts.is_clock_untrusted());
        if self.resource == Kind::Asset {
            answer.note(Policy::SAFETY_02, facts.is_locked_out());
            if self.principal == Kind::Operator {
                answer.note(Policy::ENG_01, facts.program_download());
            }
        }
        self.safety_asset(answer);
    }

    /// The policies that keep hands off safety assets, if the resource is one.
    fn safety_asset(&self, answer: &mut Answer) {
        if self.resource == Kind::SafetyAsset {
            answer.note(Policy::ZONE_01S, self.facts.is_remote_to_safety());
            answer.note(Policy::SAFETY_04, self.facts.hands_off_safety(self.principal));
        }
    }

    fn discover(&self, answer: &mut Answer) {
        self.any_ot(answer);
        if self.principal == Kind::Workload {
            answer.note_if(Policy::OBS_01, self.facts.is_off_maintenance());
        }
    }

    fn remote_access(&self, answer: &mut Answer) {
        let facts = &self.facts;
        answer.note_if(Policy::SIG_02, facts.are_facts_stale());
        answer.note_if(Policy::TIME_01, facts.is_clock_untrusted());
        answer.note(Policy::ZONE_02, facts.crosses_into_island());
        match self.principal {
            Kind::Operator => answer.note(Policy::BG_01, facts.break_glass()),
            Kind::VendorTech => answer.note(Policy::VENDOR_01, facts.vendor_maintenance()),
            _ => {}
        }
    }

    fn ai_read(&self, answer: &mut Answer) {
        if self.principal == Kind::AiAgent {
            answer.note(Policy::AI_01, self.facts.vision_reads_quality(self.resource));
        }
    }

    fn ai_use(&self, answer: &mut Answer) {
        answer.note(Policy::AI_02, self.facts.bounded_autonomy(true, self.resource));
        answer.note(Policy::AI_03, self.facts.chain_and_model());
    }
}
