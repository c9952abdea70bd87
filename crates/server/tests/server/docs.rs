//! `/docs`: the reference of the API, for everybody.

use axum::http::Method;
use chat_server::App;
use chat_server::config::Installation;
use chat_test_support::{TestApp, TestResponse};
use serde_json::Value;

use crate::browser::Browser;
use crate::support::{World, error_message, test_app};

/// The service of `world` with another configuration.
async fn other(world: &World, change: impl FnOnce(&mut chat_server::Config)) -> TestApp {
    let mut config = world.config();
    change(&mut config);
    test_app(App::open(config).await.unwrap().router())
}

/// The addresses that a page loads or links to.
fn addresses(page: &TestResponse) -> Vec<String> {
    let text = page.text();
    let attributes = ["src=\"", "href=\""].map(|name| text.split(name).skip(1).map(str::to_owned).collect::<Vec<_>>());
    attributes.concat().iter().map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_page_and_all_that_it_loads_are_served_to_everybody() {
    let world = World::with("").await;
    for path in ["/docs", "/docs/", "/docs/index.html"] {
        let page = world.http.get(path).send().await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text().contains("Chat session API"), "{}", page.text());
        let mut files = 0;
        for address in addresses(&page) {
            assert!(["/docs/", "/signin", "#", "data:"].iter().any(|own| address.starts_with(own)), "{address}");
            if !address.starts_with("/docs/") {
                continue;
            }
            let file = world.http.get(&address).send().await;
            assert_eq!(file.status, 200, "{address}");
            assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"), "{address}");
            files += 1;
        }
        assert!(files >= 8, "{files}");
    }
}

#[tokio::test]
async fn files_have_their_media_types_and_change_by_their_tag() {
    let world = World::with("").await;
    for (path, media_type) in [
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/openapi.yaml", "application/yaml"),
        ("/docs/openapi.json", "application/json"),
        ("/docs/reference.js", "text/javascript; charset=utf-8"),
        ("/docs/reference.css", "text/css; charset=utf-8"),
        ("/docs/swagger-ui-LICENSE.txt", "text/plain; charset=utf-8"),
    ] {
        let file = world.http.get(path).send().await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, Some(media_type)), "{path}");
        let kept = if path == "/docs" { "no-store" } else { "no-cache" };
        assert_eq!(file.header("cache-control"), Some(kept), "{path}");
        let tag = file.header("etag").unwrap();
        let again = world.http.get(path).header("if-none-match", tag).send().await;
        assert_eq!((again.status.as_u16(), &*again.text(), again.header("etag")), (304, "", Some(tag)), "{path}");
        let stale = world.http.get(&format!("{path}?v=stale")).header("if-none-match", "\"stale\"").send().await;
        assert_eq!((stale.status.as_u16(), stale.header("cache-control")), (200, Some(kept)), "{path}");
        let head = world.http.request(Method::HEAD, path).send().await;
        assert_eq!((head.status.as_u16(), head.header("content-type")), (200, Some(media_type)), "{path}");
        assert_eq!((&*head.text(), head.header("etag")), ("", Some(tag)), "{path}");
    }
}

#[tokio::test]
async fn the_contract_is_the_committed_one_and_what_the_layer_says_of_itself() {
    let world = World::with("").await;
    let yaml = world.http.get("/docs/openapi.yaml").send().await;
    assert!(yaml.text() == include_str!("../../../../openapi.yaml"));
    let json: Value = world.http.get("/docs/openapi.json").send().await.json();
    assert_eq!(json["openapi"], "3.1.0");
    assert!(json["paths"]["/api/v1/ChatSession/Pickup"]["post"]["operationId"].is_string());
}

#[tokio::test]
async fn pages_keep_browsers_from_running_or_calling_anything_else() {
    let world = World::with("").await;
    let secure = other(&world, |config| config.public_url = Some("https://chat.example.com".parse().unwrap())).await;
    for (http, transport) in [(&world.http, None), (&secure, Some("max-age=31536000"))] {
        let page = http.get("/docs").send().await;
        let policy = page.header("content-security-policy").unwrap();
        for directive in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|known| known == directive), "{directive}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        assert_eq!(page.header("strict-transport-security"), transport);
        assert!(!page.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_refused_like_everywhere() {
    let world = World::with("").await;
    for path in ["/docs", "/docs/", "/docs/openapi.yaml"] {
        let answer = world.http.post(path).send().await;
        error_message(&answer, 405);
        assert_eq!(answer.header("allow"), Some("GET,HEAD,OPTIONS"), "{path}");
        assert_eq!(world.http.request(Method::OPTIONS, path).send().await.status, 204, "{path}");
    }
    for path in ["/docs/nothing.js", "/docs/..", "/docs/%2e%2e/openapi.yaml", "/docs//openapi.yaml"] {
        error_message(&world.http.get(path).send().await, 404);
    }
}

#[tokio::test]
async fn what_was_compressed_once_is_sent_compressed_to_those_who_take_it() {
    let world = World::with("").await;
    let path = "/docs/swagger-ui-bundle.js";
    let plain = world.http.get(path).send().await;
    let packed = world.http.get(path).header("accept-encoding", "gzip, br").send().await;
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.starts_with(&[0x1f, 0x8b]) && packed.body.len() * 3 < plain.body.len());
    assert_eq!((plain.header("vary"), packed.header("vary")), (Some("accept-encoding"), Some("accept-encoding")));
}

#[tokio::test]
async fn pages_link_to_the_reference_where_there_is_one() {
    let world = World::with("").await;
    let without = other(&world, |config| config.docs = false).await;
    for (http, expected) in [(&world.http, true), (&without, false)] {
        let form = Browser::new(http).get("/signin").await;
        assert_eq!(form.text().contains("href=\"/docs\""), expected);
        let home = Browser::signed_in(http, "tje0", "Tje0").await.get("/signin").await;
        assert_eq!(home.text().contains("href=\"/docs\""), expected);
        assert_eq!(http.get("/docs").send().await.status.as_u16() == 200, expected);
    }
    error_message(&without.get("/docs/openapi.yaml").send().await, 404);
}

#[tokio::test]
async fn online_installations_have_a_reference_without_browser_sessions() {
    let world = World::with("").await;
    let online = other(&world, |config| config.installation = Installation::Online).await;
    let page = online.get("/docs").send().await;
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("/signin"));
    assert_eq!(online.get("/signin").send().await.status, 404);
}
