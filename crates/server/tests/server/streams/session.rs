//! The stream of one session.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use chat_server::records::{AssociateId, Permissions, TopicId};
use chat_server::{Config, Pace};
use chat_test_support::TestApp;
use jiff::SignedDuration;
use serde_json::json;

use super::reader::{BY_NOTICES, Events, Office, QUICK, Started, basic, ok};
use crate::support::{running, waiting};

#[tokio::test]
async fn welcome_message_arrives_on_an_open_stream_at_pickup() {
    let office = Office::open("", BY_NOTICES).await;
    let started = office.start("Where is my parcel?").await;
    let mut events = office.stream_of(&started).await;
    assert_eq!(events.shorts(2).await, ["session InQueue 1", "message None Where is my parcel?"]);
    assert_eq!(office.world.pick_up("tje0", "Tje0").await.status, 200);
    // That was another server's pickup, of which this one heard nothing.
    office.app.streams().announce(chat_server::records::SessionId(started.id.try_into().unwrap()));
    let welcome = events.next().await.unwrap();
    assert_eq!(welcome.short(), "message Welcome Number 1, after 00:00.");
    assert_eq!(welcome.data["ReadByCustomer"], true);
    assert_eq!(welcome.id, Some(welcome.data["ChatMessageId"].to_string()));
    assert_eq!(events.shorts(1).await, ["session UserLast null"]);

    // With this server the notice comes by itself.
    office.say(&started, "Hello?").await;
    assert_eq!(events.shorts(2).await, ["message None Hello?", "session CustomerLast null"]);
    let end = office.http.post(&started.path("End")).header("X-Chat-Session-Key", &started.key).send().await;
    assert_eq!(end.status, 200, "{}", end.text());
    let last = events.shorts(2).await;
    assert!(last[0].starts_with("message ClosedByCustomer") && last[1] == "session Closed null", "{last:?}");
    assert_eq!(events.next().await, None);

    // What is over is told from the beginning, and ends.
    let mut again = office.stream_of(&started).await;
    assert_eq!(again.up_to("session Closed null").await.len(), 5);
    assert_eq!(again.next().await, None);
}

#[tokio::test]
async fn places_in_the_queue_are_told_as_they_change() {
    let office = Office::open("", BY_NOTICES).await;
    let first = office.start("a").await;
    office.world.clock.advance(SignedDuration::from_secs(1));
    let second = office.start("b").await;
    let mut events = office.stream_of(&second).await;
    assert_eq!(events.shorts(2).await, ["session InQueue 2", "message None b"]);
    let picked = ok(&office.http.post(crate::support::PICKUP).basic("tje0", "Tje0").send().await);
    assert_eq!(picked["ChatSessionId"], first.id);
    assert_eq!(events.shorts(1).await, ["session InQueue 1"]);
}

/// Reads a session's messages over streams that break off again and again.
async fn read_brokenly(http: TestApp, started: Arc<Started>, count: usize) -> Vec<String> {
    let path = started.path("Events");
    let mut ids: Vec<String> = Vec::new();
    for taken in [1, 3, 2, 7, 5].into_iter().cycle() {
        let last = ids.last().cloned().unwrap_or_default();
        let headers = [("X-Chat-Session-Key", started.key.as_str()), ("Last-Event-ID", last.as_str())];
        let mut events = Events::open(&http, &path, &headers).await.unwrap();
        for _ in 0..taken {
            if ids.len() == count {
                return ids;
            }
            ids.extend(events.next().await.unwrap().id);
        }
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_that_is_begun_anew_loses_and_doubles_nothing() {
    let office = Office::open("", QUICK).await;
    let started = Arc::new(office.start("first").await);
    ok(&office.http.post(crate::support::PICKUP).basic("tje0", "Tje0").send().await);
    let mut whole = office.stream_of(&started).await;
    let reading: Vec<_> =
        (0..2).map(|_| tokio::spawn(read_brokenly(office.http.clone(), Arc::clone(&started), 42))).collect();
    let posting: Vec<_> = (0..4)
        .map(|poster| {
            let (http, started) = (office.http.clone(), Arc::clone(&started));
            tokio::spawn(async move {
                for number in 0..10 {
                    let request = http.post(&started.path("Messages"));
                    let request = match poster % 2 {
                        0 => request.basic("tje0", "Tje0"),
                        _ => request.header("X-Chat-Session-Key", &started.key),
                    };
                    ok(&request.json(&json!({ "Message": format!("{poster} {number}") })).send().await);
                }
            })
        })
        .collect();
    for posting in posting {
        posting.await.unwrap();
    }
    let messages = office.http.get(&started.path("Messages")).header("X-Chat-Session-Key", &started.key).send().await;
    let expected: Vec<String> =
        ok(&messages).as_array().unwrap().iter().map(|message| message["ChatMessageId"].to_string()).collect();
    assert_eq!(expected.len(), 42);
    for reading in reading {
        assert_eq!(reading.await.unwrap(), expected);
    }
    let mut ids = Vec::new();
    while ids.len() < expected.len() {
        ids.extend(whole.next().await.unwrap().id);
    }
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn streams_are_for_those_who_may_read_the_session() {
    let office = Office::open(&(running(1, "Support", "tje0") + &running(2, "Support", "otto")), QUICK).await;
    let started = office.start("a").await;
    let other = office.start("b").await;
    let of_started = started.path("Events");
    for (path, header, value, expected) in [
        (&*of_started, "X-Chat-Session-Key", other.key.clone(), 401),
        (&of_started, "X-Chat-Session-Key", started.key.to_uppercase(), 401),
        (&of_started, "X-Nothing", String::new(), 401),
        (&of_started, "Authorization", basic("otto", "o"), 403),
        (&of_started, "Authorization", basic("nils", "n"), 403),
        (&of_started, "Authorization", basic("lena", "l"), 200),
        (&of_started, "Authorization", basic("ingrid", "i"), 200),
        ("/api/v1/ChatSession/2/Events", "Authorization", basic("otto", "o"), 200),
        ("/api/v1/ChatSession/2/Events", "X-Chat-Session-Key", started.key.clone(), 401),
        ("/api/v1/ChatSession/999/Events", "Authorization", basic("tje0", "Tje0"), 404),
        ("/api/v1/ChatSession/Events", "X-Chat-Session-Key", started.key.clone(), 401),
    ] {
        let opened = Events::open(&office.http, path, &[(header, &value)]).await;
        assert_eq!(opened.err().map_or(200, |status| status.as_u16()), expected, "{path} {header}");
    }
    let odd = [("X-Chat-Session-Key", started.key.as_str()), ("Last-Event-ID", "x")];
    assert_eq!(Events::open(&office.http, &of_started, &odd).await.err(), Some(StatusCode::BAD_REQUEST));
}

#[tokio::test]
async fn stream_ends_with_the_right_to_it() {
    let office = Office::open(&running(1, "Support", "tje0"), QUICK).await;
    let (store, authenticator) = (office.app.store(), office.app.authenticator());
    let ticket = {
        let lena = store.login("lena").await.unwrap().unwrap().user;
        authenticator.issue(chat_server::auth::SecretKind::Ticket, &lena, None, "").await.unwrap()
    };
    let path = "/api/v1/ChatSession/1/Events";
    let open = async |authorization: &str| {
        let headers = [("Authorization", authorization)];
        let mut events = Events::open(&office.http, path, &headers).await.unwrap();
        assert_eq!(events.shorts(1).await, ["session UserLast null"]);
        events
    };
    let mut by_ticket = open(&format!("SoTicket {}", ticket.secret.expose())).await;
    let mut by_password = open(&basic("lena", "l")).await;
    let mut managing = open(&basic("ingrid", "i")).await;
    let mut handling = open(&basic("tje0", "Tje0")).await;

    authenticator.revoke(chat_server::auth::SecretKind::Ticket, ticket.id).await.unwrap();
    assert_eq!(by_ticket.next().await, None, "the ticket was revoked");
    assert!(by_password.is_quiet().await, "the password was not");
    store
        .set_member(TopicId(10), AssociateId(3), Permissions { notify: true, ..Permissions::default() })
        .await
        .unwrap();
    assert_eq!(by_password.next().await, None, "may not listen any more");
    authenticator.sign_out("ingrid").await.unwrap();
    assert_eq!(managing.next().await, None, "was signed out");
    store.set_member(TopicId(10), AssociateId(1), Permissions::default()).await.unwrap();
    assert!(handling.is_quiet().await, "still handles the session");
    authenticator.disable("tje0").await.unwrap();
    assert_eq!(handling.next().await, None, "was disabled");
}

#[tokio::test]
async fn messages_are_in_the_zone_and_language_of_the_reader() {
    let office = Office::open("", BY_NOTICES).await;
    let started = office.start(r#"US:"Supplier";NO:"Leverandør""#).await;
    let headers = [("X-Chat-Session-Key", started.key.as_str()), ("SO-TimeZone", "NO"), ("SO-Language", "nb")];
    let mut events = Events::open(&office.http, &started.path("Events"), &headers).await.unwrap();
    events.next().await.unwrap();
    let message = events.next().await.unwrap().data;
    assert_eq!(message["WhenPosted"], "2026-03-02T10:00:00+01:00");
    assert_eq!(message["Message"], "Leverandør");
}

#[tokio::test]
async fn open_page_counts_as_one_that_asks_for_news() {
    let office = Office::open("", QUICK).await;
    let started = office.start("a").await;
    // Their own messages customers have anyway.
    office.world.execute("UPDATE messages SET type = 'ToCustomer', read_by_customer = FALSE").await;
    let mut events = office.stream_of(&started).await;
    events.shorts(2).await;
    let fetched = async |events: &mut Events| {
        assert!(events.is_quiet().await);
        let (fetched,): (i64,) = office.world.row("SELECT when_fetched FROM sessions").await;
        fetched
    };
    fetched(&mut events).await;
    // A moment later what has arrived by then is noted, too.
    office.world.clock.advance(SignedDuration::from_secs(1));
    let first = fetched(&mut events).await;
    let (read,): (bool,) = office.world.row("SELECT read_by_customer FROM messages").await;
    assert!(read);
    office.world.clock.advance(SignedDuration::from_secs(29));
    assert_eq!(fetched(&mut events).await, first, "not every time");
    office.world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(fetched(&mut events).await, first + 30_000_000);
    // An agent's stream says nothing of the customer.
    drop(events);
    let headers = [("Authorization", &*basic("tje0", "Tje0"))];
    let mut agent = Events::open(&office.http, &started.path("Events"), &headers).await.unwrap();
    agent.shorts(2).await;
    office.world.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(fetched(&mut agent).await, first + 30_000_000);
}

async fn unread(office: &Office) -> i64 {
    office.world.row::<(i64,)>("SELECT count(*) FROM messages WHERE NOT read_by_customer").await.0
}

/// The clock stands still: nothing else would be noted so soon after the first note.
#[tokio::test]
async fn last_messages_of_a_stream_are_noted_as_read() {
    let office = Office::open("", QUICK).await;
    let started = office.start("a").await;
    let mut events = office.stream_of(&started).await;
    events.shorts(2).await;
    ok(&office.http.post(crate::support::PICKUP).basic("tje0", "Tje0").send().await);
    ok(&office.http.post(&started.path("End")).basic("tje0", "Tje0").send().await);
    events.up_to("session Closed null").await;
    assert_eq!((events.next().await, unread(&office).await), (None, 0), "at its end");

    let started = office.start("b").await;
    let mut events = office.stream_of(&started).await;
    events.shorts(2).await;
    ok(&office.http.post(crate::support::PICKUP).basic("tje0", "Tje0").send().await);
    events.up_to("session UserLast null").await;
    // Asked for more, it has given what it had.
    assert!(events.is_quiet().await);
    assert_eq!(unread(&office).await, 1);
    drop(events);
    office.world.until("SELECT NOT EXISTS (SELECT 1 FROM messages WHERE NOT read_by_customer)").await;
}

#[tokio::test]
async fn messages_are_noted_as_read_a_moment_after_the_last_note() {
    let rarely = Pace { note_every: Duration::from_secs(3600), ..BY_NOTICES };
    let pace = Pace { check_every: Duration::from_secs(3600), ..rarely };
    let office = Office::with("", |config| {
        let clock = Arc::new(chat_server::clock::SystemClock);
        Config { pace, clock, ..config }
    })
    .await;
    let started = office.start("a").await;
    let mut events = office.stream_of(&started).await;
    events.shorts(2).await;
    ok(&office.http.post(crate::support::PICKUP).basic("tje0", "Tje0").send().await);
    events.up_to("session UserLast null").await;
    let reading = tokio::spawn(async move { events.next().await });
    let noted = office.world.until("SELECT NOT EXISTS (SELECT 1 FROM messages WHERE NOT read_by_customer)");
    tokio::time::timeout(Duration::from_secs(20), noted).await.expect("it is noted without anything's happening");
    reading.abort();
}

#[tokio::test]
async fn stream_goes_on_after_the_last_message_that_there_is() {
    let office = Office::open("", BY_NOTICES).await;
    let started = office.start("a").await;
    let last = i32::MAX.to_string();
    let headers = [("X-Chat-Session-Key", started.key.as_str()), ("Last-Event-ID", last.as_str())];
    let mut events = Events::open(&office.http, &started.path("Events"), &headers).await.unwrap();
    assert_eq!(events.shorts(1).await, ["session InQueue 1"]);
    office.say(&started, "b").await;
    assert_eq!(events.shorts(1).await, ["message None b"]);
}

/// Each time by a server that knows nothing yet.
#[tokio::test]
async fn first_stream_of_a_server_knows_the_whole_queue() {
    let keyed = |id, minutes| waiting(id, "Support", minutes) + &format!("key = \"the-key-{id}\"\n");
    let office = Office::open(&(keyed(1, 9) + &keyed(2, 5) + &keyed(3, 7)), BY_NOTICES).await;
    for _ in 0..10 {
        let (_server, http) = office.another(BY_NOTICES).await;
        let key = [("X-Chat-Session-Key", "the-key-2")];
        let mut events = Events::open(&http, "/api/v1/ChatSession/2/Events", &key).await.unwrap();
        assert_eq!(events.shorts(1).await, ["session InQueue 3"]);
    }
}

#[tokio::test]
async fn streams_have_limits_of_their_own() {
    let office = Office::with(&running(1, "Support", "tje0"), |mut config| {
        config.limits.max_concurrent_requests_per_user = 1;
        config.customers.streams_per_address = 2;
        Config { pace: Pace { check_every: Duration::from_secs(60), ..QUICK }, ..config }
    })
    .await;
    let tje0 = basic("tje0", "Tje0");
    let open = async || Events::open(&office.http, "/api/v1/ChatSession/1/Events", &[("Authorization", &tje0)]).await;
    let mut open_ones = Vec::new();
    for _ in 0..16 {
        // No stream takes the only place that there is for a request.
        open_ones.push(open().await.unwrap());
    }
    assert_eq!(open().await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
    open_ones.pop();
    open_ones.push(open().await.expect("one has ended"));

    let started = office.start("a").await;
    let _two = [office.stream_of(&started).await, office.stream_of(&started).await];
    let third = Events::open(&office.http, &started.path("Events"), &[("X-Chat-Session-Key", &started.key)]).await;
    assert_eq!(third.err(), Some(StatusCode::TOO_MANY_REQUESTS));
}
