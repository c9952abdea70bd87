//! Compares the contract with what the compiled server layer and models say of themselves.
//!
//! They are printed by an example of `chat-api`, which cargo builds and runs.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use docwright_contract::{Contract, canonical, read};
use serde_json::Value;

use crate::workspace::Workspace;

/// Complaints about the utoipa document and the schemars schemas.
pub(crate) fn check(workspace: &Workspace, contract: &Contract) -> anyhow::Result<Vec<String>> {
    check_package(cargo(workspace.root()), "chat-api", contract)
}

/// The same for the server layer that is called `package`.
pub(crate) fn check_package(mut cargo: Command, package: &str, contract: &Contract) -> anyhow::Result<Vec<String>> {
    let output = cargo
        .args(["run", "--quiet", "--package", package, "--features", "schemars", "--example", "print_documents"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        let help = "mend the compiler's errors above; if generated code is at fault, that is a defect of codegen";
        return Ok(vec![format!("error[compile]: the server layer does not compile or run\n  help: {help}")]);
    }
    let printed: Value = serde_json::from_slice(&output.stdout).context("print_documents printed no JSON")?;
    compare(contract, &printed)
}

/// Compares the contract with the two documents that the example prints.
fn compare(contract: &Contract, printed: &Value) -> anyhow::Result<Vec<String>> {
    let utoipa = read::from_value(&printed["utoipa"]).context("the utoipa document is no contract")?;
    let schemas = read::json_schemas(&printed["schemas"]).context("the schemars schemas cannot be read")?;
    let pairs = [
        ("the utoipa document", canonical::full(contract), canonical::full(&utoipa)),
        ("the schemars schemas", canonical::schemas_only(&contract.schemas), canonical::schemas_only(&schemas)),
    ];
    let mut complaints = Vec::new();
    for (label, expected, actual) in pairs {
        for difference in canonical::compare("openapi.yaml", &expected, label, &actual) {
            complaints.push(format!(
                "error[drift]: {difference}\n  help: run `cargo xtask generate`; if that changes nothing, codegen does \
                 not carry this fact"
            ));
        }
    }
    Ok(complaints)
}

/// The cargo that runs this process, in the folder of a workspace.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(folder);
    command
}
