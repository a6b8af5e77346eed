//! Contexts that move with time, and what is decided of them.

use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Datetime, Decision, Engine, Horizon, Limits, Release, Request, Sources,
    compile,
};
use trapkey_testkit::{Oracle, Verdict};

/// Actions of one policy set, each with policies of its own.
pub(crate) const ACTIONS: usize = 24;

/// 2026-11-24T08:00:00Z.
pub(crate) const START: i64 = 1_795_507_200_000;

/// The schema: one context for all actions.
pub(crate) fn schema() -> String {
    let actions: Vec<String> = (0..ACTIONS).map(|number| format!("a{number}")).collect();
    format!(
        r#"entity User; entity Doc;
        type Session = {{ @clock("elapsed") idle: duration, @clock("instant") seen?: datetime, flag: Bool }};
        action {} appliesTo {{ principal: User, resource: Doc, context: {{
          @clock("instant") now: datetime, @clock("elapsed") age: duration,
          @clock("remaining") left: duration, session: Session,
          n: Long, start: datetime, span: duration, dates: Set<datetime>
        }} }};"#,
        actions.join(", ")
    )
}

/// A context at one instant, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    pub(crate) now: i64,
    pub(crate) age: i64,
    pub(crate) left: i64,
    pub(crate) idle: i64,
    pub(crate) seen: Option<i64>,
    pub(crate) flag: bool,
    pub(crate) n: i64,
    pub(crate) start: i64,
    pub(crate) span: i64,
}

impl Context {
    /// What it is so many milliseconds later.
    pub(crate) fn after(self, ms: i64) -> Self {
        Self {
            now: self.now + ms,
            age: self.age + ms,
            left: self.left - ms,
            idle: self.idle + ms,
            seen: self.seen.map(|seen| seen + ms),
            ..self
        }
    }

    fn request(self, action: usize) -> Value {
        let duration = |ms: i64| json!({"__extn": {"fn": "duration", "arg": format!("{ms}ms")}});
        let datetime = |ms: i64| json!({"__extn": {"fn": "datetime", "arg": text(ms)}});
        let mut session = json!({"idle": duration(self.idle), "flag": self.flag});
        if let Some(seen) = self.seen {
            session["seen"] = datetime(seen);
        }
        json!({
            "principal": "User::\"u\"", "action": format!("Action::\"a{action}\""),
            "resource": "Doc::\"d\"",
            "context": {
                "now": datetime(self.now), "age": duration(self.age), "left": duration(self.left),
                "session": session, "n": self.n, "start": datetime(self.start),
                "span": duration(self.span), "dates": [datetime(self.start)],
            },
        })
    }
}

/// A datetime as Cedar writes it.
pub(crate) fn text(ms: i64) -> String {
    let (days, rest) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    // Days since 0000-03-01, in eras of 400 years.
    let day = days + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let date = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = year + era * 400 + next;
    let (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
    let (seconds, ms) = (rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{date:02}T{hours:02}:{minutes:02}:{seconds:02}.{ms:03}Z")
}

/// Whether policies compile.
pub(crate) fn is_valid(policies: &str) -> bool {
    let schema = schema();
    trapkey::check(&Sources { policies, schema: &schema, links: &[] }).is_ok()
}

/// An engine with a policy set, and Cedar with the same.
pub(crate) struct Pair {
    pub(crate) engine: Engine,
    oracle: Oracle,
}

/// What a decision says, in a form that compares.
pub(crate) type Said = (bool, Vec<String>, Vec<String>);

impl Pair {
    pub(crate) fn new(policies: &str) -> Self {
        let schema = schema();
        let sources = Sources { policies, schema: &schema, links: &[] };
        let compiled = compile(&sources, CompileOptions::default())
            .unwrap_or_else(|error| panic!("{error}: {error:?}\n{policies}"));
        let release = Release { name: "time".into(), version: "1".into(), sequence: 1 };
        let bytes = Bundle::pack(&release, &compiled.module).unwrap();
        let engine = Engine::new(Limits::default()).unwrap();
        engine.publish(&Bundle::open(&bytes).unwrap()).unwrap();
        let oracle = Oracle::new(&schema, policies, &json!([])).unwrap();
        Self { engine, oracle }
    }

    pub(crate) fn request(&self, action: usize, context: Context) -> Request {
        let model = self.engine.model().unwrap();
        Request::from_json(&model, &context.request(action).to_string()).unwrap()
    }

    pub(crate) fn decide(&self, action: usize, context: Context) -> Decision {
        self.engine.decide(&self.request(action, context))
    }

    /// What Cedar says of the same.
    pub(crate) fn cedar(&self, action: usize, context: Context) -> Verdict {
        self.oracle.decide(&context.request(action)).unwrap()
    }
}

/// What may not change before the horizon.
pub(crate) fn said(decision: &Decision) -> Said {
    let ids = |policies: Vec<&trapkey::Policy>| policies.iter().map(|p| p.id.clone()).collect();
    let erring = decision.erring().map(|erring| format!("{} {:?}", erring.policy.id, erring.error));
    (decision.is_allow(), ids(decision.determining().collect()), erring.collect())
}

/// For how many milliseconds a decision holds; none if for ever.
pub(crate) fn remaining(decision: &Decision) -> Option<i64> {
    match decision.horizon() {
        Horizon::Now => Some(0),
        Horizon::Remaining(remaining) => {
            Some(i64::try_from(remaining.as_millis()).unwrap_or(i64::MAX))
        }
        Horizon::Never => None,
    }
}

#[test]
fn datetimes_are_written_as_cedar_reads_them() {
    for ms in [0, -1, START, 951_782_400_000, 4_107_542_399_999, -62_135_596_800_000] {
        assert_eq!(text(ms).parse(), Ok(Datetime(ms)));
    }
}
