//! Answers that are streams of events (`text/event-stream`).

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use axum::BoxError;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::{Stream, StreamExt as _};
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue, StatusCode};

/// An event: its data, and what else it says. Its setters panic on line breaks in an id or a type.
pub use axum::response::sse::Event;

/// Tells proxies (nginx) that what comes is to be handed on at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// How long nothing is sent at most, unless set: connections that say nothing for a minute are closed by many proxies.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a service answers with where the contract has `text/event-stream`: events for as long as it likes.
///
/// The caller is held until the stream has ended, as with every answer. It ends where the service's stream does, with its
/// first error (which goes to the log, and the caller sees that the answer broke off), or where the caller goes away: the
/// service's stream is dropped then.
///
/// ```
/// use chat_api::support::{Event, EventStream};
/// use futures_util::stream;
///
/// let events = ["one", "two"].map(|text| Ok::<_, std::io::Error>(Event::default().id(text).data(text)));
/// let answer = EventStream::new(stream::iter(events));
/// ```
pub struct EventStream {
    events: Pin<Box<dyn Stream<Item = Result<Event, BoxError>> + Send>>,
    keep_alive: Duration,
}

impl EventStream {
    /// Sends these events, and a comment where there is none for 15 seconds.
    pub fn new<S, E>(events: S) -> Self
    where
        S: Stream<Item = Result<Event, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self { events: Box::pin(events.map(|event| event.map_err(Into::into))), keep_alive: KEEP_ALIVE }
    }

    /// Sends a comment where there is no event for so long.
    #[must_use]
    pub fn with_keep_alive(self, interval: Duration) -> Self {
        Self { keep_alive: interval, ..self }
    }

    /// The answer, which holds `caller` until it has ended.
    pub(super) fn written<C: Send + 'static>(self, status: StatusCode, caller: C) -> Response {
        let events = self.events.map(move |event| {
            let _held = &caller;
            event.inspect_err(|error| tracing::error!(error = %error, "a stream of events broke off"))
        });
        let keep_alive = KeepAlive::new().interval(self.keep_alive);
        let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
        *response.status_mut() = status;
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().insert(BUFFERING, HeaderValue::from_static("no"));
        response
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("keep_alive", &self.keep_alive).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::stream;
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn events_are_sent_as_they_are_and_the_caller_is_held_so_long() {
        let caller = Arc::new(());
        let events = [Ok(Event::default().id("1").event("add").data("a\nb")), Err("secret"), Ok(Event::default())];
        let response = EventStream::new(stream::iter(events)).written(StatusCode::OK, Arc::clone(&caller));
        for (name, expected) in
            [("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no")]
        {
            assert_eq!(response.headers()[name], expected);
        }
        let mut body = response.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, "id: 1\nevent: add\ndata: a\ndata: b\n\n");
        assert!(body.frame().await.unwrap().is_err());
        assert_eq!(Arc::strong_count(&caller), 2);
        drop(body);
        assert_eq!(Arc::strong_count(&caller), 1);
    }

    #[tokio::test]
    async fn a_quiet_stream_says_that_it_lives() {
        let quiet = EventStream::new(stream::pending::<Result<Event, BoxError>>());
        let response = quiet.with_keep_alive(Duration::from_millis(5)).written(StatusCode::OK, ());
        let first = response.into_body().frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(first, ":\n\n");
    }
}
