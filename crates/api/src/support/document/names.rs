//! Walking over all schemas of a document.

use std::collections::BTreeMap;

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{Components, Content, Header, OpenApi, RefOr, Response, Schema};

const SCHEMAS: &str = "#/components/schemas/";

/// Renames components, and whatever refers to them.
pub(super) fn rename(document: &mut OpenApi, names: &[(&str, &str)]) {
    let names: BTreeMap<&str, &str> = names.iter().copied().collect();
    if let Some(components) = &mut document.components {
        let named = std::mem::take(&mut components.schemas);
        let renamed = named.into_iter().map(|(name, schema)| {
            let name = names.get(name.as_str()).map_or(name, |name| (*name).to_owned());
            (name, schema)
        });
        components.schemas = renamed.collect();
    }
    each_schema(document, &mut |schema| {
        if let RefOr::Ref(reference) = schema
            && let Some(name) = reference.ref_location.strip_prefix(SCHEMAS).and_then(|name| names.get(name))
        {
            let name = name.replace('~', "~0").replace('/', "~1").replace('%', "%25");
            reference.ref_location = format!("{SCHEMAS}{name}");
        }
    });
}

/// Shows `visit` every schema, those within others too.
pub(super) fn each_schema(document: &mut OpenApi, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    for operation in super::operations(document) {
        of_operation(operation, visit);
    }
    let Some(Components { schemas, responses, parameters, .. }) = &mut document.components else { return };
    schemas.values_mut().for_each(|schema| walk(schema, visit));
    responses.values_mut().for_each(|response| of_response(response, visit));
    for parameter in parameters.values_mut() {
        if let RefOr::T(parameter) = parameter {
            parameter.schema.iter_mut().for_each(|schema| walk(schema, visit));
        }
    }
}

fn of_operation(operation: &mut Operation, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            parameter.schema.iter_mut().for_each(|schema| walk(schema, visit));
        }
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content.values_mut().for_each(|content| of_content(content, visit));
    }
    operation.responses.responses.values_mut().for_each(|response| of_response(response, visit));
}

fn of_response(response: &mut RefOr<Response>, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    let RefOr::T(response) = response else { return };
    response.content.values_mut().for_each(|content| of_content(content, visit));
    for header in response.headers.values_mut() {
        if let RefOr::T(Header { schema: Some(schema), .. }) = header {
            walk(schema, visit);
        }
    }
}

fn of_content(content: &mut RefOr<Content>, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    if let RefOr::T(Content { schema: Some(schema), .. }) = content {
        walk(schema, visit);
    }
}

fn walk(schema: &mut RefOr<Schema>, visit: &mut impl FnMut(&mut RefOr<Schema>)) {
    visit(schema);
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                walk(items, visit);
            }
        }
        Schema::Object(object) => {
            object.properties.values_mut().for_each(|property| walk(property, visit));
            if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
                walk(values, visit);
            }
        }
        Schema::OneOf(choice) => choice.items.iter_mut().for_each(|part| walk(part, visit)),
        Schema::AllOf(parts) => parts.items.iter_mut().for_each(|part| walk(part, visit)),
        Schema::AnyOf(choice) => choice.items.iter_mut().for_each(|part| walk(part, visit)),
        _ => {}
    }
}
