//! Attackers and users against a clock that is moved by hand.

use super::*;
use crate::clock::ManualClock;

const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
const THERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1)));
const TICK: SignedDuration = SignedDuration::from_millis(10);

/// Guesses of the attackers, all together, each time.
const GUESSES_A_TICK: usize = 4;

struct World {
    throttle: Throttle,
    clock: Arc<ManualClock>,
}

fn stranger(user: &str, address: Option<IpAddr>) -> Source {
    Source::new(user, address, Standing::Stranger)
}

fn at(address: &str) -> Option<IpAddr> {
    Some(address.parse().unwrap())
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        Self { throttle: Throttle::new(clock.clone(), SignInSettings::default()), clock }
    }

    /// Tries a wrong password.
    fn fail(&self, source: Source) -> Result<(), Duration> {
        self.throttle.check(source)?;
        self.throttle.begin(source).map(drop)
    }

    /// Tries the right one.
    fn succeed(&self, source: Source) -> Result<(), Duration> {
        self.throttle.check(source)?;
        self.throttle.begin(source).map(|attempt| self.throttle.succeeded(attempt))
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(SignedDuration::try_from(by).unwrap());
    }

    /// Fails as soon as it is allowed, and tells the waits in seconds.
    fn waits(&self, source: Source, times: usize) -> Vec<u64> {
        let attempts = (0..times).map(|_| {
            let wait = self.throttle.check(source).err().unwrap_or_default();
            self.advance(wait);
            self.fail(source).expect("the wait is over");
            wait.as_secs()
        });
        attempts.collect()
    }

    /// How long somebody with the right password takes who comes back as told, to the second, while `attackers`
    /// guess every 10 milliseconds; and how many of their guesses were looked at.
    fn race(&self, victim: Source, attackers: &[Source], longest: SignedDuration) -> (SignedDuration, u32) {
        let start = self.clock.now();
        let (mut next, mut guesses) = (start, 0);
        let mut turns = attackers.iter().cycle();
        loop {
            for attacker in turns.by_ref().take(GUESSES_A_TICK) {
                guesses += u32::from(self.fail(*attacker).is_ok());
            }
            let now = self.clock.now();
            if now >= next {
                match self.succeed(victim) {
                    Ok(()) => return (now.duration_since(start), guesses),
                    Err(wait) => next = now + SignedDuration::from_secs(wait.as_secs_f64().ceil() as i64),
                }
            }
            assert!(now.duration_since(start) <= longest, "still outside");
            self.clock.advance(TICK);
        }
    }

    /// Lets attackers guess every 10 milliseconds for so long; how many guesses were looked at.
    fn besiege(&self, attackers: &[Source], duration: SignedDuration) -> u32 {
        let (end, mut guesses) = (self.clock.now() + duration, 0);
        let mut turns = attackers.iter().cycle();
        while self.clock.now() < end {
            let tried = turns.by_ref().take(GUESSES_A_TICK).map(|attacker| self.fail(*attacker));
            guesses += tried.map(|outcome| u32::from(outcome.is_ok())).sum::<u32>();
            self.clock.advance(TICK);
        }
        guesses
    }
}

/// Every /64 of one /56.
fn household() -> Vec<Source> {
    (0..256).map(|part| stranger("tje0", at(&format!("2001:db8:1:{part:x}::1")))).collect()
}

#[test]
fn free_attempts_hold_nobody_up_who_reads_the_clock_a_moment_earlier() {
    let world = World::new();
    world.fail(stranger("tje0", HERE)).unwrap();
    world.clock.advance(SignedDuration::from_micros(-1));
    world.throttle.check(stranger("tje0", HERE)).expect("one failure is free");
}

#[test]
fn waits_double_up_to_a_minute_and_are_forgotten() {
    let world = World::new();
    let source = stranger("tje0", HERE);
    assert_eq!(world.waits(source, 14), [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    world.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(world.waits(source, 6), [0, 0, 0, 0, 0, 1]);
}

#[test]
fn others_are_not_held_up_and_success_begins_anew() {
    let world = World::new();
    world.waits(stranger("tje0", HERE), 8);
    assert!(world.throttle.check(stranger("tje0", HERE)).is_err());
    assert!(world.throttle.check(stranger("tje0", THERE)).is_ok(), "the same user from elsewhere");
    assert!(world.throttle.check(stranger("lena", HERE)).is_ok(), "another user from here");
    world.clock.advance(SignedDuration::from_mins(1));
    world.succeed(stranger("tje0", HERE)).expect("the wait is over");
    assert_eq!(world.waits(stranger("tje0", HERE), 6), [0, 0, 0, 0, 0, 1]);
}

#[test]
fn attempts_count_before_they_are_looked_at() {
    let world = World::new();
    let source = stranger("tje0", HERE);
    let attempts: Vec<Attempt> = (0..5).map(|_| world.throttle.begin(source).expect("free")).collect();
    assert!(world.throttle.begin(source).is_err(), "all that are free are on their way");
    for attempt in attempts {
        world.throttle.take_back(attempt);
    }
    assert_eq!(world.waits(source, 6), [0, 0, 0, 0, 0, 1], "as if they had never been");
}

#[test]
fn right_passwords_cost_nothing() {
    let world = World::new();
    for number in 0..2000_u32 {
        world.succeed(stranger("tje0", HERE)).expect("free");
        world.succeed(stranger(&number.to_string(), at("2001:db8::1"))).expect("free");
    }
    world.clock.advance(SignedDuration::from_mins(15));
    world.throttle.forget();
    assert!(world.throttle.lock().is_empty());
}

#[test]
fn household_contributes_a_guess_a_minute_and_holds_up_nobody_elsewhere() {
    let world = World::new();
    let attackers = household();
    // 10 are free, those of the doubled waits take two minutes; then one a minute.
    let guesses = world.besiege(&attackers, SignedDuration::from_mins(10));
    assert!((16..=26).contains(&guesses), "{guesses}");
    for elsewhere in [HERE, at("2001:db8:2::1")] {
        let (took, _) = world.race(stranger("tje0", elsewhere), &attackers, SignedDuration::ZERO);
        assert_eq!(took, SignedDuration::ZERO, "{elsewhere:?}");
    }
}

#[test]
fn neighbours_of_a_provider_take_turns() {
    let world = World::new();
    let attackers = household();
    world.besiege(&attackers, SignedDuration::from_mins(10));
    // Another household of the /48: the attackers' holds one place, however many addresses it has.
    let victim = stranger("tje0", at("2001:db8:1:1234::1"));
    let (took, _) = world.race(victim, &attackers, SignedDuration::from_mins(3));
    assert!(took <= SignedDuration::from_mins(2), "{took}");
}

#[test]
fn who_polls_from_many_networks_wins_no_turn_of_others() {
    let world = World::new();
    let attackers: Vec<Source> =
        (0..40_u32).map(|number| stranger("tje0", Some(IpAddr::V4((0x0a00_0000 + number).into())))).collect();
    let guesses = world.besiege(&attackers, SignedDuration::from_mins(15));
    assert!((150..=200).contains(&guesses), "100 free and one every 10 seconds: {guesses}");
    let (took, _) = world.race(stranger("tje0", THERE), &attackers, SignedDuration::from_mins(11));
    // A turn for each of the 40, at most.
    assert!(took <= SignedDuration::from_secs(410), "{took}");
    assert!(took > SignedDuration::ZERO, "the name is over its ceiling");
}

#[test]
fn nobody_waits_longer_than_ten_minutes_however_many_networks_guess() {
    let world = World::new();
    let from = |number: u32| stranger("tje0", Some(IpAddr::V4((0x0a00_0000 + number).into())));
    for number in 0..1000 {
        let _ = world.fail(from(number));
    }
    let wait = world.throttle.check(stranger("tje0", THERE)).expect_err("a thousand came before");
    assert_eq!(wait, LONGEST_TURN.unsigned_abs());
    world.advance(wait);
    assert!(world.succeed(stranger("tje0", THERE)).is_ok(), "the promise is kept");
    world.clock.advance(SignedDuration::from_mins(1));
    assert!(world.throttle.check(stranger("lena", THERE)).is_ok(), "and every other user is free");
}

#[test]
fn who_comes_late_keeps_the_turn() {
    let world = World::new();
    for number in 0..100_u32 {
        world.fail(stranger("tje0", Some(IpAddr::V4(number.into())))).expect("free");
    }
    world.fail(stranger("tje0", at("10.0.0.1"))).expect("the last");
    let wait = world.throttle.check(stranger("tje0", THERE)).expect_err("none is free");
    let attacker = stranger("tje0", at("10.0.0.2"));
    world.besiege(&[attacker], SignedDuration::try_from(wait).unwrap() + SignedDuration::from_mins(5));
    assert!(world.succeed(stranger("tje0", THERE)).is_ok());
}

#[test]
fn known_address_is_free_of_what_others_do() {
    let world = World::new();
    let mut attackers = household();
    attackers.extend((0..40_u32).map(|number| stranger("tje0", Some(IpAddr::V4((0x0a00_0000 + number).into())))));
    attackers.extend((0..200).map(|number| stranger(&number.to_string(), at("2001:db8:1:ff00::1"))));
    world.besiege(&attackers, SignedDuration::from_mins(2));
    let home = Source::new("tje0", at("2001:db8:1:ff00::1"), Standing::KnownAddress);
    assert_eq!(world.race(home, &attackers, SignedDuration::ZERO).0, SignedDuration::ZERO);
    world.waits(home, 8);
    assert!(world.fail(home).is_err(), "but guessing this user's password there is slowed down as ever");
}

#[test]
fn known_browser_gets_in_beside_an_attacker_at_the_same_address() {
    let world = World::new();
    let attacker = Source::new("tje0", HERE, Standing::KnownAddress);
    let mut attackers = household();
    attackers.extend([attacker, stranger("tje0", HERE)]);
    world.besiege(&attackers, SignedDuration::from_mins(5));
    assert!(world.throttle.check(attacker).is_err());
    let device = SecretHash::of_test(1);
    let browser = Source::new("tje0", HERE, Standing::KnownDevice(device));
    assert_eq!(world.race(browser, &attackers, SignedDuration::ZERO).0, SignedDuration::ZERO);
    // Mistyping there makes the user wait, and nobody else adds to it.
    assert_eq!(world.waits(browser, 8), [0, 0, 0, 0, 0, 1, 2, 4]);
    let (took, _) = world.race(browser, &attackers, SignedDuration::from_secs(8));
    assert_eq!(took, SignedDuration::from_secs(8));
    let other = Source::new("tje0", HERE, Standing::KnownDevice(SecretHash::of_test(2)));
    assert!(world.throttle.check(other).is_ok());
}

#[test]
fn address_that_tries_many_users_is_slowed_down_gently() {
    let world = World::new();
    for user in 0..=50 {
        assert!(world.fail(stranger(&user.to_string(), HERE)).is_ok(), "{user}");
    }
    let wait = world.throttle.check(stranger("next", HERE)).expect_err("too many");
    assert!(wait <= ADDRESS_PACE.unsigned_abs(), "{wait:?}");
    assert!(world.throttle.check(stranger("next", THERE)).is_ok());
    world.clock.advance(ADDRESS_PACE);
    assert!(world.succeed(stranger("next", HERE)).is_ok());
    assert!(world.fail(stranger("next", HERE)).is_ok(), "a right one costs nothing");
    assert!(world.fail(stranger("other", HERE)).is_err(), "an account of one's own changes nothing");
}

#[test]
fn many_networks_of_one_party_have_a_ceiling_of_their_own() {
    // Each /64 tries each name once, so that no pair waits.
    let attack = |address: &dyn Fn(u32) -> String| {
        let world = World::new();
        let (mut looked_at, mut longest) = (0, Duration::ZERO);
        for number in 0..3000_u32 {
            match world.fail(stranger(&number.to_string(), at(&address(number)))) {
                Ok(()) => looked_at += 1,
                Err(wait) => longest = longest.max(wait),
            }
        }
        (looked_at, longest.as_secs())
    };
    assert_eq!(attack(&|number| format!("2001:db8:1:2::{number:x}")), (51, 5));
    assert_eq!(attack(&|number| format!("2001:db8:1:{:x}::1", number % 256)), (201, 256 * 2), "a place for each");
    assert_eq!(attack(&|number| format!("2001:db8:1:{:x}::1", ((number % 256) << 8) | (number / 256))), (801, 256));
    assert_eq!(attack(&|number| format!("2001:db8:{number:x}::1")), (3000, 0), "companies are not taken together");
}

#[test]
fn who_sprays_names_keeps_out_no_neighbours() {
    let world = World::new();
    let spray = |network: &str, count: u32| -> Vec<Source> {
        (0..count).map(|number| stranger(&number.to_string(), at(&format!("{network}{:x}::1", number % 256)))).collect()
    };
    // A household that tries all names, and victims in another /48 and in the same.
    for (attackers, victim) in
        [(spray("2001:db8:1:", 5000), "2001:db8:2:1::1"), (spray("2001:db8:1:", 5000), "2001:db8:1:ff01::1")]
    {
        world.besiege(&attackers, SignedDuration::from_mins(2));
        let (took, _) = world.race(stranger("tje0", at(victim)), &attackers, SignedDuration::from_mins(2));
        assert!(took <= SignedDuration::from_secs(5), "{victim}: {took}");
    }
    let attackers: Vec<Source> = (0..5000_u32)
        .map(|number| stranger(&number.to_string(), at(&format!("2001:db8:3:{:x}::1", (number % 64) << 8 | 1))))
        .collect();
    let looked_at = world.besiege(&attackers, SignedDuration::from_mins(5));
    assert!((900..=1200).contains(&looked_at), "800 and one a second: {looked_at}");
    let victim = stranger("tje0", at("2001:db8:3:ff01::1"));
    let (took, _) = world.race(victim, &attackers, SignedDuration::from_mins(5));
    assert!(took > SignedDuration::ZERO, "the /48 is over its ceiling");
    assert!(took <= SignedDuration::from_secs(70), "a place for each of the 64 households: {took}");
}

#[test]
fn addresses_of_one_party_count_as_one() {
    let world = World::new();
    for _ in 0..=5 {
        let _ = world.fail(stranger("tje0", at("2001:db8:1:2::1")));
    }
    assert!(world.throttle.check(stranger("tje0", at("2001:db8:1:2:ffff::1"))).is_err());
    assert!(world.throttle.check(stranger("tje0", at("2001:db8:1:3::1"))).is_ok());
    world.waits(stranger("lena", at("::ffff:192.0.2.1")), 6);
    assert!(world.throttle.check(stranger("lena", HERE)).is_err());
}

#[test]
fn memory_is_bounded() {
    let world = World::new();
    for user in 0..MAX_ENTRIES as u32 {
        world.clock.advance(SignedDuration::from_millis(1));
        let _ = world.fail(stranger(&user.to_string(), Some(IpAddr::V4(user.into()))));
    }
    let buckets = world.throttle.lock();
    assert!(buckets.len() <= MAX_ENTRIES + 8);
    assert!(buckets.len() > MAX_ENTRIES / 4, "the younger half stays");
}
