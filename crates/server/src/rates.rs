//! How often customers of one address may call: they are not signed in, so there is nothing else to tell them apart by.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chat_api::ApiError;
use jiff::{SignedDuration, Timestamp};

use crate::auth::own_part;
use crate::clock::Clock;
use crate::config::CustomerSettings;

/// Addresses that are remembered: a few megabytes at most, whoever calls.
const MAX_ENTRIES: usize = 40_000;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Counts what customers do, by IPv4 address and by IPv6 network of 64 bits. Where the server does not tell the address
/// all are counted as one.
pub(crate) struct CustomerRates {
    clock: Arc<dyn Clock>,
    starts: Rate,
    requests: Rate,
}

impl CustomerRates {
    pub(crate) fn new(clock: Arc<dyn Clock>, settings: CustomerSettings) -> Self {
        let (starts, requests) = (Rate::new(settings.starts_per_minute), Rate::new(settings.requests_per_minute));
        Self { clock, starts, requests }
    }

    /// Counts a request.
    ///
    /// # Errors
    /// 429 where there were too many; this one does not count.
    pub(crate) fn request(&self, peer: Option<IpAddr>) -> Result<(), ApiError> {
        self.requests.enter(peer.map(own_part), self.clock.now())
    }

    /// Counts the start of a session, which is a request, too.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub(crate) fn start(&self, peer: Option<IpAddr>) -> Result<(), ApiError> {
        self.request(peer)?;
        self.starts.enter(peer.map(own_part), self.clock.now())
    }
}

/// So many in a minute, at once or one by one; each then comes back after its share of the minute.
struct Rate {
    each: SignedDuration,
    /// By address, when all that was used up will have come back. Who is not here has used nothing.
    used_until: Mutex<HashMap<Option<IpAddr>, Timestamp>>,
}

impl Rate {
    fn new(per_minute: u32) -> Self {
        let count = i32::try_from(per_minute.max(1)).unwrap_or(i32::MAX);
        Self { each: MINUTE / count, used_until: Mutex::default() }
    }

    fn enter(&self, party: Option<IpAddr>, now: Timestamp) -> Result<(), ApiError> {
        // Values are whole at any moment; at worst one call is not counted.
        let mut all = self.used_until.lock().unwrap_or_else(PoisonError::into_inner);
        // What is further ahead than anybody gets is of a clock that was set back since: it must leave nobody out.
        let used_until = all.get(&party).filter(|until| (now..=now + MINUTE).contains(*until)).unwrap_or(&now);
        let next = *used_until + self.each;
        let wait = next.duration_since(now + MINUTE);
        if wait.is_positive() {
            return Err(ApiError::too_many_requests(wait.unsigned_abs()));
        }
        make_room(&mut all, now);
        all.insert(party, next);
        Ok(())
    }
}

/// Forgets, where all is full, who has used nothing any more, and if that is not enough the half that has used least.
fn make_room(all: &mut HashMap<Option<IpAddr>, Timestamp>, now: Timestamp) {
    if all.len() < MAX_ENTRIES {
        return;
    }
    all.retain(|_, until| *until > now);
    if all.len() < MAX_ENTRIES {
        return;
    }
    let mut ends: Vec<Timestamp> = all.values().copied().collect();
    let (_, median, _) = ends.select_nth_unstable(MAX_ENTRIES / 2);
    let median = *median;
    all.retain(|_, until| *until > median);
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use axum::http::StatusCode;
    use axum::http::header::RETRY_AFTER;

    use super::*;
    use crate::clock::ManualClock;

    fn world(starts_per_minute: u32, requests_per_minute: u32) -> (Arc<ManualClock>, CustomerRates) {
        let clock = Arc::new(ManualClock::new("2026-03-02T09:00:00Z".parse().unwrap()));
        let settings = CustomerSettings { starts_per_minute, requests_per_minute, ..CustomerSettings::default() };
        (clock.clone(), CustomerRates::new(clock, settings))
    }

    #[test]
    fn so_many_a_minute_are_let_through() {
        let (clock, rates) = world(3, 100);
        let here = Some("203.0.113.7".parse().unwrap());
        for _ in 0..3 {
            rates.start(here).unwrap();
        }
        let refused = rates.start(here).unwrap_err();
        assert_eq!(
            (refused.status(), &refused.headers()[RETRY_AFTER]),
            (StatusCode::TOO_MANY_REQUESTS, &"20".parse().unwrap())
        );
        clock.advance(SignedDuration::from_secs(19));
        assert!(rates.start(here).is_err(), "asking early does not help");
        clock.advance(SignedDuration::from_secs(1));
        rates.start(here).unwrap();
        assert!(rates.start(here).is_err());
        clock.advance(SignedDuration::from_mins(10));
        for _ in 0..3 {
            rates.start(here).unwrap();
        }
        assert!(rates.start(here).is_err(), "what is not used is not saved up");
        clock.advance(SignedDuration::from_hours(-10));
        rates.start(here).expect("a clock that is set back leaves nobody out");
    }

    #[test]
    fn parties_do_not_hold_each_other_up() {
        let (_, rates) = world(1, 2);
        let addresses = ["203.0.113.7", "203.0.113.8", "2001:db8::1", "2001:db8:0:1::1"];
        for address in addresses {
            rates.start(Some(address.parse().unwrap())).unwrap();
        }
        rates.start(None).unwrap();
        // The same network, and the same address written in another way.
        for address in ["2001:db8::2", "::ffff:203.0.113.7"] {
            assert!(rates.start(Some(address.parse().unwrap())).is_err(), "{address}");
        }
        assert!(rates.request(Some(addresses[0].parse().unwrap())).is_err(), "starts count as requests");
        rates.request(Some(addresses[1].parse().unwrap())).unwrap();
    }

    #[test]
    fn memory_is_bounded() {
        let (_, rates) = world(1, 1_000_000);
        for number in 0..(2 * MAX_ENTRIES as u128) {
            rates.request(Some(Ipv6Addr::from_bits(number << 64).into())).unwrap();
        }
        rates.request(Some(Ipv4Addr::LOCALHOST.into())).unwrap();
        assert!(rates.requests.used_until.lock().unwrap().len() <= MAX_ENTRIES);
    }
}
