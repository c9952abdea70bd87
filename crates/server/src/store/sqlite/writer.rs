//! The task that writes: what waits at the same time shares one transaction.
//!
//! A commit waits for the disk, and everything else waits for the commit. Jobs that came while one group was being
//! written are the next group: each in a savepoint of its own, so that one that fails takes back its own changes only, and
//! one commit for all. Callers get their answer after it.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use sqlx::sqlite::SqlitePool;
use sqlx::{Acquire as _, Connection as _, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use super::super::StoreError;
use super::super::job::Work;

/// A larger group would let its first caller wait longer than it saves the others.
const MAX_GROUP: usize = 64;

/// Callers beyond these wait before they are in the queue.
const MAX_WAITING: usize = 1_024;

/// Hands jobs to the task that writes.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
}

enum Message {
    Job(Box<dyn Job>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    /// Starts the task over the pool's only connection.
    pub(super) fn start(pool: SqlitePool) -> Self {
        let (queue, jobs) = mpsc::channel(MAX_WAITING);
        tokio::spawn(Task { pool, jobs, closing: Vec::new() }.run());
        Self { queue }
    }

    /// Runs a job in a transaction and answers once that is committed. The job is taken back when it fails; it does not
    /// even begin when nobody waits for it any more by then.
    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let closed = || StoreError::Database(sqlx::Error::PoolClosed);
        self.queue.send(Message::Job(Box::new(Waiting { job, answer }))).await.map_err(|_| closed())?;
        match answered.await.map_err(|_| closed())? {
            Ok(result) => result,
            // As if the job had run in the caller's own task.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// Returns when all jobs that were handed in are done. Later ones are refused.
    pub(super) async fn close(&self) {
        let (done, all_done) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error says that the task has ended, which is as good.
            all_done.await.ok();
        }
    }
}

/// What a caller gets: what the job returned, or with what it panicked.
type Answer<T> = Result<Result<T, StoreError>, Box<dyn Any + Send>>;

/// A job of any type, with its caller.
trait Job: Send {
    fn is_wanted(&self) -> bool;
    fn run<'c>(self: Box<Self>, connection: &'c mut SqliteConnection) -> RunningJob<'c>;
    /// Answers without having run.
    fn refuse(self: Box<Self>, error: StoreError);
}

type RunningJob<'c> = Pin<Box<dyn Future<Output = Outcome> + Send + 'c>>;

/// Tells a caller what became of the commit.
type Commit = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// What became of a job, and how its caller hears of it.
enum Outcome {
    /// To be committed.
    Done(Commit),
    /// To be taken back.
    Failed(Box<dyn FnOnce() + Send>),
}

struct Waiting<T, F> {
    job: F,
    answer: oneshot::Sender<Answer<T>>,
}

impl<T, F> Job for Waiting<T, F>
where
    T: Send + 'static,
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
{
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn run<'c>(self: Box<Self>, connection: &'c mut SqliteConnection) -> RunningJob<'c> {
        let Self { job, answer } = *self;
        Box::pin(async move {
            // A caller that is gone hears no answer.
            match without_unwinding(move || job(connection)).await {
                Ok(Ok(value)) => Outcome::Done(Box::new(move |committed| {
                    answer.send(Ok(committed.map(|()| value))).ok();
                })),
                failed => Outcome::Failed(Box::new(move || {
                    answer.send(failed).ok();
                })),
            }
        })
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        self.answer.send(Ok(Err(error))).ok();
    }
}

/// Runs a job to its end or to its panic, which must not end the task.
async fn without_unwinding<'c, T>(job: impl FnOnce() -> Work<'c, T>) -> Answer<T> {
    // What unwound is dropped, and the transaction around it rolled back: nobody sees half of it.
    let mut work = catch_unwind(AssertUnwindSafe(job))?;
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Ready(result)) => Poll::Ready(Ok(result)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

struct Task {
    pool: SqlitePool,
    jobs: mpsc::Receiver<Message>,
    /// Who waits for the end.
    closing: Vec<oneshot::Sender<()>>,
}

impl Task {
    async fn run(mut self) {
        // None: closed and drained, or every store is gone.
        while let Some(first) = self.jobs.recv().await {
            let mut group = VecDeque::new();
            self.sort(first, &mut group);
            while group.len() < MAX_GROUP
                && let Ok(next) = self.jobs.try_recv()
            {
                self.sort(next, &mut group);
            }
            self.write(group).await;
        }
        self.pool.close().await;
        for done in self.closing {
            done.send(()).ok();
        }
    }

    fn sort(&mut self, message: Message, group: &mut VecDeque<Box<dyn Job>>) {
        match message {
            Message::Job(job) if job.is_wanted() => group.push_back(job),
            Message::Job(_) => {}
            Message::Close(done) => {
                self.closing.push(done);
                self.jobs.close();
            }
        }
    }

    /// Writes a group: in one transaction, unless one breaks.
    async fn write(&mut self, mut group: VecDeque<Box<dyn Job>>) {
        while !group.is_empty() {
            let mut connection = match self.pool.acquire().await {
                Ok(connection) => connection,
                Err(error) => return self.refuse(group, error),
            };
            match transaction(&mut connection, &mut group).await {
                Ok(Whole::Yes) => {}
                // What SQLite rolled back by itself leaves the connection in a state that nobody knows.
                Ok(Whole::Broken) => drop(connection.close().await),
                Err(error) => return self.refuse(group, error),
            }
        }
    }

    /// Answers a group that could not begin, and whoever came while it tried: they would wait as long, in vain.
    fn refuse(&mut self, mut group: VecDeque<Box<dyn Job>>, error: sqlx::Error) {
        while let Ok(message) = self.jobs.try_recv() {
            self.sort(message, &mut group);
        }
        let error = Arc::new(error);
        for job in group {
            job.refuse(StoreError::Shared(Arc::clone(&error)));
        }
    }
}

/// Whether a transaction went as SQL says.
enum Whole {
    Yes,
    Broken,
}

/// Writes the jobs in `group`, or as many of them as get their turn before something breaks that is not theirs. An error
/// says that none began.
async fn transaction(
    connection: &mut SqliteConnection,
    group: &mut VecDeque<Box<dyn Job>>,
) -> Result<Whole, sqlx::Error> {
    // It takes the lock at once: one that upgrades later could fail half-way.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    if group.len() == 1
        && let Some(job) = group.pop_front()
    {
        return Ok(match job.run(&mut transaction).await {
            Outcome::Done(answer) => end(transaction.commit().await, vec![answer]),
            Outcome::Failed(answer) => {
                let undone = transaction.rollback().await;
                answer();
                end(undone, Vec::new())
            }
        });
    }
    let mut to_answer = Vec::with_capacity(group.len());
    while let Some(job) = group.pop_front() {
        if !job.is_wanted() {
            continue;
        }
        let mut savepoint = match transaction.begin().await {
            Ok(savepoint) => savepoint,
            Err(error) => {
                let error = Arc::new(error);
                job.refuse(StoreError::Shared(Arc::clone(&error)));
                return Ok(break_off(&error, to_answer));
            }
        };
        let ended = match job.run(&mut savepoint).await {
            Outcome::Done(answer) => {
                to_answer.push(answer);
                savepoint.commit().await
            }
            Outcome::Failed(answer) => {
                let undone = savepoint.rollback().await;
                answer();
                undone
            }
        };
        if let Err(error) = ended {
            return Ok(break_off(&Arc::new(error), to_answer));
        }
    }
    Ok(end(transaction.commit().await, to_answer))
}

/// Tells callers how the end of their transaction went.
fn end(ended: Result<(), sqlx::Error>, to_answer: Vec<Commit>) -> Whole {
    match ended {
        Ok(()) => {
            to_answer.into_iter().for_each(|answer| answer(Ok(())));
            Whole::Yes
        }
        Err(error) => break_off(&Arc::new(error), to_answer),
    }
}

fn break_off(error: &Arc<sqlx::Error>, to_answer: Vec<Commit>) -> Whole {
    to_answer.into_iter().for_each(|answer| answer(Err(StoreError::Shared(Arc::clone(error)))));
    Whole::Broken
}

#[cfg(test)]
mod tests;
