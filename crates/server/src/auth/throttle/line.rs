//! Attempts that wait to be looked at: one user's from one party go one by one, and only so many wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::key::{Key, Party};
use crate::tally::{Permit, Tally};

/// Attempts of one user from one party at the same time, the one that is looked at among them. As many calls may a
/// program begin at once.
const MAX_OF_PAIR: usize = 64;

/// The same of one party, whatever names.
const MAX_OF_PARTY: usize = 128;

/// All lines. Cheap to clone.
#[derive(Clone)]
pub(super) struct Lines {
    of_pairs: Arc<Mutex<HashMap<Key, Line>>>,
    of_parties: Tally<Party>,
}

struct Line {
    length: usize,
    /// One at a time goes on: so many attempts at once are not more than that many one after the other.
    front: Arc<Semaphore>,
}

/// A place in a line. Left when it is dropped.
pub(crate) struct Place {
    lines: Lines,
    pair: Key,
    front: Arc<Semaphore>,
    #[expect(dead_code, reason = "held, not used")]
    of_party: Permit<Party>,
}

/// The head of a line. Left when it is dropped.
pub(crate) struct Front(#[expect(dead_code, reason = "held, not used")] Option<OwnedSemaphorePermit>);

impl Lines {
    pub(super) fn new() -> Self {
        Self { of_pairs: Arc::default(), of_parties: Tally::new(MAX_OF_PARTY) }
    }

    /// A place in the line of a pair; none where as many wait as may.
    pub(super) fn enter(&self, pair: Key, party: Party) -> Option<Place> {
        let of_party = self.of_parties.enter(party)?;
        let mut pairs = self.of_pairs.lock().unwrap_or_else(PoisonError::into_inner);
        let line = pairs.entry(pair).or_insert_with(|| Line { length: 0, front: Arc::new(Semaphore::new(1)) });
        if line.length >= MAX_OF_PAIR {
            return None;
        }
        line.length += 1;
        Some(Place { lines: self.clone(), pair, front: Arc::clone(&line.front), of_party })
    }
}

impl Place {
    /// Waits for all that came before.
    pub(crate) async fn front(&self) -> Front {
        // It is never closed.
        Front(Arc::clone(&self.front).acquire_owned().await.ok())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut pairs = self.lines.of_pairs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = pairs.get_mut(&self.pair) {
            line.length -= 1;
            if line.length == 0 {
                pairs.remove(&self.pair);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::Name;
    use super::*;

    #[tokio::test]
    async fn lines_are_short_and_go_one_by_one() {
        let lines = Lines::new();
        let pair = |user: &str| Key::Pair(Name::of(user), None, 32);
        let places: Vec<Place> = (0..MAX_OF_PAIR).map(|_| lines.enter(pair("tje0"), None).expect("room")).collect();
        assert!(lines.enter(pair("tje0"), None).is_none());
        let _others: Vec<Place> =
            (0..MAX_OF_PARTY - MAX_OF_PAIR).map(|i| lines.enter(pair(&i.to_string()), None).expect("room")).collect();
        assert!(lines.enter(pair("next"), None).is_none(), "nor more of one party");
        assert!(lines.enter(pair("tje0x"), Some([192, 0, 2, 1].into())).is_some(), "others have their own");

        let front = places[0].front().await;
        let mut next = Box::pin(places[1].front());
        tokio::select! {
            biased;
            _ = &mut next => panic!("one goes before"),
            () = std::future::ready(()) => {}
        }
        drop(front);
        (&mut next).await;
        drop(next);
        drop(places);
        assert!(!lines.of_pairs.lock().unwrap().contains_key(&pair("tje0")), "empty lines are forgotten");
    }
}
