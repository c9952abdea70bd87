//! Everything around the API that HTTP needs: request ids, logs, panics, `/healthz`.
//!
//! Whatever happens, the answer has the error body of the API.

use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chat_api::{ApiError, CorsOptions, shortened};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::auth::{Proxies, identify_peer};
use crate::entropy::{self, Entropy};
use crate::limits::{Limits, within_limits};
use crate::service::Service;
use crate::store::Store;

/// The header that carries the request's id, both ways.
pub static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ids of callers are replaced: they go into every line of the log.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// The API, the pages, `/healthz`, and what surrounds them.
pub(crate) fn router(
    service: Service,
    pages: Router,
    proxies: Proxies,
    store: Arc<dyn Store>,
    entropy: Arc<dyn Entropy>,
    limits: Limits,
    cors: CorsOptions,
) -> Router {
    let health = Router::new().route("/healthz", get(health).fallback(chat_api::method_not_allowed)).with_state(store);
    // The last layer is the outermost: every answer, that of a panic too, gets its id and its line in the log.
    let service = Arc::new(service);
    let limited = chat_api::router(Arc::clone(&service))
        .merge(health)
        .merge(pages)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(proxies, identify_peer))
        .layer(middleware::from_fn_with_state(limits, within_limits));
    // What panicked or was too large is told in the language and form that the caller wants, too.
    let localized = chat_api::localized_errors(limited, service);
    let negotiated = chat_api::negotiated_errors(localized, chat_api::ERROR_MEDIA_TYPES);
    chat_api::cors(negotiated, cors).layer(middleware::from_fn_with_state(entropy, observed))
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
        method = %shortened(request.method().as_str()),
        path = %shortened(request.uri().path()),
        // Filled in when the caller is known.
        user = tracing::field::Empty,
        scheme = tracing::field::Empty,
        application = tracing::field::Empty,
    );
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let elapsed_ms = started.elapsed().as_secs_f64() * 1000.0;
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), elapsed_ms, "answered"));
    response.headers_mut().insert(REQUEST_ID.clone(), id);
    // No browser may take an answer for something else than it says, whatever texts of others it holds.
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
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
}
