use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::Expected;
use crate::parameters::Said;
use docwright_contract::{Contract, read};

fn contract(security: Value) -> Contract {
    read::from_value(&json!({
        "openapi": "3.0.3", "info": { "title": "T", "version": "1" },
        "paths": { "/a": { "get": { "operationId": "a", "responses": {}, "security": security } } },
        "components": { "securitySchemes": {
            "basic": { "type": "http", "scheme": "basic" },
            "oauth": { "type": "oauth2", "flows": {} },
            "key": { "type": "apiKey", "in": "header", "name": "X-Key" },
            "token": { "type": "apiKey", "in": "header", "name": "authorization" },
            "again": { "type": "apiKey", "in": "header", "name": "x-key" },
            "query": { "type": "apiKey", "in": "query", "name": "key" },
            "cookie": { "type": "apiKey", "in": "cookie", "name": "sid" },
            "tls": { "type": "mutualTLS" },
        } },
    }))
    .unwrap()
}

#[test]
fn presented() {
    #[track_caller]
    fn check(security: Value, headers: &[(&'static str, &str)], query: &str, expected: bool) {
        let contract = contract(security.clone());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let said = Said::new(&[], query, &map);
        let wanted = Expected::of(&contract, &contract.operations[0]);
        assert_eq!(wanted.is_presented(&said), expected, "{security} {headers:?} {query}");
    }
    check(json!([]), &[], "", true);
    check(json!([{}]), &[], "", true);
    check(json!([{ "basic": [] }]), &[], "", false);
    check(json!([{ "basic": [] }]), &[("authorization", "Basic YTpi")], "", true);
    check(json!([{ "basic": [] }]), &[("authorization", "bAsIc YTpi")], "", true);
    check(json!([{ "basic": [] }]), &[("authorization", "Basic ")], "", false);
    check(json!([{ "basic": [] }]), &[("authorization", "Bearer x")], "", false);
    check(json!([{ "basic": [] }, {}]), &[], "", true);
    check(json!([{ "oauth": ["read"] }]), &[("authorization", "Bearer x")], "", true);
    check(json!([{ "key": [] }]), &[("x-key", "k")], "", true);
    check(json!([{ "query": [] }]), &[], "key=k", true);
    check(json!([{ "query": [] }]), &[], "key=", false);
    check(json!([{ "key": [], "cookie": [] }]), &[("x-key", "k")], "", false);
    check(json!([{ "key": [], "cookie": [] }]), &[("x-key", "k"), ("cookie", "a=b; sid=s")], "", true);
    check(json!([{ "key": [], "cookie": [] }, { "basic": [] }]), &[("authorization", "Basic x")], "", true);
    check(json!([{ "tls": [] }]), &[], "", true);
    // One header holds one of them.
    check(json!([{ "basic": [], "oauth": [] }]), &[("authorization", "Basic x")], "", true);
    check(json!([{ "basic": [], "oauth": [] }]), &[("authorization", "Bearer x")], "", true);
    check(json!([{ "basic": [], "oauth": [] }]), &[("authorization", "Digest x")], "", false);
    check(json!([{ "basic": [], "oauth": [] }]), &[], "", false);
    check(json!([{ "basic": [], "token": [] }]), &[("authorization", "x")], "", true);
    check(json!([{ "basic": [], "oauth": [], "key": [] }]), &[("authorization", "Basic x")], "", false);
    check(json!([{ "basic": [], "oauth": [], "key": [] }]), &[("authorization", "Basic x"), ("x-key", "k")], "", true);
    check(json!([{ "key": [], "again": [] }]), &[("x-key", "k")], "", true);
    check(json!([{ "query": [], "cookie": [] }]), &[], "key=k", false);
}

#[test]
fn what_is_wanted() {
    let contract = contract(json!([{ "key": [], "cookie": [] }, { "basic": [] }, { "query": [], "basic": [] }]));
    let wanted = Expected::of(&contract, &contract.operations[0]);
    assert_eq!(
        wanted.wanted(),
        "expected `cookie` (cookie `sid`) together with `key` (header `X-Key`), or `basic` (header `Authorization: \
         Basic …`), or `basic` (header `Authorization: Basic …`) together with `query` (query parameter `key`)"
    );
    assert_eq!(
        wanted.challenges(),
        [
            r#"ApiKey realm="mock", in="cookie", name="sid""#,
            r#"ApiKey realm="mock", in="header", name="X-Key""#,
            r#"Basic realm="mock""#,
            r#"ApiKey realm="mock", in="query", name="key""#,
        ]
    );
}

#[test]
fn schemes_that_share_a_place() {
    for (security, shared, wanted) in [
        (json!([{ "basic": [] }, { "oauth": [] }]), &[][..], None),
        (json!([{ "tls": [], "none": [], "key": [] }]), &[], None),
        (
            json!([{ "basic": [], "key": [], "oauth": [], "token": [] }]),
            &["`basic` and `oauth` and `token`"],
            Some(
                "expected `basic` (header `Authorization: Basic …`) or else `oauth` (header `Authorization: Bearer …`) \
                 or else `token` (header `authorization`) together with `key` (header `X-Key`)",
            ),
        ),
        (json!([{ "key": [], "again": [] }]), &["`again` and `key`"], None),
    ] {
        let contract = contract(security.clone());
        let expected = Expected::of(&contract, &contract.operations[0]);
        assert_eq!(expected.shared().collect::<Vec<_>>(), shared, "{security}");
        if let Some(wanted) = wanted {
            assert_eq!(expected.wanted(), wanted);
        }
    }
}
