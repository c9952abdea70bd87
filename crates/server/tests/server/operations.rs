//! What operators and load balancers look at: `/healthz`, `/readyz`, `/metrics`.

use chat_server::App;
use chat_test_support::TestApp;

use crate::support::{FOR_CURRENT_USER, World, error_message, running, test_app, waiting};

/// The address that only operators reach.
fn operators(app: &App) -> TestApp {
    test_app(app.metrics_router())
}

pub(crate) async fn scraped(app: &App) -> String {
    let answer = operators(app).get("/metrics").send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

/// Whether there are all of these lines.
#[track_caller]
fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|found| found == *line), "{line}\n---\n{text}");
    }
}

#[tokio::test]
async fn server_is_alive_whatever_becomes_of_the_database_and_ready_while_it_answers() {
    let world = World::empty().await;
    for http in [&world.http, &operators(&world.app)] {
        assert_eq!(http.get("/healthz").send().await.status, 200);
        assert_eq!(http.get("/readyz").send().await.text(), "ready\n");
    }
    // What it knows of the database is soon forgotten; another one that never asked has to.
    let other = App::open(world.config()).await.unwrap();
    other.close().await;
    for http in [test_app(other.router()), operators(&other)] {
        assert_eq!(http.get("/healthz").send().await.status, 200);
        let refused = http.get("/readyz").send().await;
        assert_eq!(error_message(&refused, 503), "the database does not answer");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
}

#[tokio::test]
async fn server_that_stops_is_not_ready_at_once_and_answers_on() {
    let world = World::with("").await;
    assert_eq!(world.http.get("/readyz").send().await.status, 200);
    world.app.stop_being_ready();
    assert_eq!(error_message(&world.http.get("/readyz").send().await, 503), "the server stops");
    assert_eq!(world.http.get("/healthz").send().await.status, 200);
    let answer = world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await;
    assert_eq!(answer.status, 200);
    holds(&scraped(&world.app).await, &["chat_ready 0", "chat_database_up 1"]);
}

#[tokio::test]
async fn session_of_a_list_that_cannot_be_read_is_an_error_and_counted() {
    let world = World::with(&[waiting(1, "Support", 5), waiting(2, "Support", 4)].concat()).await;
    world.execute("UPDATE sessions SET status = 'Nonsense' WHERE session_id = 2").await;
    let answer = world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    holds(&scraped(&world.app).await, &[r#"chat_store_errors_total{result="damaged"} 1"#]);
}

#[tokio::test]
async fn server_is_not_ready_for_older_tables() {
    let world = World::with("").await;
    world.execute("DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)").await;
    let said = error_message(&world.http.get("/readyz").send().await, 503);
    assert_eq!(said, "the tables of the database are older than this program");
    holds(&scraped(&world.app).await, &["chat_ready 0", "chat_database_up 0"]);
}

#[tokio::test]
async fn metrics_tell_what_happened_and_to_nobody_else_to_whom() {
    let world = World::with(&[waiting(1, "Support", 5), waiting(2, "Support", 1)].concat()).await;
    world.picked_up("tje0", "Tje0").await;
    error_message(&world.pick_up("tje0", "wrong").await, 401);
    error_message(&world.http.get("/nowhere/tje0").send().await, 404);
    let text = scraped(&world.app).await;
    let pickup = "operation=\"v1ChatSessionEntity_PickUpFirstChatSession\"";
    holds(
        &text,
        &[
            &format!("chat_http_requests_total{{{pickup},method=\"POST\",status=\"200\"}} 1"),
            &format!("chat_http_requests_total{{{pickup},method=\"POST\",status=\"401\"}} 1"),
            "chat_http_requests_total{operation=\"unknown\",method=\"GET\",status=\"404\"} 1",
            &format!("chat_http_request_seconds_count{{{pickup}}} 2"),
            "chat_http_requests_running 0",
            "chat_sign_ins_total{result=\"ok\"} 1",
            "chat_sign_ins_total{result=\"recalled\"} 0",
            "chat_sign_ins_total{result=\"wrong\"} 1",
            "chat_passwords_hashed_total 2",
            "chat_sign_ins_total{result=\"throttled\"} 0",
            "chat_sessions_picked_up_total 1",
            "chat_sessions_started_total{status=\"InQueue\"} 0",
            "chat_sessions_ended_total{status=\"Closed\"} 0",
            "chat_pickup_wait_seconds_sum 300.0",
            "chat_pickup_wait_seconds_bucket{le=\"120.0\"} 0",
            "chat_pickup_wait_seconds_bucket{le=\"300.0\"} 1",
            "chat_messages_total{type=\"ToCustomer\"} 1",
            "chat_queue_sessions{topic=\"10\",name=\"Support\"} 1",
            "chat_queue_sessions{topic=\"12\",name=\"Hjelp\"} 0",
            "chat_store_errors_total{result=\"failed\"} 0",
            "chat_ready 1",
            "chat_database_up 1",
            "chat_connections_limit 800",
        ],
    );
    assert!(text.contains(&format!("chat_build_info{{version=\"{}\",", env!("CARGO_PKG_VERSION"))), "{text}");
    for personal in ["tje0", "Terje", "Jensen", "127.0.0.1"] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
}

#[tokio::test]
async fn metrics_tell_how_much_of_lists_was_written_before() {
    let world = World::with(&[running(1, "Support", "tje0"), running(2, "Support", "tje0")].concat()).await;
    let listed = async |found: u32, missed: u32| {
        let answer = world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let counted = |result, count| format!("chat_written_sessions_total{{result=\"{result}\"}} {count}");
        holds(&scraped(&world.app).await, &[&counted("found", found), &counted("missed", missed)]);
    };
    holds(&scraped(&world.app).await, &[r#"chat_written_sessions_total{result="found"} 0"#]);
    listed(0, 2).await;
    listed(2, 2).await;
    world.execute("UPDATE sessions SET last_message = 'Thanks' WHERE session_id = 1").await;
    listed(3, 3).await;
}

#[tokio::test]
async fn sessions_are_counted_when_they_begin_and_end_however_often_that_is_asked_for() {
    let world = World::with(&[waiting(1, "Support", 5), waiting(2, "Support", 4)].concat()).await;
    let start = || {
        let start = world.http.post("/api/v1/ChatTopic/11/Sessions").header("idempotency-key", "0123456789abcdef");
        start.json(&serde_json::json!({ "CustomerAlias": "Ola", "Message": "Hei" })).send()
    };
    assert_eq!((start().await.status, start().await.status), (200.try_into().unwrap(), 200.try_into().unwrap()));
    let change = async |path: &str| world.http.post(path).basic("tje0", "Tje0").send().await.status.as_u16();
    assert_eq!(change("/api/v1/ChatSession/2/Pickup").await, 200);
    assert_eq!(change("/api/v1/ChatSession/2/End").await, 200);
    assert_eq!(change("/api/v1/ChatSession/2/End").await, 409);
    holds(
        &scraped(&world.app).await,
        &[
            "chat_sessions_started_total{status=\"OfflineForm\"} 1",
            "chat_messages_total{type=\"ToUser\"} 1",
            "chat_sessions_picked_up_total 1",
            "chat_pickup_wait_seconds_sum 240.0",
            "chat_sessions_ended_total{status=\"Closed\"} 1",
            "chat_store_errors_total{result=\"failed\"} 0",
        ],
    );
}

#[tokio::test]
async fn repeated_looks_at_the_queues_do_not_ask_the_database_each_time() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let line = "chat_queue_sessions{topic=\"10\",name=\"Support\"} 1";
    holds(&scraped(&world.app).await, &[line]);
    world.picked_up("tje0", "Tje0").await;
    holds(&scraped(&world.app).await, &[line, "chat_sessions_picked_up_total 1"]);
}

#[tokio::test]
async fn metrics_say_in_which_form_they_are() {
    let world = World::empty().await;
    let http = operators(&world.app);
    for (accept, expected) in [
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        ("text/plain", "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
    ] {
        let answer = http.get("/metrics").header("accept", accept).send().await;
        assert_eq!(answer.header("content-type"), Some(expected), "{accept}");
    }
    error_message(&http.post("/metrics").send().await, 405);
    error_message(&http.get("/signin").send().await, 404);
}

#[tokio::test]
async fn metrics_are_not_where_the_api_is() {
    let world = World::empty().await;
    error_message(&world.http.get("/metrics").send().await, 404);
}

#[tokio::test]
async fn scrape_is_answered_while_the_database_is_away() {
    let world = World::with("").await;
    world.app.close().await;
    let text = scraped(&world.app).await;
    holds(&text, &["chat_ready 0", "chat_database_up 0"]);
    assert!(!text.contains("chat_queue_sessions{"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("chat_store_errors_total") && !line.ends_with(" 0")), "{text}");
}
