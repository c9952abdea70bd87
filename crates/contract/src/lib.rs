//! The contract of a REST API: inferred from reference pages, written to and read from OpenAPI,
//! corrected by an overlay, and compared in one canonical form.
//!
//! Knows nothing of Rust code generation and touches no file system.

pub mod canonical;
pub mod correct;
pub mod diff;
pub mod emit;
pub mod infer;
pub mod json_schema;
mod json_tree;
pub mod model;
pub mod overlay;
pub mod read;
pub mod report;
pub mod text;
mod tree;
pub mod yaml;

pub use model::Contract;
