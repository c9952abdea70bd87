//! Whether requests should be sent to this server: what load balancers ask before they do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::store::Store;

/// A database that answers later does not answer.
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// For how long an answer of the database is taken for its state: whoever asks often asks the server, not the database.
const FRESH_FOR: Duration = Duration::from_millis(500);

/// How the server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It takes requests.
    Ready,
    /// It is about to end.
    Stopping,
    /// The database does not answer.
    Unreachable,
    /// The database lacks tables that this program needs.
    Outdated,
}

impl Standing {
    /// The state, as the end of a sentence about why there is no service.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Ready => "the server is ready",
            Self::Stopping => "the server stops",
            Self::Unreachable => "the database does not answer",
            Self::Outdated => "the tables of the database are older than this program",
        }
    }
}

/// Knows how the server stands.
pub(crate) struct Readiness {
    store: Arc<dyn Store>,
    is_stopping: AtomicBool,
    last: Mutex<Option<(Instant, Standing)>>,
}

impl Readiness {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, is_stopping: AtomicBool::new(false), last: Mutex::default() }
    }

    /// From now on the server is not ready, and never will be again.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
    }

    /// How the server stands now.
    pub(crate) async fn standing(&self) -> Standing {
        let is_stopping = || self.is_stopping.load(Ordering::Acquire);
        // Told at once, also while the database is waited for.
        if is_stopping() {
            return Standing::Stopping;
        }
        let standing = self.database().await;
        if is_stopping() { Standing::Stopping } else { standing }
    }

    /// How the server stands as far as the database is concerned.
    async fn database(&self) -> Standing {
        let mut last = self.last.lock().await;
        if let Some((asked, standing)) = *last
            && asked.elapsed() < FRESH_FOR
        {
            return standing;
        }
        let standing = match timeout(TIME_LIMIT, self.store.is_current()).await {
            Ok(Ok(true)) => Standing::Ready,
            Ok(Ok(false)) => Standing::Outdated,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the database was asked for its state");
                Standing::Unreachable
            }
            Err(_) => Standing::Unreachable,
        };
        // Load balancers ask every second: the log gets a line when something changes.
        let before = last.replace((Instant::now(), standing)).map(|(_, before)| before);
        match (before, standing) {
            (Some(Standing::Ready) | None, Standing::Ready) => {}
            (_, Standing::Ready) => tracing::info!("ready again"),
            (before, _) if before == Some(standing) => {}
            _ => tracing::warn!(reason = standing.reason(), "not ready"),
        }
        standing
    }
}
