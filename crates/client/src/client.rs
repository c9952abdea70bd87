//! The client and how it is set up.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{
    ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderMap,
    HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use reqwest::{Url, redirect};

use crate::defaults::{Defaults, Retry};
use crate::keys::SetKey;
use crate::{generated, tls};

/// Headers that say how a message is written.
const OWN_HEADERS: &[HeaderName] = &[ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING];

/// The method that sets a key.
const API_KEY: &str = "api_key";

/// A client of one server, with a method for each operation. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) raw: generated::Raw,
}

impl Client {
    /// Starts the set-up of a client for the server at `base_url`, such as
    /// `https://service.example.com` or `https://example.com/crm`.
    pub fn builder(base_url: impl Into<String>) -> Builder {
        Builder {
            base_url: base_url.into(),
            sign_in: Vec::new(),
            headers: Vec::new(),
            keys: Vec::new(),
            timeout: Duration::from_secs(30),
            retries: 2,
            http: None,
            insecure_http: false,
        }
    }

    /// The server's address, without a final slash.
    pub fn base_url(&self) -> &str {
        &self.raw.baseurl
    }
}

/// Sets up a [`Client`]. What is wrong with a setting is said by [`build`](Self::build).
#[must_use]
pub struct Builder {
    base_url: String,
    /// The headers that one way to sign in consists of.
    sign_in: Vec<(HeaderName, Setting)>,
    headers: Vec<(HeaderName, Setting)>,
    keys: Vec<SetKey>,
    timeout: Duration,
    retries: u32,
    http: Option<reqwest::ClientBuilder>,
    /// Whether secrets may travel for everybody to read.
    insecure_http: bool,
}

/// A header's value that is still to be checked.
struct Setting {
    /// The method that set it.
    name: &'static str,
    value: Result<String, &'static str>,
    is_secret: bool,
}

/// Why a client cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The server's address is not usable.
    #[error("the base address of the server {reason}")]
    BaseUrl {
        /// What is wrong, as the rest of a sentence.
        reason: &'static str,
    },
    /// A setting has a value that cannot be sent. The value is not part of the error.
    #[error("the setting `{name}` {reason}")]
    Setting {
        /// The builder's method.
        name: &'static str,
        /// What is wrong, as the rest of a sentence.
        reason: &'static str,
    },
    /// A secret would travel in plain text: the address begins with `http://` and is not this machine's own. Use
    /// `https://`, or say [`Builder::allow_insecure_http`].
    #[error("the setting `{name}` is a secret, which plain http would show to everybody on the way")]
    InsecureHttp {
        /// The builder's method that set the secret.
        name: &'static str,
    },
    /// TLS or the connection pool could not be set up.
    #[error("cannot set up HTTP")]
    Http(#[source] reqwest::Error),
}

impl Builder {
    /// Signs in with a user's name and password. The last of `basic`, `so_ticket`, `bearer` and `browser_session` counts.
    pub fn basic(self, user: impl AsRef<str>, password: impl AsRef<str>) -> Self {
        let (user, password) = (user.as_ref(), password.as_ref());
        let value = if user.contains(':') {
            Err("has a colon in the user's name, where it would end the name")
        } else if user.is_empty() {
            Err("has no user's name")
        } else {
            Ok(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
        };
        self.authorization("basic", value)
    }

    /// Signs in with a ticket that the service issued (`7T:…`).
    pub fn so_ticket(self, ticket: impl AsRef<str>) -> Self {
        self.authorization("so_ticket", token("SoTicket", ticket.as_ref()))
    }

    /// Signs in with an access token (`8A:…`).
    pub fn bearer(self, token_value: impl AsRef<str>) -> Self {
        self.authorization("bearer", token("Bearer", token_value.as_ref()))
    }

    /// Signs in with a session of the service's sign-in page: `cookie` is the session's cookie as the browser sends
    /// it, name and value (`session=…`, behind TLS `__Host-session=…`), and `xsrf_token` is what the signed-in page
    /// offers as the hidden input `XSRF_TOKEN` and as the cookie `XSRF-TOKEN`.
    ///
    /// Signing out on the page ends the session here too.
    pub fn browser_session(mut self, cookie: impl AsRef<str>, xsrf_token: impl AsRef<str>) -> Self {
        const NAME: &str = "browser_session";
        let secret = |value| Setting { name: NAME, value, is_secret: true };
        self.sign_in = vec![
            (COOKIE, secret(one_cookie(cookie.as_ref()))),
            (HeaderName::from_static("x-xsrf-token"), secret(one_word(xsrf_token.as_ref()))),
        ];
        self
    }

    /// Translates texts in answers into this language (`SO-Language`), whatever
    /// [`accept_language`](Self::accept_language) says. `*` leaves them as they are.
    pub fn language(self, language: impl Into<String>) -> Self {
        self.default_header("language", HeaderName::from_static("so-language"), language.into())
    }

    /// Translates texts in answers into one of these languages (`Accept-Language`).
    pub fn accept_language(self, languages: impl Into<String>) -> Self {
        self.default_header("accept_language", ACCEPT_LANGUAGE, languages.into())
    }

    /// How numbers and dates inside texts are written (`SO-Culture`); needs a language too.
    pub fn culture(self, culture: impl Into<String>) -> Self {
        self.default_header("culture", HeaderName::from_static("so-culture"), culture.into())
    }

    /// The time zone that date-times in answers are converted to (`SO-TimeZone`).
    pub fn time_zone(self, zone: impl Into<String>) -> Self {
        self.default_header("time_zone", HeaderName::from_static("so-timezone"), zone.into())
    }

    /// The token of the partner's application (`SO-AppToken`).
    pub fn app_token(mut self, app_token: impl Into<String>) -> Self {
        let value = not_empty(app_token.into());
        let setting = Setting { name: "app_token", value, is_secret: true };
        self.headers.push((HeaderName::from_static("so-apptoken"), setting));
        self
    }

    /// Sends a key with every request: the one of this security scheme of the contract, as the header, the parameter of the
    /// query or the cookie that the contract says. Of several for one scheme the last counts.
    ///
    /// A key in the query is part of the address, which servers and proxies write to their logs.
    pub fn api_key(mut self, scheme: impl AsRef<str>, key: impl Into<String>) -> Self {
        self.keys.push(SetKey::new(generated::API_KEYS, scheme.as_ref(), key.into()));
        self
    }

    /// Sends a header with every request: for what the contract shares between operations and no other method sets. An operation that takes the header as an argument sends that instead.
    ///
    /// The value counts as a secret, because it may be one.
    pub fn header(mut self, name: impl AsRef<str>, value: impl Into<String>) -> Self {
        const NAME: &str = "header";
        let (header, value) = match HeaderName::try_from(name.as_ref()) {
            Ok(header) if OWN_HEADERS.contains(&header) => {
                (header, Err("has the name of a header that the client sets itself"))
            }
            Ok(header) => (header, not_empty(value.into())),
            Err(_) => (AUTHORIZATION, Err("has a name that no header can have")),
        };
        self.headers.push((header, Setting { name: NAME, value, is_secret: true }));
        self
    }

    /// How long an answer may take, each attempt by itself; 30 seconds unless set. Of a stream of events it is the time
    /// to its beginning.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often a GET request is sent again, two times unless set: where no connection came about or it broke before
    /// the answer, or on 408, 429, 502, 503 and 504. So is a request with an `Idempotency-Key` that its operation declares,
    /// unless its body is a stream. No other request is. The wait before doubles from 200 ms on, or is
    /// what the server's `Retry-After` says; over 30 seconds the answer is given back instead.
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// The HTTP client's own set-up, for proxies, certificates and pools of one's own. It has to say which TLS it uses.
    ///
    /// Whatever it says of redirects, none is followed: an answer that redirects is an [`Error`](crate::Error). A
    /// redirect would carry the application's token and the XSRF value to wherever it leads.
    ///
    /// Where the address is plain `http://` on this machine, neither its proxies nor those of the environment are used:
    /// they would read the secrets. [`allow_insecure_http`](Self::allow_insecure_http) lets them.
    pub fn http(mut self, http: reqwest::ClientBuilder) -> Self {
        self.http = Some(http);
        self
    }

    /// Lets secrets travel over plain `http://` to other machines, where everybody on the way can read them: for a
    /// network that is trusted, or a tunnel that encrypts by itself. Also to this machine through a proxy, if
    /// [`http`](Self::http) has one.
    pub fn allow_insecure_http(mut self) -> Self {
        self.insecure_http = true;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// - the address is no `http` or `https` address, or has a user, query or fragment;
    /// - a setting is empty or has a character that a header cannot have;
    /// - a key is of a security scheme that the contract does not have;
    /// - a secret would travel over plain http, see [`allow_insecure_http`](Self::allow_insecure_http);
    /// - TLS cannot be set up.
    pub fn build(self) -> Result<Client, BuildError> {
        let url = base_url(&self.base_url)?;
        let mut settings = self.sign_in.iter().chain(&self.headers).map(|(_, setting)| setting);
        let is_insecure = url.scheme() == "http" && !is_loopback(&url) && !self.insecure_http;
        if let Some(secret) = settings.find(|setting| is_insecure && setting.is_secret) {
            return Err(BuildError::InsecureHttp { name: secret.name });
        }
        if is_insecure && !self.keys.is_empty() {
            return Err(BuildError::InsecureHttp { name: API_KEY });
        }
        let mut headers = HeaderMap::new();
        for (header, setting) in self.sign_in.into_iter().chain(self.headers) {
            headers.insert(header, setting.header_value()?);
        }
        let http = match self.http {
            None => default_http(&url),
            // Plain http is let through because it does not leave this machine.
            Some(http) if url.scheme() == "http" && is_loopback(&url) && !self.insecure_http => http.no_proxy(),
            Some(http) => http,
        };
        let http_client = http.redirect(redirect::Policy::none()).build().map_err(BuildError::Http)?;
        let (timeout, retry) = (self.timeout, Retry::times(self.retries));
        let mut defaults = Defaults { headers, query: Vec::new(), timeout, retry };
        for key in self.keys {
            key.add_to(&mut defaults).map_err(|reason| BuildError::Setting { name: API_KEY, reason })?;
        }
        let base_url = url.as_str().trim_end_matches('/');
        Ok(Client { raw: generated::Raw::new_with_client(base_url, http_client, defaults) })
    }

    fn authorization(mut self, name: &'static str, value: Result<String, &'static str>) -> Self {
        self.sign_in = vec![(AUTHORIZATION, Setting { name, value, is_secret: true })];
        self
    }

    fn default_header(mut self, name: &'static str, header: HeaderName, value: String) -> Self {
        self.headers.push((header, Setting { name, value: not_empty(value), is_secret: false }));
        self
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password, which `build` refuses; the headers hold secrets.
        let settings = self.sign_in.iter().chain(&self.headers).map(|(_, setting)| setting);
        f.debug_struct("Builder")
            .field("settings", &settings.map(|setting| setting.name).collect::<Vec<_>>())
            .field("keys", &self.keys)
            .field("timeout", &self.timeout)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

impl Setting {
    fn header_value(self) -> Result<HeaderValue, BuildError> {
        let name = self.name;
        let value = self.value.map_err(|reason| BuildError::Setting { name, reason })?;
        let reason = "has a character that a header cannot have";
        let mut value = HeaderValue::from_str(&value).map_err(|_| BuildError::Setting { name, reason })?;
        value.set_sensitive(self.is_secret);
        Ok(value)
    }
}

fn token(scheme: &str, token: &str) -> Result<String, &'static str> {
    one_word(token).map(|token| format!("{scheme} {token}"))
}

fn one_word(value: &str) -> Result<String, &'static str> {
    if value.contains(char::is_whitespace) {
        return Err("has a space or line break");
    }
    not_empty(value.to_owned())
}

/// A name and a value (RFC 6265, section 4.1.1), and no second cookie behind them.
fn one_cookie(cookie: &str) -> Result<String, &'static str> {
    let is_value = |c: char| c.is_ascii_graphic() && !matches!(c, ';' | ',' | '"' | '\\');
    match cookie.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() && cookie.chars().all(is_value) => {
            Ok(cookie.to_owned())
        }
        _ => Err("has a cookie that is not of the form `name=value`"),
    }
}

fn not_empty(value: String) -> Result<String, &'static str> {
    if value.trim().is_empty() { Err("is empty") } else { Ok(value) }
}

fn base_url(text: &str) -> Result<Url, BuildError> {
    let refuse = |reason| Err(BuildError::BaseUrl { reason });
    let Ok(url) = Url::parse(text) else { return refuse("is no URL") };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("has to start with `https://` or `http://`");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a user; use the setting `basic`");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("holds a query or a fragment");
    }
    Ok(url)
}

fn default_http(base_url: &Url) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls::config());
    // A proxy of the environment cannot reach this machine's own addresses.
    if is_loopback(base_url) { builder.no_proxy() } else { builder }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_are_named_and_not_shown() {
        let builder = || Client::builder("https://example.com");
        for (builder, expected) in [
            (builder().basic("a:b", "secret"), "the setting `basic` has a colon in the user's name"),
            (builder().basic("", "secret"), "the setting `basic` has no user's name"),
            (builder().so_ticket("secret\n"), "the setting `so_ticket` has a space or line break"),
            (builder().bearer("secret\u{1}"), "the setting `bearer` has a character"),
            (builder().bearer(""), "the setting `bearer` is empty"),
            (builder().api_key("unknown", "secret"), "the setting `api_key` names no key of the contract"),
            (builder().browser_session("secret", "x"), "the setting `browser_session` has a cookie that is not"),
            (builder().browser_session("session=", "x"), "the setting `browser_session` has a cookie that is not"),
            (builder().browser_session("a=secret; b=c", "x"), "the setting `browser_session` has a cookie that is not"),
            (
                builder().browser_session("a=secret\r\nb:c", "x"),
                "the setting `browser_session` has a cookie that is not",
            ),
            (builder().browser_session("a=b", "secret\n"), "the setting `browser_session` has a space or line break"),
            (builder().browser_session("a=b", ""), "the setting `browser_session` is empty"),
            (builder().language(" "), "the setting `language` is empty"),
            (builder().accept_language("secret\0"), "the setting `accept_language` has a character"),
            (builder().culture("secret\r"), "the setting `culture` has a character"),
            (builder().time_zone("secret\n"), "the setting `time_zone` has a character"),
            (builder().app_token("secret\u{7f}"), "the setting `app_token` has a character"),
            (builder().header("X-Key", " "), "the setting `header` is empty"),
            (builder().header("X-Key", "secret\n"), "the setting `header` has a character"),
            (builder().header("X Key", "secret"), "the setting `header` has a name that no header can have"),
            (
                builder().header("Content-Type", "secret"),
                "the setting `header` has the name of a header that the client",
            ),
            (Client::builder("example.com"), "the base address of the server is no URL"),
            (Client::builder("ftp://example.com"), "the base address of the server has to start"),
            (Client::builder("https://me:secret@example.com"), "the base address of the server holds a user"),
            (Client::builder("https://example.com?secret=1"), "the base address of the server holds a query"),
        ] {
            assert!(!format!("{builder:?}").contains("secret"));
            let error = builder.build().unwrap_err();
            assert!(error.to_string().starts_with(expected), "{error}");
            assert!(!format!("{error}{error:?}").contains("secret"), "{error:?}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let builder = || Client::builder("https://example.com/crm/");
        for client in [
            builder().basic("someone", "secret").app_token("secret").build().unwrap(),
            builder().so_ticket("7T:secret").build().unwrap(),
            builder().bearer("8A:secret").build().unwrap(),
            builder().header("X-Key", "secret").build().unwrap(),
            builder().browser_session("session=secret", "secret").build().unwrap(),
        ] {
            let shown = format!("{client:?}");
            assert!(!shown.contains("secret") && !shown.contains(&STANDARD.encode("someone:secret")), "{shown}");
            assert_eq!(client.base_url(), "https://example.com/crm");
        }
    }

    #[test]
    fn secrets_do_not_travel_over_plain_http() {
        let refused = |builder: Builder| match builder.build() {
            Ok(_) => None,
            Err(BuildError::InsecureHttp { name }) => Some(name),
            Err(error) => panic!("{error}"),
        };
        for (url, is_refused) in [
            ("https://example.com", false),
            ("http://example.com", true),
            ("http://10.0.0.1:8080", true),
            ("http://127.0.0.1.example.com", true),
            ("http://localhost.example.com", true),
            ("http://0.0.0.0:8080", true),
            ("http://127.0.0.1:8080", false),
            ("http://[::1]:8080", false),
            ("http://LOCALHOST:8080", false),
        ] {
            let builder = || Client::builder(url);
            let expected = |name| is_refused.then_some(name);
            assert_eq!(refused(builder().basic("a", "b")), expected("basic"), "{url}");
            assert_eq!(refused(builder().so_ticket("7T:a")), expected("so_ticket"), "{url}");
            assert_eq!(refused(builder().bearer("8A:a")), expected("bearer"), "{url}");
            assert_eq!(refused(builder().browser_session("a=b", "c")), expected("browser_session"), "{url}");
            assert_eq!(refused(builder().language("en").app_token("a")), expected("app_token"), "{url}");
            if is_refused {
                assert_eq!(refused(builder().api_key("key", "a")), Some("api_key"), "{url}");
            }
            // Who asks for it gets it, and what is no secret may go anyway.
            assert_eq!(refused(builder().basic("a", "b").app_token("a").allow_insecure_http()), None, "{url}");
            assert_eq!(refused(builder().language("en")), None, "{url}");
        }
    }

    #[test]
    fn this_machine_is_reached_directly() {
        for (url, expected) in [
            ("http://127.0.0.1:1", true),
            ("http://[::1]:1", true),
            ("http://localhost", true),
            ("http://example.com", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
