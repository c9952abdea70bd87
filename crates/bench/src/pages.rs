//! Pages to measure with: those of a whole reference, or our own, as many as are wanted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use docwright_pages::is_reference_page;
use walkdir::WalkDir;

use crate::{Failure, workspace};

/// Names the folder of a whole reference.
const CORPUS: &str = "DOCWRIGHT_CORPUS";

/// The texts of pages, each of another operation.
#[derive(Clone, Debug)]
pub struct Pages {
    /// Where they are from, for people.
    pub origin: &'static str,
    texts: Vec<String>,
}

impl Pages {
    /// Those of the whole reference that `DOCWRIGHT_CORPUS` names; nothing where it names none.
    ///
    /// # Errors
    /// When the folder cannot be read, or has none.
    pub fn corpus() -> Result<Option<Self>, Failure> {
        match std::env::var_os(CORPUS).filter(|folder| !folder.is_empty()) {
            Some(folder) => Self::below("the sample of a whole reference", &[PathBuf::from(folder)]).map(Some),
            None => Ok(None),
        }
    }

    /// Those of this workspace: the documents, and the reference of the tests.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn own() -> Result<Self, Failure> {
        Self::below(
            "the pages of this workspace",
            &["documents", "xtask/tests/reference"].map(|it| workspace().join(it)),
        )
    }

    /// The two pages that Docwright began with.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn two() -> Result<Self, Failure> {
        let mut pages = Self::below("two pages", &[workspace().join("documents")])?;
        let wanted = ["v1ChatSessionEntity_ChatSessionsForUser", "v1ChatSessionEntity_PickUpFirstChatSession"];
        pages.texts.retain(|text| id(text).is_some_and(|id| wanted.contains(&id)));
        if pages.texts.len() == wanted.len() { Ok(pages) } else { Err("documents/ lacks a page".into()) }
    }

    /// A page that comes twice, as in two states of a reference, counts once.
    fn below(origin: &'static str, folders: &[PathBuf]) -> Result<Self, Failure> {
        let (mut texts, mut seen) = (Vec::new(), BTreeSet::new());
        for folder in folders {
            for entry in WalkDir::new(folder).sort_by_file_name() {
                let entry = entry?;
                if entry.path().extension().is_none_or(|extension| extension != "md") {
                    continue;
                }
                // Pages that are no text are for the reader's tests.
                let Ok(text) = fs::read_to_string(entry.path()) else { continue };
                if is_reference_page(&text) && id(&text).is_some_and(|id| seen.insert(id.to_owned())) {
                    texts.push(text);
                }
            }
        }
        if texts.is_empty() {
            return Err(format!("no reference pages below {folders:?}").into());
        }
        Ok(Self { origin, texts })
    }

    /// The texts.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// So many pages: these again and again, under other ids and paths each time.
    pub fn repeated(&self, count: usize) -> impl Iterator<Item = String> {
        self.texts.iter().cycle().take(count).enumerate().map(|(index, text)| match index / self.texts.len() {
            0 => text.clone(),
            round => renamed(text, round),
        })
    }

    /// Writes so many pages into a folder, and answers how many bytes they have.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, count: usize, folder: &Path) -> Result<usize, Failure> {
        let mut bytes = 0;
        for (index, text) in self.repeated(count).enumerate() {
            bytes += text.len();
            fs::write(folder.join(format!("{index:05}.md")), text)?;
        }
        Ok(bytes)
    }
}

/// What stands before a page's id in its front matter: `id` in some dialects, `uid` in others.
fn key(text: &str) -> &'static str {
    if text.contains("\nid: ") { "\nid: " } else { "\nuid: " }
}

fn id(text: &str) -> Option<&str> {
    text.split_once(key(text))?.1.lines().next().map(str::trim)
}

/// The same page for another operation.
fn renamed(text: &str, round: usize) -> String {
    let key = key(text);
    text.replacen(key, &format!("{key}r{round}"), 1).replace("/api/v1/", &format!("/api/v1/r{round}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_pages_are_pages_of_other_operations() {
        let own = Pages::own().unwrap();
        let count = 3 * own.texts.len() + 1;
        let (mut ids, mut operations) = (BTreeSet::new(), BTreeSet::new());
        for (index, text) in own.repeated(count).enumerate() {
            let parsed = docwright_pages::parse_file(&format!("{index}.md"), text.as_bytes()).unwrap();
            let page = parsed.page.unwrap();
            ids.insert(id(&text).unwrap().to_owned());
            operations.insert((page.method.value, page.path_template.value));
        }
        assert_eq!((ids.len(), operations.len()), (count, count));
    }

    #[test]
    fn the_two_pages_are_two() {
        assert_eq!(Pages::two().unwrap().texts().len(), 2);
    }
}
