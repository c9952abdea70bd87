//! Lists that are given item by item, through the generated router.

use axum::body::{Body, Bytes};
use chat_api::ApiError;
use chat_api::support::Items;
use futures_util::stream;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::models::Thing;
use super::{Echo, assert_keeps_contract, exchange, generated};

/// The thing with this number: a thousand of them are several pieces of an answer.
pub(super) fn thing(number: i32) -> Thing {
    let tags = Some(vec!["<tag> & \u{e6}".repeat(20)]);
    Thing { id: Some(number), name: Some(number.to_string()), tags, ..Thing::default() }
}

/// So many things; `fail` breaks off instead of one of them, and less than nothing makes that one no XML.
pub(super) fn things(count: i32, fail: Option<i32>) -> Items<Thing> {
    Items::new(stream::iter((1..=count).map(move |number| match fail {
        Some(fail) if fail == number => Err(ApiError::conflict("changed meanwhile")),
        Some(fail) if -fail == number => Ok(Thing { name: Some("\u{1}".to_owned()), ..Thing::default() }),
        _ => Ok(thing(number)),
    })))
}

/// Status, headers, and the body, or as much of it as came before it broke off.
async fn send(method: Method, path: &str, accept: &str) -> (StatusCode, HeaderMap, Result<Bytes, Vec<u8>>) {
    let request =
        Request::builder().method(method.clone()).uri(path).header("accept", accept).body(Body::empty()).unwrap();
    let response = generated::router(std::sync::Arc::new(Echo)).oneshot(request).await.unwrap();
    let (parts, mut body) = response.into_parts();
    let mut bytes = Vec::new();
    let body: Result<Bytes, Vec<u8>> = loop {
        match body.frame().await {
            Some(Ok(frame)) => bytes.extend(frame.into_data().unwrap()),
            Some(Err(_)) => break Err(bytes),
            None => break Ok(bytes.into()),
        }
    };
    assert_keeps_contract(&method, path, parts.status, &parts.headers, body.as_deref().ok());
    (parts.status, parts.headers, body)
}

#[tokio::test]
async fn bytes_are_those_of_the_whole_list() {
    for accept in ["application/json", "application/xml"] {
        for count in [0, 1, 2, 1_000] {
            let path = format!("/lists/{count}");
            let (status, mut whole_headers, whole) = send(Method::PUT, &path, accept).await;
            let (items_status, headers, items) = send(Method::GET, &path, accept).await;
            assert_eq!((items_status, &items), (status, &whole), "{accept} {count}");
            let length = whole_headers.remove("content-length");
            // A list that is long says no length before it is made.
            assert_eq!(headers.get("content-length"), length.as_ref().filter(|_| count < 1_000), "{accept} {count}");
            assert_eq!(headers.get("content-type"), whole_headers.get("content-type"));
        }
    }
    for (request, expected) in [
        ("GET /lists/-1", "204 - "),
        ("HEAD /lists/1000", "200 application/json; charset=utf-8 "),
        ("POST /lists/2", r#"200 application/json; charset=utf-8 ["a",null]"#),
        ("POST /lists/0", r#"202 application/json; charset=utf-8 {"Id":null,"Name":null,"Parent":null,"Tags":null}"#),
    ] {
        assert_eq!(exchange(request, &[], "").await, expected, "{request}");
    }
}

#[tokio::test]
async fn errors_at_the_beginning_keep_their_status_and_later_ones_break_off() {
    const XML: (&str, &str) = ("accept", "application/xml");
    for (request, headers, expected) in [
        ("GET /lists/9?fail=1", &[][..], "409 changed meanwhile"),
        ("GET /lists/1000?fail=9", &[], "409 changed meanwhile"),
        ("HEAD /lists/1000?fail=9", &[], "409 application/json; charset=utf-8 "),
        (
            "GET /lists/1000?fail=-9",
            &[XML],
            "406 the answer is no XML, ask for JSON: `ArrayOfThing.Thing.Title`: XML cannot carry the character U+0001",
        ),
    ] {
        assert_eq!(exchange(request, headers, "").await, expected, "{request}");
    }
    for (path, accept, end) in [
        ("/lists/1000?fail=1000", "application/json", "}"),
        ("/lists/1000?fail=1000", "application/xml", "</Thing>"),
        ("/lists/1000?fail=-1000", "application/xml", "</Thing>"),
    ] {
        let (status, _, body) = send(Method::GET, path, accept).await;
        let begun = String::from_utf8(body.expect_err(path)).unwrap();
        assert_eq!(status, StatusCode::OK);
        assert!(begun.len() > 64 * 1024 && begun.ends_with(end), "{path}");
    }
}
