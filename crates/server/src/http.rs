//! Everything around the API that HTTP needs: request ids, logs, limits, time-outs, panics, `/healthz`.
//!
//! Whatever happens, the answer has the error body of the API.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chat_api::ApiError;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::entropy::{self, Entropy};
use crate::service::Service;
use crate::store::Store;

/// The header that carries the request's id, both ways.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids of callers are replaced: they go into every line of the log.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// What one request may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body. No operation takes one yet.
    pub max_body_bytes: u64,
    /// Bytes of all header names and values together.
    pub max_header_bytes: usize,
    /// From the request's headers to the answer's.
    pub timeout: Duration,
}

impl Default for Limits {
    /// 1 MiB of body, 32 KiB of headers, 30 seconds.
    fn default() -> Self {
        Self { max_body_bytes: 1024 * 1024, max_header_bytes: 32 * 1024, timeout: Duration::from_secs(30) }
    }
}

/// The API, `/healthz`, and what surrounds them.
pub(crate) fn router(service: Service, store: Arc<dyn Store>, entropy: Arc<dyn Entropy>, limits: Limits) -> Router {
    let health = Router::new().route("/healthz", get(health).fallback(chat_api::method_not_allowed)).with_state(store);
    // The last layer is the outermost: every answer, that of a panic too, gets its id and its line in the log.
    chat_api::router(Arc::new(service))
        .merge(health)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(limits, within_limits))
        .layer(middleware::from_fn_with_state(entropy, observed))
}

/// Answers 200 while the database does.
async fn health(State(store): State<Arc<dyn Store>>) -> Response {
    match store.check().await {
        Ok(()) => "ok\n".into_response(),
        Err(error) => ApiError::unavailable(error).into_response(),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    ApiError::internal(format!("a request panicked: {message}")).into_response()
}

/// Refuses what is too large and gives up on what takes too long.
async fn within_limits(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let header_bytes: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.as_bytes().len()).sum();
    if header_bytes > limits.max_header_bytes {
        let message = format!("the headers have {header_bytes} bytes, at most {} are read", limits.max_header_bytes);
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return ApiError::new(status, "RequestHeaderFieldsTooLarge", message).into_response();
    }
    let body_bytes = http_body::Body::size_hint(request.body()).lower();
    if body_bytes > limits.max_body_bytes {
        let message = format!("the body has more than {} bytes", limits.max_body_bytes);
        return ApiError::payload_too_large(message).into_response();
    }
    match tokio::time::timeout(limits.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable("the answer took too long").into_response(),
    }
}

/// Gives the request its id and writes a line when it is answered. Never logs headers, queries or bodies: they hold
/// passwords, session keys and personal data.
async fn observed(State(entropy): State<Arc<dyn Entropy>>, mut request: Request, next: Next) -> Response {
    let id =
        request.headers().get(&REQUEST_ID).filter(|id| is_request_id(id)).cloned().unwrap_or_else(|| {
            HeaderValue::try_from(entropy::request_id(entropy.as_ref())).expect("hexadecimal digits")
        });
    request.headers_mut().insert(REQUEST_ID.clone(), id.clone());
    let span = tracing::info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = %request.method(),
        path = request.uri().path(),
    );
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let elapsed_ms = started.elapsed().as_secs_f64() * 1000.0;
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), elapsed_ms, "answered"));
    response.headers_mut().insert(REQUEST_ID.clone(), id);
    // Answers hold personal data of one caller.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn is_request_id(id: &HeaderValue) -> bool {
    let bytes = id.as_bytes();
    (1..=MAX_REQUEST_ID_BYTES).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_are_short_and_plain() {
        let long = "a".repeat(MAX_REQUEST_ID_BYTES + 1);
        for (id, expected) in [
            ("0af7651916cd43dd8448eb211c80319c", true),
            ("b7ad6b71-69203331.4_5:6/7+8=", true),
            ("", false),
            ("two words", false),
            ("quote\"", false),
            (long.as_str(), false),
        ] {
            assert_eq!(is_request_id(&HeaderValue::from_str(id).unwrap()), expected, "{id}");
        }
        assert!(!is_request_id(&HeaderValue::from_bytes(b"\xff").unwrap()));
    }

    #[tokio::test]
    async fn request_that_takes_too_long_is_given_up() {
        let limits = Limits { timeout: Duration::ZERO, ..Limits::default() };
        let router: Router = Router::new()
            .route("/", get(std::future::pending::<()>))
            .layer(middleware::from_fn_with_state(limits, within_limits));
        let request = Request::new(axum::body::Body::empty());
        let response = tower::ServiceExt::oneshot(router, request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json; charset=utf-8");
    }
}
