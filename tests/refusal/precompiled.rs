//! Artefacts that are refused before any of their code is loaded, and modules that none is made of.

use trapkey::{
    Bundle, Digest, Engine, Generation, Options, PRECOMPILED_BYTES_MAX, PrecompileError,
    PrecompiledError, PublishError, StructureError, Target, precompile,
};
use trapkey_tests::fixture::{ALLOW, DENY, Fixture, trusted};

/// Where the digest covers the artefact from.
const DIGESTED: usize = 48;

fn options() -> Options {
    Options { compiler: false, interpreter: true, ..Options::default() }
}

fn artefact(bundle: &Bundle) -> Vec<u8> {
    precompile(bundle, Target::of(&options()).unwrap(), &options()).unwrap()
}

/// The artefact with other bytes in it, and the digest that it would have.
fn forged(artefact: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut forged = artefact.to_vec();
    forged[at..at + bytes.len()].copy_from_slice(bytes);
    let digest = Digest::of(&forged[DIGESTED..]);
    forged[16..DIGESTED].copy_from_slice(&digest.0);
    forged
}

#[track_caller]
fn check(make: impl Fn(&[u8]) -> Vec<u8>, want: fn(&PrecompiledError) -> bool, says: &str) {
    let bundle = Fixture::new(DENY).bundle();
    let artefact = make(&artefact(&bundle));
    let error = trusted(&bundle, &artefact).expect_err("the artefact is refused");
    assert!(want(&error), "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
}

#[test]
fn artefact_that_is_too_large_is_refused() {
    check(
        |_| vec![0; PRECOMPILED_BYTES_MAX + 1],
        |error| matches!(error, PrecompiledError::TooLarge { len } if *len > PRECOMPILED_BYTES_MAX),
        "the limit is 134217728",
    );
}

#[test]
fn artefact_without_a_whole_header_is_refused() {
    let want = |error: &_| matches!(error, PrecompiledError::Truncated { len: 159 });
    check(|artefact| artefact[..159].to_vec(), want, "159 bytes are too few");
}

#[test]
fn what_is_no_artefact_is_refused() {
    let bundle = |_: &[u8]| Fixture::new(DENY).packed();
    check(bundle, |error| matches!(error, PrecompiledError::Magic), "not a precompiled module");
}

#[test]
fn header_of_another_version_is_refused() {
    let want = |error: &_| matches!(error, PrecompiledError::Version { found: 2 });
    check(|artefact| forged(artefact, 8, &[2]), want, "version of the artefact's header is 2");
}

#[test]
fn artefact_of_another_length_is_refused() {
    let want = |error: &_| matches!(error, PrecompiledError::Length { .. });
    check(|artefact| artefact[..artefact.len() - 1].to_vec(), want, "which states");
}

#[test]
fn damaged_artefact_is_refused() {
    let damage = |artefact: &[u8]| {
        let mut damaged = artefact.to_vec();
        damaged[artefact.len() - 1] ^= 1;
        damaged
    };
    let want = |error: &_| matches!(error, PrecompiledError::Digest { stated, computed } if stated != computed);
    check(damage, want, "the header states");
}

#[test]
fn artefact_with_unknown_flags_is_refused() {
    let want = |error: &_| matches!(error, PrecompiledError::Flags { found: 6 });
    check(|artefact| forged(artefact, 48, &[6]), want, "unknown flags 0x6");
}

#[test]
fn artefact_with_unreadable_texts_is_refused() {
    let want = |error: &_| matches!(error, PrecompiledError::Text { offset: 52 });
    check(|artefact| forged(artefact, 53, &[0xff]), want, "unreadable text at byte 52");
    let want = |error: &_| matches!(error, PrecompiledError::Text { offset: 80 });
    check(|artefact| forged(artefact, 127, &[0xff]), want, "unreadable text at byte 80");
}

#[test]
fn artefact_for_an_unknown_target_is_refused() {
    let want =
        |error: &_| matches!(error, PrecompiledError::UnknownTarget { text } if text == "pulley99");
    let says = "unknown target `pulley99`, the targets are `x86_64-unknown-linux-gnu`";
    check(|artefact| forged(artefact, 80, b"pulley99"), want, says);
}

#[test]
fn artefact_of_another_engine_is_refused() {
    let want = |error: &_| {
        matches!(error, PrecompiledError::Engine { artefact, engine }
            if artefact == "9.9.9" && engine != artefact)
    };
    let says = "artefact was made by version 9.9.9 of the engine, this is";
    check(|artefact| forged(artefact, 52, b"9.9.9"), want, says);
}

#[test]
fn artefact_of_another_bundle_is_refused() {
    let other = |_: &[u8]| artefact(&Fixture::new(ALLOW).bundle());
    let want = |error: &_| matches!(error, PrecompiledError::Bundle { artefact, bundle } if artefact != bundle);
    check(other, want, "artefact was made from bundle");
}

/// Publishes an artefact for these options in an engine with others; what was live stays live.
#[track_caller]
fn check_engine(made: &Options, target: Target, want: fn(&PublishError) -> bool) {
    let engine = Engine::with_options(options()).expect("an engine");
    let live = Fixture::new(ALLOW).bundle();
    engine.publish(&trusted(&live, &artefact(&live)).unwrap()).expect("published");
    let bundle = Fixture::new(DENY).bundle();
    let artefact = precompile(&bundle, target, made).unwrap();
    let error = engine.publish(&trusted(&bundle, &artefact).unwrap()).expect_err("refused");
    assert!(want(&error), "{error:?}");
    assert_eq!(engine.generation(), Generation(1));
}

#[test]
fn artefact_for_another_target_is_refused() {
    for target in [Target::Aarch64, Target::Riscv64, Target::Pulley32] {
        check_engine(&options(), target, |error| {
            matches!(error, PublishError::Precompiled(PrecompiledError::Target { artefact, engine })
                if *engine != Some(*artefact))
        });
    }
    let error = PrecompiledError::Target { artefact: Target::Aarch64, engine: None };
    let says = "artefact is for aarch64-unknown-linux-gnu, the engine runs code that is not \
                compiled ahead of time";
    assert_eq!(error.to_string(), says);
}

/// An artefact of this machine's own kind, of an engine that catches accesses otherwise.
#[test]
fn artefact_that_relies_on_other_handlers_is_refused() {
    let Some(target) = Target::of(&Options::default()) else { return };
    let bundle = Fixture::new(DENY).bundle();
    for relies in [false, true] {
        let made = Options { signal_handlers: relies, ..Options::default() };
        let artefact = precompile(&bundle, target, &made).unwrap();
        let options = Options { signal_handlers: !relies, ..Options::default() };
        let engine = Engine::with_options(options).expect("an engine");
        let error = engine.publish(&trusted(&bundle, &artefact).unwrap()).expect_err("refused");
        let PublishError::Precompiled(PrecompiledError::SignalHandlers { artefact, engine }) =
            error
        else {
            panic!("{error:?}");
        };
        assert_eq!((artefact, engine), (relies, !relies));
    }
    let error = PrecompiledError::SignalHandlers { artefact: true, engine: false };
    let says = "artefact relies on signal handlers, the engine does not install them";
    assert_eq!(error.to_string(), says);
}

/// What the engine's own checks let pass is still the runtime's to refuse, by its own version in the code.
#[test]
fn code_of_another_runtime_is_refused() {
    let bundle = Fixture::new(DENY).bundle();
    let made = artefact(&bundle);
    let version = [2, b'4', b'8'];
    let at = made.windows(3).position(|window| window == version).expect("a version");
    let artefact = forged(&made, at + 1, b"47");
    let engine = Engine::with_options(options()).expect("an engine");
    let error = engine.publish(&trusted(&bundle, &artefact).unwrap()).expect_err("refused");
    assert!(matches!(error, PublishError::Runtime(_)), "{error:?}");
}

/// The checks of a bundle's structure and worst case are those of any publication.
#[test]
fn artefact_of_a_bundle_that_is_refused_is_refused() {
    let mut fixture = Fixture::new(DENY);
    fixture.manifest.instructions_max = vec![10_000_001];
    let bundle = fixture.bundle();
    let artefact = artefact(&bundle);
    let engine = Engine::with_options(options()).expect("an engine");
    let error = engine.publish(&trusted(&bundle, &artefact).unwrap()).expect_err("refused");
    assert!(matches!(error, PublishError::WorstCase { .. }), "{error:?}");
}

#[test]
fn bundle_without_an_artefact_is_refused_where_nothing_compiles() {
    let engine = Engine::with_options(options()).expect("an engine");
    let error = engine.publish(&Fixture::new(DENY).bundle()).expect_err("refused");
    assert!(matches!(error, PublishError::NoCompiler), "{error:?}");
    assert_eq!(engine.generation(), Generation::NONE);
}

#[test]
fn module_without_structure_is_not_compiled_ahead() {
    let mut fixture = Fixture::new(DENY);
    fixture.items = "(func $f) (start $f)".to_owned();
    let error = precompile(&fixture.bundle(), Target::Pulley32, &options()).expect_err("refused");
    assert!(matches!(error, PrecompileError::Structure(StructureError::Start)), "{error:?}");
}

#[test]
fn runtime_that_cannot_be_set_up_compiles_nothing_ahead() {
    let mut options = options();
    options.limits.stack_bytes_max = 1_usize.checked_shl(30).unwrap().try_into().unwrap();
    let bundle = Fixture::new(DENY).bundle();
    let error = precompile(&bundle, Target::Riscv64, &options).expect_err("refused");
    assert!(matches!(error, PrecompileError::Runtime { target: Target::Riscv64, .. }), "{error:?}");
}
