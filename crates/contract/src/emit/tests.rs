use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::model::{Additional, Constraints, Info, Method, Type};

fn contract() -> Contract {
    let mut contract = Contract {
        info: Info { title: "T".to_owned(), version: "1".to_owned(), ..Info::default() },
        ..Contract::default()
    };
    contract.schemas.insert("Book".to_owned(), Schema::map(Schema::default()));
    contract.schemas.insert("Text".to_owned(), Schema::new(Type::String { format: None }));
    contract
}

#[track_caller]
fn check(schema: &Schema, expected: Value) {
    assert_eq!(schema_to_value(&contract(), schema).to_string(), expected.to_string());
}

fn book() -> Schema {
    Schema::reference("Book")
}

fn number() -> Schema {
    Schema::new(Type::Number { format: Some("double".to_owned()) })
}

#[test]
fn a_map_of_anything_says_so() {
    let expected = json!({ "type": "object", "additionalProperties": true });
    for values in [Additional::Any, Additional::Schema(Box::new(Schema::new(Type::Any)))] {
        let ty = Type::Object { properties: IndexMap::new(), required: BTreeSet::new(), additional: values };
        check(&Schema::new(ty), expected.clone());
    }
}

#[test]
fn yaml_is_written_as_of_the_whole_value() {
    let contract = contract();
    assert_eq!(to_yaml(&contract, "x"), yaml::to_string(&to_value(&contract), "x"));
}

#[test]
fn references() {
    let to_book = json!({ "$ref": "#/components/schemas/Book" });
    let to_text = json!({ "$ref": "#/components/schemas/Text" });
    check(&book(), to_book.clone());
    check(&book().nullable(), json!({ "type": "object", "nullable": true, "allOf": [to_book] }));
    check(
        &Schema { description: Some("d".to_owned()), ..book() },
        json!({ "type": "object", "description": "d", "allOf": [to_book] }),
    );
    check(&Schema::reference("Text").nullable(), json!({ "type": "string", "nullable": true, "allOf": [to_text] }));
    check(&Schema::reference("a/b"), json!({ "$ref": "#/components/schemas/a~1b" }));
}

#[test]
fn null_in_combinations() {
    let to_book = json!({ "$ref": "#/components/schemas/Book" });
    check(&Schema::default().nullable(), json!({}));
    check(
        &Schema::new(Type::OneOf(vec![book(), Schema::map(Schema::default())])).nullable(),
        json!({ "type": "object", "nullable": true, "oneOf": [to_book, { "type": "object", "additionalProperties": true }] }),
    );
    // No one type that `nullable` could stand beside.
    check(
        &Schema::new(Type::AnyOf(vec![book(), number()])).nullable(),
        json!({ "anyOf": [to_book, { "type": "number", "format": "double" },
                          { "type": "object", "nullable": true, "enum": [null] }] }),
    );
    check(
        &Schema::new(Type::AnyOf(vec![book(), number()])),
        json!({ "anyOf": [to_book, { "type": "number", "format": "double" }] }),
    );
}

#[test]
fn members_come_in_one_order() {
    let schema = Schema {
        description: Some("d".to_owned()),
        default: Some(json!("a")),
        example: Some(json!("b")),
        enumeration: vec![json!("a"), json!("b")],
        constraints: Constraints { max_length: Some(3), ..Constraints::default() },
        extensions: [("x-a".to_owned(), json!(1))].into(),
        ..Schema::new(Type::String { format: Some("f".to_owned()) }).nullable()
    };
    check(
        &schema,
        json!({ "type": "string", "format": "f", "nullable": true, "description": "d", "enum": ["a", "b", null],
                "default": "a", "maxLength": 3, "x-a": 1, "example": "b" }),
    );
    let object = Type::Object {
        properties: [("A".to_owned(), number())].into_iter().collect(),
        required: BTreeSet::from(["A".to_owned()]),
        additional: Additional::Forbidden,
    };
    check(
        &Schema::new(object),
        json!({ "type": "object", "required": ["A"], "properties": { "A": { "type": "number", "format": "double" } },
                "additionalProperties": false }),
    );
}

#[test]
fn operations_of_one_path_share_an_item() {
    let operation = |method, id: &str| Operation {
        operation_id: id.to_owned(),
        method,
        path: "/a".to_owned(),
        tags: Vec::new(),
        summary: None,
        description: None,
        deprecated: false,
        parameters: Vec::new(),
        request_body: None,
        responses: IndexMap::new(),
        security: None,
        extensions: Extensions::new(),
    };
    let mut contract =
        Contract { operations: vec![operation(Method::Post, "one"), operation(Method::Get, "two")], ..contract() };
    contract.operations[1].path = "/b".to_owned();
    contract.operations.push(operation(Method::Get, "three"));
    assert_eq!(
        to_value(&contract)["paths"].to_string(),
        json!({
            "/a": { "post": { "operationId": "one", "responses": {} }, "get": { "operationId": "three", "responses": {} } },
            "/b": { "get": { "operationId": "two", "responses": {} } },
        })
        .to_string()
    );
}

#[test]
fn an_empty_contract_is_a_document() {
    assert_eq!(
        to_value(&Contract::default()),
        json!({ "openapi": "3.0.3", "info": { "title": "", "version": "" }, "paths": {} })
    );
}
