//! What carriers look like, and what is refused.

use std::collections::BTreeSet;

use docwright_contract::{Contract, read};
use serde_json::{Value, json};

use super::{generate, surface, touched};

fn contract(schemas: Value) -> Contract {
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": "Test", "version": "1" },
        "paths": {},
        "components": { "schemas": schemas },
    });
    read::from_value(&document).unwrap()
}

/// The source of the first schema's file without header and imports, from its `pub struct` or macro on, and
/// without the implementation of `Visit`.
fn body(schemas: Value) -> String {
    let files = generate(&contract(schemas)).unwrap();
    let text = &files[1].contents;
    let start = text.find("pub struct").or_else(|| text.find("crate::open_enum! {")).unwrap();
    let end = text.find("\nimpl Visit for").unwrap_or(text.len());
    text[start..end].to_owned()
}

#[test]
fn visitors_are_led_to_texts_and_date_times_alone() {
    let schemas = json!({
        "Entity": {
            "type": "object",
            "properties": {
                "Id": { "type": "integer", "format": "int32" },
                "Ids": { "type": "array", "items": { "type": "integer" } },
                "Flag": { "type": "boolean" },
                "Amount": { "type": "number" },
                "Status": { "type": "string", "x-extensible-enum": ["A"] },
                "Masks": { "type": "array", "items": { "type": "string", "x-flags": ["A"] } },
                "Name": { "type": "string" },
                "Html": { "type": "string", "x-docwright-verbatim": true },
                "Plain": { "type": "string", "x-docwright-verbatim": false },
                "Type": { "type": "array", "items": { "type": "string" } },
                "When": { "type": "string", "format": "date-time" },
                "Other": { "$ref": "#/components/schemas/Other" },
                "Others": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/Other" } },
                "Inner": { "type": "object", "properties": { "Id": { "type": "integer" } } },
                "Free": { "type": "object" },
                "Anything": {},
            },
            "additionalProperties": { "type": "string" },
        },
        "Other": { "type": "object" },
        "Kind": { "type": "string", "enum": ["A"] },
    });
    let files = generate(&contract(schemas)).unwrap();
    let visits = |path: &str| {
        let file = files.iter().find(|file| file.path == path).unwrap();
        let lines = file.contents.lines().map(str::trim).filter(|line| line.contains("isit"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let lines = visits("entity.rs");
    let fields: Vec<&str> = lines.iter().filter_map(|line| line.strip_suffix(".visit(visitor);")).collect();
    let expected =
        ["name", "plain", "r#type", "when", "other", "others", "inner", "free", "anything", "additional_properties"];
    assert_eq!(fields, expected.map(|field| format!("self.{field}")));
    assert!(lines.contains(&"fn visit(&mut self, _: &mut dyn Visitor) {}".to_owned()), "the inner one: {lines:?}");
    assert!(visits("other.rs").contains(&"self.0.visit(visitor);".to_owned()));
    // The macro implements it.
    assert_eq!(visits("kind.rs"), [""; 0]);
}

#[test]
fn mark_of_what_nobody_is_led_to_is_true_or_false() {
    let property = json!({ "type": "string", "x-docwright-verbatim": "yes" });
    let schemas = json!({ "Entity": { "type": "object", "properties": { "Html": property } } });
    let error = generate(&contract(schemas)).unwrap_err().to_string();
    assert!(error.contains("`Entity.Html`: `x-docwright-verbatim` is neither true nor false"), "{error}");
}

#[track_caller]
fn check_fields(properties: Value, expected: &[&str]) {
    let text = body(json!({ "Entity": { "type": "object", "properties": properties }, "Other": { "type": "object" } }));
    let fields = text.lines().filter(|line| line.starts_with("    pub ") && line.ends_with(','));
    assert_eq!(fields.map(|line| line.trim().trim_end_matches(',')).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn properties_have_the_type_of_their_schema() {
    check_fields(
        json!({
            "ChatSessionId": { "type": "integer", "format": "int32", "nullable": true },
            "Big": { "type": "integer", "format": "int64", "nullable": true },
            "Amount": { "type": "number", "format": "double", "nullable": true },
            "Type": { "type": "boolean", "nullable": true },
            "URLName": { "type": "string", "nullable": true },
            "When": { "type": "string", "format": "date-time", "nullable": true },
            "Anything": {},
            "Free": { "type": "object", "nullable": true },
            "Ref": { "$ref": "#/components/schemas/Other" },
            "NullableRef": { "type": "object", "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Other" }] },
            "List": { "type": "array", "items": { "$ref": "#/components/schemas/Other" } },
            "Dates": { "type": "array", "items": { "type": "string", "format": "date-time", "nullable": true } },
            "Map": { "type": "object", "additionalProperties": { "$ref": "#/components/schemas/Other" } },
            "Status": { "type": "string", "x-extensible-enum": ["A"] },
            "Closed": { "type": "string", "enum": ["A"] },
            "Mask": { "type": "string", "x-flags": ["A"] },
            "Self": { "$ref": "#/components/schemas/Entity" },
        }),
        &[
            "pub chat_session_id: Option<i32>",
            "pub big: Option<i64>",
            "pub amount: Option<f64>",
            "pub r#type: Option<bool>",
            "pub url_name: Option<String>",
            "pub when: Option<DateTime>",
            "pub anything: Option<Value>",
            "pub free: Option<FreeForm>",
            "pub r#ref: Option<Other>",
            "pub nullable_ref: Option<Other>",
            "pub list: Option<Vec<Other>>",
            "pub dates: Option<Vec<Option<DateTime>>>",
            "pub map: Option<BTreeMap<String, Other>>",
            "pub status: Option<EntityStatus>",
            "pub closed: Option<EntityClosed>",
            "pub mask: Option<Flags<EntityMask>>",
            "pub self_: Option<Box<Entity>>",
        ],
    );
}

#[test]
fn a_property_is_written_with_its_name_and_text() {
    let text = body(json!({ "Entity": {
        "type": "object",
        "required": ["Sure"],
        "properties": {
            "Sure": { "type": "string", "maxLength": 64, "description": "One\n\n  two `x`." },
            "Maybe": { "type": "string", "format": "date-time" },
        },
    } }));
    let expected = r#"pub struct Entity {
    /// One
    ///
    ///   two `x`.
    #[serde(rename = "Sure")]
    #[cfg_attr(feature = "utoipa", schema(max_length = 64))]
    pub sure: String,
    #[serde(rename = "Maybe", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "utoipa",
        schema(value_type = Option<String>, format = DateTime, nullable = false)
    )]
    pub maybe: Option<DateTime>,
}
"#;
    assert_eq!(text, expected);
}

#[test]
fn enumerations_keep_values_apart() {
    let text = body(json!({ "Light": {
        "type": "string",
        "description": "A \"light\".",
        "x-extensible-enum": ["Red", "red", "Other", "2", "dark green"],
    } }));
    let expected = r#"crate::open_enum! {
    /// A "light".
    pub enum Light {
        Red = "Red",
        Red2 = "red",
        OtherValue = "Other",
        Value2 = "2",
        DarkGreen = "dark green",
    }
    component("Light", "Light", "A \"light\".");
}
"#;
    assert_eq!(text, expected);
}

#[test]
fn enumerations_keep_the_names_of_their_components() {
    for (name, expected) in [
        ("color", "component(\"color\", \"color\", \"\");"),
        ("x.Kind", "component(\"x.Kind\", \"x.Kind\", \"\");"),
        ("Result", "component(\"Result\", \"Result\", \"\");"),
        // utoipa's document is renamed as a whole.
        ("x-Kind", "component(\"x-Kind\", \"XKind\", \"\");"),
    ] {
        let text = body(json!({ name: { "type": "string", "enum": ["A"] } }));
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn components_without_properties_are_newtypes() {
    for (schema, expected) in [
        (json!({ "type": "object" }), "pub struct Entity(pub FreeForm);\n"),
        (json!({ "type": "array", "items": { "type": "string" } }), "pub struct Entity(pub Vec<String>);\n"),
        (json!({ "type": "string", "format": "date-time" }), "pub struct Entity(pub DateTime);\n"),
    ] {
        assert_eq!(body(json!({ "Entity": schema })), expected);
    }
}

#[test]
fn the_root_re_exports_every_type() {
    let files = generate(&contract(json!({
        "Entity": { "type": "object", "properties": { "Status": { "type": "string", "x-extensible-enum": ["A"] } } },
        "Mod": { "type": "object" },
    })))
    .unwrap();
    assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["mod.rs", "entity.rs", "mod_.rs"]);
    let expected = "\n\nmod entity;\nmod mod_;\n\npub use entity::{Entity, EntityStatus};\npub use mod_::Mod;\n";
    assert!(files[0].contents.ends_with(expected), "{}", files[0].contents);
}

#[test]
fn names_of_rust_are_kept_in_the_schemas() {
    let schemas =
        json!({ "Option": { "type": "object", "properties": { "Next": { "$ref": "#/components/schemas/Option" } } } });
    let text = &generate(&contract(schemas)).unwrap()[1].contents;
    for line in [
        "#[cfg_attr(feature = \"schemars\", schemars(rename = \"Option\"))]",
        "#[cfg_attr(feature = \"utoipa\", schema(as = Option))]",
        "pub struct OptionCarrier {",
        "    pub next: Option<Box<OptionCarrier>>,",
    ] {
        assert!(text.lines().any(|found| found == line), "{text}");
    }
}

#[test]
fn equal_contracts_give_equal_files() {
    let schemas = json!({ "B": { "type": "object", "properties": { "Y": {}, "X": {} } }, "A": { "type": "string" } });
    assert_eq!(generate(&contract(schemas.clone())).unwrap(), generate(&contract(schemas)).unwrap());
}

#[test]
fn what_may_have_several_forms_is_any_json() {
    let parts = json!([{ "$ref": "#/components/schemas/Other" }, { "type": "object", "properties": { "X": {} } }]);
    for form in ["oneOf", "anyOf", "allOf"] {
        check_fields(
            json!({
                "Bare": { form: parts },
                "List": { "type": "array", "items": { form: parts } },
                "Map": { "type": "object", "additionalProperties": { form: parts } },
            }),
            &["pub bare: Option<Value>", "pub list: Option<Vec<Value>>", "pub map: Option<BTreeMap<String, Value>>"],
        );
        let schemas = json!({ "Entity": { form: parts }, "Other": { "type": "object" } });
        assert_eq!(body(schemas), "pub struct Entity(pub Value);\n");
    }
}

#[test]
fn components_that_may_be_null_are_options_where_they_are_used() {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let schemas = json!({
        "Entity": {
            "type": "object",
            "required": ["Sure", "Alias", "List", "Plain"],
            "properties": {
                "Sure": reference("Text"),
                "Maybe": reference("Text"),
                "Alias": { "description": "D", "allOf": [reference("Alias")] },
                "List": { "type": "array", "items": reference("Text") },
                "Plain": reference("Plain"),
            },
        },
        "Text": { "type": "string", "nullable": true },
        "Alias": { "description": "D", "allOf": [reference("Text")] },
        "Plain": { "type": "string" },
    });
    let expected = r#"pub struct Entity {
    #[serde(rename = "Sure")]
    #[cfg_attr(feature = "utoipa", schema(nullable = false, required = true))]
    pub sure: Option<Text>,
    #[serde(rename = "Maybe")]
    #[cfg_attr(feature = "utoipa", schema(nullable = false))]
    pub maybe: Option<Text>,
    /// D
    #[serde(rename = "Alias")]
    #[cfg_attr(feature = "utoipa", schema(nullable = false, required = true))]
    pub alias: Option<Alias>,
    #[serde(rename = "List")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<Text>))]
    pub list: Vec<Option<Text>>,
    #[serde(rename = "Plain")]
    pub plain: Plain,
}
"#;
    assert_eq!(body(schemas), expected);
}

#[test]
fn attributes_say_what_rust_can_hold() {
    let attributes = |members: Value| {
        let mut schema = json!({ "type": "integer", "format": "int64" });
        schema.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let text = body(json!({ "Entity": { "type": "object", "properties": { "X": schema } } }));
        let text = text.split_once("schema(").unwrap().1.split_whitespace().collect::<String>();
        text.split(")]").next().unwrap().trim_end_matches(',').to_owned()
    };
    for (members, expected) in [
        (json!({ "maximum": 2_147_483_647 }), "maximum=2147483647,nullable=false)"),
        (json!({ "maximum": 4_294_967_295_u32 }), "nullable=false)"),
        (json!({ "minimum": -5_000_000_000_i64 }), "nullable=false)"),
        (json!({ "default": 3_000_000_000_u32 }), "default=json!(3000000000i64),nullable=false)"),
        (json!({ "example": "a\u{1}\u{202e}\r" }), r#"example=json!("a\u{1}\u{202e}\r"),nullable=false)"#),
        (json!({ "example": vec![1; 200] }), "nullable=false)"),
    ] {
        assert_eq!(attributes(members.clone()), expected, "{members}");
    }
}

#[test]
fn no_text_breaks_a_comment() {
    let text = "a\rb \u{202e}\u{0}\r\nuse c;\nd";
    let schemas = json!({
        "Entity": { "type": "object", "description": text, "properties": {
            "X\u{202e}": { "type": "string", "description": text },
            "\r": { "type": "string", "description": text, "enum": [text] },
        } },
        "Kind": { "type": "string", "description": text, "enum": [text, "\r"] },
    });
    for file in generate(&contract(schemas)).unwrap() {
        assert!(!file.contents.contains(['\r', '\u{202e}', '\u{0}']), "{}", file.contents);
        let comments: Vec<&str> = file.contents.lines().filter(|line| line.contains("use c;")).collect();
        assert!(
            comments.iter().all(|line| line.trim_start().starts_with("///") || line.contains("\\r")),
            "{comments:?}"
        );
        assert!(!file.contents.contains("use c;\n\n"), "{}", file.contents);
    }
}

#[test]
fn names_that_collide_are_told_apart() {
    let object = |properties: Value| json!({ "type": "object", "properties": properties });
    let status = json!({ "type": "string", "x-extensible-enum": ["A"] });
    let schemas = json!({
        "Entity": object(json!({ "Status": status, "status": { "$ref": "#/components/schemas/EntityStatus" } })),
        "EntityStatus": object(json!({})),
        "entity": object(json!({})),
    });
    let files = generate(&contract(schemas)).unwrap();
    let uses: Vec<&str> = files[0].contents.lines().filter(|line| line.starts_with("pub use")).collect();
    let expected = [
        "pub use entity::Entity2;",
        "pub use entity_2::{Entity, EntityStatus2};",
        "pub use entity_status::EntityStatus;",
    ];
    assert_eq!(uses, expected);
    let fields: Vec<&str> = files[1].contents.lines().filter(|line| line.starts_with("    pub ")).collect();
    assert_eq!(fields[..2], ["    pub status_2: Option<EntityStatus2>,", "    pub status: Option<EntityStatus>,"]);
}

#[test]
fn a_dangling_reference_is_named() {
    let mut contract = contract(json!({
        "Entity": { "type": "object", "properties": { "X": { "$ref": "#/components/schemas/Gone" } } },
        "Gone": { "type": "object" },
    }));
    contract.schemas.shift_remove("Gone");
    assert_eq!(generate(&contract).unwrap_err().to_string(), "`Entity.X`: there is no component `Gone`");
}

#[test]
fn schemars_is_told_what_a_text_does_not_say() {
    let text = |format: &str| json!({ "type": "string", "format": format });
    for (schema, expected) in [
        (text("byte"), Some("extend(\"format\" = \"byte\")")),
        (text("date-time"), None),
        (json!({ "type": "string" }), None),
        (json!({ "type": "string", "format": "x", "x-extensible-enum": ["A"] }), None),
        (
            json!({ "type": "array", "items": text("uuid") }),
            Some("extend(\"items\" = serde_json::json!({ \"type\" : \"string\", \"format\" : \"uuid\" }))"),
        ),
        (
            json!({ "type": "object", "additionalProperties": text("uri") }),
            Some(
                "extend(\"additionalProperties\" = serde_json::json!({ \"type\" : \"string\", \"format\" : \"uri\" }))",
            ),
        ),
        (json!({ "type": "array", "items": { "type": "integer", "format": "int32" } }), None),
    ] {
        let source = body(json!({ "Thing": { "type": "object", "properties": { "A": schema } } }));
        let source = source.split_whitespace().collect::<String>();
        match expected.map(|expected| expected.split_whitespace().collect::<String>()) {
            Some(expected) => assert!(source.contains(&expected), "{source}"),
            None => assert!(!source.contains("extend("), "{source}"),
        }
    }
}

#[test]
fn the_surface_lists_the_members_of_every_type() {
    let contract = contract(json!({
        "Thing": {
            "type": "object",
            "required": ["Id"],
            "properties": {
                "Id": { "type": "integer", "format": "int32" },
                "State": { "type": "string", "x-extensible-enum": ["On", "Off"] },
                "Parts": { "type": "array", "items": { "$ref": "#/components/schemas/Names" } },
            },
        },
        "Names": { "type": "array", "items": { "type": "string" } },
        "Other": { "type": "object", "properties": { "X": { "type": "string" } } },
    }));
    let surface = surface(&contract, &BTreeSet::from(["Thing", "Names"])).unwrap();
    let lines: Vec<String> = surface
        .iter()
        .flat_map(|(name, seen)| {
            seen.members.iter().map(move |(member, is)| format!("{} {name}.{member}: {is}", seen.kind))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "newtype Names.0: Vec<String>",
            "struct Thing.id: i32",
            "struct Thing.parts: Option<Vec<Names>>",
            "struct Thing.state: Option<ThingState>",
            "enum ThingState.Off: \"Off\"",
            "enum ThingState.On: \"On\"",
        ]
    );
}

#[test]
fn what_refers_to_a_changed_component_is_touched_too() {
    let with = |size: &str| {
        contract(json!({
            "Owner": { "type": "object", "properties": { "Part": { "$ref": "#/components/schemas/Part" } } },
            "Part": { "type": "object", "properties": { "Size": { "type": size } } },
            "Same": { "type": "object", "properties": { "X": { "type": "string" } } },
        }))
    };
    let (old, new) = (with("integer"), with("string"));
    assert_eq!(touched(&old, &new, |name| name), BTreeSet::from(["Owner", "Part"]));
    assert_eq!(touched(&old, &old, |name| name), BTreeSet::new());
}
