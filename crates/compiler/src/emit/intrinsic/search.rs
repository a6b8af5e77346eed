//! Searches in sets, tags and the directory, and the test of ip ranges.

use trapkey_abi::header;
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use super::{Intrinsic, at};
use crate::emit::signed;

const SET: u32 = 0;

/// Sets `p` to the content of the descriptor in local 0 and `end` to its end.
fn bounds(
    code: &mut InstructionSink<'_>,
    p: u32,
    end: u32,
    step: impl Fn(&mut InstructionSink<'_>),
) {
    code.local_get(SET).local_get(SET).i32_load(at(0, 2)).i32_add().local_tee(p);
    code.local_get(SET).i32_load(at(4, 2));
    step(code);
    code.i32_mul().i32_add().local_set(end);
}

/// Runs `body` for each element until it returns; the function's result is 0 if none did.
fn each(
    code: &mut InstructionSink<'_>,
    (p, end): (u32, u32),
    step: impl Fn(&mut InstructionSink<'_>),
    body: impl FnOnce(&mut InstructionSink<'_>),
) {
    bounds(code, p, end, &step);
    code.loop_(BlockType::Empty);
    code.local_get(p).local_get(end).i32_ge_u().if_(BlockType::Empty);
    code.i32_const(0).return_().end();
    body(code);
    code.local_get(p);
    step(code);
    code.i32_add().local_set(p).br(0).end();
    code.i32_const(0).end();
}

/// Elements that are looked at one after the other.
pub(in crate::emit) const SCANNED: u32 = 8;

/// Leaves in `p` and `count` at most [`SCANNED`] elements of the set in local 0, among them the one
/// that is looked for, if it is there: elements ascend. `is_at_most` pushes whether the element at
/// the local `mid` is at most that one.
fn narrow(
    code: &mut InstructionSink<'_>,
    [p, count, half, mid]: [u32; 4],
    step: u32,
    is_at_most: impl FnOnce(&mut InstructionSink<'_>, u32),
) {
    code.local_get(SET).local_get(SET).i32_load(at(0, 2)).i32_add().local_set(p);
    code.local_get(SET).i32_load(at(4, 2)).local_set(count);
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(count).i32_const(signed(SCANNED)).i32_le_u().br_if(1);
    code.local_get(count).i32_const(1).i32_shr_u().local_tee(half);
    code.i32_const(signed(step)).i32_mul().local_get(p).i32_add().local_set(mid);
    is_at_most(code, mid);
    code.if_(BlockType::Empty).local_get(mid).local_set(p);
    code.local_get(count).local_get(half).i32_sub().local_set(count);
    code.else_().local_get(half).local_set(count).end();
    code.br(0).end().end();
}

/// Runs `is_it` for each of the elements that [`narrow`] left; the function's result is whether it
/// pushed 1 for one of them.
fn scan(
    code: &mut InstructionSink<'_>,
    (p, count): (u32, u32),
    step: u32,
    is_it: impl FnOnce(&mut InstructionSink<'_>),
) {
    code.loop_(BlockType::Empty);
    code.local_get(count).i32_eqz().if_(BlockType::Empty).i32_const(0).return_().end();
    is_it(code);
    code.if_(BlockType::Empty).i32_const(1).return_().end();
    code.local_get(p).i32_const(signed(step)).i32_add().local_set(p);
    code.local_get(count).i32_const(1).i32_sub().local_set(count).br(0).end();
    code.i32_const(0).end();
}

pub(super) fn has_entity() -> Function {
    const LOW: u32 = 1;
    const HIGH: u32 = 2;
    const LOCALS: [u32; 4] = [3, 4, 5, 6];
    let mut function = Function::new([(4, ValType::I32)]);
    let mut code = function.instructions();
    narrow(&mut code, LOCALS, 16, |code, mid| {
        // By the high half, then by the low one.
        code.local_get(mid).i64_load(at(0, 3)).local_get(LOW).i64_le_u();
        code.local_get(mid).i64_load(at(8, 3)).local_get(HIGH).i64_lt_u();
        code.local_get(mid).i64_load(at(8, 3)).local_get(HIGH).i64_eq().select();
    });
    let [p, count, ..] = LOCALS;
    scan(&mut code, (p, count), 16, |code| {
        code.local_get(p).i64_load(at(0, 3)).local_get(LOW).i64_eq();
        code.local_get(p).i64_load(at(8, 3)).local_get(HIGH).i64_eq().i32_and();
    });
    function
}

pub(super) fn has_int() -> Function {
    const NUMBER: u32 = 1;
    const LOCALS: [u32; 4] = [2, 3, 4, 5];
    let mut function = Function::new([(4, ValType::I32)]);
    let mut code = function.instructions();
    narrow(&mut code, LOCALS, 8, |code, mid| {
        code.local_get(mid).i64_load(at(0, 3)).local_get(NUMBER).i64_le_s();
    });
    let [p, count, ..] = LOCALS;
    scan(&mut code, (p, count), 8, |code| {
        code.local_get(p).i64_load(at(0, 3)).local_get(NUMBER).i64_eq();
    });
    function
}

pub(super) fn has_string() -> Function {
    const TEXT: u32 = 1;
    const LOCALS: [u32; 4] = [2, 3, 4, 5];
    let mut function = Function::new([(4, ValType::I32)]);
    let mut code = function.instructions();
    narrow(&mut code, LOCALS, 8, |code, mid| {
        code.local_get(mid).local_get(TEXT).call(Intrinsic::IsAtMost.index());
    });
    let [p, count, ..] = LOCALS;
    scan(&mut code, (p, count), 8, |code| {
        code.local_get(p).local_get(TEXT).call(Intrinsic::SameString.index());
    });
    function
}

pub(super) fn tag() -> Function {
    let mut function = Function::new([(2, ValType::I32)]);
    let step = |code: &mut InstructionSink<'_>| {
        code.local_get(1);
    };
    each(&mut function.instructions(), (3, 4), step, |code| {
        code.local_get(3).local_get(2).call(Intrinsic::SameString.index());
        code.if_(BlockType::Empty).local_get(3).i32_const(8).i32_add().return_().end();
    });
    function
}

/// Entries are 24 bytes: handle, offset of the row from the frame's start, zero.
pub(super) fn directory() -> Function {
    const FRAME: u32 = 0;
    const P: u32 = 3;
    const END: u32 = 4;
    let offset = u32::try_from(header::DIRECTORY).unwrap_or(u32::MAX);
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(FRAME).local_get(FRAME).i32_load(at(offset, 2)).i32_add().local_tee(P);
    code.local_get(FRAME).i32_load(at(offset + 4, 2)).i32_const(24).i32_mul().i32_add();
    code.local_set(END).loop_(BlockType::Empty);
    code.local_get(P).local_get(END).i32_ge_u().if_(BlockType::Empty);
    code.i32_const(0).return_().end();
    code.local_get(P).i64_load(at(0, 3)).local_get(1).i64_eq();
    code.local_get(P).i64_load(at(8, 3)).local_get(2).i64_eq().i32_and();
    code.if_(BlockType::Empty);
    code.local_get(FRAME).local_get(P).i32_load(at(16, 2)).i32_add().return_().end();
    code.local_get(P).i32_const(24).i32_add().local_set(P).br(0).end();
    code.i32_const(0).end();
    function
}

/// A range lies in another if its prefix is at least as long and they agree in the other's.
pub(super) fn in_range() -> Function {
    const IP: u32 = 0;
    const RANGE: u32 = 1;
    const SHIFT: u32 = 2;
    const LOW: u32 = 3;
    const HIGH: u32 = 4;
    const PREFIX: u32 = 16;
    const V6: u32 = 17;
    let mut function = Function::new([(1, ValType::I32), (2, ValType::I64)]);
    let mut code = function.instructions();
    code.local_get(IP).i32_load8_u(at(V6, 0)).local_get(RANGE).i32_load8_u(at(V6, 0)).i32_ne();
    code.local_get(IP).i32_load8_u(at(PREFIX, 0)).local_get(RANGE).i32_load8_u(at(PREFIX, 0));
    code.i32_lt_u().i32_or().if_(BlockType::Empty).i32_const(0).return_().end();
    code.i32_const(128).i32_const(32).local_get(IP).i32_load8_u(at(V6, 0)).select();
    code.local_get(RANGE).i32_load8_u(at(PREFIX, 0)).i32_sub().local_set(SHIFT);
    for (offset, local) in [(0, LOW), (8, HIGH)] {
        code.local_get(IP).i64_load(at(offset, 3)).local_get(RANGE).i64_load(at(offset, 3));
        code.i64_xor().local_set(local);
    }
    code.local_get(SHIFT).i32_const(64).i32_lt_u().if_(BlockType::Empty);
    code.local_get(LOW).local_get(SHIFT).i64_extend_i32_u().i64_shr_u();
    code.local_get(HIGH).i64_or().i64_eqz().return_().end();
    // A shift by 128 leaves nothing to compare; Wasm would take it modulo 64.
    code.local_get(SHIFT).i32_const(128).i32_eq();
    code.local_get(HIGH).local_get(SHIFT).i32_const(64).i32_sub().i64_extend_i32_u();
    code.i64_shr_u().i64_eqz().i32_or();
    code.end();
    function
}
