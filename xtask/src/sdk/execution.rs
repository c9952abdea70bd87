//! Runs commands: bounded in time, their output kept in a log.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use super::interruption::Interruption;

/// How often a running command is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// The folder in which an SDK is made and tried, and what its commands find in their environment.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) environment: Vec<(String, OsString)>,
    pub(crate) interruption: Interruption,
}

impl Place {
    /// Runs a command and appends what it prints to `log`.
    ///
    /// # Errors
    /// When it cannot be run, fails, is not done in time, or when this process is told to end.
    pub(crate) fn execute(&self, line: &[String], log: &Path, timeout: Duration) -> anyhow::Result<()> {
        let (program, arguments) = line.split_first().context("an empty command")?;
        let shown = shown(line);
        let mut file = OpenOptions::new().create(true).append(true).open(log)?;
        writeln!(file, "$ {shown}")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        match status(&mut command, timeout, &self.interruption).with_context(|| format!("`{program}`"))? {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("`{shown}` failed ({status})"),
            None => bail!("`{shown}` was not done after {} s", timeout.as_secs()),
        }
    }
}

/// Runs a command to its end: its exit status, or `None` after it was ended for lack of time, with what it started.
///
/// # Errors
/// When it cannot be run, or when this process is told to end; then the command is ended too.
pub(crate) fn status(
    command: &mut Command,
    timeout: Duration,
    interruption: &Interruption,
) -> anyhow::Result<Option<ExitStatus>> {
    into_own_group(command);
    let mut child = command.spawn().context("cannot be run")?;
    let deadline = Instant::now() + timeout;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let interrupted = interruption.check();
        if interrupted.is_err() || Instant::now() >= deadline {
            end_group(&child);
            child.kill()?;
            child.wait()?;
            return interrupted.map(|()| None);
        }
        std::thread::sleep(PAUSE);
    }
}

/// A command as people would type it, cut where it gets long.
fn shown(line: &[String]) -> String {
    const MAX_CHARS: usize = 160;
    let whole = line.join(" ");
    if whole.chars().count() <= MAX_CHARS {
        return whole;
    }
    whole.chars().take(MAX_CHARS).chain(['…']).collect()
}

/// So that what the command starts can be ended with it.
#[cfg(unix)]
fn into_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

#[cfg(not(unix))]
fn into_own_group(_: &mut Command) {}

#[cfg(unix)]
fn end_group(child: &Child) {
    let group = format!("-{}", child.id());
    _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
}

#[cfg(not(unix))]
fn end_group(_: &Child) {}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    const LINES: usize = 30;
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    fn execute(script: &str, timeout_ms: u64) -> (Result<(), String>, String) {
        execute_unless(Interruption::default(), script, timeout_ms)
    }

    fn execute_unless(interruption: Interruption, script: &str, timeout_ms: u64) -> (Result<(), String>, String) {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let environment = vec![("GREETING".to_owned(), "hello".into())];
        let place = Place { folder: folder.path().to_owned(), environment, interruption };
        let line = ["sh", "-c", script].map(str::to_owned);
        let done = place.execute(&line, &log, Duration::from_millis(timeout_ms));
        (done.map_err(|error| format!("{error:#}")), tail(&log))
    }

    #[test]
    fn what_a_command_prints_is_kept() {
        let (done, log) = execute("echo $GREETING; echo sorry >&2; exit 3", 10_000);
        assert!(done.unwrap_err().contains("exit status: 3"));
        assert!(log.ends_with("hello\nsorry"), "{log}");
    }

    #[test]
    fn a_command_that_takes_too_long_is_ended_with_what_it_started() {
        let start = Instant::now();
        let (done, _) = execute("sleep 60 & sleep 60", 100);
        assert!(done.unwrap_err().contains("was not done"));
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_command_is_ended_when_this_process_is_to_end() {
        let start = Instant::now();
        let (done, _) = execute_unless(Interruption::interrupted(), "sleep 60 & sleep 60", 60_000);
        assert_eq!(done.unwrap_err(), "`sh`: interrupted");
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}
