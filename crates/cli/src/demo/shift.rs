//! The script of the shift: who asks for what when, which facts change, and what must come of it.

use serde_json::{Value, json};

/// One step of the shift.
pub(super) enum Step {
    /// A fact changes.
    Fact(Fact),
    /// Somebody asks.
    Question(Question),
    /// A session is opened for who was allowed it, and watched from then on.
    Open(Opening),
    /// A device is found to be compliant, or not.
    Posture(Posture),
}

impl Step {
    /// Time of day.
    pub(super) fn time(&self) -> &'static str {
        match self {
            Self::Fact(fact) => fact.time,
            Self::Question(question) => question.time,
            Self::Open(opening) => opening.time,
            Self::Posture(posture) => posture.time,
        }
    }
}

/// A session that is opened.
pub(super) struct Opening {
    /// Time of day.
    pub(super) time: &'static str,
    /// The case of the plant that has the request.
    pub(super) case: &'static str,
    /// Who opens it.
    pub(super) who: &'static str,
    /// For what.
    pub(super) what: &'static str,
    /// From which device.
    pub(super) device: &'static str,
}

/// A change of the posture of one device.
pub(super) struct Posture {
    /// Time of day.
    pub(super) time: &'static str,
    /// The device.
    pub(super) device: &'static str,
    /// A member of `Plant::Compliance`.
    pub(super) compliance: &'static str,
    /// What has happened.
    pub(super) text: &'static str,
}

/// The end of a session that nobody asks about.
pub(super) struct End {
    /// Time of day.
    pub(super) time: &'static str,
    /// The device of the session.
    pub(super) device: &'static str,
    /// The policies that must bring it about; none if no permit holds any longer.
    pub(super) determining: &'static [&'static str],
}

impl Opening {
    /// The request that it is opened with.
    pub(super) fn question(&self) -> Question {
        let Self { time, case, who, what, device: _ } = *self;
        Question { time, case, who, what, allow: true, determining: &["vendor-01-maintenance"] }
    }
}

/// A change of one attribute of one entity.
pub(super) struct Fact {
    /// Time of day.
    pub(super) time: &'static str,
    /// Type and id.
    pub(super) entity: (&'static str, &'static str),
    /// The attribute.
    pub(super) attribute: &'static str,
    /// What it is from now on.
    pub(super) value: FactValue,
    /// What has happened.
    pub(super) text: &'static str,
}

/// The value of an attribute.
#[derive(Clone, Copy)]
pub(super) enum FactValue {
    /// True or false.
    Bool(bool),
    /// A member of `Plant::NhiState`.
    State(&'static str),
}

impl FactValue {
    /// In Cedar's JSON.
    pub(super) fn json(self) -> Value {
        match self {
            Self::Bool(value) => value.into(),
            Self::State(id) => json!({ "__entity": { "type": "Plant::NhiState", "id": id } }),
        }
    }
}

/// A request, and what must come of it.
pub(super) struct Question {
    /// Time of day, in hours and minutes.
    pub(super) time: &'static str,
    /// The case of the plant that has the request.
    pub(super) case: &'static str,
    /// Who asks.
    pub(super) who: &'static str,
    /// For what.
    pub(super) what: &'static str,
    /// Whether the answer must be allow.
    pub(super) allow: bool,
    /// The policies that must bring it about.
    pub(super) determining: &'static [&'static str],
}

const MES: (&str, &str) = ("Plant::Workload", "spiffe://plant-1.example/mes/cell-7");
const PLC: (&str, &str) = ("Plant::Asset", "plc-7");

const fn fact(
    time: &'static str,
    entity: (&'static str, &'static str),
    (attribute, value): (&'static str, FactValue),
    text: &'static str,
) -> Step {
    Step::Fact(Fact { time, entity, attribute, value, text })
}

const fn vendor(
    time: &'static str,
    what: &'static str,
    allow: bool,
    determining: &'static [&'static str],
) -> Step {
    let (case, who) = ("vendor in window", "vendor acme/jo");
    Step::Question(Question { time, case, who, what, allow, determining })
}

const fn open(time: &'static str, device: &'static str) -> Step {
    let (case, who) = ("vendor in window", "vendor acme/jo");
    Step::Open(Opening { time, case, who, what: SESSION, device })
}

const fn mes(
    time: &'static str,
    (case, what): (&'static str, &'static str),
    allow: bool,
    determining: &'static [&'static str],
) -> Step {
    let who = "connector mes/cell-7";
    Step::Question(Question { time, case, who, what, allow, determining })
}

const SESSION: &str = "remote session on plc-7";
const WRITE: (&str, &str) = ("MES connector writes own cell", "write 1500 to plc-7/40012");

/// Until the policies change.
pub(super) const MORNING: &[Step] = &[
    vendor("05:58", "remote session on plc-7, two minutes early", false, &[]),
    vendor("06:05", SESSION, true, &["vendor-01-maintenance"]),
    open("06:05", "laptop-1"),
    open("06:05", "laptop-2"),
    Step::Posture(Posture {
        time: "06:12",
        device: "laptop-2",
        compliance: "not-compliant",
        text: "no longer compliant",
    }),
    mes("06:20", WRITE, true, &["cell-01-own-mes-connector"]),
    mes(
        "06:21",
        ("set point above engineering limit", "write 2201 to plc-7/40012, limit 2200"),
        false,
        &[],
    ),
    mes(
        "06:22",
        ("set point step too large", "write 1900 to plc-7/40012 after 1450"),
        false,
        &["cell-02-rate-of-change"],
    ),
    fact("06:40", MES, ("state", FactValue::State("orphaned")), "its owner has left: orphaned"),
    mes("06:41", WRITE, false, &["nhi-01-only-active-and-reviewed"]),
    fact("06:55", MES, ("state", FactValue::State("active")), "it has an owner again: active"),
    mes("06:56", WRITE, true, &["cell-01-own-mes-connector"]),
    fact("07:10", PLC, ("lockedOut", FactValue::Bool(true)), "locked out, people may be inside"),
    mes("07:11", WRITE, false, &["safety-03-lockout-points"]),
    Step::Question(Question {
        time: "07:12",
        case: "engineer downloads in window",
        who: "engineer chen",
        what: "program download to plc-7",
        allow: false,
        determining: &["safety-02-lockout-tagout"],
    }),
    Step::Question(Question {
        time: "07:13",
        case: "emergency stop by an orphaned identity",
        who: "orphan mes/old",
        what: "emergency stop of plc-7",
        allow: true,
        determining: &["safety-01-stop-is-always-allowed"],
    }),
    fact("07:30", PLC, ("lockedOut", FactValue::Bool(false)), "lock removed"),
    mes("07:31", WRITE, true, &["cell-01-own-mes-connector"]),
];

/// While the stricter policies are live.
pub(super) const FREEZE: &[Step] = &[
    mes("08:01", WRITE, false, &["freeze-01-no-connector-writes"]),
    vendor("08:02", SESSION, true, &["vendor-01-maintenance"]),
];

/// After the rollback.
pub(super) const AFTER: &[Step] = &[mes("08:31", WRITE, true, &["cell-01-own-mes-connector"])];

/// The end of the shift.
pub(super) const END: &[Step] = &[vendor("10:00", SESSION, false, &[])];

/// How sessions end, in this order. The second was ten minutes old at 06:05, and may last four hours.
pub(super) const ENDS: &[End] = &[
    End { time: "06:12", device: "laptop-2", determining: &["sig-01-session-and-posture"] },
    End { time: "09:55", device: "laptop-1", determining: &[] },
];
