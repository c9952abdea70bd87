//! Sessions one by one.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Backend, change, idempotency, messages, queue, retention, sessions, start};
use crate::records::{AssociateId, Message, MessageId, SessionId, SessionView};
use crate::store::{IdleSince, LifeStore, LongWaiting, Outcome, SessionChange, SessionStart, StoreError};

#[async_trait]
impl LifeStore for Backend {
    async fn start_session(&self, wanted: SessionStart) -> Result<Outcome, StoreError> {
        self.write(move |connection| Box::pin(async move { start::run(connection, &wanted).await })).await
    }

    async fn change_session(&self, wanted: SessionChange) -> Result<Outcome, StoreError> {
        self.write(move |connection| Box::pin(async move { change::run(connection, &wanted).await })).await
    }

    async fn session(
        &self,
        caller: Option<AssociateId>,
        session: SessionId,
    ) -> Result<Option<SessionView>, StoreError> {
        self.read(move |connection| Box::pin(sessions::find(connection, caller, session))).await
    }

    async fn messages(&self, session: SessionId, after: MessageId, limit: u32) -> Result<Vec<Message>, StoreError> {
        self.look(move |connection| Box::pin(messages::after(connection, session, after, limit))).await
    }

    async fn customer_fetched(&self, session: SessionId, up_to: MessageId, now: Timestamp) -> Result<(), StoreError> {
        let fetch = messages::Fetch { session, up_to, now };
        // Pages ask often and mostly for nothing: looking needs no commit.
        let is_news = self.look(move |connection| Box::pin(fetch.is_news(connection))).await?;
        if is_news { self.write(move |connection| Box::pin(fetch.note(connection))).await } else { Ok(()) }
    }

    async fn queue_place(&self, session: SessionId) -> Result<Option<i64>, StoreError> {
        self.look(move |connection| Box::pin(queue::place(connection, session))).await
    }

    async fn idle_sessions(&self, since: IdleSince, limit: u32) -> Result<Vec<SessionId>, StoreError> {
        self.read(move |connection| Box::pin(queue::idle(connection, since, limit))).await
    }

    async fn raise_alerts(&self, now: Timestamp, limit: u32) -> Result<Vec<LongWaiting>, StoreError> {
        let is_any = self.read(move |connection| Box::pin(queue::is_any_due(connection, now))).await?;
        if is_any {
            self.write(move |connection| Box::pin(queue::raise(connection, now, limit))).await
        } else {
            Ok(Vec::new())
        }
    }

    async fn forget_idempotency(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.write(move |connection| Box::pin(idempotency::forget(connection, before, limit))).await
    }

    async fn delete_ended(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.write(move |connection| Box::pin(retention::delete_ended(connection, before, limit))).await
    }

    async fn sessions_of_customer(&self, email: &str) -> Result<Vec<SessionView>, StoreError> {
        let email = email.to_owned();
        self.read(move |connection| Box::pin(async move { retention::of_customer(connection, &email).await })).await
    }

    async fn delete_sessions(&self, sessions: &[SessionId]) -> Result<u64, StoreError> {
        let ids: Arc<[i32]> = sessions.iter().map(|session| session.0).collect();
        self.write(move |connection| Box::pin(async move { retention::delete(connection, &ids).await })).await
    }
}
