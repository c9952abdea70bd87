//! Tickets, access tokens and application tokens: who gets in with what, and who does not any more.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chat_api::Secret;
use chat_server::App;
use chat_server::auth::{SecretKind, TokenError, TokenVerifier};
use chat_server::config::Installation;
use chat_server::records::{AssociateId, User};
use chat_server::store::Ended;
use chat_test_support::{TestApp, TestResponse};
use jiff::{SignedDuration, Timestamp};

use crate::support::{FOR_CURRENT_USER, World, error_message, test_app};

const TERJE: AssociateId = AssociateId(1);
const GONE: AssociateId = AssociateId(6);

/// The office, served as an online installation.
pub(crate) async fn online(world: &World) -> TestApp {
    let mut config = world.config();
    config.installation = Installation::Online;
    test_app(App::open(config).await.unwrap().router())
}

pub(crate) async fn issue(world: &World, kind: SecretKind, user: AssociateId) -> (i64, String) {
    let issued = world.app.authenticator().issue(kind, &user_of(world, user).await, None, "test").await.unwrap();
    (issued.id, issued.secret.expose().to_owned())
}

/// A user as the user is now, also a deleted one.
pub(crate) async fn user_of(world: &World, id: AssociateId) -> User {
    world.app.store().users().await.unwrap().into_iter().find(|user| user.id == id).expect("a user")
}

pub(crate) async fn app_token(world: &World, name: &str) -> String {
    world.app.authenticator().add_application(name).await.unwrap().expose().to_owned()
}

pub(crate) async fn call(http: &TestApp, authorization: &str, app_token: Option<&str>) -> TestResponse {
    let mut request = http.get(FOR_CURRENT_USER).authorization(authorization);
    if let Some(token) = app_token {
        request = request.header("SO-AppToken", token);
    }
    request.send().await
}

fn challenges(answer: &TestResponse) -> Vec<&str> {
    answer.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn ticket_is_good_until_it_expires_or_is_revoked() {
    let world = World::with("").await;
    let (_, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    assert!(ticket.starts_with("7T:") && ticket.len() == 46, "256 bits");
    let authorization = format!("SoTicket {ticket}");
    let good = || call(&world.http, &authorization, None);
    assert_eq!(good().await.status, 200);
    assert_eq!(good().await.status, 200, "more than once");
    world.clock.advance(SignedDuration::from_secs(12 * 3600 - 1));
    assert_eq!(good().await.status, 200);
    world.clock.advance(SignedDuration::from_secs(1));
    error_message(&good().await, 401);

    let (id, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    let authenticator = world.app.authenticator();
    assert!(!authenticator.revoke(SecretKind::Token, id).await.unwrap(), "it is no token");
    assert!(authenticator.revoke(SecretKind::Ticket, id).await.unwrap());
    assert!(!authenticator.revoke(SecretKind::Ticket, id).await.unwrap(), "only once");
    error_message(&call(&world.http, &format!("SoTicket {ticket}"), None).await, 401);
}

#[tokio::test]
async fn access_token_is_good_until_it_expires_or_is_revoked() {
    let world = World::with("").await;
    let (http, app_token) = (online(&world).await, app_token(&world, "Partner").await);
    let (id, token) = issue(&world, SecretKind::Token, TERJE).await;
    assert!(token.starts_with("8A:"));
    let authorization = format!("Bearer {token}");
    let good = || call(&http, &authorization, Some(&app_token));
    assert_eq!(good().await.status, 200);
    assert!(world.app.authenticator().revoke(SecretKind::Token, id).await.unwrap());
    let refused = good().await;
    error_message(&refused, 401);
    assert_eq!(challenges(&refused), [r#"Bearer realm="chat-server", error="invalid_token""#]);

    let (_, token) = issue(&world, SecretKind::Token, TERJE).await;
    world.clock.advance(SignedDuration::from_hours(1));
    error_message(&call(&http, &format!("Bearer {token}"), Some(&app_token)).await, 401);
}

#[tokio::test]
async fn no_secret_works_under_another_scheme() {
    let world = World::with("").await;
    let (online, app_token) = (online(&world).await, app_token(&world, "Partner").await);
    let (_, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    let (_, token) = issue(&world, SecretKind::Token, TERJE).await;
    let random = |secret: &str| secret.split_once(':').unwrap().1.to_owned();
    let (ticket_as_token, token_as_ticket) = (format!("8A:{}", random(&ticket)), format!("7T:{}", random(&token)));
    let basic = |pair: &str| {
        use base64::Engine as _;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
    };
    for (http, authorization) in [
        (&world.http, format!("SoTicket {token}")),
        (&world.http, format!("SoTicket {token_as_ticket}")),
        (&world.http, format!("SoTicket {app_token}")),
        (&world.http, format!("Bearer {token}")),
        (&world.http, format!("Bearer {ticket}")),
        (&world.http, basic(&format!("tje0:{ticket}"))),
        (&world.http, basic(&format!("{ticket}:"))),
        (&world.http, format!("SoTicket {ticket}=")),
        (&world.http, format!("SoTicket {}", ticket.to_lowercase())),
        (&world.http, "SoTicket 7T:".to_owned()),
        (&world.http, "SoTicket 7T:'OR/**/1=1--".to_owned()),
        (&online, format!("Bearer {ticket}")),
        (&online, format!("Bearer {ticket_as_token}")),
        (&online, format!("SoTicket {ticket}")),
        (&online, format!("SoTicket {token}")),
        (&online, basic("tje0:Tje0")),
    ] {
        let answer = call(http, &authorization, Some(&app_token)).await;
        let message = error_message(&answer, 401);
        for secret in [&ticket, &token, &app_token] {
            assert!(!message.contains(secret.as_str()), "{message}");
        }
    }
    error_message(&call(&world.http, &format!("SoTicket {ticket}, {ticket}"), None).await, 400);
    assert_eq!(call(&world.http, &format!("soticket   {ticket}"), None).await.status, 200, "schemes have no case");
}

#[tokio::test]
async fn secrets_of_deleted_users_are_worth_nothing() {
    let world = World::with("").await;
    let (http, app_token) = (online(&world).await, app_token(&world, "Partner").await);
    for (kind, http, scheme) in [(SecretKind::Ticket, &world.http, "SoTicket"), (SecretKind::Token, &http, "Bearer")] {
        let (_, of_gone) = issue(&world, kind, GONE).await;
        error_message(&call(http, &format!("{scheme} {of_gone}"), Some(&app_token)).await, 401);
        let (_, secret) = issue(&world, kind, AssociateId(5)).await;
        assert_eq!(call(http, &format!("{scheme} {secret}"), Some(&app_token)).await.status, 200);
        world.execute("UPDATE users SET deleted = TRUE WHERE associate_id = 5").await;
        error_message(&call(http, &format!("{scheme} {secret}"), Some(&app_token)).await, 401);
        world.execute("UPDATE users SET deleted = FALSE WHERE associate_id = 5").await;
    }
}

#[tokio::test]
async fn ticket_lets_in_its_owner_and_nobody_else() {
    let world = World::with(&crate::support::running(1, "Sales", "ingrid")).await;
    let (_, terje) = issue(&world, SecretKind::Ticket, TERJE).await;
    let (_, ingrid) = issue(&world, SecretKind::Ticket, AssociateId(2)).await;
    assert_eq!(call(&world.http, &format!("SoTicket {terje}"), None).await.json(), serde_json::json!([]));
    assert_eq!(call(&world.http, &format!("SoTicket {ingrid}"), None).await.json()[0]["ChatSessionId"], 1);
}

#[tokio::test]
async fn new_password_ends_tickets_and_tokens_of_that_user() {
    let world = World::with("").await;
    let (http, app_token) = (online(&world).await, app_token(&world, "Partner").await);
    let (_, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    let (_, other) = issue(&world, SecretKind::Ticket, AssociateId(2)).await;
    let (_, token) = issue(&world, SecretKind::Token, TERJE).await;
    let ended = world.app.authenticator().set_password("tje0", "another").await.unwrap();
    assert_eq!(ended, Ended { sessions: 0, tickets: 1, tokens: 1 });
    error_message(&call(&world.http, &format!("SoTicket {ticket}"), None).await, 401);
    assert_eq!(call(&world.http, &format!("SoTicket {other}"), None).await.status, 200);
    error_message(&call(&http, &format!("Bearer {token}"), Some(&app_token)).await, 401);
}

#[tokio::test]
async fn application_must_say_who_it_is_online() {
    let world = World::with("").await;
    let (http, app_token) = (online(&world).await, app_token(&world, "Partner").await);
    let (_, token) = issue(&world, SecretKind::Token, TERJE).await;
    let bearer = format!("Bearer {token}");
    assert_eq!(call(&http, &bearer, Some(&app_token)).await.status, 200);
    for wrong in [None, Some("x"), Some("AT:"), Some(token.as_str()), Some(&app_token.to_lowercase())] {
        error_message(&call(&http, &bearer, wrong).await, 403);
    }
    error_message(&call(&http, "Bearer 8A:x", None).await, 401);
    let twice = http.get(FOR_CURRENT_USER).authorization(&bearer);
    let twice = twice.header("so-apptoken", &app_token).header("SO-AppToken", &app_token);
    error_message(&twice.send().await, 400);

    assert!(world.app.authenticator().revoke_application("partner").await.unwrap());
    error_message(&call(&http, &bearer, Some(&app_token)).await, 403);
    assert!(!world.app.authenticator().revoke_application("Partner").await.unwrap());
    let again = self::app_token(&world, "Partner").await;
    assert_eq!(call(&http, &bearer, Some(&again)).await.status, 200, "a name may come again");
    assert!(world.app.authenticator().add_application("PARTNER").await.is_err(), "but not twice at a time");
}

#[tokio::test]
async fn application_may_say_who_it_is_onsite_but_must_not_lie() {
    let world = World::with("").await;
    let app_token = app_token(&world, "Partner").await;
    let with = |token: &str| world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").header("SO-AppToken", token).send();
    assert_eq!(world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await.status, 200);
    assert_eq!(with(&app_token).await.status, 200);
    error_message(&with("wrong").await, 403);
    error_message(&with("").await, 400);
}

#[tokio::test]
async fn challenges_fit_the_installation() {
    let world = World::with("").await;
    let http = online(&world).await;
    let onsite = [r#"Basic realm="chat-server", charset="UTF-8""#, r#"SoTicket realm="chat-server""#];
    let bearer = [r#"Bearer realm="chat-server""#];
    for authorization in ["SoTicket 7T:x", "Bearer 8A:x", "Digest x", "Basic eDp5"] {
        assert_eq!(challenges(&call(&world.http, authorization, None).await), onsite, "{authorization}");
    }
    assert_eq!(challenges(&world.http.get(FOR_CURRENT_USER).send().await), onsite);
    for authorization in ["SoTicket 7T:x", "Digest x", "Basic eDp5"] {
        assert_eq!(challenges(&call(&http, authorization, None).await), bearer, "{authorization}");
    }
    assert_eq!(challenges(&http.get(FOR_CURRENT_USER).send().await), bearer);
}

#[tokio::test]
async fn odd_headers_are_refused_and_not_repeated() {
    let world = World::with("").await;
    let (_, ticket) = issue(&world, SecretKind::Ticket, TERJE).await;
    let good = format!("SoTicket {ticket}");
    for values in [
        &[good.as_bytes(), good.as_bytes()][..],
        &[good.as_bytes(), b"Basic dGplMDpUamUw"],
        &[format!("{good}\tx").as_bytes()],
        &[format!("{good}\u{e9}").as_bytes()],
        &[b"SoTicket\xff7T:abc"],
        &[b""],
        &[b" "],
        &[b"SoTicket"],
        &[b"Basic !!!!"],
    ] {
        let mut request = world.http.get(FOR_CURRENT_USER);
        for value in values {
            request = request.raw_header("authorization", value);
        }
        let message = error_message(&request.send().await, 400);
        assert!(!message.contains("7T:") && !message.contains("dGpl"), "{message}");
    }
}

/// An identity provider that knows three tokens.
struct Provider;

#[async_trait]
impl TokenVerifier for Provider {
    async fn verify(&self, token: &Secret, _: Timestamp) -> Result<Option<AssociateId>, TokenError> {
        match token.expose() {
            "of.terje" => Ok(Some(TERJE)),
            "of.gone" => Ok(Some(GONE)),
            "down" => Err(TokenError("the provider does not answer".into())),
            _ => Ok(None),
        }
    }
}

#[tokio::test]
async fn tokens_of_an_identity_provider_can_be_verified() {
    let world = World::with("").await;
    let app_token = app_token(&world, "Partner").await;
    let mut config = world.config();
    config.installation = Installation::Online;
    config.token_verifier = Some(Arc::new(Provider));
    let http = test_app(App::open(config).await.unwrap().router());
    for (token, status) in [("of.terje", 200), ("of.gone", 401), ("of.nobody", 401), ("down", 503)] {
        let answer = call(&http, &format!("Bearer {token}"), Some(&app_token)).await;
        assert_eq!(answer.status, status, "{token}: {}", answer.text());
        assert!(!answer.text().contains("provider"), "causes stay in the log");
    }
}

#[tokio::test]
async fn lists_show_what_was_issued_and_no_secret() {
    let world = World::with("").await;
    let authenticator = world.app.authenticator();
    let lifetime = Some(Duration::from_secs(60));
    let issued =
        authenticator.issue(SecretKind::Ticket, &user_of(&world, TERJE).await, lifetime, "nightly job").await.unwrap();
    let (_, token) = issue(&world, SecretKind::Token, TERJE).await;
    let tickets = world.app.store().secrets(SecretKind::Ticket).await.unwrap();
    assert_eq!(tickets.len(), 1);
    assert_eq!((tickets[0].id, &*tickets[0].user_name, &*tickets[0].note), (issued.id, "tje0", "nightly job"));
    assert_eq!(tickets[0].expires.duration_since(tickets[0].issued), SignedDuration::from_mins(1));
    assert!(!format!("{issued:?}").contains(issued.secret.expose()));
    for (hash,) in world.rows::<(Vec<u8>,)>("SELECT hash FROM issued_secrets").await {
        assert_eq!(hash.len(), 32);
        assert!(!hash.windows(8).any(|bytes| token.as_bytes().windows(8).any(|part| part == bytes)));
    }
}
