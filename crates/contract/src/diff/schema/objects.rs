//! Objects: their properties, and what else they admit.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::super::components::{Comparison, Judged, Sides, Ways};
use super::super::place::{At, Step};
use super::super::rules::{self, Pair};
use super::super::words;
use super::{changed_type, compare as compare_schemas};
use crate::model::{Additional, Schema, Type};

/// An object's parts.
struct Parts<'s> {
    properties: &'s IndexMap<String, Schema>,
    required: &'s BTreeSet<String>,
    additional: &'s Additional,
}

impl<'s> Parts<'s> {
    fn of(schema: &'s Schema) -> Option<Self> {
        match &schema.ty {
            Type::Object { properties, required, additional } => Some(Self { properties, required, additional }),
            _ => None,
        }
    }

    fn is_undescribed(&self) -> bool {
        self.properties.is_empty() && self.required.is_empty() && self.admits_anything()
    }

    /// Values by any name, and none by a name of its own.
    fn is_map(&self) -> bool {
        self.properties.is_empty() && matches!(self.additional, Additional::Schema(_)) && !self.admits_anything()
    }

    /// Values by their own names only.
    fn is_record(&self) -> bool {
        !self.properties.is_empty() && !matches!(self.additional, Additional::Schema(_))
    }

    fn admits_anything(&self) -> bool {
        match self.additional {
            Additional::Unstated | Additional::Any => true,
            Additional::Schema(values) => values.ty == Type::Any,
            Additional::Forbidden => false,
        }
    }
}

pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let (Some(a), Some(b)) = (Parts::of(base), Parts::of(revision)) else { return };
    match (a.is_undescribed(), b.is_undescribed()) {
        (true, true) => return,
        (true, false) if !b.properties.is_empty() => {
            let words = count(&b);
            return comparison.value(&rules::PROPERTIES_STATED, at, None, Some(words));
        }
        (false, true) if !a.properties.is_empty() => {
            let words = count(&a);
            return comparison.value(&rules::PROPERTIES_UNSTATED, at, Some(words), None);
        }
        // Named properties on one side, any names on the other: that is one change, not one a name.
        _ if (a.is_map() && b.is_record()) || (a.is_record() && b.is_map()) => {
            return changed_type(comparison, base, revision, at);
        }
        _ => {}
    }
    properties(comparison, &a, &b, at);
    additional(comparison, &a, &b, at);
}

fn count(parts: &Parts<'_>) -> String {
    let count = parts.properties.len();
    format!("{count} {}", if count == 1 { "property" } else { "properties" })
}

fn properties(comparison: &mut Comparison<'_>, a: &Parts<'_>, b: &Parts<'_>, at: &At<'_>) {
    let ways = comparison.ways;
    // Spelled otherwise, but plainly the same.
    let folded =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let mut respelled: Vec<(&str, &str)> = Vec::new();
    for name in a.properties.keys().filter(|name| !b.properties.contains_key(*name)) {
        let wanted = folded(name);
        let mut candidates =
            b.properties.keys().filter(|other| !a.properties.contains_key(*other) && folded(other) == wanted);
        if let (Some(only), None) = (candidates.next(), candidates.next())
            && !respelled.iter().any(|(_, taken)| taken == only)
        {
            respelled.push((name, only));
        }
    }
    for (name, property) in a.properties {
        let at_property = at.then(Step::Property(name));
        let other = respelled.iter().find(|(old, _)| old == name).map(|(_, new)| *new);
        let revised = b.properties.get_key_value(other.unwrap_or(name));
        comparison.ways = travelling(ways, property, revised.map(|(_, revised)| revised));
        match revised {
            Some((new_name, revised)) => {
                if other.is_some() {
                    let values = (Some(name.clone()), Some(new_name.clone()));
                    let at_property = at.then(Step::Property(new_name));
                    comparison.note(Judged::ByDirection(&rules::PROPERTY_RENAMED), &at_property, Sides::Both, values);
                }
                match (a.required.contains(name), b.required.contains(new_name)) {
                    (false, true) => comparison.value(&rules::PROPERTY_BECAME_REQUIRED, &at_property, None, None),
                    (true, false) => comparison.value(&rules::PROPERTY_BECAME_OPTIONAL, &at_property, None, None),
                    _ => {}
                }
                compare_schemas(comparison, property, revised, &at_property);
            }
            None => {
                let pair: &'static Pair = if matches!(b.additional, Additional::Forbidden) {
                    &rules::PROPERTY_REFUSED
                } else if a.required.contains(name) {
                    &rules::REQUIRED_PROPERTY_REMOVED
                } else {
                    &rules::PROPERTY_REMOVED
                };
                let values = (Some(words::schema(property)), None);
                comparison.note(Judged::ByDirection(pair), &at_property, Sides::Base, values);
            }
        }
        comparison.ways = ways;
    }
    for (name, property) in b.properties {
        if a.properties.contains_key(name) || respelled.iter().any(|(_, new)| new == name) {
            continue;
        }
        comparison.ways = travelling(ways, property, None);
        let is_required = b.required.contains(name);
        let pair = if is_required { &rules::REQUIRED_PROPERTY_ADDED } else { &rules::PROPERTY_ADDED };
        let values = (None, Some(words::schema(property)));
        comparison.note(Judged::ByDirection(pair), &at.then(Step::Property(name)), Sides::Revision, values);
        comparison.ways = ways;
    }
}

/// The ways on which a property is there at all: one that is only received is never sent.
fn travelling(ways: Ways, property: &Schema, revised: Option<&Schema>) -> Ways {
    let all = |flag: fn(&Schema) -> bool| flag(property) && revised.is_none_or(flag);
    let mut left = ways;
    if all(|schema| schema.read_only) {
        left = left.and(Ways::RESPONSE);
    }
    if all(|schema| schema.write_only) {
        left = left.and(Ways::REQUEST);
    }
    left
}

fn additional(comparison: &mut Comparison<'_>, a: &Parts<'_>, b: &Parts<'_>, at: &At<'_>) {
    let anything = Schema::default();
    let values = |parts: &Parts<'_>| match parts.additional {
        Additional::Schema(values) if !parts.admits_anything() => (**values).clone(),
        _ => anything.clone(),
    };
    match (a.additional, b.additional) {
        (Additional::Forbidden, Additional::Forbidden) => {}
        (_, Additional::Forbidden) => comparison.value(&rules::OBJECT_CLOSED, at, None, None),
        (Additional::Forbidden, _) => comparison.value(&rules::OBJECT_OPENED, at, None, None),
        (Additional::Schema(old), Additional::Schema(new)) => {
            compare_schemas(comparison, old, new, &at.then(Step::Values));
        }
        _ if a.admits_anything() && b.admits_anything() => {}
        _ => compare_schemas(comparison, &values(a), &values(b), &at.then(Step::Values)),
    }
}
