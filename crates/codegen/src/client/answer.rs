//! Answers: the one that a method gives back, and the type of all errors.

use docwright_contract::Contract;
use docwright_contract::model::{Method, Operation, RefOr, Response, Schema, Type};
use indexmap::IndexMap;

use super::call::{Collector, essence, holds_json, is_opaque, others, preferred};
use super::coverage::Kind;
use super::schema;

/// What a method gives back.
pub(super) struct Answer {
    pub(super) reading: Reading,
    /// What is asked for.
    pub(super) accept: String,
    /// As the projected document says it; none where the contract names no success.
    pub(super) status: Option<String>,
    pub(super) description: String,
}

/// How the body of an answer is read.
#[derive(Clone, PartialEq)]
pub(super) enum Reading {
    /// Not at all.
    Nothing,
    /// As JSON of this Rust type.
    Json(String),
    /// The same, unless there is none.
    Optional(String),
    /// By the caller.
    Bytes,
    /// Event by event.
    Events,
}

impl Answer {
    pub(super) fn of<'a>(collector: &mut Collector<'a>, operation: &'a Operation) -> Self {
        let has_success = operation.responses.keys().any(|status| status.starts_with('2'));
        let mut successes: Vec<(&str, &Response)> = Vec::new();
        for (status, response) in &operation.responses {
            let Some(response) = collector.resolve(response) else { continue };
            if is_error(status, has_success) {
                check_error_body(collector, status, response);
            } else if status.starts_with('2') || status == "default" {
                successes.push((status, response));
            } else {
                collector.leave_out(Kind::OtherAnswer, format!("answer {status} is reported as an error"));
            }
        }
        let Some((status, response)) =
            successes.iter().find(|(_, response)| !response.content.is_empty()).or(successes.first()).copied()
        else {
            return Self {
                reading: Reading::Bytes,
                accept: "*/*".to_owned(),
                status: None,
                description: String::new(),
            };
        };
        let (mut reading, accept) = read(collector, operation.method, status, response);
        let mut covered = 1;
        for (other, response) in successes.iter().filter(|(other, _)| *other != status) {
            let has_content = !response.content.is_empty() && operation.method != Method::Head;
            let same = response.content.keys().zip(&response.content).all(|(name, (_, form))| {
                let schema = form.schema.as_ref().and_then(|schema| schema::rust_type(&collector.types, schema));
                match &reading {
                    Reading::Json(rust) | Reading::Optional(rust) => {
                        holds_json(name, form) && schema.as_ref() == Some(rust)
                    }
                    Reading::Bytes => !holds_json(name, form),
                    Reading::Events => is_events(name),
                    Reading::Nothing => false,
                }
            });
            match &reading {
                Reading::Json(rust) if !has_content => reading = Reading::Optional(rust.clone()),
                _ if !has_content || same => {}
                _ => {
                    collector.leave_out(Kind::OtherAnswer, format!("answer {other} is not read, only {status} is"));
                    continue;
                }
            }
            covered += 1;
        }
        // `default` would be the error type too.
        let status = if covered > 1 || status == "default" { "2XX".to_owned() } else { status.to_ascii_uppercase() };
        Self { reading, accept, status: Some(status), description: response.description.clone() }
    }
}

fn read(collector: &mut Collector<'_>, method: Method, status: &str, response: &Response) -> (Reading, String) {
    // The answer to HEAD says what GET would have.
    let Some((media_type, form)) = preferred(&response.content, |_| 0).filter(|_| method != Method::Head) else {
        return (Reading::Nothing, String::new());
    };
    if response.content.keys().all(|media_type| is_events(media_type)) {
        return (Reading::Events, media_type.clone());
    }
    if !holds_json(media_type, form) {
        let (mut all, rest): (Vec<&str>, Vec<&str>) =
            response.content.keys().map(String::as_str).partition(|media_type| is_opaque(media_type));
        all.extend(rest);
        return (Reading::Bytes, all.join(", "));
    }
    if let Some(others) = others(&response.content, media_type) {
        collector.leave_out(Kind::AnswerMediaType, format!("answer {status} as {others} is not asked for"));
    }
    let rust = collector.rust_type(&format!("answer {status}"), form.schema.as_ref());
    (Reading::Json(rust), media_type.clone())
}

/// Whether an answer of this media type is a stream of events.
fn is_events(media_type: &str) -> bool {
    essence(media_type) == "text/event-stream"
}

fn check_error_body(collector: &mut Collector<'_>, status: &str, response: &Response) {
    let Some(form) = json_form(response) else { return };
    let rust = form.and_then(|schema| schema::rust_type(&collector.types, schema));
    // Where there is no such type, any JSON is kept.
    if collector.error_body.is_some() && rust != collector.error_body {
        let text = format!("the body of answer {status} is not that of the other errors, only its status is kept");
        collector.leave_out(Kind::ErrorBody, text);
    }
}

/// The schema of the JSON form, where there is such a form.
fn json_form(response: &Response) -> Option<Option<&Schema>> {
    let (media_type, form) = preferred(&response.content, |_| 0)?;
    holds_json(media_type, form).then_some(form.schema.as_ref())
}

/// The schema that most error answers have.
pub(super) fn error_body(contract: &Contract) -> Option<&str> {
    let mut uses: IndexMap<&str, usize> = IndexMap::new();
    for operation in &contract.operations {
        let has_success = operation.responses.keys().any(|status| status.starts_with('2'));
        for (_, response) in operation.responses.iter().filter(|(status, _)| is_error(status, has_success)) {
            let response = match response {
                RefOr::Inline(response) => Some(response),
                RefOr::Ref(name) => contract.responses.get(name),
            };
            if let Some(Schema { ty: Type::Ref(name), .. }) = response.and_then(json_form).flatten()
                && contract.schemas.contains_key(name)
            {
                *uses.entry(name).or_default() += 1;
            }
        }
    }
    // The first of those that are used most.
    uses.into_iter().rev().max_by_key(|(_, count)| *count).map(|(name, _)| name)
}

/// Whether an answer is an error; `default` is where the operation names its success.
fn is_error(status: &str, has_success: bool) -> bool {
    status.starts_with(['4', '5']) || (status == "default" && has_success)
}
