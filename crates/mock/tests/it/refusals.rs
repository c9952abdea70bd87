//! What is refused, and in which words.

use http::header::WWW_AUTHENTICATE;
use serde_json::json;

use crate::call::Running;
use crate::library;

const BASIC: &str = "authorization: Basic YTpi";
const JSON: &str = "content-type: application/json";

#[tokio::test]
async fn paths_and_methods() {
    let mock = Running::of(library()).await;
    let unknown = mock.call("GET /journals", &[], "").await;
    assert_eq!(unknown.status(), 404);
    assert_eq!(
        unknown.json(),
        json!({ "type": "about:blank", "title": "Not Found", "status": 404,
            "detail": "the contract has no path that matches `/journals`" })
    );
    let wrong = mock.call("PATCH /books/3", &[], "").await;
    assert_eq!((wrong.status().as_u16(), wrong.header("allow")), (405, "GET, DELETE, OPTIONS, HEAD"));
    assert_eq!(mock.call("BREW /books", &[], "").await.status(), 405);
    assert_eq!(mock.call("GET /empty", &[], "").await.status(), 501);
}

#[tokio::test]
async fn sign_in() {
    let mock = Running::of(library()).await;
    let body = r#"{ "id": 1, "title": "One" }"#;
    let refused = mock.call("POST /books", &[JSON], body).await;
    assert_eq!(refused.status(), 401);
    let challenges: Vec<_> =
        refused.headers().get_all(WWW_AUTHENTICATE).iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(
        challenges,
        [
            r#"Basic realm="mock""#,
            r#"ApiKey realm="mock", in="cookie", name="sid""#,
            r#"ApiKey realm="mock", in="header", name="X-Token""#,
        ]
    );
    assert_eq!(
        refused.json()["detail"],
        "expected `basic` (header `Authorization: Basic …`), or `session` (cookie `sid`) together with `token` (header `X-Token`)"
    );
    assert_eq!(mock.call("POST /books", &[JSON, BASIC], body).await.status(), 201);
    assert_eq!(mock.call("POST /books", &[JSON, "cookie: sid=1"], body).await.status(), 401);
    assert_eq!(mock.call("POST /books", &[JSON, "cookie: sid=1", "x-token: t"], body).await.status(), 201);
}

#[tokio::test]
async fn parameters_in_the_error_body_of_the_contract() {
    let mock = Running::of(library()).await;
    let refused = mock.call("GET /books?top=0&tags=new&tags=used", &[], "").await;
    assert_eq!((refused.status().as_u16(), refused.header("content-type")), (400, "application/json"));
    assert_eq!(
        refused.json(),
        json!({ "error": { "status": 400, "message":
            "query parameter `top`: expected at least 1, found `0`; query parameter `tags` /1: expected one of `new`, `old`, found `used`" } })
    );
    // Without such a body, as a problem document with a list.
    let refused = mock.call("GET /books/seven", &[], "").await;
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(
        refused.json()["violations"],
        json!([{ "location": "path parameter `id`", "message": "expected a whole number, found `seven`" }])
    );
}

#[tokio::test]
async fn bodies() {
    let mock = Running::of(library()).await;
    let post = async |headers: &[&str], body: &str| {
        let headers: Vec<&str> = headers.iter().copied().chain([BASIC]).collect();
        mock.call("POST /books", &headers, body).await
    };
    let refused =
        post(&[JSON], r#"{ "title": "a title that is far too long", "isbn": "1", "sequel": { "id": "x" } }"#).await;
    // The contract documents 422 and no 400.
    assert_eq!(refused.status(), 422);
    let violations = refused.json()["violations"].as_array().unwrap().clone();
    let mut lines: Vec<String> = violations
        .iter()
        .map(|violation| {
            format!("{}: {}", violation["location"].as_str().unwrap(), violation["message"].as_str().unwrap())
        })
        .collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "body /isbn: expected text that matches `^\\d{13}$`, found `1`",
            "body /sequel/id: expected a whole number, found `x`",
            "body /sequel: expected the property `title`, which is missing",
            "body /title: expected at most 20 characters, found `a title that is far too long`",
            "body: expected the property `id`, which is missing",
        ]
    );
    assert_eq!(post(&[JSON], "").await.json()["detail"], "body: expected, but missing");
    assert_eq!(post(&["content-type: application/xml"], "<Book><id>1</id><title>x</title></Book>").await.status(), 201);
    let refused = post(&["content-type: application/xml"], "<Book><id>x</id></Book>").await;
    assert_eq!(refused.json()["violations"].as_array().unwrap().len(), 2);
    for (headers, expected) in [
        (
            &["content-type: text/csv"][..],
            "body: expected the media type application/json, application/xml, found `text/csv`",
        ),
        (&[], "body: expected the media type application/json, application/xml, found no `Content-Type`"),
        (&[JSON, "content-encoding: gzip"], "body: expected it uncompressed, found the content coding `gzip`"),
    ] {
        let refused = post(headers, "x").await;
        assert_eq!((refused.status().as_u16(), refused.json()["detail"].as_str().unwrap()), (415, expected));
    }
    assert_eq!(post(&["content-type: text/csv"], "x").await.header("accept"), "application/json, application/xml");
    let refused = post(&[JSON], &"x".repeat(2_000)).await;
    assert_eq!(
        (refused.status().as_u16(), refused.json()["detail"].as_str().unwrap()),
        (413, "expected a body of at most 1000 bytes")
    );
}
