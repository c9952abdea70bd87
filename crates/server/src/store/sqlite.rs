//! The SQLite store: one connection that writes, several that read.
//!
//! SQLite lets one transaction write at a time. With a single writing connection transactions queue up fairly in this
//! process instead of failing with "database is locked"; the busy time-out is for other processes on the same file.

mod accounts;
mod credentials;
mod familiar;
mod file;
mod import;
mod pickup;
mod rows;
mod sessions;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};

use self::rows::{LoginRow, UserRow};
use super::{Inventory, NewUser, Store, StoreError};
use crate::import::Batch;
use crate::records::{AssociateId, Login, SessionView, User};
use crate::rules::text::Composer;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;

/// A store in an SQLite file or in memory.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    reader: SqlitePool,
}

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
        let wrong = |reason: &str| StoreError::Url { url: without_user(url), reason: reason.to_owned() };
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
        let writer = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(|source| StoreError::Open { url: without_user(url), source })?;
        MIGRATIONS.run(&writer).await.map_err(StoreError::Migrate)?;
        // Readers of a shared in-memory database would fail on the writer's table locks: there one connection does all.
        let reader = if in_memory { writer.clone() } else { pool(READERS).connect_lazy_with(options) };
        Ok(Self { writer, reader })
    }

    /// Starts a transaction that writes. It takes the lock at once: one that upgrades later could fail half-way.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Connections that stay: an in-memory database would vanish with its last one.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
}

#[async_trait]
impl Store for SqliteStore {
    async fn check(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM topics LIMIT 1").fetch_optional(&self.reader).await?;
        Ok(())
    }

    async fn login(&self, user_name: &str) -> Result<Option<Login>, StoreError> {
        // The column collates without case; signing in does not.
        let row = sqlx::query_as::<_, LoginRow>(
            "SELECT * FROM users WHERE user_name = $1 AND user_name = $1 COLLATE BINARY AND NOT deleted
                AND NOT disabled",
        )
        .bind(user_name)
        .fetch_optional(&self.reader)
        .await?;
        Ok(row.map(Login::from))
    }

    async fn sessions_for(&self, caller: AssociateId) -> Result<Vec<SessionView>, StoreError> {
        let mut transaction = self.reader.begin().await?;
        let views = sessions::visible_to(&mut transaction, caller).await?;
        transaction.commit().await?;
        Ok(views)
    }

    async fn pick_up_first(
        &self,
        caller: AssociateId,
        now: Timestamp,
        composer: &Composer,
    ) -> Result<Option<SessionView>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(session) = pickup::first(&mut transaction, caller, now, composer).await? else {
            return Ok(None);
        };
        let view = sessions::one(&mut transaction, caller, session).await?;
        transaction.commit().await?;
        Ok(Some(view))
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows =
            sqlx::query_as::<_, UserRow>("SELECT * FROM users ORDER BY user_name").fetch_all(&self.reader).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    async fn add_user(&self, user: NewUser) -> Result<AssociateId, StoreError> {
        let mut transaction = self.begin().await?;
        let id = import::insert_user(&mut transaction, &user).await?;
        transaction.commit().await?;
        Ok(id)
    }

    async fn is_empty(&self) -> Result<bool, StoreError> {
        let found: i64 = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM users) OR EXISTS (SELECT 1 FROM topics)")
            .fetch_one(&self.reader)
            .await?;
        Ok(found == 0)
    }

    async fn inventory(&self) -> Result<Inventory, StoreError> {
        let mut transaction = self.reader.begin().await?;
        let inventory = import::inventory(&mut transaction).await?;
        transaction.commit().await?;
        Ok(inventory)
    }

    async fn import(&self, batch: Batch) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        import::batch(&mut transaction, &batch).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Whether another process holds the lock (`SQLITE_BUSY`, `SQLITE_LOCKED` and their extended codes).
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// A database's address without the user and password that it may name: errors end up in logs.
fn without_user(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let authority = rest.split('/').next().unwrap_or_default();
            let kept = authority.rfind('@').map_or(rest, |at| &rest[at + 1..]);
            format!("{scheme}://{kept}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_user;

    #[test]
    fn addresses_are_shown_without_passwords() {
        for (url, shown) in [
            ("postgres://u:p@ss@h:1/db", "postgres://h:1/db"),
            ("postgres://h/db@x", "postgres://h/db@x"),
            ("sqlite://chat.db", "sqlite://chat.db"),
            ("chat.db", "chat.db"),
        ] {
            assert_eq!(without_user(url), shown);
        }
    }
}
