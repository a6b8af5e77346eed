//! Peers by libmodbus, with Envoys on both sides: one that shows a certificate for the client, one with the filter.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use trapkey_envoy::Chain;
use trapkey_testkit::repository_dir;

use crate::certificates::Leaf;
use crate::modbus::world;
use crate::place::{Place, configuration, example, replaced};
use crate::programs::{WARNINGS, succeed};
use crate::proxy::{Proxy, installed};
use crate::world::push;

const LIBMODBUS: &str = "/usr/include/modbus/modbus.h";

/// A program that is ended with its owner.
struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    #[track_caller]
    fn says(&mut self, line: &str, answer: &str) {
        writeln!(self.input, "{line}").unwrap();
        assert_eq!(self.line(), answer, "{line}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn compile(name: &str, to: &Path) -> PathBuf {
    let program = to.join(name);
    let source = repository_dir().join("bindings/c/tests").join(format!("{name}.c"));
    let mut compiler = Command::new("cc");
    compiler.arg("-std=c99").args(WARNINGS).arg("-I/usr/include/modbus");
    succeed(compiler.arg(source).arg("-o").arg(&program).arg("-lmodbus"));
    program
}

#[test]
fn libmodbus_speaks_through_the_filter() {
    if !Path::new(LIBMODBUS).exists() {
        let is_ci = env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!is_ci, "there is no {LIBMODBUS} (Debian package `libmodbus-dev`)");
        println!("skipped: there is no {LIBMODBUS}");
        return;
    }
    for envoy in installed() {
        let place = Place::new();
        let log = place.path().join("device.log");
        let mut device =
            Running::start(Command::new(compile("modbus_server", place.path())).arg(&log));
        let port = device.line().parse().unwrap();
        push(place.path(), Chain::Network, world().filter().bytes(), None);
        let proxy = Proxy::start(&envoy, place.path(), &configuration("tcp.yaml", port));
        proxy.has("trapkey-modbus");

        // The client's side is an Envoy of its own, in a folder of its own.
        let beside = place.path().join("beside");
        fs::create_dir_all(beside.join("trapkey")).unwrap();
        let uris = ["spiffe://plant-1.example/mes/oven-1"];
        let identity = place.authority.issue(&Leaf { uris: &uris, ..Leaf::default() });
        identity.write(&beside.join("trapkey"), "oven-1");
        fs::copy(place.path().join("trapkey/ca.pem"), beside.join("trapkey/ca.pem")).unwrap();
        let text = replaced(&example("client.yaml"), "port_value: 9902", "port_value: 0");
        let text = replaced(&text, "port_value: 1503", "port_value: 0");
        let guarded = format!("port_value: {}", proxy.port("modbus"));
        let side = Proxy::start(&envoy, &beside, &replaced(&text, "port_value: 8802", &guarded));

        let program = compile("modbus_client", place.path());
        let client = |unit: &str| {
            let port = side.port("client").to_string();
            Running::start(Command::new(&program).args(["127.0.0.1", &port, unit]))
        };
        let mut first = client("11");
        first.says("holding 0 4", "ok 0 0 0 0");
        first.says("register 0 1500", "ok");
        first.says("write 0 1500 7", "ok");
        first.says("holding 0 2", "ok 1500 7");
        first.says("mask 1 0 3", "ok");
        // Not writable: the connection ends.
        first.says("register 2 1", "lost");
        let mut second = client("11");
        second.says("holding 0 3", "ok 1500 3 0");
        second.says("holding 0 5", "lost");
        client("12").says("holding 0 1", "lost");
        client("11").says("coil 0 1", "lost");
        // The policies know no function that reads and writes.
        client("11").says("both 0 2 1 8", "lost");
        let count = fs::read_to_string(&log).unwrap().lines().count();
        assert_eq!(count, 6, "only what is allowed reaches the device");
    }
}
