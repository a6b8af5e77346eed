//! The interface of components, from `wit/policy`.

#![expect(
    missing_docs,
    clippy::same_length_and_capacity,
    reason = "generated: the text of the interface is in its files"
)]

wit_bindgen::generate!({
    path: "../../wit/policy",
    world: "policy",
    pub_export_macro: true,
});

pub use exports::trapkey::policy::authorizer::{
    EntityStore as StoreResource, Guest, GuestEntityStore,
};
pub use exports::trapkey::policy::types;
