//! Who gets in.

use crate::support::{FOR_CURRENT_USER, World, error_message};

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

#[tokio::test]
async fn schemes_of_later_are_refused_and_say_so() {
    let world = World::with("").await;
    for (authorization, mentioned) in [
        ("SoTicket 7T:abcdef", "`SoTicket` is not supported yet"),
        ("Bearer 8A:abcdef", "`Bearer` is not supported yet"),
        ("Digest username=x", "unknown"),
    ] {
        let answer = world.http.get(FOR_CURRENT_USER).authorization(authorization).send().await;
        let message = error_message(&answer, 401);
        assert!(message.contains(mentioned), "{message}");
        assert!(!message.contains("abcdef"), "a secret is not repeated: {message}");
        assert!(answer.header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Basic")));
    }
}

#[tokio::test]
async fn password_that_was_replaced_is_the_one_that_counts() {
    let world = World::with("").await;
    let hash = world.app.passwords().hash("another").unwrap();
    world.app.store().set_password("tje0", &hash).await.unwrap();
    assert_eq!(world.pick_up("tje0", "Tje0").await.status, 401);
    assert_eq!(world.pick_up("tje0", "another").await.status, 404);
    assert!(world.app.store().set_password("nobody", &hash).await.is_err());
}
