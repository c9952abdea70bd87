//! When the body of a request is read, how much of it, and until when a caller counts as served.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use axum::Extension;
use axum::body::{Body, Bytes, HttpBody};
use chat_api::models::ChatSessionEntity;
use chat_api::{ApiError, Authenticate, Credentials, MaxBodyBytes, Presented, RequestContext};
use chat_test_support::TestAnswer;
use http::Method;

use crate::stand_in::{LIST, PICKUP, StandIn, app, router};

/// Signs in whoever shows Basic credentials, and counts what it does.
#[derive(Default)]
struct Counting {
    pickups: AtomicUsize,
    /// Lives as long as any caller.
    caller: std::sync::Mutex<Weak<()>>,
}

impl Authenticate for Counting {
    type Caller = Arc<()>;

    async fn authenticate(&self, presented: Presented) -> Result<Arc<()>, ApiError> {
        match presented.credentials {
            Credentials::Basic { .. } => {
                let caller = Arc::new(());
                *self.caller.lock().unwrap() = Arc::downgrade(&caller);
                Ok(caller)
            }
            _ => Err(ApiError::unauthorized("sign in")),
        }
    }
}

impl StandIn for Counting {
    async fn list(&self, _: RequestContext<Arc<()>>) -> Result<Vec<ChatSessionEntity>, ApiError> {
        let customer_name = Some("x".repeat(100_000));
        Ok(vec![ChatSessionEntity { customer_name, ..ChatSessionEntity::default() }])
    }

    async fn pick_up(&self, _: RequestContext<Arc<()>>) -> Result<ChatSessionEntity, ApiError> {
        self.pickups.fetch_add(1, Ordering::SeqCst);
        Ok(ChatSessionEntity::default())
    }
}

/// Pieces of ten bytes that count how many were taken.
struct Pieces {
    left: usize,
    taken: Arc<AtomicUsize>,
    breaks_off: bool,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        self.taken.fetch_add(1, Ordering::SeqCst);
        if self.left == 0 {
            return Poll::Ready(self.breaks_off.then(|| Err(std::io::ErrorKind::ConnectionReset.into())));
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(b"0123456789")))))
    }
}

async fn begin(
    service: &Arc<Counting>,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> TestAnswer {
    let request = app(router(Arc::clone(service)).layer(Extension(MaxBodyBytes(100)))).request(method, path);
    headers.iter().fold(request, |request, (name, value)| request.header(name, value)).body(body).begin().await
}

async fn status(service: &Arc<Counting>, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> u16 {
    begin(service, method, path, headers, body).await.rest().await.status.as_u16()
}

const USER: (&str, &str) = ("authorization", "Basic YTpi");

#[tokio::test]
async fn nothing_is_read_of_a_body_before_the_caller_may_call() {
    for (method, path, headers, status) in [
        (Method::POST, "/nowhere", &[USER][..], 404),
        (Method::PUT, PICKUP, &[USER], 405),
        (Method::POST, PICKUP, &[], 401),
        (Method::POST, PICKUP, &[USER, ("accept", "image/png")], 406),
        (Method::POST, PICKUP, &[USER, ("so-timezone", "Mars")], 400),
    ] {
        let taken = Arc::<AtomicUsize>::default();
        let body = Body::new(Pieces { left: 1000, taken: Arc::clone(&taken), breaks_off: false });
        let found = self::status(&Arc::default(), method, path, headers, body).await;
        assert_eq!((found, taken.load(Ordering::SeqCst)), (status, 0), "{path} {headers:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_or_breaks_off_changes_nothing() {
    for (pieces, breaks_off, status, most_taken) in
        [(10, false, 200, 11), (11, false, 413, 11), (1000, false, 413, 11), (3, true, 400, 4)]
    {
        let (service, taken) = (Arc::<Counting>::default(), Arc::<AtomicUsize>::default());
        let body = Body::new(Pieces { left: pieces, taken: Arc::clone(&taken), breaks_off });
        let found = self::status(&service, Method::POST, PICKUP, &[USER], body).await;
        assert_eq!(found, status, "{pieces}");
        assert!(taken.load(Ordering::SeqCst) <= most_taken, "{pieces}");
        assert_eq!(service.pickups.load(Ordering::SeqCst), usize::from(status == 200), "{pieces}");
    }
    let announced = status(&Arc::default(), Method::POST, PICKUP, &[USER], Body::from(vec![b'x'; 101])).await;
    assert_eq!(announced, 413);
}

#[tokio::test]
async fn the_caller_is_held_until_the_answer_is_sent() {
    let service = Arc::<Counting>::default();
    let is_held = || service.caller.lock().unwrap().upgrade().is_some();
    let mut answer = begin(&service, Method::GET, LIST, &[USER], Body::empty()).await;
    assert!(is_held(), "the answer waits for its reader");
    let first = answer.piece().await.unwrap().unwrap();
    assert!(first.len() < 100_000 && is_held(), "a piece is not the whole");
    let whole = answer.rest().await.body;
    assert!(whole.len() < 101_000 && whole.ends_with(b"]") && !is_held());

    // Who hangs up is no longer waited for.
    let answer = begin(&service, Method::GET, LIST, &[USER], Body::empty()).await;
    drop(answer);
    assert!(!is_held());
}
