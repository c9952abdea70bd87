//! How much memory processes take, as Linux tells it.

use std::fs;
use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

/// The most memory that this process had at any time, in megabytes; nothing where the system does not tell.
pub fn own_peak_mb() -> Option<f64> {
    status_mb("self", "VmHWM:")
}

/// How much memory a process has now, in megabytes; nothing where there is no such process, or the system does not tell.
pub fn resident_mb(process: u32) -> Option<f64> {
    status_mb(&process.to_string(), "VmRSS:")
}

fn status_mb(process: &str, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1_024.0 / 1e6)
}

/// What a command took.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// From its start to its end.
    pub time: Duration,
    /// The most memory that it, or any one process that it started and waited for, had at any time, in megabytes. Never
    /// less than this process has itself: the system counts from before the other program takes over.
    pub peak_mb: f64,
    /// Whether it said that it went well.
    pub is_success: bool,
}

/// Runs a command to its end. What it prints goes where `command` says; it reads nothing.
///
/// # Errors
/// When it cannot be run.
#[expect(clippy::cast_precision_loss, reason = "shown without digits after the point")]
pub fn measured(command: &mut Command) -> io::Result<Usage> {
    let start = Instant::now();
    let child = command.stdin(Stdio::null()).spawn()?;
    let used = child.wait4()?;
    Ok(Usage { time: start.elapsed(), peak_mb: used.rusage.maxrss as f64 / 1e6, is_success: used.status.success() })
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_memory() {
        let now = resident_mb(std::process::id()).unwrap();
        let peak = own_peak_mb().unwrap();
        assert!(now > 0.1 && now <= peak, "{now} {peak}");
        assert_eq!(resident_mb(u32::MAX), None);
    }

    #[test]
    fn the_largest_process_of_a_command_counts() {
        // What the shell starts takes 64 MiB, the shell itself hardly anything.
        let script = "dd if=/dev/zero of=/dev/null bs=64M count=1 2>&1; exit 3";
        let usage = measured(Command::new("sh").args(["-c", script]).stdout(Stdio::null())).unwrap();
        assert!((60.0..120.0).contains(&usage.peak_mb), "{usage:?}");
        assert!(!usage.is_success);
    }
}
