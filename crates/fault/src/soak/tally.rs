//! What came of every call, by its kind.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::kinds::Kind;

/// So many faults are told in words; the others are counted.
const MOST_FAULTS: usize = 20;

/// What came of something that a client did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    /// As it should be.
    Good,
    /// Refused or ended by the server, as it should be for what the client did.
    Refused,
    /// Nothing to judge: broken off by the client or by the end of the run, or lost with what we sent and nobody read.
    Left,
    /// The server's fault, and what it was.
    Fault(String),
}

/// Counts of one kind.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub(super) good: u64,
    pub(super) refused: u64,
    pub(super) left: u64,
    pub(super) faults: u64,
    /// Of answers that were good, in microseconds.
    pub(super) times: Vec<u32>,
}

impl Counts {
    /// The time that this share of the answers took at most, in milliseconds.
    pub(super) fn quantile_ms(&mut self, share: f64) -> Option<f64> {
        self.times.sort_unstable();
        let last = self.times.len().checked_sub(1)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in the list"
        )]
        let place = (share * last as f64).round() as usize;
        self.times.get(place).map(|micros| f64::from(*micros) / 1000.0)
    }
}

/// Counts by kind, and the first faults.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    pub(super) kinds: BTreeMap<Kind, Counts>,
    pub(super) faults: Vec<String>,
}

/// Where clients write down what came of what they did.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Counted>);

impl Tally {
    /// Notes one. Times count for what was good.
    pub(super) fn note(&self, kind: Kind, outcome: Outcome, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = all.kinds.entry(kind).or_default();
        match outcome {
            Outcome::Good => {
                counts.good += 1;
                counts.times.push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
            }
            Outcome::Refused => counts.refused += 1,
            Outcome::Left => counts.left += 1,
            Outcome::Fault(what) => {
                counts.faults += 1;
                if all.faults.len() < MOST_FAULTS {
                    all.faults.push(format!("{}: {what}", kind.name()));
                }
            }
        }
    }

    /// All that was noted.
    pub(super) fn take(&self) -> Counted {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_of_good_answers_alone() {
        let tally = Tally::default();
        for micros in (1..=100).rev() {
            tally.note(Kind::Pickup, Outcome::Good, Duration::from_millis(micros));
        }
        tally.note(Kind::Pickup, Outcome::Refused, Duration::from_secs(9));
        tally.note(Kind::Pickup, Outcome::Fault("broke".to_owned()), Duration::from_secs(9));
        let mut counted = tally.take();
        assert_eq!(counted.faults, ["pickup: broke"]);
        let counts = counted.kinds.get_mut(&Kind::Pickup).unwrap();
        assert_eq!((counts.good, counts.refused, counts.faults), (100, 1, 1));
        assert_eq!(counts.quantile_ms(0.0), Some(1.0));
        assert_eq!(counts.quantile_ms(0.99), Some(99.0));
        assert_eq!(counts.quantile_ms(1.0), Some(100.0));
        assert_eq!(Counts::default().quantile_ms(0.5), None);
    }
}
