//! What the benchmarks of this workspace share: pages to measure with, servers on a core of their own, load on another,
//! the memory of processes, and how a benchmark says what came of it.
//!
//! Development only. A benchmark prints what it measures for people, and beside that two kinds of lines that `cargo xtask
//! bench` gathers into one table: [`Ratio`]s and [`skipped`] parts.

pub mod cores;
pub mod load;
pub mod memory;
pub mod pages;
pub mod programs;
mod ratio;
pub mod servers;

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

pub use ratio::{Goal, Ratio};

/// How a line begins that says what was left out.
pub const SKIPPED: &str = "SKIPPED: ";

/// What goes wrong in a benchmark ends it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What a benchmark's `main` answers: an error is told as people read it.
pub fn ended(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(io::stderr().lock(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything is to be measured small, only to see that it runs: the argument `--short`.
pub fn is_short() -> bool {
    std::env::args().any(|argument| argument == "--short")
}

/// Prints a line. A reader that went away is no reason to fail.
pub fn say(line: impl fmt::Display) {
    _ = writeln!(io::stdout().lock(), "{line}");
}

/// Says aloud that something is not measured, and what this machine would need for it.
pub fn skipped(what: &str, why: impl fmt::Display) {
    say(format_args!("{SKIPPED}{what}: {why}"));
}

/// The middle one, or the upper of two.
///
/// # Panics
/// When there is none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The middle one of some durations.
///
/// # Panics
/// When there is none.
pub fn median_time(times: impl IntoIterator<Item = Duration>) -> Duration {
    Duration::from_secs_f64(median(times.into_iter().map(|time| time.as_secs_f64()).collect()))
}

/// The folder of the workspace, as seen from the package whose benchmark runs.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_no_outlier() {
        assert!((median(vec![3.0, 100.0, 1.0]) - 3.0).abs() < f64::EPSILON);
        assert_eq!(median_time([9, 1, 2].map(Duration::from_secs)), Duration::from_secs(2));
    }
}
