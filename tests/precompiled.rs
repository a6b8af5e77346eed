//! Modules that were compiled ahead of time decide as those that the engine compiles, natively and interpreted.

#![cfg(test)]

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use trapkey::{
    Bundle, CompileOptions, DecideError, Decision, Engine, Options, PrecompiledError,
    PrecompiledHead, PublishError, Release, Request, Semantics, Sources, Target, compile,
    precompile,
};
use trapkey_testkit::{Folder, Generator, Sample, plant};
use trapkey_tests::fixture::{ALLOW, DENY, Fixture, release, request, trusted, user};

/// Generated requests of the plant.
const SAMPLES: usize = 300;

/// An engine that compiles nothing.
fn options(interpreter: bool, signal_handlers: bool) -> Options {
    Options { compiler: false, interpreter, signal_handlers, ..Options::default() }
}

/// What an engine that compiles nothing can run here.
fn runnable() -> Vec<Options> {
    let mut runnable = vec![options(true, false), options(true, true)];
    if Target::of(&Options::default()).is_some() {
        runnable.extend([options(false, false), options(false, true)]);
    }
    runnable
}

fn artefact(bundle: &Bundle, options: &Options) -> Vec<u8> {
    precompile(bundle, Target::of(options).unwrap(), options).unwrap()
}

fn plant_bundle(folder: &Folder) -> Bundle {
    let sources = Sources { policies: &folder.policies, schema: &folder.schema, links: &[] };
    let compiled = compile(&sources, CompileOptions { semantics: Semantics::TRAPKEY }).unwrap();
    let release = Release { name: "plant".into(), version: "1".into(), sequence: 1 };
    Bundle::open(&Bundle::pack(&release, &compiled.module).unwrap()).unwrap()
}

/// All that a decision says.
fn said(decision: &Decision) -> String {
    let ids = |policies: Vec<&trapkey::Policy>| {
        policies.into_iter().map(|policy| policy.id.clone()).collect::<Vec<_>>()
    };
    let erring = decision.erring().map(|erring| (&erring.policy.id, erring.error, erring.span));
    format!(
        "{:?} {:?} by {:?}, observed {:?}, erring {:?}, horizon {:?}",
        decision.verdict(),
        decision.reason(),
        ids(decision.determining().collect()),
        ids(decision.observed().collect()),
        erring.collect::<Vec<_>>(),
        decision.horizon(),
    )
}

/// The plant's cases and what is generated around them.
fn samples(folder: &Folder) -> Vec<(String, String)> {
    let cases = folder.cases.iter();
    let cases = cases.map(|case| (case.entities.to_string(), case.request.to_string()));
    let strategy = Generator::new(folder).unwrap().samples();
    let mut runner = TestRunner::deterministic();
    let generated = (0..SAMPLES).map(|_| {
        let sample: Sample = strategy.new_tree(&mut runner).unwrap().current();
        (sample.entities().to_string(), sample.request().to_string())
    });
    cases.chain(generated).collect()
}

fn decide(engine: &Engine, (entities, request): &(String, String)) -> String {
    engine.replace_entities_json(entities).unwrap();
    let request = Request::from_json(&engine.model().unwrap(), request).unwrap();
    said(&engine.decider().decide(&request).clone())
}

#[test]
fn the_plant_is_decided_alike() {
    let folder = plant::folder().unwrap();
    let (bundle, samples) = (plant_bundle(&folder), samples(&folder));
    let compiled = Engine::with_options(Options::default()).unwrap();
    compiled.publish(&bundle).unwrap();
    let want: Vec<String> = samples.iter().map(|sample| decide(&compiled, sample)).collect();
    for kind in ["Allow Permitted", "Forbidden", "NotPermitted", "EntityMissing"] {
        assert!(want.iter().any(|said| said.contains(kind)), "no decision is {kind}");
    }
    for options in runnable() {
        let artefact = artefact(&bundle, &options);
        let engine = Engine::with_options(options.clone()).unwrap();
        let refused = engine.publish(&bundle).unwrap_err();
        assert!(matches!(refused, PublishError::NoCompiler), "{refused:?}");
        let precompiled = trusted(&bundle, &artefact).unwrap();
        assert_eq!(precompiled.head().target, Target::of(&options).unwrap());
        engine.publish(&precompiled).unwrap();
        for (sample, want) in samples.iter().zip(&want) {
            assert_eq!(&decide(&engine, sample), want, "{options:?}: {sample:?}");
        }
    }
}

#[test]
fn what_fails_fails_alike() {
    let mut recursive = Fixture::new("(call $recurse)");
    recursive.items = "(func $recurse (call $recurse))".to_owned();
    let trap = DecideError::Trap;
    let cases = [
        (Fixture::new("unreachable"), trap),
        (Fixture::new("(drop (i32.load (i32.const -4)))"), trap),
        (Fixture::new("(drop (i32.load offset=131068 (i32.const 1)))"), trap),
        (Fixture::new("(drop (i32.div_u (i32.const 1) (i32.const 0)))"), trap),
        (recursive, trap),
        (Fixture::new("(loop $l (br $l))"), DecideError::OutOfFuel),
    ];
    for (fixture, want) in cases {
        let bundle = fixture.bundle();
        for options in runnable() {
            let artefact = artefact(&bundle, &options);
            let engine = Engine::with_options(options.clone()).unwrap();
            let error = engine.publish(&trusted(&bundle, &artefact).unwrap()).unwrap_err();
            let is_wanted = matches!(&error, PublishError::Trial { source, .. } if *source == want);
            assert!(is_wanted, "{options:?}, {}: {error:?}", fixture.decide);
        }
    }
}

/// Between publications of the kinds, the facts stay, and a module that is kept is not loaded again.
#[test]
fn artefacts_and_bundles_are_published_in_turn() {
    let (allow, deny) = (Fixture::new(ALLOW).bundle(), Fixture::new(DENY).bundle());
    let options = Options { signal_handlers: false, interpreter: true, ..Options::default() };
    let artefacts = [artefact(&allow, &options), artefact(&deny, &options)];
    let engine = Engine::with_options(options).unwrap();
    engine.publish_with(&trusted(&allow, &artefacts[0]).unwrap(), vec![user("alice", 1)]).unwrap();
    let is_allowed = || engine.decide(&request(&engine, "alice")).is_allow();
    assert!(is_allowed());
    engine.publish(&deny).unwrap();
    assert!(!is_allowed());
    assert_eq!(engine.modules_alive(), 2);
    for _ in 0..3 {
        engine.publish(&trusted(&allow, &artefacts[0]).unwrap()).unwrap();
        assert!(is_allowed());
        engine.publish(&trusted(&deny, &artefacts[1]).unwrap()).unwrap();
        assert!(!is_allowed());
    }
    assert_eq!(engine.modules_alive(), 2);
    engine.rollback().unwrap();
    assert!(is_allowed());
}

#[test]
fn every_target_is_compiled_for_and_refused_elsewhere() {
    let bundle = Fixture::new(ALLOW).bundle();
    for target in Target::ALL {
        let options = Options::default();
        let artefact = precompile(&bundle, target, &options).unwrap();
        assert_eq!(artefact, precompile(&bundle, target, &options).unwrap(), "{target}");
        let precompiled = trusted(&bundle, &artefact).unwrap();
        assert_eq!(*precompiled.head(), PrecompiledHead::read(&artefact).unwrap());
        assert_eq!(precompiled.head().target, target);
        assert_eq!(precompiled.head().signal_handlers, !target.is_interpreted());
        for options in [options.clone(), Options { interpreter: true, ..options }] {
            let engine = Engine::with_options(options.clone()).unwrap();
            match (engine.publish(&precompiled), Target::of(&options)) {
                (Ok(_), Some(runs)) => assert_eq!(runs, target),
                (Err(PublishError::Precompiled(error)), runs) => {
                    assert_ne!(runs, Some(target));
                    let PrecompiledError::Target { artefact, engine } = error else {
                        panic!("{error:?}");
                    };
                    assert_eq!((artefact, engine), (target, runs));
                }
                (outcome, _) => panic!("{target}: {outcome:?}"),
            }
        }
    }
}

/// The code of a target is the code for that target: an ELF file's header names its machine.
#[test]
fn code_is_that_of_its_target() {
    let bundle = Fixture::new(ALLOW).bundle();
    let code = |target| {
        let artefact = precompile(&bundle, target, &Options::default()).unwrap();
        let code = PrecompiledHead::read(&artefact).unwrap().code_bytes as usize;
        artefact[artefact.len() - code..].to_vec()
    };
    let machines = [(Target::X86_64, 62_u16), (Target::Aarch64, 183), (Target::Riscv64, 243)];
    for (target, machine) in machines {
        let code = code(target);
        assert_eq!(u16::from_le_bytes([code[18], code[19]]), machine, "{target}");
    }
    assert_ne!(code(Target::Pulley32), code(Target::Pulley64));
}

#[test]
fn names_of_targets_are_read_back() {
    for target in Target::ALL {
        assert_eq!(target.to_string().parse::<Target>().unwrap(), target);
    }
    let musl = "riscv64gc-unknown-linux-musl".parse::<Target>();
    assert_eq!(musl.unwrap(), Target::Riscv64);
}

/// Whatever one byte of an artefact is changed to, it is refused before its code is looked at.
#[test]
fn every_byte_counts() {
    let bundle = Fixture::new(DENY).bundle();
    let options = options(true, false);
    let artefact = artefact(&bundle, &options);
    let head = artefact.len() - PrecompiledHead::read(&artefact).unwrap().code_bytes as usize;
    assert_eq!(head, 160);
    let every = (0..artefact.len()).filter(|at| *at < head + 64 || at % 97 == 0);
    for at in every {
        for mask in [0x01, 0x20, 0x80, 0xff] {
            let mut damaged = artefact.clone();
            damaged[at] ^= mask;
            let refused = trusted(&bundle, &damaged);
            assert!(refused.is_err(), "byte {at} changed by {mask:#x}: {refused:?}");
        }
    }
    for len in (0..=head + 8).chain([artefact.len() - 1]) {
        assert!(trusted(&bundle, &artefact[..len]).is_err(), "{len} bytes");
    }
    let longer = [artefact.as_slice(), &[0]].concat();
    assert!(matches!(trusted(&bundle, &longer), Err(PrecompiledError::Length { .. })));
}

/// The bundle is bound by its digest: the same module under another release has artefacts of its own.
#[test]
fn artefact_of_another_release_is_refused() {
    let fixture = Fixture::new(DENY);
    let options = options(true, false);
    let artefact = artefact(&fixture.bundle(), &options);
    let other = Release { sequence: 77, ..release() };
    let bytes = Bundle::pack(&other, fixture.bundle().module()).unwrap();
    let other = Bundle::open(&bytes).unwrap();
    assert_eq!(other.module(), fixture.bundle().module());
    let refused = trusted(&other, &artefact);
    assert!(matches!(refused, Err(PrecompiledError::Bundle { .. })), "{refused:?}");
}
