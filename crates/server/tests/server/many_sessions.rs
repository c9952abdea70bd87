//! A list of more sessions than are read at once, which is sent while it is read.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use chat_models::ChatSessionEntity;
use chat_models::xml::to_xml;
use chat_server::App;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::support::{FOR_CURRENT_USER, Log, World, ids, running, waiting};

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

fn request(method: Method) -> Request<Body> {
    // tje0:Tje0
    let request = Request::builder().method(method).uri(FOR_CURRENT_USER).header("host", "localhost");
    request.header("authorization", "Basic dGplMDpUamUw").body(Body::empty()).unwrap()
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
    let head = world.app.router().oneshot(request(Method::HEAD)).await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
    assert_eq!(head.into_body().collect().await.unwrap().to_bytes(), "");
}

#[tokio::test]
async fn list_breaks_off_where_the_database_fails() {
    let world = world().await;
    let (log, _logging) = Log::begin();
    let mut body = world.app.router().oneshot(request(Method::GET)).await.unwrap().into_body();
    world.execute("ALTER TABLE topic_members RENAME TO lost").await;
    let mut begun = Vec::new();
    let error = loop {
        match body.frame().await.expect("never a short list") {
            Ok(frame) => begun.extend(frame.into_data().unwrap()),
            Err(error) => break error,
        }
    };
    assert!(begun.starts_with(b"[{") && begun.ends_with(b"}"), "{error}");
    let log = log.text();
    assert_eq!(log.matches("ERROR").count(), 1, "{log}");
    assert!(log.contains("an answer broke off") && log.contains("ForCurrentUser"), "{log}");
    // Where it fails at once, the answer says so.
    let answer = world.app.router().oneshot(request(Method::GET)).await.unwrap();
    assert!(answer.status().is_server_error(), "{answer:?}");
}

/// More readers than the database has connections, each in the middle of its answer.
#[tokio::test]
async fn slow_readers_hold_no_connection_of_the_database() {
    let world = world().await;
    let mut config = world.config();
    config.limits.max_concurrent_requests_per_user = 100;
    let router = App::open(config).await.unwrap().router();
    let mut slow = Vec::new();
    for _ in 0..20 {
        let mut body = router.clone().oneshot(request(Method::GET)).await.unwrap().into_body();
        for _ in 0..20 {
            body.frame().await.unwrap().unwrap();
        }
        slow.push(body);
    }
    // Neither for reading nor for writing.
    assert!(router.oneshot(request(Method::HEAD)).await.unwrap().status().is_success());
    world.picked_up("tje0", "Tje0").await;
    for body in slow {
        let rest = body.collect().await.unwrap().to_bytes();
        assert!(rest.ends_with(b"}]"));
    }
}

#[tokio::test]
async fn reader_counts_as_a_request_until_the_list_has_ended() {
    let world = world().await;
    let mut config = world.config();
    config.limits.max_concurrent_requests_per_user = 1;
    let router = App::open(config).await.unwrap().router();
    let mut body = router.clone().oneshot(request(Method::GET)).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    let status = async || router.clone().oneshot(request(Method::GET)).await.unwrap().status();
    assert_eq!(status().await, StatusCode::TOO_MANY_REQUESTS);
    body.collect().await.unwrap();
    assert_eq!(status().await, StatusCode::OK);
}
