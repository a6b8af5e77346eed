//! Loads a store and changes it, and prints what each takes: `load [ENTITIES]`, by default 1,000,000.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use trapkey::{Engine, Entity};
use trapkey_benches::stores::{TEAMS, empty, stored, with_level, with_parent};
use trapkey_testkit::Staff;

/// Changes of one entity that are measured, each of another one.
const CHANGES: usize = 10_000;
/// Changes of a whole team.
const MOVES: usize = 20;

fn main() -> ExitCode {
    let count = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse());
    let Ok(count) = count else {
        eprintln!("usage: load [ENTITIES]");
        return ExitCode::FAILURE;
    };
    match measure(count) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(count: usize) -> Result<(), Box<dyn std::error::Error>> {
    let staff = Staff::new(count);
    let (engine, _) = empty();
    let text = staff.json();
    let before = resident_bytes()?;
    let (start, start_busy) = (Instant::now(), busy()?);
    engine.replace_entities_json(&text)?;
    let (took, took_busy) = (start.elapsed(), busy()?.saturating_sub(start_busy));
    let grown = resident_bytes()?.saturating_sub(before);
    println!(
        "{count} entities in {:.2} s, {:.2} s of them on a processor, from {} bytes of JSON",
        took.as_secs_f64(),
        took_busy.as_secs_f64(),
        text.len(),
    );
    println!("{grown} bytes resident for them, {} each", grown / count.max(1));
    drop(text);

    let user = |index: usize| staff.uid(staff.user(index * 97));
    let levels = (0..CHANGES).map(|index| with_level(stored(&engine, user(index)), 9));
    report("attributes of a user", upsert(&engine, levels.collect())?);
    let moved =
        (0..CHANGES).map(|index| with_parent(stored(&engine, user(index)), staff.uid(index % 5)));
    report("parents of a user", upsert(&engine, moved.collect())?);
    let users: Vec<Entity> = (0..CHANGES).map(|index| stored(&engine, user(index))).collect();
    let mut removals = Vec::with_capacity(CHANGES);
    for Entity { uid, .. } in &users {
        let start = Instant::now();
        engine.remove(uid)?;
        removals.push(start.elapsed());
    }
    report("removal of a user", removals);
    report("addition of a user", upsert(&engine, users)?);
    for size in TEAMS {
        for entity in Staff::team(size) {
            engine.upsert_json(&entity.to_string())?;
        }
        let head =
            |index: usize| with_parent(stored(&engine, Staff::head(size)), staff.uid(index % 5));
        report(
            &format!("parents of {size} users' unit"),
            upsert(&engine, (0..MOVES).map(head).collect())?,
        );
    }
    Ok(())
}

/// How long each upsert takes.
fn upsert(engine: &Engine, entities: Vec<Entity>) -> Result<Vec<Duration>, trapkey::FactsError> {
    let mut times = Vec::with_capacity(entities.len());
    for entity in entities {
        let start = Instant::now();
        engine.upsert(entity)?;
        times.push(start.elapsed());
    }
    Ok(times)
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| {
        let time = times.get(times.len() * percent / 100).copied().unwrap_or_default();
        time.as_secs_f64() * 1e6
    };
    println!("{what}: median {:.1} µs, p99 {:.1} µs", at(50), at(99));
}

/// Time that this thread was on a processor: others may share it.
fn busy() -> std::io::Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Ok(Duration::from_nanos(nanos.unwrap_or_default()))
}

/// Memory of the process that is in use, in bytes, where the system says so: pages are of 4 KiB on
/// the machines that this runs on.
fn resident_bytes() -> std::io::Result<usize> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    Ok(pages.unwrap_or_default() * 4_096)
}
