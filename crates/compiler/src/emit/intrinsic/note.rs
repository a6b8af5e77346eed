//! Appending to the response, and the test for an overflowing product.

use trapkey_abi::response::fields;
use wasm_encoder::{BlockType, Function, ValType};

use super::at;
use crate::emit::signed;

/// A result is 1 for satisfied, else an error's code shifted by 8 and its place by 16.
pub(super) fn note() -> Function {
    const OUT: u32 = 0;
    const POLICY: u32 = 1;
    const CLASS: u32 = 2;
    const RESULT: u32 = 3;
    const ENTRY: u32 = 4;
    const FLAG: u32 = 5;
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(OUT).local_get(OUT).i32_load(at(fields::COUNT, 2));
    code.i32_const(signed(fields::ENTRY)).i32_mul().i32_add().local_tee(ENTRY);
    code.local_get(POLICY).i32_store(at(fields::ENTRIES, 2));
    code.local_get(ENTRY).local_get(CLASS);
    code.i32_const(0).local_get(RESULT).local_get(RESULT).i32_const(1).i32_eq().select();
    code.i32_or().i32_store(at(fields::ENTRIES + 4, 2));
    code.local_get(RESULT).i32_const(1).i32_eq().if_(BlockType::Result(ValType::I32));
    // FLAG_PERMIT and FLAG_FORBID are 1 shifted by the class; observed classes set nothing.
    code.i32_const(1).local_get(CLASS).i32_shl().i32_const(0);
    code.local_get(CLASS).i32_const(signed(fields::CLASS_OBSERVED)).i32_lt_u().select();
    code.else_();
    code.i32_const(signed(fields::FLAG_FORBID_ERRED)).i32_const(0);
    code.local_get(CLASS).i32_const(signed(fields::CLASS_FORBID)).i32_eq().select();
    code.end().local_set(FLAG);
    code.local_get(OUT).local_get(OUT).i32_load(at(fields::FLAGS, 2));
    code.local_get(FLAG).i32_or().i32_store(at(fields::FLAGS, 2));
    code.local_get(OUT).local_get(OUT).i32_load(at(fields::COUNT, 2));
    code.i32_const(1).i32_add().i32_store(at(fields::COUNT, 2));
    code.end();
    function
}

/// A satisfied policy: its entry is a constant, and so is the flag that it sets.
pub(super) fn note_held() -> Function {
    const OUT: u32 = 0;
    const ENTRY: u32 = 1;
    const FLAG: u32 = 2;
    const COUNT: u32 = 3;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(OUT).i32_load(at(fields::COUNT, 2)).local_tee(COUNT);
    code.i32_const(signed(fields::ENTRY)).i32_mul().local_get(OUT).i32_add();
    code.local_get(ENTRY).i64_store(at(fields::ENTRIES, 3));
    code.local_get(OUT).local_get(OUT).i32_load(at(fields::FLAGS, 2));
    code.local_get(FLAG).i32_or().i32_store(at(fields::FLAGS, 2));
    code.local_get(OUT).local_get(COUNT).i32_const(1).i32_add().i32_store(at(fields::COUNT, 2));
    code.end();
    function
}

/// Division undoes the product unless it overflowed; -1 is apart, since it may trap.
pub(super) fn product_overflows() -> Function {
    const A: u32 = 0;
    const B: u32 = 1;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.local_get(B).i64_eqz().if_(BlockType::Empty).i32_const(0).return_().end();
    code.local_get(B).i64_const(-1).i64_eq().if_(BlockType::Empty);
    code.local_get(A).i64_const(i64::MIN).i64_eq().return_().end();
    code.local_get(A).local_get(B).i64_mul().local_get(B).i64_div_s().local_get(A).i64_ne();
    code.end();
    function
}
