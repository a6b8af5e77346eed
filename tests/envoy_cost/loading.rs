//! What filters of many policies and entities weigh, and how long it takes from a push to the first decision.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use trapkey_envoy::{Chain, Failure, Push};
use trapkey_testkit::{Shape, ShapedSet};

use crate::certificates::Leaf;
use crate::client::Client;
use crate::filters::linked;
use crate::instructions::Running;
use crate::place::{Place, configuration};
use crate::proxy::{Proxy, installed};
use crate::requests::serve;

/// Policies and entities of what is measured.
const SIZES: [(usize, usize); 5] = [(10, 0), (1_000, 0), (10_000, 0), (10, 10_000), (10, 100_000)];

/// Measures so many times each and prints the table.
pub(crate) fn measure(times: u32) {
    let program = installed().into_iter().next().expect("an Envoy, see `cargo xtask test`");
    println!(
        "| policies | more entities | bytes of the filter | built in | start, instructions | push to first allow |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for (policies, more) in SIZES {
        let ShapedSet { schema, policies: text, mut entities, .. } = Shape::Pairs.set(policies);
        entities.as_array_mut().unwrap().extend((0..more).map(user));
        let start = Instant::now();
        let filter = linked(schema, &text, &entities, MAPPING);
        let built = start.elapsed();
        let instructions = Running::new(filter.bytes()).start();
        let mut pushes: Vec<Duration> =
            (0..times).map(|_| pushed(&program, filter.bytes(), policies / 2)).collect();
        pushes.sort();
        println!(
            "| {policies} | {more} | {} | {:.2} s | {instructions} | {} ms ({}–{}) |",
            filter.bytes().len(),
            built.as_secs_f64(),
            pushes[pushes.len() / 2].as_millis(),
            pushes[0].as_millis(),
            pushes[pushes.len() - 1].as_millis(),
        );
    }
}

const MAPPING: &str = "adapter = 'http'
[[principal]]
spiffe = 'spiffe://plant-1.example/user/{id}'
type = 'User'
id = '{id}'
[[route]]
method = 'GET'
path = '/docs/{id}'
action = 'read'
resource = { type = 'Doc', id = '{id}' }
[route.context]
hour = { text = '12' }
";

fn user(number: usize) -> Value {
    json!({
        "uid": { "type": "User", "id": format!("more-{number}") },
        "attrs": { "level": 3 },
        "parents": [{ "type": "Group", "id": "all" }],
    })
}

/// From the moment at which a filter is pushed to an Envoy that runs and denies all, to the first answer that is not a
/// deny.
fn pushed(program: &Path, filter: &[u8], user: usize) -> Duration {
    let place = Place::new();
    let proxy = Proxy::with_workers(program, place.path(), &configuration("http.yaml", serve()), 1);
    let peer = format!("spiffe://plant-1.example/user/{user}");
    let identity = place.authority.issue(&Leaf { uris: &[&peer], ..Leaf::default() });
    let config = place.authority.client(Some(&identity));
    let mut client = Client::connect(proxy.port("http"), &config).unwrap();
    let request = format!("GET /docs/{user} HTTP/1.1\r\nhost: plc.example\r\n\r\n");
    assert_eq!(client.ask(request.as_bytes()).unwrap().status, 403);
    let push = Push {
        name: "trapkey-http",
        chain: Chain::Http,
        failure: Failure::Closed,
        filter,
        image: None,
    };
    let (file, ready) =
        (place.path().join("trapkey/http-filter.yaml"), place.path().join("pushed"));
    fs::write(&ready, push.discovery().unwrap()).unwrap();
    let start = Instant::now();
    fs::rename(ready, file).unwrap();
    while client.ask(request.as_bytes()).unwrap().status != 200 {
        assert!(start.elapsed() < Duration::from_mins(2), "{}", proxy.log());
        thread::park_timeout(Duration::from_millis(1));
    }
    start.elapsed()
}
