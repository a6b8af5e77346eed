//! Templates: each is evaluated once, where the frame says that a grant brings it in.

use trapkey_abi::header;
use wasm_encoder::{BlockType, ValType};

use super::{
    Body, CHUNK, Code, DECIDE, FRAME, INLINE_MAX, Leaf, Lists, OUT, Visited, at, signed, visited,
};
use crate::emit::{Candidate, Granted};

/// Offset in bytes of the offset of the words that say which templates are brought in.
const WORDS: u32 = 108;
/// Offset in bytes of their number.
pub(super) const COUNT: u32 = WORDS + 4;
const _: () = assert!(WORDS as usize == header::GRANTS, "the contract says where the words are");

/// Templates of one word.
const WORD: u32 = u64::BITS;

/// A template that is evaluated if its bit is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Open {
    ordinal: u32,
    leaf: Leaf,
}

/// Calls the function for templates if the frame has words for them.
pub(super) fn call(code: &mut Code, function: u32) {
    code.local_get(FRAME).i32_load(at(COUNT, 2)).if_(BlockType::Empty);
    code.local_get(FRAME).local_get(OUT).call(function).end();
}

impl Lists<'_> {
    /// What is evaluated of templates. Nothing of their scopes is known.
    pub(super) fn granted(&mut self, templates: &[Granted]) -> Vec<Open> {
        let mut open = |Granted { ordinal, candidate }: &Granted| {
            let visited = Visited { candidate, principal: false, resource: false };
            let condition = self.conditions.number(visited);
            let Candidate { policy, class, expires, .. } = *candidate;
            let leaf = Leaf { policy, class, condition, expires };
            Open { ordinal: *ordinal, leaf }
        };
        templates.iter().map(&mut open).collect()
    }

    /// The function that evaluates those of these templates that are brought in; absent without
    /// templates. Equal templates have one function.
    pub(super) fn brought_in(&mut self, templates: Vec<Open>) -> Option<u32> {
        if templates.is_empty() {
            return None;
        }
        if let Some(function) = self.known_templates.get(&templates) {
            return Some(*function);
        }
        let mut chunks = Vec::new();
        let mut rest = templates.as_slice();
        while rest.len() > CHUNK {
            let (chunk, after) = rest.split_at(CHUNK);
            chunks.push(self.chunk(&[], chunk));
            rest = after;
        }
        let function = self.chunk(&chunks, rest);
        self.known_templates.insert(templates, function);
        Some(function)
    }

    fn chunk(&mut self, chunks: &[u32], templates: &[Open]) -> u32 {
        let leaves: Vec<Leaf> = templates.iter().map(|template| template.leaf).collect();
        self.functions_for(&leaves);
        let mut code = Code::default();
        for chunk in chunks {
            code.local_get(FRAME).local_get(OUT).call(*chunk);
        }
        let mut body = Body::new(self.context, self.data);
        let mut room = INLINE_MAX;
        let bits = body.take(ValType::I64);
        for templates in templates.chunk_by(|a, b| a.ordinal / WORD == b.ordinal / WORD) {
            let word = templates.first().map_or(0, |first| first.ordinal / WORD);
            // The frame ends with the last word that is not zero.
            code.local_get(FRAME).i32_load(at(COUNT, 2));
            code.i32_const(signed(word.saturating_add(1))).i32_ge_u().if_(BlockType::Empty);
            code.local_get(FRAME).local_get(FRAME).i32_load(at(WORDS, 2)).i32_add();
            code.i64_load(at(word.saturating_mul(8), 3)).local_set(bits);
            for Open { ordinal, leaf } in templates {
                let bit = 1_u64 << (ordinal % WORD);
                code.local_get(bits).i64_const(bit.cast_signed()).i64_and().i64_eqz().i32_eqz();
                code.if_(BlockType::Empty);
                let known = (&self.conditions, self.directory_max);
                visited(leaf, known, &mut room, &mut body, &mut code);
                code.end();
            }
            code.end();
        }
        body.give(ValType::I64, bits);
        let emission = body.finish(code);
        self.push(DECIDE, emission)
    }
}
