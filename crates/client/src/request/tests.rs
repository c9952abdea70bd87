//! Requests against a server that answers with what it was sent.

mod events;
mod keyed;
mod raw_server;

use axum::body::Bytes as BodyBytes;
use axum::extract::Request as Received;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response as Answer};
use futures_util::TryStreamExt;
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::{Builder, Client};

/// Says what came in: `METHOD path?query`, the headers of interest a line each, an empty line, the body.
async fn echo(request: Received) -> Answer {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let mut text = format!("{} {}\n", parts.method, parts.uri);
    for name in ["accept", "content-type", "cookie", "x-trace", "x-key", "api-version"] {
        for value in parts.headers.get_all(name) {
            text += &format!("{name}: {}\n", value.to_str().unwrap());
        }
    }
    text += "\n";
    match parts.uri.path() {
        "/nothing" => StatusCode::NO_CONTENT.into_response(),
        "/json" => (StatusCode::ACCEPTED, "[1,2]").into_response(),
        "/refused" => (StatusCode::CONFLICT, "no JSON").into_response(),
        "/moved" => (StatusCode::FOUND, "").into_response(),
        _ => BodyBytes::from([text.as_bytes(), &body].concat()).into_response(),
    }
}

async fn server() -> Builder {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(echo)).await });
    Client::builder(url)
}

async fn sent(client: &Client, request: Request) -> String {
    let answer = request.bytes("*/*", &client.raw).await.unwrap();
    let mut stream = answer.into_inner_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.try_next().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn what_a_request_is_made_of_arrives() {
    let client = server().await.build().unwrap();
    let none: Option<&str> = None;
    let when: crate::models::DateTime = "2010-10-19T09:40:58.7363769+02:00".parse().unwrap();
    for (request, expected) in [
        (Request::new("TRACE", "/a"), "TRACE /a\naccept: */*\n\n"),
        (Request::new("OPTIONS", "/a"), "OPTIONS /a\naccept: */*\n\n"),
        (
            Request::new("GET", "/a/{id}.{ext}/{id}").path("id", Style::Simple, "{ext}/å").path(
                "ext",
                Style::Simple,
                &7,
            ),
            "GET /a/%7Bext%7D%2F%C3%A5.7/%7Bext%7D%2F%C3%A5\naccept: */*\n\n",
        ),
        (
            Request::new("GET", "/a")
                .query("filter", Style::DeepObject, &Some(json!({ "from": 1, "to": { "x": "b c" } })))
                .query("ids", Style::Form, &[1, 2][..])
                .query("none", Style::Form, &none),
            "GET /a?filter%5Bfrom%5D=1&filter%5Bto%5D%5Bx%5D=b+c&ids=1,2\naccept: */*\n\n",
        ),
        (
            Request::new("GET", "/a?fixed=1#not")
                .query("a&", Style::Form, &["x,y", "å+ &=#*~%"][..])
                .query("b", Style::SpaceDelimited, &["x y", "z"][..])
                .query("c", Style::PipeDelimited, &["x|y", "z"][..])
                .query("d", Style::TabDelimited, &["x", "y"][..]),
            "GET /a?fixed=1&a%26=x%2Cy,%C3%A5%2B+%26%3D%23*~%25&b=x+y%20z&c=x%7Cy|z&d=x%09y\naccept: */*\n\n",
        ),
        (
            Request::new("GET", "/{when}").path("when", Style::Simple, &when).header("X-Trace", Style::Simple, &when),
            "GET /2010-10-19T09%3A40%3A58.7363769%2B02%3A00\naccept: */*\nx-trace: 2010-10-19T09:40:58.7363769+02:00\n\n",
        ),
        (
            Request::new("GET", "/a").header("X-Trace", Style::Simple, "t").header("api-version", Style::Simple, "2"),
            "GET /a\naccept: */*\nx-trace: t\napi-version: 2\n\n",
        ),
        (
            Request::new("GET", "/a").cookie("crumb", Style::Form, "a;b").cookie("n", Style::Form, &1).cookie(
                "o",
                Style::Form,
                &none,
            ),
            "GET /a\naccept: */*\ncookie: crumb=a%3Bb; n=1\n\n",
        ),
        (
            Request::new("PATCH", "/a").json("application/merge-patch+json", Some(&json!({ "x": null }))),
            "PATCH /a\naccept: */*\ncontent-type: application/merge-patch+json\n\n{\"x\":null}",
        ),
        (Request::new("POST", "/a").json("text/json", None::<&str>), "POST /a\naccept: */*\n\n"),
        (
            Request::new("POST", "/a").form(Some(&json!({ "a": "b c&d", "l": [1, 2], "n": null, "o": { "k": 1 } }))),
            "POST /a\naccept: */*\ncontent-type: application/x-www-form-urlencoded\n\na=b+c%26d&l=1&l=2&o=%7B%22k%22%3A1%7D",
        ),
        (
            Request::new("POST", "/a").body("text/plain", Some("tekst å")),
            "POST /a\naccept: */*\ncontent-type: text/plain\n\ntekst å",
        ),
        (
            Request::new("PUT", "/a").body("image/png", Some(&b"\x89PNG"[..])),
            "PUT /a\naccept: */*\ncontent-type: image/png\n\n\u{fffd}PNG",
        ),
    ] {
        assert_eq!(sent(&client, request).await, expected);
    }
}

#[tokio::test]
async fn parts_arrive_with_name_and_type() {
    let client = server().await.build().unwrap();
    let file = multipart::Part::bytes(&b"\x00\x01"[..]).file_name("a.bin").mime_str("image/png").unwrap();
    let form = multipart::Form::new().text("title", "T").part("file", file);
    let text = sent(&client, Request::new("POST", "/a").multipart(Some(form))).await;
    for line in [
        "content-type: multipart/form-data; boundary=",
        "Content-Disposition: form-data; name=\"title\"\r\n\r\nT\r\n",
        "Content-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\nContent-Type: image/png\r\n\r\n\0\u{1}\r\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[tokio::test]
async fn what_is_set_once_is_sent_too() {
    let builder = server().await.browser_session("session=s", "x").header("X-Key", "k").header("x-trace", "set");
    let client = builder.build().unwrap();
    let request = Request::new("GET", "/a").cookie("crumb", Style::Form, "c").header("X-Trace", Style::Simple, "own");
    let expected = "GET /a\naccept: */*\ncookie: session=s; crumb=c\nx-trace: own\nx-key: k\n\n";
    assert_eq!(sent(&client, request).await, expected);
}

#[tokio::test]
async fn answers_are_read_as_what_they_are() {
    let client = server().await.build().unwrap();
    let request = |path| Request::new("GET", path);
    let raw = &client.raw;
    let value = request("/json").value::<Vec<i32>>("application/json", raw).await.unwrap();
    assert_eq!((value.status().as_u16(), value.into_inner()), (202, vec![1, 2]));
    let optional = async |path| request(path).optional::<Vec<i32>>("application/json", raw).await;
    assert_eq!(optional("/json").await.unwrap().into_inner(), Some(vec![1, 2]));
    let nothing = optional("/nothing").await.unwrap();
    assert_eq!((nothing.status().as_u16(), nothing.into_inner()), (204, None));
    assert!(matches!(optional("/other").await.unwrap_err(), Error::Unreadable(_)));
    assert_eq!(request("/nothing").empty(raw).await.unwrap().status().as_u16(), 204);
    for (path, status) in [("/refused", 409), ("/moved", 302)] {
        let error = request(path).empty(raw).await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), error.error_response().is_none()), (status, true));
    }
}

#[tokio::test]
async fn arguments_that_cannot_be_sent_are_errors_without_their_values() {
    let client = server().await.build().unwrap();
    let request = || Request::new("POST", "/a/{id}");
    for request in [
        request().path("id", Style::Simple, ""),
        request().path("id", Style::Simple, ".."),
        request().query("q", Style::Form, &Unwritable),
        request().json("application/json", Some(&Unwritable)),
        request().header("X Trace", Style::Simple, "secret"),
        request().header("X-Trace", Style::Simple, "secret\n"),
        request().body("secret\n", Some("")),
        request().form(Some("secret")),
        Request::new("NO METHOD", "/secret"),
    ] {
        let error = request.empty(&client.raw).await.unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{error:?}");
        assert!(!format!("{error}{error:?}").contains("secret"), "{error:?}");
        assert!(error.to_string().starts_with("the request cannot be sent: "), "{error}");
    }
}

/// Its reason quotes it.
struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("secret"))
    }
}

#[tokio::test]
async fn an_argument_that_cannot_be_sent_is_named() {
    let client = server().await.build().unwrap();
    for (request, expected) in [
        (Request::new("GET", "/{id}").path("id", Style::Simple, ".."), "path parameter `id` is empty or dots alone"),
        (Request::new("GET", "/").query("q", Style::Form, &Unwritable), "`q` cannot be written as JSON"),
        (Request::new("GET", "/").json("text/json", Some(&Unwritable)), "the body cannot be written as JSON"),
    ] {
        let error = request.empty(&client.raw).await.unwrap_err();
        assert_eq!(error.to_string(), format!("the request cannot be sent: {expected}"));
        assert_eq!(format!("{error:?}"), format!("Request({expected:?})"));
    }
}
