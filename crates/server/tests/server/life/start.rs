//! How a customer comes in.

use chat_server::records::{NewTopic, OpeningHours, TopicId};
use jiff::civil::Weekday;
use serde_json::{Value, json};

use super::{Desk, INGRID, TJE0};
use crate::support::{NOW, error_message};

const SESSIONS: &str = "/api/v1/ChatTopic/10/Sessions";

#[tokio::test]
async fn session_begins_in_the_queue_with_a_key_of_its_own() {
    let desk = Desk::with("").await;
    let body = json!({
        "CustomerAlias": "Kari",
        "CustomerName": "Kari Nordmann",
        "CustomerEmail": "kari@example.com",
        "CustomerPhone": "+47 22 00 00 00",
        "CustomerCompanyName": "Nordlys AS",
        "CustomerConsented": true,
        "Message": "Where is my parcel?",
    });
    let answer = desk.post(SESSIONS).json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let session = answer.json();
    for (property, expected) in [
        ("TopicId", json!(10)),
        ("Status", json!("InQueue")),
        ("CustomerAlias", json!("Kari")),
        ("CustomerName", json!("Kari Nordmann")),
        ("CustomerEmail", json!("kari@example.com")),
        ("CustomerPhone", json!("+47 22 00 00 00")),
        ("CustomerCompanyName", json!("Nordlys AS")),
        ("CustomerConsented", json!(true)),
        ("CustomerHost", json!("203.0.113.7")),
        ("FirstMessage", json!("Where is my parcel?")),
        ("LastMessage", json!("Where is my parcel?")),
        ("WhenRequested", json!(NOW)),
        ("WhenStarted", Value::Null),
        ("User", Value::Null),
        ("InitialQueuePos", json!(1)),
        ("Rank", json!(0)),
        ("Flags", json!("")),
    ] {
        assert_eq!(session[property], expected, "{property}");
    }
    assert_eq!(session["TableRight"]["Mask"], "Select");
    let key = session["SessionKey"].as_str().unwrap();
    assert_eq!(key.len(), 43);

    let other = desk.post(SESSIONS).json(&json!({})).send().await.json();
    assert_eq!((&other["InitialQueuePos"], &other["CustomerAlias"]), (&json!(2), &json!("Customer")));
    assert_ne!(other["SessionKey"].as_str(), Some(key));

    let picked = desk.world.picked_up(TJE0.0, TJE0.1).await;
    assert_eq!(picked.first_message.as_deref(), Some("Where is my parcel?"), "the first comes first");
}

#[tokio::test]
async fn nobody_waits_outside_the_hours_or_where_nobody_is_there() {
    let desk = Desk::with("").await;
    let begun = async |topic: i32| {
        let answer = desk.post(&format!("/api/v1/ChatTopic/{topic}/Sessions")).json(&json!({})).send().await;
        let is_open = desk.http.get(&format!("/api/v1/ChatTopic/{topic}/IsOpen")).send().await.json();
        (answer.json()["Status"].as_str().unwrap().to_owned(), is_open)
    };
    let status = |status: &str, is_open: bool| (status.to_owned(), json!(is_open));
    assert_eq!(begun(10).await, status("InQueue", true));
    // Of Sales only ingrid, who is not at her desk.
    assert_eq!(begun(11).await, status("OfflineForm", true));
    // The clock shows Monday, 09:00 UTC, which is 10:00 in Oslo.
    for (opens, closes, expected) in [(600, 660, status("InQueue", true)), (540, 600, status("OfflineForm", false))] {
        let topic = NewTopic {
            name: "Support".to_owned(),
            time_zone: "Europe/Oslo".to_owned(),
            hours: vec![OpeningHours { weekday: Weekday::Monday, opens, closes }],
            ..NewTopic::default()
        };
        assert!(desk.world.app.store().set_topic(TopicId(10), topic).await.unwrap());
        assert_eq!(begun(10).await, expected);
    }
}

#[tokio::test]
async fn what_the_contract_does_not_admit_is_refused_by_name() {
    let desk = Desk::with("").await;
    let long = |property: &str, length: usize| json!({ property: "x".repeat(length) });
    for (body, language, expected) in [
        (long("CustomerAlias", 65), "*", "`CustomerAlias` has more than 64 characters"),
        (long("CustomerName", 256), "en", "More than 255 characters: CustomerName."),
        (long("CustomerPhone", 33), "no", "Mer enn 32 tegn: CustomerPhone."),
        (long("Message", 8193), "*", "`Message` has more than 8192 characters"),
        (
            json!({ "CustomerEmail": "a\u{0}" }),
            "*",
            "`CustomerEmail` holds the character U+0000, which XML cannot carry",
        ),
    ] {
        let answer = desk.post(SESSIONS).header("so-language", language).json(&body).send().await;
        assert_eq!(error_message(&answer, 400), expected);
    }
    let answer = desk.post("/api/v1/ChatTopic/99/Sessions").json(&json!({})).send().await;
    assert_eq!(error_message(&answer, 404), "there is no such topic");
    let answer = desk.http.get("/api/v1/ChatTopic/99/IsOpen").send().await;
    assert_eq!(error_message(&answer, 404), "there is no such topic");
    let wrong = desk.post(SESSIONS).basic("tje0", "wrong").json(&json!({}));
    error_message(&wrong.send().await, 401);
}

#[tokio::test]
async fn users_are_members_of_topics() {
    let desk = Desk::with("").await;
    let topics = async |user: (&str, &str)| {
        let answer = desk.http.get("/api/v1/ChatTopic/ForCurrentUser").basic(user.0, user.1).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.parse::<Vec<Value>>()
    };
    let of_ingrid = topics(INGRID).await;
    let seen: Vec<Value> = of_ingrid
        .iter()
        .map(|topic| {
            json!([
                topic["TopicId"],
                topic["TopicName"],
                topic["CanRespond"],
                topic["CanManage"],
                topic["CanListen"],
                topic["CanNotify"]
            ])
        })
        .collect();
    assert_eq!(
        Value::from(seen),
        json!([[10, "Support", false, true, false, false], [11, "Sales", true, true, false, false]])
    );
    assert_eq!(of_ingrid[0]["User"]["FullName"], "Ingrid Solberg");
    assert_eq!(of_ingrid[0]["User"]["TableRight"]["Mask"], "Select");
    assert_eq!(topics(super::OTTO).await, Vec::<Value>::new());
    error_message(&desk.http.get("/api/v1/ChatTopic/ForCurrentUser").send().await, 401);
}
