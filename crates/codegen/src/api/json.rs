//! JSON values as source text.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

/// What stands inside `json!(…)`.
pub(super) fn tokens(value: &Value) -> TokenStream {
    match value {
        Value::Null => quote!(null),
        Value::Bool(flag) => quote!(#flag),
        Value::String(text) => quote!(#text),
        // A number is one token or two (`-1`), and both are JSON.
        Value::Number(number) => number.to_string().parse().unwrap_or_else(|_| quote!(null)),
        Value::Array(items) => {
            let items = items.iter().map(tokens);
            quote!([#(#items),*])
        }
        Value::Object(members) => {
            let names = members.keys();
            let values = members.values().map(tokens);
            quote!({#(#names: #values),*})
        }
    }
}
