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
}

/// How a connection ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// The server closed it, after an answer with this status, or without one.
    Closed(Option<u16>),
    /// It is still open.
    Open(Option<u16>),
}

impl Wire {
    /// Connects; what went wrong is a fault, because the server has room for all.
    pub(super) async fn connect(world: &World) -> Result<Self, Outcome> {
        let fault = |error: std::io::Error| Outcome::Fault(format!("cannot connect: {error}"));
        let stream = TcpStream::connect(world.address).await.map_err(fault)?;
        Ok(Self { stream })
    }

    /// Connects with so little room for what arrives that the server has to wait for its reader.
    pub(super) async fn connect_narrow(world: &World) -> Result<Self, Outcome> {
        let fault = |error: std::io::Error| Outcome::Fault(format!("cannot connect: {error}"));
        let socket = if world.address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
        let socket = socket.map_err(fault)?;
        socket.set_recv_buffer_size(4096).map_err(fault)?;
        let stream = socket.connect(world.address).await.map_err(fault)?;
        Ok(Self { stream })
    }

    /// Sends these bytes; `false` where the server takes no more.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
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

    /// Reads until the server closes it, at most so long.
    pub(super) async fn end(&mut self, most: Duration) -> End {
        let until = Instant::now() + most;
        let mut head = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match tokio::time::timeout_at(until, self.stream.read(&mut buffer)).await {
                Err(_) => return End::Open(status(&head)),
                Ok(Ok(0)) => return End::Closed(status(&head)),
                Ok(Ok(count)) if head.len() < HEAD_BYTES => head.extend_from_slice(&buffer[..count]),
                Ok(Ok(_)) => {}
                Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
                // Reset: it had bytes of ours that it did not read.
                Ok(Err(_)) => return End::Closed(status(&head)),
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
    use super::status;

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
}
