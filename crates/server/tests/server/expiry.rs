//! What has expired is deleted.

use std::time::Duration;

use chat_server::auth::SecretKind;
use chat_server::clock::Clock as _;
use chat_server::records::AssociateId;
use chat_server::store::Expired;
use jiff::SignedDuration;

use crate::browser::Browser;
use crate::secrets::issue;
use crate::serving::Server;
use crate::support::World;

const TERJE: AssociateId = AssociateId(1);

/// How many secrets and sessions there are.
async fn rows(world: &World) -> (i64, i64) {
    world.row("SELECT (SELECT count(*) FROM issued_secrets), (SELECT count(*) FROM browser_sessions)").await
}

#[tokio::test]
async fn what_has_expired_is_deleted_and_nothing_else() {
    let world = World::with("").await;
    let authenticator = world.app.authenticator();
    issue(&world, SecretKind::Token, TERJE).await; // an hour
    issue(&world, SecretKind::Ticket, TERJE).await; // twelve hours
    Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let busy = Browser::signed_in(&world.http, "lena", "l").await;
    world.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(busy.status_of_call().await, 200);
    assert_eq!(authenticator.delete_expired().await.unwrap(), Expired::default());
    assert_eq!(rows(&world).await, (2, 2));

    world.clock.advance(SignedDuration::from_mins(30));
    assert_eq!(authenticator.delete_expired().await.unwrap(), Expired { secrets: 1, sessions: 1 }, "the idle one");
    assert_eq!(rows(&world).await, (1, 1));
    assert_eq!(busy.status_of_call().await, 200);

    world.clock.advance(SignedDuration::from_hours(11));
    authenticator.delete_expired().await.unwrap();
    assert_eq!(rows(&world).await, (0, 0));
}

#[tokio::test]
async fn many_are_deleted_in_batches() {
    let world = World::with("").await;
    let hash = world.either("randomblob(32)", "sha256(i::text::bytea)");
    world
        .execute(&format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1201)
             INSERT INTO browser_sessions (hash, associate_id, when_begun, when_used, when_expires)
             SELECT {hash}, 1, 0, 0, 1 FROM n",
        ))
        .await;
    let store = world.app.store();
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    let now = world.clock.now();
    let batch = store.delete_expired(now, epoch - SignedDuration::from_secs(1), 500).await.unwrap();
    assert_eq!(batch.sessions, 500, "a batch is bounded");
    assert_eq!(world.app.authenticator().delete_expired().await.unwrap().sessions, 701);
    assert_eq!(rows(&world).await, (0, 0));
}

/// Waits until nothing is left of what has expired.
async fn until_deleted(world: &World) {
    let deleted = async {
        while rows(world).await != (0, 0) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), deleted).await.expect("what has expired is deleted");
}

#[tokio::test]
async fn deleting_begins_with_serving() {
    let world = World::with("").await;
    issue(&world, SecretKind::Ticket, TERJE).await;
    world.clock.advance(SignedDuration::from_hours(12));
    let server = Server::start(world.app.clone()).await;
    until_deleted(&world).await;
    server.stop().await;
}

#[tokio::test]
async fn deleting_goes_on() {
    let world = World::with("").await;
    let deleting = tokio::spawn(world.app.keep_deleting_expired(Duration::from_millis(5)));
    for _ in 0..2 {
        issue(&world, SecretKind::Ticket, TERJE).await;
        world.clock.advance(SignedDuration::from_hours(12));
        until_deleted(&world).await;
    }
    deleting.abort();
}
