//! Random histories: after each poll the flips are those that deciding all sessions anew finds, and
//! only those were decided again that depend on what has changed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use trapkey::{
    Bundle, Cause, Datetime, Duration, Engine, Entity, EntityUid, Grant, GrantDependency, Handle,
    Horizon, OpenSessionError, Reason, Request, SessionId, SessionKeys, SessionLimits,
    SessionTerms, Sessions, SubjectKey, UpdateError, Value,
};
use trapkey_tests::lasting::{
    self, Asked, DOCS, GROUPS, START, STRICTER, USERS, any_asked, any_entity, any_facts, any_grant,
    any_wait, uid, user,
};

const HISTORIES: u32 = 500;
const STEPS_MAX: usize = 60;

#[derive(Clone, Debug)]
enum Step {
    Open(Asked, bool),
    Upsert(Entity),
    Remove(EntityUid),
    Replace(Vec<Entity>),
    Publish(bool),
    Rollback,
    Grant(Grant),
    RevokeGrant(usize),
    Update(SubjectKey, &'static str, Value),
    Revoke(SubjectKey),
    Close(usize),
    Wait(i64),
    Poll,
}

fn any_key() -> impl Strategy<Value = SubjectKey> {
    let device = (0..3_usize).prop_map(|number| SubjectKey::Device(number.to_string()));
    prop_oneof![(0..USERS).prop_map(|number| SubjectKey::Principal(user(number))), device]
}

fn any_open() -> impl Strategy<Value = Step> {
    (any_asked(), any::<bool>()).prop_map(|(asked, stays)| Step::Open(asked, stays))
}

fn any_step() -> impl Strategy<Value = Step> {
    let update =
        (any_key(), any_value()).prop_map(|(key, (path, value))| Step::Update(key, path, value));
    prop_oneof![
        6 => any_open(),
        6 => any_entity().prop_map(Step::Upsert),
        2 => (0..GROUPS + USERS + DOCS).prop_map(|number| Step::Remove(uid(number))),
        1 => any_facts().prop_map(Step::Replace),
        1 => any::<bool>().prop_map(Step::Publish),
        1 => Just(Step::Rollback),
        4 => any_grant().prop_map(Step::Grant),
        1 => (0..4_usize).prop_map(Step::RevokeGrant),
        5 => update,
        1 => any_key().prop_map(Step::Revoke),
        1 => any::<usize>().prop_map(Step::Close),
        3 => any_wait().prop_map(Step::Wait),
        8 => Just(Step::Poll),
    ]
}

fn any_value() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        any::<bool>().prop_map(|flag| ("session.revoked", Value::Bool(flag))),
        (0..9_i64).prop_map(|risk| ("session.risk", Value::Long(risk))),
        any::<bool>().prop_map(|flag| ("device.compliant", Value::Bool(flag))),
        (0..30_i64).prop_map(|idle| ("session.idle", Value::Duration(idle * 60_000))),
        (0..30_i64).prop_map(|left| ("left", Value::Duration(left * 60_000))),
    ]
}

/// A session as brute force sees it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Naive {
    request: Request,
    stands: Datetime,
    is_allow: bool,
    stays: bool,
    /// What it depended on when it was decided.
    depends: BTreeSet<Handle>,
    grants: Option<GrantDependency>,
    until: Option<Datetime>,
    keys: Vec<SubjectKey>,
    /// Whether it has to be decided again at the next poll.
    is_concerned: bool,
    is_revoked: bool,
}

struct World {
    engine: Engine,
    sessions: Sessions,
    naive: BTreeMap<SessionId, Naive>,
    now: Datetime,
    closed: Vec<SessionId>,
}

type Tally = BTreeMap<&'static str, u64>;

fn ensure(is_so: bool, what: impl FnOnce() -> String) -> Result<(), TestCaseError> {
    if is_so { Ok(()) } else { Err(TestCaseError::fail(what())) }
}

/// The rows of all entities.
fn rows(engine: &Engine) -> BTreeMap<Handle, Vec<u8>> {
    let entities = engine.entities().unwrap();
    entities.iter().map(|entity| (entity.handle(), entity.row().bytes().to_vec())).collect()
}

impl Naive {
    /// Decides anew, and notes until when that holds and on what it depends.
    fn decide(&mut self, engine: &Engine, now: Datetime) -> bool {
        self.request.advance(Duration(now.0 - self.stands.0)).unwrap();
        self.stands = now;
        let decision = engine.decide(&self.request);
        assert!(!matches!(decision.reason(), Reason::Failed(_)), "{decision:?}");
        self.until = match decision.horizon() {
            Horizon::Never => None,
            Horizon::Now => Some(Datetime(now.0 + 1)),
            Horizon::Remaining(left) => {
                Some(Datetime(now.0 + i64::try_from(left.as_millis()).unwrap()))
            }
        };
        let dependencies = engine.dependencies(&self.request).unwrap();
        self.depends = dependencies.entities().iter().map(|entity| entity.handle).collect();
        self.grants = dependencies.grants().cloned();
        self.is_concerned = false;
        decision.is_allow()
    }
}

impl World {
    fn new(engine: &Engine, facts: Vec<Entity>) -> Self {
        engine.replace_entities(facts).unwrap();
        let sessions = engine.sessions(SessionLimits::default());
        let (engine, naive) = (engine.clone(), BTreeMap::new());
        Self { engine, sessions, naive, now: START, closed: Vec::new() }
    }

    /// Changes the facts, and notes who is concerned.
    fn facts(&mut self, change: impl FnOnce(&Engine)) {
        let before = rows(&self.engine);
        change(&self.engine);
        let after = rows(&self.engine);
        let handles: BTreeSet<Handle> = before.keys().chain(after.keys()).copied().collect();
        let changed: BTreeSet<Handle> =
            handles.into_iter().filter(|handle| before.get(handle) != after.get(handle)).collect();
        for naive in self.naive.values_mut() {
            naive.is_concerned |= !naive.depends.is_disjoint(&changed);
        }
    }

    /// Notes who is concerned by a grant that came or went.
    fn granted(&mut self, grant: &Grant) {
        let fits = |slot: &Option<EntityUid>, of: &[Handle]| {
            slot.as_ref().is_none_or(|uid| of.contains(&uid.handle()))
        };
        for naive in self.naive.values_mut() {
            naive.is_concerned |= naive.grants.as_ref().is_some_and(|grants| {
                fits(&grant.principal, &grants.principals)
                    && fits(&grant.resource, &grants.resources)
            });
        }
    }

    fn step(
        &mut self,
        step: &Step,
        bundles: &[Bundle; 2],
        tally: &mut Tally,
    ) -> Result<(), TestCaseError> {
        match step {
            Step::Open(asked, stays) => self.open(asked, *stays, tally)?,
            Step::Upsert(entity) => {
                self.facts(|engine| engine.upsert(entity.clone()).unwrap());
            }
            Step::Remove(uid) => self.facts(|engine| {
                engine.remove(uid).unwrap();
            }),
            Step::Replace(list) => {
                self.facts(|engine| engine.replace_entities(list.clone()).unwrap());
            }
            Step::Publish(stricter) => {
                self.engine.publish(&bundles[usize::from(*stricter)]).unwrap();
                self.naive.values_mut().for_each(|naive| naive.is_concerned = true);
            }
            Step::Rollback => {
                if self.engine.rollback().is_ok() {
                    self.naive.values_mut().for_each(|naive| naive.is_concerned = true);
                }
            }
            Step::Grant(grant) => {
                if self.engine.grant(grant.clone()).is_ok() {
                    self.granted(grant);
                    *tally.entry("granted").or_default() += 1;
                }
            }
            Step::RevokeGrant(id) => {
                let held = self.engine.grants();
                let id = id.to_string();
                if let Some(held) = held.iter().find(|held| held.grant().id == id) {
                    assert!(self.engine.revoke(&id));
                    self.granted(held.grant());
                }
            }
            Step::Update(key, path, value) => self.update(key, path, value, tally)?,
            Step::Revoke(key) => {
                let of = self.naive.values_mut().filter(|naive| naive.keys.contains(key));
                let count: usize = of
                    .map(|naive| usize::from(!std::mem::replace(&mut naive.is_revoked, true)))
                    .sum();
                let revoked = self.sessions.revoke(key, "stolen");
                ensure(revoked == count, || format!("{revoked} revoked, expected {count}"))?;
            }
            Step::Close(number) => {
                let index = number.checked_rem(self.naive.len()).unwrap_or(0);
                if let Some(id) = self.naive.keys().nth(index).copied() {
                    let closed = self.sessions.close(id).is_ok();
                    ensure(closed != self.naive[&id].is_revoked, || format!("{id}: {closed}"))?;
                    if closed {
                        self.naive.remove(&id);
                        self.closed.push(id);
                    }
                }
            }
            Step::Wait(ms) => self.now.0 += ms,
            Step::Poll => self.poll(tally)?,
        }
        Ok(())
    }

    fn open(&mut self, asked: &Asked, stays: bool, tally: &mut Tally) -> Result<(), TestCaseError> {
        let request = asked.request(&self.engine, self.now);
        let device = asked.compliant.map(|flag| usize::from(flag).to_string());
        let mut keys = vec![SubjectKey::Principal(user(asked.user))];
        keys.extend(device.clone().map(SubjectKey::Device));
        let terms = SessionTerms { stays, ..SessionTerms::default() };
        let want = self.engine.decide(&request).is_allow();
        let keys_given = SessionKeys { device, ..SessionKeys::default() };
        match self.sessions.open(self.now, request.clone(), keys_given, terms) {
            Ok((id, decision)) => {
                ensure(want && decision.is_allow(), || format!("{id} was opened by a deny"))?;
                let mut naive = Naive {
                    request,
                    stands: self.now,
                    is_allow: true,
                    stays,
                    depends: BTreeSet::new(),
                    grants: None,
                    until: None,
                    keys,
                    is_concerned: false,
                    is_revoked: false,
                };
                naive.decide(&self.engine, self.now);
                ensure(self.naive.insert(id, naive).is_none(), || format!("{id} twice"))?;
                *tally.entry("opened").or_default() += 1;
            }
            Err(OpenSessionError::Denied(decision)) => {
                ensure(!want && !decision.is_allow(), || "an allow was refused".to_owned())?;
            }
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        }
        Ok(())
    }

    fn update(
        &mut self,
        key: &SubjectKey,
        path: &str,
        value: &Value,
        tally: &mut Tally,
    ) -> Result<(), TestCaseError> {
        let mut count = 0;
        let model = self.engine.model().unwrap();
        let mut of: Vec<&mut Naive> =
            self.naive.values_mut().filter(|naive| naive.keys.contains(key)).collect();
        for naive in &mut of {
            let action = &model.schema().actions[naive.request.action() as usize].uid;
            let Ok(slot) = model.slot::<Value>(action, path) else { continue };
            let mut request = naive.request.clone();
            request.advance(Duration(self.now.0 - naive.stands.0)).unwrap();
            if request.set(&slot, value).is_ok() {
                naive.request = request;
                naive.stands = self.now;
                naive.is_concerned = true;
                count += 1;
            }
        }
        let has_any = !of.is_empty();
        match self.sessions.update(self.now, key, path, value) {
            Ok(updated) => ensure(updated == count, || format!("{updated}, expected {count}"))?,
            Err(UpdateError::UnknownAttribute { .. }) => {
                ensure(has_any && count == 0, || format!("{path} is known to {count}"))?;
            }
            Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
        }
        *tally.entry("updated").or_default() += count as u64;
        Ok(())
    }

    fn poll(&mut self, tally: &mut Tally) -> Result<(), TestCaseError> {
        let before = self.sessions.counts().decided;
        let mut flips = Vec::new();
        self.sessions.poll(self.now, &mut flips);
        let decided = self.sessions.counts().decided - before;
        let (mut want, mut concerned) = (BTreeMap::new(), 0);
        for (id, naive) in &mut self.naive {
            if naive.is_revoked {
                want.insert(*id, None);
                continue;
            }
            let is_due = naive.until.is_some_and(|until| until <= self.now);
            concerned += u64::from(naive.is_concerned || is_due);
            let is_concerned = naive.is_concerned || is_due;
            // All are decided anew, concerned or not: no flip may be missed.
            let is_allow = naive.request.clone();
            let mut probe = Naive {
                request: is_allow,
                depends: BTreeSet::new(),
                grants: None,
                keys: Vec::new(),
                ..*naive
            };
            let allows = probe.decide(&self.engine, self.now);
            if allows != naive.is_allow {
                want.insert(*id, Some(allows));
            }
            if is_concerned {
                naive.decide(&self.engine, self.now);
            }
            naive.is_allow = allows;
        }
        let got: BTreeMap<SessionId, Option<bool>> = flips
            .iter()
            .map(|flip| (flip.session, flip.after.as_ref().map(trapkey::Decision::is_allow)))
            .collect();
        ensure(got == want && flips.len() == want.len(), || {
            format!("flips {got:?}, by force {want:?}")
        })?;
        ensure(decided == concerned, || format!("{decided} decided, {concerned} concerned"))?;
        for flip in &flips {
            let naive = &self.naive[&flip.session];
            let is_over = match flip.after {
                None => flip.cause == Cause::Revoked { reason: "stolen".to_owned() },
                Some(_) => !naive.is_allow && !naive.stays,
            };
            ensure(flip.is_over == is_over, || format!("{flip:?}"))?;
            if flip.is_over {
                self.naive.remove(&flip.session);
                self.closed.push(flip.session);
            }
            *tally.entry(name(&flip.cause)).or_default() += 1;
        }
        *tally.entry("polled").or_default() += self.naive.len() as u64;
        *tally.entry("decided").or_default() += decided;
        ensure(self.sessions.len() == self.naive.len(), || "another number is open".to_owned())?;
        for (id, naive) in &self.naive {
            let kept = self.sessions.decision(*id).map(trapkey::Decision::is_allow);
            ensure(kept == Ok(naive.is_allow), || format!("{id}: {kept:?}"))?;
        }
        let reopened = self.closed.iter().find(|id| self.sessions.decision(**id).is_ok());
        ensure(reopened.is_none(), || format!("{reopened:?} is open again"))
    }
}

fn name(cause: &Cause) -> &'static str {
    match cause {
        Cause::Revoked { .. } => "revoked",
        Cause::Published => "published",
        Cause::Facts => "facts",
        Cause::Entity(_) => "entity",
        Cause::Grant => "grant",
        Cause::Context => "context",
        Cause::Horizon => "horizon",
        _ => "other",
    }
}

/// The same in every run, so that what must occur does.
fn rng() -> TestRng {
    TestRng::deterministic_rng(RngAlgorithm::ChaCha)
}

#[test]
fn flips_are_those_that_deciding_everything_anew_finds() {
    let engine = lasting::engine();
    let bundles = [lasting::POLICIES, STRICTER].map(lasting::bundle);
    let tally = RefCell::new(Tally::new());
    let config = Config { cases: HISTORIES, failure_persistence: None, ..Config::default() };
    let opened = vec(any_open(), 8);
    let histories = (any_facts(), opened, vec(any_step(), 1..STEPS_MAX));
    let outcome =
        TestRunner::new_with_rng(config, rng()).run(&histories, |(facts, opened, steps)| {
            engine.publish(&bundles[0]).unwrap();
            for held in engine.grants() {
                engine.revoke(&held.grant().id);
            }
            let mut world = World::new(&engine, facts);
            for step in opened.iter().chain(&steps) {
                world.step(step, &bundles, &mut tally.borrow_mut())?;
            }
            world.poll(&mut tally.borrow_mut())
        });
    let tally = tally.into_inner();
    println!("{tally:?}");
    outcome.unwrap_or_else(|error| panic!("{error}"));
    for kind in
        ["opened", "updated", "revoked", "published", "entity", "grant", "context", "horizon"]
    {
        assert!(tally.get(kind).is_some_and(|count| *count > 20), "too few {kind}: {tally:?}");
    }
    assert!(tally["decided"] * 2 < tally["polled"] * 3, "{tally:?}");
}
