//! The code of one function while it is emitted: instructions, and how many labels are open, so
//! that a failure in the middle of a condition finds the way out of it.

use wasm_encoder::{BlockType, InstructionSink, MemArg};

/// Instructions of a function.
#[derive(Default)]
pub(super) struct Code {
    bytes: Vec<u8>,
    /// Labels that are open: `br` with this number leaves the function.
    depth: u32,
}

/// A label of code that is being emitted.
#[derive(Clone, Copy)]
pub(super) struct Label(u32);

/// Instructions that open and close no label.
macro_rules! plain {
    ($($name:ident($($operand:ident: $ty:ty)?);)*) => {
        $(pub(super) fn $name(&mut self $(, $operand: $ty)?) -> &mut Self {
            InstructionSink::new(&mut self.bytes).$name($($operand)?);
            self
        })*
    };
}

impl Code {
    plain! {
        br_if(label: u32);
        call(function: u32);
        drop();
        else_();
        i32_add();
        i32_const(value: i32);
        i32_eq();
        i32_eqz();
        i32_ge_u();
        i32_load(from: MemArg);
        i32_load8_u(from: MemArg);
        i32_mul();
        i32_ne();
        i64_add();
        i64_and();
        i64_const(value: i64);
        i64_div_s();
        i64_eq();
        i64_eqz();
        i64_ge_s();
        i64_gt_s();
        i64_le_s();
        i64_load(from: MemArg);
        i64_load32_u(from: MemArg);
        i64_lt_s();
        i64_mul();
        i64_or();
        i64_rem_s();
        i64_store(to: MemArg);
        i64_sub();
        i64_xor();
        local_get(local: u32);
        local_set(local: u32);
        local_tee(local: u32);
        select();
        br(label: u32);
    }

    pub(super) fn block(&mut self, ty: BlockType) -> &mut Self {
        self.depth = self.depth.saturating_add(1);
        InstructionSink::new(&mut self.bytes).block(ty);
        self
    }

    pub(super) fn loop_(&mut self, ty: BlockType) -> &mut Self {
        self.depth = self.depth.saturating_add(1);
        InstructionSink::new(&mut self.bytes).loop_(ty);
        self
    }

    pub(super) fn if_(&mut self, ty: BlockType) -> &mut Self {
        self.depth = self.depth.saturating_add(1);
        InstructionSink::new(&mut self.bytes).if_(ty);
        self
    }

    /// Ends the label that was opened last.
    pub(super) fn end(&mut self) -> &mut Self {
        self.depth = self.depth.saturating_sub(1);
        InstructionSink::new(&mut self.bytes).end();
        self
    }

    /// The label that was opened last; the function itself if none is open.
    pub(super) fn label(&self) -> Label {
        Label(self.depth)
    }

    /// Leaves what `label` is the label of.
    pub(super) fn leave(&mut self, label: Label) -> &mut Self {
        self.br(self.depth.saturating_sub(label.0))
    }

    /// The bytes, with the end of the function.
    pub(super) fn finish(mut self) -> Vec<u8> {
        InstructionSink::new(&mut self.bytes).end();
        self.bytes
    }
}
