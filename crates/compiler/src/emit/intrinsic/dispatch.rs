//! Calls of candidates by the handle of an entity, and by those of a set of ancestors.

use wasm_encoder::{BlockType, Function, ValType};

use super::{Intrinsic, at};
use crate::emit::dispatch::ENTRY;
use crate::emit::signed;

/// Index of the type of functions that evaluate candidates.
const EVALUATE: u32 = 0;

const FRAME: u32 = 0;
const OUT: u32 = 1;
const TABLE: u32 = 2;
const MASK: u32 = 3;
const SHIFT: u32 = 4;

/// A table ends with a free entry, where a search for what is not in it ends at the latest.
pub(super) fn dispatch() -> Function {
    const LOW: u32 = 5;
    const HIGH: u32 = 6;
    const P: u32 = 7;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(LOW).local_get(SHIFT).i64_shr_u().i32_wrap_i64().local_get(MASK).i32_and();
    code.i32_const(signed(ENTRY)).i32_mul().local_get(TABLE).i32_add().local_set(P);
    code.loop_(BlockType::Empty);
    code.local_get(P).i64_load(at(0, 3)).local_get(LOW).i64_eq();
    code.local_get(P).i64_load(at(8, 3)).local_get(HIGH).i64_eq().i32_and();
    code.if_(BlockType::Empty);
    // No entity's handle is that of a free entry, but a frame may say so.
    code.local_get(LOW).local_get(HIGH).i64_or().i64_eqz().if_(BlockType::Empty).return_().end();
    code.local_get(FRAME).local_get(OUT).local_get(P).i32_load(at(16, 2));
    code.call_indirect(0, EVALUATE).return_().end();
    code.local_get(P).i64_load(at(0, 3)).local_get(P).i64_load(at(8, 3)).i64_or().i64_eqz();
    code.if_(BlockType::Empty).return_().end();
    code.local_get(P).i32_const(signed(ENTRY)).i32_add().local_set(P).br(0).end();
    code.end();
    function
}

pub(super) fn dispatch_set() -> Function {
    const SET: u32 = 5;
    const P: u32 = 6;
    const END: u32 = 7;
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(SET).local_get(SET).i32_load(at(0, 2)).i32_add().local_tee(P);
    code.local_get(SET).i32_load(at(4, 2)).i32_const(16).i32_mul().i32_add().local_set(END);
    code.loop_(BlockType::Empty);
    code.local_get(P).local_get(END).i32_ge_u().if_(BlockType::Empty).return_().end();
    code.local_get(FRAME).local_get(OUT);
    code.local_get(TABLE).local_get(MASK).local_get(SHIFT);
    code.local_get(P).i64_load(at(0, 3)).local_get(P).i64_load(at(8, 3));
    code.call(Intrinsic::Dispatch.index());
    code.local_get(P).i32_const(16).i32_add().local_set(P).br(0).end();
    code.end();
    function
}
