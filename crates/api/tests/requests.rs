//! Requests through the router, to a service that counts how often it is reached.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chat_api::models::{ChatSessionEntity, ErrorResponse};
use chat_api::{ApiError, Authenticate, Credentials, Presented, RequestContext, Secret};
use http::header::{ACCEPT, ALLOW, AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, StatusCode};

use crate::stand_in::{LIST, PICKUP, StandIn, app, router};

/// What every answer says that it depends on.
const VARY_ON: &str =
    "Accept, Accept-Language, SO-Language, SO-Culture, SO-TimeZone, Authorization, Cookie, X-Chat-Session-Key";
const SIGNED_IN: (&str, &str) = ("authorization", "Basic dGplMDpUamUw");

#[derive(Default)]
struct Fake {
    pickups: AtomicUsize,
}

impl Authenticate for Fake {
    type Caller = String;

    async fn authenticate(&self, presented: Presented) -> Result<String, ApiError> {
        match presented.credentials {
            Credentials::Basic { user, password } if user == "tje0" && password.expose() == "Tje0" => Ok(user),
            _ => Err(ApiError::unauthorized("sign in").with_challenge("Basic realm=\"chat\", charset=\"UTF-8\"")),
        }
    }
}

impl StandIn for Fake {
    async fn list(&self, context: RequestContext<String>) -> Result<Vec<ChatSessionEntity>, ApiError> {
        match context.headers.so_app_token.as_ref().map(Secret::expose) {
            Some("busy") => Err(ApiError::too_many_requests(Duration::from_millis(2500))),
            Some("broken") => Err(ApiError::internal("secret cause")),
            _ => Ok(vec![ChatSessionEntity {
                customer_alias: Some(context.caller),
                customer_host: context.request_id,
                session_key: context.headers.so_language,
                ..ChatSessionEntity::default()
            }]),
        }
    }

    async fn pick_up(&self, _: RequestContext<String>) -> Result<ChatSessionEntity, ApiError> {
        self.pickups.fetch_add(1, Ordering::SeqCst);
        Err(ApiError::not_found("nobody waits"))
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// The error body, checked for the form that every error has.
    fn error(&self) -> ErrorResponse {
        assert_eq!(self.headers[CONTENT_TYPE], "application/json; charset=utf-8");
        let error: ErrorResponse = serde_json::from_slice(&self.body).unwrap();
        assert!(error.error && !error.error_message.is_empty() && error.error_source == "chat-api");
        error
    }
}

async fn send_to(service: &Arc<Fake>, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = app(router(Arc::clone(service))).request(method, path);
    let answer = headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await;
    Answer { status: answer.status, headers: answer.headers, body: answer.body.to_vec() }
}

async fn send(method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    send_to(&Arc::default(), method, path, headers).await
}

#[tokio::test]
async fn the_service_sees_caller_headers_and_request_id() {
    let headers = [SIGNED_IN, ("so-language", "no"), ("x-request-id", "7")];
    let answer = send(Method::GET, LIST, &headers).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[VARY], VARY_ON);
    let sessions: Vec<ChatSessionEntity> = serde_json::from_slice(&answer.body).unwrap();
    let seen = (&sessions[0].customer_alias, &sessions[0].session_key, &sessions[0].customer_host);
    assert_eq!(seen, (&Some("tje0".to_owned()), &Some("no".to_owned()), &Some("7".to_owned())));
}

#[tokio::test]
async fn answers_have_the_type_that_was_asked_for() {
    for (accept, expected) in [
        ("*/*", "application/json; charset=utf-8"),
        ("text/json", "text/json; charset=utf-8"),
        ("application/json-patch+json", "application/json-patch+json; charset=utf-8"),
        ("image/png, application/merge-patch+json;q=0.1", "application/merge-patch+json; charset=utf-8"),
        ("application/xml, application/merge-patch+json;q=0.1", "application/xml; charset=utf-8"),
        ("text/xml", "text/xml; charset=utf-8"),
    ] {
        let answer = send(Method::GET, LIST, &[SIGNED_IN, (ACCEPT.as_str(), accept)]).await;
        assert_eq!((answer.status, &answer.headers[CONTENT_TYPE]), (StatusCode::OK, &expected.parse().unwrap()));
    }
}

#[tokio::test]
async fn errors_have_one_body() {
    for (method, path, headers, status, kind) in [
        (Method::GET, "/nowhere", &[][..], 404, "NotFound"),
        (Method::GET, "/api/list/", &[], 404, "NotFound"),
        (Method::POST, LIST, &[], 405, "MethodNotAllowed"),
        (Method::GET, PICKUP, &[], 405, "MethodNotAllowed"),
        (Method::GET, LIST, &[SIGNED_IN, ("accept", "image/png, text/html")], 406, "NotAcceptable"),
        (Method::GET, LIST, &[SIGNED_IN, ("accept", "json")], 400, "BadRequest"),
        (Method::GET, LIST, &[SIGNED_IN, ("so-language", "a"), ("so-language", "b")], 400, "BadRequest"),
        (Method::GET, LIST, &[("authorization", "Basic ???")], 400, "BadRequest"),
        (Method::GET, LIST, &[SIGNED_IN, SIGNED_IN], 400, "BadRequest"),
        (Method::GET, LIST, &[], 401, "Unauthorized"),
        (Method::GET, LIST, &[("authorization", "Digest x")], 401, "Unauthorized"),
        (Method::GET, LIST, &[SIGNED_IN, ("so-apptoken", "busy")], 429, "TooManyRequests"),
        (Method::GET, LIST, &[SIGNED_IN, ("so-apptoken", "broken")], 500, "InternalServerError"),
        (Method::POST, PICKUP, &[SIGNED_IN], 404, "NotFound"),
    ] {
        let answer = send(method.clone(), path, headers).await;
        let error = answer.error();
        assert_eq!((answer.status.as_u16(), error.error_type.as_str()), (status, kind), "{method} {path} {headers:?}");
        assert!(!error.error_message.contains("secret cause"));
    }
}

#[tokio::test]
async fn errors_carry_their_headers() {
    let answer = send(Method::GET, LIST, &[]).await;
    assert_eq!(answer.headers[WWW_AUTHENTICATE], "Basic realm=\"chat\", charset=\"UTF-8\"");
    let answer = send(Method::GET, LIST, &[SIGNED_IN, ("so-apptoken", "busy")]).await;
    assert_eq!(answer.headers[RETRY_AFTER], "3");
    let answer = send(Method::GET, LIST, &[SIGNED_IN, (ACCEPT.as_str(), "image/png")]).await;
    assert_eq!(answer.headers[VARY], VARY_ON);
}

#[tokio::test]
async fn nothing_is_picked_up_for_a_caller_who_could_not_read_it() {
    let service = Arc::default();
    for headers in [
        &[SIGNED_IN, (ACCEPT.as_str(), "application/zip")][..],
        &[SIGNED_IN, (ACCEPT.as_str(), "application/json;q=2")],
        &[(AUTHORIZATION.as_str(), "Basic dGplMDp4")],
        &[],
    ] {
        assert!(send_to(&service, Method::POST, PICKUP, headers).await.status.is_client_error());
    }
    assert_eq!(service.pickups.load(Ordering::SeqCst), 0);
    send_to(&service, Method::POST, PICKUP, &[SIGNED_IN]).await;
    assert_eq!(service.pickups.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn methods_are_those_of_the_path() {
    let head = send(Method::HEAD, LIST, &[SIGNED_IN]).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    for (method, path, status, allow) in [
        (Method::OPTIONS, LIST, 204, "GET,HEAD,OPTIONS"),
        (Method::OPTIONS, PICKUP, 204, "POST,OPTIONS"),
        (Method::DELETE, LIST, 405, "GET,HEAD,OPTIONS"),
        (Method::GET, PICKUP, 405, "POST,OPTIONS"),
    ] {
        let answer = send(method, path, &[]).await;
        assert_eq!((answer.status.as_u16(), &answer.headers[ALLOW]), (status, &allow.parse().unwrap()));
    }
}

#[tokio::test]
async fn what_is_very_long_is_not_repeated_whole() {
    let long = "x".repeat(5000);
    let path = format!("/{long}");
    for (method, path, headers, status) in [
        (Method::GET, path.as_str(), &[][..], 404),
        (long.parse().unwrap(), LIST, &[], 405),
        (Method::GET, LIST, &[SIGNED_IN, (ACCEPT.as_str(), long.as_str())], 400),
    ] {
        let answer = send(method, path, headers).await;
        assert_eq!(answer.status, status);
        let message = answer.error().error_message;
        assert!(message.contains("xxx…") && message.len() < 300, "{message}");
    }
}

#[test]
fn sign_in_is_read_where_the_contract_says() {
    let document = serde_json::to_value(<chat_api::ApiDoc as utoipa::OpenApi>::openapi()).unwrap();
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["sessionCookie"]["name"], chat_api::SESSION_COOKIE);
    assert_eq!(schemes["xsrf"]["name"], chat_api::XSRF_HEADER);
    assert_eq!(document["components"]["parameters"]["SOAppToken"]["name"], chat_api::APP_TOKEN_HEADER);
}
