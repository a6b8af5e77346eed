//! Sessions whose decisions turn with time: each turn is handed over at the first poll that is not
//! before it, and no session is decided before its time.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use trapkey::{
    Cause, Datetime, Engine, EntityUid, SessionError, SessionId, SessionKeys, SessionLimits,
    SessionTerms, Sessions,
};
use trapkey_tests::fixture;
use trapkey_tests::lasting::START;
use trapkey_tests::windows::{self, PERIOD, want};

const USERS: usize = 6;

#[derive(Clone, Debug)]
enum Step {
    Open(usize, bool),
    Level(usize, i64),
    Remove(usize),
    Wait(i64),
    Poll,
}

fn any_step() -> impl Strategy<Value = Step> {
    let wait = prop_oneof![Just(1), 0..1_500_i64, 0..3 * PERIOD];
    prop_oneof![
        4 => (0..USERS, proptest::bool::ANY).prop_map(|(user, stays)| Step::Open(user, stays)),
        2 => (0..USERS, 0..9_i64).prop_map(|(user, level)| Step::Level(user, level)),
        1 => (0..USERS).prop_map(Step::Remove),
        4 => wait.prop_map(Step::Wait),
        6 => Just(Step::Poll),
    ]
}

/// A session as it should be.
struct Naive {
    user: usize,
    stays: bool,
    is_allow: bool,
    until: i64,
    is_concerned: bool,
}

struct History {
    engine: Engine,
    sessions: Sessions,
    levels: BTreeMap<usize, i64>,
    naive: BTreeMap<SessionId, Naive>,
    now: i64,
    /// Flips by horizons.
    turned: u64,
}

fn ensure(is_so: bool, what: impl FnOnce() -> String) -> Result<(), TestCaseError> {
    if is_so { Ok(()) } else { Err(TestCaseError::fail(what())) }
}

impl History {
    fn want(&self, user: usize) -> (bool, i64) {
        want(self.levels.get(&user).copied(), Datetime(self.now))
    }

    fn changed(&mut self, user: usize, level: Option<i64>) {
        let before = self.levels.get(&user).copied();
        match level {
            Some(level) => self.levels.insert(user, level),
            None => self.levels.remove(&user),
        };
        if before != level {
            let of = self.naive.values_mut().filter(|naive| naive.user == user);
            of.for_each(|naive| naive.is_concerned = true);
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Open(user, stays) => {
                let request = windows::request(&self.engine, &user.to_string(), Datetime(self.now));
                let terms = SessionTerms { stays, ..SessionTerms::default() };
                let (is_allow, left) = self.want(user);
                let opened =
                    self.sessions.open(Datetime(self.now), request, SessionKeys::default(), terms);
                ensure(opened.is_ok() == is_allow, || format!("{opened:?}, expected {is_allow}"))?;
                if let Ok((id, decision)) = opened {
                    let until = decision.valid_until();
                    ensure(until == Some(Datetime(self.now + left)), || format!("{until:?}"))?;
                    let until = self.now + left;
                    let naive = Naive { user, stays, is_allow, until, is_concerned: false };
                    self.naive.insert(id, naive);
                }
            }
            Step::Level(user, level) => {
                self.engine.upsert(fixture::user(&user.to_string(), level)).unwrap();
                self.changed(user, Some(level));
            }
            Step::Remove(user) => {
                self.engine.remove(&EntityUid::new("User", user.to_string())).unwrap();
                self.changed(user, None);
            }
            Step::Wait(ms) => self.now += ms,
            Step::Poll => self.poll()?,
        }
        Ok(())
    }

    fn poll(&mut self) -> Result<(), TestCaseError> {
        let before = self.sessions.counts().decided;
        let mut flips = Vec::new();
        self.sessions.poll(Datetime(self.now), &mut flips);
        let decided = self.sessions.counts().decided - before;
        let mut flips: BTreeMap<SessionId, trapkey::Flip> =
            flips.into_iter().map(|flip| (flip.session, flip)).collect();
        let (now, mut concerned) = (self.now, 0);
        let levels = self.levels.clone();
        for (id, naive) in &mut self.naive {
            let level = levels.get(&naive.user).copied();
            let (is_allow, left) = want(level, Datetime(now));
            let is_due = naive.until <= now;
            concerned += u64::from(is_due || naive.is_concerned);
            let flip = flips.remove(id);
            ensure(flip.is_some() == (is_allow != naive.is_allow), || format!("{id}: {flip:?}"))?;
            if let Some(flip) = flip {
                let cause = if naive.is_concerned {
                    Cause::Entity(EntityUid::new("User", naive.user.to_string()).handle())
                } else {
                    self.turned += 1;
                    Cause::Horizon
                };
                ensure(flip.cause == cause, || format!("{flip:?}, expected {cause:?}"))?;
            }
            if is_due || naive.is_concerned {
                naive.until = now + left;
            }
            naive.is_concerned = false;
            naive.is_allow = is_allow;
        }
        ensure(flips.is_empty(), || format!("{flips:?} are not known"))?;
        ensure(decided == concerned, || format!("{decided} decided, {concerned} concerned"))?;
        self.naive.retain(|_, naive| naive.is_allow || naive.stays);
        ensure(self.sessions.len() == self.naive.len(), || "another number is open".to_owned())
    }
}

#[test]
fn turns_are_handed_over_in_their_time() {
    let engine = windows::engine();
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 400, failure_persistence: None, ..Config::default() };
    let turned = std::cell::Cell::new(0);
    let outcome = TestRunner::new_with_rng(config, rng).run(&vec(any_step(), 1..80), |steps| {
        engine.replace_entities(Vec::new()).unwrap();
        let sessions = engine.sessions(SessionLimits::default());
        let (levels, naive) = (BTreeMap::new(), BTreeMap::new());
        let engine = engine.clone();
        let mut history = History { engine, sessions, levels, naive, now: START.0, turned: 0 };
        steps.iter().try_for_each(|step| history.step(step))?;
        turned.set(turned.get() + history.turned);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    println!("{} turns", turned.get());
    assert!(turned.get() > 500, "{} turns", turned.get());
}

/// A poll in every millisecond finds the turn in its own; none is decided before.
#[test]
fn a_turn_is_found_in_its_millisecond() {
    let engine = windows::engine();
    engine.upsert(fixture::user("u", 3)).unwrap();
    let mut sessions = engine.sessions(SessionLimits::default());
    // An instant at which an allow begins.
    let begin = (START.0..START.0 + 3 * PERIOD)
        .find(|at| want(Some(3), Datetime(*at)) == (true, PERIOD))
        .unwrap();
    let request = windows::request(&engine, "u", Datetime(begin));
    let (id, _) = sessions
        .open(Datetime(begin), request, SessionKeys::default(), SessionTerms::default())
        .unwrap();
    let mut flips = Vec::new();
    for after in 0..PERIOD {
        sessions.poll(Datetime(begin + after), &mut flips);
        assert!(flips.is_empty() && sessions.check(id, Datetime(begin + after)).is_ok());
    }
    assert_eq!(sessions.counts().decided, 1);
    let end = Datetime(begin + PERIOD);
    assert_eq!(sessions.check(id, end).unwrap_err(), SessionError::Overdue { id });
    sessions.poll(end, &mut flips);
    assert_eq!((flips.len(), &flips[0].cause), (1, &Cause::Horizon));
    assert_eq!(flips[0].after.as_ref().unwrap().at(), Some(end));
    assert!(sessions.is_empty());
}
