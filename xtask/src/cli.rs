//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use docwright_codegen::Names;
use jiff::civil::Date;
use semver::Version;

use crate::diff::{DiffFormat, FailOn};
use crate::release::release_version;
use crate::report::Format;

/// How `diff` ends, below its help.
const DIFF_CODES: &str = "\
Exit codes:
  0  no change that --fail-on names
  1  such a change
  2  nothing was compared: wrong use, a side that is no contract, or a folder without pages or with bad ones";

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
    /// Write the skeleton of a page for an operation that is to be.
    NewPage(NewPageOptions),
    /// Write openapi.yaml and Rust code (models, client, server layer) from pages, or from any contract.
    Generate(GenerateOptions),
    /// Say what is stale and whether all four sources of the contract agree.
    Check(CheckOptions),
    /// Write schemas/, the JSON Schema of every carrier, from the compiled models.
    Schemas,
    /// Say what changed between two contracts, whom it breaks, and what it means for the client.
    Diff(DiffOptions),
    /// Say which pages, lines and rules an operation, schema or property comes from.
    Explain(ExplainOptions),
    /// Write the documentation's own quality as one HTML page, or as JSON.
    Report(ReportOptions),
    /// Write the reference of a contract as a static site: search, texts, examples, requests to try.
    Docs(DocsOptions),
    /// Start a server that checks requests against a contract, and answers from its examples and schemas.
    Mock(MockOptions),
    /// Start the service with demo data and play the documented requests.
    Demo(DemoOptions),
    /// Generate, check and run SDKs in other languages from openapi.yaml. Takes minutes, and a network.
    Sdk(SdkOptions),
    /// Run the benchmarks, and print their ratios with the goals. Takes an hour on a machine that does nothing else.
    Bench(BenchOptions),
    /// Say whether the workspace can be released, and write version and changelog.
    Release(ReleaseOptions),
    /// Load the service with mixed traffic for a long time, hostile parts included, and look at errors and memory.
    Soak(SoakOptions),
}

/// Options of `new-page`.
#[derive(Args, Debug)]
pub(crate) struct NewPageOptions {
    /// GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS or TRACE.
    #[arg(value_name = "METHOD")]
    pub(crate) method: String,
    /// The path with its parameters: '/api/v1/ChatTopic/{chatTopicId}/IsOpen'. One whose name ends in Id is an int32,
    /// others are strings; `{name:type}` says otherwise.
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// The operation's id, and the page's file name; derived from method, path and the other pages by default.
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    /// What it answers: a component schema of the contract, whose table and sample are filled in, a new name in upper
    /// case, or one of the types string, bool, int32, int64, double, byte, date-time and object (a map).
    #[arg(long, value_name = "NAME")]
    pub(crate) carrier: Option<String>,
    /// It answers a list of these.
    #[arg(long, requires = "carrier")]
    pub(crate) array: bool,
    /// What the caller sends, named like a --carrier.
    #[arg(long, value_name = "NAME")]
    pub(crate) body: Option<String>,
    /// The caller sends a list of these.
    #[arg(long, requires = "body")]
    pub(crate) body_array: bool,
    /// A parameter of the query string; may be given more than once. Types are those of a --carrier, array, and
    /// `Enum: A, B`; `:required` behind the type says that it may not be left out.
    #[arg(long, value_name = "NAME:TYPE[:required]")]
    pub(crate) query: Vec<String>,
    /// A status that it answers with; may be given more than once. 200 by default, 204 where it answers nothing.
    #[arg(long, value_name = "CODE")]
    pub(crate) status: Vec<u16>,
    /// Nobody has to sign in for it.
    #[arg(long)]
    pub(crate) no_sign_in: bool,
    /// Customers may call it too, with the key of their session: the row X-Chat-Session-Key.
    #[arg(long, conflicts_with = "no_sign_in")]
    pub(crate) session_key: bool,
    /// A repeated call is carried out once, which the server has to see to, and which makes the client retry: the row
    /// Idempotency-Key.
    #[arg(long)]
    pub(crate) idempotent: bool,
    /// Write into this folder of pages instead of documents/.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// Options of `generate`.
#[derive(Args, Debug, Default)]
pub(crate) struct GenerateOptions {
    /// Read the pages below this folder instead of documents/, and write a workspace of their own
    /// to --out: openapi.yaml, models, client and server layer.
    #[arg(long, value_name = "DIR", conflicts_with = "contract", requires = "out")]
    pub(crate) documents: Option<PathBuf>,
    /// Start from this OpenAPI document instead of pages; like --documents, it needs --out.
    #[arg(long, value_name = "FILE", requires = "out")]
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
    /// What the packages of the workspace from --documents or --contract are called: NAME-models,
    /// NAME-client, NAME-api; `reference` by default.
    #[arg(long, value_name = "NAME", conflicts_with = "contract_only", value_parser = package_prefix)]
    pub(crate) name: Option<String>,
    /// Leave out pages whose operation cannot be identified, instead of stopping.
    #[arg(long, conflicts_with = "contract")]
    pub(crate) skip_bad_pages: bool,
    /// Treat warnings as errors.
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// List each guess with its reason, and what is left out.
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
    /// List each guess with its reason, and what is left out.
    #[arg(long, short)]
    pub(crate) verbose: bool,
    /// Also generate the workspace of another reference below target/, compile it without warnings,
    /// and compare what it says of itself with its contract. Takes minutes.
    #[arg(long, requires = "documents")]
    pub(crate) full: bool,
    /// The pages of that reference.
    #[arg(long, value_name = "DIR", requires = "full")]
    pub(crate) documents: Option<PathBuf>,
}

/// Options of `diff`.
#[derive(Args, Debug)]
#[command(after_help = DIFF_CODES)]
pub(crate) struct DiffOptions {
    /// What was: a contract's file (OpenAPI 3.0, 3.1 or Swagger 2.0, YAML or JSON), a folder of
    /// pages, git:REV (that revision's openapi.yaml) or git:REV:PATH.
    #[arg(value_name = "BASE")]
    pub(crate) base: String,
    /// What is now, in the same forms.
    #[arg(value_name = "REVISION")]
    pub(crate) revision: String,
    /// How the changes are written to stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DiffFormat,
    /// Which changes end with exit code 1.
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    pub(crate) fail_on: FailOn,
    /// Apply this overlay to each side that is a folder of pages; without it, the workspace's own
    /// documents get openapi.overlay.yaml (of the same revision), and others none.
    #[arg(long, value_name = "FILE")]
    pub(crate) overlay: Option<PathBuf>,
    /// Leave out pages whose operation cannot be identified, instead of stopping.
    #[arg(long)]
    pub(crate) skip_bad_pages: bool,
    /// List every change, every place and every note on the documents.
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

/// Options of `docs`.
#[derive(Args, Debug)]
pub(crate) struct DocsOptions {
    /// Write to this folder, which may hold other files: only what this command wrote there before is
    /// replaced. Open its index.html, or put it on any web server.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Show this document (OpenAPI 3.0, 3.1 or Swagger 2.0, YAML or JSON) instead of openapi.yaml.
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: Option<PathBuf>,
}

/// Options of `mock`.
#[derive(Args, Debug)]
pub(crate) struct MockOptions {
    /// Serve this OpenAPI document, YAML or JSON, instead of openapi.yaml.
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4010")]
    pub(crate) listen: SocketAddr,
    /// Refuse bodies of requests that are larger; 16 MiB by default.
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_body_bytes: Option<usize>,
    /// Write a line for each request, and list every remark on the contract.
    #[arg(long, short)]
    pub(crate) verbose: bool,
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

/// Options of `sdk`.
#[derive(Args, Debug, Default)]
pub(crate) struct SdkOptions {
    /// Only this SDK; may be given more than once. docs/sdk.md and any other NAME list them all.
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
}

/// Options of `bench`.
#[derive(Args, Debug, Default)]
pub(crate) struct BenchOptions {
    /// Only this benchmark; may be given more than once. docs/benchmarks.md and any other NAME list them all.
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// Run everything small and not optimised, to see that it runs: no goal is judged.
    #[arg(long)]
    pub(crate) short: bool,
    /// Measure with the pages of the whole reference below this folder; also DOCWRIGHT_CORPUS.
    #[arg(long, value_name = "DIR")]
    pub(crate) corpus: Option<PathBuf>,
    /// Install what we are measured beside into a temporary folder, from npm and PyPI. Without it, what is on the PATH
    /// takes part: `prism` and `openapi-generator-cli`.
    #[arg(long)]
    pub(crate) install_peers: bool,
}

/// Options of `release`.
#[derive(Args, Debug, Default)]
pub(crate) struct ReleaseOptions {
    /// The version; by default the least that the contract's changes since the last tag ask for, and the workspace's own for
    /// the first release.
    #[arg(long, value_name = "VERSION", value_parser = release_version)]
    pub(crate) version: Option<Version>,
    /// The day in the changelog, such as 2026-03-04; by default that of the last commit.
    #[arg(long, value_name = "DATE")]
    pub(crate) date: Option<Date>,
    /// Write nothing: say what would be written.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Leave out what has to be compiled: `cargo xtask check`, and packaging. For dry runs alone.
    #[arg(long)]
    pub(crate) no_build: bool,
}

/// Options of `soak`.
#[derive(Args, Debug)]
pub(crate) struct SoakOptions {
    /// Seconds of traffic.
    #[arg(long, value_name = "S", default_value_t = 600)]
    pub(crate) seconds: u64,
    /// Connections at the same time.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) connections: usize,
    /// Load this server instead of one that is built with optimisations.
    #[arg(long, value_name = "PATH")]
    pub(crate) server: Option<PathBuf>,
    /// What the clients' choices are drawn from; a new one by default.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
}

/// The beginning of package names: words of lower-case letters and digits with hyphens between.
fn package_prefix(text: &str) -> Result<String, String> {
    let is_word = |word: &str| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) && !word.is_empty();
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) || !text.split('-').all(is_word) {
        return Err(
            "a name begins with a letter, and consists of lower-case letters, digits and single hyphens".to_owned()
        );
    }
    match Names::new(text).collision() {
        None => Ok(text.to_owned()),
        Some(package) => Err(format!(
            "the package `{package}` would be called like one that it depends on; choose another name, such as `my-{text}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::package_prefix;

    #[test]
    fn packages_are_called_as_cargo_likes_it() {
        for (text, fits) in [
            ("shop", true),
            ("my-shop2", true),
            ("", false),
            ("-", false),
            ("2shop", false),
            ("Shop", false),
            ("a--b", false),
            ("a-", false),
            ("a_b", false),
            ("a/../b", false),
            ("core", true),
            ("progenitor", false),
            ("my-progenitor", true),
        ] {
            assert_eq!(package_prefix(text).is_ok(), fits, "{text:?}");
        }
    }
}
