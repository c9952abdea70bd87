//! A table of requests as data, in `requests/*.toml`: headers in; status, headers and facts of the body out.
//!
//! Every row plays against a new service through the real router, on both operations unless it says otherwise. The rows
//! say what the documents and RFCs ask for. What holds for every answer is not in the rows but checked here: it follows
//! the contract, carries a request id, repeats no secret, and a refused pickup picks up nothing.

mod row;
mod world;

use chat_test_support::TestResponse;
use tokio::task::JoinSet;

use self::row::{Fact, Operation, Row, Table};
use self::world::{Office, SECRETS};

const TABLES: &[(&str, &str)] = &[
    ("accept", include_str!("requests/accept.toml")),
    ("basic", include_str!("requests/basic.toml")),
    ("cultures", include_str!("requests/cultures.toml")),
    ("languages", include_str!("requests/languages.toml")),
    ("limits", include_str!("requests/limits.toml")),
    ("methods", include_str!("requests/methods.toml")),
    ("odd", include_str!("requests/odd.toml")),
    ("rights", include_str!("requests/rights.toml")),
    ("sign_in", include_str!("requests/sign_in.toml")),
    ("time_zones", include_str!("requests/time_zones.toml")),
];

/// At least as many requests are promised.
const FEWEST_REQUESTS: usize = 150;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_is_answered_as_it_says() {
    let mut running = JoinSet::new();
    let mut requests = 0;
    let mut failures = Vec::new();
    for (table, text) in TABLES {
        let Table { request: rows } = toml::from_str(text).unwrap_or_else(|error| panic!("{table}.toml: {error}"));
        for row in rows {
            for operation in row.operations() {
                requests += 1;
                let row = row.clone();
                let title = format!("{table}.toml, `{}`, {operation:?}", row.name);
                // Worlds cost memory: a few at a time.
                while running.len() >= 4 {
                    failures.extend(outcome(running.join_next().await));
                }
                // A task of its own, so that a row that panics does not end the others.
                running.spawn(async move {
                    let played = tokio::spawn(play(row, operation));
                    match played.await {
                        Ok(complaints) => (title, complaints),
                        Err(error) => (title, vec![panic_message(error)]),
                    }
                });
            }
        }
    }
    while !running.is_empty() {
        failures.extend(outcome(running.join_next().await));
    }
    failures.sort();
    assert!(failures.is_empty(), "{} of {requests} requests:\n{}", failures.len(), failures.join("\n"));
    assert!(requests >= FEWEST_REQUESTS, "{requests} requests");
}

fn outcome(done: Option<Result<(String, Vec<String>), tokio::task::JoinError>>) -> Option<String> {
    let (title, complaints) = done?.expect("it catches what panics");
    (!complaints.is_empty()).then(|| format!("- {title}\n    {}", complaints.join("\n    ")))
}

fn panic_message(error: tokio::task::JoinError) -> String {
    let panic = error.into_panic();
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}

/// Plays a row against a new service; what is wrong with the answer, a line each.
async fn play(row: Row, operation: Operation) -> Vec<String> {
    let office = Office::new(&row).await;
    let answer = office.send(&row, operation).await;
    let mut complaints = check_answer(&row, operation, &answer);
    if row.status_for(operation) >= 400 && !row.asks_for_a_language() {
        complaints.extend(check_translations(&row, operation, &answer).await);
    }
    if operation == Operation::Pickup && !answer.status.is_success() && office.is_picked_up().await {
        complaints.push("a refused pickup took a session".to_owned());
    }
    complaints
}

/// Every error says in Norwegian and in English what it says to those who ask for no language: played against services
/// of their own, because a row may use up what the first answer leaves.
async fn check_translations(row: &Row, operation: Operation, answer: &TestResponse) -> Vec<String> {
    let mut messages = vec![message(answer)];
    for language in ["NO", "en"] {
        let mut row = row.clone();
        row.headers.push(("so-language".to_owned(), language.to_owned()));
        let answer = Office::new(&row).await.send(&row, operation).await;
        if answer.status.as_u16() != row.status_for(operation) {
            return vec![format!("status {} once a language is asked for", answer.status)];
        }
        messages.push(message(&answer));
    }
    let is_said = |message: &String| !message.is_empty() && !message.contains("[SR_") && !message.contains('{');
    let [plain, norwegian, english] = messages.as_slice() else { return Vec::new() };
    let is_right = plain != norwegian && plain != english && norwegian != english;
    let is_right = is_right && messages.iter().all(is_said);
    // HEAD has no body to say it in.
    let is_silent = messages.iter().all(String::is_empty);
    (!is_right && !is_silent).then(|| format!("not in every language: {messages:?}")).into_iter().collect()
}

/// What an error says, in JSON or XML.
fn message(answer: &TestResponse) -> String {
    let text = answer.text();
    let in_xml = text.split_once("<ErrorMessage>").and_then(|(_, rest)| rest.split_once("</ErrorMessage>"));
    match in_xml {
        Some((message, _)) => message.to_owned(),
        None if text.is_empty() => String::new(),
        None => answer.json()["ErrorMessage"].as_str().unwrap_or_default().to_owned(),
    }
}

fn check_answer(row: &Row, operation: Operation, answer: &TestResponse) -> Vec<String> {
    let mut complaints = Vec::new();
    let expected = row.status_for(operation);
    if answer.status.as_u16() != expected {
        return vec![format!("status {} instead of {expected}: {}", answer.status, answer.text())];
    }
    for (name, expected) in &row.answer_headers {
        let values: Vec<_> =
            answer.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        let found = values.join(", ");
        let is_right = match expected.strip_prefix('~') {
            Some(part) => found.to_ascii_lowercase().contains(&part.to_ascii_lowercase()),
            None => found == *expected,
        };
        if !is_right {
            complaints.push(format!("header `{name}`: `{found}` instead of `{expected}`"));
        }
    }
    let text = answer.text();
    complaints.extend(
        row.contains.iter().filter(|part| !text.contains(part.as_str())).map(|part| format!("no `{part}` in {text}")),
    );
    complaints
        .extend(row.lacks.iter().filter(|part| text.contains(part.as_str())).map(|part| format!("`{part}` in {text}")));
    complaints.extend(row.facts.iter().filter_map(|(path, fact)| check_fact(answer, operation, path, fact)));
    complaints.extend(check_always(answer));
    complaints
}

fn check_fact(answer: &TestResponse, operation: Operation, path: &str, expected: &Fact) -> Option<String> {
    let body = answer.json();
    let is_error = !answer.status.is_success();
    let prefix = if operation == Operation::List && !is_error { "/0" } else { "" };
    let pointer = format!("{prefix}/{}", path.replace('.', "/"));
    let found = body.pointer(&pointer);
    (found != Some(&expected.0)).then(|| {
        let found = found.map_or_else(|| "nothing".to_owned(), ToString::to_string);
        format!("`{path}` is {found} instead of {}", expected.0)
    })
}

/// What holds for every answer.
fn check_always(answer: &TestResponse) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut must = |is_so: bool, what: &str| {
        if !is_so {
            complaints.push(format!("{what}; {} {:?}", answer.status, answer.headers));
        }
    };
    must(answer.header("x-request-id").is_some_and(|id| !id.is_empty()), "no request id");
    must(answer.header("cache-control") == Some("no-store"), "may be stored");
    must(answer.header("x-content-type-options") == Some("nosniff"), "may be sniffed");
    let status = answer.status.as_u16();
    if !answer.body.is_empty() {
        let content_type = answer.header("content-type").unwrap_or_default();
        must(content_type.ends_with("; charset=utf-8"), "no charset");
    }
    must(
        status != 200 || answer.header("vary").is_some_and(|vary| vary.to_ascii_lowercase().contains("accept")),
        "no Vary",
    );
    must(status != 401 || answer.headers.contains_key("www-authenticate"), "no challenge");
    must(status != 405 || answer.headers.contains_key("allow"), "no Allow");
    must(status != 429 || answer.headers.contains_key("retry-after"), "no Retry-After");
    let headers = format!("{:?}", answer.headers);
    for secret in SECRETS {
        must(!answer.text().contains(secret) && !headers.contains(secret), "a secret in the answer");
    }
    complaints
}
