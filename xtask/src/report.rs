//! What people and machines get to see: diagnostics on stderr, results on stdout.

use std::fmt;
use std::io::{self, BufWriter, Write as _};

use docwright_pages::{Diagnostic, Severity};

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Wrong use of the command line that only running it shows, such as a file that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct UsageError(pub(crate) String);

/// Writes a line to stdout. A reader that went away (`| head`) is no reason to fail.
pub(crate) fn say(line: impl fmt::Display) {
    _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes a line to stderr.
pub(crate) fn note(line: impl fmt::Display) {
    _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes what is no diagnostic: as it is for people, as `{"remark": …}` for machines.
pub(crate) fn remark(text: impl fmt::Display, format: Format) {
    match format {
        Format::Text => note(text),
        Format::Json => note(serde_json::json!({ "remark": text.to_string() })),
    }
}

/// Writes an error with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    note(format_args!("error: {error:#}"));
}

/// Writes diagnostics.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic], format: Format) {
    let mut stderr = BufWriter::new(io::stderr().lock());
    for diagnostic in diagnostics {
        _ = match format {
            Format::Text => writeln!(stderr, "{diagnostic}\n"),
            Format::Json => writeln!(stderr, "{}", serde_json::to_string(diagnostic).unwrap_or_default()),
        };
    }
    _ = stderr.flush();
}

/// How many of `diagnostics` are of this severity.
pub(crate) fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
}

/// `1 page`, `2 pages`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    counted(count, noun, &format!("{noun}s"))
}

/// The same for a noun with a plural of its own.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
