use serde_json::{Value, json};

use super::{XmlError, read, write};
use crate::testing::schemas;

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>"#;

/// The value is written as this, and this is read as the value.
#[track_caller]
fn check(components: Value, value: Value, expected: &str) {
    let (schemas, schema) = schemas(components);
    let written = write(&schemas, &schema, &value);
    assert_eq!(written.strip_prefix(HEAD), Some(expected));
    assert_eq!(read(&schemas, &schema, written.as_bytes()), Ok(value));
}

#[test]
fn names() {
    let properties = json!({ "id": { "type": "integer", "xml": { "attribute": true } },
        "name": { "type": "string", "xml": { "name": "Name" } }, "flag": { "type": "boolean" } });
    check(
        json!({ "S": { "type": "object", "properties": properties, "xml": { "name": "Book" } } }),
        json!({ "id": 7, "name": "a < b", "flag": true }),
        r#"<Book id="7"><Name>a &lt; b</Name><flag>true</flag></Book>"#,
    );
    check(
        json!({ "S": { "$ref": "#/components/schemas/Book" }, "Book": { "type": "object", "properties": properties } }),
        json!({ "flag": false }),
        "<Book><flag>false</flag></Book>",
    );
    check(json!({ "S": { "type": "string", "xml": { "name": "Text" } } }), json!("x"), "<Text>x</Text>");
    check(json!({ "S": { "type": "integer" } }), json!(7), "<integer>7</integer>");
}

#[test]
fn lists() {
    let list = |xml: Value, of: Value| {
        json!({ "S": { "type": "object", "xml": { "name": "R" }, "properties": {
            "tags": { "type": "array", "items": of, "xml": xml }, "end": { "type": "string" } } } })
    };
    let value = json!({ "tags": ["a", "b"], "end": "e" });
    let text = || json!({ "type": "string" });
    let named = || json!({ "type": "string", "xml": { "name": "tag" } });
    check(list(json!({}), text()), value.clone(), "<R><tags>a</tags><tags>b</tags><end>e</end></R>");
    check(list(json!({}), named()), value.clone(), "<R><tag>a</tag><tag>b</tag><end>e</end></R>");
    check(
        list(json!({ "wrapped": true }), text()),
        value.clone(),
        "<R><tags><tags>a</tags><tags>b</tags></tags><end>e</end></R>",
    );
    check(
        list(json!({ "wrapped": true, "name": "Tags" }), named()),
        value,
        "<R><Tags><tag>a</tag><tag>b</tag></Tags><end>e</end></R>",
    );
    check(list(json!({ "wrapped": true }), text()), json!({ "tags": [] }), "<R><tags></tags></R>");
    let things = json!({ "S": { "type": "array", "items": { "$ref": "#/components/schemas/Thing" } },
        "Thing": { "type": "object", "properties": { "n": { "type": "array", "items": { "type": "array", "items": { "type": "integer" } } } } } });
    check(
        things,
        json!([{}, { "n": [[1, 2]] }]),
        "<ArrayOfThing><Thing></Thing><Thing><n><integer>1</integer><integer>2</integer></n></Thing></ArrayOfThing>",
    );
}

#[test]
fn maps_are_called_after_their_keys() {
    check(
        json!({ "S": { "type": "object", "xml": { "name": "M" }, "additionalProperties": { "$ref": "#/components/schemas/V" } },
            "V": { "type": "object", "xml": { "name": "Value" }, "properties": { "x": { "type": "number" } } } }),
        json!({ "one": { "x": 1.5 }, "two": { "x": 2 } }),
        "<M><one><x>1.5</x></one><two><x>2</x></two></M>",
    );
}

#[test]
fn namespaces() {
    check(
        json!({ "S": { "type": "object", "xml": { "name": "R", "prefix": "p", "namespace": "urn:x" }, "properties": {
            "a": { "type": "string", "xml": { "namespace": "urn:a" } }, "b": { "type": "string", "xml": { "prefix": "p" } } } } }),
        json!({ "a": "1", "b": "2" }),
        r#"<p:R xmlns:p="urn:x"><a xmlns="urn:a">1</a><p:b>2</p:b></p:R>"#,
    );
}

#[test]
fn what_xml_cannot_hold() {
    let (schemas, schema) = schemas(json!({ "S": { "type": "object", "xml": { "name": "R" } } }));
    let value = json!({ "gone": null, "a b": "\u{0}x", "1": 2 });
    assert_eq!(write(&schemas, &schema, &value), format!("{HEAD}<R><a_b>\u{FFFD}x</a_b><_1>2</_1></R>"));
}

#[test]
fn what_is_no_xml() {
    let (schemas, schema) = schemas(json!({ "S": { "type": "object", "xml": { "name": "R" } } }));
    for (text, expected) in [
        ("", "no root element"),
        ("<R>", "the element `R` is not closed"),
        ("<R/><R/>", "more than one root element, at byte 4"),
        ("x<R/>", "text outside the root element, at byte 0"),
        ("<!DOCTYPE R [<!ENTITY a \"b\">]><R/>", "a document type is not accepted, at byte 0"),
        ("<X/>", "expected the root element `R`, found `X`"),
    ] {
        assert_eq!(read(&schemas, &schema, text.as_bytes()), Err(XmlError(expected.to_owned())), "{text}");
    }
    assert!(read(&schemas, &schema, "<R>&unknown;</R>".as_bytes()).is_err());
    assert!(read(&schemas, &schema, "<R>".repeat(5_000).as_bytes()).is_err());
    assert_eq!(read(&schemas, &schema, "<R><a>&#65;<![CDATA[<]]></a></R>".as_bytes()), Ok(json!({ "a": "A<" })));
    let nil = r#"<R xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><a i:nil="true"/></R>"#;
    assert_eq!(read(&schemas, &schema, nil.as_bytes()), Ok(json!({ "a": null })));
}
