//! A list of more sessions than are read at once, which is sent while it is read.

use axum::http::{Method, StatusCode};
use chat_models::ChatSessionEntity;
use chat_models::xml::to_xml;
use chat_server::App;
use chat_test_support::{TestAnswer, TestApp};

use crate::support::{FOR_CURRENT_USER, Log, World, ids, running, test_app, waiting};

const COUNT: usize = 1_250;
const CUSTOMER: &str = "customer = { name = 'US:\"Anna & Co\";NO:\"Anna og Co\"' }\n";

/// `tje0` and others see so many sessions, `otto` none.
async fn world() -> World {
    let sessions = (1..=COUNT).map(|id| match id % 7 {
        0 => running(id * 3, "Hjelp", "tje0") + CUSTOMER,
        _ => waiting(id * 3, "Support", id) + CUSTOMER,
    });
    World::with(&sessions.collect::<String>()).await
}

async fn begin(http: &TestApp, method: Method) -> TestAnswer {
    http.request(method, FOR_CURRENT_USER).basic("tje0", "Tje0").begin().await
}

#[tokio::test]
async fn all_sessions_come_as_in_one_list() {
    let world = world().await;
    for preferences in [&[][..], &[("SO-Language", "nb"), ("SO-TimeZone", "NO")]] {
        let ask = async |accept: &str| {
            let request = world.http.get(FOR_CURRENT_USER).basic("tje0", "Tje0").header("Accept", accept);
            let request = preferences.iter().fold(request, |request, (name, value)| request.header(name, value));
            let answer = request.send().await;
            assert_eq!((answer.status, answer.header("content-length")), (StatusCode::OK, None));
            answer
        };
        let answer = ask("application/json").await;
        let sessions: Vec<ChatSessionEntity> = answer.parse();
        assert_eq!(ids(&sessions), (1..=COUNT).map(|id| i32::try_from(id * 3).unwrap()).collect::<Vec<_>>());
        let expected = if preferences.is_empty() { "US:\"Anna & Co\";NO:\"Anna og Co\"" } else { "Anna og Co" };
        assert!(sessions.iter().all(|session| session.customer_name.as_deref() == Some(expected)));
        assert_eq!(answer.text(), serde_json::to_string(&sessions).unwrap());
        assert_eq!(ask("application/xml").await.text(), to_xml(&sessions).unwrap());
    }
    let none = world.http.get(FOR_CURRENT_USER).basic("otto", "o").send().await;
    assert_eq!((none.text().as_str(), none.header("content-length")), ("[]", Some("2")));
    let head = begin(&world.http, Method::HEAD).await.rest().await;
    assert_eq!((head.status, head.text().as_str()), (StatusCode::OK, ""));
}

#[tokio::test]
async fn list_breaks_off_where_the_database_fails() {
    let world = world().await;
    let (log, _logging) = Log::begin();
    let mut answer = begin(&world.http, Method::GET).await;
    world.execute("ALTER TABLE topic_members RENAME TO lost").await;
    let mut begun = Vec::new();
    let error = loop {
        match answer.piece().await.expect("never a short list") {
            Ok(piece) => begun.extend(piece),
            Err(error) => break error,
        }
    };
    assert!(begun.starts_with(b"[{") && begun.ends_with(b"}"), "{error}");
    let log = log.text();
    assert_eq!(log.matches("ERROR").count(), 1, "{log}");
    assert!(log.contains("an answer broke off") && log.contains("ForCurrentUser"), "{log}");
    // Where it fails at once, the answer says so.
    let answer = begin(&world.http, Method::GET).await.rest().await;
    assert!(answer.status.is_server_error(), "{answer:?}");
}

/// More readers than the database has connections, each in the middle of its answer.
#[tokio::test]
async fn slow_readers_hold_no_connection_of_the_database() {
    let world = world().await;
    let mut config = world.config();
    config.limits.max_concurrent_requests_per_user = 100;
    let http = test_app(App::open(config).await.unwrap().router());
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut answer = begin(&http, Method::GET).await;
        for _ in 0..20 {
            answer.piece().await.unwrap().unwrap();
        }
        slow.push(answer);
    }
    // Neither for reading nor for writing.
    assert!(begin(&http, Method::HEAD).await.status().is_success());
    world.picked_up("tje0", "Tje0").await;
    for answer in slow {
        assert!(answer.rest().await.body.ends_with(b"}]"));
    }
}

#[tokio::test]
async fn reader_counts_as_a_request_until_the_list_has_ended() {
    let world = world().await;
    let mut config = world.config();
    config.limits.max_concurrent_requests_per_user = 1;
    let http = test_app(App::open(config).await.unwrap().router());
    let mut answer = begin(&http, Method::GET).await;
    answer.piece().await.unwrap().unwrap();
    let status = async || begin(&http, Method::GET).await.rest().await.status;
    assert_eq!(status().await, StatusCode::TOO_MANY_REQUESTS);
    answer.rest().await;
    assert_eq!(status().await, StatusCode::OK);
}
