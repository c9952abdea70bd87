//! What is answered.

use docwright_contract::{read, yaml};
use docwright_mock::Mock;
use serde_json::{Value, json};

use crate::call::Running;
use crate::library;

#[tokio::test]
async fn examples_come_first_and_schemas_after() {
    let mock = Running::of(library()).await;
    let books = mock.call("GET /books", &[], "").await;
    assert_eq!(books.status(), 200);
    assert_eq!(books.json(), json!([{ "id": 1, "title": "One" }, { "id": 2, "title": "Two" }]));
    assert_eq!((books.header("x-total"), books.header("x-next")), ("42", "https://example.com/"));
    assert_eq!(books.header("content-encoding"), "");
    assert_eq!(mock.call("GET /books/3", &[], "").await.json(), json!({ "id": 7, "title": "Seven" }));
    let newest = mock.call("GET /books/newest", &[], "").await;
    assert_eq!(newest.status(), 200);
    assert_eq!(
        newest.json(),
        json!({ "id": 1, "title": "string", "isbn": "0000000000000", "printed": "2024-01-01T12:00:00Z" })
    );
    assert_eq!(newest.text(), mock.call("GET /books/newest", &[], "").await.text());
}

#[tokio::test]
async fn answers_without_json() {
    let mock = Running::of(library()).await;
    let gone = mock.call("DELETE /books/3", &[], "").await;
    assert_eq!((gone.status().as_u16(), gone.text(), gone.header("content-type")), (204, "", ""));
    let cover = mock.call("GET /books/3/cover", &[], "").await;
    assert_eq!((cover.header("content-type"), cover.text()), ("image/png", "binary"));
    let text = mock.call("GET /books/3/cover", &["accept: text/plain"], "").await;
    assert_eq!((text.header("content-type"), text.text()), ("text/plain", "string"));
}

#[tokio::test]
async fn base_paths_are_understood() {
    let mock = Running::of(library()).await;
    assert_eq!(mock.call("GET /library/v1/books/3", &[], "").await.status(), 200);
    assert_eq!(mock.call("GET /library/v2/books/3", &[], "").await.status(), 404);
}

#[tokio::test]
async fn preferences() {
    let mock = Running::of(library()).await;
    let none = mock.call("GET /books", &["prefer: example=none"], "").await;
    assert_eq!((none.json(), none.header("preference-applied")), (json!([]), "example=none"));
    let dynamic = mock.call("GET /books", &["prefer: dynamic=true"], "").await;
    assert_eq!(dynamic.json()[0]["title"], "string");
    let missing = mock.call("GET /books", &["prefer: code=404"], "").await;
    assert_eq!(
        (missing.status().as_u16(), missing.json()),
        (404, json!({ "error": { "message": "string", "status": 1 } }))
    );
    for (preference, expected) in [
        ("code=500", "expected a documented status, which are 200, 404, 400"),
        ("code=99", "expected `code` between 200 and 599"),
        ("example=three", "expected the name of an example, which are two, none"),
    ] {
        let refused = mock.call("GET /books", &[&format!("prefer: {preference}")], "").await;
        assert_eq!(refused.status(), 400);
        assert_eq!(refused.json()["error"]["message"], format!("header `Prefer`: {expected}"));
    }
}

#[tokio::test]
async fn what_is_odd_is_said_in_a_header() {
    let mock = Running::of(library()).await;
    let answer = mock.call("GET /books?top=1&skip=2", &[], "").await;
    assert_eq!(
        (answer.status().as_u16(), answer.header("docwright-remark")),
        (200, "query parameter `skip` is not in the contract")
    );
    assert_eq!(*mock.seen.lock().unwrap(), ["200 GET /books?top=1&skip=2"]);
}

#[tokio::test]
async fn heads_options_and_pages_of_other_origins() {
    let mock = Running::of(library()).await;
    let head = mock.call("HEAD /books/3", &[], "").await;
    assert_eq!((head.status().as_u16(), head.text(), head.header("content-length")), (200, "", "24"));
    let options = mock.call("OPTIONS /books/3", &[], "").await;
    assert_eq!((options.status().as_u16(), options.header("allow")), (204, "GET, DELETE, OPTIONS, HEAD"));
    let preflight = mock
        .call(
            "OPTIONS /books",
            &[
                "origin: https://app.example.com",
                "access-control-request-method: POST",
                "access-control-request-headers: x-token",
            ],
            "",
        )
        .await;
    assert_eq!(preflight.status(), 204);
    assert_eq!(preflight.header("access-control-allow-methods"), "GET, POST, OPTIONS, HEAD");
    assert_eq!(preflight.header("access-control-allow-headers"), "x-token");
    let called = mock.call("GET /books", &["origin: https://app.example.com"], "").await;
    assert_eq!(called.header("access-control-allow-origin"), "https://app.example.com");
    assert_eq!(called.header("access-control-allow-credentials"), "true");
    assert!(called.header("access-control-expose-headers").contains("x-total"), "{called:?}");
    assert_eq!(mock.call("GET /books", &[], "").await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn it_stops_when_told() {
    let mock = Running::of(library()).await;
    let address = mock.address;
    assert_eq!(mock.call("GET /books", &[], "").await.status(), 200);
    mock.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[test]
fn what_cannot_be_served_is_said() {
    let mock = Mock::new(library());
    let remarks: Vec<String> = mock.remarks().iter().map(ToString::to_string).collect();
    assert_eq!(
        remarks,
        [
            "served in part: `#/paths/~1books~1{id}/delete/parameters`: the path has no parameter `book`, which is not checked",
            "served in part: `#/paths/~1empty/get/responses`: no answer with a status of 200 or above is documented; 501 is sent",
        ]
    );
    assert_eq!(mock.served_count(), 7);
    assert_eq!(mock.base_paths(), ["/library/v1"]);
    let contract = yaml::from_str(
        "{openapi: 3.0.3, info: {title: T, version: '1'}, paths: {'/a{b}{c}': {get: {operationId: a, responses: {}}}}}",
    );
    let mock = Mock::new(read::from_value(&contract.unwrap()).unwrap());
    assert_eq!(mock.served_count(), 0);
    assert_eq!(
        mock.remarks()[0].to_string(),
        "not served: `#/paths/~1a{b}{c}/get`: nothing separates the parameter `c` from the one before it"
    );
}

/// Every operation of the workspace's own contract that takes no body answers in each of its forms.
#[tokio::test]
async fn the_contract_of_the_workspace() {
    let text = include_str!("../../../../openapi.yaml");
    let contract = read::from_value(&yaml::from_str(text).unwrap()).unwrap();
    let mock = Running::of(contract.clone()).await;
    let mut forms = 0;
    for operation in contract.operations.iter().filter(|operation| operation.request_body.is_none()) {
        // Parts of paths are numbers here.
        let parts = operation.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        let line = format!("{} {}", operation.method.as_str(), parts.collect::<Vec<_>>().join("/"));
        let response = operation.responses.values().find_map(|response| match response {
            docwright_contract::model::RefOr::Inline(response) => Some(response),
            docwright_contract::model::RefOr::Ref(name) => contract.responses.get(name),
        });
        for (media_type, content) in &response.unwrap().content {
            let answer = mock.call(&line, &["authorization: Basic YTpi", &format!("accept: {media_type}")], "").await;
            assert_eq!((answer.status().as_u16(), answer.header("content-type")), (200, &**media_type), "{line}");
            if media_type.ends_with("json") {
                let schema = docwright_contract::json_schema::for_schema(&contract, content.schema.as_ref().unwrap());
                let validator = jsonschema::validator_for(&schema).unwrap();
                assert!(validator.is_valid(&answer.json()), "{line} {media_type}");
            } else if media_type.ends_with("xml") {
                assert!(answer.text().starts_with("<?xml"), "{line} {media_type}");
            }
            forms += 1;
        }
        if operation.security.as_ref().is_none_or(|security| !security.is_empty()) {
            let unknown: Value = mock.call(&line, &[], "").await.json();
            assert!(unknown["ErrorMessage"].as_str().unwrap().contains("`basic`"), "{line}: {unknown}");
        }
    }
    assert!(forms > 50, "{forms}");
}
