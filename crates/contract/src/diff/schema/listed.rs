//! Lists of values: closed ones (`enum`), open ones (`x-extensible-enum`) and those of sets
//! (`x-flags`).

use std::collections::HashSet;

use serde_json::Value;

use super::super::components::Comparison;
use super::super::place::At;
use super::super::rules::{self, Pair};
use super::super::words;
use crate::model::Schema;

/// Of more values, the others are counted.
const MOST_VALUES: usize = 6;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    None,
    Closed,
    Open,
    Flags,
}

struct Listed<'s> {
    kind: Kind,
    values: Vec<&'s Value>,
    known: HashSet<String>,
}

impl<'s> Listed<'s> {
    fn of(schema: &'s Schema) -> Self {
        let named = |name| schema.extensions.get(name).and_then(Value::as_array);
        let (kind, values): (Kind, Vec<&Value>) = if !schema.enumeration.is_empty() {
            // Whether null is a value is said by `nullable`.
            (Kind::Closed, schema.enumeration.iter().filter(|value| !value.is_null()).collect())
        } else if let Some(values) = named("x-flags") {
            (Kind::Flags, values.iter().collect())
        } else if let Some(values) = named("x-extensible-enum") {
            (Kind::Open, values.iter().collect())
        } else {
            (Kind::None, Vec::new())
        };
        let known = values.iter().map(|value| key(value)).collect();
        Self { kind, values, known }
    }

    fn without(&self, other: &Self) -> Vec<&'s Value> {
        self.values.iter().copied().filter(|value| !other.known.contains(&key(value))).collect()
    }

    fn words(&self, are_texts: bool) -> Option<String> {
        (self.kind != Kind::None).then(|| {
            let shown = list(&self.values[..self.values.len().min(MOST_VALUES)], are_texts);
            if self.values.len() > MOST_VALUES { format!("{shown}, … ({} values)", self.values.len()) } else { shown }
        })
    }
}

/// Whether two values are the same: numbers however they are written.
pub(super) fn same_value(a: &Value, b: &Value) -> bool {
    a == b || key(a) == key(b)
}

fn key(value: &Value) -> String {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        value => value.to_string(),
    }
}

/// Values as a list; texts without quotation marks where there are only texts.
fn list(values: &[&Value], are_texts: bool) -> String {
    let text = |value: &Value| match value.as_str() {
        Some(text) if are_texts => text.to_owned(),
        _ => words::value(value),
    };
    let texts: Vec<String> = values.iter().map(|value| text(value)).collect();
    words::list(texts.iter().map(String::as_str))
}

pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let (a, b) = (Listed::of(base), Listed::of(revision));
    if (a.kind, b.kind) == (Kind::None, Kind::None) {
        return;
    }
    let are_texts = a.values.iter().chain(&b.values).all(|value| value.is_string());
    let (added, removed): (&'static Pair, &'static Pair) = match (a.kind, b.kind) {
        (Kind::Open, Kind::Open) => (&rules::KNOWN_VALUE_ADDED, &rules::KNOWN_VALUE_REMOVED),
        (Kind::Flags, Kind::Flags) => (&rules::FLAG_ADDED, &rules::FLAG_REMOVED),
        _ => (&rules::ENUM_VALUE_ADDED, &rules::ENUM_VALUE_REMOVED),
    };
    let kind = match (a.kind, b.kind) {
        (a, b) if a == b => None,
        (Kind::None, Kind::Closed) => Some(&rules::ENUM_ADDED),
        (Kind::None, Kind::Open | Kind::Flags) => Some(&rules::KNOWN_VALUES_STATED),
        (Kind::Closed, Kind::None) => Some(&rules::ENUM_REMOVED),
        (Kind::Open | Kind::Flags, Kind::None) => Some(&rules::KNOWN_VALUES_UNSTATED),
        (Kind::Closed, Kind::Open) => Some(&rules::ENUM_OPENED),
        (Kind::Open, Kind::Closed) => Some(&rules::ENUM_CLOSED),
        (_, Kind::Flags) => Some(&rules::BECAME_FLAGS),
        _ => Some(&rules::BECAME_SINGLE),
    };
    if let Some(pair) = kind {
        comparison.value(pair, at, a.words(are_texts), b.words(are_texts));
    }
    // Where there was no list or is none now, the list itself says it all.
    if a.kind == Kind::None || b.kind == Kind::None {
        return;
    }
    let gone = a.without(&b);
    if !gone.is_empty() {
        comparison.value(removed, at, Some(list(&gone, are_texts)), None);
    }
    let new = b.without(&a);
    if !new.is_empty() {
        comparison.value(added, at, None, Some(list(&new, are_texts)));
    }
}
