//! Slows down who tries one password after another.
//!
//! Two counts are kept. One is for a user name *and* an address: after a few failures each further one doubles the wait,
//! up to a minute. Nobody can lock a user out from another address that way. The other is for an address alone, for
//! those who try one password on many users: many failures are free, then one every few seconds.
//! What a user's own address is follows from `trusted_proxies`: behind a proxy that is not named all callers share one.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::clock::Clock;
use crate::config::SignInSettings;

/// After so long without a failure all is forgotten.
const MEMORY: SignedDuration = SignedDuration::from_mins(15);

/// After its free failures an address may fail once in so long.
const ADDRESS_PACE: SignedDuration = SignedDuration::from_secs(5);

/// Entries of each of the two counts: some megabytes at most, whoever tries what.
const MAX_ENTRIES: usize = 20_000;

/// How long a user who signed in from an address is not held up by the failures of others there.
const AT_HOME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Counts failures. Keeps no user names, only hashes of them.
pub(crate) struct Throttle {
    clock: Arc<dyn Clock>,
    /// Failures of a user from one address that cost nothing: people mistype.
    free_failures: u32,
    /// The longest wait for a user from one address.
    max_wait: SignedDuration,
    /// How long an address takes to work off the failures that cost nothing: a whole office may come from there.
    address_slack: SignedDuration,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    pairs: HashMap<Pair, Failures>,
    /// When the address would have worked off its failures at the allowed pace.
    addresses: HashMap<Network, Timestamp>,
    /// When a user last signed in from an address: what others do there does not hold this user up.
    at_home: HashMap<Pair, Timestamp>,
}

/// A user name and an address.
type Pair = ([u8; 16], Network);

/// What one party has to itself: an IPv4 address, 64 bits of an IPv6 one. `None` where the address is not known.
type Network = Option<IpAddr>;

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
}

impl Throttle {
    pub(crate) fn new(clock: Arc<dyn Clock>, settings: SignInSettings) -> Self {
        Self {
            clock,
            free_failures: settings.free_failures_per_user,
            max_wait: SignedDuration::from_secs(settings.max_failure_wait_s.into()),
            address_slack: SignedDuration::from_secs(
                ADDRESS_PACE.as_secs() * i64::from(settings.free_failures_per_address),
            ),
            counts: Mutex::default(),
        }
    }

    /// Whether an attempt may be looked at now; if not, how long to wait.
    pub(crate) fn check(&self, user: &str, address: Option<IpAddr>) -> Result<(), Duration> {
        let network = network(address);
        let counts = self.lock();
        let key = pair(user, network);
        let pair = counts.pairs.get(&key).map(|failures| self.next_attempt(*failures));
        let is_at_home = counts.at_home.get(&key).is_some_and(|last| after(*last, AT_HOME) > self.clock.now());
        let level = counts.addresses.get(&network).filter(|_| !is_at_home);
        let address = level.map(|level| before(*level, self.address_slack));
        let Some(until) = pair.max(address) else { return Ok(()) };
        let wait = until.duration_since(self.clock.now());
        if wait.is_positive() { Err(wait.unsigned_abs()) } else { Ok(()) }
    }

    /// Notes that an attempt failed.
    pub(crate) fn failed(&self, user: &str, address: Option<IpAddr>) {
        let (now, network) = (self.clock.now(), network(address));
        let mut counts = self.lock();
        make_room(&mut counts.pairs, |failures| failures.last, before(now, MEMORY));
        make_room(&mut counts.addresses, |level| *level, now);
        let failures = counts.pairs.entry(pair(user, network)).or_insert(Failures { count: 0, last: now });
        let forgotten = now.duration_since(failures.last) >= MEMORY;
        failures.count = if forgotten { 1 } else { failures.count.saturating_add(1) };
        failures.last = now;
        let level = counts.addresses.entry(network).or_insert(now);
        *level = after((*level).max(now), ADDRESS_PACE);
    }

    /// Notes that the user signed in. The address keeps its count: who has one account could else try the others'
    /// for ever.
    pub(crate) fn succeeded(&self, user: &str, address: Option<IpAddr>) {
        let (now, key) = (self.clock.now(), pair(user, network(address)));
        let mut counts = self.lock();
        counts.pairs.remove(&key);
        make_room(&mut counts.at_home, |last| *last, before(now, AT_HOME));
        counts.at_home.insert(key, now);
    }

    /// From when on an attempt is looked at again.
    fn next_attempt(&self, failures: Failures) -> Timestamp {
        let Some(beyond) = failures.count.checked_sub(self.free_failures) else { return failures.last };
        // 2^12 seconds are more than the longest wait that can be set.
        let wait = SignedDuration::from_secs(1_i64 << beyond.min(12)).min(self.max_wait);
        after(failures.last, wait)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Counts are whole at any moment; at worst one failure is not counted.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets, where the table is full, what is older than `horizon`, and if that is not enough the older half.
fn make_room<K: Eq + Hash, V>(table: &mut HashMap<K, V>, age: impl Fn(&V) -> Timestamp, horizon: Timestamp) {
    if table.len() < MAX_ENTRIES {
        return;
    }
    table.retain(|_, value| age(value) > horizon);
    if table.len() < MAX_ENTRIES {
        return;
    }
    let mut ages: Vec<Timestamp> = table.values().map(&age).collect();
    let (_, median, _) = ages.select_nth_unstable(MAX_ENTRIES / 2);
    let median = *median;
    table.retain(|_, value| age(value) > median);
}

fn pair(user: &str, network: Network) -> Pair {
    let digest: [u8; 32] = Sha256::digest(user).into();
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    (key, network)
}

fn network(address: Option<IpAddr>) -> Network {
    address.map(|address| match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    })
}

fn after(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn before(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
    const THERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1)));

    fn throttle() -> (Throttle, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        (Throttle::new(clock.clone(), SignInSettings::default()), clock)
    }

    /// Fails as soon as it is allowed, and tells the waits in seconds.
    fn waits(throttle: &Throttle, clock: &ManualClock, times: usize) -> Vec<u64> {
        let attempts = (0..times).map(|_| {
            let wait = throttle.check("tje0", HERE).err().unwrap_or_default();
            clock.advance(SignedDuration::from_secs(wait.as_secs() as i64));
            throttle.check("tje0", HERE).expect("the wait is over");
            throttle.failed("tje0", HERE);
            wait.as_secs()
        });
        attempts.collect()
    }

    #[test]
    fn waits_double_up_to_a_minute_and_are_forgotten() {
        let (throttle, clock) = throttle();
        assert_eq!(waits(&throttle, &clock, 14), [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        clock.advance(MEMORY);
        assert_eq!(waits(&throttle, &clock, 6), [0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn others_are_not_held_up() {
        let (throttle, clock) = throttle();
        waits(&throttle, &clock, 8);
        assert!(throttle.check("tje0", HERE).is_err());
        assert!(throttle.check("tje0", THERE).is_ok(), "the same user from elsewhere");
        assert!(throttle.check("lena", HERE).is_ok(), "another user from here");
        throttle.succeeded("tje0", HERE);
        assert!(throttle.check("tje0", HERE).is_ok());
    }

    #[test]
    fn address_that_tries_many_users_is_slowed_down_gently() {
        let (throttle, clock) = throttle();
        for user in 0..=50 {
            assert!(throttle.check(&user.to_string(), HERE).is_ok(), "{user}");
            throttle.failed(&user.to_string(), HERE);
        }
        let wait = throttle.check("next", HERE).expect_err("too many");
        assert!(wait <= ADDRESS_PACE.unsigned_abs(), "{wait:?}");
        assert!(throttle.check("next", THERE).is_ok());
        throttle.succeeded("0", HERE);
        assert!(throttle.check("next", HERE).is_err(), "an account of one's own changes nothing");
        clock.advance(ADDRESS_PACE);
        assert!(throttle.check("next", HERE).is_ok());
    }

    #[test]
    fn who_signed_in_from_an_address_is_not_held_up_by_others_there() {
        let (throttle, clock) = throttle();
        throttle.succeeded("lena", HERE);
        for user in 0..=200 {
            throttle.failed(&user.to_string(), HERE);
        }
        assert!(throttle.check("next", HERE).is_err());
        assert!(throttle.check("lena", HERE).is_ok());
        assert!(throttle.check("lena", THERE).is_ok());
        for _ in 0..8 {
            throttle.failed("lena", HERE);
        }
        assert!(throttle.check("lena", HERE).is_err(), "but guessing this user's password is slowed down as ever");
        clock.advance(AT_HOME);
        throttle.failed("x", HERE);
        assert!(throttle.check("lena", HERE).is_ok(), "the address has worked off its failures");
    }

    #[test]
    fn addresses_of_one_party_count_as_one() {
        let (throttle, _) = throttle();
        let address = |text: &str| Some(text.parse().unwrap());
        for _ in 0..=5 {
            throttle.failed("tje0", address("2001:db8:1:2::1"));
        }
        assert!(throttle.check("tje0", address("2001:db8:1:2:ffff::1")).is_err());
        assert!(throttle.check("tje0", address("2001:db8:1:3::1")).is_ok());
        throttle.failed("lena", address("::ffff:192.0.2.1"));
        assert_eq!(network(address("::ffff:192.0.2.1")), HERE);
    }

    #[test]
    fn memory_is_bounded() {
        let (throttle, clock) = throttle();
        for user in 0..MAX_ENTRIES as u32 + 100 {
            clock.advance(SignedDuration::from_millis(1));
            throttle.failed(&user.to_string(), Some(IpAddr::V4(user.into())));
        }
        let counts = throttle.lock();
        assert!(counts.pairs.len() <= MAX_ENTRIES && counts.addresses.len() <= MAX_ENTRIES);
        assert!(counts.pairs.len() > MAX_ENTRIES / 4, "the younger half stays");
    }
}
