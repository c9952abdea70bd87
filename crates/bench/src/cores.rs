//! Two cores: one for what is measured, one for the load.

use std::fs;
use std::process::Command;

use crate::programs;

/// The cores of a benchmark with a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cores {
    /// Of the server, and of nothing else that the benchmark starts.
    pub server: u32,
    /// Of the program that makes the load.
    pub load: u32,
}

impl Cores {
    /// The first two that this process may use; otherwise what is missing.
    ///
    /// # Errors
    /// When there are fewer, the system does not tell, or nothing is there to keep processes to them.
    pub fn find() -> Result<Self, String> {
        programs::find("taskset").ok_or("there is no `taskset`: it comes with util-linux")?;
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or_default();
        match listed(list)[..] {
            [server, load, ..] => Ok(Self { server, load }),
            _ => Err("server and load need a core each".to_owned()),
        }
    }
}

/// The numbers of a list such as `0-2,5`; no more of them than needed.
fn listed(list: &str) -> Vec<u32> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse::<u32>().ok()?..=last.trim().parse().ok()?)
    };
    list.split(',').filter_map(range).flatten().take(2).collect()
}

/// A command that keeps to a core, with as many open files as the system lets it have.
pub fn on_core(core: u32, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("sh");
    let script = r#"ulimit -S -n "$(ulimit -H -n)" && exec taskset --cpu-list "$0" "$@""#;
    command.args(["-c", script, &core.to_string()]).arg(program);
    command
}

#[cfg(test)]
mod tests {
    use super::listed;

    #[test]
    fn cores_are_listed_as_the_kernel_writes_them() {
        for (list, cores) in [
            ("\t0-1", &[0, 1][..]),
            ("3", &[3]),
            ("4-4,6-9", &[4, 6]),
            ("0,2", &[0, 2]),
            ("0-4294967295", &[0, 1]),
            ("", &[]),
        ] {
            assert_eq!(listed(list), cores, "{list:?}");
        }
    }
}
