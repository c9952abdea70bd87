//! Questions about schemas that several checks ask.

use crate::model::{Additional, Contract, MediaType, Operation, RefOr, Response, Schema, Type};

/// The component that a schema is, where it is one: alone, or wrapped to be nullable.
pub(super) fn component(schema: &Schema) -> Option<&str> {
    match &schema.ty {
        Type::Ref(name) => Some(name),
        Type::AllOf(parts) if parts.len() == 1 => component(&parts[0]),
        _ => None,
    }
}

/// The component that a schema is, or that its items or values are.
pub(super) fn component_within(schema: &Schema) -> Option<&str> {
    match &schema.ty {
        Type::Array { items } => component_within(items),
        _ => component(schema).or_else(|| schema.map_values().and_then(component_within)),
    }
}

/// Whether nothing is known of a value, or of its items or values.
pub(super) fn is_unknown(schema: &Schema) -> bool {
    match &schema.ty {
        Type::Any => true,
        Type::Array { items } => is_unknown(items),
        Type::Object { additional: Additional::Schema(values), .. } => is_unknown(values),
        _ => false,
    }
}

/// Whether a schema is an object of which no page shows what it holds.
pub(super) fn is_unexpanded(schema: &Schema) -> bool {
    matches!(&schema.ty, Type::Object { properties, additional: Additional::Unstated, .. } if properties.is_empty())
}

/// Whether the values that may stand here are listed for machines.
pub(super) fn lists_values(schema: &Schema) -> bool {
    let has = |key| schema.extensions.contains_key(key);
    !schema.enumeration.is_empty() || has("x-extensible-enum") || has("x-flags")
}

/// Whether a value could be one of a list: text without a format, or a whole number.
pub(super) fn may_be_enumerated(schema: &Schema) -> bool {
    matches!(schema.ty, Type::String { format: None } | Type::Integer { .. }) && !lists_values(schema)
}

/// Whether anything is said.
pub(super) fn is_described(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}

/// The answers of an operation with their statuses.
pub(super) fn responses<'c>(
    contract: &'c Contract,
    operation: &'c Operation,
) -> impl Iterator<Item = (&'c str, &'c Response)> {
    operation.responses.iter().filter_map(|(status, response)| match response {
        RefOr::Inline(response) => Some((status.as_str(), response)),
        RefOr::Ref(name) => contract.responses.get(name).map(|response| (status.as_str(), response)),
    })
}

/// The content of the answer that a page's sample shows: of the first that succeeds and has any.
pub(super) fn answer<'c>(contract: &'c Contract, operation: &'c Operation) -> Option<&'c Response> {
    let mut succeeding = responses(contract, operation).filter(|(status, _)| status.starts_with('2'));
    succeeding.find(|(_, response)| !response.content.is_empty()).map(|(_, response)| response)
}

/// The schema that the media types of a body share.
pub(super) fn schema_of<'c>(mut content: impl Iterator<Item = &'c MediaType>) -> Option<&'c Schema> {
    content.find_map(|media_type| media_type.schema.as_ref())
}

/// Whether a body is a file or a form upload, which has no sample.
pub(super) fn is_binary(schema: &Schema) -> bool {
    let is_file = |schema: &Schema| matches!(schema.ty.format(), Some("binary" | "byte"));
    match &schema.ty {
        Type::Object { properties, .. } => properties.values().any(is_file),
        _ => is_file(schema),
    }
}
