//! What people and machines get to see: diagnostics on stderr, results on stdout.

use std::fmt;
use std::io::{self, Write as _};

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

/// Writes a line to stdout. A reader that went away (`| head`) is no reason to fail.
pub(crate) fn say(line: impl fmt::Display) {
    _ = writeln!(io::stdout().lock(), "{line}");
}

/// Writes a line to stderr.
pub(crate) fn note(line: impl fmt::Display) {
    _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes an error with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    note(format_args!("error: {error:#}"));
}

/// Writes diagnostics and, for people, one line of counts.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic], format: Format) {
    for diagnostic in diagnostics {
        match format {
            Format::Text => note(format_args!("{}\n", diagnostic.render())),
            Format::Json => note(serde_json::to_string(diagnostic).unwrap_or_default()),
        }
    }
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
