//! Server processes, which are killed and started again.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::Mutex;

use super::proxy::{Faults, Proxy};
use crate::program::{Program, Running};

/// Servers over one database, each behind a proxy that keeps its address. Dropped, all of them are killed.
#[derive(Debug)]
pub(super) struct Cluster {
    program: Program,
    servers: Vec<Mutex<Server>>,
    proxies: Vec<Proxy>,
}

#[derive(Debug, Default)]
struct Server {
    running: Option<Running>,
    /// How often it was started, for the names of logs.
    starts: usize,
}

impl Cluster {
    /// Starts `count` servers.
    pub(super) async fn start(program: Program, count: usize, faults: &Arc<Faults>) -> anyhow::Result<Self> {
        let mut cluster = Self { program, servers: Vec::new(), proxies: Vec::new() };
        for number in 0..count {
            let proxy = Proxy::bind(Arc::clone(faults)).await.context("cannot listen on 127.0.0.1")?;
            cluster.proxies.push(proxy);
            cluster.servers.push(Mutex::default());
            cluster.restart(number).await?;
        }
        Ok(cluster)
    }

    /// Where clients connect to.
    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.proxies.iter().map(Proxy::address).collect()
    }

    /// Kills a server, where it runs: nothing is told to it (SIGKILL).
    pub(super) async fn kill(&self, number: usize) -> anyhow::Result<()> {
        if let Some(mut running) = self.servers[number].lock().await.running.take() {
            running.kill().await?;
        }
        self.proxies[number].lead_to(None);
        Ok(())
    }

    /// Starts a server anew, and kills it before where it runs.
    pub(super) async fn restart(&self, number: usize) -> anyhow::Result<()> {
        self.kill(number).await?;
        let mut server = self.servers[number].lock().await;
        server.starts += 1;
        let log = format!("server-{number}-{}.log", server.starts);
        let (running, address) = self.program.serve(&log).await.with_context(|| format!("server {number}"))?;
        server.running = Some(running);
        self.proxies[number].lead_to(Some(address));
        Ok(())
    }

    /// Kills and starts all: what they were still doing is over then.
    pub(super) async fn restart_all(&self) -> anyhow::Result<()> {
        for number in 0..self.servers.len() {
            self.kill(number).await?;
        }
        for number in 0..self.servers.len() {
            self.restart(number).await?;
        }
        Ok(())
    }

    /// A server that has ended by itself, which none may.
    pub(super) async fn ended(&self) -> Option<usize> {
        for (number, server) in self.servers.iter().enumerate() {
            if server.lock().await.running.as_mut().is_some_and(Running::has_ended) {
                return Some(number);
            }
        }
        None
    }

    /// Kills all.
    pub(super) async fn stop(&self) {
        for number in 0..self.servers.len() {
            // Whatever is left is killed when it is dropped.
            let _ = self.kill(number).await;
        }
    }
}
