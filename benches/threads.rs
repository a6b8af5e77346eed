//! One thread without publications beside two threads while two compiled modules alternate.
//!
//! Criterion measures one bench after the other; on a machine with other work the load then differs
//! between what is compared. So the rounds of all variants take turns here, and the results are
//! stored beside criterion's, in its form.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use trapkey::{Bundle, Engine, Release, Request};
use trapkey_benches::plant::Plant;
use trapkey_benches::record::{self, Histogram};

/// Time between two publications.
const PERIOD: Duration = Duration::from_millis(10);

/// Length of one round.
const ROUND: Duration = Duration::from_millis(500);

/// What runs in a round.
#[derive(Clone, Copy)]
struct Variant {
    threads: usize,
    publishes: bool,
}

const ONE: Variant = Variant { threads: 1, publishes: false };
const TWO: Variant = Variant { threads: 2, publishes: false };
const TWO_PUBLISHING: Variant = Variant { threads: 2, publishes: true };

/// The plant's engine and two bundles that it has compiled.
struct Alternation {
    engine: Engine,
    bundles: [Bundle; 2],
    requests: Vec<Request>,
}

impl Alternation {
    fn new() -> Self {
        let plant = Plant::new();
        let bundles = ["1", "2"].map(|version| {
            let release = Release { name: "plant".into(), version: version.into(), sequence: 1 };
            let bytes = Bundle::pack(&release, &plant.compiled.module).expect("a bundle");
            let bundle = Bundle::open(&bytes).expect("the bundle opens");
            plant.engine.publish(&bundle).expect("it is published");
            bundle
        });
        Self { requests: plant.requests(), engine: plant.engine, bundles }
    }

    /// Runs a round; gives the work of each thread.
    fn round<T: Send>(&self, variant: Variant, work: impl Fn(&AtomicBool) -> T + Sync) -> Vec<T> {
        let (start, stop) = (Barrier::new(variant.threads + 1), AtomicBool::new(false));
        thread::scope(|scope| {
            let run = || {
                start.wait();
                work(&stop)
            };
            let workers: Vec<_> = (0..variant.threads).map(|_| scope.spawn(run)).collect();
            start.wait();
            let started = Instant::now();
            let mut bundles = self.bundles.iter().cycle();
            while started.elapsed() < ROUND {
                thread::sleep(PERIOD);
                if variant.publishes {
                    let bundle = bundles.next().expect("two bundles");
                    self.engine.publish(bundle).expect("it is published");
                }
            }
            stop.store(true, Ordering::Relaxed);
            workers.into_iter().map(|worker| worker.join().expect("no panic")).collect()
        })
    }

    /// Nanoseconds per decision of all threads together in one round.
    fn throughput(&self, variant: Variant) -> f64 {
        let rates = self.round(variant, |stop| {
            let (mut decider, mut decided) = (self.engine.decider(), 0_u32);
            let started = Instant::now();
            while !stop.load(Ordering::Relaxed) {
                for request in &self.requests {
                    black_box(decider.decide(black_box(request)));
                }
                decided += 1;
            }
            let cases = u32::try_from(self.requests.len()).expect("few");
            f64::from(decided) * f64::from(cases) / started.elapsed().as_secs_f64()
        });
        1e9 / rates.iter().sum::<f64>()
    }

    /// Adds the time of each decision of a round, and of the one reading of the clock after it.
    fn latencies(&self, variant: Variant, histogram: &mut Histogram) {
        let histograms = self.round(variant, |stop| {
            let (mut decider, mut own) = (self.engine.decider(), Histogram::new());
            let mut before = Instant::now();
            while !stop.load(Ordering::Relaxed) {
                for request in &self.requests {
                    black_box(decider.decide(black_box(request)));
                    let now = Instant::now();
                    own.add(now - before);
                    before = now;
                }
            }
            own
        });
        for own in &histograms {
            histogram.merge(own);
        }
    }
}

fn main() {
    let Some(options) = record::Options::of_bench("threads") else { return };
    let alternation = Alternation::new();
    let rounds = options.rounds(ROUND);
    let mut nanoseconds: [Vec<f64>; 2] = Default::default();
    let mut p999: [Vec<f64>; 2] = Default::default();
    for _ in 0..rounds {
        for (variant, times) in [ONE, TWO_PUBLISHING].into_iter().zip(&mut nanoseconds) {
            times.push(alternation.throughput(variant));
        }
        for (variant, times) in [TWO, TWO_PUBLISHING].into_iter().zip(&mut p999) {
            let mut histogram = Histogram::new();
            alternation.latencies(variant, &mut histogram);
            times.push(histogram.quantile(0.999));
        }
    }
    let [one, two] = nanoseconds;
    record::store("threads/throughput", "one", one);
    record::store("threads/throughput", "two-publishing", two);
    let [quiet, publishing] = p999;
    record::store("threads/p999", "two", quiet);
    record::store("threads/p999", "two-publishing", publishing);
}
