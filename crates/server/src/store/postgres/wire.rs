//! Notices between servers: `LISTEN` and `NOTIFY`.
//!
//! Never in the transactions that change something: a transaction that notifies takes a lock for its commit that all of
//! them share. A notice on a connection of its own comes a moment later, or, where a server dies in between, not at
//! all; whoever listens looks by itself every now and then.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::Executor as _;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use tokio::time::timeout;

use super::give_back;
use crate::store::{Listening, StoreError, Wire};

const CHANNEL: &str = "chat_server";

/// How long a connection, and then a statement on it, may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(2);

/// After so long without a word the connection is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(20);

/// How long it has for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections of its own, one that sends and one that listens: neither waits for those that do the work, nor takes one of
/// them.
pub(super) struct PgWire {
    options: PgConnectOptions,
    sender: PgPool,
}

impl PgWire {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        let options = options.application_name("chat-server notices");
        Self { sender: pool_of_one(options.clone()), options }
    }
}

fn pool_of_one(options: PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(SEND_TIMEOUT).max_lifetime(None);
    pool.connect_lazy_with(options)
}

#[async_trait]
impl Wire for PgWire {
    async fn send(&self, texts: Vec<String>) -> Result<(), StoreError> {
        let mut connection = self.sender.acquire().await?;
        let query = sqlx::query("SELECT pg_notify($1, text) FROM unnest($2::text[]) AS text").bind(CHANNEL).bind(texts);
        match timeout(SEND_TIMEOUT, query.execute(&mut *connection)).await {
            Ok(sent) => {
                give_back(connection);
                sent?;
                Ok(())
            }
            Err(_) => {
                connection.close_on_drop();
                Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()).into())
            }
        }
    }

    async fn listen(&self) -> Result<Box<dyn Listening>, StoreError> {
        // A pool for each: a listener whose connection fell silent never gives it back.
        let mut listener = PgListener::connect_with(&pool_of_one(self.options.clone())).await?;
        // It listens again before it says that it did not.
        listener.eager_reconnect(true);
        listener.listen(CHANNEL).await?;
        Ok(Box::new(Listener(listener)))
    }
}

struct Listener(PgListener);

#[async_trait]
impl Listening for Listener {
    async fn next(&mut self) -> Result<Option<String>, StoreError> {
        loop {
            match timeout(SILENCE, self.0.try_recv()).await {
                Ok(notification) => return Ok(notification?.map(|text| text.payload().to_owned())),
                // A connection whose other side vanished without a word looks like one on which nothing happens.
                Err(_) => {
                    let asked = timeout(PATIENCE, self.0.execute("SELECT 1")).await;
                    asked.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
                }
            }
        }
    }
}
