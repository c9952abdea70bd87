//! Over a real port.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use chat_server::Config;

use super::reader::{EVENTS, Office, QUICK, Started, basic};
use crate::serving::Server;
use crate::support::{Connection, Log, exchange};

/// Sends a request and reads until the answer holds `expected`.
async fn request(address: SocketAddr, request: &str, expected: &str) -> (Connection, String) {
    let mut connection = Connection::to(address).await;
    connection.send(request).await;
    let text = read_until(&mut connection, expected).await;
    (connection, text)
}

async fn read_until(connection: &mut Connection, expected: &str) -> String {
    let reading = connection.read_until(expected);
    tokio::time::timeout(Duration::from_secs(20), reading).await.expect("nothing comes").to_owned()
}

fn get(path: &str, headers: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: chat.example.com\r\nAccept: text/event-stream\r\n{headers}\r\n")
}

fn of_customer(started: &Started) -> String {
    format!("X-Chat-Session-Key: {}\r\n", started.key)
}

#[tokio::test]
async fn stream_outlives_the_time_of_a_request_and_ends_with_the_server() {
    // Within it a password is hashed, while other tests use the same cores.
    let timeout = Duration::from_secs(3);
    let office = Office::with("", |mut config| {
        config.limits.timeout = timeout;
        config.shutdown_deadline = Duration::from_secs(60);
        Config { pace: QUICK, ..config }
    })
    .await;
    let started = office.start("a").await;
    let server = Server::start(office.app.clone()).await;
    let (mut customer, head) =
        request(server.address, &get(&started.path("Events"), &of_customer(&started)), "\"Message\":\"a\"").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("retry: 2000"), "{head}");
    let tje0 = format!("Authorization: {}\r\n", basic("tje0", "Tje0"));
    let (mut user, _) = request(server.address, &get(EVENTS, &tje0), "\"Waiting\":1").await;
    // The server's own clock decides, on a real port: only waiting shows that the time is over.
    tokio::time::sleep(timeout + Duration::from_secs(1)).await;
    office.say(&started, "b").await;
    read_until(&mut customer, "\"Message\":\"b\"").await;

    let stopping = Instant::now();
    server.stop().await;
    assert!(stopping.elapsed() < Duration::from_secs(10), "{:?}", stopping.elapsed());
    for connection in [&mut customer, &mut user] {
        let rest = connection.rest().await;
        assert!(rest.ends_with("0\r\n\r\n"), "the answer came to its end: {rest}");
    }
}

/// What `fetch` of a page of another origin sends.
#[tokio::test]
async fn page_of_another_origin_reads_a_stream_with_the_key_in_a_header() {
    let office = Office::with("", |mut config| {
        config.cors_allowed_origins = vec!["https://shop.example.com".parse().unwrap()];
        Config { pace: QUICK, ..config }
    })
    .await;
    let started = office.start("a").await;
    let server = Server::start(office.app.clone()).await;
    let origin = "Origin: https://shop.example.com\r\n";
    let preflight = format!(
        "OPTIONS {} HTTP/1.1\r\nHost: chat.example.com\r\n{origin}Access-Control-Request-Method: GET\r\n\
         Access-Control-Request-Headers: last-event-id,x-chat-session-key\r\nConnection: close\r\n\r\n",
        started.path("Events")
    );
    let allowed = exchange(server.address, &preflight).await.to_ascii_lowercase();
    for expected in ["access-control-allow-origin: https://shop.example.com", "last-event-id", "x-chat-session-key"] {
        assert!(allowed.contains(expected), "{expected}: {allowed}");
    }
    let headers = format!("{origin}{}", of_customer(&started));
    let (stream, head) = request(server.address, &get(&started.path("Events"), &headers), "\"Message\":\"a\"").await;
    let head = head.to_ascii_lowercase();
    for expected in [
        "access-control-allow-origin: https://shop.example.com",
        "content-type: text/event-stream",
        "cache-control: no-store",
    ] {
        assert!(head.contains(expected), "{expected}: {head}");
    }
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn key_of_a_customer_is_never_logged() {
    let (log, _logging) = Log::begin();
    let office = Office::open("", QUICK).await;
    let started = office.start("Where is my parcel?").await;
    let server = Server::start(office.app.clone()).await;
    for key in [&started.key, &started.key.to_uppercase()] {
        let headers = format!("X-Chat-Session-Key: {key}\r\n");
        drop(request(server.address, &get(&started.path("Events"), &headers), "\r\n\r\n").await);
    }
    office.say(&started, "b").await;
    server.stop().await;
    let text = log.text();
    assert!(text.contains("answered"), "{text}");
    for hidden in [&*started.key, &started.key.to_uppercase(), "parcel"] {
        assert!(!text.contains(hidden), "`{hidden}` is in the log");
    }
}

/// Many who go away in the middle leave nothing behind.
#[tokio::test]
async fn readers_who_go_away_make_room_for_others() {
    let office = Office::with("", |mut config| {
        config.customers.streams_per_address = 1;
        Config { pace: QUICK, ..config }
    })
    .await;
    let started = office.start("a").await;
    let server = Server::start(office.app.clone()).await;
    let ask = get(&started.path("Events"), &of_customer(&started));
    for _ in 0..3 {
        // The server sees a moment later that the last one is gone.
        let (stream, _) = loop {
            let (stream, head) = request(server.address, &ask, "\r\n\r\n").await;
            if !head.starts_with("HTTP/1.1 429 ") {
                assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
                break (stream, head);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let (_, second) = request(server.address, &ask, "\r\n\r\n").await;
        assert!(second.starts_with("HTTP/1.1 429 "), "{second}");
        drop(stream);
    }
    server.stop().await;
}
