//! The program `chat-server` as a process of its own, which ends with whoever started it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// How long a server may take to listen.
const START: Duration = Duration::from_secs(60);

/// What a server prints when it listens, before the address.
const LISTENING: &str = "listening on http://";

/// The program, and what it is started with.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) binary: PathBuf,
    pub(crate) config: PathBuf,
    pub(crate) database: String,
    /// Where its logs go.
    pub(crate) folder: PathBuf,
    /// Variables of its environment.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// A server that runs. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Running {
    /// Killed when it is dropped.
    child: Child,
    /// Kept open: who prints into a closed pipe fails.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Running {
    /// The number of the process, while it runs.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Kills it: nothing is told to it (SIGKILL).
    pub(crate) async fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("cannot kill a server")
    }
}

impl Program {
    /// A command of the program, in a process group of its own: Ctrl-C is for the harness, which ends what it started.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(words).arg("--config").arg(&self.config).arg("--database").arg(&self.database);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        #[cfg(unix)]
        command.process_group(0);
        command
    }

    /// Fills the database from a file.
    pub(crate) async fn import(&self, file: &std::path::Path) -> anyhow::Result<()> {
        let output = self.command(&["import"]).arg(file).output().await;
        let output = output.with_context(|| format!("cannot run `{}`", self.binary.display()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let beginning: Vec<&str> = said.lines().take(5).collect();
            bail!("`chat-server import` failed: {}", beginning.join("\n"));
        }
        Ok(())
    }

    /// Starts a server on a free port, with its log in this file of the folder.
    pub(crate) async fn serve(&self, log: &str) -> anyhow::Result<(Running, SocketAddr)> {
        let log = File::create(self.folder.join(log)).context("cannot write a server's log")?;
        let mut command = self.command(&["serve"]);
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
