//! The Rust type of what a body holds.

use docwright_contract::Contract;
use docwright_contract::model::{Schema, Type};

use crate::naming::SchemaTypes;

/// The path of a carrier, as client code names it.
pub(super) fn carrier(types: &SchemaTypes, name: &str) -> String {
    format!("crate::models::{}", types.ident(name))
}

/// The Rust type of a body; `None` where none fits better than any JSON value.
///
/// References are not checked here.
pub(super) fn rust_type(types: &SchemaTypes, schema: &Schema) -> Option<String> {
    let rust = present(types, schema)?;
    Some(if types.admits_null(schema) { format!("::std::option::Option<{rust}>") } else { rust })
}

/// The type of a value that is not null.
fn present(types: &SchemaTypes, schema: &Schema) -> Option<String> {
    let rust = match &schema.ty {
        Type::Ref(name) => carrier(types, name),
        Type::AllOf(parts) => match parts.as_slice() {
            [part] => present(types, part)?,
            _ => return None,
        },
        Type::Boolean => "bool".to_owned(),
        Type::Integer { format } => if format.as_deref() == Some("int32") { "i32" } else { "i64" }.to_owned(),
        Type::Number { format } => if format.as_deref() == Some("float") { "f32" } else { "f64" }.to_owned(),
        Type::String { format } if format.as_deref() == Some("date-time") => "crate::models::DateTime".to_owned(),
        Type::String { .. } => "::std::string::String".to_owned(),
        Type::Array { items } => format!("::std::vec::Vec<{}>", rust_type(types, items)?),
        Type::Object { .. } => {
            let values = rust_type(types, schema.map_values()?)?;
            format!("::std::collections::BTreeMap<::std::string::String, {values}>")
        }
        Type::Any | Type::OneOf(_) | Type::AnyOf(_) => return None,
    };
    Some(rust)
}

/// The components that a schema names and the contract lacks.
pub(super) fn dangling<'a>(contract: &Contract, schema: &'a Schema) -> Vec<&'a str> {
    match &schema.ty {
        Type::Ref(name) if !contract.schemas.contains_key(name) => vec![name],
        Type::Array { items } => dangling(contract, items),
        Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => {
            parts.iter().flat_map(|part| dangling(contract, part)).collect()
        }
        Type::Object { properties, .. } => {
            let named = properties.values().chain(schema.map_values());
            named.flat_map(|value| dangling(contract, value)).collect()
        }
        _ => Vec::new(),
    }
}
