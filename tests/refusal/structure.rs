//! Modules whose structure breaks the contract.

use trapkey::{
    Area, Bundle, Decision, Engine, Generation, Limits, PublishError, Reason, StructureError,
};
use trapkey_abi::MemoryMap;
use trapkey_tests::fixture::{ALLOW, DENY, Fixture, MEMORY, engine, release, request};

/// Publishes `bundle` where another is live, which must stay so; gives the reason.
#[track_caller]
fn refused(engine: &Engine, bundle: &Bundle) -> StructureError {
    engine.publish(&Fixture::new(ALLOW).bundle()).expect("the fixture is published");
    let error = engine.publish(bundle).expect_err("the module is refused");
    assert_eq!(engine.generation(), Generation(1));
    let decision: Decision = engine.decide(&request(engine, "alice"));
    assert_eq!(decision.reason(), Reason::Permitted);
    match error {
        PublishError::Structure(error) => error,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check_fixture(fixture: &Fixture, want: fn(&StructureError) -> bool) {
    let error = refused(&engine(Limits::default()), &fixture.bundle());
    assert!(want(&error), "{error:?}");
}

#[track_caller]
fn check_items(items: &str, want: fn(&StructureError) -> bool) {
    let mut fixture = Fixture::new(DENY);
    fixture.items = items.to_owned();
    check_fixture(&fixture, want);
}

/// Replaces a part of the module's text.
#[track_caller]
fn check_text(from: &str, to: &str, want: fn(&StructureError) -> bool) {
    let fixture = Fixture::new(DENY);
    let text = fixture.wat();
    assert!(text.contains(from), "{text}");
    let module = wat::parse_str(text.replace(from, to)).expect("the change is WAT");
    let packed = Bundle::pack(&release(), &fixture.sections(&module)).expect("packs");
    let bundle = Bundle::open(&packed).expect("opens");
    let error = refused(&engine(Limits::default()), &bundle);
    assert!(want(&error), "{error:?}");
}

#[track_caller]
fn check_map(map: MemoryMap, want: fn(&StructureError) -> bool) {
    let mut fixture = Fixture::new(DENY);
    fixture.manifest.memory = map;
    check_fixture(&fixture, want);
}

#[test]
fn oversized_module_is_refused() {
    let allowed = Fixture::new(ALLOW).module().len();
    let limits = Limits { module_bytes_max: allowed, ..Limits::default() };
    let mut fixture = Fixture::new(ALLOW);
    fixture.items = "(func)".to_owned();
    let error = refused(&engine(limits), &fixture.bundle());
    assert!(matches!(error, StructureError::TooLarge { max, .. } if max == allowed), "{error:?}");
}

#[test]
fn anything_beyond_the_few_features_is_refused() {
    for items in [
        "(func (result i32))",
        "(func (result i32 i32) (i32.const 1) (i32.const 2))",
        "(func (result v128) (v128.const i64x2 0 0))",
        "(func (param externref))",
        "(func $f (return_call $f))",
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
        "(table 1 1 funcref) (table 1 1 funcref)",
        "(tag)",
    ] {
        check_items(items, |error| matches!(error, StructureError::Invalid(_)));
    }
}

#[test]
fn floats_are_refused() {
    for items in [
        "(func (result f64) (f64.const 1))",
        "(func (param f32))",
        "(func (local f64))",
        "(func (drop (f32.load (i32.const 0))))",
        "(global f32 (f32.const 0))",
    ] {
        check_items(items, |error| matches!(error, StructureError::Float { .. }));
    }
}

#[test]
fn import_is_refused() {
    for items in [
        "(import \"env\" \"now\" (func))",
        "(import \"env\" \"now\" (memory 1))",
        "(import \"env\" \"now\" (global i32))",
        "(import \"env\" \"now\" (table 1 funcref))",
    ] {
        check_items(items, |error| {
            matches!(error, StructureError::Import { module, name }
                if module == "env" && name == "now")
        });
    }
}

#[test]
fn start_function_is_refused() {
    check_items("(func $start) (start $start)", |error| matches!(error, StructureError::Start));
}

#[test]
fn memory_must_be_one_plain_fixed_one() {
    check_items("(memory 1 1)", |error| matches!(error, StructureError::MemoryCount { count: 2 }));
    let plain = "(memory (export \"memory\") 2 2)";
    let memory = |to: &str, want| check_text(plain, to, want);
    memory("(memory (export \"memory\") i64 2 2)", |error| {
        matches!(error, StructureError::MemoryKind)
    });
    memory("(memory (export \"memory\") 2 2 shared)", |error| {
        matches!(error, StructureError::MemoryKind)
    });
    for size in ["2", "2 3", "1 2", "3 3"] {
        memory(&format!("(memory (export \"memory\") {size})"), |error| {
            matches!(error, StructureError::MemorySize { manifest: 2, .. })
        });
    }
}

#[test]
fn oversized_memory_is_refused() {
    let limits = Limits { memory_pages_max: 2, ..Limits::default() };
    let mut fixture = Fixture::new(DENY);
    fixture.memory = "(memory (export \"memory\") 3 3)".to_owned();
    fixture.manifest.memory.pages = 3;
    let error = refused(&engine(limits), &fixture.bundle());
    assert!(matches!(error, StructureError::MemoryTooLarge { pages: 3, max: 2 }), "{error:?}");
}

#[test]
fn growing_memory_is_refused() {
    check_items(
        "(func (drop (memory.grow (i32.const 0))))",
        |error| matches!(error, StructureError::MemoryGrow { offset } if *offset > 8),
    );
}

#[test]
fn growing_table_is_refused() {
    for table in ["(table 1 funcref)", "(table 1 2 funcref)", "(table 1 1 externref)"] {
        check_items(table, |error| matches!(error, StructureError::Table { index: 0 }));
    }
}

#[test]
fn exports_must_be_exactly_those_of_the_contract() {
    check_items(
        "(func (export \"decide_all\"))",
        |error| matches!(error, StructureError::ExportUnknown { name } if name == "decide_all"),
    );
    check_text("(memory (export \"memory\") 2 2)", "(memory 2 2)", |error| {
        matches!(error, StructureError::ExportMissing { name: "memory" })
    });
    check_text("(export \"decide_batch\")", "", |error| {
        matches!(error, StructureError::ExportMissing { name: "decide_batch" })
    });
    check_text("(param i32 i32 i32 i32)", "(param i32 i32 i32)", |error| {
        matches!(error, StructureError::ExportType { name: "decide_batch" })
    });
    check_text("(param i32 i32 i32 i32)", "(param i32 i32 i32 i64)", |error| {
        matches!(error, StructureError::ExportType { name: "decide_batch" })
    });
    let result = "(param i32 i32 i32 i32) (result i32) (i32.const 0)";
    check_text("(param i32 i32 i32 i32)", result, |error| {
        matches!(error, StructureError::ExportType { name: "decide_batch" })
    });
}

#[test]
fn exports_must_be_of_the_right_kind() {
    check_text("(export \"trapkey_abi\")", "", |error| {
        matches!(error, StructureError::ExportMissing { name: "trapkey_abi" })
    });
    let swapped = "(export \"trapkey_abi\" (func $respond)) (global i32";
    check_text("(global (export \"trapkey_abi\") i32", swapped, |error| {
        matches!(error, StructureError::ExportType { name: "trapkey_abi" })
    });
}

#[test]
fn exported_version_must_be_the_constant_one() {
    let version = "i32 (i32.const 1))";
    check_text(version, "i64 (i64.const 1))", |error| matches!(error, StructureError::AbiGlobal));
    check_text(version, "i32 (i32.const 2))", |error| {
        matches!(error, StructureError::AbiVersion { found: 2 })
    });
    // Mutable globals may not be exported at all under the features of the contract.
    check_text(version, "(mut i32) (i32.const 1))", |error| {
        matches!(error, StructureError::Invalid(_))
    });
}

#[test]
fn areas_must_lie_apart_inside_the_memory() {
    check_map(MemoryMap { frames_offset: 1020, ..MEMORY }, |error| {
        matches!(error, StructureError::AreaUnaligned { area: Area::Frames, offset: 1020 })
    });
    check_map(MemoryMap { responses_offset: 2 * 65536, ..MEMORY }, |error| {
        matches!(error, StructureError::AreaOutside { area: Area::Responses, .. })
    });
    check_map(MemoryMap { frames_bytes: u32::MAX, ..MEMORY }, |error| {
        matches!(error, StructureError::AreaOutside { area: Area::Frames, .. })
    });
    check_map(MemoryMap { responses_offset: 1024 + 32760, ..MEMORY }, |error| {
        matches!(error, StructureError::AreasOverlap)
    });
}

#[test]
fn longest_frame_and_response_must_fit_their_areas() {
    for frame_bytes_max in [0, 120, 132, 32776] {
        check_map(MemoryMap { frame_bytes_max, ..MEMORY }, |error| {
            matches!(error, StructureError::ItemSize { area: Area::Frames, .. })
        });
    }
    for response_bytes_max in [0, 56, 68, 8200] {
        check_map(MemoryMap { response_bytes_max, ..MEMORY }, |error| {
            matches!(error, StructureError::ItemSize { area: Area::Responses, .. })
        });
    }
}

#[test]
fn data_must_leave_the_areas_alone() {
    check_items("(data (i32.const 1020) \"\\00\\00\\00\\00\\00\")", |error| {
        matches!(error, StructureError::DataOverlap { segment: 0, area: Area::Frames })
    });
    check_items("(data (i32.const 0) \"a\") (data (i32.const 73727) \"a\")", |error| {
        matches!(error, StructureError::DataOverlap { segment: 1, area: Area::Responses })
    });
}
