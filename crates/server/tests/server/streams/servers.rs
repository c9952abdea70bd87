//! Several servers on one database.

use chat_server::records::SessionId;
use chat_server::store::SessionChange;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::reader::{BY_NOTICES, Events, Office, QUICK, say};
use crate::support::is_postgres;

#[tokio::test]
async fn what_is_said_on_one_server_arrives_on_the_other() {
    // A notice of one server reaches the other where the database carries it.
    let pace = if is_postgres() { BY_NOTICES } else { QUICK };
    let office = Office::open("", pace).await;
    let (_other, http) = office.another(pace).await;
    let started = office.start("a").await;
    let mut events =
        Events::open(&http, &started.path("Events"), &[("X-Chat-Session-Key", &started.key)]).await.unwrap();
    events.shorts(2).await;
    for number in 0..5 {
        let said = Instant::now();
        office.say(&started, &format!("here {number}")).await;
        assert_eq!(events.shorts(1).await, [format!("message None here {number}")]);
        assert!(said.elapsed() < Duration::from_secs(5), "{:?}", said.elapsed());
        say(&http, &started, &format!("there {number}")).await;
        assert_eq!(events.shorts(1).await, [format!("message None there {number}")]);
    }
}

#[tokio::test]
async fn what_nobody_announced_is_found() {
    let office = Office::open("", QUICK).await;
    let started = office.start("a").await;
    let mut events = office.stream_of(&started).await;
    let mut tje0 = office.stream_for("tje0", "Tje0").await;
    events.shorts(2).await;
    tje0.shorts(3).await;
    // Past the service: as if the server had died between the commit and its notice.
    let now = office.world.config().clock.now();
    let session = SessionId(started.id.try_into().unwrap());
    let change = SessionChange {
        session,
        actor: None,
        target: None,
        now,
        idempotency: None,
        rule: Arc::new(move |situation| chat_server::rules::life::end_by_customer(situation, now)),
    };
    office.app.store().change_session(change).await.unwrap();
    let last = events.shorts(2).await;
    assert_eq!(last[1], "session ClosedFromQueue null", "{last:?}");
    assert_eq!(events.next().await, None);
    assert_eq!(
        tje0.shorts(2).await,
        [format!("session {} ClosedFromQueue null", started.id), "queue Support 0".to_owned()]
    );
}

/// The connection that carries notices is cut: what was lost is found, and later notices arrive again.
#[tokio::test]
async fn servers_hear_each_other_again_after_a_cut() {
    if !is_postgres() {
        return; // There is no such connection.
    }
    let office = Office::open("", BY_NOTICES).await;
    let (_other, http) = office.another(BY_NOTICES).await;
    let started = office.start("a").await;
    let mut events =
        Events::open(&http, &started.path("Events"), &[("X-Chat-Session-Key", &started.key)]).await.unwrap();
    events.shorts(2).await;
    for number in 0..3 {
        office
            .world
            .execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                  WHERE application_name = 'chat-server notices' AND datname = current_database()",
            )
            .await;
        office.say(&started, &number.to_string()).await;
        assert_eq!(events.shorts(1).await, [format!("message None {number}")]);
    }
}
