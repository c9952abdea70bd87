//! The methods that progenitor makes, as an OpenAPI 3.0 document that it can read.

use std::collections::BTreeMap;

use docwright_contract::Contract;
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::answer::Reading;
use super::body::Form;
use super::call::{Call, Calls};
use super::parameter::{Argument, DATE_TIME, reference};
use super::values::Enumeration;
use crate::package::one_line;
use crate::render;

const JSON: &str = "application/json";

/// A document for progenitor, and what goes with it.
pub(super) struct Projection {
    pub(super) document: Value,
    /// Rust types by the names of the document's components.
    pub(super) types: BTreeMap<String, String>,
}

/// Projects some of the methods.
pub(super) fn project(all: &Calls<'_>, calls: &[&Call<'_>]) -> Projection {
    let mut types = BTreeMap::from([(DATE_TIME.to_owned(), "crate::models::DateTime".to_owned())]);
    for (index, enumeration) in all.enumerations.iter().enumerate() {
        types.insert(Enumeration::component(index), enumeration.path());
    }
    let mut projector = Projector { components: IndexMap::new(), error_component: String::new() };
    projector.error_component = projector.component(all.error_body());
    let mut paths: IndexMap<&str, Map<String, Value>> = IndexMap::new();
    for call in calls.iter().filter(|call| call.is_plain) {
        let item = paths.entry(&call.operation.path).or_default();
        item.insert(call.operation.method.key().to_owned(), projector.operation(call));
    }
    types.extend(projector.components.into_iter().map(|(rust, name)| (name, rust)));
    let schemas: Map<String, Value> = types.keys().map(|name| (name.clone(), json!({ "type": "object" }))).collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": info(all.contract),
        "paths": paths,
        "components": { "schemas": schemas },
    });
    Projection { document, types }
}

/// The title is a comment. The version is a header, until the hook takes it out again: one that no header can hold would
/// panic before that.
fn info(contract: &Contract) -> Value {
    let title = one_line(&contract.info.title);
    let version = one_line(&contract.info.version).replace(|c: char| !matches!(c, ' '..='~'), "-");
    json!({ "title": title, "version": version })
}

struct Projector {
    /// The names of components by the Rust types that they stand for.
    components: IndexMap<String, String>,
    error_component: String,
}

impl Projector {
    fn operation(&mut self, call: &Call<'_>) -> Value {
        let operation = call.operation;
        let text = |text: &Option<String>| text.as_deref().map(render::doc_text);
        let mut projected = json!({
            "operationId": call.name,
            "summary": text(&operation.summary),
            "description": text(&operation.description),
            "parameters": call.arguments.iter().map(Argument::projected).collect::<Vec<_>>(),
            "responses": self.responses(call),
        });
        if let Some(Form::Json(rust)) = call.body.as_ref().map(|body| &body.form) {
            let schema = reference(&self.component(rust));
            projected["requestBody"] = json!({ "required": true, "content": { JSON: { "schema": schema } } });
        }
        projected
    }

    /// One success answer, and one type for all errors.
    fn responses(&mut self, call: &Call<'_>) -> Value {
        let mut responses = Map::new();
        if let Some(status) = &call.answer.status {
            let content = match &call.answer.reading {
                Reading::Json(rust) | Reading::Optional(rust) => {
                    json!({ JSON: { "schema": reference(&self.component(rust)) } })
                }
                // Anything that is not JSON is a stream of bytes.
                Reading::Bytes | Reading::Events => json!({ "application/octet-stream": {} }),
                Reading::Nothing => json!({}),
            };
            responses.insert(status.clone(), json!({ "description": call.answer.description, "content": content }));
        }
        for range in ["4XX", "5XX"] {
            let content = json!({ JSON: { "schema": reference(&self.error_component) } });
            responses.insert(range.to_owned(), json!({ "description": "", "content": content }));
        }
        Value::Object(responses)
    }

    /// The component for a Rust type; one for each, so that equal types are equal to progenitor.
    fn component(&mut self, rust: &str) -> String {
        let next = format!("DocwrightBody{}", self.components.len() + 1);
        self.components.entry(rust.to_owned()).or_insert(next).clone()
    }
}
