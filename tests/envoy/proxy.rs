//! Envoys: where they are installed, and one that runs.

use std::env;
use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::upstream::head;

/// The versions that the tests run; `crates/xtask/src/install.rs` installs them.
pub(crate) const VERSIONS: [&str; 2] = ["1.40.0", "1.39.3"];

/// Each Envoy that there is. In CI all have to be there; elsewhere the missing ones are named.
pub(crate) fn installed() -> Vec<PathBuf> {
    let is_ci = env::var_os("CI").is_some_and(|ci| ci == "true");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut found = Vec::new();
    for version in VERSIONS {
        let folder = target.join("tools").join(format!("envoy-{version}"));
        match program(&folder) {
            Some(program) => found.push(program),
            None if is_ci => panic!("there is no Envoy {version} in {}", folder.display()),
            None => {
                println!("skipped: there is no Envoy {version}, `cargo xtask test` installs it");
            }
        }
    }
    found
}

/// The program in a virtual environment of Python: not the script that starts it, which would stay between.
fn program(folder: &Path) -> Option<PathBuf> {
    let library = fs::read_dir(folder.join("lib")).ok()?;
    let packages = library.map(|python| python.unwrap().path().join("site-packages"));
    packages.map(|packages| packages.join("envoy/_bin/envoy")).find(|program| program.exists())
}

/// What Envoy says of configurations without running.
pub(crate) fn validate(program: &Path, folder: &Path, configuration: &str) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(["--mode", "validate", "--config-yaml", configuration]).current_dir(folder);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

/// An Envoy that runs, and ends with its owner. It would end with the thread that started it, too.
pub(crate) struct Proxy {
    child: Child,
    admin: u16,
    folder: PathBuf,
}

impl Proxy {
    /// Starts one in a folder and waits until it takes connections. Ports in the configuration are 0.
    pub(crate) fn start(program: &Path, folder: &Path, configuration: &str) -> Self {
        Self::with_workers(program, folder, configuration, 2)
    }

    /// The same, with so many workers.
    pub(crate) fn with_workers(
        program: &Path,
        folder: &Path,
        configuration: &str,
        workers: u8,
    ) -> Self {
        let (address, log) = (folder.join("admin"), folder.join("envoy.log"));
        let output = File::create(&log).unwrap();
        // Of one that ran here before.
        if address.exists() {
            fs::remove_file(&address).unwrap();
        }
        let mut command = Command::new(program);
        command.args(["--use-dynamic-base-id", "--log-level", "warning"]);
        command.arg("--concurrency").arg(workers.to_string());
        command.args(["--file-flush-interval-msec", "50", "--drain-time-s", "1"]);
        command.args(["--component-log-level", "wasm:info"]);
        command.args(["--config-yaml", configuration]).arg("--admin-address-path").arg(&address);
        command.current_dir(folder).stdin(Stdio::null());
        command.stdout(output.try_clone().unwrap()).stderr(output);
        let mut child = command.spawn().unwrap();
        let admin = until("an address of admin", || {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("Envoy ended with {status}: {}", fs::read_to_string(&log).unwrap());
            }
            let text = fs::read_to_string(&address).ok()?;
            text.trim().rsplit_once(':')?.1.parse::<u16>().ok()
        });
        let proxy = Self { child, admin, folder: folder.to_owned() };
        until("readiness", || proxy.get("/ready").filter(|body| body.trim() == "LIVE"));
        proxy
    }

    /// The port of a listener, by its name.
    pub(crate) fn port(&self, listener: &str) -> u16 {
        let text = until("listeners", || self.get("/listeners?format=json"));
        let all: Value = serde_json::from_str(&text).unwrap();
        let all = all["listener_statuses"].as_array().unwrap();
        let found = all.iter().find(|status| status["name"] == listener).unwrap();
        let port = &found["local_address"]["socket_address"]["port_value"];
        port.as_u64().and_then(|port| u16::try_from(port).ok()).unwrap()
    }

    /// The sum of all statistics whose name ends so.
    pub(crate) fn statistic(&self, name: &str) -> u64 {
        let text = until("statistics", || self.get("/stats"));
        let lines = text.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(found, _)| found.ends_with(name))
            .map(|(_, n)| n.parse::<u64>().unwrap())
            .sum()
    }

    /// Waits until a filter of that name that was pushed beforehand runs in the main thread and in both workers.
    pub(crate) fn has(&self, filter: &str) {
        let reload = format!("{filter}.config_reload");
        let machines = "wasm.envoy.wasm.runtime.v8.active";
        until(filter, || {
            // One more is that from which the others are made.
            let is_everywhere = self.statistic(machines) >= 4;
            (self.statistic(&reload) > 0 && is_everywhere).then_some(())
        });
    }

    /// What it has written: its own log, and access logs.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.folder.join("envoy.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// The access log's lines.
    pub(crate) fn accesses(&self) -> Vec<Value> {
        let log = self.log();
        let lines = log.lines().filter(|line| line.starts_with('{'));
        lines.map_while(|line| serde_json::from_str(line).ok()).collect()
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// What admin says; none where it does not answer with 200.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.admin)).ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut stream = BufReader::new(stream);
        let head = head(&mut stream)?;
        let mut body = String::new();
        stream.read_to_string(&mut body).ok()?;
        let is_chunked = head.iter().any(|line| line == "transfer-encoding: chunked");
        let body = if is_chunked { dechunked(&body)? } else { body };
        (head.first()? == "HTTP/1.1 200 OK").then_some(body)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if thread::panicking() {
            println!("Envoy {}: {}", self.id(), self.log());
        }
        if self.is_running() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

fn dechunked(mut body: &str) -> Option<String> {
    let mut whole = String::new();
    loop {
        let (length, rest) = body.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole.push_str(rest.get(..length)?);
        body = rest.get(length + 2..)?;
    }
}

/// Asks again until there is something; fails after a minute.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..3_000 {
        if let Some(found) = ask() {
            return found;
        }
        thread::park_timeout(Duration::from_millis(20));
    }
    panic!("a minute has passed without {what}");
}
