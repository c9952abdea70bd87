//! One contract in the words of every version of the specification.

mod documents;

use docwright_contract::{canonical, emit, read, yaml};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const SWAGGER: &str = include_str!("../fixtures/versions/swagger-2.0.yaml");
const V3_0: &str = include_str!("../fixtures/versions/openapi-3.0.yaml");
const V3_1: &str = include_str!("../fixtures/versions/openapi-3.1.json");

#[track_caller]
fn same(name: &str, a: &str, other: &str, b: &str) {
    let report: Vec<_> = canonical::compare(name, a, other, b).iter().map(ToString::to_string).collect();
    assert!(report.is_empty(), "{}", report.join("\n"));
    assert_eq!(a, b);
}

#[test]
fn every_version_reads_as_the_same_contract() {
    let [swagger, v3_0, v3_1] = [SWAGGER, V3_0, V3_1].map(|text| read::document(text).unwrap());
    assert_eq!(swagger.dialect, read::Dialect::Swagger2);
    assert_eq!(v3_0.dialect, read::Dialect::OpenApi30);
    assert_eq!(v3_1.dialect, read::Dialect::OpenApi31);
    let text = canonical::full(&v3_0.contract);
    same("2.0", &canonical::full(&swagger.contract), "3.0", &text);
    same("3.1", &canonical::full(&v3_1.contract), "3.0", &text);
    assert!(text.lines().count() > 90, "{text}");
}

#[test]
fn what_is_read_can_be_written_and_read_again() {
    for text in [SWAGGER, V3_0, V3_1] {
        let contract = read::document(text).unwrap().contract;
        let written = emit::to_value(&contract);
        assert_eq!(read::from_value(&written).unwrap(), contract);
        assert_eq!(read::document(&emit::to_yaml(&contract, "")).unwrap().contract, contract);
        assert_eq!(read::document(&written.to_string()).unwrap().contract, contract);
    }
}

#[test]
fn json_and_yaml_of_a_document_are_the_same() {
    for text in [SWAGGER, V3_0] {
        let json = yaml::from_str(text).unwrap().to_string();
        assert_eq!(read::document(&json).unwrap().contract, read::document(text).unwrap().contract);
    }
}

/// Schemas as 3.0 writes them, of what all versions can say.
fn schema() -> impl Strategy<Value = Value> {
    let text = (any::<bool>(), prop::option::of(0_u64..9), prop::option::of("[a-z]{1,3}")).prop_map(
        |(is_nullable, longest, example)| {
            let mut schema = json!({ "type": "string" });
            set(&mut schema, "nullable", is_nullable.then_some(true));
            set(&mut schema, "maxLength", longest);
            set(&mut schema, "example", example);
            schema
        },
    );
    let number = (any::<bool>(), prop::option::of(-9_i64..9), any::<bool>(), any::<bool>()).prop_map(
        |(is_nullable, bound, is_least, is_excluded)| {
            let mut schema = json!({ "type": "number" });
            set(&mut schema, "nullable", is_nullable.then_some(true));
            let (name, flag) = if is_least { ("minimum", "exclusiveMinimum") } else { ("maximum", "exclusiveMaximum") };
            set(&mut schema, name, bound);
            set(&mut schema, flag, (bound.is_some() && is_excluded).then_some(true));
            schema
        },
    );
    let values = any::<bool>().prop_map(|is_nullable| match is_nullable {
        true => json!({ "type": "string", "nullable": true, "enum": ["a", "b", null] }),
        false => json!({ "type": "string", "enum": ["a", "b"] }),
    });
    let reference = any::<bool>().prop_map(|is_nullable| {
        let to = json!({ "$ref": "#/components/schemas/Other" });
        if is_nullable { json!({ "nullable": true, "allOf": [to] }) } else { to }
    });
    let bytes =
        prop::sample::select(vec!["byte", "binary"]).prop_map(|format| json!({ "type": "string", "format": format }));
    prop_oneof![text, number, values, reference, bytes, Just(json!({}))].prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            (inner.clone(), any::<bool>()).prop_map(|(items, is_nullable)| {
                let mut schema = json!({ "type": "array", "items": items });
                set(&mut schema, "nullable", is_nullable.then_some(true));
                schema
            }),
            inner.clone().prop_map(|values| json!({ "type": "object", "additionalProperties": values })),
            (prop::collection::btree_map("[a-c]", inner.clone(), 1..4), any::<bool>()).prop_map(
                |(properties, first)| {
                    let required: Vec<_> = properties.keys().take(usize::from(first)).cloned().collect();
                    let mut schema = json!({ "type": "object", "properties": properties });
                    set(&mut schema, "required", first.then_some(required));
                    schema
                }
            ),
            prop::collection::vec(inner, 2..4).prop_map(|parts| json!({ "allOf": parts })),
        ]
    })
}

fn set(schema: &mut Value, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        schema[name] = value.into();
    }
}

/// The same in 3.1.
fn in_3_1(schema: &Value) -> Value {
    walk(schema, &|schema| {
        if let Some(example) = schema.remove("example") {
            schema.insert("examples".to_owned(), json!([example]));
        }
        for (bound, flag) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
            if schema.remove(flag).is_some()
                && let Some(value) = schema.remove(bound)
            {
                schema.insert(flag.to_owned(), value);
            }
        }
        let format = schema.get("format").and_then(Value::as_str).map(str::to_owned);
        if let Some(format) = format {
            schema.remove("format");
            let (name, value) = match format.as_str() {
                "byte" => ("contentEncoding", "base64"),
                _ => ("contentMediaType", "application/octet-stream"),
            };
            schema.insert(name.to_owned(), value.into());
        }
        if schema.remove("nullable").is_some() {
            match (schema.get("type").cloned(), schema.remove("allOf")) {
                (Some(ty), _) => schema.insert("type".to_owned(), json!([ty, "null"])),
                (None, Some(parts)) => schema.insert("anyOf".to_owned(), json!([parts[0], { "type": "null" }])),
                (None, None) => None,
            };
        }
    })
}

/// The same in Swagger 2.0.
fn in_swagger(schema: &Value) -> Value {
    walk(schema, &|schema| {
        if schema.remove("nullable").is_some() {
            schema.insert("x-nullable".to_owned(), true.into());
        }
        if let Some(Value::String(target)) = schema.get_mut("$ref") {
            *target = target.replace("#/components/schemas/", "#/definitions/");
        }
    })
}

/// Changes every schema within, inner ones first.
fn walk(schema: &Value, change: &dyn Fn(&mut Map<String, Value>)) -> Value {
    let mut members = schema.as_object().cloned().unwrap_or_default();
    for (name, value) in &mut members {
        *value = match (name.as_str(), &*value) {
            ("items" | "additionalProperties", inner) => walk(inner, change),
            ("allOf", Value::Array(parts)) => parts.iter().map(|part| walk(part, change)).collect(),
            ("properties", Value::Object(all)) => {
                Value::Object(all.iter().map(|(name, inner)| (name.clone(), walk(inner, change))).collect())
            }
            (_, other) => other.clone(),
        };
    }
    change(&mut members);
    Value::Object(members)
}

proptest! {
    #[test]
    fn schemas_mean_the_same_in_every_version(schema in schema()) {
        let info = json!({ "title": "T", "version": "1" });
        let all = |schema: Value| json!({ "S": schema, "Other": { "type": "object" } });
        let v3_0 = json!({ "openapi": "3.0.3", "info": info, "paths": {}, "components": { "schemas": all(schema.clone()) } });
        let v3_1 = json!({ "openapi": "3.1.0", "info": info, "components": { "schemas": all(in_3_1(&schema)) } });
        let swagger = json!({ "swagger": "2.0", "info": info, "paths": {}, "definitions": all(in_swagger(&schema)) });
        let read = |document: &Value| read::from_value(document).unwrap();
        let contract = read(&v3_0);
        prop_assert_eq!(canonical::full(&contract), canonical::full(&read(&v3_1)), "{}", v3_1);
        prop_assert_eq!(&contract, &read(&swagger), "{}", swagger);
        prop_assert_eq!(&read(&emit::to_value(&contract)), &contract);
    }
}

/// Whatever is wrong with a document, it is refused or read as something that can be written.
#[test]
fn damaged_documents_are_refused_or_read() {
    let damages = [
        json!(null),
        json!(7),
        json!("x"),
        json!([]),
        json!({}),
        json!([{}]),
        json!({ "$ref": "#/paths/~1search/post/responses/204" }),
        json!({ "$ref": "#/paths/~1search" }),
        json!({ "$ref": "#/info" }),
        json!({ "a": { "b": "c" } }),
    ];
    let (mut refused, mut read_well) = (0, 0);
    for text in [SWAGGER, V3_0, V3_1] {
        let document = read::value_of_text(text).unwrap();
        let mut places = Vec::new();
        collect(&document, String::new(), &mut places);
        for (index, place) in places.iter().enumerate() {
            let mut damaged = document.clone();
            *damaged.pointer_mut(place).unwrap() = damages[index % damages.len()].clone();
            match read::value(&damaged) {
                Ok(read) => {
                    let again = read::from_value(&emit::to_value(&read.contract))
                        .unwrap_or_else(|error| panic!("{place} of {damaged}: {error}"));
                    assert!(again == read.contract, "{place} of {damaged}");
                    read_well += 1;
                }
                Err(error) => {
                    assert!(error.pointer.starts_with('#'), "{error}");
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 200 && read_well > 200, "{refused} refused, {read_well} read");
}

fn collect(value: &Value, pointer: String, places: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        places.push(pointer.clone());
        collect(value, pointer, places);
    }
}

/// The vendor's own contracts, where they are at hand.
#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn a_vendors_contract_is_read_and_read_again() {
    let Some(corpus) = std::env::var_os("DOCWRIGHT_CORPUS") else {
        eprintln!("skipped: DOCWRIGHT_CORPUS names no folder with `*/truth.json`");
        return;
    };
    let mut count = 0;
    for folder in std::fs::read_dir(corpus).unwrap() {
        let path = folder.unwrap().path().join("truth.json");
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        count += 1;
        let contract = read::document(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())).contract;
        assert!(!contract.operations.is_empty());
        assert!(read::from_value(&emit::to_value(&contract)).unwrap() == contract, "{}", path.display());
    }
    assert!(count > 0, "no contract in DOCWRIGHT_CORPUS");
}
