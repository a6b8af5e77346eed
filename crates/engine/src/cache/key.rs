//! What a decision is kept by: all of a request that its environment's policies may read.

use std::collections::BTreeMap;

use trapkey_abi::Path;

use crate::loaded::Loaded;
use crate::request::ClockField;
use crate::{Datetime, Request};

/// Words of the longest key: 32 KiB. Of a request with a longer one no decision is kept.
const WORDS_MAX: usize = 4096;

/// The key of one request, and its hash.
#[derive(Default)]
pub(super) struct Key {
    // INVARIANT: `words` is empty if the request has no key; else `hash` is that of `words`.
    pub(super) words: Vec<u64>,
    pub(super) hash: u64,
}

impl Key {
    #[inline]
    pub(super) fn clear(&mut self) {
        self.words.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// Which parts of a request of one environment make its key.
pub(super) struct Plan {
    environment: u64,
    /// By index, words of the context's fixed part that count, and which of their bits do.
    words: Box<[(usize, u64)]>,
    /// Descriptors whose content counts.
    spills: Box<[usize]>,
    /// Attributes that move with time, of which only the distance to the instant counts.
    clocks: Box<[ClockField]>,
}

impl Plan {
    /// That of the environment of `request`.
    pub(super) fn new(loaded: &Loaded, environment: u32, request: &Request) -> Option<Self> {
        let gather = loaded.contents().gather();
        let described = gather.environments.get(usize::try_from(environment).ok()?)?;
        let projection = gather.contexts.get(usize::try_from(described.context).ok()?)?;
        let mut words: BTreeMap<usize, u64> = BTreeMap::new();
        for (index, mask) in projection.mask.iter().enumerate().filter(|(_, mask)| **mask != 0) {
            words.insert(index, *mask);
        }
        // The encoder follows the handle of an entity even if no policy reads the handle itself.
        for path in &described.paths {
            if let Path::Context { offset } = gather.paths.get(usize::try_from(*path).ok()?)? {
                let first = usize::try_from(*offset).ok()? / 8;
                words.insert(first, u64::MAX);
                words.insert(first + 1, u64::MAX);
            }
        }
        let mut spills = Vec::new();
        for spill in &projection.spills {
            let spill = usize::try_from(*spill).ok()?;
            // Where the content lies does not count, but how long it is.
            if let Some(mask) = words.get_mut(&(spill / 8)) {
                *mask &= 0xffff_ffff_0000_0000;
            }
            spills.push(spill);
        }
        let read = request.clock_fields().iter().filter(|clock| {
            let word = clock.offset() / 8;
            words.remove(&word).is_some()
        });
        let clocks: Vec<ClockField> = read.cloned().collect();
        Some(Self {
            environment: environment.into(),
            words: words.into_iter().collect(),
            spills: spills.into_boxed_slice(),
            clocks: clocks.into_boxed_slice(),
        })
    }

    /// Writes the key of a request of this environment, made at an instant; none if it is too long.
    #[inline]
    pub(super) fn write(&self, request: &Request, at: Option<Datetime>, key: &mut Key) {
        let Key { words, hash } = key;
        let (principal, resource) = (request.principal().handle(), request.resource().handle());
        let has_instant = u64::from(at.is_some()) << 32;
        words.extend_from_slice(&[
            self.environment | has_instant,
            principal.low,
            principal.high,
            resource.low,
            resource.high,
        ]);
        let row = request.context();
        let (fixed, _) = row.bytes().as_chunks::<8>();
        words.extend(self.words.iter().map(|(index, mask)| {
            fixed.get(*index).map_or(0, |word| u64::from_le_bytes(*word) & mask)
        }));
        let instant = at.map_or(0, |Datetime(at)| at);
        words.extend(self.clocks.iter().map(|clock| {
            let distance = clock.value(request).map_or(0, |value| {
                if clock.grows() {
                    value.wrapping_sub(instant)
                } else {
                    value.wrapping_add(instant)
                }
            });
            distance.cast_unsigned()
        }));
        for spill in &self.spills {
            let (content, _) = row.content(*spill).as_chunks::<8>();
            words.push(u64::try_from(content.len()).unwrap_or(u64::MAX));
            words.extend(content.iter().map(|word| u64::from_le_bytes(*word)));
            if words.len() > WORDS_MAX {
                words.clear();
                return;
            }
        }
        *hash = mix(words);
    }

    /// Whether each attribute that moves had room to move from `before` to `at`: else the values of
    /// this request are not those of an earlier one that time has moved.
    #[inline]
    pub(super) fn has_passed(
        &self,
        request: &Request,
        at: Option<Datetime>,
        before: Option<Datetime>,
    ) -> bool {
        if at == before {
            return true;
        }
        let (Some(Datetime(now)), Some(Datetime(before))) = (at, before) else { return false };
        let Some(passed) = now.checked_sub(before) else { return false };
        self.clocks.iter().all(|clock| {
            let value = clock.value(request);
            value.is_none_or(|value| {
                let earlier = if clock.grows() {
                    value.checked_sub(passed)
                } else {
                    value.checked_add(passed)
                };
                earlier.is_some()
            })
        })
    }
}

/// A hash of words: 128-bit products of four words a step, folded, in two lanes.
///
/// It need not withstand chosen collisions: whoever makes them evicts entries of one set, and a hit
/// compares the whole key.
#[inline]
fn mix(words: &[u64]) -> u64 {
    const A: u64 = 0x9e37_79b9_7f4a_7c15;
    const B: u64 = 0xd1b5_4a32_d192_ed03;
    let (chunks, rest) = words.as_chunks::<4>();
    let (mut first, mut second) = (A, B);
    for [a, b, c, d] in chunks {
        first = fold(first ^ a, b ^ B);
        second = fold(second ^ c, d ^ A);
    }
    for word in rest {
        first = fold(first ^ word, B);
    }
    fold(first ^ u64::try_from(words.len()).unwrap_or(u64::MAX), second ^ A)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let (low, high) = a.carrying_mul(b, 0);
    low ^ high
}
