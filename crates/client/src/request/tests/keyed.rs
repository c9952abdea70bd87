//! Operations whose repetitions the server knows by a key.

use std::collections::BTreeSet;

use super::raw_server::{Step, serve};
use super::*;

const BUSY: Step =
    Step::Answer("HTTP/1.1 503 Busy\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
const DONE: Step = Step::Answer("HTTP/1.1 204 Done\r\nconnection: close\r\n\r\n");
const CONFLICT: Step =
    Step::Answer("HTTP/1.1 409 No\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
const UNFIT: Step = Step::Answer("HTTP/1.1 422 No\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");

const NAME: &str = "Idempotency-Key";

/// Sends a request to a server that takes these steps: the status, and the keys that came in.
async fn send(steps: &'static [Step], request: Request) -> (Option<u16>, Vec<String>) {
    let (builder, heads) = serve(steps).await;
    let result = request.empty(&builder.build().unwrap().raw).await;
    let status = match &result {
        Ok(answer) => Some(answer.status()),
        Err(error) => error.status(),
    };
    let heads = heads.lock().unwrap();
    let key = |head: &String| {
        let line = head.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
        line.unwrap_or_default().to_owned()
    };
    (status.map(|status| status.as_u16()), heads.iter().map(key).collect())
}

fn post() -> Request {
    Request::new("POST", "/a").json("application/json", Some(&json!({ "a": 1 })))
}

#[tokio::test]
async fn an_operation_with_a_key_is_sent_again_with_the_same_key() {
    for steps in [&[BUSY, DONE][..], &[Step::Drop, DONE], &[BUSY, Step::Drop, DONE]] {
        let (status, keys) = send(steps, post().idempotency_key(NAME, 32, None)).await;
        assert_eq!((status, keys.len()), (Some(204), steps.len()));
        let different: BTreeSet<&String> = keys.iter().collect();
        assert!(different.len() == 1 && keys[0].len() == 32, "{keys:?}");
    }
    let (_, keys) = send(&[BUSY, DONE], post().idempotency_key(NAME, 32, Some("my key"))).await;
    assert_eq!(keys, ["my key", "my key"]);
    let (_, keys) = send(&[DONE], post().idempotency_uuid(NAME, None)).await;
    assert_eq!(keys[0].len(), 36);
}

#[tokio::test]
async fn every_call_has_a_key_of_its_own() {
    let mut keys = BTreeSet::new();
    for _ in 0..3 {
        keys.extend(send(&[DONE], post().idempotency_key(NAME, 32, None)).await.1);
    }
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn what_the_server_refuses_is_not_sent_again() {
    for (step, status) in [(CONFLICT, 409), (UNFIT, 422)] {
        let steps: &'static [Step] = Box::leak(Box::new([step, DONE]));
        let (found, keys) = send(steps, post().idempotency_key(NAME, 32, None)).await;
        assert_eq!((found, keys.len()), (Some(status), 1));
    }
}

#[tokio::test]
async fn without_a_key_only_get_is_sent_again() {
    for (method, steps, expected) in [
        ("POST", &[BUSY, DONE][..], (Some(503), 1)),
        ("POST", &[Step::Drop, DONE], (None, 1)),
        ("PUT", &[Step::Drop, DONE], (None, 1)),
        ("DELETE", &[BUSY, DONE], (Some(503), 1)),
        ("GET", &[BUSY, DONE], (Some(204), 2)),
        ("GET", &[Step::Drop, DONE], (Some(204), 2)),
    ] {
        let (status, keys) = send(steps, Request::new(method, "/a")).await;
        assert_eq!((status, keys.len()), expected, "{method}");
    }
    // A header of the whole client is no key of a call.
    let (builder, heads) = serve(&[BUSY, DONE]).await;
    let client = builder.header(NAME, "always").build().unwrap();
    assert!(post().empty(&client.raw).await.is_err());
    assert_eq!(heads.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    for key in ["", " ", "secret\n"] {
        let (builder, heads) = serve(&[]).await;
        let request = post().idempotency_key(NAME, 32, Some(key));
        let error = request.empty(&builder.build().unwrap().raw).await.unwrap_err();
        assert!(matches!(error, Error::Request(_)) && !format!("{error}").contains("secret"), "{error}");
        assert!(heads.lock().unwrap().is_empty());
    }
}
