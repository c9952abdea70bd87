//! `cargo xtask soak`: builds the service and what loads it, and lets that run.
//!
//! The driver is `chat-soak`, a program of `chat-fault`: it needs the generated client, on which xtask may not depend.

use anyhow::Context as _;

use crate::cli::SoakOptions;
use crate::compiled::cargo;
use crate::demo::become_command;
use crate::workspace::Workspace;

/// Runs the command; answers whether nothing went wrong.
pub(crate) fn run(workspace: &Workspace, options: &SoakOptions) -> anyhow::Result<bool> {
    let server = match &options.server {
        Some(server) => std::path::absolute(server).context("cannot find the server")?,
        None => {
            let built = cargo(workspace.root()).args(["build", "--release", "--package", "chat-server"]).status();
            if !built.context("cannot run cargo")?.success() {
                return Ok(false);
            }
            workspace.target().join("release").join(format!("chat-server{}", std::env::consts::EXE_SUFFIX))
        }
    };
    let mut command = cargo(workspace.root());
    command.args(["run", "--release", "--package", "chat-fault", "--bin", "chat-soak", "--", "--server"]).arg(server);
    command.args(["--seconds", &options.seconds.to_string(), "--connections", &options.connections.to_string()]);
    if let Some(seed) = options.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    become_command(command)
}
