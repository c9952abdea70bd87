//! What the server takes of the machine, as Linux tells it.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use tokio::time::Instant;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// A process by its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Process(u32);

/// What it takes at a moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Taken {
    /// Memory that is resident, in KiB.
    pub(super) rss_kib: u64,
    /// Files and sockets that are open.
    pub(super) files: usize,
}

impl Process {
    pub(super) fn new(id: u32) -> Self {
        Self(id)
    }

    pub(super) fn look(self) -> anyhow::Result<Taken> {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.0)).context("the server has ended by itself")?;
        let rss = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
        let files = fs::read_dir(format!("/proc/{}/fd", self.0)).context("the server has ended by itself")?.count();
        Ok(Taken { rss_kib: rss.context("the server has no memory")?, files })
    }

    /// Looks until then.
    pub(super) async fn watch(self, end: Instant) -> anyhow::Result<Vec<Taken>> {
        let mut samples = Vec::new();
        let mut next = Instant::now();
        while next < end {
            tokio::time::sleep_until(next).await;
            samples.push(self.look()?);
            next += EVERY;
        }
        tokio::time::sleep_until(end).await;
        Ok(samples)
    }

    /// Waits until it has no more files open than that and a few, at most so long; how many it has then.
    pub(super) async fn wait_for_files(self, files: usize, most: Duration) -> anyhow::Result<Taken> {
        let end = Instant::now() + most;
        loop {
            let taken = self.look()?;
            if taken.files <= files + super::report::SPARE_FILES || Instant::now() >= end {
                return Ok(taken);
            }
            tokio::time::sleep(EVERY).await;
        }
    }
}

/// How many files a process may open; nothing where that is not told.
pub(super) fn open_files() -> Option<usize> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    match line.split_whitespace().nth(3)? {
        "unlimited" => Some(usize::MAX),
        number => number.parse().ok(),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_takes_something() {
        let taken = Process::new(std::process::id()).look().unwrap();
        assert!(taken.rss_kib > 500 && taken.files >= 3, "{taken:?}");
        assert!(open_files().unwrap() >= taken.files);
    }
}
