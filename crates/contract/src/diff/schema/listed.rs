//! Lists of values: closed ones (`enum`), open ones (`x-extensible-enum`) and those of sets
//! (`x-flags`).

use serde_json::Value;

use super::super::components::Comparison;
use super::super::place::At;
use super::super::rules::{self, Pair};
use super::super::words;
use crate::model::Schema;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    None,
    Closed,
    Open,
    Flags,
}

struct Listed {
    kind: Kind,
    values: Vec<String>,
}

impl Listed {
    fn of(schema: &Schema) -> Self {
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
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Self { kind, values: values.into_iter().map(text).collect() }
    }

    fn without<'l>(&'l self, other: &Self) -> Vec<&'l str> {
        self.values.iter().filter(|value| !other.values.contains(value)).map(String::as_str).collect()
    }

    fn words(&self) -> Option<String> {
        (self.kind != Kind::None).then(|| {
            let shown = words::list(self.values.iter().take(6).map(String::as_str));
            if self.values.len() > 6 { format!("{shown}, … ({} values)", self.values.len()) } else { shown }
        })
    }
}

pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let (a, b) = (Listed::of(base), Listed::of(revision));
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
        comparison.value(pair, at, a.words(), b.words());
    }
    // Where there was no list or is none now, the list itself says it all.
    if a.kind == Kind::None || b.kind == Kind::None {
        return;
    }
    let gone = a.without(&b);
    if !gone.is_empty() {
        comparison.value(removed, at, Some(words::list(gone)), None);
    }
    let new = b.without(&a);
    if !new.is_empty() {
        comparison.value(added, at, None, Some(words::list(new)));
    }
}
