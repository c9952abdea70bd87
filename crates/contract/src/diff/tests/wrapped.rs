//! The same change wherever the schema stands, and whatever stands beside a reference to it.

use serde_json::{Value, json};

use super::{SCHEMA, VALUES, before, cases, contract, edited, parse, travelling};
use crate::diff::{Verdict, compare, gravest};

/// What is sent, what is received, both.
const WAYS: [(bool, bool); 3] = [(true, false), (false, true), (true, true)];

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The graver judgement of the changes from one schema to the other, on these ways.
fn judged(base: &Document, revision: &Document, (is_sent, is_received): (bool, bool)) -> Option<Verdict> {
    let [base, revision] = [base, revision].map(|document| {
        let mut whole = travelling(&document.used, is_sent, is_received);
        whole["openapi"] = "3.1.0".into();
        if let Some(inner) = &document.inner {
            whole["components"]["schemas"]["Inner"] = inner.clone();
        }
        contract(&whole)
    });
    gravest(&compare(&base, &revision))
}

/// A schema that is used, and one that it may refer to.
struct Document {
    used: Value,
    inner: Option<Value>,
}

/// A form in which a schema is used, by what it is called.
type Wrapper = (&'static str, fn(Value) -> Value);

/// The forms in which a schema is used, each as a function of a reference to it.
fn wrappers() -> Vec<Wrapper> {
    vec![
        ("alone", |x| x),
        ("the only part", |x| json!({ "allOf": [x] })),
        ("the only part, described", |x| json!({ "allOf": [x], "description": "More." })),
        ("a part beside a description", |x| json!({ "allOf": [x, { "description": "More." }] })),
        ("one of two", |x| json!({ "oneOf": [x, { "type": "boolean" }] })),
        ("any of two", |x| json!({ "anyOf": [{ "type": "boolean" }, x] })),
        ("items", |x| json!({ "type": "array", "items": x })),
        ("values", |x| json!({ "type": "object", "additionalProperties": x })),
        ("a property", |x| json!({ "type": "object", "properties": { "x": x } })),
        ("a pattern's properties", |x| json!({ "type": "object", "patternProperties": { "^x": x } })),
        ("nullable", |x| json!({ "oneOf": [x, { "type": "null" }] })),
    ]
}

#[test]
fn a_change_is_as_grave_wherever_the_schema_stands() {
    let schema = parse(SCHEMA);
    for case in cases(VALUES) {
        let (revision, base) = (edited(&schema, &case), before(&schema, &case));
        for (from, to) in [(&base, &revision), (&revision, &base)] {
            for ways in WAYS {
                let document = |used: Value, inner: &Value| Document { used, inner: Some(inner.clone()) };
                let direct = [from, to].map(|schema| Document { used: schema.clone(), inner: None });
                let expected = judged(&direct[0], &direct[1], ways);
                for (name, wrap) in wrappers() {
                    let referred = [from, to].map(|inner| document(wrap(reference("Inner")), inner));
                    let found = judged(&referred[0], &referred[1], ways);
                    assert!(found >= expected, "{} as {name}: {found:?}, not {expected:?}", case["name"]);
                    let is_exact = name != "a pattern's properties";
                    assert!(!is_exact || found == expected, "{} as {name}: {found:?}, not {expected:?}", case["name"]);
                    let inline = [from, to].map(|inner| document(wrap(inner.clone()), inner));
                    let found = judged(&inline[0], &inline[1], ways);
                    assert!(
                        found >= expected || !is_exact,
                        "{} inline as {name}: {found:?}, not {expected:?}",
                        case["name"]
                    );
                }
            }
        }
    }
}

#[test]
fn what_stands_beside_a_reference_is_as_grave_as_within() {
    let object = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    for (plain, keyword, value) in [
        (json!({ "type": "string" }), "maxLength", json!(5)),
        (json!({ "type": "string" }), "pattern", json!("^a$")),
        (json!({ "type": "string" }), "enum", json!(["a", "b"])),
        (json!({ "type": "string", "enum": ["a", "b"] }), "enum", json!(["a"])),
        (json!({ "type": "string" }), "default", json!("a")),
        (json!({ "type": "string" }), "deprecated", json!(true)),
        (json!({ "type": "string" }), "not", json!({ "const": "a" })),
        (json!({ "type": "integer", "maximum": 10 }), "maximum", json!(9)),
        (json!({ "type": "array", "items": { "type": "string" } }), "minItems", json!(1)),
        (object.clone(), "maxProperties", json!(1)),
        (object.clone(), "required", json!(["a"])),
        (object, "additionalProperties", json!(false)),
    ] {
        let mut stricter = plain.clone();
        stricter[keyword] = value.clone();
        let beside: Vec<(&str, Value)> = vec![
            ("a reference", reference("Inner")),
            ("the only part", json!({ "allOf": [reference("Inner")] })),
            ("the only part, inline", json!({ "allOf": [plain.clone()] })),
            ("a described part", json!({ "allOf": [reference("Inner"), { "description": "More." }] })),
            ("an alternative", json!({ "oneOf": [reference("Inner"), { "type": "null" }] })),
        ];
        for (name, base) in beside {
            let mut revision = base.clone();
            revision[keyword] = value.clone();
            let document = |used: &Value| Document { used: used.clone(), inner: Some(plain.clone()) };
            for ways in WAYS {
                for (from, to, was, is) in
                    [(&plain, &stricter, &base, &revision), (&stricter, &plain, &revision, &base)]
                {
                    let expected = judged(&document(from), &document(to), ways);
                    let found = judged(&document(was), &document(is), ways);
                    assert!(found >= expected, "{keyword} beside {name}: {found:?}, not {expected:?}");
                }
            }
        }
    }
}
