//! `cargo xtask sdk`: what it starts ends with it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn what_it_started_ends_when_it_is_told_to_end() {
    // A workspace in which cargo is a shell, and `cargo build` a script that goes on in the background.
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("docs")).unwrap();
    fs::write(root.path().join("docs/sdk.md"), "").unwrap();
    fs::write(root.path().join("build"), "sleep 60 &\necho started\nwait\n").unwrap();
    for signal in ["-INT", "-TERM"] {
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["sdk", "--only", "hey-api"])
            .env("CARGO_MANIFEST_DIR", root.path().join("xtask"))
            .env("CARGO", "sh")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(xtask.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, "started\n");
        let start = Instant::now();
        assert!(Command::new("kill").args([signal, &xtask.id().to_string()]).status().unwrap().success());
        // The end of the pipe comes when nobody holds it any more.
        stdout.read_to_string(&mut line).unwrap();
        assert!(start.elapsed() < Duration::from_secs(30), "{signal}: something went on");
        let output = xtask.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{signal}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("interrupted"), "{signal}");
    }
}
