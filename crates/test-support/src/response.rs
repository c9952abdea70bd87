//! Holds one answer to what the contract says.

use docwright_contract::model::{Header, MediaType, Operation, RefOr, Response, Schema, Type};
use http::{
    HeaderMap, StatusCode,
    header::{ACCESS_CONTROL_ALLOW_METHODS, ALLOW, CONTENT_TYPE},
};
use serde_json::Value;

use crate::{
    contract::Contract,
    events::{EVENTS, Events},
    xml,
};

/// An answer as it came.
pub(crate) struct Answer<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    /// Nothing as long as it has not come.
    pub(crate) body: Option<&'a [u8]>,
    /// Whether the request was `HEAD`, which is answered like `GET` without the body.
    pub(crate) without_body: bool,
}

impl Answer<'_> {
    pub(crate) fn check_operation(&self, contract: &Contract, operation: &Operation) -> Vec<String> {
        let code = self.status.as_str();
        let range = format!("{}XX", &code[..1]);
        let listed = [code, &range, "default"].into_iter().find_map(|status| operation.responses.get(status));
        let response = match listed {
            Some(RefOr::Inline(response)) => Some(response),
            Some(RefOr::Ref(name)) => contract.model().responses.get(name),
            None => None,
        };
        let Some(response) = response else {
            let listed: Vec<_> = operation.responses.keys().map(String::as_str).collect();
            return vec![format!(
                "status {code} is not in the contract of `{}`, which lists {}",
                operation.operation_id,
                listed.join(", ")
            )];
        };
        let mut problems = self.check_headers(contract, response);
        problems.extend(self.check_content(contract, &operation.operation_id, response));
        problems
    }

    /// A path that the contract has, with a method that it does not have there.
    pub(crate) fn check_wrong_method(&self, contract: &Contract, error_schema: &str) -> Vec<String> {
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            let mut problems = self.check_error_body(contract, error_schema);
            if !self.headers.contains_key(ALLOW) {
                problems.push("a 405 without the header `Allow`".to_owned());
            }
            problems
        } else if self.status.is_client_error() || self.status.is_server_error() {
            self.check_error_body(contract, error_schema)
        } else {
            vec![format!("status {} for a method that the contract does not have on this path", self.status.as_str())]
        }
    }

    /// A path that the contract has, asked for its methods: they stand in `Allow`, and there is nothing else to say. A
    /// preflight of CORS names them in a header of its own.
    pub(crate) fn check_options(&self, contract: &Contract, error_schema: &str) -> Vec<String> {
        if !self.status.is_success() {
            return self.check_wrong_method(contract, error_schema);
        }
        let mut problems = self.check_no_body();
        if !self.headers.contains_key(ALLOW) && !self.headers.contains_key(ACCESS_CONTROL_ALLOW_METHODS) {
            problems.push("an answer to OPTIONS without the header `Allow`".to_owned());
        }
        problems
    }

    /// Outside the contract there are pages for people too; these must be locked up tightly.
    pub(crate) fn check_unknown_path(&self, contract: &Contract, error_schema: &str) -> Vec<String> {
        if self.media_type().as_deref() == Some("text/html") {
            return self.check_page();
        }
        if self.status.is_client_error() || self.status.is_server_error() {
            self.check_error_body(contract, error_schema)
        } else {
            Vec::new()
        }
    }

    /// Whatever a page says, it says how browsers are to keep it apart from others.
    fn check_page(&self) -> Vec<String> {
        let expected = [
            ("content-security-policy", "default-src 'none'"),
            ("content-security-policy", "frame-ancestors 'none'"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", ""),
            ("cache-control", "no-store"),
        ];
        let holds = |name: &str, part: &str| {
            self.headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(part))
        };
        let missing = expected.iter().filter(|(name, part)| !holds(name, part));
        missing.map(|(name, part)| format!("an HTML page without `{part}` in the header `{name}`")).collect()
    }

    /// The documented error body, in JSON or XML.
    fn check_error_body(&self, contract: &Contract, error_schema: &str) -> Vec<String> {
        if self.without_body {
            return self.check_no_body();
        }
        match self.media_type() {
            Some(media_type) if is_json(&media_type) => self.check_json(contract, &Schema::reference(error_schema)),
            Some(media_type) if is_xml(&media_type) => self.check_xml(contract, &Schema::reference(error_schema)),
            other => vec![format!(
                "an error must have a JSON or XML body, this one is {}",
                other.as_deref().unwrap_or("without content type")
            )],
        }
    }

    fn check_headers(&self, contract: &Contract, response: &Response) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, header) in &response.headers {
            match self.headers.get(name) {
                None if header.required => problems.push(format!("the header `{name}` is missing")),
                None => {}
                Some(value) => {
                    let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    let errors = contract.validate_value(&header.schema, &header_value(header, text));
                    problems.extend(errors.into_iter().map(|error| format!("header `{name}`: {error}")));
                }
            }
        }
        problems
    }

    fn check_content(&self, contract: &Contract, operation_id: &str, response: &Response) -> Vec<String> {
        if response.content.is_empty() {
            return self.check_no_body();
        }
        let Some(media_type) = self.media_type() else {
            return vec!["the header `Content-Type` is missing or unreadable".to_owned()];
        };
        let Some(form) = listed_form(response, &media_type) else {
            let listed: Vec<_> = response.content.keys().map(String::as_str).collect();
            return vec![format!(
                "content type `{media_type}` is not in the contract, which lists {}",
                listed.join(", ")
            )];
        };
        if self.without_body {
            return self.check_no_body();
        }
        match &form.schema {
            _ if media_type == EVENTS => self.check_events(contract, operation_id),
            Some(schema) if is_json(&media_type) => self.check_json(contract, schema),
            Some(schema) if is_xml(&media_type) => self.check_xml(contract, schema),
            _ => self.check_some_body(),
        }
    }

    fn check_json(&self, contract: &Contract, schema: &Schema) -> Vec<String> {
        let Some(body) = self.body else { return Vec::new() };
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => contract.validate_value(schema, &value),
            Err(error) => vec![format!("the body is not JSON: {error}")],
        }
    }

    fn check_xml(&self, contract: &Contract, schema: &Schema) -> Vec<String> {
        let Some(body) = self.body else { return Vec::new() };
        match xml::to_json(contract.model(), schema, body) {
            Ok(value) => contract.validate_value(schema, &value),
            Err(error) => vec![error],
        }
    }

    fn check_events(&self, contract: &Contract, operation_id: &str) -> Vec<String> {
        let Some(body) = self.body else { return Vec::new() };
        let mut events = Events::of(operation_id);
        let mut problems = events.read(contract, body);
        problems.extend(events.end());
        problems
    }

    fn check_no_body(&self) -> Vec<String> {
        match self.body {
            Some([_, ..]) => vec!["a body where there must be none".to_owned()],
            _ => Vec::new(),
        }
    }

    fn check_some_body(&self) -> Vec<String> {
        if self.body == Some(&[]) { vec!["the body is empty".to_owned()] } else { Vec::new() }
    }

    fn media_type(&self) -> Option<String> {
        media_type(self.headers)
    }
}

/// Type and subtype in lower case, without parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = text.split(';').next()?.trim();
    essence.contains('/').then(|| essence.to_ascii_lowercase())
}

/// The form of this media type: by its name, else by the range `type/*` or `*/*`.
fn listed_form<'a>(response: &'a Response, media_type: &str) -> Option<&'a MediaType> {
    let range = media_type.split('/').next().map(|kind| format!("{kind}/*")).unwrap_or_default();
    [media_type, &range, "*/*"].into_iter().find_map(|wanted| {
        let essence = |name: &str| name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        response.content.iter().find(|(name, _)| essence(name) == wanted).map(|(_, form)| form)
    })
}

fn is_json(media_type: &str) -> bool {
    media_type.ends_with("/json") || media_type.ends_with("+json")
}

fn is_xml(media_type: &str) -> bool {
    media_type.ends_with("/xml") || media_type.ends_with("+xml")
}

/// Headers are text; their schema may say that the text is a number or a truth value.
fn header_value(header: &Header, text: String) -> Value {
    let typed = match &header.schema.ty {
        Type::Integer { .. } | Type::Number { .. } | Type::Boolean => serde_json::from_str(&text).ok(),
        _ => None,
    };
    typed.unwrap_or(Value::String(text))
}
