//! Short copies without leaving WebAssembly.
//!
//! V8 runs `memory.copy` and `memory.fill` outside of WebAssembly, which costs more than most copies: those of a few
//! bytes. Here they become calls of two functions that move up to 64 bytes by themselves.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, Function, FunctionSection, InstructionSink, MemArg, Module,
    TypeSection, ValType,
};
use wasmparser::{Operator, Parser, Payload, TypeRef};

use crate::LinkError;

/// The module with functions in place of what copies and fills memory. Where nothing is copied to an address outside of
/// memory, it does not trap.
///
/// # Errors
///
/// [`LinkError::Module`]
pub fn with_short_copies(module: &[u8]) -> Result<Vec<u8>, LinkError> {
    let unreadable = |source| LinkError::Module { module: "guest", source };
    let mut copies = Copies { ty: 0, copy: functions(module).map_err(unreadable)? };
    let mut encoded = Module::new();
    copies.parse_core_module(&mut encoded, Parser::new(0), module).map_err(unreadable)?;
    Ok(encoded.finish())
}

/// How many functions a module has, with those that it imports.
fn functions(module: &[u8]) -> Result<u32, Error> {
    let mut count = 0_u32;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    count = count.saturating_add(matches!(import?.ty, TypeRef::Func(_)).into());
                }
            }
            Payload::FunctionSection(functions) => count = count.saturating_add(functions.count()),
            _ => {}
        }
    }
    Ok(count)
}

/// The functions that are added: one that copies, then one that fills; both have one type.
struct Copies {
    ty: u32,
    copy: u32,
}

impl Reencode for Copies {
    type Error = Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_type_section(self, types, section)?;
        self.ty = types.len();
        types.ty().function([ValType::I32; 3], []);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.ty).function(self.ty);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        code.function(&copy()).function(&fill());
        Ok(())
    }

    fn instruction<'a>(
        &mut self,
        operator: Operator<'a>,
    ) -> Result<wasm_encoder::Instruction<'a>, Error> {
        match operator {
            Operator::MemoryCopy { dst_mem: 0, src_mem: 0 } => {
                Ok(wasm_encoder::Instruction::Call(self.copy))
            }
            Operator::MemoryFill { mem: 0 } => {
                Ok(wasm_encoder::Instruction::Call(self.copy.saturating_add(1)))
            }
            other => utils::instruction(self, other),
        }
    }
}

/// Parameters of both functions: where to, from where or what, how many bytes.
const TARGET: u32 = 0;
const SOURCE: u32 = 1;
const LEN: u32 = 2;

/// Where what is moved from the end begins.
const END: u32 = 3;

/// What is moved: eight words.
const WORDS: u32 = 4;

/// Bytes at most, and how they are moved: so many words of so many bytes from the start, and as many from the end.
const STEPS: [(i32, u32, u8); 5] = [(3, 1, 2), (7, 1, 4), (16, 1, 8), (32, 2, 8), (64, 4, 8)];

/// Reads everything before it writes, so that source and target may overlap.
fn copy() -> Function {
    let mut function = Function::new([(1, ValType::I32), (8, ValType::I64)]);
    let mut code = function.instructions();
    one(&mut code, |code| {
        code.local_get(SOURCE).i32_load8_u(at(0));
    });
    for (most, words, width) in STEPS {
        code.local_get(LEN).i32_const(most).i32_le_u().if_(BlockType::Empty);
        for (base, first) in [(SOURCE, WORDS), (END, WORDS + words)] {
            if base == END {
                end(&mut code, SOURCE, words, width);
            }
            for word in 0..words {
                code.local_get(base);
                load(&mut code, width, word * u32::from(width));
                code.local_set(first + word);
            }
        }
        end(&mut code, TARGET, words, width);
        for (base, first) in [(TARGET, WORDS), (END, WORDS + words)] {
            for word in 0..words {
                code.local_get(base).local_get(first + word);
                store(&mut code, width, word * u32::from(width));
            }
        }
        code.return_().end();
    }
    code.local_get(TARGET).local_get(SOURCE).local_get(LEN).memory_copy(0, 0).end();
    function
}

fn fill() -> Function {
    let mut function = Function::new([(1, ValType::I32), (1, ValType::I64)]);
    let mut code = function.instructions();
    one(&mut code, |code| {
        code.local_get(SOURCE);
    });
    code.local_get(SOURCE).i32_const(0xff).i32_and().i64_extend_i32_u();
    code.i64_const(0x0101_0101_0101_0101).i64_mul().local_set(WORDS);
    for (most, words, width) in STEPS {
        code.local_get(LEN).i32_const(most).i32_le_u().if_(BlockType::Empty);
        end(&mut code, TARGET, words, width);
        for base in [TARGET, END] {
            for word in 0..words {
                code.local_get(base).local_get(WORDS);
                store(&mut code, width, word * u32::from(width));
            }
        }
        code.return_().end();
    }
    code.local_get(TARGET).local_get(SOURCE).local_get(LEN).memory_fill(0).end();
    function
}

/// What is done for one byte, or for none.
fn one(code: &mut InstructionSink<'_>, byte: impl Fn(&mut InstructionSink<'_>)) {
    code.local_get(LEN).i32_const(1).i32_le_u().if_(BlockType::Empty);
    code.local_get(LEN).if_(BlockType::Empty).local_get(TARGET);
    byte(code);
    code.i32_store8(at(0)).end().return_().end();
}

/// Computes where the words at the end begin.
fn end(code: &mut InstructionSink<'_>, base: u32, words: u32, width: u8) {
    let bytes = words.saturating_mul(width.into()).cast_signed();
    code.local_get(base).local_get(LEN).i32_add().i32_const(bytes).i32_sub().local_set(END);
}

fn load(code: &mut InstructionSink<'_>, width: u8, offset: u32) {
    match width {
        2 => code.i64_load16_u(at(offset)),
        4 => code.i64_load32_u(at(offset)),
        _ => code.i64_load(at(offset)),
    };
}

fn store(code: &mut InstructionSink<'_>, width: u8, offset: u32) {
    match width {
        2 => code.i64_store16(at(offset)),
        4 => code.i64_store32(at(offset)),
        _ => code.i64_store(at(offset)),
    };
}

fn at(offset: u32) -> MemArg {
    MemArg { offset: offset.into(), align: 0, memory_index: 0 }
}
