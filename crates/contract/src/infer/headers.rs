//! What the "Request Headers" table means: sign-in, media types, and parameters.
//!
//! OpenAPI ignores header parameters called `Accept`, `Content-Type` and `Authorization`, so
//! those rows become media types and security schemes.

use std::sync::Arc;

use docwright_pages::page::ParameterRow;

use super::fast::Map;
use super::naming::pascal_case;
use super::types::{Scalar, TypeName, enumeration, type_name};
use crate::model::{Extensions, Location, Parameter, Schema, SecurityRequirement, SecurityScheme, SecuritySchemeKind};
use crate::text::clean_markdown;

/// The name of the scheme for the browser session that an XSRF header goes with.
const SESSION_SCHEME: &str = "sessionCookie";
/// The cookie's name, which no page gives; an overlay knows better.
const SESSION_COOKIE: &str = "session";

/// One page's headers, understood.
#[derive(Default)]
pub(super) struct Headers {
    /// Ways to sign in, by scheme name, in the page's order, each with the index of its row.
    pub(super) schemes: Vec<(String, SecurityScheme, usize)>,
    /// Alternatives of the operation, `None` where the page has no row about it.
    pub(super) security: Option<Vec<SecurityRequirement>>,
    /// Media types of answers.
    pub(super) accept: Vec<String>,
    /// Media types of the body; `None` where the page has no such row.
    pub(super) content_type: Option<Vec<String>>,
    /// All other headers, by component name.
    pub(super) parameters: Vec<(String, Parameter)>,
}

/// The header tables that were understood already: most pages of a reference print the same one.
#[derive(Default)]
pub(super) struct HeaderTables<'p> {
    known: Map<Vec<(&'p str, &'p str, bool)>, Arc<Headers>>,
}

impl<'p> HeaderTables<'p> {
    /// The same as [`Headers::read`].
    pub(super) fn read(&mut self, rows: &'p [ParameterRow]) -> Arc<Headers> {
        let key = |row: &'p ParameterRow| (row.name.value.as_str(), row.description.value.as_str(), row.required);
        let known = self.known.entry(rows.iter().map(key).collect());
        Arc::clone(known.or_insert_with(|| Arc::new(Headers::read(rows))))
    }
}

impl Headers {
    /// Understands the rows of one page.
    pub(super) fn read(rows: &[ParameterRow]) -> Self {
        let mut headers = Self::default();
        for (index, row) in rows.iter().enumerate() {
            let name = row.name.value.trim();
            let lower = name.to_ascii_lowercase();
            match lower.as_str() {
                "" => {}
                "accept" => headers.accept = back_ticked(&row.description.value),
                "content-type" => headers.content_type = Some(back_ticked(&row.description.value)),
                "authorization" => headers.authorization(index, row),
                _ if lower.contains("xsrf") || lower.contains("csrf") => headers.xsrf(index, name, row),
                // A component's name has letters and digits of ASCII alone.
                _ => headers.parameters.push((component_name(name), parameter(row, Location::Header))),
            }
        }
        headers
    }

    /// One alternative for each scheme that the description quotes.
    fn authorization(&mut self, index: usize, row: &ParameterRow) {
        let description = row.description.value.as_str();
        for scheme in quoted(description) {
            let kind = match scheme.to_ascii_lowercase().as_str() {
                word @ ("basic" | "bearer" | "digest") => {
                    SecuritySchemeKind::Http { scheme: word.to_owned(), bearer_format: None }
                }
                // A vendor's own scheme: OpenAPI can only say which header carries it.
                _ => SecuritySchemeKind::ApiKey { name: "Authorization".to_owned(), location: Location::Header },
            };
            let mut text = clean_markdown(description).unwrap_or_default();
            if matches!(kind, SecuritySchemeKind::ApiKey { .. }) {
                text.push_str(&format!("\n\nThe header's value is `{scheme}`, a blank and the secret."));
            }
            let described = SecurityScheme { description: Some(text), kind, extensions: Extensions::new() };
            self.alternative(index, vec![(lower_camel(&scheme), described)]);
        }
    }

    /// The alternative to an Authorization header: a browser session with its XSRF value.
    fn xsrf(&mut self, index: usize, name: &str, row: &ParameterRow) {
        let session = SecurityScheme {
            description: Some("The browser session of a signed-in user.".to_owned()),
            kind: SecuritySchemeKind::ApiKey { name: SESSION_COOKIE.to_owned(), location: Location::Cookie },
            extensions: Extensions::new(),
        };
        let xsrf = SecurityScheme {
            description: clean_markdown(&row.description.value),
            kind: SecuritySchemeKind::ApiKey { name: name.to_owned(), location: Location::Header },
            extensions: Extensions::new(),
        };
        self.alternative(index, vec![(SESSION_SCHEME.to_owned(), session), ("xsrf".to_owned(), xsrf)]);
    }

    fn alternative(&mut self, row: usize, schemes: Vec<(String, SecurityScheme)>) {
        let requirement = schemes.iter().map(|(name, _)| (name.clone(), Vec::new())).collect();
        self.security.get_or_insert_default().push(requirement);
        self.schemes.extend(schemes.into_iter().map(|(name, scheme)| (name, scheme, row)));
    }
}

/// A parameter as its row describes it.
pub(super) fn parameter(row: &ParameterRow, location: Location) -> Parameter {
    let schema = match row.type_name.as_ref().map(|cell| type_name(&cell.value)) {
        Some(TypeName::Scalar(scalar)) => scalar.schema(),
        Some(TypeName::Enumeration(values)) => enumeration(&values),
        Some(TypeName::Array) => Schema::array(Scalar::String.schema()),
        // A parameter travels as text whatever else the cell says.
        Some(TypeName::Object | TypeName::Unnamed | TypeName::Named(_) | TypeName::Unknown) | None => {
            Scalar::String.schema()
        }
    };
    Parameter {
        name: row.name.value.trim().to_owned(),
        location,
        description: clean_markdown(&row.description.value),
        required: row.required || location == Location::Path,
        deprecated: false,
        schema,
        extensions: Extensions::new(),
    }
}

/// The items between back-ticks.
fn back_ticked(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for item in text.split('`').skip(1).step_by(2).map(|item| item.trim().to_ascii_lowercase()) {
        if item.contains('/') && !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

/// The words between quotes, straight or typographic.
fn quoted(text: &str) -> Vec<String> {
    let text = crate::text::unescape(text).replace(['‘', '’', '“', '”', '"'], "'");
    let words = text.split('\'').skip(1).step_by(2);
    words
        .filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric()))
        .map(str::to_owned)
        .collect()
}

/// What a header is called among the shared parameters.
fn component_name(header: &str) -> String {
    let name = pascal_case(header);
    if !name.is_empty() {
        return name;
    }
    header.bytes().map(|byte| format!("{byte:02X}")).fold("Header".to_owned(), |name, byte| name + &byte)
}

/// `SoTicket` as `soTicket`.
fn lower_camel(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::{back_ticked, component_name, quoted};

    #[test]
    fn every_header_has_a_component_name() {
        assert_eq!(component_name("SO-Language"), "SOLanguage");
        assert_eq!(component_name("日"), "HeaderE697A5");
    }

    #[test]
    fn schemes_and_media_types_are_found_in_prose() {
        assert_eq!(quoted("Supports 'Basic', 'SoTicket' and 'Bearer' schemes"), ["Basic", "SoTicket", "Bearer"]);
        assert_eq!(quoted("Supports ‘Basic’ only"), ["Basic"]);
        assert_eq!(quoted("no scheme"), Vec::<String>::new());
        assert_eq!(
            back_ticked("of: `application/json`, `Text/JSON`, `application/json`"),
            ["application/json", "text/json"]
        );
        assert_eq!(back_ticked("`unclosed"), Vec::<String>::new());
    }
}
