//! Whether a contract says which values may be null.

use super::operations_support::resolve;
use crate::model::{Additional, Contract, MediaType, Schema, Type};

/// Whether any schema of the contract admits null.
pub(super) fn are_said(contract: &Contract) -> bool {
    let in_content = |mut content: indexmap::map::Values<'_, String, MediaType>| {
        content.any(|media_type| media_type.schema.as_ref().is_some_and(admits))
    };
    contract.schemas.values().any(admits)
        || contract.operations.iter().any(|operation| {
            let mut parameters =
                operation.parameters.iter().filter_map(|parameter| resolve(parameter, &contract.parameters));
            let mut responses = operation.responses.values().filter_map(|given| resolve(given, &contract.responses));
            parameters.any(|parameter| admits(&parameter.schema))
                || operation.request_body.as_ref().is_some_and(|body| in_content(body.content.values()))
                || responses.any(|response| {
                    in_content(response.content.values())
                        || response.headers.values().any(|header| admits(&header.schema))
                })
        })
}

fn admits(schema: &Schema) -> bool {
    schema.nullable
        || match &schema.ty {
            Type::Array { items } => admits(items),
            Type::Object { properties, additional, .. } => {
                properties.values().any(admits) || matches!(additional, Additional::Schema(values) if admits(values))
            }
            Type::AllOf(parts) | Type::OneOf(parts) | Type::AnyOf(parts) => parts.iter().any(admits),
            _ => false,
        }
}
