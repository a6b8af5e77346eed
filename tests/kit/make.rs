//! Makes the kit: the cases of the example folders and requests near them, decided by Cedar and by the
//! engine, which have to agree.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::Value;
use trapkey::{Decision, Engine, Limits, Policy, Request};
use trapkey_testkit::{Folder, Generator, Oracle, examples_dir};

use super::bundles::{Rule, bundle};
use super::line::line;

const FOLDERS: [(&str, usize); 4] =
    [("plant", 120), ("ai-vision", 40), ("legacy-modbus-cell", 40), ("vendor-maintenance", 40)];

const HEAD: &str = "\
# Conformance kit of Trapkey, form 1. Written by `TRAPKEY_BLESS=1 cargo test -p trapkey-tests --test kit`.
# Each line is a word and its fields, with tabs between them:
#   policies FOLDER RULE   a bundle of policies-examples/FOLDER under the rule `cedar` or `trapkey`; no entities
#   entities JSON          these in place of all others
#   request NAME JSON      a request
#   want VERDICT REASON …  its decision; lists with `;` between their parts. determining, erring (id:error:from-to,
#                          error 1 entity missing, 2 overflow, 3 extension), observed, expired, obligations and
#                          advice (name=argument), remaining in milliseconds or `never`, until or `-`
";

/// One request and where it is asked.
struct Asked {
    name: String,
    entities: Value,
    request: Value,
    /// What the folder says under Trapkey's rule.
    want: Option<(bool, BTreeSet<String>)>,
}

fn asked(folder: &Folder, generated: usize) -> Vec<Asked> {
    let mut all: Vec<Asked> = folder
        .cases
        .iter()
        .map(|case| Asked {
            name: case.name.clone(),
            entities: Value::clone(&case.entities),
            request: case.request.clone(),
            want: Some((case.trapkey.allow, case.trapkey.determining.iter().cloned().collect())),
        })
        .collect();
    let mut runner = TestRunner::deterministic();
    let samples = Generator::new(folder).unwrap().samples();
    for number in 0..generated {
        let sample = samples.new_tree(&mut runner).unwrap().current();
        all.push(Asked {
            name: format!("generated {number}"),
            entities: Value::clone(&folder.entities),
            request: sample.request(),
            want: None,
        });
    }
    all
}

fn ids<'p>(policies: impl Iterator<Item = &'p Policy>) -> BTreeSet<String> {
    policies.map(|policy| policy.id.clone()).collect()
}

/// Makes sure that the decision is the one that Cedar, or the folder, says.
fn check(decision: &Decision, asked: &Asked, oracle: &Oracle, rule: Rule) {
    let found = (decision.is_allow(), ids(decision.determining()));
    match rule {
        Rule::Cedar => {
            let oracle = oracle.with_entities(&asked.entities).unwrap();
            let says = oracle.decide(&asked.request).unwrap();
            assert_eq!(found, (says.allow, says.determining), "{}", asked.name);
            assert_eq!(ids(decision.erring().map(|e| e.policy)), says.erring, "{}", asked.name);
        }
        Rule::Trapkey => {
            if let Some(want) = &asked.want {
                assert_eq!(&found, want, "{}", asked.name);
            }
        }
    }
}

/// The whole file.
pub(crate) fn kit() -> String {
    let mut text = String::from(HEAD);
    for (name, generated) in FOLDERS {
        let folder = Folder::read(&examples_dir().join(name)).unwrap();
        let oracle = Oracle::new(&folder.schema, &folder.policies, &folder.entities).unwrap();
        let all = asked(&folder, generated);
        for (rule_name, rule) in [("cedar", Rule::Cedar), ("trapkey", Rule::Trapkey)] {
            writeln!(text, "policies\t{name}\t{rule_name}").unwrap();
            let engine = Engine::new(Limits::default()).unwrap();
            engine.publish(&bundle(&folder, rule)).unwrap();
            let mut stored = None;
            for asked in &all {
                if stored != Some(&asked.entities) {
                    writeln!(text, "entities\t{}", asked.entities).unwrap();
                    engine.replace_entities_json(&asked.entities.to_string()).unwrap();
                    stored = Some(&asked.entities);
                }
                let model = engine.model().unwrap();
                let request = Request::from_json(&model, &asked.request.to_string()).unwrap();
                let decision = engine.decide(&request);
                check(&decision, asked, &oracle, rule);
                writeln!(text, "request\t{}\t{}", asked.name, asked.request).unwrap();
                writeln!(text, "want\t{}", line(&decision)).unwrap();
            }
        }
    }
    text
}
