//! Compares the contract with what the compiled server layer and models say of themselves.
//!
//! They are printed by an example of `chat-api`, which cargo builds and runs.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use docwright_bench::programs::forget_package;
use docwright_contract::{Contract, canonical, read};
use serde_json::Value;

use crate::pipeline::read_contract;
use crate::workspace::Workspace;
use crate::{diff, schemas};

/// What the server layer says of its operations.
const UTOIPA: &str = "utoipa document";
/// What the models say of themselves.
const SCHEMAS: &str = "models' JSON Schema";
/// The server layer of this workspace.
pub(crate) const PACKAGE: &str = "chat-api";
/// What mends a difference between what was generated and what it was generated from.
const HELP: &str = "run `cargo xtask generate`; if that changes nothing, codegen does not carry this fact";

/// Complaints about the utoipa document, the schemars schemas and the files of the latter.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(workspace.contract()).context("cannot read openapi.yaml")?;
    let contract = read_contract(&text, "openapi.yaml")?;
    let printed = match print(cargo(workspace.root()), PACKAGE)? {
        Ok(printed) => printed,
        Err(complaint) => return Ok(vec![complaint]),
    };
    let mut complaints = compare((Some(&text), &contract), &printed)?;
    // Files of models that are wrong would be the next to complain about.
    if complaints.is_empty() {
        complaints = schemas::check(workspace, &printed)?;
    }
    Ok(complaints)
}

/// Complaints about the documents of the server layer that is called `package`.
pub(crate) fn check_package(cargo: Command, package: &str, contract: &Contract) -> anyhow::Result<Vec<String>> {
    match print(cargo, package)? {
        Ok(printed) => compare((None, contract), &printed),
        Err(complaint) => Ok(vec![complaint]),
    }
}

/// What the server layer that is called `package` prints of itself, or a complaint that it does not.
pub(crate) fn print(mut cargo: Command, package: &str) -> anyhow::Result<Result<Value, String>> {
    let output = cargo
        .args(["run", "--quiet", "--package", package, "--features", "schemars", "--example", "print_documents"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        let help = "mend the compiler's errors above; if generated code is at fault, that is a defect of codegen";
        return Ok(Err(format!("error[compile]: the server layer does not compile or run\n  help: {help}")));
    }
    serde_json::from_slice(&output.stdout).map(Ok).context("print_documents printed no JSON")
}

/// Compares the contract, and its text where that is at hand, with the two documents that the example
/// prints. A complaint for each that differs.
fn compare(contract: (Option<&str>, &Contract), printed: &Value) -> anyhow::Result<Vec<String>> {
    let utoipa = read::from_value(&printed["utoipa"]).context("the utoipa document is no contract")?;
    let schemas = read::json_schemas(&printed["schemas"]).context("the schemars schemas cannot be read")?;
    let expected = canonical::schemas_only(&contract.1.schemas);
    let of_schemas = canonical::compare("openapi.yaml", &expected, SCHEMAS, &canonical::schemas_only(&schemas));
    let of_schemas: Vec<String> =
        of_schemas.iter().flat_map(|each| each.to_string().lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let mut complaints = Vec::new();
    for (label, lines) in [(UTOIPA, diff::from_server(contract, (UTOIPA, &utoipa))), (SCHEMAS, of_schemas)] {
        if !lines.is_empty() {
            let lines: String = lines.iter().map(|line| format!("\n  {line}")).collect();
            complaints.push(format!("error[drift]: the {label} differs from `openapi.yaml`{lines}\n  help: {HELP}"));
        }
    }
    Ok(complaints)
}

/// The cargo that runs this process, in the folder of a workspace.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    forget_package(&mut command).current_dir(folder);
    command
}

#[cfg(test)]
mod tests {
    use docwright_contract::yaml;
    use serde_json::json;

    use super::*;

    /// What is said of a utoipa document that differs from `openapi.yaml` in one place.
    fn complaint(pointer: &str, value: Value) -> String {
        let text = fs::read_to_string(Workspace::locate().unwrap().contract()).unwrap();
        let contract = read_contract(&text, "openapi.yaml").unwrap();
        let mut document = yaml::from_str(&text).unwrap();
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => _ = parent.shift_remove(&last.replace("~1", "/")).unwrap(),
            value => _ = parent.insert(last.to_owned(), value),
        }
        let printed = json!({ "utoipa": document, "schemas": {} });
        let complaints = compare((Some(&text), &contract), &printed).unwrap();
        complaints.into_iter().find(|complaint| complaint.contains(UTOIPA)).unwrap()
    }

    #[test]
    fn a_server_layer_that_says_otherwise_is_explained() {
        let property = "/components/schemas/ChatSessionEntity/properties/AlertLevel";
        for (pointer, value, parts) in [
            (
                "/paths/~1api~1v1~1ChatSession~1Pickup",
                Value::Null,
                &["operation-removed", "POST /api/v1/ChatSession/Pickup", "utoipa document: (says nothing)"][..],
            ),
            (
                property,
                json!({ "type": "string", "nullable": true }),
                &[
                    "response-type-changed",
                    "ChatSessionEntity.AlertLevel",
                    ": integer (int32), at openapi.yaml:",
                    ": string",
                ],
            ),
            (
                "/components/schemas/ChatSessionEntity/required",
                json!(["AlertLevel"]),
                &["response-property-became-required", "ChatSessionEntity.AlertLevel"],
            ),
            (
                "/components/schemas/ChatSessionEntity/properties/AlertLevel/enum",
                json!([1, 2]),
                &["response-became-enum", "ChatSessionEntity.AlertLevel"],
            ),
        ] {
            let complaint = complaint(pointer, value);
            for part in parts.iter().chain(&["error[drift]: the utoipa document", "help: run `cargo xtask generate`"]) {
                assert!(complaint.contains(part), "no {part:?} in {complaint}");
            }
        }
    }
}
