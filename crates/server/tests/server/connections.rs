//! What a connection may use up, over real sockets: how many there are, and how slowly either side may go.

use std::time::Duration;

use chat_server::App;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::serving::Server;
use crate::support::{Connection, FOR_CURRENT_USER, PICKUP, World, exchange, waiting};

const USER: &str = "authorization: Basic dGplMDpUamUw\r\n";

/// Long enough that it never passes here.
const NEVER: Duration = Duration::from_secs(600);

/// Status and error type of a whole answer, which must be in the documented form and under an id.
#[track_caller]
fn refusal(answer: &str) -> (u16, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    for header in ["connection: close", "content-type: application/json; charset=utf-8", "x-request-id: "] {
        assert!(head.contains(header), "{header}: {head}");
    }
    assert!(head.contains("x-content-type-options: nosniff"), "{head}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["Error"], true);
    (head[9..12].parse().unwrap(), body["ErrorType"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn connections_beyond_the_limit_are_told_to_come_back() {
    let world = World::with("").await;
    for (all, of_one) in [(1, 100), (100, 1)] {
        let mut config = world.config();
        (config.limits.max_connections, config.limits.max_connections_per_address) = (all, of_one);
        let server = Server::start(App::open(config).await.unwrap()).await;
        let mut first = Connection::to(server.address).await;
        first.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
        first.read_until("HTTP/1.1 200 OK").await;

        let refused = exchange(server.address, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(refusal(&refused), (503, "ServiceUnavailable".to_owned()));
        assert!(refused.contains("retry-after: 1\r\n"), "{refused}");

        drop(first);
        let request = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        while !exchange(server.address, request).await.starts_with("HTTP/1.1 200 ") {}
        server.stop().await;
    }
}

#[tokio::test]
async fn callers_of_a_trusted_proxy_do_not_share_a_limit() {
    let world = World::with("").await;
    let mut config = world.config();
    config.limits.max_connections_per_address = 1;
    config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let server = Server::start(App::open(config).await.unwrap()).await;
    let _first = Connection::to(server.address).await;
    let answer = exchange(server.address, "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn headers_that_do_not_arrive_are_answered() {
    let world = World::with("").await;
    let mut config = world.config();
    config.limits.header_read_timeout = Duration::from_millis(100);
    let server = Server::start(App::open(config).await.unwrap()).await;
    let answer = exchange(server.address, "GET /healthz HTTP/1.1\r\nhost").await;
    assert_eq!(refusal(&answer), (408, "RequestTimeout".to_owned()));

    // Who sends nothing, or nothing more, is not waiting for an answer.
    assert_eq!(Connection::to(server.address).await.rest().await, "");
    let answer = exchange(server.address, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("ok\n"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_answered_and_changes_nothing() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let mut config = world.config();
    config.limits.timeout = Duration::from_millis(500);
    let server = Server::start(App::open(config).await.unwrap()).await;
    let head = format!("POST {PICKUP} HTTP/1.1\r\nhost: x\r\n{USER}content-length: 10\r\n\r\n");
    let answer = exchange(server.address, &format!("{head}12345")).await;
    assert_eq!(refusal(&answer), (408, "RequestTimeout".to_owned()));
    server.stop().await;
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(1), "nothing was picked up before");
}

#[tokio::test]
async fn a_body_is_not_waited_for_where_nobody_may_send_one() {
    let world = World::with("").await;
    let mut config = world.config();
    config.limits.timeout = NEVER;
    let server = Server::start(App::open(config).await.unwrap()).await;
    for (request, expected) in [
        (format!("POST {PICKUP} HTTP/1.1\r\nhost: x\r\n"), 401),
        (format!("POST /nowhere HTTP/1.1\r\nhost: x\r\n{USER}"), 404),
        (format!("PUT {PICKUP} HTTP/1.1\r\nhost: x\r\n{USER}"), 405),
        (format!("POST {PICKUP} HTTP/1.1\r\n{USER}"), 400),
    ] {
        for body in ["transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", "content-length: 1000000\r\n\r\nhello"] {
            let answer = exchange(server.address, &format!("{request}{body}")).await;
            assert_eq!(refusal(&answer).0, expected, "{request}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn an_answer_reaches_who_is_still_sending() {
    let world = World::with("").await;
    let server = Server::start(world.app.clone()).await;
    let mut connection = Connection::to(server.address).await;
    let head = format!("POST {PICKUP} HTTP/1.1\r\nhost: x\r\ncontent-length: 300000\r\n\r\n");
    connection.send(head).await;
    // More than what the sockets hold: were it not read, the connection would be reset and the answer lost.
    connection.send(vec![b'x'; 300_000]).await;
    assert_eq!(refusal(&connection.rest().await).0, 401);
    server.stop().await;
}

#[tokio::test]
async fn requests_name_one_host() {
    let world = World::with("").await;
    let server = Server::start(world.app.clone()).await;
    for (request, expected) in [
        ("GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nconnection: close\r\nhost: a\r\nhost: a\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nconnection: close\r\nhost: a b\r\n\r\n", 400),
        ("GET http://a/healthz HTTP/1.1\r\nconnection: close\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nconnection: close\r\nhost: a:80\r\n\r\n", 200),
        ("GET /healthz HTTP/1.0\r\n\r\n", 200),
    ] {
        let answer = exchange(server.address, request).await;
        assert_eq!(answer[9..12].parse(), Ok(expected), "{request}: {answer}");
    }
    server.stop().await;
}

/// Sessions of a person about whom there is a lot to tell: a list of them is 8 MB, more than sockets hold.
fn talkative() -> String {
    let sessions: String = (1..=80).map(|id| waiting(id, "Support", 5) + "person = 1\n").collect();
    format!("persons = [{{ PersonId = 1, FullName = \"{}\" }}]\n{sessions}", "x".repeat(100_000))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_has_a_request_running_until_the_connection_is_closed() {
    let world = World::with(&talkative()).await;
    let mut config = world.config();
    config.limits.max_concurrent_requests_per_user = 1;
    config.limits.write_timeout = Duration::from_secs(1);
    let server = Server::start(App::open(config).await.unwrap()).await;
    let list = format!("GET {FOR_CURRENT_USER} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{USER}\r\n");

    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = socket.connect(server.address).await.unwrap();
    slow.write_all(list.as_bytes()).await.unwrap();
    let mut begin = [0; 12];
    slow.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");

    let pickup = format!("POST {PICKUP} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{USER}\r\n");
    let refused = exchange(server.address, &pickup).await;
    assert!(refused.starts_with("HTTP/1.1 429 "), "the answer is not sent yet: {:.100}", refused);
    while exchange(server.address, &pickup).await.starts_with("HTTP/1.1 429 ") {}
    server.stop().await;
    // What is left in the sockets comes, and then the end, before that of the answer.
    let mut read = Vec::new();
    drop(slow.read_to_end(&mut read).await);
    assert!(read.len() < 8_000_000 && !read.ends_with(b"]"), "{}", read.len());
}
