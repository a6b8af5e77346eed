//! The command as a user meets it: exit status, standard output, standard error.

#![expect(clippy::unwrap_used, reason = "the functions that tests share fail the test as well")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

const SCHEMA: &str = "entity User; entity Door { open: Bool };
action enter, lock appliesTo { principal: User, resource: Door, context: {} };";

const POLICIES: &str = r#"@id("enter-open")
@obligation("log,notify:porter")
permit (principal, action == Action::"enter", resource) when { resource.open };
@id("no-mallory")
forbid (principal == User::"mallory", action, resource);
"#;

const ENTITIES: &str = r#"[
    { "uid": { "type": "User", "id": "ada" }, "attrs": {}, "parents": [] },
    { "uid": { "type": "Door", "id": "front" }, "attrs": { "open": true }, "parents": [] }
]"#;

/// What came of a run of the command.
struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn json(&self) -> Value {
        assert_ne!(self.stdout, "", "{}", self.stderr);
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// A folder with policies, schema, entities and requests.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        let bench = Self(TempDir::new().unwrap());
        bench.write("a.cedar", POLICIES);
        bench.write("s.cedarschema", SCHEMA);
        bench.write("entities.json", ENTITIES);
        bench.write("request.json", request("ada", "enter"));
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Runs the command in the folder.
    fn run(&self, arguments: &[&str]) -> Ran {
        run_in(self.0.path(), arguments, "")
    }

    /// Runs the command in the folder, with something on standard input.
    fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        run_in(self.0.path(), arguments, stdin)
    }

    /// Builds `b.tkb`.
    #[track_caller]
    fn build(&self) -> Ran {
        let ran = self.run(&[
            "build",
            ".",
            "-o",
            "b.tkb",
            "--name",
            "doors",
            "--bundle-version",
            "1.2.0",
            "--sequence",
            "7",
            "--json",
        ]);
        assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
        ran
    }

    fn decide(&self, more: &[&str]) -> Ran {
        let mut arguments = vec!["decide", "--bundle", "b.tkb", "--entities", "entities.json"];
        arguments.extend(more);
        self.run(&arguments)
    }
}

fn run_in(folder: &Path, arguments: &[&str], stdin: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_trapkey"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies-examples")
}

fn request(user: &str, action: &str) -> String {
    json!({
        "principal": format!("User::\"{user}\""),
        "action": format!("Action::\"{action}\""),
        "resource": "Door::\"front\"",
        "context": {},
    })
    .to_string()
}

#[track_caller]
fn check(arguments: &[&str], status: i32, out: &str, err: &str) {
    let ran = Bench::new().run(arguments);
    assert_eq!(ran.status, Some(status), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(out), "{}", ran.stdout);
    assert!(ran.stderr.contains(err), "{}", ran.stderr);
}

#[test]
fn sound_policies_pass_the_check() {
    let says = "ok: 0 errors, 0 warnings; policies that can err: 1 (--errors says where)\n";
    check(&["check", "."], 0, says, "");
    check(&["check", "a.cedar", "--schema", "s.cedarschema"], 0, "ok", "");
}

#[test]
fn a_command_line_that_cannot_be_used_is_status_2() {
    check(&[], 2, "", "Usage: trapkey");
    check(&["check"], 2, "", "<POLICIES>");
    check(&["nothing"], 2, "", "unrecognized subcommand");
    check(&["check", "a.cedar"], 2, "", "no schema");
    let decide = ["decide", "--bundle", "b", "--entities", "-", "--request", "-"];
    check(&decide, 2, "", "only one of entities and request");
    check(&["test", ".", "--semantics", "mine"], 2, "", "possible values: trapkey, cedar");
    check(&["frobnicate", "--json"], 2, r#"{"error":{"kind":"usage","message":"#, "");
}

#[test]
fn help_names_the_exit_status() {
    check(&["--help"], 0, "3  decide: deny", "");
    check(&["decide", "--help"], 0, "forbid-erred", "");
}

#[test]
fn an_unreadable_file_is_named_with_the_reason() {
    check(&["check", "gone.cedar", "--schema", "s.cedarschema"], 1, "", "cannot read `gone.cedar`");
    let ran = Bench::new().run(&["check", "gone.cedar", "--schema", "s.cedarschema", "--json"]);
    let error = &ran.json()["error"];
    assert_eq!(error["kind"], "read");
    assert!(error["causes"][0].as_str().unwrap().contains("No such file"), "{error}");
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""));
}

#[test]
fn every_finding_has_its_place_in_its_file() {
    let bench = Bench::new();
    bench
        .write("b.cedar", "// é\npermit (principal, action, resource) when { resource.closed };\n");
    bench.write("c.cedar", "permit (principal is Usr, action, resource);");
    let ran = bench.run(&["check", "."]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.stdout.contains("b.cedar:2:45]"), "{}", ran.stdout);
    assert!(ran.stdout.contains("c.cedar:1:22]"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("refused: 2 errors, 0 warnings\n"), "{}", ran.stdout);
    assert!(ran.stdout.is_ascii() || ran.stdout.contains("// é"), "{}", ran.stdout);
    assert!(!ran.stdout.contains('\u{1b}'), "{}", ran.stdout);

    let found = bench.run(&["check", ".", "--json"]).json();
    assert_eq!(found["ok"], false);
    let first = &found["diagnostics"][0];
    assert!(first["file"].as_str().unwrap().ends_with("b.cedar"));
    let place = [&first["line"], &first["column"], &first["start"], &first["end"]];
    assert_eq!(place, [&json!(2), &json!(45), &json!(50), &json!(65)]);
    assert_eq!((&first["severity"], &first["source"]), (&json!("error"), &json!("policies")));
    assert_eq!(found["diagnostics"].as_array().unwrap().len(), 2);
}

#[test]
fn a_broken_schema_is_a_finding_in_the_schema() {
    let bench = Bench::new();
    bench.write("s.cedarschema", "entity User;\nentity Door { open: Boole };");
    let found = bench.run(&["check", ".", "--json"]).json();
    assert_eq!(found["diagnostics"][0]["source"], "schema");
    assert!(found["diagnostics"][0]["file"].as_str().unwrap().ends_with("s.cedarschema"));
}

#[test]
fn warnings_are_shown_and_refuse_nothing() {
    let bench = Bench::new();
    bench.write("b.cedar", "permit (principal, action, resource) when { false };");
    let ran = bench.run(&["check", "."]);
    assert_eq!(ran.status, Some(0), "{}", ran.stdout);
    assert!(ran.stdout.contains("b.cedar:1:1]"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("ok: 0 errors, 1 warnings; policies that can err: 1"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_forbid_that_can_err_is_refused_when_strict() {
    let bench = Bench::new();
    let ran = bench.run(&["check", ".", "--strict"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stdout);
    bench.write(
        "b.cedar",
        "@id(\"shut\") forbid (principal, action, resource) when { !resource.open };",
    );
    let ran = bench.run(&["check", "."]);
    assert_eq!(ran.status, Some(0), "{}", ran.stdout);
    let says = "ok: 0 errors, 0 warnings; policies that can err: 2 (--errors says where)\n";
    assert!(ran.stdout.ends_with(says), "{}", ran.stdout);
    let ran = bench.run(&["check", ".", "--errors"]);
    let says = "forbid shut\n  can err at ./b.cedar:1:58: the entity does not exist (Door), for";
    assert!(ran.stdout.contains(says), "{}", ran.stdout);
    let ran = bench.run(&["check", ".", "--strict"]);
    assert_eq!(ran.status, Some(1), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("forbid `shut` can err: the `Door` may not exist"),
        "{}",
        ran.stdout
    );
    let found = bench.run(&["check", ".", "--strict", "--json"]).json();
    assert_eq!(found["ok"], false);
    let fault = &found["faults"][1];
    assert_eq!((&fault["policy"], &fault["error"]), (&json!("shut"), &json!("entity-missing")));
    assert_eq!((&fault["entity_types"], &fault["line"]), (&json!(["Door"]), &json!(1)));
    bench.write(
        "b.cedar",
        "@id(\"shut\") forbid (principal, action, resource) when { resource has open && !resource.open };",
    );
    let ran = bench.run(&["check", ".", "--strict"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stdout);
    assert!(ran.stdout.contains("policies that can err: 1 "), "{}", ran.stdout);
}

#[test]
fn links_of_a_folder_or_a_file_decide() {
    let bench = Bench::new();
    bench.write("a.cedar", "@id(\"guest\") permit (principal == ?principal, action, resource);");
    let link = |id: &str, user: &str| {
        let user = format!("User::\"{user}\"");
        json!([{ "template_id": "guest", "link_id": id, "args": { "?principal": user } }])
    };
    bench.build();
    assert_eq!(bench.decide(&["--request", "request.json"]).status, Some(3));
    bench.write("links.json", link("ada's", "ada").to_string());
    bench.build();
    let ran = bench.decide(&["--request", "request.json", "--json"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stdout);
    assert_eq!(ran.json()["determining"][0]["id"], "ada's");
    bench.write("other.json", link("bob's", "bob").to_string());
    let ran = bench.run(&["check", ".", "--links", "other.json"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stdout);
    bench.write("other.json", link("x", "x").to_string().replace("guest", "host"));
    let ran = bench.run(&["check", ".", "--links", "other.json"]);
    assert_eq!(ran.status, Some(1), "{}", ran.stdout);
    assert!(ran.stdout.contains("link `x`: no template has the id `host`"), "{}", ran.stdout);
    bench.write("other.json", "{}");
    let ran = bench.run(&["check", ".", "--links", "other.json"]);
    assert_eq!(ran.status, Some(1), "{}", ran.stdout);
    assert!(ran.stderr.contains("a sequence"), "{}", ran.stderr);
}

#[test]
fn a_refused_build_says_why_and_leaves_no_file() {
    let bench = Bench::new();
    bench.write("a.cedar", "permit (principal, action, resource) when { resource.closed };");
    let build =
        ["build", ".", "-o", "b.tkb", "--name", "n", "--bundle-version", "1", "--sequence", "1"];
    let ran = bench.run(&build);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("a.cedar:1:45]"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("error: the sources are refused\n"), "{}", ran.stderr);
    let error = bench.run(&[&build[..], &["--json"]].concat()).json();
    assert_eq!(error["error"]["kind"], "compile");
    assert_eq!(error["error"]["diagnostics"][0]["line"], 1);
    assert!(!bench.path("b.tkb").exists());
}

#[test]
fn a_bundle_is_built_the_same_each_time() {
    let bench = Bench::new();
    let built = bench.build().json();
    let first = std::fs::read(bench.path("b.tkb")).unwrap();
    assert_eq!(built["bytes"]["bundle"], first.len());
    let counts = ["policies", "templates", "environments", "conditions", "entity_types", "actions"];
    assert_eq!(counts.map(|name| built[name].as_u64().unwrap()), [2, 0, 2, 2, 3, 2]);
    assert!(built["instructions_max"].as_u64().unwrap() > 50);
    let again = bench.build().json();
    assert_eq!(again["digest"], built["digest"]);
    assert_eq!(std::fs::read(bench.path("b.tkb")).unwrap(), first);
}

#[test]
fn a_bundle_says_what_it_holds() {
    let bench = Bench::new();
    let built = bench.build().json();
    let held = bench.run(&["inspect", "b.tkb", "--policies", "--json"]).json();
    assert_eq!((&held["name"], &held["version"]), (&json!("doors"), &json!("1.2.0")));
    assert_eq!((&held["sequence"], &held["digest"]), (&json!(7), &built["digest"]));
    assert_eq!(held["semantics"]["forbid_errors"], "deny");
    let exports = held["exports"].as_array().unwrap().iter();
    let exports: Vec<_> = exports.map(|export| export["name"].as_str().unwrap()).collect();
    assert_eq!(exports, ["memory", "trapkey_abi", "decide", "decide_batch"]);
    assert_eq!(held["policies"][1]["id"], "no-mallory");
    assert_eq!(held["policies"][0]["obligations"][1]["argument"], "porter");
    assert_eq!(held["wat"], Value::Null);
    let worst = held["instructions_max"].as_array().unwrap().iter();
    let dearest = worst.map(|worst| worst["instructions"].as_u64().unwrap()).max();
    assert_eq!(dearest, built["instructions_max"].as_u64());

    let text = bench.run(&["inspect", "b.tkb", "--policies"]).stdout;
    assert!(text.contains("decide_batch   func (param i32 i32 i32 i32)"), "{text}");
    assert!(text.contains(&format!("{:>14} Action::", dearest.unwrap())), "{text}");
    assert!(text.contains("no-mallory: forbid, enforce, `policy1`"), "{text}");
    let wat = bench.run(&["inspect", "b.tkb", "--wat"]).stdout;
    assert!(wat.starts_with("(module"), "{wat}");
}

#[test]
fn the_exit_status_of_decide_is_the_verdict() {
    let bench = Bench::new();
    bench.build();
    let allowed = bench.decide(&["--request", "request.json"]);
    assert_eq!(allowed.status, Some(0), "{}", allowed.stderr);
    let want = "ALLOW: a permit holds, and nothing stands against it
  determining  permit enter-open
  obligation   log
  obligation   notify:porter
";
    assert_eq!(allowed.stdout, want);

    bench.write("request.json", request("mallory", "enter"));
    let denied = bench.decide(&["--request", "request.json", "--json"]);
    assert_eq!(denied.status, Some(3));
    let decided = denied.json();
    assert_eq!((&decided["verdict"], &decided["reason"]), (&json!("deny"), &json!("forbidden")));
    let by = json!([{ "id": "no-mallory", "cedar_id": "policy1", "effect": "forbid" }]);
    assert_eq!(decided["determining"], by);

    bench.write("request.json", request("ada", "jump"));
    let failed = bench.decide(&["--request", "request.json"]);
    assert_eq!((failed.status, failed.stdout.as_str()), (Some(1), ""));
    assert!(failed.stderr.contains("request `request.json` is refused"), "{}", failed.stderr);
    assert!(failed.stderr.contains("jump"), "{}", failed.stderr);
}

#[test]
fn a_request_comes_from_standard_input() {
    let bench = Bench::new();
    bench.build();
    let arguments =
        ["decide", "--bundle", "b.tkb", "--entities", "entities.json", "--request", "-"];
    assert_eq!(bench.run_with(&arguments, &request("ada", "enter")).status, Some(0));
    assert_eq!(bench.run_with(&arguments, &request("ada", "lock")).status, Some(3));
    assert_eq!(bench.run_with(&arguments, "{").status, Some(1));
}

#[test]
fn an_erring_policy_is_shown_with_its_place() {
    let bench = Bench::new();
    bench.build();
    bench.write("entities.json", "[]");
    let ran = bench.decide(&["--request", "request.json"]);
    assert_eq!(ran.status, Some(3));
    let want = "erring       permit enter-open at bytes 114 to 127 of the policies: the entity";
    assert!(ran.stdout.contains(want), "{}", ran.stdout);
    let ran = bench.decide(&["--request", "request.json", "--source", "a.cedar"]);
    assert!(ran.stdout.contains("enter-open at a.cedar:3:64: the entity"), "{}", ran.stdout);
    let ran = bench.decide(&["--request", "request.json", "--source", ".", "--json"]);
    let erring = &ran.json()["erring"][0];
    assert_eq!((&erring["error"], &erring["line"]), (&json!("entity-missing"), &json!(3)));
}

#[test]
fn a_broken_bundle_is_refused() {
    let bench = Bench::new();
    bench.build();
    let sound = std::fs::read(bench.path("b.tkb")).unwrap();
    let mut flipped = sound.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let cases = [
        (&sound[..sound.len() - 1], "follow the header"),
        (&sound[..20], "too few for a bundle's header"),
        (flipped.as_slice(), "digest is"),
        (b"(module)".as_slice(), "too few"),
    ];
    for (bytes, why) in cases {
        bench.write("b.tkb", bytes);
        for ran in [bench.run(&["inspect", "b.tkb"]), bench.decide(&["--request", "request.json"])]
        {
            assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), ""));
            assert!(ran.stderr.contains("bundle `b.tkb` is refused"), "{}", ran.stderr);
            assert!(ran.stderr.contains(why), "{}", ran.stderr);
        }
    }
    let error = bench.run(&["inspect", "b.tkb", "--json"]).json();
    assert_eq!(error["error"]["kind"], "bundle");
}

#[test]
fn entities_that_break_the_schema_are_refused() {
    let bench = Bench::new();
    bench.build();
    bench.write("entities.json", ENTITIES.replace("true", "1"));
    let ran = bench.decide(&["--request", "request.json"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.stderr.contains("because: the entities do not fit the bundle"), "{}", ran.stderr);
}

#[test]
fn the_plant_holds_under_both_semantics() {
    for semantics in ["cedar", "trapkey"] {
        let folder = examples().join("plant");
        let ran = run_in(&folder, &["test", ".", "--semantics", semantics], "");
        assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout.lines().last(), Some("33 passed, 0 failed"));
    }
}

#[test]
fn a_case_that_fails_is_shown_with_what_differs() {
    let bench = Bench::new();
    let case = |name: &str, decision: &str| {
        format!(
            r#"{{ "name": "{name}", "request": "request.json", "decision": "{decision}",
                "reason": ["enter-open"], "num_errors": 0 }}"#
        )
    };
    bench.write("cases.json", format!("[{}, {}]", case("right", "allow"), case("wrong", "deny")));
    let ran = bench.run(&["test", "."]);
    let want = "failed  .: wrong
        decision: expected deny, found allow (a permit holds, and nothing stands against it)
1 passed, 1 failed
";
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(1), want));
    let verbose = bench.run(&["test", ".", "-v"]).stdout;
    assert!(verbose.starts_with("passed  .: right\nfailed  .: wrong\n"), "{verbose}");
    let report = bench.run(&["test", ".", "--json"]).json();
    assert_eq!((&report["passed"], &report["failed"]), (&json!(1), &json!(1)));
    assert_eq!(report["cases"][0]["name"], "wrong");
    assert_eq!(report["cases"][0]["outcome"], "failed");
}

#[test]
fn cases_change_and_remove_entities() {
    let bench = Bench::new();
    bench.write(
        "cases.json",
        r#"[
            { "name": "shut", "request": "request.json", "decision": "deny", "reason": [],
              "num_errors": 0, "entities_changed": [
                { "uid": { "type": "Door", "id": "front" }, "attrs": { "open": false }, "parents": [] }] },
            { "name": "gone", "request": "request.json", "decision": "deny", "reason": [],
              "num_errors": 1, "entities_removed": [{ "type": "Door", "id": "front" }] },
            { "name": "as it was", "request": "request.json", "decision": "allow",
              "reason": ["enter-open"], "num_errors": 0,
              "trapkey": { "decision": "deny", "reason": [], "num_errors": 0 } }
        ]"#,
    );
    let cedar = bench.run(&["test", ".", "--semantics", "cedar"]).stdout;
    assert_eq!(cedar, "3 passed, 0 failed\n");
    let own = bench.run(&["test", "."]).stdout;
    assert!(own.ends_with("2 passed, 1 failed\n"), "{own}");
}

#[test]
fn a_folder_without_cases_is_no_success() {
    check(&["test", "."], 1, "", "there are no cases");
    check(&["test", "entities.json"], 1, "", "not a test in Cedar's format");
    let bench = Bench::new();
    bench.write("cases.json", "[]");
    assert_eq!(bench.run(&["test", "."]).status, Some(1));
    bench.write("cases.json", "[{}]");
    let ran = bench.run(&["test", "."]);
    assert!(ran.stderr.contains("missing field `name` at line 1"), "{}", ran.stderr);
}

/// A test in Cedar's format, two folders below what its paths start from.
fn cedar_test(bench: &Bench, should_validate: bool, reason: &str) {
    std::fs::create_dir_all(bench.path("suite/tests")).unwrap();
    let request = json!({
        "description": "ada enters",
        "principal": { "type": "User", "id": "ada" },
        "action": { "type": "Action", "id": "enter" },
        "resource": { "type": "Door", "id": "front" },
        "context": {},
        "decision": "allow",
        "reason": [reason],
        "errors": [],
    });
    let test = json!({
        "policies": "a.cedar",
        "entities": "entities.json",
        "schema": "s.cedarschema",
        "shouldValidate": should_validate,
        "requests": [request],
    });
    bench.write("suite/tests/1.json", test.to_string());
}

#[test]
fn tests_in_the_format_of_cedar_are_run() {
    let bench = Bench::new();
    cedar_test(&bench, true, "policy0");
    for place in ["suite", "suite/tests/1.json"] {
        let ran = bench.run(&["test", place, "--semantics", "cedar"]);
        assert_eq!(ran.stdout, "1 passed, 0 failed\n", "{}", ran.stderr);
    }
    cedar_test(&bench, true, "enter-open");
    let ran = bench.run(&["test", "suite"]);
    let want = "determining policies: expected `enter-open`, found `policy0`";
    assert!(ran.stdout.contains(want), "{}", ran.stdout);
    assert_eq!(ran.status, Some(1));
}

#[test]
fn what_need_not_validate_may_be_refused() {
    let bench = Bench::new();
    bench.write("a.cedar", "permit (principal, action, resource) when { resource.closed };");
    cedar_test(&bench, false, "policy0");
    let ran = bench.run(&["test", "suite", "-v"]);
    assert!(ran.stdout.starts_with("refused suite/tests/1.json: ada enters\n"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("1 passed, 0 failed\n"), "{}", ran.stdout);
    cedar_test(&bench, true, "policy0");
    let ran = bench.run(&["test", "suite"]);
    assert!(ran.stdout.ends_with("0 passed, 1 failed\n"), "{}", ran.stdout);
}

#[test]
fn the_demo_ends_well_in_any_folder() {
    let ran = Bench::new().run(&["demo", "--quick", "--json"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    let events: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    let counts = ["compiled", "published", "rollback", "fact", "decision", "traffic", "summary"];
    assert_eq!(counts.map(of), [2, 2, 1, 4, 15, 1, 1]);
    let traffic = events.iter().find(|event| event["event"] == "traffic").unwrap();
    assert_eq!((&traffic["failed"], &traffic["mixed"]), (&json!(0), &json!(0)));
    assert!(traffic["decisions"].as_u64().unwrap() > 0);
    let ended: Vec<_> = events.iter().filter(|event| event["event"] == "session_ended").collect();
    let ended: Vec<_> = ended.iter().map(|event| (&event["time"], &event["device"])).collect();
    let want = [(&json!("06:12"), &json!("laptop-2")), (&json!("09:55"), &json!("laptop-1"))];
    assert_eq!(ended, want);
    let summary = events.last().unwrap();
    assert_eq!((&summary["unexpected"], &summary["traffic_ok"]), (&json!(0), &json!(true)));
}

#[test]
fn the_demo_tells_its_story_without_colour_to_a_pipe() {
    let ran = Bench::new().run(&["demo", "--quick"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(!ran.stdout.contains('\u{1b}'));
    assert!(ran.stdout.contains("safety-01-stop-is-always-allowed -> log"), "{}", ran.stdout);
    let last = ran.stdout.lines().last();
    assert_eq!(
        last,
        Some(
            "done: 7 allowed, 8 denied, 2 sessions ended by themselves, 0 not as the script expects"
        )
    );
}
