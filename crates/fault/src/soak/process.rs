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

/// How many files a process may open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct OpenFiles {
    /// As things stand.
    pub(super) soft: usize,
    /// If it asks for more.
    pub(super) hard: usize,
}

impl OpenFiles {
    /// Of this process; nothing where that is not told.
    pub(super) fn of_this_process() -> Option<Self> {
        Self::read(&fs::read_to_string("/proc/self/limits").ok()?)
    }

    fn read(limits: &str) -> Option<Self> {
        let mut numbers = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace();
        let mut next = || match numbers.next()? {
            "unlimited" => Some(usize::MAX),
            number => number.parse().ok(),
        };
        Some(Self { soft: next()?, hard: next()? })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_takes_something() {
        let taken = Process::new(std::process::id()).look().unwrap();
        assert!(taken.rss_kib > 500 && taken.files >= 3, "{taken:?}");
        let OpenFiles { soft, hard } = OpenFiles::of_this_process().unwrap();
        assert!(soft >= taken.files && hard >= soft);
    }

    #[test]
    fn both_limits_of_open_files_are_read() {
        let limits = |numbers| {
            format!(
                "Max processes             63419                63419                processes \nMax open files            {numbers} files     \n"
            )
        };
        let read = |numbers| OpenFiles::read(&limits(numbers));
        assert_eq!(read("1024                 524288              "), Some(OpenFiles { soft: 1024, hard: 524_288 }));
        assert_eq!(read("1024                 unlimited           "), Some(OpenFiles { soft: 1024, hard: usize::MAX }));
        assert_eq!(read("1024"), None);
        assert_eq!(OpenFiles::read(""), None);
    }
}
