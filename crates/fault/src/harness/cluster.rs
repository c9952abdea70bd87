//! Server processes, which are killed and started again.

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::Mutex;

use super::proxy::{Faults, Proxy};

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(60);

/// What a server prints when it listens, before the address.
const LISTENING: &str = "listening on http://";

/// The program, and what it is started with.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) binary: PathBuf,
    pub(super) config: PathBuf,
    pub(super) database: String,
    /// Where its logs go.
    pub(super) folder: PathBuf,
}

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

#[derive(Debug)]
struct Running {
    /// Killed when it is dropped.
    child: Child,
    /// Kept open: who prints into a closed pipe fails.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// A command of the program, in a process group of its own: Ctrl-C is for the harness, which ends what it started.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(name).arg("--config").arg(&self.config).arg("--database").arg(&self.database);
        command.stdin(Stdio::null()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        command
    }

    /// Fills the database from a file.
    pub(super) async fn import(&self, file: &std::path::Path) -> anyhow::Result<()> {
        let output = self.command("import").arg(file).output().await;
        let output = output.with_context(|| format!("cannot run `{}`", self.binary.display()))?;
        if !output.status.success() {
            bail!("`chat-server import` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    async fn serve(&self, log: &str) -> anyhow::Result<(Running, SocketAddr)> {
        let log = File::create(self.folder.join(log)).context("cannot write a server's log")?;
        let mut command = self.command("serve");
        command.args(["--listen", "127.0.0.1:0"]);
        let child = command.stdout(Stdio::piped()).stderr(log).spawn();
        let mut child = child.with_context(|| format!("cannot run `{}`", self.binary.display()))?;
        let stdout = child.stdout.take().context("a server has no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = tokio::time::timeout(START, lines.next_line()).await.context("a server does not start")??;
        let address = line.as_deref().and_then(|line| line.strip_prefix(LISTENING)?.trim().parse().ok());
        match address {
            Some(address) => Ok((Running { child, _stdout: lines }, address)),
            None => bail!("a server does not listen; its log is in {}", self.folder.display()),
        }
    }
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
            running.child.kill().await.context("cannot kill a server")?;
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
            let ended = |running: &mut Running| running.child.try_wait().is_ok_and(|status| status.is_some());
            if server.lock().await.running.as_mut().is_some_and(ended) {
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
