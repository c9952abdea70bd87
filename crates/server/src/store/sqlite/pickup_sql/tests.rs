//! What a pickup and a page of a list cost, counted in steps of SQLite's virtual machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chat_api::NoResources;
use jiff::Timestamp;
use sqlx::{Connection as _, SqliteConnection};

use super::super::{MIGRATIONS, pickup, session_pages};
use crate::records::{AssociateId, SessionId};
use crate::rules::text::Composer;
use crate::store::looks::{Look, Turn};
use crate::store::{Outcome, PickUp};

/// An agent with two topics, of which one has this many sessions.
async fn database(waiting: u32, closed: u32) -> SqliteConnection {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    MIGRATIONS.run(&mut connection).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO users (associate_id, user_name, password_hash, name, full_name, formal_name, type)
              VALUES (1, 'tje0', '', '', '', '', '');
         INSERT INTO topics (topic_id, name, welcome_message) VALUES (1, 'Support', 'Hi'), (2, 'Sales', '');
         INSERT INTO topic_members VALUES (1, 1, 1, 0, 0, 0), (2, 1, 1, 0, 0, 0);",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    // Closed ones are the agent's own, and were there first.
    sqlx::query(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1 + $2)
         INSERT INTO sessions (topic_id, status, user_id, rank, when_requested, when_ended, session_key)
         SELECT 1, CASE WHEN n > $2 THEN 'InQueue' ELSE 'Closed' END, CASE WHEN n > $2 THEN NULL ELSE 1 END, 1, n,
                CASE WHEN n > $2 THEN NULL ELSE n END, 'k' || n
           FROM numbers",
    )
    .bind(waiting)
    .bind(closed)
    .execute(&mut connection)
    .await
    .unwrap();
    connection
}

/// The steps that the connection takes from now on.
async fn counting(connection: &mut SqliteConnection) -> Arc<AtomicU64> {
    let counted = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&counted);
    connection.lock_handle().await.unwrap().set_progress_handler(1, move || {
        counter.fetch_add(1, Ordering::Relaxed);
        true
    });
    counted
}

/// How many steps a page of 20 takes, in the middle of the caller's sessions.
async fn page_steps(sessions: u32) -> u64 {
    let mut connection = database(sessions / 2, sessions / 2).await;
    let counted = counting(&mut connection).await;
    let page = session_pages::page(&mut connection, AssociateId(1), SessionId(1_000), 20).await.unwrap();
    assert_eq!(page.sessions.len(), 20);
    counted.load(Ordering::Relaxed)
}

/// How many steps three pickups take.
async fn steps(waiting: u32, closed: u32) -> u64 {
    let mut connection = database(waiting, closed).await;
    let counted = counting(&mut connection).await;
    let composer = Composer { resources: Arc::new(NoResources), culture: None };
    let wanted = PickUp { caller: AssociateId(1), now: Timestamp::UNIX_EPOCH, idempotency: None, composer };
    for _ in 0..3 {
        let turn = pickup::run(&mut connection, &wanted, Look::First).await.unwrap();
        assert!(matches!(turn, Turn::Over(Outcome::Done { .. })));
    }
    counted.load(Ordering::Relaxed)
}

#[tokio::test]
async fn pickup_costs_the_same_whatever_waits_or_has_been() {
    let few = steps(20, 20).await;
    assert!(few > 100, "{few} steps: they are not counted");
    for (waiting, closed) in [(20_000, 20), (20, 20_000)] {
        let many = steps(waiting, closed).await;
        assert!(many * 10 <= few * 13, "{waiting} waiting and {closed} closed: {many} steps instead of {few}");
    }
}

#[tokio::test]
async fn page_costs_the_same_however_many_sessions_come_before_or_behind_it() {
    let few = page_steps(2_000).await;
    let many = page_steps(20_000).await;
    assert!(few > 100 && many * 10 <= few * 13, "{many} steps instead of {few}");
}
