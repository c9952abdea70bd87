//! `cargo xtask demo`: generates, then starts the service on an embedded database and plays the
//! documented requests.

use std::process::Command;

use anyhow::Context as _;

use crate::cli::{DemoOptions, GenerateOptions};
use crate::compiled::cargo;
use crate::generate;
use crate::workspace::Workspace;

/// Runs the command; answers whether the demo went well.
pub(crate) fn run(workspace: &Workspace, options: &DemoOptions) -> anyhow::Result<bool> {
    if !generate::run(workspace, &GenerateOptions::default())? {
        return Ok(false);
    }
    let mut command = cargo(workspace.root());
    command.args(["run", "--package", "chat-server", "--example", "demo", "--"]);
    if options.once {
        command.arg("--once");
    }
    if let Some(address) = options.listen {
        command.args(["--listen", &address.to_string()]);
    }
    become_command(command)
}

/// Runs the command in place of this process, so that Ctrl-C and the exit code are the demo's own.
#[cfg(unix)]
pub(crate) fn become_command(mut command: Command) -> anyhow::Result<bool> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec()).context("cannot run cargo")
}

/// Runs the command and waits for it.
#[cfg(not(unix))]
pub(crate) fn become_command(mut command: Command) -> anyhow::Result<bool> {
    Ok(command.status().context("cannot run cargo")?.success())
}
