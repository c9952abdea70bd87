//! Parameters of path, query, header and cookie: read in their `style`, then held to their schema.

mod style;

use std::borrow::Cow;
use std::collections::BTreeSet;

use docwright_contract::model::{Contract, Extensions, Location, Operation, Parameter, RefOr, Schema};
use http::HeaderMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::router::has_parameter;
use crate::schemas::{Check, Schemas};
use crate::violation::{Findings, quoted};

pub(crate) use style::Style;

/// OpenAPI ignores header parameters of these names: other parts of a document say them.
const SAID_ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

/// A parameter of an operation, as requests are held to it.
#[derive(Debug)]
pub(crate) struct Expected {
    parameter: Parameter,
    check: Check,
    style: Style,
    explode: bool,
    /// Travels as a document in one value.
    content: Option<String>,
    allows_empty: bool,
}

/// The parameters of the operation, shared ones looked up.
pub(crate) fn of(contract: &Contract, operation: &Operation) -> Vec<Expected> {
    let parameters = operation.parameters.iter().filter_map(|parameter| match parameter {
        RefOr::Ref(name) => contract.parameters.get(name),
        RefOr::Inline(parameter) => Some(parameter),
    });
    parameters
        .filter(|parameter| {
            parameter.location != Location::Header
                || !SAID_ELSEWHERE.iter().any(|name| parameter.name.eq_ignore_ascii_case(name))
        })
        // What the path does not hold cannot be asked for.
        .filter(|parameter| parameter.location != Location::Path || has_parameter(&operation.path, &parameter.name))
        .map(expected)
        .collect()
}

fn expected(parameter: &Parameter) -> Expected {
    let text = |name: &str| parameter.extensions.get(name).and_then(Value::as_str);
    let flag = |name: &str| parameter.extensions.get(name).and_then(Value::as_bool);
    // Swagger 2.0's ways to join items that OpenAPI 3 does not have.
    let style = Style::of(text("style").or_else(|| text("x-collectionFormat")), parameter.location);
    Expected {
        style,
        explode: flag("explode").unwrap_or(style == Style::Form),
        content: content_type(&parameter.extensions),
        allows_empty: flag("allowEmptyValue").unwrap_or(false),
        check: Check::new(parameter.schema.clone()),
        parameter: parameter.clone(),
    }
}

fn content_type(extensions: &Extensions) -> Option<String> {
    extensions.get("content")?.as_object()?.keys().next().cloned()
}

/// What a request says, taken apart.
#[derive(Debug)]
pub(crate) struct Said<'r> {
    pub(crate) path: &'r [(&'r str, String)],
    /// Names decoded, values still encoded.
    pub(crate) query: Vec<(Cow<'r, str>, &'r str)>,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) cookies: Vec<(&'r str, &'r str)>,
}

impl<'r> Said<'r> {
    pub(crate) fn new(path: &'r [(&'r str, String)], query: &'r str, headers: &'r HeaderMap) -> Self {
        Self { path, query: pairs(query), headers, cookies: cookies(headers) }
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut values = self.headers.get_all(name).iter().peekable();
        values.peek()?;
        Some(values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect::<Vec<_>>().join(","))
    }
}

/// The pairs of a query or a form.
pub(crate) fn pairs(text: &str) -> Vec<(Cow<'_, str>, &str)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded_lossy(name), value))
        .collect()
}

fn cookies(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let all = headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect()
}

/// The value of a form's field.
pub(crate) fn decoded(raw: &str) -> Result<String, String> {
    style::Encoding::Form.decode(raw)
}

/// Reads fields of forms, which are written like query parameters.
pub(crate) struct FieldReader<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) schema: &'a Schema,
    pub(crate) name: &'a str,
    pub(crate) style: Style,
    pub(crate) explode: bool,
}

impl FieldReader<'_> {
    /// The field's value, `None` where it is not there.
    pub(crate) fn field(&self, query: &[(Cow<'_, str>, &str)]) -> Result<Option<Value>, String> {
        let own = query.iter().filter(|(name, _)| name == self.name);
        let raw: Vec<_> = own.map(|(_, value)| Cow::Borrowed(*value)).collect();
        let spread = style::Spread { query, declared: &|_| false };
        let reader = style::Reader {
            schemas: self.schemas,
            schema: self.schema,
            name: self.name,
            style: self.style,
            explode: self.explode,
            encoding: style::Encoding::Form,
        };
        reader.read(&raw, &spread)
    }

    /// The field's value where it is JSON.
    pub(crate) fn document(&self, query: &[(Cow<'_, str>, &str)]) -> Result<Option<Value>, String> {
        let Some((_, raw)) = query.iter().find(|(name, _)| name == self.name) else { return Ok(None) };
        let text = decoded(raw)?;
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| format!("expected JSON, found {}: {error}", quoted(&text)))
    }
}

fn decoded_lossy(text: &str) -> Cow<'_, str> {
    if text.contains(['%', '+']) {
        Cow::Owned(percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned())
    } else {
        Cow::Borrowed(text)
    }
}

/// Holds the request to the parameters.
pub(crate) fn check(schemas: &Schemas, expected: &[Expected], said: &Said<'_>, findings: &mut Findings) {
    for parameter in expected {
        parameter.check(schemas, said, expected, findings);
    }
}

/// Names of query parameters that no parameter of the operation is called.
pub(crate) fn unknown<'r>(
    schemas: &Schemas,
    expected: &[Expected],
    said: &'r Said<'_>,
    also_known: &BTreeSet<&str>,
) -> Vec<&'r str> {
    let mut unknown: Vec<&str> = Vec::new();
    let queried: Vec<_> = expected.iter().filter(|expected| expected.parameter.location == Location::Query).collect();
    for (name, _) in &said.query {
        let known = also_known.contains(&**name) || queried.iter().any(|expected| expected.claims(schemas, name));
        if !known && !unknown.contains(&&**name) {
            unknown.push(name);
        }
    }
    unknown
}

impl Expected {
    fn name(&self) -> &str {
        &self.parameter.name
    }

    fn schema(&self) -> &Schema {
        &self.parameter.schema
    }

    /// Whether a pair of a query belongs to this parameter.
    fn claims(&self, schemas: &Schemas, name: &str) -> bool {
        if self.name() == name {
            return true;
        }
        match self.style {
            Style::DeepObject => name.strip_prefix(self.name()).is_some_and(|rest| rest.starts_with('[')),
            Style::Form if self.explode => {
                let kinds = schemas.kinds(self.schema());
                kinds.object
                    && !kinds.scalar()
                    && (schemas.property(self.schema(), name).is_some() || style::is_open(schemas, self.schema()))
            }
            _ => false,
        }
    }

    fn location(&self) -> String {
        format!("{} parameter `{}`", self.parameter.location.as_str(), self.name())
    }

    fn check(&self, schemas: &Schemas, said: &Said<'_>, all: &[Expected], findings: &mut Findings) {
        match self.value(schemas, said, all) {
            Ok(Some(value)) => {
                if !(self.allows_empty && value == "") {
                    findings.check(schemas, &self.check, &value, || self.location());
                }
            }
            Ok(None) if self.parameter.required || self.parameter.location == Location::Path => {
                findings.violate(self.location(), "expected, but missing");
            }
            Ok(None) => {}
            Err(problem) => findings.violate(self.location(), problem),
        }
    }

    /// The parameter's value in the request, `None` where it is not there.
    fn value(&self, schemas: &Schemas, said: &Said<'_>, all: &[Expected]) -> Result<Option<Value>, String> {
        let raw: Vec<Cow<'_, str>> = match self.parameter.location {
            Location::Path => said
                .path
                .iter()
                .filter(|(name, _)| *name == self.name())
                .map(|(_, value)| Cow::Borrowed(&**value))
                .collect(),
            Location::Query => {
                let own = said.query.iter().filter(|(name, _)| name == self.name());
                own.map(|(_, value)| Cow::Borrowed(*value)).collect()
            }
            Location::Header => said.header(self.name()).map(Cow::Owned).into_iter().collect(),
            Location::Cookie => {
                let own = said.cookies.iter().filter(|(name, _)| *name == self.name());
                own.map(|(_, value)| Cow::Borrowed(*value)).collect()
            }
        };
        let encoding = match self.parameter.location {
            Location::Query | Location::Cookie => style::Encoding::Form,
            Location::Path => style::Encoding::Path,
            Location::Header => style::Encoding::Plain,
        };
        if let Some(media_type) = &self.content {
            let Some(text) = raw.first() else { return Ok(None) };
            let text = encoding.decode(text)?;
            if !crate::media::is_json(media_type) {
                return Ok(Some(Value::String(text)));
            }
            return serde_json::from_str(&text)
                .map(Some)
                .map_err(|error| format!("expected JSON, found {}: {error}", quoted(&text)));
        }
        let declared = |name: &str| {
            all.iter().any(|other| {
                other.parameter.location == Location::Query && other.name() == name && other.name() != self.name()
            })
        };
        let spread = style::Spread { query: &said.query, declared: &declared };
        let reader = style::Reader {
            schemas,
            schema: self.schema(),
            name: self.name(),
            style: self.style,
            explode: self.explode,
            encoding,
        };
        reader.read(&raw, &spread)
    }
}

#[cfg(test)]
mod tests;
