//! Cedar as oracle, generators and fixtures for Trapkey's own tests.
//!
//! [`Oracle`] says what Cedar's authorizer decides, [`Folder`] reads a folder of policies, entities and cases,
//! [`Generator`] varies the cases of a folder within its schema, [`World`] makes schema, policies and all from a number,
//! and [`plant`] is the folder that most tests use.

mod capture;
mod folder;
mod generator;
mod oracle;
mod places;
pub mod plant;
mod shapes;
mod staff;
mod uid;
mod world;

pub use capture::{
    CAPTURE_BYTES_MAX, CaptureError, ModbusRequest, ModbusSegment, modbus_action, modbus_requests,
    modbus_segments,
};
pub use folder::{Case, CaseError, Expected, FILE_BYTES_MAX, Folder, FolderError};
pub use generator::{Generator, GeneratorError, MUTATIONS_MAX, Sample, VocabularyError};
pub use oracle::{Link, Oracle, OracleError, RequestError, Verdict};
pub use places::{PlaceError, examples_dir, repository_dir, shared_dir};
pub use shapes::{Shape, ShapedSet};
pub use staff::Staff;
pub use world::{World, WorldError};
