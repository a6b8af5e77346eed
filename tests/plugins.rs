//! The example plugins of `bindings/wit/examples`, as `cargo xtask plugins` builds them.

#![cfg(test)]

#[path = "plugins/built.rs"]
mod built;
#[path = "plugins/capture.rs"]
mod capture;
#[path = "plugins/frames.rs"]
mod frames;
#[path = "plugins/host.rs"]
mod host;
#[path = "plugins/hostile.rs"]
mod hostile;
#[path = "plugins/ocsf.rs"]
mod ocsf;
#[path = "plugins/plant.rs"]
mod plant;
#[path = "plugins/posture.rs"]
mod posture;
#[path = "plugins/raw.rs"]
mod raw;
#[path = "plugins/s7comm.rs"]
mod s7comm;
