//! Equality and pattern matching of strings.

use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use super::{Intrinsic, at};

/// Content is padded with zeros to whole words, so words are compared.
pub(super) fn same_string() -> Function {
    const A: u32 = 0;
    const B: u32 = 1;
    const LEN: u32 = 2;
    let mut function = Function::new([(1, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(A).i32_load(at(4, 2)).local_tee(LEN);
    code.local_get(B).i32_load(at(4, 2)).i32_ne().if_(BlockType::Empty);
    code.i32_const(0).return_().end();
    code.local_get(A).local_get(A).i32_load(at(0, 2)).i32_add().local_set(A);
    code.local_get(B).local_get(B).i32_load(at(0, 2)).i32_add().local_set(B);
    code.local_get(LEN).i32_const(7).i32_add().i32_const(-8).i32_and().local_set(LEN);
    code.loop_(BlockType::Empty);
    code.local_get(LEN).i32_eqz().if_(BlockType::Empty).i32_const(1).return_().end();
    code.local_get(A).i64_load(at(0, 3)).local_get(B).i64_load(at(0, 3)).i64_ne();
    code.if_(BlockType::Empty).i32_const(0).return_().end();
    advance(&mut code, &[A, B], 8);
    code.local_get(LEN).i32_const(8).i32_sub().local_set(LEN).br(0).end();
    code.i32_const(0).end();
    function
}

pub(super) fn same_bytes() -> Function {
    const A: u32 = 0;
    const B: u32 = 1;
    const LEN: u32 = 2;
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.loop_(BlockType::Empty);
    code.local_get(LEN).i32_eqz().if_(BlockType::Empty).i32_const(1).return_().end();
    code.local_get(A).i32_load8_u(at(0, 0)).local_get(B).i32_load8_u(at(0, 0)).i32_ne();
    code.if_(BlockType::Empty).i32_const(0).return_().end();
    advance(&mut code, &[A, B], 1);
    code.local_get(LEN).i32_const(1).i32_sub().local_set(LEN).br(0).end();
    code.i32_const(0).end();
    function
}

fn advance(code: &mut InstructionSink<'_>, locals: &[u32], step: i32) {
    for local in locals {
        code.local_get(*local).i32_const(step).i32_add().local_set(*local);
    }
}

/// Whether a string is at most another, by bytes and then by length: content is padded with zeros
/// to whole words, so words are compared, and in the first two that differ the first byte.
pub(super) fn is_at_most() -> Function {
    const A: u32 = 0;
    const B: u32 = 1;
    const P: u32 = 2;
    const Q: u32 = 3;
    const LEFT: u32 = 4;
    const X: u32 = 5;
    const Y: u32 = 6;
    const SHIFT: u32 = 7;
    let mut function = Function::new([(3, ValType::I32), (3, ValType::I64)]);
    let mut code = function.instructions();
    for (text, content) in [(A, P), (B, Q)] {
        code.local_get(text).local_get(text).i32_load(at(0, 2)).i32_add().local_set(content);
    }
    // Bytes of the shorter one, rounded up to words.
    for text in [A, B] {
        code.local_get(text).i32_load(at(4, 2));
    }
    for text in [A, B] {
        code.local_get(text).i32_load(at(4, 2));
    }
    code.i32_lt_u().select().i32_const(7).i32_add().i32_const(-8).i32_and().local_set(LEFT);
    code.block(BlockType::Empty).loop_(BlockType::Empty);
    code.local_get(LEFT).i32_eqz().br_if(1);
    code.local_get(P).i64_load(at(0, 3)).local_set(X);
    code.local_get(Q).i64_load(at(0, 3)).local_tee(Y).local_get(X).i64_ne();
    code.if_(BlockType::Empty);
    code.local_get(X).local_get(Y).i64_xor().i64_ctz().i64_const(-8).i64_and().local_set(SHIFT);
    for word in [X, Y] {
        code.local_get(word).local_get(SHIFT).i64_shr_u().i64_const(0xff).i64_and();
    }
    code.i64_lt_u().return_().end();
    for content in [P, Q] {
        code.local_get(content).i32_const(8).i32_add().local_set(content);
    }
    code.local_get(LEFT).i32_const(8).i32_sub().local_set(LEFT).br(0).end().end();
    code.local_get(A).i32_load(at(4, 2)).local_get(B).i32_load(at(4, 2)).i32_le_u();
    code.end();
    function
}

/// The pattern in the data: number of parts, whether it begins with a wildcard, whether it ends
/// with one, zero; then the descriptors of the parts, between which there are wildcards.
///
/// Each part in turn is matched as early as possible; UTF-8 never matches across characters.
pub(super) fn like() -> Function {
    let mut function = Function::new([(5, ValType::I32)]);
    let mut code = function.instructions();
    start(&mut code);
    anchored_start(&mut code);
    anchored_end(&mut code);
    floating(&mut code);
    function
}

const TEXT: u32 = 0;
const PATTERN: u32 = 1;
const END: u32 = 2;
const PART: u32 = 3;
const COUNT: u32 = 4;
const LEN: u32 = 5;
const CONTENT: u32 = 6;

/// `TEXT` becomes the first byte, `END` one past the last, `PART` the first descriptor.
fn start(code: &mut InstructionSink<'_>) {
    code.local_get(TEXT).local_get(TEXT).i32_load(at(0, 2)).i32_add();
    code.local_get(TEXT).i32_load(at(4, 2)).local_set(END).local_tee(TEXT);
    code.local_get(END).i32_add().local_set(END);
    code.local_get(PATTERN).i32_const(16).i32_add().local_set(PART);
    code.local_get(PATTERN).i32_load(at(0, 2)).local_set(COUNT);
}

/// Loads length and content of the descriptor whose address is on the stack.
fn part(code: &mut InstructionSink<'_>) {
    code.local_tee(CONTENT).i32_load(at(4, 2)).local_set(LEN);
    code.local_get(CONTENT).local_get(CONTENT).i32_load(at(0, 2)).i32_add().local_set(CONTENT);
}

fn fail_if_longer_than_rest(code: &mut InstructionSink<'_>) {
    code.local_get(END).local_get(TEXT).i32_sub().local_get(LEN).i32_lt_u();
    code.if_(BlockType::Empty).i32_const(0).return_().end();
}

fn anchored_start(code: &mut InstructionSink<'_>) {
    code.local_get(PATTERN).i32_load(at(4, 2)).i32_eqz().if_(BlockType::Empty);
    code.local_get(PART);
    part(code);
    fail_if_longer_than_rest(code);
    code.local_get(TEXT).local_get(CONTENT).local_get(LEN).call(Intrinsic::SameBytes.index());
    code.i32_eqz().if_(BlockType::Empty).i32_const(0).return_().end();
    code.local_get(TEXT).local_get(LEN).i32_add().local_set(TEXT);
    code.local_get(PART).i32_const(8).i32_add().local_set(PART);
    code.local_get(COUNT).i32_const(1).i32_sub().local_set(COUNT).end();
}

fn anchored_end(code: &mut InstructionSink<'_>) {
    code.local_get(PATTERN).i32_load(at(8, 2)).i32_eqz().if_(BlockType::Empty);
    code.local_get(COUNT).i32_const(1).i32_sub().local_tee(COUNT);
    code.i32_const(8).i32_mul().local_get(PART).i32_add();
    part(code);
    fail_if_longer_than_rest(code);
    code.local_get(END).local_get(LEN).i32_sub().local_tee(END);
    code.local_get(CONTENT).local_get(LEN).call(Intrinsic::SameBytes.index());
    code.i32_eqz().if_(BlockType::Empty).i32_const(0).return_().end().end();
}

fn floating(code: &mut InstructionSink<'_>) {
    code.loop_(BlockType::Empty);
    code.local_get(COUNT).i32_eqz().if_(BlockType::Empty).i32_const(1).return_().end();
    code.local_get(PART);
    part(code);
    code.loop_(BlockType::Empty);
    fail_if_longer_than_rest(code);
    code.local_get(TEXT).local_get(CONTENT).local_get(LEN).call(Intrinsic::SameBytes.index());
    code.i32_eqz().if_(BlockType::Empty);
    advance(code, &[TEXT], 1);
    code.br(1).end().end();
    code.local_get(TEXT).local_get(LEN).i32_add().local_set(TEXT);
    advance(code, &[PART], 8);
    code.local_get(COUNT).i32_const(1).i32_sub().local_set(COUNT).br(0).end();
    code.i32_const(0).end();
}
