//! The PostgreSQL store: several servers may share one database.
//!
//! Transactions run side by side; those that got into each other's way are tried again, and so are those whose connection
//! was lost before anything was committed. The statements are those of both databases: `store/sql`.

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

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection as _, Postgres};
use tracing::Instrument as _;

use self::dialect::Connection;
pub(super) use self::dialect::is_busy;
use super::job::Work;
use super::{Kind, StoreError, Wire, without_secrets};

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// Of one server. PostgreSQL allows 100 to all of them, unless told otherwise.
const CONNECTIONS: u32 = 16;

/// Longer than a database needs that is well, short enough for a caller to be told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(4);

/// A connection that was used this recently is taken to be alive.
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// A connection of a load that is over goes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Settings of every connection: who waits for a lock, or has stopped in the middle of a transaction, must not hold up
/// everybody else for long.
const OPTIONS: [(&str, &str); 2] = [("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "60s")];

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
        }
    }

    /// Whether the connection is in a transaction that somebody else left on it.
    fn is_left_over(&self) -> bool {
        matches!(self, Self::Before(StoreError::Database(error)) if dialect::is_left_over(error))
    }

    fn into_error(self) -> StoreError {
        match self {
            Self::Before(error) => error,
            Self::Commit(error) => error.into(),
        }
    }
}

impl PostgresStore {
    /// Opens the database at `postgres://USER@HOST/DATABASE`, which must be there, and brings its tables up to date.
    ///
    /// # Errors
    /// See [`super::open`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect(url).await?;
        MIGRATIONS.run(&store.pool).await.map_err(StoreError::Migrate)?;
        Ok(store)
    }

    /// The same, but where none of the tables is there they are not made.
    ///
    /// # Errors
    /// See [`super::open_existing`].
    pub async fn open_existing(url: &str) -> Result<Self, StoreError> {
        let store = Self::connect(url).await?;
        let has_tables: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
            .fetch_one(&store.pool)
            .await
            .map_err(|source| StoreError::Open { url: without_secrets(url), source })?;
        if !has_tables {
            return Err(StoreError::NoTables { url: without_secrets(url) });
        }
        MIGRATIONS.run(&store.pool).await.map_err(StoreError::Migrate)?;
        Ok(store)
    }

    async fn connect(url: &str) -> Result<Self, StoreError> {
        let wrong = |reason: String| StoreError::Url { url: without_secrets(url), reason };
        if Kind::of(url) != Some(Kind::Postgres) {
            return Err(wrong("expected `postgres://USER@HOST/DATABASE`".to_owned()));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| wrong(error.to_string()))?.options(OPTIONS);
        let options = match options.get_application_name() {
            Some(_) => options,
            None => options.application_name("chat-server"),
        };
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(IDLE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move {
                    if used.idle_for < TRUSTED_FOR {
                        return Ok(true);
                    }
                    Ok(connection.ping().await.is_ok())
                })
            })
            .connect_with(options)
            .await
            .map_err(|source| StoreError::Open { url: without_secrets(url), source })?;
        Ok(Self { pool })
    }

    /// Runs one statement that only reads.
    async fn look<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.attempt(None, job).await
    }

    /// Runs statements that only read, and see one state of the database.
    async fn read<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.attempt(Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), job).await
    }

    /// Runs statements that write: all of them, or, when the job fails, none. They are committed once it returns.
    async fn write<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T> + Clone + Send + 'static,
    {
        self.attempt(Some("BEGIN ISOLATION LEVEL READ COMMITTED"), job).await
    }

    /// Runs a job, in a transaction where `begin` says how it begins, until it succeeds or must not be run again.
    async fn attempt<T, F>(&self, begin: Option<&'static str>, job: F) -> Result<T, StoreError>
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
                    let result = match begin {
                        Some(begin) => transaction(&mut connection, begin, job).await,
                        None => job(&mut connection).await.map_err(Failure::Before),
                    };
                    if result.as_ref().is_err_and(Failure::is_left_over) {
                        connection.close_on_drop();
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
            if attempt == 1 || connection.ping().await.is_ok() {
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

async fn transaction<T, F>(connection: &mut Connection, begin: &'static str, job: F) -> Result<T, Failure>
where
    F: for<'c> FnOnce(&'c mut Connection) -> Work<'c, T>,
{
    let mut transaction = connection.begin_with(begin).await.map_err(Failure::database)?;
    let value = job(&mut transaction).await.map_err(Failure::Before)?;
    transaction.commit().await.map_err(Failure::Commit)?;
    Ok(value)
}
