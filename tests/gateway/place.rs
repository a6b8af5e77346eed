//! A gateway with its device and its clients: programs that are compiled once, started, and ended.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use trapkey::{Bundle, CompileOptions, Release, Sources, compile};
use trapkey_testkit::{Folder, plant, repository_dir};

use crate::programs::{self, Language, Library, WARNINGS, succeed};

/// How long an answer may take, when four of these run on two cores.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Monday, 2026-10-05, 07:00 UTC: the instant of the plant's cases.
pub(crate) const CLOCK: i64 = 1_791_183_600_000;

/// The programs.
pub(crate) struct Programs {
    pub(crate) gateway: PathBuf,
    pub(crate) gateway_as_cpp: PathBuf,
    pub(crate) says: PathBuf,
    pub(crate) counter: PathBuf,
    server: PathBuf,
    client: PathBuf,
    relay: PathBuf,
}

/// Compiles a program that has nothing to do with Trapkey.
fn peer(name: &str, more: &[&str], to: &Path) -> PathBuf {
    let program = to.join(name);
    let source = repository_dir().join("bindings/c/tests").join(format!("{name}.c"));
    let mut compiler = Command::new("cc");
    compiler.arg("-std=c99").args(WARNINGS).arg("-I/usr/include/modbus");
    succeed(compiler.arg(source).arg("-o").arg(&program).args(more));
    program
}

const LIBMODBUS: &str = "/usr/include/modbus/modbus.h";

/// None without libmodbus, which `cargo xtask test` installs where it can; in CI it has to be there.
pub(crate) fn programs() -> Option<&'static Programs> {
    static ALL: OnceLock<Option<Programs>> = OnceLock::new();
    let made = || {
        if !Path::new(LIBMODBUS).exists() {
            let is_ci = env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!is_ci, "there is no {LIBMODBUS} (Debian package `libmodbus-dev`)");
            println!("skipped: there is no {LIBMODBUS}");
            return None;
        }
        let to = &Path::new(env!("CARGO_TARGET_TMPDIR")).join("gateway");
        fs::create_dir_all(to).unwrap();
        let ours = |source, language| {
            programs::compile_with(source, (language, Library::Shared), (&[], &[]), to)
        };
        Some(Programs {
            gateway: ours("examples/modbus_gateway.c", Language::C),
            gateway_as_cpp: ours("examples/modbus_gateway.c", Language::Cpp),
            says: ours("tests/modbus.c", Language::C),
            counter: peer("count_malloc", &["-shared", "-fPIC"], to),
            server: peer("modbus_server", &["-lmodbus"], to),
            client: peer("modbus_client", &["-lmodbus"], to),
            relay: peer("relay", &[], to),
        })
    };
    ALL.get_or_init(made).as_ref()
}

/// A program that is ended with its owner.
pub(crate) struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    #[track_caller]
    pub(crate) fn ask(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").unwrap();
        let answer = self.line();
        assert_ne!(answer, "", "the program ended at `{line}`");
        answer
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Tells it to stop, and waits; gives what it said last.
    fn stop(&mut self) -> String {
        writeln!(self.input, "stop").unwrap();
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {said}");
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        if self.is_running() {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

/// What a gateway is started with.
pub(crate) struct World {
    pub(crate) folder: Folder,
    pub(crate) entities: Vec<Value>,
    /// Lines of the configuration behind those of the servers.
    pub(crate) clients: String,
    /// For each server the lines that follow it.
    pub(crate) maps: Vec<String>,
    /// Port of a device in place of that by libmodbus.
    pub(crate) device: Option<u16>,
    /// Whether the record is kept, or made and thrown away.
    pub(crate) is_kept: bool,
}

impl World {
    /// An entity like another of the plant, with another name.
    pub(crate) fn like(&self, id: &str, name: &str) -> Value {
        let all = self.folder.entities.as_array().unwrap();
        let mut entity = all.iter().find(|entity| entity["uid"]["id"] == id).unwrap().clone();
        entity["uid"]["id"] = json!(name);
        entity
    }

    /// One controller of cell 7, and clients that may do different things.
    pub(crate) fn cell() -> Self {
        let mut folder = plant::folder().unwrap();
        folder.policies.push_str(LEGACY_READS);
        let entities = folder.entities.as_array().unwrap().clone();
        let maps = vec![CELL_MAP.to_owned()];
        let clients = CELL_CLIENTS.to_owned();
        let mut world = Self { folder, entities, clients, maps, device: None, is_kept: true };
        for name in ["both", "both-2"] {
            let id = format!("spiffe://plant-1.example/{name}");
            let mut both = world.like("spiffe://plant-1.example/mes/cell-7", &id);
            both["parents"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "type": "Plant::NhiGroup", "id": "historian-collectors" }));
            world.entities.push(both);
        }
        world
    }

    /// The plant's policies as a bundle.
    pub(crate) fn bundle(&self, sequence: u64) -> Vec<u8> {
        let Folder { policies, schema, .. } = &self.folder;
        let sources = Sources { policies, schema, links: &[] };
        let compiled = compile(&sources, CompileOptions::default()).unwrap();
        let release = Release { name: "plant".into(), version: "1".into(), sequence };
        Bundle::pack(&release, &compiled.module).unwrap()
    }
}

/// Unit 1 is the controller, 2 one on an island, 3 one that is locked out, 0 all of them.
const CELL_MAP: &str = "\
map 1 h 0 11 Plant::Asset plc-7
map 1 h 12 12 Plant::Point plc-7/40012   # the set point
map 1 h 13 13 Plant::Point plc-7/safe
map 1 h 14 199 Plant::Point plc-7/40012
map 1 c 0 199 Plant::Point plc-7/40012
map 1 d 0 199 Plant::Asset plc-7
map 1 i 0 199 Plant::Asset plc-7
device 1 Plant::Asset plc-7
map 2 h 0 99 Plant::Asset plc-island
map 3 h 0 99 Plant::Point plc-7-loto/40012
map 0 h 0 99 Plant::Point plc-7/40012
";

pub(crate) const HISTORIAN: [u8; 4] = [127, 0, 0, 2];
pub(crate) const CONNECTOR: [u8; 4] = [127, 0, 0, 3];
pub(crate) const UNPROVEN: [u8; 4] = [127, 0, 0, 4];
pub(crate) const BOTH: [u8; 4] = [127, 0, 0, 5];
pub(crate) const BOTH_2: [u8; 4] = [127, 0, 0, 6];
pub(crate) const LEGACY: [u8; 4] = [127, 0, 0, 7];
pub(crate) const NOBODY: [u8; 4] = [127, 0, 0, 9];

/// So that one has a session to whom not all actions apply.
const LEGACY_READS: &str = r#"
@id("test-legacy-reads")
permit (principal is Plant::LegacyPrincipal, action == Plant::Action::"modbus.readRegisters", resource);
"#;

const CELL_CLIENTS: &str = "\
client 127.0.0.2 Plant::Workload spiffe://plant-1.example/historian zone=z-ops conduit=c-ops-control open=0:3/1/0
client 127.0.0.3 Plant::Workload spiffe://plant-1.example/mes/cell-7 zone=z-ops conduit=c-ops-control basis=brokered cred=x509-svid open=0:6/1/12/0
client 127.0.0.4 Plant::Workload spiffe://plant-1.example/mes/cell-7 zone=z-ops conduit=c-ops-control cred=x509-svid open=0:6/1/12/0
client 127.0.0.5 Plant::Workload spiffe://plant-1.example/both zone=z-ops conduit=c-ops-control basis=brokered cred=x509-svid open=0:3/1/0
client 127.0.0.6 Plant::Workload spiffe://plant-1.example/both-2 zone=z-ops conduit=c-ops-control basis=brokered cred=x509-svid open=0:3/1/0
client 127.0.0.7 Plant::LegacyPrincipal hmi-xp-1 zone=z-control open=0:3/1/0
";

/// A gateway that runs, between a relay in front and a device by libmodbus behind.
pub(crate) struct Place {
    pub(crate) gateway: Running,
    device: Running,
    relay: Running,
    pub(crate) ports: Vec<u16>,
    /// Of the relay: for each server those of each source.
    doors: Vec<Vec<u16>>,
    sources: Vec<[u8; 4]>,
    pub(crate) folder: TempDir,
}

impl Place {
    /// None without libmodbus, where tests may do without it.
    pub(crate) fn start(world: &World, sources: &[[u8; 4]]) -> Option<Self> {
        Some(Self::start_with(world, sources, Command::new(&programs()?.gateway)))
    }

    pub(crate) fn start_with(world: &World, sources: &[[u8; 4]], mut command: Command) -> Self {
        let programs = programs().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut device = Running::start(Command::new(&programs.server).arg(path("device.log")));
        let port = device.line();
        let port = world.device.map_or(port, |port| port.to_string());
        let log = if world.is_kept { path("log") } else { PathBuf::from("/dev/null") };
        let mut config = format!("clock {CLOCK}\nclock-trusted\nlog {}\n", log.display());
        config.push_str("timeout 30000\n");
        for map in &world.maps {
            write!(config, "server 127.0.0.1:0 127.0.0.1:{port}\n{map}").unwrap();
        }
        config.push_str(&world.clients);
        fs::write(path("config"), config).unwrap();
        fs::write(path("bundle"), world.bundle(1)).unwrap();
        fs::write(path("entities"), Value::from(world.entities.clone()).to_string()).unwrap();
        command.args([path("config"), path("bundle"), path("entities")]);
        let mut gateway = Running::start(&mut command);
        let ready = gateway.line();
        let ports: Vec<u16> = ready
            .strip_prefix("ready ")
            .unwrap_or_else(|| panic!("the gateway says `{ready}`"))
            .split(' ')
            .map(|port| port.parse().unwrap())
            .collect();
        let mut command = Command::new(&programs.relay);
        for port in &ports {
            command.args(sources.iter().map(|of| format!("{}:{port}", Ipv4Addr::from(*of))));
        }
        let mut relay = Running::start(&mut command);
        let door = |relay: &mut Running| relay.line().parse::<u16>().unwrap();
        let doors = ports.iter().map(|_| sources.iter().map(|_| door(&mut relay)).collect());
        let doors = doors.collect();
        Self { gateway, device, relay, ports, doors, sources: sources.to_vec(), folder }
    }

    /// A client of libmodbus that comes from an address.
    pub(crate) fn client(&self, source: [u8; 4], unit: u8) -> Running {
        let mut command = Command::new(&programs().unwrap().client);
        command.arg(Ipv4Addr::from(source).to_string());
        command.arg(self.ports[0].to_string()).arg(unit.to_string());
        Running::start(&mut command)
    }

    /// A bare connection from an address to a server.
    pub(crate) fn connect(&self, server: usize, source: [u8; 4]) -> Wire {
        let at = self.sources.iter().position(|known| *known == source).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", self.doors[server][at])).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        Wire { stream, transaction: 0 }
    }

    /// The requests that came to the device, as they were but for the transaction.
    pub(crate) fn reached(&mut self) -> Vec<Vec<u8>> {
        assert!(self.device.is_running() && self.relay.is_running());
        let log = fs::read_to_string(self.folder.path().join("device.log")).unwrap();
        log.lines().map(bytes_of).collect()
    }

    /// Ends the gateway in order; gives its record, a line for each decision.
    pub(crate) fn stop(mut self) -> (Vec<Value>, String, Vec<Vec<u8>>) {
        let said = self.gateway.stop();
        let log = self.folder.path().join("log");
        let log = if log.exists() { fs::read_to_string(log).unwrap() } else { String::new() };
        let record = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (record, said, self.reached())
    }
}

pub(crate) fn bytes_of(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    pairs.map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    pairs.concat()
}

/// A connection whose frames are made by hand.
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    transaction: u16,
}

impl Wire {
    /// A frame around a request.
    pub(crate) fn frame(&mut self, unit: u8, request: &[u8]) -> Vec<u8> {
        self.transaction = self.transaction.wrapping_add(1);
        let [high, low] = self.transaction.to_be_bytes();
        let len = u16::try_from(request.len() + 1).unwrap().to_be_bytes();
        [&[high, low, 0, 0, len[0], len[1], unit], request].concat()
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next frame; none if the connection ended.
    pub(crate) fn receive(&mut self) -> Option<Vec<u8>> {
        let mut frame = vec![0; 6];
        let mut at = 0;
        while at < frame.len() {
            match self.stream.read(&mut frame[at..]) {
                Ok(0) => return None,
                Ok(len) => at += len,
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("{error} after {at} bytes"),
            }
            if at == 6 && frame.len() == 6 {
                let len = usize::from(u16::from_be_bytes([frame[4], frame[5]]));
                frame.resize(6 + len, 0);
            }
        }
        Some(frame)
    }

    /// Sends a request and waits for its answer without the header, which must be the request's.
    #[track_caller]
    pub(crate) fn ask(&mut self, unit: u8, request: &[u8]) -> Vec<u8> {
        let frame = self.frame(unit, request);
        self.send(&frame);
        let answer = self.receive().expect("the connection ended");
        assert_eq!((&answer[..4], answer[6]), (&frame[..4], unit), "{}", hex(&answer));
        answer[7..].to_vec()
    }
}
