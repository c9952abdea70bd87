//! What picking up costs: against the least that the database asks for the same, and with a million sessions that wait or
//! have been.
//!
//! `cargo bench -p chat-server --bench pickups` measures everything in one run and prints ratios; `-- --short` runs it
//! small, to see that it runs. PostgreSQL takes part where `DOCWRIGHT_TEST_POSTGRES` names a server whose role may make
//! databases; one is made and dropped.

#![expect(clippy::print_stdout, reason = "a bench says what it measured")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

mod support;

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use chat_api::NoResources;
use chat_server::auth::SecretKind;
use chat_server::config::SessionSettings;
use chat_server::import::Format;
use chat_server::passwords::PasswordCost;
use chat_server::records::{AssociateId, User};
use chat_server::rules::text::Composer;
use chat_server::store::{Outcome, PickUp, Store};
use chat_server::{App, Config, Limits};
use docwright_bench::{Goal, Ratio, median, skipped};
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use self::support::{END_ALL, office, sessions, sqlite};

/// How much of everything.
struct Size {
    /// Sessions that the agents pick up together in one round.
    pickups: u32,
    /// Rounds that a figure is the median of.
    rounds: usize,
    /// Few and many rows.
    rows: (u32, u32),
    /// Pickups one after the other, whose median is their time.
    samples: u32,
}

const FULL: Size = Size { pickups: 2_000, rounds: 3, rows: (1_000, 1_000_000), samples: 400 };
const SHORT: Size = Size { pickups: 128, rounds: 1, rows: (200, 2_000), samples: 20 };

const SQLITE_AGENTS: u32 = 64;
const HTTP_AGENTS: [u32; 2] = [8, 32];

#[tokio::main]
async fn main() {
    let size = if docwright_bench::is_short() { SHORT } else { FULL };
    let folder = tempfile::Builder::new().prefix("pickups-bench").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    sqlite_at_once(&size, folder.path()).await;
    sqlite_long_queues(&size, folder.path()).await;
    match std::env::var("DOCWRIGHT_TEST_POSTGRES") {
        Ok(server) => {
            postgres_over_http(&size, &server).await;
            postgres_long_queues(&size, &server).await;
        }
        Err(_) => skipped("pickups on PostgreSQL", "DOCWRIGHT_TEST_POSTGRES names no server"),
    }
}

async fn opened(url: &str, agents: u32) -> App {
    // Figures are about the service, not about what it lets through.
    let limits = Limits { max_connections_per_address: 1_024, ..Limits::default() };
    // Nor about what waits in vain: sessions are requested a second apart.
    let sessions = SessionSettings { waiting_idle_s: 365 * 24 * 3_600, ..SessionSettings::default() };
    let config = Config { password_cost: PasswordCost::CHEAP, limits, sessions, ..Config::new(url) };
    let app = App::open(config).await.unwrap();
    app.import(&office(agents), Format::Toml).await.unwrap();
    app
}

/// When the first of so many sessions was requested, so that the last one was just now.
fn since(sessions: u32) -> i64 {
    Timestamp::now().as_microsecond() - i64::from(sessions) * 1_000_000
}

fn sqlite_sessions(waiting: u32, closed: u32) -> String {
    support::sqlite_sessions(waiting, closed, since(waiting + closed))
}

fn postgres_sessions(waiting: u32, closed: u32) -> String {
    let numbers = format!("SELECT n FROM generate_series(1::bigint, {}) AS n", waiting + closed);
    sessions(&numbers, closed, since(waiting + closed))
}

/// What the pickups of one round took.
struct Round {
    /// A second.
    rate: f64,
    worst: Duration,
}

/// Lets all agents pick up until there are as many as wanted. `agent` makes the pickups of one, and gives their times.
async fn together<F>(agents: u32, pickups: u32, agent: impl Fn(u32, Arc<AtomicU32>) -> F) -> Round
where
    F: Future<Output = Duration> + Send + 'static,
{
    let left = Arc::new(AtomicU32::new(pickups));
    let begin = Instant::now();
    let tasks: Vec<_> = (1..=agents).map(|id| tokio::spawn(agent(id, Arc::clone(&left)))).collect();
    let mut worst = Duration::ZERO;
    for task in tasks {
        worst = worst.max(task.await.unwrap());
    }
    Round { rate: f64::from(pickups) / begin.elapsed().as_secs_f64(), worst }
}

/// Whether one more is wanted.
fn one_more(left: &AtomicU32) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

fn rate(rounds: &[Round]) -> f64 {
    median(rounds.iter().map(|round| round.rate).collect())
}

fn worst(rounds: &[Round]) -> Duration {
    rounds.iter().map(|round| round.worst).max().unwrap_or_default()
}

async fn pick_up(store: &dyn Store, agent: u32) {
    let composer = Composer { resources: Arc::new(NoResources), culture: None };
    let caller = AssociateId(i32::try_from(agent).unwrap());
    let wanted = PickUp { caller, now: Timestamp::now(), idempotency: None, composer };
    assert!(matches!(store.pick_up_first(wanted).await.unwrap(), Outcome::Done { .. }));
}

/// The time of one pickup among many, one after the other: at the store, nobody else being there.
async fn time_of_one(store: &dyn Store, samples: u32) -> f64 {
    let mut times = Vec::new();
    for _ in 0..samples {
        let begin = Instant::now();
        pick_up(store, 1).await;
        times.push(begin.elapsed().as_secs_f64());
    }
    median(times)
}

/// The time that the disk takes to keep four kilobytes.
fn fsync(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("fsync")).unwrap();
    let times = (0..100).map(|_| {
        let begin = Instant::now();
        file.write_all(&[0; 4_096]).unwrap();
        file.sync_data().unwrap();
        begin.elapsed().as_secs_f64()
    });
    median(times.collect())
}

/// What a pickup asks of the database, with the columns that it needs.
const FIRST_COLUMNS: &str = "s.*, m.can_respond, person.snapshot AS person, contact.snapshot AS contact,
        project.snapshot AS project, sale.snapshot AS sale, ticket.snapshot AS ticket, t.welcome_message, t.language,
        t.accepted, t.accept_seconds";
const FIRST_JOINS: &str = "JOIN topics t ON t.topic_id = s.topic_id
        LEFT JOIN topic_members m ON m.associate_id = $1 AND m.topic_id = s.topic_id
        LEFT JOIN persons person ON person.record_id = s.person_id
        LEFT JOIN contacts contact ON contact.record_id = s.contact_id
        LEFT JOIN projects project ON project.record_id = s.project_id
        LEFT JOIN sales sale ON sale.record_id = s.sale_id
        LEFT JOIN tickets ticket ON ticket.record_id = s.ticket_id";

/// Pickups one transaction each, as a program without a writer of its own would do them.
async fn sqlite_one_by_one(url: &str, agents: u32, pickups: u32) -> Round {
    let mut connection = sqlite(url).await.unwrap();
    let first = format!(
        "SELECT {FIRST_COLUMNS}, (SELECT coalesce(max(a.rank), 0) FROM sessions a
                  WHERE a.user_id = $1 AND a.status IN ('CustomerLast', 'UserLast') AND a.rank > 0) AS top_rank
           FROM (SELECT h.session_id FROM topic_members q
                   JOIN sessions h ON h.session_id = (
                            SELECT w.session_id FROM sessions w WHERE w.topic_id = q.topic_id AND w.status = 'InQueue'
                             ORDER BY w.when_requested, w.session_id LIMIT 1)
                  WHERE q.associate_id = $1 AND q.can_respond ORDER BY h.when_requested, h.session_id LIMIT 1) head
           JOIN sessions s ON s.session_id = head.session_id {FIRST_JOINS}"
    );
    let (begin, mut worst) = (Instant::now(), Duration::ZERO);
    for number in 0..pickups {
        let (agent, pickup) = (i64::from(1 + number % agents), Instant::now());
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
        sqlx::query("SELECT * FROM users WHERE associate_id = $1")
            .bind(agent)
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        let row = sqlx::query(AssertSqlSafe(first.clone())).bind(agent).fetch_one(&mut *transaction).await.unwrap();
        let (session, topic, rank): (i64, i64, i64) = {
            use sqlx::Row as _;
            (row.get("session_id"), row.get("topic_id"), row.get("top_rank"))
        };
        for statement in [
            "UPDATE sessions SET status = 'UserLast', user_id = $2, rank = $4 + 1, when_started = 1, when_idle = 1,
                    last_message = 'Hi 1' WHERE session_id = $1 AND $3 = $3",
            "INSERT INTO messages (session_id, type, special_type, message, author, when_posted)
             SELECT $1, 'ToCustomer', 'Welcome', 'Hi 1', 'agent', 1 WHERE $2 = $2 AND $3 = $3 AND $4 = $4",
            "UPDATE topics SET accepted = accepted + 1, accept_seconds = accept_seconds + 1, last_accept = 1
              WHERE topic_id = $3 AND $1 = $1 AND $2 = $2 AND $4 = $4",
        ] {
            let query = sqlx::query(statement).bind(session).bind(agent).bind(topic).bind(rank);
            query.execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
        worst = worst.max(pickup.elapsed());
    }
    let rate = f64::from(pickups) / begin.elapsed().as_secs_f64();
    connection.close().await.unwrap();
    Round { rate, worst }
}

async fn sqlite_at_once(size: &Size, folder: &Path) {
    println!("SQLite: {} pickups of {SQLITE_AGENTS} agents who wait, at the store, synchronous=FULL", size.pickups);
    println!("  fsync of 4 KiB: {:.2} ms", fsync(folder) * 1e3);
    let url = format!("sqlite://{}", folder.join("at-once.db").display());
    let app = opened(&url, SQLITE_AGENTS).await;
    let (mut grouped, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..size.rounds {
        let mut connection = sqlite(&url).await.unwrap();
        for statement in [END_ALL.to_owned(), sqlite_sessions(2 * size.pickups, 0)] {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        let store = app.store();
        let round = together(SQLITE_AGENTS, size.pickups, |agent, left| {
            let store = Arc::clone(store);
            async move { while_wanted(&left, || pick_up(store.as_ref(), agent)).await }
        });
        grouped.push(round.await);
        let mut connection = sqlite(&url).await.unwrap();
        sqlx::query(END_ALL).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        alone.push(sqlite_one_by_one(&url, SQLITE_AGENTS, size.pickups).await);
    }
    app.close().await;
    println!("  one transaction each: {:>8.0}/s", rate(&alone));
    println!(
        "  at the store:         {:>8.0}/s, worst wait {:.0} ms",
        rate(&grouped),
        worst(&grouped).as_secs_f64() * 1e3
    );
    let name = "SQLite: pickups at the store over one transaction each";
    Ratio::print(name, rate(&grouped) / rate(&alone), Some(Goal::AtLeast(3.0)));
}

/// Picks up as long as it is wanted; the longest time that one took.
async fn while_wanted<F: Future<Output = ()>>(left: &AtomicU32, mut pick_up: impl FnMut() -> F) -> Duration {
    let mut worst = Duration::ZERO;
    while one_more(left) {
        let begin = Instant::now();
        pick_up().await;
        worst = worst.max(begin.elapsed());
    }
    worst
}

/// Prints times for few and for many, and how they compare.
fn compare(database: &str, what: &str, size: &Size, few: f64, many: f64) {
    let (rows, more) = size.rows;
    println!("{database}: a pickup with {rows} and with {more} {what}");
    println!("  {:.3} ms, {:.3} ms", few * 1e3, many * 1e3);
    let name = format!("{database}: time of a pickup with {more} {what} over {rows}");
    Ratio::print(name, many / few, Some(Goal::AtMost(1.3)));
}

async fn sqlite_long_queues(size: &Size, folder: &Path) {
    let (few, many) = size.rows;
    let base = few.max(2 * size.samples);
    let mut stores = Vec::new();
    for (number, (waiting, closed)) in [(base, few), (many, few), (base, many)].into_iter().enumerate() {
        let url = format!("sqlite://{}", folder.join(format!("long{number}.db")).display());
        let app = opened(&url, 1).await;
        let mut connection = sqlite(&url).await.unwrap();
        sqlx::query(AssertSqlSafe(sqlite_sessions(waiting, closed))).execute(&mut connection).await.unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        stores.push(app);
    }
    let times = interleaved(&stores, size.samples).await;
    compare("SQLite", "sessions that wait", size, times[0], times[1]);
    compare("SQLite", "closed sessions of the agent", size, times[0], times[2]);
}

/// The times in several databases, measured in turns: what else the machine does concerns them all.
async fn interleaved(apps: &[App], samples: u32) -> Vec<f64> {
    const TURNS: u32 = 5;

    let mut times = vec![Vec::new(); apps.len()];
    for _ in 0..TURNS {
        for (app, times) in apps.iter().zip(&mut times) {
            times.push(time_of_one(app.store().as_ref(), samples / TURNS).await);
        }
    }
    for app in apps {
        app.close().await;
    }
    times.into_iter().map(median).collect()
}

/// A database of the server that `DOCWRIGHT_TEST_POSTGRES` names.
struct PostgresDatabase {
    server: String,
    name: String,
    url: String,
}

impl PostgresDatabase {
    async fn new(server: &str, what: &str) -> Self {
        let name = format!("docwright_bench_{}_{what}", std::process::id());
        let (head, parameters) = server.split_once('?').map_or((server, ""), |(head, query)| (head, query));
        let url = format!("{}/{name}?{parameters}", head.rsplit_once('/').expect("a URL that names a database").0);
        let database = Self { server: server.to_owned(), name, url };
        database.on_server(format!("CREATE DATABASE {}", database.name)).await;
        database
    }

    async fn on_server(&self, statement: String) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    async fn execute(&self, statements: &[&str]) {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        for &statement in statements {
            sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    }

    async fn drop(self) {
        // Connections that carried notices may just be going.
        self.on_server(format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

/// The statements of a pickup, on a connection of the agent's own; `false` where others were at all that it looked at.
async fn postgres_pick_up(connection: &mut PgConnection, first: &str, agent: i32) -> bool {
    use sqlx::Row as _;

    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await.unwrap();
    sqlx::query("SELECT * FROM users WHERE associate_id = $1 FOR NO KEY UPDATE")
        .bind(agent)
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    let row = sqlx::query(AssertSqlSafe(first.to_owned())).bind(agent).fetch_optional(&mut *transaction).await.unwrap();
    let Some(row) = row else {
        transaction.rollback().await.unwrap();
        return false;
    };
    let (session, topic, rank): (i32, i32, i32) = (row.get("session_id"), row.get("topic_id"), row.get("top_rank"));
    sqlx::query(
        "WITH taken AS (UPDATE sessions SET status = 'UserLast', user_id = $2, rank = $4 + 1, when_started = 1,
                               when_idle = 1, last_message = 'Hi 1' WHERE session_id = $1),
              said AS (INSERT INTO messages (session_id, type, special_type, message, author, when_posted)
                       VALUES ($1, 'ToCustomer', 'Welcome', 'Hi 1', 'agent', 1) RETURNING message_id)
         UPDATE topics SET accepted = accepted + 1, accept_seconds = accept_seconds + 1, last_accept = 1
          WHERE topic_id = $3 RETURNING (SELECT message_id FROM said)",
    )
    .bind(session)
    .bind(agent)
    .bind(topic)
    .bind(rank)
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    transaction.commit().await.unwrap();
    true
}

fn postgres_first() -> Arc<str> {
    format!(
        "WITH head AS MATERIALIZED (
             SELECT s.* FROM (SELECT w.session_id, w.when_requested FROM topic_members q
                               CROSS JOIN LATERAL (SELECT session_id, when_requested FROM sessions
                                                    WHERE topic_id = q.topic_id AND status = 'InQueue'
                                                    ORDER BY when_requested, session_id LIMIT 16) w
                               WHERE q.associate_id = $1 AND q.can_respond) c
               JOIN sessions s ON s.session_id = c.session_id WHERE s.status = 'InQueue'
              ORDER BY c.when_requested, c.session_id LIMIT 1 FOR NO KEY UPDATE OF s SKIP LOCKED)
         SELECT {FIRST_COLUMNS}, (SELECT coalesce(max(a.rank), 0) FROM sessions a
                  WHERE a.user_id = $1 AND a.status IN ('CustomerLast', 'UserLast') AND a.rank > 0) AS top_rank
           FROM head s {FIRST_JOINS}"
    )
    .into()
}

async fn postgres_raw(url: &str, agents: u32, pickups: u32) -> Round {
    let first = postgres_first();
    let mut connections = Vec::new();
    for _ in 0..agents {
        connections.push(PgConnection::connect(url).await.unwrap());
    }
    let connections = std::sync::Mutex::new(connections);
    together(agents, pickups, |agent, left| {
        let (mut connection, first) = (connections.lock().unwrap().pop().unwrap(), Arc::clone(&first));
        async move {
            let agent = i32::try_from(agent).unwrap();
            let mut worst = Duration::ZERO;
            while one_more(&left) {
                let begin = Instant::now();
                while !postgres_pick_up(&mut connection, &first, agent).await {}
                worst = worst.max(begin.elapsed());
            }
            worst
        }
    })
    .await
}

/// An agent's connection to the service. It does no more than needed: the machine is the service's.
struct Agent {
    stream: TcpStream,
    request: String,
}

impl Agent {
    async fn connect(address: SocketAddr, ticket: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "POST /api/v1/ChatSession/Pickup HTTP/1.1\r\nhost: {address}\r\nauthorization: SoTicket {ticket}\r\n\
             accept: application/json\r\ncontent-length: 0\r\n\r\n"
        );
        Self { stream, request }
    }

    async fn pick_up(&mut self) {
        self.stream.write_all(self.request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        loop {
            assert!(self.stream.read_buf(&mut answer).await.unwrap() > 0, "the service hung up");
            let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            assert!(head.starts_with("http/1.1 200"), "{}", String::from_utf8_lossy(&answer));
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if answer.len() == end + 4 + length.parse::<usize>().unwrap() {
                return;
            }
        }
    }
}

async fn over_http(address: SocketAddr, tickets: &[String], agents: u32, pickups: u32) -> Round {
    let mut connected = Vec::new();
    for ticket in tickets.iter().take(usize::try_from(agents).unwrap()) {
        connected.push(Agent::connect(address, ticket).await);
    }
    let connected = std::sync::Mutex::new(connected);
    together(agents, pickups, |_, left| {
        let mut agent = connected.lock().unwrap().pop().unwrap();
        async move {
            let mut worst = Duration::ZERO;
            while one_more(&left) {
                let begin = Instant::now();
                agent.pick_up().await;
                worst = worst.max(begin.elapsed());
            }
            worst
        }
    })
    .await
}

async fn postgres_over_http(size: &Size, server: &str) {
    let database = PostgresDatabase::new(server, "http").await;
    let app = opened(&database.url, HTTP_AGENTS.into_iter().max().unwrap_or(1)).await;
    let mut users: Vec<User> = app.store().users().await.unwrap();
    users.sort_by_key(|user| user.id);
    let mut tickets = Vec::new();
    for user in &users {
        let issued = app.authenticator().issue(SecretKind::Ticket, user, None, "bench").await.unwrap();
        tickets.push(issued.secret.expose().to_owned());
    }
    let listener = chat_server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = app.clone();
    let serving = tokio::spawn(async move {
        chat_server::serve(listener, &served, async { drop(stopped.await) }).await.unwrap();
    });
    for agents in HTTP_AGENTS {
        let (mut raw, mut http) = (Vec::new(), Vec::new());
        for _ in 0..size.rounds {
            let fill = postgres_sessions(2 * size.pickups + 64, 0);
            database.execute(&[END_ALL, &fill, "VACUUM ANALYZE"]).await;
            raw.push(postgres_raw(&database.url, agents, size.pickups).await);
            database.execute(&[END_ALL, "VACUUM ANALYZE"]).await;
            http.push(over_http(address, &tickets, agents, size.pickups).await);
        }
        println!("PostgreSQL: {} pickups of {agents} agents, signed in by tickets, over HTTP", size.pickups);
        println!("  the same statements:  {:>8.0}/s, worst wait {:.0} ms", rate(&raw), worst(&raw).as_secs_f64() * 1e3);
        println!(
            "  over HTTP:            {:>8.0}/s, worst wait {:.0} ms",
            rate(&http),
            worst(&http).as_secs_f64() * 1e3
        );
        let name = format!("PostgreSQL: pickups of {agents} agents over HTTP over the same statements alone");
        Ratio::print(name, rate(&http) / rate(&raw), Some(Goal::AtLeast(0.5)));
    }
    stop.send(()).unwrap();
    serving.await.unwrap();
    database.drop().await;
}

async fn postgres_long_queues(size: &Size, server: &str) {
    let (few, many) = size.rows;
    let base = few.max(2 * size.samples);
    let (mut databases, mut apps) = (Vec::new(), Vec::new());
    for (number, (waiting, closed)) in [(base, few), (many, few), (base, many)].into_iter().enumerate() {
        let database = PostgresDatabase::new(server, &format!("long{number}")).await;
        apps.push(opened(&database.url, 1).await);
        database.execute(&[&postgres_sessions(waiting, closed), "VACUUM ANALYZE", "CHECKPOINT"]).await;
        databases.push(database);
    }
    let times = interleaved(&apps, size.samples).await;
    compare("PostgreSQL", "sessions that wait", size, times[0], times[1]);
    compare("PostgreSQL", "closed sessions of the agent", size, times[0], times[2]);
    for database in databases {
        database.drop().await;
    }
}
