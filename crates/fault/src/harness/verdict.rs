//! What a run comes to: whether anything is wrong, and whether enough happened to say so.

use std::path::Path;

use anyhow::Context;

use super::plan::Size;
use super::summary::{Done, Summary};
use crate::checker::Report;

/// What Rust writes to the log of a server that panics.
const PANIC: &str = " panicked at ";

/// A run, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Run {
    /// What happened.
    pub summary: Summary,
    /// What the checker says.
    pub report: Report,
    /// Lines of the servers' logs that tell of a panic, with their places.
    pub panics: Vec<String>,
    /// What did not happen that a run is for.
    pub shortfalls: Vec<String>,
}

/// What a run says about the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is well.
    Well,
    /// A rule is broken, or a server panicked.
    Broken,
    /// Nothing was found, but too little happened to mean anything.
    Vacuous,
}

impl Run {
    /// What it says about the service.
    pub fn verdict(&self) -> Verdict {
        if !self.report.violations.is_empty() || !self.panics.is_empty() {
            Verdict::Broken
        } else if !self.shortfalls.is_empty() {
            Verdict::Vacuous
        } else {
            Verdict::Well
        }
    }
}

/// What has to happen in a run of this size and did not.
pub(super) fn shortfalls(size: &Size, sessions: usize, report: &Report, done: &Done) -> Vec<String> {
    let mut shortfalls = Vec::new();
    if sessions * 10 < size.customers * 9 {
        shortfalls.push(format!("there are {sessions} sessions for {} customers: less than 90 %", size.customers));
    }
    let mut never = |count: u64, what: &str| {
        if count == 0 {
            shortfalls.push(what.to_owned());
        }
    };
    never(done.kills, "no server was killed");
    never(done.cuts, "no connection was cut");
    if size.cut_database {
        never(done.dropped, "the database dropped no connection");
    }
    never(report.queued_behind as u64, "no session came while another waited: there was no order to keep");
    shortfalls
}

/// The lines of the servers' logs in a folder that tell of a panic.
///
/// # Errors
/// A log cannot be read.
pub(super) fn panics(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut panics = Vec::new();
    for entry in std::fs::read_dir(folder).context("cannot read the folder of the servers' logs")? {
        let path = entry.context("cannot read the folder of the servers' logs")?.path();
        if path.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        let log = std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let log = String::from_utf8_lossy(&log);
        let lines = log.lines().enumerate().filter(|(_, line)| line.contains(PANIC));
        panics.extend(lines.map(|(number, line)| format!("{name}, line {}: {line}", number + 1)));
    }
    panics.sort();
    Ok(panics)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::checker::{Rule, Violation};

    const SIZE: Size = Size { servers: 3, agents: 4, customers: 100, topics: 2, seconds: 10, cut_database: true };

    fn done() -> Done {
        Done { kills: 1, cuts: 1, dropped: 1, duration: Duration::ZERO }
    }

    #[track_caller]
    fn check(size: Size, sessions: usize, queued_behind: usize, done: &Done, expected: &[&str]) {
        let report = Report { queued_behind, ..Report::default() };
        assert_eq!(shortfalls(&size, sessions, &report, done), expected);
    }

    #[test]
    fn a_run_in_which_too_little_happened_is_refused() {
        check(SIZE, 90, 1, &done(), &[]);
        check(SIZE, 89, 1, &done(), &["there are 89 sessions for 100 customers: less than 90 %"]);
        check(SIZE, 0, 1, &done(), &["there are 0 sessions for 100 customers: less than 90 %"]);
        check(SIZE, 100, 1, &Done { kills: 0, ..done() }, &["no server was killed"]);
        check(SIZE, 100, 1, &Done { cuts: 0, ..done() }, &["no connection was cut"]);
        check(SIZE, 100, 1, &Done { dropped: 0, ..done() }, &["the database dropped no connection"]);
        check(Size { cut_database: false, ..SIZE }, 100, 1, &Done { dropped: 0, ..done() }, &[]);
        check(SIZE, 100, 0, &done(), &["no session came while another waited: there was no order to keep"]);
    }

    #[test]
    fn a_broken_rule_weighs_more_than_an_empty_run() {
        let verdict = |violations: &[Violation], panics: &[&str], shortfalls: &[&str]| {
            let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            let report = Report { violations: violations.to_vec(), ..Report::default() };
            Run { summary: Summary::default(), report, panics: owned(panics), shortfalls: owned(shortfalls) }.verdict()
        };
        let broken = [Violation { rule: Rule::Answers, what: "it is".to_owned(), events: Vec::new() }];
        assert_eq!(verdict(&[], &[], &[]), Verdict::Well);
        assert_eq!(verdict(&[], &[], &["nothing"]), Verdict::Vacuous);
        assert_eq!(verdict(&[], &["there"], &["nothing"]), Verdict::Broken);
        assert_eq!(verdict(&broken, &[], &["nothing"]), Verdict::Broken);
    }

    #[test]
    fn panics_are_found_in_the_logs_of_servers_only() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
        write("server-0-1.log", b"WARN slow\n");
        assert_eq!(panics(folder.path()).unwrap(), Vec::<String>::new());
        // A server that is killed may leave half a character.
        write("server-1-2.log", b"\xc3\nthread 'main' (7) panicked at src/main.rs:3:5:\nboom\n");
        write("history.jsonl", b"a customer writes: it panicked at noon\n");
        assert_eq!(
            panics(folder.path()).unwrap(),
            ["server-1-2.log, line 2: thread 'main' (7) panicked at src/main.rs:3:5:"]
        );
        assert!(panics(&folder.path().join("none")).is_err());
    }
}
