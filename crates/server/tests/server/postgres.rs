//! What only a database server does: it locks rows, ends connections, goes away and comes back.

use std::net::SocketAddr;
use std::sync::Arc;

use chat_models::ChatSessionEntity;
use chat_server::App;
use chat_server::records::SessionView;
use chat_server::store::PostgresStore;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::races::pick_up;
use crate::support::{
    Database, FOR_CURRENT_USER, PICKUP, World, error_message, ids, is_postgres, on_server, test_app, waiting,
};

/// Some connection waits for a lock.
const SOMEBODY_WAITS: &str = "SELECT count(*) > 0 FROM pg_stat_activity
                               WHERE datname = current_database() AND wait_event_type = 'Lock'";

fn id(view: Option<SessionView>) -> Option<i32> {
    view.map(|view| view.session.id.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn session_that_another_is_about_to_take_is_passed_over() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&(waiting(1, "Support", 9) + &waiting(2, "Support", 5))).await;
    let held = world.hold_session(1).await;
    assert_eq!(id(pick_up(world.app.store(), 1).await), Some(2));
    let (text,): (String,) = world.row("SELECT message FROM messages").await;
    assert_eq!(text, "Number 2, after 00:05.", "somebody else's comes first");
    held.release().await;
    assert_eq!(id(pick_up(world.app.store(), 1).await), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_away_while_a_session_may_be_left_over() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&waiting(1, "Support", 9)).await;
    let held = world.hold_session(1).await;
    let store = Arc::clone(world.app.store());
    let pickup = tokio::spawn(async move { pick_up(&store, 1).await });
    world.until(SOMEBODY_WAITS).await;
    assert!(!pickup.is_finished());
    held.release().await;
    assert_eq!(id(pickup.await.unwrap()), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_last_words_before_the_pickup_are_kept() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&waiting(1, "Hjelp", 9)).await;
    // Said while the pickup waits for the row: it must not go by what it saw before.
    let held = world.hold_session(1).await;
    let store = Arc::clone(world.app.store());
    let pickup = tokio::spawn(async move { pick_up(&store, 1).await });
    world.until(SOMEBODY_WAITS).await;
    held.change("UPDATE sessions SET first_message = 'Hello?' WHERE session_id = 1").await;
    assert_eq!(pickup.await.unwrap().unwrap().session.first_message, "Hello?");
}

#[tokio::test]
async fn connections_that_the_server_ended_are_replaced() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&(waiting(1, "Support", 9) + &waiting(2, "Support", 5))).await;
    world.picked_up("tje0", "Tje0").await;
    let database = world.config().database;
    let name = database.rsplit('/').next().unwrap().split('?').next().unwrap();
    on_server(format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(2), "the caller notices nothing");
}

/// Where a URL's server listens: host and port as numbers, as `.ci/postgres` prints them.
fn address(url: &str) -> SocketAddr {
    let (_, rest) = url.split_once("://").expect("a URL");
    let authority = rest.split('/').next().unwrap();
    authority.rsplit('@').next().unwrap().parse().expect("an address and a port")
}

/// Stands between the service and the database, and can go away.
struct Door {
    address: SocketAddr,
    task: Option<JoinHandle<()>>,
}

impl Door {
    async fn open(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { address, task: Some(tokio::spawn(Self::pass(listener, to))) }
    }

    async fn pass(listener: TcpListener, to: SocketAddr) {
        // Aborts all of them when it is dropped.
        let mut streams = JoinSet::new();
        loop {
            let (mut inside, _) = listener.accept().await.unwrap();
            let mut outside = TcpStream::connect(to).await.unwrap();
            streams.spawn(async move { tokio::io::copy_bidirectional(&mut inside, &mut outside).await });
        }
    }

    async fn close(&mut self) {
        let task = self.task.take().unwrap();
        task.abort();
        task.await.ok();
    }

    async fn open_again(&mut self, to: SocketAddr) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.task = Some(tokio::spawn(Self::pass(listener, to)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn database_that_went_away_makes_503_until_it_is_back() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&waiting(1, "Support", 9)).await;
    let url = world.config().database;
    let server = address(&url);
    let mut door = Door::open(server).await;
    let database = url.replace(&server.to_string(), &door.address.to_string());
    let config = chat_server::Config { database, ..world.config() };
    let app = App::open(config).await.unwrap();
    let http = test_app(app.router());
    let list = http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await;
    assert_eq!(ids(&list.parse::<Vec<ChatSessionEntity>>()), [1]);

    door.close().await;
    let (health, pickup) = tokio::join!(http.get("/healthz").send(), http.post(PICKUP).basic("tje0", "Tje0").send());
    error_message(&health, 503);
    error_message(&pickup, 503);
    assert!(pickup.header("retry-after").is_some());

    door.open_again(server).await;
    assert_eq!(http.post(PICKUP).basic("tje0", "Tje0").send().await.status, 200);
    door.close().await;
}

#[tokio::test]
async fn empty_database_is_not_taken_for_one_of_the_service() {
    if !is_postgres() {
        return;
    }
    let database = Database::fresh().await;
    let error = PostgresStore::open_existing(&database.url()).await.expect_err("an error");
    assert!(error.to_string().contains("has no tables"), "{error}");
    PostgresStore::open(&database.url()).await.unwrap();
    PostgresStore::open_existing(&database.url()).await.unwrap();
}

#[tokio::test]
async fn pickup_reads_neither_the_history_nor_the_rest_of_the_queue() {
    if !is_postgres() {
        return;
    }
    let world = World::with("").await;
    world
        .execute(
            "INSERT INTO sessions (topic_id, status, when_requested, session_key)
             SELECT 10, CASE WHEN n % 20 = 0 THEN 'InQueue' ELSE 'Closed' END, n, 'k' || n
               FROM generate_series(1, 40000) n",
        )
        .await;
    world.execute("ANALYZE").await;
    // A connection hands in its figures when it ends.
    let read = async || -> i64 {
        world.until("SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()").await;
        let sum = "SELECT (idx_tup_fetch + seq_tup_read)::bigint FROM pg_stat_user_tables WHERE relname = 'sessions'";
        let (rows,) = world.row(sum).await;
        rows
    };
    world.app.close().await;
    let before = read().await;
    let store = chat_server::store::open(&world.config().database).await.unwrap();
    for _ in 0..10 {
        assert!(pick_up(&store, 1).await.is_some());
    }
    store.close().await;
    let rows = read().await - before;
    assert!(rows < 600, "{rows} rows for ten pickups");
}
