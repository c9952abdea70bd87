//! Holds tests to this crate: what goes past it is looked at by nobody.

use std::path::Path;

/// What opens a connection, or calls a router past the test app.
const OPENERS: &[&str] = &["TcpStream::connect(", "TcpSocket::", ".oneshot("];

/// Asserts that no file below this folder opens connections or calls routers itself, but for these: their paths below the
/// folder, each with the reason.
///
/// # Panics
/// When another file does, or one of these does not any more; or when the folder cannot be read.
#[track_caller]
pub fn assert_answers_are_looked_at(folder: &Path, exceptions: &[(&str, &str)]) {
    let mut found = opening(folder, "");
    found.sort();
    let mut allowed: Vec<&str> = exceptions.iter().map(|(path, _)| *path).collect();
    allowed.sort_unstable();
    assert_eq!(
        found,
        allowed,
        "below {}: send through `TestApp` or `Wire`, or say in the list why not",
        folder.display()
    );
}

/// The files that do, by their paths below the folder that was asked for.
fn opening(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            found.extend(opening(&path, &format!("{prefix}{name}/")));
            continue;
        }
        // What is no text is no code.
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        if OPENERS.iter().any(|opener| text.contains(opener)) {
            found.push(format!("{prefix}{name}"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// This crate is where answers are looked at.
    fn own() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
    }

    #[test]
    fn files_that_call_past_the_app_are_found() {
        let mut found = opening(own(), "src/");
        found.sort();
        assert_eq!(found, ["src/app.rs", "src/guard.rs"]);
        assert_answers_are_looked_at(own(), &[("guard.rs", "has the words"), ("app.rs", "is the app")]);
    }

    #[test]
    #[should_panic(expected = "or say in the list why not")]
    fn a_file_without_a_reason_is_refused() {
        assert_answers_are_looked_at(own(), &[("guard.rs", "has the words")]);
    }

    #[test]
    #[should_panic(expected = "or say in the list why not")]
    fn a_reason_that_is_needed_no_more_is_refused() {
        assert_answers_are_looked_at(own(), &[("guard.rs", ""), ("app.rs", ""), ("wire.rs", "opens nothing itself")]);
    }
}
