//! The world that tests start from: a small office, a clock that stands still, cheap passwords.

mod database;
mod log;
mod wire;

use std::sync::Arc;

use chat_models::ChatSessionEntity;
use chat_server::clock::ManualClock;
use chat_server::import::Format;
use chat_server::passwords::PasswordCost;
use chat_server::{App, Config};
use chat_test_support::{TestApp, TestResponse};
use jiff::Timestamp;
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

pub(crate) use self::database::{Database, Hold, is_postgres, on_server};
pub(crate) use self::log::Log;
pub(crate) use self::wire::{Connection, Relay, exchange, is_listening};

pub(crate) const FOR_CURRENT_USER: &str = "/api/v1/ChatSession/ForCurrentUser";
pub(crate) const PICKUP: &str = "/api/v1/ChatSession/Pickup";

/// What the clock shows at first.
pub(crate) const NOW: &str = "2026-03-02T09:00:00Z";

/// Who works here, and on which topics; no sessions.
pub(crate) const OFFICE: &str = r#"
users = [
    { user = "tje0", password = "Tje0", full_name = "Terje Jensen", id = 1 },
    { user = "ingrid", password = "i", full_name = "Ingrid Solberg", id = 2 },
    { user = "lena", password = "l", full_name = "Lena Vogel", id = 3 },
    { user = "nils", password = "n", full_name = "Nils Aas", id = 4 },
    { user = "otto", password = "o", full_name = "Otto Berg", id = 5 },
    { user = "gone", password = "g", full_name = "Gone Away", id = 6, deleted = true },
]
[[topics]]
name = "Support"
id = 10
language = "en"
welcome_message = "Number {cque}, after {cavw}."
members = [
    { user = "tje0", permissions = ["respond"] },
    { user = "ingrid", permissions = ["manage"] },
    { user = "lena", permissions = ["listen"] },
    { user = "nils", permissions = ["notify"] },
]
[[topics]]
name = "Sales"
id = 11
members = [{ user = "ingrid", permissions = ["respond", "manage"] }]
[[topics]]
name = "Hjelp"
id = 12
welcome_message = "Hei!"
members = [{ user = "tje0", permissions = ["respond", "notify"] }]
"#;

/// A router whose answers are held to the contract.
pub(crate) fn test_app(router: axum::Router) -> TestApp {
    TestApp::new(router)
}

/// A service to be tested.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) http: TestApp,
    pub(crate) clock: Arc<ManualClock>,
    /// Goes last: the service lets go of it first.
    database: Database,
}

impl World {
    /// The office with these sessions.
    pub(crate) async fn with(sessions: &str) -> Self {
        let world = Self::empty().await;
        world.import(OFFICE).await;
        world.import(sessions).await;
        world
    }

    /// Nothing but the tables.
    pub(crate) async fn empty() -> Self {
        let database = Database::fresh().await;
        let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
        let app = App::open(config(&database.url(), &clock)).await.unwrap();
        Self { http: test_app(app.router()), app, clock, database }
    }

    pub(crate) async fn import(&self, toml: &str) {
        self.app.import(toml, Format::Toml).await.unwrap_or_else(|error| panic!("{error}"));
    }

    /// The configuration, for another service over the same database.
    pub(crate) fn config(&self) -> Config {
        config(&self.database.url(), &self.clock)
    }

    /// A look into the tables, past the service.
    pub(crate) async fn rows<T>(&self, sql: &str) -> Vec<T>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.database.rows(sql).await
    }

    /// The only row of a look into the tables.
    pub(crate) async fn row<T>(&self, sql: &str) -> T
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut rows = self.rows(sql).await;
        assert_eq!(rows.len(), 1, "{sql}");
        rows.remove(0)
    }

    /// A change of the tables, past the service.
    pub(crate) async fn execute(&self, sql: &str) {
        self.database.execute(sql).await;
    }

    /// What differs between the databases.
    pub(crate) fn either<'a>(&self, sqlite: &'a str, postgres: &'a str) -> &'a str {
        match self.database {
            Database::Sqlite(_) => sqlite,
            Database::Postgres { .. } => postgres,
        }
    }

    /// Keeps this user's pickups from going on.
    pub(crate) async fn hold_up_pickups_of(&self, user: &str) -> Hold {
        self.database.hold_up_pickups_of(user).await
    }

    /// Holds a session as if somebody were about to change it.
    pub(crate) async fn hold_session(&self, session: i32) -> Hold {
        self.hold(&format!("SELECT * FROM sessions WHERE session_id = {session} FOR UPDATE")).await
    }

    /// Holds what a statement locks.
    pub(crate) async fn hold(&self, sql: &str) -> Hold {
        self.database.hold(sql).await
    }

    /// Returns once a statement says true.
    pub(crate) async fn until(&self, sql: &str) {
        while self.rows::<(bool,)>(sql).await != [(true,)] {
            tokio::task::yield_now().await;
        }
    }

    /// What `user` is answered by Pickup.
    pub(crate) async fn pick_up(&self, user: &str, password: &str) -> TestResponse {
        self.http.post(PICKUP).basic(user, password).send().await
    }

    /// What `user` gets from Pickup, which must be a session.
    pub(crate) async fn picked_up(&self, user: &str, password: &str) -> ChatSessionEntity {
        let answer = self.pick_up(user, password).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.parse()
    }

    /// The sessions that `user` sees.
    pub(crate) async fn sessions_of(&self, user: &str, password: &str) -> Vec<ChatSessionEntity> {
        let answer = self.http.get(FOR_CURRENT_USER).basic(user, password).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.parse()
    }
}

pub(crate) fn config(database: &str, clock: &Arc<ManualClock>) -> Config {
    Config { password_cost: PasswordCost::CHEAP, clock: clock.clone(), ..Config::new(database) }
}

/// A waiting session of an import file.
pub(crate) fn waiting(id: usize, topic: &str, minutes_ago: usize) -> String {
    format!(
        "[[sessions]]\nid = {id}\ntopic = {topic:?}\nstatus = \"InQueue\"\nrequested = {{ minutes_ago = {minutes_ago} }}\n"
    )
}

/// A running session of an import file.
pub(crate) fn running(id: usize, topic: &str, user: &str) -> String {
    format!(
        "[[sessions]]\nid = {id}\ntopic = {topic:?}\nstatus = \"UserLast\"\nuser = {user:?}\n\
         requested = {{ minutes_ago = 60 }}\nstarted = {{ minutes_ago = 58 }}\n"
    )
}

/// Checks that an answer is an error with this status, and gives its message.
#[track_caller]
pub(crate) fn error_message(answer: &TestResponse, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["Error"], true, "{body}");
    for key in ["ErrorType", "ErrorMessage", "ErrorSource"] {
        assert!(body[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {body}");
    }
    body["ErrorMessage"].as_str().unwrap().to_owned()
}

/// The instant that a carrier's date-time names.
pub(crate) fn instant(value: Option<chat_models::DateTime>) -> Option<Timestamp> {
    value.map(|value| value.to_timestamp().expect("date-times carry their offset"))
}

pub(crate) fn ids(sessions: &[ChatSessionEntity]) -> Vec<i32> {
    sessions.iter().filter_map(|session| session.chat_session_id).collect()
}
