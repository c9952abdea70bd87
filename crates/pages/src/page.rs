//! What a reference page says, part by part, each with its position.
//!
//! Texts are the page's own, before any clean-up: entities and tags still stand in them. What a
//! text means (a type, a media type, a carrier's name) is for the contract's inference to say.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

/// A value and where the page says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Byte range in the page's text.
    pub span: Span,
}

/// A byte range in a page's text.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// A line and a column in a page, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// One reference page: one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The file's path as the caller gave it, with `/` between its parts.
    pub path: String,
    /// `id` or `uid` of the front matter.
    pub id: Spanned<String>,
    /// `title` of the front matter, or the page's heading where there is none.
    pub title: Option<Spanned<String>>,
    /// The HTTP method in upper case, from the page's first `http` fence, or from its title.
    pub method: Spanned<String>,
    /// The path template from the same place: `/api/v1/ChatSession/{id}`.
    pub path_template: Spanned<String>,
    /// The first paragraph below the fence.
    pub summary: Option<Spanned<String>>,
    /// The rest of the prose before the first table or section, as Markdown.
    pub description: Option<Spanned<String>>,
    /// Rows of the "Path Part" table.
    pub path_parameters: Vec<ParameterRow>,
    /// Rows of "Query String Parameters".
    pub query_parameters: Vec<ParameterRow>,
    /// Rows of "Request Headers" (they have no type).
    pub headers: Vec<ParameterRow>,
    /// The "Request Body" section.
    pub request_body: Option<BodySection>,
    /// The "Response" section.
    pub response: Option<ResponseSection>,
    /// The sample request.
    pub sample_request: Option<Sample>,
    /// The sample answer.
    pub sample_response: Option<Sample>,
}

/// A row of a parameter table.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterRow {
    /// First cell, without a formatter's escapes and marks, like all names and types.
    pub name: Spanned<String>,
    /// The type cell, where the table has such a column.
    pub type_name: Option<Spanned<String>>,
    /// The description without its `**Required**` mark.
    pub description: Spanned<String>,
    /// Whether the cell begins or ends with the `**Required**` mark, in bold or not.
    pub required: bool,
}

/// A row of a property table.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyRow {
    /// First cell.
    pub name: Spanned<String>,
    /// The type cell, empty where the property is another carrier.
    pub type_name: Spanned<String>,
    /// Last cell; in a request's table without its `**Required**` mark.
    pub description: Spanned<String>,
    /// Whether the last cell begins or ends with the mark, as for parameters. Only requests have it: what an answer
    /// holds is not the caller's to see to.
    pub required: bool,
}

/// The "Request Body" section.
#[derive(Clone, Debug, PartialEq)]
pub struct BodySection {
    /// The heading.
    pub heading: Span,
    /// What the heading names after the colon, `entity` or `request`, without the kind.
    pub name: Option<Spanned<String>>,
    /// The kind that follows the name: `string`, `binary`, `array`.
    pub kind: Option<Spanned<String>>,
    /// Prose between the heading and the table, as Markdown.
    pub description: Option<Spanned<String>>,
    /// The property table; `None` where there is no table.
    pub properties: Option<Vec<PropertyRow>>,
}

/// The "Response" section.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseSection {
    /// The heading.
    pub heading: Span,
    /// The kind, or in later dialects the carrier, that the heading names after its colon.
    /// `Some("")` for a colon with nothing behind it, `None` without a colon.
    pub kind: Option<Spanned<String>>,
    /// Prose between the heading and the status table, as Markdown.
    pub description: Option<Spanned<String>>,
    /// Rows of the status table, in order.
    pub statuses: Vec<StatusRow>,
    /// What "Response body: …" names, as a paragraph or as a heading.
    pub body: Option<Spanned<String>>,
    /// The property table; `None` where there is no table.
    pub properties: Option<Vec<PropertyRow>>,
}

/// A row of the status table.
#[derive(Clone, Debug, PartialEq)]
pub struct StatusRow {
    /// `200`.
    pub status: Spanned<String>,
    /// `OK`.
    pub description: Spanned<String>,
}

/// A sample HTTP message in a fence.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The whole fence's content.
    pub span: Span,
    /// The request line or the status line; empty where the page prints the body alone.
    pub start_line: Spanned<String>,
    /// Header fields in order.
    pub headers: Vec<(Spanned<String>, Spanned<String>)>,
    /// The body's text, where there is one.
    pub body_text: Option<Spanned<String>>,
    /// The body as JSON with its keys in order, where it is JSON.
    pub body: Option<Arc<Value>>,
}
