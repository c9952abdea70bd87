//! The checks, each for one part of the documentation.

pub(super) mod carriers;
pub(super) mod heard;
pub(super) mod operations;
pub(super) mod parameters;
pub(super) mod samples;

use super::collect::{Collector, Spot};
use super::kinds::{ENUM_IN_PROSE, ENUM_WITHOUT_VALUES};
use super::prose;
use super::shape::may_be_enumerated;
use crate::model::Schema;

/// Looks for values that a description lists and the schema does not.
fn check_values(
    pages: &mut Collector<'_>,
    subject: &str,
    schema: &Schema,
    spots: impl FnOnce(&Collector<'_>) -> Vec<Spot>,
) {
    let Some(description) = schema.description.as_deref().filter(|_| may_be_enumerated(schema)) else { return };
    check_prose(pages, subject, description, spots);
}

/// The same for a description that stands apart from its schema.
fn check_prose(
    pages: &mut Collector<'_>,
    subject: &str,
    description: &str,
    spots: impl FnOnce(&Collector<'_>) -> Vec<Spot>,
) {
    let Some(mention) = prose::mention(description) else { return };
    let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let (kind, message) = if mention.values.is_empty() {
        (&ENUM_WITHOUT_VALUES, format!("`{subject}` is said to be an enumeration, and no value of it is named"))
    } else {
        let values = mention.values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        (&ENUM_IN_PROSE, format!("`{subject}` may be {values}, which only its description says"))
    };
    let spots = spots(pages);
    pages.add_noted(kind, subject, message, Some(description), spots);
}
