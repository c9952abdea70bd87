//! What the SDKs call: the service itself, and one of a later version.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use docwright_contract::{read, yaml};
use docwright_mock::Mock;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::execution;
use super::interruption::Interruption;
use crate::compiled::cargo;
use crate::workspace::Workspace;

/// Where the answer stands in the contract that the later service replaces.
const LIST_EXAMPLE: &str =
    "/paths/~1api~1v1~1ChatSession~1ForCurrentUser/get/responses/200/content/application~1json/example";

/// From nothing, on a slow machine.
const BUILD_TIMEOUT: Duration = Duration::from_secs(3600);
/// The demonstration's data is written before the service listens.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How often it is looked whether this process is to end.
const PAUSE: Duration = Duration::from_millis(100);

/// Builds the service; the path of its binary.
pub(super) fn build(workspace: &Workspace, interruption: &Interruption) -> anyhow::Result<PathBuf> {
    let mut command = cargo(workspace.root());
    command.args(["build", "--quiet", "--locked", "--package", "chat-server"]).stdin(Stdio::null());
    match execution::status(&mut command, BUILD_TIMEOUT, interruption).context("cargo")? {
        Some(status) if status.success() => {}
        Some(_) => bail!("the service does not compile; see above"),
        None => bail!("the service was not compiled after {} s", BUILD_TIMEOUT.as_secs()),
    }
    Ok(workspace.target().join("debug").join(format!("chat-server{}", std::env::consts::EXE_SUFFIX)))
}

/// A service with demonstration data and a database of its own; ends with the value.
pub(super) struct Service {
    process: Child,
    pub(super) url: String,
    /// A ticket of the demonstration's user, without the scheme's name.
    pub(super) ticket: String,
    _folder: TempDir,
}

impl Service {
    /// Starts it on a free port of this machine, and imports `more`.
    pub(super) fn start(binary: &Path, more: &Path, interruption: &Interruption) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = format!("sqlite://{}", folder.path().join("chat.db").display());
        let command = |arguments: &[&str]| {
            let mut command = Command::new(binary);
            // Settings of whoever runs this must not reach it.
            for (name, _) in std::env::vars_os() {
                if name.to_str().is_some_and(|name| name.starts_with("CHAT_")) {
                    command.env_remove(name);
                }
            }
            command.args(arguments).env("CHAT_DATABASE", &database).env("CHAT_LOG_LEVEL", "warn").stdin(Stdio::null());
            command
        };
        let process = command(&["serve", "--demo", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the service")?;
        let mut service = Self { process, url: String::new(), ticket: String::new(), _folder: folder };
        service.url = address(&mut service.process, START_TIMEOUT, interruption)?;
        let output = |arguments: &[&str]| -> anyhow::Result<String> {
            let output = command(arguments).output().context("cannot run the service")?;
            if !output.status.success() {
                bail!(
                    "`chat-server {}` failed: {}",
                    arguments.join(" "),
                    String::from_utf8_lossy(&output.stderr).trim()
                );
            }
            Ok(String::from_utf8(output.stdout)?)
        };
        output(&["import", more.to_str().context("the path of the import is not UTF-8")?])?;
        let printed = output(&["ticket", "issue", "tje0"])?;
        printed.lines().last().context("no ticket was printed")?.clone_into(&mut service.ticket);
        Ok(service)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Where a service listens, which it says in its first line.
fn address(process: &mut Child, timeout: Duration, interruption: &Interruption) -> anyhow::Result<String> {
    let stdout = process.stdout.take().context("the service has no output")?;
    let (sender, receiver) = mpsc::channel();
    // Ends with the line, or with the process.
    thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout).read_line(&mut line);
        // Nobody listens any more where it came too late.
        _ = sender.send(read.map(|_| line));
    });
    let deadline = Instant::now() + timeout;
    let line = loop {
        match receiver.recv_timeout(PAUSE) {
            Ok(line) => break line?,
            Err(mpsc::RecvTimeoutError::Disconnected) => bail!("the service's output cannot be read"),
            Err(mpsc::RecvTimeoutError::Timeout) => interruption.check()?,
        }
        if Instant::now() >= deadline {
            bail!("the service did not say within {} s where it listens", timeout.as_secs());
        }
    };
    let (_, url) = line.trim().rsplit_once("listening on ").context("the service did not start; see above")?;
    Ok(url.to_owned())
}

/// A service that knows more than the contract does: it answers the list with `sdk/later.json`. It is a mock of the
/// contract otherwise, so what SDKs send is held to the contract too.
pub(super) struct LaterService {
    pub(super) url: String,
    /// Serves until it is dropped.
    _runtime: Runtime,
}

impl LaterService {
    /// Starts it on a free port of this machine.
    pub(super) fn start(workspace: &Workspace) -> anyhow::Result<Self> {
        let contract = fs::read_to_string(workspace.contract()).context("cannot read openapi.yaml")?;
        let answer = fs::read_to_string(workspace.sdk().join("later.json")).context("cannot read sdk/later.json")?;
        let mut document = yaml::from_str(&contract)?;
        let example = document.pointer_mut(LIST_EXAMPLE).context("openapi.yaml has no example of the list")?;
        *example = serde_json::from_str::<Value>(&answer).context("sdk/later.json is no JSON")?;
        let mock = Arc::new(Mock::new(read::from_value(&document)?));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        runtime.spawn(docwright_mock::serve(listener, mock, None, std::future::pending()));
        Ok(Self { url, _runtime: runtime })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_service_has_to_say_in_time_where_it_listens() {
        let started = |script: &str, timeout_ms: u64, interruption: &Interruption| {
            let mut process = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
            let address = address(&mut process, Duration::from_millis(timeout_ms), interruption);
            process.kill().unwrap();
            process.wait().unwrap();
            address.map_err(|error| error.to_string())
        };
        let (calm, silent) = (Interruption::default(), "exec sleep 60");
        let said = started("echo 'chat-server is listening on http://127.0.0.1:1'; exec sleep 60", 60_000, &calm);
        assert_eq!(said.as_deref(), Ok("http://127.0.0.1:1"));
        assert!(started("exit 1", 60_000, &calm).unwrap_err().contains("did not start"));
        assert!(started(silent, 1, &calm).unwrap_err().contains("did not say within 0 s"));
        assert_eq!(started(silent, 60_000, &Interruption::interrupted()).unwrap_err(), "interrupted");
    }

    #[test]
    fn the_later_service_answers_what_the_contract_does_not_know() {
        let service = LaterService::start(&Workspace::locate().unwrap()).unwrap();
        let mut stream = TcpStream::connect(service.url.trim_start_matches("http://")).unwrap();
        let request = "GET /api/v1/ChatSession/ForCurrentUser HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
            Authorization: Basic dGplMDpUamUw\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.contains("\"Status\":\"Escalated\"") && answer.contains("\"Sentiment\""), "{answer}");
    }
}
