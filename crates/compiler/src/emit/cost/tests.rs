//! What functions cost, by hand.

use std::collections::BTreeMap;

use trapkey_abi::Handle;
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use super::*;
use crate::emit::dispatch::Table;
use crate::ir::{Expr, Kind};

#[track_caller]
fn walk(bounds: &[Bound], write: impl FnOnce(&mut InstructionSink<'_>)) -> Result<u64, Unbounded> {
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    write(&mut code);
    code.end();
    Costs::new().walk(&function.into_raw_body(), bounds)
}

#[track_caller]
fn check(want: u64, bounds: &[Bound], write: impl FnOnce(&mut InstructionSink<'_>)) {
    assert_eq!(walk(bounds, write), Ok(want));
}

/// One instruction more than `count`, none of which branches.
fn spend(code: &mut InstructionSink<'_>, count: u32) {
    for _ in 0..count {
        code.i32_const(0);
    }
    code.drop();
}

#[test]
fn a_call_costs_one_and_marks_cost_nothing() {
    check(1, &[], |_| {});
    check(3, &[], |code| {
        code.nop().block(BlockType::Empty).i32_const(0).drop().end().i32_const(0).return_();
    });
}

#[test]
fn the_dearer_branch_counts() {
    for (yes, no) in [(2, 7), (7, 2)] {
        check(3 + 7, &[], |code| {
            code.i32_const(0).if_(BlockType::Empty);
            spend(code, yes);
            code.else_();
            spend(code, no);
            code.end();
        });
    }
    // Without an `else`, nothing may be done.
    check(3 + 5 + 1, &[], |code| {
        code.i32_const(0).if_(BlockType::Empty);
        spend(code, 5);
        code.end().i32_const(0).drop();
    });
}

#[test]
fn what_is_left_early_counts_as_far_as_it_goes() {
    check(3 + 4, &[], |code| {
        code.i32_const(0).if_(BlockType::Empty);
        spend(code, 4);
        code.return_().end();
        spend(code, 2);
    });
    check(1 + 2 + 9 + 1, &[], |code| {
        code.block(BlockType::Empty).i32_const(0).br_if(0);
        spend(code, 9);
        code.br(0);
        spend(code, 50);
        code.end();
    });
}

#[test]
fn a_loop_costs_its_dearest_round_as_often_as_it_may_begin() {
    check(1 + 10 * (2 + 6 + 1) + 3, &[Bound::Loop(10)], |code| {
        code.block(BlockType::Empty).loop_(BlockType::Empty).i32_const(0).br_if(1);
        spend(code, 6);
        code.br(0).end().end();
        spend(code, 3);
    });
    check(1 + 10 * (1 + 5 * (2 + 1)), &[Bound::Loop(10), Bound::Loop(5)], |code| {
        code.loop_(BlockType::Empty).i32_const(0).drop();
        code.loop_(BlockType::Empty).i32_const(0).br_if(0).br(1).end();
        code.end();
    });
}

#[test]
fn a_loop_that_is_bounded_for_all_its_entries_counts_once() {
    check(1 + 10 * (1 + 1) + 5 * 2, &[Bound::Loop(10), Bound::LoopInAll(5)], |code| {
        code.loop_(BlockType::Empty).i32_const(0).drop();
        code.loop_(BlockType::Empty).i32_const(0).br_if(0).end();
        code.br(0).end();
    });
}

#[test]
fn a_loop_that_is_left_for_good_costs_all_its_rounds() {
    check(1 + 4 * 3 + 2, &[Bound::Loop(4)], |code| {
        code.block(BlockType::Empty).loop_(BlockType::Empty);
        spend(code, 2);
        code.br(1).end();
        spend(code, 90);
        code.end();
        spend(code, 2);
    });
}

#[test]
fn what_is_not_noted_has_no_cost() {
    let once = |code: &mut InstructionSink<'_>| {
        code.loop_(BlockType::Empty).end();
    };
    let call = |code: &mut InstructionSink<'_>| {
        code.i32_const(0).i32_const(0).call(Intrinsic::SameString.index()).drop();
    };
    assert!(matches!(walk(&[], once), Err(Unbounded::Note { .. })));
    assert!(matches!(walk(&[], call), Err(Unbounded::Note { .. })));
    let text = Bound::Call(Work::Text(8));
    assert!(matches!(walk(std::slice::from_ref(&text), once), Err(Unbounded::Note { .. })));
    assert!(matches!(walk(&[Bound::Loop(1)], call), Err(Unbounded::Note { .. })));
    assert!(walk(std::slice::from_ref(&text), call).is_ok());
    let elements = Bound::Call(Work::Elements(8));
    assert_eq!(walk(&[elements], call), Err(Unbounded::Callee(Intrinsic::SameString.index())));
    assert_eq!(walk(&[text.clone(), text], call), Err(Unbounded::Rest { notes: 1 }));
    assert!(matches!(
        walk(&[], |code| {
            code.call_indirect(0, 0);
        }),
        Err(Unbounded::Note { .. })
    ));
    let unknown = walk(&[], |code| {
        code.call(1_000);
    });
    assert_eq!(unknown, Err(Unbounded::Callee(1_000)));
    let table = walk(&[], |code| {
        code.block(BlockType::Empty).i32_const(0).br_table([0], 0).end();
    });
    assert!(matches!(table, Err(Unbounded::Instruction { .. })));
}

/// Each intrinsic is bounded by what it is given, and costs more for more.
#[test]
fn every_intrinsic_costs_what_it_is_given() {
    let lookup = |probes| Lookup { probes, functions: Vec::new() };
    let work = |intrinsic: Intrinsic, n: u64| match intrinsic {
        Intrinsic::Note
        | Intrinsic::NoteHeld
        | Intrinsic::ProductOverflows
        | Intrinsic::InRange
        | Intrinsic::Turn
        | Intrinsic::Less
        | Intrinsic::Same
        | Intrinsic::Step
        | Intrinsic::Midnight
        | Intrinsic::Drift
        | Intrinsic::IsBefore => None,
        Intrinsic::SameString | Intrinsic::IsAtMost | Intrinsic::SameBytes => Some(Work::Text(n)),
        Intrinsic::HasEntity | Intrinsic::HasInt | Intrinsic::Directory => Some(Work::Elements(n)),
        Intrinsic::HasString | Intrinsic::Tag => Some(Work::Texts { elements: n, bytes: n }),
        Intrinsic::Like => Some(Work::Pattern { text: n, parts: 2, longest: 3 }),
        Intrinsic::Dispatch => Some(Work::Handle(lookup(n))),
        Intrinsic::DispatchSet => Some(Work::Handles { elements: n, lookup: lookup(2) }),
    };
    let costs = Costs::new();
    for intrinsic in Intrinsic::ALL {
        let cost = |n| work(intrinsic, n).map(|work| costs.intrinsic(intrinsic, &work).unwrap());
        let (few, more) = (cost(100), cost(1_000));
        assert_eq!(few.is_some(), more.is_some());
        if let (Some(few), Some(more)) = (few, more) {
            // Sets of words are halved; all else is looked at from its start to its end.
            let is_halved = matches!(intrinsic, Intrinsic::HasEntity | Intrinsic::HasInt);
            let is_as_told = if is_halved { more < 2 * few } else { more > 5 * few };
            assert!(is_as_told && more > few && few > 100, "{intrinsic:?}: {few}, {more}");
        }
    }
}

#[test]
fn a_search_in_a_table_ends_behind_the_longest_run() {
    for len in [0, 1, 2, 3, 5, 8, 100, 1000_u32] {
        let handle =
            |n: u32| Handle { high: u64::from(n) + 1, low: u64::from(n % 7).wrapping_sub(3) };
        let numbers: BTreeMap<Handle, u32> = (0..len).map(|n| (handle(n), n)).collect();
        let table = Table::new(&numbers);
        let entries: Vec<bool> =
            table.bytes.chunks(24).map(|entry| entry.iter().any(|byte| *byte != 0)).collect();
        let steps = |start: usize| {
            let mut search = entries.iter().cycle().skip(start);
            search.position(|is_taken| !is_taken).unwrap() + 1
        };
        let longest = (0..entries.len()).map(steps).max().unwrap();
        assert_eq!(probes(&table.bytes), count(longest));
    }
}

#[test]
fn ancestors_lead_to_the_dearest_functions_once() {
    let mut costs = Costs::new();
    let first = u32::try_from(costs.intrinsics.len()).unwrap();
    costs.functions = vec![5, 100, 7, 100_000];
    let lookup = Lookup { probes: 2, functions: (0..4).map(|n| first + n).collect() };
    let own = match lookup.clone().own() {
        Bound::Call(work) => costs.intrinsic(Intrinsic::Dispatch, &work).unwrap(),
        other => panic!("{other:?}"),
    };
    assert!((100_000..100_200).contains(&own), "{own}");
    let set = |bound: &Bound| match bound {
        Bound::Call(work) => costs.intrinsic(Intrinsic::DispatchSet, work).unwrap(),
        other => panic!("{other:?}"),
    };
    let above = lookup.clone().above(3);
    assert_eq!(above.len(), 3);
    assert!(set(&above[0]) > 100_112 + 1_024 && set(&above[1]) < 200 && above[1] == above[2]);
    let two = Work::Handles { elements: 2, lookup: lookup.clone() };
    let none = Work::Handles { elements: 2, lookup: Lookup { functions: Vec::new(), ..lookup } };
    let cost = |work| costs.intrinsic(Intrinsic::DispatchSet, work).unwrap();
    assert_eq!(cost(&two) - cost(&none), 100_100);
}

fn elements(bound: Option<Bound>) -> u64 {
    match bound {
        Some(Bound::Call(Work::Elements(elements))) => elements,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_no_limit_is_known_of_may_fill_a_frame_or_its_constant() {
    let row = || Expr::Slot(0);
    let has = |set: Expr| Expr::HasInt(set.boxed(), Expr::Int(1).boxed());
    let limits = BTreeMap::from([(row().offset(8), 500), (row().offset(16), 100_000)]);
    let check = |condition: Expr, set: Expr, want: u64| {
        let sizes = Sizes::new(&condition, &limits, 0);
        assert_eq!(elements(sizes.bound(&has(set))), want);
    };
    check(Expr::TRUE, row().offset(8), 500);
    // 64 KiB of numbers.
    check(Expr::TRUE, row().offset(16), 8_192);
    check(Expr::TRUE, row().offset(24), 8_192);
    let either = Expr::If(Expr::TRUE.boxed(), row().offset(8).boxed(), row().offset(24).boxed());
    check(Expr::TRUE, either, 8_192);
    let local = Expr::Local(1, Kind::Address);
    check(Expr::TRUE, local.clone(), u64::MAX / 8);
    let bound = Expr::Let(1, row().offset(8).boxed(), Expr::TRUE.boxed());
    check(bound, local.clone(), 500);
    let constant = |len: u32| {
        let mut bytes = [8_u32.to_le_bytes(), len.to_le_bytes()].concat();
        bytes.resize(8 + 8 * usize::try_from(len).unwrap(), 0);
        Expr::Data(bytes)
    };
    check(Expr::TRUE, constant(20_000), 20_000);
    // Elements of a constant set may be as large as the constant.
    let element = |step| Expr::Any(constant(9_000).boxed(), step, 1, Expr::TRUE.boxed());
    check(element(16), local, 9_001);
}
