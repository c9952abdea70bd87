//! What inference has to say about the pages.

use std::collections::BTreeMap;

use docwright_pages::page::{PropertyRow, Span, Spanned};
use docwright_pages::{Code, Diagnostic, Severity};
use serde_json::Value;

use super::Source;
use super::evidence;
use super::merge::{About, Conflict};
use super::operation::displaced;
use super::types::meant;

/// Every code that inference emits.
pub const CODES: &[Code] = &[
    DUPLICATE_ID,
    UNKNOWN_METHOD,
    SAME_ROUTE,
    PATH_NAMES,
    UNKNOWN_TYPE,
    PLACEHOLDER_NAME,
    NO_CARRIER,
    CONTRADICTING_TYPES,
    CONTRADICTING_TEXTS,
    CONTRADICTING_SIGN_IN,
];

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
const PATH_NAMES: Code = Code {
    code: "path-parameter-names",
    severity: Severity::Warning,
    meaning: "Pages give the parameters of one path different names. The contract keeps them, but OpenAPI wants one \
              set of names, and some tools refuse such a document.",
    help: "name the path's parameters alike on all pages",
};
const UNKNOWN_TYPE: Code = Code {
    code: "unknown-type",
    severity: Severity::Warning,
    meaning: "A type cell names no known type, and no carrier either, as carriers start in upper case; the sample's \
              value decides.",
    help: "write a type, a carrier's name, or nothing for a carrier without one",
};
const PLACEHOLDER_NAME: Code = Code {
    code: "placeholder-name",
    severity: Severity::Warning,
    meaning: "A type name stands for carriers that have nothing in common, as generators of pages print for carriers \
              whose definition has no description. It is taken for no name.",
    help: "name the carrier in the overlay, or describe it where the pages are made",
};
const NO_CARRIER: Code = Code {
    code: "carrier-without-object",
    severity: Severity::Warning,
    meaning: "A type cell is empty or names a carrier, but the sample shows a scalar or a list. The sample is believed.",
    help: "write the type of the value into the cell",
};
const CONTRADICTING_TYPES: Code = Code {
    code: "contradicting-types",
    severity: Severity::Warning,
    meaning: "A property has different types in different places; a table's is kept over a sample's, else the first.",
    help: "make the pages agree",
};
const CONTRADICTING_TEXTS: Code = Code {
    code: "contradicting-texts",
    severity: Severity::Warning,
    meaning: "A property or carrier is described differently in different places; the first description is kept.",
    help: "make the pages agree",
};
const CONTRADICTING_SIGN_IN: Code = Code {
    code: "contradicting-sign-in",
    severity: Severity::Warning,
    meaning: "A way to sign in is described differently on different pages; the first description is kept.",
    help: "make the pages agree",
};

/// More findings of one kind on one page say nothing new.
const MOST_OF_A_KIND: usize = 100;

/// Collects diagnostics over all pages.
pub(super) struct Findings<'s> {
    sources: &'s [Source<'s>],
    diagnostics: Vec<(usize, Diagnostic)>,
    /// How many findings of a code there are on a page, listed or not.
    counts: BTreeMap<(usize, &'static str), usize>,
    /// What each displacing page displaced, by its index.
    pub(super) displaced: Vec<(usize, Value)>,
}

impl<'s> Findings<'s> {
    pub(super) fn new(sources: &'s [Source<'s>]) -> Self {
        Self { sources, diagnostics: Vec::new(), counts: BTreeMap::new(), displaced: Vec::new() }
    }

    fn push(&mut self, code: &Code, page: usize, span: Span, message: String, note: Option<String>) {
        *self.counts.entry((page, code.code)).or_default() += 1;
        let source = self.sources[page];
        let mut diagnostic = Diagnostic::new(code, &source.page.path, source.text, span, message);
        diagnostic.note = note;
        self.diagnostics.push((page, diagnostic));
    }

    /// Whether a page has as many findings of a kind as are listed; then one more is counted.
    fn is_full(&mut self, code: &Code, page: usize) -> bool {
        let count = self.counts.entry((page, code.code)).or_default();
        let is_full = *count >= MOST_OF_A_KIND;
        *count += usize::from(is_full);
        is_full
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

    pub(super) fn path_names(&mut self, page: usize, first: usize) {
        let path = &self.sources[page].page.path_template;
        let other = &self.sources[first].page.path_template;
        let message = format!("`{}` is the path `{}` with other names", path.value, other.value);
        let note = format!("both were kept; the other stands at {}", self.place(first, other.span));
        self.push(&PATH_NAMES, page, path.span, message, Some(note));
    }

    pub(super) fn placeholder(&mut self, name: &str, place: evidence::Place, times: usize) {
        let message = format!("`{name}` is a placeholder: it names carriers that have nothing in common");
        let places = if times == 1 { "place".to_owned() } else { format!("{times} places") };
        let note = format!("it is taken for no name, in {places}; a property called `{name}` keeps it");
        self.push(&PLACEHOLDER_NAME, place.page, place.span, message, Some(note));
    }

    pub(super) fn no_carrier(&mut self, page: usize, row: &PropertyRow) {
        if self.is_full(&NO_CARRIER, page) {
            return;
        }
        let (name, cell) = (&row.name.value, row.type_name.value.trim());
        let says = if cell.is_empty() { "is left to a carrier".to_owned() } else { format!("is the carrier `{cell}`") };
        let message = format!("`{name}` {says}, but its sample shows none");
        self.push(&NO_CARRIER, page, row.name.span, message, Some("the sample was believed".to_owned()));
    }

    pub(super) fn unknown_type(&mut self, page: usize, cell: &Spanned<String>) {
        if self.is_full(&UNKNOWN_TYPE, page) {
            return;
        }
        let message = format!("`{}` is no known type", cell.value);
        let note = meant(&cell.value).map(|name| format!("did you mean `{name}`?"));
        self.push(&UNKNOWN_TYPE, page, cell.span, message, note);
    }

    pub(super) fn sign_in(&mut self, page: usize, span: Span, scheme: &str) {
        let message = format!("the way to sign in `{scheme}` is described differently on an earlier page");
        self.push(&CONTRADICTING_SIGN_IN, page, span, message, None);
    }

    pub(super) fn conflicts(&mut self, conflicts: Vec<Conflict>) {
        for Conflict { about, subject, kept, kept_at, dropped, dropped_at } in conflicts {
            let code = if about == About::Type { &CONTRADICTING_TYPES } else { &CONTRADICTING_TEXTS };
            if self.is_full(code, dropped_at.page) {
                continue;
            }
            let place = self.place(kept_at.page, kept_at.span);
            let (message, note) = match about {
                About::Type => (
                    format!("`{subject}` is `{dropped}` here and `{kept}` elsewhere"),
                    format!("`{kept}` was kept, from {place}"),
                ),
                About::Text => (
                    format!("`{subject}` is described as `{}` here", shortened(&dropped)),
                    format!("`{}` was kept, from {place}", shortened(&kept)),
                ),
            };
            self.push(code, dropped_at.page, dropped_at.span, message, Some(note));
        }
    }

    /// All findings, by page and place.
    pub(super) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        for ((page, code), count) in self.counts.iter().filter(|(_, count)| **count > MOST_OF_A_KIND) {
            let of_kind = |(at, found): &&mut (usize, Diagnostic)| at == page && found.code == *code;
            if let Some((_, last)) = self.diagnostics.iter_mut().rev().find(of_kind) {
                let more = format!("{} more of this kind on the page are not listed", count - MOST_OF_A_KIND);
                last.note = Some(last.note.take().map_or(more.clone(), |note| format!("{note}; {more}")));
            }
        }
        self.diagnostics.sort_by_key(|(page, diagnostic)| (*page, diagnostic.span));
        self.diagnostics
            .dedup_by(|(_, a), (_, b)| (a.code, &a.path, a.span, &a.message) == (b.code, &b.path, b.span, &b.message));
        self.diagnostics.into_iter().map(|(_, diagnostic)| diagnostic).collect()
    }
}

/// A text short enough for a message, in one line.
fn shortened(text: &str) -> String {
    const LONGEST_CHARS: usize = 80;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
