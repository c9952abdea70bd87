//! The cookies of the pages.
//!
//! Session cookies in the browser's sense, gone when it is closed, whatever the server remembers; only the one that tells
//! a browser from others stays. With TLS their names
//! begin with `__Host-`, so that browsers take them from this very host alone. Without it others may slip in a second
//! cookie of the same name: which of the two is ours cannot be known, so neither is believed, and what the service can
//! remove of them it does. Signing in again then is the way out.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use chat_api::{Secret, cookie_values};

use crate::auth::{Connection, DEVICE_KEPT_SECONDS, SignedIn};

/// Scripts of this origin may read it, to repeat it in `X-XSRF-TOKEN`; the API's page names it so.
pub(crate) const XSRF_COOKIE: &str = "XSRF-TOKEN";

/// Proves that a sign-in form was served here to this browser.
const FORM_COOKIE: &str = "signin-form";

/// The same where cookies are for TLS only.
const HOST_FORM_COOKIE: &str = "__Host-signin-form";

/// Tells a browser in which a user signed in before from others' that guess the password. It lets nobody in.
const DEVICE_COOKIE: &str = "signin-device";

/// The same where cookies are for TLS only.
const HOST_DEVICE_COOKIE: &str = "__Host-signin-device";

/// Where a cookie that was slipped in may sit.
const PATHS: [&str; 3] = ["/", "/signin", "/api"];

/// Domains of which cookies are removed: the host, and so many above it.
const MAX_DOMAINS: usize = 4;

/// What the browser sent.
pub(super) struct Cookies {
    /// The values of the session's cookie: one, unless another was slipped in.
    pub(super) sessions: Vec<Secret>,
    /// The values of the form's cookie.
    pub(super) forms: Vec<Secret>,
    /// The values of the cookie that stays after signing out.
    pub(super) devices: Vec<Secret>,
    /// Names that are there more than once.
    twice: Vec<&'static str>,
    /// Domains that may set cookies for this host.
    domains: Vec<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let connection = parts.extensions.get::<Connection>().copied();
        let session = connection.map(Connection::session_cookie).unwrap_or_default();
        let is_secure = connection.is_some_and(|connection| connection.is_secure);
        let (form, device) = (form_cookie(is_secure), device_cookie(is_secure));
        let all = |name| cookie_values(&parts.headers, name);
        let texts = |name| all(name).filter_map(|value| std::str::from_utf8(value).ok()).map(Secret::new).collect();
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        Ok(Self {
            sessions: texts(session.name()),
            forms: texts(form),
            devices: texts(device),
            twice: [session.name(), form, device, XSRF_COOKIE]
                .into_iter()
                .filter(|name| all(name).count() > 1)
                .collect(),
            domains: host.map(domains).unwrap_or_default(),
        })
    }
}

impl Cookies {
    /// The value of the session's cookie, unless there are several.
    pub(super) fn session(&self) -> Option<&Secret> {
        self.sessions.first().filter(|_| self.sessions.len() == 1)
    }

    /// Removes what may have been slipped in. Before others are set: one of these may be ours.
    pub(super) fn clean(&self, response: &mut Response) {
        for name in &self.twice {
            // Browsers refuse `__Host-` cookies without `Secure`.
            let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
            for path in PATHS {
                let expired = format!("{name}=; Path={path}; Max-Age=0; HttpOnly; SameSite=Lax{secure}");
                set_cookie(response, &expired);
                for domain in &self.domains {
                    set_cookie(response, &format!("{expired}; Domain={domain}"));
                }
            }
        }
    }
}

/// The host and the domains above it, without the last label, which belongs to nobody. None for addresses.
fn domains(host: &str) -> Vec<String> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    if !is_name || name.parse::<IpAddr>().is_ok() {
        return Vec::new();
    }
    let names = std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1));
    names.take_while(|name| name.contains('.')).take(MAX_DOMAINS).map(str::to_owned).collect()
}

/// Hands a new session to the browser; the form has done its work.
pub(super) fn begin(response: &mut Response, session: &SignedIn, connection: Connection) {
    let kept = attributes(Some("HttpOnly"), "Lax", "/", connection.is_secure);
    set_cookie(response, &format!("{}={}{kept}", connection.session_cookie().name(), session.token.expose()));
    offer_xsrf(response, session, connection);
    let is_secure = connection.is_secure;
    remove(response, form_cookie(is_secure), form_path(is_secure), is_secure);
}

/// Offers the session's random value to scripts of this origin.
pub(super) fn offer_xsrf(response: &mut Response, session: &SignedIn, connection: Connection) {
    let kept = attributes(None, "Lax", "/", connection.is_secure);
    set_cookie(response, &format!("{XSRF_COOKIE}={}{kept}", session.xsrf().expose()));
}

/// Takes the session from the browser.
pub(super) fn end(response: &mut Response, connection: Connection) {
    remove(response, connection.session_cookie().name(), "/", connection.is_secure);
    remove(response, XSRF_COOKIE, "/", connection.is_secure);
}

/// Sets the cookie of the sign-in form.
pub(super) fn set_form_token(response: &mut Response, token: &Secret, is_secure: bool) {
    let kept = attributes(Some("HttpOnly"), "Strict", form_path(is_secure), is_secure);
    set_cookie(response, &format!("{}={}{kept}", form_cookie(is_secure), token.expose()));
}

/// Sets the cookie that tells this browser from others: not for the session only, and with nothing but the sign-in page.
pub(super) fn set_device(response: &mut Response, device: &Secret, is_secure: bool) {
    let kept = attributes(Some("HttpOnly"), "Strict", form_path(is_secure), is_secure);
    let name = device_cookie(is_secure);
    set_cookie(response, &format!("{name}={}{kept}; Max-Age={DEVICE_KEPT_SECONDS}", device.expose()));
}

fn device_cookie(is_secure: bool) -> &'static str {
    if is_secure { HOST_DEVICE_COOKIE } else { DEVICE_COOKIE }
}

fn form_cookie(is_secure: bool) -> &'static str {
    if is_secure { HOST_FORM_COOKIE } else { FORM_COOKIE }
}

/// `__Host-` wants the whole host.
fn form_path(is_secure: bool) -> &'static str {
    if is_secure { "/" } else { "/signin" }
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(mut value) = HeaderValue::from_str(cookie) {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

fn remove(response: &mut Response, name: &str, path: &str, is_secure: bool) {
    set_cookie(response, &format!("{name}={}; Max-Age=0", attributes(Some("HttpOnly"), "Lax", path, is_secure)));
}

fn attributes(http_only: Option<&str>, same_site: &str, path: &str, is_secure: bool) -> String {
    let http_only = http_only.map(|attribute| format!("; {attribute}")).unwrap_or_default();
    let secure = if is_secure { "; Secure" } else { "" };
    format!("; Path={path}{http_only}; SameSite={same_site}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_that_may_set_cookies_for_a_host() {
        for (host, expected) in [
            ("chat.example.com:8080", &["chat.example.com", "example.com"][..]),
            ("example.com", &["example.com"]),
            ("a.b.c.d.e.f", &["a.b.c.d.e.f", "b.c.d.e.f", "c.d.e.f", "d.e.f"]),
            ("localhost:8080", &[]),
            ("127.0.0.1:8080", &[]),
            ("[::1]:8080", &[]),
            ("x; Domain=evil.com", &[]),
            ("", &[]),
        ] {
            assert_eq!(domains(host), expected, "{host}");
        }
    }
}
