//! Allocations of a prepared decision: none is the aim.

#![expect(clippy::expect_used, reason = "a bench whose set-up fails must stop")]

use std::hint::black_box;

use allocation_counter::measure;
use cedar_policy::Authorizer;
use trapkey_benches::plant::Plant;
use trapkey_benches::record;

fn main() {
    if record::Options::of_bench("allocations").is_none() {
        return;
    }
    let plant = Plant::new();
    let (requests, oracle_requests) = (plant.requests(), plant.oracle_requests());
    let mut decider = plant.engine.decider();
    let mut decide_all = || {
        for request in &requests {
            black_box(decider.decide(black_box(request)));
        }
    };
    // Once before, so that the decision has held as many entries as it will.
    decide_all();
    let ours = measure(&mut decide_all).count_total;
    let authorizer = Authorizer::new();
    let (policies, entities) = (plant.oracle.policies(), plant.oracle.entities());
    let cedars = measure(|| {
        for request in &oracle_requests {
            black_box(authorizer.is_authorized(black_box(request), policies, entities));
        }
    });
    let cases = u32::try_from(requests.len()).expect("few");
    let per_case = |count: u64| f64::from(u32::try_from(count).expect("few")) / f64::from(cases);
    record::store_count("allocations", "trapkey", per_case(ours));
    record::store_count("allocations", "cedar-policy", per_case(cedars.count_total));
}
