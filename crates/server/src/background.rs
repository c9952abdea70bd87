//! What happens without anybody's asking: sessions that are idle end, members are warned when nobody answers, and what is
//! kept for too long is deleted.
//!
//! Every server on a database does it. What one of them has done the others find done.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use crate::clock::Clock;
use crate::config::SessionSettings;
use crate::outage::Outage;
use crate::records::SessionId;
use crate::rules::life;
use crate::store::{IdleSince, Outcome, SessionChange, Store, StoreError};
use crate::streams::{Streams, jittered};

/// Sessions of each kind that are closed, or sessions that are warned of, at a time.
const BATCH: u32 = 100;

/// Batches of one look: a server that was away for long catches up without holding up everything else.
const MAX_BATCHES: usize = 20;

/// Sessions that are deleted at a time, with all their messages.
const DELETED_AT_A_TIME: u32 = 50;

/// Idempotency keys that are deleted at a time.
const KEYS_AT_A_TIME: u32 = 500;

/// In between others get to write.
const BREATH: Duration = Duration::from_millis(20);

/// How often what is kept for too long is looked for.
const TIDY_EVERY: Duration = Duration::from_hours(1);

/// Keeps the sessions in order.
pub(crate) struct Background {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) streams: Arc<Streams>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: SessionSettings,
}

impl Background {
    /// Runs for ever.
    pub(crate) async fn run(&self) {
        tokio::join!(self.keep_checking(), self.keep_tidying());
    }

    async fn keep_checking(&self) {
        let period = Duration::from_millis(self.settings.check_every_ms.into());
        let mut outage = Outage::new("cannot look for sessions that are idle or wait too long");
        loop {
            match self.check().await {
                Ok(()) => outage.over(),
                Err(error) => outage.failed(&error),
            }
            sleep(jittered(period)).await;
        }
    }

    async fn keep_tidying(&self) {
        let mut outage = Outage::new("cannot delete what is kept for too long");
        loop {
            let pause = match self.tidy().await {
                Ok(()) => {
                    outage.over();
                    TIDY_EVERY
                }
                Err(error) => {
                    outage.failed(&error);
                    TIDY_EVERY / 60
                }
            };
            sleep(jittered(pause)).await;
        }
    }

    /// Closes what is idle, and warns of what waits too long.
    async fn check(&self) -> Result<(), StoreError> {
        self.close_idle().await?;
        self.warn().await
    }

    async fn close_idle(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let before = |seconds: u32| Some(ago(now, SignedDuration::from_secs(seconds.into())));
        let since = IdleSince {
            waiting: before(self.settings.waiting_idle_s),
            customer: before(self.settings.customer_idle_s),
            user: before(self.settings.user_idle_s),
        };
        for _ in 0..MAX_BATCHES {
            let idle = self.store.idle_sessions(since, BATCH).await?;
            let mut closed = 0;
            for session in &idle {
                closed += usize::from(self.close(*session, since, now).await?);
            }
            // Others may be at the same ones.
            if idle.len() < BATCH as usize || closed == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Closes a session, if it is still idle when it is locked.
    async fn close(&self, session: SessionId, since: IdleSince, now: Timestamp) -> Result<bool, StoreError> {
        let rule = Arc::new(move |situation: &life::Situation| life::close_idle(situation, since, now));
        let change = SessionChange { session, actor: None, target: None, now, idempotency: None, rule };
        // Refused: something has happened to it after all, or another server was faster.
        let Outcome::Done { view, .. } = self.store.change_session(change).await? else { return Ok(false) };
        self.streams.announce(session);
        tracing::info!(
            session = session.0,
            topic = view.session.topic.0,
            status = view.session.status.as_str(),
            "closed for being idle"
        );
        Ok(true)
    }

    async fn warn(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        for _ in 0..MAX_BATCHES {
            let raised = self.store.raise_alerts(now, BATCH).await?;
            for waiting in &raised {
                self.streams.announce(waiting.session);
                tracing::info!(
                    session = waiting.session.0,
                    topic = waiting.topic.0,
                    level = waiting.alert_level,
                    waited_s = now.duration_since(waiting.waits_since).as_secs(),
                    "waits too long"
                );
            }
            // Also after a few: a session goes up one level at a time.
            if raised.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// Deletes what is kept for too long.
    async fn tidy(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let keys_before = ago(now, SignedDuration::from_hours(self.settings.idempotency_hours.into()));
        while self.store.forget_idempotency(keys_before, KEYS_AT_A_TIME).await? >= KEYS_AT_A_TIME.into() {
            sleep(BREATH).await;
        }
        if self.settings.retention_days == 0 {
            return Ok(());
        }
        let ended_before = ago(now, SignedDuration::from_hours(24 * i64::from(self.settings.retention_days)));
        let (mut deleted, began) = (0, Instant::now());
        loop {
            let batch = self.store.delete_ended(ended_before, DELETED_AT_A_TIME).await?;
            deleted += batch;
            if batch < DELETED_AT_A_TIME.into() {
                break;
            }
            sleep(BREATH).await;
        }
        if deleted > 0 {
            tracing::info!(sessions = deleted, seconds = began.elapsed().as_secs(), "deleted what had ended long ago");
        }
        Ok(())
    }
}

fn ago(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_sub(by).unwrap_or(Timestamp::MIN)
}
