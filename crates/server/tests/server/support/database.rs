//! A fresh database for every test: a file, or, with `DOCWRIGHT_TEST_STORE=postgres`, a database of the server that
//! `DOCWRIGHT_TEST_POSTGRES` names. The suite is the same.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnection, PgPool, PgRow};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, Connection as _, FromRow};
use tempfile::TempDir;

/// Which store the suite runs against.
const STORE: &str = "DOCWRIGHT_TEST_STORE";
/// The URL of a PostgreSQL server's database, of a role that may make others.
const POSTGRES: &str = "DOCWRIGHT_TEST_POSTGRES";

/// How long a test waits for its database to be gone.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether this run is about PostgreSQL.
pub(crate) fn is_postgres() -> bool {
    match std::env::var(STORE).ok().as_deref() {
        None | Some("sqlite") => false,
        Some("postgres") => true,
        Some(other) => panic!("{STORE} is {other:?}: expected `sqlite` or `postgres`"),
    }
}

/// The other half of the suite: all of it once more, against PostgreSQL.
#[test]
fn whole_suite_holds_on_postgres() {
    if is_postgres() {
        return; // This is the other half.
    }
    if std::env::var_os(POSTGRES).is_none() {
        // Past libtest, which shows nothing of tests that pass.
        use std::io::Write as _;
        writeln!(std::io::stderr(), "SKIPPED: the suite on PostgreSQL, because {POSTGRES} names no server").unwrap();
        return;
    }
    let output = Command::new(std::env::current_exe().unwrap()).env(STORE, "postgres").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "on PostgreSQL:\n{out}\n{err}");
}

/// A database that goes with the test.
pub(crate) enum Database {
    Sqlite(TempDir),
    Postgres { url: String, name: String },
}

impl Database {
    pub(crate) async fn fresh() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);

        if !is_postgres() {
            return Self::Sqlite(tempfile::tempdir().unwrap());
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("docwright_test_{}_{number}", std::process::id());
        on_server(format!("CREATE DATABASE {name}")).await;
        Self::Postgres { url: url_of(&name), name }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}", folder.path().join("chat.db").display()),
            Self::Postgres { url, .. } => url.clone(),
        }
    }

    /// A look into the tables, past the service.
    pub(crate) async fn rows<T>(&self, sql: &str) -> Vec<T>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => sqlx::query_as(sql).fetch_all(&self.sqlite().await).await.unwrap(),
            Self::Postgres { url, .. } => {
                sqlx::query_as(sql).fetch_all(&PgPool::connect(url).await.unwrap()).await.unwrap()
            }
        }
    }

    pub(crate) async fn execute(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => drop(sqlx::query(sql).execute(&self.sqlite().await).await.unwrap()),
            Self::Postgres { url, .. } => {
                sqlx::query(sql).execute(&PgPool::connect(url).await.unwrap()).await.unwrap();
            }
        }
    }

    /// Keeps this user's pickups from going on.
    pub(crate) async fn hold_up_pickups_of(&self, user: &str) -> Hold {
        match self {
            Self::Sqlite(_) => Hold::Sqlite(self.sqlite().await.begin_with("BEGIN IMMEDIATE").await.unwrap()),
            Self::Postgres { url, .. } => {
                let mut transaction = PgPool::connect(url).await.unwrap().begin().await.unwrap();
                let lock = sqlx::query("SELECT * FROM users WHERE user_name = $1 FOR UPDATE").bind(user);
                lock.fetch_one(&mut *transaction).await.unwrap();
                Hold::Postgres(transaction)
            }
        }
    }

    /// Holds what a statement locks.
    pub(crate) async fn hold(&self, sql: &str) -> Hold {
        match self {
            Self::Sqlite(_) => unreachable!("SQLite locks no rows"),
            Self::Postgres { url, .. } => {
                let mut transaction = PgPool::connect(url).await.unwrap().begin().await.unwrap();
                sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_one(&mut *transaction).await.unwrap();
                Hold::Postgres(transaction)
            }
        }
    }

    async fn sqlite(&self) -> SqlitePool {
        SqlitePool::connect(&self.url()).await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Self::Postgres { name, .. } = self else { return };
        let statement = format!("DROP DATABASE {name} WITH (FORCE)");
        let (done, is_done) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(on_server(statement));
            done.send(()).ok();
        });
        // A connection that the test had just begun holds up the server until the test's own runtime ends, which waits
        // here: the rest is done without the test. One that failed already says why itself.
        is_done.recv_timeout(PATIENCE).ok();
    }
}

/// What keeps pickups from going on.
pub(crate) enum Hold {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl Hold {
    pub(crate) async fn release(self) {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await.unwrap(),
            Self::Postgres(transaction) => transaction.rollback().await.unwrap(),
        }
    }

    /// Changes what is held.
    pub(crate) async fn change(self, sql: &'static str) {
        let Self::Postgres(mut transaction) = self else { unreachable!("SQLite locks no rows") };
        sqlx::query(sql).execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

/// Runs a statement beside the tests' databases.
pub(crate) async fn on_server(statement: String) {
    let mut connection = PgConnection::connect(&server()).await.unwrap();
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn server() -> String {
    std::env::var(POSTGRES).unwrap_or_else(|_| panic!("{POSTGRES} must name a server"))
}

/// The server's URL with another database.
fn url_of(database: &str) -> String {
    let server = server();
    let (head, parameters) = server.split_once('?').map_or((&*server, None), |(head, query)| (head, Some(query)));
    let (head, _) = head.rsplit_once('/').expect("a URL that names a database");
    match parameters {
        Some(parameters) => format!("{head}/{database}?{parameters}"),
        None => format!("{head}/{database}"),
    }
}
