//! Every way to sign in over real sockets: with the generated client, and with the binary, whose log is searched for
//! secrets afterwards.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use chat_client::{Builder, Client};
use chat_server::App;
use chat_server::auth::SecretKind;
use chat_server::config::Installation;
use chat_server::records::AssociateId;

use crate::browser::Browser;
use crate::secrets::user_of;
use crate::serving::Server;
use crate::support::{FOR_CURRENT_USER, Relay, World, exchange, running};

const TERJE: AssociateId = AssociateId(1);

/// What the client gets: how many sessions, or the status.
async fn outcome(builder: Builder) -> Result<usize, u16> {
    let client = builder.retries(0).build().unwrap();
    match client.chat_sessions_for_user().await {
        Ok(sessions) => Ok(sessions.len()),
        Err(error) => Err(error.status().expect("an answer").as_u16()),
    }
}

#[tokio::test]
async fn generated_client_signs_in_with_every_scheme() {
    let world = World::with(&running(1, "Support", "tje0")).await;
    let authenticator = world.app.authenticator();
    let secret = async |kind| {
        let issued = authenticator.issue(kind, &user_of(&world, TERJE).await, None, "").await.unwrap();
        issued.secret.expose().to_owned()
    };
    let (ticket, token) = (secret(SecretKind::Ticket).await, secret(SecretKind::Token).await);
    let app_token = authenticator.add_application("Partner").await.unwrap().expose().to_owned();

    let onsite = Server::start(world.app.clone()).await;
    let relay = Relay::before(onsite.address).await;
    let client = || Client::builder(format!("http://{}", relay.address));
    assert_eq!(outcome(client()).await, Err(401));
    assert_eq!(outcome(client().basic("tje0", "Tje0")).await, Ok(1));
    assert_eq!(outcome(client().so_ticket(&ticket)).await, Ok(1));
    assert_eq!(outcome(client().so_ticket(&ticket).app_token(&app_token)).await, Ok(1));
    assert_eq!(outcome(client().so_ticket(&ticket).app_token("wrong")).await, Err(403));
    assert_eq!(outcome(client().so_ticket(&token)).await, Err(401));
    assert_eq!(outcome(client().bearer(&token).app_token(&app_token)).await, Err(401));

    let browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let (cookie, xsrf) =
        (format!("session={}", browser.cookie("session").unwrap()), browser.cookie("XSRF-TOKEN").unwrap());
    assert_eq!(outcome(client().browser_session(&cookie, xsrf)).await, Ok(1));
    assert_eq!(outcome(client().browser_session(&cookie, "wrong")).await, Err(403));
    assert_eq!(outcome(client().browser_session("session=wrong", xsrf)).await, Err(401));
    assert_eq!(outcome(client().browser_session(&cookie, xsrf).app_token("wrong")).await, Err(403));
    assert_eq!(outcome(client().browser_session("session=wrong", "x").so_ticket(&ticket)).await, Ok(1));

    let mut config = world.config();
    config.installation = Installation::Online;
    let online = Server::start(App::open(config).await.unwrap()).await;
    let online_relay = Relay::before(online.address).await;
    let client = || Client::builder(format!("http://{}", online_relay.address));
    assert_eq!(outcome(client().bearer(&token).app_token(&app_token)).await, Ok(1));
    assert_eq!(outcome(client().browser_session(&cookie, xsrf).app_token(&app_token)).await, Err(401));
    assert_eq!(outcome(client().bearer(&token)).await, Err(403));
    assert_eq!(outcome(client().bearer(&ticket).app_token(&app_token)).await, Err(401));
    assert_eq!(outcome(client().so_ticket(&ticket).app_token(&app_token)).await, Err(401));
    assert_eq!(outcome(client().basic("tje0", "Tje0").app_token(&app_token)).await, Err(401));

    // The address of the connection is what failures are counted by.
    for _ in 0..5 {
        let client = Client::builder(format!("http://{}", relay.address)).basic("tje0", "wrong");
        assert_eq!(outcome(client).await, Err(401));
    }
    let client = Client::builder(format!("http://{}", relay.address)).basic("tje0", "Tje0");
    assert_eq!(outcome(client).await, Err(429));
    onsite.stop().await;
    online.stop().await;
}

/// A call of the API with these lines of headers.
pub(crate) async fn call(address: SocketAddr, headers: &str) -> u16 {
    let answer = exchange(
        address,
        &format!("GET {FOR_CURRENT_USER} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n\r\n"),
    )
    .await;
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
}

pub(crate) fn chat_server(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-server"));
    command.args(arguments).current_dir(directory).stdin(Stdio::null()).env("CHAT_DATABASE", "sqlite://chat.db");
    command
}

/// What a command prints, which must succeed.
pub(crate) fn said(directory: &Path, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = chat_server(directory, arguments).output().unwrap();
    assert!(status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap().trim_end().to_owned()
}

/// The binary, logging all it can.
pub(crate) fn serve(directory: &Path, variables: &[(&str, &str)]) -> (Child, SocketAddr) {
    let mut command = chat_server(directory, &["serve", "--demo", "--listen", "127.0.0.1:0"]);
    command.envs(variables.iter().copied()).env("CHAT_LOG_LEVEL", "trace");
    let mut process =
        command.stdout(Stdio::piped()).stderr(std::fs::File::create(directory.join("log")).unwrap()).spawn().unwrap();
    let line = BufReader::new(process.stdout.take().unwrap()).lines().next().expect("a line").unwrap();
    (process, line.strip_prefix("listening on http://").expect("the address").parse().unwrap())
}

pub(crate) fn log_of(directory: &Path, mut process: Child) -> String {
    process.kill().unwrap();
    process.wait().unwrap();
    let mut log = String::new();
    std::fs::File::open(directory.join("log")).unwrap().read_to_string(&mut log).unwrap();
    log
}

#[tokio::test]
async fn secrets_of_the_command_line_work_and_never_reach_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (process, address) = serve(directory, &[]);
    let ticket = said(directory, &["ticket", "issue", "tje0", "--note", "a test", "--expires-in", "2h"]);
    let token = said(directory, &["token", "issue", "tje0"]);
    let app_token = said(directory, &["app", "add", "Partner One"]);
    assert!(said(directory, &["ticket", "list"]).ends_with("\tgood\ta test"));
    assert!(said(directory, &["app", "list"]).starts_with("Partner One\t"));
    for (arguments, problem) in [
        (&["ticket", "issue", "nobody"][..], "no user who may sign in is called `nobody`"),
        (&["ticket", "issue", "tje0", "--expires-in", "1y"], "expected a time such as"),
        (&["token", "revoke", "99"], "there is no token 99"),
        (&["app", "add", "partner one"], "is in the database already"),
        (&["app", "revoke", "Nobody"], "no application in use is called"),
    ] {
        let output = chat_server(directory, arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(problem), "{arguments:?}: {said}");
    }

    assert_eq!(call(address, &format!("Authorization: SoTicket {ticket}\r\nSO-AppToken: {app_token}")).await, 200);
    assert_eq!(call(address, &format!("Authorization: SoTicket {ticket}\r\nSO-AppToken: wr0ng-app")).await, 403);
    assert_eq!(call(address, &format!("Authorization: Bearer {token}")).await, 401);
    assert_eq!(call(address, "Authorization: SoTicket 7T:wr0ng-ticket").await, 401);
    assert_eq!(call(address, "Authorization: Basic dGplMDp3cjBuZw==").await, 401);
    // Who types the password in place of the name does not read it in the log.
    assert_eq!(call(address, "Authorization: Basic dHlwZWQtdG9vLXNvb246eA==").await, 401);
    assert_eq!(call(address, "Authorization: Basic dGplMDpUamUw").await, 200);
    assert_eq!(call(address, "Authorization: N0nsense s3cret-text").await, 401);
    // Smuggled lines, and values in several pieces.
    assert_eq!(call(address, &format!("Authorization: SoTicket {ticket}\r\nAuthorization: Basic x")).await, 400);
    assert_eq!(call(address, &format!("Authorization: SoTicket x\r\n {ticket}")).await, 400);
    assert_eq!(call(address, &format!("Authorization: SoTicket {ticket}\0")).await, 400);
    assert_eq!(call(address, &format!("X: y\nAuthorization: SoTicket {ticket}x")).await, 401);

    // The page.
    let page = exchange(address, "GET /signin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let form_token = page.split_once("signin-form=").unwrap().1.split_once(';').unwrap().0.to_owned();
    let form = format!("user=tje0&password=Tje0&form_token={form_token}");
    let answer = exchange(
        address,
        &format!(
            "POST /signin HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: signin-form={form_token}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        ),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    let cookie = |name: &str| answer.split_once(&format!("set-cookie: {name}=")).unwrap().1.split_once(';').unwrap().0;
    let (session, xsrf) = (cookie("session").to_owned(), cookie("XSRF-TOKEN").to_owned());
    assert_eq!(call(address, &format!("Cookie: session={session}\r\nX-XSRF-TOKEN: {xsrf}")).await, 200);
    assert_eq!(call(address, &format!("Cookie: session={session}\r\nX-XSRF-TOKEN: wr0ng-xsrf")).await, 403);
    assert_eq!(call(address, &format!("Cookie: session={session}")).await, 403);

    assert_eq!(said(directory, &["ticket", "revoke", "1"]), "revoked ticket 1");
    assert_eq!(call(address, &format!("Authorization: SoTicket {ticket}")).await, 401);
    assert_eq!(said(directory, &["app", "revoke", "Partner One"]), "revoked the token of `Partner One`");

    let log = log_of(directory, process);
    assert!(log.contains("Partner One") && log.contains("a password was refused"), "what matters is in the log");
    let random = |secret: &str| secret.split_once(':').unwrap().1.to_owned();
    for secret in [
        &*random(&ticket),
        &*random(&token),
        &*random(&app_token),
        &*session,
        &*xsrf,
        &*form_token,
        "dGplMDpUamUw",
        "Tje0",
        "dGplMDp3cjBuZw",
        "wr0ng",
        "s3cret",
        "typed-too-soon",
        "argon2id",
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "`{secret}` is in the log: {line:?}");
    }
}

#[tokio::test]
async fn online_binary_takes_tokens_of_registered_applications() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let (process, address) = serve(directory, &[("CHAT_INSTALLATION", "online")]);
    let token = said(directory, &["token", "issue", "tje0"]);
    let app_token = said(directory, &["app", "add", "Partner"]);
    let relay = Relay::before(address).await;
    let client = || Client::builder(format!("http://{}", relay.address));
    assert!(outcome(client().bearer(&token).app_token(&app_token)).await.is_ok());
    assert_eq!(outcome(client().bearer(&token)).await, Err(403));
    assert_eq!(outcome(client().basic("tje0", "Tje0")).await, Err(401));
    let log = log_of(directory, process);
    assert!(!log.contains(&token[3..]) && !log.contains(&app_token[3..]));
}
