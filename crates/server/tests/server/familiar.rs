//! Addresses and browsers in which a user signed in before: what others get wrong holds nobody up there.

use std::net::SocketAddr;

use axum::Extension;
use axum::extract::ConnectInfo;
use chat_server::App;
use chat_test_support::{TestApp, TestResponse};
use jiff::SignedDuration;

use crate::browser::{Browser, set_cookies};
use crate::operations::scraped;
use crate::sign_in::from;
use crate::support::{FOR_CURRENT_USER, World, error_message, test_app};

async fn attempt(http: &TestApp, user: &str, password: &str) -> TestResponse {
    http.get(FOR_CURRENT_USER).basic(user, password).send().await
}

/// The service anew over the same database, behind this address.
async fn restarted(world: &World, address: &str) -> TestApp {
    let peer = ConnectInfo(SocketAddr::new(address.parse().unwrap(), 49_152));
    test_app(App::open(world.config()).await.unwrap().router().layer(Extension(peer)))
}

/// Guesses names until the address may guess no more.
async fn spray(http: &TestApp) {
    for number in 0..=50 {
        error_message(&attempt(http, &format!("user{number}"), "summer").await, 401);
    }
    error_message(&attempt(http, "ingrid", "i").await, 429);
}

#[tokio::test]
async fn address_of_a_user_outlives_a_restart() {
    let world = World::with("").await;
    assert_eq!(attempt(&from(&world, "192.0.2.1"), "tje0", "Tje0").await.status, 200);
    let http = restarted(&world, "192.0.2.1").await;
    spray(&http).await;
    assert_eq!(attempt(&http, "tje0", "Tje0").await.status, 200);
    error_message(&attempt(&http, "TJE0", "Tje0").await, 429);

    // Not for ever, and not after the user was signed out: that may have been somebody else.
    world.app.authenticator().sign_out("tje0").await.unwrap();
    error_message(&attempt(&http, "tje0", "Tje0").await, 429);
    world.clock.advance(SignedDuration::from_secs(5));
    assert_eq!(attempt(&http, "tje0", "Tje0").await.status, 200);
    world.clock.advance(SignedDuration::from_hours(31 * 24));
    let http = restarted(&world, "192.0.2.1").await;
    spray(&http).await;
    error_message(&attempt(&http, "tje0", "Tje0").await, 429);
}

#[tokio::test]
async fn latest_addresses_and_browsers_are_kept() {
    let world = World::with("").await;
    for number in 0..20 {
        world.clock.advance(SignedDuration::from_mins(1));
        assert_eq!(attempt(&from(&world, &format!("192.0.2.{number}")), "tje0", "Tje0").await.status, 200);
        Browser::signed_in(&world.http, "tje0", "Tje0").await;
    }
    assert_eq!(attempt(&from(&world, "2001:db8::1"), "lena", "l").await.status, 200);
    let addresses: Vec<(String,)> =
        world.rows("SELECT address FROM sign_in_addresses WHERE associate_id = 1 ORDER BY when_used").await;
    assert_eq!((addresses.len(), &*addresses[0].0, &*addresses[15].0), (16, "192.0.2.4", "192.0.2.19"));
    let count = async |table: &str| {
        let (count,): (i64,) = world.row(&format!("SELECT count(*) FROM {table}")).await;
        count
    };
    assert_eq!((count("sign_in_addresses").await, count("sign_in_devices").await), (17, 16));
    world.clock.advance(SignedDuration::from_hours(181 * 24));
    world.app.authenticator().delete_expired().await.unwrap();
    assert_eq!((count("sign_in_addresses").await, count("sign_in_devices").await), (0, 0));
}

#[tokio::test]
async fn known_browser_signs_in_beside_an_attacker_at_the_same_address() {
    let world = World::with("").await;
    let http = from(&world, "192.0.2.1");
    let mut browser = Browser::signed_in(&http, "tje0", "Tje0").await;
    let device = browser.cookie("signin-device").expect("a cookie that stays").to_owned();
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
    browser.post("/signout", &[("XSRF_TOKEN", &xsrf)]).await;
    assert_eq!(browser.cookie("signin-device"), Some(&*device), "it stays after signing out");
    for _ in 0..5 {
        error_message(&attempt(&http, "tje0", "wrong").await, 401);
    }
    error_message(&attempt(&http, "tje0", "Tje0").await, 429);
    assert_eq!(Browser::new(&http).sign_in("tje0", "Tje0").await.status, 429, "another browser");
    for planted in ["A".repeat(43), "x".to_owned()] {
        let mut other = Browser::new(&http);
        other.cookies.push(("signin-device".to_owned(), planted));
        assert_eq!(other.sign_in("tje0", "Tje0").await.status, 429, "a cookie that was never set");
    }

    // It has a count of its own.
    for _ in 0..5 {
        assert_eq!(browser.sign_in("tje0", "wrong").await.status, 403);
    }
    assert_eq!(browser.sign_in("tje0", "Tje0").await.status, 429);
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(browser.sign_in("tje0", "Tje0").await.status, 303);
    assert_eq!(browser.cookie("signin-device"), Some(&*device), "and the same cookie goes on");

    // It is the user's own, and proves nothing.
    let mut other = Browser::new(&http);
    other.cookies.push(("signin-device".to_owned(), device.clone()));
    for _ in 0..5 {
        assert_eq!(other.sign_in("ingrid", "wrong").await.status, 403);
    }
    assert_eq!(other.sign_in("ingrid", "i").await.status, 429, "counted as from any browser");
    for authorization in [format!("SoTicket 7T:{device}"), format!("Bearer 8A:{device}")] {
        error_message(&http.get(FOR_CURRENT_USER).authorization(&authorization).send().await, 401);
    }
    let as_session = http.get(FOR_CURRENT_USER).header("cookie", &format!("session={device}"));
    error_message(&as_session.send().await, 401);
    assert_eq!(world.app.authenticator().sign_out("tje0").await.unwrap().sessions, 1);
    for _ in 0..5 {
        attempt(&http, "tje0", "wrong").await;
    }
    browser.cookies.retain(|(name, _)| name == "signin-device");
    assert_eq!(browser.sign_in("tje0", "Tje0").await.status, 429, "forgotten with all else");
}

#[tokio::test]
async fn cookie_of_a_known_browser_is_protected() {
    let world = World::with("").await;
    let mut config = world.config();
    config.public_url = Some("https://chat.example.com".parse().unwrap());
    let secure = test_app(App::open(config).await.unwrap().router());
    for (http, name, end) in [
        (&world.http, "signin-device", "; Path=/signin; HttpOnly; SameSite=Strict; Max-Age=15552000"),
        (&secure, "__Host-signin-device", "; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=15552000"),
    ] {
        let mut browser = Browser::new(http);
        let answer = browser.sign_in("tje0", "Tje0").await;
        let cookies = set_cookies(&answer);
        let cookie = cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}="))).expect("the cookie");
        assert!(cookie.ends_with(end), "{cookie}");
        let stored: Vec<(Vec<u8>,)> = world.rows("SELECT hash FROM sign_in_devices").await;
        assert!(stored.iter().all(|(hash,)| hash.len() == 32));
    }
}

/// One thread polls all tasks once before it comes back to any that another task woke, however fast passwords are hashed:
/// all calls are in line, or refused, before the second one's password is looked at.
#[tokio::test]
async fn more_sign_ins_of_one_user_at_once_than_may_wait_are_refused() {
    let world = World::with("").await;
    let mut config = world.config();
    // Or the first one's password would let in all that come after it.
    config.sign_in.password_known_s = 0;
    let app = App::open(config).await.unwrap();
    let http = test_app(app.router());
    let many: Vec<_> =
        (0..300).map(|_| tokio::spawn(http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").send())).collect();
    let (mut let_in, mut refused) = (0, 0);
    for answer in many {
        let answer = answer.await.unwrap();
        if answer.status == 200 {
            let_in += 1;
            continue;
        }
        error_message(&answer, 429);
        assert_eq!(answer.header("retry-after"), Some("1"));
        refused += 1;
    }
    assert!(let_in >= 64 && refused > 0, "{let_in} were let in, {refused} were refused");
    let metrics = scraped(&app).await;
    assert!(metrics.contains(&format!("chat_sign_ins_total{{result=\"crowded\"}} {refused}\n")), "{metrics}");
}
