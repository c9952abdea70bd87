//! Single changes with the verdict that is expected, and what has to hold of any comparison.

use std::collections::BTreeSet;

use serde_json::{Value, json};

mod wrapped;

use super::*;
use crate::{emit, read, yaml};

const BASE: &str = include_str!("../../tests/fixtures/diff/base.yaml");
const SCHEMA: &str = include_str!("../../tests/fixtures/diff/schema.yaml");
const OPERATIONS: &str = include_str!("../../tests/fixtures/diff/operations.yaml");
const VALUES: &str = include_str!("../../tests/fixtures/diff/values.yaml");

fn parse(text: &str) -> Value {
    yaml::from_str(text).unwrap()
}

fn cases(text: &str) -> Vec<Value> {
    parse(text).as_array().unwrap().clone()
}

fn contract(document: &Value) -> Contract {
    read::from_value(document).unwrap_or_else(|error| panic!("{error}"))
}

/// Applies what a case says.
fn edited(document: &Value, case: &Value) -> Value {
    let mut edited = document.clone();
    for (from, to) in case["move"].as_object().into_iter().flatten() {
        let value = take(&mut edited, from);
        put(&mut edited, to.as_str().unwrap(), value);
    }
    for remove in ["remove", "also_remove"] {
        let pointers = match &case[remove] {
            Value::Null => Vec::new(),
            Value::Array(all) => all.clone(),
            one => vec![one.clone()],
        };
        for pointer in pointers {
            take(&mut edited, pointer.as_str().unwrap());
        }
    }
    for (pointer, value) in case["set"].as_object().into_iter().flatten() {
        put(&mut edited, pointer, value.clone());
    }
    assert_ne!(&edited, document, "{} changes nothing", case["name"]);
    edited
}

/// The document as it is before what a case says.
fn before(document: &Value, case: &Value) -> Value {
    let mut before = document.clone();
    for (pointer, value) in case["base"].as_object().into_iter().flatten() {
        put(&mut before, pointer, value.clone());
    }
    before
}

fn split(pointer: &str) -> (&str, String) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    (parent, last.replace("~1", "/").replace("~0", "~"))
}

fn take(document: &mut Value, pointer: &str) -> Value {
    let (parent, last) = split(pointer);
    let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("no {pointer}"));
    parent.as_object_mut().unwrap().shift_remove(&last).unwrap_or_else(|| panic!("no {pointer}"))
}

fn put(document: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = split(pointer);
    match document.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent} for {pointer}")) {
        Value::Array(items) => items[last.parse::<usize>().unwrap()] = value,
        parent => _ = parent.as_object_mut().unwrap().insert(last, value),
    }
}

fn kebab(verdict: Verdict) -> String {
    verdict.to_string().replace(' ', "-")
}

fn said(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| format!("{} {}", kebab(change.rule.verdict), change.rule.code)).collect()
}

#[test]
fn single_changes_of_documents_are_judged_as_expected() {
    let base = parse(BASE);
    for case in cases(OPERATIONS) {
        let revision = edited(&base, &case);
        let base = before(&base, &case);
        for (from, to, expected) in [(&base, &revision, "expect"), (&revision, &base, "back")] {
            let changes = compare(&contract(from), &contract(to));
            let expected: Vec<&str> = case[expected].as_array().unwrap().iter().map(|x| x.as_str().unwrap()).collect();
            assert_eq!(said(&changes), expected, "{}: {changes:#?}", case["name"]);
        }
    }
}

/// A document in which the schema travels on these ways.
fn travelling(schema: &Value, is_sent: bool, is_received: bool) -> Value {
    let value = json!({ "$ref": "#/components/schemas/Value" });
    let body = |schema: &Value| json!({ "content": { "application/json": { "schema": schema } } });
    let mut operation = json!({ "operationId": "run", "responses": { "200": { "description": "OK" } } });
    if is_sent {
        operation["requestBody"] = body(&value);
    }
    if is_received {
        operation["responses"]["200"]["content"] = body(&value)["content"].clone();
    }
    let part = |a: &str, b: &str| json!({ "type": "object", "properties": { a: { "type": if a == "code" { "integer" } else { "string" } }, b: { "type": "string" } } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "Values", "version": "1" },
        "paths": { "/run": { "post": operation } },
        "components": { "schemas": { "Value": schema, "Part": part("code", "text"), "Other": part("street", "town") } },
    })
}

#[test]
fn single_changes_of_values_are_judged_by_direction() {
    let base = parse(SCHEMA);
    for case in cases(VALUES) {
        let revision = edited(&base, &case);
        let base = before(&base, &case);
        let is_alone = case["gravest"].is_null();
        for (from, to, expected) in [(&base, &revision, "expect"), (&revision, &base, "back")] {
            let expected = case[expected].as_str().unwrap();
            let (code, verdicts) = expected.split_once(' ').unwrap_or((expected, "-/-"));
            let (request, response) = verdicts.split_once('/').unwrap();
            let line = |way: &str, verdict: &str| match verdict {
                "-" => Vec::new(),
                verdict => vec![format!("{verdict} {way}-{code}")],
            };
            for (sent, received, expected) in
                [(true, false, line("request", request)), (false, true, line("response", response))]
            {
                let sides = [from, to].map(|schema| contract(&travelling(schema, sent, received)));
                let changes = compare(&sides[0], &sides[1]);
                if is_alone {
                    assert_eq!(said(&changes), expected, "{}: {changes:#?}", case["name"]);
                } else {
                    assert!(
                        expected.iter().all(|line| said(&changes).contains(line)),
                        "{}: {changes:#?}",
                        case["name"]
                    );
                }
            }
            // On both ways it is one change, judged by the graver rule.
            let sides = [from, to].map(|schema| contract(&travelling(schema, true, true)));
            let changes = compare(&sides[0], &sides[1]);
            let verdict = |verdict: &str| match verdict {
                "breaking" => Some(Verdict::Breaking),
                "maybe-breaking" => Some(Verdict::MaybeBreaking),
                "compatible" => Some(Verdict::Compatible),
                _ => None,
            };
            let expected = verdict(request).max(verdict(response));
            assert!(
                if is_alone { gravest(&changes) == expected } else { gravest(&changes) >= expected },
                "{}: {changes:#?}",
                case["name"]
            );
            assert!(!is_alone || changes.len() <= 1, "{}: {changes:#?}", case["name"]);
        }
    }
}

#[test]
fn every_rule_has_a_case() {
    let mut expected = BTreeSet::new();
    for case in cases(OPERATIONS) {
        for list in ["expect", "back"] {
            let all = case[list].as_array().unwrap().iter();
            expected.extend(all.filter_map(|line| Some(line.as_str()?.split_once(' ')?.1.to_owned())));
        }
    }
    for case in cases(VALUES) {
        for code in ["expect", "back"].map(|list| case[list].as_str().unwrap().split(' ').next().unwrap().to_owned()) {
            expected.extend([format!("request-{code}"), format!("response-{code}")]);
        }
    }
    // Tested below.
    expected.extend(["nullability-unstated", "comparison-incomplete"].map(str::to_owned));
    let missing: Vec<&str> = rules::rules().map(|rule| rule.code).filter(|code| !expected.contains(*code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(cases(OPERATIONS).len() + cases(VALUES).len() >= 80);
}

#[test]
fn a_contract_has_no_changes_from_itself_in_any_form() {
    let fixtures = [
        include_str!("../../tests/fixtures/versions/swagger-2.0.yaml"),
        include_str!("../../tests/fixtures/versions/openapi-3.0.yaml"),
        include_str!("../../tests/fixtures/versions/openapi-3.1.json"),
    ];
    let forms = fixtures.map(|text| read::document(text).unwrap().contract);
    for a in &forms {
        for b in &forms {
            assert_eq!(compare(a, b), []);
        }
    }
    let pair =
        [include_str!("../../tests/fixtures/contract.yaml"), include_str!("../../tests/fixtures/contract-3.1.json")];
    let [a, b] = pair.map(|text| read::document(text).unwrap().contract);
    assert_eq!(compare(&a, &b), []);
    assert_eq!(compare(&b, &a), []);
    for text in [BASE, fixtures[1]] {
        let contract = contract(&parse(text));
        let again = read::from_value(&emit::to_value(&contract)).unwrap();
        assert_eq!(compare(&contract, &again), []);
    }
}

#[test]
fn servers_of_one_address_are_told_apart() {
    let mut document = parse(BASE);
    document["servers"] = json!([{ "url": "/" }, { "url": "/", "description": "Again.", "x-a": 1 }]);
    let twice = contract(&document);
    assert_eq!(compare(&twice, &twice), []);
}

#[test]
fn media_types_that_differ_in_little_are_told_apart() {
    let mut document = parse(BASE);
    let content = json!({
        "application/json": { "schema": { "type": "string" } },
        "application/json; charset=utf-8": { "schema": { "type": "integer" } },
        "Application/JSON": { "schema": { "type": "boolean" } },
    });
    document["paths"]["/x"]["get"] = json!({
        "operationId": "getX",
        "responses": { "200": { "description": "It is.", "content": content } },
    });
    assert_eq!(compare(&contract(&document), &contract(&document)), []);
}

#[test]
fn the_order_of_things_is_no_change() {
    let mut document = parse(BASE);
    let before = contract(&document);
    for pointer in ["/paths", "/components/schemas", "/components/schemas/Thing/properties"] {
        let members = document.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        *members = members.clone().into_iter().rev().collect();
    }
    document["paths"]["/things/{id}"]["get"]["parameters"].as_array_mut().unwrap().reverse();
    assert_eq!(compare(&before, &contract(&document)), []);
}

#[test]
fn what_a_side_cannot_say_has_not_changed() {
    let base = parse(BASE);
    let mut revision = base.clone();
    revision["components"]["schemas"]["Thing"]["properties"]["Name"]["nullable"] = true.into();
    let (base, revision) = (contract(&base), contract(&revision));
    assert_eq!(said(&compare_with(&base, &revision, Nullability::Unsaid)), ["compatible nullability-unstated"]);
    assert_eq!(said(&compare(&base, &revision)), ["breaking response-became-nullable"]);
}

#[test]
fn null_is_said_wherever_a_value_may_be_null() {
    let mut document = parse(BASE);
    assert!(!says_null(&contract(&document)));
    document["paths"]["/things/{id}"]["get"]["parameters"][3]["schema"]["items"]["nullable"] = true.into();
    assert!(says_null(&contract(&document)));
}

#[test]
fn what_is_about_texts_says_so() {
    let texts: Vec<&str> = rules::rules().filter(|rule| rule.is_text_only()).map(|rule| rule.code).collect();
    let expected = [
        "operation-tags-changed",
        "tag-added",
        "tag-removed",
        "info-changed",
        "description-changed",
        "example-changed",
        "nullability-unstated",
    ];
    assert_eq!(texts, expected);
}

#[test]
fn long_values_show_where_they_differ() {
    let long = |last: &str| json!([vec!["a"; 40], last]);
    let (a, b) = (long("one"), long("two"));
    let [Some(a), Some(b)] = words::values([Some(&a), Some(&b)]) else { panic!("two values") };
    assert!(a.ends_with("\"one\"]") && b.ends_with("\"two\"]") && a.starts_with('…'), "{a} and {b}");
    assert_eq!(words::values([Some(&json!(1)), None]), [Some("1".to_owned()), None]);
}

#[test]
fn a_change_says_what_where_and_for_whom() {
    let base = parse(BASE);
    let mut revision = base.clone();
    revision["components"]["schemas"]["Person"]["properties"]["Last"] = json!({ "type": "integer", "format": "int32" });
    let changes = compare(&contract(&base), &contract(&revision));
    let [change] = &changes[..] else { panic!("{changes:#?}") };
    assert_eq!(change.to_string(), "breaking[response-type-changed]: Person.Last: string → integer (int32)");
    assert_eq!(change.direction, Some(Direction::Response));
    assert_eq!(change.operations[..], ["getThing"]);
    assert_eq!(change.places[0].pointer(), "/components/schemas/Person/properties/Last");
    let anchor = Anchor::Property { schema: "Person".to_owned(), name: "Last".to_owned() };
    assert_eq!(change.places[0].base.as_ref().unwrap().anchor, anchor);
}

#[test]
fn the_same_change_of_many_operations_is_one() {
    let base = parse(BASE);
    let mut revision = base.clone();
    for path in ["/things/{id}", "/things/{id}/copy"] {
        for operation in revision["paths"][path].as_object_mut().unwrap().values_mut() {
            let parameters = operation["parameters"].as_array_mut().unwrap();
            parameters
                .push(json!({ "name": "X-Tenant", "in": "header", "required": true, "schema": { "type": "string" } }));
        }
    }
    let changes = compare(&contract(&base), &contract(&revision));
    let [change] = &changes[..] else { panic!("{changes:#?}") };
    assert_eq!(change.subject, "header parameter X-Tenant");
    assert_eq!(change.operations[..], ["getThing", "copyThing"]);
    assert_eq!(change.places.len(), 2);
}

/// A document with these component schemas, of which the first is received.
fn receiving(schemas: Value) -> Contract {
    let first = schemas.as_object().unwrap().keys().next().unwrap().clone();
    contract(&json!({
        "openapi": "3.0.3",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "get": { "operationId": "a", "responses": { "200": {
            "description": "", "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{first}") } } },
        } } } } },
        "components": { "schemas": schemas },
    }))
}

#[test]
fn renamed_schemas_meet_where_they_are_used() {
    let schemas = |node: &str, leaf: &str, ty: &str| {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        json!({
            node: { "type": "object", "properties": {
                "Next": reference(node), "All": { "type": "array", "items": reference(leaf) },
            } },
            leaf: { "type": "object", "properties": { "A": { "type": ty }, "Back": reference(node) } },
        })
    };
    let changes =
        compare(&receiving(schemas("Node", "Leaf", "string")), &receiving(schemas("Tree", "Fruit", "integer")));
    assert_eq!(
        changes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "breaking[response-type-changed]: Fruit.A: string → integer",
            "compatible[schema-renamed]: Tree: Node → Tree",
            "compatible[schema-renamed]: Fruit: Leaf → Fruit",
        ]
    );
    // Another namespace is one change.
    let moved =
        compare(&receiving(schemas("Node", "Leaf", "string")), &receiving(schemas("a.b.Node", "a.b.Leaf", "string")));
    assert_eq!(moved.len(), 1, "{moved:#?}");
    assert_eq!(moved[0].values(), "… → a.b.…");
    assert_eq!(moved[0].places.len(), 2);
}

#[test]
fn schemas_that_nest_without_end_are_compared_or_given_up() {
    // Each `allOf` has to be looked into, and has two more in it.
    let deep = |more: &str| {
        let mut schemas = serde_json::Map::new();
        for level in 0..40 {
            let next = json!({ "allOf": [
                { "$ref": format!("#/components/schemas/S{}", (level + 1) % 40) },
                { "type": "object", "properties": { more: { "type": "string" } } },
            ] });
            schemas.insert(
                format!("S{level}"),
                json!({ "type": "object", "properties": { "a": next.clone(), "b": next } }),
            );
        }
        Value::Object(schemas)
    };
    let mut other = deep("x");
    for schema in other.as_object_mut().unwrap().values_mut() {
        for property in ["a", "b"] {
            let parts = schema["properties"][property]["allOf"].as_array_mut().unwrap();
            parts.push(json!({ "type": "object", "properties": { "y": { "type": "string" } } }));
        }
    }
    let (base, revision) = (receiving(deep("x")), receiving(other));
    let changes = compare(&base, &revision);
    assert!(said(&changes).contains(&"compatible response-property-added".to_owned()), "{changes:#?}");
    assert!(changes.len() < 200, "{}", changes.len());
    let mut few = components::Comparison::new(&base, &revision, Nullability::Compared);
    few.looks = 3;
    let said = said(&finished(few));
    assert_eq!(said.iter().filter(|line| *line == "maybe-breaking comparison-incomplete").count(), 1, "{said:?}");
}
