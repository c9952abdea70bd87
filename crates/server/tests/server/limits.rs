//! Limits that the table of requests cannot show: what runs at the same time, and what is no HTTP.

use chat_server::App;

use crate::serving::Server;
use crate::support::{FOR_CURRENT_USER, PICKUP, World, error_message, exchange, test_app, waiting};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_user_cannot_keep_the_service_busy() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let mut config = world.config();
    config.limits.max_concurrent_requests_per_user = 1;
    let http = test_app(App::open(config).await.unwrap().router());
    let list = || http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send();

    // Somebody else writes: the pickup has signed in, runs, and cannot go on.
    let lock = world.hold_up_pickups_of("tje0").await;
    let pickup = tokio::spawn({
        let http = http.clone();
        async move {
            loop {
                let answer = http.post(PICKUP).basic("tje0", "Tje0").send().await;
                // The list below was there first.
                if answer.status != 429 {
                    return answer;
                }
            }
        }
    });
    let refused = loop {
        let answer = list().await;
        if answer.status == 429 {
            break answer;
        }
        assert!(!pickup.is_finished(), "it waits for the lock");
    };
    error_message(&refused, 429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(http.get(FOR_CURRENT_USER).basic("ingrid", "i").send().await.status, 200, "others are not affected");

    lock.release().await;
    assert_eq!(pickup.await.unwrap().status, 200);
    assert_eq!(list().await.status, 200, "what has ended no longer counts");
}

#[tokio::test]
async fn what_is_no_http_gets_the_error_body_too() {
    let world = World::with("").await;
    let server = Server::start(world.app.clone()).await;
    let many: String = (0..300).map(|number| format!("x-{number}: x\r\n")).collect();
    for (request, status, error_type) in [
        ("GET / HTTP/1.1\r\nno header\r\n\r\n".to_owned(), 400, "BadRequest"),
        ("\u{1}\u{2}\r\n\r\n".to_owned(), 400, "BadRequest"),
        (format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"), 431, "RequestHeaderFieldsTooLarge"),
        (format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(66_000)), 414, "UriTooLong"),
    ] {
        let answer = exchange(server.address, &request).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("head and body");
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(head.contains("content-type: application/json; charset=utf-8"), "{head}");
        assert!(head.contains("x-content-type-options: nosniff"), "{head}");
        let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: "));
        assert!(id.is_some_and(|id| id.len() == 32), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["Error"], true);
        assert_eq!(body["ErrorType"], error_type);
    }
    server.stop().await;
}

#[tokio::test]
async fn pieces_of_a_body_are_counted_on_the_wire() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let mut config = world.config();
    config.limits.max_body_bytes = 8;
    let server = Server::start(App::open(config).await.unwrap()).await;
    let head = format!(
        "POST {PICKUP} HTTP/1.1\r\nhost: x\r\nauthorization: Basic dGplMDpUamUw\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let answer = exchange(server.address, &format!("{head}5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("connection: close"), "{answer}");
    server.stop().await;
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(1), "nothing was picked up before");
}
