//! An Envoy that is driven, and what its worker used.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;

use crate::client::Client;
use crate::filters::REQUEST;
use crate::proxy::{Proxy, until};

/// Connections to each Envoy, with one request under way on each.
const CONNECTIONS: usize = 8;

/// An Envoy with clients.
pub(crate) struct Driven {
    proxy: Proxy,
    worker: PathBuf,
    clients: Vec<Client>,
}

impl Driven {
    /// Starts one in a folder that has certificates.
    pub(crate) fn start(
        program: &Path,
        folder: &Path,
        configuration: &str,
        client: &Arc<ClientConfig>,
    ) -> Self {
        let proxy = Proxy::with_workers(program, folder, configuration, 1);
        let port = proxy.port("http");
        let worker = until("a worker", || worker(proxy.id()));
        let connect = |_| Client::connect(port, client).unwrap();
        let clients = (0..CONNECTIONS).map(connect).collect();
        Self { proxy, worker, clients }
    }

    /// Nanoseconds of processor that the worker used for each of so many requests, or some more.
    pub(crate) fn drive(&mut self, requests: u32) -> f64 {
        let turns = requests.div_ceil(u32::try_from(CONNECTIONS).unwrap());
        let before = self.used();
        for _ in 0..turns {
            for client in &mut self.clients {
                client.send(REQUEST.as_bytes()).unwrap();
            }
            for client in &mut self.clients {
                let answer = client.answer().unwrap();
                assert_eq!(answer.status, 200, "{}", self.proxy.log());
            }
        }
        let used = u32::try_from(self.used() - before).unwrap();
        f64::from(used) / f64::from(turns * u32::try_from(CONNECTIONS).unwrap())
    }

    /// Nanoseconds that the worker had a processor.
    fn used(&self) -> u64 {
        let text = fs::read_to_string(&self.worker).unwrap();
        text.split(' ').next().unwrap().parse().unwrap()
    }
}

/// Where the system tells how long the worker of an Envoy had a processor.
fn worker(process: u32) -> Option<PathBuf> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let mut threads = threads.map(|thread| thread.unwrap().path());
    let is_worker = |thread: &PathBuf| {
        let name = fs::read_to_string(thread.join("comm")).unwrap_or_default();
        name.trim() == "wrk:worker_0"
    };
    threads.find(is_worker).map(|thread| thread.join("schedstat"))
}
