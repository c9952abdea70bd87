//! What the forms of the pages send, and where from.

use axum::extract::{Form, FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use chat_api::Secret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::{answer, html};
use crate::auth::OwnTickets;
use crate::config::PublicUrl;

/// The form of the sign-in page.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    pub(super) user: String,
    #[serde(deserialize_with = "secret")]
    pub(super) password: Secret,
    #[serde(default, deserialize_with = "optional_secret")]
    pub(super) form_token: Option<Secret>,
}

/// The form that signs out.
#[derive(Deserialize)]
pub(super) struct SignOutForm {
    #[serde(default, rename = "XSRF_TOKEN", deserialize_with = "optional_secret")]
    pub(super) xsrf: Option<Secret>,
    /// Pressed the button that ends all sessions.
    #[serde(default)]
    pub(super) everywhere: bool,
}

/// The form that has a ticket issued.
#[derive(Deserialize)]
pub(super) struct TicketForm {
    #[serde(default, rename = "XSRF_TOKEN", deserialize_with = "optional_secret")]
    pub(super) xsrf: Option<Secret>,
}

/// The form that revokes tickets.
#[derive(Deserialize)]
pub(super) struct RevokeForm {
    #[serde(default, rename = "XSRF_TOKEN", deserialize_with = "optional_secret")]
    pub(super) xsrf: Option<Secret>,
    /// The button that was pressed: the ticket's number, or `all`.
    #[serde(rename = "ticket", deserialize_with = "tickets")]
    pub(super) tickets: OwnTickets,
}

fn tickets<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OwnTickets, D::Error> {
    match &*String::deserialize(deserializer)? {
        "all" => Ok(OwnTickets::All),
        number => number.parse().map(OwnTickets::One).map_err(serde::de::Error::custom),
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

fn optional_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    secret(deserializer).map(Some)
}

/// A form that was read, and where it came from.
pub(super) struct FormBody<T>(pub(super) T, pub(super) Origin);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let origin = Origin::of(request.headers());
        match Form::<T>::from_request(request, state).await {
            Ok(Form(form)) => Ok(Self(form, origin)),
            // The rejection's text may repeat what was sent.
            Err(rejection) => {
                use axum::response::IntoResponse as _;
                let status = match rejection.into_response().status() {
                    StatusCode::PAYLOAD_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
                    StatusCode::UNSUPPORTED_MEDIA_TYPE => StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    _ => StatusCode::BAD_REQUEST,
                };
                Err(answer(status, html::problem("The form could not be read.")))
            }
        }
    }
}

/// Where a browser says that a form comes from.
pub(super) struct Origin {
    site: Option<String>,
    origin: Option<String>,
    host: Option<String>,
}

impl Origin {
    fn of(headers: &HeaderMap) -> Self {
        // What is no text cannot be the right value either.
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?").to_ascii_lowercase());
        Self { site: text("sec-fetch-site"), origin: text(header::ORIGIN.as_str()), host: text(header::HOST.as_str()) }
    }

    /// Whether nothing says that the form comes from another origin. Old browsers say nothing at all: then the form's
    /// random value alone decides.
    pub(super) fn is_own(&self, public_url: Option<&PublicUrl>) -> bool {
        if self.site.as_deref().is_some_and(|site| site != "same-origin") {
            return false;
        }
        let Some(origin) = self.origin.as_deref() else { return true };
        if public_url.is_some_and(|url| url.as_str() == origin) {
            return true;
        }
        // Whether TLS ends in front of this service cannot be known here, hence without the scheme.
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        authority.is_some() && authority == self.host.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_origins_are_told_apart() {
        let url: PublicUrl = "https://chat.example.com".parse().unwrap();
        for (site, origin, expected) in [
            (None, None, true),
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some("http://inner:8080"), true),
            (Some("same-origin"), Some("https://chat.example.com"), true),
            (None, Some("https://evil.example.com"), false),
            (None, Some("null"), false),
            (None, Some("inner:8080"), false),
            (None, Some("\u{e9}"), false),
            (Some("cross-site"), None, false),
            (Some("same-site"), Some("http://inner:8080"), false),
            (Some("none"), None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("host", "inner:8080".parse().unwrap());
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
                }
            }
            assert_eq!(Origin::of(&headers).is_own(Some(&url)), expected, "{site:?} {origin:?}");
        }
    }
}
