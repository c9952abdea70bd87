//! Schemas as OpenAPI 3.1 writes them, for what the types and attributes of Rust cannot say.

use docwright_contract::model::{Additional, Constraints, Schema, Type};
use serde_json::{Map, Value, json};

/// The schema in the dialect of 3.1.
pub(super) fn of(schema: &Schema) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    if let Some(name) = schema.ty.name() {
        put("type", if schema.nullable { json!([name, "null"]) } else { json!(name) });
    }
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let flag = |flag: bool| flag.then_some(Value::Bool(true));
    let annotations = [
        ("format", schema.ty.format().map(|format| json!(format))),
        ("title", text(&schema.title)),
        ("description", text(&schema.description)),
        ("deprecated", flag(schema.deprecated)),
        ("readOnly", flag(schema.read_only)),
        ("writeOnly", flag(schema.write_only)),
        ("default", schema.default.clone()),
        ("example", schema.example.clone()),
    ];
    annotations.into_iter().for_each(|(name, value)| value.into_iter().for_each(|value| put(name, value)));
    if !schema.enumeration.is_empty() {
        let null = schema.nullable && !schema.enumeration.contains(&Value::Null);
        put("enum", schema.enumeration.iter().cloned().chain(null.then_some(Value::Null)).collect());
    }
    shape(schema, &mut put);
    bounds(&schema.constraints, &mut put);
    for (name, value) in &schema.extensions {
        put(name, value.clone());
    }
    Value::Object(members)
}

fn shape(schema: &Schema, put: &mut impl FnMut(&str, Value)) {
    let nothing = schema.nullable.then(|| json!({ "type": "null" }));
    let list = |parts: &[Schema]| -> Vec<Value> { parts.iter().map(of).collect() };
    match &schema.ty {
        Type::Any | Type::Boolean | Type::Integer { .. } | Type::Number { .. } | Type::String { .. } => {}
        Type::Ref(name) => {
            let reference = json!({ "$ref": reference(name) });
            match nothing {
                Some(nothing) => put("oneOf", json!([reference, nothing])),
                None if *schema == Schema::reference(name.as_str()) => put("$ref", json!(self::reference(name))),
                None => put("allOf", json!([reference])),
            }
        }
        Type::Array { items } => put("items", of(items)),
        Type::Object { properties, required, additional } => {
            if !properties.is_empty() {
                let properties = properties.iter().map(|(name, property)| (name.clone(), of(property)));
                put("properties", Value::Object(properties.collect()));
            }
            if !required.is_empty() {
                put("required", json!(required));
            }
            match additional {
                Additional::Unstated => {}
                Additional::Forbidden => put("additionalProperties", json!(false)),
                Additional::Any => put("additionalProperties", json!(true)),
                Additional::Schema(values) => put("additionalProperties", of(values)),
            }
        }
        Type::AllOf(parts) => match nothing {
            Some(nothing) => put("oneOf", json!([{ "allOf": list(parts) }, nothing])),
            None => put("allOf", json!(list(parts))),
        },
        Type::OneOf(parts) => put("oneOf", list(parts).into_iter().chain(nothing).collect()),
        Type::AnyOf(parts) => put("anyOf", list(parts).into_iter().chain(nothing).collect()),
    }
}

fn reference(name: &str) -> String {
    format!("#/components/schemas/{}", name.replace('~', "~0").replace('/', "~1").replace('%', "%25"))
}

fn bounds(constraints: &Constraints, put: &mut impl FnMut(&str, Value)) {
    let minimum = if constraints.exclusive_minimum { "exclusiveMinimum" } else { "minimum" };
    let maximum = if constraints.exclusive_maximum { "exclusiveMaximum" } else { "maximum" };
    for (name, value) in
        [(minimum, &constraints.minimum), (maximum, &constraints.maximum), ("multipleOf", &constraints.multiple_of)]
    {
        value.iter().for_each(|value| put(name, json!(value)));
    }
    for (name, value) in [
        ("minLength", constraints.min_length),
        ("maxLength", constraints.max_length),
        ("minItems", constraints.min_items),
        ("maxItems", constraints.max_items),
        ("minProperties", constraints.min_properties),
        ("maxProperties", constraints.max_properties),
    ] {
        value.iter().for_each(|value| put(name, json!(value)));
    }
    constraints.pattern.iter().for_each(|pattern| put("pattern", json!(pattern)));
    if constraints.unique_items {
        put("uniqueItems", json!(true));
    }
}

#[cfg(test)]
mod tests {
    use docwright_contract::{emit, read};

    use super::*;

    /// What both versions say is the same.
    #[test]
    fn it_reads_back_as_it_was() {
        let schemas = json!({
            "S": { "type": "object", "nullable": true, "required": ["a"], "additionalProperties": false, "properties": {
                "a": { "type": "string", "format": "uuid", "nullable": true, "minLength": 1, "enum": ["x"], "x-y": 1 },
                "b": { "type": "object", "nullable": true, "description": "D", "allOf": [{ "$ref": "#/components/schemas/A~1b" }] },
                "c": { "type": "object", "description": "D", "allOf": [{ "$ref": "#/components/schemas/A~1b" }] },
                "d": { "oneOf": [{ "type": "string" }, { "type": "integer" }], "default": 1 },
                "e": { "type": "array", "uniqueItems": true, "items": { "type": "number", "minimum": 1, "exclusiveMinimum": true } },
                "f": { "type": "object", "nullable": true, "allOf": [{ "$ref": "#/components/schemas/A~1b" }, { "type": "object", "properties": { "x": {} } }] },
            } },
            "A/b": { "type": "object", "additionalProperties": { "type": "boolean" } },
        });
        let document = json!({ "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": {}, "components": { "schemas": schemas } });
        let contract = read::from_value(&document).unwrap();
        let mut document = emit::to_value(&contract);
        document["openapi"] = json!("3.1.0");
        for (name, schema) in &contract.schemas {
            document["components"]["schemas"][name] = of(schema);
        }
        assert_eq!(read::from_value(&document).unwrap().schemas, contract.schemas);
    }
}
