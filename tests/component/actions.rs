//! Actions as values: their groups are those of the schema, and nobody gives them.

use serde_json::json;
use trapkey::{Bundle, CompileOptions, Release, Sources, compile};
use trapkey_testkit::Oracle;

use crate::Loaded;
use crate::interface::exports::trapkey::policy::types::Verdict;

const SCHEMA: &str = r"
    entity User;
    action writes;
    action write in writes appliesTo { principal: User, resource: User, context: {} };
    action ask appliesTo { principal: User, resource: User, context: { wanted: Action } };
";

const POLICIES: &str = r#"
    permit(principal, action == Action::"ask", resource) when { context.wanted in Action::"writes" };
"#;

#[test]
fn actions_are_in_their_groups() {
    let sources = Sources { policies: POLICIES, schema: SCHEMA, links: &[] };
    let compiled = compile(&sources, CompileOptions::default()).unwrap();
    let release = Release { name: "actions".into(), version: "1".into(), sequence: 1 };
    let bundle = Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap();
    let mut loaded = Loaded::of(&bundle);
    let oracle = Oracle::new(SCHEMA, POLICIES, &json!([])).unwrap();
    for (wanted, is_allow) in [("write", true), ("writes", true), ("ask", false)] {
        let request = json!({
            "principal": "User::\"ann\"", "action": "Action::\"ask\"", "resource": "User::\"bob\"",
            "context": { "wanted": { "__entity": { "type": "Action", "id": wanted } } },
        });
        let decision = loaded.decide(&json!([]), &request).unwrap();
        assert_eq!(decision.verdict == Verdict::Allow, is_allow, "{wanted}");
        assert_eq!(oracle.decide(&request).unwrap().allow, is_allow, "{wanted}");
    }
}
