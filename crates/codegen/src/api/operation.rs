//! The operations of a contract with everything that the generated files say of them.

use std::collections::BTreeSet;

use docwright_contract::Contract;
use docwright_contract::model::{Location, Operation, Parameter, RefOr, Response};
use indexmap::{IndexMap, IndexSet};
use proc_macro2::{Ident, Span};
use serde_json::Value;

use super::content::{Answer, Body, Delivery};
use super::parameter::{self, Argument};
use super::routes::{self, Routes};
use crate::naming::{self, GroupNames, SchemaTypes};
use crate::{Error, Problem, headers};

/// Says in a contract that a service gives the lists of an operation's answers item by item.
const STREAMED: &str = "x-docwright-stream";

/// Types and traits that generated files use themselves, and those at the root of the crate.
pub(super) const TAKEN_TYPES: &[&str] = &[
    "Answer",
    "ApiDoc",
    "ApiError",
    "ApiKey",
    "ApiKeys",
    "Arc",
    "Authenticate",
    "Binary",
    "Box",
    "Call",
    "Clone",
    "CommonHeaders",
    "Copy",
    "CorsOptions",
    "Credentials",
    "Culture",
    "Debug",
    "Default",
    "Details",
    "Document",
    "Drop",
    "Eq",
    "Err",
    "EventStream",
    "Fn",
    "FnMut",
    "FnOnce",
    "Form",
    "FormPart",
    "From",
    "FromForm",
    "FromHeaders",
    "Future",
    "Hash",
    "HeaderMap",
    "Into",
    "Items",
    "Iterator",
    "KeyPlace",
    "LanguagePreference",
    "LanguageTag",
    "MaxBodyBytes",
    "Mixed",
    "NoResources",
    "None",
    "Ok",
    "OpenApi",
    "Option",
    "Ord",
    "Part",
    "PartialEq",
    "PartialOrd",
    "Peer",
    "Presented",
    "Request",
    "RequestContext",
    "Resources",
    "Response",
    "Result",
    "Schema",
    "Secret",
    "Security",
    "Self",
    "Send",
    "SessionCookie",
    "Sized",
    "Some",
    "State",
    "StatusCode",
    "String",
    "Sync",
    "TextValue",
    "ToString",
    "Unpin",
    "Vec",
];

/// Files beside those of the tags, and crates that generated files name.
const TAKEN_MODULES: &[&str] = &[
    "alloc",
    "answers",
    "axum",
    "core",
    "crate",
    "document",
    "examples",
    "forms",
    "headers",
    "mod",
    "parameters",
    "responses",
    "schemas",
    "schemars",
    "self",
    "serde_json",
    "std",
    "super",
    "utoipa",
];

/// A contract as the server layer sees it.
pub(super) struct Layer<'a> {
    pub(super) contract: &'a Contract,
    pub(super) types: SchemaTypes,
    /// The types of shared responses.
    response_types: IndexMap<String, String>,
    /// The headers that all operations share, with the names of their components.
    pub(super) common: Vec<(&'a str, &'a Parameter)>,
    pub(super) operations: Vec<Endpoint<'a>>,
    pub(super) routes: Routes,
    /// The names of each tag that is the first of some operation, in the order of those.
    pub(super) groups: IndexMap<&'a str, GroupNames>,
    /// Every response as a type of the document, by the type's name: shared ones first.
    pub(super) responses: IndexMap<String, &'a Response>,
    pub(super) examples: Vec<Example<'a>>,
}

/// An operation with its Rust names and types.
pub(super) struct Endpoint<'a> {
    pub(super) operation: &'a Operation,
    pub(super) method: Ident,
    /// The function that serves it.
    pub(super) handler: Ident,
    pub(super) arguments: Vec<Argument<'a>>,
    pub(super) body: Option<Body<'a>>,
    pub(super) answer: Answer<'a>,
    /// Status and type name of each response.
    pub(super) responses: Vec<(&'a str, String)>,
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
        let methods = naming::method_names(contract);
        let (routes, mut problems) = Routes::of(&contract.operations);
        let common = common_headers(contract);
        let mut layer = Self {
            contract,
            types: SchemaTypes::of(contract),
            response_types: naming::response_types(contract),
            common,
            operations: Vec::new(),
            routes,
            groups: groups(contract),
            responses: IndexMap::new(),
            examples: Vec::new(),
        };
        let traits = layer.groups.values().map(|group| group.name.clone());
        let mut types: BTreeSet<String> = TAKEN_TYPES.iter().map(|name| (*name).to_owned()).chain(traits).collect();
        for (name, response) in &contract.responses {
            layer.response(layer.response_types[name].clone(), response);
        }
        for operation in &contract.operations {
            let method = methods.get(&operation.operation_id).map_or(operation.operation_id.as_str(), String::as_str);
            match layer.endpoint(operation, method, &mut types) {
                Ok(endpoint) => layer.operations.push(endpoint),
                Err(found) => problems.extend(found),
            }
        }
        Error::unless_empty(problems)?;
        Ok(layer)
    }

    /// The types of responses that any operation may refer to.
    pub(super) fn shared_responses(&self) -> impl Iterator<Item = &str> {
        self.response_types.values().map(String::as_str)
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

    fn endpoint(
        &mut self,
        operation: &'a Operation,
        method: &str,
        taken: &mut BTreeSet<String>,
    ) -> Result<Endpoint<'a>, Vec<Problem>> {
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

        let mut responses = Vec::new();
        let mut answers = Vec::new();
        for (status, response) in &operation.responses {
            let (name, response) = match response {
                RefOr::Ref(name) => match self.contract.responses.get(name) {
                    Some(response) => (self.response_types[name].clone(), response),
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
            Body::of(self, method, body, taken)
        });
        let delivery = match operation.extensions.get(STREAMED) {
            None | Some(Value::Bool(false)) => Delivery::Whole,
            Some(_) => Delivery::ItemByItem,
        };
        let answer = Answer::of(&self.types, method, &answers, delivery, taken);
        if operation.extensions.get(STREAMED).is_some_and(|value| !value.is_boolean()) {
            problems.push(Problem::unsupported(place(), format!("`{STREAMED}` is neither true nor false")));
        } else if delivery == Delivery::ItemByItem && !answer.has_items() {
            let what = "no answer is a list in JSON or XML that is never null and has its schema in place";
            problems.push(Problem::unsupported(place(), format!("`{STREAMED}`: {what}")));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Endpoint {
            operation,
            method: naming::ident(method),
            handler: handler_ident(method),
            arguments: parameter::arguments(
                &self.types,
                method,
                &parameters,
                &routes::parameters(&operation.path),
                taken,
            ),
            body,
            answer,
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
        let stem = naming::file_stem(naming::snake_case(&format!("{name} {suffix}")));
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

pub(super) fn success_status(status: &str) -> Option<u16> {
    match status {
        "2XX" | "2xx" => Some(200),
        _ => status.parse().ok().filter(|status| (200..300).contains(status)),
    }
}

fn groups(contract: &Contract) -> IndexMap<&str, GroupNames> {
    let tags: IndexSet<&str> = contract.operations.iter().map(group).collect();
    let names = naming::group_names(tags.iter().copied(), TAKEN_TYPES, TAKEN_MODULES);
    tags.into_iter().zip(names).collect()
}

/// The tag whose trait has the operation: its first.
pub(super) fn group(operation: &Operation) -> &str {
    operation.tags.first().map_or("Untagged", String::as_str)
}

/// A handler is called like the method, unless its module has such a function already.
fn handler_ident(method: &str) -> Ident {
    let is_taken = matches!(method, "router" | "service") || method.ends_with("_router");
    naming::ident(&if is_taken { format!("{method}_handler") } else { method.to_owned() })
}

/// A name for a type that is not in `taken` yet.
pub(super) fn free_type(name: &str, taken: &mut BTreeSet<String>) -> Ident {
    let base = naming::pascal_case(name);
    let numbered = (2..).map(|number| format!("{base}{number}"));
    let free = std::iter::once(base.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
    naming::ident(&free.unwrap_or(base))
}

/// The shared headers that every operation refers to, without those that say something of one call.
fn common_headers(contract: &Contract) -> Vec<(&str, &Parameter)> {
    contract
        .parameters
        .iter()
        .filter(|(name, parameter)| {
            parameter.location == Location::Header
                && !headers::is_of_one_call(&parameter.name)
                && contract.operations.iter().all(|operation| {
                    let mut shared = operation.parameters.iter();
                    shared.any(|parameter| matches!(parameter, RefOr::Ref(used) if used == *name))
                })
        })
        .map(|(name, parameter)| (name.as_str(), parameter))
        .collect()
}

/// An identifier for something that only the generator names.
pub(super) fn plain_ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
