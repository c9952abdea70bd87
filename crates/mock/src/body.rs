//! Request bodies: their media type, their form, and what they hold.

mod form;
mod multipart;

use docwright_contract::model::{Operation, Schema};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use indexmap::IndexMap;
use serde_json::Value;

use crate::media::{self, Form};
use crate::schemas::{Check, Schemas};
use crate::violation::Findings;
use crate::xml;

/// The body that an operation takes.
#[derive(Debug)]
pub(crate) struct Expected {
    required: bool,
    forms: Vec<Accepted>,
}

/// One form of it.
#[derive(Debug)]
struct Accepted {
    /// As the contract writes it, perhaps a range.
    media_type: String,
    check: Option<Check>,
    /// How the parts of forms are written.
    encoding: IndexMap<String, Encoding>,
}

/// How one part of a form is written.
#[derive(Debug, Default)]
pub(crate) struct Encoding {
    pub(crate) content_type: Option<String>,
    pub(crate) style: Option<String>,
    pub(crate) explode: Option<bool>,
}

/// A body that is not looked into.
#[derive(Debug, PartialEq)]
pub(crate) enum Refused {
    /// Its media type is none of these.
    MediaType { found: Option<String>, offered: Vec<String> },
    /// It is compressed.
    Compressed(String),
}

impl Expected {
    pub(crate) fn of(operation: &Operation) -> Option<Self> {
        let body = operation.request_body.as_ref()?;
        let forms = body.content.iter().map(|(media_type, content)| Accepted {
            media_type: media_type.clone(),
            check: content.schema.clone().map(Check::new),
            encoding: encodings(content.extensions.get("encoding")),
        });
        Some(Self { required: body.required, forms: forms.collect() })
    }

    pub(crate) fn media_types(&self) -> Vec<String> {
        self.forms.iter().map(|form| form.media_type.clone()).collect()
    }

    /// Holds the body to the contract.
    pub(crate) fn check(
        &self,
        schemas: &Schemas,
        headers: &HeaderMap,
        body: &[u8],
        findings: &mut Findings,
    ) -> Result<(), Refused> {
        if let Some(coding) = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok())
            && !coding.eq_ignore_ascii_case("identity")
        {
            return Err(Refused::Compressed(coding.to_owned()));
        }
        let content_type =
            headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        // An empty form of a known type is a form without fields; an empty anything else is no body.
        let is_form = content_type
            .as_deref()
            .is_some_and(|found| matches!(Form::of(found), Form::UrlEncoded | Form::Text | Form::Binary));
        if body.is_empty() && !(is_form && self.required) {
            if self.required {
                findings.violate("body", "expected, but missing");
            }
            return Ok(());
        }
        if self.forms.is_empty() {
            return Ok(());
        }
        let accepted = content_type.as_deref().and_then(|found| self.accepted(found));
        let Some(accepted) = accepted else {
            return Err(Refused::MediaType { found: content_type, offered: self.media_types() });
        };
        accepted.check(schemas, content_type.as_deref().unwrap_or_default(), body, findings);
        Ok(())
    }

    fn accepted(&self, content_type: &str) -> Option<&Accepted> {
        let exact = self.forms.iter().find(|form| media::essence(&form.media_type) == media::essence(content_type));
        // The narrowest range that the type is of.
        let ranges = self
            .forms
            .iter()
            .filter(|form| media::is_range(&form.media_type) && media::is_of(&form.media_type, content_type));
        exact.or_else(|| ranges.max_by_key(|form| form.media_type.len()))
    }
}

impl Accepted {
    fn check(&self, schemas: &Schemas, content_type: &str, body: &[u8], findings: &mut Findings) {
        let any = Schema::default();
        let schema = self.check.as_ref().map_or(&any, |check| &check.schema);
        let value = match Form::of(content_type) {
            Form::Json => serde_json::from_slice(body).map_err(|error| format!("expected JSON: {error}")),
            Form::Xml => match xml::read(schemas, schema, body) {
                // Without a schema, being XML is all that can be asked.
                Ok(_) if self.check.is_none() => return,
                Ok(value) => Ok(value),
                Err(xml::XmlError(problem)) => Err(format!("expected XML: {problem}")),
            },
            Form::UrlEncoded => form::read(schemas, schema, &self.encoding, body),
            Form::Multipart => multipart::read(schemas, schema, &self.encoding, content_type, body),
            Form::Text => match std::str::from_utf8(body) {
                Ok(text) => Ok(schemas.kinds(schema).read(text)),
                Err(_) => return,
            },
            // Bytes have no value that a schema could be held to.
            Form::Binary => return,
        };
        match (value, &self.check) {
            (Ok(value), Some(check)) => findings.check(schemas, check, &value, || "body".to_owned()),
            (Ok(_), None) => {}
            (Err(problem), _) => findings.violate("body", problem),
        }
    }
}

fn encodings(written: Option<&Value>) -> IndexMap<String, Encoding> {
    let Some(written) = written.and_then(Value::as_object) else { return IndexMap::new() };
    let encodings = written.iter().map(|(name, encoding)| {
        let text = |member: &str| encoding.get(member).and_then(Value::as_str).map(str::to_owned);
        let explode = encoding.get("explode").and_then(Value::as_bool);
        (name.clone(), Encoding { content_type: text("contentType"), style: text("style"), explode })
    });
    encodings.collect()
}

#[cfg(test)]
mod tests;
