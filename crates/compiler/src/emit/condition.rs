//! Conditions as code that gives 0 for false, 1 for true, else an error.

use std::collections::BTreeMap;

use trapkey_abi::{Handle, header};
use wasm_encoder::{BlockType, Function, ValType};

use super::code::{Code, Label};
use super::constants::Constants;
use super::cost::{Bound, Sizes};
use super::horizon::Speed;
use super::intrinsic::{Intrinsic, at};
use super::{Emission, signed};
use crate::ir::{Arithmetic, Comparison, Expr, Failure, Kind, Local};

const FRAME: u32 = 0;
/// Address of the response.
pub(super) const OUT: u32 = 1;

/// Bytes of a text that is compared word by word in place: longer ones take engines too long to
/// compile.
const INLINE_TEXT_BYTES_MAX: usize = 256;

/// Variables of a function that conditions are emitted into, and what is known while they are.
pub(super) struct Body<'d> {
    context: u32,
    data: &'d mut Constants,
    /// The first variable after the parameters.
    first: u32,
    /// Types of the variables.
    locals: Vec<ValType>,
    /// Variables that may be used again.
    free: Vec<(ValType, u32)>,
    bound: BTreeMap<Local, u32>,
    /// How the numbers in variables move.
    pub(super) speeds: BTreeMap<Local, Speed>,
    /// Where a failure goes, with the error's code as the condition's result.
    exit: Label,
    /// What is known of the sizes of the condition's values.
    sizes: Option<Sizes<'d>>,
    /// Of the loops and calls emitted so far.
    bounds: Vec<Bound>,
}

impl<'d> Body<'d> {
    /// A function of the frame, whose context row begins `context` bytes after it, and the response.
    pub(super) fn new(context: u32, data: &'d mut Constants) -> Self {
        let (locals, free, bound, speeds) =
            (Vec::new(), Vec::new(), BTreeMap::new(), BTreeMap::new());
        let exit = Code::default().label();
        let (sizes, bounds) = (None, Vec::new());
        Self { context, data, first: OUT + 1, locals, free, bound, speeds, exit, sizes, bounds }
    }

    /// Emits code that pushes 0 where `condition` is false, 1 where it is true, else an error; a
    /// failure leaves `code`'s last label.
    pub(super) fn condition(&mut self, condition: &Expr, sizes: Sizes<'d>, code: &mut Code) {
        self.exit = code.label();
        self.sizes = Some(sizes);
        self.expr(condition, code);
    }

    /// The function of `code`.
    pub(super) fn finish(self, code: Code) -> Emission {
        let locals = self.locals.len();
        let mut function = Function::new_with_locals_types(self.locals);
        function.raw(code.finish());
        Emission { function, locals, bounds: self.bounds }
    }

    pub(super) fn take(&mut self, ty: ValType) -> u32 {
        if let Some(position) = self.free.iter().position(|(free, _)| *free == ty) {
            return self.free.swap_remove(position).1;
        }
        let local = u32::try_from(self.locals.len()).unwrap_or(u32::MAX);
        self.locals.push(ty);
        self.first.saturating_add(local)
    }

    pub(super) fn give(&mut self, ty: ValType, local: u32) {
        self.free.push((ty, local));
    }

    /// Notes what the loop or call that is emitted next for `expr` does at most.
    fn note(&mut self, expr: &Expr) {
        let bound = self.sizes.as_ref().and_then(|sizes| sizes.bound(expr));
        self.bounds.extend(bound);
    }

    /// Emits code that pushes the value.
    pub(super) fn expr(&mut self, expr: &Expr, code: &mut Code) {
        match expr {
            Expr::Bool(value) => {
                code.i32_const(i32::from(*value));
            }
            Expr::Int(value) => {
                code.i64_const(*value);
            }
            Expr::Data(bytes) => {
                let address = self.data.address(bytes);
                code.i32_const(signed(address));
            }
            Expr::Frame => {
                code.local_get(FRAME);
            }
            Expr::Context => {
                code.local_get(FRAME).i32_const(signed(self.context)).i32_add();
            }
            Expr::Local(local, _) => {
                code.local_get(self.bound.get(local).copied().unwrap_or(FRAME));
            }
            Expr::Slot(_) | Expr::Directory(_) | Expr::Present(..) | Expr::Offset(..) => {
                self.address(expr, code);
            }
            Expr::LoadBool(base, offset) => {
                let offset = self.base(base, *offset, code);
                code.i32_load8_u(at(offset, 0));
            }
            Expr::LoadInt(base, offset) => {
                let offset = self.base(base, *offset, code);
                code.i64_load(at(offset, 3));
            }
            Expr::Clock(number, _) => self.expr(number, code),
            Expr::Let(..) | Expr::Then(..) | Expr::If(..) | Expr::Any(..) => {
                self.control(expr, code);
            }
            Expr::Not(_) | Expr::And(..) | Expr::Or(..) | Expr::Compare(..) => {
                self.logic(expr, code);
            }
            Expr::Arithmetic(op, a, b, failure) => {
                self.arithmetic((*op, self.speed(expr)), (a, b), *failure, code);
            }
            Expr::Time(time, value) => self.time(*time, value, code),
            Expr::ToDate(value, failure) => self.start_of_day(value, *failure, code),
            Expr::IsPresent(_)
            | Expr::SameEntity(..)
            | Expr::IsEntity(..)
            | Expr::SameString(..)
            | Expr::IsString(..)
            | Expr::SameIp(..)
            | Expr::InRange(..)
            | Expr::Like(..)
            | Expr::Count(_)
            | Expr::HasEntity(..)
            | Expr::HasInt(..)
            | Expr::HasString(..)
            | Expr::Tag(..) => self.test(expr, code),
        }
    }

    /// Pushes a base address; gives the constant offset to load at.
    fn base(&mut self, base: &Expr, offset: u32, code: &mut Code) -> u32 {
        if *base == Expr::Context {
            code.local_get(FRAME);
            return offset.saturating_add(self.context);
        }
        self.expr(base, code);
        offset
    }

    fn address(&mut self, expr: &Expr, code: &mut Code) {
        match expr {
            Expr::Slot(slot) => {
                let local = self.take(ValType::I32);
                code.local_get(FRAME).i32_load(at(slot_offset(*slot), 2)).local_tee(local);
                code.local_get(FRAME).i32_add().i32_const(0).local_get(local).select();
                self.give(ValType::I32, local);
            }
            Expr::Present(row, None) => {
                if let Expr::Slot(slot) = **row {
                    code.local_get(FRAME).i32_load(at(slot_offset(slot), 2));
                    code.local_get(FRAME).i32_add();
                } else {
                    self.expr(row, code);
                }
            }
            Expr::Present(row, Some(failure)) => {
                let local = self.take(ValType::I32);
                if let Expr::Slot(slot) = **row {
                    code.local_get(FRAME).i32_load(at(slot_offset(slot), 2));
                } else {
                    self.expr(row, code);
                }
                code.local_tee(local).i32_eqz().if_(BlockType::Empty);
                code.i32_const(code_of(*failure)).leave(self.exit).end().local_get(local);
                if matches!(**row, Expr::Slot(_)) {
                    code.local_get(FRAME).i32_add();
                }
                self.give(ValType::I32, local);
            }
            Expr::Directory(handle) => {
                let local = self.take(ValType::I32);
                self.expr(handle, code);
                code.local_set(local).local_get(FRAME);
                push_handle(local, code);
                self.note(expr);
                code.call(Intrinsic::Directory.index());
                self.give(ValType::I32, local);
            }
            Expr::Offset(base, offset) => {
                let offset = self.base(base, *offset, code);
                code.i32_const(signed(offset)).i32_add();
            }
            other => self.expr(other, code),
        }
    }

    fn control(&mut self, expr: &Expr, code: &mut Code) {
        match expr {
            Expr::Let(local, value, body) => {
                let ty = value_type(value.kind());
                if value.kind() == Kind::Int {
                    self.speeds.insert(*local, self.speed(value));
                }
                self.expr(value, code);
                let slot = self.take(ty);
                code.local_set(slot);
                self.bound.insert(*local, slot);
                self.expr(body, code);
                self.bound.remove(local);
                self.speeds.remove(local);
                self.give(ty, slot);
            }
            Expr::Then(first, value) => {
                self.expr(first, code);
                code.drop();
                self.expr(value, code);
            }
            Expr::If(test, yes, no) => {
                self.expr(test, code);
                code.if_(BlockType::Result(value_type(yes.kind())));
                self.expr(yes, code);
                code.else_();
                self.expr(no, code);
                code.end();
            }
            Expr::Any(set, step, local, body) => self.any(expr, (set, *step), (*local, body), code),
            other => self.expr(other, code),
        }
    }

    /// A loop over the set's elements; an error in the body returns from the function.
    fn any(
        &mut self,
        expr: &Expr,
        (set, step): (&Expr, u32),
        (local, body): (Local, &Expr),
        code: &mut Code,
    ) {
        let (p, end, found) =
            (self.take(ValType::I32), self.take(ValType::I32), self.take(ValType::I32));
        self.expr(set, code);
        code.local_tee(p).local_get(p).i32_load(at(0, 2)).i32_add();
        code.local_get(p).i32_load(at(4, 2)).i32_const(signed(step)).i32_mul().local_set(end);
        code.local_tee(p).local_get(end).i32_add().local_set(end);
        code.i32_const(0).local_set(found);
        self.note(expr);
        code.block(BlockType::Empty).loop_(BlockType::Empty);
        code.local_get(p).local_get(end).i32_ge_u().br_if(1);
        self.bound.insert(local, p);
        self.expr(body, code);
        self.bound.remove(&local);
        code.local_tee(found).br_if(1);
        code.local_get(p).i32_const(signed(step)).i32_add().local_set(p).br(0);
        code.end().end().local_get(found);
        for local in [p, end, found] {
            self.give(ValType::I32, local);
        }
    }

    fn logic(&mut self, expr: &Expr, code: &mut Code) {
        match expr {
            Expr::Not(value) => {
                self.expr(value, code);
                code.i32_eqz();
            }
            Expr::And(a, b) => {
                self.expr(a, code);
                code.if_(BlockType::Result(ValType::I32));
                self.expr(b, code);
                code.else_().i32_const(0).end();
            }
            Expr::Or(a, b) => {
                self.expr(a, code);
                code.if_(BlockType::Result(ValType::I32)).i32_const(1).else_();
                self.expr(b, code);
                code.end();
            }
            Expr::Compare(comparison, a, b) => self.compare(*comparison, (a, b), code),
            other => self.expr(other, code),
        }
    }

    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        (a, b): (&Expr, &Expr),
        code: &mut Code,
    ) {
        if self.compares_moving(comparison, (a, b), code) {
            return;
        }
        self.expr(a, code);
        self.expr(b, code);
        match (comparison, a.kind()) {
            (Comparison::Equal, Kind::Int) => code.i64_eq(),
            (Comparison::Equal, Kind::Bool | Kind::Address) => code.i32_eq(),
            (Comparison::Less, _) => code.i64_lt_s(),
            (Comparison::LessOrEqual, _) => code.i64_le_s(),
        };
    }

    fn arithmetic(
        &mut self,
        (op, speed): (Arithmetic, Speed),
        (a, b): (&Expr, &Expr),
        failure: Option<Failure>,
        code: &mut Code,
    ) {
        self.expr(a, code);
        let Some(failure) = failure else {
            self.expr(b, code);
            match op {
                Arithmetic::Add => code.i64_add(),
                Arithmetic::Subtract => code.i64_sub(),
                Arithmetic::Multiply => code.i64_mul(),
            };
            return;
        };
        let x = self.take(ValType::I64);
        code.local_set(x);
        self.expr(b, code);
        let (y, result) = (self.take(ValType::I64), self.take(ValType::I64));
        code.local_set(y);
        match op {
            // A sum overflows if its sign differs from both operands'.
            Arithmetic::Add => {
                code.local_get(x).local_get(y).i64_add().local_tee(result);
                code.local_get(x).i64_xor().local_get(result).local_get(y).i64_xor().i64_and();
                code.i64_const(0).i64_lt_s();
            }
            // A difference overflows if the operands' signs differ and its sign is not the first's.
            Arithmetic::Subtract => {
                code.local_get(x).local_get(y).i64_sub().local_tee(result);
                code.local_get(x).i64_xor().local_get(x).local_get(y).i64_xor().i64_and();
                code.i64_const(0).i64_lt_s();
            }
            Arithmetic::Multiply => {
                code.local_get(x).local_get(y).i64_mul().local_set(result);
                code.local_get(x).local_get(y).call(Intrinsic::ProductOverflows.index());
            }
        }
        code.if_(BlockType::Empty);
        self.fail(failure, speed, code);
        Self::drift(speed, result, code);
        for local in [x, y, result] {
            self.give(ValType::I64, local);
        }
    }

    /// Leaves with a failure of what moves so, and ends the branch.
    pub(super) fn fail(&self, failure: Failure, speed: Speed, code: &mut Code) {
        if speed != Some(0) {
            Self::ends_now(code);
        }
        code.i32_const(code_of(failure)).leave(self.exit).end();
    }

    fn test(&mut self, expr: &Expr, code: &mut Code) {
        match expr {
            Expr::IsPresent(row) => {
                if let Expr::Slot(slot) = **row {
                    code.local_get(FRAME).i32_load(at(slot_offset(slot), 2));
                } else {
                    self.expr(row, code);
                }
                code.i32_const(0).i32_ne();
            }
            Expr::SameEntity(a, b) => self.same_words(2, a, b, code),
            Expr::SameIp(a, b) => self.same_words(3, a, b, code),
            Expr::IsEntity(a, handle) => self.is_entity(a, *handle, code),
            Expr::IsString(a, text) if text.len() > INLINE_TEXT_BYTES_MAX => {
                self.expr(a, code);
                let address = self.data.address(&encode_text(text));
                self.note(expr);
                code.i32_const(signed(address)).call(Intrinsic::SameString.index());
            }
            Expr::IsString(a, text) => self.is_string(a, text, code),
            Expr::SameString(a, b) => self.call(Intrinsic::SameString, expr, (a, b), code),
            Expr::InRange(a, b) => self.call(Intrinsic::InRange, expr, (a, b), code),
            Expr::HasInt(a, b) => {
                if self.speed(b) != Some(0) {
                    Self::ends_now(code);
                }
                self.call(Intrinsic::HasInt, expr, (a, b), code);
            }
            Expr::HasString(a, b) => self.call(Intrinsic::HasString, expr, (a, b), code),
            Expr::HasEntity(set, handle) => {
                self.expr(set, code);
                self.handle(handle, code);
                self.note(expr);
                code.call(Intrinsic::HasEntity.index());
            }
            Expr::Like(text, pattern) => {
                self.expr(text, code);
                let address = self.data.address(&encode_pattern(pattern));
                self.note(expr);
                code.i32_const(signed(address)).call(Intrinsic::Like.index());
            }
            Expr::Count(set) => {
                let offset = self.base_of(set, 4, code);
                code.i64_load32_u(at(offset, 2));
            }
            Expr::Tag(table, step, key) => {
                self.expr(table, code);
                code.i32_const(signed(*step));
                self.expr(key, code);
                self.note(expr);
                code.call(Intrinsic::Tag.index());
            }
            other => self.expr(other, code),
        }
    }

    /// Like `base`, through an offset that the address itself may carry.
    fn base_of(&mut self, address: &Expr, offset: u32, code: &mut Code) -> u32 {
        match address {
            Expr::Offset(base, first) => self.base(base, first.saturating_add(offset), code),
            base => self.base(base, offset, code),
        }
    }

    fn call(&mut self, intrinsic: Intrinsic, expr: &Expr, (a, b): (&Expr, &Expr), code: &mut Code) {
        self.expr(a, code);
        self.expr(b, code);
        self.note(expr);
        code.call(intrinsic.index());
    }

    fn same_words(&mut self, words: u32, a: &Expr, b: &Expr, code: &mut Code) {
        let (x, y) = (self.take(ValType::I32), self.take(ValType::I32));
        self.expr(a, code);
        code.local_set(x);
        self.expr(b, code);
        code.local_set(y);
        for word in 0..words {
            code.local_get(x).i64_load(at(word * 8, 3));
            code.local_get(y).i64_load(at(word * 8, 3)).i64_xor();
            if word > 0 {
                code.i64_or();
            }
        }
        code.i64_eqz();
        self.give(ValType::I32, x);
        self.give(ValType::I32, y);
    }

    fn is_entity(&mut self, a: &Expr, handle: Handle, code: &mut Code) {
        let local = self.take(ValType::I32);
        let offset = self.base_of(a, 0, code);
        code.local_tee(local).i64_load(at(offset, 3));
        code.i64_const(handle.low.cast_signed()).i64_xor();
        code.local_get(local).i64_load(at(offset.saturating_add(8), 3));
        code.i64_const(handle.high.cast_signed()).i64_xor().i64_or().i64_eqz();
        self.give(ValType::I32, local);
    }

    /// One comparison of lengths, then whole words of the text.
    fn is_string(&mut self, a: &Expr, text: &str, code: &mut Code) {
        let local = self.take(ValType::I32);
        self.expr(a, code);
        let len = i32::try_from(text.len()).unwrap_or(i32::MAX);
        code.local_tee(local).i32_load(at(4, 2)).i32_const(len).i32_eq();
        if !text.is_empty() {
            code.if_(BlockType::Result(ValType::I32));
            code.local_get(local).local_get(local).i32_load(at(0, 2)).i32_add().local_set(local);
            for (index, word) in text.as_bytes().chunks(8).enumerate() {
                let mut bytes = [0; 8];
                for (target, source) in bytes.iter_mut().zip(word) {
                    *target = *source;
                }
                let offset = u32::try_from(index * 8).unwrap_or(u32::MAX);
                code.local_get(local).i64_load(at(offset, 3));
                code.i64_const(i64::from_le_bytes(bytes)).i64_xor();
                if index > 0 {
                    code.i64_or();
                }
            }
            code.i64_eqz().else_().i32_const(0).end();
        }
        self.give(ValType::I32, local);
    }

    /// Pushes the two words of the handle at an address.
    fn handle(&mut self, handle: &Expr, code: &mut Code) {
        if let Expr::Data(bytes) = handle
            && let Ok(bytes) = bytes.as_slice().try_into()
        {
            let handle = Handle::from_bytes(bytes);
            code.i64_const(handle.low.cast_signed()).i64_const(handle.high.cast_signed());
        } else {
            let local = self.take(ValType::I32);
            self.expr(handle, code);
            code.local_set(local);
            push_handle(local, code);
            self.give(ValType::I32, local);
        }
    }
}

fn push_handle(local: u32, code: &mut Code) {
    code.local_get(local).i64_load(at(0, 3)).local_get(local).i64_load(at(8, 3));
}

fn slot_offset(slot: u32) -> u32 {
    let slots = u32::try_from(header::SLOTS).unwrap_or(u32::MAX);
    slots.saturating_add(slot.saturating_mul(4))
}

/// What a condition returns when it fails.
fn code_of(failure: Failure) -> i32 {
    signed(u32::from(failure.error.code()) << 8 | u32::from(failure.place) << 16)
}

fn value_type(kind: Kind) -> ValType {
    match kind {
        Kind::Bool | Kind::Address => ValType::I32,
        Kind::Int => ValType::I64,
    }
}

/// A descriptor and the content behind it.
fn encode_text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + 8);
    for word in [8, text.len()] {
        let word = u32::try_from(word).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// Parts and wildcards as [`Intrinsic::Like`] reads them.
fn encode_pattern(pattern: &[Option<String>]) -> Vec<u8> {
    let parts: Vec<&String> = pattern.iter().flatten().collect();
    let is_wild = |part: Option<&Option<String>>| u32::from(matches!(part, Some(None)));
    let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    for word in [count, is_wild(pattern.first()), is_wild(pattern.last()), 0] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    let mut content = bytes.len() + parts.len() * 8;
    for (index, part) in parts.iter().enumerate() {
        let distance = content - (16 + index * 8);
        for word in [distance, part.len()] {
            let word = u32::try_from(word).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        content += part.len();
    }
    for part in parts {
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}
