//! `trapkey demo`: one shift in the example plant, and a swap of policies under load.

mod histogram;
mod plant;
mod shift;
mod story;
mod traffic;
mod watch;

use std::time::{Duration, Instant};

use trapkey::{Bundle, Compiled, Engine, Limits, Release, Semantics};

use crate::arguments::DemoArguments;
use crate::compiled::{compiled, packed};
use crate::error::CliError;
use crate::output::{Output, Status};
use crate::progress;
use crate::sources::SourceFiles;
use plant::Plant;
use shift::Step;
use story::{Story, Swap, Tally};
use traffic::Traffic;
use watch::Watch;

/// Threads that decide without pause.
const THREADS: usize = 2;

/// How long they do so before, between and after the two swaps.
const STRETCH: Duration = Duration::from_millis(500);
const QUICK_STRETCH: Duration = Duration::from_millis(80);

/// A policy set that was compiled and packed.
struct PolicySet {
    compiled: Compiled,
    bundle: Bundle,
    took: Duration,
}

/// Runs `trapkey demo`.
pub(crate) fn run(arguments: &DemoArguments, output: &mut Output) -> Result<Status, CliError> {
    let plant = Plant::embedded()?;
    let mut story = Story::new(output);
    story.begin()?;
    let everyday = policy_set(plant::POLICIES, 1)?;
    let stricter = policy_set(&format!("{}\n{}", plant::POLICIES, plant::FREEZE), 2)?;
    story.compiled(&everyday, "the plant's policies")?;
    story.compiled(&stricter, "the same, and no writes by connectors")?;

    let engine = Engine::new(Limits::default()).map_err(CliError::Runtime)?;
    let started = Instant::now();
    let generation = engine.publish_with_json(&everyday.bundle, plant::ENTITIES);
    let generation = generation.map_err(|error| CliError::Publish(Box::new(error)))?;
    let took = started.elapsed();
    let bundle = &everyday.bundle;
    story.live(&Swap { time: "05:50", bundle, generation, took, is_rollback: false })?;

    let mut tally = Tally::default();
    let mut watch = Watch::new(&engine, "05:50")?;
    play(shift::MORNING, &plant, &engine, (&mut story, &mut tally, &mut watch))?;

    let stretch = if arguments.quick { QUICK_STRETCH } else { STRETCH };
    let traffic = Traffic::new(&plant, &engine, &stricter.bundle)?;
    let report = traffic.during(THREADS, || {
        std::thread::sleep(stretch);
        let started = Instant::now();
        let generation = engine.publish(&stricter.bundle);
        let generation = generation.map_err(|error| CliError::Publish(Box::new(error)))?;
        let took = started.elapsed();
        let bundle = &stricter.bundle;
        story.live(&Swap { time: "08:00", bundle, generation, took, is_rollback: false })?;
        play(shift::FREEZE, &plant, &engine, (&mut story, &mut tally, &mut watch))?;
        std::thread::sleep(stretch);
        let started = Instant::now();
        let generation = engine.rollback().map_err(CliError::Rollback)?;
        let took = started.elapsed();
        let bundle = &everyday.bundle;
        story.live(&Swap { time: "08:30", bundle, generation, took, is_rollback: true })?;
        play(shift::AFTER, &plant, &engine, (&mut story, &mut tally, &mut watch))?;
        std::thread::sleep(stretch);
        Ok(())
    })?;
    story.traffic(&report)?;
    play(shift::END, &plant, &engine, (&mut story, &mut tally, &mut watch))?;
    story.summary(&tally, &report)?;
    let is_well = tally.is_as_expected() && report.is_well();
    Ok(if is_well { Status::Done } else { Status::Failed })
}

/// Compiles and packs the plant's policies, or a variant of them.
fn policy_set(policies: &str, sequence: u64) -> Result<PolicySet, CliError> {
    let started = Instant::now();
    let schema = ("plant.cedarschema", plant::SCHEMA);
    let files = SourceFiles::embedded(("plant.cedar", policies), schema);
    let (compiled, _) =
        progress::during("compiling the plant's policies", || compiled(files, Semantics::TRAPKEY))?;
    let release =
        Release { name: "plant".to_owned(), version: format!("{sequence}.0.0"), sequence };
    let (_, bundle) = packed(&release, &compiled.module, None)?;
    Ok(PolicySet { compiled, bundle, took: started.elapsed() })
}

/// Plays steps of the shift.
fn play(
    steps: &[Step],
    plant: &Plant,
    engine: &Engine,
    (story, tally, watch): (&mut Story<'_>, &mut Tally, &mut Watch),
) -> Result<(), CliError> {
    for step in steps {
        watch.until(step.time(), (&mut *story, &mut *tally))?;
        match step {
            Step::Fact(fact) => {
                let entity = plant.changed(fact)?;
                engine.upsert_json(&entity).map_err(CliError::Facts)?;
                story.fact(fact)?;
            }
            Step::Question(question) => {
                let request = plant.request(question)?;
                let decision = engine.decide_json(&request.to_string()).map_err(|error| {
                    CliError::Request { path: question.case.into(), error: Box::new(error) }
                })?;
                tally.count(question, &decision);
                story.decision(question, &request, &decision)?;
            }
            Step::Open(opening) => {
                watch.open(plant, opening)?;
                story.opened(opening)?;
            }
            Step::Posture(posture) => {
                watch.posture(posture)?;
                story.posture(posture)?;
            }
        }
    }
    Ok(())
}
