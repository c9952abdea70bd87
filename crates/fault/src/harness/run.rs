//! A run against real servers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::clients::run_clients;
use super::cluster::Cluster;
use super::network::{self, Network, SignIn};
use super::plan::{Plan, Size};
use super::prepare::{self, Prepared};
use super::proxy::Faults;
use super::summary::{Done, Summary};
use super::verdict::{self, Run, Verdict};
use super::{database, service::Service};
use crate::checker::check;
use crate::history::{Fault, FinalState, Hit, Pickup, Recorder, Setup};
use crate::program::Program;

/// How long all may take to come to rest when the trouble is over, in addition to the trouble itself.
const REST: Duration = Duration::from_secs(180);

/// How long a server that did not start stays down.
const BEFORE_ANEW: Duration = Duration::from_millis(100);

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `chat-server` program.
    pub server_binary: PathBuf,
    /// The address of the database; none for a new SQLite file.
    pub database: Option<String>,
    /// What the plan is drawn from.
    pub seed: u64,
    /// How much is to happen.
    pub size: Size,
    /// Where the history is written to.
    pub history: Option<PathBuf>,
}

impl Options {
    /// What cannot be done like this, if anything.
    pub fn problem(&self) -> Option<String> {
        let problem = if self.is_sqlite() && self.size.servers > 1 {
            "SQLite is for one server: its file has one writer at a time. Use `--servers 1`, or a PostgreSQL database"
        } else if self.is_sqlite() && self.size.cut_database {
            "SQLite has no connections to cut: leave `--cut-database` away"
        } else if !self.server_binary.is_file() {
            return Some(format!(
                "there is no server at `{}`: `cargo build --package chat-server` makes one, `--server-binary` names another",
                self.server_binary.display()
            ));
        } else {
            return None;
        };
        Some(problem.to_owned())
    }

    fn is_sqlite(&self) -> bool {
        self.database.as_deref().is_none_or(|url| url.starts_with("sqlite:"))
    }
}

/// Counted while it happens.
#[derive(Debug, Default)]
struct Counters {
    kills: AtomicU64,
    dropped: AtomicU64,
    /// Cuts of the database that began and that ended: an odd number while one goes on.
    database_cuts: AtomicU64,
}

impl Counters {
    /// Whether the database was cut since this number of cuts was read, or then.
    fn was_cut_since(&self, cuts: u64) -> bool {
        cuts % 2 == 1 || self.database_cuts.load(Ordering::Relaxed) != cuts
    }
}

/// Starts servers, lets clients work, kills and cuts, and checks what came of it.
///
/// The logs of the servers and the history are kept unless all is well.
///
/// # Errors
/// - the servers cannot be started, or end by themselves;
/// - it does not come to rest in time;
/// - the history cannot be written, or a log cannot be read.
pub async fn run(options: &Options) -> anyhow::Result<Run> {
    let folder = tempfile::Builder::new().prefix("chat-fault-").tempdir().context("cannot make a folder for logs")?;
    let database = match &options.database {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", folder.path().join("chat.db").display()),
    };
    let limit = Duration::from_secs(options.size.seconds) + REST;
    let result = tokio::time::timeout(limit, run_in(options, folder.path(), &database)).await;
    let result = result.unwrap_or_else(|_| bail!("it did not come to rest within {} s", limit.as_secs()));
    match result {
        Ok(run) if run.verdict() == Verdict::Well => Ok(run),
        Ok(run) => Ok(Run { summary: run.summary.with_logs(&folder.keep()), ..run }),
        Err(error) => Err(error.context(format!("the servers' logs are in {}", folder.keep().display()))),
    }
}

async fn run_in(options: &Options, folder: &Path, database: &str) -> anyhow::Result<Run> {
    let begin = Instant::now();
    let history = options.history.clone().unwrap_or_else(|| folder.join("history.jsonl"));
    let recorder = Arc::new(Recorder::new(Some(&history)).context("cannot write the history")?);
    let plan = Arc::new(Plan::new(options.seed, &options.size));
    let prepared = prepare::prepare(folder, &plan)?;
    let program = Program {
        binary: options.server_binary.clone(),
        config: prepared.config.clone(),
        database: database.to_owned(),
        folder: folder.to_owned(),
        variables: Vec::new(),
    };
    program.import(&prepared.import).await?;
    let faults = Arc::new(Faults::new(plan.cuts));
    let cluster = Cluster::start(program, options.size.servers, &faults).await?;
    let network = Arc::new(Network::new(cluster.addresses(), prepared.agents.clone())?);
    let (topics, users, responders) = who_is_where(&network, &prepared).await.context("cannot ask for the topics")?;
    let pickup = if options.is_sqlite() { Pickup::Serial } else { Pickup::SkipsHeld };
    recorder.setup(Setup { seed: options.seed, responders, pickup });

    let counters = Counters::default();
    let mut troubled = Ok(());
    faults.switch(true);
    let trouble = async {
        troubled = trouble(&plan, &options.size, &cluster, database, &recorder, &counters).await;
        faults.switch(false);
    };
    let service: Arc<dyn Service> = network.clone();
    run_clients(Arc::clone(&plan), service, Arc::clone(&recorder), topics, users, trouble).await;
    troubled?;
    if let Some(number) = cluster.ended().await {
        bail!("server {number} has ended by itself");
    }
    // What was cut off and still ran is over then.
    cluster.restart_all().await?;
    let end = final_state(&network, &prepared.manager).await.context("cannot read the final state")?;
    let history = recorder.finish(end).context("cannot write the history")?;
    cluster.stop().await;
    let report = check(&history);
    let done = Done {
        kills: counters.kills.into_inner(),
        cuts: faults.cuts(),
        dropped: counters.dropped.into_inner(),
        duration: begin.elapsed(),
    };
    let shortfalls = verdict::shortfalls(&options.size, history.end.sessions.len(), &report, &done);
    let summary = Summary::of(&history, &report).with(&done);
    Ok(Run { summary, report, panics: verdict::panics(folder)?, shortfalls })
}

/// The `TopicId`s by number, the agents' `AssociateId`s by number, and who can respond where.
async fn who_is_where(
    network: &Network,
    prepared: &Prepared,
) -> anyhow::Result<(Vec<i32>, Vec<i32>, BTreeMap<i32, Vec<i32>>)> {
    let mut topics: BTreeMap<String, i32> = BTreeMap::new();
    let mut responders: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    let mut users = Vec::new();
    for agent in &prepared.agents {
        let mut user = None;
        for own in network.agent(0, agent)?.chat_topics_for_user().await?.into_inner() {
            let topic = own.topic_id.context("a topic without `TopicId`")?;
            topics.insert(own.topic_name.unwrap_or_default(), topic);
            user = own.user.and_then(|user| user.associate_id);
            if own.can_respond == Some(true) {
                responders.entry(topic).or_default().extend(user);
            }
        }
        users.push(user.with_context(|| format!("`{}` is not a member of any topic", agent.user))?);
    }
    let number = |name: &String| topics.get(name).copied().with_context(|| format!("there is no topic `{name}`"));
    Ok((prepared.topics.iter().map(number).collect::<Result<_, _>>()?, users, responders))
}

/// Kills servers and cuts the database, as planned, until the time is over. Then all servers are up.
async fn trouble(
    plan: &Plan,
    size: &Size,
    cluster: &Cluster,
    database: &str,
    recorder: &Recorder,
    counters: &Counters,
) -> anyhow::Result<()> {
    let begin = tokio::time::Instant::now();
    let at = |ms| tokio::time::sleep_until(begin + Duration::from_millis(ms));
    let kills = async {
        for kill in &plan.kills {
            at(kill.at_ms).await;
            if let Some(number) = cluster.ended().await {
                bail!("server {number} has ended by itself");
            }
            let start = recorder.now();
            cluster.kill(kill.server).await?;
            recorder.fault(Fault { hit: Hit::Server(kill.server), start, end: recorder.now() });
            counters.kills.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(kill.down_ms)).await;
            restart(cluster, kill.server, counters).await?;
        }
        anyhow::Ok(())
    };
    let cuts = async {
        for ms in &plan.database_cuts {
            at(*ms).await;
            let start = recorder.now();
            counters.database_cuts.fetch_add(1, Ordering::Relaxed);
            let dropped = database::drop_connections(database).await?;
            counters.database_cuts.fetch_add(1, Ordering::Relaxed);
            recorder.fault(Fault { hit: Hit::Database, start, end: recorder.now() });
            counters.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
        anyhow::Ok(())
    };
    tokio::try_join!(kills, cuts)?;
    at(size.seconds * 1000).await;
    Ok(())
}

/// Starts a server again. One that loses its database while it starts ends, and whoever keeps it up starts it anew.
async fn restart(cluster: &Cluster, server: usize, counters: &Counters) -> anyhow::Result<()> {
    loop {
        let cuts = counters.database_cuts.load(Ordering::Relaxed);
        match cluster.restart(server).await {
            Err(_) if counters.was_cut_since(cuts) => tokio::time::sleep(BEFORE_ANEW).await,
            result => return result,
        }
    }
}

/// All sessions and their messages, as a manager sees them.
async fn final_state(network: &Network, manager: &SignIn) -> anyhow::Result<FinalState> {
    let client = network.agent(0, manager)?;
    let sessions: Vec<_> = client.chat_sessions_for_user().await?.iter().map(network::session).collect();
    let mut messages = BTreeMap::new();
    for session in &sessions {
        let found = client.get_chat_messages(session.id, None).await;
        let found = found.with_context(|| format!("the messages of session {}", session.id))?;
        messages.insert(session.id, found.iter().map(network::message).collect());
    }
    Ok(FinalState { sessions, messages })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_noticed_while_it_goes_on_and_after() {
        let counters = Counters::default();
        let count = || counters.database_cuts.fetch_add(1, Ordering::Relaxed) + 1;
        assert!(!counters.was_cut_since(0));
        let begun = count();
        assert!(counters.was_cut_since(0) && counters.was_cut_since(begun));
        let ended = count();
        assert!(counters.was_cut_since(0) && counters.was_cut_since(begun));
        assert!(!counters.was_cut_since(ended));
    }
}
