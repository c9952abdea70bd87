//! What we are measured beside, installed for one run.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use tempfile::TempDir;

use crate::report::note;
use crate::sdk::INSTALL_TIMEOUT;
use crate::sdk::execution::{self, Place};
use crate::sdk::interruption::Interruption;
use crate::sdk::matrix::{Line, PIP, VENV};
use crate::sdk::tools::Tool;
use crate::workspace::Workspace;

/// The SDK whose generator is one that we are measured beside too, with the same pin.
const GENERATOR: &str = "openapi-generator-typescript-fetch";

/// A program, and how it gets into a folder.
struct Peer {
    /// Names it to the benchmarks.
    variable: &'static str,
    /// Where it is then.
    program: &'static str,
    tools: &'static [Tool],
    install: &'static [Line],
}

const PEERS: [Peer; 2] = [
    Peer {
        variable: "DOCWRIGHT_PRISM",
        program: "node_modules/.bin/prism",
        tools: &[Tool::Node],
        install: &[&[
            "npm",
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-save",
            "--loglevel=error",
            // Another version is another peer, and a change of docs/benchmarks.md.
            "@stoplight/prism-cli@5.16.0",
        ]],
    },
    Peer {
        variable: "DOCWRIGHT_OPENAPI_GENERATOR",
        program: "venv/bin/openapi-generator-cli",
        tools: &[Tool::Python, Tool::Java],
        install: &[VENV, PIP],
    },
];

/// Programs in a folder that goes with the value.
pub(super) struct Peers {
    /// With the variable that names each to the benchmarks.
    programs: Vec<(&'static str, PathBuf)>,
    _folder: TempDir,
}

impl Peers {
    /// Installs what the machine has the tools for; what it lacks is said.
    pub(super) fn install(workspace: &Workspace, interruption: &Interruption) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("there is no folder for temporary files")?;
        let requirements = workspace.sdk().join(GENERATOR).join("requirements.txt");
        fs::copy(&requirements, folder.path().join("requirements.txt"))
            .with_context(|| format!("cannot copy `{}`", requirements.display()))?;
        let place = Place {
            folder: folder.path().to_owned(),
            environment: vec![("PATH".to_owned(), path_with(&folder.path().join("venv/bin"))?)],
            interruption: interruption.clone(),
        };
        let mut programs = Vec::new();
        for peer in PEERS {
            match peer.tools.iter().find_map(|tool| tool.missing()) {
                Some(missing) => note(format_args!("SKIPPED: {}: {missing}", peer.program)),
                None => programs.push((peer.variable, peer.install(&place)?)),
            }
        }
        Ok(Self { programs, _folder: folder })
    }

    /// Tells a benchmark where they are.
    pub(super) fn name_to(&self, command: &mut Command) {
        command.envs(self.programs.iter().map(|(variable, program)| (variable, program)));
    }
}

impl Peer {
    fn install(&self, place: &Place) -> anyhow::Result<PathBuf> {
        note(format_args!("installing {}", self.program));
        let log = place.folder.join("install.log");
        for line in self.install {
            let line: Vec<String> = line.iter().map(|&argument| argument.to_owned()).collect();
            place.execute(&line, &log, INSTALL_TIMEOUT).with_context(|| execution::tail(&log))?;
        }
        Ok(place.folder.join(self.program))
    }
}

fn path_with(folder: &Path) -> anyhow::Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).context("the temporary folder's path cannot stand in PATH")
}
