//! What is set once and holds for every request.

use std::fmt;
use std::time::Duration;

use http::header::Entry;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

/// The defaults of a client.
#[derive(Clone)]
pub(crate) struct Defaults {
    /// Sign-in, language and the like; secrets are marked as sensitive.
    pub(crate) headers: HeaderMap,
    /// Names and values of keys that travel in the query; all of them secrets.
    pub(crate) query: Vec<(&'static str, String)>,
    /// For each attempt.
    pub(crate) timeout: Duration,
    pub(crate) retry: Retry,
}

impl fmt::Debug for Defaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values are left away altogether: a time zone or language is of little use in a log.
        f.debug_struct("Defaults")
            .field("headers", &self.headers.keys().map(|name| name.as_str()).collect::<Vec<_>>())
            .field("query", &self.query.iter().map(|(name, _)| *name).collect::<Vec<_>>())
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish()
    }
}

/// Puts cookies in front of those that there are.
pub(crate) fn add_cookies(header: Entry<'_, HeaderValue>, cookies: &HeaderValue) {
    let mut all = cookies.clone();
    all.set_sensitive(true);
    match header {
        Entry::Vacant(entry) => {
            entry.insert(all);
        }
        Entry::Occupied(mut entry) => {
            let both = HeaderValue::from_bytes(&[all.as_bytes(), b"; ", entry.get().as_bytes()].concat());
            if let Ok(mut both) = both {
                both.set_sensitive(true);
                entry.insert(both);
            }
        }
    }
}

/// When a request is sent again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retry {
    /// How often, after the first attempt.
    times: u32,
    /// The wait before the first repetition, doubled for each that follows.
    first_wait: Duration,
    longest_wait: Duration,
    /// The longest `Retry-After` that is honoured.
    longest_retry_after: Duration,
}

impl Retry {
    pub(crate) fn times(times: u32) -> Self {
        Self {
            times,
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(5),
            longest_retry_after: Duration::from_secs(30),
        }
    }

    /// Whether there may be another repetition after `repeated` ones.
    pub(crate) fn allows(&self, repeated: u32) -> bool {
        repeated < self.times
    }

    /// The wait after a failed connection.
    pub(crate) fn wait(&self, repeated: u32) -> Duration {
        self.first_wait.saturating_mul(2_u32.saturating_pow(repeated)).min(self.longest_wait)
    }

    /// The wait after an answer; `None` where the answer is final.
    pub(crate) fn wait_after(&self, status: StatusCode, headers: &HeaderMap, repeated: u32) -> Option<Duration> {
        if !matches!(status.as_u16(), 408 | 429 | 502 | 503 | 504) {
            return None;
        }
        // The other form of the header, a date, would need a clock that agrees with the server's.
        let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        match seconds.map(Duration::from_secs) {
            Some(wait) => (wait <= self.longest_retry_after).then_some(wait),
            None => Some(self.wait(repeated)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let retry = Retry::times(9);
        let waits: Vec<u128> = [0, 1, 2, 3, 4, 5, 99].map(|repeated| retry.wait(repeated).as_millis()).into();
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 5000, 5000]);
    }

    #[test]
    fn repetitions_end() {
        assert_eq!([0, 1, 2, 3].map(|repeated| Retry::times(2).allows(repeated)), [true, true, false, false]);
        assert!(!Retry::times(0).allows(0));
    }

    #[test]
    fn the_server_says_how_long() {
        for (status, retry_after, expected_ms) in [
            (503, None, Some(200)),
            (503, Some("0"), Some(0)),
            (429, Some("3"), Some(3000)),
            (429, Some("30"), Some(30_000)),
            (429, Some("31"), None),
            (408, Some("Fri, 31 Dec 1999 23:59:59 GMT"), Some(200)),
            (500, Some("1"), None),
            (404, None, None),
            (409, Some("0"), None),
            (422, Some("0"), None),
            (200, None, None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = retry_after {
                headers.insert(RETRY_AFTER, value.parse().unwrap());
            }
            let wait = Retry::times(1).wait_after(StatusCode::from_u16(status).unwrap(), &headers, 0);
            assert_eq!(wait.map(|wait| wait.as_millis()), expected_ms, "{status} {retry_after:?}");
        }
    }
}
