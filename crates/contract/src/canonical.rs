//! One text for equal contracts: sorted, resolved, and independent of the OpenAPI version and of
//! the producer.
//!
//! A line is one fact, `subject: value`, so that a line diff explains what differs. The order of
//! operations, parameters and properties, shared components beside inline ones, and defaults that
//! are written out are no facts. Names of schemas are.

mod compare;
mod expression;
mod facts;
mod outline;
mod schemas;

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::model::{Contract, Schema};

pub use compare::{Difference, compare};

/// Everything that the contract says.
pub fn full(contract: &Contract) -> String {
    facts::Facts::of(contract).into_text()
}

/// Names, types, formats, nullability and references: a line an operation, parameter, body,
/// answer and property, for people to review. Without texts and examples.
pub fn short(contract: &Contract) -> String {
    outline::of(contract)
}

/// What JSON Schema says of these schemas whatever its producer: names, types, formats, maps and
/// required properties. For comparing a contract's schemas with those of Rust types, where every
/// optional field admits null and every integer has bounds.
pub fn schemas_only(schemas: &IndexMap<String, Schema>) -> String {
    let mut lines = Lines::default();
    for (name, schema) in schemas {
        schemas::shape(&format!("schema {}", expression::name(name)), schema, &mut lines);
    }
    lines.into_text()
}

/// The lines of a text, sorted by subject: what is said of a whole stands before its parts.
#[derive(Default)]
struct Lines(BTreeSet<(String, String)>);

impl Lines {
    fn add(&mut self, subject: impl Into<String>, value: impl Into<String>) {
        self.0.insert((subject.into(), value.into()));
    }

    fn into_text(self) -> String {
        self.0.into_iter().fold(String::new(), |mut text, (subject, value)| {
            text.extend([subject.as_str(), ": ", value.as_str(), "\n"]);
            text
        })
    }
}

#[cfg(test)]
mod tests;
