//! XML for values, and values for XML, by the `xml` hints of schemas.
//!
//! An element is called as the hint says, else as its property, else as the component schema.
//! Lists stand without an element of their own unless `wrapped`; as the root they always have one.
//! Null is left out.

mod read;
mod write;

pub(crate) use read::{XmlError, read};
pub(crate) use write::write;

use docwright_contract::model::{Schema, Type};
use serde_json::Value;

use crate::schemas::Schemas;

/// How many references in a row are followed.
const MAX_HOPS: usize = 32;

/// The member `member` of the schema's `xml` hint, or of what it refers to.
fn hint<'a>(schemas: &'a Schemas, schema: &'a Schema, member: &str) -> Option<&'a Value> {
    let mut current = schema;
    for _ in 0..MAX_HOPS {
        if let Some(value) = current.extensions.get("xml").and_then(|xml| xml.get(member)) {
            return Some(value);
        }
        current = match &current.ty {
            Type::Ref(name) => schemas.component(name)?,
            Type::AllOf(parts) if parts.len() == 1 => parts.first()?,
            _ => return None,
        };
    }
    None
}

fn name<'a>(schemas: &'a Schemas, schema: &'a Schema) -> Option<&'a str> {
    hint(schemas, schema, "name").and_then(Value::as_str).filter(|name| !name.is_empty())
}

fn is_flagged(schemas: &Schemas, schema: &Schema, member: &str) -> bool {
    hint(schemas, schema, member).and_then(Value::as_bool).unwrap_or(false)
}

/// The component that the schema refers to, directly or as its one part.
fn component(schema: &Schema) -> Option<&str> {
    match &schema.ty {
        Type::Ref(name) => Some(name),
        Type::AllOf(parts) if parts.len() == 1 => parts.first().and_then(component),
        _ => None,
    }
}

/// What the root element of the schema is called.
fn root_name(schemas: &Schemas, schema: &Schema) -> String {
    let known = name(schemas, schema).or_else(|| component(schema)).map(str::to_owned);
    known.unwrap_or_else(|| match schemas.items(schema) {
        Some(items) => format!("ArrayOf{}", item_name(schemas, items, None)),
        None => schemas.resolve(schema).ty.name().unwrap_or("root").to_owned(),
    })
}

/// What the items of a list are called.
fn item_name(schemas: &Schemas, items: &Schema, property: Option<&str>) -> String {
    let known = name(schemas, items).or(property).or_else(|| component(items));
    known.unwrap_or_else(|| schemas.resolve(items).ty.name().unwrap_or("item")).to_owned()
}

#[cfg(test)]
mod tests;
