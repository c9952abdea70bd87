//! Compares two schemas at one place.

mod bounds;
mod combined;
mod keywords;
mod listed;
mod objects;
pub(super) mod similar;

pub(super) use keywords::extensions;

use super::Nullability;
use super::components::{Comparison, Sides};
use super::place::{At, Step};
use super::rules;
use super::words;
use crate::model::{Contract, Schema, Type};

/// Nothing is looked into deeper than this at one place.
const MOST_LOOKED_INTO: usize = 32;

/// Compares what a value may be in the base with what it may be in the revision.
pub(super) fn compare(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    if std::ptr::eq(base, revision) {
        return;
    }
    keywords::texts(comparison, base, revision, at);
    match (component(comparison.base, base), component(comparison.revision, revision)) {
        (Some(a), Some(b)) => {
            keywords::flags(comparison, base, revision, at);
            nullable(comparison, base.nullable, revision.nullable, at);
            if comparison.similar(a, b) {
                comparison.meet(a, b);
            } else {
                changed_type(comparison, base, revision, at);
            }
        }
        (a, b) => {
            let looked_into = comparison.looked_into.len();
            // What refers to itself is looked into once.
            let circles = a.is_some_and(|a| comparison.looked_into.contains(&(false, a)))
                || b.is_some_and(|b| comparison.looked_into.contains(&(true, b)));
            if circles || ((a.is_some() || b.is_some()) && !look(comparison, at)) {
                return;
            }
            comparison.looked_into.extend(a.map(|a| (false, a)));
            comparison.looked_into.extend(b.map(|b| (true, b)));
            let base = seen(comparison.base, base, a);
            let revision = seen(comparison.revision, revision, b);
            keywords::flags(comparison, &base, &revision, at);
            nullable(comparison, base.nullable, revision.nullable, at);
            shapes(comparison, &base, &revision, at);
            comparison.looked_into.truncate(looked_into);
        }
    }
}

/// Whether there may be one more look; the last one says that there are too many.
fn look(comparison: &mut Comparison<'_>, at: &At<'_>) -> bool {
    if comparison.looked_into.len() > MOST_LOOKED_INTO {
        comparison.looks = comparison.looks.min(1);
    }
    match comparison.looks {
        0 => return false,
        1 => comparison.plain(&rules::COMPARISON_INCOMPLETE, at, Sides::Both, (None, None)),
        _ => {}
    }
    comparison.looks -= 1;
    comparison.looks > 0
}

/// The index of the component that a schema refers to.
fn component(contract: &Contract, schema: &Schema) -> Option<usize> {
    match &schema.ty {
        Type::Ref(name) => contract.schemas.get_index_of(name),
        Type::AllOf(parts) => match &parts[..] {
            [only] => component(contract, only),
            _ => None,
        },
        _ => None,
    }
}

/// A reference with what it refers to, as far as nothing beside the reference says otherwise.
fn seen<'s>(contract: &Contract, schema: &'s Schema, component: Option<usize>) -> std::borrow::Cow<'s, Schema> {
    let Some((_, target)) = component.and_then(|index| contract.schemas.get_index(index)) else {
        return match &schema.ty {
            Type::AllOf(parts) if parts.len() == 1 => std::borrow::Cow::Owned(over(schema, &parts[0])),
            _ => std::borrow::Cow::Borrowed(schema),
        };
    };
    std::borrow::Cow::Owned(over(schema, target))
}

/// `target` with what stands beside the reference to it.
fn over(schema: &Schema, target: &Schema) -> Schema {
    let mut merged = target.clone();
    merged.nullable |= schema.nullable;
    merged.deprecated |= schema.deprecated;
    merged.read_only |= schema.read_only;
    merged.write_only |= schema.write_only;
    merged.default = schema.default.clone().or(merged.default);
    merged.extensions.extend(schema.extensions.clone());
    merged
}

fn nullable(comparison: &mut Comparison<'_>, base: bool, revision: bool, at: &At<'_>) {
    if base != revision && comparison.nullability == Nullability::Unsaid {
        return comparison.plain(&rules::NULLABILITY_UNSTATED, at, Sides::Both, (None, None));
    }
    match (base, revision) {
        (false, true) => comparison.value(&rules::BECAME_NULLABLE, at, None, None),
        (true, false) => comparison.value(&rules::BECAME_NOT_NULLABLE, at, None, None),
        _ => {}
    }
}

fn changed_type(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let words = (words::schema(base), words::schema(revision));
    comparison.value(&rules::TYPE_CHANGED, at, Some(words.0), Some(words.1));
}

/// Compares two schemas of which none is a reference any more.
fn shapes(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    use Type::{AllOf, Any, AnyOf, Array, Boolean, Integer, Number, Object, OneOf, Ref, String};
    let words = || (Some(words::schema(base)), Some(words::schema(revision)));
    let pair = match (&base.ty, &revision.ty) {
        // What is left of chains of references that lead in circles.
        (Ref(_), Ref(_)) => return compare(comparison, base, revision, at),
        (AllOf(_), _) | (_, AllOf(_)) => return combined::all_of(comparison, base, revision, at),
        (OneOf(_) | AnyOf(_), _) | (_, OneOf(_) | AnyOf(_)) => {
            return combined::alternatives(comparison, base, revision, at);
        }
        (Any, Any) => {
            listed::compare(comparison, base, revision, at);
            return bounds::compare(comparison, base, revision, at);
        }
        (Any, _) => &rules::TYPE_STATED,
        (_, Any) => &rules::TYPE_UNSTATED,
        (Array { items: a }, Array { items: b }) => {
            bounds::compare(comparison, base, revision, at);
            return compare(comparison, a, b, &at.then(Step::Items));
        }
        (Object { .. }, Object { .. }) => {
            bounds::compare(comparison, base, revision, at);
            return objects::compare(comparison, base, revision, at);
        }
        (Boolean, Boolean)
        | (Integer { .. }, Integer { .. })
        | (Number { .. }, Number { .. })
        | (String { .. }, String { .. }) => {
            format(comparison, &base.ty, &revision.ty, at);
            listed::compare(comparison, base, revision, at);
            return bounds::compare(comparison, base, revision, at);
        }
        (Integer { .. }, Number { .. }) => &rules::TYPE_WIDENED,
        (Number { .. }, Integer { .. }) => &rules::TYPE_NARROWED,
        _ => &rules::TYPE_CHANGED,
    };
    let (base, revision) = words();
    comparison.value(pair, at, base, revision);
}

fn format(comparison: &mut Comparison<'_>, base: &Type, revision: &Type, at: &At<'_>) {
    let (a, b) = (base.format(), revision.format());
    if a == b {
        return;
    }
    // Within one type of number, the formats that include each other.
    let rank = |format: Option<&str>| match format {
        Some("int32" | "float") => Some(0),
        Some("int64" | "double") => Some(1),
        None => Some(2),
        _ => None,
    };
    let is_number = matches!(base, Type::Integer { .. } | Type::Number { .. });
    let pair = match (a, b) {
        (None, Some(_)) => &rules::FORMAT_ADDED,
        (Some(_), None) => &rules::FORMAT_REMOVED,
        _ => match (is_number, rank(a), rank(b)) {
            (true, Some(a), Some(b)) if a < b => &rules::FORMAT_WIDENED,
            (true, Some(a), Some(b)) if a > b => &rules::FORMAT_NARROWED,
            _ => &rules::FORMAT_CHANGED,
        },
    };
    comparison.value(pair, at, a.map(str::to_owned), b.map(str::to_owned));
}
