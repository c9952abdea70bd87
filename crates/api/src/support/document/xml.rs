//! The `xml` metadata of schemas, which utoipa has no attribute for in every place.

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, AllOfBuilder, ArrayItems};
use utoipa::openapi::{RefOr, Schema};

/// Sets the metadata of the schema that `path` leads to: names of members, joined with slashes, in
/// which `~1` stands for a slash and `~0` for a tilde.
pub(super) fn set(schema: &mut RefOr<Schema>, path: &str, xml: Value) {
    if let Some(schema) = find(schema, &steps(path)) {
        put(schema, xml);
    }
}

/// Puts another schema in the place that `path` leads to.
pub(super) fn replace(schema: &mut RefOr<Schema>, path: &str, other: RefOr<Schema>) {
    if let Some(schema) = find(schema, &steps(path)) {
        *schema = other;
    }
}

fn steps(path: &str) -> Vec<String> {
    let steps = path.split('/').filter(|step| !step.is_empty());
    steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect()
}

fn find<'s>(schema: &'s mut RefOr<Schema>, steps: &[String]) -> Option<&'s mut RefOr<Schema>> {
    let Some((step, rest)) = steps.split_first() else { return Some(schema) };
    let RefOr::T(schema) = schema else { return None };
    match (schema, step.as_str()) {
        (Schema::Object(object), "properties") => {
            let (name, rest) = rest.split_first()?;
            find(object.properties.get_mut(name)?, rest)
        }
        (Schema::Object(object), "additionalProperties") => match object.additional_properties.as_deref_mut()? {
            AdditionalProperties::RefOr(values) => find(values, rest),
            AdditionalProperties::FreeForm(_) => None,
        },
        (Schema::Array(array), "items") => match &mut array.items {
            ArrayItems::RefOrSchema(items) => find(items, rest),
            ArrayItems::False => None,
        },
        // A value that may be null is a choice with null.
        (Schema::OneOf(choice), _) => choice.items.iter_mut().find_map(|schema| find(schema, steps)),
        _ => None,
    }
}

fn put(schema: &mut RefOr<Schema>, xml: Value) {
    if let RefOr::Ref(reference) = schema {
        // Beside a reference utoipa has room for a description only.
        *schema = AllOfBuilder::new().item(reference.clone()).into();
    }
    let RefOr::T(schema) = schema else { return };
    let extensions = match schema {
        Schema::Array(array) => &mut array.extensions,
        Schema::Object(object) => &mut object.extensions,
        Schema::OneOf(choice) => &mut choice.extensions,
        Schema::AllOf(parts) => &mut parts.extensions,
        Schema::AnyOf(choice) => &mut choice.extensions,
        _ => return,
    };
    extensions.get_or_insert_default().insert("xml".to_owned(), xml);
}
