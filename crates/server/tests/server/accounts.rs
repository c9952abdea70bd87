//! What administrators do with accounts: passwords, signing out, disabling.

use chat_server::auth::SecretKind;
use chat_server::records::AssociateId;
use chat_server::store::{Ended, StoreError};
use jiff::SignedDuration;

use crate::browser::Browser;
use crate::schemes::{chat_server, said};
use crate::secrets::{app_token, call, issue, online};
use crate::support::{World, error_message};

const TERJE: AssociateId = AssociateId(1);

/// Everything that lets a user in, and how to try it.
struct SignIns {
    onsite: chat_test_support::TestApp,
    online: chat_test_support::TestApp,
    app_token: String,
    browser: Browser,
    ticket: String,
    token: String,
}

impl SignIns {
    async fn of(world: &World, user: AssociateId, name: &str, password: &str) -> Self {
        Self {
            onsite: world.http.clone(),
            online: online(world).await,
            app_token: app_token(world, name).await,
            browser: Browser::signed_in(&world.http, name, password).await,
            ticket: issue(world, SecretKind::Ticket, user).await.1,
            token: issue(world, SecretKind::Token, user).await.1,
        }
    }

    /// What session, ticket and token are answered.
    async fn statuses(&self) -> [u16; 3] {
        let ticket = call(&self.onsite, &format!("SoTicket {}", self.ticket), None).await.status;
        let token = call(&self.online, &format!("Bearer {}", self.token), Some(&self.app_token)).await.status;
        [self.browser.status_of_call().await, ticket.as_u16(), token.as_u16()]
    }
}

#[tokio::test]
async fn signing_a_user_out_ends_everything_and_says_how_much() {
    let world = World::with("").await;
    let terje = SignIns::of(&world, TERJE, "tje0", "Tje0").await;
    let lena = SignIns::of(&world, AssociateId(3), "lena", "l").await;
    issue(&world, SecretKind::Ticket, TERJE).await;
    assert_eq!(terje.statuses().await, [200, 200, 200]);
    let ended = world.app.authenticator().sign_out("tje0").await.unwrap();
    assert_eq!(ended, Ended { sessions: 1, tickets: 2, tokens: 1 });
    assert_eq!(ended.to_string(), "1 browser session, 2 tickets, 1 access token");
    assert_eq!(terje.statuses().await, [401, 401, 401]);
    assert_eq!(lena.statuses().await, [200, 200, 200], "others go on");
    assert_eq!(world.app.authenticator().sign_out("tje0").await.unwrap(), Ended::default(), "nothing is left");
    assert_eq!(world.pick_up("tje0", "Tje0").await.status, 404, "the password is good");
    let tickets = world.app.store().secrets(SecretKind::Ticket).await.unwrap();
    assert_eq!(tickets.iter().filter(|ticket| ticket.revoked.is_some()).count(), 2, "lists tell what became of them");
}

#[tokio::test]
async fn what_has_expired_is_not_counted_as_ended() {
    let world = World::with("").await;
    let _signed_in = SignIns::of(&world, TERJE, "tje0", "Tje0").await;
    world.clock.advance(SignedDuration::from_hours(12));
    assert_eq!(world.app.authenticator().sign_out("tje0").await.unwrap(), Ended::default());
}

#[tokio::test]
async fn new_password_ends_everything_too() {
    let world = World::with("").await;
    let terje = SignIns::of(&world, TERJE, "tje0", "Tje0").await;
    let ended = world.app.authenticator().set_password("tje0", "another").await.unwrap();
    assert_eq!(ended, Ended { sessions: 1, tickets: 1, tokens: 1 });
    assert_eq!(terje.statuses().await, [401, 401, 401]);
}

#[tokio::test]
async fn disabled_user_comes_in_by_no_scheme() {
    let world = World::with("").await;
    let terje = SignIns::of(&world, TERJE, "tje0", "Tje0").await;
    let lena = SignIns::of(&world, AssociateId(3), "lena", "l").await;
    let authenticator = world.app.authenticator();
    let ended = authenticator.disable("tje0").await.unwrap();
    assert_eq!(ended, Ended { sessions: 1, tickets: 1, tokens: 1 });
    assert_eq!(terje.statuses().await, [401, 401, 401]);

    let wrong = world.pick_up("lena", "wrong").await;
    let right = world.pick_up("tje0", "Tje0").await;
    assert_eq!(error_message(&right, 401), error_message(&wrong, 401), "nothing tells it from a wrong password");
    assert_eq!(right.headers.get_all("www-authenticate").iter().count(), 2);
    let mut browser = Browser::new(&world.http);
    assert_eq!(browser.sign_in("tje0", "Tje0").await.status, 403);
    // What is issued meanwhile is good for nothing either.
    let (_, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    error_message(&call(&terje.onsite, &format!("SoTicket {ticket}"), None).await, 401);
    let (_, token) = issue(&world, SecretKind::Token, TERJE).await;
    error_message(&call(&terje.online, &format!("Bearer {token}"), Some(&terje.app_token)).await, 401);
    assert_eq!(lena.statuses().await, [200, 200, 200], "others go on");

    authenticator.enable("tje0").await.unwrap();
    assert_eq!(world.pick_up("tje0", "Tje0").await.status, 404);
    assert_eq!(terje.statuses().await, [401, 401, 401], "what was ended stays so");
    for result in [authenticator.disable("nobody").await.err(), authenticator.enable("nobody").await.err()] {
        assert!(matches!(result, Some(StoreError::UnknownUser(name)) if name == "nobody"));
    }
}

/// The row is enough, however it came to be: a session that begins just as the user is disabled counts no more either.
#[tokio::test]
async fn disabling_counts_at_once_for_what_exists() {
    let world = World::with("").await;
    let terje = SignIns::of(&world, TERJE, "tje0", "Tje0").await;
    world.execute("UPDATE users SET disabled = TRUE WHERE associate_id = 1").await;
    assert_eq!(terje.statuses().await, [401, 401, 401]);
}

#[tokio::test]
async fn disabled_users_failures_are_slowed_down_like_any_others() {
    let world = World::with("").await;
    world.app.authenticator().disable("tje0").await.unwrap();
    for _ in 0..5 {
        error_message(&world.pick_up("tje0", "Tje0").await, 401);
    }
    error_message(&world.pick_up("tje0", "Tje0").await, 429);
}

#[test]
fn commands_tell_what_they_ended() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    std::fs::write(directory.join("office.toml"), crate::support::OFFICE).unwrap();
    std::fs::write(directory.join("password"), "another\n").unwrap();
    said(directory, &["import", "office.toml"]);
    let issue_both = || {
        said(directory, &["ticket", "issue", "tje0"]);
        said(directory, &["token", "issue", "tje0"]);
    };
    issue_both();
    assert_eq!(
        said(directory, &["user", "sign-out", "tje0"]),
        "`tje0` is signed out; ended: 0 browser sessions, 1 ticket, 1 access token"
    );
    issue_both();
    assert_eq!(
        said(directory, &["user", "set-password", "tje0", "--password-file", "password"]),
        "`tje0` has a new password; ended: 0 browser sessions, 1 ticket, 1 access token"
    );
    issue_both();
    assert_eq!(
        said(directory, &["user", "disable", "tje0"]),
        "`tje0` is disabled; ended: 0 browser sessions, 1 ticket, 1 access token"
    );
    assert!(said(directory, &["user", "list"]).lines().any(|line| line == "1\ttje0\tTerje Jensen\tdisabled"));
    let refused = chat_server(directory, &["ticket", "issue", "tje0"]).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no user who may sign in is called `tje0`"));
    assert_eq!(said(directory, &["user", "enable", "tje0"]), "`tje0` may sign in");
    assert!(said(directory, &["user", "list"]).lines().any(|line| line == "1\ttje0\tTerje Jensen"));
    for command in ["sign-out", "disable", "enable"] {
        let output = chat_server(directory, &["user", command, "nobody"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("no user is called `nobody`"), "{command}: {said}");
    }
}
