//! How many instructions our filter runs for each request, before a proxy that answers at once.

use wasmtime::{Caller, Config, Engine, Extern, Instance, Linker, Module, Store};

use crate::filters::{Built, PEER, ours};

/// Requests before the one that is counted.
const WARM_UP: i32 = 100;

/// Prints the table.
pub(crate) fn measure() {
    println!("| filter | bytes | instructions to start | for each request | calls of the proxy |");
    println!("| --- | --- | --- | --- | --- |");
    let plain = Built::default();
    for (name, built) in [
        ("trapkey", plain),
        ("trapkey, record_allows", Built { records_allows: true, ..plain }),
        ("trapkey, filter_state", Built { by_filter_state: true, ..plain }),
        ("trapkey, time and peer address", Built { reads_time: true, ..plain }),
    ] {
        let module = ours(built);
        let mut filter = Running::new(&module);
        let start = filter.start();
        for context in 2..2 + WARM_UP {
            filter.request(context);
        }
        let (used, calls) = filter.run(|filter| filter.request(2 + WARM_UP));
        println!("| {name} | {} | {start} | {used} | {calls} |", module.len());
    }
}

/// A filter that runs here.
pub(crate) struct Running {
    store: Store<u64>,
    instance: Instance,
}

impl Running {
    pub(crate) fn new(module: &[u8]) -> Self {
        let mut config = Config::new();
        config.consume_fuel(true);
        let engine = Engine::new(&config).unwrap();
        let module = Module::new(&engine, module).unwrap();
        let mut linker: Linker<u64> = Linker::new(&engine);
        linker
            .func_wrap(
                "env",
                "proxy_get_header_map_pairs",
                |caller: Caller<'_, u64>, _: i32, at: i32, len: i32| {
                    give(caller, &headers(), at, len)
                },
            )
            .unwrap();
        linker
            .func_wrap(
                "env",
                "proxy_get_property",
                |mut caller: Caller<'_, u64>, path: i32, path_len: i32, at: i32, len: i32| {
                    let path = bytes(&mut caller, path, path_len);
                    let value: &[u8] = match path.as_slice() {
                        b"connection\0peer_certificate_valid" => &[1],
                        b"filter_state\0trapkey.uris" => PEER.as_bytes(),
                        b"source\0address" => b"127.0.0.1:54321",
                        b"connection_id" => &[7, 0, 0, 0, 0, 0, 0, 0],
                        other => panic!("{}", String::from_utf8_lossy(other)),
                    };
                    give(caller, value, at, len)
                },
            )
            .unwrap();
        linker
            .func_wrap(
                "env",
                "proxy_get_current_time_nanoseconds",
                |mut caller: Caller<'_, u64>, at: i32| {
                    *caller.data_mut() += 1;
                    // 2026-03-02T12:00:00Z, the time of the example.
                    write(&mut caller, at, &1_772_452_800_000_000_000_u64.to_le_bytes());
                    0
                },
            )
            .unwrap();
        linker
            .func_wrap(
                "env",
                "proxy_set_property",
                |mut caller: Caller<'_, u64>, _: i32, _: i32, _: i32, _: i32| {
                    *caller.data_mut() += 1;
                    0
                },
            )
            .unwrap();
        linker
            .func_wrap(
                "env",
                "proxy_log",
                |mut caller: Caller<'_, u64>, _: i32, at: i32, len: i32| {
                    println!("{}", String::from_utf8_lossy(&bytes(&mut caller, at, len)));
                    0
                },
            )
            .unwrap();
        let mut store = Store::new(&engine, 0);
        store.set_fuel(u64::MAX).unwrap();
        linker.define_unknown_imports_as_default_values(&mut store, &module).unwrap();
        let instance = linker.instantiate(&mut store, &module).unwrap();
        Self { store, instance }
    }

    /// Starts it without a configuration; gives the instructions that this took.
    pub(crate) fn start(&mut self) -> u64 {
        let start = |filter: &mut Self| {
            assert_eq!(filter.call("proxy_on_vm_start", &[1, 0]), 1);
            assert_eq!(filter.call("proxy_on_configure", &[1, 0]), 1);
        };
        self.run(start).0
    }

    /// Instructions and calls of the proxy that something takes.
    fn run(&mut self, act: impl FnOnce(&mut Self)) -> (u64, u64) {
        let (fuel, calls) = (self.store.get_fuel().unwrap(), *self.store.data());
        act(self);
        (fuel - self.store.get_fuel().unwrap(), *self.store.data() - calls)
    }

    /// One request as a proxy tells of it; it has to be allowed.
    fn request(&mut self, context: i32) {
        self.call("proxy_on_context_create", &[context, 1]);
        assert_eq!(self.call("proxy_on_request_headers", &[context, 12, 1]), 0);
        self.call("proxy_on_done", &[context]);
        self.call("proxy_on_delete", &[context]);
    }

    /// Calls an export; 0 where it gives nothing or is not there.
    fn call(&mut self, name: &str, arguments: &[i32]) -> i32 {
        let Some(function) = self.instance.get_func(&mut self.store, name) else { return 0 };
        let arguments: Vec<_> = arguments.iter().map(|number| (*number).into()).collect();
        let count = function.ty(&self.store).results().len();
        let mut results = vec![wasmtime::Val::I32(0); count];
        function.call(&mut self.store, &arguments, &mut results).unwrap();
        results.first().map_or(0, wasmtime::Val::unwrap_i32)
    }
}

/// Hands bytes over as proxies do: into memory that the filter gives.
fn give(mut caller: Caller<'_, u64>, value: &[u8], at: i32, len: i32) -> i32 {
    *caller.data_mut() += 1;
    let size = i32::try_from(value.len()).unwrap();
    let allocate = caller.get_export("proxy_on_memory_allocate").and_then(Extern::into_func);
    let allocate = allocate.unwrap().typed::<i32, i32>(&caller).unwrap();
    let room = allocate.call(&mut caller, size).unwrap();
    write(&mut caller, room, value);
    write(&mut caller, at, &room.to_le_bytes());
    write(&mut caller, len, &size.to_le_bytes());
    0
}

fn write(caller: &mut Caller<'_, u64>, at: i32, value: &[u8]) {
    let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
    memory.write(caller, usize::try_from(at).unwrap(), value).unwrap();
}

fn bytes(caller: &mut Caller<'_, u64>, at: i32, len: i32) -> Vec<u8> {
    let memory = caller.get_export("memory").and_then(Extern::into_memory).unwrap();
    let [at, len] = [at, len].map(|number| usize::try_from(number).unwrap());
    memory.data(&*caller)[at..at + len].to_vec()
}

/// The headers as a real Envoy lists them for this request.
fn headers() -> Vec<u8> {
    let forwarded = format!("Hash={};URI={PEER}", "0123456789abcdef".repeat(4));
    let pairs = [
        (":authority", "plc.example"),
        (":path", "/units/oven-1/registers/zone-temperature"),
        (":method", "PUT"),
        (":scheme", "https"),
        ("user-agent", "envoy-cost/1"),
        ("accept", "*/*"),
        ("x-value", "1500"),
        ("content-length", "0"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-client-cert", &forwarded),
        ("x-envoy-internal", "true"),
        ("x-request-id", "6e1c5b7e-8a59-4c0f-9a9b-0d3f5e6a7b8c"),
    ];
    let mut block = u32::try_from(pairs.len()).unwrap().to_le_bytes().to_vec();
    for text in pairs.iter().flat_map(|(name, value)| [name, value]) {
        block.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    }
    for text in pairs.iter().flat_map(|(name, value)| [name, value]) {
        block.extend(text.as_bytes());
        block.push(0);
    }
    block
}
