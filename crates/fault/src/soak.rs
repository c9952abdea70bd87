//! Loads one server for a long time: well-formed calls of agents and customers, event streams, readers and writers that are
//! slow, connections that are half open, and requests that are too large or make no sense, all at once.
//!
//! What is well-formed must be answered well, whatever the others do; what is not must be refused with a status that says
//! whose fault it is, and must not keep its connection. Where there was time and clients enough, something must have gone well
//! of everything. The server's memory must stay where it was after the warm-up, and no connection may be left when all have gone.
//!
//! Time limits here tell a server that hangs from one that is busy; nothing is judged by its speed.

mod callers;
mod endings;
mod hostile;
mod kinds;
mod process;
mod report;
mod setup;
mod slow;
mod tally;
#[cfg(test)]
mod tests;
mod wire;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::process::{OpenFiles, Process};
pub use self::report::Report;
use self::setup::Prepared;
use self::tally::Tally;
use crate::program::Program;

/// How long traffic may take to end when its time is over.
const REST: Duration = Duration::from_secs(90);

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `chat-server` program.
    pub server_binary: PathBuf,
    /// How long traffic goes on.
    pub seconds: u64,
    /// Connections at the same time, all kinds together.
    pub connections: usize,
    /// What the clients' choices are drawn from.
    pub seed: u64,
}

impl Options {
    /// What cannot be done like this, if anything.
    pub fn problem(&self) -> Option<String> {
        if !self.server_binary.is_file() {
            let remedy = "`cargo build --package chat-server` makes one, `--server` names another";
            return Some(format!("there is no server at `{}`: {remedy}", self.server_binary.display()));
        }
        match OpenFiles::of_this_process() {
            Some(OpenFiles { hard, .. }) if hard < self.files() => {
                let needed = self.files();
                Some(format!(
                    "a process may open {hard} files here, and {needed} are needed: \
                     `ulimit -n {needed}` as root, or fewer `--connections`"
                ))
            }
            Some(_) => None,
            None => Some("memory is read from `/proc`, which is not there: run it on Linux".to_owned()),
        }
    }

    /// How many files the server and this process may have to open, each.
    fn files(&self) -> usize {
        self.connections + 200
    }

    /// Begins this program anew, with as many open files as the system lets it have, where it has too few. The server inherits
    /// that. Does nothing where they are enough.
    ///
    /// # Errors
    /// The program cannot be begun anew.
    #[cfg(unix)]
    pub fn raise_open_files(&self) -> anyhow::Result<()> {
        use std::os::unix::process::CommandExt as _;
        if OpenFiles::of_this_process().is_none_or(|files| files.soft >= self.files()) {
            return Ok(());
        }
        let own = std::env::current_exe().context("cannot find this program")?;
        let mut command = std::process::Command::new("sh");
        command.args(["-c", r#"ulimit -S -n "$(ulimit -H -n)" && exec "$0" "$@""#]).arg(own);
        Err(command.args(std::env::args_os().skip(1)).exec()).context("cannot begin anew with more open files")
    }

    /// Does nothing: only Unix has limits to raise.
    ///
    /// # Errors
    /// None.
    #[cfg(not(unix))]
    pub fn raise_open_files(&self) -> anyhow::Result<()> {
        Ok(())
    }

    /// The longest pause of the server's before it gives up on a slow caller. A short run has time for that too.
    fn patience(&self) -> Duration {
        Duration::from_millis((self.seconds * 250).clamp(2000, 30_000))
    }
}

/// How many connections there are of each kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Shares {
    /// Each has a connection for calls, and one for events.
    agents: usize,
    /// Customers who listen have a connection for events besides.
    listening_customers: usize,
    customers: usize,
    slow: usize,
    half_open: usize,
    hostile: usize,
}

impl Shares {
    fn of(connections: usize) -> Self {
        let agents = (connections / 16).clamp(2, 64);
        let (slow, half_open, hostile) = (connections / 5, connections / 20, connections / 20);
        let listening_customers = connections / 10;
        let taken = 2 * agents + 2 * listening_customers + slow + half_open + hostile;
        Self { agents, listening_customers, customers: connections.saturating_sub(taken), slow, half_open, hostile }
    }
}

/// What every client knows.
struct World {
    address: SocketAddr,
    tally: Tally,
    prepared: Prepared,
    patience: Duration,
    /// When to stop.
    end: Instant,
    tls: rustls::ClientConfig,
}

impl World {
    fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// Waits, but not beyond the end.
    async fn pause(&self, pause: Duration) {
        tokio::time::sleep_until((Instant::now() + pause).min(self.end)).await;
    }

    /// A pause of somebody who thinks: shorter than the server waits for the next request of a connection.
    fn thought(&self, rng: &mut Rng) -> Duration {
        let longest = u64::try_from(self.patience.as_millis() / 5).unwrap_or(u64::MAX).clamp(100, 3000);
        Duration::from_millis(rng.u64(longest / 10..longest))
    }
}

/// Starts a server over a new SQLite file, loads it, and says what came of it. The server's log is kept where something is
/// wrong.
///
/// # Errors
/// - the server cannot be started, or ends by itself;
/// - the clients do not come to an end.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let folder = tempfile::Builder::new().prefix("chat-soak-").tempdir().context("cannot make a folder for the log")?;
    let program = setup::program(options, folder.path())?;
    match run_in(options, &program).await {
        Ok(report) if report.problems().is_empty() => Ok(report),
        Ok(report) => Ok(report.with_log(folder.keep())),
        Err(error) => Err(error.context(format!("the server's log is in {}", folder.keep().display()))),
    }
}

async fn run_in(options: &Options, program: &Program) -> anyhow::Result<Report> {
    let shares = Shares::of(options.connections);
    let prepared = setup::prepare(program, shares.agents).await?;
    let (mut server, address) = program.serve("server.log").await?;
    let process = Process::new(server.id().context("the server has ended at once")?);
    let idle = process.look()?;

    let duration = Duration::from_secs(options.seconds);
    let world = Arc::new(World {
        address,
        tally: Tally::default(),
        prepared,
        patience: options.patience(),
        end: Instant::now() + duration,
        tls: crate::tls::no_tls()?,
    });
    let mut clients = JoinSet::new();
    let mut rng = Rng::with_seed(options.seed);
    callers::spawn(&mut clients, &world, shares, &mut rng)?;
    slow::spawn(&mut clients, &world, shares.slow, &mut rng);
    hostile::spawn(&mut clients, &world, shares, &mut rng);

    let samples = process.watch(world.end).await?;
    let all = async { while clients.join_next().await.is_some() {} };
    if tokio::time::timeout(REST + world.patience, all).await.is_err() {
        bail!("clients did not come to an end within {} s", (REST + world.patience).as_secs());
    }
    if server.has_ended() {
        bail!("the server has ended by itself");
    }
    let left = process.wait_for_files(idle.files, world.patience + REST).await?;
    server.kill().await?;
    let log = std::fs::read_to_string(program.folder.join("server.log")).context("cannot read the server's log")?;
    let finish =
        report::Finish { idle, samples, left, log, duration, connections: options.connections, seed: options.seed };
    Ok(Report::of(world.tally.take(), finish))
}
