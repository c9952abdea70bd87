//! The contract's keys (`type: apiKey`): how one travels with every request.

use std::fmt;

use reqwest::header::{COOKIE, HeaderMap, HeaderName, HeaderValue};

use crate::defaults::{Defaults, add_cookies};

/// A key that the contract declares, beside those that the sign-in of [`Builder`](crate::Builder) consists of.
#[derive(Debug)]
pub(crate) struct ApiKey {
    /// The security scheme's name.
    pub(crate) scheme: &'static str,
    pub(crate) place: KeyPlace,
    /// What header, query parameter or cookie is called.
    pub(crate) name: &'static str,
}

/// Where a key travels.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyPlace {
    Header,
    Query,
    Cookie,
}

/// A key that is set, and not yet checked.
pub(crate) struct SetKey {
    /// Nothing where the contract has no such scheme.
    known: Option<&'static ApiKey>,
    value: String,
}

impl SetKey {
    /// `known` are the keys of the contract.
    pub(crate) fn new(known: &'static [ApiKey], scheme: &str, value: String) -> Self {
        Self { known: known.iter().find(|key| key.scheme == scheme), value }
    }

    /// Makes it travel with every request. The reason, where it cannot, does not quote it.
    pub(crate) fn add_to(self, defaults: &mut Defaults) -> Result<(), &'static str> {
        let Self { known, value } = self;
        let ApiKey { place, name, .. } = known.ok_or("names no key of the contract")?;
        if value.trim().is_empty() {
            return Err("is empty");
        }
        if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err("has a character that is not printable ASCII");
        }
        match place {
            KeyPlace::Header => insert(&mut defaults.headers, name, &value),
            KeyPlace::Query => {
                defaults.query.retain(|(other, _)| other != name);
                defaults.query.push((name, value));
                Ok(())
            }
            KeyPlace::Cookie if value.contains([' ', '"', ',', ';', '\\']) => {
                Err("has a character that a cookie cannot have")
            }
            KeyPlace::Cookie => add_cookie(&mut defaults.headers, name, &value),
        }
    }
}

impl fmt::Debug for SetKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SetKey").field(&self.known.map(|key| key.scheme)).finish()
    }
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), &'static str> {
    let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) else {
        return Err("cannot travel in a header of the name that the contract has for it");
    };
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

fn add_cookie(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), &'static str> {
    let cookie = HeaderValue::from_str(&format!("{name}={value}"));
    let cookie = cookie.map_err(|_| "cannot travel in a cookie of the name that the contract has for it")?;
    add_cookies(headers.entry(COOKIE), &cookie);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::defaults::Retry;
    use crate::hooks;

    const KNOWN: &[ApiKey] = &[
        ApiKey { scheme: "inHeader", place: KeyPlace::Header, name: "X-Key" },
        ApiKey { scheme: "inQuery", place: KeyPlace::Query, name: "the key" },
        ApiKey { scheme: "inCookie", place: KeyPlace::Cookie, name: "sid" },
        ApiKey { scheme: "odd", place: KeyPlace::Header, name: "no header" },
    ];

    fn defaults() -> Defaults {
        let (headers, timeout) = (HeaderMap::new(), Duration::from_secs(1));
        Defaults { headers, query: Vec::new(), timeout, retry: Retry::times(0) }
    }

    fn set(scheme: &str, value: &str) -> Result<Defaults, &'static str> {
        let key = SetKey::new(KNOWN, scheme, value.to_owned());
        assert!(!format!("{key:?}").contains("secret"), "{key:?}");
        let mut defaults = defaults();
        key.add_to(&mut defaults).map(|()| defaults)
    }

    #[test]
    fn keys_travel_where_the_contract_says() {
        let sent = |scheme, value, url: &str| {
            let defaults = set(scheme, value).unwrap();
            assert!(!format!("{defaults:?}").contains("secret"), "{defaults:?}");
            let mut request = reqwest::Request::new(reqwest::Method::GET, url.parse().unwrap());
            request.headers_mut().insert(COOKIE, HeaderValue::from_static("own=1"));
            hooks::prepare(&defaults, &mut request);
            assert!(!format!("{:?}", request.headers()).contains("secret"), "{request:?}");
            let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            (request.url().to_string(), header("x-key"), header("cookie"))
        };
        let own = || Some("own=1".to_owned());
        for (scheme, value, url, expected) in [
            ("inHeader", "secret 1", "http://a/b", ("http://a/b", Some("secret 1".to_owned()), own())),
            ("inCookie", "secret=1", "http://a/b?c", ("http://a/b?c", None, Some("sid=secret=1; own=1".to_owned()))),
            ("inQuery", "secret+&1", "http://a/b", ("http://a/b?the+key=secret%2B%261", None, own())),
            ("inQuery", "secret", "http://a/b?c=%2C,", ("http://a/b?c=%2C,&the+key=secret", None, own())),
            // What an operation says itself counts.
            ("inQuery", "secret", "http://a/b?the%20key=2", ("http://a/b?the%20key=2", None, own())),
        ] {
            let (url, key, cookie) = sent(scheme, value, url);
            assert_eq!((url.as_str(), key, cookie), expected, "{scheme} {value}");
        }
    }

    #[test]
    fn keys_that_cannot_travel_are_refused() {
        for (scheme, value, expected) in [
            ("unknown", "secret", "names no key of the contract"),
            ("inHeader", " ", "is empty"),
            ("inHeader", "secret\n", "has a character that is not printable ASCII"),
            ("inQuery", "secret\u{e9}", "has a character that is not printable ASCII"),
            ("inCookie", "secret; a=b", "has a character that a cookie cannot have"),
            ("odd", "secret", "cannot travel in a header of the name that the contract has for it"),
        ] {
            assert_eq!(set(scheme, value).unwrap_err(), expected, "{scheme}");
        }
    }
}
