//! `cargo xtask generate`.

use std::path::Path;

use anyhow::Context as _;
use docwright_codegen::Limits;
use docwright_pages::Severity;

use crate::cli::GenerateOptions;
use crate::elsewhere::{self, Owner, Scope};
use crate::files::{FileSet, Mode, Outcome, Status};
use crate::pipeline::{self, Pages, Plan, plan_reference, plan_workspace};
use crate::report::{self, UsageError, plural, say};
use crate::workspace::Workspace;

/// More files than this are counted, not listed.
const SHOWN_FILES: usize = 40;

/// What the packages of another reference's workspace begin with, where nobody says otherwise.
const NAME: &str = "reference";

/// Runs the command; answers whether all is well.
pub(crate) fn run(workspace: &Workspace, options: &GenerateOptions) -> anyhow::Result<bool> {
    if options.name.is_some() && options.documents.is_none() && options.contract.is_none() {
        let help = "give `--documents` or `--contract` as well, or leave `--name` away";
        return Err(UsageError(format!(
            "`--name` has no effect here: it names the packages of another reference's workspace\n  help: {help}"
        ))
        .into());
    }
    if let Some(contract) = &options.contract {
        return from_contract(contract, options);
    }
    let mut plan = match &options.documents {
        Some(folder) => plan_reference(folder, options.overlay.as_deref(), options.skip_bad_pages, Pages::Released)?,
        None => plan_workspace(workspace, options.overlay.as_deref(), options.skip_bad_pages)?,
    };
    if options.documents.is_some() && !options.contract_only && !plan.files.is_empty() {
        pipeline::add_workspace(&mut plan, name(options))?;
    }
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
    match (&options.documents, &options.out) {
        (Some(_), Some(out)) => write_elsewhere(plan.files, out, options),
        _ => write(&plan.files, options.out.as_deref().unwrap_or(workspace.root())),
    }
}

/// Writes a given contract in our form, corrected by the overlay, and the code for it.
fn from_contract(contract: &Path, options: &GenerateOptions) -> anyhow::Result<bool> {
    let foreign = pipeline::foreign_contract(contract, options.overlay.as_deref())?;
    let pipeline::Foreign { text, source, warnings, notes } = foreign;
    report::diagnostics(&warnings, options.format);
    notes.iter().for_each(|note| report::remark(note, options.format));
    if denied(options, warnings.len()) {
        return Ok(false);
    }
    let mut files = FileSet::default();
    if !options.contract_only {
        let read = pipeline::read_contract(&text, "the generated openapi.yaml")?;
        let coverage = pipeline::workspace_files(&read, name(options), Limits::default(), &mut files)
            .map_err(|error| pipeline::located(error, contract, &source))?;
        report::remark(coverage.summary(), options.format);
    }
    files.add("openapi.yaml", text);
    let out = options.out.as_deref().context("--contract needs --out")?;
    elsewhere::refuse_contract(&files, out, contract)?;
    write_elsewhere(files, out, options)
}

fn name(options: &GenerateOptions) -> &str {
    options.name.as_deref().unwrap_or(NAME)
}

/// Writes to a folder that is not this workspace.
fn write_elsewhere(files: FileSet, root: &Path, options: &GenerateOptions) -> anyhow::Result<bool> {
    let scope = if options.contract_only { Scope::TheseAlone } else { Scope::Everything };
    say_outcome(&elsewhere::write(files, root, Owner::Generate, scope)?, root);
    Ok(true)
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
    /// Each guess with its reason, and each thing that is left out.
    Everything,
}

/// Diagnostics, and for people a line of counts.
pub(crate) fn report_plan(plan: &Plan, format: report::Format, verbosity: Verbosity) {
    report::diagnostics(&plan.reference.diagnostics, format);
    let guesses: Vec<_> = plan.decisions.iter().filter(|decision| decision.guess).collect();
    let summary = format!(
        "read {} ({} passed over): {}, {}; {}, {}; {} left out (--verbose lists them)",
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
            report::remark(format_args!("left out: {left_out}"), format);
        }
    }
}

/// Writes what differs and says so.
pub(crate) fn write(files: &FileSet, root: &Path) -> anyhow::Result<bool> {
    elsewhere::refuse_file(root)?;
    say_outcome(&files.apply(root, Mode::Write)?, root);
    Ok(true)
}

/// Each file that changed; their numbers where they are many.
pub(crate) fn say_outcome(outcome: &Outcome, root: &Path) {
    let mut shown = Vec::new();
    for (path, status) in &outcome.files {
        let verb = match status {
            Status::Fresh => continue,
            Status::Stale { .. } => "updated",
            Status::Missing => "created",
            Status::Orphaned => "removed",
        };
        shown.push((verb, path));
    }
    if shown.len() <= SHOWN_FILES {
        shown.iter().for_each(|(verb, path)| say(format_args!("{verb} {path}")));
    } else {
        for verb in ["updated", "created", "removed"] {
            let count = shown.iter().filter(|(known, _)| *known == verb).count();
            if count > 0 {
                say(format_args!("{verb} {} below {}", plural(count, "file"), root.display()));
            }
        }
    }
    if outcome.is_fresh() {
        say(format_args!("{} up to date, nothing changed", plural(outcome.files.len(), "file")));
    }
}
