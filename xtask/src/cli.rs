//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::report::Format;

/// Turns reference pages into a contract, and the contract into client and server code.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write openapi.yaml and the generated sources from the documents.
    Generate(GenerateOptions),
    /// Say what is stale and whether all four sources of the contract agree.
    Check(CheckOptions),
    /// Say which pages, lines and rules an operation, schema or property comes from.
    Explain(ExplainOptions),
    /// Write the documentation's own quality as one HTML page, or as JSON.
    Report(ReportOptions),
    /// Start the service with demo data and play the documented requests.
    Demo(DemoOptions),
}

/// Options of `generate`.
#[derive(Args, Debug, Default)]
pub(crate) struct GenerateOptions {
    /// Read the pages below this folder instead of documents/. Code is generated for the workspace
    /// alone so far, hence --contract-only.
    #[arg(long, value_name = "DIR", conflicts_with = "contract", requires_all = ["out", "contract_only"])]
    pub(crate) documents: Option<PathBuf>,
    /// Start from this OpenAPI document instead of pages.
    #[arg(long, value_name = "FILE", requires_all = ["out", "contract_only"])]
    pub(crate) contract: Option<PathBuf>,
    /// Apply this overlay; without --documents and --contract, openapi.overlay.yaml.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// Write below this folder instead of the workspace.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write openapi.yaml and no code.
    #[arg(long)]
    pub(crate) contract_only: bool,
    /// Leave out pages whose operation cannot be identified, instead of stopping.
    #[arg(long, conflicts_with = "contract")]
    pub(crate) skip_bad_pages: bool,
    /// Treat warnings as errors.
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// List each guess with its reason, and what the client leaves out.
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// How diagnostics are written to stderr.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Options of `check`.
#[derive(Args, Debug, Default)]
pub(crate) struct CheckOptions {
    /// Fail on warnings too.
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// List each guess with its reason, and what the client leaves out.
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// Options of `explain`.
#[derive(Args, Debug)]
pub(crate) struct ExplainOptions {
    /// An operation's id, a schema's name, or a property as `Schema.Property`.
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Look at the pages below this folder instead of documents/.
    #[arg(long, value_name = "DIR")]
    pub(crate) documents: Option<PathBuf>,
    /// Apply this overlay; without --documents, openapi.overlay.yaml.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// How the explanation is written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Options of `report`.
#[derive(Args, Debug, Default)]
pub(crate) struct ReportOptions {
    /// Look at the pages below this folder instead of documents/.
    #[arg(long, value_name = "DIR")]
    pub(crate) documents: Option<PathBuf>,
    /// Apply this overlay; without --documents, openapi.overlay.yaml. What it puts right is no
    /// finding.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// Write to this file instead of target/report.html; as JSON when it ends in .json.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Options of `demo`.
#[derive(Args, Debug, Default)]
pub(crate) struct DemoOptions {
    /// Exit after the two requests instead of serving on.
    #[arg(long)]
    pub(crate) once: bool,
    /// Where to listen; a free port of 127.0.0.1 by default.
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}
