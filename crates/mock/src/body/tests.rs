use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::sync::Arc;

use super::{Expected, Refused};
use crate::schemas::Schemas;
use crate::testing::contract;
use crate::violation::Findings;

fn found(body: &Value, content_type: &str, bytes: &[u8]) -> Result<Vec<String>, Refused> {
    let paths = json!({ "/a": { "post": { "operationId": "a", "responses": {}, "requestBody": body } } });
    let components = json!({
        "Thing": { "type": "object", "required": ["id"], "additionalProperties": false, "properties": {
            "id": { "type": "integer" }, "tags": { "type": "array", "items": { "type": "string", "maxLength": 3 } },
            "file": { "type": "string", "format": "binary" }, "part": { "type": "object", "properties": { "n": { "type": "integer" } } },
            "made": { "type": "string", "readOnly": true } } },
        "Made": { "type": "object", "required": ["made"], "properties": { "made": { "type": "string", "readOnly": true } } },
    });
    let contract = Arc::new(contract(paths, components));
    let schemas = Schemas::new(Arc::clone(&contract));
    let mut headers = HeaderMap::new();
    if !content_type.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
    }
    let mut findings = Findings::default();
    Expected::of(&contract.operations[0]).unwrap().check(&schemas, &headers, bytes, &mut findings)?;
    let violations =
        findings.violations.iter().map(|violation| format!("{}: {}", violation.location, violation.message));
    Ok(violations.chain(findings.remarks).collect())
}

/// A body of the schema `Thing`.
#[track_caller]
fn check(content_type: &str, bytes: &str, expected: &[&str]) {
    let thing = json!({ "schema": { "$ref": "#/components/schemas/Thing" } });
    let body = json!({ "required": true, "content": {
        "application/json": thing, "application/*+json": thing, "application/xml": thing, "text/plain": { "schema": { "type": "integer" } },
        "application/x-www-form-urlencoded": thing, "multipart/form-data": thing,
    } });
    let found = found(&body, content_type, bytes.as_bytes());
    assert_eq!(
        found.as_deref(),
        Ok(&expected.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()[..]),
        "{bytes}"
    );
}

#[test]
fn json_bodies() {
    check("application/json", r#"{ "id": 1, "tags": ["a"] }"#, &[]);
    check("Application/JSON; charset=utf-8", r#"{ "id": 1 }"#, &[]);
    check("application/json", "", &["body: expected, but missing"]);
    check("", "", &["body: expected, but missing"]);
    check("application/json", "{", &["body: expected JSON: EOF while parsing an object at line 1 column 1"]);
    check("application/json", "null", &["body: expected an object, found null"]);
    check(
        "application/json",
        r#"{ "tags": ["a", "long", 7], "more": 1 }"#,
        &[
            "body /tags/1: expected at most 3 characters, found `long`",
            "body /tags/2: expected text, found `7`",
            "body: expected no property `more`",
            "body: expected the property `id`, which is missing",
        ],
    );
}

#[test]
fn xml_bodies() {
    check("application/xml", "<Thing><id>1</id><tags>a</tags><tags>b</tags></Thing>", &[]);
    check(
        "application/xml",
        "<Thing><id>x</id><tags>long</tags></Thing>",
        &["body /id: expected a whole number, found `x`", "body /tags/0: expected at most 3 characters, found `long`"],
    );
    check("application/xml", "<Other/>", &["body: expected XML: expected the root element `Thing`, found `Other`"]);
    check("application/xml", "<Thing>", &["body: expected XML: the element `Thing` is not closed"]);
}

#[test]
fn form_bodies() {
    let form = "application/x-www-form-urlencoded";
    check(form, "id=1&tags=a&tags=b", &[]);
    check(form, "id=1&tags[]=a&tags[]=long", &["body /tags/1: expected at most 3 characters, found `long`"]);
    check(form, "id=1&part[n]=x", &["body /part/n: expected a whole number, found `x`"]);
    check(form, "id=1&part=%7B%22n%22%3A1%7D", &[]);
    check(
        form,
        "id=a+b&more=1",
        &["body /id: expected a whole number, found `a b`", "body: expected no property `more`"],
    );
    check(form, "", &["body: expected the property `id`, which is missing"]);
}

#[test]
fn multipart_bodies() {
    let part = |name: &str, more: &str, content: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n")
    };
    let form = "multipart/form-data; boundary=\"b\"";
    let id = part("id", "", "1");
    check(form, &format!("preamble\r\n{id}--b--\r\nepilogue"), &[]);
    check(
        form,
        &format!("{id}{}--b--", part("file", "; filename=\"a;b.txt\"\r\nContent-Type: text/plain", "--c\r\n\r\n")),
        &[],
    );
    check(
        form,
        &format!("{id}{}{}--b--", part("tags", "", "a"), part("tags", "", "long")),
        &["body /tags/1: expected at most 3 characters, found `long`"],
    );
    check(
        form,
        &format!("{id}{}--b--", part("part", "", r#"{ "n": "x" }"#)),
        &["body /part/n: expected a whole number, found `x`"],
    );
    check(
        form,
        &format!("{}--b--", part("file", "; filename=x", "")),
        &["body: expected the property `id`, which is missing"],
    );
    check(form, &format!("{id}{id}--b--"), &["body: expected the part `id` once, found it more often"]);
    check(form, &id, &["body: expected the closing boundary, which is missing"]);
    check(form, "x", &["body: expected the boundary, which the body does not have"]);
    check("multipart/form-data", "x", &["body: expected a `boundary` in the content type"]);
}

#[test]
fn texts_and_ranges() {
    check("text/plain", "7", &[]);
    check("text/plain", "x", &["body: expected a whole number, found `x`"]);
    let any = json!({ "content": { "*/*": {}, "image/*": {} } });
    assert_eq!(found(&any, "image/png", b"\xff"), Ok(vec![]));
    assert_eq!(found(&any, "application/json", b"{}"), Ok(vec![]));
    assert_eq!(found(&any, "", b""), Ok(vec![]));
}

#[test]
fn media_types_that_are_refused() {
    let body = json!({ "content": { "application/json": {}, "text/*": {} } });
    let offered = || vec!["application/json".to_owned(), "text/*".to_owned()];
    for found_type in ["application/xml", "nonsense", ""] {
        let refused =
            Refused::MediaType { found: (!found_type.is_empty()).then(|| found_type.to_owned()), offered: offered() };
        assert_eq!(found(&body, found_type, b"x"), Err(refused));
    }
    let contract =
        contract(json!({ "/a": { "post": { "operationId": "a", "responses": {}, "requestBody": body } } }), json!({}));
    let expected = Expected::of(&contract.operations[0]).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let schemas = Schemas::new(Arc::new(contract));
    let refused = expected.check(&schemas, &headers, b"x", &mut Findings::default());
    assert_eq!(refused, Err(Refused::Compressed("gzip".to_owned())));
}

#[test]
fn what_the_server_sets_is_not_asked_for() {
    let body = json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Made" } } } });
    assert_eq!(found(&body, "application/json", b"{}"), Ok(vec![]));
}
