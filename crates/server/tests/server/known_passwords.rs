//! Passwords of Basic requests that were right a moment ago: who is let in without hashing, and who never is.

use chat_server::App;
use chat_test_support::{TestApp, TestResponse};
use jiff::SignedDuration;

use crate::browser::Browser;
use crate::operations::scraped;
use crate::sign_in::from;
use crate::support::{FOR_CURRENT_USER, World, error_message, is_postgres, test_app};

async fn attempt(http: &TestApp, user: &str, password: &str) -> TestResponse {
    http.get(FOR_CURRENT_USER).basic(user, password).send().await
}

#[track_caller]
fn is_let_in(answer: &TestResponse) {
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Passwords that a service has hashed so far.
async fn hashed(app: &App) -> u32 {
    let text = scraped(app).await;
    let count = text.lines().find_map(|line| line.strip_prefix("chat_passwords_hashed_total "));
    count.expect("the counter").parse().unwrap()
}

#[tokio::test]
async fn password_is_hashed_once_and_then_known_for_a_while() {
    let world = World::with("").await;
    for _ in 0..10 {
        is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
        world.clock.advance(SignedDuration::from_secs(23));
    }
    assert_eq!(hashed(&world.app).await, 1);
    assert!(scraped(&world.app).await.contains("chat_sign_ins_total{result=\"recalled\"} 9\n"));
    world.clock.advance(SignedDuration::from_secs(70));
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
    assert_eq!(hashed(&world.app).await, 2, "300 seconds are over, however often it was used");
}

#[tokio::test]
async fn one_call_has_it_hashed_again_before_it_is_known_no_more() {
    let world = World::with("").await;
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
    for (seconds, expected) in [(239, 1), (1, 2), (59, 2), (180, 2), (1, 3)] {
        world.clock.advance(SignedDuration::from_secs(seconds));
        for _ in 0..3 {
            is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
        }
        assert_eq!(hashed(&world.app).await, expected, "after {seconds} more");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_at_once_have_their_password_hashed_once() {
    let world = World::with("").await;
    // As many as may wait.
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let http = world.http.clone();
            tokio::spawn(async move { is_let_in(&attempt(&http, "tje0", "Tje0").await) })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(hashed(&world.app).await, 1);
}

#[tokio::test]
async fn every_password_is_hashed_where_none_shall_be_known() {
    let world = World::with("").await;
    let mut config = world.config();
    config.sign_in.password_known_s = 0;
    let app = App::open(config).await.unwrap();
    let http = test_app(app.router());
    for _ in 0..3 {
        is_let_in(&attempt(&http, "tje0", "Tje0").await);
    }
    assert_eq!(hashed(&app).await, 3);
}

#[tokio::test]
async fn each_user_and_each_address_is_known_by_itself() {
    let world = World::with("").await;
    let (here, there) = (from(&world, "192.0.2.1"), from(&world, "198.51.100.1"));
    for (http, user, password, expected) in [
        (&here, "tje0", "Tje0", 1),
        (&here, "tje0", "Tje0", 1),
        (&there, "tje0", "Tje0", 2),
        (&here, "ingrid", "i", 3),
        (&here, "ingrid", "i", 3),
        (&there, "tje0", "Tje0", 3),
    ] {
        is_let_in(&attempt(http, user, password).await);
        assert_eq!(hashed(&world.app).await, expected, "{user}");
    }
    error_message(&attempt(&here, "ingrid", "Tje0").await, 401);
    assert_eq!(hashed(&world.app).await, 4, "what is known of others does not matter");
    // Two addresses of one network are a party.
    for (host, expected) in [("2001:db8::1", 5), ("2001:db8::2", 5), ("2001:db8:0:1::1", 6)] {
        is_let_in(&attempt(&from(&world, host), "tje0", "Tje0").await);
        assert_eq!(hashed(&world.app).await, expected, "{host}");
    }
}

#[tokio::test]
async fn wrong_password_after_the_right_one_is_hashed_counted_and_ends_what_is_known() {
    let world = World::with("").await;
    let http = from(&world, "192.0.2.1");
    is_let_in(&attempt(&http, "tje0", "Tje0").await);
    for wrong in 0..5 {
        error_message(&attempt(&http, "tje0", &format!("guess{wrong}")).await, 401);
        assert_eq!(hashed(&world.app).await, 2 + wrong, "guess {wrong}");
    }
    error_message(&attempt(&http, "tje0", "guess5").await, 429);
    error_message(&attempt(&http, "tje0", "Tje0").await, 429);
    assert_eq!(hashed(&world.app).await, 6, "what is refused is not looked at");
    world.clock.advance(SignedDuration::from_secs(1));
    is_let_in(&attempt(&http, "tje0", "Tje0").await);
    assert_eq!(hashed(&world.app).await, 7, "it had to be hashed again");
    is_let_in(&attempt(&http, "tje0", "Tje0").await);
    assert_eq!(hashed(&world.app).await, 7);
}

/// Whoever may not try now learns nothing of a password that is known: neither the right one nor a wrong one is compared.
#[tokio::test]
async fn known_password_opens_no_gate_that_the_throttle_has_closed() {
    let world = World::with("").await;
    let http = from(&world, "192.0.2.1");
    for _ in 0..5 {
        error_message(&attempt(&http, "tje0", "wrong").await, 401);
    }
    world.clock.advance(SignedDuration::from_secs(1));
    is_let_in(&attempt(&http, "tje0", "Tje0").await);
    for _ in 0..5 {
        error_message(&attempt(&http, "tje0", "wrong").await, 401);
    }
    for password in ["wrong", "Tje0", "wrong", "Tje0"] {
        error_message(&attempt(&http, "tje0", password).await, 429);
    }
    let before = hashed(&world.app).await;
    world.clock.advance(SignedDuration::from_secs(1));
    is_let_in(&attempt(&http, "tje0", "Tje0").await);
    assert_eq!(hashed(&world.app).await, before + 1);
}

#[tokio::test]
async fn new_password_sign_out_and_lock_out_count_at_once_whoever_brings_them_about() {
    let world = World::with("").await;
    // Another server, or a command, on the same database.
    let other = App::open(world.config()).await.unwrap();
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);

    other.authenticator().sign_out("tje0").await.unwrap();
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
    assert_eq!(hashed(&world.app).await, 2, "what was known before is known no more");

    other.authenticator().set_password("tje0", "another").await.unwrap();
    error_message(&attempt(&world.http, "tje0", "Tje0").await, 401);
    is_let_in(&attempt(&world.http, "tje0", "another").await);
    is_let_in(&attempt(&world.http, "tje0", "another").await);
    assert_eq!(hashed(&world.app).await, 4);

    other.authenticator().disable("tje0").await.unwrap();
    error_message(&attempt(&world.http, "tje0", "another").await, 401);
    other.authenticator().enable("tje0").await.unwrap();
    is_let_in(&attempt(&world.http, "tje0", "another").await);
    assert_eq!(hashed(&world.app).await, 6);

    world.execute("UPDATE users SET deleted = TRUE WHERE associate_id = 1").await;
    error_message(&attempt(&world.http, "tje0", "another").await, 401);
}

#[tokio::test]
async fn sign_in_page_hashes_every_password() {
    let world = World::with("").await;
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
    Browser::signed_in(&world.http, "tje0", "Tje0").await;
    Browser::signed_in(&world.http, "tje0", "Tje0").await;
    assert_eq!(hashed(&world.app).await, 3);
    // And what it hashes is not known to Basic: the two differ in what a browser shows besides.
    Browser::signed_in(&world.http, "ingrid", "i").await;
    is_let_in(&attempt(&world.http, "ingrid", "i").await);
    assert_eq!(hashed(&world.app).await, 5);
}

#[tokio::test]
async fn hash_of_another_cost_is_renewed_before_its_password_is_known() {
    let world = World::with("").await;
    let mut config = world.config();
    config.password_cost.passes = 3;
    let app = App::open(config).await.unwrap();
    let http = test_app(app.router());
    for expected in [1, 2, 2, 2] {
        is_let_in(&attempt(&http, "tje0", "Tje0").await);
        assert_eq!(hashed(&app).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_requests_of_a_known_user_at_once_are_all_let_in_without_hashing() {
    let world = World::with("").await;
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
    let many: Vec<_> = (0..200)
        .map(|_| {
            let http = world.http.clone();
            tokio::spawn(async move { attempt(&http, "tje0", "Tje0").await })
        })
        .collect();
    for answer in many {
        is_let_in(&answer.await.unwrap());
    }
    assert_eq!(hashed(&world.app).await, 1);
}

#[tokio::test]
async fn wrong_password_on_the_page_ends_what_is_known_too() {
    let world = World::with("").await;
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
    Browser::new(&world.http).sign_in("tje0", "wrong").await;
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
    assert_eq!(hashed(&world.app).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_guesses_at_once_beside_a_known_password_are_not_all_compared() {
    // Both databases would show the same: nothing here is the database's.
    if is_postgres() {
        return;
    }
    let world = World::with("").await;
    is_let_in(&attempt(&world.http, "tje0", "Tje0").await);
    // Fewer than may wait.
    let guesses: Vec<_> = (0..50)
        .map(|guess| {
            let http = world.http.clone();
            tokio::spawn(async move { attempt(&http, "tje0", &format!("guess{guess}")).await.status })
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        looked_at += u32::from(guess.await.unwrap() == 401);
    }
    assert_eq!(looked_at, 5);
    assert_eq!(hashed(&world.app).await, 1 + looked_at, "each of them was hashed too");
    error_message(&attempt(&world.http, "tje0", "Tje0").await, 429);
}
