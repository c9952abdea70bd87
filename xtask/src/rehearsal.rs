//! Generates the workspace of another reference, compiles it, and compares what it says of itself
//! with its contract.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use docwright_codegen::{Limits, Names};
use docwright_contract::Contract;

use crate::compiled::{cargo, check_package};
use crate::elsewhere::{self, Owner, Scope};
use crate::files::FileSet;
use crate::pipeline::{Pages, plan_reference, workspace_files};
use crate::report::{plural, say};
use crate::workspace::Workspace;

/// `check --full`: answers whether the reference below `documents` came through.
pub(crate) fn run(workspace: &Workspace, documents: &Path) -> anyhow::Result<bool> {
    let plan = plan_reference(documents, None, true, Pages::Released)?;
    let complaints = rehearse(workspace, plan.contract()?, "whole", Limits::default())?;
    complaints.iter().for_each(say);
    Ok(complaints.is_empty())
}

/// Generates the workspace of `contract` into a folder of this name below `target/rehearsal`, and
/// compiles it with every warning denied. Each complaint says what differs; none means that all is
/// well.
///
/// Its packages are called after `name` too: what it compiles stands beside that of this workspace
/// and of other rehearsals, and cargo tells packages of several workspaces apart by their names.
///
/// # Errors
/// When the code cannot be generated or cargo cannot be run.
pub fn rehearse(workspace: &Workspace, contract: &Contract, name: &str, limits: Limits) -> anyhow::Result<Vec<String>> {
    let start = Instant::now();
    let folder = &workspace.target().join("rehearsal").join(name);
    let mut files = FileSet::default();
    let coverage = workspace_files(contract, name, limits, &mut files)?;
    elsewhere::write(files, folder, Owner::Generate, Scope::Everything)?;
    // The versions that this workspace is tested with, so that nothing has to be resolved anew.
    fs::copy(workspace.root().join("Cargo.lock"), folder.join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    let operations = plural(contract.operations.len(), "operation");
    say(format_args!(
        "generated code for {operations} in {:.1} s; {}",
        start.elapsed().as_secs_f64(),
        coverage.summary()
    ));

    let start = Instant::now();
    let here = || {
        let mut cargo = cargo(folder);
        cargo.env("CARGO_TARGET_DIR", workspace.target());
        cargo
    };
    let clippy = here()
        .args(["clippy", "--quiet", "--workspace", "--all-targets", "--all-features", "--", "--deny", "warnings"])
        .status()
        .context("cannot run cargo")?;
    if !clippy.success() {
        return Ok(vec![
            "error[compile]: the generated workspace does not compile without warnings; see above".to_owned(),
        ]);
    }
    say(format_args!("compiled without a warning in {:.0} s", start.elapsed().as_secs_f64()));
    let complaints = check_package(here(), &Names::new(name).package("api"), contract)?;
    if complaints.is_empty() {
        say("its utoipa document and schemas say what its contract says");
    }
    Ok(complaints)
}
