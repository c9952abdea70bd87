//! The SQLite store: one connection that writes, several that read.
//!
//! SQLite lets one transaction write at a time, so a task of this process does all the writing ([`writer`]); the busy
//! time-out is for other processes on the same file. The statements are those of both databases: `store/sql`.

mod dialect;
mod file;
mod pickup_sql;
mod readers;
mod writer;

#[path = "sql/accounts.rs"]
mod accounts;
#[path = "sql/applications.rs"]
mod applications;
#[path = "sql/browser_sessions.rs"]
mod browser_sessions;
#[path = "sql/change.rs"]
mod change;
#[path = "sql/credentials.rs"]
mod credentials;
#[path = "sql/familiar.rs"]
mod familiar;
#[path = "sql/feed.rs"]
mod feed;
#[path = "sql/idempotency.rs"]
mod idempotency;
#[path = "sql/import.rs"]
mod import;
#[path = "sql/life.rs"]
mod life;
#[path = "sql/members.rs"]
mod members;
#[path = "sql/messages.rs"]
mod messages;
#[path = "sql/pickup.rs"]
mod pickup;
#[path = "sql/presence.rs"]
mod presence;
#[path = "sql/queue.rs"]
mod queue;
#[path = "sql/retention.rs"]
mod retention;
#[path = "sql/rows.rs"]
mod rows;
#[path = "sql/secrets.rs"]
mod secrets;
#[path = "sql/session_pages.rs"]
mod session_pages;
#[path = "sql/sessions.rs"]
mod sessions;
#[path = "sql/start.rs"]
mod start;
#[path = "sql/store.rs"]
mod store;
#[path = "sql/texts.rs"]
mod texts;
#[path = "sql/topic_rows.rs"]
mod topic_rows;
#[path = "sql/topics.rs"]
mod topics;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use tokio::time::{Instant, sleep};

use self::dialect::Connection;
pub(super) use self::dialect::is_busy;
use self::readers::Readers;
use self::writer::Writer;
use super::job::Work;
use super::{StoreError, Wire, migration_failed, without_secrets};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_PAUSE: Duration = Duration::from_millis(20);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

/// A store in an SQLite file or in memory.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
}

/// The name under which the shared files know the store.
type Backend = SqliteStore;

impl SqliteStore {
    /// Opens `sqlite://FILE` (made when missing) or `sqlite::memory:` and brings the tables up to date.
    ///
    /// # Errors
    /// See [`super::open`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, file::prepare).await
    }

    /// The same, but a file that is missing is not made.
    ///
    /// # Errors
    /// See [`super::open_existing`].
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, file::require).await
    }

    async fn open_with(url: &str, see_to: fn(&Path) -> Result<(), StoreError>) -> Result<Self, StoreError> {
        let wrong = |reason: &str| StoreError::Url { url: without_secrets(url), reason: reason.to_owned() };
        let Some(path) = url.strip_prefix("sqlite:") else {
            return Err(wrong("expected `sqlite://FILE`, for example `sqlite://chat.db`, or `sqlite::memory:`"));
        };
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(wrong("a file name is missing, as in `sqlite://chat.db`"));
        }
        let in_memory =
            path == ":memory:" || path.split_once('?').is_some_and(|(_, query)| query.contains("mode=memory"));
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| wrong(&error.to_string()))?
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .journal_mode(if in_memory { SqliteJournalMode::Memory } else { SqliteJournalMode::Wal })
            .synchronous(SqliteSynchronous::Full);
        if !in_memory {
            see_to(options.get_filename())?;
        }
        let writer =
            open_writer(&options).await.map_err(|source| StoreError::Open { url: without_secrets(url), source })?;
        migrate(&writer).await?;
        // Readers of a shared in-memory database would fail on the writer's table locks: there one connection does all.
        let readers = match in_memory {
            true => Readers::beside_others(writer.clone(), ACQUIRE_TIMEOUT),
            false => Readers::over(pool(READERS).connect_lazy_with(options), ACQUIRE_TIMEOUT),
        };
        Ok(Self { writer: Writer::start(writer), readers })
    }

    /// Runs one statement that only reads.
    async fn look<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        let mut reader = self.readers.reader().await?;
        let found = job(&mut reader.connection).await?;
        self.readers.done(reader);
        Ok(found)
    }

    /// Runs statements that only read, and see one state of the database.
    async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        let mut reader = self.readers.reader().await?;
        let mut transaction = reader.connection.begin().await?;
        let found = job(&mut transaction).await?;
        transaction.commit().await?;
        self.readers.done(reader);
        Ok(found)
    }

    /// Runs statements that write: all of them, or, when the job fails, none. They are committed once it returns.
    async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.writer.run(job).await
    }

    /// The same for so much that it takes long.
    async fn write_much<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.write(job).await
    }

    /// A file is one server's.
    fn own_wire(&self) -> Option<Arc<dyn Wire>> {
        None
    }

    async fn close_all(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }
}

/// The one connection that writes. While another process makes the same new file ready, SQLite does not wait by itself.
async fn open_writer(options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let began = Instant::now();
    loop {
        match pool(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && began.elapsed() < BUSY_TIMEOUT => sleep(BUSY_PAUSE).await,
            result => return result,
        }
    }
}

/// Brings the tables up to date: all of it, or nothing. Whoever comes second waits, and finds it done.
async fn migrate(writer: &SqlitePool) -> Result<(), StoreError> {
    let mut connection = writer.acquire().await?;
    sqlx::query("PRAGMA busy_timeout = 600000").execute(&mut *connection).await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    // Not `run`: the compiler cannot prove that its future may move between threads.
    MIGRATIONS.run_direct(None, &mut *transaction, false).await.map_err(migration_failed)?;
    transaction.commit().await?;
    // As it was: the connection stays the one that writes.
    sqlx::query("PRAGMA busy_timeout = 5000").execute(&mut *connection).await?;
    Ok(())
}

/// Connections that stay: an in-memory database would vanish with its last one.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
}
