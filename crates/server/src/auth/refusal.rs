//! The answers to those who may not come in, with the challenges that fit the installation.

use chat_api::ApiError;

use crate::config::Installation;

const BASIC: &str = r#"Basic realm="chat-server", charset="UTF-8""#;
const SO_TICKET: &str = r#"SoTicket realm="chat-server""#;
const BEARER: &str = r#"Bearer realm="chat-server""#;
const BEARER_INVALID: &str = r#"Bearer realm="chat-server", error="invalid_token""#;

/// No scheme that a browser knows: it would ask the customer for a password.
const SESSION_KEY: &str = r#"ChatSessionKey realm="chat-server""#;

/// 401 for a key of no session, or of another.
pub(crate) fn wrong_session_key() -> ApiError {
    ApiError::unauthorized("the key is not that of the session, or there is no such session")
        .with_challenge(SESSION_KEY)
        .with_reference("SR_ERROR_SESSION_KEY", [])
}

/// What the caller showed in vain, as far as challenges depend on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    AccessToken,
    Other,
}

/// 401 with a challenge for every scheme that this installation takes.
pub(super) fn unauthorized(installation: Installation, shown: Shown, message: impl Into<String>) -> ApiError {
    let error = ApiError::unauthorized(message);
    match (installation, shown) {
        (Installation::Onsite, _) => error.with_challenge(BASIC).with_challenge(SO_TICKET),
        // RFC 6750, section 3.1: the error only where a token was shown.
        (Installation::Online, Shown::AccessToken) => error.with_challenge(BEARER_INVALID),
        (Installation::Online, Shown::Other) => error.with_challenge(BEARER),
    }
}

/// What is accepted here, in terms of no language.
pub(super) fn schemes(installation: Installation) -> &'static str {
    match installation {
        Installation::Onsite => "Basic, SoTicket, /signin",
        Installation::Online => "Bearer",
    }
}

/// How to sign in here, as the end of a sentence.
pub(super) fn accepted(installation: Installation) -> &'static str {
    match installation {
        Installation::Onsite => "`Authorization: Basic` or `SoTicket`, or in a browser at `/signin`",
        Installation::Online => "`Authorization: Bearer`",
    }
}
