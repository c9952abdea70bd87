//! What only a database server does: it locks rows, ends connections, goes away and comes back.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat_models::ChatSessionEntity;
use chat_server::App;
use chat_server::records::{AssociateId, MessageId, SessionId, SessionView};
use chat_server::store::{PostgresStore, Store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::races::pick_up;
use crate::support::{
    Database, FOR_CURRENT_USER, PICKUP, World, error_message, ids, is_postgres, on_server, running, test_app, waiting,
};

/// Some connection waits for a lock.
const SOMEBODY_WAITS: &str = "SELECT count(*) > 0 FROM pg_stat_activity
                               WHERE datname = current_database() AND wait_event_type = 'Lock'";

/// For what happens at once where it happens at all.
const PATIENCE: Duration = Duration::from_secs(20);

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
    holds: Holds,
}

/// Whether what the database says is kept back: on the connections since the last silence, last of all.
#[derive(Clone)]
struct Holds(Arc<Mutex<Vec<watch::Sender<bool>>>>);

impl Holds {
    fn subscribe(&self) -> watch::Receiver<bool> {
        self.0.lock().unwrap().last().unwrap().subscribe()
    }

    fn set(&self, hold: bool) {
        self.0.lock().unwrap().last().unwrap().send_replace(hold);
    }
}

impl Door {
    async fn open(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let holds = Holds(Arc::new(Mutex::new(vec![watch::Sender::new(false)])));
        Self { address, task: Some(tokio::spawn(Self::pass(listener, to, holds.clone()))), holds }
    }

    async fn pass(listener: TcpListener, to: SocketAddr, holds: Holds) {
        // Aborts all of them when it is dropped.
        let mut streams = JoinSet::new();
        loop {
            let (inside, _) = listener.accept().await.unwrap();
            let (mut answers, mut questions) = TcpStream::connect(to).await.unwrap().into_split();
            let (mut from_inside, mut to_inside) = inside.into_split();
            let mut hold = holds.subscribe();
            streams.spawn(async move {
                tokio::io::copy(&mut from_inside, &mut questions).await.ok();
            });
            streams.spawn(async move {
                let mut buffer = [0; 4_096];
                while let Ok(read @ 1..) = answers.read(&mut buffer).await {
                    hold.wait_for(|held| !held).await.ok();
                    if to_inside.write_all(&buffer[..read]).await.is_err() {
                        break;
                    }
                }
            });
        }
    }

    fn hold_answers(&self, hold: bool) {
        self.holds.set(hold);
    }

    /// From now on nothing is heard on the connections that there are; new ones work.
    fn fall_silent(&self) {
        self.hold_answers(true);
        self.holds.0.lock().unwrap().push(watch::Sender::new(false));
    }

    async fn close(&mut self) {
        let task = self.task.take().unwrap();
        task.abort();
        task.await.ok();
    }

    async fn open_again(&mut self, to: SocketAddr) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.task = Some(tokio::spawn(Self::pass(listener, to, self.holds.clone())));
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
    let (ready, pickup) = tokio::join!(http.get("/readyz").send(), http.post(PICKUP).basic("tje0", "Tje0").send());
    error_message(&ready, 503);
    error_message(&pickup, 503);
    assert!(pickup.header("retry-after").is_some());

    door.open_again(server).await;
    assert_eq!(http.post(PICKUP).basic("tje0", "Tje0").send().await.status, 200);
    door.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_fell_silent_are_given_up() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&waiting(1, "Support", 9)).await;
    let url = world.config().database;
    let server = address(&url);
    let mut door = Door::open(server).await;
    let store = chat_server::store::open(&url.replace(&server.to_string(), &door.address.to_string())).await.unwrap();
    let calls = async |count: usize| {
        let mut calls = JoinSet::new();
        for _ in 0..count {
            let store = Arc::clone(&store);
            calls.spawn(async move { store.session(None, SessionId(1)).await });
        }
        calls.join_all().await
    };
    assert!(calls(16).await.iter().any(Result::is_ok));
    door.fall_silent();
    // More than there are connections: some are asked on one that says nothing, the others get none.
    let failed: Vec<_> = calls(32).await.into_iter().filter_map(Result::err).collect();
    assert!(!failed.is_empty());
    for error in failed {
        assert!(error.is_busy(), "{error:?}");
    }
    let all_succeed = async { while calls(4).await.iter().any(Result::is_err) {} };
    tokio::time::timeout(PATIENCE, all_succeed).await.expect("the others come on new connections");
    store.close().await;
    door.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_on_a_topic_hold_up_no_pickup() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&waiting(1, "Support", 9)).await;
    // As a start does that counts the places of a long queue.
    let held = world.hold("SELECT pg_advisory_xact_lock(1667785076, 10)").await;
    let http = test_app(world.app.router());
    let start = tokio::spawn(async move {
        http.post("/api/v1/ChatTopic/10/Sessions").json(&serde_json::json!({})).send().await.status.as_u16()
    });
    world.until(SOMEBODY_WAITS).await;
    assert_eq!(id(pick_up(world.app.store(), 1).await), Some(1));
    held.release().await;
    assert_eq!(start.await.unwrap(), 200);
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

/// How many rows of sessions some work on a store reads, where an agent has had all that are closed.
async fn rows_read(waiting: u32, closed: u32, work: impl AsyncFn(&Arc<dyn Store>)) -> i64 {
    let world = World::with("").await;
    world
        .execute(&format!(
            "INSERT INTO sessions (topic_id, status, user_id, when_requested, session_key)
             SELECT 10, CASE WHEN n > {closed} THEN 'InQueue' ELSE 'Closed' END,
                    CASE WHEN n > {closed} THEN NULL ELSE 1 END, n, 'k' || n
               FROM generate_series(1, {waiting} + {closed}) n"
        ))
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
    work(&store).await;
    store.close().await;
    read().await - before
}

#[tokio::test]
async fn pickup_reads_neither_the_history_nor_the_rest_of_the_queue() {
    if !is_postgres() {
        return;
    }
    let work = async |store: &Arc<dyn Store>| {
        for _ in 0..3 {
            assert!(pick_up(store, 1).await.is_some());
        }
    };
    // More than a pickup looks at.
    let few = rows_read(500, 500, work).await;
    assert!(few > 3, "{few} rows: they are not counted");
    for (waiting, closed) in [(40_000, 500), (500, 40_000)] {
        let many = rows_read(waiting, closed, work).await;
        assert!(many * 10 <= few * 13, "{waiting} waiting and {closed} closed: {many} rows instead of {few}");
    }
}

#[tokio::test]
async fn page_of_a_list_reads_nothing_but_its_sessions() {
    if !is_postgres() {
        return;
    }
    // Often enough for a plan that is not made for these values.
    let work = async |store: &Arc<dyn Store>| {
        for after in 400..420 {
            let page = store.sessions_page(AssociateId(1), SessionId(after), 20).await.unwrap();
            assert_eq!(page.sessions.len(), 20);
        }
    };
    let few = rows_read(500, 500, work).await;
    assert!(few >= 400, "{few} rows: they are not counted");
    let many = rows_read(20_000, 20_000, work).await;
    assert!(many * 10 <= few * 13, "{many} rows instead of {few}");
}

/// Takes a lock that nobody may hold now.
async fn lock_at_once(world: &World, session: i32) {
    world.execute(&format!("SELECT 1 FROM sessions WHERE session_id = {session} FOR UPDATE NOWAIT")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pickup_waits_for_a_session_without_holding_another() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&(waiting(1, "Support", 9) + &waiting(2, "Support", 5))).await;
    let (first, second) = (world.hold_session(1).await, world.hold_session(2).await);
    let store = Arc::clone(world.app.store());
    let pickup = tokio::spawn(async move { pick_up(&store, 1).await });
    world.until(SOMEBODY_WAITS).await;
    // Taken by another agent: the pickup, which waited for it, goes on to the second.
    first.change("UPDATE sessions SET status = 'Closed' WHERE session_id = 1").await;
    world
        .until(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity w
                              JOIN pg_stat_activity h ON h.pid = ANY (pg_blocking_pids(w.pid))
                             WHERE w.datname = current_database() AND h.state = 'idle in transaction')",
        )
        .await;
    lock_at_once(&world, 1).await;
    assert!(!pickup.is_finished());
    second.release().await;
    assert_eq!(id(pickup.await.unwrap()), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn caller_who_hangs_up_leaves_no_transaction_behind() {
    if !is_postgres() {
        return;
    }
    let world = World::with(&running(1, "Support", "tje0")).await;
    let url = world.config().database;
    let server = address(&url);
    let mut door = Door::open(server).await;
    let store = chat_server::store::open(&url.replace(&server.to_string(), &door.address.to_string())).await.unwrap();
    let begun = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
                                   AND query LIKE 'BEGIN%' AND state = 'idle in transaction')";
    // The statements that the store prepares at its first calls would only lengthen what follows.
    assert!(store.session(None, SessionId(1)).await.unwrap().is_some());

    // The database has begun, but its answer is on the way when the caller goes.
    loop {
        door.hold_answers(true);
        let asking = tokio::spawn({
            let store = Arc::clone(&store);
            async move { store.session(None, SessionId(1)).await }
        });
        let has_begun = tokio::time::timeout(Duration::from_secs(1), world.until(begun)).await.is_ok();
        asking.abort();
        asking.await.ok();
        door.hold_answers(false);
        if has_begun {
            break;
        }
        // The answer that was held was of what came before.
        store.check().await.unwrap();
    }

    // One connection serves them all: it must see what others have done since.
    let posted = async || {
        world
            .execute("INSERT INTO messages (session_id, type, message, when_posted) VALUES (1, 'ToUser', 'Hi', 1)")
            .await;
    };
    for expected in 1..=3 {
        posted().await;
        assert_eq!(store.messages(SessionId(1), MessageId(0), 10).await.unwrap().len(), expected);
    }
    let none = "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database()
                                   AND state LIKE 'idle in transaction%'";
    tokio::time::timeout(PATIENCE, world.until(none)).await.expect("no transaction stays open");
    store.close().await;
    door.close().await;
}
