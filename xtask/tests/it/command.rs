//! The command line: what it prints, writes and exits with.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const PAGE: &str = "---\ntitle: GET Thing\nid: v1Thing_Get\n---\n\n# GET Thing\n\n```http\nGET /api/v1/Thing\n```\n\n\
    Gets it.\n\n## Request Headers\n\n| Parameter Name | Description |\n|---|---|\n| Accept | `application/json` |\n\n\
    ## Response: string\n\n| Response | Description |\n|---|---|\n| 200 | OK |\n\nResponse body: string\n";

/// A folder of documents, and one for what is made of them.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn with_page(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("documents")).unwrap();
        fs::write(folder.path().join("documents/page.md"), text).unwrap();
        Self { folder }
    }

    fn generate(&self, more: &[&str]) -> Run {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let (documents, out) = (path("documents"), path("out"));
        let all = [&["generate", "--documents", &documents, "--out", &out, "--contract-only"], more].concat();
        xtask(&all)
    }

    fn has_written(&self) -> bool {
        self.folder.path().join("out").exists()
    }
}

struct Run {
    code: Option<i32>,
    stderr: String,
}

fn xtask(arguments: &[&str]) -> Run {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().unwrap();
    Run { code: output.status.code(), stderr: String::from_utf8(output.stderr).unwrap() }
}

#[test]
fn a_good_page_becomes_a_contract() {
    let place = Place::with_page(PAGE);
    let run = place.generate(&[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let contract = fs::read_to_string(place.folder.path().join("out/openapi.yaml")).unwrap();
    assert!(contract.contains("operationId: v1Thing_Get"), "{contract}");
}

#[test]
fn a_page_whose_operation_is_lost_stops_everything() {
    for (broken, code) in [
        (PAGE.replace("id: v1Thing_Get\n", ""), "error[missing-id]"),
        (PAGE.replace("GET ", "GOT "), "error[missing-operation]"),
        (PAGE.replace("GET ", "CONNECT "), "error[unknown-method]"),
    ] {
        let place = Place::with_page(&broken);
        let run = place.generate(&[]);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stderr.contains(code), "{code} is missing: {}", run.stderr);
        assert!(run.stderr.contains("--> documents/page.md:") && run.stderr.contains("help: "), "{}", run.stderr);
        assert!(!place.has_written());
        assert_eq!(place.generate(&["--skip-bad-pages"]).code, Some(0), "the page may be left out");
    }
}

#[test]
fn warnings_are_denied_where_asked() {
    let place = Place::with_page(&PAGE.replace("Gets it.", ""));
    let run = place.generate(&["--deny-warnings"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("warning[missing-summary]"), "{}", run.stderr);
    assert!(!place.has_written());
    assert_eq!(place.generate(&[]).code, Some(0));
}

#[test]
fn machines_read_every_line() {
    let place = Place::with_page(&PAGE.replace("Gets it.", ""));
    let run = place.generate(&["--format", "json", "--deny-warnings"]);
    let lines: Vec<serde_json::Value> =
        run.stderr.lines().map(|line| serde_json::from_str(line).expect("a JSON value a line")).collect();
    assert_eq!(lines[0]["code"], "missing-summary");
    assert_eq!(lines[0]["position"]["line"], 5);
}

#[test]
fn a_report_is_html_or_json_and_the_same_each_time() {
    let place = Place::with_page(&PAGE.replace("Gets it.", ""));
    let path = |name: &str| place.folder.path().join(name).display().to_string();
    for name in ["new/report.html", "report.json", "again.html"] {
        let run = xtask(&["report", "--documents", &path("documents"), "--out", &path(name)]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
    let read = |name: &str| fs::read_to_string(path(name)).unwrap();
    let report: serde_json::Value = serde_json::from_str(&read("report.json")).unwrap();
    assert_eq!(report["format_version"], 1);
    let codes: Vec<_> = report["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
    assert!(codes.contains(&&serde_json::json!("no-summary")), "{codes:?}");
    let html = read("new/report.html");
    assert!(html.contains("href=\"../documents/page.md#L9\""), "places are links from the report's folder on");
    assert!(!html.contains(&place.folder.path().display().to_string()), "no absolute path");
    assert_eq!(
        read("again.html"),
        html.replace("../documents", "documents").replace("\"base\":\"../\"", "\"base\":\"\"")
    );
}

#[test]
fn wrong_use_exits_with_2() {
    let nowhere = Path::new("nowhere").display().to_string();
    for arguments in [
        &["generate", "--documents", &nowhere, "--out", "x", "--contract-only"][..],
        &["generate", "--contract", &nowhere, "--out", "x", "--contract-only"],
        &["generate", "--overlay", &nowhere],
        &["generate", "--documents", &nowhere],
        &["report", "--documents", &nowhere],
        &["report", "--out", "/"],
        &["generate", "--nonsense"],
        &["generate", "--documents", ".", "--out", "x", "--name", "progenitor"],
        &["generate", "--documents", ".", "--out", "x", "--contract-only", "--name", "shop"],
        &["generate", "--out", "Cargo.toml"],
    ] {
        let run = xtask(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
    }
}

/// What has no effect is said, before anything is done.
#[test]
fn a_name_without_packages_is_refused_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for more in [&[][..], &["--out", out.to_str().unwrap()]] {
        let run = xtask(&[&["generate", "--name", "shop"], more].concat());
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.starts_with("error: `--name` has no effect here: "), "{}", run.stderr);
        assert!(run.stderr.contains("\n  help: give `--documents` or `--contract` as well"), "{}", run.stderr);
    }
    assert!(!out.exists());
}

/// What no router can serve is named with its place in the document as it was given, and with what to do.
#[test]
fn operations_that_a_router_cannot_tell_apart_are_an_error_with_a_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let operation = |id: &str| format!("{{get: {{operationId: {id}, responses: {{'200': {{description: ''}}}}}}}}");
    let (first, second) = (operation("one"), operation("two"));
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  '/a/{{x}}': {first}\n  '/a/{{y}}': {second}\n"
    );
    fs::write(path("api.yaml"), text).unwrap();
    let run = xtask(&["generate", "--contract", &path("api.yaml"), "--out", &path("out")]);
    let expected = format!(
        "error: cannot generate code from `{0}`:\n\
         operation `two`: `GET /a/{{y}}` is the same to a router as `GET /a/{{x}}` of operation `one`\n  --> {0}:5:14\n  \
         help: give one of the two another path, or leave it out; an overlay can do that\n",
        path("api.yaml")
    );
    assert!(run.code == Some(1) && run.stderr.ends_with(&expected), "{}", run.stderr);
}
