//! What inference has to say about the pages.

use docwright_pages::page::Span;
use docwright_pages::{Code, Diagnostic, Severity};
use serde_json::Value;

use super::Source;
use super::merge::Conflict;
use super::operation::displaced;

/// Every code that inference emits.
pub const CODES: &[Code] = &[DUPLICATE_ID, UNKNOWN_METHOD, SAME_ROUTE, CONTRADICTION];

const DUPLICATE_ID: Code = Code {
    code: "duplicate-id",
    severity: Severity::Error,
    meaning: "Two pages have the same id, so that one operation would vanish.",
    help: "give each page an id of its own",
};
const UNKNOWN_METHOD: Code = Code {
    code: "unknown-method",
    severity: Severity::Error,
    meaning: "The page's method is none that OpenAPI knows.",
    help: "write one of GET, PUT, POST, DELETE, OPTIONS, HEAD, PATCH, TRACE",
};
const SAME_ROUTE: Code = Code {
    code: "same-route",
    severity: Severity::Warning,
    meaning: "Two pages describe one method and path template, which OpenAPI cannot hold together.",
    help: "keep one of the pages, or give one of them another path",
};
const CONTRADICTION: Code = Code {
    code: "contradicting-types",
    severity: Severity::Warning,
    meaning: "A property has different types in different places; the first stated one is kept.",
    help: "make the pages agree",
};

/// Collects diagnostics over all pages.
pub(super) struct Findings<'s> {
    sources: &'s [Source<'s>],
    diagnostics: Vec<(usize, Diagnostic)>,
    /// What each displacing page displaced, by its index.
    pub(super) displaced: Vec<(usize, Value)>,
}

impl<'s> Findings<'s> {
    pub(super) fn new(sources: &'s [Source<'s>]) -> Self {
        Self { sources, diagnostics: Vec::new(), displaced: Vec::new() }
    }

    fn push(&mut self, code: &Code, page: usize, span: Span, message: String, note: Option<String>) {
        let source = self.sources[page];
        let mut diagnostic = Diagnostic::new(code, &source.page.path, source.text, span, message);
        diagnostic.note = note;
        self.diagnostics.push((page, diagnostic));
    }

    /// `path:line` of a place, for a note.
    fn place(&self, page: usize, span: Span) -> String {
        let source = self.sources[page];
        let line = source.text.as_bytes()[..span.start.min(source.text.len())].iter().filter(|b| **b == b'\n').count();
        format!("{}:{}", source.page.path, line + 1)
    }

    pub(super) fn unknown_method(&mut self, page: usize) {
        let method = &self.sources[page].page.method;
        self.push(&UNKNOWN_METHOD, page, method.span, format!("unknown method `{}`", method.value), None);
    }

    pub(super) fn duplicate_id(&mut self, page: usize, first: usize) {
        let id = &self.sources[page].page.id;
        let first = self.place(first, self.sources[first].page.id.span);
        let message = format!("the id `{}` is taken by another page", id.value);
        self.push(&DUPLICATE_ID, page, id.span, message, Some(format!("first seen at {first}")));
    }

    pub(super) fn same_route(&mut self, loser: usize, winner: usize) {
        let page = self.sources[loser].page;
        let chosen = self.sources[winner].page;
        let message = format!(
            "`{}` and `{}` describe one method and path template, `{} {}`",
            page.id.value, chosen.id.value, page.method.value, page.path_template.value
        );
        let place = self.place(winner, chosen.path_template.span);
        let note = format!("`{}` ({place}) was kept: its id comes first", chosen.id.value);
        self.push(&SAME_ROUTE, loser, page.path_template.span, message, Some(note));
        self.displaced.push((winner, displaced(page)));
    }

    pub(super) fn conflicts(&mut self, conflicts: Vec<Conflict>) {
        for conflict in conflicts {
            let message =
                format!("`{}` is `{}` here and `{}` elsewhere", conflict.property, conflict.dropped, conflict.kept);
            let place = self.place(conflict.kept_at.page, conflict.kept_at.span);
            let note = format!("`{}` was kept, from {place}", conflict.kept);
            self.push(&CONTRADICTION, conflict.dropped_at.page, conflict.dropped_at.span, message, Some(note));
        }
    }

    /// All findings, by page and place.
    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|(page, diagnostic)| (*page, diagnostic.span));
        self.diagnostics.into_iter().map(|(_, diagnostic)| diagnostic).collect()
    }
}
