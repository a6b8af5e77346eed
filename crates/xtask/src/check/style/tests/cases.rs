//! Fixtures of the rules, in the order of the modules that hold the rules.

/// A rule, a path, a text, and the lines the rule alarms on.
pub(super) struct Case(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) &'static [usize],
);

pub(super) const ALL: [&[Case]; 7] =
    [FILES, FUNCTIONS, DEFINITIONS, ATTRIBUTES, FAILURES, PLACES, WORDS];

pub(super) const LIB: &str = "crates/engine/src/decide.rs";
const COMPILER: &str = "crates/compiler/src/lower.rs";
const CODE: &str = "crates/engine/src/precompiled.rs";
const CAPI: &str = "crates/capi/src/engine.rs";
const CLI: &str = "crates/cli/src/main.rs";
const TEST: &str = "tests/decide.rs";

const FILES: &[Case] = &[
    Case("first line is not `//! …`", LIB, "//! Doc.\nuse a::b;\n", &[]),
    Case("first line is not `//! …`", LIB, "//!\n", &[1]),
    Case("first line is not `//! …`", LIB, "// Doc.\n", &[1]),
    Case("file name", "crates/a/src/limits.rs", "", &[]),
    Case("file name", "crates/a/src/limits/mod.rs", "", &[1]),
    Case("file name", "crates/a/src/utils.rs", "", &[1]),
    Case("file name", "tests/helpers.rs", "", &[1]),
    Case("file name", "tests/common.rs", "", &[1]),
    Case("file name", "crates/a/src/types.rs", "", &[1]),
];

const FUNCTIONS: &[Case] = &[
    Case("over five parameters", LIB, "fn f(&self, a: A, b: A, c: A, d: A, e: A);", &[]),
    Case(
        "over five parameters",
        LIB,
        "trait T {\n    fn f(&self, a: A, b: A, c: A, d: A, e: A);\n}",
        &[],
    ),
    Case(
        "over five parameters",
        LIB,
        "impl T {\n    fn f(&self, a: A, b: A, c: A, d: A, e: A, f: A) {}\n}",
        &[2],
    ),
    Case("over five parameters", LIB, "fn f(a: A, b: A, c: A, d: A, e: A, f: A) {}", &[1]),
    Case("function name", LIB, "fn new() {}\nfn renew_lease() {}\nfn newest() {}", &[]),
    Case("function name", LIB, "fn new_engine() {}\nimpl A {\n    fn old_key() {}\n}", &[1, 3]),
    Case("C symbol without the prefix", CAPI, "pub extern \"C\" fn trapkey_x() {}\nfn y() {}", &[]),
    Case("C symbol without the prefix", CAPI, "pub unsafe extern \"C\" fn engine_free() {}", &[1]),
    Case("C symbol without the prefix", LIB, "pub extern \"C\" fn engine_free() {}", &[]),
];

const DEFINITIONS: &[Case] = &[
    Case(
        "C constant without the prefix",
        CAPI,
        "pub const TRAPKEY_OK: u32 = 1;\nconst A: u8 = 1;",
        &[],
    ),
    Case("C constant without the prefix", CAPI, "pub const OK: u32 = 1;", &[1]),
    Case("type name", LIB, "struct Database;\nenum Metadata {}\ntrait DataSource {}", &[]),
    Case("type name", LIB, "struct PolicyManager;\nenum Info {}\ntrait FooService {}", &[1, 2, 3]),
    Case(
        "type name",
        LIB,
        "type EngineV2 = A;\nstruct Helpers;\nunion RowData { a: u8 }",
        &[1, 2, 3],
    ),
    Case("type name", LIB, "impl Iterator for A {\n    type Data = u8;\n}", &[]),
    Case("public and private fields", LIB, "pub struct A { pub a: u8, pub b: u8 }", &[]),
    Case("public and private fields", LIB, "pub struct A { a: u8, pub(crate) b: u8 }", &[]),
    Case("public and private fields", LIB, "pub struct A(u8);\npub struct B;", &[]),
    Case("public and private fields", LIB, "struct A { a: u8, pub b: u8 }", &[]),
    Case("public and private fields", LIB, "pub struct A { a: u8, pub b: u8 }", &[1]),
    Case("public and private fields", LIB, "pub struct A(pub u8, u8);", &[1]),
    Case("glob re-export", LIB, "use a::*;\npub use a::{b, c};\npub use d as e;", &[]),
    Case("glob re-export", LIB, "pub use a::*;\npub(crate) use b::{c, d::*};", &[1, 2]),
];

const ATTRIBUTES: &[Case] = &[
    Case(
        "allow instead of expect",
        LIB,
        "#[expect(x, reason = \"y\")]\nfn allow(allow: A) {}",
        &[],
    ),
    Case(
        "allow instead of expect",
        LIB,
        "#![allow(x)]\n#[allow(y, reason = \"z\")]\nfn f() {}",
        &[1, 2],
    ),
    Case("allow instead of expect", LIB, "#[cfg_attr(test, allow(x))]\nfn f() {}", &[1]),
    Case("allow instead of expect", LIB, "macro_rules! m { () => {\n#[allow(x)]\n} }", &[2]),
    Case("expect without a reason", LIB, "#[expect(x, reason = \"y\")]\nfn f() {}", &[]),
    Case("expect without a reason", LIB, "#[expect(x)]\nfn f() {}", &[1]),
    Case("ignored test", TEST, "#[test]\nfn ignore() {}", &[]),
    Case("ignored test", TEST, "#[test]\n#[ignore]\nfn f() {}", &[2]),
    Case("ignored test", TEST, "#[test]\n#[ignore = \"slow\"]\nfn f() {}", &[2]),
    Case("ignored test", TEST, "#[cfg_attr(miri, ignore)]\nfn f() {}", &[1]),
];

const FAILURES: &[Case] = &[
    Case("dropped failure", LIB, "fn f() {\n    let (_, a) = b;\n    let _guard = c;\n}", &[]),
    Case("dropped failure", LIB, "fn f() -> O {\n    let a = b.ok();\n    a.ok()\n}", &[]),
    Case("dropped failure", LIB, "fn f() {\n    let _ = a();\n    let _: u8 = b();\n}", &[2, 3]),
    Case("dropped failure", LIB, "fn f() {\n    _ = a();\n    a().ok();\n}", &[2, 3]),
    Case("dropped failure", LIB, "fn f() {\n    m!({ let _ = a(); });\n}", &[2]),
    Case("untyped error in a library", LIB, "fn f() -> Result<String, OpenError> {}", &[]),
    Case("untyped error in a library", LIB, "fn f(a: Box<dyn Fn()>, b: Box<E>) {}", &[]),
    Case("untyped error in a library", CLI, "fn f() -> Result<(), String> {}", &[]),
    Case("untyped error in a library", LIB, "#[cfg(test)]\nfn f() -> Result<(), String> {}", &[]),
    Case("untyped error in a library", LIB, "fn f() -> Result<(), String> {}", &[1]),
    Case("untyped error in a library", LIB, "type A = std::result::Result<(), String>;", &[1]),
    Case("untyped error in a library", LIB, "fn f(a: Box<dyn std::error::Error + Send>) {}", &[1]),
    Case("untyped error in a library", LIB, "use anyhow::Context;", &[1]),
];

const PLACES: &[Case] = &[
    Case("unsafe", CAPI, "fn f() { unsafe { g() } }", &[]),
    Case("unsafe", LIB, "// unsafe\nfn f() { g(\"unsafe\") }", &[]),
    Case("unsafe", CODE, "#[expect(unsafe_code, reason = \"x\")]\nfn f() { unsafe { g() } }", &[]),
    Case("unsafe", CODE, "fn f() { unsafe { g() } }", &[1]),
    Case("unsafe", TEST, "#[expect(unsafe_code, reason = \"x\")]\nfn f() { unsafe { g() } }", &[]),
    Case("unsafe", LIB, "#[expect(unsafe_code, reason = \"x\")]\nfn f() { unsafe { g() } }", &[2]),
    Case("unsafe", LIB, "fn f() { unsafe { g() } }", &[1]),
    Case("unsafe", LIB, "#![expect(unsafe_code, reason = \"x\")]\nfn f() { unsafe { g() } }", &[2]),
    Case("unsafe", LIB, "#[expect(unsafe_code)]\nfn f() { unsafe { g() } }", &[2]),
    Case("wildcard arm", LIB, "fn f() { match a { _ => 1 } }", &[]),
    Case("wildcard arm", COMPILER, "fn f() { match a { (_, B(_)) => 1, other => 2 } }", &[]),
    Case("wildcard arm", COMPILER, "fn f() { let (a, _) = b; c(|_| 1); }", &[]),
    Case(
        "wildcard arm",
        COMPILER,
        "fn f() {\n    match a {\n        A => 1,\n        _ => 2,\n    }\n}",
        &[4],
    ),
    Case(
        "wildcard arm",
        COMPILER,
        "fn f() {\n    match a {\n        A => {}\n        _ if b => {}\n    }\n}",
        &[4],
    ),
    Case("wildcard arm", CAPI, "fn f() { match a { A | _ => 1 } }", &[1]),
    Case("hash-ordered map", LIB, "use std::collections::HashMap;", &[]),
    Case("hash-ordered map", COMPILER, "use std::collections::BTreeMap; // no HashMap", &[]),
    Case("hash-ordered map", COMPILER, "use std::collections::{HashMap,\nHashSet};", &[1, 2]),
    Case("clock", CLI, "fn f() { Instant::now(); }", &[]),
    Case("clock", "crates/trapkey/examples/demo.rs", "fn f() { Instant::now(); }", &[]),
    Case("clock", LIB, "#[cfg(test)]\nmod tests {\n    fn f() { Instant::now(); }\n}", &[]),
    Case("clock", LIB, "fn f(now: Instant) { now.add(a); }", &[]),
    Case("clock", LIB, "fn f() { std::time::Instant::now();\nSystemTime::now(); }", &[1, 2]),
    Case("process-wide effect", LIB, "fn f(env: Env) { env!(\"A\"); env::Row::var(); }", &[]),
    Case("process-wide effect", CLI, "fn f() { std::env::var(\"A\"); }", &[]),
    Case("process-wide effect", LIB, "fn f() { std::env::var(\"A\");\nset_hook(a); }", &[1, 2]),
    Case("sleep in a test", CLI, "fn f() { sleep(a); }", &[]),
    Case("sleep in a test", TEST, "fn f() { asleep(a); }", &[]),
    Case("sleep in a test", TEST, "fn f() { thread::sleep(a); }", &[1]),
    Case("sleep in a test", CLI, "#[test]\nfn f() {\n    sleep(a);\n}\nfn g() { sleep(a); }", &[3]),
];

const WORDS: &[Case] = &[
    Case("note to self", LIB, "// AUTODO, methods\nfn f() { g(\"TODO\"); }", &[]),
    Case("note to self", LIB, "// TODO: x\n/* y\n FIXME(z) */\n/// XXX\nfn f() {}", &[1, 3, 4]),
    Case("doc heading", LIB, "/// # Errors\n/// Returns a row.\nfn f() {} // # Returns", &[]),
    Case("doc heading", LIB, "/// # Arguments\n///\n/// # Returns\nfn f() {}", &[1, 3]),
    Case("unmeasured adjective", LIB, "/// `simple`, simplest, uneasy.\nfn f() {} // easy", &[]),
    Case("unmeasured adjective", LIB, "/// ```\n/// let simple = 1;\n/// ```\nfn f() {}", &[]),
    Case(
        "unmeasured adjective",
        LIB,
        "//! A Simple engine.\n/// Robust,\n/// easy\nfn f() {}",
        &[1, 2, 3],
    ),
];
