//! What the model has no field for is kept, or there is a note.

use serde_json::{Value, json};

use super::super::*;
use super::{document, schema_of};
use crate::{emit, json_schema, model::RefOr};

#[test]
fn schemas_in_keywords_without_a_field_have_one_form() {
    let b = json!({ "$ref": "#/components/schemas/B" });
    let schema = schema_of(&json!({
        "not": { "type": ["string", "null"] },
        "patternProperties": { "^x": { "$ref": "#/components/schemas/B" } },
        "prefixItems": [{ "type": "integer", "exclusiveMinimum": 1 }],
        "if": { "$ref": "#/components/schemas/S/properties/deep" },
        "properties": { "deep": { "type": "string" } },
        "unevaluatedProperties": false,
    }));
    assert_eq!(schema.extensions["not"], json!({ "type": "string", "nullable": true }));
    assert_eq!(schema.extensions["patternProperties"], json!({ "^x": b }));
    assert_eq!(
        schema.extensions["prefixItems"],
        json!([{ "type": "integer", "minimum": 1, "exclusiveMinimum": true }])
    );
    assert_eq!(schema.extensions["if"], json!({ "type": "string" }));
    assert_eq!(schema.extensions["unevaluatedProperties"], json!(false));
    // Validators get them as JSON Schema, with all that they refer to.
    let contract = from_value(&document("3.0.3", json!({ "B": { "type": "string" } }))).unwrap();
    let written = json_schema::for_schema(&contract, &schema);
    assert_eq!(written["not"], json!({ "type": ["string", "null"] }));
    assert_eq!(written["patternProperties"]["^x"], json!({ "$ref": "#/$defs/B" }));
    assert_eq!(written["$defs"]["B"], json!({ "type": "string" }));
}

#[test]
fn what_a_discriminator_names_is_a_reference() {
    let schema = schema_of(&json!({
        "type": "object",
        "discriminator": { "propertyName": "p", "mapping": { "a": "A", "b": "#/components/schemas/B" }, "x-y": 1 },
    }));
    assert_eq!(
        schema.extensions["discriminator"],
        json!({ "propertyName": "p", "x-y": 1,
                "mapping": { "a": "#/components/schemas/A", "b": "#/components/schemas/B" } })
    );
}

#[test]
fn nothing_that_is_said_twice_gets_lost() {
    let schema = schema_of(&json!({
        "description": "outer", "allOf": [{ "$ref": "#/components/schemas/A", "description": "inner" }],
    }));
    let text = format!("{schema:?}");
    assert!(text.contains("outer") && text.contains("inner"), "{text}");
}

#[test]
fn an_example_that_differs_from_the_schema_s_stays_in_its_media_type() {
    for (of_schema, of_form, known, rest) in [
        (None, Some(1), 1, json!({})),
        (Some(1), None, 1, json!({})),
        (Some(1), Some(1), 1, json!({})),
        (Some(1), Some(2), 1, json!({ "example": 2 })),
    ] {
        let mut form = json!({ "schema": {} });
        if let Some(example) = of_schema {
            form["schema"]["example"] = example.into();
        }
        if let Some(example) = of_form {
            form["example"] = example.into();
        }
        let whole = json!({
            "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": {},
            "components": { "parameters": { "P": { "name": "p", "in": "query", "content": { "a/b": form } } } },
        });
        let contract = from_value(&whole).unwrap();
        let parameter = &contract.parameters["P"];
        assert_eq!(parameter.schema.example, Some(json!(known)), "{form}");
        assert_eq!(parameter.extensions["content"], json!({ "a/b": rest }), "{form}");
        assert_eq!(from_value(&emit::to_value(&contract)).unwrap(), contract, "{form}");
    }
}

#[test]
fn extensions_are_kept_everywhere() {
    let mut whole = json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1", "x-1": 1, "license": { "name": "L", "x-2": 1 }, "contact": { "x-3": 1 } },
        "servers": [{ "url": "/s", "x-4": 1, "variables": { "v": { "default": "d", "x-5": 1 } } }],
        "tags": [{ "name": "t", "x-6": 1, "externalDocs": { "url": "u", "x-7": 1 } }],
        "paths": {
            "x-8": 1,
            "/a": { "x-9": 1, "get": {
                "operationId": "one", "x-10": 1,
                "parameters": [
                    { "name": "p", "in": "query", "x-11": 1, "schema": { "x-12": 1 } },
                    { "name": "c", "in": "query", "content": { "application/json": {
                        "schema": { "type": "integer", "x-13": 1 }, "example": 3, "x-14": 1,
                    } } },
                ],
                "requestBody": { "x-15": 1, "content": { "text/plain": { "x-16": 1 } } },
                "responses": { "x-17": 1, "200": {
                    "description": "d", "x-18": 1, "headers": { "H": { "x-19": 1, "deprecated": true } },
                    "links": { "l": { "operationId": "one", "x-20": 1 } },
                } },
                "externalDocs": { "url": "u", "x-21": 1 },
            } },
        },
        "components": {
            "securitySchemes": { "s": { "type": "http", "scheme": "basic", "x-22": 1 }, "o": { "type": "oauth2", "x-23": 1 } },
            "x-24": 1,
        },
        "x-25": 1,
    });
    let contract = from_value(&whole).unwrap();
    let written = emit::to_value(&contract);
    assert_eq!(from_value(&written).unwrap(), contract);
    let text = written.to_string();
    for number in 1..=25 {
        assert!(text.contains(&format!("\"x-{number}\":1")), "x-{number} is lost: {text}");
    }
    // The parameter's media type holds its schema; for readers it is the parameter's.
    let RefOr::Inline(parameter) = &contract.operations[0].parameters[1] else { panic!("{contract:?}") };
    assert_eq!(parameter.schema.ty.name(), Some("integer"));
    assert_eq!(parameter.schema.example, Some(json!(3)));
    assert_eq!(parameter.extensions["content"], json!({ "application/json": { "x-14": 1 } }));
    whole["paths"]["/a"]["get"]["responses"]["200"]["headers"]["H"]["deprecated"] = json!(false);
    assert_ne!(from_value(&whole).unwrap(), contract);
}

#[test]
fn a_document_that_says_odd_things_is_read_with_notes() {
    let read = value(&json!({
        "openapi": 3.1, "info": { "title": "T", "version": 1.5, "description": null }, "security": [{ "nobody": [] }],
        "paths": { "/a/{id}": { "get": {
            "parameters": [
                { "name": "id", "in": "path" }, { "name": "q", "in": "query" },
                { "name": "q", "in": "query" }, { "name": "other", "in": "path", "required": true },
            ],
        } } },
        "components": { "schemas": { "S": { "properties": { "p": { "type": "string", "required": true } }, "minLength": 1.0 } } },
    }))
    .unwrap();
    assert_eq!(read.contract.info.version, "1.5");
    assert_eq!(read.contract.operations[0].operation_id, "getAById");
    assert_eq!(read.contract.schemas["S"].constraints.min_length, Some(1));
    let mut notes: Vec<_> = read.notes.iter().map(|note| format!("{}: {note}", note.kind.as_str())).collect();
    notes.sort_unstable();
    assert_eq!(
        notes,
        [
            "assumed: no operation id of its own, so it is called `getAById`, at `#/paths/~1a~1{id}/get`",
            "invalid: `required` lists names of properties; kept as `x-required`, at \
             `#/components/schemas/S/properties/p/required`",
            "invalid: a number where a text belongs; quote it, at `#/info/version`",
            "invalid: a path parameter is always required; read as if it said so, at \
             `#/paths/~1a~1{id}/get/parameters/0`",
            "invalid: the document has no security scheme `nobody`, at `#/security/0/nobody`",
            "invalid: the path has no place for its parameter `other`, at `#/paths/~1a~1{id}/get`",
            "left-out: another query parameter is called `q` too, at `#/paths/~1a~1{id}/get/parameters/2`",
        ]
    );
}

#[test]
fn a_path_is_completed() {
    let get = json!({ "responses": { "200": { "description": "" } }, "operationId": "x" });
    for (path, parameters, read_as, named, notes) in [
        ("/a/{id}", json!([{ "name": "id", "in": "path", "required": true, "schema": {} }]), "/a/{id}", "id", &[][..]),
        (
            "/a/{id}/{id}.{ext}/{}",
            json!([]),
            "/a/{id}/{id}.{ext}/{}",
            "id ext",
            &[
                "assumed: `{id}` in the path is no parameter of the operation; read as a text",
                "assumed: `{ext}` in the path is no parameter of the operation; read as a text",
            ],
        ),
        (
            "a/{id}",
            json!([]),
            "/a/{id}",
            "id",
            &[
                "assumed: a path begins with a slash; it is read as `/a/{id}`",
                "assumed: `{id}` in the path is no parameter of the operation; read as a text",
            ],
        ),
        // It would be there twice.
        ("other", json!([]), "other", "", &[]),
    ] {
        let mut item = json!({ "get": get });
        item["get"]["parameters"] = parameters;
        let paths = json!({ path: item, "/other": { "parameters": [] } });
        let read =
            value(&json!({ "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": paths })).unwrap();
        let operation = read.contract.operations.iter().find(|operation| operation.path == read_as).unwrap();
        let parameters = operation.parameters.iter().map(|parameter| match parameter {
            RefOr::Inline(parameter) => {
                assert!(parameter.required);
                parameter.name.clone()
            }
            RefOr::Ref(name) => panic!("{name}"),
        });
        assert_eq!(parameters.collect::<Vec<_>>().join(" "), named, "{path}");
        let assumed = read.notes.iter().filter(|note| note.kind == NoteKind::Assumed);
        let assumed: Vec<String> = assumed.map(|note| format!("assumed: {}", note.message)).collect();
        assert_eq!(assumed, notes, "{path}");
        if path != "other" {
            assert_eq!(from_value(&emit::to_value(&read.contract)).unwrap(), read.contract);
        }
    }
}

#[test]
fn bytes_need_no_schema() {
    let body = |form: Value| {
        let mut operation = json!({ "operationId": "x", "responses": {} });
        operation["requestBody"]["content"]["application/octet-stream"] = form;
        let document = json!({
            "openapi": "3.1.0", "info": { "title": "T", "version": "1" }, "paths": { "/a": { "post": operation } },
        });
        from_value(&document).unwrap()
    };
    let stated = body(json!({ "schema": { "type": "string", "format": "binary" } }));
    for form in
        [json!({}), json!({ "schema": {} }), json!({ "schema": { "contentMediaType": "application/octet-stream" } })]
    {
        assert_eq!(body(form), stated);
    }
}
