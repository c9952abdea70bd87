//! Merges what several pages show of one property.

use super::Place;
use super::evidence::{self, Property, Shape, Voice};
use super::types::Scalar;
use crate::text::clean_markdown;

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

/// Adds what `other` shows to `known`. What is said more exactly wins; between equals the first page
/// stays, and a contradiction is remembered.
pub(super) fn merge_properties<'p>(
    known: &mut Property<'p>,
    other: &Property<'p>,
    name: &str,
    group_of: &[usize],
    conflicts: &mut Vec<Conflict>,
) {
    merge_texts(name, (&mut known.description, known.place), (other.description, other.place), conflicts);
    if known.voice == other.voice && agree(&known.shape, &other.shape, group_of) {
        return;
    }
    let other_wins = other.voice > known.voice;
    match combine((&known.shape, known.voice), (&other.shape, other.voice), group_of) {
        Some(shape) => known.shape = shape,
        None => {
            let (kept, dropped) = if other_wins { (other, &*known) } else { (&*known, other) };
            conflicts.push(Conflict {
                about: About::Type,
                subject: name.to_owned(),
                kept: describe(&kept.shape),
                kept_at: Place::from(kept.place),
                dropped: describe(&dropped.shape),
                dropped_at: Place::from(dropped.place),
            });
            if other_wins {
                *known = Property { description: known.description, ..other.clone() };
            }
        }
    }
    known.voice = known.voice.max(other.voice);
}

/// Keeps the first text that a page has of something, and remembers one that says otherwise.
pub(super) fn merge_texts<'p>(
    subject: &str,
    (known, known_at): (&mut Option<&'p str>, evidence::Place),
    (other, other_at): (Option<&'p str>, evidence::Place),
    conflicts: &mut Vec<Conflict>,
) {
    match (*known, other) {
        (None, other) => *known = other,
        (Some(kept), Some(dropped)) if kept.trim() != dropped.trim() => {
            // Pages that escape or wrap one text differently still say the same.
            let (kept, dropped) = (clean_markdown(kept), clean_markdown(dropped));
            if kept != dropped {
                conflicts.push(Conflict {
                    about: About::Text,
                    subject: subject.to_owned(),
                    kept: kept.unwrap_or_default(),
                    kept_at: Place::from(known_at),
                    dropped: dropped.unwrap_or_default(),
                    dropped_at: Place::from(other_at),
                });
            }
        }
        _ => {}
    }
}

/// Whether two shapes are one already, which most are.
fn agree(known: &Shape, other: &Shape, group_of: &[usize]) -> bool {
    match (known, other) {
        (Shape::Scalar(a), Shape::Scalar(b)) => a == b,
        (Shape::Carrier(a), Shape::Carrier(b)) => group_of[*a] == group_of[*b],
        (Shape::Array(a), Shape::Array(b)) | (Shape::Map(a), Shape::Map(b)) => agree(a, b, group_of),
        (Shape::Unknown, Shape::Unknown) => true,
        _ => false,
    }
}

/// The shape that admits both, where that needs no decision.
fn combine(
    (known, voice): (&Shape, Voice),
    (other, other_voice): (&Shape, Voice),
    group_of: &[usize],
) -> Option<Shape> {
    Some(match (known, other) {
        (Shape::Unknown, shape) | (shape, Shape::Unknown) => shape.clone(),
        (Shape::Scalar(a), Shape::Scalar(b)) if a.has_base_of(*b) && voice != other_voice => {
            Shape::Scalar(if other_voice > voice { *b } else { *a })
        }
        (Shape::Scalar(a), Shape::Scalar(b)) => Shape::Scalar(a.wider(*b)?),
        (Shape::Enumeration(a), Shape::Enumeration(b)) => {
            let mut values = a.clone();
            values.extend(b.iter().filter(|value| !a.contains(value)).cloned());
            Shape::Enumeration(values)
        }
        (Shape::Enumeration(_), Shape::Scalar(Scalar::String)) => known.clone(),
        (Shape::Scalar(Scalar::String), Shape::Enumeration(_)) => other.clone(),
        (Shape::Array(a), Shape::Array(b)) => Shape::Array(Box::new(combine((a, voice), (b, other_voice), group_of)?)),
        (Shape::Map(a), Shape::Map(b)) => Shape::Map(Box::new(combine((a, voice), (b, other_voice), group_of)?)),
        (Shape::Carrier(a), Shape::Carrier(b)) if group_of[*a] == group_of[*b] => known.clone(),
        _ => return None,
    })
}

/// A shape in a few words, for a message.
pub(super) fn describe(shape: &Shape) -> String {
    match shape {
        Shape::Unknown => "unknown".to_owned(),
        Shape::Scalar(scalar) => scalar.name().to_owned(),
        Shape::Enumeration(_) => "enum".to_owned(),
        Shape::Array(items) => format!("array of {}", describe(items)),
        Shape::Map(values) => format!("map of {}", describe(values)),
        Shape::Carrier(_) => "carrier".to_owned(),
    }
}
