//! Calls from pages of other origins: all of them may, with credentials.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use http::{Method, StatusCode};

use crate::mock::Answered;

/// How long a browser may remember the answer.
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("600");

/// Whether a browser asks if it may call.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to a browser that asks about a path with these methods.
pub(crate) fn preflight(headers: &HeaderMap, methods: &HeaderValue) -> Answered {
    let mut answered = Answered::empty(StatusCode::NO_CONTENT);
    answered.headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods.clone());
    if let Some(wanted) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        answered.headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
    }
    answered.headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
    answered
}

/// Lets the page that called see the answer.
pub(crate) fn allow(request: &HeaderMap, answer: &mut HeaderMap) {
    let Some(origin) = request.get(ORIGIN) else { return };
    // With credentials, a star is no origin and no header's name.
    let names: Vec<&str> = answer.keys().map(http::HeaderName::as_str).collect();
    if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, names);
    }
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    answer.append(VARY, HeaderValue::from_static("Origin"));
}
