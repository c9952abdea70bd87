//! What the attributes of utoipa cannot say: the statements that complete its document.

use docwright_contract::model::{
    Extensions, Header, MediaType, Parameter, Response, Schema, SecurityScheme, SecuritySchemeKind, Type,
};
use indexmap::IndexMap;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::{Value, json};

use super::operation::{Endpoint, Example, Layer, Owner};
use super::parameter::{Argument, STYLES};
use super::responses::is_scalar;
use super::rust_type::says_all;
use super::{json, schema_json, unsaid, xml};

/// Of the document as a whole and its components, without responses.
pub(super) fn frame(layer: &Layer<'_>) -> Vec<TokenStream> {
    let contract = layer.contract;
    let mut statements: Vec<TokenStream> = Vec::new();
    // Otherwise utoipa says what the crate's manifest says.
    if contract.info.description.is_none() {
        statements.push(quote!(document.remove_description();));
    }
    match &contract.info.license {
        None => statements.push(quote!(document.remove_license();)),
        Some(license) => statements.extend(members(&quote!(license_member), &[], &license.extensions)),
    }
    for (name, value) in &contract.info.extensions {
        let value = json::expression(value);
        statements.push(quote!(document.info_extension(#name, #value);));
    }
    for (name, value) in &contract.extensions {
        match value.as_object().filter(|_| name == "components") {
            Some(kinds) => statements.extend(kinds.iter().map(|(kind, value)| {
                let value = value.to_string();
                quote!(document.components_member(#kind, #value);)
            })),
            None => {
                let value = json::expression(value);
                statements.push(quote!(document.extension(#name, #value);));
            }
        }
    }
    for server in &contract.servers {
        statements.extend(members(&quote!(server_member), &[&server.url], &server.extensions));
    }
    for tag in &contract.tags {
        statements.extend(members(&quote!(tag_member), &[&tag.name], &tag.extensions));
    }
    for (component, header) in &layer.common {
        let name = &header.name;
        statements.push(quote!(document.share_header(#component, #name);));
        statements.extend(shared_header(component, header));
    }
    for (name, scheme) in &contract.security_schemes {
        statements.push(security_scheme(name, scheme));
    }
    let renamed: Vec<(String, &String)> = contract
        .schemas
        .keys()
        .map(|name| (layer.types.described(name), name))
        .filter(|(described, name)| described != *name)
        .collect();
    if !renamed.is_empty() {
        let (described, names): (Vec<_>, Vec<_>) = renamed.into_iter().unzip();
        statements.push(quote!(document.rename_schemas(&[#((#described, #names)),*]);));
    }
    for (name, schema) in &contract.schemas {
        statements.extend(unsaid::statements(name, schema));
    }
    statements
}

/// Of operations.
pub(super) fn operations(endpoints: &[&Endpoint<'_>]) -> Vec<TokenStream> {
    let mut statements: Vec<TokenStream> = Vec::new();
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.operation.deprecated) {
        let id = &endpoint.operation.operation_id;
        statements.push(quote!(document.deprecate(#id);));
    }
    for endpoint in endpoints {
        let id = &endpoint.operation.operation_id;
        if endpoint.body.as_ref().is_some_and(|body| !body.is_required) {
            statements.push(quote!(document.make_body_optional(#id);));
        }
        let others = endpoint.operation.extensions.iter();
        let others = others.filter(|(name, value)| !name.starts_with("x-") || !json::is_small(value));
        statements.extend(others.map(|(name, value)| {
            let value = value.to_string();
            quote!(document.operation_member(#id, #name, #value);)
        }));
        for argument in endpoint.arguments.iter().filter(|argument| argument.is_declared) {
            statements.extend(parameter(id, argument));
        }
        if endpoint.operation.tags.is_empty() {
            statements.push(quote!(document.remove_tags(#id);));
        }
        let Some(body) = &endpoint.operation.request_body else { continue };
        if body.content.is_empty() {
            statements.push(quote!(document.remove_content(#id);));
        }
        statements.extend(members(&quote!(request_member), &[id], &body.extensions));
        statements.extend(content(("request", id), &body.content));
    }
    statements
}

/// Of responses.
pub(super) fn responses(responses: &[(&str, &Response)]) -> Vec<TokenStream> {
    let mut statements: Vec<TokenStream> = Vec::new();
    for (name, response) in responses {
        statements.extend(members(&quote!(response_member), &[name], &response.extensions));
        statements.extend(response.headers.iter().flat_map(|(header, value)| response_header(name, header, value)));
        statements.extend(content(("response", name), &response.content));
    }
    statements
}

pub(super) fn examples(examples: &[&Example<'_>]) -> Vec<TokenStream> {
    let statement = |example: &&Example<'_>| {
        let (path, media_type) = (&example.path, example.media_type);
        match &example.owner {
            Owner::Response(name) => quote!(document.response_example(#name, #media_type, include_str!(#path));),
            Owner::Request(id) => quote!(document.request_example(#id, #media_type, include_str!(#path));),
        }
    };
    examples.iter().map(statement).collect()
}

/// Members that the model has no field for.
fn members(method: &TokenStream, place: &[&str], extensions: &Extensions) -> Vec<TokenStream> {
    let statement = |(name, value): (&String, &Value)| {
        let value = value.to_string();
        quote!(document.#method(#(#place,)* #name, #value);)
    };
    extensions.iter().map(statement).collect()
}

fn shared_header(component: &str, header: &Parameter) -> Vec<TokenStream> {
    let mut statements = Vec::new();
    let is_secret = matches!(&header.schema.ty, Type::String { format } if format.as_deref() == Some("password"));
    let mut schema = without_bounds(&header.schema);
    if is_secret {
        schema.ty = Type::String { format: None };
    }
    let is_list =
        !matches!(schema.ty, Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. });
    if is_list || !says_all(&schema) {
        let schema = schema_json::of(&header.schema).to_string();
        statements.push(quote!(document.shared_parameter_schema(#component, #schema);));
    }
    let mut others = header.extensions.clone();
    if header.deprecated {
        others.insert("deprecated".to_owned(), json!(true));
    }
    statements.extend(members(&quote!(shared_parameter_member), &[component], &others));
    statements
}

fn parameter(id: &str, argument: &Argument<'_>) -> Vec<TokenStream> {
    let parameter: &Parameter = &argument.parameter;
    let (location, name) = (parameter.location.as_str(), &parameter.name);
    let mut statements = Vec::new();
    let mut extensions = parameter.extensions.clone();
    let schema = schema_json::of(&parameter.schema);
    if let Some(content) = extensions.get_mut("content").and_then(Value::as_object_mut) {
        for form in content.values_mut().filter_map(Value::as_object_mut) {
            form.insert("schema".to_owned(), schema.clone());
        }
        statements.push(quote!(document.remove_parameter_schema(#id, #location, #name);));
    } else if !is_described(argument) {
        let schema = schema.to_string();
        statements.push(quote!(document.parameter_schema(#id, #location, #name, #schema);));
    }
    extensions.retain(|member, value| match member.as_str() {
        "style" => value.as_str().is_none_or(|style| !STYLES.contains(&style)),
        "explode" => !value.is_boolean(),
        member => !member.starts_with("x-") || !json::is_small(value),
    });
    statements.extend(members(&quote!(parameter_member), &[id, location, name], &extensions));
    statements
}

/// Whether the parameter's attributes say all of its schema.
fn is_described(argument: &Argument<'_>) -> bool {
    if argument.enumeration.iter().any(|(_, values)| !values.iter().all(|value| json::is_plain_text(value))) {
        return false;
    }
    let schema = &argument.parameter.schema;
    let mut plain = if argument.says_bounds() { without_bounds(schema) } else { schema.clone() };
    match (&argument.enumeration, &mut plain) {
        (None, Schema { ty: Type::String { format }, .. }) if format.as_deref() != Some("binary") => *format = None,
        (None, _) => {}
        (Some((_, values)), Schema { ty: Type::Array { items }, .. }) => {
            if items.enumeration.len() == values.len() {
                items.enumeration.clear();
            }
        }
        (Some((_, values)), plain) => {
            if plain.enumeration.len() == values.len() {
                plain.enumeration.clear();
            }
            plain.description = None;
        }
    }
    let is_value = |schema: &Schema| {
        matches!(schema.ty, Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. })
    };
    let is_plain = match &plain.ty {
        Type::Array { items } => is_value(items),
        _ => is_value(&plain),
    };
    is_plain && says_all(&plain) && !plain.extensions.contains_key("xml")
}

fn without_bounds(schema: &Schema) -> Schema {
    let mut plain = schema.clone();
    let bounds = std::mem::take(&mut plain.constraints);
    plain.constraints.unique_items = bounds.unique_items;
    plain.constraints.min_properties = bounds.min_properties;
    plain.constraints.max_properties = bounds.max_properties;
    plain
}

/// The forms of a body: `owner` is `request` with an operation's id, or `response` with a component's name.
fn content((owner, name): (&str, &str), content: &IndexMap<String, MediaType>) -> Vec<TokenStream> {
    let mut statements = Vec::new();
    let set_schema = format_ident!("{owner}_schema");
    let member = format_ident!("{owner}_content_member");
    for (media_type, content) in content {
        match &content.schema {
            Some(schema) if !says_all(schema) => {
                let schema = schema_json::of(schema).to_string();
                statements.push(quote!(document.#set_schema(#name, #media_type, #schema);));
            }
            Some(schema) => statements.extend(xml::of_content(owner, name, media_type, schema)),
            None => {}
        }
        statements.extend(members(&quote!(#member), &[name, media_type], &content.extensions));
    }
    statements
}

fn response_header(component: &str, name: &str, header: &Header) -> Vec<TokenStream> {
    let mut statements = Vec::new();
    let mut extensions = header.extensions.clone();
    let schema = schema_json::of(&header.schema);
    if let Some(content) = extensions.get_mut("content").and_then(Value::as_object_mut) {
        for form in content.values_mut().filter_map(Value::as_object_mut) {
            form.insert("schema".to_owned(), schema.clone());
        }
        statements.push(quote!(document.remove_header_schema(#component, #name);));
    } else if !(says_all(&header.schema) && is_scalar(&header.schema)) {
        let schema = schema.to_string();
        statements.push(quote!(document.header_schema(#component, #name, #schema);));
    }
    if header.required {
        extensions.insert("required".to_owned(), json!(true));
    }
    statements.extend(members(&quote!(header_member), &[component, name], &extensions));
    statements
}

fn security_scheme(name: &str, scheme: &SecurityScheme) -> TokenStream {
    let description = scheme.description.as_deref().unwrap_or_default();
    let mut value = match &scheme.kind {
        SecuritySchemeKind::Http { scheme: kind, bearer_format: None } if scheme.extensions.is_empty() => {
            return quote!(document.http_scheme(#name, #kind, #description););
        }
        SecuritySchemeKind::ApiKey { name: parameter, location } if scheme.extensions.is_empty() => {
            let location = location.as_str();
            return quote!(document.api_key_scheme(#name, #location, #parameter, #description););
        }
        SecuritySchemeKind::Http { scheme, bearer_format } => {
            json!({"type": "http", "scheme": scheme, "bearerFormat": bearer_format})
        }
        SecuritySchemeKind::ApiKey { name, location } => {
            json!({"type": "apiKey", "in": location.as_str(), "name": name})
        }
        SecuritySchemeKind::Other(value) => value.clone(),
    };
    if let Some(members) = value.as_object_mut() {
        if !description.is_empty() {
            members.insert("description".to_owned(), json!(description));
        }
        members.extend(scheme.extensions.clone());
        members.retain(|_, value| !value.is_null());
    }
    let value = json::expression(&value);
    quote!(document.security_scheme(#name, #value);)
}
