//! The sign-in page, browser sessions, and what protects both.

use axum::http::Method;
use chat_server::App;
use chat_server::config::Installation;
use chat_test_support::{TestApp, TestRequest, TestResponse};
use jiff::SignedDuration;

use crate::support::{FOR_CURRENT_USER, PICKUP, World, error_message, test_app};

/// What a browser keeps.
pub(crate) struct Browser {
    http: TestApp,
    pub(crate) cookies: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn new(http: &TestApp) -> Self {
        Self { http: http.clone(), cookies: Vec::new() }
    }

    /// A browser that has signed in.
    pub(crate) async fn signed_in(http: &TestApp, user: &str, password: &str) -> Self {
        let mut browser = Self::new(http);
        let answer = browser.sign_in(user, password).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.header("location"), Some("/signin"));
        browser
    }

    pub(crate) async fn sign_in(&mut self, user: &str, password: &str) -> TestResponse {
        let page = self.get("/signin").await;
        let token = hidden(&page, "form_token").unwrap_or_default();
        self.post("/signin", &[("user", user), ("password", password), ("form_token", &token)]).await
    }

    pub(crate) async fn get(&mut self, path: &str) -> TestResponse {
        self.send(self.http.get(path)).await
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        self.send(form(&self.http, path, fields)).await
    }

    pub(crate) async fn send(&mut self, request: TestRequest) -> TestResponse {
        let answer = request.header("cookie", &self.cookie_header()).send().await;
        for cookie in set_cookies(&answer) {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(kept, _)| kept != name);
            if !cookie.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        answer
    }

    pub(crate) fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(kept, _)| kept == name).map(|(_, value)| &**value)
    }

    /// A call of the API with the session's cookie and this value.
    async fn call(&self, method: Method, path: &str, xsrf: Option<&str>) -> TestResponse {
        let request = self.http.request(method, path).header("cookie", &self.cookie_header());
        match xsrf {
            Some(xsrf) => request.header("x-xsrf-token", xsrf).send().await,
            None => request.send().await,
        }
    }

    pub(crate) async fn status_of_call(&self) -> u16 {
        self.call(Method::GET, FOR_CURRENT_USER, self.cookie("XSRF-TOKEN")).await.status.as_u16()
    }
}

/// A form as a browser sends it; the values need no escapes.
pub(crate) fn form(http: &TestApp, path: &str, fields: &[(&str, &str)]) -> TestRequest {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    http.post(path).header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"))
}

pub(crate) fn set_cookies(answer: &TestResponse) -> Vec<&str> {
    answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
}

/// The value of a hidden input.
pub(crate) fn hidden(page: &TestResponse, name: &str) -> Option<String> {
    let text = page.text();
    let (_, after) = text.split_once(&format!(r#"name="{name}" value=""#))?;
    Some(after.split_once('"')?.0.to_owned())
}

#[tokio::test]
async fn page_signs_in_and_the_api_believes_its_session() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let home = browser.get("/signin").await;
    assert_eq!(home.status, 200);
    assert!(home.text().contains("Terje Jensen"));
    let xsrf = hidden(&home, "XSRF_TOKEN").expect("the hidden input");
    assert_eq!(Some(&*xsrf), browser.cookie("XSRF-TOKEN"));
    assert_eq!(browser.call(Method::GET, FOR_CURRENT_USER, Some(&xsrf)).await.status, 200);
    assert_eq!(browser.call(Method::POST, PICKUP, Some(&xsrf)).await.status, 404);
}

#[tokio::test]
async fn cookies_have_the_attributes_that_protect_them() {
    let world = World::with("").await;
    let secure = {
        let mut config = world.config();
        config.public_url = Some("https://chat.example.com".parse().unwrap());
        test_app(App::open(config).await.unwrap().router())
    };
    for (http, prefix, end) in [(&world.http, "", ""), (&secure, "__Host-", "; Secure")] {
        let mut browser = Browser::new(http);
        let page = browser.get("/signin").await;
        let form_cookie = set_cookies(&page)[0].to_owned();
        let path = if prefix.is_empty() { "/signin" } else { "/" };
        assert!(form_cookie.starts_with(&format!("{prefix}signin-form=")), "{form_cookie}");
        assert!(form_cookie.ends_with(&format!("; Path={path}; HttpOnly; SameSite=Strict{end}")), "{form_cookie}");
        let answer = browser.sign_in("tje0", "Tje0").await;
        let cookie = |name: &str| *set_cookies(&answer).iter().find(|cookie| cookie.starts_with(name)).unwrap();
        let (session, xsrf) = (cookie(&format!("{prefix}session=")), cookie("XSRF-TOKEN="));
        assert!(session.ends_with(&format!("; Path=/; HttpOnly; SameSite=Lax{end}")), "{session}");
        assert!(xsrf.ends_with(&format!("; Path=/; SameSite=Lax{end}")), "{xsrf}");
        assert!(
            !xsrf.contains(browser.cookie(&format!("{prefix}session")).unwrap()),
            "scripts learn nothing about the session's cookie"
        );
    }
}

#[tokio::test]
async fn calls_without_the_sessions_own_value_are_refused_on_every_method() {
    let world = World::with(&crate::support::waiting(1, "Support", 5)).await;
    let browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let other = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let foreign = Browser::signed_in(&world.http, "ingrid", "i").await;
    let own = browser.cookie("XSRF-TOKEN").unwrap();
    for wrong in [
        None,
        Some(""),
        Some("x"),
        Some(&own[1..]),
        Some(&*format!("{own}x")),
        other.cookie("XSRF-TOKEN"),
        foreign.cookie("XSRF-TOKEN"),
        browser.cookie("session"),
    ] {
        for (method, path) in [(Method::GET, FOR_CURRENT_USER), (Method::POST, PICKUP)] {
            error_message(&browser.call(method, path, wrong).await, 403);
        }
        let head = browser.call(Method::HEAD, FOR_CURRENT_USER, wrong).await;
        assert_eq!(head.status, 403);
    }
    assert_eq!(browser.status_of_call().await, 200);
    assert_eq!(world.picked_up("tje0", "Tje0").await.chat_session_id, Some(1), "nothing was picked up");
}

#[tokio::test]
async fn authorization_wins_over_the_cookie() {
    let world = World::with("").await;
    let browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap();
    let call = |authorization: &str| {
        let request = world.http.get(FOR_CURRENT_USER).header("cookie", &browser.cookie_header());
        request.header("x-xsrf-token", xsrf).authorization(authorization).send()
    };
    assert_eq!(call("Basic aW5ncmlkOmk=").await.status, 200);
    for (wrong, status) in
        [("Basic aW5ncmlkOng=", 401), ("SoTicket 7T:x", 401), ("Bearer x", 401), ("Digest x", 401), ("", 400)]
    {
        error_message(&call(wrong).await, status);
    }
}

#[tokio::test]
async fn session_cookie_must_be_one_and_known() {
    let world = World::with("").await;
    let browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let (session, xsrf) = (browser.cookie("session").unwrap(), browser.cookie("XSRF-TOKEN").unwrap());
    for (cookie, status) in [
        (format!("session={session}"), 200),
        (format!("a=b; session={session}; c=d"), 200),
        (format!("session={session}; session={session}"), 400),
        (format!("session={session}; session=evil"), 400),
        (format!("session={session}x"), 401),
        (format!("session={}", session.to_lowercase()), 401),
        ("session=".to_owned(), 401),
        (format!("Session={session}"), 401),
        (format!("session=\"{session}\""), 401),
    ] {
        let request = world.http.get(FOR_CURRENT_USER).header("cookie", &cookie).header("x-xsrf-token", xsrf);
        assert_eq!(request.send().await.status, status, "{cookie}");
    }
    // The same as a ticket, a token or a password is worth nothing.
    for authorization in
        [format!("SoTicket 7T:{session}"), format!("SoTicket {session}"), format!("Bearer 8A:{session}")]
    {
        error_message(&world.http.get(FOR_CURRENT_USER).authorization(&authorization).send().await, 401);
    }
}

#[tokio::test]
async fn session_is_always_a_new_one() {
    let world = World::with("").await;
    let mut browser = Browser::new(&world.http);
    let planted = "A".repeat(43);
    browser.cookies.push(("session".to_owned(), planted.clone()));
    browser.sign_in("tje0", "Tje0").await;
    let first = browser.cookie("session").unwrap().to_owned();
    assert_ne!(first, planted);
    let mut attacker = Browser::new(&world.http);
    attacker.cookies.push(("session".to_owned(), planted));
    assert_eq!(attacker.status_of_call().await, 401);

    // Signing in again with a living session ends that one. Its pages have no form any more, so take one from elsewhere.
    let mut elsewhere = Browser::new(&world.http);
    let page = elsewhere.get("/signin").await;
    let token = hidden(&page, "form_token").unwrap();
    browser.cookies.push(("signin-form".to_owned(), token.clone()));
    let fields = [("user", "ingrid"), ("password", "i"), ("form_token", &*token)];
    assert_eq!(browser.post("/signin", &fields).await.status, 303);
    let second = browser.cookie("session").unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(browser.status_of_call().await, 200);
    browser.cookies = vec![("session".to_owned(), first)];
    assert_eq!(browser.status_of_call().await, 401);
}

#[tokio::test]
async fn session_ends_when_idle_and_when_old() {
    let world = World::with("").await;
    let browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    for _ in 0..13 {
        assert_eq!(browser.status_of_call().await, 200);
        world.clock.advance(SignedDuration::from_mins(55));
    }
    world.clock.advance(SignedDuration::from_mins(4));
    assert_eq!(browser.status_of_call().await, 200, "11 hours and 59 minutes");
    world.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(browser.status_of_call().await, 401, "however busy");

    let idle = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    world.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(idle.status_of_call().await, 401);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let stolen = Browser { http: world.http.clone(), cookies: browser.cookies.clone() };
    let other = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    for wrong in [None, other.cookie("XSRF-TOKEN")] {
        let fields: Vec<(&str, &str)> = wrong.map(|xsrf| ("XSRF_TOKEN", xsrf)).into_iter().collect();
        assert_eq!(browser.post("/signout", &fields).await.status, 403);
    }
    assert_eq!(browser.status_of_call().await, 200);
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
    assert_eq!(browser.post("/signout", &[("XSRF_TOKEN", &xsrf)]).await.status, 303);
    assert!(browser.cookie("session").is_none() && browser.cookie("XSRF-TOKEN").is_none());
    assert_eq!(stolen.status_of_call().await, 401);
    assert_eq!(other.status_of_call().await, 200, "the user's other sessions go on");
    assert_eq!(browser.post("/signout", &[]).await.status, 303, "once more does no harm");
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_sessions_of_the_user() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let other = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let colleague = Browser::signed_in(&world.http, "ingrid", "i").await;
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
    browser.post("/signout", &[("XSRF_TOKEN", &xsrf), ("everywhere", "true")]).await;
    assert_eq!(other.status_of_call().await, 401);
    assert_eq!(colleague.status_of_call().await, 200);
}

#[tokio::test]
async fn new_password_and_deletion_end_sessions() {
    let world = World::with("").await;
    let browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    world.app.authenticator().set_password("tje0", "another").await.unwrap();
    assert_eq!(browser.status_of_call().await, 401);
    let browser = Browser::signed_in(&world.http, "lena", "l").await;
    world.execute("UPDATE users SET deleted = TRUE WHERE user_name = 'lena'").await;
    assert_eq!(browser.status_of_call().await, 401);
}

#[tokio::test]
async fn page_issues_tickets_to_its_own_session_only() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let other = Browser::signed_in(&world.http, "ingrid", "i").await;
    let foreign = other.cookie("XSRF-TOKEN").unwrap();
    assert_eq!(browser.post("/signin/ticket", &[("XSRF_TOKEN", foreign)]).await.status, 403);
    assert_eq!(browser.post("/signin/ticket", &[]).await.status, 403);
    let xsrf = browser.cookie("XSRF-TOKEN").unwrap().to_owned();
    let page = browser.post("/signin/ticket", &[("XSRF_TOKEN", &xsrf)]).await;
    let text = page.text();
    let start = text.find("7T:").expect("a ticket");
    let ticket = &text[start..start + 46];
    let answer = world.http.get(FOR_CURRENT_USER).authorization(&format!("SoTicket {ticket}")).send().await;
    assert_eq!(answer.status, 200);
    assert!(!browser.get("/signin").await.text().contains("7T:"), "shown once");
    assert_eq!(Browser::new(&world.http).post("/signin/ticket", &[("XSRF_TOKEN", &xsrf)]).await.status, 303);
}

#[tokio::test]
async fn form_of_another_site_signs_nobody_in() {
    let world = World::with("").await;
    let mut browser = Browser::new(&world.http);
    let page = browser.get("/signin").await;
    let token = hidden(&page, "form_token").unwrap();
    let send = |cookie: Option<String>, token: &str, headers: &[(&str, &str)]| {
        let fields = [("user", "tje0"), ("password", "Tje0"), ("form_token", token)];
        let mut request = form(&world.http, "/signin", &fields).header("host", "chat.example.com");
        for (name, value) in cookie.iter().map(|cookie| ("cookie", &**cookie)).chain(headers.iter().copied()) {
            request = request.header(name, value);
        }
        request.send()
    };
    let cookie = Some(browser.cookie_header());
    for answer in [
        send(None, &token, &[]).await,
        send(cookie.clone(), "", &[]).await,
        send(cookie.clone(), &"B".repeat(43), &[]).await,
        send(Some(format!("signin-form={0}; signin-form={0}", "B".repeat(43))), &token, &[]).await,
        send(cookie.clone(), &token, &[("sec-fetch-site", "cross-site")]).await,
        send(cookie.clone(), &token, &[("sec-fetch-site", "same-site")]).await,
        send(cookie.clone(), &token, &[("origin", "https://evil.example.com")]).await,
        send(cookie.clone(), &token, &[("origin", "null")]).await,
    ] {
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(!set_cookies(&answer).iter().any(|cookie| cookie.starts_with("session=")));
    }
    let good = [("origin", "https://chat.example.com"), ("sec-fetch-site", "same-origin")];
    assert_eq!(send(cookie, &token, &good).await.status, 303);
}

#[tokio::test]
async fn every_page_forbids_what_it_does_not_need() {
    let world = World::with("").await;
    let mut browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let answers = [
        browser.get("/signin").await,
        Browser::new(&world.http).get("/signin").await,
        Browser::new(&world.http).get("/signin/style.css").await,
        Browser::new(&world.http).post("/signin", &[]).await,
        Browser::new(&world.http).sign_in("tje0", "wrong").await,
        browser.post("/signin/ticket", &[]).await,
        world
            .http
            .post("/signin")
            .body("x".repeat(20_000))
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
            .await,
        world.http.request(Method::DELETE, "/signin").send().await,
    ];
    for answer in &answers {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}: {}", answer.text());
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"));
        let text = answer.text();
        assert!(!text.contains("<script") && !text.contains("style=\"") && !text.contains("<style"), "{text}");
    }
    let statuses = answers.map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [200, 200, 200, 400, 403, 403, 413, 405]);
}

#[tokio::test]
async fn names_are_shown_as_text() {
    let world = World::with("").await;
    world
        .import(
            "users = [{ user = \"mallory\", password = \"m\", full_name = \"<script>alert('x')</script>\", id = 7 }]",
        )
        .await;
    let mut browser = Browser::signed_in(&world.http, "mallory", "m").await;
    let text = browser.get("/signin").await.text();
    assert!(text.contains("&lt;script&gt;") && !text.contains("<script"), "{text}");
}

#[tokio::test]
async fn wrong_password_is_told_and_slows_down() {
    let world = World::with("").await;
    let mut browser = Browser::new(&world.http);
    for _ in 0..5 {
        let answer = browser.sign_in("tje0", "wrong").await;
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains(r#"role="alert""#) && answer.header("www-authenticate").is_none());
    }
    let answer = browser.sign_in("tje0", "Tje0").await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (429, Some("1")));
    world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(browser.sign_in("tje0", "Tje0").await.status, 303);
}

#[tokio::test]
async fn online_there_is_no_page_and_no_session() {
    let world = World::with("").await;
    let browser = Browser::signed_in(&world.http, "tje0", "Tje0").await;
    let mut config = world.config();
    config.installation = Installation::Online;
    let http = test_app(App::open(config).await.unwrap().router());
    error_message(&http.get("/signin").send().await, 404);
    error_message(&http.post("/signin").send().await, 404);
    let online = Browser { http, cookies: browser.cookies };
    assert_eq!(online.status_of_call().await, 401);
}
