//! Calls that are repeated with the same `Idempotency-Key`.

use serde_json::{Value, json};

use super::{Desk, KEY, TJE0, from, path};
use crate::support::{PICKUP, error_message};

const SESSIONS: &str = "/api/v1/ChatTopic/10/Sessions";
const HEADER: &str = "Idempotency-Key";
const LONG: &str = "6f1f1f9e-3bb1-4d43-a9b2-0d2b6bd3ad0a";

#[tokio::test]
async fn message_is_posted_once() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let messages = path(customer.session, "Messages");
    let by_customer = async |text: &str| {
        let request = desk.post(&messages).header(KEY, &customer.key).header(HEADER, "1");
        request.json(&json!({ "Message": text })).send().await
    };
    let by_user = async |text: &str| {
        let request = desk.post(&messages).basic(TJE0.0, TJE0.1).header(HEADER, "1");
        request.json(&json!({ "Message": text })).send().await
    };
    let first = by_customer("Hi").await.json();
    assert_eq!(by_customer("Hi").await.json()["ChatMessageId"], first["ChatMessageId"]);
    assert_ne!(by_user("Hi").await.json()["ChatMessageId"], first["ChatMessageId"], "another caller's key");
    assert_eq!(by_user("Hi").await.status, 200);
    for answer in [by_customer("Other").await, by_user("Other").await] {
        assert_eq!(error_message(&answer, 409), "the `Idempotency-Key` was used for another call");
    }
    // The question, the welcome, and one of each.
    assert_eq!(desk.messages(customer.session).await.len(), 4);
    // Whoever knows the Idempotency-Key alone gets nothing.
    let request = desk.post(&messages).header(KEY, "wrong").header(HEADER, "1").json(&json!({ "Message": "Hi" }));
    error_message(&request.send().await, 401);
    // What was answered once is answered again, also when it could not be done any more.
    desk.stepped(TJE0, customer.session, "End").await;
    assert_eq!(by_customer("Hi").await.json()["ChatMessageId"], first["ChatMessageId"]);
}

#[tokio::test]
async fn session_is_started_once_and_its_key_is_told_again() {
    let desk = Desk::with("").await;
    let elsewhere = from(&desk.world, "198.51.100.9:1");
    let start = async |http: &chat_test_support::TestApp, key: &str, name: &str| {
        let answer = http.post(SESSIONS).header(HEADER, key).json(&json!({ "CustomerName": name })).send().await;
        (answer.status.as_u16(), answer.json()["SessionKey"].clone())
    };
    let (_, first) = start(&desk.http, LONG, "Kari").await;
    assert_eq!(start(&desk.http, LONG, "Kari").await, (200, first.clone()));
    assert_eq!(start(&elsewhere, LONG, "Kari").await, (200, first.clone()), "phones change their address");
    assert_eq!(start(&elsewhere, LONG, "Ola").await, (409, Value::Null));
    // Somebody else might choose the same, and would be given the session's key.
    assert_eq!(start(&desk.http, "1", "Kari").await, (400, Value::Null));
    let sessions: (i64,) = desk.world.row("SELECT count(*) FROM sessions").await;
    assert_eq!(sessions, (1,));
}

#[tokio::test]
async fn pickup_takes_one_session() {
    let desk = Desk::with("").await;
    let (first, second) = (desk.customer().await, desk.customer().await);
    let pick_up = async |path: &str, key: &str| {
        let answer = desk.post(path).basic(TJE0.0, TJE0.1).header(HEADER, key).send().await;
        (answer.status.as_u16(), answer.json()["ChatSessionId"].clone())
    };
    for _ in 0..2 {
        assert_eq!(pick_up(PICKUP, "1").await, (200, json!(first.session)));
    }
    let given = path(second.session, "Pickup");
    for _ in 0..2 {
        assert_eq!(pick_up(&given, "2").await, (200, json!(second.session)));
    }
    for (path, key) in [(path(first.session, "Pickup"), "2"), (given.clone(), "1"), (PICKUP.to_owned(), "2")] {
        assert_eq!(pick_up(&path, key).await.0, 409, "{path} with {key} is another call");
    }
    assert_eq!(pick_up(PICKUP, "3").await.0, 404);
    for key in ["", "two words", &"x".repeat(256)] {
        assert_eq!(pick_up(PICKUP, key).await.0, 400, "{key}");
    }
}

#[tokio::test]
async fn repeated_call_shows_nothing_to_those_who_may_not_look_any_more() {
    let desk = Desk::with("").await;
    let customer = desk.customer().await;
    let pick_up = async || desk.post(PICKUP).basic(TJE0.0, TJE0.1).header(HEADER, "1").send().await;
    assert_eq!(pick_up().await.json()["ChatSessionId"], json!(customer.session));
    desk.world.execute("DELETE FROM topic_members").await;
    desk.world.execute("UPDATE sessions SET user_id = NULL").await;
    error_message(&pick_up().await, 403);
    desk.world.execute("UPDATE sessions SET status = 'Deleted'").await;
    error_message(&pick_up().await, 404);
}

#[tokio::test]
async fn first_and_repeated_answer_say_the_same_of_a_message() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let post = async || {
        let request = desk.post(&path(customer.session, "Messages")).header(KEY, &customer.key).header(HEADER, "1");
        request.json(&json!({ "Message": "Hi" })).send().await.json()
    };
    assert_eq!(post().await["WhenPosted"], post().await["WhenPosted"]);
}
