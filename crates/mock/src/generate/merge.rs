//! References followed and combined schemas made one.

use std::borrow::Cow;

use docwright_contract::model::{Additional, Constraints, Schema, Type};
use serde_json::{Number, Value};

use super::Held;
use crate::schemas::Schemas;

/// References and combinations within one another beyond this are circles.
const MAX_HOPS: usize = 32;
/// More references than this are not followed for one schema: components that name the next one twice each double them.
const MAX_NAMES: usize = 1_000;
/// More combinations of choices than this are not multiplied out.
const MAX_BRANCHES: usize = 64;

/// A schema that is neither a reference nor `allOf`.
pub(super) struct Flat<'a> {
    pub(super) schema: Held<'a>,
    /// The components that went into it.
    pub(super) names: Vec<String>,
    /// Whether it says no more and no less than the original.
    pub(super) certain: bool,
}

/// The schema without references and `allOf` at its top. `None` where they lead nowhere.
pub(super) fn flat<'a>(schemas: &'a Schemas, schema: &'a Schema) -> Option<Flat<'a>> {
    let mut flat = Flat { schema: Cow::Borrowed(schema), names: Vec::new(), certain: true };
    flat.schema = flatten(schemas, schema, &mut flat.names, &mut flat.certain, 0)?;
    Some(flat)
}

fn flatten<'a>(
    schemas: &'a Schemas,
    schema: &'a Schema,
    names: &mut Vec<String>,
    certain: &mut bool,
    hops: usize,
) -> Option<Held<'a>> {
    if hops > MAX_HOPS || names.len() > MAX_NAMES {
        return None;
    }
    match &schema.ty {
        Type::Ref(name) => {
            let target = schemas.component(name)?;
            names.push(name.clone());
            let target = flatten(schemas, target, names, certain, hops + 1)?;
            Some(around(schema, target, certain))
        }
        Type::AllOf(parts) => {
            let mut merged: Option<Held<'a>> = None;
            for part in parts {
                let part = flatten(schemas, part, names, certain, hops + 1)?;
                merged = Some(match merged {
                    None => part,
                    Some(first) => Cow::Owned(both(&first, &part, certain)),
                });
            }
            Some(around(schema, merged.unwrap_or_default(), certain))
        }
        _ => Some(Cow::Borrowed(schema)),
    }
}

/// What `inner` says together with what `outer` says around it.
fn around<'a>(outer: &Schema, inner: Held<'a>, certain: &mut bool) -> Held<'a> {
    let says_nothing = outer.enumeration.is_empty()
        && outer.constraints == Constraints::default()
        && outer.example.is_none()
        && outer.default.is_none()
        && outer.extensions.is_empty()
        && !outer.nullable;
    if says_nothing {
        return inner;
    }
    let words = Schema { ty: Type::Any, ..outer.clone() };
    let mut merged = both(&words, &inner, certain);
    merged.nullable = outer.nullable || inner.nullable;
    Cow::Owned(merged)
}

/// A schema for what is valid under both; what `a` says in words comes first.
fn both(a: &Schema, b: &Schema, certain: &mut bool) -> Schema {
    let mut extensions = b.extensions.clone();
    extensions.extend(a.extensions.iter().map(|(name, value)| (name.clone(), value.clone())));
    Schema {
        ty: types(a, b, certain),
        nullable: a.nullable && b.nullable,
        description: None,
        title: None,
        deprecated: false,
        read_only: a.read_only || b.read_only,
        write_only: a.write_only || b.write_only,
        enumeration: match (a.enumeration.is_empty(), b.enumeration.is_empty()) {
            (true, _) => b.enumeration.clone(),
            (_, true) => a.enumeration.clone(),
            _ => a.enumeration.iter().filter(|value| b.enumeration.contains(value)).cloned().collect(),
        },
        default: a.default.clone().or_else(|| b.default.clone()),
        example: example(a, b),
        constraints: constraints(&a.constraints, &b.constraints, certain),
        extensions,
    }
}

/// Examples of two parts of one object are parts of its example.
fn example(a: &Schema, b: &Schema) -> Option<Value> {
    match (&a.example, &b.example) {
        (Some(Value::Object(first)), Some(Value::Object(second))) => {
            let mut whole = first.clone();
            second.iter().for_each(|(name, value)| {
                whole.entry(name.clone()).or_insert_with(|| value.clone());
            });
            Some(Value::Object(whole))
        }
        // One part's example is not the whole, unless the other part only adds words.
        (Some(only), None) if matches!(b.ty, Type::Any) || matches!(a.ty, Type::Any) => Some(only.clone()),
        (None, Some(only)) if matches!(a.ty, Type::Any) || matches!(b.ty, Type::Any) => Some(only.clone()),
        (Some(first), Some(_)) => Some(first.clone()),
        _ => None,
    }
}

fn types(a: &Schema, b: &Schema, certain: &mut bool) -> Type {
    match (&a.ty, &b.ty) {
        (Type::Any, ty) | (ty, Type::Any) => ty.clone(),
        (Type::OneOf(first), Type::OneOf(second) | Type::AnyOf(second))
        | (Type::AnyOf(first), Type::OneOf(second) | Type::AnyOf(second)) => {
            *certain = false;
            let pairs = first.iter().flat_map(|one| second.iter().map(move |other| vec![one.clone(), other.clone()]));
            Type::AnyOf(pairs.take(MAX_BRANCHES).map(|pair| Schema::new(Type::AllOf(pair))).collect())
        }
        (Type::OneOf(parts) | Type::AnyOf(parts), _) => distributed(parts, b, certain),
        (_, Type::OneOf(parts) | Type::AnyOf(parts)) => distributed(parts, a, certain),
        (Type::Integer { format }, Type::Number { .. } | Type::Integer { .. })
        | (Type::Number { .. }, Type::Integer { format }) => Type::Integer { format: format.clone() },
        (Type::Number { format }, Type::Number { format: other }) => {
            Type::Number { format: format.clone().or_else(|| other.clone()) }
        }
        (Type::String { format }, Type::String { format: other }) => {
            *certain &= format.is_none() || other.is_none() || format == other;
            Type::String { format: format.clone().or_else(|| other.clone()) }
        }
        (Type::Boolean, Type::Boolean) => Type::Boolean,
        (Type::Array { items }, Type::Array { items: other }) => Type::Array { items: Box::new(pair(items, other)) },
        (
            Type::Object { properties, required, additional },
            Type::Object { properties: others, required: also, additional: beside },
        ) => {
            let mut merged = properties.clone();
            for (name, property) in others {
                match merged.get_mut(name) {
                    Some(known) if known == property => {}
                    Some(known) => *known = pair(known, property),
                    None => _ = merged.insert(name.clone(), property.clone()),
                }
            }
            // What one part forbids, the other may still name: no value fits, and validation says so.
            *certain &= !matches!(additional, Additional::Forbidden | Additional::Schema(_))
                && !matches!(beside, Additional::Forbidden | Additional::Schema(_));
            let additional = match (additional, beside) {
                (Additional::Forbidden, _) | (_, Additional::Forbidden) => Additional::Forbidden,
                (Additional::Schema(one), Additional::Schema(other)) => Additional::Schema(Box::new(pair(one, other))),
                (Additional::Schema(one), _) | (_, Additional::Schema(one)) => Additional::Schema(one.clone()),
                (Additional::Any, _) | (_, Additional::Any) => Additional::Any,
                _ => Additional::Unstated,
            };
            Type::Object { properties: merged, required: required.union(also).cloned().collect(), additional }
        }
        (first, _) => {
            *certain = false;
            first.clone()
        }
    }
}

fn pair(a: &Schema, b: &Schema) -> Schema {
    if a == b { a.clone() } else { Schema::new(Type::AllOf(vec![a.clone(), b.clone()])) }
}

/// A choice beside something else: that else with each of the choices.
fn distributed(parts: &[Schema], beside: &Schema, certain: &mut bool) -> Type {
    *certain = false;
    let beside = Schema { example: None, default: None, ..beside.clone() };
    Type::AnyOf(parts.iter().map(|part| pair(part, &beside)).collect())
}

fn constraints(a: &Constraints, b: &Constraints, certain: &mut bool) -> Constraints {
    let (minimum, exclusive_minimum) =
        tighter((&a.minimum, a.exclusive_minimum), (&b.minimum, b.exclusive_minimum), |one, other| one > other);
    let (maximum, exclusive_maximum) =
        tighter((&a.maximum, a.exclusive_maximum), (&b.maximum, b.exclusive_maximum), |one, other| one < other);
    // Two patterns or steps at once need a look at the outcome.
    *certain &= a.pattern.is_none() || b.pattern.is_none() || a.pattern == b.pattern;
    *certain &= a.multiple_of.is_none() || b.multiple_of.is_none() || a.multiple_of == b.multiple_of;
    Constraints {
        minimum,
        exclusive_minimum,
        maximum,
        exclusive_maximum,
        multiple_of: a.multiple_of.clone().or_else(|| b.multiple_of.clone()),
        min_length: a.min_length.max(b.min_length),
        max_length: least(a.max_length, b.max_length),
        pattern: a.pattern.clone().or_else(|| b.pattern.clone()),
        min_items: a.min_items.max(b.min_items),
        max_items: least(a.max_items, b.max_items),
        unique_items: a.unique_items || b.unique_items,
        min_properties: a.min_properties.max(b.min_properties),
        max_properties: least(a.max_properties, b.max_properties),
    }
}

fn least(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    a.into_iter().chain(b).min()
}

fn tighter(
    (a, a_exclusive): (&Option<Number>, bool),
    (b, b_exclusive): (&Option<Number>, bool),
    is_tighter: impl Fn(f64, f64) -> bool,
) -> (Option<Number>, bool) {
    match (a, b) {
        (Some(one), Some(other)) => {
            let (x, y) = (one.as_f64().unwrap_or(0.0), other.as_f64().unwrap_or(0.0));
            if is_tighter(x, y) || x == y && a_exclusive {
                (Some(one.clone()), a_exclusive)
            } else {
                (Some(other.clone()), b_exclusive)
            }
        }
        (Some(one), None) => (Some(one.clone()), a_exclusive),
        (None, other) => (other.clone(), b_exclusive),
    }
}

/// Puts the choice's name into the property that tells choices apart.
pub(super) fn discriminate(schemas: &Schemas, discriminator: &Value, part: &Schema, value: &mut Value) {
    let Some(property) = discriminator.get("propertyName").and_then(Value::as_str) else { return };
    let Some(object) = value.as_object_mut() else { return };
    // Parts of combined schemas name the choice first or second.
    let name = match &part.ty {
        Type::Ref(name) => Some(name),
        Type::AllOf(parts) => parts.iter().find_map(|part| match &part.ty {
            Type::Ref(name) => Some(name),
            _ => None,
        }),
        _ => None,
    };
    let Some(name) = name else { return };
    let mapped = discriminator.get("mapping").and_then(Value::as_object).and_then(|mapping| {
        mapping.iter().find(|(_, target)| {
            target.as_str().is_some_and(|target| target.rsplit('/').next().unwrap_or(target) == name)
        })
    });
    let label = mapped.map_or(name.as_str(), |(label, _)| label.as_str());
    // A property that lists its values knows better.
    let own = schemas.property(part, property).map(|schema| schemas.resolve(schema));
    if own.is_none_or(|own| own.enumeration.is_empty() || own.enumeration.iter().any(|value| value == label)) {
        object.insert(property.to_owned(), Value::from(label));
    }
}
