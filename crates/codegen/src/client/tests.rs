//! What the projection does about each thing that progenitor cannot take.

use docwright_contract::{Contract, read};
use serde_json::{Value, json};

use super::{ClientOutput, generate, surface};

const CARRIER: &str = "#/components/schemas/Carrier";
const PROBLEM: &str = "#/components/schemas/Problem";

fn contract(paths: Value) -> Contract {
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "Test", "version": "1" },
        "paths": paths,
        "components": {
            "schemas": { "Carrier": { "type": "object" }, "Problem": { "type": "object" }, "Other": { "type": "object" } },
            "parameters": { "Lang": { "name": "SO-Language", "in": "header", "schema": { "type": "string" } } },
        },
    });
    read::from_value(&document).unwrap()
}

/// A path with one GET operation, `v1ThingEntity_Read`, that has these members too.
fn reading(path: &str, members: Value) -> Contract {
    let mut operation = json!({
        "operationId": "v1ThingEntity_Read",
        "tags": ["Thing"],
        "responses": { "200": answer(json!({ "$ref": CARRIER })) },
    });
    for (name, value) in members.as_object().unwrap() {
        operation[name] = value.clone();
    }
    contract(json!({ path: { "get": operation } }))
}

fn answer(schema: Value) -> Value {
    json!({ "description": "", "content": { "application/json": { "schema": schema } } })
}

#[track_caller]
fn check(contract: &Contract, methods: &str, left_out: &[&str]) {
    let ClientOutput { files, left_out: said } = generate(contract).unwrap();
    assert_eq!(surface(&files[0].contents).unwrap().trim_end(), methods);
    assert_eq!(said, left_out);
}

#[track_caller]
fn refuse(contract: &Contract, expected: &str) {
    assert_eq!(generate(contract).unwrap_err().to_string(), expected);
}

const READ: &str = "read() -> Result<ResponseValue<chat_models::Carrier>, Error>";

#[test]
fn one_media_type_is_chosen() {
    let forms = json!({
        "text/json": { "schema": { "$ref": CARRIER } },
        "application/json; charset=utf-8": { "schema": { "$ref": CARRIER } },
        "application/xml": { "schema": { "$ref": CARRIER } },
    });
    let members = json!({
        "requestBody": { "content": forms },
        "responses": { "200": { "description": "", "content": forms } },
    });
    check(
        &reading("/x", members),
        "read(body: &chat_models::Carrier) -> Result<ResponseValue<chat_models::Carrier>, Error>",
        &[
            "operation `v1ThingEntity_Read`: answer 200 as `text/json`, `application/xml` is not asked for",
            "operation `v1ThingEntity_Read`: a request body of type `text/json`, `application/xml` cannot be sent",
        ],
    );
}

#[test]
fn errors_have_one_type() {
    let members = json!({ "responses": {
        "200": answer(json!({ "$ref": CARRIER })),
        "400": answer(json!({ "$ref": PROBLEM })),
        "404": answer(json!({ "$ref": PROBLEM })),
        "409": answer(json!({ "$ref": "#/components/schemas/Other" })),
        "default": answer(json!({ "$ref": PROBLEM })),
    } });
    let contract = reading("/x", members);
    let said = "operation `v1ThingEntity_Read`: the body of answer 409 is not that of the other errors, only its status is kept";
    check(&contract, READ, &[said]);
    let root = &generate(&contract).unwrap().files[0].contents;
    assert!(root.contains("pub type ErrorBody = ::chat_models::Problem;"), "{root}");
}

#[test]
fn one_success_is_chosen() {
    let members = json!({ "responses": { "200": answer(json!({ "$ref": CARRIER })), "204": { "description": "" } } });
    check(&reading("/x", members), READ, &["operation `v1ThingEntity_Read`: answer 204 is not read, only 200 is"]);
    let members = json!({ "responses": { "default": answer(json!({ "$ref": CARRIER })) } });
    check(&reading("/x", members), READ, &[]);
}

#[test]
fn bodies_have_the_type_of_their_schema() {
    let untyped = "operation `v1ThingEntity_Read`: the answer 200 is any JSON value, because it has no type of its own";
    for (schema, rust, said) in [
        (json!({ "type": "array", "items": { "$ref": CARRIER } }), "Vec<chat_models::Carrier>", None),
        (
            json!({ "type": "object", "additionalProperties": { "$ref": CARRIER } }),
            "std::collections::BTreeMap<String, chat_models::Carrier>",
            None,
        ),
        (
            json!({ "nullable": true, "type": "object", "allOf": [{ "$ref": CARRIER }] }),
            "Option<chat_models::Carrier>",
            None,
        ),
        (json!({ "type": "string", "format": "date-time" }), "chat_models::DateTime", None),
        (json!({ "type": "string" }), "String", None),
        (json!({ "type": "integer", "format": "int32" }), "i32", None),
        (json!({}), "serde_json::Value", None),
        (
            json!({ "anyOf": [{ "type": "string", "enum": ["a"] }, { "type": "string" }] }),
            "serde_json::Value",
            Some(untyped),
        ),
        (json!({ "type": "object", "properties": { "A": { "type": "string" } } }), "serde_json::Value", Some(untyped)),
    ] {
        let expected = format!("read() -> Result<ResponseValue<{rust}>, Error>");
        check(&reading("/x", json!({ "responses": { "200": answer(schema) } })), &expected, said.as_slice());
    }
}

#[test]
fn bodies_without_schema_are_values_and_others_are_bytes() {
    for (content, rust, said) in [
        (
            json!({ "application/json": {} }),
            "serde_json::Value",
            Some("operation `v1ThingEntity_Read`: the answer 200 is any JSON value, because it has no type of its own"),
        ),
        (json!({ "application/pdf": {} }), "ByteStream", None),
        (json!({}), "()", None),
    ] {
        let members = json!({ "responses": { "200": { "description": "", "content": content } } });
        check(&reading("/x", members), &format!("read() -> Result<ResponseValue<{rust}>, Error>"), said.as_slice());
    }
}

#[test]
fn parameters_become_arguments() {
    let members = json!({ "parameters": [
        { "name": "id", "in": "path", "required": true, "schema": { "type": "integer", "format": "int32" } },
        { "name": "since", "in": "query", "schema": { "type": "string", "format": "date-time" } },
        { "name": "kind", "in": "query", "schema": { "type": "string", "enum": ["A", "B"] } },
        { "name": "text", "in": "query", "schema": { "type": "string", "maxLength": 3, "pattern": "x" } },
        { "name": "twins", "in": "query", "schema": { "type": "string", "enum": ["a", "A"] } },
        { "name": "type", "in": "query", "schema": { "type": "array", "items": { "type": "string" } } },
        { "name": "X-Trace", "in": "header", "required": true, "schema": { "type": "string", "format": "uuid" } },
        { "name": "crumb", "in": "cookie", "schema": { "type": "string" } },
        { "name": "filter", "in": "query", "style": "deepObject", "schema": { "type": "object" } },
        { "$ref": "#/components/parameters/Lang" },
    ] });
    check(
        &reading("/x/{id}", members),
        "read(id: i32, kind: Option<types::ReadKind>, since: Option<&chat_models::DateTime>, text: Option<&str>, \
         twins: Option<&str>, type_: Option<&Vec<String>>, x_trace: &str) -> Result<ResponseValue<chat_models::Carrier>, Error>",
        &[
            "operation `v1ThingEntity_Read`: query parameter `text`: bounds are not checked before sending",
            "operation `v1ThingEntity_Read`: query parameter `twins`: any text is accepted, because values of the list are the same in Rust",
            "operation `v1ThingEntity_Read`: cookie parameter `crumb`: cookies are not sent",
            "operation `v1ThingEntity_Read`: query parameter `filter`: its style is not supported",
            "header `SO-Language`: set once on the client, not by each method",
        ],
    );
}

#[test]
fn path_parameters_are_always_required() {
    let mut contract = reading(
        "/x/{id}",
        json!({ "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }] }),
    );
    if let docwright_contract::model::RefOr::Inline(parameter) = &mut contract.operations[0].parameters[0] {
        parameter.required = false;
    }
    check(&contract, "read(id: &str) -> Result<ResponseValue<chat_models::Carrier>, Error>", &[]);
}

#[test]
fn names_that_the_client_has_already_take_the_tag() {
    let contract = reading("/x", json!({ "operationId": "v1ThingEntity_New" }));
    check(&contract, "thing_new() -> Result<ResponseValue<chat_models::Carrier>, Error>", &[]);
}

#[test]
fn names_that_collide_are_refused() {
    let twins = json!({ "parameters": [
        { "name": "soLanguage", "in": "query", "schema": { "type": "string" } },
        { "name": "SO-Language", "in": "header", "schema": { "type": "string" } },
    ] });
    refuse(
        &reading("/x", twins),
        "parameters of operation `v1ThingEntity_Read`: `soLanguage` and `SO-Language` both become `so_language` in Rust",
    );
    let body = json!({
        "parameters": [{ "name": "body", "in": "query", "schema": { "type": "string" } }],
        "requestBody": { "content": { "application/json": { "schema": {} } } },
    });
    refuse(
        &reading("/x", body),
        "parameters of operation `v1ThingEntity_Read`: `body` and `the request body` both become `body` in Rust",
    );
}

#[test]
fn operations_that_cannot_be_called_are_left_out() {
    let parameter = |name: &str, location: &str, ty: &str| json!({ "parameters": [{ "name": name, "in": location, "required": true, "schema": { "type": ty } }] });
    for (members, why) in [
        (parameter("crumb", "cookie", "string"), "cookie parameter `crumb`: cookies are not sent"),
        (parameter("filter", "query", "object"), "query parameter `filter`: an object has no form in a parameter"),
        (
            json!({ "requestBody": { "content": { "text/xml": { "schema": {} }, "image/png": { "schema": {} } } } }),
            "the request body has no JSON form, only text/xml, image/png",
        ),
    ] {
        check(&reading("/x", members), "", &[&format!("operation `v1ThingEntity_Read`: has no method: {why}")]);
    }
    let mut contract = reading("/x", json!({}));
    contract.operations[0].method = docwright_contract::model::Method::Trace;
    let said = "operation `v1ThingEntity_Read`: has no method: the client cannot send TRACE requests";
    check(&contract, "", &[said]);
}

#[test]
fn paths_that_do_not_fit_their_parameters_are_refused() {
    let in_path =
        json!({ "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }] });
    for (path, members, expected) in [
        ("/x", in_path, "operation `v1ThingEntity_Read`: the path has no place for parameter `id`"),
        ("/x/{id}", json!({}), "operation `v1ThingEntity_Read`: the path's `{id}` is no parameter"),
        ("/x/{id", json!({}), "operation `v1ThingEntity_Read`: `/x/{id` is no path template"),
    ] {
        refuse(&reading(path, members), expected);
    }
}

#[test]
fn dangling_references_are_refused() {
    let members = json!({
        "parameters": [{ "$ref": "#/components/parameters/Lang" }],
        "responses": { "200": answer(json!({ "type": "array", "items": { "$ref": CARRIER } })) },
    });
    let mut contract = reading("/x", members);
    contract.schemas.shift_remove("Carrier");
    contract.parameters.clear();
    refuse(
        &contract,
        "operation `v1ThingEntity_Read`: there is no component `Lang`\n\
         operation `v1ThingEntity_Read`: there is no component `Carrier`",
    );
}

#[test]
fn a_panic_becomes_an_error() {
    let panic = std::panic::catch_unwind(|| std::panic::panic_any("assertion".to_owned())).unwrap_err();
    assert_eq!(super::panic_text(panic.as_ref()), "progenitor panicked: assertion");
}

#[test]
fn documentation_runs_no_test() {
    let members = json!({ "summary": "Read [SR_X].", "description": "Like\n\n    read()\n\nor so." });
    let files = generate(&reading("/x", members)).unwrap().files;
    let expected =
        "    /// Read \\[SR_X\\]\n    ///\n    /// Like\n    ///\n    /// ```text\n    /// read()\n    /// ```\n";
    for file in &files {
        assert!(file.contents.contains(expected), "{}", file.contents);
        assert!(!file.contents.contains("/**"));
    }
}
