//! Slows down who tries one password after another, without locking anybody out.
//!
//! | Failures of | free | then |
//! |---|---|---|
//! | a user name from one party | 5 | a wait of 1, 2, 4 … 60 seconds |
//! | one party (an IPv4 address, an IPv6 /64), whatever names | 50 | one every 5 seconds |
//! | an IPv6 /56 | 4 times as many | one every 2 seconds |
//! | an IPv6 /48 | 16 times as many | one every second |
//! | a user name from wherever | 20 times those from one party | one every 10 seconds |
//!
//! All but the first row ask for seconds only, however many failures there were: attempts that are not looked at do not
//! count. And they do not hold up who signed in from that very address within a week. So whoever guesses a user's password
//! from many networks gets nowhere, and the user goes on where the user always signs in.
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

/// Prefixes of IPv6 that are counted: what a device, a household and a company have to themselves. With each: how many
/// times the free failures of a single party, and how often one may fail after them.
const IPV6_LEVELS: [(u32, u32, SignedDuration); 3] = [
    (64, 1, SignedDuration::from_secs(5)),
    (56, 4, SignedDuration::from_secs(2)),
    (48, 16, SignedDuration::from_secs(1)),
];

/// After its free failures an IPv4 address may fail once in so long.
const ADDRESS_PACE: SignedDuration = SignedDuration::from_secs(5);

/// The free failures of a user from wherever, in those from one party.
const USER_FACTOR: u32 = 20;

/// After its free failures a user name may fail once in so long.
const USER_PACE: SignedDuration = SignedDuration::from_secs(10);

/// Entries of each of the tables: some megabytes at most, whoever tries what.
const MAX_ENTRIES: usize = 20_000;

/// How long a user who signed in from an address is not held up by what others do.
const AT_HOME: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Addresses that are remembered of one user. Nobody can push out another user's.
const MAX_HOMES: usize = 16;

/// Counts failures. Keeps no user names, only hashes of them.
pub(crate) struct Throttle {
    clock: Arc<dyn Clock>,
    /// Failures of a user from one party that cost nothing: people mistype.
    free_failures: u32,
    /// Failures of one party that cost nothing: a whole office may come from there.
    free_failures_per_address: u32,
    /// The longest wait for a user from one party.
    max_wait: SignedDuration,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    pairs: HashMap<(Name, Party), Failures>,
    /// When each would have worked off its failures at the allowed pace.
    levels: HashMap<Counted, Timestamp>,
    /// Where a user signed in, and when last.
    homes: HashMap<Name, Vec<(Party, Timestamp)>>,
}

/// Stands for a user name.
type Name = [u8; 16];

/// What one caller has to itself: an IPv4 address, 64 bits of an IPv6 one. `None` where the address is not known.
type Party = Option<IpAddr>;

/// What has a ceiling.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    /// The bits of an address that count, and how many they are.
    Network(Party, u32),
    User(Name),
}

/// How much is allowed.
#[derive(Clone, Copy)]
struct Pace {
    /// How long it takes to work off the failures that cost nothing.
    slack: SignedDuration,
    /// How long it takes to work off one failure.
    each: SignedDuration,
}

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
            free_failures_per_address: settings.free_failures_per_address,
            max_wait: SignedDuration::from_secs(settings.max_failure_wait_s.into()),
            counts: Mutex::default(),
        }
    }

    /// Whether an attempt may be looked at now; if not, how long to wait.
    pub(crate) fn check(&self, user: &str, address: Option<IpAddr>) -> Result<(), Duration> {
        let (now, name, party) = (self.clock.now(), name(user), party(address));
        let counts = self.lock();
        let pair = counts.pairs.get(&(name, party)).map(|failures| self.next_attempt(*failures));
        let level = if counts.is_home(name, party, now) {
            None
        } else {
            let levels = self.ceilings(name, address).into_iter();
            levels.filter_map(|(counted, pace)| Some(before(*counts.levels.get(&counted)?, pace.slack))).max()
        };
        let Some(until) = pair.max(level) else { return Ok(()) };
        let wait = until.duration_since(now);
        if wait.is_positive() { Err(wait.unsigned_abs()) } else { Ok(()) }
    }

    /// Notes that an attempt failed.
    pub(crate) fn failed(&self, user: &str, address: Option<IpAddr>) {
        let (now, name, party) = (self.clock.now(), name(user), party(address));
        let mut counts = self.lock();
        make_room(&mut counts.pairs, |failures| failures.last, before(now, MEMORY));
        make_room(&mut counts.levels, |level| *level, now);
        let failures = counts.pairs.entry((name, party)).or_insert(Failures { count: 0, last: now });
        let forgotten = now.duration_since(failures.last) >= MEMORY;
        failures.count = if forgotten { 1 } else { failures.count.saturating_add(1) };
        failures.last = now;
        for (counted, pace) in self.ceilings(name, address) {
            let level = counts.levels.entry(counted).or_insert(now);
            *level = after((*level).max(now), pace.each);
        }
    }

    /// Notes that the user signed in. The address keeps its count: who has one account could else try the others'
    /// for ever.
    pub(crate) fn succeeded(&self, user: &str, address: Option<IpAddr>) {
        let (now, name, party) = (self.clock.now(), name(user), party(address));
        let mut counts = self.lock();
        counts.pairs.remove(&(name, party));
        make_room(&mut counts.homes, |homes| latest(homes), before(now, AT_HOME));
        let homes = counts.homes.entry(name).or_default();
        homes.retain(|(home, _)| *home != party);
        if homes.len() == MAX_HOMES {
            homes.remove(0);
        }
        homes.push((party, now));
    }

    /// Forgets what does not count any more.
    pub(crate) fn forget(&self) {
        let now = self.clock.now();
        let mut counts = self.lock();
        counts.pairs.retain(|_, failures| failures.last > before(now, MEMORY));
        counts.levels.retain(|_, level| *level > now);
        counts.homes.retain(|_, homes| latest(homes) > before(now, AT_HOME));
    }

    /// From when on an attempt is looked at again.
    fn next_attempt(&self, failures: Failures) -> Timestamp {
        let Some(beyond) = failures.count.checked_sub(self.free_failures) else { return failures.last };
        // 2^12 seconds are more than the longest wait that can be set.
        let wait = SignedDuration::from_secs(1_i64 << beyond.min(12)).min(self.max_wait);
        after(failures.last, wait)
    }

    /// What an attempt counts for, besides its pair.
    fn ceilings(&self, name: Name, address: Option<IpAddr>) -> Vec<(Counted, Pace)> {
        let network = |bits, factor: u32, each| {
            let pace = Pace::new(self.free_failures_per_address.saturating_mul(factor), each);
            (Counted::Network(address.map(|address| prefix(address, bits)), bits), pace)
        };
        let mut ceilings = match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(_)) => IPV6_LEVELS.map(|(bits, factor, each)| network(bits, factor, each)).to_vec(),
            Some(IpAddr::V4(_)) | None => vec![network(32, 1, ADDRESS_PACE)],
        };
        let user = Pace::new(self.free_failures.saturating_mul(USER_FACTOR), USER_PACE);
        ceilings.push((Counted::User(name), user));
        ceilings
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Counts are whole at any moment; at worst one failure is not counted.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn is_home(&self, name: Name, party: Party, now: Timestamp) -> bool {
        let homes = self.homes.get(&name).map(Vec::as_slice).unwrap_or_default();
        homes.iter().any(|(home, last)| *home == party && after(*last, AT_HOME) > now)
    }
}

impl Pace {
    fn new(free: u32, each: SignedDuration) -> Self {
        Self { slack: SignedDuration::from_secs(each.as_secs() * i64::from(free)), each }
    }
}

fn latest(homes: &[(Party, Timestamp)]) -> Timestamp {
    homes.last().map_or(Timestamp::MIN, |(_, last)| *last)
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

fn name(user: &str) -> Name {
    let digest: [u8; 32] = Sha256::digest(user).into();
    let mut name = [0; 16];
    name.copy_from_slice(&digest[..16]);
    name
}

fn party(address: Option<IpAddr>) -> Party {
    address.map(|address| prefix(address, 64))
}

/// The first bits of an IPv6 address; all of an IPv4 one.
fn prefix(address: IpAddr, bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> bits))),
        address => address,
    }
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
        assert_eq!(party(address("::ffff:192.0.2.1")), HERE);
    }

    #[test]
    fn memory_is_bounded() {
        let (throttle, clock) = throttle();
        for user in 0..MAX_ENTRIES as u32 + 100 {
            clock.advance(SignedDuration::from_millis(1));
            throttle.failed(&user.to_string(), Some(IpAddr::V4(user.into())));
        }
        let counts = throttle.lock();
        assert!(counts.pairs.len() <= MAX_ENTRIES && counts.levels.len() <= MAX_ENTRIES + 4);
        assert!(counts.pairs.len() > MAX_ENTRIES / 4, "the younger half stays");
    }

    #[test]
    fn many_networks_of_one_party_have_a_ceiling_of_their_own() {
        // Each /64 tries each name once, so that no pair waits.
        let attack = |prefix: &dyn Fn(u32) -> String| {
            let (throttle, _) = throttle();
            let mut looked_at = 0;
            let mut longest = Duration::ZERO;
            for number in 0..3000_u32 {
                let address = Some(prefix(number).parse().unwrap());
                match throttle.check(&number.to_string(), address) {
                    Ok(()) => looked_at += 1,
                    Err(wait) => longest = longest.max(wait),
                }
                if throttle.check(&number.to_string(), address).is_ok() {
                    throttle.failed(&number.to_string(), address);
                }
            }
            (looked_at, longest.as_secs())
        };
        assert_eq!(attack(&|number| format!("2001:db8:1:2::{number:x}")), (51, 5));
        assert_eq!(attack(&|number| format!("2001:db8:1:{:x}::1", number % 256)), (201, 2));
        assert_eq!(attack(&|number| format!("2001:db8:1:{:x}::1", ((number % 256) << 8) | (number / 256))), (801, 1));
        assert_eq!(attack(&|number| format!("2001:db8:{number:x}::1")), (3000, 0), "companies are not taken together");
    }

    #[test]
    fn one_user_is_not_guessed_from_many_networks_and_not_locked_out_at_home() {
        let (throttle, clock) = throttle();
        throttle.succeeded("tje0", HERE);
        let from = |number: u32| Some(IpAddr::V4((0x0a00_0000 + number).into()));
        let mut looked_at = 0;
        for number in 0..5000 {
            if throttle.check("tje0", from(number)).is_ok() {
                throttle.failed("tje0", from(number));
                looked_at += 1;
            }
        }
        assert_eq!(looked_at, 101);
        let wait = throttle.check("tje0", THERE).expect_err("too many");
        assert!(wait <= USER_PACE.unsigned_abs(), "a new address waits for seconds: {wait:?}");
        assert!(throttle.check("tje0", HERE).is_ok(), "home is free");
        assert!(throttle.check("lena", THERE).is_ok(), "and so is every other user");
        clock.advance(USER_PACE);
        assert!(throttle.check("tje0", THERE).is_ok());
        clock.advance(AT_HOME);
        throttle.forget();
        assert!(throttle.lock().levels.is_empty() && throttle.lock().pairs.is_empty());
        assert!(throttle.lock().homes.is_empty());
    }

    #[test]
    fn newcomer_on_a_shared_address_waits_for_seconds_only() {
        let (throttle, clock) = throttle();
        for round in 0..1000_u32 {
            let user = round.to_string();
            let wait = throttle.check(&user, HERE).err().unwrap_or_default();
            assert!(wait <= ADDRESS_PACE.unsigned_abs(), "{round}: {wait:?}");
            clock.advance(SignedDuration::try_from(wait).unwrap());
            throttle.failed(&user, HERE);
        }
        let wait = throttle.check("newcomer", HERE).expect_err("the address is over its ceiling");
        assert!(wait <= ADDRESS_PACE.unsigned_abs(), "{wait:?}");
    }

    #[test]
    fn homes_of_a_user_are_bounded_and_nobody_else_pushes_them_out() {
        let (throttle, clock) = throttle();
        throttle.succeeded("tje0", HERE);
        for number in 0..100_u32 {
            clock.advance(SignedDuration::from_secs(1));
            throttle.succeeded("mallory", Some(IpAddr::V4(number.into())));
        }
        let counts = throttle.lock();
        assert_eq!(counts.homes[&name("mallory")].len(), MAX_HOMES);
        assert!(counts.is_home(name("tje0"), HERE, clock.now()));
        assert!(counts.is_home(name("mallory"), Some(IpAddr::V4(99.into())), clock.now()), "the latest stay");
    }
}
