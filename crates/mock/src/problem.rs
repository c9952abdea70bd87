//! Error answers of the mock's own: `application/problem+json` (RFC 9457), or the same as XML.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::media;
use crate::violation::{MAX_VIOLATIONS, Violation};

/// A refusal.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) detail: String,
    pub(crate) violations: Vec<Violation>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// What else the answer names, such as what is offered instead.
    pub(crate) members: Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), violations: Vec::new(), headers: Vec::new(), members: Map::new() }
    }

    /// All that is wrong with a request.
    pub(crate) fn violations(status: StatusCode, mut violations: Vec<Violation>) -> Self {
        let more = violations.len() > MAX_VIOLATIONS;
        violations.truncate(MAX_VIOLATIONS);
        let each = violations.iter().map(|violation| format!("{}: {}", violation.location, violation.message));
        let mut detail = each.collect::<Vec<_>>().join("; ");
        if more {
            detail.push_str("; and more");
        }
        Self { violations, ..Self::new(status, detail) }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        // Names come from contracts, where anything may stand.
        self.headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        self
    }

    pub(crate) fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// The body for a caller with these headers, and its media type.
    pub(crate) fn body(&self, headers: &HeaderMap) -> (Vec<u8>, String) {
        let offered =
            ["application/problem+json", "application/json", "application/problem+xml", "application/xml", "text/xml"];
        match media::preferred(headers, &offered) {
            Some((2.., _)) => (self.xml().into_bytes(), "application/problem+xml".to_owned()),
            // Also for callers who want neither: an error that says why beats one that does not.
            _ => (self.json().to_string().into_bytes(), "application/problem+json".to_owned()),
        }
    }

    fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Error")
    }

    fn json(&self) -> Value {
        let mut problem = json!({
            "type": "about:blank",
            "title": self.title(),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if let Value::Object(members) = &mut problem {
            members.extend(self.members.clone());
            if !self.violations.is_empty() {
                members.insert("violations".to_owned(), self.violations.iter().map(Violation::to_json).collect());
            }
        }
        problem
    }

    fn xml(&self) -> String {
        let escape = |text: &str| quick_xml::escape::escape(text).into_owned();
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><problem xmlns=\"urn:ietf:rfc:7807\"><type>about:blank</type>\
             <title>{}</title><status>{}</status><detail>{}</detail>",
            self.title(),
            self.status.as_u16(),
            escape(&self.detail)
        );
        if !self.violations.is_empty() {
            text.push_str("<violations>");
            for violation in &self.violations {
                text.push_str(&format!(
                    "<i><location>{}</location><message>{}</message></i>",
                    escape(&violation.location),
                    escape(&violation.message)
                ));
            }
            text.push_str("</violations>");
        }
        text.push_str("</problem>");
        text
    }
}
