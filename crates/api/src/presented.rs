//! Everything that a request shows about who sends it.

use std::net::IpAddr;

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::ApiError;
use crate::credentials::{Credentials, Secret, SessionCookie, XSRF_HEADER, one_value};
use crate::keys::{ApiKeys, Security};

/// The header in which a partner application says which one it is.
pub const APP_TOKEN_HEADER: &str = "SO-AppToken";

/// What [`Authenticate`](crate::Authenticate) decides on. Holds secrets, none of which is printed.
#[derive(Clone, Debug)]
pub struct Presented {
    /// How the request signs in.
    pub credentials: Credentials,
    /// The partner application's token.
    pub app_token: Option<Secret>,
    /// The contract's other keys that the request shows, by the names of their security schemes: also those that the
    /// operation does not take, see [`accepts_scheme`](Self::accepts_scheme).
    pub keys: ApiKeys,
    /// The operation's security requirements in the contract: alternatives, each with the names of the schemes that it takes
    /// together. Nothing where the contract asks for nothing.
    pub accepts: &'static [&'static [&'static str]],
    /// Where the request comes from, if the server told: see [`Peer`].
    pub peer: Option<IpAddr>,
    /// What the request wants to do.
    pub method: Method,
}

impl Presented {
    /// Reads what there is.
    ///
    /// # Errors
    /// 400 where a header is there more than once, or malformed. The message never repeats what was sent.
    pub fn from_parts(parts: &Parts, security: &Security) -> Result<Self, ApiError> {
        Self::with(|| credentials(parts), parts, security)
    }

    /// The same for an operation that nobody has to sign in for: none where nobody does, and where nothing is shown but keys
    /// that the operation does not take.
    ///
    /// A cookie alone signs nobody in there. The browser sends it with whatever it sends, for as long as it keeps it: it may
    /// be left over, or another service's on the same host. Without the session's own value it proves nothing, and what
    /// anybody may do needs no protection from forgery.
    ///
    /// # Errors
    /// As [`from_parts`](Self::from_parts), but for cookies that count for nothing.
    pub(crate) fn optional_from_parts(parts: &Parts, security: &Security) -> Result<Option<Self>, ApiError> {
        let is_express = [AUTHORIZATION.as_str(), XSRF_HEADER].iter().any(|name| parts.headers.contains_key(*name));
        let credentials = || match is_express {
            true => credentials(parts),
            false => Ok(Credentials::Missing),
        };
        let presented = Self::with(credentials, parts, security)?;
        let is_anonymous = matches!(presented.credentials, Credentials::Missing)
            && presented.keys.iter().all(|(name, _)| !presented.accepts_scheme(name));
        Ok((!is_anonymous).then_some(presented))
    }

    fn with(
        credentials: impl FnOnce() -> Result<Credentials, ApiError>,
        parts: &Parts,
        security: &Security,
    ) -> Result<Self, ApiError> {
        Ok(Self {
            credentials: credentials()?,
            app_token: app_token(&parts.headers)?,
            keys: ApiKeys::from_parts(parts, security)?,
            accepts: security.accepts,
            peer: parts.extensions.get::<Peer>().map(|Peer(address)| *address),
            method: parts.method.clone(),
        })
    }

    /// Whether one of the operation's requirements has this security scheme of the contract.
    ///
    /// What a request shows is not always what its operation takes: a service that gives some callers a key for a few
    /// operations refuses it at all others.
    pub fn accepts_scheme(&self, scheme: &str) -> bool {
        self.accepts.iter().any(|alternative| alternative.contains(&scheme))
    }
}

/// The address of the other side, which a server puts into the extensions of a request.
///
/// The layer itself never believes headers such as `X-Forwarded-For`: whether there is a proxy that
/// may be trusted is for the server to know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Peer(pub IpAddr);

fn credentials(parts: &Parts) -> Result<Credentials, ApiError> {
    let cookie = parts.extensions.get::<SessionCookie>().copied().unwrap_or_default();
    Credentials::from_headers(&parts.headers, cookie)
}

fn app_token(headers: &HeaderMap) -> Result<Option<Secret>, ApiError> {
    let Some(token) = one_value(headers, APP_TOKEN_HEADER)? else { return Ok(None) };
    // What the contract's pattern says of it.
    if token.is_empty() || token.contains(' ') {
        let error = ApiError::bad_request(format!("header `{APP_TOKEN_HEADER}`: a token is one word"));
        return Err(error.with_reference("SR_ERROR_HEADER", [("header", APP_TOKEN_HEADER.into())]));
    }
    Ok(Some(Secret::new(token)))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::keys::{ApiKey, KeyPlace};

    #[test]
    fn everything_is_read_and_no_secret_is_printed() {
        let request = Request::post("/")
            .header("SO-AppToken", "app-secret")
            .header("Cookie", "session=cookie-secret")
            .header("X-XSRF-TOKEN", "xsrf-secret")
            .header("X-Key", "key-secret")
            .extension(Peer([192, 0, 2, 1].into()))
            .body(())
            .unwrap();
        let security = Security {
            keys: &[ApiKey { scheme: "key", place: KeyPlace::Header, name: "X-Key" }],
            accepts: &[&["key"], &["basic", "xsrf"]],
        };
        let presented = Presented::from_parts(&request.into_parts().0, &security).unwrap();
        assert_eq!(presented.keys.get("key").map(Secret::expose), Some("key-secret"));
        assert_eq!(["key", "xsrf", "other"].map(|name| presented.accepts_scheme(name)), [true, true, false]);
        assert_eq!(presented.app_token.as_ref().map(Secret::expose), Some("app-secret"));
        assert_eq!(presented.peer, Some([192, 0, 2, 1].into()));
        assert_eq!(presented.method, Method::POST);
        let printed = format!("{presented:?}");
        assert!(!printed.contains("secret"), "{printed}");
    }

    #[test]
    fn cookie_without_its_sessions_value_signs_nobody_in_where_nobody_has_to() {
        for (headers, expected) in [
            (&[][..], Ok("nobody")),
            (&[("Cookie", "session=left-over")], Ok("nobody")),
            (&[("Cookie", "session=a"), ("Cookie", "session=b")], Ok("nobody")),
            (&[("X-XSRF-TOKEN", "x")], Ok("nobody")),
            (&[("Cookie", "session=a"), ("X-XSRF-TOKEN", "x")], Ok("session")),
            (&[("Cookie", "session=a"), ("X-XSRF-TOKEN", "")], Ok("session")),
            (&[("Cookie", "session=a"), ("Cookie", "session=b"), ("X-XSRF-TOKEN", "x")], Err(400)),
            (&[("Cookie", "session=a"), ("Authorization", "SoTicket 7T:a")], Ok("ticket")),
            (&[("Authorization", "Other scheme")], Ok("something else")),
            (&[("Authorization", "Basic no base64")], Err(400)),
            (&[("Cookie", "session=a"), ("X-Key", "k")], Ok("key")),
            (&[("Cookie", "session=a"), ("X-Other", "k")], Ok("nobody")),
        ] {
            let mut request = Request::post("/");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let parts = request.body(()).unwrap().into_parts().0;
            let security = Security {
                keys: &[
                    ApiKey { scheme: "key", place: KeyPlace::Header, name: "X-Key" },
                    ApiKey { scheme: "other", place: KeyPlace::Header, name: "X-Other" },
                ],
                accepts: &[&["key"], &[]],
            };
            let read = Presented::optional_from_parts(&parts, &security).map(|presented| {
                presented.map_or("nobody", |presented| match presented.credentials {
                    Credentials::Session { .. } => "session",
                    Credentials::SoTicket(_) => "ticket",
                    Credentials::Missing => "key",
                    _ => "something else",
                })
            });
            assert_eq!(read.map_err(|error| error.status().as_u16()), expected, "{headers:?}");
        }
    }

    #[test]
    fn application_tokens_are_one_plain_value() {
        for (values, expected) in [
            (&[][..], Ok(None)),
            (&["a"][..], Ok(Some("a".to_owned()))),
            (&[""][..], Err(400)),
            (&["a b"][..], Err(400)),
            (&["a", "a"][..], Err(400)),
            (&["\u{e9}"][..], Err(400)),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(APP_TOKEN_HEADER, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            let read = app_token(&headers);
            let read = read.map(|token| token.map(|token| token.expose().to_owned()));
            assert_eq!(read.map_err(|error| error.status().as_u16()), expected, "{values:?}");
        }
    }
}
