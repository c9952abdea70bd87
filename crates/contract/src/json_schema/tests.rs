use serde_json::json;

use super::*;
use crate::read;

fn contract() -> Contract {
    read::from_value(&json!({
        "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": {},
        "components": { "schemas": {
            "Book": { "type": "object", "required": ["Id"], "properties": {
                "Id": { "type": "integer", "format": "int32" },
                "Author": { "type": "object", "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Author" }] },
                "Sequel": { "$ref": "#/components/schemas/Book" },
                "Status": { "type": "string", "nullable": true, "x-extensible-enum": ["A"] },
                "Kind": { "type": "string", "nullable": true, "enum": ["a", null] },
                "Fields": { "type": "object", "additionalProperties": { "type": "number", "nullable": true } },
                "Size": { "type": "integer", "minimum": 0, "exclusiveMinimum": true },
            } },
            "Author": { "type": "object", "additionalProperties": false },
            "Unused": {},
        } },
    }))
    .unwrap()
}

#[test]
fn a_schema_brings_what_it_refers_to() {
    let schema = for_schema(&contract(), &Schema::array(Schema::reference("Book")));
    assert_eq!(
        schema,
        json!({
            "$schema": DIALECT,
            "type": "array",
            "items": { "$ref": "#/$defs/Book" },
            "$defs": {
                "Author": { "type": "object", "additionalProperties": false },
                "Book": { "type": "object", "required": ["Id"], "properties": {
                    "Id": { "type": "integer", "format": "int32" },
                    "Author": { "anyOf": [{ "$ref": "#/$defs/Author" }, { "type": "null" }] },
                    "Sequel": { "$ref": "#/$defs/Book" },
                    "Status": { "type": ["string", "null"] },
                    "Kind": { "type": ["string", "null"], "enum": ["a", null] },
                    "Fields": { "type": "object", "additionalProperties": { "type": ["number", "null"] } },
                    "Size": { "type": "integer", "exclusiveMinimum": 0 },
                } },
            },
        })
    );
}

#[test]
fn small_schemas_stay_small() {
    let contract = contract();
    assert_eq!(for_schema(&contract, &Schema::default()), json!({ "$schema": DIALECT }));
    assert_eq!(
        for_schema(&contract, &Schema::reference("Gone").nullable()),
        json!({
            "$schema": DIALECT,
            "anyOf": [{ "$ref": "#/$defs/Gone" }, { "type": "null" }],
            "$defs": { "Gone": false },
        })
    );
}

#[test]
fn what_is_written_reads_back_as_the_same_shape() {
    let contract = contract();
    let written = for_schema(&contract, &contract.schemas["Book"]);
    let read = read::json_schemas(&json!({ "Book": written })).unwrap();
    let mut own = contract.schemas;
    own.shift_remove("Unused");
    assert_eq!(crate::canonical::schemas_only(&read), crate::canonical::schemas_only(&own));
}
