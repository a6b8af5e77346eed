//! The shift as it is told: in lines that a person reads, or as JSON.

use std::io::Write;
use std::time::Duration;

use serde_json::{Value, json};
use trapkey::{Bundle, Decision, Generation};

use super::PolicySet;
use super::shift::{Fact, Question};
use super::traffic::Report;
use crate::decision::{self, obligation_text, reason_text};
use crate::error::CliError;
use crate::output::{Colour, Output};
use crate::sources::PolicyFiles;

/// Tells the shift as it happens.
pub(super) struct Story<'a> {
    output: &'a mut Output,
    nowhere: PolicyFiles,
}

/// What was decided so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    allowed: u64,
    denied: u64,
    unexpected: u64,
}

impl Tally {
    /// Counts a decision, and whether it is the one that the script expects.
    pub(super) fn count(&mut self, question: &Question, decision: &Decision) {
        match decision.is_allow() {
            true => self.allowed += 1,
            false => self.denied += 1,
        }
        let determining = decision.determining().map(|policy| policy.id.as_str());
        let is_expected = decision.is_allow() == question.allow
            && determining.eq(question.determining.iter().copied());
        self.unexpected += u64::from(!is_expected);
    }

    /// Whether all decisions were those that the script expects.
    pub(super) fn is_as_expected(&self) -> bool {
        self.unexpected == 0
    }
}

impl<'a> Story<'a> {
    /// A story that goes to `output`.
    pub(super) fn new(output: &'a mut Output) -> Self {
        Self { output, nowhere: PolicyFiles::none() }
    }

    /// Says what this is.
    pub(super) fn begin(&mut self) -> Result<(), CliError> {
        if !self.output.is_json() {
            writeln!(self.output, "One shift in an example plant. All figures are of this run.\n")?;
        }
        self.output.finish()
    }

    /// A policy set was compiled.
    pub(super) fn compiled(&mut self, set: &PolicySet, what: &str) -> Result<(), CliError> {
        let policies = set.compiled.policies.len();
        let (conditions, module) = (set.compiled.conditions, set.compiled.module.len());
        if self.output.is_json() {
            return self.event(&json!({
                "event": "compiled",
                "name": what,
                "policies": policies,
                "conditions": conditions,
                "module_bytes": module,
                "digest": set.bundle.digest().to_string(),
                "milliseconds": set.took.as_millis(),
            }));
        }
        let took = milliseconds(set.took);
        writeln!(
            self.output,
            "compiled   {what}: {policies} policies, {conditions} conditions, \
             {module} bytes of WebAssembly, {took}"
        )?;
        self.output.finish()
    }

    /// A bundle went live.
    pub(super) fn published(
        &mut self,
        bundle: &Bundle,
        generation: Generation,
        took: Duration,
    ) -> Result<(), CliError> {
        self.live("published", bundle, generation, took)
    }

    /// The bundle before it went live again.
    pub(super) fn rolled_back(
        &mut self,
        bundle: &Bundle,
        generation: Generation,
        took: Duration,
    ) -> Result<(), CliError> {
        self.live("rollback", bundle, generation, took)
    }

    fn live(
        &mut self,
        event: &str,
        bundle: &Bundle,
        generation: Generation,
        took: Duration,
    ) -> Result<(), CliError> {
        let release = bundle.head();
        if self.output.is_json() {
            return self.event(&json!({
                "event": event,
                "name": release.name,
                "version": release.version,
                "generation": generation.0,
                "milliseconds": took.as_millis(),
            }));
        }
        let event = self.output.paint(Colour::Change, format!("{event:<9}"));
        let (name, version) = (&release.name, &release.version);
        let took = milliseconds(took);
        writeln!(self.output, "{event}  `{name}` {version} as generation {generation}, {took}")?;
        self.output.finish()
    }

    /// A fact changed.
    pub(super) fn fact(&mut self, fact: &Fact) -> Result<(), CliError> {
        let (type_name, id) = fact.entity;
        if self.output.is_json() {
            return self.event(&json!({
                "event": "fact",
                "time": fact.time,
                "entity": { "type": type_name, "id": id },
                "change": fact.text,
            }));
        }
        let word = self.output.paint(Colour::Change, "fact ");
        writeln!(self.output, "{}  {word}  {id}: {}", fact.time, fact.text)?;
        self.output.finish()
    }

    /// A request was decided.
    pub(super) fn decision(
        &mut self,
        question: &Question,
        request: &Value,
        decided: &Decision,
    ) -> Result<(), CliError> {
        if self.output.is_json() {
            let mut event = decision::json(decided, &self.nowhere);
            if let Some(fields) = event.as_object_mut() {
                fields.insert("event".to_owned(), "decision".into());
                fields.insert("time".to_owned(), question.time.into());
                fields.insert("request".to_owned(), question.what.into());
                for field in ["principal", "action", "resource"] {
                    fields.insert(field.to_owned(), request[field].clone());
                }
            }
            return self.event(&event);
        }
        let verdict = decision::verdict(decided, self.output);
        let determining: Vec<&str> =
            decided.determining().map(|policy| policy.id.as_str()).collect();
        let why = match determining.as_slice() {
            [] => reason_text(decided.reason()),
            ids => ids.join(", "),
        };
        let obligations: Vec<String> = decided.obligations().map(obligation_text).collect();
        let duties = match obligations.as_slice() {
            [] => String::new(),
            duties => format!(" -> {}", duties.join(", ")),
        };
        let Question { time, who, what, .. } = question;
        writeln!(self.output, "{time}  {verdict:<5}  {who:<20}  {what:<43}  {why}{duties}")?;
        self.output.finish()
    }

    /// What the threads saw.
    pub(super) fn traffic(&mut self, report: &Report) -> Result<(), CliError> {
        let latency = |per_mille| report.latencies.quantile(per_mille);
        let (p50, p99, p999) = (latency(500), latency(990), latency(999));
        let (decisions, max) = (report.latencies.total(), report.latencies.max());
        if self.output.is_json() {
            let generations = report.generations.iter().map(|(generation, decisions)| {
                json!({ "generation": generation, "decisions": decisions })
            });
            return self.event(&json!({
                "event": "traffic",
                "threads": report.threads,
                "milliseconds": report.elapsed.as_millis(),
                "decisions": decisions,
                "decisions_per_second": u64::try_from(report.per_second()).ok(),
                "latency_ns": { "p50": p50, "p99": p99, "p999": p999, "max": max },
                "generations": generations.collect::<Vec<_>>(),
                "failed": report.failed,
                "mixed": report.mixed,
            }));
        }
        writeln!(
            self.output,
            "\n{} threads decided {decisions} requests in {} while the policies were swapped twice:",
            report.threads,
            milliseconds(report.elapsed)
        )?;
        writeln!(self.output, "  {} decisions per second", report.per_second())?;
        writeln!(
            self.output,
            "  latency, reading the clock included: p50 {p50} ns, p99 {p99} ns, p99.9 {p999} ns"
        )?;
        for (generation, decisions) in &report.generations {
            writeln!(self.output, "  generation {generation} made {decisions} decisions")?;
        }
        let (failed, mixed) = (report.failed, report.mixed);
        writeln!(self.output, "  answers lost: {failed}, answers not of their generation: {mixed}\n")?;
        self.output.finish()
    }

    /// The end.
    pub(super) fn summary(&mut self, tally: &Tally, report: &Report) -> Result<(), CliError> {
        let Tally { allowed, denied, unexpected } = tally;
        if self.output.is_json() {
            return self.event(&json!({
                "event": "summary",
                "allowed": allowed,
                "denied": denied,
                "unexpected": unexpected,
                "traffic_ok": report.is_well(),
            }));
        }
        let (colour, word) = if tally.is_as_expected() && report.is_well() {
            (Colour::Good, "done")
        } else {
            (Colour::Bad, "failed")
        };
        let word = self.output.paint(colour, word);
        writeln!(
            self.output,
            "\n{word}: {allowed} allowed, {denied} denied, {unexpected} not as the script expects"
        )?;
        self.output.finish()
    }

    fn event(&mut self, event: &Value) -> Result<(), CliError> {
        self.output.json(event)?;
        self.output.finish()
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{}.{} ms", duration.as_millis(), duration.subsec_micros() % 1000 / 100)
}
