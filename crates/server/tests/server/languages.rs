//! Texts in the caller's language and the customer's, numbers as people there write them.

use chat_server::{App, AppError, Config};

use crate::support::{FOR_CURRENT_USER, PICKUP, World, error_message, test_app, waiting};

const TOPIC: &str = r#"
[[topics]]
name = "Kø"
id = 20
language = "no"
welcome_message = 'US:"Number {cque}, {cavw}, [SR_CATEGORY_VIP]";NO:"Nummer {cque}, {cavw}, [SR_CATEGORY_VIP]"'
members = [{ user = "otto", permissions = ["respond"] }]
"#;

/// What the customer is told when otto, who asks with these headers, picks up a session after 1,500 hours.
async fn welcome(headers: &[(&str, &str)]) -> String {
    let world = World::with(TOPIC).await;
    world.import(&waiting(7, "Kø", 1_500 * 60)).await;
    let request = world.http.post(PICKUP).basic("otto", "o");
    let answer = headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["LastMessage"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn welcome_is_in_the_topics_language_with_figures_in_its_or_the_given_culture() {
    for (headers, expected) in [
        (&[][..], "Nummer 1, 1500:00, VIP-kunde"),
        (&[("so-language", "en")], "Nummer 1, 1500:00, VIP-kunde"),
        // The text is the customer's: that the agent reads Arabic brings no Arabic digits into it.
        (&[("so-language", "ar-EG")], "Nummer 1, 1500:00, VIP-kunde"),
        (
            &[("so-language", "en"), ("so-culture", "ar-EG")],
            "Nummer \u{661}, \u{661}\u{665}\u{660}\u{660}:\u{660}\u{660}, VIP-kunde",
        ),
        (
            &[("so-language", "en"), ("so-culture", "mr")],
            "Nummer \u{967}, \u{967}\u{96b}\u{966}\u{966}:\u{966}\u{966}, VIP-kunde",
        ),
        (&[("so-culture", "mr")], "Nummer 1, 1500:00, VIP-kunde"),
    ] {
        assert_eq!(welcome(headers).await, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn errors_are_in_the_callers_language() {
    let world = World::with("").await;
    for (headers, expected) in [
        (&[][..], "no session waits in a topic in which you can respond"),
        (&[("so-language", "NO")], "Ingen venter i en kanal der du kan svare."),
        (&[("accept-language", "nn-NO, en;q=0.5")], "Ingen venter i en kanal der du kan svare."),
        (&[("accept-language", "fr")], "No session waits in a topic in which you can respond."),
        (&[("accept-language", "*")], "no session waits in a topic in which you can respond"),
    ] {
        let request = world.http.post(PICKUP).basic("tje0", "Tje0");
        let answer = headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await;
        assert_eq!(error_message(&answer, 404), expected, "{headers:?}");
    }
}

#[tokio::test]
async fn a_throttled_sign_in_says_when_to_try_again_as_the_caller_writes_times() {
    let world = World::with("").await;
    for _ in 0..5 {
        let answer = world.http.post(PICKUP).basic("tje0", "wrong").send().await;
        error_message(&answer, 401);
    }
    // The clock stands at 09:00 UTC, and the first wait ends within the minute that has begun.
    for (headers, expected) in [
        (&[][..], "too many requests; try again later"),
        (&[("so-language", "en-US")], "Signing in failed too often; try again after 3/2/2026, 9:01\u{202f}AM GMT+0."),
        (
            &[("so-language", "NO"), ("so-timezone", "NO")],
            "Innloggingen feilet for mange ganger; prøv igjen etter 02.03.2026, 10:01 GMT+1.",
        ),
        (
            &[("so-language", "NO"), ("so-timezone", "US-NY"), ("so-culture", "en-GB")],
            "Innloggingen feilet for mange ganger; prøv igjen etter 02/03/2026, 04:01 GMT-5.",
        ),
    ] {
        let request = world.http.post(PICKUP).basic("tje0", "Tje0");
        let answer = headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await;
        assert_eq!(error_message(&answer, 429), expected, "{headers:?}");
    }
}

#[tokio::test]
async fn a_header_that_cannot_be_served_is_refused_before_a_session_changes_hands() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    for (name, value) in
        [("so-timezone", "Mars/Olympus"), ("so-language", "nb_NO"), ("so-culture", "?"), ("accept-language", "nb;q=2")]
    {
        let answer = world.http.post(PICKUP).basic("tje0", "Tje0").header(name, value).send().await;
        error_message(&answer, 400);
    }
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(1));
}

#[tokio::test]
async fn a_folder_of_texts_adds_languages() {
    let world = World::with(&waiting(1, "Support", 5)).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("de.toml"), "SR_ERROR_NOTHING_AT = \"Unter {path} gibt es nichts.\"").unwrap();
    let config = Config { resources_folder: Some(folder.path().to_owned()), ..world.config() };
    let app = App::open(config.clone()).await.unwrap();
    let http = test_app(app.router());
    let answer = http.get("/x").header("accept-language", "de-AT, en;q=0.5").send().await;
    assert_eq!(error_message(&answer, 404), "Unter /x gibt es nichts.");
    let answer = http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").header("so-language", "DE").send().await;
    assert_eq!(answer.status, 200);

    std::fs::write(folder.path().join("qq.toml"), "").unwrap();
    assert!(matches!(App::open(config).await, Err(AppError::Resources(_))));
}
