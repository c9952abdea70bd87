//! Collects what a page's parts have to say, so that nothing stops at the first problem.

use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::page::{Span, Spanned};
use crate::position::LineIndex;

/// A page's text and what was found in it so far.
pub(crate) struct Findings<'a> {
    /// The page's text, as the caller gave it.
    pub(crate) text: &'a str,
    path: String,
    lines: LineIndex,
    list: Vec<Diagnostic>,
}

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub(crate) fn new(path: &str, text: &'a str) -> Self {
        Self { text, path: path.to_owned(), lines: LineIndex::new(text), list: Vec::new() }
    }

    /// Adds a finding; the code's general advice is its help unless the caller says better.
    pub(crate) fn add(&mut self, code: &Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let position = self.lines.position(self.text, span.start);
        let at = self.list.len();
        self.list.push(Diagnostic {
            code: code.code,
            severity: code.severity,
            message: message.into(),
            path: self.path.clone(),
            span,
            position,
            help: Some(code.help.to_owned()),
            note: None,
        });
        &mut self.list[at]
    }

    /// The text of a span.
    pub(crate) fn slice(&self, span: Span) -> &'a str {
        slice(self.text, span)
    }

    /// The text of a span together with the span.
    pub(crate) fn spanned(&self, span: Span) -> Spanned<String> {
        Spanned { value: self.slice(span).to_owned(), span }
    }

    /// Everything found, in the page's order.
    pub(crate) fn into_list(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|diagnostic| diagnostic.span);
        self.list
    }
}

/// The text of a span; empty where the span is none of this text.
pub(crate) fn slice(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

/// The span without the blanks at both of its ends.
pub(crate) fn trimmed(text: &str, span: Span) -> Span {
    let source = slice(text, span);
    let start = span.start + (source.len() - source.trim_start().len());
    Span { start, end: start + source.trim().len() }
}

/// The spans of a span's lines, without their line ends.
pub(crate) fn lines(text: &str, span: Span) -> impl Iterator<Item = Span> {
    let source = slice(text, span);
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= source.len() {
            return None;
        }
        let rest = &source[at..];
        let start = span.start + at;
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line_end = match rest.as_bytes().get(length..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([_, ..]) => 1,
            _ => 0,
        };
        at += length + line_end;
        Some(Span { start, end: start + length })
    })
}
