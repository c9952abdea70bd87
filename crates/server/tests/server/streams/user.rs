//! What is told to users of their topics.

use axum::http::StatusCode;
use chat_server::records::{AssociateId, Permissions, TopicId};
use jiff::SignedDuration;
use serde_json::json;

use super::reader::{BY_NOTICES, EVENTS, Events, Office, QUICK, basic, ok};
use crate::support::{PICKUP, running, waiting};

#[tokio::test]
async fn stream_begins_with_how_things_stand() {
    let sessions = [waiting(1, "Support", 5), waiting(2, "Support", 4), waiting(3, "Sales", 3)].concat()
        + &running(4, "Support", "tje0")
        + &running(5, "Support", "otto");
    let office = Office::open(&sessions, QUICK).await;
    office.world.execute("UPDATE sessions SET transfer_to_id = 2 WHERE session_id = 5").await;
    office.world.execute("UPDATE sessions SET alert_level = 2 WHERE session_id = 1").await;
    for (user, password, expected) in [
        ("tje0", "Tje0", vec!["queue Support 2", "queue Hjelp 0"]),
        ("ingrid", "i", vec!["queue Support 2", "queue Sales 1"]),
        ("lena", "l", vec!["queue Support 2"]),
        ("nils", "n", vec!["queue Support 2"]),
        ("otto", "o", vec![]),
    ] {
        // Of a session, what follows from what the user may do.
        let of = |session: &'static str| -> Vec<&'static str> {
            match (session, user) {
                ("session 1 InQueue null", "ingrid") => vec![session, "warning 1 2 300"],
                ("session 3 InQueue null", "ingrid") => vec![session],
                ("session 3 InQueue null", _) => vec![],
                ("session 5 UserLast 5", "ingrid") => vec![session, "transfer 5 5"],
                ("session 5 UserLast 5", _) => vec![session],
                (_, "otto") => vec![],
                _ => vec![session],
            }
        };
        let sessions = [
            "session 1 InQueue null",
            "session 2 InQueue null",
            "session 3 InQueue null",
            "session 4 UserLast 1",
            "session 5 UserLast 5",
        ];
        let expected: Vec<&str> = expected.into_iter().chain(sessions.into_iter().flat_map(of)).collect();
        let mut events = office.stream_for(user, password).await;
        assert_eq!(events.shorts(expected.len()).await, expected, "{user}");
        assert!(events.is_quiet().await, "{user}");
    }
}

/// Whoever begins anew learns of what came meanwhile, and reads the messages.
#[tokio::test]
async fn stream_that_is_begun_anew_shows_what_was_missed() {
    let office = Office::open("", QUICK).await;
    let known = office.start("a").await;
    ok(&office.http.post(PICKUP).basic("tje0", "Tje0").send().await);
    let mut tje0 = office.stream_for("tje0", "Tje0").await;
    tje0.shorts(2).await;
    let begun = tje0.next().await.unwrap();
    assert_eq!(begun.short(), format!("session {} UserLast 1", known.id));
    let last = begun.data["LastMessageId"].as_i64().unwrap();
    drop(tje0);
    let mut ingrid = office.stream_for("ingrid", "i").await;
    let missed = office.say(&known, "b").await;
    let started = office.start("c").await;
    let silent = ok(&office.http.post("/api/v1/ChatTopic/10/Sessions").json(&json!({})).send().await);
    // Until then a stream would begin with less, and be told the rest as news.
    while ingrid.next().await.unwrap().short() != "queue Support 2" {}

    let mut tje0 = office.stream_for("tje0", "Tje0").await;
    assert_eq!(tje0.shorts(2).await, ["queue Support 2", "queue Hjelp 0"]);
    let mut told = Vec::new();
    for _ in 0..3 {
        let event = tje0.next().await.unwrap();
        told.push((event.short(), event.data["LastMessageId"].clone()));
    }
    assert_eq!(told[0], (format!("session {} CustomerLast 1", known.id), json!(missed)));
    assert_eq!(told[1].0, format!("session {} InQueue null", started.id));
    assert_eq!(told[2], (format!("session {} InQueue null", silent["ChatSessionId"]), json!(null)));
    let path = known.path(&format!("Messages?after={last}"));
    let messages = ok(&office.http.get(&path).basic("tje0", "Tje0").send().await);
    assert_eq!((messages[0]["ChatMessageId"].as_i64(), messages.as_array().unwrap().len()), (Some(missed), 1));
}

#[tokio::test]
async fn everybody_is_told_what_concerns_them() {
    let office = Office::open("", BY_NOTICES).await;
    let mut tje0 = office.stream_for("tje0", "Tje0").await;
    let mut ingrid = office.stream_for("ingrid", "i").await;
    let mut lena = office.stream_for("lena", "l").await;
    let mut otto = office.stream_for("otto", "o").await;
    assert_eq!(tje0.shorts(2).await, ["queue Support 0", "queue Hjelp 0"]);
    assert_eq!(ingrid.shorts(2).await, ["queue Support 0", "queue Sales 0"]);
    assert_eq!(lena.shorts(1).await, ["queue Support 0"]);

    let started = office.start("Hello?").await;
    let id = started.id;
    let session = |status: &str, user: &str| format!("session {id} {status} {user}");
    assert_eq!(tje0.shorts(2).await, [session("InQueue", "null"), "queue Support 1".to_owned()]);
    assert_eq!(ingrid.shorts(2).await, [session("InQueue", "null"), "queue Support 1".to_owned()]);
    let first = [session("InQueue", "null"), "queue Support 1".to_owned(), "message None Hello?".to_owned()];
    assert_eq!(lena.shorts(3).await, first, "who listens hears what is said from the beginning");

    ok(&office.http.post(PICKUP).basic("tje0", "Tje0").send().await);
    let picked_up = [session("UserLast", "1"), "queue Support 0".to_owned()];
    assert_eq!(ingrid.shorts(2).await, picked_up);
    let welcome = ["message Welcome Number 1, after 00:00.".to_owned()];
    assert_eq!(tje0.shorts(3).await, [&picked_up[..], &welcome].concat());
    assert_eq!(lena.shorts(3).await, [&picked_up[..], &welcome].concat());

    office.say(&started, "There you are").await;
    let said = [session("CustomerLast", "1"), "message None There you are".to_owned()];
    assert_eq!(tje0.shorts(2).await, said);
    assert_eq!(lena.shorts(2).await, said);
    assert_eq!(ingrid.shorts(1).await, said[..1], "manages, and does not listen");

    // Otto may respond nowhere; it is Ingrid who is asked.
    office
        .app
        .store()
        .set_member(TopicId(10), AssociateId(2), Permissions { respond: true, ..Permissions::default() })
        .await
        .unwrap();
    let asked = office.http.post(&started.path("TransferTo/2")).basic("tje0", "Tje0").send().await;
    ok(&asked);
    assert_eq!(ingrid.shorts(2).await, [session("CustomerLast", "1"), format!("transfer {id} 1")]);
    ok(&office.http.post(&started.path("AcceptTransfer")).basic("ingrid", "i").send().await);
    let told = tje0.up_to(&session("CustomerLast", "2")).await;
    assert!(told.contains(&session("CustomerLast", "1")), "{told:?}");
    ok(&office.http.post(&started.path("End")).basic("ingrid", "i").send().await);
    assert_eq!(tje0.up_to(&session("Closed", "2")).await.last().map(String::as_str), Some(&*session("Closed", "2")));
    assert!(otto.is_quiet().await);
}

#[tokio::test]
async fn rights_that_come_and_go_are_followed() {
    let office = Office::open(&(waiting(1, "Support", 5) + &running(2, "Support", "tje0")), QUICK).await;
    let mut otto = office.stream_for("otto", "o").await;
    assert!(otto.is_quiet().await);
    let store = office.app.store();
    store
        .set_member(TopicId(10), AssociateId(5), Permissions { manage: true, ..Permissions::default() })
        .await
        .unwrap();
    let joined = ["queue Support 1", "session 1 InQueue null", "session 2 UserLast 1"];
    assert_eq!(otto.shorts(3).await, joined);
    store.set_member(TopicId(10), AssociateId(5), Permissions::default()).await.unwrap();
    assert!(otto.is_quiet().await);
    office.start("a").await;
    assert!(otto.is_quiet().await);
    store
        .set_member(TopicId(10), AssociateId(5), Permissions { listen: true, ..Permissions::default() })
        .await
        .unwrap();
    assert_eq!(otto.shorts(1).await, ["queue Support 2"]);
    office.app.authenticator().disable("otto").await.unwrap();
    while let Some(event) = otto.next().await {
        assert!(event.short().starts_with("session"), "{event:?}");
    }
    let again = Events::open(&office.http, EVENTS, &[("Authorization", &*basic("otto", "o"))]).await;
    assert_eq!(again.err(), Some(StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn reader_who_is_far_behind_loses_nothing() {
    let office = Office::open("", QUICK).await;
    let started = office.start("0").await;
    let mut lena = office.stream_for("lena", "l").await;
    assert_eq!(lena.shorts(2).await, ["queue Support 1".to_owned(), format!("session {} InQueue null", started.id)]);
    ok(&office.http.post(PICKUP).basic("tje0", "Tje0").send().await);
    // Each makes news of its own, and there are more than are kept for a stream that does not look.
    for number in 1..=300 {
        match number % 2 {
            0 => office.say(&started, &number.to_string()).await,
            _ => {
                let request = office.http.post(&started.path("Messages")).basic("tje0", "Tje0");
                ok(&request.json(&json!({ "Message": number.to_string() })).send().await)["ChatMessageId"]
                    .as_i64()
                    .unwrap()
            }
        };
    }
    ok(&office.http.post(&started.path("End")).basic("tje0", "Tje0").send().await);
    let (mut said, mut closed) = (Vec::new(), 0);
    while said.len() < 302 || closed < 1 {
        let event = lena.next().await.unwrap();
        match event.name.as_str() {
            "message" => said.push(event.data["Message"].as_str().unwrap().to_owned()),
            "session" if event.data["Status"] == "Closed" => closed += 1,
            _ => {}
        }
    }
    let numbers: Vec<String> = (1..=300).map(|number| number.to_string()).collect();
    assert_eq!(said[1..301], numbers[..]);
    assert!(lena.is_quiet().await);
}

#[tokio::test]
async fn warnings_are_told_once_to_those_whom_they_are_for() {
    let office = Office::with("", |mut config| {
        config.sessions.check_every_ms = 10;
        config.sessions.waiting_idle_s = 3600;
        chat_server::Config { pace: QUICK, ..config }
    })
    .await;
    office
        .world
        .execute("UPDATE topics SET warn_after_secs = 60, warn_managers_after_secs = 120 WHERE topic_id = 10")
        .await;
    let order = tokio::spawn(office.app.keep_order());
    let started = office.start("a").await;
    let id = started.id;
    let mut nils = office.stream_for("nils", "n").await;
    let mut ingrid = office.stream_for("ingrid", "i").await;
    let mut tje0 = office.stream_for("tje0", "Tje0").await;
    nils.shorts(2).await;
    ingrid.shorts(3).await;
    tje0.shorts(3).await;
    office.world.clock.advance(SignedDuration::from_secs(59));
    assert!(nils.is_quiet().await);
    office.world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(nils.shorts(1).await, [format!("warning {id} 1 60")]);
    assert!(ingrid.is_quiet().await, "it is not the managers' turn");
    office.world.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(ingrid.shorts(1).await, [format!("warning {id} 2 120")]);
    office.world.clock.advance(SignedDuration::from_secs(600));
    assert!(nils.is_quiet().await && ingrid.is_quiet().await && tje0.is_quiet().await);

    // In the conversation it begins anew.
    ok(&office.http.post(PICKUP).basic("tje0", "Tje0").send().await);
    office.say(&started, "b").await;
    office.world.clock.advance(SignedDuration::from_secs(60));
    office.say(&started, "c").await;
    assert!(nils.up_to(&format!("warning {id} 1 60")).await.contains(&format!("session {id} CustomerLast 1")));
    office.world.clock.advance(SignedDuration::from_secs(60));
    assert!(ingrid.up_to(&format!("warning {id} 2 120")).await.contains(&format!("session {id} CustomerLast 1")));
    let answer = office.http.post(&started.path("Messages")).basic("tje0", "Tje0");
    ok(&answer.json(&json!({ "Message": "d" })).send().await);
    // What the customer said may be told after the warning of it.
    let told = nils.up_to(&format!("session {id} UserLast 1")).await;
    assert!(told.iter().all(|short| !short.starts_with("warning")), "{told:?}");
    office.world.clock.advance(SignedDuration::from_secs(600));
    assert!(nils.is_quiet().await);
    order.abort();
}
