//! The parts of component schemas that the attributes of carriers cannot say.

use docwright_contract::model::{Additional, Constraints, Schema, Type};
use proc_macro2::TokenStream;
use quote::quote;

use super::{schema_json, xml};
use crate::{json, render};

/// Extensions that carriers say, and `xml`, which has statements of its own.
const SAID: &[&str] = &["x-extensible-enum", "x-flags", "xml"];

/// The statements that complete a component.
pub(super) fn statements(name: &str, schema: &Schema) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    if schema.nullable {
        // The carrier is the value; whoever holds it says that it may be null.
        parts.push((String::new(), schema));
    } else {
        collect(schema, String::new(), &mut parts);
    }
    let is_within = |path: &str, part: &str| {
        part.is_empty() || path == part || path.strip_prefix(part).is_some_and(|rest| rest.starts_with('/'))
    };
    let statement = |(path, schema): &(String, &Schema)| {
        let schema = schema_json::of(schema).to_string();
        quote!(document.schema(#name, #path, #schema);)
    };
    let whole = parts.iter().map(statement);
    // What is written as a whole has its metadata already.
    let xml = xml::of_schema(name, schema, |path| !parts.iter().any(|(part, _)| is_within(path, part)));
    xml.into_iter().chain(whole).collect()
}

fn collect<'s>(schema: &'s Schema, path: String, parts: &mut Vec<(String, &'s Schema)>) {
    let below = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}/{step}") };
    if !is_said(schema) {
        parts.push((path, schema));
        return;
    }
    match &schema.ty {
        Type::Array { items } => collect(items, below("items"), parts),
        Type::Object { properties, additional, .. } => {
            for (name, property) in properties {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(property, below(&format!("properties/{name}")), parts);
            }
            if let Additional::Schema(values) = additional {
                collect(values, below("additionalProperties"), parts);
            }
        }
        _ => {}
    }
}

/// Whether carriers say all of a schema but of the schemas within.
fn is_said(schema: &Schema) -> bool {
    let bounds = &schema.constraints;
    let numbers = [&bounds.minimum, &bounds.maximum, &bounds.multiple_of];
    let is_plain = schema.title.is_none()
        && schema.description.as_deref().is_none_or(|text| render::clean(text) == text)
        && numbers.into_iter().flatten().all(json::is_small_number)
        && [&schema.default, &schema.example].into_iter().flatten().all(json::is_small)
        && schema.enumeration.is_empty()
        && !(bounds.unique_items || bounds.min_properties.is_some() || bounds.max_properties.is_some())
        && schema.extensions.keys().all(|name| SAID.contains(&name.as_str()));
    // What stands beside a reference, or makes up a type of its own, has no attribute.
    let is_alone = schema.default.is_none()
        && schema.example.is_none()
        && !(schema.deprecated || schema.read_only || schema.write_only)
        && *bounds == Constraints::default();
    is_plain
        && match &schema.ty {
            Type::Integer { format } => matches!(format.as_deref(), Some("int32" | "int64")),
            Type::Number { format } => matches!(format.as_deref(), Some("float" | "double")),
            Type::Boolean | Type::String { .. } => true,
            Type::Any | Type::Ref(_) => is_alone,
            Type::Array { .. } => {
                *bounds
                    == Constraints {
                        min_items: bounds.min_items,
                        max_items: bounds.max_items,
                        ..Constraints::default()
                    }
            }
            Type::Object { properties, additional, .. } => {
                is_alone
                    && *additional != Additional::Forbidden
                    && properties.keys().all(|name| json::is_plain_text(name))
            }
            Type::AllOf(_) | Type::OneOf(_) | Type::AnyOf(_) => false,
        }
}

#[cfg(test)]
mod tests {
    use docwright_contract::read;
    use serde_json::{Value, json};

    use super::*;

    /// The parts of a component that are written as a whole.
    fn parts(schema: Value) -> Vec<String> {
        let info = json!({ "title": "T", "version": "1" });
        let components = json!({ "schemas": { "S": schema } });
        let document = json!({ "openapi": "3.0.3", "info": info, "paths": {}, "components": components });
        let contract = read::from_value(&document).unwrap();
        let mut parts = Vec::new();
        if !statements("S", &contract.schemas["S"]).is_empty() {
            collect(&contract.schemas["S"], String::new(), &mut parts);
            // What may be null is always written as a whole.
            return if parts.is_empty() {
                vec!["null".to_owned()]
            } else {
                parts.into_iter().map(|(path, _)| path).collect()
            };
        }
        Vec::new()
    }

    #[test]
    fn what_attributes_cannot_say_is_written_as_a_whole() {
        let holder = |name: &str, schema: Value| json!({ "type": "object", "properties": { name: schema } });
        let text = || json!({ "type": "string" });
        let number = |name: &str, value: i64| json!({ "type": "integer", "format": "int64", name: value });
        for (schema, expected) in [
            (holder("a", text()), &[][..]),
            (holder("", text()), &[""]),
            (holder("a\"]", text()), &[""]),
            (holder("a", number("maximum", 2_147_483_647)), &[]),
            (holder("a", number("maximum", 4_294_967_295)), &["properties/a"]),
            (holder("a", number("default", 4_294_967_295)), &[]),
            (holder("a", json!({ "type": "string", "example": vec![1; 200] })), &["properties/a"]),
            (holder("a", json!({ "type": "string", "description": "a\rb" })), &["properties/a"]),
            (holder("a", json!({ "oneOf": [text(), { "type": "boolean" }] })), &["properties/a"]),
            (json!({ "type": "string", "nullable": true }), &["null"]),
        ] {
            assert_eq!(parts(schema.clone()), expected, "{schema}");
        }
    }
}
