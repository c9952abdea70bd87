//! The client against a small server on this machine.
#![expect(clippy::unwrap_used, reason = "what the tests share may panic too")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chat_client::{Builder, Client, Error};
use tokio::net::TcpListener;

const LIST: &str = "/api/v1/ChatSession/ForCurrentUser";
const PICK_UP: &str = "/api/v1/ChatSession/Pickup";

/// What the server answers, one after the other, and what it was asked.
#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<Vec<Answer>>>,
    requests: Arc<Mutex<Vec<(String, HeaderMap)>>>,
    url: Arc<str>,
}

type Answer = (u16, &'static [(&'static str, &'static str)], &'static str);

const NO_HEADERS: &[(&str, &str)] = &[];
const SOON: &[(&str, &str)] = &[("retry-after", "0")];

async fn answer(State(script): State<Script>, request: Request) -> Response {
    let asked = format!("{} {}", request.method(), request.uri());
    script.requests.lock().unwrap().push((asked, request.headers().clone()));
    let mut answers = script.answers.lock().unwrap();
    assert!(!answers.is_empty(), "the server is asked more often than expected");
    let (status, headers, body) = answers.remove(0);
    let mut response = (StatusCode::from_u16(status).unwrap(), Bytes::from_static(body.as_bytes())).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

/// A server that gives these answers, and the set-up of a client for it.
async fn server(answers: &[Answer]) -> (Builder, Script) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let builder = Client::builder(&url);
    let script = Script { answers: Arc::new(Mutex::new(answers.to_vec())), url: url.into(), requests: Arc::default() };
    let router = axum::Router::new().fallback(answer).with_state(script.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (builder, script)
}

impl Script {
    fn url(&self) -> String {
        self.url.to_string()
    }

    fn asked(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|(asked, _)| asked.clone()).collect()
    }
}

async fn list(answers: &[Answer]) -> (Result<Vec<chat_models::ChatSessionEntity>, Error>, usize) {
    let (builder, script) = server(answers).await;
    let result = builder.build().unwrap().chat_sessions_for_user().await;
    (result.map(chat_client::ResponseValue::into_inner), script.asked().len())
}

#[tokio::test]
async fn settings_are_sent_with_every_request() {
    let (builder, script) = server(&[(200, NO_HEADERS, "[]"), (200, NO_HEADERS, "{}")]).await;
    let client = builder
        .basic("tje0", "Tje0")
        .language("en")
        .accept_language("nb, en;q=0.5")
        .culture("nb-NO")
        .time_zone("NO, includeTZOffset")
        .app_token("app")
        .build()
        .unwrap();
    client.chat_sessions_for_user().await.unwrap();
    client.pick_up_first_chat_session(None).await.unwrap();
    assert_eq!(script.asked(), [format!("GET {LIST}"), format!("POST {PICK_UP}")]);
    for (_, headers) in script.requests.lock().unwrap().iter() {
        for (name, value) in [
            ("authorization", "Basic dGplMDpUamUw"),
            ("accept", "application/json"),
            ("so-language", "en"),
            ("accept-language", "nb, en;q=0.5"),
            ("so-culture", "nb-NO"),
            ("so-timezone", "NO, includeTZOffset"),
            ("so-apptoken", "app"),
        ] {
            assert_eq!(headers[name], value);
        }
        assert!(!headers.contains_key("api-version"));
    }
}

#[tokio::test]
async fn tickets_and_tokens_are_sent_in_their_scheme() {
    for (set, expected) in [
        ((|builder| builder.so_ticket("7T:abc")) as fn(Builder) -> Builder, Some("SoTicket 7T:abc")),
        (|builder| builder.bearer("8A:abc"), Some("Bearer 8A:abc")),
        (|builder| builder.bearer("8A:abc").so_ticket("7T:abc"), Some("SoTicket 7T:abc")),
        (|builder| builder.browser_session("session=a", "b").bearer("8A:abc"), Some("Bearer 8A:abc")),
        (|builder| builder.bearer("8A:abc").browser_session("session=a", "b"), None),
        (|builder| builder, None),
    ] {
        let (builder, script) = server(&[(200, NO_HEADERS, "[]")]).await;
        set(builder).build().unwrap().chat_sessions_for_user().await.unwrap();
        let requests = script.requests.lock().unwrap();
        let sent = requests[0].1.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap());
        assert_eq!(sent, expected);
    }
}

#[tokio::test]
async fn answers_keep_their_offset() {
    let body = r#"[{ "ChatSessionId": 7, "WhenRequested": "2010-10-19T09:40:58.7363769+02:00", "Status": "New" }]"#;
    let (sessions, _) = list(&[(200, NO_HEADERS, body)]).await;
    let session = &sessions.unwrap()[0];
    assert_eq!(session.when_requested.unwrap().to_string(), "2010-10-19T09:40:58.7363769+02:00");
    assert_eq!(session.status.as_ref().unwrap().as_str(), "New");
}

#[tokio::test]
async fn a_get_is_sent_again_for_passing_reasons() {
    for status in [408, 429, 502, 503, 504] {
        let (sessions, asked) = list(&[(status, SOON, "busy"), (status, SOON, ""), (200, NO_HEADERS, "[]")]).await;
        assert_eq!((sessions.unwrap().len(), asked), (0, 3), "{status}");
    }
}

#[tokio::test]
async fn a_get_is_not_sent_again_without_end_or_reason() {
    let busy = (503, SOON, "");
    let (result, asked) = list(&[busy, busy, busy]).await;
    assert_eq!((result.unwrap_err().status().unwrap().as_u16(), asked), (503, 3));
    for answer in [(500, SOON, ""), (404, SOON, ""), (429, &[("retry-after", "3600")][..], "")] {
        let (result, asked) = list(&[answer]).await;
        assert_eq!((result.unwrap_err().status().unwrap().as_u16(), asked), (answer.0, 1));
    }
}

#[tokio::test]
async fn a_reset_is_never_sent_again() {
    for status in [408, 429, 502, 503, 504] {
        let (builder, script) = server(&[(status, SOON, "")]).await;
        let error = builder.retries(5).build().unwrap().reset_chat_session(7).await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), script.asked().len()), (status, 1));
    }
}

#[tokio::test]
async fn a_pickup_is_sent_again_with_its_key() {
    for (given, status) in [(None, 503), (Some("my-own"), 502), (None, 408)] {
        let (builder, script) = server(&[(status, SOON, ""), (status, SOON, ""), (200, NO_HEADERS, "{}")]).await;
        builder.build().unwrap().pick_up_first_chat_session(given).await.unwrap();
        let requests = script.requests.lock().unwrap();
        let keys: Vec<&str> =
            requests.iter().map(|(_, headers)| headers["idempotency-key"].to_str().unwrap()).collect();
        assert_eq!((keys.len(), keys[0], keys[1]), (3, keys[2], keys[2]), "one call has one key");
        assert!(given.is_none_or(|given| keys[0] == given) && keys[0].len() >= 6, "{keys:?}");
    }
    let (builder, script) = server(&[(409, SOON, "")]).await;
    builder.build().unwrap().pick_up_first_chat_session(None).await.unwrap_err();
    assert_eq!(script.asked().len(), 1, "another call has the key");
}

#[tokio::test]
async fn a_documented_error_is_typed() {
    let body = r#"{ "Error": true, "ErrorType": "NotFound", "ErrorMessage": "Nobody waits.", "ErrorSource": "queue" }"#;
    let (builder, _) = server(&[(404, &[("x-request-id", "r1")], body)]).await;
    let error = builder.build().unwrap().pick_up_first_chat_session(None).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.error_response().unwrap().error_message, "Nobody waits.");
    assert_eq!(error.headers().unwrap()["x-request-id"], "r1");
    assert_eq!(error.to_string(), "the server answered 404 Not Found");
}

#[tokio::test]
async fn a_status_is_never_lost() {
    let html = "<html>Sign in, tje0!</html>";
    let challenge: &[(&str, &str)] = &[("content-type", "text/html"), ("www-authenticate", "Basic realm=\"x\"")];
    for (status, body) in [(401, html), (401, ""), (403, "{}"), (500, "[]"), (418, "null"), (599, "{\"Error\":")] {
        let (result, _) = list(&[(status, challenge, body)]).await;
        let error = result.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert!(error.error_response().is_none(), "{error:?}");
        let headers: Vec<&str> = error.headers().unwrap().keys().map(|name| name.as_str()).collect();
        assert!(
            headers.contains(&"www-authenticate") && !headers.iter().any(|name| name.contains("replaced")),
            "{headers:?}"
        );
        assert!(!format!("{error}{error:?}").contains("tje0"), "{error:?}");
    }
}

#[tokio::test]
async fn a_browser_session_is_its_cookie_and_its_xsrf_value() {
    let (builder, script) = server(&[(200, NO_HEADERS, "[]"), (200, NO_HEADERS, "[]")]).await;
    builder.browser_session("session=abc", "xyz").build().unwrap().chat_sessions_for_user().await.unwrap();
    let sent = script.requests.lock().unwrap()[0].1.clone();
    assert_eq!((&sent["cookie"], &sent["x-xsrf-token"]), (&"session=abc".parse().unwrap(), &"xyz".parse().unwrap()));
    // Of two ways to sign in nothing of the first is left.
    let builder = Client::builder(script.url()).browser_session("session=abc", "xyz").so_ticket("7T:abc");
    builder.build().unwrap().chat_sessions_for_user().await.unwrap();
    let sent = script.requests.lock().unwrap()[1].1.clone();
    assert!(!sent.contains_key("cookie") && !sent.contains_key("x-xsrf-token"), "{sent:?}");
}

/// Follows redirects, as reqwest does by itself.
fn own_http() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls())
        .user_agent("own")
        .no_proxy()
        .redirect(reqwest::redirect::Policy::limited(10))
}

#[tokio::test]
async fn redirects_are_not_followed_and_nothing_secret_goes_astray() {
    for own in [false, true] {
        // Were it followed, the other server would answer 200.
        let (elsewhere, astray) = server(&[(200, NO_HEADERS, "[]"), (200, NO_HEADERS, "[]")]).await;
        drop(elsewhere);
        for status in [301, 302, 303, 307, 308] {
            for location in [format!("{}/", astray.url()), "/elsewhere".to_owned()] {
                let location: &'static str = location.leak();
                let headers: &'static [(&str, &str)] = Box::leak(Box::new([("location", location)]));
                let (builder, script) = server(&[(status, headers, ""), (status, headers, "")]).await;
                let builder = builder.basic("tje0", "Tje0").app_token("app");
                let client = if own { builder.http(own_http()) } else { builder }.build().unwrap();
                let list = client.chat_sessions_for_user().await.unwrap_err();
                let pickup = client.pick_up_first_chat_session(None).await.unwrap_err();
                for error in [list, pickup] {
                    assert_eq!(error.status().unwrap().as_u16(), status, "{location}");
                }
                assert_eq!(script.asked().len(), 2, "{status} {location}");
            }
        }
        assert!(astray.asked().is_empty(), "{:?}", astray.asked());
    }
}

#[tokio::test]
async fn an_unreadable_answer_is_not_quoted() {
    let (result, _) = list(&[(200, NO_HEADERS, r#"[{ "Rank": "secret" }]"#)]).await;
    let error = result.unwrap_err();
    assert!(matches!(error, Error::Unreadable(_)));
    assert!(
        error.to_string().starts_with("the server's answer cannot be read: Data error at line 1, column "),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("secret"));
}

#[tokio::test]
async fn no_server_and_a_slow_server_are_errors() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let slow = Client::builder(format!("http://{address}")).timeout(Duration::from_millis(50)).build().unwrap();
    let error = slow.pick_up_first_chat_session(None).await.unwrap_err();
    assert!(error.is_timeout() && error.status().is_none());
    assert_eq!(error.to_string(), "the server did not answer in time");
    drop(listener);
    let error = Client::builder(format!("http://{address}")).retries(0).build().unwrap();
    let error = error.chat_sessions_for_user().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot connect to the server");
    assert!(!format!("{error:?}").contains(LIST), "{error:?}");
}

#[tokio::test]
async fn a_client_of_ones_own_can_be_used() {
    let (builder, script) = server(&[(200, NO_HEADERS, "[]")]).await;
    builder.http(own_http()).build().unwrap().chat_sessions_for_user().await.unwrap();
    assert_eq!(script.requests.lock().unwrap()[0].1["user-agent"], "own");
}

/// A proxy is asked in plain text for what goes to `http://`, with all headers.
#[tokio::test]
async fn proxies_see_nothing_of_what_stays_on_this_machine() {
    for (is_allowed, direct, proxied) in [(false, 1, 0), (true, 0, 1)] {
        let (elsewhere, proxy) = server(&[(200, NO_HEADERS, "[]")]).await;
        drop(elsewhere);
        let (builder, script) = server(&[(200, NO_HEADERS, "[]")]).await;
        let own = own_http().proxy(reqwest::Proxy::http(proxy.url()).unwrap());
        let builder = builder.basic("tje0", "Tje0").app_token("app").http(own);
        let builder = if is_allowed { builder.allow_insecure_http() } else { builder };
        builder.build().unwrap().chat_sessions_for_user().await.unwrap();
        assert_eq!((script.asked().len(), proxy.asked().len()), (direct, proxied));
    }
}

const CALL_FOR: &str = "CHAT_CLIENT_TEST_CALLS";

/// Calls the server that a variable names, once with each set-up; does nothing without the variable. Only another
/// process has an environment of its own.
#[tokio::test]
async fn call_in_an_environment_with_a_proxy() {
    let Ok(url) = std::env::var(CALL_FOR) else { return };
    let own = || reqwest::Client::builder().tls_backend_preconfigured(tls());
    for builder in [Client::builder(&url), Client::builder(&url).http(own())] {
        builder.basic("tje0", "Tje0").app_token("app").build().unwrap().chat_sessions_for_user().await.unwrap();
    }
}

#[tokio::test]
async fn proxies_of_the_environment_see_nothing_of_what_stays_on_this_machine() {
    let (elsewhere, proxy) = server(&[(200, NO_HEADERS, "[]"), (200, NO_HEADERS, "[]")]).await;
    drop(elsewhere);
    let (builder, script) = server(&[(200, NO_HEADERS, "[]"), (200, NO_HEADERS, "[]")]).await;
    drop(builder);
    let mut calls = std::process::Command::new(std::env::current_exe().unwrap());
    calls.args(["--exact", "call_in_an_environment_with_a_proxy"]).env(CALL_FOR, script.url());
    for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
        calls.env(name, proxy.url());
    }
    for name in ["NO_PROXY", "no_proxy", "REQUEST_METHOD"] {
        calls.env_remove(name);
    }
    let output = tokio::task::spawn_blocking(move || calls.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!((script.asked().len(), proxy.asked()), (2, Vec::new()));
}

fn tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

#[test]
fn an_installed_tls_provider_does_not_matter() {
    assert!(Client::builder("https://example.com").build().is_ok());
    rustls::crypto::ring::default_provider().install_default().unwrap();
    assert!(Client::builder("https://example.com").build().is_ok());
}
