//! The parts together, on one contract that has a bit of everything.

mod diagnostics;
mod generated_pages;
mod versions;

use docwright_contract::{Contract, canonical, emit, overlay::Overlay, read, yaml};

const FIXTURE: &str = include_str!("fixtures/contract.yaml");
const FIXTURE_3_1: &str = include_str!("fixtures/contract-3.1.json");

fn contract(text: &str) -> Contract {
    read::from_value(&yaml::from_str(text).expect("the fixture is YAML")).expect("the fixture is a contract")
}

#[test]
fn what_is_read_is_written_byte_for_byte() {
    let written = yaml::to_string(&emit::to_value(&contract(FIXTURE)), "A small contract with a bit of everything.");
    assert_eq!(written, FIXTURE);
}

#[test]
fn what_is_written_is_read_back_the_same() {
    for text in [FIXTURE, FIXTURE_3_1] {
        let contract = contract(text);
        assert_eq!(read::from_value(&emit::to_value(&contract)).unwrap(), contract);
    }
}

#[test]
fn the_3_1_form_of_a_contract_is_the_same_contract() {
    let (a, b) = (contract(FIXTURE), contract(FIXTURE_3_1));
    let differences = canonical::compare("3.0", &canonical::full(&a), "3.1", &canonical::full(&b));
    let report: Vec<_> = differences.iter().map(ToString::to_string).collect();
    assert!(report.is_empty(), "{}", report.join("\n"));
    assert_eq!(canonical::full(&a), canonical::full(&b));
    assert_eq!(canonical::short(&a), canonical::short(&b));
    assert_ne!(a, b, "the fixtures are meant to differ in form");
}

#[test]
fn full_form() {
    insta::assert_snapshot!(canonical::full(&contract(FIXTURE)));
}

#[test]
fn short_form() {
    insta::assert_snapshot!(canonical::short(&contract(FIXTURE)));
}

#[test]
fn every_leaf_of_the_document_is_a_fact() {
    // Any change to any text, number or flag must show in the canonical text, or be refused.
    let document = yaml::from_str(FIXTURE).unwrap();
    let before = canonical::full(&contract(FIXTURE));
    let mut leaves = Vec::new();
    collect_leaves(&document, String::new(), &mut leaves);
    assert!(leaves.len() > 120, "{}", leaves.len());
    for pointer in leaves {
        let mut changed = document.clone();
        let leaf = changed.pointer_mut(&pointer).unwrap();
        *leaf = match leaf {
            serde_json::Value::String(text) => format!("{text}x").into(),
            serde_json::Value::Bool(flag) => (!*flag).into(),
            serde_json::Value::Number(_) => 7.into(),
            _ => "x".into(),
        };
        if let Ok(contract) = read::from_value(&changed) {
            assert_ne!(canonical::full(&contract), before, "{pointer}");
        }
    }
}

fn collect_leaves(value: &serde_json::Value, pointer: String, leaves: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let token = name.replace('~', "~0").replace('/', "~1");
                collect_leaves(value, format!("{pointer}/{token}"), leaves);
            }
        }
        serde_json::Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                collect_leaves(value, format!("{pointer}/{index}"), leaves);
            }
        }
        serde_json::Value::Object(_) | serde_json::Value::Array(_) | serde_json::Value::Null => {}
        // The version is no fact; a required path parameter is always required.
        _ if pointer == "/openapi" || pointer.ends_with("parameters/0/required") => {}
        _ => leaves.push(pointer),
    }
}

#[test]
fn an_overlay_changes_only_what_it_names() {
    let overlay = Overlay::parse(
        "overlay: 1.0.0\ninfo: { title: Corrections, version: 1.0.0 }\nactions:\n\
         - target: $.components.schemas.Book.properties.Title\n  update: { description: The title. }\n\
         - target: $.paths.*.*.responses\n  update: { '500': { description: Failed. } }\n\
         - target: $.components.schemas.Book.properties.Kind\n  remove: true\n",
    )
    .unwrap();
    let mut document = yaml::from_str(FIXTURE).unwrap();
    assert_eq!(overlay.apply(&mut document).unwrap(), []);
    let before = yaml::to_string(&yaml::from_str(FIXTURE).unwrap(), "");
    let after = yaml::to_string(&document, "");
    let removed: Vec<_> = before.lines().filter(|line| !after.contains(line)).map(str::trim).collect();
    assert_eq!(removed, ["Kind:", "enum:", "- Paper", "- Audio", "- null"]);
    let names: Vec<_> = document["components"]["schemas"]["Book"]["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names[..6], ["BookId", "Title", "Price", "Acquired", "Status", "Author"]);
    let contract = read::from_value(&document).unwrap();
    assert!(contract.operations.iter().all(|operation| operation.responses.contains_key("500")));
}
