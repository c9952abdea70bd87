//! What people and machines get to see: diagnostics on stderr, results on stdout.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufWriter, Write as _};

use docwright_pages::{Diagnostic, Severity, is_unprintable};

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
    _ = writeln!(io::stdout().lock(), "{}", printable(&line.to_string()));
}

/// Writes JSON to stdout.
pub(crate) fn say_json(json: &str) {
    _ = writeln!(io::stdout().lock(), "{}", printable_json(json));
}

/// Writes a line to stderr.
pub(crate) fn note(line: impl fmt::Display) {
    _ = writeln!(io::stderr().lock(), "{}", printable(&line.to_string()));
}

/// Text of documents must not steer the terminal that it is shown in: what could is escaped.
fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c.escape_unicode().to_string())
}

/// The same as JSON reads it back. All such characters stand within texts, and are in the Basic Multilingual Plane.
fn printable_json(json: &str) -> Cow<'_, str> {
    escaped(json, |c| format!("\\u{:04x}", u32::from(c)))
}

fn escaped(text: &str, escape: fn(char) -> String) -> Cow<'_, str> {
    let is_meant = |c: char| matches!(c, '\n' | '\t');
    if text.chars().all(|c| is_meant(c) || !is_unprintable(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars().map(|c| if is_meant(c) || !is_unprintable(c) { c.to_string() } else { escape(c) }).collect(),
    )
}

/// Writes what is no diagnostic: as it is for people, as `{"remark": …}` for machines.
pub(crate) fn remark(text: impl fmt::Display, format: Format) {
    match format {
        Format::Text => note(text),
        Format::Json => {
            let remark = serde_json::json!({ "remark": text.to_string() }).to_string();
            _ = writeln!(io::stderr().lock(), "{}", printable_json(&remark));
        }
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
            Format::Json => {
                let json = serde_json::to_string(diagnostic).unwrap_or_default();
                writeln!(stderr, "{}", printable_json(&json))
            }
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

#[cfg(test)]
mod tests {
    use super::{printable, printable_json};

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("a\tb\nc → d"), "a\tb\nc → d");
        assert_eq!(printable("\u{1b}]0;t\u{7}\u{202e}\r\u{9b}"), "\\u{1b}]0;t\\u{7}\\u{202e}\\u{d}\\u{9b}");
        let text = "\u{1b}\u{202e}\u{9b}\u{7f}";
        let json = serde_json::to_string(text).unwrap();
        let written = printable_json(&json);
        assert_eq!(written, r#""\u001b\u202e\u009b\u007f""#);
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }
}
