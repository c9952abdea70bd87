//! The service that rows play against: a small office with one session that waits.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Method;
use chat_server::auth::SecretKind;
use chat_server::clock::ManualClock;
use chat_server::config::{Settings, Source};
use chat_server::import::Format;
use chat_server::passwords::PasswordCost;
use chat_server::records::AssociateId;
use chat_server::{App, Config};
use chat_test_support::{TestApp, TestRequest, TestResponse};
use tokio::sync::OnceCell;

use super::row::{Operation, Row};
use crate::browser::Browser;
use crate::support::{FOR_CURRENT_USER, NOW, PICKUP, test_app};

/// What no answer and no error may repeat.
pub(super) const SECRETS: &[&str] = &["Tje0-secret", "dGplMDpUamUw", "7T:", "8A:", "argon2"];

/// Who works here, and who waits. Texts are in several languages; times fall on both sides of a change of clocks.
const OFFICE: &str = include_str!("office.toml");

/// A service for one row.
pub(super) struct Office {
    app: App,
    http: TestApp,
    browser: OnceCell<Browser>,
}

impl Office {
    pub(super) async fn new(row: &Row) -> Self {
        let text = toml::to_string(&row.config).unwrap();
        let source = Source { file: Some(("row.toml".into(), text)), ..Source::default() };
        let mut settings = Settings::load(&source).unwrap_or_else(|problems| panic!("{problems}"));
        settings.database = "sqlite::memory:".to_owned();
        let config = Config {
            clock: Arc::new(ManualClock::new(NOW.parse().unwrap())),
            password_cost: PasswordCost::CHEAP,
            ..Config::from(settings)
        };
        let app = App::open(config).await.unwrap();
        app.import(OFFICE, Format::Toml).await.unwrap_or_else(|error| panic!("{error}"));
        Self { http: test_app(app.router()), app, browser: OnceCell::new() }
    }

    pub(super) async fn send(&self, row: &Row, operation: Operation) -> TestResponse {
        let (method, path) = match operation {
            Operation::List => (Method::GET, FOR_CURRENT_USER),
            Operation::Pickup => (Method::POST, PICKUP),
        };
        let method = row.method.as_deref().map_or(method, |method| method.parse().unwrap());
        let path = row.path.as_deref().map_or_else(|| path.to_owned(), |given| given.replace("{operation}", path));
        let mut request = self.signed_in(self.http.request(method, &path), &row.sign_in).await;
        for (name, value) in &row.headers {
            request = request.raw_header(name, &unescaped(&self.filled_in(value).await));
        }
        let body = match (row.body_bytes, &row.body) {
            (Some(bytes), _) => vec![b'x'; bytes],
            (None, Some(body)) => body.clone().into_bytes(),
            (None, None) => return request.send().await,
        };
        let body = if row.chunked { chunked(body) } else { Body::from(body) };
        request.body(body).send().await
    }

    async fn signed_in(&self, request: TestRequest, sign_in: &str) -> TestRequest {
        match sign_in.split_once(':') {
            None => request,
            Some((user, password)) => request.basic(user, password),
        }
    }

    /// The value with real secrets in place of `{ticket}` and its like.
    async fn filled_in(&self, value: &str) -> String {
        let issue = async |kind, lifetime_s| {
            let lifetime = Some(Duration::from_secs(lifetime_s));
            let user = self.app.store().user(AssociateId(1)).await.unwrap().unwrap();
            self.app.authenticator().issue(kind, &user, lifetime, "").await.unwrap()
        };
        let revoked = async |kind| {
            let issued = issue(kind, 60).await;
            assert!(self.app.authenticator().revoke(kind, issued.id).await.unwrap());
            issued
        };
        let mut filled = value.to_owned();
        while let Some((before, name, after)) = placeholder(&filled) {
            let secret = match name {
                "ticket" => issue(SecretKind::Ticket, 60).await.secret.expose().to_owned(),
                "expired_ticket" => issue(SecretKind::Ticket, 0).await.secret.expose().to_owned(),
                "revoked_ticket" => revoked(SecretKind::Ticket).await.secret.expose().to_owned(),
                "token" => issue(SecretKind::Token, 60).await.secret.expose().to_owned(),
                "expired_token" => issue(SecretKind::Token, 0).await.secret.expose().to_owned(),
                "revoked_token" => revoked(SecretKind::Token).await.secret.expose().to_owned(),
                "application" => self.app.authenticator().add_application("Planner").await.unwrap().expose().to_owned(),
                "revoked_application" => {
                    let token = self.app.authenticator().add_application("Former").await.unwrap();
                    assert!(self.app.authenticator().revoke_application("Former").await.unwrap());
                    token.expose().to_owned()
                }
                // One session for all headers of a row.
                "session" => self.browser().await.cookie("session").unwrap().to_owned(),
                "xsrf" => self.browser().await.cookie("XSRF-TOKEN").unwrap().to_owned(),
                "another_xsrf" => {
                    let another = Browser::signed_in(&self.http, "ingrid", "i").await;
                    another.cookie("XSRF-TOKEN").unwrap().to_owned()
                }
                _ => panic!("`{name}` stands for nothing"),
            };
            filled = format!("{before}{secret}{after}");
        }
        filled
    }

    async fn browser(&self) -> &Browser {
        self.browser.get_or_init(|| Browser::signed_in(&self.http, "tje0", "Tje0")).await
    }

    /// Whether the session that waits does so no longer.
    pub(super) async fn is_picked_up(&self) -> bool {
        let views = self.app.store().sessions_for(AssociateId(2)).await.unwrap();
        views.iter().any(|view| view.session.id.0 == 1 && view.session.status.as_str() != "InQueue")
    }
}

/// What stands before, in and after the first braces, unless they count letters.
fn placeholder(value: &str) -> Option<(String, &str, String)> {
    let (before, rest) = value.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    (!name.contains('*')).then(|| (before.to_owned(), name, after.to_owned()))
}

/// `\xNN` as that byte and `{x*N}` as so many letters: what a file of text cannot hold well.
fn unescaped(value: &str) -> Vec<u8> {
    if let Some((before, rest)) = value.split_once("{x*") {
        let (count, after) = rest.split_once('}').unwrap();
        return [before.as_bytes(), &vec![b'x'; count.parse().unwrap()], after.as_bytes()].concat();
    }
    let mut bytes = Vec::new();
    let mut parts = value.split("\\x");
    bytes.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    bytes
}

/// A body whose length nobody knows before its end.
fn chunked(bytes: Vec<u8>) -> Body {
    let pieces: Vec<_> =
        bytes.chunks(1024).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect();
    Body::from_stream(futures_util::stream::iter(pieces))
}
