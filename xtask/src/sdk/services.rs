//! What the SDKs call: the service itself, and one of a later version.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use docwright_contract::{read, yaml};
use docwright_mock::Mock;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::compiled::cargo;
use crate::workspace::Workspace;

/// Where the answer stands in the contract that the later service replaces.
const LIST_EXAMPLE: &str =
    "/paths/~1api~1v1~1ChatSession~1ForCurrentUser/get/responses/200/content/application~1json/example";

/// Builds the service; the path of its binary.
pub(super) fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let built = cargo(workspace.root())
        .args(["build", "--quiet", "--locked", "--package", "chat-server"])
        .status()
        .context("cannot run cargo")?;
    if !built.success() {
        bail!("the service does not compile; see above");
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
    pub(super) fn start(binary: &Path, more: &Path) -> anyhow::Result<Self> {
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
        let mut process = command(&["serve", "--demo", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the service")?;
        let mut line = String::new();
        let stdout = process.stdout.take().context("the service has no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line.trim().rsplit_once("listening on ").map(|(_, url)| url.to_owned());
        let mut service = Self { process, url: url.unwrap_or_default(), ticket: String::new(), _folder: folder };
        if service.url.is_empty() {
            bail!("the service did not start; see above");
        }
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
