//! Prints what the compiled code says of the contract, as one JSON object: `utoipa` is the server
//! layer's OpenAPI document, `schemas` are the carriers' JSON Schemas by name.
//!
//! `cargo xtask check` compares both with `openapi.yaml`.

use std::io::{self, Write as _};

use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schemas: Map<String, Value> =
        chat_api::schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema.to_value())).collect();
    let documents = json!({ "utoipa": serde_json::to_value(chat_api::ApiDoc::openapi())?, "schemas": schemas });
    let mut output = io::stdout().lock();
    serde_json::to_writer_pretty(&mut output, &documents)?;
    writeln!(output)?;
    Ok(())
}
