//! The office that several benchmarks fill: agents, topics that all of them serve, and sessions in any number.

use sqlx::SqliteConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

/// Topics that every agent serves.
const TOPICS: u32 = 4;

/// The password of every agent.
pub(crate) const PASSWORD: &str = "p";

/// All sessions end, so that agents have no more of them in one round than in another.
pub(crate) const END_ALL: &str =
    "UPDATE sessions SET status = 'Closed', rank = 0 WHERE status IN ('CustomerLast', 'UserLast')";

/// An import of the agents `agent1` to the last, with topics that all of them serve.
pub(crate) fn office(agents: u32) -> String {
    let all: Vec<u32> = (1..=agents).collect();
    users(agents) + &(1..=TOPICS).map(|id| topic(id, &all)).collect::<String>()
}

/// The agents.
pub(crate) fn users(agents: u32) -> String {
    (1..=agents)
        .map(|id| {
            format!(
                "[[users]]\nuser = \"agent{id}\"\npassword = \"{PASSWORD}\"\nfull_name = \"agent{id}\"\nid = {id}\n"
            )
        })
        .collect()
}

/// The topic `T` with its number, and who serves it.
pub(crate) fn topic(id: u32, agents: &[u32]) -> String {
    let member = |agent: &u32| format!("{{ user = \"agent{agent}\", permissions = [\"respond\"] }}");
    let members = agents.iter().map(member).collect::<Vec<_>>().join(", ");
    format!("[[topics]]\nname = \"T{id}\"\nid = {id}\nwelcome_message = \"Hi {{cque}}\"\nmembers = [{members}]\n")
}

/// A statement that adds sessions, which wait in turn in all topics, or were the first agent's. `numbers` are the rows
/// `n`, from 1 on; the first was requested at `since`, in microseconds, and each a second after the one before.
pub(crate) fn sessions(numbers: &str, closed: u32, since: i64) -> String {
    format!(
        "INSERT INTO sessions (topic_id, status, user_id, rank, when_requested, when_ended, session_key, customer_name,
                               customer_email, first_message, last_message)
         SELECT 1 + n % {TOPICS}, CASE WHEN n > {closed} THEN 'InQueue' ELSE 'Closed' END,
                CASE WHEN n > {closed} THEN NULL ELSE 1 END, CASE WHEN n > {closed} THEN 0 ELSE 1 END,
                {since} + n * 1000000, CASE WHEN n > {closed} THEN NULL ELSE {since} + n * 1000000 END,
                'key ' || {marker} || n, 'Kari Nordmann', 'kari' || n || '@example.com', 'Hello, where is my order?',
                'Hello, where is my order?'
           FROM ({numbers}) AS numbers",
        marker = "(SELECT coalesce(max(session_id), 0) FROM sessions) || ' '"
    )
}

/// The same for SQLite.
pub(crate) fn sqlite_sessions(waiting: u32, closed: u32, since: i64) -> String {
    let numbers = format!(
        "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {}) SELECT n FROM c",
        waiting + closed
    );
    sessions(&numbers, closed, since)
}

/// A connection with the service's own settings.
pub(crate) async fn sqlite(url: &str) -> Result<SqliteConnection, sqlx::Error> {
    let options: SqliteConnectOptions = url.parse()?;
    let options = options.foreign_keys(true).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    sqlx::ConnectOptions::connect(&options).await
}
