//! The short form of a contract: shapes only, for people to review.

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Lines,
    expression::{self, Nulls},
    facts::{alternatives, parameter_name, resolve, security_scheme, sorted_tags, subject},
    schemas::{holds_properties, parts},
};
use crate::model::{Contract, Location, MediaType, Operation, Schema};

/// A line an operation, parameter, body, answer and property.
pub(super) fn of(contract: &Contract) -> String {
    let mut lines = Lines::default();
    for (name, scheme) in &contract.security_schemes {
        lines.add(format!("security-scheme {}", expression::name(name)), security_scheme(scheme));
    }
    for each in &contract.operations {
        operation(contract, each, &mut lines);
    }
    for (name, schema) in &contract.schemas {
        schema_lines(&format!("schema {}", expression::name(name)), schema, false, &mut lines);
    }
    lines.into_text()
}

fn operation(contract: &Contract, operation: &Operation, lines: &mut Lines) {
    let subject = subject(operation);
    let security = operation.security.as_deref().map_or_else(|| "unstated".to_owned(), alternatives);
    lines.add(subject.as_str(), format!("{} [{}] security {security}", operation.operation_id, sorted_tags(operation)));
    for parameter in operation.parameters.iter().filter_map(|each| resolve(each, &contract.parameters).ok()) {
        let required = parameter.required || parameter.location == Location::Path;
        lines.add(format!("{subject} {}", parameter_name(parameter)), line(&parameter.schema, required));
    }
    if let Some(body) = &operation.request_body {
        let required = if body.required { "body required" } else { "body" };
        content(&format!("{subject} {required}"), &body.content, lines);
    }
    for (status, response) in &operation.responses {
        let Ok(response) = resolve(response, &contract.responses) else { continue };
        let place = format!("{subject} response {status}");
        for (name, header) in &response.headers {
            let name = expression::name(&name.to_ascii_lowercase());
            lines.add(format!("{place} header {name}"), line(&header.schema, header.required));
        }
        if response.content.is_empty() {
            lines.add(place.as_str(), "no content");
        }
        content(&place, &response.content, lines);
    }
}

/// Media types that share a shape share a line.
fn content(place: &str, forms: &IndexMap<String, MediaType>, lines: &mut Lines) {
    let mut by_shape = IndexMap::<String, Vec<&str>>::new();
    for (name, media_type) in forms {
        let nothing = Schema::default();
        let schema = media_type.schema.as_ref().unwrap_or(&nothing);
        if holds_properties(schema) {
            schema_lines(&format!("{place} {}", expression::name(name)), schema, false, lines);
        } else {
            by_shape.entry(line(schema, false)).or_default().push(name);
        }
    }
    for (shape, mut names) in by_shape {
        names.sort_unstable();
        lines.add(format!("{place} {}", expression::name(&names.join(", "))), shape);
    }
}

fn schema_lines(place: &str, schema: &Schema, required: bool, lines: &mut Lines) {
    lines.add(place, line(schema, required));
    for (part, inner, required) in parts(schema) {
        if part.starts_with('.') || holds_properties(inner) {
            schema_lines(&format!("{place}{part}"), inner, required, lines);
        }
    }
}

fn line(schema: &Schema, required: bool) -> String {
    let mut line = expression::of(schema, Nulls::Shown);
    if required {
        line.push_str(" required");
    }
    let values = |values: &[Value]| values.iter().map(expression::json).collect::<Vec<_>>().join(" ");
    if !schema.enumeration.is_empty() {
        line.push_str(&format!(" enum {}", values(&schema.enumeration)));
    }
    for name in ["x-extensible-enum", "x-flags"] {
        if let Some(known) = schema.extensions.get(name) {
            line.push_str(&format!(" {name} {}", expression::json(known)));
        }
    }
    line
}
