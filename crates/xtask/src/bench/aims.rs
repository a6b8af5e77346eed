//! Every figure to reach: which benches are compared, and how well ours must do.

/// What a row compares.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    /// What is measured.
    pub(super) name: String,
    /// Id of our bench.
    pub(super) ours: String,
    /// The peer: its name, and the id of its bench.
    pub(super) peer: Option<(&'static str, String)>,
    /// What the numbers count.
    pub(super) unit: &'static str,
    /// What is to be reached.
    pub(super) aim: Aim,
}

/// How well ours must do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aim {
    /// At least this many times faster than the peer.
    Faster(f64),
    /// At most this many times the peer's time.
    AtMostTimes(f64),
    /// At most this, whatever the peer does.
    AtMost(f64),
    /// Measured to be known.
    None,
}

const NANOSECONDS: &str = "ns";

const CEDAR: &str = "cedar-policy";

/// Policies of a set, and how many times faster than Cedar a decision has to be.
const POLICIES: [(u32, f64); 5] =
    [(1, 25.0), (10, 80.0), (100, 500.0), (1_000, 5_000.0), (10_000, 50_000.0)];

const SHAPES: [&str; 4] = ["pairs", "roles", "one-group", "one-folder"];

/// Longest median of an application, in nanoseconds.
const APP_NS_MAX: f64 = 200.0;

/// All comparisons, in the order of the report.
pub(super) fn all() -> Vec<Comparison> {
    let mut all = Vec::new();
    for shape in SHAPES {
        let group = format!("policies/{shape}");
        for (count, times) in POLICIES {
            let name = format!("{group}, set of {count}");
            let (ours, cedar) =
                (format!("{group}/trapkey/{count}"), format!("{group}/{CEDAR}/{count}"));
            all.push(against(name, ours, (CEDAR, cedar), Aim::Faster(times)));
        }
        let ours = |count| format!("{group}/trapkey/{count}");
        let peer = ("our own set of 10", ours("10"));
        let name = format!("{group}, set of 10000");
        all.push(against(name, ours("10000"), peer, Aim::AtMostTimes(2.0)));
    }
    all.extend(plant());
    for app in ["gdrive", "tinytodo"] {
        for size in [5, 20, 50] {
            let group = format!("apps/{app}");
            let (ours, cedar) =
                (format!("{group}/trapkey/{size}"), format!("{group}/{CEDAR}/{size}"));
            let name = format!("{group}, {size} entities of each type");
            all.push(against(name, ours, (CEDAR, cedar), Aim::AtMost(APP_NS_MAX)));
        }
    }
    all.extend(threads());
    for shape in ["pairs", "roles"] {
        let group = format!("compile/{shape}");
        let peer = ("cedar-policy, parse and validation", format!("{group}/{CEDAR}"));
        let name = format!("{group}, 10000 policies");
        all.push(against(name, format!("{group}/trapkey"), peer, Aim::AtMostTimes(2.0)));
    }
    let peer = (CEDAR, format!("allocations/{CEDAR}"));
    let allocations = against("allocations", "allocations/trapkey", peer, Aim::AtMost(0.0));
    all.push(Comparison { unit: "allocations", ..allocations });
    all
}

fn plant() -> Vec<Comparison> {
    let prepared = |peer, aim| {
        let id = format!("plant/prepared/{peer}");
        against("plant/prepared", "plant/prepared/trapkey", (peer, id), aim)
    };
    let part = |part: &str| Comparison {
        name: format!("parts/{part}"),
        ours: format!("parts/{part}"),
        peer: None,
        unit: NANOSECONDS,
        aim: Aim::None,
    };
    let names = |peer, aim| {
        let id = format!("plant/from-names/{peer}");
        against("plant/from-names", "plant/from-names/trapkey", (peer, id), aim)
    };
    let json = (CEDAR, format!("plant/from-json/{CEDAR}"));
    let by_hand = ("by-hand", "plant/batch/by-hand".to_owned());
    let mut rows = vec![
        prepared(CEDAR, Aim::Faster(100.0)),
        prepared("regorus", Aim::None),
        prepared("regorus-vm", Aim::None),
        prepared("empty-guest", Aim::AtMostTimes(4.0)),
        prepared("by-hand", Aim::None),
        against("plant/batch", "plant/batch/trapkey", by_hand, Aim::AtMostTimes(2.0)),
        names(CEDAR, Aim::Faster(20.0)),
        names("cedar-policy-unchecked", Aim::None),
        against("plant/from-json", "plant/from-json/trapkey", json, Aim::None),
        cached("hit", Aim::AtMostTimes(0.5)),
        cached("miss", Aim::None),
        watched("shadow", Aim::AtMostTimes(2.0)),
        watched("shadow-of-16", Aim::None),
        watched("guarded", Aim::None),
        watched("observed", Aim::None),
        grants("first-decision", "compile-and-publish", Aim::Faster(1_000.0)),
        grants("first-decision-of-100000", "compile-and-publish", Aim::Faster(1_000.0)),
        grants("100000-held", "none-held", Aim::AtMostTimes(1.1)),
        sessions("posture", Aim::Faster(100.0)),
        sessions("entity", Aim::Faster(100.0)),
        component("batch", "core-prepared"),
        component("batch", "core-from-names"),
        component("batch", CEDAR),
        component("store", CEDAR),
        component("whole", CEDAR),
    ];
    rows.extend(["parse", "encode", "call", "decode"].map(part));
    rows
}

/// A decision that is kept, or looked for in vain, beside the same one made anew.
fn cached(name: &str, aim: Aim) -> Comparison {
    let peer = ("prepared decision", "plant/cache/prepared".to_owned());
    against(format!("plant/cache, {name}"), format!("plant/cache/{name}"), peer, aim)
}

/// Decisions that something looks on at, beside the same alone.
fn watched(name: &str, aim: Aim) -> Comparison {
    let peer = ("alone", "plant/watched/alone".to_owned());
    against(format!("plant/watched, {name}"), format!("plant/watched/{name}"), peer, aim)
}

/// What grants cost, beside what would do the same without them.
fn grants(name: &str, peer: &'static str, aim: Aim) -> Comparison {
    against(
        format!("grants, {name}"),
        format!("grants/{name}"),
        (peer, format!("grants/{peer}")),
        aim,
    )
}

/// The plant's policies as a component.
fn component(name: &str, peer: &'static str) -> Comparison {
    let group = "component/plant";
    let (name, peer_id) = (format!("{group}/component-{name}"), format!("{group}/{peer}"));
    against(name.clone(), name, (peer, peer_id), Aim::None)
}

/// One change among many sessions beside deciding all of them.
fn sessions(name: &str, aim: Aim) -> Comparison {
    let peer = ("deciding all", "sessions/all".to_owned());
    against(format!("sessions, {name}"), format!("sessions/{name}"), peer, aim)
}

fn threads() -> [Comparison; 2] {
    let throughput = |name: &str| format!("threads/throughput/{name}");
    let p999 = |name: &str| format!("threads/p999/{name}");
    let one = ("1 thread, no publication", throughput("one"));
    let quiet = ("2 threads, no publication", p999("two"));
    [
        against(
            "threads/throughput, 2 threads, publishing",
            throughput("two-publishing"),
            one,
            Aim::Faster(1.8),
        ),
        against("threads/p999, publishing", p999("two-publishing"), quiet, Aim::AtMostTimes(2.0)),
    ]
}

fn against(
    name: impl Into<String>,
    ours: impl Into<String>,
    peer: (&'static str, String),
    aim: Aim,
) -> Comparison {
    Comparison { name: name.into(), ours: ours.into(), peer: Some(peer), unit: NANOSECONDS, aim }
}
