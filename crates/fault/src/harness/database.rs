//! A PostgreSQL database that drops the connections of its servers.

use std::process::Stdio;

use anyhow::{Context, bail};
use tokio::process::Command;

const DROP: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Ends all connections to the database but its own, with `psql`. How many there were.
pub(super) async fn drop_connections(url: &str) -> anyhow::Result<u64> {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", DROP]).arg(url);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.context("cannot run `psql`, which `--cut-database` needs")?;
    if !output.status.success() {
        bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8_lossy(&output.stdout).trim().parse().context("psql does not say how many connections there were")
}
