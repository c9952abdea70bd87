//! Documents, `openapi.yaml`, the server layer's document and the carriers' schemas say the same.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use docwright_contract::correct::correct;
use docwright_contract::diff::Drift;
use docwright_contract::infer::{Source, infer};
use docwright_contract::overlay::Overlay;
use docwright_contract::{Contract, canonical, read, yaml};
use docwright_pages::{Page, parse_bytes};
use serde_json::{Map, Value};
use utoipa::OpenApi as _;
use walkdir::WalkDir;

const MEND: &str =
    "run `cargo xtask generate`; where the change is meant, review the snapshot with `cargo insta review`";

fn workspace_file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn read_text(path: &str) -> String {
    fs::read_to_string(workspace_file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What the pages state, with what the overlay adds.
fn from_documents() -> Contract {
    let folder = workspace_file("documents");
    let mut pages: Vec<(Page, String)> = Vec::new();
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.unwrap();
        if !entry.file_type().is_file() {
            continue;
        }
        let text = fs::read_to_string(entry.path()).unwrap();
        let name = format!("documents/{}", entry.path().strip_prefix(&folder).unwrap().display());
        if docwright_pages::is_reference_page(&text) {
            pages.push((parse_bytes(&name, text.as_bytes()).page.expect("the page can be read"), text));
        }
    }
    let sources: Vec<Source<'_>> = pages.iter().map(|(page, text)| Source { page, text }).collect();
    let overlay = Overlay::parse(&read_text("openapi.overlay.yaml")).unwrap();
    let (contract, unmatched) = correct(infer(&sources).contract, Some(&overlay)).unwrap();
    assert!(unmatched.is_empty(), "{unmatched:?}");
    contract
}

fn from_openapi_yaml() -> Contract {
    read::from_value(&yaml::from_str(&read_text("openapi.yaml")).unwrap()).unwrap()
}

fn from_utoipa() -> Contract {
    read::from_value(&serde_json::to_value(chat_api::ApiDoc::openapi()).unwrap()).unwrap()
}

/// Fails with everything in which the two differ, as `check` tells it.
fn assert_same(a: (&str, &Contract), b: (&str, &Contract)) {
    let nowhere = HashMap::new();
    let lines = Drift::between(a, b).map(|drift| drift.lines([&nowhere, &nowhere])).unwrap_or_default();
    assert!(lines.is_empty(), "{}\nhelp: {MEND}", lines.join("\n"));
}

fn assert_snapshot(contract: &Contract) {
    // One snapshot for all sources: what one of them says is what all of them say.
    insta::with_settings!({ description => "the contract: a line an operation, parameter and property" }, {
        insta::assert_snapshot!("contract", canonical::short(contract));
    });
}

#[test]
fn documents_say_what_was_reviewed() {
    assert_snapshot(&from_documents());
}

#[test]
fn openapi_yaml_says_what_the_documents_say() {
    let (documents, committed) = (from_documents(), from_openapi_yaml());
    assert_same(("openapi.yaml", &committed), ("documents", &documents));
    assert_snapshot(&committed);
}

#[test]
fn the_utoipa_document_says_what_openapi_yaml_says() {
    let (committed, utoipa) = (from_openapi_yaml(), from_utoipa());
    assert_same(("openapi.yaml", &committed), ("utoipa document", &utoipa));
    assert_snapshot(&utoipa);
}

#[test]
fn the_carriers_schemas_say_what_openapi_yaml_says_of_them() {
    let schemas: Map<String, Value> =
        chat_api::schemas().into_iter().map(|(name, schema)| (name.to_owned(), schema.to_value())).collect();
    let schemas = read::json_schemas(&Value::Object(schemas)).unwrap();
    let committed = from_openapi_yaml();
    let [expected, actual] = [&committed.schemas, &schemas].map(canonical::schemas_only);
    let differences = canonical::compare("openapi.yaml", &expected, "schemars schemas", &actual);
    let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(differences.is_empty(), "{}\nhelp: {MEND}", differences.join("\n"));
    // Through schemars, JSON Schema knows neither operations nor what may be null, so the snapshot
    // is out of its reach; equal to `openapi.yaml` in the rest, it says what the snapshot says.
    assert_eq!(schemas.keys().collect::<std::collections::BTreeSet<_>>(), committed.schemas.keys().collect());
}
