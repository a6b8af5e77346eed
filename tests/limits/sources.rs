//! The schema of these tests, and what they ask of the compiler.

use trapkey::{
    Bundle, CompileError, CompileOptions, Compiled, Diagnostic, Engine, Limits, Options, Release,
    Source, Sources, compile,
};

/// Every type, and a name for each.
pub(crate) const SCHEMA: &str = r"
entity Group in [Group];
entity User in [Group] = {
  n: Long,
  flag: Bool,
  name: String,
  peer: User,
  maybe?: User,
  names: Set<String>,
  numbers: Set<Long>,
  groups: Set<Group>,
  nested: Set<Set<Long>>,
} tags Long;
entity Doc;
action act appliesTo {
  principal: User,
  resource: Doc,
  context: {
    n: Long, b: Bool, s: String, ip: ipaddr, d: decimal, t: datetime,
    r: { n: Long, s: String }, numbers: Set<Long>, names: Set<String>,
    nested: Set<Set<Long>>, records: Set<{ n: Long, s: String }>, groups: Set<Group>
  }
};
";

/// A policy with one condition.
pub(crate) fn policy(condition: &str) -> String {
    format!("permit (principal, action, resource) when {{ {condition} }};")
}

pub(crate) fn build(policies: &str, schema: &str) -> Result<Compiled, CompileError> {
    compile(&Sources { policies, schema, links: &[] }, CompileOptions::default())
}

#[track_caller]
pub(crate) fn accept(policies: &str) -> Compiled {
    accept_with(policies, SCHEMA)
}

#[track_caller]
pub(crate) fn accept_with(policies: &str, schema: &str) -> Compiled {
    match build(policies, schema) {
        Ok(compiled) => compiled,
        Err(error) => panic!("refused: {error}"),
    }
}

/// The only finding of a source that exceeds a limit.
#[track_caller]
pub(crate) fn refuse(policies: &str, schema: &str) -> Diagnostic {
    match build(policies, schema) {
        Err(CompileError::Limit(findings)) => match findings.as_slice() {
            [finding] => finding.clone(),
            several => panic!("{several:#?}"),
        },
        Err(error) => panic!("refused by no limit: {error}"),
        Ok(_) => panic!("accepted"),
    }
}

/// Checks that policies are refused by `says`, which speaks of `place`.
#[track_caller]
pub(crate) fn check_refused(policies: &str, place: &str, says: &str) {
    let finding = refuse(policies, SCHEMA);
    assert_eq!(finding.source, Source::Policies);
    assert!(finding.message.contains(says), "{}", finding.message);
    let span = finding.span.expect("a place");
    let found = policies.get(span.start as usize..span.end as usize).expect("within the text");
    assert!(found == place, "{}", finding.message);
}

/// Publishes a module as an engine with default limits does, or with these.
pub(crate) fn publish(compiled: &Compiled, limits: Limits) -> Engine {
    let release = Release { name: "limits".into(), version: "1".into(), sequence: 1 };
    let bytes = Bundle::pack(&release, &compiled.module).expect("packs");
    let options = Options { limits, ..Options::default() };
    let engine = Engine::with_options(options).expect("the limits are supported");
    engine.publish(&Bundle::open(&bytes).expect("opens")).expect("publishes");
    engine
}
