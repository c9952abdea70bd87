//! How sessions were written in lists, for agents who ask for theirs every few seconds.

use std::sync::Arc;

use bytes::Bytes;
use chat_api::support::Written;
use prometheus_client::metrics::counter::Counter;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::metrics::Metrics;

/// About what a session takes, as it is known and as it was written.
const SESSION_BYTES: u64 = 8 * 1024;

/// About what it takes to find them.
const ENTRY_BYTES: usize = 256;

/// The texts of the sessions that were asked for last, known by all that they are made of: what changed is not found, so
/// nothing has to be forgotten.
pub(super) struct WrittenSessions {
    texts: Cache<Key, Bytes, Weight>,
    found: Counter,
    missed: Counter,
}

#[derive(Clone, Hash, PartialEq, Eq)]
struct Key {
    manner: Arc<str>,
    content: Bytes,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Key, Bytes> for Weight {
    fn weight(&self, key: &Key, written: &Bytes) -> u64 {
        (ENTRY_BYTES + key.manner.len() + key.content.len() + written.len()) as u64
    }
}

impl WrittenSessions {
    /// Takes about so many bytes at most.
    pub(super) fn new(capacity_bytes: u64, metrics: &Metrics) -> Self {
        let most = usize::try_from(capacity_bytes / SESSION_BYTES).unwrap_or(usize::MAX);
        Self {
            texts: Cache::with_weighter(most, capacity_bytes, Weight),
            found: metrics.written_sessions_found(),
            missed: metrics.written_sessions_missed(),
        }
    }
}

impl Written for WrittenSessions {
    fn find(&self, manner: &Arc<str>, content: &Bytes) -> Option<Bytes> {
        let written = self.texts.get(&Key { manner: Arc::clone(manner), content: content.clone() });
        let counter = if written.is_some() { &self.found } else { &self.missed };
        counter.inc();
        written
    }

    fn keep(&self, manner: &Arc<str>, content: &Bytes, written: &[u8]) {
        // A copy: the content is a part of something larger.
        let key = Key { manner: Arc::clone(manner), content: Bytes::copy_from_slice(content) };
        self.texts.insert(key, Bytes::copy_from_slice(written));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(number: usize) -> Bytes {
        format!("session {number}").into()
    }

    #[test]
    fn what_was_written_is_found_by_all_that_it_is_made_of() {
        let (json, xml) = (Arc::from("JSON"), Arc::from("XML"));
        let sessions = WrittenSessions::new(1_000_000, &Metrics::new(None, 1));
        sessions.keep(&json, &text(1), b"{}");
        assert_eq!(sessions.find(&json, &text(1)).as_deref(), Some(&b"{}"[..]));
        assert_eq!(sessions.find(&xml, &text(1)), None);
        assert_eq!(sessions.find(&json, &text(2)), None);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let manner = Arc::from("JSON");
        let sessions = WrittenSessions::new(1_000_000, &Metrics::new(None, 1));
        for number in 0..2_000 {
            sessions.keep(&manner, &text(number), &[b'x'; 1_000]);
        }
        let kept = (0..2_000).filter(|number| sessions.find(&manner, &text(*number)).is_some()).count();
        assert!(kept > 0 && kept * 1_000 <= 1_000_000, "{kept}");
    }
}
