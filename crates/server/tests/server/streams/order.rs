//! What happens without anybody's asking.

use std::time::Duration;

use chat_server::Config;
use jiff::SignedDuration;

use super::reader::{Office, QUICK, ok};
use crate::support::{PICKUP, waiting};

/// A service that keeps order all the time.
async fn orderly(sessions: &str) -> Office {
    let office = Office::with(sessions, |mut config| {
        config.sessions.check_every_ms = 10;
        config.sessions.waiting_idle_s = 300;
        config.sessions.customer_idle_s = 600;
        config.sessions.user_idle_s = 900;
        config.sessions.retention_days = 1;
        Config { pace: QUICK, ..config }
    })
    .await;
    tokio::spawn(office.app.keep_order());
    office
}

async fn status(office: &Office, session: i64) -> String {
    let (status,): (String,) =
        office.world.row(&format!("SELECT status FROM sessions WHERE session_id = {session}")).await;
    status
}

/// Long enough for some looks.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(200)).await;
}

async fn until_closed(office: &Office, session: i64, expected: &str) {
    for _ in 0..200 {
        if status(office, session).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("session {session} is {}", status(office, session).await);
}

#[tokio::test]
async fn sessions_end_when_nobody_answers() {
    let office = orderly("").await;
    let started = office.start("a").await;
    ok(&office.http.post(PICKUP).basic("tje0", "Tje0").send().await);
    let mut events = office.stream_of(&started).await;
    events.up_to("session UserLast null").await;
    office.world.clock.advance(SignedDuration::from_secs(599));
    a_while().await;
    assert_eq!(status(&office, started.id).await, "UserLast");
    // An answer in time counts from then on.
    office.say(&started, "b").await;
    office.world.clock.advance(SignedDuration::from_secs(601));
    a_while().await;
    assert_eq!(status(&office, started.id).await, "CustomerLast", "users have more time");
    office.world.clock.advance(SignedDuration::from_secs(300));
    let last = events.up_to("session Closed null").await;
    assert!(last.iter().any(|event| event.starts_with("message ClosedByIdle")), "{last:?}");
    assert_eq!(events.next().await, None);

    let started = office.start("c").await;
    ok(&office.http.post(PICKUP).basic("tje0", "Tje0").send().await);
    office.world.clock.advance(SignedDuration::from_secs(601));
    until_closed(&office, started.id, "Closed").await;
}

#[tokio::test]
async fn who_waits_stays_as_long_as_the_page_is_open() {
    let office = orderly("").await;
    let (gone, open) = (office.start("a").await, office.start("b").await);
    let mut events = office.stream_of(&open).await;
    events.shorts(2).await;
    let reading = tokio::spawn(async move {
        let told = events.up_to("session InQueue 1").await;
        (told, events)
    });
    // The page says that it is there in between.
    for _ in 0..8 {
        office.world.clock.advance(SignedDuration::from_secs(40));
        a_while().await;
    }
    until_closed(&office, gone.id, "ClosedFromQueue").await;
    let (told, events) = reading.await.unwrap();
    assert_eq!(told, ["session InQueue 1"]);
    assert_eq!(status(&office, open.id).await, "InQueue");
    drop(events);
    office.world.clock.advance(SignedDuration::from_secs(301));
    until_closed(&office, open.id, "ClosedFromQueue").await;
}

/// More than are looked at in one go.
#[tokio::test]
async fn who_writes_in_the_queue_keeps_nobody_else_in_it() {
    let writes = "messages = [{ from = \"customer\", text = \"a\", posted = { minutes_ago = 1 } }]\n";
    let chatty: String = (1..=110).map(|id| waiting(id, "Support", 60) + writes).collect();
    let office = orderly(&(chatty + &waiting(111, "Support", 30))).await;
    until_closed(&office, 111, "ClosedFromQueue").await;
    let (waiting,): (i64,) = office.world.row("SELECT count(*) FROM sessions WHERE status = 'InQueue'").await;
    assert_eq!(waiting, 110);
}

#[tokio::test]
async fn what_ended_long_ago_is_deleted_and_nothing_else() {
    let ended = |id: i32, hours: i32| {
        format!(
            "[[sessions]]\nid = {id}\ntopic = \"Support\"\nstatus = \"Closed\"\nuser = \"tje0\"\n\
             requested = {{ minutes_ago = {0} }}\nstarted = {{ minutes_ago = {0} }}\nended = {{ minutes_ago = {1} }}\n",
            hours * 60 + 5,
            hours * 60
        )
    };
    let office = orderly(&[ended(1, 25), ended(2, 23), waiting(3, "Support", 1)].concat()).await;
    for _ in 0..200 {
        let left: Vec<(i32,)> = office.world.rows("SELECT session_id FROM sessions ORDER BY session_id").await;
        if left.len() < 3 {
            assert_eq!(left, [(2,), (3,)]);
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was deleted");
}

#[tokio::test]
async fn several_servers_keep_the_same_order() {
    let office = orderly(&(1..=30).map(|id| waiting(id, "Support", 60)).collect::<String>()).await;
    let (other, _) = office.another(QUICK).await;
    tokio::spawn(other.keep_order());
    for id in 1..=30 {
        until_closed(&office, id, "ClosedFromQueue").await;
    }
    let (messages,): (i64,) =
        office.world.row("SELECT count(*) FROM messages WHERE special_type = 'ClosedByIdle'").await;
    assert_eq!(messages, 30, "each was closed once");
}
