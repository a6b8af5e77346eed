//! Bundles that become no component, and plans that no component uses.

use trapkey::{Bundle, LayoutDigest};
use trapkey_authorizer::{Authorizer, PLAN_VERSION, Plan, PlanError};
use trapkey_component::{ComponentError, build};
use trapkey_tests::fixture::{DENY, Fixture, release};

#[test]
fn bundles_that_become_no_component_are_refused() {
    let mut fixture = Fixture::new(DENY);
    build(&fixture.bundle()).expect("a component");
    fixture.manifest.memory.pages = 1_000;
    fixture.memory = "(memory (export \"memory\") 1000 1000)".into();
    let error = build(&fixture.bundle()).expect_err("refused");
    assert!(matches!(error, ComponentError::PolicyMemory { pages: 1_000 }), "{error:?}");
    // A bundle is opened before its module's structure is judged.
    let module = wat::parse_str(Fixture::new(DENY).wat().replace("\"decide\"", "\"other\""));
    let module = Fixture::new(DENY).sections(&module.expect("WAT"));
    let bundle = Bundle::open(&Bundle::pack(&release(), &module).expect("packs")).expect("opens");
    let error = build(&bundle).expect_err("refused");
    assert!(matches!(error, ComponentError::Defect(_)), "{error:?}");
}

fn refused(change: impl FnOnce(&mut Plan)) -> PlanError {
    let bundle = Fixture::new(DENY).bundle();
    let mut plan = Plan {
        version: PLAN_VERSION,
        schema: bundle.schema().clone(),
        gather: bundle.gather().clone(),
        memory: bundle.manifest().memory,
        digest: bundle.digest().to_string(),
        forbid_errors: bundle.manifest().semantics.forbid_errors,
        policies: Vec::new(),
    };
    let read = |plan: &Plan| Authorizer::new(&postcard::to_allocvec(plan).expect("it is written"));
    read(&plan).expect("a plan");
    change(&mut plan);
    read(&plan).expect_err("refused")
}

#[test]
fn plans_that_are_not_of_this_guest_are_refused() {
    assert_eq!(Authorizer::new(b"\x01\xff\xff").expect_err("refused"), PlanError::Unreadable);
    let error = refused(|plan| plan.version = 77);
    assert_eq!(error, PlanError::Version(77));
    assert_eq!(error.to_string(), "the plan has version 77, the guest 1");
    let error = refused(|plan| plan.gather.layout = LayoutDigest([7; 16]));
    assert_eq!(error, PlanError::Layout);
    // An action in itself.
    let error = refused(|plan| {
        let uid = plan.schema.actions[0].uid.clone();
        plan.schema.actions[0].groups.push(uid);
        plan.gather.layout = trapkey_abi::Layout::new(&plan.schema).digest;
    });
    assert_eq!(error, PlanError::Schema);
}
