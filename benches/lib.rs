//! What several benches share: the plant pack in all forms, guests without an engine around them,
//! the plant's rules by hand, stores of any size. The bench targets lie beside this.

pub mod by_hand;
pub mod guest;
pub mod named;
pub mod plant;
pub mod record;
pub mod stores;
