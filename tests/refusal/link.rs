//! Modules that are not linked, and two that are.

use trapkey_link::{
    Blob, DATA_BYTES_MAX, LinkError, Linking, POLICY_PAGES_MAX, link, with_short_copies,
};
use wasmtime::{Engine, Instance, Module, Store};

const POLICY: &str = r#"(module
    (memory (export "memory") 1 1)
    (table 1 1 funcref) (elem (i32.const 0) $twice)
    (type $number (func (param i32) (result i32)))
    (func $twice (type $number) (i32.mul (local.get 0) (i32.const 2)))
    (data (i32.const 16) "\05")
    (func (export "decide") (param i32 i32)
      (i32.store (local.get 1)
        (call_indirect (type $number)
          (i32.add (i32.load8_u (i32.const 16)) (i32.load8_u (local.get 0)))
          (i32.const 0)))))"#;

/// Asks the policy about the first byte of the blob `plan`, and adds its length and a constant of its own table.
const GUEST: &str = r#"(module
    (import "trapkey" "decide" (func $decide (param i32 i32)))
    (import "trapkey" "plan" (func $plan (result i32)))
    (import "trapkey" "plan_bytes" (func $length (result i32)))
    (memory 513)
    (global $stack (mut i32) (i32.const 64))
    (export "__stack_pointer" (global $stack))
    (table 2 2 funcref) (elem (i32.const 1) $thousand)
    (func $thousand (result i32) (i32.load (i32.const 33554432)))
    (data (i32.const 33554432) "\e8\03")
    (func (export "run") (result i32)
      (global.set $stack (i32.sub (global.get $stack) (i32.const 8)))
      (call $decide (call $plan) (global.get $stack))
      (i32.add (i32.load (global.get $stack))
        (i32.add (call $length) (call_indirect (result i32) (i32.const 1))))))"#;

fn linked(policy: &str, guest: &str, data: &[Blob<'_>]) -> Result<Vec<u8>, LinkError> {
    let module = |text: &str| wat::parse_str(text).expect("WAT");
    let (policy, guest) = (module(policy), module(guest));
    link(&Linking { policy: &policy, guest: &guest, data, host: Some("env"), exports: &["run"] })
}

const PLAN: Blob<'static> = Blob { name: "plan", bytes: b"\x03ab" };

#[test]
fn linked_modules_run_together() {
    let module = linked(POLICY, GUEST, &[PLAN]).expect("linked");
    let engine = Engine::default();
    let module = Module::new(&engine, module).expect("valid");
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
    let run = instance.get_typed_func::<(), i32>(&mut store, "run").expect("exported");
    assert_eq!(run.call(&mut store, ()).expect("runs"), 2 * (5 + 3) + 3 + 1_000);
}

#[track_caller]
fn refused(policy: &str, guest: &str, data: &[Blob<'_>]) -> LinkError {
    linked(policy, guest, data).expect_err("refused")
}

#[test]
fn imports_that_nobody_gives_are_refused() {
    for import in ["\"wasi\" \"exit\"", "\"trapkey\" \"other\"", "\"trapkey\" \"plan_bits\""] {
        let guest = GUEST.replacen("\"trapkey\" \"plan\"", import, 1);
        let error = refused(POLICY, &guest, &[PLAN]);
        assert!(matches!(error, LinkError::Import { .. }), "{import}: {error:?}");
    }
}

/// Both would run or be called where only `decide` is; a guest may be joined with a module that no engine has judged.
#[test]
fn policies_that_import_or_start_are_refused() {
    let import =
        POLICY.replace("(memory (export", "(import \"env\" \"get\" (func)) (memory (export");
    let error = refused(&import, GUEST, &[PLAN]);
    assert!(matches!(error, LinkError::Policy { found: "imports" }), "{error:?}");
    let start =
        POLICY.replace("(data (i32.const 16)", "(func $run) (start $run) (data (i32.const 16)");
    let error = refused(&start, GUEST, &[PLAN]);
    assert!(matches!(error, LinkError::Policy { found: "a start function" }), "{error:?}");
    assert_eq!(error.to_string(), "the policy module has a start function");
}

#[test]
fn exports_that_are_missing_are_refused() {
    let error = refused(&POLICY.replace("\"decide\"", "\"other\""), GUEST, &[PLAN]);
    assert!(matches!(error, LinkError::Export { name: "decide", .. }), "{error:?}");
    let error = refused(POLICY, &GUEST.replace("__stack_pointer", "stack"), &[PLAN]);
    assert!(matches!(error, LinkError::Export { name: "__stack_pointer", .. }), "{error:?}");
}

#[test]
fn what_is_too_large_is_refused() {
    let pages = POLICY_PAGES_MAX + 1;
    let policy = POLICY.replace("1 1)\n    (table", &format!("{pages} {pages})\n    (table"));
    let error = refused(&policy, GUEST, &[PLAN]);
    assert!(matches!(error, LinkError::PolicyMemory { pages: 496 }), "{error:?}");
    let bytes = vec![0; usize::try_from(DATA_BYTES_MAX).expect("64 bits") + 1];
    let error = refused(POLICY, GUEST, &[Blob { name: "plan", bytes: &bytes }]);
    assert!(matches!(error, LinkError::Data { bytes } if bytes == DATA_BYTES_MAX + 1), "{error:?}");
}

#[test]
fn bytes_that_are_no_modules_are_refused() {
    let guest = wat::parse_str(GUEST).expect("WAT");
    let parts = Linking { policy: b"policy", guest: &guest, data: &[], host: None, exports: &[] };
    let error = link(&parts).expect_err("refused");
    assert!(matches!(error, LinkError::Module { module: "policy module", .. }), "{error:?}");
}

/// Copies and fills, by its parameters.
const COPIES: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "copy") (param i32 i32 i32)
      (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "fill") (param i32 i32 i32)
      (memory.fill (local.get 0) (local.get 1) (local.get 2))))"#;

#[test]
fn short_copies_do_what_long_ones_do() {
    let engine = Engine::default();
    let module = wat::parse_str(COPIES).expect("WAT");
    let modules = [with_short_copies(&module).expect("copies"), module];
    let mut memories = Vec::new();
    for module in &modules {
        let module = Module::new(&engine, module).expect("valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("an instance");
        let memory = instance.get_memory(&mut store, "memory").expect("exported");
        for (byte, number) in memory.data_mut(&mut store).iter_mut().zip(0_u32..) {
            *byte = (number.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0];
        }
        let copy =
            instance.get_typed_func::<(i32, i32, i32), ()>(&mut store, "copy").expect("copy");
        let fill =
            instance.get_typed_func::<(i32, i32, i32), ()>(&mut store, "fill").expect("fill");
        for len in 0..=80 {
            for distance in [-70, -33, -9, -1, 0, 1, 3, 8, 17, 40, 100] {
                let at = 400 + len * 200;
                copy.call(&mut store, (at + distance, at, len)).expect("copies");
            }
            fill.call(&mut store, (20_000 + len * 90, 0x1a5 + len, len)).expect("fills");
        }
        assert!(copy.call(&mut store, (65_530, 0, 7)).is_err());
        assert!(fill.call(&mut store, (65_530, 0, 7)).is_err());
        memories.push(memory.data(&store)[..65_500].to_vec());
    }
    assert!(memories[0] == memories[1]);
    assert_ne!(modules[0], modules[1]);
}
