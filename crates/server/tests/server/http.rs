//! What surrounds the operations: unknown routes, methods, media types, panics, limits, ids, health.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::Method;
use chat_server::App;
use chat_server::clock::Clock;
use jiff::Timestamp;

use crate::support::{FOR_CURRENT_USER, PICKUP, World, error_message, test_app, waiting};

#[tokio::test]
async fn unknown_routes_answer_with_the_error_body() {
    let world = World::with("").await;
    for path in ["/", "/api/v1/ChatSession", "/api/v1/chatsession/forcurrentuser", "/healthz/", "/%00"] {
        let answer = world.http.get(path).send().await;
        error_message(&answer, 404);
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"), "{path}");
    }
}

#[tokio::test]
async fn wrong_methods_are_told_the_right_ones() {
    let world = World::with("").await;
    for (method, path, allowed) in [
        (Method::GET, PICKUP, "POST,OPTIONS"),
        (Method::DELETE, PICKUP, "POST,OPTIONS"),
        (Method::POST, FOR_CURRENT_USER, "GET,HEAD,OPTIONS"),
        (Method::PATCH, "/healthz", "GET,HEAD,OPTIONS"),
        (Method::PUT, "/signin", "GET,HEAD,POST,OPTIONS"),
    ] {
        let answer = world.http.request(method.clone(), path).basic("tje0", "Tje0").send().await;
        error_message(&answer, 405);
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        let options = world.http.request(Method::OPTIONS, path).send().await;
        assert_eq!((options.status.as_u16(), options.header("allow")), (204, Some(allowed)), "{path}");
    }
}

#[tokio::test]
async fn answers_have_the_media_type_that_is_wanted_most() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    for accept in ["image/png", "application/json;q=0", "text/html, application/xhtml+xml"] {
        let request = world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").header("accept", accept);
        error_message(&request.send().await, 406);
    }
    for (accept, expected) in [
        ("application/json", "application/json"),
        ("text/json", "text/json"),
        ("application/xml, */*;q=0.1", "application/xml"),
        ("text/xml", "text/xml"),
        ("application/json;q=0.8, application/xml", "application/xml"),
        ("*/*", "application/json"),
    ] {
        for path in [FOR_CURRENT_USER, "/nowhere"] {
            let answer = world.http.get(path).basic("tje0", "Tje0").header("accept", accept).send().await;
            let content_type = format!("{expected}; charset=utf-8");
            assert_eq!(answer.header("content-type"), Some(content_type.as_str()), "{path} {accept}");
        }
    }
    let xml = world.http.post(PICKUP).basic("tje0", "Tje0").header("accept", "application/xml").send().await;
    assert_eq!(xml.status, 200);
    assert!(xml.text().contains("<Status>UserLast</Status>"), "{}", xml.text());
}

/// Tells no time until it is mended.
struct Broken {
    is_mended: AtomicBool,
}

impl Clock for Broken {
    fn now(&self) -> Timestamp {
        if self.is_mended.load(Ordering::SeqCst) {
            return Timestamp::now();
        }
        panic!("the clock fell off the wall, and with it the key s3cret")
    }
}

#[tokio::test]
async fn panic_becomes_an_error_body_and_the_service_lives_on() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let mut config = world.config();
    let clock = Arc::new(Broken { is_mended: AtomicBool::new(false) });
    config.clock = clock.clone();
    let broken = test_app(App::open(config).await.unwrap().router());
    let answer = broken.post(PICKUP).basic("tje0", "Tje0").header("x-request-id", "mine").send().await;
    error_message(&answer, 500);
    assert!(!answer.text().contains("s3cret"), "what panicked stays in the log: {}", answer.text());
    assert_eq!(answer.header("x-request-id"), Some("mine"));
    clock.is_mended.store(true, Ordering::SeqCst);
    assert_eq!(broken.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await.status, 200);
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(1), "nothing was changed half-way");
}

#[tokio::test]
async fn every_answer_carries_a_request_id() {
    let world = World::with("").await;
    for (sent, kept) in [(None, false), (Some("trace-1.2:3"), true), (Some("two words"), false), (Some(""), false)] {
        let mut request = world.http.get("/nowhere");
        if let Some(id) = sent {
            request = request.header("x-request-id", id);
        }
        let answer = request.send().await;
        let id = answer.header("x-request-id").expect("an id");
        assert_eq!(Some(id) == sent, kept, "{sent:?}");
        assert!(kept || id.len() == 32, "{id}");
    }
}

#[tokio::test]
async fn answers_are_not_to_be_stored() {
    let world = World::with("").await;
    let answer = world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn too_much_is_refused() {
    let world = World::with("").await;
    error_message(&world.http.get("/healthz").header("x-huge", &"x".repeat(40_000)).send().await, 431);
    let large = world.http.post(PICKUP).basic("tje0", "Tje0").body(vec![b'x'; 2 * 1024 * 1024]);
    error_message(&large.send().await, 413);
}

#[tokio::test]
async fn no_answer_is_taken_for_something_else() {
    let world = World::with("").await;
    for path in ["/healthz", "/signin", "/signin/style.css", "/nowhere", FOR_CURRENT_USER] {
        let answer = world.http.get(path).send().await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[tokio::test]
async fn other_origins_call_the_api_alone() {
    let world = World::with("").await;
    let mut config = world.config();
    config.cors_allowed_origins = vec!["https://app.example.com".parse().unwrap()];
    let http = test_app(App::open(config).await.unwrap().router());
    for (path, expected) in
        [(FOR_CURRENT_USER, true), ("/api/nowhere", true), ("/signin", false), ("/healthz", false), ("/nowhere", false)]
    {
        for method in [Method::GET, Method::OPTIONS] {
            let request = http.request(method.clone(), path).header("origin", "https://app.example.com");
            let answer = request.header("access-control-request-method", "GET").send().await;
            assert_eq!(answer.header("access-control-allow-origin").is_some(), expected, "{method} {path}");
        }
    }
    // The answer to what never reaches the API can be read, too.
    let large =
        http.get(FOR_CURRENT_USER).header("origin", "https://app.example.com").header("x-huge", &"x".repeat(40_000));
    let answer = large.send().await;
    error_message(&answer, 431);
    assert!(answer.header("access-control-allow-origin").is_some());
}

#[test]
fn all_of_the_api_is_where_other_origins_may_call() {
    let contract = include_str!("../../../../openapi.yaml");
    let paths: Vec<&str> = contract.lines().filter(|line| line.starts_with("  /")).collect();
    assert!(!paths.is_empty() && paths.iter().all(|path| path.starts_with("  /api/")), "{paths:?}");
}
