//! What a request shows in order to sign in.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::COOKIE;
use subtle::ConstantTimeEq as _;

use crate::ApiError;
use crate::negotiation::is_token;

/// The cookie that carries a browser session.
pub const SESSION_COOKIE: &str = "session";

/// Its name where cookies are for TLS only. Browsers take a cookie with this prefix (RFC 6265bis,
/// section 4.1.3.2) from the very host alone, over TLS: no neighbouring host can slip in another.
pub const HOST_SESSION_COOKIE: &str = "__Host-session";

/// Which cookie carries the browser session of a request; in its extensions, where a server puts it
/// that knows whether the caller speaks TLS. Without it: [`SESSION_COOKIE`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SessionCookie {
    /// [`SESSION_COOKIE`].
    #[default]
    Plain,
    /// [`HOST_SESSION_COOKIE`], and no other.
    Host,
}

impl SessionCookie {
    /// The cookie's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => SESSION_COOKIE,
            Self::Host => HOST_SESSION_COOKIE,
        }
    }
}

/// The header that carries a browser session's random value.
pub const XSRF_HEADER: &str = "X-XSRF-TOKEN";

/// How a request signs in: with the header `Authorization`, else with the cookie of a browser session.
///
/// Schemes are read in any letter case, as RFC 9110 (section 11.1) wants; everything else strictly.
/// With an `Authorization` header, even an unusable one, cookies are not looked at: what a caller
/// says expressly must never fall back to what a browser sends by itself.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// `Basic`, RFC 7617: base64 of `user:password` in UTF-8.
    Basic {
        /// Everything before the first colon.
        user: String,
        /// Everything after it; may be empty.
        password: Secret,
    },
    /// `SoTicket`: a ticket that the service issued.
    SoTicket(Secret),
    /// `Bearer`, RFC 6750: an access token.
    Bearer(Secret),
    /// The browser session of the [`SessionCookie`].
    Session {
        /// The cookie's value.
        token: Secret,
        /// What the header [`XSRF_HEADER`] says. A browser sends the cookie with requests of any
        /// page, this only with those of the session's own: without the right one, refuse.
        xsrf: Option<Secret>,
    },
    /// There is neither.
    Missing,
    /// A well-formed header with a scheme that this API does not know.
    Unsupported {
        /// The scheme as the request wrote it.
        scheme: String,
    },
}

impl Credentials {
    /// Reads them from the headers of a request.
    ///
    /// # Errors
    /// 400 where a header or the cookie is there more than once, is not text, or does not have the
    /// form that its scheme prescribes. The message never repeats what was sent.
    pub fn from_headers(headers: &HeaderMap, cookie: SessionCookie) -> Result<Self, ApiError> {
        if let Some(authorization) = one_value(headers, "Authorization")? {
            return parse(authorization).map_err(malformed);
        }
        let Some(token) = one_cookie(headers, cookie.name())? else { return Ok(Self::Missing) };
        let xsrf = one_value(headers, XSRF_HEADER)?.map(Secret::new);
        Ok(Self::Session { token, xsrf })
    }
}

/// Text that must not appear in logs or answers.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; what takes it must not print it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

impl PartialEq for Secret {
    /// In a time that does not depend on where two secrets differ.
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// A header that proves something: once, and in printable ASCII.
pub(crate) fn one_value<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, ApiError> {
    let refuse = |why: &str, reference: &'static str| {
        let error = ApiError::bad_request(format!("header `{name}`: {why}"));
        error.with_reference(reference, [("what", format!("header `{name}`").as_str().into())])
    };
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(refuse("it is there more than once", "SR_ERROR_TWICE"));
    }
    let is_plain = value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte));
    let text = value.to_str().ok().filter(|_| is_plain);
    text.map(|text| Some(text.trim()))
        .ok_or_else(|| refuse("it holds other characters than printable ASCII", "SR_ERROR_CHARACTERS"))
}

/// A cookie that proves something, among all cookies, which HTTP/2 may spread over several headers.
///
/// Two of that name are refused: whoever can set cookies for a neighbouring host could slip in
/// theirs, and which one counts is a matter of taste (RFC 6265, section 8.6).
pub(crate) fn one_cookie(headers: &HeaderMap, name: &str) -> Result<Option<Secret>, ApiError> {
    let refuse = |why: &str, reference: &'static str| {
        let error = ApiError::bad_request(format!("cookie `{name}`: {why}"));
        error.with_reference(reference, [("what", format!("cookie `{name}`").as_str().into())])
    };
    let mut values = cookie_values(headers, name);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(refuse("it is there more than once", "SR_ERROR_TWICE"));
    }
    match std::str::from_utf8(value) {
        Ok(value) if value.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(Secret::new(value))),
        _ => Err(refuse("it holds other characters than printable ASCII", "SR_ERROR_CHARACTERS")),
    }
}

/// The values of all cookies of this name, as the request sent them.
pub fn cookie_values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| {
        let (key, value) = pair.split_at_checked(pair.iter().position(|byte| *byte == b'=')?)?;
        (key.trim_ascii() == name.as_bytes()).then(|| value[1..].trim_ascii())
    })
}

fn malformed(why: &str) -> ApiError {
    let error = ApiError::bad_request(format!("header `Authorization`: {why}"));
    error.with_reference("SR_ERROR_HEADER", [("header", "Authorization".into())])
}

fn parse(text: &str) -> Result<Credentials, &'static str> {
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim_start();
    if !is_token(scheme) {
        return Err("it does not begin with a scheme");
    }
    if scheme.eq_ignore_ascii_case("Basic") {
        parse_basic(rest)
    } else if scheme.eq_ignore_ascii_case("SoTicket") {
        parse_opaque(rest).map(Credentials::SoTicket)
    } else if scheme.eq_ignore_ascii_case("Bearer") {
        parse_opaque(rest).map(Credentials::Bearer)
    } else {
        Ok(Credentials::Unsupported { scheme: scheme.to_owned() })
    }
}

fn parse_basic(encoded: &str) -> Result<Credentials, &'static str> {
    let bytes = STANDARD.decode(encoded).map_err(|_| "what follows `Basic` is not base64")?;
    let text = String::from_utf8(bytes).map_err(|_| "what follows `Basic` is not base64 of UTF-8 text")?;
    if text.chars().any(char::is_control) {
        return Err("user or password hold a control character");
    }
    let (user, password) = text.split_once(':').ok_or("what follows `Basic` is not base64 of `user:password`")?;
    Ok(Credentials::Basic { user: user.to_owned(), password: Secret::new(password) })
}

/// A ticket or token: one word. Both kinds begin with a mark such as `7T:`, which RFC 6750's own
/// grammar does not admit, so any printable character is.
fn parse_opaque(text: &str) -> Result<Secret, &'static str> {
    if text.is_empty() {
        return Err("nothing follows the scheme");
    }
    if text.contains([' ', '\t']) {
        return Err("more than one word follows the scheme");
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::*;

    /// A line for what was read: `basic user password`, `ticket …`, or the error's message.
    fn read(values: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, http::HeaderValue::from_bytes(value).unwrap());
        }
        match Credentials::from_headers(&headers, SessionCookie::Plain) {
            Ok(Credentials::Basic { user, password }) => format!("basic <{user}> <{}>", password.expose()),
            Ok(Credentials::SoTicket(ticket)) => format!("ticket <{}>", ticket.expose()),
            Ok(Credentials::Bearer(token)) => format!("bearer <{}>", token.expose()),
            Ok(Credentials::Session { .. }) => unreachable!("there are no cookies"),
            Ok(Credentials::Missing) => "missing".to_owned(),
            Ok(Credentials::Unsupported { scheme }) => format!("unsupported {scheme}"),
            Err(error) => {
                assert_eq!(error.status(), 400);
                format!("400 {}", error.message().trim_start_matches("header `Authorization`: "))
            }
        }
    }

    fn basic(plain: &[u8]) -> String {
        read(&[format!("Basic {}", STANDARD.encode(plain)).as_bytes()])
    }

    #[test]
    fn header_forms() {
        for (value, expected) in [
            ("Basic dGplMDpUamUw", "basic <tje0> <Tje0>"),
            ("bASIC dGplMDpUamUw", "basic <tje0> <Tje0>"),
            ("Basic   dGplMDpUamUw", "basic <tje0> <Tje0>"),
            ("Basic dGplMDpUamUw!", "400 what follows `Basic` is not base64"),
            ("Basic dGplMDpUamUwMQ", "400 what follows `Basic` is not base64"),
            ("Basic dGplMDpUamUwMQ==", "basic <tje0> <Tje01>"),
            ("Basic", "400 what follows `Basic` is not base64 of `user:password`"),
            ("SoTicket 7T:abc==", "ticket <7T:abc==>"),
            ("soticket 7T:abc", "ticket <7T:abc>"),
            ("SoTicket", "400 nothing follows the scheme"),
            ("Bearer 8A:x.y", "bearer <8A:x.y>"),
            ("Bearer a b", "400 more than one word follows the scheme"),
            ("Digest username=\"x\"", "unsupported Digest"),
            ("", "400 it does not begin with a scheme"),
            ("(x) y", "400 it does not begin with a scheme"),
        ] {
            assert_eq!(read(&[value.as_bytes()]), expected, "{value:?}");
        }
        assert_eq!(read(&[]), "missing");
        assert_eq!(read(&[b"Basic\tdGplMDpUamUw"]), "400 it holds other characters than printable ASCII");
        assert_eq!(read(&[b"Basic \xe9"]), "400 it holds other characters than printable ASCII");
        assert_eq!(read(&[b"Basic dGplMDpUamUw", b"Bearer x"]), "400 it is there more than once");
    }

    #[test]
    fn basic_pairs() {
        for (plain, expected) in [
            (&b"tje0:"[..], "basic <tje0> <>"),
            (b":x", "basic <> <x>"),
            (b"a:b:c", "basic <a> <b:c>"),
            ("jürgen:пароль".as_bytes(), "basic <jürgen> <пароль>"),
            (b"tje0", "400 what follows `Basic` is not base64 of `user:password`"),
            (b"a:\xff", "400 what follows `Basic` is not base64 of UTF-8 text"),
            (b"a:b\n", "400 user or password hold a control character"),
        ] {
            assert_eq!(basic(plain), expected, "{plain:?}");
        }
    }

    #[test]
    fn session_cookies() {
        for (pairs, expected) in [
            (&[("cookie", "session=abc")][..], "session <abc> none"),
            (&[("cookie", "a=b; session=abc; c"), ("x-xsrf-token", "x")][..], "session <abc> <x>"),
            (&[("cookie", "a=b"), ("cookie", "session=a=c")][..], "session <a=c> none"),
            (&[("cookie", "session=")][..], "session <> none"),
            (&[("cookie", "Session=abc; xsession=abc; session")][..], "missing"),
            (&[("cookie", "a=\u{e9}; session=abc")][..], "session <abc> none"),
            (&[("cookie", "session=a; session=a")][..], "400 cookie `session`: it is there more than once"),
            (
                &[("cookie", "session=a"), ("cookie", "session=b")][..],
                "400 cookie `session`: it is there more than once",
            ),
            (&[("cookie", "session=a b")][..], "400 cookie `session`: it holds other characters than printable ASCII"),
            (
                &[("cookie", "session=a"), ("x-xsrf-token", "x"), ("x-xsrf-token", "y")][..],
                "400 header `X-XSRF-TOKEN`: it is there more than once",
            ),
            (&[("cookie", "session=a; session=b"), ("authorization", "Bearer x")][..], "other"),
            (&[("cookie", "session=a"), ("authorization", "Digest x")][..], "other"),
            (
                &[("cookie", "session=a"), ("authorization", "")][..],
                "400 header `Authorization`: it does not begin with a scheme",
            ),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
            }
            let read = match Credentials::from_headers(&headers, SessionCookie::Plain) {
                Ok(Credentials::Session { token, xsrf }) => {
                    let xsrf = xsrf.map_or("none".to_owned(), |xsrf| format!("<{}>", xsrf.expose()));
                    format!("session <{}> {xsrf}", token.expose())
                }
                Ok(Credentials::Missing) => "missing".to_owned(),
                Ok(_) => "other".to_owned(),
                Err(error) => format!("{} {}", error.status().as_u16(), error.message()),
            };
            assert_eq!(read, expected, "{pairs:?}");
        }
    }

    #[test]
    fn only_the_cookie_of_the_transport_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", "session=plain; __Host-session=host; session=planted".parse().unwrap());
        let token = |cookie| match Credentials::from_headers(&headers, cookie) {
            Ok(Credentials::Session { token, .. }) => token.expose().to_owned(),
            other => format!("{:?}", other.err().map(|error| error.message().to_owned())),
        };
        assert_eq!(token(SessionCookie::Host), "host");
        assert!(token(SessionCookie::Plain).contains("more than once"));
    }

    #[test]
    fn secrets_are_compared_as_a_whole() {
        for (one, other, expected) in
            [("abc", "abc", true), ("abc", "abd", false), ("abc", "ab", false), ("", "", true)]
        {
            assert_eq!(Secret::new(one) == Secret::new(other), expected, "{one} {other}");
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let credentials = Credentials::Basic { user: "tje0".to_owned(), password: Secret::new("Tje0") };
        assert_eq!(format!("{credentials:?}"), r#"Basic { user: "tje0", password: [redacted] }"#);
    }
}
