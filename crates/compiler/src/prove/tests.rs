//! Checks that go, checks that stay.

use std::collections::BTreeMap;

use trapkey_abi::{Bounds, EvalError};

use super::facts::key;
use super::prove;
use crate::ir::{Arithmetic, Comparison, Expr, Failure};

fn row(slot: u32) -> Expr {
    let failure = Failure { error: EvalError::EntityMissing, place: 1 };
    Expr::Present(Expr::Slot(slot).boxed(), Some(failure))
}

fn has(slot: u32) -> Expr {
    Expr::IsPresent(Expr::Slot(slot).boxed())
}

fn flag(slot: u32) -> Expr {
    Expr::LoadBool(row(slot).boxed(), 8)
}

fn number(offset: u32) -> Expr {
    Expr::LoadInt(Expr::Context.boxed(), offset)
}

fn less(a: Expr, b: Expr) -> Expr {
    Expr::Compare(Comparison::Less, a.boxed(), b.boxed())
}

fn sum(a: Expr, b: Expr) -> Expr {
    let failure = Failure { error: EvalError::Overflow, place: 2 };
    Expr::Arithmetic(Arithmetic::Add, a.boxed(), b.boxed(), Some(failure))
}

/// Whether the condition can err once everything that can be proven is.
#[track_caller]
fn check(condition: &Expr, can_err: bool) {
    check_bounded(condition, &BTreeMap::new(), can_err);
}

#[track_caller]
fn check_bounded(condition: &Expr, bounds: &BTreeMap<Expr, Bounds>, can_err: bool) {
    assert!(condition.can_err());
    let (proven, _) = prove(condition.clone(), bounds);
    assert_eq!(proven.can_err(), can_err, "{proven:?}");
    // But for the checks, nothing changes.
    assert_eq!(key(&proven), key(condition));
}

#[test]
fn a_row_that_was_tested_is_there() {
    check(&has(0).and(flag(0)), false);
    check(&has(0).not().or(flag(0)), false);
    check(&has(0).choose(flag(0), has(1)), false);
    check(&has(0).and(has(1)).and(flag(0).and(flag(1))), false);
    check(&has(0).not().or(has(1).not()).not().and(flag(1)), false);
}

#[test]
fn a_row_that_may_be_absent_is_checked() {
    check(&flag(0), true);
    check(&has(1).and(flag(0)), true);
    check(&has(0).or(flag(0)), true);
    check(&has(0).not().and(flag(0)), true);
    check(&has(0).or(has(1)).and(flag(0)), true);
    check(&has(0).choose(has(1), flag(0)), true);
    check(&Expr::Or(has(0).and(has(1)).boxed(), Expr::FALSE.boxed()).not().and(flag(0)), true);
}

#[test]
fn a_row_is_checked_once_on_a_path() {
    let checks = |condition: Expr| {
        let (proven, _) = prove(condition, &BTreeMap::new());
        let text = format!("{proven:?}");
        text.matches("Some(Failure").count()
    };
    assert_eq!(checks(flag(0).and(flag(0))), 1);
    assert_eq!(checks(flag(0).or(flag(0))), 1);
    // If the first flag is not set, the second row was never looked at.
    assert_eq!(checks(flag(1).and(flag(0)).or(flag(0))), 3);
    assert_eq!(checks(has(1).and(flag(0)).or(flag(0))), 2);
}

#[test]
fn what_a_loop_tells_ends_with_it() {
    let any = |body: Expr| Expr::Any(Expr::Context.boxed(), 8, 1, body.boxed());
    check(&any(has(0)).and(flag(0)), true);
    check(&has(0).and(any(flag(0))), false);
}

#[test]
fn sums_of_compared_numbers_cannot_overflow() {
    let bounded = less(number(0), Expr::Int(100)).and(less(Expr::Int(-100), number(0)));
    check(&bounded.clone().and(less(sum(number(0), Expr::Int(1)), number(8))), false);
    check(&bounded.clone().and(less(sum(number(0), number(8)), Expr::Int(0))), true);
    check(&bounded.not().and(less(sum(number(0), Expr::Int(1)), number(8))), true);
    let above = less(number(0), Expr::Int(i64::MAX));
    check(&above.clone().and(less(sum(number(0), Expr::Int(1)), number(8))), false);
    check(&above.clone().and(less(sum(number(0), Expr::Int(2)), number(8))), true);
    check(&above.not().or(less(sum(number(0), Expr::Int(1)), number(8))), false);
    let same = Expr::Compare(Comparison::Equal, number(0).boxed(), Expr::Int(5).boxed());
    check(&same.clone().and(less(sum(number(0), Expr::Int(1)), number(8))), false);
    check(&same.not().and(less(sum(number(0), Expr::Int(1)), number(8))), true);
}

#[test]
fn sums_of_bounded_numbers_cannot_overflow() {
    let word = Bounds { min: 0, max: 65_535 };
    let bounds = BTreeMap::from([(key(&number(0)), word), (key(&number(8)), word)]);
    let wide = sum(sum(number(0), number(8)), Expr::Int(i64::MAX - 131_070));
    check_bounded(&less(wide, number(16)), &bounds, false);
    let wider = sum(sum(number(0), number(8)), Expr::Int(i64::MAX - 131_069));
    check_bounded(&less(wider, number(16)), &bounds, true);
    check_bounded(&less(sum(number(0), number(16)), number(8)), &bounds, true);
}

#[test]
fn the_day_of_a_bounded_time_exists() {
    let failure = Failure { error: EvalError::Extension, place: 1 };
    let day = Expr::ToDate(number(0).boxed(), Some(failure));
    let least = i64::MIN + 86_399_999;
    let bounds = |min| BTreeMap::from([(key(&number(0)), Bounds { min, max: i64::MAX })]);
    check_bounded(&less(day.clone(), number(8)), &bounds(least), false);
    check_bounded(&less(day, number(8)), &bounds(least - 1), true);
}

#[test]
fn proving_ends_where_it_would_take_too_long() {
    let far = |slot: u32| {
        let address = (0..40).fold(Expr::Slot(slot), |of, _| Expr::Directory(of.boxed()));
        less(Expr::LoadInt(address.boxed(), 0), Expr::Int(7))
    };
    let facts = (1..40).fold(has(0), |all, slot| all.and(far(slot)));
    let proven = |len: u32| {
        let set = || Expr::LoadBool(Expr::Context.boxed(), 1);
        let condition = (0..len).fold(facts.clone(), |all, _| all.and(set())).and(flag(0));
        let (proven, steps) = prove(condition, &BTreeMap::new());
        (proven.can_err(), steps)
    };
    let (can_err, steps) = proven(10);
    assert!(!can_err && steps < super::STEPS_MAX, "{steps}");
    let (can_err, steps) = crate::limits::on_own_stack(|| proven(5_000));
    assert!(can_err && steps < 2 * super::STEPS_MAX, "{steps}");
}
