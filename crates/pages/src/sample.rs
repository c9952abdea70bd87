//! Reads the samples: an HTTP message in a fence.

use std::sync::Arc;

use crate::codes;
use crate::diagnostic::quoted;
use crate::findings::{Findings, lines, slice, trimmed};
use crate::operation;
use crate::outline::Fence;
use crate::page::{Sample, Span};

/// Which way a sample goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Direction {
    /// It begins with a request line.
    Request,
    /// It begins with a status line.
    Response,
}

impl Direction {
    /// The direction's name for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Request => "sample request",
            Self::Response => "sample response",
        }
    }
}

/// Reads a sample; its first line tells the direction, whatever the fence is called. Where there is
/// none but only a body, `heading` tells it, the heading above the fence.
pub(crate) fn read(
    findings: &mut Findings<'_>,
    fence: &Fence,
    heading: Option<Direction>,
) -> Option<(Direction, Sample)> {
    let text = findings.text;
    let mut source = lines(text, fence.content).skip_while(|line| slice(text, *line).trim().is_empty());
    let Some(first) = source.next().map(|line| trimmed(text, line)) else {
        findings.add(&codes::SAMPLE_START_LINE, fence.span, "sample is empty");
        return None;
    };
    let direction = if slice(text, first).starts_with("HTTP/") {
        Direction::Response
    } else if operation::request_line(text, first).is_some() {
        Direction::Request
    } else {
        let message = format!("sample begins with {}", quoted(slice(text, first)));
        let found = findings.add(&codes::SAMPLE_START_LINE, first, message);
        let is_body = slice(text, first).starts_with(['{', '[']) || slice(text, fence.info).starts_with("json");
        let direction = heading.filter(|_| is_body)?;
        found.note = Some("it is read as the body alone".to_owned());
        return Some((direction, with_json(findings, direction, bare(findings, fence, first))));
    };
    let mut headers = Vec::new();
    let mut body = None;
    for line in source {
        if slice(text, line).trim().is_empty() {
            let rest = trimmed(text, Span { start: line.end, end: fence.content.end });
            body = (rest.start < rest.end).then_some(rest);
            break;
        }
        match header(text, line) {
            Some((name, value)) => headers.push((findings.spanned(name), findings.spanned(value))),
            None => {
                let line = trimmed(text, line);
                let message =
                    format!("{} has {} where header fields stand", direction.name(), quoted(slice(text, line)));
                findings.add(&codes::SAMPLE_HEADER, line, message);
            }
        }
    }
    let sample = Sample {
        span: fence.content,
        start_line: findings.spanned(first),
        headers,
        body_text: body.map(|span| findings.spanned(span)),
        body: None,
    };
    Some((direction, with_json(findings, direction, sample)))
}

/// A sample that is nothing but a body.
fn bare(findings: &Findings<'_>, fence: &Fence, first: Span) -> Sample {
    let start_line = findings.spanned(Span { start: first.start, end: first.start });
    let body_text = findings.spanned(trimmed(findings.text, fence.content));
    Sample { span: fence.content, start_line, headers: Vec::new(), body_text: Some(body_text), body: None }
}

/// Splits a header field at its colon.
fn header(text: &str, line: Span) -> Option<(Span, Span)> {
    let colon = line.start + slice(text, line).find(':')?;
    let name = trimmed(text, Span { start: line.start, end: colon });
    let is_name =
        slice(text, name).bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    (is_name && name.start < name.end).then(|| (name, trimmed(text, Span { start: colon + 1, end: line.end })))
}

/// Reads the body as JSON, and complains where it is none but should be.
fn with_json(findings: &mut Findings<'_>, direction: Direction, mut sample: Sample) -> Sample {
    let Some(body) = &sample.body_text else {
        return sample;
    };
    match serde_json::from_str(&body.value) {
        Ok(value) => sample.body = Some(Arc::new(value)),
        Err(error) => {
            let content_type = sample.headers.iter().find(|(name, _)| name.value.eq_ignore_ascii_case("content-type"));
            if content_type.is_some_and(|(_, value)| !value.value.to_ascii_lowercase().contains("json")) {
                return sample;
            }
            let at = offset_of(&body.value, error.line(), error.column()) + body.span.start;
            let span = Span { start: at.min(body.span.end), end: body.span.end };
            let reason = error.to_string();
            // serde_json counts lines from the body's beginning; the finding has the page's own.
            let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
            findings.add(&codes::SAMPLE_NOT_JSON, span, format!("{} is not JSON", direction.name())).note =
                Some(reason);
        }
    }
    sample
}

/// The byte offset of a line and column as serde_json counts them: `\n` lines from 1, bytes from 1.
fn offset_of(body: &str, line: usize, column: usize) -> usize {
    let before: usize = body.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    body.floor_char_boundary(before + column.saturating_sub(1))
}
