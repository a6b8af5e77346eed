//! What several benches share: the plant pack in all forms, guests without an engine around them,
//! and the plant's rules by hand. The bench targets lie beside this.

pub mod by_hand;
pub mod guest;
pub mod named;
pub mod plant;
pub mod record;
