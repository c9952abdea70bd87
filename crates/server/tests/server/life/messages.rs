//! Writing and reading.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Desk, LENA, TJE0, path};
use crate::support::{NOW, error_message};

fn texts(messages: &[Value]) -> Vec<&str> {
    messages.iter().filter_map(|message| message["Message"].as_str()).collect()
}

#[tokio::test]
async fn both_sides_write_and_read() {
    let desk = Desk::with("").await;
    let customer = desk.customer().await;
    let waiting = customer.says(&desk, "Anyone?").await.json();
    for (property, expected) in [
        ("ChatSessionId", json!(customer.session)),
        ("Type", json!("ToUser")),
        ("Message", json!("Anyone?")),
        ("Author", json!("Kari Nordmann")),
        ("SpecialType", json!("None")),
        ("SpecialParam", json!("")),
        ("WhenPosted", json!(NOW)),
    ] {
        assert_eq!(waiting[property], expected, "{property}");
    }
    assert_eq!(waiting["ReadByCustomer"], true, "who wrote it has it");
    assert_eq!(desk.session(TJE0, customer.session).await.json()["Status"], "InQueue", "it goes on waiting");

    desk.stepped(TJE0, customer.session, "Pickup").await;
    desk.world.clock.advance(SignedDuration::from_secs(30));
    let said = desk.says(TJE0, customer.session, "I look.").await.json();
    assert_eq!((&said["Type"], &said["Author"]), (&json!("ToCustomer"), &json!("Terje Jensen")));
    let session = desk.session(TJE0, customer.session).await.json();
    assert_eq!((&session["Status"], &session["LastMessage"]), (&json!("UserLast"), &json!("I look.")));
    assert_eq!(session["WhenIdle"], "2026-03-02T09:00:30Z");
    assert_eq!(customer.says(&desk, "Thanks!").await.status, 200);
    let session = desk.session(TJE0, customer.session).await.json();
    assert_eq!((&session["Status"], &session["FirstMessage"]), (&json!("CustomerLast"), &json!("Where is my parcel?")));

    let all = ["Where is my parcel?", "Anyone?", "Number 1, after 00:00.", "I look.", "Thanks!"];
    assert_eq!(texts(&desk.messages(customer.session).await), all);
    let read = customer.reads(&desk, "").await;
    assert_eq!(texts(&read), all);
    let after = read[2]["ChatMessageId"].as_i64().unwrap();
    assert_eq!(texts(&customer.reads(&desk, &format!("?after={after}")).await), all[3..]);
    assert_eq!(texts(&customer.reads(&desk, "?after=2147483647").await), Vec::<&str>::new());
    let listened = desk.http.get(&path(customer.session, "Messages?after=-1")).basic(LENA.0, LENA.1).send().await;
    assert_eq!(texts(&listened.parse::<Vec<Value>>()), all);
}

#[tokio::test]
async fn what_the_customer_fetched_is_read() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let to_customer = async || -> Vec<Value> {
        let messages = desk.messages(customer.session).await;
        let to_customer = messages.into_iter().filter(|message| message["Type"] == "ToCustomer");
        to_customer.map(|message| message["ReadByCustomer"].clone()).collect()
    };
    let fetched = async || desk.session(TJE0, customer.session).await.json()["WhenFetched"].clone();
    assert_eq!(to_customer().await, [json!(false)]);
    desk.world.clock.advance(SignedDuration::from_secs(10));
    assert!(customer.reads(&desk, "").await.iter().all(|message| message["ReadByCustomer"] == true));
    assert_eq!((to_customer().await, fetched().await), (vec![json!(true)], json!("2026-03-02T09:00:10Z")));
    desk.says(TJE0, customer.session, "More").await;
    assert_eq!(to_customer().await, [json!(true), json!(false)]);
    desk.world.clock.advance(SignedDuration::from_secs(10));
    customer.reads(&desk, "?after=2147483647").await;
    assert_eq!(fetched().await, "2026-03-02T09:00:20Z", "also where there is nothing new");
    assert_eq!(to_customer().await, [json!(true), json!(false)], "nobody has what will be said later");
    let said = |messages: Vec<Value>| messages.last().unwrap()["ChatMessageId"].as_i64().unwrap();
    let last = said(desk.messages(customer.session).await);
    customer.reads(&desk, &format!("?after={last}")).await;
    assert_eq!(to_customer().await, [json!(true), json!(true)]);
    // Users who read leave it alone.
    desk.says(TJE0, customer.session, "Still more").await;
    desk.messages(customer.session).await;
    assert_eq!(to_customer().await.last(), Some(&json!(false)));
}

#[tokio::test]
async fn messages_are_as_long_as_the_contract_says() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let longest = "å".repeat(8192);
    assert_eq!(customer.says(&desk, &longest).await.json()["Message"], longest.as_str());
    let session = desk.session(TJE0, customer.session).await.json();
    assert_eq!(session["LastMessage"].as_str().unwrap().chars().count(), 1024);
    for (text, expected) in [
        ("å".repeat(8193), "`Message` has more than 8192 characters"),
        (String::new(), "`Message` is empty"),
        ("\u{7}".to_owned(), "`Message` holds the character U+0007, which XML cannot carry"),
    ] {
        assert_eq!(error_message(&desk.says(TJE0, customer.session, &text).await, 400), expected);
        assert_eq!(error_message(&customer.says(&desk, &text).await, 400), expected);
    }
    for body in [json!({}), json!({ "Message": null }), json!("x")] {
        let request = desk.post(&path(customer.session, "Messages")).basic(TJE0.0, TJE0.1).json(&body);
        error_message(&request.send().await, 400);
    }
}

#[tokio::test]
async fn writing_ends_typing() {
    let session = "[[sessions]]\nid = 1\ntopic = \"Support\"\nstatus = \"UserLast\"\nuser = \"tje0\"\nkey = \"the-key\"\n\
                   requested = { minutes_ago = 9 }\nstarted = { minutes_ago = 8 }\nflags = [\"CustomerIsTyping\", \"UserIsTyping\"]\n";
    let desk = Desk::with(session).await;
    let customer = super::Customer { session: 1, key: "the-key".to_owned() };
    customer.says(&desk, "Hi").await;
    assert_eq!(desk.session(TJE0, 1).await.json()["Flags"], "UserIsTyping");
    desk.says(TJE0, 1, "Hi").await;
    assert_eq!(desk.session(TJE0, 1).await.json()["Flags"], "");
}
