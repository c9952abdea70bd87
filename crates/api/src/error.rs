//! The one error of the layer and the one body that every error answers with.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::error_body::ErrorBody;
use crate::localize::{TextValue, Translation};

/// What `source` says where nobody said otherwise: the crate, which is called so where it is in several parts too.
fn default_source() -> &'static str {
    let name = env!("CARGO_PKG_NAME");
    name.strip_suffix("-core").unwrap_or(name)
}

/// The cause of an error, for the log only.
type Cause = Box<dyn StdError + Send + Sync>;

/// Why a request was refused or failed.
///
/// Answers with its status and `{"Error": true, "ErrorType": …, "ErrorMessage": …, "ErrorSource": …}`, or the same in XML.
/// The inner cause is logged once, when the answer is made, and never sent.
#[derive(Debug)]
pub struct ApiError(Box<Inner>);

/// Boxed, because a `Result` is as large as its larger side.
#[derive(Debug)]
struct Inner {
    status: StatusCode,
    error_type: Cow<'static, str>,
    message: String,
    source: Cow<'static, str>,
    headers: HeaderMap,
    cause: Option<Cause>,
    translation: Option<Translation>,
}

/// Constructors, one a status; `new` for the rest.
impl ApiError {
    /// An error with any status.
    pub fn new(status: StatusCode, error_type: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            status,
            error_type: error_type.into(),
            message: message.into(),
            source: Cow::Borrowed(default_source()),
            headers: HeaderMap::new(),
            cause: None,
            translation: None,
        }))
    }

    /// 400: a header, parameter or body is not valid.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// 401: not signed in. Give it at least one [challenge](Self::with_challenge).
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", message)
    }

    /// 403: signed in, but not allowed.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// 404: no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    /// 405: the path does not have this method. The router adds `Allow`.
    pub fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
    }

    /// 406: `Accept` admits nothing that can be answered.
    pub fn not_acceptable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_ACCEPTABLE, "NotAcceptable", message)
    }

    /// 408: the request took too long.
    pub fn request_timeout(message: impl Into<String>) -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", message)
    }

    /// 409: the thing is not in a state that allows it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Conflict", message)
    }

    /// 413: the body is too large.
    pub fn payload_too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge", message)
    }

    /// 415: the body has a media type that the operation does not read.
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)
    }

    /// 429: too many requests; `retry_after` is rounded up to whole seconds.
    pub fn too_many_requests(retry_after: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", "too many requests; try again later")
            .with_reference("SR_ERROR_TOO_MANY_REQUESTS", [])
            .with_retry_after(retry_after)
    }

    /// 500: the service failed. `cause` is for the log.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        let error =
            Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "the service failed; see its log");
        error.with_reference("SR_ERROR_INTERNAL", []).with_cause(cause)
    }

    /// 503: the service cannot answer just now. `cause` is for the log.
    pub fn unavailable(cause: impl Into<Cause>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "the service is not available");
        error.with_reference("SR_ERROR_UNAVAILABLE", []).with_cause(cause)
    }
}

/// What more there is to say.
impl ApiError {
    /// Names the part of the service that refused.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Cow<'static, str>>) -> Self {
        self.0.source = source.into();
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Cause>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Names the resource string (`SR_…`) that says the same as the message, for callers who want a language: its text
    /// replaces the message where the service has one, with `values` for its `{name}`s (see [`compose`](crate::compose)).
    #[must_use]
    pub fn with_reference<const N: usize>(
        mut self,
        name: impl Into<Cow<'static, str>>,
        values: [(&'static str, TextValue); N],
    ) -> Self {
        let values = values.into();
        self.0.translation = Some(Translation { name: name.into(), values });
        self
    }

    /// Adds a response header beside those of the same name.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    /// Adds a challenge for `WWW-Authenticate`, for instance `Basic realm="chat"`. One that no
    /// header can hold (line breaks) is left out.
    #[must_use]
    pub fn with_challenge(self, challenge: &str) -> Self {
        match HeaderValue::from_str(challenge) {
            Ok(value) => self.with_header(WWW_AUTHENTICATE, value),
            Err(_) => self,
        }
    }

    /// Says when to try again; rounded up to whole seconds.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        self.0.headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        self
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What `ErrorType` says: stable enough to branch on.
    pub fn error_type(&self) -> &str {
        &self.0.error_type
    }

    /// What `ErrorMessage` says.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Response headers beside the body's own.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Message and causes on one line, for the log.
    pub(crate) fn in_full(&self) -> String {
        chain(self)
    }

    fn log(&self) {
        let Inner { status, error_type, message, source, cause, .. } = &*self.0;
        let cause = cause.as_deref().map(chain);
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), %error_type, %source, cause, "{message}");
        } else {
            tracing::debug!(status = status.as_u16(), %error_type, %source, cause, "{message}");
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.0.status, self.0.message)
    }
}

impl StdError for ApiError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}

impl IntoResponse for ApiError {
    /// In JSON; [`negotiated_errors`](crate::negotiated_errors) writes it anew where the caller wants another form.
    fn into_response(self) -> Response {
        self.log();
        let Inner { status, error_type, message, source, headers, translation, .. } = *self.0;
        let body = ErrorBody::new(error_type.into_owned(), message, source.into_owned());
        let mut response = (status, headers).into_response();
        body.write(&mut response, "application/json");
        response.extensions_mut().insert(body);
        if let Some(translation) = translation {
            response.extensions_mut().insert(translation);
        }
        response
    }
}

/// An error and what caused it, on one line.
fn chain(error: &(dyn StdError + Send + Sync + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_rounds_up() {
        for (millis, expected) in [(0, "0"), (1, "1"), (1000, "1"), (1001, "2")] {
            let error = ApiError::too_many_requests(Duration::from_millis(millis));
            assert_eq!(error.headers()[RETRY_AFTER], expected);
        }
    }

    #[test]
    fn challenges_add_up_and_broken_ones_are_left_out() {
        let error = ApiError::unauthorized("x")
            .with_challenge("Basic realm=\"a\"")
            .with_challenge("SoTicket")
            .with_challenge("\n");
        assert_eq!(error.headers().get_all(WWW_AUTHENTICATE).iter().count(), 2);
    }

    #[test]
    fn causes_are_chained_on_one_line() {
        let error = ApiError::internal(ApiError::internal("disk full"));
        assert_eq!(
            chain(&error),
            "500 Internal Server Error: the service failed; see its log: 500 Internal Server Error: the service failed; see its log: disk full"
        );
    }
}
