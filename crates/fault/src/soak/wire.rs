//! Connections without a client in between, which may do what no client does.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use super::World;
use super::tally::Outcome;

/// Of an answer, as much is kept as its head may be long.
const HEAD_BYTES: usize = 16 * 1024;

/// A connection to the server.
pub(super) struct Wire {
    stream: TcpStream,
    /// What has arrived of an answer, up to [`HEAD_BYTES`] or a little more.
    head: Vec<u8>,
    /// Whether the server has reset it: one that closes with bytes of ours that it did not read does so.
    is_reset: bool,
}

/// How a connection ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// The server closed it in order, after an answer with this status, or without one.
    Closed(Option<u16>),
    /// The server reset it.
    Reset(Option<u16>),
    /// It is still open.
    Open(Option<u16>),
}

impl End {
    /// The status of the answer, if there was one.
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Closed(status) | Self::Reset(status) | Self::Open(status) => *status,
        }
    }
}

impl Wire {
    fn of(stream: TcpStream) -> Self {
        Self { stream, head: Vec::new(), is_reset: false }
    }

    /// Connects; what went wrong is a fault, because the server has room for all.
    pub(super) async fn connect(world: &World) -> Result<Self, Outcome> {
        let fault = |error: std::io::Error| Outcome::Fault(format!("cannot connect: {error}"));
        let stream = TcpStream::connect(world.address).await.map_err(fault)?;
        Ok(Self::of(stream))
    }

    /// Connects with so little room for what arrives that the server has to wait for its reader.
    pub(super) async fn connect_narrow(world: &World) -> Result<Self, Outcome> {
        let fault = |error: std::io::Error| Outcome::Fault(format!("cannot connect: {error}"));
        let socket = if world.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let socket = socket.map_err(fault)?;
        socket.set_recv_buffer_size(4096).map_err(fault)?;
        let stream = socket.connect(world.address).await.map_err(fault)?;
        Ok(Self::of(stream))
    }

    /// Sends these bytes; `false` where the server takes no more.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> bool {
        let is_taken = self.stream.write_all(bytes).await.is_ok();
        // The system says it once: whoever reads after that is told of an end in order.
        self.is_reset |= !is_taken;
        is_taken
    }

    /// Says that nothing more is sent.
    pub(super) async fn finish_sending(&mut self) {
        // The server may have closed it already.
        let _ = self.stream.shutdown().await;
    }

    /// Breaks it off: the server gets an RST.
    pub(super) fn reset(self) {
        // An option of TCP that every system has; without it, the connection is closed in order.
        let _ = self.stream.set_zero_linger();
    }

    /// Reads some; 0 where the server has closed it.
    pub(super) async fn read_some(&mut self, buffer: &mut [u8]) -> usize {
        self.stream.read(buffer).await.unwrap_or(0)
    }

    /// Reads until the server closes it, at most so long. Asked again, it goes on, and knows what was answered before.
    pub(super) async fn end(&mut self, most: Duration) -> End {
        let until = Instant::now() + most;
        let mut buffer = [0; 4096];
        loop {
            match tokio::time::timeout_at(until, self.stream.read(&mut buffer)).await {
                Err(_) => return End::Open(status(&self.head)),
                Ok(Ok(0)) if self.is_reset => return End::Reset(status(&self.head)),
                Ok(Ok(0)) => return End::Closed(status(&self.head)),
                Ok(Ok(count)) if self.head.len() < HEAD_BYTES => self.head.extend_from_slice(&buffer[..count]),
                Ok(Ok(_)) => {}
                Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
                Ok(Err(_)) => {
                    self.is_reset = true;
                    return End::Reset(status(&self.head));
                }
            }
        }
    }
}

/// The status of an answer whose beginning has arrived.
pub(super) fn status(head: &[u8]) -> Option<u16> {
    let line = head.strip_prefix(b"HTTP/1.1 ")?;
    std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn statuses_are_read_from_the_first_line() {
        for (head, expected) in [
            (&b"HTTP/1.1 408 Request Timeout\r\n"[..], Some(408)),
            (b"HTTP/1.1 40", None),
            (b"", None),
            (b"HTTP/2 200", None),
        ] {
            assert_eq!(status(head), expected);
        }
    }

    /// A connection, and the server's end of it.
    async fn pair() -> (Wire, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wire = Wire::of(TcpStream::connect(listener.local_addr().unwrap()).await.unwrap());
        (wire, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn an_answer_is_remembered_until_the_connection_is_closed() {
        let (mut wire, mut server) = pair().await;
        assert_eq!(wire.end(Duration::ZERO).await, End::Open(None));
        server.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        while wire.end(Duration::from_millis(1)).await == End::Open(None) {}
        assert_eq!(wire.end(Duration::ZERO).await, End::Open(Some(400)));
        drop(server);
        assert_eq!(wire.end(Duration::from_secs(60)).await, End::Closed(Some(400)));
    }

    #[tokio::test]
    async fn a_reset_is_told_from_an_end_in_order() {
        let (mut wire, server) = pair().await;
        assert!(wire.send(b"GET").await);
        // What was sent has arrived, and nobody reads it.
        server.readable().await.unwrap();
        drop(server);
        assert_eq!(wire.end(Duration::from_secs(60)).await, End::Reset(None));

        let (mut wire, server) = pair().await;
        drop(server);
        assert_eq!(wire.end(Duration::from_secs(60)).await, End::Closed(None));
    }

    #[tokio::test]
    async fn a_reset_that_sending_has_met_is_not_forgotten() {
        let (mut wire, server) = pair().await;
        server.set_zero_linger().unwrap();
        drop(server);
        while wire.send(b"x").await {}
        assert_eq!(wire.end(Duration::from_secs(60)).await, End::Reset(None));
    }
}
