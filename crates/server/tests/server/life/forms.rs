//! The same in JSON, XML and forms.

use serde_json::json;

use super::{Desk, KEY, TJE0, path};

#[tokio::test]
async fn bodies_and_answers_travel_in_every_form() {
    let desk = Desk::with("").await;
    let sessions = "/api/v1/ChatTopic/10/Sessions";
    for (content_type, body) in [
        ("application/json", r#"{"CustomerName": "Kari", "CustomerConsented": true}"#),
        (
            "application/xml",
            "<CreateChatSessionRequest><CustomerName>Kari</CustomerName><CustomerConsented>true</CustomerConsented>\
             </CreateChatSessionRequest>",
        ),
        ("application/x-www-form-urlencoded", "CustomerName=Kari&CustomerConsented=true"),
    ] {
        let request = desk.post(sessions).header("content-type", content_type).body(body);
        let answer = request.header("accept", "application/xml").send().await;
        assert_eq!(answer.status, 200, "{content_type}: {}", answer.text());
        let text = answer.text();
        for part in ["<ChatSessionEntity", "<CustomerAlias>Kari<", "<CustomerConsented>true<", "<SessionKey>"] {
            assert!(text.contains(part), "{content_type}: {text}");
        }
    }
    let customer = desk.conversation().await;
    let messages = path(customer.session, "Messages");
    let said = desk
        .post(&messages)
        .header(KEY, &customer.key)
        .header("content-type", "text/xml; charset=utf-8")
        .header("accept", "text/xml")
        .body("<PostChatMessageRequest><Message>1 &lt; 2</Message></PostChatMessageRequest>");
    assert!(said.send().await.text().contains("<Message>1 &lt; 2</Message>"));
    let read = desk.http.get(&messages).header(KEY, &customer.key).header("accept", "application/xml").send().await;
    assert!(read.text().contains("<ArrayOfChatMessage"), "{}", read.text());
    let presence = desk
        .post("/api/v1/Presence/SaveAll")
        .basic(TJE0.0, TJE0.1)
        .header("content-type", "application/xml")
        .body("<ArrayOfChatPresence><ChatPresence><UserId>1</UserId><Present>false</Present></ChatPresence></ArrayOfChatPresence>");
    let presence = presence.send().await;
    assert_eq!(presence.status, 204, "{}", presence.text());
    let refused =
        desk.post(&messages).header(KEY, "wrong").header("accept", "application/xml").json(&json!({ "Message": "x" }));
    assert!(refused.send().await.text().contains("<ErrorMessage>the key is not that of the session"));
}
