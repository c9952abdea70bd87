//! The operations of a contract with everything that the generated files say of them.

use docwright_contract::Contract;
use docwright_contract::model::{Location, MediaType, Operation, Parameter, RefOr, Response};
use indexmap::IndexMap;
use proc_macro2::{Ident, Span};
use serde_json::Value;

use super::parameter::{self, Argument};
use super::rust_type::{Mention, RustType};
use crate::{Error, Problem, naming};

/// A contract as the server layer sees it.
pub(super) struct Layer<'a> {
    pub(super) contract: &'a Contract,
    /// The headers that all operations share, with the names of their components.
    pub(super) common: Vec<(&'a str, &'a Parameter)>,
    pub(super) operations: Vec<Endpoint<'a>>,
    /// Every response as a type of the document, by the type's name: shared ones first.
    pub(super) responses: IndexMap<String, &'a Response>,
    pub(super) examples: Vec<Example<'a>>,
}

/// An operation with its Rust names and types.
pub(super) struct Endpoint<'a> {
    pub(super) operation: &'a Operation,
    pub(super) method: Ident,
    pub(super) arguments: Vec<Argument<'a>>,
    pub(super) body: Option<Body<'a>>,
    pub(super) answer: Answer<'a>,
    /// Status and type name of each response.
    pub(super) responses: Vec<(&'a str, String)>,
}

/// What a caller sends.
pub(super) struct Body<'a> {
    pub(super) kind: Kind,
    pub(super) ty: RustType,
    pub(super) media_types: Vec<&'a str>,
    pub(super) is_required: bool,
}

/// What an operation answers when all is well.
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) content: Option<(Kind, RustType)>,
    pub(super) media_types: Vec<&'a str>,
    /// The status without content, where the operation may also answer so.
    pub(super) empty_status: Option<u16>,
}

/// How a body is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Json,
    /// In either, or in XML alone.
    JsonOrXml,
    Binary,
}

/// An example that is kept in a file of its own.
pub(super) struct Example<'a> {
    /// Below the generated folder.
    pub(super) path: String,
    /// The response type or operation it belongs to.
    pub(super) owner: Owner<'a>,
    pub(super) media_type: &'a str,
    pub(super) value: &'a Value,
}

/// What an example shows.
pub(super) enum Owner<'a> {
    Response(String),
    Request(&'a str),
}

impl<'a> Layer<'a> {
    pub(super) fn of(contract: &'a Contract) -> Result<Self, Error> {
        let methods = naming::method_names(contract)?;
        let common = common_headers(contract);
        let mut layer =
            Self { contract, common, operations: Vec::new(), responses: IndexMap::new(), examples: Vec::new() };
        let mut problems = naming::collisions(
            "responses",
            contract.responses.keys().map(|name| (name.as_str(), naming::schema_type(name).to_string())),
        );
        for (name, response) in &contract.responses {
            layer.response(naming::schema_type(name).to_string(), response);
        }
        for operation in &contract.operations {
            let method = methods.get(&operation.operation_id).map_or(operation.operation_id.as_str(), String::as_str);
            match layer.endpoint(operation, method) {
                Ok(endpoint) => layer.operations.push(endpoint),
                Err(found) => problems.extend(found),
            }
        }
        Error::unless_empty(problems)?;
        Ok(layer)
    }

    /// The media types of all answers that are no success; JSON where none has content.
    pub(super) fn error_media_types(&self) -> Vec<&'a str> {
        let contract = self.contract;
        let responses = contract.operations.iter().flat_map(|operation| &operation.responses);
        let errors =
            responses.filter(|(status, _)| success_status(status).is_none()).filter_map(
                |(_, response)| match response {
                    RefOr::Inline(response) => Some(response),
                    RefOr::Ref(name) => contract.responses.get(name),
                },
            );
        let mut found: Vec<&str> = Vec::new();
        for media_type in errors.flat_map(|response| response.content.keys()) {
            let known = media_type.ends_with("json") || media_type.ends_with("xml");
            if known && !found.contains(&media_type.as_str()) {
                found.push(media_type);
            }
        }
        if found.is_empty() { vec!["application/json"] } else { found }
    }

    fn endpoint(&mut self, operation: &'a Operation, method: &str) -> Result<Endpoint<'a>, Vec<Problem>> {
        let mut problems = Vec::new();
        let place = || format!("operation `{}`", operation.operation_id);
        let dangling = |name: &str| Problem::DanglingReference { place: place(), name: name.to_owned() };
        let parameters: Vec<&Parameter> = operation
            .parameters
            .iter()
            .filter_map(|parameter| match parameter {
                RefOr::Inline(parameter) => Some(parameter),
                RefOr::Ref(name) => {
                    let shared = self.contract.parameters.get(name);
                    if shared.is_none() {
                        problems.push(dangling(name));
                    }
                    shared.filter(|_| self.common.iter().all(|(common, _)| common != name))
                }
            })
            .collect();
        problems.extend(path_problems(operation, &parameters));

        let mut responses = Vec::new();
        let mut answers = Vec::new();
        for (status, response) in &operation.responses {
            let (name, response) = match response {
                RefOr::Ref(name) => match self.contract.responses.get(name) {
                    Some(response) => (naming::schema_type(name).to_string(), response),
                    None => {
                        problems.push(dangling(name));
                        continue;
                    }
                },
                RefOr::Inline(response) => {
                    let name = naming::pascal_case(&format!("{method}_{status}"));
                    (self.response(name, response), response)
                }
            };
            answers.push((status.as_str(), response));
            responses.push((status.as_str(), name));
        }
        let body = operation.request_body.as_ref().map(|body| {
            for (media_type, content) in &body.content {
                if let Some(value) = &content.example {
                    let path = self.example_path(method, "request");
                    let owner = Owner::Request(&operation.operation_id);
                    self.examples.push(Example { path, owner, media_type, value });
                }
            }
            let (kind, ty) = content_type(&body.content);
            Body {
                kind,
                ty,
                media_types: body.content.keys().map(String::as_str).collect(),
                is_required: body.required,
            }
        });
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Endpoint {
            operation,
            method: naming::ident(method),
            arguments: parameter::arguments(method, &parameters, &path_parameters(&operation.path)),
            body,
            answer: Answer::of(&answers),
            responses,
        })
    }

    /// Declares a response and its examples; answers the type's name, which stays unique.
    fn response(&mut self, name: String, response: &'a Response) -> String {
        let mut unique = name.clone();
        for number in 2.. {
            if !self.responses.contains_key(&unique) {
                break;
            }
            unique = format!("{name}Variant{number}");
        }
        for (media_type, content) in &response.content {
            if let Some(value) = &content.example {
                let path = self.example_path(&unique, "");
                self.examples.push(Example { path, owner: Owner::Response(unique.clone()), media_type, value });
            }
        }
        self.responses.insert(unique.clone(), response);
        unique
    }

    fn example_path(&self, name: &str, suffix: &str) -> String {
        let stem = naming::snake_case(&format!("{name} {suffix}"));
        let mut path = format!("examples/{stem}.json");
        for number in 2.. {
            if self.examples.iter().all(|example| example.path != path) {
                break;
            }
            path = format!("examples/{stem}_{number}.json");
        }
        path
    }
}

impl<'a> Answer<'a> {
    /// Of the responses that mean success, the first with content is the answer.
    fn of(responses: &[(&'a str, &'a Response)]) -> Self {
        let successes: Vec<_> =
            responses.iter().filter_map(|(status, response)| Some((success_status(status)?, *response))).collect();
        let with_content = successes.iter().find(|(_, response)| !response.content.is_empty());
        let empty = successes.iter().find(|(_, response)| response.content.is_empty()).map(|(status, _)| *status);
        match with_content {
            Some((status, response)) => Self {
                status: *status,
                content: Some(content_type(&response.content)),
                media_types: response.content.keys().map(String::as_str).collect(),
                empty_status: empty,
            },
            None => Self { status: empty.unwrap_or(204), content: None, media_types: Vec::new(), empty_status: None },
        }
    }
}

/// The names of a path's parameters, in its order.
pub(super) fn path_parameters(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect()
}

fn success_status(status: &str) -> Option<u16> {
    match status {
        "2XX" | "2xx" => Some(200),
        _ => status.parse().ok().filter(|status| (200..300).contains(status)),
    }
}

/// How a body with this content is written, and the type of what it holds.
fn content_type(content: &IndexMap<String, MediaType>) -> (Kind, RustType) {
    let is_json = |name: &&String| name.ends_with("/json") || name.ends_with("+json");
    let is_xml = |name: &&String| name.ends_with("/xml") || name.ends_with("+xml");
    let kind = if content.keys().any(|name| is_xml(&name)) { Kind::JsonOrXml } else { Kind::Json };
    let shown = content.keys().find(is_json).or_else(|| content.keys().find(is_xml));
    match shown {
        Some(name) => {
            let schema = content.get(name).and_then(|media_type| media_type.schema.as_ref());
            (kind, schema.map_or_else(RustType::any, |schema| RustType::of(schema, Mention::Handler)))
        }
        None => (Kind::Binary, RustType::binary()),
    }
}

/// The shared headers that every operation refers to.
fn common_headers(contract: &Contract) -> Vec<(&str, &Parameter)> {
    contract
        .parameters
        .iter()
        .filter(|(name, parameter)| {
            parameter.location == Location::Header
                && contract.operations.iter().all(|operation| {
                    let mut shared = operation.parameters.iter();
                    shared.any(|parameter| matches!(parameter, RefOr::Ref(used) if used == *name))
                })
        })
        .map(|(name, parameter)| (name.as_str(), parameter))
        .collect()
}

/// What the router would panic on.
fn path_problems(operation: &Operation, parameters: &[&Parameter]) -> Vec<Problem> {
    let place = format!("operation `{}`", operation.operation_id);
    let mut problems = Vec::new();
    for segment in operation.path.split('/') {
        let inner = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')).unwrap_or(segment);
        if inner.contains(['{', '}']) || segment.starts_with([':', '*']) {
            let what = format!("the path's segment `{segment}` is neither fixed nor one parameter");
            problems.push(Problem::unsupported(place.clone(), what));
        }
    }
    let names = path_parameters(&operation.path);
    for parameter in parameters.iter().filter(|parameter| parameter.location == Location::Path) {
        if !names.contains(&parameter.name.as_str()) {
            let what = format!("the path has no parameter `{}`", parameter.name);
            problems.push(Problem::unsupported(place.clone(), what));
        }
    }
    problems
}

/// An identifier for something that only the generator names.
pub(super) fn plain_ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
