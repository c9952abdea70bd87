//! The statements that put the `xml` metadata of schemas into the document.

use docwright_contract::model::{Additional, MediaType, Schema, Type};
use indexmap::IndexMap;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::json;
use super::operation::Layer;
use crate::naming;

pub(super) fn statements(layer: &Layer<'_>) -> TokenStream {
    let mut statements = TokenStream::new();
    for (name, schema) in &layer.contract.schemas {
        // The document calls a component what its type is called.
        let name = naming::pascal_case(name);
        for (path, xml) in metadata(schema) {
            let xml = json::tokens(xml);
            statements.extend(quote!(document.schema_xml(#name, #path, json!(#xml));));
        }
    }
    for (name, response) in &layer.responses {
        for (media_type, path, xml) in of_content(&response.content) {
            let xml = json::tokens(xml);
            statements.extend(quote!(document.response_xml(#name, #media_type, #path, json!(#xml));));
        }
    }
    for endpoint in &layer.operations {
        let Some(body) = &endpoint.operation.request_body else { continue };
        let id = &endpoint.operation.operation_id;
        for (media_type, path, xml) in of_content(&body.content) {
            let xml = json::tokens(xml);
            statements.extend(quote!(document.request_xml(#id, #media_type, #path, json!(#xml));));
        }
    }
    statements
}

fn of_content(content: &IndexMap<String, MediaType>) -> impl Iterator<Item = (&str, String, &Value)> {
    content.iter().flat_map(|(media_type, content)| {
        let found = content.schema.as_ref().map(metadata).unwrap_or_default();
        found.into_iter().map(|(path, xml)| (media_type.as_str(), path, xml))
    })
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
