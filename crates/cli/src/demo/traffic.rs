//! Threads that decide without pause, and check every answer, while policies are swapped.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use trapkey::{Bundle, Decision, Engine, Generation, Limits, Reason, Request};

use super::histogram::Histogram;
use super::plant::{self, Plant};
use super::shift::{self, Step};
use crate::error::CliError;

/// The requests that threads decide, and the only answers that are right.
pub(super) struct Traffic<'a> {
    engine: &'a Engine,
    requests: Vec<Request>,
    /// The generation that is live when the traffic starts; the next is stricter, and the one
    /// after that the same again.
    first: Generation,
    everyday: Vec<Answer>,
    stricter: Vec<Answer>,
}

/// Verdict and determining policies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    is_allow: bool,
    determining: Vec<String>,
}

impl Answer {
    fn of(decision: &Decision) -> Self {
        let determining = decision.determining().map(|policy| policy.id.clone()).collect();
        Self { is_allow: decision.is_allow(), determining }
    }

    /// Whether `decision` says the same.
    fn is(&self, decision: &Decision) -> bool {
        let determining = decision.determining().map(|policy| policy.id.as_str());
        self.is_allow == decision.is_allow()
            && determining.eq(self.determining.iter().map(String::as_str))
    }
}

/// What the threads saw.
pub(super) struct Report {
    /// Number of threads.
    pub(super) threads: usize,
    /// From the first decision to the last.
    pub(super) elapsed: Duration,
    /// Time around each decision.
    pub(super) latencies: Histogram,
    /// Decisions by the generation that made them.
    pub(super) generations: BTreeMap<u64, u64>,
    /// Decisions that were not reached.
    pub(super) failed: u64,
    /// Decisions that are not those of their generation.
    pub(super) mixed: u64,
}

impl Report {
    /// Whether there were answers, and each was the one of its generation.
    pub(super) fn is_well(&self) -> bool {
        self.latencies.total() > 0 && self.failed == 0 && self.mixed == 0
    }

    /// Decisions of all threads together, per second.
    pub(super) fn per_second(&self) -> u128 {
        let micros = self.elapsed.as_micros().max(1);
        u128::from(self.latencies.total()) * 1_000_000 / micros
    }

    fn new(threads: usize) -> Self {
        Self {
            threads,
            elapsed: Duration::ZERO,
            latencies: Histogram::new(),
            generations: BTreeMap::new(),
            failed: 0,
            mixed: 0,
        }
    }

    fn add(&mut self, other: &Self) {
        self.latencies.add(&other.latencies);
        for (generation, decisions) in &other.generations {
            *self.generations.entry(*generation).or_default() += decisions;
        }
        self.failed += other.failed;
        self.mixed += other.mixed;
    }
}

impl<'a> Traffic<'a> {
    /// Takes the requests of the shift, and finds out the answers of both policy sets.
    pub(super) fn new(
        plant: &Plant,
        engine: &'a Engine,
        stricter: &Bundle,
    ) -> Result<Self, CliError> {
        let Some(model) = engine.model() else {
            return Err(CliError::Demo { what: "nothing is published" });
        };
        // Another engine, so that no answer comes from the one that is tried.
        let reference = Engine::new(Limits::default()).map_err(CliError::Runtime)?;
        reference
            .publish_with_json(stricter, plant::ENTITIES)
            .map_err(|error| CliError::Publish(Box::new(error)))?;
        let (mut requests, mut everyday, mut stricter) = (Vec::new(), Vec::new(), Vec::new());
        for step in shift::MORNING {
            if let Step::Question(question) = step {
                let text = plant.request(question)?.to_string();
                let request = Request::from_json(&model, &text).map_err(|error| {
                    CliError::Request { path: question.case.into(), error: Box::new(error) }
                })?;
                everyday.push(Answer::of(&engine.decide(&request)));
                stricter.push(Answer::of(&reference.decide(&request)));
                requests.push(request);
            }
        }
        Ok(Self { engine, requests, first: engine.generation(), everyday, stricter })
    }

    /// Lets threads decide while `work` goes on.
    pub(super) fn during(
        &self,
        threads: usize,
        work: impl FnOnce() -> Result<(), CliError>,
    ) -> Result<Report, CliError> {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let started = Instant::now();
            let spawn = || scope.spawn(|| self.decide_until(&is_over));
            let workers: Vec<_> = std::iter::repeat_with(spawn).take(threads).collect();
            let worked = work();
            is_over.store(true, Ordering::Relaxed);
            let mut report = Report::new(threads);
            for worker in workers {
                let Ok(part) = worker.join() else {
                    return Err(CliError::Demo { what: "a thread that decides stopped" });
                };
                report.add(&part);
            }
            report.elapsed = started.elapsed();
            worked.map(|()| report)
        })
    }

    fn decide_until(&self, is_over: &AtomicBool) -> Report {
        let mut report = Report::new(1);
        let mut decision = Decision::new();
        while !is_over.load(Ordering::Relaxed) {
            let answers = self.everyday.iter().zip(&self.stricter);
            for (request, (everyday, stricter)) in self.requests.iter().zip(answers) {
                let started = Instant::now();
                self.engine.decide_into(request, &mut decision);
                report.latencies.count(started.elapsed());
                let generation = decision.generation();
                *report.generations.entry(generation.0).or_default() += 1;
                let is_stricter = generation.0 == self.first.0 + 1;
                let right = if is_stricter { stricter } else { everyday };
                report.failed += u64::from(matches!(decision.reason(), Reason::Failed(_)));
                report.mixed += u64::from(!right.is(&decision));
            }
        }
        report
    }
}
