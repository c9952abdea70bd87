//! A TCP proxy that loses connections.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// How often a request meets a cut.
const CUT_RATE: f64 = 0.06;

/// Whether connections are cut, and what was cut.
#[derive(Debug)]
pub(super) struct Faults {
    is_on: AtomicBool,
    cuts: AtomicU64,
    connections: AtomicU64,
    seed: u64,
}

/// Listens in front of one server, which may come and go.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    server: Arc<Mutex<Option<SocketAddr>>>,
    task: JoinHandle<()>,
}

/// Where a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// Nothing of the request arrives.
    BeforeRequest,
    /// Half of it arrives.
    InRequest,
    /// All of it arrives, and the server sees soon that nobody waits for an answer.
    AfterRequest,
    /// The server answers, and nothing of it arrives.
    BeforeAnswer,
    /// Half of what the server sends first arrives.
    InAnswer,
}

impl Faults {
    /// None, until they are switched on.
    pub(super) fn new(seed: u64) -> Self {
        Self { is_on: AtomicBool::new(false), cuts: AtomicU64::new(0), connections: AtomicU64::new(0), seed }
    }

    /// Switches cuts on or off.
    pub(super) fn switch(&self, is_on: bool) {
        self.is_on.store(is_on, Ordering::Relaxed);
    }

    /// How many connections were cut.
    pub(super) fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }

    fn draw(&self, rng: &mut Rng) -> Option<Cut> {
        const CUTS: [Cut; 5] =
            [Cut::BeforeRequest, Cut::InRequest, Cut::AfterRequest, Cut::BeforeAnswer, Cut::InAnswer];
        (self.is_on.load(Ordering::Relaxed) && rng.f64() < CUT_RATE).then(|| CUTS[rng.usize(..CUTS.len())])
    }

    fn connection(&self) -> Rng {
        Rng::with_seed(self.seed.wrapping_add(self.connections.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Proxy {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn bind(faults: Arc<Faults>) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let server = Arc::new(Mutex::new(None));
        let task = tokio::spawn(serve(listener, Arc::clone(&server), faults));
        Ok(Self { address, server, task })
    }

    /// Where clients connect to.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the server is now, if it is up.
    pub(super) fn lead_to(&self, server: Option<SocketAddr>) {
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, server: Arc<Mutex<Option<SocketAddr>>>, faults: Arc<Faults>) {
    // They end with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => {
                    let server = *server.lock().unwrap_or_else(PoisonError::into_inner);
                    let (rng, faults) = (faults.connection(), Arc::clone(&faults));
                    if let Some(server) = server {
                        connections.spawn(async move {
                            // However it ends, both sides are closed.
                            let _ = connect(client, server, rng, &faults).await;
                        });
                    }
                }
                // Too many open files: some close soon.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connect(mut client: TcpStream, server: SocketAddr, mut rng: Rng, faults: &Faults) -> std::io::Result<()> {
    let mut server = TcpStream::connect(server).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let (mut request, mut answer) = (vec![0; 16 * 1024], vec![0; 64 * 1024]);
    let mut cut = None;
    loop {
        tokio::select! {
            bytes = from_client.read(&mut request) => {
                let bytes = &request[..bytes?];
                if bytes.is_empty() {
                    return Ok(());
                }
                cut = cut.or_else(|| faults.draw(&mut rng));
                match cut {
                    Some(Cut::BeforeRequest) => break,
                    Some(Cut::InRequest) => {
                        to_server.write_all(&bytes[..bytes.len() / 2]).await?;
                        break;
                    }
                    Some(Cut::AfterRequest) => {
                        to_server.write_all(bytes).await?;
                        tokio::time::sleep(Duration::from_micros(rng.u64(..4000))).await;
                        break;
                    }
                    Some(Cut::BeforeAnswer | Cut::InAnswer) | None => to_server.write_all(bytes).await?,
                }
            }
            bytes = from_server.read(&mut answer) => {
                let bytes = &answer[..bytes?];
                if bytes.is_empty() {
                    return Ok(());
                }
                match cut {
                    Some(Cut::BeforeAnswer) => break,
                    Some(Cut::InAnswer) => {
                        to_client.write_all(&bytes[..bytes.len() / 2]).await?;
                        break;
                    }
                    _ => to_client.write_all(bytes).await?,
                }
            }
        }
    }
    faults.cuts.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers every byte with the same byte.
    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let mut bytes = [0; 64];
                    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                        if stream.write_all(&bytes[..count]).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        address
    }

    async fn ask(address: SocketAddr) -> Option<Vec<u8>> {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(b"ping").await.ok()?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.ok()?;
        Some(answer.to_vec())
    }

    #[tokio::test]
    async fn connections_pass_until_they_are_cut() {
        let faults = Arc::new(Faults::new(1));
        let proxy = Proxy::bind(Arc::clone(&faults)).await.unwrap();
        assert_eq!(ask(proxy.address()).await, None, "no server yet");
        proxy.lead_to(Some(echo().await));
        for _ in 0..100 {
            assert_eq!(ask(proxy.address()).await.as_deref(), Some(&b"ping"[..]));
        }
        assert_eq!(faults.cuts(), 0);
        faults.switch(true);
        let mut lost = 0;
        for _ in 0..300 {
            lost += u64::from(ask(proxy.address()).await.is_none());
        }
        assert!(faults.cuts() > 3, "{} cuts", faults.cuts());
        // The end of a cut may be counted after the client has seen it.
        assert!(lost.abs_diff(faults.cuts()) <= 1, "{lost} lost, {} cuts", faults.cuts());
        faults.switch(false);
        proxy.lead_to(None);
        assert_eq!(ask(proxy.address()).await, None, "the server is gone");
    }
}
