//! `cargo xtask release`: is the workspace ready to be released, and what changes with the release?
//!
//! Versions and changelog are written only when every check passes. Nothing is committed, tagged, published or pushed: the
//! last lines say with which commands a person does that.

mod changelog;
mod checks;
mod manifests;
mod version;

use std::fs;

use anyhow::Context as _;
use semver::Version;
use similar::TextDiff;

use crate::cli::ReleaseOptions;
use crate::diff::{self, Step};
use crate::files::{FileSet, Mode};
use crate::report::{UsageError, say};
use crate::workspace::Workspace;
use changelog::Changelog;
use checks::{Check, Git};
use manifests::Manifests;
pub(crate) use version::parse as release_version;

const CHANGELOG: &str = "CHANGELOG.md";

/// The latest release, as far as git knows.
struct Release {
    tag: String,
    version: Version,
}

/// Everything about the release that is to be.
struct Plan {
    version: Version,
    date: String,
    since: Option<Release>,
    /// What the contract's changes ask for, and why.
    step: Option<(Step, String)>,
}

/// Runs the command; answers whether every check passed.
pub(crate) fn run(workspace: &Workspace, options: &ReleaseOptions) -> anyhow::Result<bool> {
    if options.no_build && !options.dry_run {
        let message = "--no-build is for a dry run: what is released has been checked and packaged before";
        return Err(UsageError(message.to_owned()).into());
    }
    let git = Git::of(workspace.root());
    let manifests = Manifests::read(workspace.root())?;
    let read = fs::read_to_string(workspace.root().join(CHANGELOG)).context("cannot read CHANGELOG.md")?;
    let changelog = Changelog::of(&read);
    let plan = plan(workspace, &git, &manifests, options)?;

    let mut checks = vec![
        checks::clean_tree(&git)?,
        checks::versions_agree(&manifests),
        checks::changelog(&changelog, &plan.version),
        checks::step(&plan),
        checks::new_tag(&git, &plan.version)?,
    ];
    if options.no_build {
        checks.push(Check::Skipped(
            "what has to be compiled: `cargo xtask check` and `cargo publish --dry-run`".to_owned(),
        ));
    } else if checks.iter().all(Check::is_good) {
        checks.push(checks::in_step(workspace)?);
        checks.push(checks::packages(workspace)?);
    } else {
        checks.push(Check::Skipped("what has to be compiled, because of the errors above".to_owned()));
    }
    checks.iter().for_each(say);
    if !checks.iter().all(Check::is_good) {
        say(format_args!("\n{} is not ready to be released; nothing was written", plan.version));
        return Ok(false);
    }

    let mut files = FileSet::default();
    for (path, text) in manifests.with_version(&plan.version)? {
        files.add(path, text);
    }
    files.add(CHANGELOG, changelog.released(&plan.version, &plan.date));
    if options.dry_run {
        show(workspace, &files)?;
        say(format_args!("\n{} of {} is ready; nothing was written", plan.version, plan.date));
    } else {
        files.apply(workspace.root(), Mode::Write)?;
        say(format_args!("\n{} of {} is written. Look at `git diff`, then:", plan.version, plan.date));
        say(commands(&plan.version));
    }
    Ok(true)
}

/// Which version it is to be, and of which day.
fn plan(workspace: &Workspace, git: &Git<'_>, manifests: &Manifests, options: &ReleaseOptions) -> anyhow::Result<Plan> {
    let since = git.last_release()?;
    let step = since.as_ref().map(|last| diff::step_since(workspace, &last.tag)).transpose()?;
    let version = match (&options.version, &since, &step) {
        (Some(version), ..) => version.clone(),
        (None, Some(last), Some((step, _))) => version::least(&last.version, *step),
        _ => manifests.version().clone(),
    };
    let date = match &options.date {
        Some(date) => date.to_string(),
        None => git.date_of_head()?,
    };
    Ok(Plan { version, date, since, step })
}

/// What would be written.
fn show(workspace: &Workspace, files: &FileSet) -> anyhow::Result<()> {
    for path in files.paths() {
        let current =
            fs::read_to_string(workspace.root().join(path)).with_context(|| format!("cannot read `{path}`"))?;
        let diff = TextDiff::from_lines(current.as_str(), files.get(path).unwrap_or_default());
        say(format_args!("\n{}", diff.unified_diff().context_radius(1).header(path, path).to_string().trim_end()));
    }
    Ok(())
}

fn commands(version: &Version) -> String {
    format!(
        "  git commit --all --message 'Release {version}'\n  git tag --annotate v{version} --message 'Release {version}'\n  \
         cargo publish --workspace\n  git push --follow-tags"
    )
}
