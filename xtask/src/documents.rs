//! Reads a folder of reference pages.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use docwright_contract::infer::{Inferred, Source, infer};
use docwright_pages::{Diagnostic, Page, Severity, parse_bytes};
use walkdir::WalkDir;

/// Every page below a folder.
#[derive(Debug, Default)]
pub struct Reference {
    /// Page and text, sorted by path.
    pages: Vec<(Page, String)>,
    /// What the reader had to say, sorted by path.
    pub diagnostics: Vec<Diagnostic>,
    /// Markdown files that are no reference pages.
    pub passed_over: usize,
}

impl Reference {
    /// Reads all reference pages below `folder`; other files are counted and passed over.
    ///
    /// # Errors
    /// When the folder or a file cannot be read, or when there is no page at all.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let mut reference = Self::default();
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.with_context(|| format!("cannot read the folder `{}`", folder.display()))?;
            let is_markdown = entry.path().extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"));
            if !entry.file_type().is_file() || !is_markdown {
                continue;
            }
            let bytes = fs::read(entry.path()).with_context(|| format!("cannot read `{}`", entry.path().display()))?;
            reference.add(&page_path(folder, entry.path()), &bytes);
        }
        if reference.pages.is_empty() && reference.diagnostics.is_empty() {
            anyhow::bail!(
                "no reference page below `{}`: a page is a Markdown file whose front matter has an `id` or `uid`, with \
                 a title or an `http` fence of the form `METHOD /path`",
                folder.display()
            );
        }
        Ok(reference)
    }

    fn add(&mut self, path: &str, bytes: &[u8]) {
        if std::str::from_utf8(bytes).is_ok_and(|text| !docwright_pages::is_reference_page(text)) {
            self.passed_over += 1;
            return;
        }
        let parsed = parse_bytes(path, bytes);
        self.diagnostics.extend(parsed.diagnostics);
        if let Some(page) = parsed.page {
            self.pages.push((page, String::from_utf8_lossy(bytes).into_owned()));
        }
    }

    /// How many pages were read.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether no page was read.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The contract that the pages state; its diagnostics join the reader's.
    pub fn infer(&mut self) -> Inferred {
        let sources: Vec<Source<'_>> = self.pages.iter().map(|(page, text)| Source { page, text }).collect();
        let mut inferred = infer(&sources);
        self.diagnostics.append(&mut inferred.diagnostics);
        inferred
    }

    /// Whether a page's operation could not be identified.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// The page's path as diagnostics name it: from the folder on, the same on every machine.
fn page_path(folder: &Path, file: &Path) -> String {
    let below = file.strip_prefix(folder).unwrap_or(file);
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    std::iter::once(name).chain(parts).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}
