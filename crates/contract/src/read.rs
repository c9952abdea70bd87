//! Reads OpenAPI 3.0 and 3.1 and Swagger 2.0 documents into a [`Contract`].
//!
//! All versions end in the same contract where they say the same. What the model has no field
//! for is kept verbatim in `extensions`, and what cannot be kept is reported, so that nothing is
//! lost in silence. Every error and every note names its place by JSON pointer, and by line and
//! column where a text is read.
//!
//! References may lead anywhere within the document. To component schemas, parameters and
//! responses they stay references; everything else is read where it is used.

mod cursor;
mod document;
mod error;
mod json_schema;
mod leftovers;
mod media;
mod operation;
mod operation_id;
mod position;
mod references;
mod schema;
mod source;
mod swagger;
mod text;

use std::collections::HashSet;

use serde_json::Value;

use crate::model::{Contract, Schema};

pub use error::{Note, NoteKind, Position, Problem, ReadError};
pub use json_schema::json_schemas;
pub use operation_id::DERIVED as DERIVED_OPERATION_ID;
pub use position::positions;
pub use source::Dialect;
pub use text::value_of_text;

/// A document that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// What it says.
    pub contract: Contract,
    /// What its readers should know, in the order in which it came to light.
    pub notes: Vec<Note>,
    /// Which specification it follows.
    pub dialect: Dialect,
}

/// The contract that the text of an OpenAPI 3.0.x, OpenAPI 3.1.x or Swagger 2.0 document
/// describes, in JSON or YAML.
///
/// # Errors
/// As [`value`], and when the text is neither JSON nor YAML or has a key twice.
pub fn document(text: &str) -> Result<Read, ReadError> {
    let parsed = value_of_text(text)?;
    match value(&parsed) {
        Ok(mut read) => {
            if !read.notes.is_empty() {
                let wanted: HashSet<&str> = read.notes.iter().map(|note| note.pointer.as_str()).collect();
                let found = positions(text, &wanted);
                for note in &mut read.notes {
                    note.position = found.get(&note.pointer).copied();
                }
            }
            Ok(read)
        }
        Err(error) => {
            let found = positions(text, &HashSet::from([error.pointer.as_str()]));
            Err(ReadError { position: found.get(&error.pointer).copied(), ..error })
        }
    }
}

/// The contract that a document describes.
///
/// # Errors
/// When the document is of another version, a required member is missing, a member is of the
/// wrong type, a reference leads nowhere, to itself or outside the document, two operations have
/// one id, or schemas nest too deeply.
pub fn value(document: &Value) -> Result<Read, ReadError> {
    let (contract, dialect, notes) = document::contract(document)?;
    Ok(Read { contract, notes, dialect })
}

/// The same without the notes.
///
/// # Errors
/// As [`value`].
pub fn from_value(document: &Value) -> Result<Contract, ReadError> {
    value(document).map(|read| read.contract)
}

/// A schema that stands in the extensions of another, such as `not`: there it is an OpenAPI 3
/// schema, whose references are to `#/components/schemas/…`.
///
/// # Errors
/// When it is malformed.
pub fn kept_schema(value: &Value) -> Result<Schema, ReadError> {
    schema::kept(&cursor::Cursor::root(&source::Source::new(value, Dialect::OpenApi31)))
}

#[cfg(test)]
mod tests;
