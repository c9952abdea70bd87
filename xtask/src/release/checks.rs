//! What has to hold before a release.

use std::fmt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use semver::Version;

use super::changelog::Changelog;
use super::manifests::Manifests;
use super::version;
use super::{Plan, Release};
use crate::compiled::cargo;
use crate::workspace::Workspace;

/// What came of a check.
pub(super) enum Check {
    Passed(String),
    /// Nobody looked, and why.
    Skipped(String),
    Failed {
        code: &'static str,
        problem: String,
        help: String,
    },
}

impl Check {
    /// Whether it does not stand in the way of a release. What was skipped by request does not.
    pub(super) fn is_good(&self) -> bool {
        !matches!(self, Self::Failed { .. })
    }

    fn failed(code: &'static str, problem: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Failed { code, problem: problem.into(), help: help.into() }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(what) => write!(f, "passed: {what}"),
            Self::Skipped(what) => write!(f, "SKIPPED: {what}"),
            Self::Failed { code, problem, help } => write!(f, "error[{code}]: {problem}\n  help: {help}"),
        }
    }
}

/// The repository that the workspace is in.
pub(super) struct Git<'r> {
    root: &'r Path,
}

impl<'r> Git<'r> {
    pub(super) fn of(root: &'r Path) -> Self {
        Self { root }
    }

    /// What git prints; `None` where it fails.
    fn says(&self, arguments: &[&str]) -> anyhow::Result<Option<String>> {
        let output = Command::new("git").arg("-C").arg(self.root).args(arguments).stdin(Stdio::null()).output();
        let output = output.context("cannot run git, which a release needs")?;
        Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned()))
    }

    /// The latest release that led to what is here.
    pub(super) fn last_release(&self) -> anyhow::Result<Option<Release>> {
        let Some(tag) = self.says(&["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"])? else {
            return Ok(None);
        };
        let version = tag.strip_prefix('v').map(version::parse);
        match version {
            Some(Ok(version)) => Ok(Some(Release { tag, version })),
            _ => anyhow::bail!("the tag `{tag}` names no version: releases are tagged `v1.4.0`"),
        }
    }

    /// The day of the last commit, so that the same state gives the same text on every day.
    pub(super) fn date_of_head(&self) -> anyhow::Result<String> {
        self.says(&["log", "-1", "--format=%cs"])?.context("the repository has no commit; name a day with --date")
    }
}

pub(super) fn clean_tree(git: &Git<'_>) -> anyhow::Result<Check> {
    let status = git.says(&["status", "--porcelain"])?.context("the workspace is in no git repository")?;
    Ok(match status.lines().count() {
        0 => Check::Passed("nothing is uncommitted".to_owned()),
        count => {
            let shown: Vec<&str> = status.lines().take(5).map(|line| line.get(3..).unwrap_or(line)).collect();
            let more = if count > shown.len() { format!(" and {} more", count - shown.len()) } else { String::new() };
            let problem = format!("uncommitted: {}{more}", shown.join(", "));
            Check::failed("dirty-tree", problem, "commit or take back what is uncommitted: a release is a commit")
        }
    })
}

pub(super) fn versions_agree(manifests: &Manifests) -> Check {
    let found = manifests.disagreements();
    if found.is_empty() {
        return Check::Passed(format!("all crates are {}", manifests.version()));
    }
    let problem = format!("the workspace is {}, but {}", manifests.version(), found.join("; "));
    Check::failed("versions-differ", problem, "write the workspace's version there; `cargo metadata` mends lock files")
}

pub(super) fn changelog(changelog: &Changelog<'_>, version: &Version) -> Check {
    match changelog.problem(version) {
        None => Check::Passed("CHANGELOG.md says what is new".to_owned()),
        Some((problem, help)) => Check::failed("changelog", problem, help),
    }
}

/// Whether the version says what the contract's changes mean to callers. What changed in code that is written by hand is
/// for people to know: they may always choose a larger step.
pub(super) fn step(plan: &Plan) -> Check {
    let (Some(last), Some((step, why))) = (&plan.since, &plan.step) else {
        return Check::Passed(format!("{} is the first release", plan.version));
    };
    let least = version::least(&last.version, *step);
    let asked = format!("since {} the contract asks for a {} step ({why})", last.tag, step.name());
    if plan.version >= least {
        return Check::Passed(format!("{asked}: {} is enough", plan.version));
    }
    Check::failed(
        "version-step",
        format!("{asked}, and {} is less than {least}", plan.version),
        format!("`--version {least}`, or leave it away"),
    )
}

pub(super) fn new_tag(git: &Git<'_>, version: &Version) -> anyhow::Result<Check> {
    let tag = format!("v{version}");
    let there = git.says(&["rev-parse", "--verify", "--quiet", &format!("refs/tags/{tag}")])?;
    Ok(match there {
        None => Check::Passed(format!("there is no tag `{tag}` yet")),
        Some(_) => Check::failed("tag-exists", format!("there is a tag `{tag}` already"), "choose a later version"),
    })
}

/// Whether documents, contract and code are in step.
pub(super) fn in_step(workspace: &Workspace) -> anyhow::Result<Check> {
    let arguments = ["run", "--quiet", "--package", "xtask", "--", "check", "--deny-warnings"];
    spawn(
        workspace,
        &arguments,
        "`cargo xtask check` finds all in step",
        "out-of-step",
        "mend what `cargo xtask check` says above",
    )
}

/// Whether the crates that are published can be packaged, and compile from what is in their packages.
pub(super) fn packages(workspace: &Workspace) -> anyhow::Result<Check> {
    let arguments = ["publish", "--workspace", "--dry-run", "--locked"];
    spawn(
        workspace,
        &arguments,
        "`cargo publish --workspace --dry-run` packages every published crate",
        "no-package",
        "mend what cargo says above",
    )
}

fn spawn(
    workspace: &Workspace,
    arguments: &[&str],
    passed: &str,
    code: &'static str,
    help: &str,
) -> anyhow::Result<Check> {
    // What is packaged has no profile of ours: without this, all dependencies would be compiled once more, to be debugged.
    let mut cargo = cargo(workspace.root());
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "false");
    let status = cargo.args(arguments).stdin(Stdio::null()).status().context("cannot run cargo")?;
    Ok(if status.success() {
        Check::Passed(passed.to_owned())
    } else {
        Check::failed(code, format!("`cargo {}` failed", arguments.join(" ")), help)
    })
}
