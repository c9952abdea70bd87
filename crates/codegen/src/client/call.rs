//! Operations as methods: their arguments, bodies and answers, and whether progenitor can make them.
//!
//! Everything that is not needed to call an operation is left away, and said to be: error answers by status become one type
//! for all, and sign-in and the shared header parameters belong to the client as a whole.

use std::collections::BTreeSet;

use docwright_contract::Contract;
use docwright_contract::model::{Location, MediaType, Method, Operation, Parameter, RefOr, Response, Schema, Type};
use indexmap::{IndexMap, IndexSet};

use super::answer::{self, Answer, Reading};
use super::body::{Body, Form};
use super::coverage::{Coverage, Kind, LeftOut};
use super::parameter::{self, Argument};
use super::schema;
use super::values::Enumeration;
use crate::naming::{self, SchemaTypes};
use crate::{Error, Problem, headers};

/// The Rust type of what has no type of its own.
const ANY_JSON: &str = "::serde_json::Value";

/// All methods of a client.
pub(super) struct Calls<'a> {
    pub(super) contract: &'a Contract,
    pub(super) calls: Vec<Call<'a>>,
    /// Parameters with a closed list of values.
    pub(super) enumerations: Vec<Enumeration<'a>>,
    /// The Rust type of every error body; none where the contract names none.
    error_body: Option<String>,
    pub(super) coverage: Coverage,
}

/// One method.
pub(super) struct Call<'a> {
    pub(super) operation: &'a Operation,
    pub(super) name: String,
    /// Those of the path first, in its order.
    pub(super) arguments: Vec<Argument<'a>>,
    pub(super) body: Option<Body<'a>>,
    pub(super) answer: Answer,
    /// Whether progenitor makes it.
    pub(super) is_plain: bool,
}

/// What is collected over the operations.
pub(super) struct Collector<'a> {
    pub(super) contract: &'a Contract,
    pub(super) types: SchemaTypes,
    pub(super) error_body: Option<String>,
    pub(super) enumerations: Vec<Enumeration<'a>>,
    /// Names of header parameters that became defaults of the client.
    lifted: IndexSet<&'a str>,
    left_out: Vec<LeftOut>,
    problems: Vec<Problem>,
    /// The id of the operation at hand.
    operation: &'a str,
}

impl<'a> Calls<'a> {
    /// The Rust type of every error body: any JSON where the contract names none, so that the server's reason is not lost.
    pub(super) fn error_body(&self) -> &str {
        self.error_body.as_deref().unwrap_or(ANY_JSON)
    }

    /// # Errors
    /// - a reference names no component;
    /// - a path and the parameters in it do not agree.
    pub(super) fn of(contract: &'a Contract) -> Result<Self, Error> {
        let names = naming::method_names(contract);
        let types = SchemaTypes::of(contract);
        let error_body = answer::error_body(contract).map(|name| schema::carrier(&types, name));
        let mut collector = Collector {
            contract,
            types,
            error_body,
            enumerations: Vec::new(),
            lifted: IndexSet::new(),
            left_out: Vec::new(),
            problems: Vec::new(),
            operation: "",
        };
        let mut calls = Vec::new();
        // A document has one operation a method and path.
        let mut plain = BTreeSet::new();
        for operation in &contract.operations {
            collector.operation = &operation.operation_id;
            let mut call = collector.call(operation, &names[&operation.operation_id]);
            call.is_plain = call.is_plain && plain.insert((operation.method, operation.path.as_str()));
            calls.push(call);
        }
        let Collector { mut enumerations, lifted, mut left_out, problems, error_body, .. } = collector;
        Error::unless_empty(problems)?;
        Enumeration::name_all(&mut enumerations);
        let general = |kind, text| LeftOut { operation: None, kind, text };
        left_out.extend(lifted.iter().map(|name| {
            general(Kind::ClientHeader, format!("header `{name}`: set once on the client, not by each method"))
        }));
        if !contract.security_schemes.is_empty() {
            let text = "security schemes: signing in belongs to the client, not to each method";
            left_out.push(general(Kind::SignIn, text.to_owned()));
        }
        let coverage = Coverage { operations: contract.operations.len(), methods: calls.len(), left_out };
        Ok(Self { contract, calls, enumerations, error_body, coverage })
    }
}

impl<'a> Collector<'a> {
    fn call(&mut self, operation: &'a Operation, name: &str) -> Call<'a> {
        let parameters = self.parameters(operation);
        let body = operation.request_body.as_ref().and_then(|body| Body::of(self, body));
        let reserved: &[&str] = match &body {
            Some(Body { form: Form::Raw { any: true }, .. }) => &["body", "content_type"],
            Some(_) => &["body"],
            None => &[],
        };
        let arguments = parameter::arguments(self, name, parameters, reserved);
        let answer = Answer::of(self, operation);
        let is_plain = is_plain(operation, name, &arguments, body.as_ref(), &answer);
        Call { operation, name: name.to_owned(), arguments, body, answer, is_plain }
    }

    /// The parameters that become arguments: those of the path in its order, then the others by where they travel and name.
    fn parameters(&mut self, operation: &'a Operation) -> Vec<&'a Parameter> {
        let contract = self.contract;
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            let (parameter, is_shared) = match parameter {
                RefOr::Inline(parameter) => (parameter, false),
                RefOr::Ref(name) => match contract.parameters.get(name) {
                    Some(parameter) => (parameter, true),
                    None => {
                        self.dangling(name);
                        continue;
                    }
                },
            };
            let is_header = parameter.location == Location::Header;
            let lower = parameter.name.to_ascii_lowercase();
            if is_header && matches!(lower.as_str(), "accept" | "content-type" | "authorization") {
                // OpenAPI says that such a parameter means nothing.
                continue;
            }
            if is_shared && is_header && !parameter.required && !headers::is_of_one_call(&lower) {
                self.lifted.insert(&parameter.name);
                continue;
            }
            parameters.push(parameter);
        }
        let template = template(&operation.path);
        self.check_template(operation, &template, &parameters);
        let place = |parameter: &Parameter| template.iter().position(|name| *name == parameter.name);
        parameters.sort_by(|one, other| {
            let key = |parameter: &'a Parameter| (parameter.location, place(parameter), parameter.name.as_str());
            key(one).cmp(&key(other))
        });
        parameters
    }

    /// The template and the path parameters must name the same things.
    fn check_template(&mut self, operation: &Operation, named: &[&str], parameters: &[&Parameter]) {
        let in_path: Vec<&str> = parameters
            .iter()
            .filter(|parameter| parameter.location == Location::Path)
            .map(|parameter| parameter.name.as_str())
            .collect();
        let rest = named.iter().fold(operation.path.clone(), |path, name| path.replace(&format!("{{{name}}}"), ""));
        if !operation.path.starts_with('/') || rest.contains(['{', '}']) {
            self.unsupported(format!("`{}` is no path template", operation.path));
        }
        for name in named.iter().filter(|name| !in_path.contains(name)) {
            self.unsupported(format!("the path's `{{{name}}}` is no parameter"));
        }
        for name in in_path.iter().filter(|name| !named.contains(name)) {
            self.unsupported(format!("the path has no place for parameter `{name}`"));
        }
    }

    /// The Rust type of a body or parameter; any JSON value where it has no type of its own, which is said of `what`.
    pub(super) fn rust_type(&mut self, what: &str, schema: Option<&Schema>) -> String {
        if let Some(schema) = schema {
            for name in schema::dangling(self.contract, schema) {
                self.dangling(name);
            }
        }
        schema.and_then(|schema| schema::rust_type(&self.types, schema)).unwrap_or_else(|| {
            if schema.is_none_or(|schema| schema.ty != Type::Any) {
                let text = format!("the {what} is any JSON value, because it has no type of its own");
                self.leave_out(Kind::Untyped, text);
            }
            ANY_JSON.to_owned()
        })
    }

    pub(super) fn resolve(&mut self, response: &'a RefOr<Response>) -> Option<&'a Response> {
        match response {
            RefOr::Inline(response) => Some(response),
            RefOr::Ref(name) => {
                let found = self.contract.responses.get(name);
                if found.is_none() {
                    self.dangling(name);
                }
                found
            }
        }
    }

    pub(super) fn leave_out(&mut self, kind: Kind, text: impl Into<String>) {
        self.left_out.push(LeftOut { operation: Some(self.operation.to_owned()), kind, text: text.into() });
    }

    fn dangling(&mut self, name: &str) {
        let place = format!("operation `{}`", self.operation);
        self.problems.push(Problem::DanglingReference { place, name: name.to_owned() });
    }

    fn unsupported(&mut self, what: String) {
        self.problems.push(Problem::unsupported(format!("operation `{}`", self.operation), what));
    }
}

/// Whether progenitor can make the method, and makes what compiles and is right.
fn is_plain(
    operation: &Operation,
    name: &str,
    arguments: &[Argument<'_>],
    body: Option<&Body<'_>>,
    answer: &Answer,
) -> bool {
    let path_parameters = arguments.iter().filter(|argument| argument.parameter.location == Location::Path).count();
    !matches!(operation.method, Method::Options | Method::Trace)
        // It would write the name in another way.
        && !name.starts_with('_')
        && template(&operation.path).len() == path_parameters
        // It shortens such paths.
        && !operation.path.contains("//")
        && arguments.iter().all(Argument::is_plain)
        && body.is_none_or(|body| body.required && matches!(body.form, Form::Json(_)) && is_plain_json(body.media_type))
        && match &answer.reading {
            Reading::Nothing | Reading::Bytes => true,
            Reading::Json(_) => is_plain_json(&answer.accept),
            Reading::Optional(_) | Reading::Events => false,
        }
}

/// `application/json`, parameters of the media type aside.
pub(super) fn is_plain_json(media_type: &str) -> bool {
    essence(media_type) == "application/json"
}

/// Any media type that is JSON: `text/json`, `application/problem+json`.
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// The media type without parameters, in lower case.
pub(super) fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether a body is read or written as JSON: documents may offer bytes under any media type.
pub(super) fn holds_json(media_type: &str, form: &MediaType) -> bool {
    let is_binary = form.schema.as_ref().is_some_and(|schema| schema.ty.format() == Some("binary"));
    is_json(media_type) && !is_binary
}

/// Whether a media type is neither JSON nor XML.
pub(super) fn is_opaque(media_type: &str) -> bool {
    let essence = essence(media_type);
    !is_json(media_type) && !essence.ends_with("/xml") && !essence.ends_with("+xml")
}

/// The form of a body that is used: plain JSON, else other JSON, else the first for which `rank` is lowest, else what is
/// left.
pub(super) fn preferred(
    content: &IndexMap<String, MediaType>,
    rank: impl Fn(&str) -> usize,
) -> Option<(&String, &MediaType)> {
    let of = |media_type: &str, form: &MediaType| match media_type {
        media_type if !holds_json(media_type, form) => 2 + rank(media_type) + 10 * usize::from(!is_opaque(media_type)),
        media_type => usize::from(!is_plain_json(media_type)),
    };
    content.iter().min_by_key(|(media_type, form)| of(media_type, form))
}

/// The media types beside the one that is used, as a list for people.
pub(super) fn others(content: &IndexMap<String, MediaType>, used: &str) -> Option<String> {
    let others: Vec<String> = content.keys().filter(|other| *other != used).map(|other| format!("`{other}`")).collect();
    (!others.is_empty()).then(|| others.join(", "))
}

/// The names in a path's braces, in its order.
fn template(path: &str) -> Vec<&str> {
    let mut named = Vec::new();
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        named.push(name);
        rest = after;
    }
    named
}
