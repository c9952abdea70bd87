//! How often customers of one address may call.

use chat_server::config::CustomerSettings;
use chat_server::{App, Config};
use jiff::SignedDuration;
use serde_json::json;

use super::{Desk, KEY, TJE0, path};
use crate::support::{World, error_message, test_app};

/// A service with other limits, as it is called from two addresses.
async fn limited(world: &World, customers: CustomerSettings) -> [chat_test_support::TestApp; 2] {
    use axum::Extension;
    use axum::extract::ConnectInfo;

    let app = App::open(Config { customers, ..world.config() }).await.unwrap();
    let router = app.router();
    ["203.0.113.7:1", "203.0.113.8:1"].map(|peer| {
        let peer: std::net::SocketAddr = peer.parse().unwrap();
        test_app(router.clone().layer(Extension(ConnectInfo(peer))))
    })
}

#[tokio::test]
async fn an_address_starts_so_many_sessions_a_minute() {
    let desk = Desk::with("").await;
    let limits = CustomerSettings { starts_per_minute: 2, ..CustomerSettings::default() };
    let [here, there] = limited(&desk.world, limits).await;
    let start = |http: &chat_test_support::TestApp| http.post("/api/v1/ChatTopic/10/Sessions").json(&json!({}));
    for _ in 0..2 {
        assert_eq!(start(&here).send().await.status, 200);
    }
    let refused = start(&here).send().await;
    assert_eq!(refused.header("retry-after"), Some("30"));
    error_message(&refused, 429);
    assert_eq!(start(&there).send().await.status, 200, "others are not held up");
    assert_eq!(start(&here).basic(TJE0.0, TJE0.1).send().await.status, 200, "nor is who signs in");
    desk.world.clock.advance(SignedDuration::from_secs(30));
    assert_eq!(start(&here).send().await.status, 200);
}

#[tokio::test]
async fn an_address_makes_so_many_requests_a_minute() {
    let desk = Desk::with("").await;
    let customer = desk.conversation().await;
    let limits = CustomerSettings { requests_per_minute: 4, ..CustomerSettings::default() };
    let [here, there] = limited(&desk.world, limits).await;
    let read =
        |http: &chat_test_support::TestApp, key: &str| http.get(&path(customer.session, "Messages")).header(KEY, key);
    assert_eq!(read(&here, &customer.key).send().await.status, 200);
    assert_eq!(here.get("/api/v1/ChatTopic/10/IsOpen").send().await.status, 200);
    // Wrong keys count, too.
    for _ in 0..2 {
        error_message(&read(&here, "wrong").send().await, 401);
    }
    for request in [read(&here, &customer.key), here.get("/api/v1/ChatTopic/10/IsOpen")] {
        let refused = request.send().await;
        assert_eq!(refused.header("retry-after"), Some("15"));
        error_message(&refused, 429);
    }
    assert_eq!(read(&there, &customer.key).send().await.status, 200);
    assert_eq!(here.get(&path(customer.session, "Messages")).basic(TJE0.0, TJE0.1).send().await.status, 200);
}
