//! What several benches share: the plant pack in all forms, guests without an engine around them,
//! and the plant's rules by hand. Each other file beside this one is a bench target.

pub mod by_hand;
pub mod guest;
pub mod named;
pub mod plant;
pub mod record;
