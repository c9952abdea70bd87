//! Telling once that something is away, and once that it is back.

use std::fmt::Display;
use std::time::Instant;

/// Something that is tried again and again.
pub(crate) struct Outage {
    what: &'static str,
    since: Option<Instant>,
}

impl Outage {
    /// `what` cannot be done while it lasts.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, since: None }
    }

    /// It failed. Only the first time goes to the log.
    pub(crate) fn failed(&mut self, error: &dyn Display) {
        if self.since.is_none() {
            tracing::warn!(%error, "{}", self.what);
            self.since = Some(Instant::now());
        }
    }

    /// It did not.
    pub(crate) fn over(&mut self) {
        if let Some(since) = self.since.take() {
            tracing::info!(seconds = since.elapsed().as_secs(), "{}: it is over", self.what);
        }
    }
}
