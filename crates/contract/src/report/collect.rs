//! Gathers findings: the same one on many pages becomes one with its places, scored and sorted.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use docwright_pages::page::{Page, Span};
use docwright_pages::{Diagnostic, Severity as Heard};

use super::finding::{Finding, KindSummary, PageEntry, Place, Report, Severity, Summary};
use super::kinds::{Kind, weight_of};
use super::{FORMAT_VERSION, Input, coverage};
use crate::model::Operation;

/// A line of a file, by the file's index: first the sources, then the files of diagnostics whose
/// pages could not be read.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Spot {
    pub(super) file: usize,
    pub(super) line: usize,
}

/// One finding before its places are known to be all.
struct Draft {
    kind: Kind,
    subject: String,
    message: String,
    note: Option<String>,
    help: String,
    /// One line a file.
    spots: BTreeMap<usize, usize>,
}

/// What makes two findings one.
type Key = (&'static str, String, String);

/// Collects findings over all pages.
pub(super) struct Collector<'i> {
    pub(super) input: &'i Input<'i>,
    /// The operation of each source; `None` where the contract could not hold it.
    pub(super) operations: Vec<Option<&'i Operation>>,
    files: Vec<PageEntry>,
    file_of: BTreeMap<String, usize>,
    lines: Vec<OnceCell<Vec<usize>>>,
    drafts: BTreeMap<Key, Draft>,
}

impl<'i> Collector<'i> {
    pub(super) fn new(input: &'i Input<'i>) -> Self {
        let by_id: BTreeMap<&str, &Operation> =
            input.contract.operations.iter().map(|operation| (operation.operation_id.as_str(), operation)).collect();
        let operations: Vec<_> =
            input.sources.iter().map(|source| by_id.get(source.page.id.value.as_str()).copied()).collect();
        let entry = |(source, operation): (&super::Source<'_>, &Option<&Operation>)| PageEntry {
            path: source.page.path.clone(),
            operation: Some(source.page.id.value.clone()),
            tag: operation.and_then(|operation| operation.tags.first().cloned()),
        };
        let files: Vec<_> = input.sources.iter().zip(&operations).map(entry).collect();
        let file_of = files.iter().enumerate().map(|(index, file)| (file.path.clone(), index)).collect();
        let lines = input.sources.iter().map(|_| OnceCell::new()).collect();
        Self { input, operations, files, file_of, lines, drafts: BTreeMap::new() }
    }

    /// The pages with their operations, by index; pages without a place in the contract are left out.
    pub(super) fn documented(&self) -> Vec<(usize, &'i Page, &'i Operation)> {
        let pages = self.input.sources.iter().map(|source| source.page).zip(&self.operations).enumerate();
        pages.filter_map(|(index, (page, operation))| Some((index, page, (*operation)?))).collect()
    }

    /// The line of a byte offset.
    pub(super) fn spot(&self, page: usize, offset: usize) -> Spot {
        let breaks = self.lines[page].get_or_init(|| {
            let bytes = self.input.sources[page].text.bytes().enumerate();
            bytes.filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect()
        });
        Spot { file: page, line: breaks.partition_point(|at| *at < offset) + 1 }
    }

    /// The line where a span starts.
    pub(super) fn spot_of(&self, page: usize, span: Span) -> Spot {
        self.spot(page, span.start)
    }

    /// Adds a finding with its places, or the places to a finding that says the same.
    pub(super) fn add(
        &mut self,
        kind: &Kind,
        subject: impl Into<String>,
        message: impl Into<String>,
        spots: impl IntoIterator<Item = Spot>,
    ) {
        self.add_noted(kind, subject, message, None, spots);
    }

    /// The same, with a note.
    pub(super) fn add_noted(
        &mut self,
        kind: &Kind,
        subject: impl Into<String>,
        message: impl Into<String>,
        note: Option<String>,
        spots: impl IntoIterator<Item = Spot>,
    ) {
        let (subject, message) = (subject.into(), message.into());
        let key = (kind.code, subject.clone(), message.clone());
        let help = kind.help.to_owned();
        let spots = spots.into_iter().map(|spot| (spot.file, spot.line));
        let draft = self.drafts.entry(key).or_insert_with(|| Draft {
            kind: *kind,
            subject,
            message,
            note,
            help,
            spots: BTreeMap::new(),
        });
        for (file, line) in spots {
            draft.spots.entry(file).or_insert(line);
        }
    }

    /// Adds what a reader or the inference said.
    pub(super) fn add_heard(&mut self, diagnostic: &Diagnostic) {
        let file = self.file(&diagnostic.path);
        let known = super::KINDS.iter().find(|kind| kind.code == diagnostic.code);
        let described = docwright_pages::CODES.iter().chain(crate::infer::CODES);
        let described = described.into_iter().find(|code| code.code == diagnostic.code);
        let kind = known.copied().unwrap_or_else(|| Kind {
            code: diagnostic.code,
            severity: if diagnostic.severity == Heard::Error { Severity::Error } else { Severity::Warning },
            weight: weight_of(diagnostic),
            meaning: described.map_or("", |code| code.meaning),
            help: described.map_or("", |code| code.help),
        });
        let subject = quoted_first(&diagnostic.message).unwrap_or_default().to_owned();
        let spot = Spot { file, line: diagnostic.position.line };
        let note = diagnostic.note.clone();
        self.add_noted(&kind, subject.clone(), diagnostic.message.clone(), note, [spot]);
        if let (Some(help), Some(draft)) =
            (&diagnostic.help, self.drafts.get_mut(&(kind.code, subject, diagnostic.message.clone())))
        {
            draft.help.clone_from(help);
        }
    }

    /// The index of a file, which is taken up where it is not known.
    fn file(&mut self, path: &str) -> usize {
        if let Some(index) = self.file_of.get(path) {
            return *index;
        }
        self.files.push(PageEntry { path: path.to_owned(), operation: None, tag: None });
        self.file_of.insert(path.to_owned(), self.files.len() - 1);
        self.files.len() - 1
    }

    /// Scores and sorts what was found.
    pub(super) fn into_report(self) -> Report {
        let grades = coverage::grades(&self);
        let coverage = coverage::measure(&self);
        let Self { input, operations, files, drafts, .. } = self;
        let mut kinds: BTreeMap<&str, KindSummary> = BTreeMap::new();
        let mut findings: Vec<Finding> = drafts.into_values().map(|draft| draft.finding(&files, &operations)).collect();
        findings.sort_by(|a, b| {
            let key = |finding: &Finding| (finding.severity != Severity::Error, std::cmp::Reverse(finding.score));
            key(a).cmp(&key(b)).then_with(|| (a.code, &a.subject, &a.message).cmp(&(b.code, &b.subject, &b.message)))
        });
        for finding in &findings {
            let kind = kinds.entry(finding.code).or_insert_with(|| summary_of(finding, input.diagnostics));
            kind.findings += 1;
            kind.score += finding.score;
        }
        let mut kinds: Vec<KindSummary> = kinds.into_values().collect();
        kinds.sort_by(|a, b| b.score.cmp(&a.score).then(a.code.cmp(b.code)));
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Report {
            format_version: FORMAT_VERSION,
            title: input.contract.info.title.clone(),
            summary: Summary {
                pages: input.sources.len(),
                operations: input.contract.operations.len(),
                carriers: input.contract.schemas.len(),
                errors: count(Severity::Error),
                warnings: count(Severity::Warning),
                advice: count(Severity::Advice),
            },
            coverage,
            tags: coverage::tags(&grades, &findings),
            kinds,
            findings,
            pages: files,
        }
    }
}

impl Draft {
    fn finding(self, files: &[PageEntry], operations: &[Option<&Operation>]) -> Finding {
        let touched = self.spots.keys().filter(|file| operations.get(**file).is_some_and(Option::is_some)).count();
        let tags: BTreeSet<&String> = self.spots.keys().filter_map(|file| files[*file].tag.as_ref()).collect();
        let place = |(file, line): (&usize, &usize)| Place { path: files[*file].path.clone(), line: *line };
        Finding {
            code: self.kind.code,
            severity: self.kind.severity,
            score: u64::from(self.kind.weight) * touched.max(1) as u64,
            operations: touched,
            tags: tags.into_iter().cloned().collect(),
            places: self.spots.iter().map(place).collect(),
            subject: self.subject,
            message: self.message,
            note: self.note,
            help: self.help,
        }
    }
}

/// What there is to know of a finding's kind.
fn summary_of(finding: &Finding, diagnostics: &[Diagnostic]) -> KindSummary {
    let own = super::KINDS.iter().find(|kind| kind.code == finding.code);
    let mut heard = docwright_pages::CODES.iter().chain(crate::infer::CODES);
    let heard = heard.find(|code| code.code == finding.code);
    let said = diagnostics.iter().find(|diagnostic| diagnostic.code == finding.code);
    KindSummary {
        code: finding.code,
        severity: finding.severity,
        weight: own.map_or_else(|| said.map_or(1, weight_of), |kind| kind.weight),
        meaning: own.map(|kind| kind.meaning).or(heard.map(|code| code.meaning)).unwrap_or_default(),
        help: own.map(|kind| kind.help).or(heard.map(|code| code.help)).unwrap_or_default(),
        findings: 0,
        score: 0,
    }
}

/// The first thing that a message names in backticks.
fn quoted_first(message: &str) -> Option<&str> {
    message.split('`').nth(1)
}
