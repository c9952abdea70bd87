//! Connections that read, kept at hand.
//!
//! sqlx's pool asks a connection's thread for a sign of life before it hands the connection out and again when it gets it
//! back. On a file that is next door that takes as long as two statements: so connections that have done their work stay
//! here. What did not come to its end goes back to the pool, which sees to it that nothing is left half done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqlitePool;
use sqlx::{Error, Sqlite};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Hands out connections, as many at a time as the pool has.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    pool: SqlitePool,
    places: Arc<Semaphore>,
    idle: Arc<Mutex<Idle>>,
    patience: Duration,
    /// Whether connections may stay: others must not wait for them.
    keeps: bool,
}

/// Connections that have nothing to do.
#[derive(Debug, Default)]
struct Idle(Vec<PoolConnection<Sqlite>>);

impl Drop for Idle {
    /// The way back to the pool needs a runtime, which may have ended before the store does.
    fn drop(&mut self) {
        self.0.drain(..).for_each(|connection| drop(connection.detach()));
    }
}

/// A connection that is in use. [`Readers::done`] keeps it; dropped, it goes to the pool.
pub(super) struct Reader<'r> {
    pub(super) connection: PoolConnection<Sqlite>,
    _place: SemaphorePermit<'r>,
}

impl Readers {
    /// Over a pool that nobody else takes connections from. Who waits longer than `patience` is told so.
    pub(super) fn over(pool: SqlitePool, patience: Duration) -> Self {
        Self::new(pool, patience, true)
    }

    /// Over a pool that others need as well.
    pub(super) fn beside_others(pool: SqlitePool, patience: Duration) -> Self {
        Self::new(pool, patience, false)
    }

    fn new(pool: SqlitePool, patience: Duration, keeps: bool) -> Self {
        let places = usize::try_from(pool.options().get_max_connections()).unwrap_or(1);
        Self { pool, places: Arc::new(Semaphore::new(places)), idle: Arc::default(), patience, keeps }
    }

    /// A connection, once there is one.
    pub(super) async fn reader(&self) -> Result<Reader<'_>, Error> {
        tokio::time::timeout(self.patience, self.next()).await.map_err(|_| Error::PoolTimedOut)?
    }

    async fn next(&self) -> Result<Reader<'_>, Error> {
        let place = self.places.acquire().await.map_err(|_| Error::PoolClosed)?;
        let idle = self.lock().0.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        Ok(Reader { connection, _place: place })
    }

    /// Takes back a connection that has nothing left to do.
    pub(super) fn done(&self, reader: Reader<'_>) {
        let mut idle = self.lock();
        // Asked under the lock: what is put here after `close` would never be let go.
        if self.keeps && !self.places.is_closed() {
            idle.0.push(reader.connection);
        }
    }

    /// Lets go of all connections, once they are done. No others are handed out.
    pub(super) async fn close(&self) {
        self.places.close();
        self.lock().0.clear();
        self.pool.close().await;
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        // A list of connections is whole at any moment.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    /// Each connection has a database of its own, by which it is known again.
    async fn readers(connections: u32, patience: Duration) -> Readers {
        let pool = SqlitePoolOptions::new().max_connections(connections).connect("sqlite::memory:").await.unwrap();
        Readers::over(pool, patience)
    }

    #[tokio::test]
    async fn connection_that_has_done_its_work_is_handed_out_again() {
        let readers = readers(2, Duration::from_secs(60)).await;
        let mut reader = readers.reader().await.unwrap();
        sqlx::query("CREATE TABLE known (x)").execute(&mut *reader.connection).await.unwrap();
        let other = readers.reader().await.unwrap();
        readers.done(reader);
        assert_eq!(readers.lock().0.len(), 1, "it stays here");
        let mut again = readers.reader().await.unwrap();
        sqlx::query("SELECT * FROM known").execute(&mut *again.connection).await.unwrap();
        drop(other);
    }

    #[tokio::test]
    async fn what_did_not_come_to_its_end_is_rolled_back_before_it_is_handed_out() {
        let readers = readers(1, Duration::from_secs(60)).await;
        let mut reader = readers.reader().await.unwrap();
        let mut open = reader.connection.begin().await.unwrap();
        sqlx::query("CREATE TABLE half (x)").execute(&mut *open).await.unwrap();
        drop(open);
        drop(reader);
        let mut next = readers.reader().await.unwrap();
        assert!(sqlx::query("SELECT * FROM half").execute(&mut *next.connection).await.is_err());
    }

    #[tokio::test]
    async fn who_waits_too_long_is_told_so() {
        let readers = readers(1, Duration::from_millis(20)).await;
        let reader = readers.reader().await.unwrap();
        assert!(matches!(readers.reader().await, Err(Error::PoolTimedOut)));
        // What is dropped goes to the pool, which hands it out as before.
        drop(reader);
        let patient = Readers { patience: Duration::from_secs(60), ..readers.clone() };
        patient.done(patient.reader().await.unwrap());
    }

    #[tokio::test]
    async fn closing_waits_for_who_reads_and_lets_nobody_else_in() {
        let readers = readers(2, Duration::from_secs(60)).await;
        let reader = readers.reader().await.unwrap();
        readers.done(readers.reader().await.unwrap());
        let closing = tokio::spawn({
            let readers = readers.clone();
            async move { readers.close().await }
        });
        while !readers.places.is_closed() {
            tokio::task::yield_now().await;
        }
        assert!(!closing.is_finished());
        readers.done(reader);
        closing.await.unwrap();
        assert!(matches!(readers.reader().await, Err(Error::PoolClosed)));
    }

    #[test]
    fn store_may_outlive_its_runtime() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let readers = runtime.block_on(async {
            let readers = readers(1, Duration::from_secs(60)).await;
            readers.done(readers.reader().await.unwrap());
            readers
        });
        drop(runtime);
        drop(readers);
    }
}
