//! Over real sockets: the documents' requests byte for byte, the generated client, and how the server ends.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chat_api::Secret;
use chat_server::App;
use chat_server::auth::{TokenError, TokenVerifier};
use chat_server::config::Installation;
use chat_server::records::AssociateId;
use jiff::Timestamp;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::secrets::app_token;
use crate::support::{Connection, FOR_CURRENT_USER, PICKUP, Relay, World, exchange, is_listening, waiting};

/// A server on a free port.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub(crate) async fn start(app: App) -> Self {
        let listener = chat_server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(async move {
            let shutdown = async move { drop(stopped.await) };
            chat_server::serve(listener, &app, shutdown).await
        });
        Self { address, stop, ended }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.ended.await.unwrap().unwrap();
    }
}

/// The sample request of a page: what stands between its fence and the next. A page prints neither the version nor the
/// headers that every client adds; those are added here and nothing else is touched.
fn sample_request(page: &str) -> String {
    let (_, after) = page.split_once("```http!\n").expect("a sample request");
    let (request, _) = after.split_once("```").expect("the end of the sample");
    let (first, headers) = request.trim_end().split_once('\n').expect("a request line and headers");
    let headers = headers.replace('\n', "\r\n");
    format!("{first} HTTP/1.1\r\nHost: service.example.com\r\nConnection: close\r\n{headers}\r\n\r\n")
}

#[tokio::test]
async fn sample_requests_of_the_pages_work_verbatim() {
    let world = World::empty().await;
    world.app.fill_with_demo().await.unwrap();
    let server = Server::start(world.app.clone()).await;
    for (page, expected) in [
        (include_str!("../../../../documents/v1ChatSessionEntity_ChatSessionsForUser.md"), "[{\"ChatSessionId\":513,"),
        (
            include_str!("../../../../documents/v1ChatSessionEntity_PickUpFirstChatSession.md"),
            "{\"ChatSessionId\":518,",
        ),
    ] {
        let answer = exchange(server.address, &sample_request(page)).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("content-type: application/json; charset=utf-8"), "{head}");
        assert!(body.starts_with(expected), "{body}");
    }
    server.stop().await;
}

#[tokio::test]
async fn generated_client_plays_the_documented_operations() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let server = Server::start(world.app.clone()).await;
    let relay = Relay::before(server.address).await;
    let url = format!("http://{}", relay.address);
    let client = chat_client::Client::builder(&url).basic("tje0", "Tje0").time_zone("NO").build().unwrap();

    let sessions = client.chat_sessions_for_user().await.unwrap();
    assert_eq!(sessions.iter().filter_map(|session| session.chat_session_id).collect::<Vec<_>>(), [1]);
    let picked = client.pick_up_first_chat_session(None).await.unwrap();
    assert_eq!(picked.status, Some(chat_models::ChatSessionEntityStatus::UserLast));
    assert_eq!(picked.when_requested.map(|when| when.to_string()).as_deref(), Some("2026-03-02T09:55:00+01:00"));
    let error = client.pick_up_first_chat_session(None).await.expect_err("nobody waits");
    assert!(error.is_not_found());

    let stranger = chat_client::Client::builder(&url).basic("tje0", "wrong").build().unwrap();
    let error = stranger.chat_sessions_for_user().await.expect_err("a wrong password");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(401));
    drop((client, stranger));
    server.stop().await;
}

/// An identity provider that says when it is asked, and answers once its gate is open. Nothing but a request asks it.
struct Gate {
    asked: Semaphore,
    closed: Semaphore,
}

#[async_trait]
impl TokenVerifier for Gate {
    async fn verify(&self, _: &Secret, _: Timestamp) -> Result<Option<AssociateId>, TokenError> {
        self.asked.add_permits(1);
        self.closed.acquire().await.expect_err("there is no permit until it opens");
        Ok(Some(AssociateId(1)))
    }
}

/// A server whose identity provider stands at the gate, with a pickup that waits there.
async fn at_the_gate(world: &World, deadline: Duration) -> (Server, JoinHandle<String>, Arc<Gate>) {
    let gate = Arc::new(Gate { asked: Semaphore::new(0), closed: Semaphore::new(0) });
    let app_token = app_token(world, "Partner").await;
    let mut config = world.config();
    config.installation = Installation::Online;
    config.token_verifier = Some(gate.clone());
    config.shutdown_deadline = deadline;
    let server = Server::start(App::open(config).await.unwrap()).await;
    let credentials = format!("Authorization: Bearer of.terje\r\nSO-AppToken: {app_token}\r\n");
    let request = format!("POST {PICKUP} HTTP/1.1\r\nHost: x\r\n{credentials}\r\n");
    let address = server.address;
    let pickup = tokio::spawn(async move { exchange(address, &request).await });
    gate.asked.acquire().await.unwrap().forget();
    (server, pickup, gate)
}

#[tokio::test]
async fn running_request_is_answered_before_the_server_ends() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let (server, pickup, gate) = at_the_gate(&world, Duration::from_secs(60)).await;
    server.stop.send(()).unwrap();
    // The listener is closed once the signal is seen: from then on nobody new gets in.
    while is_listening(server.address).await {
        tokio::task::yield_now().await;
    }
    assert!(!server.ended.is_finished());
    gate.closed.close();
    let answer = pickup.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    server.ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn request_that_does_not_end_cannot_keep_the_server() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let (server, pickup, gate) = at_the_gate(&world, Duration::ZERO).await;
    server.stop().await;
    gate.closed.close();
    pickup.abort();
}

#[tokio::test]
async fn server_that_drains_says_so_and_answers_until_it_stops() {
    let world = World::with("").await;
    let mut config = world.config();
    config.drain = Duration::from_secs(2);
    let server = Server::start(App::open(config).await.unwrap()).await;
    let address = server.address;
    let ask =
        async |path| exchange(address, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
    assert!(ask("/readyz").await.starts_with("HTTP/1.1 200 "));
    server.stop.send(()).unwrap();
    while ask("/readyz").await.starts_with("HTTP/1.1 200 ") {}
    assert!(ask("/readyz").await.starts_with("HTTP/1.1 503 "));
    assert!(ask("/healthz").await.starts_with("HTTP/1.1 200 "), "new connections are taken");
    server.ended.await.unwrap().unwrap();
    assert!(!is_listening(address).await);
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let world = World::with("").await;
    let listener = chat_server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(chat_server::serve_metrics(listener, world.app.clone()));
    let get = async |path: &str| {
        let mut connection = Connection::beside_the_api(address).await;
        connection.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
        connection.rest().await
    };
    let answer = get("/metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("# EOF\n"), "{answer}");
    let answer = get(FOR_CURRENT_USER).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    serving.abort();
}

/// The binary, serving demonstration data in a new directory.
struct Binary {
    process: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    _directory: tempfile::TempDir,
}

impl Binary {
    fn start() -> (Self, SocketAddr) {
        let directory = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_chat-server"))
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .env("CHAT_DATABASE", "sqlite://chat.db")
            .env("CHAT_LOG_LEVEL", "info")
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines.next().expect("a line when it is ready").unwrap();
        let address = line.strip_prefix("listening on http://").expect("the address").parse().unwrap();
        (Self { process, lines, _directory: directory }, address)
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        // Gone already where the test went well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_ends_the_binary_in_good_order() {
    use std::io::Read;

    let (mut binary, address) = tokio::task::spawn_blocking(Binary::start).await.unwrap();
    let close = "Connection: close\r\nHost: x\r\nAuthorization: Basic dGplMDpUamUw\r\n\r\n";
    let answer = exchange(address, &format!("POST {PICKUP}?secret=hidden HTTP/1.1\r\n{close}")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let answer = exchange(address, &format!("GET {FOR_CURRENT_USER} HTTP/1.1\r\n{close}")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");

    let path = "x".repeat(2000);
    let answer = exchange(address, &format!("GET /{path} HTTP/1.1\r\n{close}")).await;
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");

    let killed = Command::new("kill").args(["-TERM", &binary.process.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = tokio::task::spawn_blocking(move || {
        let status = binary.process.wait().unwrap();
        let mut log = String::new();
        binary.process.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(binary.lines.next().is_none(), "standard output says the address and no more");
        (status, log)
    });
    let (status, log) = status.await.unwrap();
    assert_eq!(status.code(), Some(0), "{log}");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["message"] == "answered" && line["status"] == 200), "{log}");
    assert!(log.contains("xxx…") && !log.contains(&"x".repeat(300)), "a long path is cut: {log}");
    for secret in ["dGplMDpUamUw", "Tje0", "hidden", "argon2", "Agustina"] {
        assert!(!log.contains(secret), "`{secret}` is in the log: {log}");
    }
}

#[test]
fn wrong_use_of_the_binary_is_explained() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    std::fs::write(path("bad.toml"), "[[users]]\nuser = 1\n").unwrap();
    std::fs::write(path("odd.yaml"), "users: []\n").unwrap();
    let database = format!("sqlite://{}", path("chat.db"));
    for (arguments, expected) in [
        (vec!["import", &path("bad.toml"), "--database", &database], "line 2: users[0].user: invalid type"),
        (vec!["import", &path("odd.yaml"), "--database", &database], "ends in `.toml` or `.json`"),
        (vec!["import", &path("none.toml"), "--database", &database], "cannot read"),
        (vec!["migrate", "--database", "mysql://localhost/chat"], "postgres://USER@HOST/DATABASE"),
        (
            vec!["migrate", "--database", "postgres://me@127.0.0.1:1/chat"],
            "cannot open the database `postgres://127.0.0.1:1/chat`",
        ),
        (vec!["serve", "--listen", "nowhere"], "--listen"),
        (vec!["user", "set-password", "nobody", "--database", &database], "the password is empty"),
    ] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_chat-server")).args(&arguments).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn users_are_added_changed_and_listed_from_the_command_line() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("password"), "Blue mug\n").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
        let command = command.args(arguments).current_dir(directory.path()).stdin(Stdio::null());
        let output = command.env("CHAT_DATABASE", "sqlite://chat.db").output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let password = ["--password-file", "password"];
    let add = |name| run(&[&["user", "add", name, "--full-name", "Kari Lie"], &password[..]].concat());
    assert_eq!(add("kari"), (true, "added `kari` with AssociateId 1\n".to_owned(), String::new()));
    let (added, _, said) = add("Kari");
    assert!(!added && said.contains("user `Kari` is in the database already"), "{said}");
    assert!(run(&[&["user", "set-password", "kari"], &password[..]].concat()).0);
    assert_eq!(run(&["user", "list"]), (true, "1\tkari\tKari Lie\n".to_owned(), String::new()));
    assert_eq!(run(&["migrate"]), (true, "sqlite://chat.db is up to date\n".to_owned(), String::new()));
}
