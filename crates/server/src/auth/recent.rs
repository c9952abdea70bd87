//! Passwords that were found right a moment ago, so that a caller who sends one with every request does not make the
//! service compute argon2 with every request.
//!
//! What is kept of a password is a keyed hash (HMAC-SHA-256) under a key that this process drew and nobody else knows.
//! Without the key it tells nothing. Whoever reads all of the process's memory finds the key too, and then guesses faster
//! than argon2 would let them, as long as the entry is there; so it is there for minutes, and only for who signed in
//! just now. Such a reader sees the passwords of the next requests anyway.
//!
//! An entry says: *this* password was right for *this* state of the user's row, at *this* address. The row is read with
//! every request, and the hash that is stored and the user's generation of sign-ins are part of the entry: a new
//! password, a sign-out everywhere and a lock-out count at once, whichever server or command made them. At another
//! address nothing is known: there no password is compared with anything but argon2's hash.
//!
//! Nobody guesses faster by it. A password is compared only where the throttle would let it be looked at; the throttle is
//! held meanwhile and counts a wrong one before anybody else is looked at. A wrong one also ends the entry, so that there
//! is at most one quick comparison for each time that argon2 found the right password, and is then hashed like any other.
//! The time of an answer therefore tells only who sent the right password that it was right, which the answer says too.
//! A wrong one where an entry is takes one look into the database more than elsewhere: beside the hash next to nothing,
//! and at most a sign, to somebody at the same address, that the user called from there a moment ago.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hmac::digest::CtOutput;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::throttle::{Name, Verdict, own_part};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::records::Login;

/// Two megabytes at most, whoever signs in from wherever.
const MAX_ENTRIES: usize = 10_000;

type KeyedHash = Hmac<Sha256>;

/// Passwords that were found right a moment ago.
pub(super) struct RecentPasswords {
    clock: Arc<dyn Clock>,
    /// Ready to be fed: it holds the key.
    keyed: KeyedHash,
    /// How long a password is known; zero: never.
    kept: SignedDuration,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    known: HashMap<Spot, Entry>,
    /// When what is over is thrown out next.
    tidied: Timestamp,
}

/// Who signs in, by the name that was given, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Spot {
    name: Name,
    party: Option<IpAddr>,
}

/// What a password is told by. Its comparisons take a time that does not depend on where two differ.
pub(super) struct Proof {
    /// Stands for the user and what the store says of the user's sign-ins.
    state: CtOutput<KeyedHash>,
    /// Stands for all of that and the password.
    password: CtOutput<KeyedHash>,
}

struct Entry {
    proof: Proof,
    since: Timestamp,
    /// Whether somebody was told to have the password hashed again.
    is_renewed: bool,
}

impl Spot {
    pub(super) fn of(user: &str, peer: Option<IpAddr>) -> Self {
        Self { name: Name::of(user), party: peer.map(own_part) }
    }
}

impl RecentPasswords {
    /// Knows nothing yet; what it will, it knows for `kept_s` seconds.
    pub(super) fn new(clock: Arc<dyn Clock>, entropy: &dyn Entropy, kept_s: u32) -> Self {
        let keyed = KeyedHash::new_from_slice(&entropy.bits_256()).expect("HMAC takes keys of any length");
        Self { clock, keyed, kept: SignedDuration::from_secs(kept_s.into()), entries: Mutex::default() }
    }

    /// Whether a password is known here, so that it is worth reading whose it is.
    pub(super) fn is_known(&self, spot: Spot) -> bool {
        // Most servers with tickets or tokens, and all where this is switched off, know none.
        let entries = self.lock();
        entries.known.get(&spot).is_some_and(|entry| self.is_fresh(entry, self.clock.now()))
    }

    /// Whether the password that is known here is to be hashed again, because it will soon be known no more: the first
    /// who asks in the last fifth of the time is told so. Where hundreds of calls come at once, they would all have to
    /// wait for the hash when it is over.
    pub(super) fn is_to_be_renewed(&self, spot: Spot) -> bool {
        let mut entries = self.lock();
        let Some(entry) = entries.known.get_mut(&spot) else { return false };
        let is_due = self.clock.now().duration_since(entry.since) * 5 >= self.kept * 4;
        is_due && !std::mem::replace(&mut entry.is_renewed, is_due)
    }

    /// What a password would be told by, as the store stands.
    pub(super) fn proof(&self, login: &Login, password: &str) -> Proof {
        // Either input begins with a byte of its own, and nothing of variable length stands before its end.
        let state = self
            .keyed
            .clone()
            .chain_update([0])
            .chain_update(login.user.id.0.to_be_bytes())
            .chain_update(login.user.sign_in_generation.to_be_bytes())
            .chain_update(&login.password_hash)
            .finalize();
        let password = self.keyed.clone().chain_update([1]).chain_update(state.as_bytes()).chain_update(password);
        Proof { password: password.finalize(), state }
    }

    /// Compares a password with the one that is known here. Whatever is not the same ends what is known.
    pub(super) fn compare(&self, spot: Spot, proof: &Proof) -> Verdict {
        let mut entries = self.lock();
        let Some(entry) = entries.known.get(&spot) else { return Verdict::Unknown };
        let verdict = if !self.is_fresh(entry, self.clock.now()) || entry.proof.state != proof.state {
            Verdict::Unknown
        } else if entry.proof.password == proof.password {
            return Verdict::Right;
        } else {
            Verdict::Wrong
        };
        entries.known.remove(&spot);
        verdict
    }

    /// Notes that a password was right: argon2 has just said so.
    pub(super) fn remember(&self, spot: Spot, proof: Proof) {
        if self.kept.is_zero() {
            return;
        }
        let mut entries = self.lock();
        let now = self.clock.now();
        let over = entries.tidied.checked_add(self.kept).is_ok_and(|due| due <= now);
        if over || entries.known.len() >= MAX_ENTRIES {
            self.tidy(&mut entries, now);
        }
        entries.known.insert(spot, Entry { proof, since: now, is_renewed: false });
    }

    /// Forgets what is known here.
    pub(super) fn forget(&self, spot: Spot) {
        self.lock().known.remove(&spot);
    }

    /// Forgets what has been known long enough.
    pub(super) fn forget_old(&self) {
        self.tidy(&mut self.lock(), self.clock.now());
    }

    /// Forgets what is over, and where that is not enough the older half.
    fn tidy(&self, entries: &mut Entries, now: Timestamp) {
        entries.tidied = now;
        entries.known.retain(|_, entry| self.is_fresh(entry, now));
        if entries.known.len() < MAX_ENTRIES {
            return;
        }
        let mut ages: Vec<Timestamp> = entries.known.values().map(|entry| entry.since).collect();
        let (_, median, _) = ages.select_nth_unstable(MAX_ENTRIES / 2);
        let median = *median;
        entries.known.retain(|_, entry| entry.since > median);
    }

    /// A clock that was set back makes nothing last longer.
    fn is_fresh(&self, entry: &Entry, now: Timestamp) -> bool {
        entry.since <= now && now.duration_since(entry.since) < self.kept
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        // Entries are whole at any moment.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::entropy::SystemEntropy;
    use crate::records::{AssociateId, User};

    const KEPT_S: u32 = 300;
    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));

    fn login(id: i32, hash: &str, generation: i64) -> Login {
        let user = User {
            id: AssociateId(id),
            user_name: "tje0".to_owned(),
            name: String::new(),
            full_name: String::new(),
            formal_name: String::new(),
            tooltip: String::new(),
            kind: String::new(),
            person_id: None,
            ej_user_id: None,
            group_idx: None,
            rank: None,
            deleted: false,
            disabled: false,
            sign_in_generation: generation,
        };
        Login { user, password_hash: hash.to_owned() }
    }

    fn recent(kept_s: u32) -> (RecentPasswords, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        (RecentPasswords::new(clock.clone(), &SystemEntropy, kept_s), clock)
    }

    #[test]
    fn password_is_known_for_one_state_of_one_user_at_one_place() {
        let stored = login(1, "$argon2id$a", 4);
        for (user, address, found, password, expected) in [
            ("tje0", "192.0.2.1", stored.clone(), "Tje0", Verdict::Right),
            ("tje0", "192.0.2.1", stored.clone(), "tje0", Verdict::Wrong),
            ("tje0", "192.0.2.1", stored.clone(), "", Verdict::Wrong),
            ("tje0", "192.0.2.2", stored.clone(), "Tje0", Verdict::Unknown),
            ("Tje0", "192.0.2.1", stored.clone(), "Tje0", Verdict::Unknown),
            ("tje0", "192.0.2.1", login(1, "$argon2id$b", 4), "Tje0", Verdict::Unknown),
            ("tje0", "192.0.2.1", login(1, "$argon2id$a", 5), "Tje0", Verdict::Unknown),
            ("tje0", "192.0.2.1", login(2, "$argon2id$a", 4), "Tje0", Verdict::Unknown),
        ] {
            let (recent, _) = recent(KEPT_S);
            recent.remember(Spot::of("tje0", HERE), recent.proof(&stored, "Tje0"));
            let spot = Spot::of(user, Some(address.parse().unwrap()));
            let verdict = recent.compare(spot, &recent.proof(&found, password));
            assert_eq!(verdict, expected, "{user} {address} {password}");
        }
    }

    #[test]
    fn wrong_password_ends_what_is_known() {
        let (recent, _) = recent(KEPT_S);
        let (spot, stored) = (Spot::of("tje0", HERE), login(1, "$argon2id$a", 4));
        recent.remember(spot, recent.proof(&stored, "Tje0"));
        assert_eq!(recent.compare(spot, &recent.proof(&stored, "guess")), Verdict::Wrong);
        assert!(!recent.is_known(spot));
        assert_eq!(recent.compare(spot, &recent.proof(&stored, "another guess")), Verdict::Unknown, "one comparison");
        assert_eq!(recent.compare(spot, &recent.proof(&stored, "Tje0")), Verdict::Unknown);
    }

    #[test]
    fn use_does_not_make_it_last_longer_and_neither_does_a_clock_that_is_set_back() {
        let (recent, clock) = recent(KEPT_S);
        let (spot, stored) = (Spot::of("tje0", HERE), login(1, "$argon2id$a", 4));
        recent.remember(spot, recent.proof(&stored, "Tje0"));
        clock.advance(SignedDuration::from_secs(299));
        assert_eq!(recent.compare(spot, &recent.proof(&stored, "Tje0")), Verdict::Right);
        clock.advance(SignedDuration::from_secs(1));
        assert!(!recent.is_known(spot));
        assert_eq!(recent.compare(spot, &recent.proof(&stored, "guess")), Verdict::Unknown, "nothing was compared");
        recent.remember(spot, recent.proof(&stored, "Tje0"));
        clock.advance(SignedDuration::from_secs(-1));
        assert!(!recent.is_known(spot));
    }

    #[test]
    fn what_is_known_is_bounded_and_thrown_out_when_it_is_over() {
        let (recent, clock) = recent(KEPT_S);
        let stored = login(1, "$argon2id$a", 4);
        let spot = |number: usize| Spot::of(&format!("user{number}"), HERE);
        for number in 0..2 * MAX_ENTRIES {
            clock.advance(SignedDuration::from_micros(1));
            recent.remember(spot(number), recent.proof(&stored, "Tje0"));
            assert!(recent.lock().known.len() <= MAX_ENTRIES);
        }
        assert!(recent.is_known(spot(2 * MAX_ENTRIES - 1)) && !recent.is_known(spot(0)), "the older ones went");
        clock.advance(SignedDuration::from_secs(KEPT_S.into()));
        recent.remember(spot(0), recent.proof(&stored, "Tje0"));
        assert_eq!(recent.lock().known.len(), 1);
        clock.advance(SignedDuration::from_secs(KEPT_S.into()));
        recent.forget_old();
        assert_eq!(recent.lock().known.len(), 0);
    }

    #[test]
    fn nothing_is_known_where_that_is_switched_off() {
        let (recent, _) = recent(0);
        let (spot, stored) = (Spot::of("tje0", HERE), login(1, "$argon2id$a", 4));
        recent.remember(spot, recent.proof(&stored, "Tje0"));
        assert!(!recent.is_known(spot) && recent.lock().known.is_empty());
    }

    #[test]
    fn another_process_tells_the_same_password_by_something_else() {
        let ((one, _), (other, _)) = (recent(KEPT_S), recent(KEPT_S));
        let stored = login(1, "$argon2id$a", 4);
        assert!(one.proof(&stored, "Tje0").password == one.proof(&stored, "Tje0").password);
        assert!(one.proof(&stored, "Tje0").password != other.proof(&stored, "Tje0").password);
        assert!(one.proof(&stored, "Tje0").state != other.proof(&stored, "Tje0").state);
    }
}
