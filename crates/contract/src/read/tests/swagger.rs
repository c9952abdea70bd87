//! What only Swagger 2.0 says. That it means the same as OpenAPI 3 is the integration test's.

use serde_json::{Value, json};

use super::super::*;
use crate::{emit, model::RefOr};

fn document(operation: Value, rest: Value) -> Value {
    let mut document = json!({
        "swagger": "2.0", "info": { "title": "T", "version": "1" }, "paths": { "/a": { "post": operation } },
    });
    document["paths"]["/a"]["post"]["operationId"] = "one".into();
    if document["paths"]["/a"]["post"].get("responses").is_none() {
        document["paths"]["/a"]["post"]["responses"] = json!({});
    }
    for (name, value) in rest.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

/// The operation as it is written, and what there is to note.
#[track_caller]
fn written(operation: Value, rest: Value) -> (Value, Vec<String>) {
    let read = value(&document(operation, rest)).unwrap_or_else(|error| panic!("{error}"));
    let written = emit::to_value(&read.contract);
    assert_eq!(from_value(&written).unwrap(), read.contract);
    (written["paths"]["/a"]["post"].clone(), read.notes.iter().map(ToString::to_string).collect())
}

#[test]
fn addresses() {
    for (stated, expected) in [
        (json!({}), vec![]),
        (json!({ "basePath": "/" }), vec![]),
        (json!({ "basePath": "v1" }), vec!["/v1"]),
        (json!({ "host": "h:8", "basePath": "/v1/" }), vec!["//h:8/v1"]),
        (json!({ "host": "h", "schemes": ["wss", "https"] }), vec!["wss://h", "https://h"]),
    ] {
        let contract = from_value(&document(json!({}), stated)).unwrap();
        assert_eq!(contract.servers.iter().map(|server| &*server.url).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn forms_travel_as_they_can() {
    let field = |name: &str, ty: &str| json!({ "name": name, "in": "formData", "type": ty });
    for (consumes, ty, expected) in [
        (json!([]), "string", vec!["application/x-www-form-urlencoded"]),
        (json!([]), "file", vec!["multipart/form-data"]),
        (json!(["application/json"]), "string", vec!["application/x-www-form-urlencoded"]),
        (
            json!(["multipart/form-data", "application/x-www-form-urlencoded"]),
            "string",
            vec!["multipart/form-data", "application/x-www-form-urlencoded"],
        ),
        (json!(["multipart/form-data", "application/x-www-form-urlencoded"]), "file", vec!["multipart/form-data"]),
    ] {
        let (operation, notes) = written(json!({ "consumes": consumes, "parameters": [field("f", ty)] }), json!({}));
        let content = operation["requestBody"]["content"].as_object().unwrap();
        assert_eq!(content.keys().collect::<Vec<_>>(), expected, "{consumes} {ty}");
        let says_what_is_left_out =
            consumes.as_array().unwrap().len() > expected.len() || consumes == json!(["application/json"]);
        assert_eq!(notes.len(), usize::from(says_what_is_left_out), "{notes:?}");
    }
}

#[test]
fn media_types_are_assumed_where_none_is_named() {
    let body = json!({ "name": "b", "in": "body", "type": "string", "schema": { "type": "integer" } });
    let (operation, notes) = written(
        json!({ "parameters": [body], "responses": { "200": { "description": "d", "schema": {} } } }),
        json!({}),
    );
    assert_eq!(operation["requestBody"]["content"], json!({ "application/json": { "schema": { "type": "integer" } } }));
    assert_eq!(operation["responses"]["200"]["content"], json!({ "application/json": { "schema": {} } }));
    assert_eq!(
        notes,
        [
            "no media type is named in `consumes` where one is needed; read as application/json, at `#`",
            "type beside the schema of a body, at `#/paths/~1a/post/parameters/0`",
            "no media type is named in `produces` where one is needed; read as application/json, at `#`",
        ]
    );
}

#[test]
fn answers_have_their_operations_media_types() {
    let shared = json!({
        "produces": ["application/json"],
        "responses": { "R": { "description": "d", "schema": { "type": "string" } } },
    });
    let responses = json!({ "200": { "$ref": "#/responses/R" } });
    let (operation, _) = written(json!({ "responses": responses }), shared.clone());
    assert_eq!(operation["responses"]["200"], json!({ "$ref": "#/components/responses/R" }));
    let (operation, _) = written(json!({ "produces": ["text/csv"], "responses": responses }), shared);
    assert_eq!(operation["responses"]["200"]["content"], json!({ "text/csv": { "schema": { "type": "string" } } }));
}

#[test]
fn examples_belong_to_media_types() {
    let (operation, notes) = written(
        json!({ "produces": ["application/json"], "responses": { "200": {
            "description": "d", "schema": {}, "examples": { "application/json": 1, "text/plain": "2", "odd": 3 },
        } } }),
        json!({}),
    );
    let response = &operation["responses"]["200"];
    let content = json!({ "application/json": { "schema": {}, "example": 1 }, "text/plain": { "example": "2" } });
    assert_eq!(response["content"], content);
    assert_eq!(response["x-examples"], json!({ "odd": 3 }));
    assert_eq!(notes.len(), 1, "{notes:?}");
}

#[test]
fn values_are_joined_in_openapi_3s_words() {
    for (place, format, expected) in [
        ("query", None, json!({ "explode": false })),
        ("query", Some("csv"), json!({ "explode": false })),
        ("query", Some("multi"), json!({})),
        ("query", Some("ssv"), json!({ "style": "spaceDelimited" })),
        ("query", Some("pipes"), json!({ "style": "pipeDelimited" })),
        ("query", Some("tsv"), json!({ "x-collectionFormat": "tsv" })),
        ("header", None, json!({})),
        ("header", Some("ssv"), json!({ "x-collectionFormat": "ssv" })),
    ] {
        let mut parameter = json!({ "name": "p", "in": place, "type": "array", "items": { "type": "string" } });
        if let Some(format) = format {
            parameter["collectionFormat"] = format.into();
        }
        let contract = from_value(&document(json!({ "parameters": [parameter] }), json!({}))).unwrap();
        let RefOr::Inline(parameter) = &contract.operations[0].parameters[0] else { panic!("{contract:?}") };
        assert_eq!(json!(parameter.extensions), expected, "{place} {format:?}");
    }
}

#[test]
fn what_nothing_refers_to_is_kept() {
    let body = json!({ "name": "b", "in": "body", "schema": {} });
    let contract = from_value(&document(json!({}), json!({ "parameters": { "B": body } }))).unwrap();
    assert_eq!(contract.extensions["x-parameters"], json!({ "B": body }));
    let used = json!({ "parameters": [{ "$ref": "#/parameters/B" }] });
    let contract = from_value(&document(used, json!({ "parameters": { "B": body } }))).unwrap();
    assert!(contract.extensions.is_empty(), "{contract:?}");
    assert!(contract.operations[0].request_body.is_some());
}

#[test]
fn errors_are_at_their_place_in_the_swagger_document() {
    #[track_caller]
    fn check(operation: Value, rest: Value, expected: &str) {
        assert_eq!(from_value(&document(operation, rest)).unwrap_err().to_string(), expected);
    }
    check(
        json!({ "parameters": [{ "name": "p", "in": "query", "type": "text" }] }),
        json!({}),
        "expected a JSON type, found `text`, at `#/paths/~1a/post/parameters/0/type`",
    );
    check(
        json!({ "parameters": [{ "name": "b", "in": "body", "schema": { "$ref": "#/definitions/X" } }] }),
        json!({}),
        "reference to `#/definitions/X`, which does not exist, at `#/paths/~1a/post/parameters/0/schema`",
    );
    check(
        json!({}),
        json!({ "securityDefinitions": { "s": { "type": "oauth2", "flow": "dance" } } }),
        "expected `implicit`, `password`, `application` or `accessCode`, found `dance`, at \
         `#/securityDefinitions/s/flow`",
    );
    check(
        json!({}),
        json!({ "definitions": { "A": { "$ref": "#/definitions/A" } } }),
        "reference to `#/definitions/A` leads back to itself, at `#/definitions/A`",
    );
}

#[test]
fn what_only_openapi_3_understands_does_not_come_to_mean_anything() {
    let operation = json!({
        "requestBody": { "content": {} },
        "callbacks": null,
        "x-callbacks": 1,
        "parameters": [{ "name": "a", "in": "query", "type": "string", "style": "odd" }],
        "responses": { "200": { "description": "d", "content": 2, "links": [] } },
    });
    let rest = json!({ "components": null, "parameters": { "P": { "name": "p", "in": "query", "type": "string" } } });
    let (operation, mut notes) = written(operation, rest.clone());
    notes.sort_unstable();
    assert_eq!(operation["x-requestBody"], json!({ "content": {} }));
    assert_eq!(
        (operation.get("requestBody"), operation.get("callbacks"), &operation["x-callbacks"]),
        (None, None, &json!(1))
    );
    assert_eq!(operation["parameters"][0]["x-style"], "odd");
    assert_eq!(operation["responses"]["200"], json!({ "description": "d", "x-content": 2, "x-links": [] }));
    insta::assert_snapshot!(notes.join("\n"), @"
    Swagger 2.0 has no such member, and `x-callbacks` is there too, at `#/paths/~1a/post/callbacks`
    Swagger 2.0 has no such member; kept as `x-components`, at `#/components`
    Swagger 2.0 has no such member; kept as `x-content`, at `#/paths/~1a/post/responses/200/content`
    Swagger 2.0 has no such member; kept as `x-links`, at `#/paths/~1a/post/responses/200/links`
    Swagger 2.0 has no such member; kept as `x-requestBody`, at `#/paths/~1a/post/requestBody`
    Swagger 2.0 has no such member; kept as `x-style`, at `#/paths/~1a/post/parameters/0/style`
    ");
    assert_eq!(from_value(&document(json!({}), rest)).unwrap().extensions["x-components"], Value::Null);
}

#[test]
fn members_that_form_fields_do_not_have_are_no_keywords_of_their_schemas() {
    let field = json!({
        "name": "f", "in": "formData", "type": "string", "$defs": "a", "title": 2, "x-title": 3, "allowEmptyValue": true,
    });
    let (operation, notes) = written(json!({ "parameters": [field] }), json!({}));
    assert_eq!(
        operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]["f"],
        json!({ "type": "string", "x-$defs": "a", "x-title": 3, "allowEmptyValue": true }),
    );
    for expected in ["member; kept as `x-$defs`, at ", "member, and `x-title` is there too, at "] {
        assert!(
            notes.iter().any(|note| note.starts_with(&format!("a form field has no such {expected}"))),
            "{notes:?}"
        );
    }
}
