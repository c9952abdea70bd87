//! What one request, and one user, may use up. Each limit answers with the documented error.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, HOST};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chat_api::{ApiError, MaxBodyBytes};
use http_body::Body as _;

use crate::config::LimitSettings;
use crate::records::AssociateId;
use crate::stream::UnreadRest;
use crate::tally::{Permit, Tally};

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
    /// Until the other side has taken some of an answer that waits to be written.
    pub write_timeout: Duration,
    /// Requests of one user that run at the same time.
    pub max_concurrent_requests_per_user: usize,
    /// Connections at the same time.
    pub max_connections: usize,
    /// Connections of one address at the same time.
    pub max_connections_per_address: usize,
    /// How much is remembered of how sessions were written in lists.
    pub written_sessions_bytes: u64,
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
            write_timeout: Duration::from_millis(settings.write_timeout_ms.into()),
            max_concurrent_requests_per_user: size(settings.max_concurrent_requests_per_user),
            max_connections: size(settings.max_connections),
            max_connections_per_address: size(settings.max_connections_per_address),
            written_sessions_bytes: u64::from(settings.written_sessions_kib) * 1024,
        }
    }
}

/// Refuses what is too large and gives up on what takes too long.
///
/// Nothing is read of a body here: only who is signed in and calls an operation that there is gets that far
/// ([`MaxBodyBytes`] tells the layer how far). An answer to a request whose body was not read to its end closes the
/// connection, which cannot serve another.
pub(crate) async fn within_limits(State(limits): State<Limits>, mut request: Request, next: Next) -> Response {
    if let Err(refused) = check_headers(&request, limits).and_then(|()| check_host(&request)) {
        return closing(refused.into_response(), &request);
    }
    let unread_rest = request.extensions().get::<UnreadRest>().cloned();
    let progress = Progress::default();
    request = request.map(|body| Body::new(WatchedBody::new(body, progress.clone())));
    request.extensions_mut().insert(MaxBodyBytes(limits.max_body_bytes));
    let response = match tokio::time::timeout(limits.timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) if progress.is_waited_for() => {
            let error = ApiError::request_timeout("the request did not arrive in time");
            error.with_reference("SR_ERROR_REQUEST_TIMEOUT", []).into_response()
        }
        Err(_) => ApiError::unavailable("the answer took too long").into_response(),
    };
    match progress.is_done() {
        true => response,
        false => hanging_up(response, unread_rest),
    }
}

fn check_headers(request: &Request, limits: Limits) -> Result<(), ApiError> {
    let header_bytes: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.as_bytes().len()).sum();
    if header_bytes <= limits.max_header_bytes {
        return Ok(());
    }
    let message = format!("the headers have {header_bytes} bytes, at most {} are read", limits.max_header_bytes);
    let error = ApiError::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "RequestHeaderFieldsTooLarge", message);
    let values = [("bytes", header_bytes.into()), ("limit", limits.max_header_bytes.into())];
    Err(error.with_reference("SR_ERROR_HEADERS_LIMIT", values))
}

/// A request says once which host it means (RFC 9112, section 3.2), or proxies and we might not mean the same.
fn check_host(request: &Request) -> Result<(), ApiError> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let refuse = |why: &str| {
        let error = ApiError::bad_request(format!("header `Host`: {why}"));
        Err(error.with_reference("SR_ERROR_HEADER", [("header", "Host".into())]))
    };
    match (hosts.next(), hosts.next()) {
        (None, _) if request.version() < Version::HTTP_11 => Ok(()),
        (None, _) => refuse("it is missing"),
        (Some(_), Some(_)) => refuse("it is there more than once"),
        (Some(host), None) if is_host(host.as_bytes()) => Ok(()),
        (Some(_), None) => refuse("it is no host"),
    }
}

/// A name or address, and perhaps a port. It may be empty where a request's target has no authority.
fn is_host(value: &[u8]) -> bool {
    value.is_empty() || (!value.contains(&b'@') && Authority::try_from(value).is_ok())
}

/// How far the body of a request has been read.
#[derive(Clone, Debug, Default)]
struct Progress(Arc<AtomicU8>);

impl Progress {
    const UNREAD: u8 = 0;
    const WAITED_FOR: u8 = 1;
    const DONE: u8 = 2;

    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }

    fn is_waited_for(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::WAITED_FOR
    }

    fn is_done(&self) -> bool {
        self.0.load(Ordering::Relaxed) == Self::DONE
    }
}

/// A body that tells how far it has been read.
struct WatchedBody {
    body: Body,
    progress: Progress,
}

impl WatchedBody {
    fn new(body: Body, progress: Progress) -> Self {
        if body.is_end_stream() {
            progress.set(Progress::DONE);
        }
        Self { body, progress }
    }
}

impl http_body::Body for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        self.progress.set(match &frame {
            Poll::Pending => Progress::WAITED_FOR,
            Poll::Ready(None) => Progress::DONE,
            Poll::Ready(Some(Ok(_))) if self.body.is_end_stream() => Progress::DONE,
            Poll::Ready(Some(_)) => Progress::UNREAD,
        });
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

/// The answer to a request of which nothing more is read than its headers.
fn closing(response: Response, request: &Request) -> Response {
    match request.body().is_end_stream() {
        true => response,
        false => hanging_up(response, request.extensions().get().cloned()),
    }
}

/// The answer to a request whose rest nobody will read: the connection cannot serve another.
fn hanging_up(mut response: Response, unread_rest: Option<UnreadRest>) -> Response {
    if let Some(unread_rest) = unread_rest {
        unread_rest.note();
    }
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Counts the requests that each user has running. Cheap to clone.
pub(crate) type Concurrency = Tally<AssociateId>;

/// Counts one more request of the user until the permit is dropped.
///
/// # Errors
/// 429 where the user has as many running as may be.
pub(crate) fn enter(running: &Concurrency, user: AssociateId) -> Result<Permit<AssociateId>, ApiError> {
    running.enter(user).ok_or_else(|| ApiError::too_many_requests(RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use axum::http::Method;
    use axum::routing::{get, post};
    use axum::{Extension, Router, middleware};
    use chat_test_support::TestApp;
    use http_body_util::StreamBody;

    use super::*;

    fn router(limits: Limits) -> Router {
        Router::new()
            .route("/never", get(std::future::pending::<()>))
            .route("/length", post(async |body: Bytes| body.len().to_string()))
            .route("/unread", post(async || "done"))
            .route("/limit", post(async |Extension(MaxBodyBytes(limit)): Extension<MaxBodyBytes>| limit.to_string()))
            .layer(middleware::from_fn_with_state(limits, within_limits))
    }

    async fn answer(limits: Limits, method: Method, path: &str, body: Body) -> (StatusCode, String) {
        let answer = TestApp::new(router(limits)).request(method, path).body(body).send().await;
        if !answer.status.is_success() {
            assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
        }
        (answer.status, answer.text())
    }

    /// A body that comes in pieces and does not tell its length.
    fn chunks(count: usize, bytes: usize) -> Body {
        let frames = (0..count).map(move |_| Ok::<_, std::io::Error>(http_body::Frame::data(vec![b'x'; bytes].into())));
        Body::new(StreamBody::new(futures_util::stream::iter(frames)))
    }

    #[tokio::test]
    async fn answer_that_takes_too_long_is_given_up() {
        let limits = Limits { timeout: Duration::ZERO, ..Limits::default() };
        assert_eq!(answer(limits, Method::GET, "/never", Body::empty()).await.0, StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn request_that_arrives_too_slowly_is_given_up() {
        let limits = Limits { timeout: Duration::ZERO, ..Limits::default() };
        let never = Body::new(StreamBody::new(futures_util::stream::pending::<
            Result<http_body::Frame<Bytes>, std::io::Error>,
        >()));
        assert_eq!(answer(limits, Method::POST, "/length", never).await.0, StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn connection_ends_with_an_answer_that_came_before_the_request() {
        for (path, body, expected) in [
            ("/unread", Body::empty(), false),
            ("/unread", Body::from("x"), true),
            ("/unread", chunks(1, 1), true),
            ("/length", Body::from("x"), false),
            ("/length", chunks(3, 1), false),
        ] {
            let rest = UnreadRest::default();
            let app = TestApp::new(router(Limits::default()).layer(Extension(rest.clone())));
            let answer = app.post(path).body(body).send().await;
            assert_eq!(answer.headers.contains_key(CONNECTION), expected, "{path}");
            assert_eq!(rest.is_noted(), expected, "{path}");
        }
    }

    #[tokio::test]
    async fn handlers_are_told_how_much_of_a_body_to_read() {
        let limits = Limits { max_body_bytes: 100, ..Limits::default() };
        assert_eq!(answer(limits, Method::POST, "/limit", Body::empty()).await.1, "100");
    }

    #[test]
    fn a_request_names_one_host() {
        for (version, hosts, expected) in [
            (Version::HTTP_11, &["chat.example.com"][..], true),
            (Version::HTTP_11, &["chat.example.com:8080"], true),
            (Version::HTTP_11, &["[2001:db8::1]:8080"], true),
            (Version::HTTP_11, &[""], true),
            (Version::HTTP_11, &[], false),
            (Version::HTTP_10, &[], true),
            (Version::HTTP_11, &["a", "a"], false),
            (Version::HTTP_10, &["a", "b"], false),
            (Version::HTTP_11, &["a, b"], false),
            (Version::HTTP_11, &["user@a"], false),
            (Version::HTTP_11, &["a/b"], false),
            (Version::HTTP_11, &["\u{e6}"], false),
        ] {
            let mut request = Request::builder().version(version).body(Body::empty()).unwrap();
            for host in hosts {
                request.headers_mut().append(HOST, HeaderValue::from_bytes(host.as_bytes()).unwrap());
            }
            let checked = check_host(&request).map_err(|error| error.status());
            assert_eq!(checked, if expected { Ok(()) } else { Err(StatusCode::BAD_REQUEST) }, "{version:?} {hosts:?}");
        }
    }
}
