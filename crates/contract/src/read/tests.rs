mod kept;
mod positions;
mod references;
mod swagger;

use serde_json::{Value, json};

use super::*;
use crate::{
    emit,
    model::{Additional, RefOr, Schema, SecuritySchemeKind, Type},
};

fn document(version: &str, schemas: Value) -> Value {
    json!({ "openapi": version, "info": { "title": "T", "version": "1" }, "paths": {}, "components": { "schemas": schemas } })
}

fn schema_of(schema: &Value) -> Schema {
    let schemas = json!({ "S": schema, "A": { "type": "object" }, "B": { "type": "string" } });
    let contract = from_value(&document("3.1.0", schemas)).unwrap();
    // What is read can be written and read again.
    assert_eq!(from_value(&emit::to_value(&contract)).unwrap(), contract, "{schema}");
    contract.schemas["S"].clone()
}

/// All forms mean the first one.
#[track_caller]
fn same(forms: &[Value]) -> Schema {
    let first = schema_of(&forms[0]);
    for form in forms {
        assert_eq!(schema_of(form), first, "{form}");
    }
    first
}

#[test]
fn forms_of_a_nullable_text() {
    let schema = same(&[
        json!({ "type": "string", "nullable": true, "format": "date-time" }),
        json!({ "type": ["string", "null"], "format": "date-time" }),
        json!({ "oneOf": [{ "type": "null" }, { "type": "string", "format": "date-time" }] }),
        json!({ "anyOf": [{ "type": "string", "format": "date-time" }, { "enum": [null] }] }),
        json!({ "allOf": [{ "type": "string", "format": "date-time" }], "nullable": true }),
    ]);
    assert_eq!(schema, Schema::new(Type::String { format: Some("date-time".to_owned()) }).nullable());
}

#[test]
fn forms_of_a_nullable_reference() {
    let a = "#/components/schemas/A";
    let schema = same(&[
        json!({ "type": "object", "nullable": true, "description": "d", "allOf": [{ "$ref": a }] }),
        json!({ "nullable": true, "description": "d", "allOf": [{ "$ref": a }] }),
        json!({ "description": "d", "oneOf": [{ "type": "null" }, { "$ref": a }] }),
        json!({ "oneOf": [{ "type": "null" }, { "$ref": a, "description": "d" }] }),
        json!({ "description": "d", "anyOf": [{ "$ref": a }, { "type": "null" }] }),
        json!({ "$ref": a, "description": "d", "nullable": true }),
    ]);
    assert_eq!(schema, Schema { description: Some("d".to_owned()), ..Schema::reference("A").nullable() });
}

#[test]
fn forms_of_a_closed_list() {
    let schema = same(&[
        json!({ "type": "string", "nullable": true, "enum": ["a", "b", null] }),
        json!({ "type": ["string", "null"], "enum": ["a", "b"] }),
        json!({ "type": ["string", "null"], "enum": ["a", null, "b"] }),
    ]);
    assert_eq!(schema.enumeration, [json!("a"), json!("b")]);
    assert!(schema.nullable);
    assert_eq!(schema_of(&json!({ "const": 1 })).enumeration, [json!(1)]);
}

#[test]
fn forms_of_a_bound() {
    let schema = same(&[
        json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true, "maximum": 9 }),
        json!({ "type": "integer", "exclusiveMinimum": 1, "maximum": 9 }),
        json!({ "type": "integer", "exclusiveMinimum": 1, "minimum": 0, "maximum": 9, "exclusiveMaximum": 10 }),
    ]);
    assert!(schema.constraints.exclusive_minimum);
    assert!(!schema.constraints.exclusive_maximum);
}

#[test]
fn forms_of_an_example_and_of_a_map() {
    let schema = same(&[
        json!({ "type": "object", "example": {}, "additionalProperties": { "type": "integer" } }),
        json!({ "examples": [{}], "additionalProperties": { "type": "integer" }, "propertyNames": { "type": "string" } }),
    ]);
    assert!(schema.map_values().is_some());
    assert_eq!(schema.example, Some(json!({})));
}

#[test]
fn null_as_the_only_value_of_a_list_stays_the_only_one() {
    for schema in [
        json!({ "type": "string", "nullable": true, "enum": [null] }),
        json!({ "type": "string", "nullable": true, "enum": [null, null] }),
    ] {
        let document = json!({
            "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": {}, "components": { "schemas": { "A": schema } },
        });
        let contract = from_value(&document).unwrap();
        assert_eq!(contract.schemas["A"].enumeration, [Value::Null]);
        assert_eq!(from_value(&emit::to_value(&contract)).unwrap(), contract);
    }
}

#[test]
fn several_types_are_a_choice() {
    let schema = schema_of(&json!({ "type": ["string", "integer", "null"], "format": "x" }));
    assert!(schema.nullable);
    assert!(matches!(&schema.ty, Type::AnyOf(parts) if parts.len() == 2), "{schema:?}");
}

#[test]
fn all_of_with_own_properties_keeps_both() {
    let schema = schema_of(&json!({
        "type": "object", "properties": { "x": {} }, "allOf": [{ "$ref": "#/components/schemas/A" }],
    }));
    assert!(matches!(&schema.ty, Type::AllOf(parts) if parts.len() == 2), "{schema:?}");
}

#[test]
fn booleans_are_schemas() {
    let schema = schema_of(&json!({ "type": "object", "properties": { "any": true, "none": false } }));
    let Type::Object { properties, additional: Additional::Unstated, .. } = schema.ty else { panic!("{schema:?}") };
    assert_eq!(properties["any"], Schema::default());
    assert_eq!(properties["none"].extensions["not"], json!({}));
}

#[test]
fn unknown_members_are_kept() {
    let schema = schema_of(&json!({ "type": "object", "discriminator": { "propertyName": "x" }, "x-y": [1] }));
    assert_eq!(schema.extensions.len(), 2);
}

#[test]
fn a_nullable_reference_to_text_is_written_as_text() {
    let reference = Schema::reference("B").nullable();
    let mut contract = from_value(&document("3.0.3", json!({ "B": { "type": "string" } }))).unwrap();
    contract.schemas.insert("S".to_owned(), reference);
    assert_eq!(
        emit::to_value(&contract)["components"]["schemas"]["S"],
        json!({ "type": "string", "nullable": true, "allOf": [{ "$ref": "#/components/schemas/B" }] })
    );
}

#[test]
fn names_with_slashes_and_blanks_are_found() {
    let text = json!({
        "a_b": {}, "a/b": { "type": "integer" }, "c[d e~f]": { "type": "string" },
        "S": { "properties": {
            "x": { "$ref": "#/components/schemas/a~1b" }, "y": { "$ref": "#/components/schemas/c%5Bd%20e~0f%5D" },
        } },
    });
    let read = value(&document("3.0.3", text)).unwrap();
    let schemas = &read.contract.schemas;
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["a_b", "a_b_2", "c_d_e_f_", "S"]);
    let Type::Object { properties, .. } = &schemas["S"].ty else { panic!("{schemas:?}") };
    assert_eq!(properties["x"].ty, Type::Ref("a_b_2".to_owned()));
    assert_eq!(properties["y"].ty, Type::Ref("c_d_e_f_".to_owned()));
    assert_eq!(
        read.notes[0].to_string(),
        "no name for a component in OpenAPI 3; read as `a_b_2`, at `#/components/schemas/a~1b`"
    );
}

#[test]
fn what_holds_for_all_operations_is_put_down_at_each() {
    let contract = from_value(&json!({
        "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "security": [{ "k": [] }],
        "paths": { "/a/{id}": {
            "parameters": [{ "$ref": "#/components/parameters/Id" }, { "name": "q", "in": "query", "schema": {} }],
            "get": { "operationId": "one", "responses": {},
                     "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }] },
            "put": { "operationId": "two", "responses": { "200": { "$ref": "#/components/responses/R" } },
                     "security": [], "requestBody": { "$ref": "#/components/requestBodies/Body" } },
        } },
        "components": {
            "parameters": { "Id": { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } } },
            "responses": { "R": { "description": "r" } },
            "requestBodies": { "Body": { "content": { "text/plain": {} } } },
            "securitySchemes": { "k": { "type": "oauth2", "flows": {}, "description": "d" } },
        },
    }))
    .unwrap();
    let [one, two] = contract.operations.as_slice() else { panic!("{contract:?}") };
    assert!(
        matches!(one.parameters.as_slice(), [RefOr::Inline(id), RefOr::Inline(q)] if id.name == "id" && q.name == "q")
    );
    assert!(matches!(two.parameters.as_slice(), [RefOr::Ref(id), RefOr::Inline(_)] if id == "Id"));
    assert_eq!(one.security.as_ref().map(Vec::len), Some(1));
    assert_eq!(two.security, Some(vec![]));
    assert!(two.request_body.as_ref().unwrap().content.contains_key("text/plain"));
    assert!(matches!(&contract.security_schemes["k"].kind, SecuritySchemeKind::Other(_)));
    assert_eq!(from_value(&emit::to_value(&contract)).unwrap(), contract);
}

#[test]
fn errors_name_the_place() {
    #[track_caller]
    fn check(document: Value, expected: &str) {
        assert_eq!(from_value(&document).unwrap_err().to_string(), expected);
    }
    let with = |schema: Value| document("3.0.3", json!({ "S": schema }));
    check(json!([]), "expected an object, found an array, at `#`");
    check(json!({}), "missing member `openapi`, at `#`");
    check(
        json!({ "swagger": "1.2" }),
        "Swagger 1.2 is not a version that can be read: OpenAPI 3.0 and 3.1 and Swagger 2.0 are, at `#/swagger`",
    );
    check(
        json!({ "openapi": "3.2.0" }),
        "OpenAPI 3.2.0 is not a version that can be read: OpenAPI 3.0 and 3.1 and Swagger 2.0 are, at `#/openapi`",
    );
    check(json!({ "openapi": "3.0.3", "info": { "version": "1" } }), "missing member `title`, at `#/info`");
    check(
        with(json!({ "$ref": "#/components/schemas/X" })),
        "reference to `#/components/schemas/X`, which does not exist, at `#/components/schemas/S`",
    );
    check(
        with(json!({ "type": "array", "items": { "$ref": "other.yaml#/X" } })),
        "reference to `other.yaml#/X`, which is outside this document: bundle the documents into one first, at \
         `#/components/schemas/S/items`",
    );
    check(
        with(json!({ "properties": { "a/b": { "type": "text" } } })),
        "expected a JSON type, found `text`, at `#/components/schemas/S/properties/a~1b/type`",
    );
    check(
        with(json!({ "maxLength": -1 })),
        "expected a whole number of at least zero, found -1, at `#/components/schemas/S/maxLength`",
    );
    let mut operation = json!({ "openapi": "3.0.3", "info": { "title": "T", "version": "1" } });
    operation["paths"]["/a"]["get"] = json!({ "responses": { "200": 1 }, "operationId": "x" });
    check(operation.clone(), "expected an object, found 1, at `#/paths/~1a/get/responses/200`");
    operation["paths"]["/a"]["get"] = json!({ "operationId": "x", "responses": {} });
    operation["paths"]["/b"] = operation["paths"]["/a"].clone();
    check(operation.clone(), "the operation id `x` is used twice, first at `#/paths/~1a/get`, at `#/paths/~1b/get`");
    operation["components"]["responses"] = json!({ "R": { "$ref": "#/components/responses/R" } });
    operation["paths"]["/b"] = Value::Object(serde_json::Map::new());
    check(operation, "reference to `#/components/responses/R` leads back to itself, at `#/components/responses/R`");
    let circle = |a: Value, b: Value| document("3.0.3", json!({ "A": a, "B": b }));
    let to = |target: &str| json!({ "$ref": format!("#/components/schemas/{target}") });
    check(
        circle(to("B"), json!({ "allOf": [to("A")], "description": "d" })),
        "reference to `#/components/schemas/A` leads back to itself, at `#/components/schemas/A`",
    );
    check(
        circle(to("B/properties/x"), json!({ "properties": { "x": to("B/properties/x") } })),
        "reference to `#/components/schemas/B/properties/x` leads back to itself, at `#/components/schemas/A`",
    );
}

#[test]
fn deep_nesting_is_refused() {
    let mut deep = json!({});
    for _ in 0..500 {
        deep = Value::Object([("items".to_owned(), deep)].into_iter().collect());
    }
    let error = from_value(&document("3.0.3", json!({ "S": deep }))).unwrap_err();
    assert!(matches!(error.problem, Problem::TooDeep { .. }), "{error}");
}

#[test]
fn json_schemas_of_rust_types() {
    let schemas = json_schemas(&json!({
        "Book": {
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Book", "type": "object",
            "properties": {
                "Id": { "type": ["integer", "null"], "format": "int32", "minimum": 0, "maximum": 9 },
                "Author": { "anyOf": [{ "$ref": "#/$defs/Author" }, { "type": "null" }] },
                "Sequel": { "anyOf": [{ "$ref": "#" }, { "type": "null" }] },
            },
            "$defs": { "Author": { "type": "object" } },
        },
    }))
    .unwrap();
    assert_eq!(schemas.keys().collect::<Vec<_>>(), ["Book", "Author"]);
    assert_eq!(
        crate::canonical::schemas_only(&schemas),
        "schema Author: object\nschema Book: object\nschema Book.Author: Author\nschema Book.Id: integer(int32)\n\
         schema Book.Sequel: Book\n"
    );
    let error = json_schemas(&json!({ "A": { "$ref": "#/$defs/B" } })).unwrap_err();
    assert_eq!(error.to_string(), "reference to `#/$defs/B`, which does not exist, at `#/A`");
}
