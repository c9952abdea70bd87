//! Groups, neighbours and ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::*;

/// A writer over a table of numbers, and how often it committed.
struct Fixture {
    writer: Writer,
    pool: SqlitePool,
    commits: Arc<AtomicUsize>,
}

async fn fixture(options: SqliteConnectOptions) -> Fixture {
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&commits);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .after_connect(move |connection, _| {
            let counted = Arc::clone(&counted);
            Box::pin(async move {
                connection.lock_handle().await?.set_commit_hook(move || {
                    counted.fetch_add(1, Ordering::SeqCst);
                    true
                });
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .unwrap();
    sqlx::query("CREATE TABLE numbers (n INTEGER NOT NULL UNIQUE)").execute(&pool).await.unwrap();
    commits.store(0, Ordering::SeqCst);
    Fixture { writer: Writer::start(pool.clone()), pool, commits }
}

async fn in_memory() -> Fixture {
    fixture(SqliteConnectOptions::new().in_memory(true)).await
}

impl Fixture {
    async fn add(&self, number: i64) -> Result<i64, StoreError> {
        self.writer.run(move |connection| Box::pin(insert(connection, number))).await
    }

    async fn numbers(&self) -> Vec<i64> {
        sqlx::query_scalar("SELECT n FROM numbers ORDER BY n").fetch_all(&self.pool).await.unwrap()
    }
}

async fn insert(connection: &mut SqliteConnection, number: i64) -> Result<i64, StoreError> {
    sqlx::query("INSERT INTO numbers VALUES ($1)").bind(number).execute(connection).await?;
    Ok(number)
}

#[tokio::test]
async fn jobs_that_wait_together_share_a_commit() {
    let fixture = in_memory().await;
    let answers = join_all((0..200).map(|number| fixture.add(number))).await;
    assert_eq!(answers.into_iter().map(Result::unwrap).collect::<Vec<_>>(), (0..200).collect::<Vec<_>>());
    assert_eq!(fixture.commits.load(Ordering::SeqCst), 200_usize.div_ceil(MAX_GROUP));
}

#[tokio::test]
async fn failing_job_takes_back_its_own_changes_only() {
    let fixture = in_memory().await;
    let fails = fixture.writer.run::<(), _>(|connection| {
        Box::pin(async move {
            insert(connection, 7).await?;
            Err(StoreError::SignedOut)
        })
    });
    let (first, failed, last) = tokio::join!(fixture.add(1), fails, fixture.add(2));
    assert!(first.is_ok() && last.is_ok());
    assert!(matches!(failed, Err(StoreError::SignedOut)));
    // Alone in its group.
    fixture.add(1).await.unwrap_err();
    assert_eq!(fixture.numbers().await, [1, 2]);
    fixture.add(3).await.unwrap();
    assert_eq!(fixture.numbers().await, [1, 2, 3]);
}

#[tokio::test]
async fn panicking_job_hurts_its_caller_only() {
    let fixture = Arc::new(in_memory().await);
    let panics = tokio::spawn({
        let fixture = Arc::clone(&fixture);
        async move {
            let panics = fixture.writer.run::<(), _>(|connection| {
                Box::pin(async move {
                    assert_ne!(insert(connection, 7).await?, 7, "a job that panics");
                    Ok(())
                })
            });
            panics.await
        }
    });
    let (panicked, beside) = tokio::join!(panics, fixture.add(1));
    assert!(panicked.unwrap_err().is_panic() && beside.is_ok());
    fixture.add(2).await.unwrap();
    assert_eq!(fixture.numbers().await, [1, 2]);
}

#[tokio::test]
async fn job_whose_caller_has_gone_does_not_begin() {
    let fixture = in_memory().await;
    let mut gone = Box::pin(fixture.add(1));
    let is_pending = std::future::poll_fn(|context| Poll::Ready(gone.as_mut().poll(context).is_pending())).await;
    assert!(is_pending, "it is in the queue");
    drop(gone);
    fixture.add(2).await.unwrap();
    assert_eq!(fixture.numbers().await, [2]);
}

#[tokio::test]
async fn closing_answers_who_waits_and_refuses_who_comes() {
    let fixture = in_memory().await;
    let (answers, ()) = tokio::join!(join_all((0..100).map(|number| fixture.add(number))), fixture.writer.close());
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert!(matches!(fixture.add(100).await, Err(StoreError::Database(sqlx::Error::PoolClosed))));
    fixture.writer.close().await;
}

#[tokio::test]
async fn lock_of_another_process_makes_everybody_busy_and_then_goes() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("numbers.db"))
        .create_if_missing(true)
        .busy_timeout(Duration::from_millis(1));
    let fixture = fixture(options.clone()).await;
    let other = SqlitePool::connect_with(options).await.unwrap();
    let lock = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let answers = join_all((0..100).map(|number| fixture.add(number))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(StoreError::is_busy)), "{answers:?}");
    lock.rollback().await.unwrap();
    fixture.add(1).await.unwrap();
    assert_eq!(fixture.numbers().await, [1]);
}
