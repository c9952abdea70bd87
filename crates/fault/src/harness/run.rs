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
use super::{database, service::Service};
use crate::checker::{Report, check};
use crate::history::{FinalState, Pickup, Recorder, Setup};
use crate::program::Program;

/// How long all may take to come to rest when the trouble is over, in addition to the trouble itself.
const REST: Duration = Duration::from_secs(120);

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
}

/// Starts servers, lets clients work, kills and cuts, and checks what came of it.
///
/// The logs of the servers and the history are kept where a rule is broken or the run fails.
///
/// # Errors
/// - the servers cannot be started, or end by themselves;
/// - it does not come to rest in time;
/// - the history cannot be written.
pub async fn run(options: &Options) -> anyhow::Result<(Summary, Report)> {
    let folder = tempfile::Builder::new().prefix("chat-fault-").tempdir().context("cannot make a folder for logs")?;
    let database = match &options.database {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", folder.path().join("chat.db").display()),
    };
    let limit = Duration::from_secs(options.size.seconds) + REST;
    let result = tokio::time::timeout(limit, run_in(options, folder.path(), &database)).await;
    let result = result.unwrap_or_else(|_| bail!("it did not come to rest within {} s", limit.as_secs()));
    match result {
        Ok((summary, report)) if report.violations.is_empty() => Ok((summary, report)),
        Ok((summary, report)) => Ok((summary.with_logs(&folder.keep()), report)),
        Err(error) => Err(error.context(format!("the servers' logs are in {}", folder.keep().display()))),
    }
}

async fn run_in(options: &Options, folder: &Path, database: &str) -> anyhow::Result<(Summary, Report)> {
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
        troubled = trouble(&plan, &options.size, &cluster, database, &counters).await;
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
    Ok((Summary::of(&history, &report).with(&done), report))
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
            cluster.kill(kill.server).await?;
            counters.kills.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(kill.down_ms)).await;
            cluster.restart(kill.server).await?;
        }
        anyhow::Ok(())
    };
    let cuts = async {
        for ms in &plan.database_cuts {
            at(*ms).await;
            counters.dropped.fetch_add(database::drop_connections(database).await?, Ordering::Relaxed);
        }
        anyhow::Ok(())
    };
    tokio::try_join!(kills, cuts)?;
    at(size.seconds * 1000).await;
    Ok(())
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
