//! The statements that put the `xml` metadata of schemas into the document.

use docwright_contract::model::{Additional, Schema, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::json;

/// Of a component, where `wanted` takes the way to them.
pub(super) fn of_schema(name: &str, schema: &Schema, wanted: impl Fn(&str) -> bool) -> Vec<TokenStream> {
    let statement = |(path, xml): (String, &Value)| {
        let xml = json::expression(xml);
        quote!(document.schema_xml(#name, #path, #xml);)
    };
    metadata(schema).into_iter().filter(|(path, _)| wanted(path)).map(statement).collect()
}

/// Of a form of a body: `owner` is `request` with an operation's id, or `response` with a component's name.
pub(super) fn of_content(owner: &str, name: &str, media_type: &str, schema: &Schema) -> Vec<TokenStream> {
    let method = format_ident!("{owner}_xml");
    let statement = |(path, xml): (String, &Value)| {
        let xml = json::expression(xml);
        quote!(document.#method(#name, #media_type, #path, #xml);)
    };
    metadata(schema).into_iter().map(statement).collect()
}

/// The metadata within a schema, each with the way to it.
fn metadata(schema: &Schema) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    collect(schema, String::new(), &mut found);
    found
}

fn collect<'s>(schema: &'s Schema, path: String, found: &mut Vec<(String, &'s Value)>) {
    let below = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}/{step}") };
    if let Type::Array { items } = &schema.ty {
        collect(items, below("items"), found);
    }
    if let Type::Object { properties, additional, .. } = &schema.ty {
        for (name, property) in properties {
            let name = name.replace('~', "~0").replace('/', "~1");
            collect(property, below(&format!("properties/{name}")), found);
        }
        if let Additional::Schema(values) = additional {
            collect(values, below("additionalProperties"), found);
        }
    }
    if let Some(xml) = schema.extensions.get("xml") {
        found.push((path, xml));
    }
}
