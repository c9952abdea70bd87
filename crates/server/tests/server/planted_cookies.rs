//! Cookies that others slipped in, what TLS does about them, and the way out without it.

use chat_server::App;
use chat_test_support::{TestApp, TestResponse};

use crate::browser::{Browser, form, hidden, set_cookies};
use crate::support::{FOR_CURRENT_USER, World, error_message, test_app};

async fn behind_tls(world: &World) -> TestApp {
    let mut config = world.config();
    config.public_url = Some("https://chat.example.com".parse().unwrap());
    test_app(App::open(config).await.unwrap().router())
}

async fn call(http: &TestApp, cookie: &str, xsrf: &str) -> TestResponse {
    http.get(FOR_CURRENT_USER).header("cookie", cookie).header("x-xsrf-token", xsrf).send().await
}

#[tokio::test]
async fn with_tls_only_the_prefixed_cookie_is_read() {
    let world = World::with("").await;
    let http = behind_tls(&world).await;
    let browser = Browser::signed_in(&http, "tje0", "Tje0").await;
    let (session, xsrf) = (browser.cookie("__Host-session").unwrap(), browser.cookie("XSRF-TOKEN").unwrap());
    assert!(browser.cookie("session").is_none());
    for (cookie, status) in [
        (format!("__Host-session={session}"), 200),
        // A second cookie of the other name disturbs nobody.
        (format!("session=planted; __Host-session={session}; session=again"), 200),
        (format!("session={session}"), 401),
        (format!("__host-session={session}"), 401),
        (format!("__Secure-session={session}"), 401),
        (format!("__Host-session={session}; __Host-session=x"), 400),
    ] {
        assert_eq!(call(&http, &cookie, xsrf).await.status, status, "{cookie}");
    }
    // Nor is the prefixed one without TLS: the same session, another name.
    assert_eq!(call(&world.http, &format!("session={session}"), xsrf).await.status, 200);
    assert_eq!(call(&world.http, &format!("__Host-session={session}"), xsrf).await.status, 401);
}

#[tokio::test]
async fn trusted_proxy_that_speaks_tls_makes_cookies_secure() {
    let world = World::with("").await;
    let mut config = world.config();
    config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let app = App::open(config).await.unwrap();
    let peer = axum::extract::ConnectInfo(std::net::SocketAddr::from(([10, 0, 0, 1], 1)));
    let http = test_app(app.router().layer(axum::Extension(peer)));
    let page = |proto: &str| http.get("/signin").header("x-forwarded-proto", proto).send();
    assert!(set_cookies(&page("https").await)[0].starts_with("__Host-signin-form="));
    assert!(set_cookies(&page("http").await)[0].starts_with("signin-form="));
    assert_eq!(page("https").await.header("strict-transport-security"), None, "the configuration does not say so");
}

#[tokio::test]
async fn tls_is_insisted_on_where_the_configuration_says_so() {
    let world = World::with("").await;
    let http = behind_tls(&world).await;
    for path in ["/signin", "/signin/style.css"] {
        let answer = http.get(path).send().await;
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"), "{path}");
        assert_eq!(world.http.get(path).send().await.header("strict-transport-security"), None, "{path}");
    }
    let refused = http.post("/signin").header("content-type", "text/plain").body("x").send().await;
    assert_eq!(refused.header("strict-transport-security"), Some("max-age=31536000"), "on every answer");
}

/// A browser whose cookies include one that another host of the domain set.
async fn with_planted(world: &World, planted: &str) -> Browser {
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    browser.cookies.insert(0, ("session".to_owned(), planted.to_owned()));
    browser
}

#[tokio::test]
async fn planted_session_is_not_believed_and_signing_in_again_gets_rid_of_it() {
    let world = World::with("").await;
    let attacker = Browser::signed_in(&world.http, "ingrid", "i").await;
    let (planted, planted_xsrf) =
        (attacker.cookie("session").unwrap().to_owned(), attacker.cookie("XSRF-TOKEN").unwrap().to_owned());
    let mut browser = with_planted(&world, &planted).await;
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
    for xsrf in [&xsrf, &planted_xsrf] {
        error_message(&call(&world.http, &browser.cookie_header(), xsrf).await, 400);
    }

    let request = world.http.get("/signin").header("host", "chat.example.com:8080");
    let page = browser.send(request).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(text.contains("more than one session") && text.contains(r#"name="password""#), "{text}");
    assert!(!text.contains("Ingrid") && !text.contains("Terje"), "neither is believed");
    let removed: Vec<&str> = set_cookies(&page).into_iter().filter(|cookie| cookie.starts_with("session=; ")).collect();
    for domain in ["", "; Domain=chat.example.com", "; Domain=example.com"] {
        for path in ["/", "/signin", "/api"] {
            let expected = format!("session=; Path={path}; Max-Age=0; HttpOnly; SameSite=Lax{domain}");
            assert!(removed.contains(&&*expected), "{expected}: {removed:?}");
        }
    }
    assert!(!removed.iter().any(|cookie| cookie.ends_with("Domain=com")), "{removed:?}");

    let token = hidden(&page, "form_token").unwrap();
    let fields = [("user", "tje0"), ("password", "Tje0"), ("form_token", &*token)];
    let answer = browser.post("/signin", &fields).await;
    assert_eq!(answer.status, 303);
    assert_eq!(browser.status_of_call().await, 200);
}

#[tokio::test]
async fn planted_session_that_stays_hinders_neither_signing_in_nor_out() {
    let world = World::with("").await;
    let mut browser = with_planted(&world, "planted").await;
    let own = browser.cookies.iter().rfind(|(name, _)| name == "session").unwrap().1.clone();
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();

    // Signing out: the form's value says which session is meant.
    let send = |fields: &[(&str, &str)], cookie: String| {
        form(&world.http, "/signout", fields).header("host", "chat.example.com").header("cookie", &cookie).send()
    };
    assert_eq!(send(&[("XSRF_TOKEN", "wrong")], browser.cookie_header()).await.status, 303);
    assert_eq!(call(&world.http, &format!("session={own}"), &xsrf).await.status, 200, "none was meant");
    let answer = send(&[("XSRF_TOKEN", &xsrf)], browser.cookie_header()).await;
    assert_eq!(answer.status, 303);
    assert!(set_cookies(&answer).contains(&"session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Domain=example.com"));
    assert_eq!(call(&world.http, &format!("session={own}"), &xsrf).await.status, 401, "ended on the server");

    // Signing in, with both cookies still there: the fresh one comes after all removals.
    let page = world.http.get("/signin").header("cookie", &browser.cookie_header()).send().await;
    let token = hidden(&page, "form_token").unwrap();
    let fields = [("user", "tje0"), ("password", "Tje0"), ("form_token", &*token)];
    browser.cookies.push(("signin-form".to_owned(), token.clone()));
    let request = form(&world.http, "/signin", &fields).header("host", "chat.example.com");
    let answer = request.header("cookie", &browser.cookie_header()).send().await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let cookies = set_cookies(&answer);
    let fresh = cookies.iter().position(|cookie| cookie.starts_with("session=") && !cookie.contains("Max-Age=0"));
    let last_removal = cookies.iter().rposition(|cookie| cookie.starts_with("session=; "));
    assert!(last_removal < fresh && last_removal.is_some(), "{cookies:?}");
}

#[tokio::test]
async fn planted_cookie_of_the_form_keeps_nobody_from_signing_in() {
    let world = World::with("").await;
    let planted = "A".repeat(43);
    let cookies = |form_token: &str| format!("signin-form={planted}; signin-form={form_token}");
    let page = world.http.get("/signin").header("cookie", &cookies(&"B".repeat(43))).send().await;
    let token = hidden(&page, "form_token").unwrap();
    assert!(token != planted && token != "B".repeat(43), "with two, neither is kept");
    let fields = [("user", "tje0"), ("password", "Tje0"), ("form_token", &*token)];
    let answer = form(&world.http, "/signin", &fields).header("cookie", &cookies(&token)).send().await;
    assert_eq!(answer.status, 303);
}

#[tokio::test]
async fn form_of_another_site_cannot_take_the_cookies_away() {
    let world = World::with("").await;
    // Browsers leave out `SameSite=Lax` cookies here.
    let answer = form(&world.http, "/signout", &[]).header("origin", "https://evil.example.com").send().await;
    assert_eq!(answer.status, 403);
    assert!(set_cookies(&answer).is_empty());
}
