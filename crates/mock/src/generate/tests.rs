use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Choice, attempt, generate};
use crate::schemas::Direction;
use crate::testing::schemas;

/// How the first attempt goes about it.
const FIRST: Choice = Choice { examples: true, optional: true, branch: 0, direction: Direction::Answer };

/// The value for the schema `S`, which is held to it.
#[track_caller]
fn valid(components: &Value) -> Value {
    let (schemas, schema) = schemas(components.clone());
    let generated = generate(&schemas, &schema, Direction::Answer);
    assert_eq!(generated.failing, None, "{} for {components}", generated.value);
    let validator = schemas.compile(&schema, Direction::Answer).unwrap();
    if let Err(error) = validator.validate(&generated.value) {
        panic!("{error}: {} for {components}", generated.value);
    }
    assert_eq!(generate(&schemas, &schema, Direction::Answer).value, generated.value);
    generated.value
}

#[track_caller]
fn check(schema: Value, expected: Value) {
    assert_eq!(valid(&json!({ "S": schema })), expected, "{schema}");
}

#[test]
fn values_of_types() {
    check(json!({}), json!({}));
    check(json!({ "type": "boolean" }), json!(true));
    check(json!({ "type": "integer" }), json!(1));
    check(json!({ "type": "number" }), json!(1.5));
    check(json!({ "type": "string" }), json!("string"));
    check(json!({ "type": "array", "items": { "type": "integer" } }), json!([1]));
    check(json!({ "type": "object", "additionalProperties": { "type": "boolean" } }), json!({ "key": true }));
    check(json!({ "type": "object" }), json!({}));
    check(json!({ "enum": ["a", "b"] }), json!("a"));
    check(json!({ "type": "string", "nullable": true, "enum": ["a", null] }), json!("a"));
    check(json!({ "type": "integer", "enum": ["one", 2] }), json!(2));
}

#[test]
fn values_within_bounds() {
    check(json!({ "type": "integer", "minimum": 5 }), json!(5));
    check(json!({ "type": "integer", "minimum": 5, "exclusiveMinimum": true, "multipleOf": 4 }), json!(8));
    check(json!({ "type": "integer", "maximum": -5 }), json!(-5));
    check(json!({ "type": "integer", "maximum": -5, "multipleOf": 3 }), json!(-6));
    check(json!({ "type": "integer", "minimum": 0.5, "maximum": 1.5 }), json!(1));
    check(json!({ "type": "integer", "minimum": 9223372036854775807u64 }), json!(9223372036854775807u64));
    check(json!({ "type": "number", "minimum": 2 }), json!(3));
    check(json!({ "type": "number", "minimum": 0, "maximum": 1 }), json!(1));
    check(
        json!({ "type": "number", "minimum": 0, "maximum": 1, "exclusiveMinimum": true, "exclusiveMaximum": true }),
        json!(0.5),
    );
    check(json!({ "type": "number", "multipleOf": 0.01, "minimum": 0.065 }), json!(0.07));
    check(json!({ "type": "string", "minLength": 8 }), json!("stringstring"));
    check(json!({ "type": "string", "maxLength": 3 }), json!("aaa"));
    check(json!({ "type": "string", "maxLength": 0 }), json!(""));
    check(
        json!({ "type": "array", "items": { "type": "boolean" }, "minItems": 2, "uniqueItems": true }),
        json!([true, false]),
    );
    check(json!({ "type": "array", "items": { "type": "boolean" }, "maxItems": 0 }), json!([]));
    check(json!({ "type": "object", "minProperties": 2 }), json!({ "key": "string", "key2": "string" }));
    check(
        json!({ "type": "object", "maxProperties": 1, "required": ["b"], "properties": { "a": {}, "b": { "type": "integer" } } }),
        json!({ "b": 1 }),
    );
}

#[test]
fn values_of_formats() {
    for (format, expected) in [
        ("date-time", "2024-01-01T12:00:00Z"),
        ("date", "2024-01-01"),
        ("time", "12:00:00Z"),
        ("duration", "P1D"),
        ("uuid", "00000000-0000-4000-8000-000000000001"),
        ("email", "user@example.com"),
        ("idn-email", "user@example.com"),
        ("hostname", "example.com"),
        ("ipv4", "192.0.0.1"),
        ("ipv6", "2001:db8::1"),
        ("uri", "https://example.com/"),
        ("uri-reference", "/path"),
        ("uri-template", "/path/{id}"),
        ("json-pointer", "/member"),
        ("relative-json-pointer", "0/member"),
        ("regex", "^[a-z]+$"),
        ("byte", "Ynl0ZXM="),
        ("password", "string"),
        ("of nobody's knowledge", "string"),
    ] {
        check(json!({ "type": "string", "format": format }), json!(expected));
        valid(
            &json!({ "S": { "type": "array", "items": { "type": "string", "format": format }, "minItems": 40, "uniqueItems": true } }),
        );
    }
    check(json!({ "type": "string", "format": "email", "minLength": 20 }), json!("useraaaa@example.com"));
    check(json!({ "type": "string", "format": "byte", "minLength": 10 }), json!("Ynl0ZXMuLg=="));
}

#[test]
fn values_of_patterns() {
    for (pattern, expected) in [
        ("^[A-Z]{3}-\\d{2,4}$", "AAA-00"),
        ("^\\d*$", "0"),
        ("^(red|green)$", "red"),
        ("^[^a-z]$", "A"),
        ("\\w+@\\w+\\.com", "a@a.com"),
        ("^(?=.*\\d)[a-z\\d]{4,8}$", "0000"),
        ("^(?!x)[a-z]+$", "a"),
        ("^\\/api\\/v[12]$", "/api/v1"),
        ("^\\p{Lu}\\.$", "A."),
        ("^#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})$", "#aaaaaa"),
        ("^$", ""),
    ] {
        let (schemas, schema) = schemas(json!({ "S": { "type": "string", "pattern": pattern } }));
        let generated = generate(&schemas, &schema, Direction::Answer);
        // Look-ahead is met by luck or not at all, which is then said.
        if pattern.contains("(?=") && generated.failing.is_some() {
            continue;
        }
        assert_eq!((generated.value, generated.failing), (json!(expected), None), "{pattern}");
    }
    check(json!({ "type": "string", "pattern": "^[a-z]+$", "minLength": 5 }), json!("aaaaa"));
    check(json!({ "type": "string", "pattern": "[A-Z]{2}", "minLength": 4, "maxLength": 4 }), json!("AAaa"));
    let unique = json!({ "type": "array", "minItems": 30, "uniqueItems": true, "items": { "type": "string", "pattern": "^[a-z]\\d$" } });
    valid(&json!({ "S": unique }));
}

#[test]
fn hostile_patterns_end() {
    for nothing in ["x?", "x{0}", "\\b", "^", "[^\\s\\S]", "(?:|a)"] {
        let pattern = format!("(?:(?:(?:{nothing}){{9999}}){{9999}}){{9999}}");
        let text = json!({ "type": "string", "pattern": pattern });
        let (schemas, schema) = schemas(json!({ "S": { "type": "array", "minItems": 100, "items": text } }));
        let items = attempt(&schemas, &schema, FIRST).0;
        assert_eq!(items.and_then(|items| items.as_array().map(Vec::len)), Some(100), "{pattern}");
    }
}

#[test]
fn components_that_name_the_next_one_many_times_end() {
    for keyword in ["allOf", "oneOf", "anyOf"] {
        let mut components = serde_json::Map::new();
        for level in 0..30 {
            let next = json!({ "$ref": format!("#/components/schemas/A{}", level + 1) });
            components.insert(format!("A{level}"), json!({ keyword: [next, next, next] }));
        }
        components.insert("A30".to_owned(), json!({ "type": "object", "properties": { "a": {} } }));
        components.insert("S".to_owned(), json!({ "$ref": "#/components/schemas/A0" }));
        let (schemas, schema) = schemas(Value::Object(components));
        // Without validation, which has no limits.
        attempt(&schemas, &schema, FIRST);
        assert!(schemas.kinds(&schema).object, "{keyword}");
        assert!(schemas.items(&schema).is_none() && schemas.property(&schema, "b").is_none(), "{keyword}");
        assert_eq!(schemas.properties(&schema).len(), 1, "{keyword}");
    }
}

#[test]
fn no_value_takes_all_memory() {
    let map = json!({ "type": "object", "minProperties": 10_000 });
    let text = json!({ "type": "string", "minLength": 10_000 });
    let example = json!({ "type": "string", "example": "x".repeat(100_000) });
    let listed = json!({ "type": "string", "enum": ["x".repeat(100_000)] });
    for items in [map, text, example, listed] {
        let (schemas, schema) = schemas(json!({ "S": { "type": "array", "minItems": 10_000, "items": items } }));
        assert_eq!(attempt(&schemas, &schema, FIRST).0, None);
    }
}

#[test]
fn examples_within_schemas_where_they_fit() {
    check(
        json!({ "type": "object", "properties": {
            "a": { "type": "integer", "example": 7 }, "b": { "type": "integer", "example": "7" },
            "c": { "type": "string", "default": "d" }, "d": { "type": "string", "maxLength": 2, "example": "long" },
            "e": { "type": "array", "items": { "type": "integer" }, "example": ["x"] } } }),
        // An example with parts that do not fit drops all examples.
        json!({ "a": 1, "b": 1, "c": "string", "d": "aa", "e": [1] }),
    );
    check(
        json!({ "type": "object", "properties": { "a": { "type": "integer", "example": 7 }, "b": { "type": "integer", "example": "7" },
            "c": { "type": "string", "default": "d" } } }),
        json!({ "a": 7, "b": 1, "c": "d" }),
    );
}

#[test]
fn combined_schemas() {
    check(
        json!({ "allOf": [
            { "type": "object", "required": ["a"], "properties": { "a": { "type": "integer", "minimum": 3 } } },
            { "type": "object", "properties": { "a": { "type": "integer", "maximum": 4 }, "b": { "type": "boolean" } } },
        ] }),
        json!({ "a": 3, "b": true }),
    );
    check(json!({ "oneOf": [{ "type": "integer" }, { "type": "string" }] }), json!(1));
    // The first branch is admitted by the second too.
    check(json!({ "oneOf": [{ "type": "integer" }, { "type": "number" }] }), json!(1.5));
    check(
        json!({ "type": "object", "properties": { "x": { "type": "integer" } }, "oneOf": [
            { "required": ["y"], "properties": { "y": { "type": "string" } } } ] }),
        json!({ "x": 1, "y": "string" }),
    );
    check(json!({ "type": "integer", "not": { "enum": [1] }, "maximum": 5, "example": 2 }), json!(2));
    assert_eq!(
        valid(&json!({
            "S": { "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }],
                "discriminator": { "propertyName": "kind", "mapping": { "cat": "#/components/schemas/Cat" } } },
            "Cat": { "type": "object", "required": ["kind", "lives"], "properties": { "kind": { "type": "string" }, "lives": { "type": "integer" } } },
            "Dog": { "type": "object", "required": ["kind", "barks"], "properties": { "kind": { "type": "string" }, "barks": { "type": "boolean" } } },
        })),
        json!({ "kind": "cat", "lives": 1 })
    );
}

#[test]
fn recursion_ends() {
    let tree = json!({ "type": "object", "properties": { "name": { "type": "string" },
        "children": { "type": "array", "items": { "$ref": "#/components/schemas/Tree" } },
        "parent": { "$ref": "#/components/schemas/Tree" } } });
    let components = json!({ "S": { "$ref": "#/components/schemas/Tree" }, "Tree": tree });
    assert_eq!(valid(&components), json!({ "name": "string", "children": [] }));
    let required = json!({ "type": "object", "required": ["next"], "properties": {
        "next": { "nullable": true, "allOf": [{ "$ref": "#/components/schemas/S" }] } } });
    assert_eq!(valid(&json!({ "S": required })), json!({ "next": { "next": null } }));
    let (schemas, schema) = schemas(json!({ "S": { "type": "object", "required": ["next"], "properties": {
        "next": { "$ref": "#/components/schemas/S" } } } }));
    let endless = generate(&schemas, &schema, Direction::Answer);
    assert_eq!(endless.failing.as_deref(), Some("the schema has no finite value"));
}

#[test]
fn a_dense_net_of_carriers_stays_small() {
    let mut components = serde_json::Map::new();
    let names: Vec<String> = (0..60).map(|number| format!("C{number}")).collect();
    for name in &names {
        let properties: serde_json::Map<_, _> = names
            .iter()
            .map(|other| (other.clone(), json!({ "$ref": format!("#/components/schemas/{other}") })))
            .collect();
        components.insert(name.clone(), json!({ "type": "object", "properties": properties }));
    }
    components.insert("S".to_owned(), json!({ "$ref": "#/components/schemas/C0" }));
    let value = valid(&Value::Object(components));
    assert!(value.to_string().len() < 100_000, "{}", value.to_string().len());
    assert_eq!(value.as_object().unwrap().len(), 59);
}

#[test]
fn directions() {
    let (schemas, schema) = schemas(json!({ "S": { "type": "object", "required": ["id", "secret"], "properties": {
        "id": { "type": "integer", "readOnly": true }, "secret": { "type": "string", "writeOnly": true } } } }));
    for (direction, expected) in
        [(Direction::Answer, json!({ "id": 1 })), (Direction::Request, json!({ "secret": "string" }))]
    {
        let generated = generate(&schemas, &schema, direction);
        assert_eq!((generated.value, generated.failing), (expected, None));
    }
}

fn scalar() -> impl Strategy<Value = Value> {
    let integer = (-50i64..50, 0i64..50, 1i64..6, any::<[bool; 3]>()).prop_map(
        |(low, room, step, [exclusive, upper, stepped])| {
            let mut schema =
                json!({ "type": "integer", "minimum": low, "exclusiveMinimum": exclusive, "format": "int32" });
            if upper {
                // Room for one multiple at least.
                schema["maximum"] = json!(low + room + step + 1);
            }
            if stepped {
                schema["multipleOf"] = json!(step);
            }
            schema
        },
    );
    let number =
        (-50i32..50, 1i32..50, any::<[bool; 4]>()).prop_map(|(low, room, [exclusive, below, stepped, lower])| {
            let mut schema = json!({ "type": "number", "maximum": low + room, "exclusiveMaximum": below });
            if lower {
                schema["minimum"] = json!(low);
                schema["exclusiveMinimum"] = json!(exclusive);
            }
            if stepped {
                schema["multipleOf"] = json!(0.25);
            }
            schema
        });
    let text = (0u64..30, 0u64..20, any::<bool>()).prop_map(|(least, room, upper)| {
        let mut schema = json!({ "type": "string", "minLength": least });
        if upper {
            schema["maxLength"] = json!(least + room);
        }
        schema
    });
    let formats =
        ["date-time", "date", "time", "duration", "uuid", "email", "hostname", "ipv4", "ipv6", "uri", "byte", "binary"];
    let format =
        prop::sample::select(formats.to_vec()).prop_map(|format| json!({ "type": "string", "format": format }));
    let patterns = ["^[a-z]{2,5}$", "^\\d+(\\.\\d+)?$", "[A-Z]", "^(a|b)c*$", "^[\\w.-]+/[\\w.-]+$"];
    let pattern = (prop::sample::select(patterns.to_vec()), 0u64..3)
        .prop_map(|(pattern, least)| json!({ "type": "string", "pattern": pattern, "minLength": least }));
    let listed = Just(json!({ "type": "string", "enum": ["a", "b", "c"] }));
    prop_oneof![integer, number, text, format, pattern, listed, Just(json!({ "type": "boolean" }))]
}

fn schema() -> impl Strategy<Value = Value> {
    let own = Just(json!({ "$ref": "#/components/schemas/S" }));
    let leaf = prop_oneof![12 => scalar(), 1 => Just(json!({}))];
    leaf.prop_recursive(4, 40, 4, move |inner| {
        let array = (inner.clone(), 0u64..3, 0u64..3, any::<bool>()).prop_map(|(items, least, room, upper)| {
            let mut schema = json!({ "type": "array", "items": items, "minItems": least });
            if upper {
                schema["maxItems"] = json!(least + room);
            }
            schema
        });
        let distinct = (0u64..30).prop_map(|least| json!({ "type": "array", "items": { "type": "string", "format": "uuid" }, "minItems": least, "uniqueItems": true }));
        let properties = prop::collection::vec((inner.clone(), any::<bool>(), any::<bool>()), 0..4);
        let object = (properties, 0usize..4, inner.clone(), any::<[bool; 2]>()).prop_map(|(properties, kind, values, [recursive, least])| {
            let mut object = json!({ "type": "object", "properties": {} });
            for (index, (property, required, read_only)) in properties.into_iter().enumerate() {
                let name = format!("p{index}");
                object["properties"][&name] = property;
                object["properties"][&name]["writeOnly"] = json!(read_only);
                if required {
                    let list = object["required"].take();
                    let mut list = list.as_array().cloned().unwrap_or_default();
                    list.push(json!(name));
                    object["required"] = json!(list);
                }
            }
            if recursive {
                object["properties"]["own"] = json!({ "$ref": "#/components/schemas/S" });
            }
            match kind {
                0 => object["additionalProperties"] = json!(false),
                1 => object["additionalProperties"] = values,
                2 if least => object["minProperties"] = json!(6),
                _ => {}
            }
            object
        });
        let choice = (inner.clone(), any::<bool>()).prop_map(|(one, exactly)| {
            let keyword = if exactly { "oneOf" } else { "anyOf" };
            json!({ keyword: [{ "type": "object", "required": ["only"], "properties": { "only": { "type": "integer" } } }, one] })
        });
        let both = (inner.clone(), inner.clone()).prop_map(|(one, other)| {
            json!({ "allOf": [
                { "type": "object", "properties": { "x": one } },
                { "type": "object", "required": ["y"], "properties": { "y": other } },
            ] })
        });
        let optional = own.clone().prop_map(|own| json!({ "type": "object", "properties": { "own": own } }));
        prop_oneof![array, distinct, object, choice, both, optional].prop_flat_map(|schema| {
            any::<bool>().prop_map(move |nullable| {
                let mut schema = schema.clone();
                if nullable && schema.get("type").is_some() {
                    schema["nullable"] = json!(true);
                }
                schema
            })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_values_are_valid(schema in schema()) {
        valid(&json!({ "S": schema }));
    }
}
