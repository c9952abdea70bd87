//! References of every kind, from and to every place.

use serde_json::{Value, json};

use super::super::*;
use crate::{
    emit,
    model::{RefOr, Type},
};

fn document(paths: Value, components: Value) -> Value {
    json!({ "openapi": "3.1.0", "info": { "title": "T", "version": "1" }, "paths": paths, "components": components })
}

/// The contract, which also can be written and read again.
#[track_caller]
fn contract(document: &Value) -> Contract {
    let contract = from_value(document).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(from_value(&emit::to_value(&contract)).unwrap(), contract);
    contract
}

fn schema(value: &Value) -> String {
    crate::canonical::full(&contract(&document(json!({}), json!({ "schemas": value }))))
}

#[test]
fn simple_schemas_are_read_where_references_stand_and_others_get_a_name() {
    let text = schema(&json!({
        "A": { "properties": {
            "text": { "type": "string", "maxLength": 3 },
            "list": { "type": "array", "items": { "$ref": "#/components/schemas/A/properties/list" } },
        } },
        "B": { "properties": {
            "text": { "$ref": "#/components/schemas/A/properties/text", "description": "d" },
            "list": { "$ref": "#/components/schemas/A/properties/list" },
            "through": { "$ref": "#/components/schemas/C/properties/text" },
            "item": { "$ref": "#/components/schemas/D/oneOf/1" },
        } },
        "C": { "$ref": "#/components/schemas/A" },
        "D": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
    }));
    for line in [
        "schema B.text: string\n",
        "schema B.text description: \"d\"\n",
        "schema B.text max-length: 3\n",
        "schema B.list: A_list\n",
        "schema A_list: array of A_list\n",
        "schema B.through: string\n",
        "schema B.item: integer\n",
    ] {
        assert!(text.contains(line), "{line}{text}");
    }
}

#[test]
fn references_lead_into_paths() {
    let target = "#/paths/~1books~1%7Bid%7D/get";
    let read = value(&document(
        json!({
            "/books/{id}": { "get": {
                "operationId": "one",
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
                "responses": { "200": { "description": "d", "content": { "application/json": {
                    "schema": { "type": "object", "properties": { "x": {} } },
                } } } },
            } },
            "/pens/{id}": { "get": {
                "operationId": "two",
                "parameters": [{ "$ref": format!("{target}/parameters/0") }],
                "responses": {
                    "200": { "$ref": format!("{target}/responses/200") },
                    "201": { "description": "d", "content": { "application/json": {
                        "schema": { "$ref": format!("{target}/responses/200/content/application~1json/schema") },
                    } } },
                },
            } },
        }),
        json!({}),
    ))
    .unwrap();
    let [one, two] = read.contract.operations.as_slice() else { panic!("{read:?}") };
    assert_eq!(one.parameters, two.parameters);
    assert_eq!(one.responses["200"], two.responses["200"]);
    let RefOr::Inline(created) = &two.responses["201"] else { panic!("{two:?}") };
    let schema = created.content["application/json"].schema.as_ref().unwrap();
    assert_eq!(schema.ty, Type::Ref("books_id_get_200".to_owned()));
    assert!(read.contract.schemas.contains_key("books_id_get_200"));
    assert_eq!(read.notes.len(), 1, "{:?}", read.notes);
}

#[test]
fn path_items_are_shared_and_added_to() {
    let read = value(&document(
        json!({
            "/a": { "$ref": "#/components/pathItems/Item", "post": { "operationId": "own", "responses": {} } },
            "/b": { "$ref": "#/paths/~1a" },
            "/c": { "parameters": [] },
        }),
        json!({ "pathItems": { "Item": {
            "servers": [{ "url": "/s" }],
            "get": { "operationId": "shared", "responses": {} },
            "post": { "operationId": "hidden", "responses": {} },
            "odd": 1,
        } } }),
    ))
    .unwrap();
    let ids: Vec<_> = read.contract.operations.iter().map(|each| (&*each.path, &*each.operation_id)).collect();
    assert_eq!(ids, [("/a", "own"), ("/a", "shared"), ("/b", "postB"), ("/b", "getB")]);
    assert_eq!(read.contract.operations[1].extensions["servers"], json!([{ "url": "/s" }]));
    assert_eq!(read.contract.operations[3].extensions[DERIVED_OPERATION_ID], json!(true));
    let kept = json!({ "/a": { "odd": 1 }, "/b": { "odd": 1 }, "/c": { "parameters": [] } });
    assert_eq!(read.contract.extensions["x-path-items"], kept);
}

#[test]
fn bodies_headers_examples_and_links_are_read_where_they_are_used() {
    let contract = contract(&document(
        json!({ "/a": { "get": {
            "operationId": "one",
            "parameters": [{ "name": "q", "in": "query", "examples": { "x": { "$ref": "#/components/examples/E" } } }],
            "requestBody": { "$ref": "#/components/requestBodies/Alias" },
            "responses": { "4xx": {
                "description": "d",
                "headers": { "X": { "$ref": "#/components/headers/H" } },
                "links": { "next": { "$ref": "#/components/links/L" } },
            } },
        } } }),
        json!({
            "examples": { "E": { "value": 7 } },
            "requestBodies": { "Alias": { "$ref": "#/components/requestBodies/B" }, "B": { "content": { "text/plain": {
                "examples": { "a": { "$ref": "#/components/examples/E" }, "b": { "summary": "s", "value": 8 } },
            } } }, "Unused": { "content": { "text/csv": { "schema": { "type": ["string", "null"] } } } } },
            "headers": { "H": { "schema": { "type": "string" } } },
            "links": { "L": { "operationId": "one" } },
            "x-more": [1],
        }),
    ));
    let operation = &contract.operations[0];
    let RefOr::Inline(parameter) = &operation.parameters[0] else { panic!("{operation:?}") };
    assert_eq!(parameter.schema.example, Some(json!(7)));
    let form = &operation.request_body.as_ref().unwrap().content["text/plain"];
    assert_eq!(form.extensions["examples"], json!({ "a": { "value": 7 }, "b": { "summary": "s", "value": 8 } }));
    assert_eq!(form.first_example(), Some(&json!(7)));
    let RefOr::Inline(response) = &operation.responses["4XX"] else { panic!("{operation:?}") };
    assert_eq!(response.extensions["links"]["next"], json!({ "operationId": "one" }));
    assert_eq!(response.headers["X"].schema.ty.name(), Some("string"));
    // What nothing refers to, in the form that is written everywhere.
    let unused =
        json!({ "Unused": { "content": { "text/csv": { "schema": { "type": "string", "nullable": true } } } } });
    assert_eq!(contract.extensions["components"], json!({ "requestBodies": unused, "x-more": [1] }));
}

#[test]
fn callbacks_and_webhooks_have_one_form() {
    let with = |version: &str, name: &str, text: Value| {
        let item = json!({ "post": {
            "requestBody": { "content": { "application/json": { "schema": text } } }, "responses": {},
        } });
        let mut document = document(
            json!({ "/a": { "get": {
                "operationId": "one", "responses": {}, "callbacks": { "done": { "{$request.body#/url}": item } },
            } } }),
            json!({}),
        );
        document["openapi"] = version.into();
        document[name] = json!({ "new": item });
        contract(&document)
    };
    let old = with("3.0.3", "x-webhooks", json!({ "type": "string", "nullable": true }));
    let new = with("3.1.0", "webhooks", json!({ "type": ["string", "null"] }));
    assert_eq!(old, new);
    let body = json!({ "content": { "application/json": { "schema": { "type": "string", "nullable": true } } } });
    assert_eq!(new.extensions["x-webhooks"]["new"]["post"]["requestBody"], body);
    let callback = &new.operations[0].extensions["callbacks"]["done"]["{$request.body#/url}"]["post"];
    assert_eq!(callback["requestBody"], body);
    assert!(callback.get("operationId").is_none());
}

#[test]
fn circles_and_what_is_not_there_are_refused() {
    #[track_caller]
    fn check(paths: Value, components: Value, expected: &str) {
        assert_eq!(from_value(&document(paths, components)).unwrap_err().to_string(), expected);
    }
    check(
        json!({ "/a": { "$ref": "#/paths/~1b" }, "/b": { "$ref": "#/paths/~1a" } }),
        json!({}),
        "reference to `#/paths/~1a` leads back to itself, at `#/paths/~1a`",
    );
    check(
        json!({ "/a": { "get": { "operationId": "x", "requestBody": { "$ref": "https://x.example/b.json" } } } }),
        json!({}),
        "reference to `https://x.example/b.json`, which is outside this document: bundle the documents into one \
         first, at `#/paths/~1a/get/requestBody`",
    );
    check(
        json!({ "/a": { "get": { "operationId": "x", "responses": { "200": { "$ref": "#/components/responses/R" } } } } }),
        json!({}),
        "reference to `#/components/responses/R`, which does not exist, at `#/paths/~1a/get/responses/200`",
    );
    check(
        json!({ "/a": { "get": { "operationId": "x", "callbacks": { "c": { "$ref": "#/components/callbacks/C" } } } } }),
        json!({
            "callbacks": { "C": { "u": { "$ref": "#/components/pathItems/P" } } },
            "pathItems": { "P": { "get": { "callbacks": { "c": { "$ref": "#/components/callbacks/C" } } } } },
        }),
        "reference to `#/components/pathItems/P` leads back to itself, at `#/components/pathItems/P`",
    );
}

#[test]
fn schemas_that_contain_themselves_are_fine() {
    let text = schema(&json!({
        "Node": { "properties": { "next": { "$ref": "#/components/schemas/Node" } } },
        "Tree": { "type": "array", "items": { "anyOf": [{ "type": "string" }, { "$ref": "#/components/schemas/Tree" }] } },
    }));
    assert!(text.contains("schema Node.next: Node\n"), "{text}");
    // That `allOf` leads back means nothing, but does no harm to the rest.
    let circle = json!({ "A": { "allOf": [{ "$ref": "#/components/schemas/A" }, { "properties": { "x": {} } }] } });
    let read = value(&document(json!({}), json!({ "schemas": circle }))).unwrap();
    assert_eq!(
        read.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["this schema is a part of itself, by `allOf`, at `#/components/schemas/A`"]
    );
}
