//! Values as bytes of a media type.

use docwright_contract::model::Schema;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::media::Form;
use crate::schemas::Schemas;
use crate::xml;

/// Between the parts of a `multipart` answer.
const BOUNDARY: &str = "docwright-mock-boundary";
/// Bytes that are nothing in particular.
const SOME_BYTES: &[u8] = b"binary";

/// A documented example. Text that is the document already is sent as it stands.
pub(super) fn example(
    schemas: &Schemas,
    schema: Option<&Schema>,
    value: &Value,
    form: Form,
    media_type: &str,
) -> (Vec<u8>, String) {
    if let Value::String(text) = value {
        let is_document = match form {
            Form::Json => {
                let kinds = schema.map(|schema| schemas.kinds(schema));
                kinds.is_none_or(|kinds| !kinds.string) && serde_json::from_str::<Value>(text).is_ok()
            }
            Form::Xml => text.trim_start().starts_with('<'),
            Form::Multipart => false,
            Form::UrlEncoded | Form::Text | Form::Binary => true,
        };
        if is_document {
            return (text.clone().into_bytes(), media_type.to_owned());
        }
    }
    any(schemas, schema, value, form, media_type)
}

/// A value made from the schema.
pub(super) fn generated(
    schemas: &Schemas,
    schema: Option<&Schema>,
    value: &Value,
    form: Form,
    media_type: &str,
) -> (Vec<u8>, String) {
    let is_free = schema.is_none_or(|schema| schemas.resolve(schema) == &Schema::default());
    match form {
        Form::Text if is_free => (b"string".to_vec(), media_type.to_owned()),
        Form::Binary => {
            let is_binary = schema.is_none_or(|schema| schemas.resolve(schema).ty.format() == Some("binary"));
            match value {
                Value::String(text) if !is_binary => (text.clone().into_bytes(), media_type.to_owned()),
                _ if is_free || is_binary => (SOME_BYTES.to_vec(), media_type.to_owned()),
                other => (other.to_string().into_bytes(), media_type.to_owned()),
            }
        }
        form => any(schemas, schema, value, form, media_type),
    }
}

fn any(schemas: &Schemas, schema: Option<&Schema>, value: &Value, form: Form, media_type: &str) -> (Vec<u8>, String) {
    let free = Schema::default();
    let schema = schema.unwrap_or(&free);
    let text = match form {
        Form::Json => value.to_string(),
        Form::Xml => xml::write(schemas, schema, value),
        Form::UrlEncoded => url_encoded(value),
        Form::Multipart => return (multipart(value), format!("{media_type}; boundary={BOUNDARY}")),
        Form::Text | Form::Binary => simple(value),
    };
    (text.into_bytes(), media_type.to_owned())
}

fn url_encoded(value: &Value) -> String {
    let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pair = |name: &str, value: &Value| format!("{}={}", escape(name), escape(&simple(value)));
    let members = value.as_object().into_iter().flatten();
    let pairs = members.flat_map(|(name, value)| match value {
        Value::Array(items) => items.iter().map(|item| pair(name, item)).collect(),
        value => vec![pair(name, value)],
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn multipart(value: &Value) -> Vec<u8> {
    let mut text = String::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            let content_type = if value.is_object() { "\r\nContent-Type: application/json" } else { "" };
            let name = name.replace(['"', '\r', '\n'], "_");
            text.push_str(&format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{content_type}\r\n\r\n"
            ));
            text.push_str(&simple(value));
            text.push_str("\r\n");
        }
    }
    text.push_str(&format!("--{BOUNDARY}--\r\n"));
    text.into_bytes()
}

/// A value in a header or as plain text: lists with commas, objects as JSON.
pub(super) fn simple(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(simple).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}
