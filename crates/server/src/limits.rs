//! What one request, and one user, may use up. Each limit answers with the documented error.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chat_api::ApiError;
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::config::LimitSettings;
use crate::records::AssociateId;

/// When one who has too many requests running may try again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What one request may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a body, announced or in chunks.
    pub max_body_bytes: usize,
    /// Bytes of all header names and values together.
    pub max_header_bytes: usize,
    /// From the request's headers to the answer's.
    pub timeout: Duration,
    /// From the first byte of a request to the end of its headers, and between two requests of a connection.
    pub header_read_timeout: Duration,
    /// Requests of one user that run at the same time.
    pub max_concurrent_requests_per_user: usize,
}

impl Default for Limits {
    fn default() -> Self {
        LimitSettings::default().into()
    }
}

impl From<LimitSettings> for Limits {
    fn from(settings: LimitSettings) -> Self {
        // Saturates on machines where bytes are counted with fewer bits: what fits there is less.
        let size = |bytes: u32| usize::try_from(bytes).unwrap_or(usize::MAX);
        Self {
            max_body_bytes: size(settings.max_body_bytes),
            max_header_bytes: size(settings.max_header_bytes),
            timeout: Duration::from_millis(settings.request_timeout_ms.into()),
            header_read_timeout: Duration::from_millis(settings.header_read_timeout_ms.into()),
            max_concurrent_requests_per_user: size(settings.max_concurrent_requests_per_user),
        }
    }
}

/// Refuses what is too large and gives up on what takes too long.
///
/// A body is read here, before any handler runs: so an operation that looks at no body is not carried out either when
/// its request is too large, and handlers never wait for bytes.
pub(crate) async fn within_limits(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    if let Err(refused) = check_headers(&request, limits) {
        return refused.into_response();
    }
    let deadline = tokio::time::Instant::now() + limits.timeout;
    let request = match tokio::time::timeout_at(deadline, with_whole_body(request, limits)).await {
        Ok(Ok(request)) => request,
        Ok(Err(refused)) => return hanging_up(refused),
        Err(_) => return hanging_up(ApiError::request_timeout("the request did not arrive in time")),
    };
    match tokio::time::timeout_at(deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::unavailable("the answer took too long").into_response(),
    }
}

fn check_headers(request: &Request, limits: Limits) -> Result<(), ApiError> {
    let header_bytes: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.as_bytes().len()).sum();
    if header_bytes <= limits.max_header_bytes {
        return Ok(());
    }
    let message = format!("the headers have {header_bytes} bytes, at most {} are read", limits.max_header_bytes);
    Err(ApiError::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "RequestHeaderFieldsTooLarge", message))
}

async fn with_whole_body(request: Request, limits: Limits) -> Result<Request, ApiError> {
    let too_large = || ApiError::payload_too_large(format!("the body has more than {} bytes", limits.max_body_bytes));
    let hint = request.body().size_hint();
    if hint.exact() == Some(0) {
        return Ok(request);
    }
    // A length that is announced need not be waited for.
    if usize::try_from(hint.lower()).map_or(true, |bytes| bytes > limits.max_body_bytes) {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let bytes: Bytes = match Limited::new(body, limits.max_body_bytes).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
        Err(error) => return Err(ApiError::bad_request("the body could not be read").with_cause(error)),
    };
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// An answer to a request whose rest nobody will read: the connection cannot serve another.
fn hanging_up(error: ApiError) -> Response {
    let mut response = error.into_response();
    let close = axum::http::HeaderValue::from_static("close");
    response.headers_mut().insert(axum::http::header::CONNECTION, close);
    response
}

/// Counts the requests that each user has running. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Concurrency {
    running: Arc<Mutex<HashMap<AssociateId, usize>>>,
    max: usize,
}

impl Concurrency {
    /// At most `max` of one user.
    pub(crate) fn new(max: usize) -> Self {
        Self { running: Arc::default(), max }
    }

    /// Counts one more, until the permit is dropped.
    ///
    /// # Errors
    /// 429 where the user has as many running as may be.
    pub(crate) fn enter(&self, user: AssociateId) -> Result<Permit, ApiError> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let count = running.entry(user).or_insert(0);
        if *count >= self.max {
            return Err(ApiError::too_many_requests(RETRY_AFTER));
        }
        *count += 1;
        Ok(Permit { concurrency: self.clone(), user })
    }

    fn leave(&self, user: AssociateId) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = running.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                running.remove(&user);
            }
        }
    }
}

/// One request that runs. Dropped when it is done, also when it is cut off or panics.
#[derive(Debug)]
pub(crate) struct Permit {
    concurrency: Concurrency,
    user: AssociateId,
}

impl PartialEq for Permit {
    /// Permits of one user are alike.
    fn eq(&self, other: &Self) -> bool {
        self.user == other.user
    }
}

impl Eq for Permit {}

impl Drop for Permit {
    fn drop(&mut self) {
        self.concurrency.leave(self.user);
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;
    use axum::routing::{get, post};
    use axum::{Router, middleware};
    use http_body_util::StreamBody;
    use tower::ServiceExt;

    use super::*;

    fn router(limits: Limits) -> Router {
        Router::new()
            .route("/never", get(std::future::pending::<()>))
            .route("/length", post(async |body: Bytes| body.len().to_string()))
            .route("/unread", post(async || "done"))
            .layer(middleware::from_fn_with_state(limits, within_limits))
    }

    async fn answer(limits: Limits, method: &str, path: &str, body: Body) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).body(body).unwrap();
        let response = router(limits).oneshot(request).await.unwrap();
        let status = response.status();
        if !status.is_success() {
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json; charset=utf-8");
        }
        (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    /// A body that comes in pieces and does not tell its length.
    fn chunks(count: usize, bytes: usize) -> Body {
        let frames = (0..count).map(move |_| Ok::<_, std::io::Error>(http_body::Frame::data(vec![b'x'; bytes].into())));
        Body::new(StreamBody::new(futures_util::stream::iter(frames)))
    }

    #[tokio::test]
    async fn answer_that_takes_too_long_is_given_up() {
        let limits = Limits { timeout: Duration::ZERO, ..Limits::default() };
        assert_eq!(answer(limits, "GET", "/never", Body::empty()).await.0, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn request_that_arrives_too_slowly_is_given_up() {
        let limits = Limits { timeout: Duration::ZERO, ..Limits::default() };
        let never = Body::new(StreamBody::new(futures_util::stream::pending::<
            Result<http_body::Frame<Bytes>, std::io::Error>,
        >()));
        assert_eq!(answer(limits, "POST", "/unread", never).await.0, StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn bodies_are_counted_whether_or_not_they_are_read() {
        let limits = Limits { max_body_bytes: 100, ..Limits::default() };
        for path in ["/length", "/unread"] {
            for (body, expected) in [
                (Body::empty(), 200),
                (Body::from(vec![b'x'; 100]), 200),
                (Body::from(vec![b'x'; 101]), 413),
                (chunks(10, 10), 200),
                (chunks(11, 10), 413),
                (chunks(1, 101), 413),
            ] {
                assert_eq!(answer(limits, "POST", path, body).await.0, expected, "{path}");
            }
        }
        assert_eq!(answer(limits, "POST", "/length", chunks(3, 10)).await.1, "30", "the handler sees it whole");
    }

    #[test]
    fn each_user_has_so_many_at_once() {
        let concurrency = Concurrency::new(2);
        let first = concurrency.enter(AssociateId(1)).unwrap();
        let _second = concurrency.enter(AssociateId(1)).unwrap();
        let refused = concurrency.enter(AssociateId(1)).unwrap_err();
        assert_eq!(
            (refused.status(), refused.headers()["retry-after"].to_str().unwrap()),
            (StatusCode::TOO_MANY_REQUESTS, "1")
        );
        let _other = concurrency.enter(AssociateId(2)).expect("another user is not affected");
        drop(first);
        let _third = concurrency.enter(AssociateId(1)).expect("one has ended");
    }

    #[test]
    fn who_has_nothing_running_is_forgotten() {
        let concurrency = Concurrency::new(1);
        drop(concurrency.enter(AssociateId(1)).unwrap());
        assert!(concurrency.running.lock().unwrap().is_empty());
    }
}
