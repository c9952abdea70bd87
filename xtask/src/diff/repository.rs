//! Files at a revision, through the program git.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Component, Path};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::report::UsageError;

/// A revision of the repository that a folder is in.
pub(super) struct Revision<'r> {
    folder: &'r Path,
    name: String,
    /// The commit's hash, so that no name is taken for an option or a range.
    commit: String,
}

/// What a path is at a revision.
pub(super) enum Found {
    /// The text of a file.
    File(String),
    /// The Markdown files of a folder, written below [`Revision::folder_name`].
    Folder(TempDir),
}

impl<'r> Revision<'r> {
    /// # Errors
    /// When git cannot be run, or knows no such revision.
    pub(super) fn new(folder: &'r Path, name: &str) -> anyhow::Result<Self> {
        let wanted = format!("{name}^{{commit}}");
        let output = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])?;
        match output {
            Ok(commit) => {
                let commit = String::from_utf8_lossy(&commit).trim().to_owned();
                Ok(Self { folder, name: name.to_owned(), commit })
            }
            Err(said) => {
                let why = if said.is_empty() { "there is no such revision".to_owned() } else { said };
                let is_shallow = matches!(git(folder, &["rev-parse", "--is-shallow-repository"])?, Ok(said) if said.starts_with(b"true"));
                let hint = if is_shallow {
                    "; the clone is shallow: fetch the revision, or clone with more depth"
                } else {
                    ""
                };
                Err(UsageError(format!("`git:{name}`: {why}{hint}")).into())
            }
        }
    }

    /// What stands at a path, which is relative to the workspace.
    pub(super) fn find(&self, path: &str) -> anyhow::Result<Found> {
        let object = self.object(path);
        let kind = git(self.folder, &["cat-file", "-t", &object])?;
        let kind = kind.map(|kind| String::from_utf8_lossy(&kind).trim().to_owned());
        match kind.as_deref() {
            Ok("blob") => Ok(Found::File(self.blob(path)?)),
            Ok("tree") => Ok(Found::Folder(self.write_out(path)?)),
            _ => Err(UsageError(format!("`git:{}:{path}`: the revision has no such file or folder", self.name)).into()),
        }
    }

    /// The text of a file, where there is one.
    pub(super) fn text(&self, path: &str) -> anyhow::Result<Option<String>> {
        match git(self.folder, &["cat-file", "-e", &self.object(path)])? {
            Ok(_) => self.blob(path).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// What a folder is called where it is written to.
    pub(super) fn folder_name(path: &str) -> &str {
        match path.trim_end_matches('/').rsplit('/').next() {
            Some(name) if !matches!(name, "" | "." | "..") => name,
            _ => "pages",
        }
    }

    fn object(&self, path: &str) -> String {
        format!("{}:./{path}", self.commit)
    }

    fn blob(&self, path: &str) -> anyhow::Result<String> {
        let bytes = git(self.folder, &["cat-file", "blob", &self.object(path)])?
            .map_err(|said| anyhow::anyhow!("git: {said}"))?;
        String::from_utf8(bytes).with_context(|| format!("`git:{}:{path}` is not UTF-8", self.name))
    }

    /// Writes the Markdown files below a folder of the revision to one of our own.
    fn write_out(&self, path: &str) -> anyhow::Result<TempDir> {
        let listed =
            git(self.folder, &["ls-tree", "-r", "-z", "--full-tree", &self.object(path.trim_end_matches('/'))])?;
        let listed = listed.map_err(|said| anyhow::anyhow!("git: {said}"))?;
        let listed = String::from_utf8(listed).context("a file's name is not UTF-8")?;
        // `<mode> blob <hash>\t<path>`
        let files: Vec<(&str, &str)> = listed
            .split('\0')
            .filter_map(|line| {
                let (about, name) = line.split_once('\t')?;
                let mut about = about.split(' ');
                let is_file = about.next()? != "120000" && about.next()? == "blob";
                (is_file && is_markdown(name)).then_some((about.next()?, name))
            })
            .collect();
        let folder = tempfile::tempdir().context("cannot make a folder for the pages")?;
        let root = folder.path().join(Self::folder_name(path));
        fs::create_dir_all(&root)?;
        self.read_all(&files, |name, bytes| {
            let relative = Path::new(name);
            anyhow::ensure!(
                relative.components().all(|part| matches!(part, Component::Normal(_))),
                "`{name}` leads elsewhere"
            );
            let file = root.join(relative);
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&file, bytes).with_context(|| format!("cannot write `{}`", file.display()))
        })?;
        Ok(folder)
    }

    /// Reads many files through one process.
    fn read_all(
        &self,
        files: &[(&str, &str)],
        mut each: impl FnMut(&str, &[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut child = Command::new("git")
            .arg("-C")
            .arg(self.folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run git")?;
        let mut input = child.stdin.take().context("git takes no input")?;
        let mut output = BufReader::new(child.stdout.take().context("git gives no output")?);
        let hashes: String = files.iter().map(|(hash, _)| format!("{hash}\n")).collect();
        // Beside the reading, or both would wait for each other.
        let writer = std::thread::spawn(move || input.write_all(hashes.as_bytes()));
        let mut done = Ok(());
        for (_, name) in files {
            let mut header = String::new();
            output.read_line(&mut header)?;
            let size = header.trim().rsplit(' ').next().and_then(|size| size.parse().ok());
            let size: usize = size.with_context(|| format!("git has no `{name}`: {}", header.trim()))?;
            let mut bytes = vec![0; size + 1];
            output.read_exact(&mut bytes)?;
            bytes.pop();
            if done.is_ok() {
                done = each(name, &bytes);
            }
        }
        drop(output);
        _ = writer.join();
        child.wait().context("cannot wait for git")?;
        done
    }
}

fn is_markdown(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md"))
}

/// Runs git in a folder; what it complains about is the inner error.
fn git(folder: &Path, arguments: &[&str]) -> anyhow::Result<Result<Vec<u8>, String>> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).stdin(Stdio::null()).output();
    let output = output.context("cannot run git, which `git:` needs")?;
    if output.status.success() {
        return Ok(Ok(output.stdout));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(Err(said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned()))
}
