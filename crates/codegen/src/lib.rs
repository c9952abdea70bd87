//! Rust source code from a [`Contract`](docwright_contract::Contract): carriers, a client and a
//! server layer.
//!
//! Every generator is a pure function from the contract to a list of [`GeneratedFile`]s: nothing
//! here reads or writes files, and the same contract always gives the same text.

pub mod api;
pub mod client;
mod error;
mod headers;
mod json;
pub mod models;
pub mod naming;
pub mod package;
pub mod render;
mod security;
pub mod workspace;

pub use error::{Error, Problem};
pub use package::{Limits, Names, Package};

/// A source file that a generator wants to exist.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GeneratedFile {
    /// Relative to the `src/generated` folder of the crate it belongs to, with `/` between folders.
    pub path: String,
    /// The whole text, with the header line and a final line break.
    pub contents: String,
}
