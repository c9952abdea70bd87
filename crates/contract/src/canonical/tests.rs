use serde_json::json;

use super::*;
use crate::{
    model::{Additional, Server, Type},
    read,
};

fn contract(schemas: &serde_json::Value) -> Contract {
    read::from_value(&json!({
        "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "components": { "schemas": schemas },
    }))
    .unwrap()
}

#[track_caller]
fn differ(a: &serde_json::Value, b: &serde_json::Value, expected: &[&str]) {
    let (a, b) = (full(&contract(&json!({ "S": a }))), full(&contract(&json!({ "S": b }))));
    let found: Vec<_> = compare("pages", &a, "openapi.yaml", &b).iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

#[test]
fn differences_show_both_values() {
    differ(
        &json!({ "type": "object", "properties": { "Status": { "type": "string", "nullable": true } } }),
        &json!({ "type": "object", "properties": { "Status": { "type": "integer", "format": "int32" } } }),
        &["schema S.Status\n         pages: string nullable\n  openapi.yaml: integer(int32)"],
    );
    differ(
        &json!({ "type": "string", "description": "One.\n\nTwo: three." }),
        &json!({ "type": "string", "maxLength": 3 }),
        &[
            "schema S description\n         pages: \"One.\\n\\nTwo: three.\"\n  openapi.yaml: (says nothing)",
            "schema S max-length\n         pages: (says nothing)\n  openapi.yaml: 3",
        ],
    );
}

#[test]
fn what_means_the_same_does_not_differ() {
    let same = |a: serde_json::Value, b: serde_json::Value| differ(&a, &b, &[]);
    same(json!({ "type": "object" }), json!({ "type": "object", "additionalProperties": true }));
    same(json!({ "type": "string", "description": " x\n" }), json!({ "type": "string", "description": "x" }));
    same(json!({ "type": "string", "description": "" }), json!({ "type": "string" }));
    same(json!({ "type": "string", "enum": ["b", "a"] }), json!({ "type": "string", "enum": ["a", "b"] }));
    same(
        json!({ "example": { "a": 1, "b": [{ "c": 1, "d": 2 }] } }),
        json!({ "example": { "b": [{ "d": 2, "c": 1 }], "a": 1 } }),
    );
    same(
        json!({ "oneOf": [{ "type": "string", "maxLength": 1 }, { "type": "integer" }] }),
        json!({ "oneOf": [{ "type": "integer" }, { "type": "string", "maxLength": 1 }] }),
    );
}

#[test]
fn a_server_at_the_root_is_what_is_meant_without_servers() {
    let mut contract = contract(&json!({}));
    let without = full(&contract);
    contract.servers.push(Server { url: "/".to_owned(), ..Server::default() });
    assert_eq!(full(&contract), without);
    contract.servers[0].description = Some("Here.".to_owned());
    assert_ne!(full(&contract), without);
}

#[test]
fn nested_schemas_have_facts_of_their_own() {
    let text = full(&contract(&json!({ "S": {
        "type": "array",
        "items": { "type": "object", "required": ["a"], "properties": { "a": { "type": "string", "example": "x" } } },
    } })));
    assert!(text.contains("schema S: array of object\n"), "{text}");
    assert!(text.contains("schema S[]: object\n"), "{text}");
    assert!(text.contains("schema S[].a: string required\n"), "{text}");
    assert!(text.contains("schema S[].a example: \"x\"\n"), "{text}");
}

#[test]
fn it_is_told_what_may_be_null() {
    let text = |schema: Schema| expression::of(&schema, expression::Nulls::Shown);
    let string = || Schema::new(Type::String { format: None });
    assert_eq!(text(Schema::array(string().nullable())), "array of (string nullable)");
    assert_eq!(text(Schema::array(string()).nullable()), "array of string nullable");
    assert_eq!(text(Schema::map(Schema::reference("A").nullable())), "map of (A nullable)");
    assert_eq!(text(Schema::default().nullable()), "any");
    assert_eq!(text(Schema::map(Schema::default())), "object");
    let closed =
        Type::Object { properties: IndexMap::new(), required: BTreeSet::new(), additional: Additional::Forbidden };
    assert_eq!(text(Schema::new(closed)), "closed object");
}

#[test]
fn names_do_not_break_lines_or_facts() {
    let text = short(&contract(&json!({ "S": { "type": "object", "properties": { "a: b\nc": {} } } })));
    assert!(text.ends_with("schema S.a:%20b%0Ac: any\n"), "{text}");
}
