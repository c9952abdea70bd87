use docwright_contract::model::Method;
use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Said, check, of, unknown};
use crate::router::{Found, Routes};
use crate::schemas::Schemas;
use crate::testing::contract;
use crate::violation::Findings;

/// What is found wrong with a request, one line each.
fn findings(parameters: &Value, path: &str, target: &str, headers: &[(&'static str, &str)]) -> Vec<String> {
    let paths = json!({ path: { "get": { "operationId": "x", "responses": {}, "parameters": parameters } } });
    let contract = Arc::new(contract(paths, json!({ "Id": { "type": "integer" } })));
    let (routes, _) = Routes::new(&contract);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let Found::Operation { values, .. } = routes.find(Method::Get, path) else { panic!("{path} leads nowhere") };
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let schemas = Schemas::new(Arc::clone(&contract));
    let expected = of(&contract, &contract.operations[0]);
    let said = Said::new(&values, query, &map);
    let mut findings = Findings::default();
    check(&schemas, &expected, &said, &mut findings);
    let unknown = unknown(&schemas, &expected, &said, &BTreeSet::from(["key"]));
    findings.remarks.extend(unknown.into_iter().map(|name| format!("unknown {name}")));
    let violations =
        findings.violations.iter().map(|violation| format!("{}: {}", violation.location, violation.message));
    violations.chain(findings.remarks.iter().cloned()).collect()
}

/// One query parameter `p` with this much more said, a query, and what is wrong with it.
#[track_caller]
fn query(more: Value, query: &str, expected: &[&str]) {
    let mut parameter = json!({ "name": "p", "in": "query" });
    parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(findings(&json!([parameter]), "/a", &format!("/a?{query}"), &[]), expected, "{query}");
}

#[test]
fn query_values() {
    let integer = json!({ "required": true, "schema": { "$ref": "#/components/schemas/Id" } });
    query(integer.clone(), "p=7", &[]);
    query(integer.clone(), "p=-7", &[]);
    query(integer.clone(), "", &["query parameter `p`: expected, but missing"]);
    query(integer.clone(), "p=abc", &["query parameter `p`: expected a whole number, found `abc`"]);
    query(integer.clone(), "p=1.5", &["query parameter `p`: expected a whole number, found `1.5`"]);
    query(integer.clone(), "p=", &["query parameter `p`: expected a whole number, found nothing"]);
    query(integer.clone(), "p=1&p=2", &["query parameter `p`: expected once, found 2 times"]);
    query(integer, "p=7&q=1&q=2&key=x", &["unknown q"]);
    query(
        json!({ "schema": { "type": "integer", "format": "int32" } }),
        "p=2147483648",
        &["query parameter `p`: expected at most 2147483647, found `2147483648`"],
    );
    query(
        json!({ "schema": { "type": "boolean" } }),
        "p=TRUE",
        &["query parameter `p`: expected true or false, found `TRUE`"],
    );
    query(
        json!({ "schema": { "type": "string", "maxLength": 3 } }),
        "p=a%20b+c",
        &["query parameter `p`: expected at most 3 characters, found `a b c`"],
    );
    query(
        json!({ "schema": { "type": "string" } }),
        "p=%FF",
        &["query parameter `p`: expected UTF-8 text, found `%FF`"],
    );
    query(
        json!({ "schema": { "type": "string", "enum": ["a", "b"] } }),
        "p=c",
        &["query parameter `p`: expected one of `a`, `b`, found `c`"],
    );
    query(
        json!({ "schema": { "type": "string", "format": "date-time" } }),
        "p=yesterday",
        &["query parameter `p`: expected text of the format `date-time`, found `yesterday`"],
    );
    query(json!({ "schema": { "type": "string", "nullable": true } }), "p=null", &[]);
    query(json!({ "schema": { "type": "integer", "nullable": true } }), "p=", &[]);
    query(
        json!({ "schema": { "oneOf": [{ "type": "integer" }, { "type": "string", "enum": ["all"] }] } }),
        "p=all",
        &[],
    );
    query(json!({ "allowEmptyValue": true, "schema": { "type": "integer" } }), "p", &[]);
}

#[test]
fn styles_of_lists_in_the_query() {
    let list = |more: Value| {
        let mut parameter = json!({ "schema": { "type": "array", "items": { "type": "integer" }, "maxItems": 2 } });
        parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        parameter
    };
    let too_many = ["query parameter `p`: expected at most 2 items"];
    query(list(json!({})), "p=1&p=2", &[]);
    query(list(json!({})), "p=1&p=2&p=3", &too_many);
    query(list(json!({})), "p=1&p=x", &["query parameter `p` /1: expected a whole number, found `x`"]);
    query(list(json!({})), "p=1,2", &["query parameter `p` /0: expected a whole number, found `1,2`"]);
    query(list(json!({ "explode": false })), "p=1,2", &[]);
    query(list(json!({ "explode": false })), "p=1,2,3", &too_many);
    query(list(json!({ "explode": false })), "p=1%2C2", &[]);
    query(list(json!({ "explode": false })), "p=1%2c2%2c3", &too_many);
    query(list(json!({ "x-collectionFormat": "tsv" })), "p=1%092", &[]);
    query(list(json!({ "x-collectionFormat": "tsv" })), "p=1%092%093", &too_many);
    let values = json!({
        "explode": false, "schema": { "type": "array", "maxItems": 1, "items": { "type": "string", "enum": ["a", "b"] } }
    });
    query(values, "p=a%2Cb", &["query parameter `p`: expected at most 1 item"]);
    let texts =
        json!({ "explode": false, "schema": { "type": "array", "maxItems": 1, "items": { "type": "string" } } });
    query(texts, "p=a%2Cb", &[]);
    query(
        list(json!({ "explode": false })),
        "p=1&p=2",
        &["query parameter `p`: expected once, with its items in one value, found 2 times"],
    );
    query(list(json!({ "style": "spaceDelimited" })), "p=1%202%203", &too_many);
    query(list(json!({ "style": "spaceDelimited" })), "p=1+2", &[]);
    query(list(json!({ "style": "pipeDelimited" })), "p=1|2|3", &too_many);
    query(list(json!({ "style": "pipeDelimited" })), "p=1%7C2", &[]);
    let texts =
        json!({ "explode": false, "schema": { "type": "array", "items": { "type": "string", "maxLength": 3 } } });
    query(texts, "p=a%2Cb,c", &[]);
}

#[test]
fn styles_of_objects_in_the_query() {
    let object = |style: &str, explode: bool| {
        json!({ "style": style, "explode": explode, "required": true, "schema": {
            "type": "object", "required": ["x"], "additionalProperties": false,
            "properties": { "x": { "type": "integer" }, "y": { "type": "array", "items": { "type": "string" } } },
        } })
    };
    query(object("form", true), "x=1&y=a&y=b", &[]);
    query(object("form", true), "x=a", &["query parameter `p` /x: expected a whole number, found `a`"]);
    query(object("form", true), "y=a", &["query parameter `p`: expected the property `x`, which is missing"]);
    query(object("form", false), "p=x,1", &[]);
    query(object("form", false), "p=x,1,z,2", &["query parameter `p`: expected no property `z`"]);
    query(
        object("form", false),
        "p=x",
        &["query parameter `p`: expected names and values in turn, found an odd number"],
    );
    query(object("deepObject", true), "p[x]=1&p[y]=a&p[y]=b", &[]);
    query(object("deepObject", true), "p%5Bx%5D=1&p[y][]=a", &[]);
    query(object("deepObject", true), "p[x]=1&p[y][0]=a&p[y][1]=b", &[]);
    query(
        object("deepObject", true),
        "p[z]=1",
        &[
            "query parameter `p`: expected no property `z`",
            "query parameter `p`: expected the property `x`, which is missing",
        ],
    );
    query(object("deepObject", true), "", &["query parameter `p`: expected, but missing"]);
    query(
        object("deepObject", true),
        "p=1",
        &["query parameter `p`: expected the form `p[property]=value`, found `1`"],
    );
    let nested = json!({ "style": "deepObject", "schema": { "type": "object", "properties": {
        "a": { "type": "object", "properties": { "b": { "type": "integer" } } } } } });
    query(nested, "p[a][b]=x", &["query parameter `p` /a/b: expected a whole number, found `x`"]);
    let document = json!({ "content": { "application/json": { "schema": { "type": "object" } } } });
    query(document.clone(), "p=%7B%7D", &[]);
    query(
        document,
        "p=%7B",
        &["query parameter `p`: expected JSON, found `{`: EOF while parsing an object at line 1 column 1"],
    );
}

#[test]
fn free_objects_take_what_no_other_parameter_claims() {
    let parameters = json!([
        { "name": "filter", "in": "query", "schema": { "type": "object", "additionalProperties": { "type": "integer" } } },
        { "name": "q", "in": "query", "schema": { "type": "string" } },
    ]);
    assert_eq!(findings(&parameters, "/a", "/a?q=text&x=1", &[]), [""; 0]);
    let wrong = ["query parameter `filter` /x: expected a whole number, found `text`"];
    assert_eq!(findings(&parameters, "/a", "/a?q=1&x=text", &[]), wrong);
}

#[test]
fn styles_in_the_path() {
    #[track_caller]
    fn path(style: &str, explode: bool, schema: Value, value: &str, expected: &[&str]) {
        let parameters = json!([{ "name": "p", "in": "path", "required": true, "style": style, "explode": explode,
            "schema": schema }]);
        assert_eq!(findings(&parameters, "/a/{p}", &format!("/a/{value}"), &[]), expected, "{style} {value}");
    }
    let integer = json!({ "type": "integer" });
    let list = json!({ "type": "array", "items": { "type": "integer" }, "maxItems": 2 });
    let object = json!({ "type": "object", "properties": { "x": { "type": "integer" }, "y": { "type": "string" } },
        "required": ["x", "y"] });
    let too_many = ["path parameter `p`: expected at most 2 items"];
    path("simple", false, integer.clone(), "7", &[]);
    path("simple", false, integer.clone(), "x", &["path parameter `p`: expected a whole number, found `x`"]);
    path("simple", false, list.clone(), "1,2,3", &too_many);
    path("simple", false, object.clone(), "x,1,y,b", &[]);
    path("simple", true, object.clone(), "x=1,y=b", &[]);
    path("label", false, integer.clone(), ".7", &[]);
    path("label", false, integer.clone(), "7", &["path parameter `p`: expected the form `.value`, found `7`"]);
    path("label", false, list.clone(), ".1,2,3", &too_many);
    path("label", true, list.clone(), ".1.2.3", &too_many);
    path("label", true, object.clone(), ".x=1.y=b", &[]);
    path("matrix", false, integer, ";p=7", &[]);
    path("matrix", false, list.clone(), ";p=1,2,3", &too_many);
    path("matrix", true, list, ";p=1;p=2;p=3", &too_many);
    path("matrix", false, object.clone(), ";p=x,1,y,b", &[]);
    path("matrix", true, object, ";x=1;y=b", &[]);
    path("simple", false, json!({ "type": "string", "maxLength": 3 }), "a%2Fb", &[]);
}

#[test]
fn headers_and_cookies() {
    let parameters = json!([
        { "name": "X-Count", "in": "header", "required": true, "schema": { "type": "integer" } },
        { "name": "X-List", "in": "header", "schema": { "type": "array", "items": { "type": "integer" } } },
        { "name": "Accept", "in": "header", "required": true, "schema": { "type": "integer" } },
        { "name": "sid", "in": "cookie", "required": true, "schema": { "type": "string", "minLength": 3 } },
    ]);
    #[track_caller]
    fn check(parameters: &Value, headers: &[(&'static str, &str)], expected: &[&str]) {
        assert_eq!(findings(parameters, "/a", "/a", headers), expected);
    }
    check(&parameters, &[("x-count", "7"), ("cookie", "other=1; sid=abc")], &[]);
    check(
        &parameters,
        &[("x-count", "x"), ("cookie", "sid=a")],
        &[
            "header parameter `X-Count`: expected a whole number, found `x`",
            "cookie parameter `sid`: expected at least 3 characters, found `a`",
        ],
    );
    check(
        &parameters,
        &[("x-list", "1, 2,x"), ("x-list", "3"), ("x-count", "1"), ("cookie", "sid=abc")],
        &["header parameter `X-List` /2: expected a whole number, found `x`"],
    );
    check(
        &parameters,
        &[],
        &["header parameter `X-Count`: expected, but missing", "cookie parameter `sid`: expected, but missing"],
    );
}

#[test]
fn path_parameters_that_the_path_lacks_are_not_asked_for() {
    let parameters = json!([{ "name": "gone", "in": "path", "required": true, "schema": { "type": "integer" } }]);
    assert_eq!(findings(&parameters, "/a", "/a", &[]), [""; 0]);
}
