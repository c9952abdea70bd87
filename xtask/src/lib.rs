//! The commands of `cargo xtask`: thin, over `docwright-pages`, `docwright-contract` and
//! `docwright-codegen`.
//!
//! Never depends on the generated crates: it must run when they do not compile. What needs them
//! compiled is spawned through cargo.

mod bench;
mod breaking_changes_page;
mod check;
mod cli;
mod compiled;
mod demo;
mod diagnostics_page;
mod diff;
mod docs;
mod documents;
mod elsewhere;
mod explain;
mod files;
mod generate;
mod mock;
mod new_page;
mod overlay_file;
mod pipeline;
mod quality;
mod rehearsal;
mod release;
mod report;
mod samples;
mod schemas;
mod sdk;
mod settings;
mod soak;
mod workspace;

use std::process::ExitCode;

use clap::Parser as _;

pub use check::{check_files, check_samples};
pub use documents::Reference;
pub use files::{FileSet, Mode, Outcome, Status};
pub use pipeline::{Plan, plan_workspace};
pub use rehearsal::rehearse;
pub use report::Format;
pub use workspace::Workspace;

/// Exit code for input that needs a person: a bad page, a failed check.
const NEEDS_A_PERSON: u8 = 1;
/// Exit code for wrong use, the same as clap's; also for every failure of `diff`, whose 1 tells of changes alone.
const WRONG_USE: u8 = 2;

/// Runs the command line and answers its exit code: 0 fine, 1 the input needs a person, 2 wrong
/// use. Of `diff`, 1 means changes that `--fail-on` names, and 2 that nothing could be compared.
pub fn main() -> ExitCode {
    let command = cli::Cli::parse();
    let done = Workspace::locate().and_then(|workspace| match &command.command {
        cli::Command::NewPage(options) => new_page::run(&workspace, options),
        cli::Command::Generate(options) => generate::run(&workspace, options),
        cli::Command::Check(options) => check::run(&workspace, options),
        cli::Command::Schemas => schemas::run(&workspace),
        cli::Command::Diff(options) => diff::run(&workspace, options),
        cli::Command::Explain(options) => explain::run(&workspace, options),
        cli::Command::Report(options) => quality::run(&workspace, options),
        cli::Command::Docs(options) => docs::run(&workspace, options),
        cli::Command::Mock(options) => mock::run(&workspace, options),
        cli::Command::Demo(options) => demo::run(&workspace, options),
        cli::Command::Release(options) => release::run(&workspace, options),
        cli::Command::Soak(options) => soak::run(&workspace, options),
        cli::Command::Sdk(options) => sdk::run(&workspace, options),
        cli::Command::Bench(options) => bench::run(&workspace, options),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NEEDS_A_PERSON),
        Err(error) => {
            report::error(&error);
            let is_diff = matches!(command.command, cli::Command::Diff(_));
            ExitCode::from(if is_diff || error.is::<report::UsageError>() { WRONG_USE } else { NEEDS_A_PERSON })
        }
    }
}
