//! The command line of a soak.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use chat_fault::soak::{Options, Report, run};
use clap::Parser;

/// Load a chat server with mixed traffic, hostile parts included, and look at errors, times, memory and connections.
///
/// Exit codes: 0 all is well, 1 something is wrong or the run failed, 2 wrong use.
#[derive(Parser)]
struct Arguments {
    /// Seconds of traffic.
    #[arg(long, value_name = "S", default_value_t = 600, value_parser = clap::builder::RangedU64ValueParser::<u64>::new().range(5..=86_400))]
    seconds: u64,
    /// Connections at the same time.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(20..=10_000))]
    connections: usize,
    /// The server. Unless given, the `chat-server` beside this program.
    #[arg(long, value_name = "PATH")]
    server: Option<PathBuf>,
    /// What the clients' choices are drawn from. A new one unless given.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match options(arguments) {
        Ok(options) => match options.problem() {
            Some(problem) => return fail(&anyhow::Error::msg(problem), ExitCode::from(2)),
            None => match options.raise_open_files() {
                Ok(()) => until_signal(&options).await,
                Err(error) => Err(error),
            },
        },
        Err(error) => Err(error),
    };
    match result.and_then(|report| tell(&report)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail(&error, ExitCode::FAILURE),
    }
}

fn fail(error: &anyhow::Error, code: ExitCode) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {error:#}");
    code
}

fn options(arguments: Arguments) -> anyhow::Result<Options> {
    let server_binary = match arguments.server {
        Some(path) => path,
        None => {
            let own = std::env::current_exe().context("cannot find this program's folder")?;
            own.with_file_name(format!("chat-server{}", std::env::consts::EXE_SUFFIX))
        }
    };
    let seed = arguments.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    Ok(Options { server_binary, seconds: arguments.seconds, connections: arguments.connections, seed })
}

/// Ctrl-C and SIGTERM drop the run, and with it the server that it started.
async fn until_signal(options: &Options) -> anyhow::Result<Report> {
    writeln!(std::io::stderr(), "seed {}, {} s", options.seed, options.seconds)?;
    tokio::select! {
        result = run(options) => result,
        signal = chat_fault::stop_signal() => signal.and_then(|()| anyhow::bail!("stopped")),
    }
}

fn tell(report: &Report) -> anyhow::Result<bool> {
    writeln!(std::io::stdout().lock(), "{report}").context("cannot write to standard output")?;
    Ok(report.problems().is_empty())
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
