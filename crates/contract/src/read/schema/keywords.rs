//! The keywords of a schema that say nothing about its combination with others.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Number, Value};

use crate::{
    model::{Additional, Constraints, Schema, Type},
    read::{cursor::Cursor, error::ReadError},
};

/// What this module or its parent reads; everything else is kept verbatim.
const KNOWN: &[&str] = &[
    "$ref",
    "type",
    "format",
    "nullable",
    "description",
    "title",
    "deprecated",
    "readOnly",
    "writeOnly",
    "enum",
    "const",
    "default",
    "example",
    "examples",
    "minimum",
    "exclusiveMinimum",
    "maximum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "allOf",
    "oneOf",
    "anyOf",
];

/// Everything but the shape.
pub(super) fn annotations(cursor: &Cursor<'_>) -> Result<Schema, ReadError> {
    let mut enumeration: Vec<Value> = cursor.items_of("enum")?.into_iter().map(|value| value.value.clone()).collect();
    if let Some(only) = cursor.get("const") {
        enumeration = vec![only.value.clone()];
    }
    let mut extensions = cursor.rest(KNOWN)?;
    // Keys of an object are text anyway.
    if extensions.get("propertyNames").is_some_and(|names| *names == serde_json::json!({ "type": "string" })) {
        extensions.remove("propertyNames");
    }
    let mut example = cursor.get("example").map(|example| example.value.clone());
    if let Some(examples) = cursor.get("examples") {
        match examples.value.as_array().map(Vec::as_slice) {
            Some([only]) if example.is_none() => example = Some(only.clone()),
            _ => {
                extensions.insert("examples".to_owned(), examples.value.clone());
            }
        }
    }
    Ok(Schema {
        ty: Type::Any,
        nullable: cursor.flag_of("nullable")?,
        description: cursor.text_of("description")?,
        title: cursor.text_of("title")?,
        deprecated: cursor.flag_of("deprecated")?,
        read_only: cursor.flag_of("readOnly")?,
        write_only: cursor.flag_of("writeOnly")?,
        enumeration,
        default: cursor.get("default").map(|default| default.value.clone()),
        example,
        constraints: constraints(cursor)?,
        extensions,
    })
}

/// An object's properties and what else it may hold.
pub(super) fn object(
    cursor: &Cursor<'_>,
    read: impl Fn(&Cursor<'_>) -> Result<Schema, ReadError>,
) -> Result<Type, ReadError> {
    let mut properties = IndexMap::new();
    for (name, property) in cursor.members_of("properties")? {
        properties.insert(name.to_owned(), read(&property)?);
    }
    let required: BTreeSet<String> =
        cursor.items_of("required")?.iter().map(|name| name.text().map(str::to_owned)).collect::<Result<_, _>>()?;
    let additional = match cursor.get("additionalProperties") {
        None => Additional::Unstated,
        Some(additional) => match additional.value {
            Value::Bool(false) => Additional::Forbidden,
            Value::Bool(true) => Additional::Any,
            Value::Object(members) if members.is_empty() => Additional::Any,
            _ => Additional::Schema(Box::new(read(&additional)?)),
        },
    };
    Ok(Type::Object { properties, required, additional })
}

fn constraints(cursor: &Cursor<'_>) -> Result<Constraints, ReadError> {
    let (minimum, exclusive_minimum) = bound(cursor, "minimum", "exclusiveMinimum", |own, other| own > other)?;
    let (maximum, exclusive_maximum) = bound(cursor, "maximum", "exclusiveMaximum", |own, other| own < other)?;
    Ok(Constraints {
        minimum,
        exclusive_minimum,
        maximum,
        exclusive_maximum,
        multiple_of: number(cursor, "multipleOf")?,
        min_length: cursor.count_of("minLength")?,
        max_length: cursor.count_of("maxLength")?,
        pattern: cursor.text_of("pattern")?,
        min_items: cursor.count_of("minItems")?,
        max_items: cursor.count_of("maxItems")?,
        unique_items: cursor.flag_of("uniqueItems")?,
        min_properties: cursor.count_of("minProperties")?,
        max_properties: cursor.count_of("maxProperties")?,
    })
}

/// A bound and whether it is excluded: a flag beside it in 3.0, a number of its own in 3.1. Where
/// both numbers stand, the stricter one counts.
fn bound(
    cursor: &Cursor<'_>,
    name: &str,
    exclusive: &str,
    stricter: impl Fn(f64, f64) -> bool,
) -> Result<(Option<Number>, bool), ReadError> {
    let inclusive = number(cursor, name)?;
    let Some(place) = cursor.get(exclusive) else { return Ok((inclusive, false)) };
    match place.value {
        Value::Bool(flag) => Ok((inclusive, *flag)),
        Value::Number(number) => match inclusive {
            Some(inclusive) if stricter(as_float(&inclusive), as_float(number)) => Ok((Some(inclusive), false)),
            _ => Ok((Some(number.clone()), true)),
        },
        _ => Err(place.unexpected("a number, true or false")),
    }
}

fn number(cursor: &Cursor<'_>, name: &str) -> Result<Option<Number>, ReadError> {
    match cursor.get(name) {
        None => Ok(None),
        Some(place) => match place.value {
            Value::Number(number) => Ok(Some(number.clone())),
            _ => Err(place.unexpected("a number")),
        },
    }
}

fn as_float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}
