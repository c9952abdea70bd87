//! The command line: a run against real servers, or a look at the history of one.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use chat_fault::checker::check;
use chat_fault::harness::{Options, Run, Size, Summary, Verdict, run};
use chat_fault::history;
use clap::Parser;

/// Kill chat servers and cut connections while customers and agents work, and prove that nothing was lost or done twice.
///
/// Exit codes: 0 all is well, 1 a rule is broken, a server panicked or the run failed, 2 wrong use, 3 nothing is proved:
/// too little happened.
#[derive(Parser)]
struct Arguments {
    /// The database: `sqlite://FILE`, or `postgres://…` for more than one server. A new SQLite file unless given.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Servers over the one database.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number(1, 16))]
    servers: u64,
    /// Agents, who sign in and pick up.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = number(1, 1000))]
    agents: u64,
    /// Customers, who start a session each.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = number(1, 100_000))]
    customers: u64,
    /// Topics.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = number(1, 100))]
    topics: u64,
    /// Seconds in which customers come, servers die and connections break.
    #[arg(long, value_name = "S", default_value_t = 30, value_parser = number(1, 86_400))]
    seconds: u64,
    /// What the plan is drawn from: the same seed gives the same plan, though not the same timing. A new one unless given.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Let the database drop all connections now and then, too. PostgreSQL only; needs `psql`.
    #[arg(long)]
    cut_database: bool,
    /// The server. Unless given, the `chat-server` beside this program.
    #[arg(long, value_name = "PATH")]
    server_binary: Option<PathBuf>,
    /// Write every call to this file, as JSON Lines, while it happens.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Run nothing: check the history that a run has written.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["database", "history", "server_binary"])]
    check: Option<PathBuf>,
}

fn number(least: u64, most: u64) -> clap::builder::RangedU64ValueParser<u64> {
    clap::builder::RangedU64ValueParser::new().range(least..=most)
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = match options(&arguments) {
        Ok(options) => options,
        Err(error) => return fail(&error, ExitCode::FAILURE),
    };
    if let Some(problem) = options.problem().filter(|_| arguments.check.is_none()) {
        return fail(&anyhow::Error::msg(problem), ExitCode::from(2));
    }
    let result = match &arguments.check {
        Some(file) => history::read(file).map_err(Into::into).map(|history| {
            let report = check(&history);
            Run { summary: Summary::of(&history, &report), report, panics: Vec::new(), shortfalls: Vec::new() }
        }),
        None => until_signal(&options).await,
    };
    match result.and_then(|run| tell(&run).map(|()| run.verdict())) {
        Ok(Verdict::Well) => ExitCode::SUCCESS,
        Ok(Verdict::Broken) => ExitCode::FAILURE,
        Ok(Verdict::Vacuous) => ExitCode::from(3),
        Err(error) => fail(&error, ExitCode::FAILURE),
    }
}

fn fail(error: &anyhow::Error, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
    code
}

/// A signal drops the run, and with it every server that it started.
async fn until_signal(options: &Options) -> anyhow::Result<Run> {
    writeln!(std::io::stderr(), "seed {}", options.seed)?;
    tokio::select! {
        result = run(options) => result,
        signal = chat_fault::stop_signal() => signal.and_then(|()| anyhow::bail!("stopped")),
    }
}

fn options(arguments: &Arguments) -> anyhow::Result<Options> {
    let server_binary = match &arguments.server_binary {
        Some(path) => path.clone(),
        None => {
            let own = std::env::current_exe().context("cannot find this program's folder")?;
            own.with_file_name(format!("chat-server{}", std::env::consts::EXE_SUFFIX))
        }
    };
    let count = |number: u64| usize::try_from(number).context("too many");
    Ok(Options {
        server_binary,
        database: arguments.database.clone(),
        seed: arguments.seed.unwrap_or_else(|| u64::from(fastrand::u32(..))),
        size: Size {
            servers: count(arguments.servers)?,
            agents: count(arguments.agents)?,
            customers: count(arguments.customers)?,
            topics: count(arguments.topics)?,
            seconds: arguments.seconds,
            cut_database: arguments.cut_database,
        },
        history: arguments.history.clone(),
    })
}

fn tell(Run { summary, report, panics, shortfalls }: &Run) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for violation in &report.violations {
        writeln!(out, "{violation}")?;
    }
    for panic in panics {
        writeln!(out, "panic: {panic}")?;
    }
    writeln!(out, "{summary}").context("cannot write to standard output")?;
    drop(out);
    let mut errors = std::io::stderr().lock();
    for shortfall in shortfalls {
        writeln!(errors, "error: nothing is proved: {shortfall}")?;
    }
    if !shortfalls.is_empty() {
        writeln!(errors, "help: let it run for longer, with `--seconds` and `--customers`, and see the servers' logs")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
