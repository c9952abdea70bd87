//! Compares two schemas at one place.

mod bounds;
mod combined;
mod kept;
mod keywords;
mod listed;
mod merged;
mod objects;
pub(super) mod similar;

pub(super) use keywords::extensions;
pub(super) use merged::followed;

use std::borrow::Cow;

use super::Nullability;
use super::components::{Comparison, Compensated, Sides};
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
    if let (Some(a), Some(b)) = (component(comparison.base, base), component(comparison.revision, revision))
        && comparison.similar(a, b)
    {
        return references(comparison, (base, a), (revision, b), at);
    }
    let ((base, through_a), (revision, through_b)) =
        (followed(comparison.base, base), followed(comparison.revision, revision));
    if let (Some(a), Some(b)) = (through_a.first(), through_b.first()) {
        keywords::flags(comparison, &base, &revision, at);
        nullable(comparison, base.nullable, revision.nullable, at);
        let name = |contract: &Contract, index: usize| contract.schemas.get_index(index).map(|(name, _)| name.clone());
        let names = (name(comparison.base, *a), name(comparison.revision, *b));
        return comparison.value(&rules::TYPE_CHANGED, at, names.0, names.1);
    }
    // What refers to itself is looked into once.
    let looked_into = comparison.looked_into.len();
    let circles = through_a.iter().any(|a| comparison.looked_into.contains(&(false, *a)))
        || through_b.iter().any(|b| comparison.looked_into.contains(&(true, *b)));
    let leads = !through_a.is_empty() || !through_b.is_empty();
    if circles || (leads && !look(comparison, at)) {
        return;
    }
    comparison.looked_into.extend(through_a.into_iter().map(|a| (false, a)));
    comparison.looked_into.extend(through_b.into_iter().map(|b| (true, b)));
    values(comparison, &base, &revision, at);
    comparison.looked_into.truncate(looked_into);
}

/// Both sides refer to versions of one component, which is compared by itself. What stands beside
/// the references is compared as if both led to the revision's component.
fn references(comparison: &mut Comparison<'_>, base: (&Schema, usize), revision: (&Schema, usize), at: &At<'_>) {
    let (beside_base, beside_revision) = (merged::beside(base.0), merged::beside(revision.0));
    if merged::same_beside(&beside_base, &beside_revision) {
        return comparison.meet(base.1, revision.1, Compensated::default());
    }
    let target = |contract: &Contract, index: usize| {
        let schema = contract.schemas.get_index(index).map(|(_, schema)| schema);
        schema.map(|schema| followed(contract, schema).0.into_owned()).unwrap_or_default()
    };
    let (old, new) = (target(comparison.base, base.1), target(comparison.revision, revision.1));
    let mut a = merged::over(&beside_base, &new);
    let mut b = merged::over(&beside_revision, &new);
    let nulls = (beside_base.nullable || old.nullable, b.nullable);
    let default = beside_base.default.clone().or(old.default.clone());
    let compensated = Compensated { null: nulls.0 == nulls.1, default: default == b.default };
    // Where the components differ, they say so themselves.
    if compensated.null || old.nullable != new.nullable {
        a.nullable = b.nullable;
    }
    if compensated.default {
        a.default.clone_from(&b.default);
    }
    comparison.meet(base.1, revision.1, compensated);
    keywords::flags(comparison, &a, &b, at);
    nullable(comparison, a.nullable, b.nullable, at);
    b.ty = Type::Any;
    beside_shape(comparison, &a, &b, at);
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
fn values(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    let (base, revision) = (&*typed(base), &*typed(revision));
    match (&base.ty, &revision.ty) {
        (Type::AllOf(_), _) | (_, Type::AllOf(_)) => combined::all_of(comparison, base, revision, at),
        (Type::OneOf(_) | Type::AnyOf(_), _) | (_, Type::OneOf(_) | Type::AnyOf(_)) => {
            combined::alternatives(comparison, base, revision, at);
        }
        _ if is_null_against(base, revision) || is_null_against(revision, base) => {
            changed_type(comparison, base, revision, at);
        }
        _ => {
            keywords::flags(comparison, base, revision, at);
            nullable(comparison, base.nullable, revision.nullable, at);
            shapes(comparison, base, revision, at);
        }
    }
}

/// Whether one is null and nothing else, and the other has other values only by its type.
fn is_null_against(null: &Schema, other: &Schema) -> bool {
    words::is_null(null) && !words::is_null(other) && (other.ty != Type::Any || !other.enumeration.is_empty())
}

/// A list of values of one type says the type too.
fn typed(schema: &Schema) -> Cow<'_, Schema> {
    let Some(first) = schema.enumeration.first().filter(|_| schema.ty == Type::Any) else {
        return Cow::Borrowed(schema);
    };
    let ty = match first {
        serde_json::Value::String(_) => Type::String { format: None },
        serde_json::Value::Bool(_) => Type::Boolean,
        serde_json::Value::Number(number) if number.is_f64() => Type::Number { format: None },
        serde_json::Value::Number(_) => Type::Integer { format: None },
        _ => return Cow::Borrowed(schema),
    };
    let all = schema.enumeration.iter().all(|value| match (first, value) {
        (serde_json::Value::Number(a), serde_json::Value::Number(b)) => a.is_f64() == b.is_f64(),
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    });
    if all { Cow::Owned(Schema { ty, ..schema.clone() }) } else { Cow::Borrowed(schema) }
}

/// Compares types, and what the types' keywords say.
fn shapes(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    use Type::{Any, Array, Boolean, Integer, Number, Object, String};
    let pair = match (&base.ty, &revision.ty) {
        (Any, Any) => None,
        (Array { .. }, Array { .. }) | (Object { .. }, Object { .. }) => None,
        (Boolean, Boolean)
        | (Integer { .. }, Integer { .. })
        | (Number { .. }, Number { .. })
        | (String { .. }, String { .. }) => {
            format(comparison, &base.ty, &revision.ty, at);
            None
        }
        (Any, _) => Some(&rules::TYPE_STATED),
        (_, Any) => Some(&rules::TYPE_UNSTATED),
        (Integer { .. }, Number { .. }) => Some(&rules::TYPE_WIDENED),
        (Number { .. }, Integer { .. }) => Some(&rules::TYPE_NARROWED),
        // Whatever stands beside types that have nothing in common makes it no worse.
        _ => return changed_type(comparison, base, revision, at),
    };
    if let Some(pair) = pair {
        comparison.value(pair, at, Some(words::schema(base)), Some(words::schema(revision)));
    }
    beside_shape(comparison, base, revision, at);
    match (&base.ty, &revision.ty) {
        (Array { items: a }, Array { items: b }) => compare(comparison, a, b, &at.then(Step::Items)),
        (Object { .. }, Object { .. }) => objects::compare(comparison, base, revision, at),
        _ => {}
    }
}

/// Lists of values and bounds, which may stand beside any shape.
fn beside_shape(comparison: &mut Comparison<'_>, base: &Schema, revision: &Schema, at: &At<'_>) {
    listed::compare(comparison, base, revision, at);
    bounds::compare(comparison, base, revision, at);
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
