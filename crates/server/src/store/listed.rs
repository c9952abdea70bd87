//! Sessions of a list, as the database wrote them.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::StoreError;
use crate::records::{SessionId, SessionView};

/// A session of a list with all that the caller may see of it: a text that is read when it has to be.
#[derive(Clone)]
pub struct ListedSession {
    text: Bytes,
    read: fn(&[u8]) -> Result<SessionView, StoreError>,
    /// Told of what cannot be read.
    watcher: Option<Watcher>,
}

type Watcher = Arc<dyn Fn(&StoreError) + Send + Sync>;

impl ListedSession {
    pub(super) fn new(text: Bytes, read: fn(&[u8]) -> Result<SessionView, StoreError>) -> Self {
        Self { text, read, watcher: None }
    }

    /// What the session is known by: sessions with the same text are the same, seen with the same permissions.
    pub fn text(&self) -> &Bytes {
        &self.text
    }

    /// The session itself.
    ///
    /// # Errors
    /// The database holds what nothing reads.
    pub fn view(&self) -> Result<SessionView, StoreError> {
        (self.read)(&self.text).inspect_err(|error| {
            if let Some(tell) = &self.watcher {
                tell(error);
            }
        })
    }
}

impl fmt::Debug for ListedSession {
    /// Without the text, which has the customer's key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListedSession").finish_non_exhaustive()
    }
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct SessionsPage {
    /// Ordered by id.
    pub sessions: Vec<ListedSession>,
    /// After which the next page begins; none at the end of the list.
    pub next: Option<SessionId>,
}

impl SessionsPage {
    /// The same, where `watcher` is told of each session that cannot be read, as it was not when the page was asked for.
    pub(crate) fn watched(mut self, watcher: impl Fn(&StoreError) + Send + Sync + 'static) -> Self {
        let watcher: Watcher = Arc::new(watcher);
        for session in &mut self.sessions {
            session.watcher = Some(Arc::clone(&watcher));
        }
        self
    }
}
