//! Formats of texts, which schemars cannot see in a `String`.

use docwright_contract::model::{Schema, Type};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Value, json};

use super::shape;

/// The attribute that tells schemars the formats of a property or component, where it has any.
pub(super) fn attribute(schema: &Schema) -> Option<TokenStream> {
    let (member, value) = unsaid(schema)?;
    let value: TokenStream = match value {
        Value::String(format) => quote!(#format),
        value => {
            let value = crate::json::tokens(&value);
            quote!(serde_json::json!(#value))
        }
    };
    Some(quote!(#[cfg_attr(feature = "schemars", schemars(extend(#member = #value)))]))
}

/// A member of the schema that says a format, or leads to one within lists and maps.
fn unsaid(schema: &Schema) -> Option<(&'static str, Value)> {
    match &schema.ty {
        Type::String { format: Some(format) } if format != "date-time" && !shape::is_enumeration(schema) => {
            Some(("format", json!(format)))
        }
        Type::Array { items } => within(items).map(|items| ("items", items)),
        _ => within(schema.map_values()?).map(|values| ("additionalProperties", values)),
    }
}

fn within(schema: &Schema) -> Option<Value> {
    let (member, value) = unsaid(schema)?;
    let name = schema.ty.name()?;
    let ty = if schema.nullable { json!([name, "null"]) } else { json!(name) };
    Some(json!({ "type": ty, member: value }))
}
