//! Lists that are asked for again and again: what did not change is not written anew, and nobody can tell.

use chat_server::App;
use chat_test_support::{TestApp, TestResponse};

use crate::support::{FOR_CURRENT_USER, World, running, test_app, waiting};

const RECORDS: &str = "[[persons]]\nPersonId = 375\nFullName = \"Marilyne Mohr\"\n";

/// Ways to ask.
const HEADERS: [&[(&str, &str)]; 5] = [
    &[("accept", "application/json")],
    &[("accept", "application/xml")],
    &[("accept", "application/json"), ("accept-language", "no")],
    &[("accept", "application/json"), ("accept-language", "en"), ("so-timezone", "Europe/Oslo")],
    &[("accept", "application/xml"), ("so-timezone", "America/New_York")],
];

/// What each way of each user is answered, several times in turn.
async fn answers(http: &TestApp) -> Vec<String> {
    let mut answers = Vec::new();
    for _ in 0..3 {
        for headers in HEADERS {
            for (user, password) in [("tje0", "Tje0"), ("ingrid", "i"), ("lena", "l")] {
                let request = http.get(FOR_CURRENT_USER).basic(user, password);
                let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
                let answer: TestResponse = request.send().await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                answers.push(answer.text());
            }
        }
    }
    answers
}

#[tokio::test]
async fn lists_are_what_they_would_be_if_each_session_were_written_anew() {
    let known = running(1, "Support", "tje0") + "person = 375\n";
    let offered = running(2, "Sales", "ingrid") + "transfer_to = \"tje0\"\n";
    let world = World::with(&[RECORDS, &known, &offered, &waiting(3, "Support", 5)].concat()).await;
    let mut config = world.config();
    assert!(config.limits.written_sessions_bytes > 0);
    config.limits.written_sessions_bytes = 0;
    let anew = App::open(config).await.unwrap();
    let anew = test_app(anew.router());
    // Whatever a session shows, by whom it is shown to, and what it refers to.
    let changes = [
        "UPDATE sessions SET last_message = 'Thanks' WHERE session_id = 1",
        "UPDATE sessions SET customer_name = '\u{e6}\"\n\\' WHERE session_id = 3",
        "UPDATE sessions SET when_requested = when_requested - 1000000 WHERE session_id = 3",
        "UPDATE sessions SET customer_consented = true WHERE session_id = 2",
        "UPDATE users SET full_name = 'Ingrid Lund' WHERE associate_id = 2",
        "UPDATE users SET deleted = true WHERE associate_id = 5",
        "UPDATE persons SET snapshot = '{\"PersonId\":375,\"FullName\":\"Marilyne Moe\"}'",
        "UPDATE topic_members SET can_manage = true WHERE associate_id = 3",
        "UPDATE sessions SET transfer_to_id = 3 WHERE session_id = 2",
        "UPDATE sessions SET status = 'Deleted' WHERE session_id = 1",
    ];
    let mut before = answers(&world.http).await;
    assert_eq!(before, answers(&anew).await);
    for change in changes {
        let sql = world.either(&change.replace("= true", "= 1"), change).to_owned();
        world.execute(&sql).await;
        let after = answers(&world.http).await;
        assert_eq!(after, answers(&anew).await, "{change}");
        assert_eq!(after != before, !change.contains("associate_id = 5"), "{change}");
        before = after;
    }
}
