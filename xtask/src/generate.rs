//! `cargo xtask generate`.

use std::path::Path;

use anyhow::Context as _;
use docwright_pages::Severity;

use crate::cli::GenerateOptions;
use crate::files::{FileSet, Mode, Outcome, Status};
use crate::pipeline::{self, Pages, Plan, plan_reference, plan_workspace};
use crate::report::{self, plural, say};
use crate::workspace::Workspace;

/// Runs the command; answers whether all is well.
pub(crate) fn run(workspace: &Workspace, options: &GenerateOptions) -> anyhow::Result<bool> {
    if let Some(contract) = &options.contract {
        return from_contract(contract, options);
    }
    let mut plan = match &options.documents {
        Some(folder) => plan_reference(folder, options.overlay.as_deref(), options.skip_bad_pages, Pages::Released)?,
        None => plan_workspace(workspace, options.overlay.as_deref(), options.skip_bad_pages)?,
    };
    let verbosity = if options.verbose { Verbosity::Everything } else { Verbosity::Counts };
    report_plan(&plan, options.format, verbosity);
    if plan.files.is_empty() {
        let remark = "nothing was written: mend the pages above, or leave them out with --skip-bad-pages";
        report::remark(remark, options.format);
        return Ok(false);
    }
    if denied(options, report::count(&plan.reference.diagnostics, Severity::Warning)) {
        return Ok(false);
    }
    if options.contract_only {
        plan.files.keep_only("openapi.yaml");
    }
    write(&plan.files, options.out.as_deref().unwrap_or(workspace.root()))
}

/// Writes a given contract in our form, corrected by the overlay.
fn from_contract(contract: &Path, options: &GenerateOptions) -> anyhow::Result<bool> {
    let (text, warnings) = pipeline::foreign_contract(contract, options.overlay.as_deref())?;
    report::diagnostics(&warnings, options.format);
    if denied(options, warnings.len()) {
        return Ok(false);
    }
    let mut files = FileSet::default();
    files.add("openapi.yaml", text);
    let out = options.out.as_deref().context("--contract needs --out")?;
    write(&files, out)
}

/// Whether warnings stop this run, which is then said.
fn denied(options: &GenerateOptions, warnings: usize) -> bool {
    let denied = options.deny_warnings && warnings > 0;
    if denied {
        report::remark(format_args!("nothing was written: {} denied", plural(warnings, "warning")), options.format);
    }
    denied
}

/// How much is said of what is fine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verbosity {
    /// Counts.
    Counts,
    /// Each guess with its reason, and each thing that the client leaves out.
    Everything,
}

/// Diagnostics, and for people a line of counts.
pub(crate) fn report_plan(plan: &Plan, format: report::Format, verbosity: Verbosity) {
    report::diagnostics(&plan.reference.diagnostics, format);
    let guesses: Vec<_> = plan.decisions.iter().filter(|decision| decision.guess).collect();
    let summary = format!(
        "read {} ({} passed over): {}, {}; {}, {}; {} left out of the client (--verbose lists them)",
        plural(plan.reference.len(), "page"),
        plural(plan.reference.passed_over, "other Markdown file"),
        plural(report::count(&plan.reference.diagnostics, Severity::Error), "error"),
        plural(report::count(&plan.reference.diagnostics, Severity::Warning), "warning"),
        plural(plan.schemas, "schema"),
        report::counted(guesses.len(), "guess", "guesses"),
        plural(plan.left_out.len(), "thing"),
    );
    report::remark(summary, format);
    if verbosity == Verbosity::Everything {
        for guess in guesses {
            report::remark(format_args!("guess[{}]: `{}`: {}", guess.rule, guess.subject, guess.reason), format);
        }
        for left_out in &plan.left_out {
            report::remark(format_args!("left out of the client: {left_out}"), format);
        }
    }
}

/// Writes what differs and says so.
fn write(files: &FileSet, root: &Path) -> anyhow::Result<bool> {
    let outcome: Outcome = files.apply(root, Mode::Write)?;
    for (path, status) in &outcome.files {
        match status {
            Status::Fresh => {}
            Status::Stale { .. } => say(format_args!("updated {path}")),
            Status::Missing => say(format_args!("created {path}")),
            Status::Orphaned => say(format_args!("removed {path}")),
        }
    }
    if outcome.is_fresh() {
        say(format_args!("{} up to date, nothing changed", plural(outcome.files.len(), "file")));
    }
    Ok(true)
}
