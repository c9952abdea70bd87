//! Objects: their properties, and what else they admit.

use std::collections::{BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;

use super::super::components::{Comparison, Judged, Sides, Ways};
use super::super::place::{At, Step};
use super::super::rules::{self, Pair};
use super::super::words;
use super::{changed_type, compare as compare_schemas, followed};
use crate::model::{Additional, Constraints, Contract, Schema, Type};

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
            Additional::Schema(values) => says_nothing(values),
            Additional::Forbidden => false,
        }
    }
}

/// Whether any value fits.
fn says_nothing(schema: &Schema) -> bool {
    schema.ty == Type::Any
        && schema.enumeration.is_empty()
        && schema.constraints == Constraints::default()
        && schema.extensions.keys().all(|name| name.starts_with("x-"))
}

pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let (Some(a), Some(b)) = (Parts::of(base), Parts::of(revision)) else { return };
    match (a.is_undescribed(), b.is_undescribed()) {
        (true, true) => return,
        (true, false) if !b.properties.is_empty() => {
            comparison.value(&rules::PROPERTIES_STATED, at, None, Some(count(&b)));
            return certain(comparison, (&a, &b), at);
        }
        (false, true) if !a.properties.is_empty() => {
            comparison.value(&rules::PROPERTIES_UNSTATED, at, Some(count(&a)), None);
            return certain(comparison, (&a, &b), at);
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

/// What is sure even where only one side describes the properties: what is demanded, and what is
/// refused.
fn certain(comparison: &mut Comparison<'_>, (a, b): (&Parts<'_>, &Parts<'_>), at: &At<'_>) {
    let ways = comparison.ways;
    for (parts, pair) in [(a, &rules::PROPERTY_BECAME_OPTIONAL), (b, &rules::PROPERTY_BECAME_REQUIRED)] {
        let contract = if std::ptr::eq(parts, a) { comparison.base } else { comparison.revision };
        for name in parts.required {
            if let Some(property) = parts.properties.get(name) {
                comparison.ways = travelling(ways, &Flags::of(contract, property), None);
            }
            comparison.value(pair, &at.then(Step::Property(name)), None, None);
            comparison.ways = ways;
        }
    }
    match (a.additional, b.additional) {
        (Additional::Forbidden, Additional::Forbidden) => {}
        (_, Additional::Forbidden) => comparison.value(&rules::OBJECT_CLOSED, at, None, None),
        (Additional::Forbidden, _) => comparison.value(&rules::OBJECT_OPENED, at, None, None),
        _ => {}
    }
}

/// Properties of which each is spelled otherwise on the other side, but plainly the same.
fn respelled<'s>(a: &Parts<'s>, b: &Parts<'s>) -> HashMap<&'s str, &'s str> {
    let folded =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let mut candidates: HashMap<String, (&str, usize)> = HashMap::new();
    for name in b.properties.keys().filter(|name| !a.properties.contains_key(*name)) {
        candidates.entry(folded(name)).or_insert((name, 0)).1 += 1;
    }
    let mut found = HashMap::new();
    for name in a.properties.keys().filter(|name| !b.properties.contains_key(*name)) {
        // Names of nothing but signs are told apart by them.
        if let Some((other, 1)) = candidates.remove(&folded(name)) {
            found.insert(name.as_str(), other);
        }
    }
    found
}

fn properties(comparison: &mut Comparison<'_>, a: &Parts<'_>, b: &Parts<'_>, at: &At<'_>) {
    let ways = comparison.ways;
    let (old_contract, new_contract) = (comparison.base, comparison.revision);
    let respelled = respelled(a, b);
    let respellings: HashSet<&str> = respelled.values().copied().collect();
    for (name, property) in a.properties {
        let at_property = at.then(Step::Property(name));
        let other = respelled.get(name.as_str()).copied();
        let revised = b.properties.get_key_value(other.unwrap_or(name));
        let flags = Flags::of(old_contract, property);
        let revised_flags = revised.map(|(_, revised)| Flags::of(new_contract, revised));
        comparison.ways = travelling(ways, &flags, revised_flags.as_ref());
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
                    // Nobody could send it before.
                    (true, true) if flags.read_only && revised_flags.is_some_and(|flags| !flags.read_only) => {
                        comparison.ways = ways.and(Ways::REQUEST);
                        comparison.value(&rules::PROPERTY_BECAME_REQUIRED, &at_property, None, None);
                        comparison.ways = travelling(ways, &flags, revised_flags.as_ref());
                    }
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
        if a.properties.contains_key(name) || respellings.contains(name.as_str()) {
            continue;
        }
        comparison.ways = travelling(ways, &Flags::of(new_contract, property), None);
        let is_new_demand = b.required.contains(name) && !a.required.contains(name);
        let pair = if is_new_demand { &rules::REQUIRED_PROPERTY_ADDED } else { &rules::PROPERTY_ADDED };
        let values = (None, Some(words::schema(property)));
        comparison.note(Judged::ByDirection(pair), &at.then(Step::Property(name)), Sides::Revision, values);
        comparison.ways = ways;
    }
    // What is demanded need not be described.
    for name in b.required.difference(a.required).filter(|name| !b.properties.contains_key(*name)) {
        comparison.value(&rules::PROPERTY_BECAME_REQUIRED, &at.then(Step::Property(name)), None, None);
    }
    for name in a.required.difference(b.required).filter(|name| !a.properties.contains_key(*name)) {
        comparison.value(&rules::PROPERTY_BECAME_OPTIONAL, &at.then(Step::Property(name)), None, None);
    }
}

/// On which ways a property is there, by itself or by the component that it refers to.
#[derive(Clone, Copy)]
struct Flags {
    read_only: bool,
    write_only: bool,
}

impl Flags {
    fn of(contract: &Contract, property: &Schema) -> Self {
        let own = Self { read_only: property.read_only, write_only: property.write_only };
        match property.ty {
            Type::Ref(_) | Type::AllOf(_) => {
                let inner = followed(contract, property).0;
                Self { read_only: inner.read_only, write_only: inner.write_only }
            }
            _ => own,
        }
    }
}

/// The ways on which a property is there at all: one that is only received is never sent.
fn travelling(ways: Ways, property: &Flags, revised: Option<&Flags>) -> Ways {
    let mut left = ways;
    if property.read_only && revised.is_none_or(|flags| flags.read_only) {
        left = left.and(Ways::RESPONSE);
    }
    if property.write_only && revised.is_none_or(|flags| flags.write_only) {
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
