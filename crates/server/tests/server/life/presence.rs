//! Who takes chats.

use serde_json::{Value, json};

use super::{Desk, INGRID, LENA, OTTO, TJE0};
use crate::support::error_message;

/// User ids with whether they are present.
async fn seen(desk: &Desk) -> Vec<Value> {
    let answer = desk.http.get("/api/v1/Presence/GetAll").basic(OTTO.0, OTTO.1).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.parse()
}

async fn save(desk: &Desk, user: (&str, &str), body: &Value) -> chat_test_support::TestResponse {
    desk.post("/api/v1/Presence/SaveAll").basic(user.0, user.1).json(body).send().await
}

#[tokio::test]
async fn presence_of_members_is_seen_by_all() {
    let desk = Desk::with("").await;
    desk.conversation().await;
    let seen = seen(&desk).await;
    assert_eq!(
        Value::from(seen),
        json!([
            { "UserId": 1, "DisplayName": "Terje Jensen", "OngoingChats": 1, "Present": true, "ChatTopics": [10, 12] },
            { "UserId": 2, "DisplayName": "Ingrid Solberg", "OngoingChats": 0, "Present": false, "ChatTopics": [10, 11] },
            { "UserId": 3, "DisplayName": "Lena Vogel", "OngoingChats": 0, "Present": false, "ChatTopics": [10] },
            { "UserId": 4, "DisplayName": "Nils Aas", "OngoingChats": 0, "Present": false, "ChatTopics": [10] },
        ])
    );
    error_message(&desk.http.get("/api/v1/Presence/GetAll").send().await, 401);
}

#[tokio::test]
async fn everybody_speaks_for_themselves_and_managers_for_their_topics() {
    let desk = Desk::with("").await;
    let is = |user: i32, present: bool| json!({ "UserId": user, "Present": present });
    for (who, body, status, expected) in [
        (LENA, json!([is(3, true)]), 204, [true, false, true]),
        (LENA, json!([is(3, false), is(1, false)]), 403, [true, false, true]),
        (INGRID, json!([is(2, true), is(1, false), is(3, false)]), 204, [false, true, false]),
        (INGRID, json!([is(1, true), is(5, true)]), 403, [false, true, false]),
        (INGRID, json!([is(1, true), is(99, true)]), 404, [false, true, false]),
        (TJE0, json!([is(1, true), is(1, false)]), 400, [false, true, false]),
        (TJE0, json!([{ "UserId": 1 }]), 400, [false, true, false]),
        (TJE0, json!([{ "Present": true }]), 400, [false, true, false]),
        (TJE0, json!({}), 400, [false, true, false]),
        (TJE0, json!([]), 204, [false, true, false]),
        // What else stands in it is not looked at.
        (
            TJE0,
            json!([{ "UserId": 1, "Present": true, "OngoingChats": -5, "ChatTopics": [99] }]),
            204,
            [true, true, false],
        ),
    ] {
        let answer = save(&desk, who, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text());
        let present: Vec<Value> = seen(&desk).await.iter().take(3).map(|one| one["Present"].clone()).collect();
        assert_eq!(present, expected.map(Value::from), "{body}");
    }
    // One who is no member anywhere.
    assert_eq!(save(&desk, OTTO, &json!([is(5, true)])).await.status, 204);
}
