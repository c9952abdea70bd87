//! What came of a run, and what is wrong with it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};

use super::kinds::{Kind, LEAST_CONNECTIONS, Whole};
use super::process::Taken;
use super::tally::{Counted, Counts};

/// Files that a server may have open more than at first: of its database, and its own clock and sockets.
pub(super) const SPARE_FILES: usize = 48;
/// Shorter runs say nothing about memory: what is kept for later use is still growing.
const LEAST_FOR_MEMORY: Duration = Duration::from_secs(120);
/// How much memory may grow between the first and the last quarter after the warm-up: a share, and what any allocator
/// moves by.
const GROWTH_SHARE: f64 = 0.03;
const GROWTH_KIB: f64 = 8.0 * 1024.0;

/// A call that was refused so often, and never answered well, meets no good answer any more. The refusals that are admitted are a
/// matter of who comes first, and at worst nine in ten do not.
const MOST_REFUSALS: u64 = 200;

/// How a run ended.
pub(super) struct Finish {
    /// Before the first client.
    pub(super) idle: Taken,
    /// One a second.
    pub(super) samples: Vec<Taken>,
    /// When all clients had gone.
    pub(super) left: Taken,
    /// The server's log.
    pub(super) log: String,
    pub(super) duration: Duration,
    pub(super) connections: usize,
    pub(super) seed: u64,
}

/// What happened in a run.
pub struct Report {
    counted: Counted,
    finish: Finish,
    problems: Vec<String>,
    log: Option<PathBuf>,
}

/// Memory after the warm-up, in KiB: the medians of its first and its last quarter.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Memory {
    first: f64,
    last: f64,
}

impl Memory {
    /// The first fifth of the samples is warm-up.
    fn of(samples: &[Taken]) -> Option<Self> {
        let steady = samples.get(samples.len() / 5..)?;
        let quarter = (steady.len() / 4).max(1);
        let median = |samples: &[Taken]| {
            let mut values: Vec<u64> = samples.iter().map(|sample| sample.rss_kib).collect();
            values.sort_unstable();
            #[expect(clippy::cast_precision_loss, reason = "memory has fewer KiB than that")]
            values.get(values.len() / 2).map(|value| *value as f64)
        };
        Some(Self { first: median(steady.get(..quarter)?)?, last: median(steady.get(steady.len() - quarter..)?)? })
    }

    fn is_flat(self) -> bool {
        self.last - self.first <= (self.first * GROWTH_SHARE).max(GROWTH_KIB)
    }
}

/// Calls of which none was answered well, and what a run of this length must have seen and has not.
fn missing<'a>(kinds: &'a BTreeMap<Kind, Counts>, finish: &'a Finish) -> impl Iterator<Item = String> + 'a {
    let refused = kinds
        .iter()
        .filter(|(kind, counts)| !kind.admitted().is_empty() && counts.good == 0 && counts.refused >= MOST_REFUSALS)
        .map(|(kind, counts)| format!("{}: refused {} times, and never answered well", kind.name(), counts.refused));
    let seen = |whole: Whole| {
        let counts = kinds.iter().filter(|(kind, _)| kind.whole() == Some(whole)).map(|(_, counts)| counts);
        counts.map(|counts| if whole.is_to_be_refused() { counts.refused } else { counts.good }).sum::<u64>()
    };
    let is_due = |whole: &Whole| finish.connections >= LEAST_CONNECTIONS && finish.duration >= whole.needs();
    let unseen = Whole::ALL
        .into_iter()
        .filter(is_due)
        .filter(move |whole| seen(*whole) == 0)
        .map(|whole| format!("in {} s there was no {}", finish.duration.as_secs(), whole.name()));
    refused.chain(unseen)
}

impl Report {
    pub(super) fn of(counted: Counted, finish: Finish) -> Self {
        let mut problems = counted.faults.clone();
        let faults: u64 = counted.kinds.values().map(|counts| counts.faults).sum();
        let told = u64::try_from(problems.len()).unwrap_or(u64::MAX);
        if faults > told {
            problems.push(format!("{} more faults", faults - told));
        }
        problems.extend(missing(&counted.kinds, &finish));
        if let Some(memory) = Memory::of(&finish.samples)
            && finish.duration >= LEAST_FOR_MEMORY
            && !memory.is_flat()
        {
            problems.push(format!("memory grew from {} to {}", mib(memory.first), mib(memory.last)));
        }
        // Each connection is an open file. Hostile clients are often between the end of one and the beginning of the next.
        if let Some(files) = finish.samples.iter().map(|taken| taken.files).max()
            && finish.connections >= LEAST_CONNECTIONS
            && files * 4 < finish.connections * 3
        {
            problems.push(format!("at most {files} files were open: there were no {} connections", finish.connections));
        }
        if finish.left.files > finish.idle.files + SPARE_FILES {
            let (left, idle) = (finish.left.files, finish.idle.files);
            problems.push(format!("{left} files are open when all clients have gone, {idle} before they came"));
        }
        let complaints = finish.log.lines().filter(|line| line.contains(" ERROR ") || line.contains("panicked"));
        problems.extend(complaints.take(5).map(|line| format!("the server logged: {line}")));
        Self { counted, finish, problems, log: None }
    }

    /// What is wrong; nothing where all is well.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Names the folder with the server's log.
    pub(super) fn with_log(mut self, folder: PathBuf) -> Self {
        self.log = Some(folder);
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_style(presets::UTF8_BORDERS_ONLY);
        table.set_header(["What", "Good", "Refused", "Left", "Faults", "p50 ms", "p99 ms", "Longest ms"]);
        let mut total = 0;
        for (kind, counts) in &self.counted.kinds {
            let mut counts = counts.clone();
            total += counts.good + counts.refused + counts.faults;
            let numbers = [counts.good, counts.refused, counts.left, counts.faults].map(|number| number.to_string());
            let times = [0.5, 0.99, 1.0].map(|share| match counts.quantile_ms(share) {
                Some(ms) if kind.is_timed() => format!("{ms:.1}"),
                _ => String::new(),
            });
            table.add_row([kind.name().to_owned()].into_iter().chain(numbers).chain(times));
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let Finish { idle, samples, left, duration, connections, seed, .. } = &self.finish;
        let peak = |value: fn(&Taken) -> u64| samples.iter().map(value).max().unwrap_or_default();
        let files = peak(|taken| u64::try_from(taken.files).unwrap_or(u64::MAX));
        #[expect(clippy::cast_precision_loss, reason = "counts and sizes of a run")]
        let [rate, idle_kib, peak_kib, left_kib] = [
            total as f64 / duration.as_secs_f64(),
            idle.rss_kib as f64,
            peak(|taken| taken.rss_kib) as f64,
            left.rss_kib as f64,
        ];
        writeln!(f, "{table}")?;
        writeln!(f, "seed: {seed}")?;
        writeln!(
            f,
            "connections: {connections} asked for; at most {files} files open in the server, {} before, {} after",
            idle.files, left.files
        )?;
        writeln!(f, "duration: {} s, {total} calls and attacks, {rate:.0} a second", duration.as_secs())?;
        write!(f, "memory: {} idle, at most {}, {} when all had gone", mib(idle_kib), mib(peak_kib), mib(left_kib))?;
        if let Some(Memory { first, last }) = Memory::of(samples) {
            let judged = if *duration < LEAST_FOR_MEMORY { " (too short a time to judge)" } else { "" };
            write!(f, "; after the warm-up {}, at the end {}{judged}", mib(first), mib(last))?;
        }
        if let Some(folder) = &self.log {
            write!(f, "\nlog: {}", folder.display())?;
        }
        for problem in &self.problems {
            write!(f, "\nproblem: {problem}")?;
        }
        write!(f, "\nproblems: {}", self.problems.len())
    }
}

fn mib(kib: f64) -> String {
    format!("{:.1} MiB", kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::super::tally::{Outcome, Tally};
    use super::*;

    /// One of each whole.
    const KINDS: [Kind; 15] = [
        Kind::Topics,
        Kind::Pickup,
        Kind::Session,
        Kind::AgentPosts,
        Kind::AgentEvent,
        Kind::Start,
        Kind::CustomerReads,
        Kind::CustomerPosts,
        Kind::CustomerEvent,
        Kind::SlowHeaders,
        Kind::SlowReader,
        Kind::NoReader,
        Kind::Silent,
        Kind::Malformed,
        Kind::Oversized,
    ];

    fn samples(kib: impl Fn(u64) -> u64) -> Vec<Taken> {
        (0..600).map(|second| Taken { rss_kib: kib(second), files: 200 }).collect()
    }

    fn finish(samples: Vec<Taken>) -> Finish {
        let idle = Taken { rss_kib: 30_000, files: 40 };
        let (log, duration) = (String::new(), Duration::from_secs(600));
        Finish { idle, samples, left: idle, log, duration, connections: 200, seed: 1 }
    }

    /// One of each whole that is as it should be.
    fn all_is_well() -> Counted {
        let tally = Tally::default();
        for kind in KINDS {
            let outcome = match kind.whole() {
                Some(whole) if whole.is_to_be_refused() => Outcome::Refused,
                _ => Outcome::Good,
            };
            tally.note(kind, outcome, Duration::from_millis(1));
        }
        tally.take()
    }

    #[test]
    fn memory_that_grows_is_told_from_memory_that_warms_up() {
        for (kib, is_flat) in [
            (Box::new(|_| 100_000_u64) as Box<dyn Fn(u64) -> u64>, true),
            (Box::new(|second| 50_000 + second.min(100) * 1000), true),
            (Box::new(|second| 100_000 + second * 50), false),
            (Box::new(|second| 100_000 + (second % 7) * 3000), true),
        ] {
            let report = Report::of(all_is_well(), finish(samples(kib)));
            assert_eq!(report.problems().is_empty(), is_flat, "{:?}", report.problems());
        }
    }

    #[test]
    fn a_run_of_too_few_connections_is_not_well() {
        for (files, expected) in
            [(150, None), (149, Some("at most 149 files were open: there were no 200 connections"))]
        {
            let samples = samples(|_| 1000).into_iter().map(|taken| Taken { files, ..taken }).collect();
            let report = Report::of(all_is_well(), finish(samples));
            assert_eq!(report.problems().first().map(String::as_str), expected);
        }
    }

    #[test]
    fn everything_that_is_wrong_is_said() {
        let tally = Tally::default();
        for _ in 0..30 {
            tally.note(Kind::Pickup, Outcome::Fault("500".to_owned()), Duration::ZERO);
        }
        tally.note(Kind::Pickup, Outcome::Good, Duration::from_millis(2));
        let mut finish = finish(samples(|_| 1000));
        finish.connections = 20;
        finish.left.files = 500;
        finish.log = "2026-01-01T00:00:00Z ERROR the database is gone\n2026-01-01T00:00:00Z  WARN slow\n".to_owned();
        let report = Report::of(tally.take(), finish);
        let text = report.to_string();
        for part in ["pickup: 500", "10 more faults", "500 files are open", "the database is gone", "problems: 23"] {
            assert!(text.contains(part), "no {part:?} in {text}");
        }
        assert!(!text.contains("slow"), "{text}");
    }

    /// What is wrong with a run in which nothing of a whole went well: its kinds have this many refusals instead, or
    /// good answers where refusals are due.
    fn without(whole: Whole, connections: usize, seconds: u64) -> Vec<String> {
        let mut counted = all_is_well();
        for (kind, counts) in &mut counted.kinds {
            if kind.whole() == Some(whole) {
                std::mem::swap(&mut counts.good, &mut counts.refused);
            }
        }
        let duration = Duration::from_secs(seconds);
        Report::of(counted, Finish { connections, duration, ..finish(samples(|_| 1000)) }).problems().to_vec()
    }

    #[test]
    fn a_run_must_have_seen_something_go_well_of_each_whole() {
        for whole in Whole::ALL {
            let needs = whole.needs().as_secs();
            let problem = format!("in {needs} s there was no {}", whole.name());
            assert_eq!(without(whole, 200, needs), [problem], "{whole:?}");
            // Shorter and smaller runs may have had no time and no client for it.
            assert_eq!(without(whole, 200, needs - 1), [""; 0], "{whole:?}");
            assert_eq!(without(whole, 199, needs), [""; 0], "{whole:?}");
        }
    }

    #[test]
    fn a_run_of_ten_seconds_must_have_seen_what_all_clients_live_by() {
        let in_ten_seconds = Whole::ALL.into_iter().filter(|whole| !without(*whole, 200, 10).is_empty());
        assert_eq!(
            in_ten_seconds.collect::<Vec<_>>(),
            [
                Whole::Pickups,
                Whole::AgentReads,
                Whole::AgentSteps,
                Whole::AgentEvents,
                Whole::Starts,
                Whole::CustomerReads,
                Whole::CustomerSteps,
                Whole::CustomerEvents,
                Whole::SlowSenders,
                Whole::HalfOpen,
                Whole::Malformed,
                Whole::Oversized,
            ]
        );
    }

    #[test]
    fn a_run_that_has_seen_nothing_is_not_well() {
        let problems =
            |connections| Report::of(Counted::default(), Finish { connections, ..finish(Vec::new()) }).problems;
        assert_eq!(problems(200).len(), Whole::ALL.len());
        assert!(problems(199).is_empty());
    }

    #[test]
    fn a_call_that_is_refused_without_end_is_a_problem_in_any_run() {
        let refused = |times, good| {
            let tally = Tally::default();
            for _ in 0..times {
                tally.note(Kind::AgentEnds, Outcome::Refused, Duration::ZERO);
                tally.note(Kind::Malformed, Outcome::Refused, Duration::ZERO);
            }
            for _ in 0..good {
                tally.note(Kind::AgentEnds, Outcome::Good, Duration::ZERO);
            }
            Report::of(tally.take(), Finish { connections: 20, ..finish(Vec::new()) }).problems
        };
        assert_eq!(refused(200, 0), ["end by an agent: refused 200 times, and never answered well"]);
        assert!(refused(199, 0).is_empty());
        assert!(refused(200, 1).is_empty());
    }
}
