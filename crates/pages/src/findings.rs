//! Collects what a page's parts have to say, so that nothing stops at the first problem.

use std::collections::BTreeMap;

use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::page::{Position, Span, Spanned};
use crate::position::LineIndex;

/// More findings of one kind on one page say nothing new: the page as a whole is then of another
/// form, and a list of all of them would take more memory than the page.
const MOST_OF_A_KIND: usize = 100;

/// A page's text and what was found in it so far.
pub(crate) struct Findings<'a> {
    /// The page's text, as the caller gave it.
    pub(crate) text: &'a str,
    path: String,
    /// Made for the first finding: most pages have none.
    lines: Option<LineIndex>,
    list: Vec<Diagnostic>,
    counts: BTreeMap<&'static str, usize>,
    /// Takes what is not listed.
    unlisted: Option<Diagnostic>,
}

impl<'a> Findings<'a> {
    /// Nothing found yet.
    pub(crate) fn new(path: &str, text: &'a str) -> Self {
        Self { text, path: path.to_owned(), lines: None, list: Vec::new(), counts: BTreeMap::new(), unlisted: None }
    }

    /// Adds a finding; the code's general advice is its help unless the caller says better.
    pub(crate) fn add(&mut self, code: &Code, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        let count = self.counts.entry(code.code).or_default();
        *count += 1;
        let is_listed = *count <= MOST_OF_A_KIND;
        let position = if is_listed {
            self.lines.get_or_insert_with(|| LineIndex::new(self.text)).position(self.text, span.start)
        } else {
            Position::default()
        };
        let finding = Diagnostic {
            code: code.code,
            severity: code.severity,
            message: message.into(),
            path: self.path.clone(),
            span,
            position,
            help: Some(code.help.to_owned()),
            note: None,
        };
        if !is_listed {
            return self.unlisted.insert(finding);
        }
        let at = self.list.len();
        self.list.push(finding);
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
        for (code, count) in self.counts.iter().filter(|(_, count)| **count > MOST_OF_A_KIND) {
            if let Some(last) = self.list.iter_mut().rfind(|diagnostic| diagnostic.code == *code) {
                let more = format!("{} more of this kind on the page are not listed", count - MOST_OF_A_KIND);
                last.note = Some(last.note.take().map_or(more.clone(), |note| format!("{note}; {more}")));
            }
        }
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
    let begun = source.trim_start();
    let start = span.start + (source.len() - begun.len());
    Span { start, end: start + begun.trim_end().len() }
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
        let length = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        let line_end = match rest.as_bytes().get(length..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([_, ..]) => 1,
            _ => 0,
        };
        at += length + line_end;
        Some(Span { start, end: start + length })
    })
}
