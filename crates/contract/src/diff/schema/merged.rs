//! A reference, or a lone part of `allOf`, with what stands beside it: both have to hold.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::bounds::order;
use super::listed::same_value;
use crate::model::{Constraints, Contract, Schema, Type};

/// What a schema comes to when references and lone parts are followed, and the components on the
/// way there, in order.
pub(in crate::diff) fn followed<'s>(contract: &'s Contract, schema: &'s Schema) -> (Cow<'s, Schema>, Vec<usize>) {
    let mut current = Cow::Borrowed(schema);
    let mut through = Vec::new();
    loop {
        let next = match &current.ty {
            Type::Ref(name) => match contract.schemas.get_full(name) {
                Some((index, _, target)) if !through.contains(&index) => {
                    through.push(index);
                    if is_bare(&current) { Cow::Borrowed(target) } else { Cow::Owned(over(&current, target)) }
                }
                _ => return (current, through),
            },
            Type::AllOf(parts) if parts.len() == 1 => Cow::Owned(over(&current, &parts[0])),
            _ => return (current, through),
        };
        current = next;
    }
}

/// What stands beside a reference, with the reference.
pub(super) fn beside(schema: &Schema) -> Cow<'_, Schema> {
    match &schema.ty {
        Type::AllOf(parts) if parts.len() == 1 => Cow::Owned(over(schema, &beside(&parts[0]))),
        _ => Cow::Borrowed(schema),
    }
}

/// Whether the same stands beside two references; texts are compared elsewhere.
pub(super) fn same_beside(a: &Schema, b: &Schema) -> bool {
    (a.nullable, a.deprecated, a.read_only, a.write_only) == (b.nullable, b.deprecated, b.read_only, b.write_only)
        && a.enumeration == b.enumeration
        && a.default == b.default
        && a.constraints == b.constraints
        && a.extensions == b.extensions
}

fn is_bare(schema: &Schema) -> bool {
    !(schema.nullable || schema.deprecated || schema.read_only || schema.write_only)
        && schema.enumeration.is_empty()
        && schema.default.is_none()
        && schema.constraints == Constraints::default()
        && schema.extensions.is_empty()
}

/// The shape of `inner`, where what `outer` says beside its own shape has to hold as well.
pub(super) fn over(outer: &Schema, inner: &Schema) -> Schema {
    let mut merged = inner.clone();
    merged.nullable |= outer.nullable;
    merged.deprecated |= outer.deprecated;
    merged.read_only |= outer.read_only;
    merged.write_only |= outer.write_only;
    merged.default = outer.default.clone().or(merged.default);
    if merged.enumeration.is_empty() {
        merged.enumeration.clone_from(&outer.enumeration);
    } else if !outer.enumeration.is_empty() {
        let both: Vec<Value> =
            merged.enumeration.iter().filter(|value| is_among(value, &outer.enumeration)).cloned().collect();
        merged.enumeration = if both.is_empty() { outer.enumeration.clone() } else { both };
    }
    merged.constraints = strictest(&outer.constraints, &inner.constraints);
    for (name, value) in &outer.extensions {
        let both = match merged.extensions.get(name) {
            // Keywords such as `not` hold on both levels; notes for tools are overridden.
            Some(other) if other != value && !name.starts_with("x-") && name != "xml" => {
                Value::Array(vec![value.clone(), other.clone()])
            }
            _ => value.clone(),
        };
        merged.extensions.insert(name.clone(), both);
    }
    merged
}

fn is_among(value: &Value, all: &[Value]) -> bool {
    all.iter().any(|other| same_value(value, other))
}

fn strictest(a: &Constraints, b: &Constraints) -> Constraints {
    let (minimum, exclusive_minimum) =
        limit((&a.minimum, a.exclusive_minimum), (&b.minimum, b.exclusive_minimum), Ordering::Greater);
    let (maximum, exclusive_maximum) =
        limit((&a.maximum, a.exclusive_maximum), (&b.maximum, b.exclusive_maximum), Ordering::Less);
    let least = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
    Constraints {
        minimum,
        exclusive_minimum,
        maximum,
        exclusive_maximum,
        multiple_of: multiple(&a.multiple_of, &b.multiple_of),
        min_length: a.min_length.max(b.min_length),
        max_length: least(a.max_length, b.max_length),
        pattern: match (&a.pattern, &b.pattern) {
            (Some(a), Some(b)) if a != b => {
                let (first, second) = if a < b { (a, b) } else { (b, a) };
                Some(format!("{first}` and `{second}"))
            }
            (a, b) => a.clone().or_else(|| b.clone()),
        },
        min_items: a.min_items.max(b.min_items),
        max_items: least(a.max_items, b.max_items),
        unique_items: a.unique_items || b.unique_items,
        min_properties: a.min_properties.max(b.min_properties),
        max_properties: least(a.max_properties, b.max_properties),
    }
}

/// The bound that is stricter: the one that lies on the side of `stricter` of the other.
fn limit(a: (&Option<Number>, bool), b: (&Option<Number>, bool), stricter: Ordering) -> (Option<Number>, bool) {
    let chosen = match (a.0, b.0) {
        (_, None) => a,
        (None, _) => b,
        (Some(x), Some(y)) => match order(x, y) {
            Some(Ordering::Equal) => (a.0, a.1 || b.1),
            Some(found) if found == stricter => a,
            _ => b,
        },
    };
    (chosen.0.clone(), chosen.1)
}

/// What is a multiple of both.
fn multiple(a: &Option<Number>, b: &Option<Number>) -> Option<Number> {
    let (Some(x), Some(y)) = (a, b) else { return a.clone().or_else(|| b.clone()) };
    match (x.as_u64(), y.as_u64()) {
        (Some(x @ 1..), Some(y @ 1..)) => {
            let (mut large, mut small) = (x, y);
            while small != 0 {
                (large, small) = (small, large % small);
            }
            (x / large).checked_mul(y).map(Number::from)
        }
        _ if x.as_f64() < y.as_f64() => Some(y.clone()),
        _ => Some(x.clone()),
    }
}
