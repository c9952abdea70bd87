//! Everything around the API that HTTP needs: request ids, logs, counters, panics, `/healthz` and `/readyz`.
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
use chat_api::{ApiError, CorsOptions, shortened};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::auth::{Proxies, identify_peer};
use crate::entropy::{self, Entropy};
use crate::limits::{Limits, within_limits};
use crate::metrics::{self, Metrics};
use crate::readiness::{Readiness, Standing};
use crate::service::Service;

/// The header that carries the request's id, both ways.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids of callers are replaced: they go into every line of the log.
const MAX_REQUEST_ID_BYTES: usize = 128;

const HEALTH: &str = "/healthz";
const READINESS: &str = "/readyz";

/// When to ask again whether the server is ready.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What looks at every request.
#[derive(Clone)]
pub(crate) struct Observer {
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) metrics: Arc<Metrics>,
}

/// The API, the pages, `/healthz`, `/readyz`, and what surrounds them.
pub(crate) fn router(
    service: Service,
    pages: Router,
    proxies: Proxies,
    readiness: Arc<Readiness>,
    observer: Observer,
    limits: Limits,
    cors: CorsOptions,
) -> Router {
    // The last layer is the outermost: every answer, that of a panic too, gets its id and its line in the log.
    let service = Arc::new(service);
    let limited = chat_api::router(Arc::clone(&service))
        .merge(health(readiness))
        .merge(pages)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(proxies, identify_peer))
        .layer(middleware::from_fn_with_state(limits, within_limits));
    // What panicked or was too large is told in the language and form that the caller wants, too.
    let localized = chat_api::localized_errors(limited, service);
    let negotiated = chat_api::negotiated_errors(localized, chat_api::ERROR_MEDIA_TYPES);
    chat_api::cors(negotiated, cors).layer(middleware::from_fn_with_state(observer, observed))
}

/// `/healthz` says that the server is alive, whatever becomes of the database: to start it anew would not bring that back.
/// `/readyz` says whether requests should be sent to it.
pub(crate) fn health(readiness: Arc<Readiness>) -> Router {
    Router::new()
        .route(HEALTH, get(async || "ok\n").fallback(chat_api::method_not_allowed))
        .route(READINESS, get(ready).fallback(chat_api::method_not_allowed))
        .with_state(readiness)
}

/// Answers 200 while the server takes requests, and else why it does not.
async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    match readiness.standing().await {
        Standing::Ready => "ready\n".into_response(),
        standing => ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "NotReady", standing.reason())
            .with_retry_after(RETRY_AFTER)
            .into_response(),
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

/// Gives the request its id and writes a line when it is answered. Never logs headers, queries or bodies: they hold
/// passwords, session keys and personal data.
async fn observed(State(observer): State<Observer>, mut request: Request, next: Next) -> Response {
    let running = observer.metrics.request(request.method(), request.uri().path());
    let is_probe = [HEALTH, READINESS].contains(&request.uri().path());
    let id = request.headers().get(&REQUEST_ID).filter(|id| is_request_id(id)).cloned().unwrap_or_else(|| {
        HeaderValue::try_from(entropy::request_id(observer.entropy.as_ref())).expect("hexadecimal digits")
    });
    request.headers_mut().insert(REQUEST_ID.clone(), id.clone());
    let span = tracing::info_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = %shortened(request.method().as_str()),
        path = %shortened(request.uri().path()),
        // Filled in when the caller is known.
        user = tracing::field::Empty,
        scheme = tracing::field::Empty,
        application = tracing::field::Empty,
    );
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let elapsed = started.elapsed();
    running.answered(response.status(), elapsed);
    let elapsed_ms = elapsed.as_secs_f64() * 1000.0;
    let status = response.status();
    span.in_scope(|| match is_probe && status.is_success() {
        // Load balancers ask every second, and each of them.
        true => tracing::debug!(status = status.as_u16(), elapsed_ms, "answered"),
        false => tracing::info!(status = status.as_u16(), elapsed_ms, "answered"),
    });
    response.headers_mut().insert(REQUEST_ID.clone(), id);
    // No browser may take an answer for something else than it says, whatever texts of others it holds.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Answers hold personal data of one caller.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    metrics::counted(response, &running)
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
}
