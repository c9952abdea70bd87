//! Who gets in.

use std::net::SocketAddr;

use axum::Extension;
use axum::extract::ConnectInfo;
use chat_server::App;
use chat_test_support::{TestApp, TestResponse};
use jiff::SignedDuration;

use crate::support::{FOR_CURRENT_USER, World, error_message, test_app};

#[tokio::test]
async fn only_the_right_password_of_a_living_user_gets_in() {
    let world = World::with("").await;
    for (user, password) in [
        ("tje0", "wrong"),
        ("tje0", ""),
        ("tje0", "tje0"),
        ("TJE0", "Tje0"),
        ("nobody", "Tje0"),
        ("", ""),
        ("gone", "g"),
        ("tje0' OR 1=1 --", "Tje0"),
    ] {
        let answer = world.http.get(FOR_CURRENT_USER).basic(user, password).send().await;
        let message = error_message(&answer, 401);
        assert_eq!(message, "the user name or the password is wrong", "{user}: causes must not differ");
        assert!(answer.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Basic realm=")));
    }
    assert_eq!(world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send().await.status, 200);
}

#[tokio::test]
async fn overlong_password_is_refused_unread() {
    let world = World::with("").await;
    let answer = world.http.get(FOR_CURRENT_USER).basic("tje0", &"x".repeat(4096)).send().await;
    error_message(&answer, 401);
}

#[tokio::test]
async fn nobody_gets_in_without_signing_in() {
    let world = World::with("").await;
    let answer = world.http.get(FOR_CURRENT_USER).send().await;
    assert!(error_message(&answer, 401).contains("Basic"));
    assert!(answer.header("www-authenticate").is_some());
}

/// Behind a connection from this address.
pub(crate) fn from(world: &World, address: &str) -> TestApp {
    let peer = ConnectInfo(SocketAddr::new(address.parse().unwrap(), 49_152));
    test_app(world.app.router().layer(Extension(peer)))
}

async fn attempt(http: &TestApp, user: &str, password: &str) -> TestResponse {
    http.get(FOR_CURRENT_USER).basic(user, password).send().await
}

#[tokio::test]
async fn repeated_failures_wait_longer_and_longer() {
    let world = World::with("").await;
    for user in ["tje0", "nobody"] {
        let http = from(&world, "192.0.2.1");
        for _ in 0..5 {
            error_message(&attempt(&http, user, "wrong").await, 401);
        }
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            let answer = attempt(&http, user, "Tje0").await;
            error_message(&answer, 429);
            assert_eq!(answer.header("retry-after"), Some(&*wait.to_string()), "{user}");
            world.clock.advance(SignedDuration::from_secs(wait));
            error_message(&attempt(&http, user, "wrong").await, 401);
        }
    }
}

#[tokio::test]
async fn nobody_is_locked_out_from_another_address() {
    let world = World::with("").await;
    let (attacker, owner) = (from(&world, "192.0.2.1"), from(&world, "198.51.100.1"));
    for _ in 0..5 {
        attempt(&attacker, "tje0", "wrong").await;
    }
    error_message(&attempt(&attacker, "tje0", "Tje0").await, 429);
    assert_eq!(attempt(&attacker, "ingrid", "i").await.status, 200, "another user from there");
    assert_eq!(attempt(&owner, "tje0", "Tje0").await.status, 200);
    error_message(&attempt(&attacker, "tje0", "Tje0").await, 429);
    let forged = attacker.get(FOR_CURRENT_USER).basic("tje0", "Tje0").header("x-forwarded-for", "198.51.100.1");
    error_message(&forged.send().await, 429);
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(attempt(&attacker, "tje0", "Tje0").await.status, 200);
    for _ in 0..4 {
        error_message(&attempt(&attacker, "tje0", "wrong").await, 401);
    }
    assert_eq!(attempt(&attacker, "tje0", "Tje0").await.status, 200, "success starts anew");
}

#[tokio::test]
async fn address_that_tries_many_users_is_slowed_down() {
    let world = World::with("").await;
    let (attacker, owner) = (from(&world, "192.0.2.1"), from(&world, "198.51.100.1"));
    for user in 0..=50 {
        error_message(&attempt(&attacker, &format!("user{user}"), "summer").await, 401);
    }
    let answer = attempt(&attacker, "tje0", "Tje0").await;
    error_message(&answer, 429);
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(attempt(&owner, "tje0", "Tje0").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_guesses_at_once_are_not_all_looked_at() {
    let world = World::with("").await;
    let guesses = (0..100).map(|guess| {
        let http = world.http.clone();
        tokio::spawn(async move { attempt(&http, "tje0", &format!("guess{guess}")).await.status })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        looked_at += usize::from(guess.await.unwrap() == 401);
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn old_hashes_are_renewed_at_sign_in() {
    let world = World::with("").await;
    let hash = || async {
        let (hash,): (String,) = world.row("SELECT password_hash FROM users WHERE user_name = 'tje0'").await;
        hash
    };
    let before = hash().await;
    let mut config = world.config();
    config.password_cost.passes = 3;
    let http = test_app(App::open(config).await.unwrap().router());
    error_message(&attempt(&http, "tje0", "wrong").await, 401);
    assert_eq!(hash().await, before);
    assert_eq!(attempt(&http, "tje0", "Tje0").await.status, 200);
    let after = hash().await;
    assert!(before.contains("t=1") && after.contains("t=3"), "{after}");
    assert_eq!(attempt(&http, "tje0", "Tje0").await.status, 200);
    assert_eq!(hash().await, after);
}

#[tokio::test]
async fn name_that_no_database_can_hold_is_nobodys() {
    let world = World::with("").await;
    // From the page's form: a header with such a name is refused unread.
    let store = world.app.store();
    assert!(store.login("tje0\0").await.unwrap().is_none());
    assert!(store.address_used("tje0\0", "192.0.2.1", jiff::Timestamp::UNIX_EPOCH).await.unwrap().is_none());
}

#[tokio::test]
async fn nobody_in_an_empty_database_signs_in() {
    let world = World::empty().await;
    error_message(&attempt(&world.http, "tje0", "Tje0").await, 401);
    error_message(&attempt(&world.http, "", "").await, 401);
    error_message(&attempt(&world.http, "x", "nobody's password").await, 401);
}

#[tokio::test]
async fn password_that_was_replaced_is_the_one_that_counts() {
    let world = World::with("").await;
    world.app.authenticator().set_password("tje0", "another").await.unwrap();
    assert_eq!(world.pick_up("tje0", "Tje0").await.status, 401);
    assert_eq!(world.pick_up("tje0", "another").await.status, 404);
    assert!(world.app.authenticator().set_password("nobody", "another").await.is_err());
    assert!(world.app.authenticator().set_password("tje0", "").await.is_err());
}
