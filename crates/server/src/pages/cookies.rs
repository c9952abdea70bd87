//! The cookies of the pages.
//!
//! Session cookies in the browser's sense: gone when it is closed, whatever the server remembers.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use chat_api::{SESSION_COOKIE, Secret, cookie_values};

use crate::auth::SignedIn;

/// Scripts of this origin may read it, to repeat it in `X-XSRF-TOKEN`.
const XSRF_COOKIE: &str = "XSRF-TOKEN";

/// Proves that a sign-in form was served here to this browser.
const FORM_COOKIE: &str = "signin-form";

/// What the browser sent.
pub(super) struct Cookies {
    pub(super) session: Option<Secret>,
    pub(super) form: Option<Secret>,
}

impl<S: Send + Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    /// A cookie that is there twice counts as missing: one of the two was slipped in.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let one = |name| {
            let mut values = cookie_values(&parts.headers, name);
            let value = values.next().filter(|_| values.next().is_none());
            value.and_then(|value| std::str::from_utf8(value).ok()).map(Secret::new)
        };
        Ok(Self { session: one(SESSION_COOKIE), form: one(FORM_COOKIE) })
    }
}

/// Hands a new session to the browser; the form has done its work.
pub(super) fn begin(response: &mut Response, session: &SignedIn, is_secure: bool) {
    let kept = attributes(Some("HttpOnly"), "Lax", "/", is_secure);
    set_cookie(response, &format!("{SESSION_COOKIE}={}{kept}", session.token.expose()));
    offer_xsrf(response, session, is_secure);
    remove(response, FORM_COOKIE, "/signin", is_secure);
}

/// Offers the session's random value to scripts of this origin.
pub(super) fn offer_xsrf(response: &mut Response, session: &SignedIn, is_secure: bool) {
    let kept = attributes(None, "Lax", "/", is_secure);
    set_cookie(response, &format!("{XSRF_COOKIE}={}{kept}", session.xsrf().expose()));
}

/// Takes the session from the browser.
pub(super) fn end(response: &mut Response, is_secure: bool) {
    remove(response, SESSION_COOKIE, "/", is_secure);
    remove(response, XSRF_COOKIE, "/", is_secure);
}

/// The cookie of the sign-in form.
pub(super) fn form_token(token: &Secret, is_secure: bool) -> String {
    format!("{FORM_COOKIE}={}{}", token.expose(), attributes(Some("HttpOnly"), "Strict", "/signin", is_secure))
}

pub(super) fn set_cookie(response: &mut Response, cookie: &str) {
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
