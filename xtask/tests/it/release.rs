//! `cargo xtask release`, on copies of this workspace with a repository of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use xtask::Workspace;

/// A copy of this workspace, committed; and a cargo that only writes down how it is called.
struct Copy {
    folder: TempDir,
    /// Beside the copy: what is in it would be uncommitted.
    cargo: TempDir,
}

#[derive(Debug)]
struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Copy {
    fn new() -> Self {
        let copy = Self { folder: tempfile::tempdir().unwrap(), cargo: tempfile::tempdir().unwrap() };
        let root = Workspace::locate().unwrap();
        let listed = git(root.root(), &["ls-files", "--cached", "--others", "--exclude-standard", "-z"]);
        // Pictures and the like tell nothing here.
        let wanted = |path: &str| !path.starts_with("docs/images/") && !path.starts_with("sdk/");
        for path in listed.split('\0').filter(|path| !path.is_empty() && wanted(path)) {
            let (from, to) = (root.root().join(path), copy.path(path));
            // A file that was removed is still listed.
            if from.exists() {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
        }
        let stub = copy.cargo.path().join("cargo");
        fs::write(&stub, format!("#!/bin/sh\necho \"$@\" >> '{}'\n", copy.cargo.path().join("calls").display()))
            .unwrap();
        #[cfg(unix)]
        fs::set_permissions(&stub, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        git(copy.folder.path(), &["init", "--quiet", "--initial-branch=main"]);
        copy.write("CHANGELOG.md", "# Changelog\n\nFor users.\n\n## Unreleased\n\n### Added\n\n- A thing.\n");
        copy.commit();
        copy
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).unwrap();
    }

    fn commit(&self) {
        git(self.folder.path(), &["add", "--all"]);
        git(self.folder.path(), &["commit", "--quiet", "--message", "state"]);
    }

    fn release(&self, arguments: &[&str]) -> Run {
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .env("CARGO_MANIFEST_DIR", self.path("xtask"))
            .env("CARGO", self.cargo.path().join("cargo"))
            .current_dir(self.folder.path())
            .arg("release")
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// How cargo was called since it was last asked.
    fn calls(&self) -> Vec<String> {
        let file = self.cargo.path().join("calls");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let _ = fs::remove_file(file);
        text.lines().map(str::to_owned).collect()
    }

    fn status(&self) -> String {
        git(self.folder.path(), &["status", "--porcelain"])
    }
}

/// What git prints; commits are all of one day.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let own = [
        "-c",
        "user.name=A",
        "-c",
        "user.email=a@example.org",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "tag.gpgsign=false",
    ];
    let output = Command::new("git")
        .env("GIT_COMMITTER_DATE", "2026-03-04T12:00:00Z")
        .arg("-C")
        .arg(folder)
        .args(own)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const LOCKS: [&str; 2] = ["Cargo.lock", "fuzz/Cargo.lock"];

/// The lock file with 0.3.0 as the version of every crate of the workspace, and not a byte else changed: what cargo would
/// write. The crates are the packages that come from nowhere; that of `fuzz/` has a version of its own.
fn released(lock: &str) -> String {
    let packages = lock.split("\n\n").map(|package| {
        let is_ours = !package.contains("\nsource = ") && !package.contains("\nname = \"docwright-fuzz\"\n");
        if is_ours { package.replace("\nversion = \"0.1.0\"", "\nversion = \"0.3.0\"") } else { package.to_owned() }
    });
    let text = packages.collect::<Vec<_>>().join("\n\n");
    assert_ne!(text, lock, "the lock file has crates of the workspace");
    text
}

#[track_caller]
fn assert_said(run: &Run, code: i32, parts: &[&str]) {
    assert_eq!(run.code, Some(code), "{}{}", run.stdout, run.stderr);
    for part in parts {
        assert!(run.stdout.contains(part), "no {part:?} in {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let copy = Copy::new();
    let run = copy.release(&["--dry-run", "--no-build", "--version", "0.3.0"]);
    assert_said(
        &run,
        0,
        &[
            "passed: nothing is uncommitted\n",
            "passed: all crates are 0.1.0\n",
            "passed: 0.3.0 is the first release\n",
            "SKIPPED: what has to be compiled",
            "-version = \"0.1.0\"\n+version = \"0.3.0\"\n",
            "+## 0.3.0 - 2026-03-04\n",
            "0.3.0 of 2026-03-04 is ready; nothing was written",
        ],
    );
    assert_eq!((copy.status(), copy.calls()), (String::new(), Vec::new()));
    let again = copy.release(&["--dry-run", "--no-build", "--version", "0.3.0"]);
    assert_eq!(again.stdout, run.stdout);
    let of_a_day = copy.release(&["--dry-run", "--no-build", "--date", "2027-01-02"]);
    assert_said(&of_a_day, 0, &["+## 0.1.0 - 2027-01-02\n"]);
}

#[cfg(unix)]
#[test]
fn a_release_checks_writes_and_says_what_is_left_to_do() {
    let copy = Copy::new();
    let locks = LOCKS.map(|path| copy.read(path));
    let run = copy.release(&["--version", "0.3.0"]);
    assert_said(
        &run,
        0,
        &[
            "passed: `cargo xtask check`",
            "passed: `cargo publish",
            "git tag --annotate v0.3.0",
            "cargo publish --workspace\n",
        ],
    );
    assert_eq!(
        copy.calls(),
        ["run --quiet --package xtask -- check --deny-warnings", "publish --workspace --dry-run --locked"]
    );
    assert_eq!(copy.status(), " M CHANGELOG.md\n M Cargo.lock\n M Cargo.toml\n M fuzz/Cargo.lock\n");
    assert!(copy.read("CHANGELOG.md").contains("## Unreleased\n\n## 0.3.0 - 2026-03-04\n\n### Added\n\n- A thing.\n"));
    let manifest = copy.read("Cargo.toml");
    assert!(
        !manifest.contains("\"0.1.0\"")
            && manifest.contains("chat-models = { path = \"crates/models\", version = \"0.3.0\" }")
    );
    for (path, before) in LOCKS.iter().zip(locks) {
        assert_eq!(copy.read(path), released(&before), "{path}");
    }
    assert_eq!(git(copy.folder.path(), &["tag"]), "", "tags are a person's");
}

#[test]
fn the_version_says_what_the_contract_s_changes_mean() {
    let copy = Copy::new();
    git(copy.folder.path(), &["tag", "--annotate", "v0.1.0", "--message", "0.1.0"]);
    copy.write("CHANGELOG.md", &copy.read("CHANGELOG.md").replace("- A thing.", "- Another thing."));
    copy.commit();
    let run = copy.release(&["--dry-run", "--no-build"]);
    assert_said(&run, 0, &["since v0.1.0 the contract asks for a none step", "0.1.1 of 2026-03-04 is ready"]);

    // An operation that was there is gone.
    let contract = copy.read("openapi.yaml");
    let begin = contract.find("  /api/v1/ChatPresence").or_else(|| contract.find("  /api/v1/Presence")).unwrap();
    let rest = &contract[begin + 1..];
    let end = begin + 2 + rest.find("\n  /api/").or_else(|| rest.find("\ncomponents:")).unwrap();
    copy.write("openapi.yaml", &format!("{}{}", &contract[..begin], &contract[end..]));
    copy.commit();
    assert_said(
        &copy.release(&["--dry-run", "--no-build"]),
        0,
        &["asks for a major step", "0.2.0 of 2026-03-04 is ready"],
    );
    let run = copy.release(&["--version", "0.1.5"]);
    assert_said(
        &run,
        1,
        &[
            "error[version-step]",
            "0.1.5 is less than 0.2.0",
            "help: `--version 0.2.0`",
            "SKIPPED",
            "nothing was written",
        ],
    );
    assert_eq!((copy.status(), copy.calls()), (String::new(), Vec::new()));
    assert_said(&copy.release(&["--dry-run", "--no-build", "--version", "1.0.0"]), 0, &["1.0.0 is enough"]);
}

#[test]
fn what_is_not_ready_is_said_with_what_mends_it() {
    let copy = Copy::new();
    git(copy.folder.path(), &["tag", "--annotate", "v0.1.0", "--message", "0.1.0"]);
    copy.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n### Added\n\n## 0.1.0 - 2026-01-01\n\n- First.\n");
    copy.write(
        "Cargo.toml",
        &copy.read("Cargo.toml").replacen(
            "path = \"crates/models\", version = \"0.1.0\"",
            "path = \"crates/models\", version = \"0.0.9\"",
            1,
        ),
    );
    let run = copy.release(&["--version", "0.1.0"]);
    assert_said(
        &run,
        1,
        &[
            "error[dirty-tree]: uncommitted: CHANGELOG.md, Cargo.toml\n  help: ",
            "error[versions-differ]: the workspace is 0.1.0, but `workspace.dependencies.chat-models` in `Cargo.toml` says 0.0.9\n",
            "error[changelog]: the section `## Unreleased` of CHANGELOG.md says nothing\n",
            "error[version-step]: ",
            "error[tag-exists]: there is a tag `v0.1.0` already\n",
            "0.1.0 is not ready to be released; nothing was written",
        ],
    );
    assert_eq!(copy.calls(), Vec::<String>::new(), "nothing is compiled for that");
    assert_eq!(copy.status(), " M CHANGELOG.md\n M Cargo.toml\n");
    for wrong in [&["--no-build"][..], &["--version", "1.2"], &["--version", "1.2.3-rc.1"], &["--date", "tomorrow"]] {
        assert_eq!(copy.release(wrong).code, Some(2), "{wrong:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_check_that_fails_stops_the_release() {
    let copy = Copy::new();
    let stub = copy.cargo.path().join("cargo");
    fs::write(
        &stub,
        format!("#!/bin/sh\necho \"$@\" >> '{}'\n[ \"$1\" != publish ]\n", copy.cargo.path().join("calls").display()),
    )
    .unwrap();
    let run = copy.release(&["--version", "0.3.0"]);
    assert_said(
        &run,
        1,
        &["passed: `cargo xtask check`", "error[no-package]: `cargo publish --workspace --dry-run --locked` failed"],
    );
    assert_eq!((copy.calls().len(), copy.status()), (2, String::new()));
}
