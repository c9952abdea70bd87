//! A mock on a socket.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use crate::mock::{Mock, REMARK};

/// How long a caller may take over the headers of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long answers that are under way may take once the server is to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait where no connection can be accepted, for instance for lack of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A request that was answered, for those who watch.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The request's path and query.
    pub uri: &'a Uri,
    /// The answer's status.
    pub status: StatusCode,
    /// What was odd, as the answer's header says it.
    pub remark: Option<&'a str>,
}

/// Told of every answer.
pub type Observer = Arc<dyn Fn(&Exchange<'_>) + Send + Sync>;

/// Serves the mock until `stop` is done, then lets answers that are under way finish.
///
/// # Errors
/// When the listener cannot be asked for its address, which means that it is none.
pub async fn serve(
    listener: TcpListener,
    mock: Arc<Mock>,
    observer: Option<Observer>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.local_addr()?;
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Small answers go out at once.
        _ = stream.set_nodelay(true);
        let (mock, observer) = (Arc::clone(&mock), observer.clone());
        let service = service_fn(move |request| answer(Arc::clone(&mock), observer.clone(), request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .pipeline_flush(true)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A caller that goes away is the caller's affair.
            _ = connection.await;
        });
    }
    drop(listener);
    _ = tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown()).await;
    Ok(())
}

async fn answer(
    mock: Arc<Mock>,
    observer: Option<Observer>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let Some(body) = read(body, mock.max_body_bytes()).await else {
        // The caller broke off, so nobody reads this.
        let mut response = Response::new(Full::new(Bytes::new()));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(response);
    };
    let request = Request::from_parts(parts, body);
    let response = mock.answer(&request);
    if let Some(observer) = &observer {
        observer(&Exchange {
            method: request.method(),
            uri: request.uri(),
            status: response.status(),
            remark: response.headers().get(&REMARK).and_then(|remark| remark.to_str().ok()),
        });
    }
    Ok(response.map(Full::new))
}

/// The body, or as much of it as shows that it is beyond the limit. `None` where it breaks off.
async fn read(mut body: Incoming, max_bytes: usize) -> Option<Bytes> {
    if body.is_end_stream() {
        return Some(Bytes::new());
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.ok()?.into_data() {
            whole.extend_from_slice(&data);
        }
        if whole.len() > max_bytes {
            break;
        }
    }
    Some(whole.freeze())
}
