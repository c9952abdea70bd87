//! The two sides of a comparison: a contract's file, a folder of pages, or either at a revision.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use docwright_contract::Contract;
use docwright_contract::correct::correct;
use docwright_contract::diff::{self, Anchor, Spot};
use docwright_contract::infer::{Trace, infer_traced};
use docwright_contract::read::{self, Dialect};
use docwright_pages::{Diagnostic, Severity};
use rayon::prelude::*;

use super::repository::{Found, Revision};
use crate::documents::Reference;
use crate::overlay_file::OverlayFile;
use crate::pipeline::read_input;
use crate::report::{self, UsageError, plural};
use crate::workspace::Workspace;

/// What stands before a revision.
const GIT: &str = "git:";
/// So many notes on a document are shown without `--verbose`.
const MOST_NOTES: usize = 5;
/// What a revision is asked for when nothing is named.
const CONTRACT: &str = "openapi.yaml";
const OVERLAY: &str = "openapi.overlay.yaml";
const DOCUMENTS: &str = "documents";

/// A side as the command line names it.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Side {
    /// A file or folder.
    Path(PathBuf),
    /// A file or folder at a revision; the path is relative to the workspace.
    Git { revision: String, path: String },
}

impl Side {
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let Some(rest) = text.strip_prefix(GIT) else { return Ok(Self::Path(PathBuf::from(text))) };
        let (revision, path) = rest.split_once(':').unwrap_or((rest, CONTRACT));
        if revision.is_empty() || revision.starts_with('-') || path.is_empty() || path.starts_with('/') {
            let expected = "a revision is written `git:REV`, or `git:REV:PATH` with a path from the workspace on";
            return Err(UsageError(format!("`{text}`: {expected}")).into());
        }
        Ok(Self::Git { revision: revision.to_owned(), path: path.to_owned() })
    }

    /// Reads what there is to read.
    pub(super) fn fetch(self, workspace: &Workspace, overlay: Option<&Path>) -> anyhow::Result<Fetched> {
        let named = overlay.map(OverlayFile::read).transpose()?;
        match self {
            Self::Path(path) if path.is_dir() => {
                let is_own = is_same(&path, &workspace.documents());
                let overlay = match named {
                    None if is_own => own_overlay(workspace)?,
                    named => named,
                };
                let lacks_overlay = overlay.is_none() && has_overlay(workspace, &path);
                let reference = Reference::read(&path)?;
                let folder = path.parent().map(Path::to_owned).unwrap_or_default();
                let kind = Kind::Pages { reference, overlay: overlay.map(Box::new), lacks_overlay, folder };
                Ok(Fetched { label: path.display().to_string(), kind })
            }
            Self::Path(path) => {
                let text = read_input(&path, "contract")?;
                Ok(Fetched { label: path.display().to_string(), kind: Kind::Document(text) })
            }
            Self::Git { revision, path } => {
                let label = format!("{GIT}{revision}:{path}");
                let repository = Revision::new(workspace.root(), &revision)?;
                let kind = match repository.find(&path)? {
                    Found::File(text) => Kind::Document(text),
                    Found::Folder(folder) => {
                        let is_own = path.trim_end_matches('/') == DOCUMENTS;
                        let at_revision = if named.is_none() { repository.text(OVERLAY)? } else { None };
                        let lacks_overlay = !is_own && at_revision.is_some();
                        let at_revision = at_revision.filter(|_| is_own);
                        let parse = |text| OverlayFile::parse(format!("{GIT}{revision}:{OVERLAY}"), text);
                        let overlay =
                            named.map_or_else(|| at_revision.map(parse).transpose(), |file| Ok(Some(file)))?;
                        let reference = Reference::read(&folder.path().join(Revision::folder_name(&path)))
                            .with_context(|| format!("`{label}`"))?;
                        let folder = PathBuf::from(format!("{GIT}{revision}:"));
                        Kind::Pages { reference, overlay: overlay.map(Box::new), lacks_overlay, folder }
                    }
                };
                Ok(Fetched { label, kind })
            }
        }
    }
}

/// The workspace's overlay, where there is one.
fn own_overlay(workspace: &Workspace) -> anyhow::Result<Option<OverlayFile>> {
    let path = workspace.overlay();
    if path.exists() { OverlayFile::read(&path).map(Some) } else { Ok(None) }
}

/// Whether an overlay stands beside a folder of pages, or in the workspace that it is in.
fn has_overlay(workspace: &Workspace, pages: &Path) -> bool {
    let Ok(pages) = pages.canonicalize() else { return false };
    let is_within = workspace.root().canonicalize().is_ok_and(|root| pages.starts_with(root));
    let beside = pages.parent().is_some_and(|parent| parent.join(OVERLAY).is_file());
    beside || is_within && workspace.overlay().is_file()
}

fn is_same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// What was read, and nothing made of it.
pub(super) struct Fetched {
    label: String,
    kind: Kind,
}

enum Kind {
    /// An OpenAPI or Swagger document.
    Document(String),
    Pages {
        reference: Reference,
        overlay: Option<Box<OverlayFile>>,
        /// Whether there is an overlay, which nobody applied.
        lacks_overlay: bool,
        /// What stands before the pages' paths.
        folder: PathBuf,
    },
}

impl Fetched {
    /// The workspace's `openapi.yaml`.
    pub(super) fn own_contract(text: String) -> Self {
        Self { label: CONTRACT.to_owned(), kind: Kind::Document(text) }
    }

    /// The workspace's documents, called as they are within it.
    pub(super) fn own_documents(workspace: &Workspace) -> anyhow::Result<Self> {
        let reference = Reference::read(&workspace.documents())?;
        let overlay = own_overlay(workspace)?.map(Box::new);
        let kind = Kind::Pages { reference, overlay, lacks_overlay: false, folder: PathBuf::new() };
        Ok(Self { label: DOCUMENTS.to_owned(), kind })
    }

    /// Pages whose operation cannot be identified: without them, operations would seem to be gone.
    pub(super) fn errors(&self) -> Vec<Diagnostic> {
        match &self.kind {
            Kind::Document(_) => Vec::new(),
            Kind::Pages { reference, .. } => {
                let errors = reference.diagnostics.iter().filter(|each| each.severity == Severity::Error);
                errors.cloned().collect()
            }
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        matches!(&self.kind, Kind::Pages { reference, .. } if reference.has_errors())
    }

    /// The contract of this side.
    pub(super) fn open(&self) -> anyhow::Result<Opened<'_>> {
        let label = self.label.clone();
        match &self.kind {
            Kind::Document(text) => {
                let read = read::document(text).with_context(|| format!("`{label}` is no contract"))?;
                let source = Source::Document { text, is_swagger: read.dialect == Dialect::Swagger2 };
                let notes = read.notes.iter().map(|note| format!("{label}: {note}")).collect();
                Ok(Opened { label, contract: read.contract, notes, warnings: Vec::new(), source })
            }
            Kind::Pages { reference, overlay, lacks_overlay, folder } => {
                let (inferred, trace) = infer_traced(&reference.sources());
                let (contract, unmatched) = correct(inferred.contract, overlay.as_ref().map(|file| &file.overlay))?;
                let mut warnings = overlay.as_ref().map(|file| file.warnings(&unmatched)).unwrap_or_default();
                for warning in &mut warnings {
                    warning.note = Some(format!("it was applied to `{label}`"));
                }
                let lacking = || format!("no overlay is applied to `{label}`: give one with --overlay FILE");
                let notes = lacks_overlay.then(lacking).into_iter().collect();
                let source = Source::Pages { trace: Box::new(trace), folder };
                Ok(Opened { label, contract, notes, warnings, source })
            }
        }
    }
}

/// A contract, and what it came from.
pub(super) struct Opened<'f> {
    pub(super) label: String,
    pub(super) contract: Contract,
    /// What the reader of a document assumed, moved or left out, or that pages lack their overlay.
    notes: Vec<String>,
    /// Actions of the overlay without effect.
    warnings: Vec<Diagnostic>,
    source: Source<'f>,
}

enum Source<'f> {
    Document { text: &'f str, is_swagger: bool },
    Pages { trace: Box<Trace<'f>>, folder: &'f Path },
}

impl Opened<'_> {
    /// Writes the overlay's warnings, and the notes on the document, few of them where there are many.
    pub(super) fn write_notes(&self, verbose: bool) {
        report::diagnostics(&self.warnings, report::Format::Text);
        let most = if verbose { usize::MAX } else { MOST_NOTES };
        for note in self.notes.iter().take(most) {
            report::note(note);
        }
        if let Some(hidden @ 1..) = self.notes.len().checked_sub(most) {
            report::note(format_args!("{}: and {}; --verbose lists all", self.label, plural(hidden, "more note")));
        }
    }

    /// Whether this side says which values may be null: Swagger 2.0 has no word for it, but some documents use
    /// `x-nullable`.
    pub(super) fn knows_null(&self) -> bool {
        let is_swagger = matches!(self.source, Source::Document { is_swagger: true, .. });
        !is_swagger || diff::says_null(&self.contract)
    }

    /// Where things stand, as `path:line`.
    pub(super) fn find<'s>(&self, spots: impl Iterator<Item = &'s Spot>) -> HashMap<&'s Spot, String> {
        match &self.source {
            Source::Document { text, is_swagger } => {
                let pointers: Vec<(&Spot, String)> =
                    spots.map(|spot| (spot, document_pointer(&spot.pointer, *is_swagger))).collect();
                let wanted: HashSet<&str> = pointers.iter().map(|(_, pointer)| pointer.as_str()).collect();
                let found = read::positions(text, &wanted);
                let line = |pointer: &str| Some(format!("{}:{}", self.label, found.get(pointer)?.line));
                pointers.iter().filter_map(|(spot, pointer)| Some((*spot, line(pointer)?))).collect()
            }
            Source::Pages { trace, folder } => {
                let mut wanted: Vec<&Spot> = spots.collect();
                let mut known = HashSet::new();
                wanted.retain(|spot| known.insert(*spot));
                let anchors: HashSet<&Anchor> = wanted.iter().map(|spot| &spot.anchor).collect();
                let found: HashMap<&Anchor, String> = anchors
                    .into_par_iter()
                    .filter_map(|anchor| Some((anchor, page_line(trace, anchor, folder)?)))
                    .collect();
                wanted.into_iter().filter_map(|spot| Some((spot, found.get(&spot.anchor)?.clone()))).collect()
            }
        }
    }
}

/// The pointer in the document's own version.
fn document_pointer(pointer: &str, is_swagger: bool) -> String {
    if !is_swagger {
        return format!("#{pointer}");
    }
    let moved = [("/components/schemas/", "/definitions/"), ("/components/securitySchemes", "/securityDefinitions")];
    for (from, to) in moved {
        if let Some(rest) = pointer.strip_prefix(from) {
            return format!("#{to}{rest}");
        }
    }
    format!("#{pointer}")
}

/// Where the pages say what belongs to an anchor.
fn page_line(trace: &Trace<'_>, anchor: &Anchor, folder: &Path) -> Option<String> {
    let (name, topic) = match anchor {
        Anchor::Document => return None,
        Anchor::Operation(id) => (id.clone(), None),
        Anchor::Parameter { operation, name } => (operation.clone(), Some(name.as_str())),
        Anchor::Schema(name) => (name.clone(), None),
        Anchor::Property { schema, name } => (format!("{schema}.{name}"), None),
    };
    let explanation = trace.explain(&name)?;
    let is_about =
        |value: &str, name: &str| value == name || value.strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
    let parameter = topic.and_then(|name| {
        let mut facts = explanation.facts.iter();
        facts.find(|fact| is_about(&fact.value, name)).and_then(|fact| fact.places.first())
    });
    let place = parameter.or_else(|| explanation.facts.iter().find_map(|fact| fact.places.first()))?;
    let folder = folder.display().to_string();
    let path = match folder.as_str() {
        "" => place.path.clone(),
        folder if folder.ends_with([':', '/']) => format!("{folder}{}", place.path),
        folder => format!("{folder}/{}", place.path),
    };
    Some(format!("{path}:{}", place.line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_paths_or_revisions() {
        let git = |revision: &str, path: &str| Side::Git { revision: revision.to_owned(), path: path.to_owned() };
        for (text, expected) in [
            ("openapi.yaml", Side::Path("openapi.yaml".into())),
            ("git:HEAD~2", git("HEAD~2", "openapi.yaml")),
            ("git:v1.0:documents", git("v1.0", "documents")),
            ("git:a/b:c/d.json", git("a/b", "c/d.json")),
        ] {
            assert_eq!(Side::parse(text).unwrap(), expected);
        }
        for text in ["git:", "git::x", "git:HEAD:", "git:--output=x", "git:HEAD:/etc"] {
            assert!(Side::parse(text).unwrap_err().is::<UsageError>(), "{text}");
        }
    }

    #[test]
    fn pointers_follow_the_version() {
        assert_eq!(document_pointer("/components/schemas/A/properties/b", true), "#/definitions/A/properties/b");
        assert_eq!(document_pointer("/components/schemas/A", false), "#/components/schemas/A");
        assert_eq!(document_pointer("/paths/~1a/get", true), "#/paths/~1a/get");
    }
}
