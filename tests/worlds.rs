//! Generated worlds decide as in Cedar: any schema, policies of every construct, links, missing entities.
//!
//! `TRAPKEY_CASES` and `TRAPKEY_SEED` set how many decisions are compared and where the numbers of the worlds begin.
//! A world that differs is reduced to one policy, one store and one request, which belong in `tests/worlds/`.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use trapkey::{
    Bundle, CompileOptions, Compiled, Decision, Effect, Engine, Limits, Options, Reason, Release,
    Request, Semantics, Sources, TemplateLink, compile,
};
use trapkey_testkit::{Link, Oracle, World, repository_dir};
use trapkey_tests::links::template_link;

/// Decisions compared without `TRAPKEY_CASES`.
const CASES: u64 = 8_000;

type Tally = BTreeMap<&'static str, u64>;

fn number(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => {
            text.parse().unwrap_or_else(|_| panic!("{variable} is `{text}`, expected a number"))
        }
        Err(_) => default,
    }
}

/// Sets of sets of sets, as worlds compare them, may take more than the default budget.
fn engine() -> Engine {
    let limits = Limits { fuel: NonZeroU64::MAX, ..Limits::default() };
    Engine::with_options(Options { limits, poison_frames: true, ..Options::default() }).unwrap()
}

fn build(world: &World, semantics: Semantics) -> Result<Compiled, String> {
    let links: Vec<TemplateLink> = world.links.iter().map(template_link).collect();
    let policies = world.policies();
    let sources = Sources { policies: &policies, schema: &world.schema_as_given, links: &links };
    compile(&sources, CompileOptions { semantics }).map_err(|error| format!("refused: {error}"))
}

fn publish(engine: &Engine, compiled: &Compiled, store: &Value) -> Result<(), String> {
    let release = Release { name: "world".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).map_err(|error| error.to_string())?;
    let bundle = Bundle::open(&bytes).map_err(|error| error.to_string())?;
    let published = engine.publish_with_json(&bundle, &store.to_string());
    published.map(|_| ()).map_err(|error| format!("not published: {error:?}"))
}

fn decide(engine: &Engine, request: &Value) -> Result<Decision, String> {
    let model = engine.model().ok_or("nothing is published")?;
    let request = Request::from_json(&model, &request.to_string())
        .map_err(|error| format!("request refused: {error:?}"))?;
    Ok(engine.decide(&request))
}

fn ids<'a>(policies: impl Iterator<Item = &'a trapkey::Policy>) -> BTreeSet<String> {
    policies.map(|policy| policy.id.clone()).collect()
}

/// Cedar's verdict, its determining and its erring policies.
fn check_cedar(want: &trapkey_testkit::Verdict, got: &Decision) -> Result<(), String> {
    let determining = ids(got.determining());
    let erring = ids(got.erring().map(|erring| erring.policy));
    let is_same = want.allow == got.is_allow()
        && want.determining == determining
        && want.erring == erring
        && !matches!(got.reason(), Reason::Failed(_));
    if is_same {
        return check_faults(got);
    }
    Err(format!(
        "cedar says {want:?}, trapkey {:?} by {determining:?}, erring {erring:?}",
        got.reason()
    ))
}

/// Every error was said to be possible: this one, there, for this action.
fn check_faults(got: &Decision) -> Result<(), String> {
    let is_foreseen = |erring: &trapkey::Erring<'_>| {
        erring.policy.faults.iter().any(|fault| {
            let span = erring.policy.places.get(usize::from(fault.place));
            fault.error == erring.error && span == Some(&erring.span)
        })
    };
    match got.erring().find(|erring| !is_foreseen(erring)) {
        None => Ok(()),
        Some(erring) => Err(format!("{erring:?} is not among the errors that were foreseen")),
    }
}

/// Trapkey's own rule: an erring forbid denies, unless it can never hold; nothing else differs.
fn check_trapkey(want: &trapkey_testkit::Verdict, got: &Decision) -> Result<(), String> {
    let is_forbid = |policy: &trapkey::Policy| policy.effect == Effect::Forbid;
    let has_erring_forbid = got.erring().any(|erring| is_forbid(erring.policy));
    let is_right = match got.reason() {
        Reason::Permitted => want.allow && want.determining == ids(got.determining()),
        Reason::Forbidden => !want.allow && want.determining == ids(got.determining()),
        Reason::NotPermitted => !want.allow && want.determining.is_empty(),
        Reason::ForbidErred => has_erring_forbid && (want.allow || want.determining.is_empty()),
        Reason::Failed(_) | Reason::ObligationNotHonoured => false,
    };
    if is_right { Ok(()) } else { Err(format!("cedar says {want:?}, trapkey {got:?}")) }
}

/// Compares all decisions of a world, and counts what came of them.
fn compare(engine: &Engine, world: &World, tally: &mut Tally) -> Result<(), String> {
    let text = world.policies();
    let oracle = |store| {
        let oracle = Oracle::new(&world.schema, &text, store);
        oracle.and_then(|oracle| oracle.with_links(&world.links))
    };
    let compiled = build(world, Semantics::CEDAR)?;
    let own = build(world, Semantics::TRAPKEY)?;
    let mut held = BTreeSet::new();
    let mut erred = BTreeSet::new();
    for store in &world.stores {
        let oracle = oracle(store).map_err(|error| format!("oracle: {error:?}"))?;
        let verdicts: Result<Vec<_>, _> =
            world.requests.iter().map(|request| oracle.decide(request)).collect();
        let verdicts = verdicts.map_err(|error| format!("oracle: {error:?}"))?;
        for (compiled, check) in [(&compiled, check_cedar as Check), (&own, check_trapkey)] {
            publish(engine, compiled, store)?;
            for (request, want) in world.requests.iter().zip(&verdicts) {
                let got = decide(engine, request)?;
                check(want, &got)
                    .map_err(|error| format!("{error}\nrequest {request}\nstore {store}"))?;
            }
        }
        for want in verdicts {
            let kind = match (want.allow, want.determining.is_empty()) {
                (true, _) => "allow",
                (false, false) => "forbidden",
                (false, true) => "not permitted",
            };
            *tally.entry(kind).or_default() += 1;
            *tally.entry("with an error").or_default() += u64::from(!want.erring.is_empty());
            held.extend(want.determining);
            erred.extend(want.erring);
        }
    }
    *tally.entry("policies").or_default() += (world.policies.len() + world.links.len()) as u64;
    *tally.entry("policies that determined").or_default() += held.len() as u64;
    *tally.entry("policies that erred").or_default() += erred.len() as u64;
    Ok(())
}

type Check = fn(&trapkey_testkit::Verdict, &Decision) -> Result<(), String>;

/// The world with as few policies, stores and requests as still differ.
fn reduced(mut world: World) -> (World, String) {
    let engine = engine();
    let differs = |world: &World| compare(&engine, world, &mut Tally::new()).err();
    let mut why = differs(&world).unwrap_or_default();
    // From the back, so that what is still to be tried keeps its place.
    for part in [Part::Policies, Part::Stores, Part::Requests] {
        for index in (0..part.len(&world)).rev() {
            let smaller = part.without(&world, index);
            if let Some(error) = differs(&smaller) {
                (world, why) = (smaller, error);
            }
        }
    }
    (world, why)
}

#[derive(Clone, Copy)]
enum Part {
    Policies,
    Stores,
    Requests,
}

impl Part {
    fn len(self, world: &World) -> usize {
        match self {
            Self::Policies => world.policies.len(),
            Self::Stores => world.stores.len(),
            Self::Requests => world.requests.len(),
        }
    }

    fn without(self, world: &World, index: usize) -> World {
        let mut world = world.clone();
        match self {
            // Another policy in its place, so that those behind it keep their ids.
            Self::Policies => {
                let never = "forbid(principal, action, resource) when { false };";
                never.clone_into(&mut world.policies[index]);
                world.links.retain(|link| link.template != format!("policy{index}"));
            }
            Self::Stores => drop(world.stores.remove(index)),
            Self::Requests => drop(world.requests.remove(index)),
        }
        world
    }
}

fn report(seed: u64, world: World) -> String {
    let (world, why) = reduced(world);
    let uid = |uid: &Option<cedar_policy::EntityUid>| uid.as_ref().map(ToString::to_string);
    let links = world.links.iter().map(|link| {
        let (principal, resource) = (uid(&link.principal), uid(&link.resource));
        json!({ "id": link.id, "template": link.template, "principal": principal, "resource": resource })
    });
    let kept = json!({
        "why": why,
        "schema": world.schema_as_given,
        "policies": world.policies,
        "links": links.collect::<Vec<_>>(),
        "stores": world.stores,
        "requests": world.requests,
    });
    format!("world {seed}: {why}\n{kept:#}")
}

/// A world that once differed, as [`report`] writes it.
fn kept(text: &str) -> World {
    let json: Value = serde_json::from_str(text).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |name: &str| json[name].as_array().unwrap().clone();
    let uid = |value: &Value| value.as_str().map(|uid| uid.parse().unwrap());
    let link = |link: &Value| Link {
        id: text(&link["id"]),
        template: text(&link["template"]),
        principal: uid(&link["principal"]),
        resource: uid(&link["resource"]),
    };
    World {
        schema: text(&json["schema"]),
        schema_as_given: text(&json["schema"]),
        policies: list("policies").iter().map(text).collect(),
        links: list("links").iter().map(link).collect(),
        stores: list("stores"),
        requests: list("requests"),
        attempts: 0,
    }
}

#[test]
fn worlds_that_once_differed_decide_as_cedar() {
    let engine = engine();
    let folder = repository_dir().join("tests/worlds");
    let mut compared = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let world = kept(&std::fs::read_to_string(&path).unwrap());
        let outcome = compare(&engine, &world, &mut Tally::new());
        outcome.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        compared += 1;
    }
    assert!(compared > 0, "{} holds no worlds", folder.display());
}

#[test]
fn generated_worlds_decide_as_cedar() {
    let (cases, first) = (number("TRAPKEY_CASES", CASES), number("TRAPKEY_SEED", 1));
    let (next, compared) = (AtomicU64::new(first), AtomicU64::new(0));
    let total = Mutex::new(Tally::new());
    let failure = Mutex::new(None);
    let work = || {
        let engine = engine();
        let mut tally = Tally::new();
        while compared.load(Ordering::Relaxed) < cases && failure.lock().unwrap().is_none() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            let world = World::generate(seed).unwrap_or_else(|error| panic!("{seed}: {error:?}"));
            if compare(&engine, &world, &mut tally).is_err() {
                *failure.lock().unwrap() = Some(report(seed, world));
                break;
            }
            let pairs = (world.stores.len() * world.requests.len()) as u64;
            compared.fetch_add(pairs, Ordering::Relaxed);
        }
        let mut total = total.lock().unwrap();
        for (kind, count) in tally {
            *total.entry(kind).or_default() += count;
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let total = total.into_inner().unwrap();
    let last = next.into_inner() - 1;
    println!("worlds {first} to {last}: {} decisions compared, {total:?}", compared.into_inner());
    if let Some(report) = failure.into_inner().unwrap() {
        panic!("{report}");
    }
    let decisions = total["allow"] + total["forbidden"] + total["not permitted"];
    for kind in ["allow", "forbidden", "not permitted", "with an error"] {
        assert!(total[kind] * 20 > decisions, "too few are {kind}: {total:?}");
    }
    for kind in ["policies that determined", "policies that erred"] {
        assert!(total[kind] * 20 > total["policies"], "too few {kind}: {total:?}");
    }
}
