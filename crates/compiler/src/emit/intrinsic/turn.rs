//! Noting when what a response rests on may turn: each note lowers the response's remaining time.
//!
//! Speeds are milliseconds of a value for each millisecond of time, and never zero here.

use trapkey_abi::header;
use trapkey_abi::response::fields;
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use super::{Intrinsic, at};

const DAY: i64 = 86_400_000;

/// `(out, delta)`: the response holds for no longer than `delta`.
pub(super) fn turn() -> Function {
    const OUT: u32 = 0;
    const DELTA: u32 = 1;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(DELTA).local_get(OUT).i64_load(at(fields::REMAINING, 3)).i64_lt_u();
    code.if_(BlockType::Empty);
    code.local_get(OUT).local_get(DELTA).i64_store(at(fields::REMAINING, 3)).end();
    code.end();
    function
}

/// `(out, a, b, speed) -> a < b`, `speed` being that of `a` less that of `b`.
pub(super) fn less() -> Function {
    const OUT: u32 = 0;
    const A: u32 = 1;
    const B: u32 = 2;
    const SPEED: u32 = 3;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(A).local_get(B).i64_lt_s().if_(BlockType::Result(ValType::I32));
    // It turns when they meet: after the distance, rounded up.
    code.local_get(SPEED).i64_const(0).i64_gt_s().if_(BlockType::Empty);
    code.local_get(OUT).local_get(B).local_get(A).i64_sub().i64_const(1).i64_sub();
    code.local_get(SPEED).i64_div_u().i64_const(1).i64_add().call(Intrinsic::Turn.index()).end();
    code.i32_const(1).else_();
    // It turns when the first has fallen below: one step after the distance, rounded down.
    code.local_get(SPEED).i64_const(0).i64_lt_s().if_(BlockType::Empty);
    code.local_get(OUT).local_get(A).local_get(B).i64_sub();
    code.i64_const(0).local_get(SPEED).i64_sub().i64_div_u();
    code.i64_const(1).i64_add().call(Intrinsic::Turn.index()).end();
    code.i32_const(0).end().end();
    function
}

/// `(out, a, b, speed) -> a == b`, `speed` being that of `a` less that of `b`.
pub(super) fn same() -> Function {
    const OUT: u32 = 0;
    const A: u32 = 1;
    const B: u32 = 2;
    const SPEED: u32 = 3;
    const LEFT: u32 = 4;
    let mut function = Function::new([(1, ValType::I64)]);
    let mut code = function.instructions();
    code.local_get(A).local_get(B).i64_eq().if_(BlockType::Empty);
    code.local_get(OUT).i64_const(1).call(Intrinsic::Turn.index());
    code.i32_const(1).return_().end();
    // They meet only if they approach, and at an instant only if the distance is a multiple.
    code.local_get(A).local_get(B).i64_lt_s();
    code.local_get(SPEED).i64_const(0).i64_gt_s().i32_eq().if_(BlockType::Empty);
    code.local_get(B).local_get(A).i64_sub();
    code.i64_const(0).local_get(B).local_get(A).i64_sub().i64_sub();
    code.local_get(A).local_get(B).i64_lt_s().select().local_set(LEFT);
    absolute(&mut code, SPEED);
    code.local_get(LEFT).local_get(SPEED).i64_rem_u().i64_eqz().if_(BlockType::Empty);
    code.local_get(OUT).local_get(LEFT).local_get(SPEED).i64_div_u();
    code.call(Intrinsic::Turn.index()).end().end();
    code.i32_const(0).end();
    function
}

/// `(out, value, by, speed) -> value / by`, truncated toward zero.
pub(super) fn step() -> Function {
    const OUT: u32 = 0;
    const VALUE: u32 = 1;
    const BY: u32 = 2;
    const SPEED: u32 = 3;
    const WHOLE: u32 = 4;
    const REST: u32 = 5;
    let mut function = Function::new([(2, ValType::I64)]);
    let mut code = function.instructions();
    code.local_get(VALUE).local_get(BY).i64_div_s().local_set(WHOLE);
    code.local_get(VALUE).local_get(BY).i64_rem_s().local_set(REST);
    code.local_get(OUT);
    // The range of values with one quotient is open on the side away from zero.
    code.local_get(SPEED).i64_const(0).i64_gt_s().if_(BlockType::Result(ValType::I64));
    code.i64_const(1).local_get(BY).local_get(WHOLE).i64_const(0).i64_lt_s().select();
    code.local_get(REST).i64_sub().else_();
    code.i64_const(1).local_get(BY).local_get(WHOLE).i64_const(0).i64_gt_s().select();
    code.local_get(REST).i64_add().end();
    absolute(&mut code, SPEED);
    after(&mut code, SPEED);
    code.local_get(WHOLE).end();
    function
}

/// `(out, time, speed) -> time`, a time of day: it and its day last until midnight.
pub(super) fn midnight() -> Function {
    const OUT: u32 = 0;
    const TIME: u32 = 1;
    const SPEED: u32 = 2;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(OUT);
    code.local_get(SPEED).i64_const(0).i64_gt_s().if_(BlockType::Result(ValType::I64));
    code.i64_const(DAY).local_get(TIME).i64_sub().else_();
    code.local_get(TIME).i64_const(1).i64_add().end();
    absolute(&mut code, SPEED);
    after(&mut code, SPEED);
    code.local_get(TIME).end();
    function
}

/// `(out, value, speed) -> value`, which ends where it would leave 64 bits.
pub(super) fn drift() -> Function {
    const OUT: u32 = 0;
    const VALUE: u32 = 1;
    const SPEED: u32 = 2;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(OUT);
    code.local_get(SPEED).i64_const(0).i64_gt_s().if_(BlockType::Result(ValType::I64));
    code.i64_const(i64::MAX).local_get(VALUE).i64_sub().else_();
    code.local_get(VALUE).i64_const(i64::MIN).i64_sub().end();
    absolute(&mut code, SPEED);
    code.local_get(SPEED).i64_div_u().i64_const(1).i64_add().call(Intrinsic::Turn.index());
    code.local_get(VALUE).end();
    function
}

/// `(frame, out, end) -> i32`: whether the request's instant is known to be before `end`.
pub(super) fn is_before() -> Function {
    const FRAME: u32 = 0;
    const OUT: u32 = 1;
    const END: u32 = 2;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(FRAME).i32_load(at(CLOCK, 2)).i32_const(1).i32_and().i32_eqz();
    code.if_(BlockType::Empty).i32_const(0).return_().end();
    code.local_get(FRAME).i64_load(at(NOW, 3)).local_get(END).i64_ge_s();
    code.if_(BlockType::Empty).i32_const(0).return_().end();
    code.local_get(OUT).local_get(END).local_get(FRAME).i64_load(at(NOW, 3)).i64_sub();
    code.call(Intrinsic::Turn.index()).i32_const(1).end();
    function
}

const NOW: u32 = 72;
const CLOCK: u32 = 80;
const _: () = assert!(NOW as usize == header::NOW && CLOCK as usize == header::CLOCK);

/// Makes a speed positive.
fn absolute(code: &mut InstructionSink<'_>, speed: u32) {
    code.i64_const(0).local_get(speed).i64_sub().local_get(speed);
    code.local_get(speed).i64_const(0).i64_lt_s().select().local_set(speed);
}

/// Takes the response's address and a distance of at least 1; notes when it is covered.
fn after(code: &mut InstructionSink<'_>, speed: u32) {
    code.i64_const(1).i64_sub().local_get(speed).i64_div_u().i64_const(1).i64_add();
    code.call(Intrinsic::Turn.index());
}
