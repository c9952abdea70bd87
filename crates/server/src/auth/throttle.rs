//! Slows down who tries one password after another, without locking anybody out.
//!
//! | Failures of | free | then | who waits |
//! |---|---|---|---|
//! | a user name from one party (an IPv4 address, an IPv6 /64) | 5 | a wait of 1, 2, 4 … 60 seconds | alone |
//! | a user name from an IPv6 /56 | 2 times as many | the same | in turn, a place for each /64 |
//! | a user name from an IPv6 /48 | 4 times as many | the same | in turn, a place for each /56, at most ten minutes |
//! | one party, whatever names | 50 | one every 5 seconds | whoever comes first |
//! | an IPv6 /56 | 4 times as many | one every 2 seconds | in turn, a place for each /64 |
//! | an IPv6 /48 | 16 times as many | one every second | in turn, a place for each /56 |
//! | a user name from wherever | 20 times those from one party | one every 10 seconds | in turn, a place for each IPv4 address or IPv6 /48, at most ten minutes |
//! | a user name in a browser where that user signed in | 5 | a wait of 1, 2, 4 … 60 seconds | alone |
//!
//! An attempt is counted when it is let through, and the count is taken back when it was right: however many come at
//! once, no more are looked at than one after the other. Who waits *in turn* is promised an instant that is kept
//! free, so that asking more often brings nothing ([`bucket`]).
//!
//! From an address where the user signed in before only the first row counts, in a browser where the user did only the
//! last. So whoever guesses a user's password gets nowhere, and the user goes on where the user always signs in. Only
//! who never signed in at an address or in a browser before cannot be told from an attacker at that very address.
//! What a user's own address is follows from `trusted_proxies`: behind a proxy that is not named all callers share one.

mod bucket;
mod key;
mod line;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use self::bucket::{Bucket, Charge, Rate, Waiting};
use self::key::{Key, prefix};
pub(crate) use self::key::{Name, own_part};
use self::line::Lines;
pub(crate) use self::line::Place;
use super::SecretHash;
use crate::clock::Clock;
use crate::config::SignInSettings;

/// Prefixes of IPv6 that are counted whatever names: what a device, a household and a company have to themselves. With
/// each: how many times the free failures of a single party, and how often one may fail after them.
const IPV6_LEVELS: [(u32, u32, SignedDuration); 3] = [
    (64, 1, SignedDuration::from_secs(5)),
    (56, 4, SignedDuration::from_secs(2)),
    (48, 16, SignedDuration::from_secs(1)),
];

/// After its free failures an IPv4 address may fail once in so long.
const ADDRESS_PACE: SignedDuration = SignedDuration::from_secs(5);

/// The free failures of a user name from wherever, in those from one party.
const USER_FACTOR: u32 = 20;

/// After its free failures a user name may fail once in so long.
const USER_PACE: SignedDuration = SignedDuration::from_secs(10);

/// Nobody waits longer for a turn, however many networks guess.
const LONGEST_TURN: SignedDuration = SignedDuration::from_mins(10);

/// Things that are counted: some megabytes at most, whoever tries what.
const MAX_ENTRIES: usize = 40_000;

/// Counts failures. Keeps no user names, only hashes of them.
pub(crate) struct Throttle {
    clock: Arc<dyn Clock>,
    /// Failures of a user from one party that cost nothing: people mistype.
    free_failures: u32,
    /// Failures of one party that cost nothing: a whole office may come from there.
    free_failures_per_address: u32,
    /// The longest wait for a user from one party.
    max_wait: SignedDuration,
    buckets: Mutex<HashMap<Key, Bucket>>,
    lines: Lines,
}

/// Who tries to sign in, and from where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source {
    name: Name,
    address: Option<IpAddr>,
    standing: Standing,
}

/// What is known of the place that somebody signs in from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Standing {
    /// Nothing.
    Stranger,
    /// The user signed in from the address before.
    KnownAddress,
    /// The user signed in with the browser before.
    KnownDevice(SecretHash),
}

/// An attempt that was let through. It counts as failed until the throttle is told otherwise.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// What belongs to this user and party alone.
    own: Key,
    charges: Vec<(Key, Charge)>,
}

/// What is found out of a password without hashing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is right.
    Right,
    /// It is wrong.
    Wrong,
    /// It was compared with nothing.
    Unknown,
}

/// What came of an attempt that was judged at once.
#[derive(Debug)]
pub(crate) enum Judged {
    /// It was right, and is not counted.
    Right,
    /// It was wrong, and is counted.
    Wrong(Attempt),
    /// Nobody can tell yet, and it is not counted so far.
    Unknown,
}

/// What an attempt is counted by.
struct Rule {
    key: Key,
    rate: Rate,
    waiting: Waiting,
}

impl Source {
    pub(crate) fn new(user: &str, address: Option<IpAddr>, standing: Standing) -> Self {
        Self { name: Name::of(user), address: address.map(|address| address.to_canonical()), standing }
    }
}

impl Throttle {
    pub(crate) fn new(clock: Arc<dyn Clock>, settings: SignInSettings) -> Self {
        Self {
            clock,
            free_failures: settings.free_failures_per_user,
            free_failures_per_address: settings.free_failures_per_address,
            max_wait: SignedDuration::from_secs(settings.max_failure_wait_s.into()),
            buckets: Mutex::default(),
            lines: Lines::new(),
        }
    }

    /// A place in the line of those who wait to be looked at; none where it is too long.
    pub(crate) fn line_up(&self, source: Source) -> Option<Place> {
        let party = source.address.map(own_part);
        self.lines.enter(self.own(source).key, party)
    }

    /// Whether an attempt would be let through now; if not, how long to wait.
    pub(crate) fn check(&self, source: Source) -> Result<(), Duration> {
        let mut buckets = self.lock();
        // Read while nobody else counts: what was counted meanwhile would be of the future.
        let now = self.clock.now();
        check(&mut buckets, &self.rules(source), now)
    }

    /// Lets an attempt through and counts it as failed, both or neither.
    pub(crate) fn begin(&self, source: Source) -> Result<Attempt, Duration> {
        let rules = self.rules(source);
        let mut buckets = self.lock();
        let now = self.clock.now();
        check(&mut buckets, &rules, now)?;
        Ok(count(&mut buckets, self.own(source).key, &rules, now))
    }

    /// Has an attempt judged, if it would be let through, and counts it if it is wrong. `judge` must be quick: until it
    /// returns no other attempt is let through, so that however many come at once, no more are judged than one after
    /// the other.
    pub(crate) fn judge(&self, source: Source, judge: impl FnOnce() -> Verdict) -> Result<Judged, Duration> {
        let (own, rules) = (self.own(source).key, self.rules(source));
        let mut buckets = self.lock();
        let now = self.clock.now();
        check(&mut buckets, &rules, now)?;
        Ok(match judge() {
            Verdict::Right => {
                buckets.remove(&own);
                Judged::Right
            }
            Verdict::Wrong => Judged::Wrong(count(&mut buckets, own, &rules, now)),
            Verdict::Unknown => Judged::Unknown,
        })
    }

    /// Notes that the user signed in: what is counted for this user here begins anew. All else only gets this attempt
    /// back: who has one account could else try the others' for ever.
    pub(crate) fn succeeded(&self, attempt: Attempt) {
        self.lock().remove(&attempt.own);
        self.take_back(attempt);
    }

    /// Notes that it could not be said whether an attempt was right.
    pub(crate) fn take_back(&self, attempt: Attempt) {
        let mut buckets = self.lock();
        for (key, charge) in attempt.charges {
            if let Some(bucket) = buckets.get_mut(&key) {
                bucket.refund(charge);
            }
        }
    }

    /// Forgets what does not count any more.
    pub(crate) fn forget(&self) {
        let now = self.clock.now();
        self.lock().retain(|_, bucket| !bucket.is_over(now));
    }

    /// What belongs to one user and one party, or one browser, alone.
    fn own(&self, Source { name, address, standing }: Source) -> Rule {
        let key = match (standing, address) {
            (Standing::KnownDevice(device), _) => Key::device(name, device),
            (_, Some(address @ IpAddr::V6(_))) => Key::Pair(name, Some(own_part(address)), 64),
            (_, address) => Key::Pair(name, address, 32),
        };
        Rule { key, rate: self.doubling(1), waiting: Waiting::Unordered }
    }

    /// All that an attempt is counted by, the narrowest first.
    fn rules(&self, source: Source) -> Vec<Rule> {
        let mut rules = vec![self.own(source)];
        if !matches!(source.standing, Standing::Stranger) {
            return rules;
        }
        let Source { name, address, .. } = source;
        let whatever_names = |address, bits, factor: u32, each, waiting| Rule {
            key: Key::Party(address, bits),
            rate: steady(self.free_failures_per_address.saturating_mul(factor), each),
            waiting,
        };
        match address {
            Some(address @ IpAddr::V6(_)) => {
                let part = |bits| Some(prefix(address, bits));
                rules.push(Rule {
                    key: Key::Pair(name, part(56), 56),
                    rate: self.doubling(2),
                    waiting: Waiting::InTurn { party: part(64) },
                });
                rules.push(Rule {
                    key: Key::Pair(name, part(48), 48),
                    rate: self.doubling(4),
                    waiting: Waiting::InTurnWithin { party: part(56), longest: LONGEST_TURN },
                });
                rules.extend(IPV6_LEVELS.map(|(bits, factor, each)| {
                    // Names do not tell anybody apart: who guesses has as many as there are.
                    let waiting = match bits {
                        64 => Waiting::Unordered,
                        _ => Waiting::InTurn { party: part(bits + 8) },
                    };
                    whatever_names(part(bits), bits, factor, each, waiting)
                }));
            }
            _ => rules.push(whatever_names(address, 32, 1, ADDRESS_PACE, Waiting::Unordered)),
        }
        rules.push(Rule {
            key: Key::Name(name),
            rate: steady(self.free_failures.saturating_mul(USER_FACTOR), USER_PACE),
            waiting: Waiting::InTurnWithin { party: address.map(|address| prefix(address, 48)), longest: LONGEST_TURN },
        });
        rules
    }

    fn doubling(&self, factor: u32) -> Rate {
        Rate::Doubling { free: self.free_failures.saturating_mul(factor), longest: self.max_wait }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Bucket>> {
        // Counts are whole at any moment; at worst one failure is not counted.
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first that holds it up decides: who must wait anyway takes no place where others wait too. A place that was
/// promised stays until it is used.
fn check(buckets: &mut HashMap<Key, Bucket>, rules: &[Rule], now: Timestamp) -> Result<(), Duration> {
    for rule in rules {
        if let Some(bucket) = buckets.get_mut(&rule.key) {
            bucket.check(now, rule.waiting).map_err(|until| until.duration_since(now).unsigned_abs())?;
        }
    }
    Ok(())
}

/// Counts an attempt that was let through; `own` is what belongs to its user and party alone.
fn count(buckets: &mut HashMap<Key, Bucket>, own: Key, rules: &[Rule], now: Timestamp) -> Attempt {
    make_room(buckets, now);
    let charge = |rule: &Rule| {
        let bucket = buckets.entry(rule.key).or_insert_with(|| Bucket::new(rule.rate, now));
        // A bucket that is new has to settle too.
        let _ = bucket.check(now, rule.waiting);
        (rule.key, bucket.charge(now, rule.waiting))
    };
    Attempt { own, charges: rules.iter().map(charge).collect() }
}

fn steady(free: u32, each: SignedDuration) -> Rate {
    Rate::Steady { slack: SignedDuration::from_secs(each.as_secs() * i64::from(free)), each }
}

/// Forgets, where all is full, what does not count any more, and if that is not enough the older half.
fn make_room(buckets: &mut HashMap<Key, Bucket>, now: Timestamp) {
    if buckets.len() < MAX_ENTRIES {
        return;
    }
    buckets.retain(|_, bucket| !bucket.is_over(now));
    if buckets.len() < MAX_ENTRIES {
        return;
    }
    let mut ages: Vec<Timestamp> = buckets.values().map(Bucket::last).collect();
    let (_, median, _) = ages.select_nth_unstable(MAX_ENTRIES / 2);
    let median = *median;
    buckets.retain(|_, bucket| bucket.last() > median);
}
