//! The plant's rules as one would write them by hand in Rust, for the frames that its module reads.
//!
//! A decision reports what a module reports: every policy that is satisfied and every one that
//! errs, so no policy is left out because another has settled the verdict. The answer is two bit
//! sets; there is no allocation, no dispatch but `match`, and no look-up by name after the set-up.

mod decide;
mod facts;
mod places;
mod policies;
mod policy;

use trapkey::{GatherTable, Model};

pub use self::decide::Answer;
use self::places::{Literals, Offsets, Slots};
pub use self::policy::POLICIES;
use self::policy::{Class, Kind};

/// The plant's rules, with all that follows from the schema looked up once.
#[derive(Clone, Debug)]
pub struct ByHand {
    /// What each action of the schema is, by its index.
    classes: Vec<Class>,
    /// What each entity type of the schema is, by its index.
    kinds: Vec<Kind>,
    offsets: Offsets,
    slots: Slots,
    literals: Literals,
}

impl ByHand {
    /// Looks up where a module with this gather table finds what the rules read.
    ///
    /// # Panics
    ///
    /// If the schema or the module is not that of the plant.
    pub fn new(model: &Model, gather: &GatherTable) -> Self {
        let offsets = Offsets::new(model);
        Self {
            classes: model.schema().actions.iter().map(|action| Class::of(&action.uid)).collect(),
            kinds: model.schema().entity_types.iter().map(|ty| Kind::of(&ty.name)).collect(),
            slots: Slots::new(gather, &offsets),
            literals: Literals::new(),
            offsets,
        }
    }

    /// Decides the request of one frame.
    ///
    /// # Panics
    ///
    /// If the bytes are not a frame of the module.
    pub fn decide(&self, frame: &[u8]) -> Answer {
        decide::decide(self, frame)
    }

    /// Decides frames that lie `stride` bytes apart.
    ///
    /// # Panics
    ///
    /// As [`ByHand::decide`].
    pub fn decide_batch(&self, frames: &[u8], stride: usize, answers: &mut [Answer]) {
        for (frame, answer) in frames.chunks_exact(stride).zip(answers) {
            *answer = self.decide(frame);
        }
    }
}
