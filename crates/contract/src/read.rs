//! Reads OpenAPI 3.0 and 3.1 documents into a [`Contract`].
//!
//! Both versions end in the same contract where they say the same. What the model has no field
//! for is kept verbatim in `extensions`, so that nothing is lost. Every error names the place by
//! its JSON pointer.

mod cursor;
mod document;
mod error;
mod json_schema;
mod media;
mod operation;
mod schema;

use serde_json::Value;

use crate::model::Contract;

pub use error::{Problem, ReadError};
pub use json_schema::json_schemas;

/// The contract that an OpenAPI 3.0.x or 3.1.x document describes.
///
/// # Errors
/// When the document is of another version, a required member is missing, a member is of the
/// wrong type, a reference leads nowhere or outside the document, or schemas nest too deeply.
pub fn from_value(document: &Value) -> Result<Contract, ReadError> {
    document::contract(document)
}

#[cfg(test)]
mod tests;
