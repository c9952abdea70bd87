//! Clients against servers that are broken.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::kinds::Kind;
use super::setup::SignIn;
use super::tally::{Counted, Outcome};
use super::*;

#[test]
fn all_connections_have_a_kind() {
    for connections in [20, 100, 1000, 4000] {
        let Shares { agents, listening_customers, customers, slow, half_open, hostile } = Shares::of(connections);
        assert_eq!(2 * agents + 2 * listening_customers + customers + slow + half_open + hostile, connections);
        assert!(customers > 0, "{connections}");
    }
}

/// A server that reads what is sent at once, says the same to everybody, and closes the connection.
async fn server(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 64 * 1024];
            if stream.read(&mut request).await.is_ok() {
                // Who is gone needs no answer.
                stream.write_all(answer.as_bytes()).await.ok();
            }
        }
    });
    address
}

/// A run of one second.
fn world(address: SocketAddr) -> World {
    let agents = vec![SignIn::Ticket("7T:ticket".to_owned())];
    World {
        address,
        tally: Tally::default(),
        prepared: Prepared { agents, archivist: "SoTicket 7T:ticket".to_owned(), topics: vec![1] },
        patience: Duration::from_secs(2),
        end: Instant::now() + Duration::from_secs(1),
        tls: crate::tls::no_tls().unwrap(),
    }
}

const EMPTY_STREAM: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_stream_that_ends_at_once_is_a_fault_and_is_not_begun_again_at_once() {
    let world = Arc::new(world(server(EMPTY_STREAM).await));
    callers::tests::listen_as_agent(&world).await;
    let Counted { kinds, faults } = world.tally.take();
    assert_eq!(kinds[&Kind::AgentListens].good, 1);
    assert_eq!(faults, ["events of an agent: the server ended the stream"]);
}

#[tokio::test]
async fn a_malformed_request_that_is_closed_without_a_word_is_a_fault() {
    let world = world(server("").await);
    let outcome = hostile::malformed(&world, &mut Rng::with_seed(1)).await;
    let Outcome::Fault(what) = outcome else { panic!("{outcome:?}") };
    assert!(what.starts_with("closed without an answer instead of ["), "{what}");
}

#[tokio::test]
async fn a_request_that_stops_may_be_closed_without_a_word() {
    let world = world(server("").await);
    assert_eq!(hostile::stops(&world, &mut Rng::with_seed(1)).await, Outcome::Refused);
}
