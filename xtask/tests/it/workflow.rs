//! The workflow that `docs/ci.md` offers: pinned, and with no more permissions than it needs.
//! `.ci/run` runs its commands.

use std::fs;

use docwright_contract::yaml;
use serde_json::{Value, json};
use xtask::Workspace;

fn page() -> String {
    let workspace = Workspace::locate().unwrap();
    fs::read_to_string(workspace.root().join("docs/ci.md")).unwrap()
}

fn workflow(page: &str) -> &str {
    let (_, rest) = page.split_once("```yaml workflow\n").unwrap();
    rest.split_once("\n```\n").unwrap().0
}

fn steps(job: &Value) -> &[Value] {
    job["steps"].as_array().unwrap()
}

#[test]
fn actions_are_pinned_by_commit() {
    let page = page();
    let uses: Vec<&str> =
        workflow(&page).lines().filter_map(|line| line.trim_start().strip_prefix("- uses: ")).collect();
    assert_eq!(uses.len(), 4, "{uses:?}");
    for action in uses {
        let (name, rest) = action.split_once('@').unwrap();
        let (commit, version) = rest.split_once(" # v").unwrap();
        assert!(name.starts_with("actions/"), "{action}");
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action}");
        assert_eq!(version.split('.').count(), 3, "{action}");
    }
}

#[test]
fn only_the_job_that_runs_nothing_of_the_pull_request_may_write() {
    let page = page();
    let workflow = yaml::from_str(workflow(&page)).unwrap();
    assert_eq!(workflow["permissions"], json!({}));
    // `pull_request_target` would run what strangers wrote with a token that may write.
    assert_eq!(workflow["on"].as_object().unwrap().keys().collect::<Vec<_>>(), ["pull_request"]);
    let jobs = workflow["jobs"].as_object().unwrap();
    assert_eq!(jobs["contract"]["permissions"], json!({ "contents": "read" }));
    assert_eq!(jobs["comment"]["permissions"], json!({ "pull-requests": "write" }));
    for step in steps(&jobs["comment"]) {
        let is_checkout = step["uses"].as_str().is_some_and(|action| action.contains("checkout"));
        let runs_cargo = step["run"].as_str().is_some_and(|script| script.contains("cargo"));
        assert!(!is_checkout && !runs_cargo, "{step}");
    }
    let checkout = &steps(&jobs["contract"])[0];
    assert_eq!(checkout["with"]["persist-credentials"], false);
    // What a pull request is called must not become a part of a script.
    for step in jobs.values().flat_map(steps) {
        assert!(!step["run"].as_str().is_some_and(|script| script.contains("${{")), "{step}");
    }
}

#[test]
fn it_regenerates_checks_tells_and_fails_on_what_breaks() {
    let page = page();
    let workflow = yaml::from_str(workflow(&page)).unwrap();
    let scripts: Vec<&str> =
        steps(&workflow["jobs"]["contract"]).iter().filter_map(|step| step["run"].as_str()).collect();
    let all = scripts.join("\n");
    for command in [
        "cargo xtask generate",
        "cargo xtask check",
        "cargo xtask diff \"git:$BASE\" documents --format markdown",
        "cargo xtask diff \"git:$BASE\" documents --fail-on breaking",
    ] {
        assert!(all.contains(command), "no `{command}` in {all}");
    }
    let ci = fs::read_to_string(Workspace::locate().unwrap().root().join(".ci/run")).unwrap();
    assert!(ci.contains(" docs/ci.md"), "our own CI runs the commands of docs/ci.md");
}
