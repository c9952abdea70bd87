//! One thing whose failures are counted, and when the next attempt at it is looked at.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::key::Party;

/// After so long without a failure, doubled waits begin anew.
const MEMORY: SignedDuration = SignedDuration::from_mins(15);

/// A promise that nobody came for is forgotten this much later.
const PROMISE_KEPT: SignedDuration = SignedDuration::from_mins(30);

/// Promises of one bucket. Whoever has so many networks is told to wait without one.
const MAX_PROMISES: usize = 4096;

/// Later than this no wait is ever promised.
const ALWAYS: SignedDuration = SignedDuration::from_hours(24);

/// How failures make attempts wait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rate {
    /// So many are free. Each further one doubles the wait, from a second up to `longest`.
    Doubling { free: u32, longest: SignedDuration },
    /// One in `each`, and those of `slack` at once.
    Steady { slack: SignedDuration, each: SignedDuration },
}

/// Who waits at a bucket, where several parties share it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Waiting {
    /// Whoever comes first is looked at: nothing tells the callers apart.
    Unordered,
    /// In turn: each party has one place.
    InTurn { party: Party },
    /// In turn, but nobody for longer than this, however many wait.
    InTurnWithin { party: Party, longest: SignedDuration },
}

impl Waiting {
    fn party(self) -> Option<Party> {
        match self {
            Self::Unordered => None,
            Self::InTurn { party } | Self::InTurnWithin { party, .. } => Some(party),
        }
    }
}

impl Rate {
    /// How long the next attempt waits after so many failures.
    fn wait(self, failures: u32) -> SignedDuration {
        match self {
            Self::Steady { each, .. } => each,
            Self::Doubling { free, longest } => match failures.checked_sub(free) {
                // 2^12 seconds are more than the longest wait that can be set.
                Some(beyond) => SignedDuration::from_secs(1_i64 << beyond.min(12)).min(longest),
                None => SignedDuration::ZERO,
            },
        }
    }
}

/// One thing whose failures are counted.
///
/// A party that comes too early is promised an instant, and that instant is taken from everybody else: however often
/// others ask in between, they are promised later ones. An attempt counts as a failure from the moment it is let
/// through, until it turns out to be right.
#[derive(Debug)]
pub(super) struct Bucket {
    rate: Rate,
    failures: u32,
    /// When the latest attempt was let through.
    last: Timestamp,
    /// From when on an attempt is let through to which nothing was promised.
    opens: Timestamp,
    promises: HashMap<Party, Timestamp>,
}

/// What an attempt changed, so that it can be undone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charge {
    before: Timestamp,
    after: Timestamp,
}

impl Bucket {
    pub(super) fn new(rate: Rate, now: Timestamp) -> Self {
        Self { rate, failures: 0, last: now, opens: Timestamp::MIN, promises: HashMap::new() }
    }

    /// When the latest attempt was let through.
    pub(super) fn last(&self) -> Timestamp {
        self.last
    }

    /// Whether it would let everything through as if it had never been.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        let rested = match self.rate {
            Rate::Steady { slack, .. } => after(self.opens, slack) <= now,
            Rate::Doubling { .. } => self.opens <= now && after(self.last, MEMORY) <= now,
        };
        rested && self.promises.values().all(|promised| after(*promised, PROMISE_KEPT) <= now)
    }

    /// Whether an attempt may be let through now; if not, from when on it will be.
    pub(super) fn check(&mut self, now: Timestamp, waiting: Waiting) -> Result<(), Timestamp> {
        self.settle(now);
        let party = waiting.party();
        if let Some(promised) = party.and_then(|party| self.promises.get(&party)) {
            return if *promised <= now { Ok(()) } else { Err(*promised) };
        }
        if self.opens <= now {
            return Ok(());
        }
        let Some(party) = party else { return Err(self.opens) };
        let latest = after(now, if let Waiting::InTurnWithin { longest, .. } = waiting { longest } else { ALWAYS });
        let promised = self.opens.min(latest);
        self.forget_promises(now);
        if self.promises.len() < MAX_PROMISES {
            if promised == self.opens {
                let upcoming = u32::try_from(self.promises.len()).unwrap_or(u32::MAX).saturating_add(1);
                self.opens = after(self.opens, self.rate.wait(self.failures.saturating_add(upcoming)));
            }
            self.promises.insert(party, promised);
        }
        Err(promised)
    }

    /// Counts an attempt that every [`check`](Self::check) let through.
    pub(super) fn charge(&mut self, now: Timestamp, waiting: Waiting) -> Charge {
        let was_promised = waiting.party().and_then(|party| self.promises.remove(&party)).is_some();
        let before = self.opens;
        self.failures = self.failures.saturating_add(1);
        self.last = now;
        self.opens = match self.rate {
            Rate::Doubling { .. } => match self.rate.wait(self.failures) {
                // Free: one that read the clock a moment before must not find it closed.
                SignedDuration::ZERO => self.opens,
                wait => self.opens.max(after(now, wait)),
            },
            // Its place was taken out when it was promised.
            Rate::Steady { .. } if was_promised => self.opens,
            Rate::Steady { each, .. } => after(self.opens, each),
        };
        Charge { before, after: self.opens }
    }

    /// Takes back an attempt that was no failure.
    pub(super) fn refund(&mut self, charge: Charge) {
        self.failures = self.failures.saturating_sub(1);
        match self.rate {
            Rate::Steady { each, .. } => self.opens = before(self.opens, each),
            // Unless another attempt or promise came after it.
            Rate::Doubling { .. } if self.opens == charge.after => self.opens = charge.before,
            Rate::Doubling { .. } => {}
        }
    }

    fn settle(&mut self, now: Timestamp) {
        match self.rate {
            Rate::Steady { slack, .. } => self.opens = self.opens.max(before(now, slack)),
            Rate::Doubling { .. } if self.opens <= now && after(self.last, MEMORY) <= now => self.failures = 0,
            Rate::Doubling { .. } => {}
        }
    }

    /// Going through all of them now and then is enough.
    fn forget_promises(&mut self, now: Timestamp) {
        if self.promises.len().is_multiple_of(64) {
            self.promises.retain(|_, promised| after(*promised, PROMISE_KEPT) > now);
        }
    }
}

pub(super) fn after(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn before(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_sub(by).unwrap_or(Timestamp::MIN)
}
