//! The shift as it is told: in lines that a person reads, or as JSON.

use std::time::Duration;

use serde_json::{Value, json};
use trapkey::{Bundle, Decision, Flip, Generation};

use super::PolicySet;
use super::shift::{self, Fact, Opening, Posture, Question};
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

/// A publication.
pub(super) struct Swap<'a> {
    /// Time of day.
    pub(super) time: &'static str,
    /// What is live from now on.
    pub(super) bundle: &'a Bundle,
    /// Its ordinal.
    pub(super) generation: Generation,
    /// How long it took to verify and to compile, and then to swap.
    pub(super) took: Duration,
    /// Whether it was live before.
    pub(super) is_rollback: bool,
}

/// What was decided so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    allowed: u64,
    denied: u64,
    ended: usize,
    unexpected: u64,
}

impl Tally {
    /// Counts a decision, and whether it is the one that the script expects.
    pub(super) fn count(&mut self, question: &Question, decision: &Decision) {
        if decision.is_allow() {
            self.allowed += 1;
        } else {
            self.denied += 1;
        }
        let determining = decision.determining().map(|policy| policy.id.as_str());
        let is_expected = decision.is_allow() == question.allow
            && determining.eq(question.determining.iter().copied());
        self.unexpected += u64::from(!is_expected);
    }

    /// Counts a session that has ended, and whether it is the one that the script expects.
    pub(super) fn ended(&mut self, time: &str, device: &str, flip: &Flip) {
        let is_expected = shift::ENDS.get(self.ended).is_some_and(|end| {
            let is_decided = flip.after.as_ref().is_some_and(|after| {
                let determining = after.determining().map(|policy| policy.id.as_str());
                !after.is_allow() && determining.eq(end.determining.iter().copied())
            });
            flip.is_over && is_decided && (end.time, end.device) == (time, device)
        });
        self.ended += 1;
        self.unexpected += u64::from(!is_expected);
    }

    /// What was not as the script expects, sessions included that should have ended.
    fn unexpected(&self) -> u64 {
        let missing = shift::ENDS.len().saturating_sub(self.ended);
        self.unexpected.saturating_add(u64::try_from(missing).unwrap_or(u64::MAX))
    }

    /// Whether all decisions and ends of sessions were those that the script expects.
    pub(super) fn is_as_expected(&self) -> bool {
        self.unexpected() == 0
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
            self.output.line(format_args!(
                "One shift in an example plant. All figures are of this run."
            ))?;
            self.output.line(format_args!(""))?;
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
                "milliseconds": whole_milliseconds(set.took),
            }));
        }
        let took = milliseconds(set.took);
        self.output.line(format_args!(
            "compiled  {what}: {policies} policies, {conditions} conditions, \
             {module} bytes of WebAssembly, {took}"
        ))?;
        self.output.finish()
    }

    /// A bundle went live, or did so again.
    pub(super) fn live(&mut self, swap: &Swap<'_>) -> Result<(), CliError> {
        let release = swap.bundle.head();
        let generation = swap.generation;
        if self.output.is_json() {
            return self.event(&json!({
                "event": if swap.is_rollback { "rollback" } else { "published" },
                "time": swap.time,
                "name": release.name,
                "version": release.version,
                "generation": generation.0,
                "milliseconds": whole_milliseconds(swap.took),
            }));
        }
        let (time, took) = (swap.time, milliseconds(swap.took));
        let word = self.output.paint(Colour::Change, "swap ");
        let what = if swap.is_rollback { "rolled back to" } else { "published" };
        let (name, version) = (&release.name, &release.version);
        self.output.line(format_args!(
            "{time}  {word}  {what} `{name}` {version} as generation {generation} in {took}"
        ))?;
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
        self.output.line(format_args!("{}  {word}  {id}: {}", fact.time, fact.text))?;
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
            let mut event = json!({
                "event": "decision",
                "time": question.time,
                "principal": request.get("principal"),
                "action": request.get("action"),
                "resource": request.get("resource"),
                "request": question.what,
            });
            let mut fields = decision::json(decided, &self.nowhere);
            if let (Some(event), Some(fields)) = (event.as_object_mut(), fields.as_object_mut()) {
                event.append(fields);
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
        self.output
            .line(format_args!("{time}  {verdict:<5}  {who:<20}  {what:<43}  {why}{duties}"))?;
        self.output.finish()
    }

    /// A session was opened.
    pub(super) fn opened(&mut self, opening: &Opening) -> Result<(), CliError> {
        let Opening { time, who, what, device, .. } = opening;
        if self.output.is_json() {
            return self.event(&json!({
                "event": "session_opened",
                "time": time,
                "device": device,
                "request": what,
            }));
        }
        let word = self.output.paint(Colour::Change, "open ");
        self.output
            .line(format_args!("{time}  {word}  {who:<20}  {what} from {device}, watched"))?;
        self.output.finish()
    }

    /// The posture of a device changed.
    pub(super) fn posture(&mut self, posture: &Posture) -> Result<(), CliError> {
        let Posture { time, device, compliance, text } = posture;
        if self.output.is_json() {
            return self.event(&json!({
                "event": "posture",
                "time": time,
                "device": device,
                "compliance": compliance,
            }));
        }
        let word = self.output.paint(Colour::Change, "event");
        self.output.line(format_args!("{time}  {word}  {device}: {text}"))?;
        self.output.finish()
    }

    /// A session ended without being asked about.
    pub(super) fn ended(&mut self, time: &str, device: &str, flip: &Flip) -> Result<(), CliError> {
        if self.output.is_json() {
            let after = flip.after.as_ref().map(|after| decision::json(after, &self.nowhere));
            return self.event(&json!({
                "event": "session_ended",
                "time": time,
                "device": device,
                "decision": after,
            }));
        }
        let why = flip.after.as_ref().map_or_else(String::new, |after| {
            let ids: Vec<&str> = after.determining().map(|policy| policy.id.as_str()).collect();
            if ids.is_empty() { reason_text(after.reason()) } else { ids.join(", ") }
        });
        let word = self.output.paint(Colour::Bad, "END  ");
        let what = format!("session from {device}");
        self.output.line(format_args!("{time}  {word}  {:<20}  {what:<43}  {why}", "by itself"))?;
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
                "milliseconds": whole_milliseconds(report.elapsed),
                "decisions": decisions,
                "decisions_per_second": u64::try_from(report.per_second()).ok(),
                "latency_ns": { "p50": p50, "p99": p99, "p999": p999, "max": max },
                "generations": generations.collect::<Vec<_>>(),
                "failed": report.failed,
                "mixed": report.mixed,
            }));
        }
        self.output.line(format_args!(""))?;
        self.output.line(format_args!(
            "{} threads decided {decisions} requests in {} while the policies were swapped twice:",
            report.threads,
            milliseconds(report.elapsed)
        ))?;
        self.output.line(format_args!("  {} decisions per second", report.per_second()))?;
        self.output.line(format_args!(
            "  latency, reading the clock included: p50 {p50} ns, p99 {p99} ns, p99.9 {p999} ns"
        ))?;
        for (generation, decisions) in &report.generations {
            self.output
                .line(format_args!("  generation {generation} made {decisions} decisions"))?;
        }
        let (failed, mixed) = (report.failed, report.mixed);
        self.output.line(format_args!(
            "  answers lost: {failed}, answers not of their generation: {mixed}"
        ))?;
        self.output.line(format_args!(""))?;
        self.output.finish()
    }

    /// The end.
    pub(super) fn summary(&mut self, tally: &Tally, report: &Report) -> Result<(), CliError> {
        let (Tally { allowed, denied, ended, .. }, unexpected) = (tally, tally.unexpected());
        if self.output.is_json() {
            return self.event(&json!({
                "event": "summary",
                "allowed": allowed,
                "denied": denied,
                "sessions_ended": ended,
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
        self.output.line(format_args!(""))?;
        self.output.line(format_args!(
            "{word}: {allowed} allowed, {denied} denied, {ended} sessions ended by themselves, \
             {unexpected} not as the script expects"
        ))?;
        self.output.finish()
    }

    fn event(&mut self, event: &Value) -> Result<(), CliError> {
        self.output.json(event)?;
        self.output.finish()
    }
}

fn whole_milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn milliseconds(duration: Duration) -> String {
    format!("{}.{} ms", duration.as_millis(), duration.subsec_micros() % 1000 / 100)
}
