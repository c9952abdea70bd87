//! The program `chat-soak` as a shell with its limits starts it.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what the tests share may panic too")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

/// In place of a server: it says how many files it may open, and ends.
const SERVER: &str = "#!/bin/sh\necho \"soft $(ulimit -S -n), hard $(ulimit -H -n)\" >&2\nexit 1\n";

/// Runs `chat-soak` for 200 connections, which takes 400 files, with such limits of open files.
fn soak(limits: &str, server: &Path) -> Output {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits} && exec \"$0\" \"$@\"")]).arg(env!("CARGO_BIN_EXE_chat-soak"));
    // It keeps the log of a run that failed.
    command.env("TMPDIR", server.parent().unwrap());
    command.args(["--seconds", "5", "--connections", "200", "--server"]).arg(server).output().unwrap()
}

#[test]
fn open_files_are_raised_as_far_as_they_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let server = folder.path().join("server");
    fs::write(&server, SERVER).unwrap();
    fs::set_permissions(&server, fs::Permissions::from_mode(0o700)).unwrap();
    for (limits, code, said) in [
        ("ulimit -S -n 64 && ulimit -H -n 500", 1, "soft 500, hard 500"),
        ("ulimit -S -n 400 && ulimit -H -n 400", 1, "soft 400, hard 400"),
        // What is enough stays as it is.
        ("ulimit -S -n 450 && ulimit -H -n 500", 1, "soft 450, hard 500"),
        ("ulimit -S -n 64 && ulimit -H -n 399", 2, "a process may open 399 files here, and 400 are needed"),
    ] {
        let output = soak(limits, &server);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(said) && output.status.code() == Some(code), "{limits}: {}, {error}", output.status);
    }
}
