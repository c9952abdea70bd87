//! What passes the validation and what does not, and the app around it.

use std::sync::Arc;

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use chat_test_support::{Contract, TestApp};
use http::{HeaderMap, HeaderName, HeaderValue, Request};

fn contract() -> Contract {
    Contract::parse(include_str!("fixtures/contract.yaml")).expect("the fixture is a contract")
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8"), ("x-count", "1")];
const ERROR: &str = r#"{"Error":true,"ErrorMessage":"m"}"#;

/// Checks an answer; `expected` is a part of each problem, in order.
#[track_caller]
fn check(request: &str, status: u16, headers: &[(&str, &str)], body: &str, expected: &[&str]) {
    let (method, path) = request.split_once(' ').expect("a method and a path");
    let mut sent = Request::builder().method(method).body(()).expect("a method");
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
        sent.headers_mut().append(name, HeaderValue::from_str(value).expect("a header value"));
    }
    let (method, headers) = (sent.method(), sent.headers());
    let status = StatusCode::from_u16(status).expect("a status");
    let problems =
        contract().validate_response(method, path, status, headers, body.as_bytes()).err().unwrap_or_default();
    assert_eq!(problems.len(), expected.len(), "{problems:?}");
    for (problem, expected) in problems.iter().zip(expected) {
        assert!(problem.contains(expected), "{problem}");
    }
}

#[test]
fn good_answers_pass() {
    let books = r#"[{"Id":1,"Acquired":"2010-10-19T09:40:58.7363769+02:00","Status":"New","Kind":null},{}]"#;
    check("GET /books?top=1", 200, JSON, books, &[]);
    check("HEAD /books", 200, JSON, "", &[]);
    check("GET /books", 200, &[("content-type", "application/xml"), ("x-count", "1")], "<ArrayOfBook/>", &[]);
    check("GET /books", 401, JSON, ERROR, &[]);
    check("GET /books", 503, JSON, ERROR, &[]);
    check("POST /books", 204, &[], "", &[]);
    check("GET /books/7", 418, &[("content-type", "text/plain")], "tea", &[]);
}

#[test]
fn bodies_that_break_the_schema_fail() {
    check("GET /books", 200, JSON, r#"[{"Id":"1"}]"#, &["`/0/Id`: "]);
    check("GET /books", 200, JSON, "{}", &["the whole body: "]);
    check("GET /books", 200, JSON, "[", &["not JSON"]);
    check("GET /books", 200, JSON, "", &["not JSON"]);
    check("GET /books", 200, JSON, r#"[{"Kind":"Film"}]"#, &["`/0/Kind`: "]);
    check("GET /books", 401, JSON, r#"{"Error":true}"#, &["ErrorMessage"]);
    check("GET /books", 401, JSON, r#"{"Error":null,"ErrorMessage":1}"#, &["`/Error`", "`/ErrorMessage`"]);
    check("POST /books", 204, &[], "x", &["must be none"]);
    check("HEAD /books", 200, JSON, "[]", &["must be none"]);
}

#[test]
fn xml_is_read_as_the_contract_describes_it() {
    let headers = [("content-type", "application/xml; charset=utf-8"), ("x-count", "1")];
    for (body, expected) in [
        (
            "<ArrayOfBook><Book><Id>1</Id><Sequel><Status>a &lt; b</Status></Sequel><Authors><string>x</string><string/></Authors>\
             <Shelves><a>1</a></Shelves><Extra><b type='number'>1</b><c type='array'><item>x</item></c></Extra></Book><Book/></ArrayOfBook>",
            &[][..],
        ),
        ("<?xml version='1.0' encoding='utf-8'?><ArrayOfBook/>", &[]),
        ("<Books/>", &["the root is `Books`, the contract calls it `ArrayOfBook`"]),
        ("<ArrayOfBook><book/></ArrayOfBook>", &["an item of `ArrayOfBook` is `book`, not `Book`"]),
        ("<ArrayOfBook><Book><Id>x</Id></Book></ArrayOfBook>", &["`Id`: "]),
        ("<ArrayOfBook><Book><Id>1.5</Id></Book></ArrayOfBook>", &["`/0/Id`: "]),
        ("<ArrayOfBook><Book><Title/></Book></ArrayOfBook>", &["`Book` has no property `Title`"]),
        ("<ArrayOfBook><Book><Id>1</Id><Id>1</Id></Book></ArrayOfBook>", &["`Book` has `Id` twice"]),
        ("<ArrayOfBook><Book><Acquired>now</Acquired></Book></ArrayOfBook>", &["`/0/Acquired`: "]),
        ("<ArrayOfBook><Book><Authors><name/></Authors></Book></ArrayOfBook>", &["an item of `Authors` is `name`"]),
        ("<ArrayOfBook>", &["there is not one root"]),
        ("<ArrayOfBook></Book>", &["not XML"]),
        ("", &["there is not one root"]),
    ] {
        check("GET /books", 200, &headers, body, expected);
    }
    let error = "<ErrorResponse><Error>true</Error><ErrorMessage>m</ErrorMessage></ErrorResponse>";
    check("GET /nowhere", 404, &headers, error, &[]);
    check("GET /nowhere", 404, &headers, "<ErrorResponse><Error>true</Error></ErrorResponse>", &["ErrorMessage"]);
}

#[test]
fn date_times_follow_rfc_3339() {
    for (text, expected) in [
        ("2010-10-19T09:40:58.7363769+02:00", true),
        ("2010-10-19T09:40:58Z", true),
        ("2010-10-19T09:40:58", false),
        ("0001-01-01T00:00:00", false),
        ("2010-10-19", false),
        ("2010-13-19T09:40:58Z", false),
        ("yesterday", false),
        ("", false),
    ] {
        let expected: &[&str] = if expected { &[] } else { &["`/0/Acquired`: "] };
        check("GET /books", 200, JSON, &format!(r#"[{{"Acquired":"{text}"}}]"#), expected);
    }
}

#[test]
fn statuses_headers_and_media_types_must_be_listed() {
    check("GET /books", 404, JSON, ERROR, &["status 404 is not in the contract of `books`, which lists 200, 401, 5XX"]);
    check("GET /books", 200, &[("content-type", "application/json")], "[]", &["`X-Count` is missing"]);
    check("GET /books", 200, &[("x-count", "1")], "[]", &["`Content-Type` is missing"]);
    check(
        "GET /books",
        200,
        &[("content-type", "text/html"), ("x-count", "a")],
        "",
        &["header `X-Count`", "`text/html`"],
    );
    check("GET /books/first", 418, &[("content-type", "text/plain")], "tea", &["status 418"]);
}

#[test]
fn outside_the_contract_errors_have_the_error_body() {
    check("GET /nowhere", 404, JSON, ERROR, &[]);
    check("GET /nowhere", 404, JSON, "{}", &["Error", "ErrorMessage"]);
    check("GET /nowhere", 404, &[], "", &["without content type"]);
    check("GET /nowhere", 404, &[("content-type", "text/plain")], "no", &["text/plain"]);
    check("GET /healthz", 200, &[], "ok", &[]);
    check("PUT /books", 405, &[("allow", "GET"), ("content-type", "application/json")], ERROR, &[]);
    check("PUT /books", 405, JSON, ERROR, &["`Allow`"]);
    check("PUT /books", 200, JSON, "{}", &["status 200"]);
    check("BREW /books/first", 405, JSON, ERROR, &["`Allow`"]);
}

fn app() -> TestApp {
    async fn first(headers: HeaderMap) -> impl IntoResponse {
        let status = if headers.contains_key("x-break") { r#""lost""# } else { r#"{"Status":"Free"}"# };
        ([("content-type", "application/json")], status.to_owned())
    }
    async fn book(headers: HeaderMap) -> impl IntoResponse {
        headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("nobody").to_owned()
    }
    let router = Router::new().route("/books/first", get(first)).route("/books/{id}", get(book));
    TestApp::with_contract(router, Arc::new(contract()))
}

#[tokio::test]
async fn the_app_sends_and_reads() {
    let app = app();
    let answer = app.get("/books/first").send().await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json()["Status"], "Free");
    assert_eq!(app.get("/books/1?x=y").basic("tje0", "Tje0").send().await.text(), "Basic dGplMDpUamUw");
    assert_eq!(app.get("/books/1").bearer("8A:x").send().await.text(), "Bearer 8A:x");
    assert_eq!(app.get("/books/1").send().await.text(), "nobody");
}

#[tokio::test]
async fn many_requests_can_run_at_once() {
    let app = app();
    let tasks: Vec<_> = (0..20).map(|_| tokio::spawn(app.get("/books/first").send())).collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().status, 200);
    }
}

#[tokio::test]
#[should_panic(expected = "the answer to GET /books/first breaks the contract (200 OK)\n  - the whole body: ")]
async fn an_answer_that_breaks_the_contract_panics() {
    app().get("/books/first").header("x-break", "1").send().await;
}

#[tokio::test]
#[should_panic(expected = "an error must have a JSON or XML body, this one is without content type")]
async fn the_router_s_own_404_is_not_good_enough() {
    app().get("/nowhere").send().await;
}
