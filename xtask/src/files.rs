//! The one function that writes or checks generated files.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use similar::TextDiff;
use walkdir::WalkDir;

use crate::report::plural;

/// A diff longer than this is cut: what follows seldom says anything new.
const MAX_DIFF_LINES: usize = 60;

/// Whether to bring files up to date or only to compare them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Write what differs, remove orphans.
    Write,
    /// Touch nothing.
    Check,
}

/// Generated files, and the folders that hold nothing else.
#[derive(Debug, Default)]
pub struct FileSet {
    files: Vec<(String, String)>,
    owned_folders: Vec<String>,
    former_files: Vec<String>,
}

/// How one file stands to what was generated.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Status {
    /// As generated.
    Fresh,
    /// Different; the diff leads from what stands there to what was generated.
    Stale {
        /// A unified diff; empty in [`Mode::Write`], which nobody has to read.
        diff: String,
    },
    /// Not there.
    Missing,
    /// There, but generated no more.
    Orphaned,
}

/// How all files stand (before writing, in [`Mode::Write`]).
#[derive(Debug, Default)]
pub struct Outcome {
    /// Path and status, in the order of the set; orphans last.
    pub files: Vec<(String, Status)>,
}

impl FileSet {
    /// Adds a file; `path` is relative to the root and written with `/`.
    pub fn add(&mut self, path: impl Into<String>, contents: impl Into<String>) {
        self.files.push((path.into(), contents.into()));
    }

    /// Adds another set.
    pub(crate) fn append(&mut self, other: Self) {
        self.files.extend(other.files);
        self.owned_folders.extend(other.owned_folders);
        self.former_files.extend(other.former_files);
    }

    /// Declares that nothing but this set's files belongs below `folder`.
    pub fn own_folder(&mut self, folder: impl Into<String>) {
        self.owned_folders.push(folder.into());
    }

    /// Declares files that an earlier run generated: those that this set lacks are orphans.
    pub(crate) fn own_files(&mut self, paths: impl IntoIterator<Item = String>) {
        self.former_files.extend(paths);
    }

    /// The paths of all files, in the order of the set.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(path, _)| path.as_str())
    }

    /// Takes everything else out of the set.
    pub(crate) fn keep_only(&mut self, path: &str) {
        self.files.retain(|(known, _)| known == path);
        self.owned_folders.clear();
        self.former_files.clear();
    }

    /// Whether there is no file in the set.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The generated contents of a path.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|(known, _)| known == path).map(|(_, contents)| contents.as_str())
    }

    /// Compares the set with what stands below `root` and, in [`Mode::Write`], mends it. Each file
    /// is replaced atomically, and none is touched that is as generated.
    ///
    /// # Errors
    /// - a file can be neither read nor written;
    /// - a path leads out of `root`, which is a fault of a generator.
    pub fn apply(&self, root: &Path, mode: Mode) -> anyhow::Result<Outcome> {
        for path in self.paths().chain(self.owned_folders.iter().map(String::as_str)) {
            let is_inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
            anyhow::ensure!(is_inside, "nothing was written: `{path}` leads out of `{}`", root.display());
        }
        let mut outcome = Outcome::default();
        for (path, contents) in &self.files {
            outcome.files.push((path.clone(), status(path, &root.join(path), contents, mode)?));
        }
        for orphan in self.orphans(root)? {
            outcome.files.push((orphan, Status::Orphaned));
        }
        if mode == Mode::Write {
            // Everything is written beside its place first: when one cannot be, none is replaced.
            let mut staged = Vec::new();
            for ((path, contents), (_, status)) in self.files.iter().zip(&outcome.files) {
                if matches!(status, Status::Stale { .. } | Status::Missing) {
                    staged.push((stage(&root.join(path), contents)?, root.join(path)));
                }
            }
            for (file, target) in staged {
                file.persist(&target).with_context(|| format!("cannot write `{}`", target.display()))?;
            }
            for (path, _) in outcome.files.iter().filter(|(_, status)| *status == Status::Orphaned) {
                let path = root.join(path);
                fs::remove_file(&path).with_context(|| format!("cannot remove `{}`", path.display()))?;
                // Folders that this leaves empty go too; the first that is not ends it.
                let mut folders = path.ancestors().skip(1).take_while(|folder| *folder != root);
                while folders.next().is_some_and(|folder| fs::remove_dir(folder).is_ok()) {}
            }
        }
        Ok(outcome)
    }

    /// Files in owned folders that the set does not name.
    fn orphans(&self, root: &Path) -> anyhow::Result<Vec<String>> {
        let known: BTreeSet<PathBuf> = self.files.iter().map(|(path, _)| root.join(path)).collect();
        let mut orphans = Vec::new();
        for folder in self.owned_folders.iter().map(|folder| root.join(folder)).filter(|folder| folder.exists()) {
            for entry in WalkDir::new(&folder).sort_by_file_name() {
                let entry = entry.with_context(|| format!("cannot read `{}`", folder.display()))?;
                if !entry.file_type().is_dir() && !known.contains(entry.path()) {
                    let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
                    orphans.push(path.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let former = self.former_files.iter().filter(|path| !known.contains(&root.join(path)));
        orphans.extend(former.filter(|path| root.join(path).is_file()).cloned());
        Ok(orphans)
    }
}

impl Outcome {
    /// Whether nothing had to be, or was, changed.
    pub fn is_fresh(&self) -> bool {
        self.files.iter().all(|(_, status)| *status == Status::Fresh)
    }

    /// One line of counts that add up.
    pub fn summary(&self) -> String {
        let count = |wanted: fn(&Status) -> bool| self.files.iter().filter(|(_, status)| wanted(status)).count();
        format!(
            "{}: {} fresh, {} stale, {} missing, {} orphaned",
            plural(self.files.len(), "generated file"),
            count(|status| *status == Status::Fresh),
            count(|status| matches!(status, Status::Stale { .. })),
            count(|status| *status == Status::Missing),
            count(|status| *status == Status::Orphaned),
        )
    }
}

fn status(path: &str, file: &Path, contents: &str, mode: Mode) -> anyhow::Result<Status> {
    // Where nobody sees the difference, a long file of another length need not be read.
    let is_longer_or_shorter = |file: &fs::Metadata| file.is_file() && file.len() != contents.len() as u64;
    if mode == Mode::Write && fs::metadata(file).is_ok_and(|file| is_longer_or_shorter(&file)) {
        return Ok(Status::Stale { diff: String::new() });
    }
    let current = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Status::Missing),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", file.display())),
    };
    if current == contents.as_bytes() {
        return Ok(Status::Fresh);
    }
    let diff = match mode {
        Mode::Write => String::new(),
        Mode::Check => unified_diff(path, &String::from_utf8_lossy(&current), contents),
    };
    Ok(Status::Stale { diff })
}

/// What would change in `path`, cut to a length that people read.
fn unified_diff(path: &str, current: &str, generated: &str) -> String {
    let diff = TextDiff::from_lines(current, generated);
    let text = diff
        .unified_diff()
        .context_radius(3)
        .header(&format!("{path} (as it is)"), &format!("{path} (as generated)"))
        .to_string();
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() <= MAX_DIFF_LINES {
        return text;
    }
    format!("{}\n… {} more lines", lines[..MAX_DIFF_LINES].join("\n"), lines.len() - MAX_DIFF_LINES)
}

/// Writes `contents` beside `target`, to be moved there at once.
fn stage(target: &Path, contents: &str) -> anyhow::Result<tempfile::TempPath> {
    let context = || format!("cannot write `{}`", target.display());
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(context)?;
    let mut file = tempfile::Builder::new().prefix(".generated-").tempfile_in(folder).with_context(context)?;
    file.write_all(contents.as_bytes()).with_context(context)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Temporary files are private; a source file is for everyone who can read the folder.
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644)).with_context(context)?;
    }
    // Closed: there may be more files than a process may have open.
    Ok(file.into_temp_path())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{FileSet, Mode, Status};

    fn set() -> FileSet {
        let mut set = FileSet::default();
        set.add("a.yaml", "one\n");
        set.add("src/generated/b.rs", "two\n");
        set.own_folder("src/generated");
        set
    }

    #[test]
    fn a_second_run_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let first = set().apply(root.path(), Mode::Write).unwrap();
        assert_eq!(first.summary(), "2 generated files: 0 fresh, 0 stale, 2 missing, 0 orphaned");
        assert!(set().apply(root.path(), Mode::Write).unwrap().is_fresh());
        assert_eq!(fs::read_to_string(root.path().join("src/generated/b.rs")).unwrap(), "two\n");
    }

    #[test]
    fn one_file_of_a_set_can_be_kept_alone() {
        let root = tempfile::tempdir().unwrap();
        set().apply(root.path(), Mode::Write).unwrap();
        fs::write(root.path().join("src/generated/old.rs"), "old\n").unwrap();
        let mut alone = set();
        alone.keep_only("a.yaml");
        assert_eq!(alone.apply(root.path(), Mode::Write).unwrap().files, [("a.yaml".to_owned(), Status::Fresh)]);
        assert!(root.path().join("src/generated/old.rs").exists(), "it belongs to what was taken out");
    }

    #[test]
    fn stale_and_orphaned_files_are_reported_and_mended() {
        let root = tempfile::tempdir().unwrap();
        set().apply(root.path(), Mode::Write).unwrap();
        fs::write(root.path().join("a.yaml"), "other\n").unwrap();
        fs::write(root.path().join("src/generated/old.rs"), "old\n").unwrap();

        let check = set().apply(root.path(), Mode::Check).unwrap();
        let Status::Stale { diff } = &check.files[0].1 else { panic!("a.yaml is stale") };
        assert!(diff.contains("-other\n+one\n"), "{diff}");
        assert_eq!(check.files[2], ("src/generated/old.rs".to_owned(), Status::Orphaned));
        assert!(root.path().join("src/generated/old.rs").exists(), "a check touches nothing");

        set().apply(root.path(), Mode::Write).unwrap();
        assert!(!root.path().join("src/generated/old.rs").exists());
        assert!(set().apply(root.path(), Mode::Check).unwrap().is_fresh());
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("inner");
        for path in ["../a.rs", "src/../../a.rs", "/a.rs"] {
            let mut set = set();
            set.add(path, "text");
            let error = set.apply(&inner, Mode::Write).unwrap_err();
            assert!(error.to_string().contains("leads out of"), "{error}");
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_written_when_one_file_cannot_be() {
        let root = tempfile::tempdir().unwrap();
        // A file stands where a folder is needed.
        fs::write(root.path().join("src"), "").unwrap();
        assert!(set().apply(root.path(), Mode::Write).is_err());
        assert!(!root.path().join("a.yaml").exists());
    }
}
