//! Schemas as the contract writes them, for what utoipa has no type for.

use serde_json::Value;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType};
use utoipa::openapi::{RefOr, Schema};

/// A value of generated code that is too large for a macro.
pub fn verbatim(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_default()
}

/// A schema in the dialect of OpenAPI 3.1, in JSON.
pub(super) fn schema(json: &str) -> RefOr<Schema> {
    let written = verbatim(json);
    let typed = serde_json::from_value::<RefOr<Schema>>(written.clone()).ok();
    let says_all = |typed: &RefOr<Schema>| serde_json::to_value(typed).is_ok_and(|again| again == written);
    typed.filter(says_all).unwrap_or_else(|| {
        let mut members = Extensions::default();
        if let Value::Object(written) = written {
            members.extend(written);
        }
        ObjectBuilder::new().schema_type(SchemaType::AnyValue).extensions(Some(members)).into()
    })
}
