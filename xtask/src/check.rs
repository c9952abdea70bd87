//! `cargo xtask check`: is everything generated fresh, and do all sources of the contract agree?
//!
//! Files are compared first; what needs the generated code compiled comes last, so that the first
//! report stands even when the code does not compile.

use std::fs;

use docwright_contract::Contract;
use docwright_pages::Severity;

use crate::cli::CheckOptions;
use crate::files::{Mode, Status};
use crate::generate::{self, Verbosity};
use crate::pipeline::{Plan, plan_workspace, read_contract};
use crate::report::{self, plural, say};
use crate::workspace::Workspace;
use crate::{compiled, diff, rehearsal, samples, settings};

/// What mends stale files.
const MEND: &str = "cargo xtask generate";
/// The contract's file.
const CONTRACT: &str = "openapi.yaml";
/// Where the file differs and nothing that it says.
const SAME_CONTRACT: &str = "note: it says what the documents say, in another form";

/// Runs the command; answers whether all is in step.
pub(crate) fn run(workspace: &Workspace, options: &CheckOptions) -> anyhow::Result<bool> {
    let plan = plan_workspace(workspace, None, false)?;
    let verbosity = if options.verbose { Verbosity::Everything } else { Verbosity::Counts };
    generate::report_plan(&plan, report::Format::Text, verbosity);
    if plan.files.is_empty() {
        report::note("nothing was compared: mend the pages above first");
        return Ok(false);
    }
    let mut complaints = check_files(workspace, &plan)?;
    complaints.extend(check_samples(&plan));
    let warnings = report::count(&plan.reference.diagnostics, Severity::Warning);
    if options.deny_warnings && warnings > 0 {
        complaints.push(format!("error[denied]: {}, see above", plural(warnings, "warning")));
    }
    complaints.iter().for_each(say);
    if !complaints.is_empty() {
        say(format_args!("{}; the compiled sources were not compared", plural(complaints.len(), "complaint")));
        return Ok(false);
    }
    say("documents, openapi.yaml and generated files are in step");

    let complaints = compiled::check(workspace)?;
    complaints.iter().for_each(say);
    if complaints.is_empty() {
        say("the server layer's utoipa document and the models' schemars schemas say the same, and schemas/ too");
    }
    let stale = settings::check(workspace)?;
    stale.iter().for_each(say);
    if stale.is_empty() {
        say("the JSON Schemas of the service's files are its own");
    }
    let rehearsed = match &options.documents {
        Some(documents) => rehearsal::run(workspace, documents)?,
        None => true,
    };
    Ok(complaints.is_empty() && stale.is_empty() && rehearsed)
}

/// Compares documents, `openapi.yaml` and generated files. Each complaint says what is stale, how,
/// and what mends it; no complaint means that all is fresh.
///
/// # Errors
/// When a file cannot be read.
pub fn check_files(workspace: &Workspace, plan: &Plan) -> anyhow::Result<Vec<String>> {
    let outcome = plan.files.apply(workspace.root(), Mode::Check)?;
    // What the documents lost by a mistake would be lost in the generated files too.
    let is_sound = report::count(&plan.reference.diagnostics, Severity::Warning) == 0;
    let mend =
        if is_sound { format!("run `{MEND}`") } else { format!("mend the warnings above first, then run `{MEND}`") };
    let mut complaints = Vec::new();
    for (path, status) in &outcome.files {
        let complaint = match status {
            Status::Fresh => continue,
            Status::Stale { diff } => {
                // What it means before how it is written: the diff may be long.
                let facts = if path == CONTRACT { contract_facts(workspace, plan.contract()?) } else { String::new() };
                format!("error[stale]: `{path}` is stale{facts}\n{}", indent(diff))
            }
            Status::Missing => format!("error[missing]: `{path}` is missing"),
            Status::Orphaned => format!("error[orphaned]: `{path}` is generated no more"),
        };
        complaints.push(format!("{complaint}\n  help: {mend}"));
    }
    if let Some(last) = complaints.last_mut() {
        last.push_str(&format!("\n\n{}", outcome.summary()));
    }
    Ok(complaints)
}

/// How the committed `openapi.yaml` differs from the documents, in the contract's terms.
fn contract_facts(workspace: &Workspace, documents: &Contract) -> String {
    let text = fs::read_to_string(workspace.contract()).map_err(anyhow::Error::from);
    let lines = match text.and_then(|text| Ok((read_contract(&text, CONTRACT)?, text))) {
        Ok((committed, text)) => {
            let lines = diff::from_documents(workspace, (&text, &committed), documents);
            if lines.is_empty() { vec![SAME_CONTRACT.to_owned()] } else { lines }
        }
        Err(error) => vec![format!("note: {error:#}")],
    };
    lines.iter().map(|line| format!("\n  {line}")).collect()
}

/// Validates the documents' samples against the schemas that they helped to infer.
pub fn check_samples(plan: &Plan) -> Vec<String> {
    match plan.contract() {
        Ok(contract) => samples::check(contract),
        Err(error) => vec![format!("error[contract]: {error:#}")],
    }
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
