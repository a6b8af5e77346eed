//! The gateway's memory: nothing is taken between start and stop, and it stays as it is with a hundred clients.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::place::{
    BOTH, BOTH_2, CONNECTOR, HISTORIAN, LEGACY, NOBODY, Place, Wire, World, programs,
};

fn signal(place: &Place, name: &str) {
    let id = place.gateway.id().to_string();
    assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
}

/// Every kind of request, allowed and denied, from new connections and old ones.
fn mixed_traffic(place: &Place, round: u8) {
    let mut wire = place.connect(0, BOTH);
    for request in [
        &[3, 0, 0, 0, 60][..],
        &[1, 0, 0, 0, 60],
        &[2, 0, 0, 0, 60],
        &[4, 0, 0, 0, 60],
        &[6, 0, 12, 0, round % 100],
        &[6, 0, 12, 8, 255],
        &[5, 0, 5, 255, 0],
        &[15, 0, 5, 0, 10, 2, 0xff, 3],
        &[16, 0, 14, 0, 2, 4, 0, 7, 0, 8],
        &[22, 0, 12, 0, 0, 0, round % 100],
        &[23, 0, 14, 0, 2, 0, 14, 0, 1, 2, 0, 50],
        &[23, 0, 14, 0, 2, 0, 13, 0, 1, 2, 0, 50],
        &[20, 7, 6, 0, 4, 0, 1, 0, 2],
        &[8, 0, 4, 0, 0],
        &[17],
        &[43, 14, 1, 0],
        &[90, 1, 2, 3],
        &[6, 0, 12],
        &[3, 255, 255, 0, 2],
    ] {
        for unit in [0, 1, 2, 3, 9] {
            wire.ask(unit, request);
        }
    }
    for source in [HISTORIAN, CONNECTOR, LEGACY, NOBODY] {
        let mut wire = place.connect(0, source);
        // No action of this name is for the legacy principal: the engine gives no decision.
        wire.ask(1, &[17]);
        wire.ask(1, &[3, 0, 0, 0, 1]);
        wire.ask(1, &[6, 0, 12, 0, 50]);
        let frame = wire.frame(1, &[3, 0, 0, 0, 1]);
        wire.send(&frame[..8]);
    }
    let mut wire = place.connect(0, BOTH_2);
    wire.send(&[0, 1, 0, 1, 0, 6]);
    assert_eq!(wire.receive(), None);
}

#[test]
fn nothing_is_allocated_between_start_and_stop() {
    let world = World::cell();
    let Some(programs) = programs() else { return };
    let mut command = Command::new(&programs.gateway);
    let folder = tempfile::tempdir().unwrap();
    let count_to = folder.path().join("count");
    command.env("LD_PRELOAD", &programs.counter).env("COUNT_MALLOC_TO", &count_to);
    let sources = [BOTH, BOTH_2, HISTORIAN, CONNECTOR, LEGACY, NOBODY];
    let mut place = Place::start_with(&world, &sources, command);
    let counted = |place: &mut Place| {
        signal(place, "USR2");
        // The signal came before this answer.
        assert_eq!(place.gateway.ask("state production"), "state production");
        fs::read_to_string(&count_to).unwrap().trim().parse::<u64>().unwrap()
    };
    signal(&place, "USR1");
    for round in 0..20 {
        mixed_traffic(&place, round);
    }
    assert_eq!(counted(&mut place), 0);
    // It does count: what changes the decisions allocates.
    signal(&place, "USR1");
    assert_eq!(place.gateway.ask("reload"), "reloaded");
    assert!(counted(&mut place) > 100);
    let (record, said, _) = place.stop();
    assert!(record.len() > 1_000 && said.contains("failed 0"), "{said}");
    assert!(record.iter().any(|line| line["outcome"] == "REQUEST_REFUSED"));
    println!("{} decisions; {said}", record.len());
}

/// Pages that a process has in memory.
fn resident(place: &Place) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/statm", place.gateway.id())).unwrap();
    text.split(' ').nth(1).unwrap().parse().unwrap()
}

const CLIENTS: u8 = 100;
/// Pages of 4 KiB that the gateway may grow by once it is warm.
const PAGES_MAX: u64 = 2;

/// A client of the long run, with a register and a coil of its own.
struct Worker {
    wire: Wire,
    source: [u8; 4],
    register: u8,
    value: u16,
}

impl Worker {
    /// The request of a round, and what must come of it.
    fn turn(&mut self, round: u64) -> (Vec<u8>, Vec<u8>) {
        let (at, [high, low]) = (self.register, self.value.to_be_bytes());
        let [reads, writes] = match self.source {
            BOTH | BOTH_2 => [true, true],
            HISTORIAN => [true, false],
            CONNECTOR => [false, true],
            _ => [false, false],
        };
        let next =
            if round.is_multiple_of(2) { self.value + 100 } else { self.value.saturating_sub(100) };
        let (kind, next) = (round % 11, if next > 2_200 { 2_150 } else { next });
        let [next_high, next_low] = next.to_be_bytes();
        let (request, is_allowed, answer) = match kind {
            0 => (vec![3, 0, at, 0, 1], reads, vec![3, 2, high, low]),
            1 => (vec![6, 0, at, 0x0f, 0xff], false, vec![]),
            2 => (vec![5, 0, at, 0xff, 0], writes, vec![5, 0, at, 0xff, 0]),
            3 => (vec![4, 0, 7, 0, 2], reads, vec![4, 4, 0, 0, 0, 0]),
            4 => (vec![90, at], false, vec![]),
            5 => (vec![3, 0, at, 0, 0], false, vec![0x83, 3]),
            6 => (
                vec![23, 0, at, 0, 1, 0, at, 0, 1, 2, next_high, next_low],
                reads && writes,
                vec![23, 2, next_high, next_low],
            ),
            7 => (vec![2, 0, 0, 0, 3], reads, vec![2, 1, 0]),
            8 => (vec![17], false, vec![]),
            _ => (vec![6, 0, at, next_high, next_low], writes, vec![6, 0, at, next_high, next_low]),
        };
        if is_allowed && matches!(kind, 6 | 9 | 10) {
            self.value = next;
        }
        let denied = vec![request[0] | 0x80, 1];
        (request, if is_allowed || kind == 5 { answer } else { denied })
    }
}

/// `TRAPKEY_SOAK_SECONDS=600 cargo test -p trapkey-tests --test gateway -- a_hundred_clients_leave` is the long form.
#[test]
fn a_hundred_clients_leave_memory_as_it_is() {
    let text = std::env::var("TRAPKEY_SOAK_SECONDS").unwrap_or_else(|_| "20".to_owned());
    let seconds = Duration::from_secs(text.parse().unwrap());
    let mut world = World::cell();
    world.is_kept = false;
    let sources = [BOTH, BOTH_2, HISTORIAN, CONNECTOR, NOBODY];
    let Some(mut place) = Place::start(&world, &sources) else { return };
    let worker = |number: u8| {
        let source = sources[usize::from(number) % sources.len()];
        Worker { wire: place.connect(0, source), source, register: 20 + number, value: 0 }
    };
    let mut workers: Vec<Worker> = (0..CLIENTS).map(worker).collect();
    let start = Instant::now();
    let (mut round, mut answers) = (0_u64, 0_u64);
    let (mut warm, mut most) = (None, 0);
    while start.elapsed() < seconds {
        let mut wants = Vec::new();
        for (worker, turn) in workers.iter_mut().zip(round..) {
            let (request, want) = worker.turn(turn);
            let frame = worker.wire.frame(1, &request);
            worker.wire.send(&frame);
            wants.push((frame, want));
        }
        for (worker, (frame, want)) in workers.iter_mut().zip(&wants) {
            let Some(answer) = worker.wire.receive() else {
                let (of, seconds) = (worker.register, start.elapsed().as_secs());
                let is_running = place.gateway.is_running();
                let (_, said, _) = place.stop();
                panic!("round {round}, {seconds} s: no answer for {of}; {is_running}: {said}");
            };
            assert_eq!((&answer[..4], &answer[7..]), (&frame[..4], &want[..]), "round {round}");
            answers += 1;
        }
        // One leaves in each round, and comes again.
        let leaves = usize::try_from(round % u64::from(CLIENTS)).unwrap();
        workers[leaves].wire = place.connect(0, workers[leaves].source);
        round += 1;
        if start.elapsed() > seconds / 5 {
            let pages = resident(&place);
            most = most.max(pages);
            let warm = *warm.get_or_insert(pages);
            assert!(pages <= warm + PAGES_MAX, "{pages} pages, {warm} when it was warm");
        }
    }
    assert!(round > 10, "{round} rounds");
    let warm = warm.unwrap();
    assert!(place.gateway.is_running());
    let (_, said, reached) = place.stop();
    assert!(said.contains("failed 0"), "{said}");
    println!(
        "{} s, {answers} answers, none wrong, {} requests at the device, {warm} pages warm, {most} at most; {said}",
        start.elapsed().as_secs(),
        reached.len()
    );
}
