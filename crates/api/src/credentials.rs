//! What a request shows in order to sign in.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::ApiError;

/// What the header `Authorization` holds.
///
/// Schemes are read in any letter case, as RFC 9110 (section 11.1) wants; everything else strictly.
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
    /// There is no such header.
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
    /// 400 where the header is there more than once, is not text, or does not have the form that
    /// its scheme prescribes. The message never repeats what was sent.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(Self::Missing) };
        if values.next().is_some() {
            return Err(malformed("it is there more than once"));
        }
        parse(value).map_err(malformed)
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

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

fn malformed(why: &str) -> ApiError {
    ApiError::bad_request(format!("header `Authorization`: {why}"))
}

fn parse(value: &HeaderValue) -> Result<Credentials, &'static str> {
    let text = value.to_str().map_err(|_| "it holds other characters than printable ASCII")?.trim();
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    let rest = rest.trim_start();
    if scheme.is_empty() || !scheme.bytes().all(is_token_byte) {
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

/// RFC 9110, section 5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line for what was read: `basic user password`, `ticket …`, or the error's message.
    fn read(values: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        match Credentials::from_headers(&headers) {
            Ok(Credentials::Basic { user, password }) => format!("basic <{user}> <{}>", password.expose()),
            Ok(Credentials::SoTicket(ticket)) => format!("ticket <{}>", ticket.expose()),
            Ok(Credentials::Bearer(token)) => format!("bearer <{}>", token.expose()),
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
    fn secrets_are_not_printed() {
        let credentials = Credentials::Basic { user: "tje0".to_owned(), password: Secret::new("Tje0") };
        assert_eq!(format!("{credentials:?}"), r#"Basic { user: "tje0", password: [redacted] }"#);
    }
}
