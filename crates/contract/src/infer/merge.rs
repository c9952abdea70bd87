//! Merges what several pages show of one property.

use super::Place;
use super::evidence::{self, Property, Shape};
use crate::model::{Schema, Type};

/// Two pages, or a table and a sample, that say different things of one property or carrier.
pub(super) struct Conflict {
    pub(super) about: About,
    /// The property or the carrier.
    pub(super) subject: String,
    /// What was kept, and where it stands.
    pub(super) kept: String,
    pub(super) kept_at: Place,
    /// What was passed over, and where it stands.
    pub(super) dropped: String,
    pub(super) dropped_at: Place,
}

/// What a [`Conflict`] is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum About {
    Type,
    Text,
}

/// Adds what `other` shows to `known`. A table beats a sample; between equals the first page
/// stays, and a contradiction is remembered.
pub(super) fn merge_shapes(
    known: &mut Property,
    other: &Property,
    name: &str,
    group_of: &[usize],
    conflicts: &mut Vec<Conflict>,
) {
    merge_texts(name, (&mut known.description, known.place), (&other.description, other.place), conflicts);
    match combine(&known.shape, &other.shape, group_of) {
        Some(shape) => known.shape = shape,
        None => {
            let (kept, dropped) = if other.stated && !known.stated { (other, &*known) } else { (&*known, other) };
            conflicts.push(Conflict {
                about: About::Type,
                subject: name.to_owned(),
                kept: describe(&kept.shape),
                kept_at: Place::from(kept.place),
                dropped: describe(&dropped.shape),
                dropped_at: Place::from(dropped.place),
            });
            if other.stated && !known.stated {
                *known = Property { description: known.description.take(), ..other.clone() };
            }
        }
    }
    known.stated |= other.stated;
}

/// Keeps the first text that a page has of something, and remembers one that says otherwise.
pub(super) fn merge_texts(
    subject: &str,
    (known, known_at): (&mut Option<String>, evidence::Place),
    (other, other_at): (&Option<String>, evidence::Place),
    conflicts: &mut Vec<Conflict>,
) {
    match (&*known, other) {
        (None, other) => known.clone_from(other),
        (Some(kept), Some(dropped)) if kept != dropped => conflicts.push(Conflict {
            about: About::Text,
            subject: subject.to_owned(),
            kept: kept.clone(),
            kept_at: Place::from(known_at),
            dropped: dropped.clone(),
            dropped_at: Place::from(other_at),
        }),
        _ => {}
    }
}

/// The shape that admits both, where that needs no decision.
fn combine(known: &Shape, other: &Shape, group_of: &[usize]) -> Option<Shape> {
    Some(match (known, other) {
        (Shape::Unknown, shape) | (shape, Shape::Unknown) => shape.clone(),
        (Shape::Scalar(a), Shape::Scalar(b)) => Shape::Scalar(Box::new(combine_scalars(a, b)?)),
        (Shape::Array(a), Shape::Array(b)) => Shape::Array(Box::new(combine(a, b, group_of)?)),
        (Shape::Map(a), Shape::Map(b)) => Shape::Map(Box::new(combine(a, b, group_of)?)),
        (Shape::Carrier(a), Shape::Carrier(b)) if group_of[*a] == group_of[*b] => known.clone(),
        _ => return None,
    })
}

/// The wider of two scalars: int64 holds every int32, double every number a sample shows, and a
/// string every date.
fn combine_scalars(a: &Schema, b: &Schema) -> Option<Schema> {
    let format = |schema: &Schema| match &schema.ty {
        Type::Integer { format } | Type::Number { format } | Type::String { format } => format.clone(),
        _ => None,
    };
    Some(match (&a.ty, &b.ty) {
        _ if a == b => a.clone(),
        (Type::Integer { .. }, Type::Integer { .. }) if format(a).as_deref() == Some("int64") => a.clone(),
        (Type::Integer { .. }, Type::Integer { .. }) if format(b).as_deref() == Some("int64") => b.clone(),
        (Type::Number { .. }, Type::Integer { .. }) => a.clone(),
        (Type::Integer { .. }, Type::Number { .. }) => b.clone(),
        (Type::String { format: None }, Type::String { .. }) => a.clone(),
        (Type::String { .. }, Type::String { format: None }) => b.clone(),
        _ => return None,
    })
}

/// A shape in a few words, for a message.
fn describe(shape: &Shape) -> String {
    match shape {
        Shape::Unknown => "unknown".to_owned(),
        Shape::Scalar(schema) => match &schema.ty {
            Type::Boolean => "bool".to_owned(),
            Type::Integer { format } => format.clone().unwrap_or_else(|| "integer".to_owned()),
            Type::Number { format } => format.clone().unwrap_or_else(|| "number".to_owned()),
            Type::String { format } => format.clone().unwrap_or_else(|| "string".to_owned()),
            _ => "scalar".to_owned(),
        },
        Shape::Array(items) => format!("array of {}", describe(items)),
        Shape::Map(values) => format!("map of {}", describe(values)),
        Shape::Carrier(_) => "carrier".to_owned(),
    }
}
