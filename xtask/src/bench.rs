//! `cargo xtask bench`: runs the benchmarks, and gathers their ratios in one table.
//!
//! Each benchmark stands beside what it measures, in the `benches` of its package, and says itself what is wanted.

mod peers;
mod table;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use docwright_bench::{Ratio, SKIPPED};

use self::peers::Peers;
use self::table::Verdicts;
use crate::cli::BenchOptions;
use crate::compiled::cargo;
use crate::report::{UsageError, note, say};
use crate::sdk::interruption::Interruption;
use crate::workspace::Workspace;

/// A benchmark.
struct Bench {
    /// What cargo calls it.
    name: &'static str,
    package: &'static str,
    /// What makes it small.
    short: &'static str,
}

const BENCHES: [Bench; 7] = [
    Bench { name: "reference", package: "docwright-contract", short: "--short" },
    Bench { name: "rust", package: "docwright-codegen", short: "--short" },
    // Criterion's own: everything once.
    Bench { name: "mock", package: "docwright-mock", short: "--test" },
    Bench { name: "prism", package: "docwright-mock", short: "--short" },
    Bench { name: "http", package: "chat-server", short: "--short" },
    Bench { name: "pickups", package: "chat-server", short: "--short" },
    Bench { name: "sessions", package: "chat-server", short: "--short" },
];

/// What one benchmark printed.
#[derive(Debug, Default)]
struct Outcome {
    name: &'static str,
    ratios: Vec<Ratio>,
    skipped: Vec<String>,
    has_failed: bool,
}

/// Runs the benchmarks that are asked for; answers whether all of them ran to their end. A goal that is missed is said,
/// and is no failure: that would say more of the machine than of what is measured.
pub(crate) fn run(workspace: &Workspace, options: &BenchOptions) -> anyhow::Result<bool> {
    let chosen = choose(&options.only)?;
    let corpus = options.corpus.as_deref().map(|folder| {
        folder.canonicalize().map_err(|error| UsageError(format!("cannot read `{}`: {error}", folder.display())))
    });
    let corpus = corpus.transpose()?;
    let interruption = Interruption::listen()?;
    let peers = if options.install_peers { Some(Peers::install(workspace, &interruption)?) } else { None };
    let mut outcomes = Vec::new();
    for (index, bench) in chosen.iter().enumerate() {
        note(format_args!("[{}/{}] {} ({})", index + 1, chosen.len(), bench.name, bench.package));
        let start = Instant::now();
        let mut command = command(workspace, bench, options.short);
        if let Some(corpus) = &corpus {
            command.env("DOCWRIGHT_CORPUS", corpus);
        }
        peers.iter().for_each(|peers| peers.name_to(&mut command));
        let outcome = play(bench.name, command)?;
        interruption.check()?;
        note(format_args!("[{}/{}] {} took {} s", index + 1, chosen.len(), bench.name, start.elapsed().as_secs()));
        outcomes.push(outcome);
    }
    say(table::table(&outcomes, if options.short { Verdicts::None } else { Verdicts::All }));
    Ok(outcomes.iter().all(|outcome| !outcome.has_failed))
}

/// The benchmarks of these names, in their order; all, where there are none.
fn choose(names: &[String]) -> anyhow::Result<Vec<&'static Bench>> {
    if let Some(unknown) = names.iter().find(|name| BENCHES.iter().all(|bench| bench.name != **name)) {
        let all: Vec<&str> = BENCHES.iter().map(|bench| bench.name).collect();
        return Err(UsageError(format!("no benchmark is called `{unknown}`; there are {}", all.join(", "))).into());
    }
    Ok(BENCHES.iter().filter(|bench| names.is_empty() || names.iter().any(|name| name == bench.name)).collect())
}

fn command(workspace: &Workspace, bench: &Bench, short: bool) -> Command {
    let mut command = cargo(workspace.root());
    command.args(["bench", "--quiet", "--locked", "--bench", bench.name]);
    if short {
        // Figures that nobody looks at: of what the workspace's tests have compiled already.
        command.args(["--workspace", "--profile", "dev", "--", bench.short]);
    } else {
        command.args(["--package", bench.package]);
    }
    command
}

/// Runs a benchmark, passes on what it prints, and keeps what the table shows.
fn play(name: &'static str, mut command: Command) -> anyhow::Result<Outcome> {
    let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot run cargo")?;
    let mut outcome = Outcome { name, ..Outcome::default() };
    let Some(printed) = process.stdout.take() else { bail!("cargo has no output") };
    for line in BufReader::new(printed).lines() {
        let line = line.context("the output of a benchmark is no text")?;
        say(&line);
        outcome.add(&line);
    }
    outcome.has_failed = !process.wait().context("cannot wait for cargo")?.success();
    Ok(outcome)
}

impl Outcome {
    fn add(&mut self, line: &str) {
        self.ratios.extend(Ratio::parse(line));
        self.skipped.extend(line.strip_prefix(SKIPPED).map(str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn benchmarks_are_chosen_by_name() {
        let names = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
            choose(&only).map(|chosen| chosen.iter().map(|bench| bench.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&[]).unwrap().len(), BENCHES.len());
        assert_eq!(names(&["http", "reference", "http"]).unwrap(), ["reference", "http"]);
        let refused = names(&["http", "https"]).unwrap_err();
        assert!(refused.is::<UsageError>());
        assert!(refused.to_string().starts_with("no benchmark is called `https`; there are reference,"), "{refused}");
    }

    #[test]
    fn every_benchmark_of_the_workspace_is_run() {
        let root = Workspace::locate().unwrap().root().to_owned();
        let mut found = Vec::new();
        for entry in fs::read_dir(root.join("crates")).unwrap() {
            let manifest = fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap();
            let package = manifest.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().replace('"', "");
            for bench in manifest.split("[[bench]]\n").skip(1) {
                let name = bench.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().replace('"', "");
                found.push((package.clone(), name));
            }
        }
        let mut known: Vec<_> = BENCHES.iter().map(|bench| (bench.package.to_owned(), bench.name.to_owned())).collect();
        found.sort();
        known.sort();
        assert_eq!(found, known);
        // In its short form a benchmark is chosen from the workspace by its name alone.
        let names: BTreeSet<_> = BENCHES.iter().map(|bench| bench.name).collect();
        assert_eq!(names.len(), BENCHES.len());
    }

    #[cfg(unix)]
    #[test]
    fn what_a_benchmark_prints_is_gathered() {
        let script = "echo 'ratio: a = 2.000 (goal: at most 3)'; echo 'a: 5 ms'; echo 'SKIPPED: b: no c'; exit 3";
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let outcome = play("it", command).unwrap();
        assert_eq!(outcome.ratios.len(), 1);
        assert_eq!(outcome.ratios[0].is_met(), Some(true));
        assert_eq!(outcome.skipped, ["b: no c"]);
        assert!(outcome.has_failed);
    }
}
