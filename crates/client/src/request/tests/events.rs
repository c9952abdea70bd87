//! Operations that answer with a stream of events.

use std::time::{Duration, Instant};

use super::raw_server::{PAUSE_MS, Step, serve};
use super::*;
use crate::ResponseValue;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n";
const ACCEPT: &str = "text/event-stream";

async fn ask(builder: Builder) -> Result<ResponseValue<EventStream>, Error> {
    Request::new("GET", "/events").events(ACCEPT, &builder.build().unwrap().raw).await
}

#[tokio::test]
async fn events_come_in_for_longer_than_the_time_out() {
    static STEPS: &[Step] =
        &[Step::Pieces(&[HEAD, ": hello\n\nid: 1\ndata: a\n", "\ndata: b\n\ndata: c", "\n\ndata: lost\n"])];
    let (builder, heads) = serve(STEPS).await;
    let begin = Instant::now();
    let mut events = ask(builder.timeout(Duration::from_millis(2 * PAUSE_MS))).await.unwrap();
    for expected in ["a", "b", "c"] {
        let event = events.next().await.unwrap().unwrap();
        assert_eq!((event.id.as_str(), event.event.as_str(), event.data.as_str()), ("1", "message", expected));
    }
    assert!(begin.elapsed() > Duration::from_millis(2 * PAUSE_MS), "{:?}", begin.elapsed());
    assert_eq!(events.last_event_id(), "1");
    assert!(heads.lock().unwrap()[0].contains("accept: text/event-stream\r\n"));
}

#[tokio::test]
async fn a_beginning_that_does_not_come_is_a_time_out() {
    let (builder, _) = serve(&[Step::Pieces(&[])]).await;
    let error = ask(builder.timeout(Duration::from_millis(50))).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(error.to_string(), "the server did not answer in time");
}

#[tokio::test]
async fn a_beginning_is_asked_for_again_and_a_broken_stream_is_not() {
    const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\ndata: a\n\n";
    static STEPS: &[Step] = &[Step::Drop, Step::Answer(ANSWER), Step::Drop];
    let (builder, heads) = serve(STEPS).await;
    let mut events = ask(builder).await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().data, "a");
    assert!(matches!(events.next().await, Some(Err(Error::NoAnswer(_)))));
    assert!(events.next().await.is_none());
    assert_eq!(heads.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn other_answers_are_no_events() {
    for (answer, expected) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\nsecret",
            "the server's answer cannot be read: it is no stream of events",
        ),
        (
            "HTTP/1.1 404 No\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nno",
            "the server answered 404 Not Found",
        ),
    ] {
        let steps: &'static [Step] = Box::leak(Box::new([Step::Answer(answer)]));
        let error = ask(serve(steps).await.0).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(!format!("{error:?}").contains("secret"));
    }
    let (builder, _) = serve(&[Step::Answer("HTTP/1.1 204 Nothing\r\n\r\n")]).await;
    assert!(ask(builder).await.unwrap().next().await.is_none());
}
