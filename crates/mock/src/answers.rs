//! The answers of an operation, each made once and then sent as it is.

mod error;
mod render;

use std::sync::OnceLock;

use bytes::Bytes;
use docwright_contract::model::{Contract, Header, MediaType, Operation, RefOr, Response, Schema, Type};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::generate::generate;
use crate::media::{self, Form};
use crate::schemas::{Direction, Schemas};

pub(crate) use error::own_error;

/// Headers that frame a message: what the contract says of them is not for this server to promise.
const FRAMING: [&str; 9] = [
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "keep-alive",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "date",
];

/// The documented answers of an operation.
#[derive(Debug)]
pub(crate) struct Answers {
    answers: Vec<Answer>,
    usual: Option<usize>,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// As the contract writes it.
    key: String,
    /// Where it stands among the operation's responses.
    position: usize,
    pub(crate) status: StatusCode,
    headers: OnceLock<Vec<(HeaderName, HeaderValue)>>,
    contents: Vec<Content>,
}

/// One form of an answer.
#[derive(Debug)]
struct Content {
    media_type: String,
    /// The names of the documented examples; none where the contract gives one without a name.
    examples: Vec<Option<String>>,
    /// An answer for each example.
    documented: Vec<OnceLock<Body>>,
    generated: OnceLock<Body>,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: HeaderValue,
    /// What is not as it should be.
    pub(crate) remark: Option<String>,
}

/// Why there is no such answer.
#[derive(Debug, PartialEq)]
pub(crate) enum NoAnswer {
    /// The contract documents none of this status, but these.
    Status(Vec<String>),
    /// No form has an example of this name, but of these.
    Example(Vec<String>),
    /// Answers cannot have this status.
    NoStatus,
}

impl Answers {
    pub(crate) fn of(contract: &Contract, operation: &Operation) -> Self {
        let responses = operation.responses.iter().enumerate();
        let answers: Vec<Answer> = responses
            .filter_map(|(position, (key, response))| {
                let response = resolved(contract, response)?;
                let status = status_of(key)?;
                let contents = response
                    .content
                    .iter()
                    .map(|(media_type, content)| Content::of(contract, response, media_type, content));
                Some(Answer {
                    key: key.clone(),
                    position,
                    status,
                    headers: OnceLock::new(),
                    contents: contents.collect(),
                })
            })
            .collect();
        let usual = usual(&answers);
        Self { answers, usual }
    }

    /// The answer that is meant where nobody asks for one.
    pub(crate) fn usual(&self) -> Option<&Answer> {
        self.usual.and_then(|usual| self.answers.get(usual))
    }

    /// The answer for a status, with the status: exactly, by its range, or the one for all others.
    pub(crate) fn for_status(&self, status: StatusCode) -> Option<&Answer> {
        let exact = self.answers.iter().find(|answer| answer.key == status.as_str());
        let range = format!("{}XX", status.as_u16() / 100);
        let ranged = || self.answers.iter().find(|answer| answer.key.eq_ignore_ascii_case(&range));
        let other = || self.answers.iter().find(|answer| answer.key == "default");
        exact.or_else(ranged).or_else(other)
    }

    /// The status that tells callers what is wrong with their requests: 422 where the contract
    /// documents that and no 400.
    pub(crate) fn status_for_violations(&self) -> StatusCode {
        let has = |status: &str| self.answers.iter().any(|answer| answer.key == status);
        if has("422") && !has("400") { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST }
    }

    /// The answer for the status that a caller asks for.
    pub(crate) fn asked(&self, code: &str) -> Result<(&Answer, StatusCode), NoAnswer> {
        let known = || self.answers.iter().map(|answer| answer.key.clone()).collect();
        let status = code.parse::<u16>().ok().and_then(|code| StatusCode::from_u16(code).ok());
        let status = status.filter(|status| (200..600).contains(&status.as_u16())).ok_or(NoAnswer::NoStatus)?;
        self.for_status(status).map(|answer| (answer, status)).ok_or_else(|| NoAnswer::Status(known()))
    }
}

impl Answer {
    pub(crate) fn response<'c>(&self, contract: &'c Contract, operation: &'c Operation) -> Option<&'c Response> {
        resolved(contract, operation.responses.get_index(self.position)?.1)
    }

    /// The media types as the contract writes them.
    pub(crate) fn media_types(&self) -> Vec<&str> {
        self.contents.iter().map(|content| content.media_type.as_str()).collect()
    }

    /// The documented headers with their values.
    pub(crate) fn headers(&self, schemas: &Schemas, operation: &Operation) -> &[(HeaderName, HeaderValue)] {
        self.headers.get_or_init(|| {
            let response = self.response(schemas.contract(), operation);
            let headers = response.into_iter().flat_map(|response| &response.headers);
            headers.filter_map(|(name, header)| header_line(schemas, name, header)).collect()
        })
    }

    /// The body in the form number `index`, sent as `media_type`.
    pub(crate) fn body(
        &self,
        schemas: &Schemas,
        operation: &Operation,
        index: usize,
        media_type: &str,
        wanted: &Wanted<'_>,
    ) -> Result<Body, NoAnswer> {
        let content = &self.contents[index];
        let (cell, example) = match wanted {
            Wanted::Generated => (&content.generated, None),
            Wanted::Usual if content.examples.is_empty() => (&content.generated, None),
            Wanted::Usual => (&content.documented[0], Some(0)),
            Wanted::Named(name) => {
                let position = content.examples.iter().position(|known| known.as_deref() == Some(name));
                let position =
                    position.ok_or_else(|| NoAnswer::Example(content.examples.iter().flatten().cloned().collect()))?;
                (&content.documented[position], Some(position))
            }
        };
        let make = || {
            let nothing = Response::default();
            let response = self.response(schemas.contract(), operation).unwrap_or(&nothing);
            made(schemas, response, index, example, media_type)
        };
        // What a range is sent as differs from call to call.
        if media::is_range(&content.media_type) { Ok(make()) } else { Ok(cell.get_or_init(make).clone()) }
    }
}

/// Which body of a form is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wanted<'p> {
    /// The first example, or one from the schema.
    Usual,
    /// The example of this name.
    Named(&'p str),
    /// One from the schema.
    Generated,
}

impl Content {
    fn of(contract: &Contract, response: &Response, media_type: &str, content: &MediaType) -> Self {
        let examples: Vec<_> =
            examples(contract, response, content).into_iter().map(|(name, _)| name.map(str::to_owned)).collect();
        Self {
            media_type: media_type.to_owned(),
            documented: examples.iter().map(|_| OnceLock::new()).collect(),
            examples,
            generated: OnceLock::new(),
        }
    }
}

/// The documented examples of a body: its own, those by name, else those of another form with the same schema, as
/// long as they are values and not texts of that form, else its schema's.
fn examples<'c>(
    contract: &'c Contract,
    response: &'c Response,
    content: &'c MediaType,
) -> Vec<(Option<&'c str>, &'c Value)> {
    let mut found = own_examples(contract, content);
    if found.is_empty() {
        let others = response.content.values().filter(|other| is_same(other.schema.as_ref(), content.schema.as_ref()));
        let mut others = others.map(|other| own_examples(contract, other));
        let is_value = |(_, value): &(Option<&str>, &Value)| !value.is_string();
        found = others.find(|examples| !examples.is_empty() && examples.iter().all(is_value)).unwrap_or_default();
    }
    if found.is_empty() {
        found.extend(schema_example(contract, content.schema.as_ref()).map(|example| (None, example)));
    }
    found
}

/// Whether both are schemas of one shape; how XML writes it does not matter.
fn is_same(a: Option<&Schema>, b: Option<&Schema>) -> bool {
    match (a.map(|a| &a.ty), b.map(|b| &b.ty)) {
        (Some(Type::Array { items: a }), Some(Type::Array { items: b })) => is_same(Some(a), Some(b)),
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

fn own_examples<'c>(contract: &'c Contract, content: &'c MediaType) -> Vec<(Option<&'c str>, &'c Value)> {
    let mut found: Vec<(Option<&str>, &Value)> = Vec::new();
    found.extend(content.example.as_deref().map(|example| (None, example)));
    let named = content.extensions.get("examples").and_then(Value::as_object).into_iter().flatten();
    found.extend(named.filter_map(|(name, example)| Some((Some(name.as_str()), example_value(contract, example)?))));
    found
}

/// The example of a whole schema.
fn schema_example<'c>(contract: &'c Contract, schema: Option<&'c Schema>) -> Option<&'c Value> {
    let mut current = schema?;
    for _ in 0..8 {
        if let Some(example) = &current.example {
            return Some(example);
        }
        match &current.ty {
            Type::Ref(name) => current = contract.schemas.get(name)?,
            _ => return None,
        }
    }
    None
}

/// The value of an example object, which may be one of `components.examples`.
pub(crate) fn example_value<'c>(contract: &'c Contract, example: &'c Value) -> Option<&'c Value> {
    let mut current = example;
    for _ in 0..8 {
        let Some(target) = current.get("$ref").and_then(Value::as_str) else { break };
        let name = target.strip_prefix("#/components/examples/")?.replace("~1", "/").replace("~0", "~");
        current = contract.extensions.get("x-components-examples")?.get(&name)?;
    }
    current.get("value").or_else(|| current.get("dataValue")).or_else(|| current.get("serializedValue"))
}

fn resolved<'c>(contract: &'c Contract, response: &'c RefOr<Response>) -> Option<&'c Response> {
    match response {
        RefOr::Ref(name) => contract.responses.get(name),
        RefOr::Inline(response) => Some(response),
    }
}

/// The status that a key stands for. Informational ones are no answers.
fn status_of(key: &str) -> Option<StatusCode> {
    let lower = key.to_ascii_lowercase();
    let code = match lower.as_str() {
        "default" => 200,
        range if range.ends_with("xx") => range.strip_suffix("xx")?.parse::<u16>().ok()? * 100,
        code => code.parse().ok()?,
    };
    StatusCode::from_u16(code).ok().filter(|_| (200..600).contains(&code))
}

/// The lowest success, else the one for everything, else a redirection, else whatever there is.
fn usual(answers: &[Answer]) -> Option<usize> {
    let rank = |answer: &Answer| {
        let code = answer.status.as_u16();
        match (answer.key.as_str(), code) {
            ("default", _) => (1, 0),
            (_, 200..300) => (0, code),
            (_, 300..400) => (2, code),
            _ => (3, code),
        }
    };
    (0..answers.len()).min_by_key(|index| rank(&answers[*index]))
}

fn made(schemas: &Schemas, response: &Response, index: usize, example: Option<usize>, media_type: &str) -> Body {
    let form = Form::of(media_type);
    let any = Schema::default();
    let nothing = MediaType::default();
    let content = response.content.get_index(index).map_or(&nothing, |(_, content)| content);
    let schema = content.schema.as_ref();
    let examples = || examples(schemas.contract(), response, content);
    let example = example.and_then(|index| examples().get(index).map(|(_, value)| *value));
    let (bytes, content_type, failing) = match example {
        Some(value) => {
            let (bytes, content_type) = render::example(schemas, schema, value, form, media_type);
            (bytes, content_type, None)
        }
        None => {
            let generated = generate(schemas, schema.unwrap_or(&any), Direction::Answer);
            let (bytes, content_type) = render::generated(schemas, schema, &generated.value, form, media_type);
            (bytes, content_type, generated.failing)
        }
    };
    Body {
        bytes: bytes.into(),
        content_type: HeaderValue::from_str(&content_type)
            .unwrap_or(HeaderValue::from_static("application/octet-stream")),
        remark: failing.map(|failing| format!("no valid answer was found for the schema: {failing}")),
    }
}

fn header_line(schemas: &Schemas, name: &str, header: &Header) -> Option<(HeaderName, HeaderValue)> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).ok()?;
    if FRAMING.contains(&parsed.as_str()) {
        return None;
    }
    let value = match &header.schema.example {
        Some(example) => example.clone(),
        None => generate(schemas, &header.schema, Direction::Answer).value,
    };
    let value = HeaderValue::from_str(&render::simple(&value)).ok()?;
    Some((parsed, value))
}

#[cfg(test)]
mod tests;
