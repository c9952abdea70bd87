//! The keywords of a schema that say nothing about its combination with others.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Number, Value, json};

use crate::{
    emit,
    model::{Additional, Constraints, Contract, Extensions, Schema, Type},
    read::{
        cursor::{Cursor, escape_pointer},
        error::{NoteKind, ReadError},
        source::Dialect,
    },
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
        if !enumeration.is_empty() && !enumeration.contains(only.value) {
            only.note(NoteKind::LeftOut, "`enum` does not have this value, so no value fits; only `const` is kept");
        }
        enumeration = vec![only.value.clone()];
    }
    let mut extensions = cursor.rest(KNOWN)?;
    let mut nullable = cursor.flag_of("nullable")?;
    if cursor.source.dialect == Dialect::Swagger2
        && let Some(Value::Bool(flag)) = extensions.get("x-nullable")
    {
        nullable |= flag;
        extensions.remove("x-nullable");
    }
    if let Some(required) = cursor.get("required").filter(|required| required.value.is_boolean()) {
        required.note(NoteKind::Invalid, "`required` lists names of properties; kept as `x-required`");
        extensions.insert("x-required".to_owned(), required.value.clone());
    }
    if let Some(discriminator) = cursor.get("discriminator") {
        extensions.insert("discriminator".to_owned(), self::discriminator(&discriminator)?);
    }
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
        nullable,
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
    let required = match cursor.get("required") {
        Some(required) if required.value.is_boolean() => BTreeSet::new(),
        _ => cursor.texts_of("required")?.into_iter().collect(),
    };
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

/// Keywords that the model has no field for, which hold a schema.
const SCHEMAS: &[&str] = &[
    "not",
    "propertyNames",
    "if",
    "then",
    "else",
    "contains",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
    "additionalItems",
];
/// Which hold schemas by name.
const NAMED_SCHEMAS: &[&str] = &["patternProperties", "dependentSchemas", "$defs", "definitions"];
/// Which hold a list of schemas.
const LISTED_SCHEMAS: &[&str] = &["prefixItems"];

/// Brings the schemas in what is kept verbatim to one form, so that their references and nulls are
/// those of any other schema in the contract.
pub(super) fn kept_schemas(
    cursor: &Cursor<'_>,
    extensions: &mut Extensions,
    read: impl Fn(&Cursor<'_>) -> Result<Schema, ReadError>,
) -> Result<(), ReadError> {
    let written = |place: &Cursor<'_>| -> Result<Value, ReadError> {
        if place.value.is_boolean() {
            return Ok(place.value.clone());
        }
        Ok(emit::schema_to_value(&Contract::default(), &read(place)?))
    };
    for name in SCHEMAS {
        if extensions.contains_key(*name)
            && let Some(place) = cursor.get(name)
        {
            extensions.insert((*name).to_owned(), written(&place)?);
        }
    }
    for name in NAMED_SCHEMAS {
        if extensions.contains_key(*name) {
            let all = cursor.members_of(name)?;
            let all = all.into_iter().map(|(name, place)| Ok((name.to_owned(), written(&place)?)));
            extensions.insert((*name).to_owned(), Value::Object(all.collect::<Result<_, _>>()?));
        }
    }
    for name in LISTED_SCHEMAS {
        if extensions.contains_key(*name) {
            let all = cursor.items_of(name)?.iter().map(written).collect::<Result<_, _>>()?;
            extensions.insert((*name).to_owned(), Value::Array(all));
        }
    }
    Ok(())
}

/// Whether there are schemas within this one.
pub(super) fn has_parts(schema: &Value) -> bool {
    let known = ["items", "properties", "additionalProperties", "allOf", "oneOf", "anyOf"];
    let mut keywords = known.iter().chain(SCHEMAS).chain(NAMED_SCHEMAS).chain(LISTED_SCHEMAS);
    keywords.any(|name| schema.get(name).is_some_and(|part| part.is_object() || part.is_array()))
}

/// In OpenAPI 3's form; what its mapping names is a reference.
fn discriminator(cursor: &Cursor<'_>) -> Result<Value, ReadError> {
    if let Value::String(property) = cursor.value {
        return Ok(json!({ "propertyName": property }));
    }
    let mut written = cursor.object()?.clone();
    if let Some(mapping) = written.get_mut("mapping").and_then(Value::as_object_mut) {
        for (value, place) in cursor.members_of("mapping")? {
            let target = place.text()?;
            let name = match cursor.source.component("schemas", target) {
                Some(_) => Some(cursor.source.component_key("schemas", target)),
                None if target.starts_with("#/") => place.component_name(target, "schemas")?,
                None => None,
            };
            match name {
                Some(name) => {
                    let target = format!("#/components/schemas/{}", escape_pointer(&name));
                    mapping.insert(value.to_owned(), target.into());
                }
                None => place.note(NoteKind::Invalid, format!("`{target}` is no schema of this document")),
            }
        }
    }
    Ok(Value::Object(written))
}

/// Text in base64 and raw bytes are formats in 3.0 and have keywords of their own in 3.1, where
/// bytes need no type.
pub(super) fn encoded(ty: Type, extensions: &mut Extensions) -> Type {
    let said = |name: &str| extensions.get(name).and_then(Value::as_str);
    let format = match (&ty, said("contentEncoding"), said("contentMediaType")) {
        (Type::String { format: None }, Some("base64"), None) => "byte",
        (Type::String { format: None } | Type::Any, None, Some("application/octet-stream")) => "binary",
        _ => return ty,
    };
    extensions.remove("contentEncoding");
    extensions.remove("contentMediaType");
    Type::String { format: Some(format.to_owned()) }
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
