//! Connections to a server, whose answers are held to the contract like all others.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chat_test_support::{Wire, assert_answers_are_looked_at};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A connection on which a test says what it likes, byte for byte.
pub(crate) struct Connection {
    stream: TcpStream,
    /// Where answers are held to the contract.
    wire: Option<Wire>,
    text: String,
}

impl Connection {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self { stream, wire: Some(Wire::default()), text: String::new() }
    }

    /// To a listener that does not serve the API, so that the contract says nothing of its answers.
    pub(crate) async fn beside_the_api(address: SocketAddr) -> Self {
        Self { wire: None, ..Self::to(address).await }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        if let Some(wire) = &mut self.wire {
            wire.sent(bytes.as_ref());
        }
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Reads until all that came holds `expected`, and gives it.
    pub(crate) async fn read_until(&mut self, expected: &str) -> &str {
        while !self.text.contains(expected) {
            assert!(self.read().await, "the answer ended: {}", self.text);
        }
        &self.text
    }

    /// Reads until the server hangs up, and gives what came since the last time.
    pub(crate) async fn rest(&mut self) -> String {
        self.text.clear();
        while self.read().await {}
        if let Some(Err(report)) = self.wire.as_mut().map(|wire| wire.ended()) {
            panic!("{report}");
        }
        std::mem::take(&mut self.text)
    }

    /// Whether more has come.
    async fn read(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        let length = match self.stream.read(&mut buffer).await {
            Ok(length) => length,
            // Who hangs up before all is read that was sent resets the connection: that is an end too. Whether an answer
            // was whole by then is told apart where it is read.
            Err(error) if error.kind() == ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("{error}, after: {}", self.text),
        };
        if let Some(Err(report)) = self.wire.as_mut().map(|wire| wire.received(&buffer[..length])) {
            panic!("{report}");
        }
        self.text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        length > 0
    }
}

/// Whether anybody takes connections there.
pub(crate) async fn is_listening(address: SocketAddr) -> bool {
    TcpStream::connect(address).await.is_ok()
}

/// Sends these bytes and reads until the server hangs up.
pub(crate) async fn exchange(address: SocketAddr, request: impl AsRef<[u8]>) -> String {
    let mut connection = Connection::to(address).await;
    connection.send(request).await;
    connection.rest().await
}

/// Stands between a server and a client that is not ours, and holds what passes to the contract. What breaks it comes to
/// light at the end of the test.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    reports: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = Self { address: listener.local_addr().unwrap(), reports: Arc::default() };
        let reports = Arc::clone(&relay.reports);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let reports = Arc::clone(&reports);
                tokio::spawn(async move {
                    let server = TcpStream::connect(server).await.unwrap();
                    if let Err(report) = relay_all(client, server).await {
                        reports.lock().unwrap().push(report);
                    }
                });
            }
        });
        relay
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let reports = self.reports.lock().unwrap();
        assert!(reports.is_empty() || std::thread::panicking(), "{}", reports.join("\n"));
    }
}

/// Hands on what either side says until one of them is gone.
async fn relay_all(mut client: TcpStream, mut server: TcpStream) -> Result<(), String> {
    let mut wire = Wire::default();
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let length = read.unwrap_or(0);
                wire.sent(&asked[..length]);
                // Who hangs up does not wait for the rest of an answer.
                if length == 0 || server.write_all(&asked[..length]).await.is_err() {
                    return Ok(());
                }
            }
            read = server.read(&mut answered) => {
                let length = read.unwrap_or(0);
                wire.received(&answered[..length])?;
                if length == 0 {
                    return wire.ended().map(drop);
                }
                if client.write_all(&answered[..length]).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

/// Files that open connections of their own, and why their answers pass without being looked at.
const OWN_CONNECTIONS: &[(&str, &str)] = &[
    ("support/wire.rs", "these are the connections that are looked at"),
    ("postgres.rs", "what it relays is a database's protocol"),
    ("connections.rs", "who does not read has to set the size of its socket's buffer; that answer breaks off"),
];

#[test]
fn every_answer_passes_where_it_is_held_to_the_contract() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert_answers_are_looked_at(&root.join("tests/server"), OWN_CONNECTIONS);
    assert_answers_are_looked_at(&root.join("src"), &[]);
}
