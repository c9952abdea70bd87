//! Servers in processes of their own, which end with the value.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Failure, memory};

/// From its start to the first connection.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// A whole answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// An address of this machine that nobody listens on.
///
/// # Errors
/// When there is none.
pub fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// A server that runs.
#[derive(Debug)]
pub struct Server {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts the command, and waits until something listens at the address. What it prints to stdout is thrown away.
    ///
    /// # Errors
    /// When it cannot be started, ends, or does not listen in time.
    pub fn start(command: &mut Command, address: SocketAddr) -> Result<Self, Failure> {
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let mut server = Self { process, address };
        let deadline = Instant::now() + START_TIMEOUT;
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.process.try_wait()? {
                return Err(format!("a server ended before it listened ({status}): {command:?}").into());
            }
            if Instant::now() >= deadline {
                return Err(format!("nothing listened on {address} in time: {command:?}").into());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(server)
    }

    /// How much memory it has now, in megabytes.
    pub fn resident_mb(&self) -> Option<f64> {
        memory::resident_mb(self.process.id())
    }

    /// How long it has computed so far.
    pub fn computed(&self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        // The name, in parentheses, may hold anything.
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        // In hundredths of a second on every Linux.
        Some(Duration::from_millis(10 * (ticks(11)? + ticks(12)?)))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// The body of the answer to one request, which is given as it goes over the wire in HTTP/1.1. It is sent in HTTP/1.0: the
/// answer comes in one piece, and ends with the connection.
///
/// # Errors
/// When the answer is not 2xx, or shorter than it says.
pub fn answer(address: SocketAddr, request: &str) -> Result<Vec<u8>, Failure> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.write_all(request.replacen("HTTP/1.1", "HTTP/1.0", 1).as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or("an answer broke off")?;
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    if head.split(' ').nth(1).is_none_or(|status| !status.starts_with('2')) {
        return Err(format!("refused: {}", String::from_utf8_lossy(&bytes)).into());
    }
    let body = bytes.split_off(end + 4);
    match head.lines().find_map(|line| line.strip_prefix("content-length: ")) {
        Some(length) if length.parse() != Ok(body.len()) => Err("an answer broke off".into()),
        _ => Ok(body),
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_server_that_ends_is_not_waited_for() {
        let start = Instant::now();
        let failed = Server::start(Command::new("sh").args(["-c", "exit 3"]), free_address().unwrap()).unwrap_err();
        assert!(failed.to_string().contains("exit status: 3"), "{failed}");
        assert!(start.elapsed() < START_TIMEOUT);
    }

    #[test]
    fn an_answer_is_taken_whole_or_not_at_all() {
        for (sent, expected) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", Ok("abc")),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", Err("broke off")),
            ("HTTP/1.0 200 OK\r\n\r\nabc", Ok("abc")),
            ("HTTP/1.1 200 OK\r\n", Err("broke off")),
            ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", Err("refused: HTTP/1.1 401")),
        ] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let peer = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 18];
                stream.read_exact(&mut request).unwrap();
                stream.write_all(sent.as_bytes()).unwrap();
            });
            let answer = answer(address, "GET / HTTP/1.1\r\n\r\n");
            peer.join().unwrap();
            match expected {
                Ok(body) => assert_eq!(answer.unwrap(), body.as_bytes()),
                Err(part) => assert!(answer.unwrap_err().to_string().contains(part), "{sent:?}"),
            }
        }
    }
}
