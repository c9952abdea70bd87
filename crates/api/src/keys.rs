//! The keys of a contract (`type: apiKey`) that a request shows, and what its operation takes.

use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::credentials::{Secret, one_cookie, one_value};
use crate::support::Query;
use crate::{API_KEYS, ApiError};

/// A key that the contract declares. Those that [`Credentials`](crate::Credentials) and the application's token consist of
/// (`Authorization`, `X-XSRF-TOKEN`, `SO-AppToken`, the session's cookie) are not among them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ApiKey {
    /// The security scheme's name in the contract.
    pub scheme: &'static str,
    /// Where the key travels.
    pub place: KeyPlace,
    /// What header, query parameter or cookie is called.
    pub name: &'static str,
}

/// Where a key travels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyPlace {
    /// As a header.
    Header,
    /// As a parameter of the query.
    Query,
    /// As a cookie.
    Cookie,
}

/// What the contract says of signing in to an operation. Generated code writes it.
#[derive(Clone, Copy, Debug)]
pub struct Security {
    /// All keys of the contract.
    pub keys: &'static [ApiKey],
    /// The operation's requirements: alternatives, each with the names of the schemes that it takes together.
    pub accepts: &'static [&'static [&'static str]],
}

impl Security {
    /// Whether one of the requirements has the scheme.
    pub fn accepts_scheme(&self, scheme: &str) -> bool {
        self.accepts.iter().any(|alternative| alternative.contains(&scheme))
    }
}

/// The keys that a request shows, by the names of their security schemes. None of them is printed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ApiKeys(Vec<(&'static str, Secret)>);

impl ApiKeys {
    /// The key of this security scheme.
    pub fn get(&self, scheme: &str) -> Option<&Secret> {
        self.iter().find(|(name, _)| *name == scheme).map(|(_, key)| key)
    }

    /// Names of security schemes, and their keys, in the contract's order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Secret)> {
        self.0.iter().map(|(scheme, key)| (*scheme, key))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads what there is. Headers and cookies always, so that a service can refuse what an operation does not take; the
    /// query only where the operation takes the key, for elsewhere a parameter of that name may be anything.
    ///
    /// # Errors
    /// 400 where a key is there more than once, is empty, or not printable ASCII. The message never repeats it.
    pub(crate) fn from_parts(parts: &Parts, security: &Security) -> Result<Self, ApiError> {
        let mut found = Vec::new();
        for key in security.keys {
            let value = match key.place {
                KeyPlace::Header => in_header(&parts.headers, key.name)?,
                KeyPlace::Cookie => in_cookie(&parts.headers, key.name)?,
                KeyPlace::Query if security.accepts_scheme(key.scheme) => in_query(parts, key.name)?,
                KeyPlace::Query => None,
            };
            found.extend(value.map(|value| (key.scheme, value)));
        }
        Ok(Self(found))
    }
}

/// The headers in which the contract's keys travel: what is answered may depend on them.
pub(crate) fn key_headers() -> impl Iterator<Item = &'static str> {
    let headers = API_KEYS.iter().filter(|key| key.place == KeyPlace::Header).map(|key| key.name);
    headers.filter(|name| HeaderName::try_from(*name).is_ok())
}

fn in_header(headers: &HeaderMap, name: &'static str) -> Result<Option<Secret>, ApiError> {
    let value = one_value(headers, name)?.map(Secret::new);
    value.map(|value| not_empty(&format!("header `{name}`"), value)).transpose()
}

fn in_cookie(headers: &HeaderMap, name: &str) -> Result<Option<Secret>, ApiError> {
    one_cookie(headers, name)?.map(|value| not_empty(&format!("cookie `{name}`"), value)).transpose()
}

fn in_query(parts: &Parts, name: &str) -> Result<Option<Secret>, ApiError> {
    let Some(value) = Query::parse(&parts.uri)?.get::<Secret>(name)? else { return Ok(None) };
    let what = format!("query parameter `{name}`");
    if value.expose().bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return not_empty(&what, value).map(Some);
    }
    let error = ApiError::bad_request(format!("{what}: it holds other characters than printable ASCII"));
    Err(error.with_reference("SR_ERROR_CHARACTERS", [("what", (&*what).into())]))
}

fn not_empty(what: &str, value: Secret) -> Result<Secret, ApiError> {
    if value.expose().is_empty() {
        let error = ApiError::bad_request(format!("{what}: it is empty"));
        return Err(error.with_reference("SR_ERROR_NOT_VALID", [("what", what.into())]));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const SECURITY: Security = Security {
        keys: &[
            ApiKey { scheme: "inHeader", place: KeyPlace::Header, name: "X-Key" },
            ApiKey { scheme: "inQuery", place: KeyPlace::Query, name: "key" },
            ApiKey { scheme: "inCookie", place: KeyPlace::Cookie, name: "sid" },
            ApiKey { scheme: "elsewhere", place: KeyPlace::Query, name: "other" },
        ],
        accepts: &[&["basic"], &["inQuery", "inCookie"]],
    };

    fn read(query: &str, headers: &[(&str, &[u8])]) -> Result<String, String> {
        let request = headers.iter().fold(Request::get(format!("/x{query}")), |request, (name, value)| {
            request.header(*name, http::HeaderValue::from_bytes(value).unwrap())
        });
        let keys = ApiKeys::from_parts(&request.body(()).unwrap().into_parts().0, &SECURITY);
        let shown = |keys: ApiKeys| {
            let printed = format!("{keys:?}");
            let shown: Vec<String> = keys.iter().map(|(scheme, key)| format!("{scheme} {}", key.expose())).collect();
            assert!(keys.iter().all(|(_, key)| !printed.contains(key.expose())), "{printed}");
            shown.join(", ")
        };
        keys.map(shown).map_err(|error| format!("{} {}", error.status().as_u16(), error.message()))
    }

    #[test]
    fn keys_are_read_where_they_travel() {
        type Case = (&'static str, &'static [(&'static str, &'static [u8])], Result<&'static str, &'static str>);
        let cases: &[Case] = &[
            ("", &[], Ok("")),
            (
                "?key=q%2B1&x=2",
                &[("x-key", b" h 1 "), ("cookie", b"a=1; sid=c1")],
                Ok("inHeader h 1, inQuery q+1, inCookie c1"),
            ),
            // The operation does not take it: the name may stand for anything.
            ("?other=secret1&other=secret1", &[], Ok("")),
            ("?key=secret1&key=secret2", &[], Err("400 query parameter `key` is there more than once")),
            ("?key=", &[], Err("400 query parameter `key`: it is empty")),
            ("?key=secret%00", &[], Err("400 query parameter `key`: it holds other characters than printable ASCII")),
            (
                "",
                &[("x-key", b"secret1"), ("x-key", b"secret1")],
                Err("400 header `X-Key`: it is there more than once"),
            ),
            ("", &[("x-key", b"")], Err("400 header `X-Key`: it is empty")),
            (
                "",
                &[("x-key", b"secret\xe9")],
                Err("400 header `X-Key`: it holds other characters than printable ASCII"),
            ),
            ("", &[("cookie", b"sid=secret1; sid=secret2")], Err("400 cookie `sid`: it is there more than once")),
            ("", &[("cookie", b"sid=")], Err("400 cookie `sid`: it is empty")),
            (
                "",
                &[("cookie", b"sid=secret 1")],
                Err("400 cookie `sid`: it holds other characters than printable ASCII"),
            ),
        ];
        for (query, headers, expected) in cases {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(read(query, headers), expected, "{query} {headers:?}");
        }
    }

    #[test]
    fn an_operation_takes_what_its_requirements_name() {
        for (scheme, expected) in [("basic", true), ("inCookie", true), ("inHeader", false), ("", false)] {
            assert_eq!(SECURITY.accepts_scheme(scheme), expected, "{scheme}");
        }
        assert!(!Security { keys: &[], accepts: &[&[]] }.accepts_scheme("basic"));
    }
}
