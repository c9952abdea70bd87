//! Load on a server, made by `wrk` on a core of its own.
//!
//! Each connection sends its next request when it has the answer to the one before, so the latencies say how long callers
//! wait at that many connections, not at a rate that somebody wished.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::cores::{self, Cores};
use crate::servers::Server;
use crate::{Failure, programs};

const SCRIPT: &str = include_str!("wrk.lua");
/// How often it is asked how much memory the server has.
const PAUSE: Duration = Duration::from_millis(100);

/// Makes load.
#[derive(Debug)]
pub struct Load {
    wrk: PathBuf,
    cores: Cores,
    folder: tempfile::TempDir,
    script: PathBuf,
}

/// What is sent: each as it goes over the wire, in turn.
#[derive(Debug)]
pub struct Requests(Vec<PathBuf>);

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Answers a second that were no refusals.
    pub rate: f64,
    /// What half of the callers waited at most.
    pub p50: Duration,
    /// What all but one in a hundred waited at most.
    pub p99: Duration,
    /// Answers that were refusals, and requests without an answer.
    pub errors: u64,
    /// The most memory that the server was seen with, in megabytes.
    pub resident_mb: f64,
    /// The part of its core's time that the server computed. Where it is far from 1, the load was the bottleneck.
    pub busy: f64,
}

impl Measured {
    /// Answers in a second of the server's computing: whoever else is on its core takes less from that than from `rate`.
    pub fn rate_by_computing(&self) -> f64 {
        self.rate / self.busy
    }
}

impl Load {
    /// Load from this machine; otherwise what is missing.
    ///
    /// # Errors
    /// When there are no two cores, or there is no `wrk`.
    pub fn find() -> Result<Self, String> {
        let cores = Cores::find()?;
        let wrk = programs::find("wrk").ok_or("there is no `wrk`: install it, Debian's package is called so too")?;
        let folder = tempfile::tempdir().map_err(|error| format!("there is no folder for temporary files: {error}"))?;
        let script = folder.path().join("wrk.lua");
        fs::write(&script, SCRIPT).map_err(|error| format!("a temporary file cannot be written: {error}"))?;
        Ok(Self { wrk, cores, folder, script })
    }

    /// The core for servers.
    pub fn server_core(&self) -> u32 {
        self.cores.server
    }

    /// Keeps requests for [`Load::on`] under a name that no others have.
    ///
    /// # Errors
    /// When they cannot be written into a temporary folder.
    pub fn requests(&self, name: &str, texts: &[String]) -> Result<Requests, Failure> {
        let mut files = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let file = self.folder.path().join(format!("{name}-{number}"));
            fs::write(&file, text)?;
            files.push(file);
        }
        Ok(Requests(files))
    }

    /// Lets so many connections ask for so many seconds.
    ///
    /// # Errors
    /// When `wrk` cannot be run, or nothing was answered at all.
    pub fn on(
        &self,
        server: &Server,
        requests: &Requests,
        connections: u32,
        seconds: u32,
    ) -> Result<Measured, Failure> {
        let mut command = cores::on_core(self.cores.load, &self.wrk);
        command
            .args(["--threads", "1", "--timeout", "30s"])
            .args(["--connections", &connections.to_string(), "--duration", &format!("{seconds}s")])
            .arg("--script")
            .arg(&self.script)
            .arg(format!("http://{}", server.address))
            .arg("--")
            .args(&requests.0)
            .stdin(Stdio::null());
        let computed = server.computed().unwrap_or_default();
        let is_done = AtomicBool::new(false);
        let (output, resident_mb) = std::thread::scope(|scope| {
            let watching = scope.spawn(|| {
                let mut most = 0.0_f64;
                while !is_done.load(Ordering::Relaxed) {
                    most = most.max(server.resident_mb().unwrap_or_default());
                    std::thread::sleep(PAUSE);
                }
                most
            });
            let output = command.output();
            is_done.store(true, Ordering::Relaxed);
            (output, watching.join().unwrap_or_default())
        });
        let (output, computed) = (output?, server.computed().unwrap_or_default().saturating_sub(computed));
        let printed = String::from_utf8_lossy(&output.stdout);
        let figures = printed.lines().find_map(figures);
        let [answers, duration_us, refused, unanswered, p50, p99] = figures.ok_or_else(|| {
            format!("wrk measured nothing ({}): {printed}{}", output.status, String::from_utf8_lossy(&output.stderr))
        })?;
        if answers == 0 {
            return Err(format!("{} answered nothing in {seconds} s", server.address).into());
        }
        let duration = Duration::from_micros(duration_us).as_secs_f64();
        Ok(Measured {
            rate: as_f64(answers.saturating_sub(refused)) / duration,
            p50: Duration::from_micros(p50),
            p99: Duration::from_micros(p99),
            errors: refused + unanswered,
            resident_mb,
            busy: computed.as_secs_f64() / duration,
        })
    }
}

/// What the script prints.
fn figures(line: &str) -> Option<[u64; 6]> {
    let figures = line.strip_prefix("measured ")?.split(' ').map(|figure| figure.parse().ok());
    figures.collect::<Option<Vec<u64>>>()?.try_into().ok()
}

#[expect(clippy::cast_precision_loss, reason = "nobody counts that many answers")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::figures;

    #[test]
    fn figures_are_read_from_their_line_alone() {
        assert_eq!(figures("measured 1 2 3 4 5 6"), Some([1, 2, 3, 4, 5, 6]));
        for line in ["Requests/sec: 7", "measured 1 2", "measured 1 2 3 4 5 x"] {
            assert_eq!(figures(line), None, "{line:?}");
        }
    }
}
