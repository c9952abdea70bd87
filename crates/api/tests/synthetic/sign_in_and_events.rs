//! Keys of the contract, keys of calls, and streams of events, through the generated router.

use chat_api::KeyPlace;

use super::{JSON, USER, exchange, generated};

#[tokio::test]
async fn keys_reach_the_service_with_what_the_operation_takes() {
    const RIGHT: (&str, &str) = ("x-customer-key", "right");
    const COOKIE: (&str, &str) = ("cookie", "a=b; sid=c");
    let answer = "200 text/plain; charset=utf-8";
    for (request, headers, expected) in [
        ("GET /keys", &[RIGHT][..], "204 - "),
        ("GET /keys", &[USER], "204 - "),
        ("GET /keys?key=a%2Bb", &[COOKIE], "204 - "),
        ("GET /keys?key=a%2Bb", &[], "401 sign in"),
        ("GET /keys", &[], "401 sign in"),
        ("GET /keys", &[("x-customer-key", "secret")], "401 sign in"),
        ("GET /keys", &[RIGHT, RIGHT], "400 header `X-Customer-Key`: it is there more than once"),
        ("GET /keys?key=secret&key=secret", &[], "400 query parameter `key` is there more than once"),
        // The operation takes it, or nothing, and nothing else.
        ("PUT /keys?security=s", &[], &format!("{answer} None [] Some(\"s\")")),
        ("PUT /keys", &[RIGHT], &format!("{answer} Some(()) [] None")),
        ("PUT /keys?key=1&key=2", &[COOKIE], &format!("{answer} None [\"1\", \"2\"] None")),
        ("PUT /keys", &[COOKIE, RIGHT], "403 `inCookie` is not taken here"),
        // Elsewhere it is shown all the same, for the service to refuse.
        ("DELETE /things/a", &[USER, RIGHT], "403 `customer` is not taken here"),
        ("GET /things/4/names/x", &[RIGHT], r#"200 application/json; charset=utf-8 {"x":"4 None"}"#),
        ("GET /odd/x(1)", &[RIGHT], &format!("{answer} fixed")),
    ] {
        assert_eq!(exchange(request, headers, "").await, expected, "{request} {headers:?}");
    }
}

#[tokio::test]
async fn events_stream_and_their_errors_are_read_as_any() {
    const EVENTS: (&str, &str) = ("accept", "text/event-stream");
    for (request, headers, expected) in [
        ("GET /events", &[EVENTS, ("last-event-id", "7")][..], "200 text/event-stream id: 7\ndata: a\ndata: b\n\n"),
        ("GET /events", &[], "200 text/event-stream id: 0\ndata: a\ndata: b\n\n"),
        ("GET /events?fail=true", &[EVENTS], "404 no events"),
        ("GET /events?fail=x", &[EVENTS], "400 query parameter `fail` is not valid"),
        ("GET /events", &[("accept", "application/json")], "406 `Accept` admits none of: text/event-stream"),
        ("POST /events", &[EVENTS], "204 - "),
        ("POST /events", &[("last-event-id", "1")], "200 text/event-stream id: 1\ndata: a\ndata: b\n\n"),
        ("PUT /events", &[("accept-language", "en")], "200 text/event-stream id: 1\ndata: a\ndata: b\n\n"),
        (
            "PUT /events",
            &[EVENTS],
            r#"202 application/json; charset=utf-8 {"Id":null,"Name":null,"Parent":null,"Tags":null}"#,
        ),
    ] {
        assert_eq!(exchange(request, headers, "").await, expected, "{request} {headers:?}");
    }
}

#[tokio::test]
async fn idempotency_keys_are_arguments() {
    for (request, headers, expected) in [
        (
            "POST /orders",
            &[("idempotency-key", "k 1")][..],
            r#"201 application/json; charset=utf-8 "Some(\"k 1\") None""#,
        ),
        ("POST /orders", &[("times", "2")], r#"201 application/json; charset=utf-8 "None Some(2)""#),
        ("PUT /orders", &[JSON, ("idempotency-key", "k")], r#"200 application/json; charset=utf-8 "k""#),
        ("PUT /orders", &[JSON], "400 header parameter `idempotency-key` is missing"),
    ] {
        assert_eq!(exchange(request, headers, "{}").await, expected, "{request} {headers:?}");
    }
}

#[test]
fn pages_of_other_origins_and_caches_learn_of_the_contracts_headers() {
    assert_eq!(generated::REQUEST_HEADERS, ["Accept-Language", "idempotency-key", "Last-Event-ID", "Times", "X-Depth"]);
    let keys: Vec<_> = generated::API_KEYS.iter().map(|key| (key.scheme, key.place, key.name)).collect();
    let expected = [
        ("customer", KeyPlace::Header, "X-Customer-Key"),
        ("inQuery", KeyPlace::Query, "key"),
        ("inCookie", KeyPlace::Cookie, "sid"),
    ];
    assert_eq!(keys, expected);
}
