//! Answers that go on for long count until their last byte, or until nobody reads them any more.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use http_body::{Frame, SizeHint};

use super::{Open, Running};

/// The answer; where it is an event stream, counted as open until its body is dropped.
pub(crate) fn counted(response: Response, running: &Running) -> Response {
    let is_stream = |value: &[u8]| value.starts_with(b"text/event-stream");
    if !response.headers().get(CONTENT_TYPE).is_some_and(|value| is_stream(value.as_bytes())) {
        return response;
    }
    let open = running.stream();
    response.map(|body| Body::new(Counted { body, _open: open }))
}

struct Counted {
    body: Body,
    _open: Open,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::Method;
    use axum::response::IntoResponse as _;

    use super::super::Metrics;
    use super::*;

    #[test]
    fn event_streams_are_open_until_nobody_reads_them() {
        let metrics = Arc::new(Metrics::new(None, 1));
        let open = |count| format!("chat_event_streams_open{{operation=\"unknown\"}} {count}\n");
        for (form, is_stream) in
            [("text/event-stream", true), ("text/event-stream; charset=utf-8", true), ("text/plain", false)]
        {
            let running = metrics.request(&Method::GET, "/x");
            let response = counted(([(CONTENT_TYPE, form)], "data").into_response(), &running);
            drop(running);
            assert_eq!(metrics.write(|_| ()).unwrap().contains(&open(1)), is_stream, "{form}");
            drop(response);
            assert!(!metrics.write(|_| ()).unwrap().contains(&open(1)), "{form}");
        }
    }
}
