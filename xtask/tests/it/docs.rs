//! `cargo xtask docs`: a static site for any contract.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn docs(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).arg("docs").args(arguments).output().unwrap()
}

/// Writes the site of a contract; answers stderr.
#[track_caller]
fn write(out: &Path, contract: &Path) -> String {
    let output = docs(&["--out", out.to_str().unwrap(), "--contract", contract.to_str().unwrap()]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    stderr
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_workspaces_own_contract_is_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let output = docs(&["--out", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(read(folder.path(), "index.html").contains("Chat session API"));
    assert!(read(folder.path(), "openapi.yaml") == include_str!("../../../openapi.yaml"));
    let json: Value = serde_json::from_str(&read(folder.path(), "openapi.json")).unwrap();
    assert_eq!(json["openapi"], "3.0.3");
    for name in ["contract.js", "reference.js", "swagger-ui-bundle.js", "swagger-ui-LICENSE.txt"] {
        assert!(!read(folder.path(), name).is_empty(), "{name}");
    }
    let again = docs(&["--out", folder.path().to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing changed"));
}

#[test]
fn every_version_is_shown_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("contract.json");
    for (name, version) in [("swagger", "2.0"), ("openapi", "3.0.1"), ("openapi", "3.1.0")] {
        let answers = json!({ "200": { "description": "OK" } });
        let contract = json!({
            name: version,
            "info": { "title": "</script><script>alert(1)</script>", "version": "1" },
            "paths": { "/desk": { "get": { "operationId": "getDesk", "responses": answers } } },
        });
        fs::write(&file, contract.to_string()).unwrap();
        let out = folder.path().join(version);
        write(&out, &file);
        assert_eq!(read(&out, "openapi.json"), contract.to_string(), "byte for byte");
        assert!(read(&out, "openapi.yaml").contains("operationId: getDesk"));
        assert!(read(&out, "contract.js").contains("getDesk"));
        for page in ["index.html", "contract.js"] {
            assert!(!read(&out, page).contains("<script>alert"), "{page} of {version}");
        }
    }
}

#[test]
fn only_its_own_files_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let (out, file) = (folder.path().join("out"), folder.path().join("contract.yaml"));
    let contract = |title: &str| format!("openapi: 3.0.3\ninfo: {{title: {title}, version: '1'}}\npaths: {{}}\n");
    fs::write(&file, contract("First")).unwrap();
    write(&out, &file);
    fs::write(out.join("mine.txt"), "mine").unwrap();
    fs::write(&file, contract("Second")).unwrap();
    write(&out, &file);
    assert!(read(&out, "index.html").contains("Second"));
    assert_eq!(read(&out, "mine.txt"), "mine");

    let other = folder.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("index.html"), "precious").unwrap();
    let output = docs(&["--out", other.to_str().unwrap(), "--contract", file.to_str().unwrap()]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("index.html` was not generated into this folder"), "{stderr}");
    assert_eq!(fs::read_dir(&other).unwrap().count(), 1, "nothing was written");
}

#[test]
fn the_users_own_contract_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let contract = |title: &str| format!("openapi: 3.0.3\ninfo: {{title: {title}, version: '1'}}\npaths: {{}}\n");
    let (mine, other) = (folder.path().join("openapi.yaml"), folder.path().join("other.yaml"));
    fs::write(&mine, contract("Mine")).unwrap();
    fs::write(&other, contract("Other")).unwrap();
    let refused = |file: &Path| {
        let output = docs(&["--out", folder.path().to_str().unwrap(), "--contract", file.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let stderr = refused(&mine);
    assert!(stderr.contains("openapi.yaml` is the contract that is read"), "{stderr}");
    // A copy of it is as it would be written, and stays the user's.
    let copy = folder.path().join("copy.yaml");
    fs::copy(&mine, &copy).unwrap();
    write(folder.path(), &copy);
    let stderr = refused(&other);
    assert!(stderr.contains("openapi.yaml` was not generated into this folder"), "{stderr}");
    assert_eq!(read(folder.path(), "openapi.yaml"), contract("Mine"));
    // What the other command generates in the same folder is its own.
    let cargo = folder.path().join("Cargo.toml");
    fs::write(folder.path().join(".docwright"), "Cargo.toml\n").unwrap();
    fs::write(&cargo, "[workspace]\n").unwrap();
    write(folder.path(), &copy);
    assert!(cargo.exists());
}

#[test]
fn a_file_is_no_folder_to_write_to() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("site.html");
    fs::write(&out, "mine").unwrap();
    let output = docs(&["--out", out.to_str().unwrap()]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let expected = format!("`{}` is a file, and --out names a folder\n  help: choose another folder", out.display());
    assert!(stderr.contains(&expected), "{stderr}");
    assert_eq!(read(folder.path(), "site.html"), "mine");
}

#[test]
fn what_is_no_contract_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (out, file) = (folder.path().join("out"), folder.path().join("contract.yaml"));
    for (text, code) in [("a: [", 1), ("hello", 1), ("openapi: 4.0.0\n", 1)] {
        fs::write(&file, text).unwrap();
        let output = docs(&["--out", out.to_str().unwrap(), "--contract", file.to_str().unwrap()]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}: {stderr}");
        assert!(stderr.contains("contract.yaml` is no contract"), "{text}: {stderr}");
    }
    let missing = docs(&["--out", out.to_str().unwrap(), "--contract", "/does/not/exist"]);
    assert_eq!(missing.status.code(), Some(2));
    assert_eq!(docs(&[]).status.code(), Some(2), "--out is needed");
    assert!(!out.exists());
}
