//! The PostgreSQL store: several servers may share one database.
//!
//! Transactions run side by side; those that got into each other's way are tried again, and so are those whose connection
//! was lost before anything was committed. The statements are those of both databases: `store/sql`.

mod connect;
mod dialect;
mod pickup_sql;
mod wire;

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

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Connection as _, Postgres};
use tokio::time::timeout;
use tracing::Instrument as _;

use self::dialect::Connection;
pub(super) use self::dialect::is_busy;
use super::job::Work;
use super::{StoreError, Wire, migration_failed, without_secrets};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// Of one server. PostgreSQL allows 100 to all of them, unless told otherwise.
const CONNECTIONS: u32 = 16;

/// Longer than a database needs that is well, short enough for a caller to be told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);

/// A connection that was used this recently is taken to be alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A connection of a load that is over goes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// A connection that is alive answers by then when it is asked.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// A job that takes longer waits for a connection whose other side vanished without a word: no answer would come on it,
/// and it would be missing for ever. Longer than anybody waits for a lock, shorter than a request may take.
const JOB_TIMEOUT: Duration = Duration::from_secs(15);

/// The same where somebody waits on purpose, for much to be written.
const LONG_JOB_TIMEOUT: Duration = Duration::from_hours(12);

/// How a transaction that writes begins.
const WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// A job that others get in the way of is run so often.
const ATTEMPTS: u32 = 5;

/// A store in a PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
}

/// The name under which the shared files know the store.
type Backend = PostgresStore;

/// What a job failed with, and how far it came.
enum Failure {
    /// Nothing of it can have been committed.
    Before(StoreError),
    /// The commit failed.
    Commit(sqlx::Error),
    /// No answer came. Whether the job got as far as its commit nobody knows.
    Silence,
}

impl Failure {
    fn database(error: sqlx::Error) -> Self {
        Self::Before(error.into())
    }

    /// Whether the job may be run again.
    fn may_pass(&self) -> bool {
        match self {
            Self::Before(StoreError::Database(error)) => {
                dialect::is_conflict(error) || dialect::is_lost(error) || dialect::is_left_over(error)
            }
            Self::Before(_) => false,
            // Of a commit whose answer was lost nobody knows what became.
            Self::Commit(error) => dialect::is_conflict(error),
            Self::Silence => false,
        }
    }

    /// Whether the connection is of no use any more: nothing is heard on it, or it is in a transaction that somebody else
    /// left on it.
    fn spoils_connection(&self) -> bool {
        match self {
            Self::Before(StoreError::Database(error)) => dialect::is_left_over(error),
            Self::Before(_) | Self::Commit(_) => false,
            Self::Silence => true,
        }
    }

    fn into_error(self) -> StoreError {
        match self {
            Self::Before(error) => error,
            Self::Commit(error) => error.into(),
            Self::Silence => sqlx::Error::Io(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("the database did not answer within {} seconds", JOB_TIMEOUT.as_secs()),
            ))
            .into(),
        }
    }
}

impl PostgresStore {
    /// Opens the database at `postgres://USER@HOST/DATABASE`, which must be there, and brings its tables up to date.
    ///
    /// # Errors
    /// See [`super::open`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, true).await
    }

    /// The same, but where none of the tables is there they are not made.
    ///
    /// # Errors
    /// See [`super::open_existing`].
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, false).await
    }

    async fn open_with(url: &str, may_make_tables: bool) -> Result<Self, StoreError> {
        let options = connect::options(url)?;
        let failed = |source| StoreError::Open { url: without_secrets(url), source };
        let mut connection = connect::for_migrations(&options, ACQUIRE_TIMEOUT).await.map_err(failed)?;
        if !may_make_tables {
            let has_tables: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
                .fetch_one(&mut connection)
                .await
                .map_err(failed)?;
            if !has_tables {
                return Err(StoreError::NoTables { url: without_secrets(url) });
            }
        }
        // Not `run`: the compiler cannot prove that its future may move between threads.
        MIGRATIONS.run_direct(None, &mut connection, false).await.map_err(migration_failed)?;
        connection.close().await.map_err(failed)?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(IDLE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move { Ok(used.idle_for < TRUSTED_FOR || is_alive(connection).await) })
            })
            .connect_lazy_with(connect::for_service(options));
        Ok(Self { pool })
    }

    /// Runs one statement that only reads.
    async fn look<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.attempt(None, JOB_TIMEOUT, job).await
    }

    /// Runs statements that only read, and see one state of the database.
    async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.attempt(Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), JOB_TIMEOUT, job).await
    }

    /// Runs statements that write: all of them, or, when the job fails, none. They are committed once it returns.
    async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.attempt(Some(WRITING), JOB_TIMEOUT, job).await
    }

    /// The same for so much that it takes long.
    async fn write_much<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.attempt(Some(WRITING), LONG_JOB_TIMEOUT, job).await
    }

    /// Runs a job, in a transaction where `begin` says how it begins, until it succeeds or must not be run again.
    async fn attempt<T, F>(&self, begin: Option<&'static str>, limit: Duration, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        let mut attempt = 1;
        loop {
            // A caller that gives up here has begun nothing.
            let mut connection = self.connection(attempt).await?;
            let job = job.clone();
            // From here on it goes to its end, also when nobody waits for it any more: dropped half-way, while the
            // database is asked to begin, it would leave the transaction open on a connection that goes back to the pool,
            // where the next one would see the state of long ago.
            let running = tokio::spawn(
                async move {
                    let work = async {
                        match begin {
                            Some(begin) => transaction(&mut connection, begin, job).await,
                            None => job(&mut connection).await.map_err(Failure::Before),
                        }
                    };
                    let result = timeout(limit, work).await.unwrap_or(Err(Failure::Silence));
                    match result.as_ref().is_err_and(Failure::spoils_connection) {
                        true => connection.close_on_drop(),
                        false => give_back(connection),
                    }
                    result
                }
                .in_current_span(),
            );
            match running.await {
                Ok(Err(failure)) if attempt < ATTEMPTS && failure.may_pass() => attempt += 1,
                Ok(result) => return result.map_err(Failure::into_error),
                Err(error) => match error.try_into_panic() {
                    // As if the job had run in the caller's own task.
                    Ok(panic) => std::panic::resume_unwind(panic),
                    // The runtime ends, and the caller with it.
                    Err(_) => return Err(sqlx::Error::WorkerCrashed.into()),
                },
            }
        }
    }

    /// A connection: for a second attempt one that is alive, because the first may have failed for a dead one, and where
    /// one is dead all may be.
    async fn connection(&self, attempt: u32) -> Result<PoolConnection<Postgres>, StoreError> {
        loop {
            let mut connection = self.pool.acquire().await?;
            if attempt == 1 || is_alive(&mut connection).await {
                return Ok(connection);
            }
            connection.close_on_drop();
        }
    }

    /// Carries notices between servers.
    fn own_wire(&self) -> Option<Arc<dyn Wire>> {
        Some(Arc::new(wire::PgWire::new((*self.pool.connect_options()).clone())))
    }

    async fn close_all(&self) {
        self.pool.close().await;
    }
}

/// Gives a connection back to its pool, which asks it for a sign of life first, for as long as it takes: where there is
/// nobody at the other end any more, the pool would lack it for ever.
fn give_back(mut connection: PoolConnection<Postgres>) {
    tokio::spawn(timeout(PING_TIMEOUT, connection.return_to_pool()));
}

/// Whether something is at the other end of a connection.
async fn is_alive(connection: &mut Connection) -> bool {
    matches!(timeout(PING_TIMEOUT, connection.ping()).await, Ok(Ok(())))
}

async fn transaction<T, F>(connection: &mut Connection, begin: &'static str, job: F) -> Result<T, Failure>
where
    F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T>,
{
    let mut transaction = connection.begin_with(begin).await.map_err(Failure::database)?;
    let value = job(&mut transaction).await.map_err(Failure::Before)?;
    transaction.commit().await.map_err(Failure::Commit)?;
    Ok(value)
}
