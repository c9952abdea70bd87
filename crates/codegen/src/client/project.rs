//! The contract as an OpenAPI 3.0 document that progenitor can read.
//!
//! Everything that is not needed to call an operation is left away: error answers by status become
//! one type for all, the carriers' shapes are in `chat-models` already, and sign-in and the shared
//! header parameters belong to the client as a whole.

use std::collections::BTreeMap;

use docwright_contract::Contract;
use docwright_contract::model::{Location, MediaType, Method, Operation, Parameter, RefOr, Response, Schema, Type};
use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value, json};

use super::parameter::{self, Projected};
use super::{carrier, schema};
use crate::{Error, Problem, naming, render};

const JSON: &str = "application/json";

/// A document for progenitor, and what goes with it.
pub(super) struct Projection {
    pub(super) document: Value,
    /// Rust types by the names of the document's components.
    pub(super) types: BTreeMap<String, String>,
    /// The Rust type of every error body; `()` where the contract names none.
    pub(super) error_body: String,
    pub(super) left_out: Vec<String>,
}

/// Projects a contract.
pub(super) fn project(contract: &Contract) -> Result<Projection, Error> {
    let names = naming::method_names(contract)?;
    let error_body = error_body(contract);
    let mut projector = Projector {
        contract,
        types: BTreeMap::from([(parameter::DATE_TIME.to_owned(), "::chat_models::DateTime".to_owned())]),
        error_component: None,
        lifted: IndexSet::new(),
        left_out: Vec::new(),
        impossible: None,
        problems: Vec::new(),
    };
    if let Some(name) = &error_body {
        projector.error_component = Some(projector.component(carrier(name)));
    }
    let mut paths: IndexMap<&str, Map<String, Value>> = IndexMap::new();
    for operation in &contract.operations {
        let Some(projected) = projector.operation(operation, &names[&operation.operation_id]) else { continue };
        let item = paths.entry(&operation.path).or_default();
        if item.insert(operation.method.key().to_owned(), projected).is_some() {
            let what = format!("a second operation for {} {}", operation.method.as_str(), operation.path);
            projector.problems.push(Problem::unsupported(place(operation), what));
        }
    }
    Error::unless_empty(projector.problems)?;
    let Projector { types, lifted, mut left_out, .. } = projector;
    left_out.extend(lifted.iter().map(|name| format!("header `{name}`: set once on the client, not by each method")));
    if !contract.security_schemes.is_empty() {
        left_out.push("security schemes: signing in belongs to the client, not to each method".to_owned());
    }
    let schemas: Map<String, Value> = types.keys().map(|name| (name.clone(), json!({ "type": "object" }))).collect();
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": contract.info.title, "version": contract.info.version },
        "paths": paths,
        "components": { "schemas": schemas },
    });
    let error_body = error_body.map_or_else(|| "()".to_owned(), |name| carrier(&name));
    Ok(Projection { document, types, error_body, left_out })
}

struct Projector<'a> {
    contract: &'a Contract,
    types: BTreeMap<String, String>,
    error_component: Option<String>,
    /// Names of header parameters that became defaults of the client.
    lifted: IndexSet<String>,
    left_out: Vec<String>,
    /// Why the operation at hand can have no method.
    impossible: Option<String>,
    problems: Vec<Problem>,
}

impl Projector<'_> {
    /// `None` for an operation that no method can call, which is said in `left_out`.
    fn operation(&mut self, operation: &Operation, name: &str) -> Option<Value> {
        let said_before = self.left_out.len();
        self.impossible = None;
        if matches!(operation.method, Method::Options | Method::Trace) {
            self.impossible = Some(format!("the client cannot send {} requests", operation.method.as_str()));
        }
        let parameters = self.parameters(operation);
        let text = |text: &Option<String>| text.as_deref().map(render::doc_text);
        let mut projected = json!({
            "operationId": name,
            "summary": text(&operation.summary),
            "description": text(&operation.description),
            "parameters": parameters,
            "responses": self.responses(operation),
        });
        if let Some(body) = self.request_body(operation) {
            projected["requestBody"] = body;
        }
        match self.impossible.take() {
            Some(why) => {
                self.left_out.truncate(said_before);
                self.left_out.push(format!("{}: has no method: {why}", place(operation)));
                None
            }
            None => Some(projected),
        }
    }

    fn parameters(&mut self, operation: &Operation) -> Vec<Value> {
        let place = place(operation);
        let mut arguments: Vec<(&str, String)> = Vec::new();
        let mut projected = Vec::new();
        let mut in_path = Vec::new();
        for parameter in &operation.parameters {
            let (parameter, shared) = match parameter {
                RefOr::Inline(parameter) => (parameter, false),
                RefOr::Ref(name) => match self.contract.parameters.get(name) {
                    Some(parameter) => (parameter, true),
                    None => {
                        let (place, name) = (place.clone(), name.clone());
                        self.problems.push(Problem::DanglingReference { place, name });
                        continue;
                    }
                },
            };
            if shared && parameter.location == Location::Header && !parameter.required {
                self.lifted.insert(parameter.name.clone());
                continue;
            }
            if parameter.location == Location::Path {
                in_path.push(parameter.name.as_str());
            }
            projected.extend(self.argument(operation, parameter).inspect(|_| {
                arguments.push((&parameter.name, naming::snake_case(&parameter.name)));
            }));
        }
        if operation.request_body.is_some() {
            arguments.push(("the request body", "body".to_owned()));
        }
        self.problems.extend(naming::collisions(&format!("parameters of {place}"), arguments));
        self.check_template(operation, &in_path);
        projected
    }

    fn argument(&mut self, operation: &Operation, parameter: &Parameter) -> Option<Value> {
        let subject = format!("{}: {} parameter `{}`", place(operation), parameter.location.as_str(), parameter.name);
        match parameter::project(parameter) {
            Projected::Argument { parameter: mut projected, lost } => {
                let said = lost.into_iter().map(|lost| format!("{subject}: {lost}"));
                self.left_out.extend(said);
                if let Some(description) = &parameter.description {
                    // A parameter is one item of a list in the method's documentation.
                    let line = render::doc_text(&description.split_whitespace().collect::<Vec<_>>().join(" "));
                    projected["description"] = Value::String(line);
                }
                Some(projected)
            }
            Projected::Omitted(why) => {
                self.left_out.push(format!("{subject}: {why}"));
                None
            }
            Projected::Impossible(why) => {
                let subject = format!("{} parameter `{}`", parameter.location.as_str(), parameter.name);
                self.impossible = Some(format!("{subject}: {why}"));
                None
            }
        }
    }

    /// The template and the path parameters must name the same things.
    fn check_template(&mut self, operation: &Operation, in_path: &[&str]) {
        let place = place(operation);
        let mut named = Vec::new();
        let mut rest = operation.path.as_str();
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else { break };
            named.push(name);
            rest = after;
        }
        let well_formed = operation.path.starts_with('/') && !rest.contains(['{', '}']);
        if !well_formed {
            let what = format!("`{}` is no path template", operation.path);
            self.problems.push(Problem::unsupported(&place, what));
        }
        for name in named.iter().filter(|name| !in_path.contains(name)) {
            self.problems.push(Problem::unsupported(&place, format!("the path's `{{{name}}}` is no parameter")));
        }
        for name in in_path.iter().filter(|name| !named.contains(name)) {
            self.problems.push(Problem::unsupported(&place, format!("the path has no place for parameter `{name}`")));
        }
    }

    fn request_body(&mut self, operation: &Operation) -> Option<Value> {
        let body = operation.request_body.as_ref()?;
        let place = place(operation);
        if body.content.is_empty() {
            return None;
        }
        let Some((media_type, content)) = json_content(&body.content) else {
            let offered: Vec<&str> = body.content.keys().map(String::as_str).collect();
            self.impossible = Some(format!("the request body has no JSON form, only {}", offered.join(", ")));
            return None;
        };
        if let Some(others) = others(&body.content, media_type) {
            self.left_out.push(format!("{place}: a request body of type {others} cannot be sent"));
        }
        let schema = self.body_schema(&place, "request body", content.schema.as_ref());
        Some(json!({ "required": body.required, "content": { JSON: { "schema": schema } } }))
    }

    /// One success answer, and one type for all errors.
    fn responses(&mut self, operation: &Operation) -> Value {
        let place = place(operation);
        let mut responses = Map::new();
        let mut chosen: Option<(&str, &Response)> = None;
        let has_success = operation.responses.keys().any(|status| status.starts_with('2'));
        for (status, response) in &operation.responses {
            let Some(response) = self.resolve(operation, response) else { continue };
            if is_error(status, has_success) {
                self.check_error_body(&place, status, response);
            } else if status.starts_with('2') || status == "default" {
                match chosen {
                    Some((first, _)) => {
                        self.left_out.push(format!("{place}: answer {status} is not read, only {first} is"));
                    }
                    None => chosen = Some((status, response)),
                }
            } else {
                self.left_out.push(format!("{place}: answer {status} is reported as an error"));
            }
        }
        if let Some((status, response)) = chosen {
            // `default` would be the error type too.
            let status = if status == "default" { "2XX" } else { status };
            responses.insert(status.to_owned(), self.success(&place, status, response));
        }
        for range in ["4XX", "5XX"] {
            let content = self.error_component.as_ref().map(|name| json!({ JSON: { "schema": reference(name) } }));
            let content = content.unwrap_or_else(|| json!({}));
            responses.insert(range.to_owned(), json!({ "description": "", "content": content }));
        }
        Value::Object(responses)
    }

    fn success(&mut self, place: &str, status: &str, response: &Response) -> Value {
        let mut content = Map::new();
        if let Some((media_type, form)) = json_content(&response.content) {
            if let Some(others) = others(&response.content, media_type) {
                self.left_out.push(format!("{place}: answer {status} as {others} is not asked for"));
            }
            let schema = self.body_schema(place, &format!("answer {status}"), form.schema.as_ref());
            content.insert(JSON.to_owned(), json!({ "schema": schema }));
        } else if let Some(media_type) = response.content.keys().next() {
            // Anything that is not JSON is a stream of bytes.
            content.insert(media_type.clone(), json!({}));
        }
        json!({ "description": response.description, "content": content })
    }

    fn check_error_body(&mut self, place: &str, status: &str, response: &Response) {
        let Some((_, form)) = json_content(&response.content) else { return };
        let rust = form.schema.as_ref().and_then(schema::rust_type);
        let shared = self.error_component.as_ref().and_then(|name| self.types.get(name));
        if rust.as_ref() != shared {
            self.left_out.push(format!(
                "{place}: the body of answer {status} is not that of the other errors, only its status is kept"
            ));
        }
    }

    fn resolve<'b>(&mut self, operation: &Operation, response: &'b RefOr<Response>) -> Option<&'b Response>
    where
        Self: 'b,
    {
        match response {
            RefOr::Inline(response) => Some(response),
            RefOr::Ref(name) => {
                let found = self.contract.responses.get(name);
                if found.is_none() {
                    let (place, name) = (place(operation), name.clone());
                    self.problems.push(Problem::DanglingReference { place, name });
                }
                found
            }
        }
    }

    /// A reference to the component that stands for the body's Rust type.
    fn body_schema(&mut self, place: &str, what: &str, schema: Option<&Schema>) -> Value {
        let missing = schema.map(|schema| schema::dangling(self.contract, schema)).unwrap_or_default();
        for name in missing {
            self.problems.push(Problem::DanglingReference { place: place.to_owned(), name: name.to_owned() });
        }
        let rust = schema.and_then(schema::rust_type).unwrap_or_else(|| {
            if schema.is_none_or(|schema| schema.ty != Type::Any) {
                self.left_out.push(format!("{place}: the {what} is any JSON value, because it has no type of its own"));
            }
            "::serde_json::Value".to_owned()
        });
        reference(&self.component(rust))
    }

    /// The component for a Rust type; one for each, so that equal types are equal to progenitor.
    fn component(&mut self, rust: String) -> String {
        if let Some((name, _)) = self.types.iter().find(|(_, known)| **known == rust) {
            return name.clone();
        }
        let name = format!("DocwrightBody{}", self.types.len());
        self.types.insert(name.clone(), rust);
        name
    }
}

/// The schema that most error answers have.
fn error_body(contract: &Contract) -> Option<String> {
    let mut uses: IndexMap<&str, usize> = IndexMap::new();
    for operation in &contract.operations {
        let has_success = operation.responses.keys().any(|status| status.starts_with('2'));
        for (_, response) in operation.responses.iter().filter(|(status, _)| is_error(status, has_success)) {
            let response = match response {
                RefOr::Inline(response) => Some(response),
                RefOr::Ref(name) => contract.responses.get(name),
            };
            let schema = response.and_then(|response| json_content(&response.content)?.1.schema.as_ref());
            if let Some(Schema { ty: Type::Ref(name), .. }) = schema
                && contract.schemas.contains_key(name)
            {
                *uses.entry(name).or_default() += 1;
            }
        }
    }
    // The first of those that are used most.
    uses.into_iter().rev().max_by_key(|(_, count)| *count).map(|(name, _)| name.to_owned())
}

/// Whether an answer is an error; `default` is where the operation names its success.
fn is_error(status: &str, has_success: bool) -> bool {
    status.starts_with(['4', '5']) || (status == "default" && has_success)
}

/// The JSON form of a body, parameters of the media type aside.
fn json_content(content: &IndexMap<String, MediaType>) -> Option<(&String, &MediaType)> {
    content.iter().find(|(name, _)| name.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(JSON)))
}

/// The media types beside the one that is used, as a list for people.
fn others(content: &IndexMap<String, MediaType>, used: &str) -> Option<String> {
    let others: Vec<String> = content.keys().filter(|other| *other != used).map(|other| format!("`{other}`")).collect();
    (!others.is_empty()).then(|| others.join(", "))
}

fn reference(component: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{component}") })
}

fn place(operation: &Operation) -> String {
    format!("operation `{}`", operation.operation_id)
}
