//! Policies and entities that change while requests are on their way.

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use rustls::ClientConfig;
use serde_json::{Value, json};
use trapkey_envoy::Chain;

use crate::certificates::Leaf;
use crate::client::{Answer, Client};
use crate::http::{started, with_metadata};
use crate::place::{Place, replaced};
use crate::proxy::{Proxy, installed, until};
use crate::upstream::Upstream;
use crate::world::{World, discovery, push, push_as, replace};

const CELL_7: &str = "spiffe://plant-1.example/mes/cell-7";

/// How often policies are swapped under load; `TRAPKEY_SWAPS` asks for more.
const SWAPS: u64 = 12;

/// The world with a policy more, which forbids a shelf.
fn closed(shelf: &str) -> World {
    let mut world = World::new();
    let condition = format!("when {{ context.deep.unit == \"{shelf}\" }};\n");
    let scope = format!("\n@id(\"closed-{shelf}\") forbid (principal, action, resource) ");
    world.policies.extend([scope, condition]);
    world
}

/// An Envoy with clients.
struct Swapped {
    // Ends before its folder.
    proxy: Proxy,
    place: Place,
    upstream: Upstream,
    config: Arc<ClientConfig>,
}

impl Swapped {
    fn start(envoy: &Path, world: &World) -> Self {
        let (place, upstream) = (Place::new(), Upstream::start());
        let proxy = started(envoy, &place, &with_metadata(upstream.port), world);
        let identity = place.authority.issue(&Leaf { uris: &[CELL_7], ..Leaf::default() });
        let config = place.authority.client(Some(&identity));
        Self { proxy, place, upstream, config }
    }

    fn connect(&self) -> Client {
        Client::connect(self.proxy.port("http"), &self.config).unwrap()
    }

    fn push(&self, world: &World) {
        push(self.place.path(), Chain::Http, world.filter().bytes(), None);
    }

    fn reloads(&self) -> u64 {
        self.proxy.statistic("trapkey-http.config_reload")
    }

    /// Waits until Envoy has taken another configuration than before.
    fn is_taken(&self, before: u64) {
        until("a reload", || (self.reloads() > before).then_some(()));
    }
}

fn ask(client: &mut Client, path: &str) -> io::Result<Answer> {
    client.ask(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes())
}

fn status(client: &mut Client, path: &str) -> u16 {
    ask(client, path).unwrap().status
}

const SAW: &str = "/shelves/tools/saw";

/// A policy that is taken back holds for connections that are open; so do entities that are pushed without a filter.
#[test]
fn open_connections_get_the_new_policy() {
    for envoy in installed() {
        let open = World::new();
        let swapped = Swapped::start(&envoy, &open);
        let mut client = swapped.connect();
        assert_eq!(status(&mut client, SAW), 200);
        let before = swapped.reloads();
        swapped.push(&closed("tools"));
        swapped.is_taken(before);
        until("the new policy", || (status(&mut client, SAW) == 403).then_some(()));
        let before = swapped.reloads();
        swapped.push(&open);
        swapped.is_taken(before);
        until("the old policy", || (status(&mut client, SAW) == 200).then_some(()));

        // The same filter with entities in which the client is not active any more.
        let mut entities = open.entities.clone();
        let all = entities.as_array_mut().unwrap();
        let known = all.iter_mut().find(|entity| entity["uid"]["id"] == CELL_7).unwrap();
        known["attrs"] = json!({ "active": false });
        let image = open.image(&entities);
        push(swapped.place.path(), Chain::Http, open.filter().bytes(), Some(&image));
        until("the new entities", || (status(&mut client, SAW) == 403).then_some(()));
        let want = World { entities, ..open }.reference().decide(&crate::world::question(
            ("Client", CELL_7),
            "read",
            ("Thing", "tools/saw"),
            &json!({}),
        ));
        let details = want.details();
        until("an access with that decision", || {
            let access = swapped.proxy.accesses().pop()?;
            access["decision"].as_str()?.starts_with(&details).then_some(())
        });
    }
}

/// What cannot be used changes nothing, and the next good push is taken.
#[test]
fn bad_pushes_keep_the_policy() {
    for envoy in installed() {
        let world = World::new();
        let swapped = Swapped::start(&envoy, &world);
        let folder = swapped.place.path().join("trapkey");
        let good = fs::read_to_string(folder.join("http-filter.yaml")).unwrap();
        let good: Value = serde_json::from_str(&good).unwrap();
        let with = |pointer: &str, value: Value| {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            bad.to_string()
        };
        let code = "/resources/0/typed_config/config/vm_config/code/local/inline_bytes";
        let configured = |text: &str| {
            let mut bad = good.clone();
            let config = bad.pointer_mut("/resources/0/typed_config/config").unwrap();
            let ty = "type.googleapis.com/google.protobuf.StringValue";
            config["configuration"] = json!({ "@type": ty, "value": text });
            // A machine of its own, as every push of ours has.
            config["vm_config"]["vm_id"] = json!("another");
            bad.to_string()
        };
        let mut client = swapped.connect();
        for (name, text) in [
            ("no YAML", "resources: [".to_owned()),
            ("nothing", String::new()),
            ("no module", with(code, json!("AAAA"))),
            ("an empty module", with(code, json!("AGFzbQEAAAA="))),
            ("another name", with("/resources/0/name", json!("trapkey-other"))),
            (
                "an unknown type",
                with("/resources/0/typed_config/@type", json!("type.googleapis.com/a.B")),
            ),
            ("no image of entities", configured("!!!")),
            ("an image of another layout", configured("dGtpbWFnZQFhYmM=")),
        ] {
            let bad = || {
                swapped.proxy.statistic("update_rejected") + swapped.proxy.statistic("config_fail")
            };
            let failed = bad() + swapped.proxy.statistic("update_failure");
            replace(&folder, "http", &text);
            until(name, || {
                (bad() + swapped.proxy.statistic("update_failure") > failed).then_some(())
            });
            assert_eq!(status(&mut client, SAW), 200, "{name}");
            assert_eq!(status(&mut client, "/admin"), 403, "{name}");
            assert_eq!(status(&mut swapped.connect(), SAW), 200, "{name}");
        }
        swapped.push(&closed("tools"));
        until("the good push", || (status(&mut client, SAW) == 403).then_some(()));
    }
}

/// While one of two policies takes the place of the other, what both allow is allowed, what both deny is denied, and
/// what they differ about is as one of them says; and no request fails.
#[test]
fn swaps_under_load_fail_no_request() {
    let swaps = env::var("TRAPKEY_SWAPS").map_or(SWAPS, |text| text.parse().unwrap());
    for envoy in installed() {
        let worlds = [closed("tools"), closed("paint")];
        let swapped = Swapped::start(&envoy, &worlds[0]);
        let filters = worlds.map(|world| world.filter());
        let port = swapped.proxy.port("http");
        let (is_over, asked) = (AtomicBool::new(false), AtomicU64::new(0));
        let seen = [AtomicU64::new(0), AtomicU64::new(0)];
        thread::scope(|scope| {
            for number in 0..3 {
                let (config, seen, asked, is_over) = (&swapped.config, &seen, &asked, &is_over);
                scope.spawn(move || {
                    let mut client = Client::connect(port, config).unwrap();
                    while !is_over.load(Ordering::Relaxed) {
                        if number == 0 {
                            // New connections, too.
                            client = Client::connect(port, config).unwrap();
                        }
                        assert_eq!(status(&mut client, "/shelves/wood/saw"), 200);
                        assert_eq!(status(&mut client, "/admin"), 403);
                        let tools = status(&mut client, SAW);
                        assert!([200, 403].contains(&tools), "{tools}");
                        seen[usize::from(tools == 200)].fetch_add(1, Ordering::Relaxed);
                        asked.fetch_add(3, Ordering::Relaxed);
                    }
                });
            }
            for number in 0..swaps {
                let (before, asked_before) = (swapped.reloads(), asked.load(Ordering::Relaxed));
                let filter = &filters[usize::from(number % 2 == 0)];
                push(swapped.place.path(), Chain::Http, filter.bytes(), None);
                swapped.is_taken(before);
                until("requests", || {
                    (asked.load(Ordering::Relaxed) > asked_before + 60).then_some(())
                });
            }
            is_over.store(true, Ordering::Relaxed);
        });
        assert!(seen.iter().all(|count| count.load(Ordering::Relaxed) > 0), "{seen:?}");
        println!("{} requests, {swaps} swaps", asked.into_inner());
        drop(swapped.upstream.take());
    }
}

/// A push in a machine of V8 that others may share: it has the same id for all.
fn push_shared(folder: &Path, name: &str, filter: &[u8], image: Option<&[u8]>) {
    let mut pushed: Value =
        serde_json::from_str(&discovery(name, (Chain::Http, filter, image))).unwrap();
    let id = "/resources/0/typed_config/config/vm_config/vm_id";
    *pushed.pointer_mut(id).unwrap() = json!("shared");
    replace(folder, name, &pushed.to_string());
}

/// Two listeners of one Envoy have policies and entities of their own, even where both are in one machine of V8.
#[test]
fn listeners_do_not_share_policies() {
    for envoy in installed() {
        let (place, upstream) = (Place::new(), Upstream::start());
        let text = with_metadata(upstream.port);
        let (before, clusters) = text.split_once("  clusters:").unwrap();
        let (_, listener) = before.split_once("    - name: http\n").unwrap();
        let other = format!("    - name: other\n{listener}");
        let other = replaced(&other, "name: trapkey-http", "name: trapkey-other");
        let other = replaced(&other, "trapkey/http-filter.yaml", "trapkey/other-filter.yaml");
        let text = format!("{before}{other}  clusters:{clusters}");
        let folder = place.path().join("trapkey");
        // The same filter for both: they differ in the entities that were pushed with it.
        let world = World::new();
        let filter = world.filter();
        let mut entities = world.entities.clone();
        entities.as_array_mut().unwrap().retain(|entity| entity["uid"]["id"] != CELL_7);
        let image = world.image(&entities);
        push_shared(&folder, "other", filter.bytes(), Some(&image));
        push_shared(&folder, "http", filter.bytes(), None);
        let proxy = Proxy::start(&envoy, place.path(), &text);
        proxy.has("trapkey-http");
        until("the other", || (proxy.statistic("trapkey-other.config_reload") > 0).then_some(()));
        let identity = place.authority.issue(&Leaf { uris: &[CELL_7], ..Leaf::default() });
        let config = place.authority.client(Some(&identity));
        let ports = ["http", "other"].map(|name| proxy.port(name));
        let check = |want: [u16; 2]| {
            until("the same on all workers", || {
                // New connections find each worker in time.
                let found = (0..16).all(|_| {
                    let found =
                        ports.map(|port| status(&mut Client::connect(port, &config).unwrap(), SAW));
                    found == want
                });
                found.then_some(())
            });
        };
        check([200, 403]);
        push_shared(&folder, "other", filter.bytes(), None);
        check([200, 200]);
        push_as(&folder, "http", (Chain::Http, closed("tools").filter().bytes(), None));
        check([403, 200]);
    }
}
