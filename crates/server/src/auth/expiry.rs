//! Deleting what has expired, so that neither the database nor the memory grows for ever.

use std::time::Duration;

use super::Authenticator;
use crate::store::{Expired, StoreError};

/// Rows that are deleted at a time: in between others get to write.
const BATCH: u32 = 500;

impl Authenticator {
    /// Deletes tickets, access tokens and sessions whose time is over, and forgets failures that do not count any more and
    /// passwords that have been known long enough.
    ///
    /// # Errors
    /// The database failed; what was deleted by then stays deleted.
    pub async fn delete_expired(&self) -> Result<Expired, StoreError> {
        let now = self.parts.clock.now();
        self.throttle.forget();
        self.recent.forget_old();
        self.forget_familiar(now, BATCH).await?;
        let mut all = Expired::default();
        loop {
            let batch = self.parts.store.delete_expired(now, self.idle_since(now), BATCH).await?;
            all.secrets += batch.secrets;
            all.sessions += batch.sessions;
            if batch.secrets < BATCH.into() && batch.sessions < BATCH.into() {
                return Ok(all);
            }
        }
    }

    /// [`delete_expired`](Self::delete_expired) at once and then every `period`, for ever.
    pub(crate) async fn keep_deleting_expired(&self, period: Duration) {
        loop {
            match self.delete_expired().await {
                Ok(Expired { secrets: 0, sessions: 0 }) => {}
                Ok(Expired { secrets, sessions }) => tracing::info!(secrets, sessions, "deleted what had expired"),
                Err(error) => tracing::warn!(error = %error, "cannot delete what has expired"),
            }
            tokio::time::sleep(period).await;
        }
    }
}
