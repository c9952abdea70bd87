//! Contracts for tests, read from documents.

use std::sync::Arc;

use docwright_contract::model::Schema;
use docwright_contract::{Contract, read};
use serde_json::{Value, json};

use crate::schemas::Schemas;

/// The contract with these paths and component schemas.
pub(crate) fn contract(paths: Value, schemas: Value) -> Contract {
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    read::from_value(&document).unwrap()
}

/// Component schemas, and the one that is called `S`.
pub(crate) fn schemas(schemas: Value) -> (Schemas, Schema) {
    let contract = contract(json!({}), schemas);
    let schema = contract.schemas["S"].clone();
    (Schemas::new(Arc::new(contract)), schema)
}
