//! The forms of answers: media types of answers and errors, HEAD and OPTIONS, and calls from other origins.

use std::sync::Arc;

use axum::Router;
use chat_api::models::xml::{XmlLimits, from_xml};
use chat_api::models::{ChatSessionEntity, ErrorResponse};
use chat_api::{ApiError, Authenticate, CorsOptions, Presented, RequestContext, cors};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http::{HeaderMap, Method, StatusCode};

use crate::stand_in::{LIST, PICKUP, StandIn, app, router};

const XML: (&str, &str) = ("accept", "application/xml");

/// Answers with one session of a customer of this name; without a name, with 404.
struct Fixed(Option<&'static str>);

impl Fixed {
    fn session(&self) -> Result<ChatSessionEntity, ApiError> {
        let name = self.0.ok_or_else(|| ApiError::not_found("nobody <waits>"))?;
        Ok(ChatSessionEntity { customer_name: Some(name.to_owned()), ..ChatSessionEntity::default() })
    }
}

impl Authenticate for Fixed {
    type Caller = ();

    async fn authenticate(&self, _: Presented) -> Result<(), ApiError> {
        Ok(())
    }
}

impl StandIn for Fixed {
    async fn list(&self, _: RequestContext<()>) -> Result<Vec<ChatSessionEntity>, ApiError> {
        self.session().map(|session| vec![session])
    }

    async fn pick_up(&self, _: RequestContext<()>) -> Result<ChatSessionEntity, ApiError> {
        self.session()
    }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// Status and media type.
    fn form(&self) -> String {
        let media_type = self.headers.get(CONTENT_TYPE).map_or("-", |value| value.to_str().unwrap());
        format!("{} {media_type}", self.status)
    }

    /// The values of a header, joined.
    fn header(&self, name: &str) -> String {
        let values: Vec<&str> = self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
        values.join("; ")
    }
}

async fn send_to(router: Router, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = app(router).request(method, path);
    let answer = headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await;
    Answer { status: answer.status.as_u16(), body: answer.text(), headers: answer.headers }
}

async fn send(name: Option<&'static str>, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    send_to(router(Arc::new(Fixed(name))), method, path, headers).await
}

#[tokio::test]
async fn answers_are_xml_where_xml_is_wanted() {
    let answer = send(Some("A & B"), Method::GET, LIST, &[XML]).await;
    assert_eq!(answer.form(), "200 application/xml; charset=utf-8");
    assert_eq!(
        answer.body,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><ArrayOfChatSessionEntity><ChatSessionEntity>\
         <CustomerName>A &amp; B</CustomerName></ChatSessionEntity></ArrayOfChatSessionEntity>"
    );
    let answer = send(Some("A & B"), Method::POST, PICKUP, &[("accept", "text/xml, application/json;q=0.9")]).await;
    assert_eq!(answer.form(), "200 text/xml; charset=utf-8");
    let session: ChatSessionEntity = from_xml(answer.body.as_bytes(), XmlLimits::default()).unwrap();
    assert_eq!(session.customer_name.as_deref(), Some("A & B"));
}

#[tokio::test]
async fn what_xml_cannot_carry_is_refused_in_json() {
    for (method, path, message) in [
        (
            Method::GET,
            LIST,
            "the answer is no XML, ask for JSON: `ArrayOfChatSessionEntity.ChatSessionEntity.CustomerName`: XML cannot carry \
             the character U+0001",
        ),
        (
            Method::POST,
            PICKUP,
            "the answer is no XML, ask for JSON: `ChatSessionEntity.CustomerName`: XML cannot carry the character U+0001; \
             the operation was carried out all the same",
        ),
    ] {
        let answer = send(Some("A\u{1}"), method, path, &[XML]).await;
        assert_eq!(answer.form(), "406 application/json; charset=utf-8");
        let error: ErrorResponse = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((error.error_type.as_str(), error.error_message.as_str()), ("NotAcceptable", message));
    }
}

#[tokio::test]
async fn errors_come_in_the_form_that_is_wanted() {
    for (method, path, accept, expected) in [
        (Method::POST, PICKUP, "application/xml", "404 application/xml; charset=utf-8"),
        (Method::POST, PICKUP, "text/xml, application/json;q=0.5", "404 text/xml; charset=utf-8"),
        (Method::POST, PICKUP, "text/xml;q=0.5, application/json", "404 application/json; charset=utf-8"),
        (Method::POST, PICKUP, "text/json", "404 text/json; charset=utf-8"),
        (Method::POST, PICKUP, "application/merge-patch+json", "404 application/merge-patch+json; charset=utf-8"),
        (Method::POST, PICKUP, "image/png", "406 application/json; charset=utf-8"),
        (Method::GET, "/nowhere", "application/xml", "404 application/xml; charset=utf-8"),
        (Method::GET, "/nowhere", "image/png", "404 application/json; charset=utf-8"),
        (Method::GET, "/nowhere", "nonsense", "404 application/json; charset=utf-8"),
        (Method::GET, PICKUP, "text/xml", "405 text/xml; charset=utf-8"),
        (Method::POST, PICKUP, "text/xml;q=7", "400 application/json; charset=utf-8"),
    ] {
        let answer = send(None, method.clone(), path, &[("accept", accept)]).await;
        assert_eq!(answer.form(), expected, "{method} {path} {accept}");
        assert_eq!(answer.header(CONTENT_LENGTH.as_str()), answer.body.len().to_string());
        assert!(answer.header(VARY.as_str()).starts_with("Accept, Accept-Language, SO-Language"));
        let error: ErrorResponse = if expected.contains("xml") {
            from_xml(answer.body.as_bytes(), XmlLimits::default()).unwrap()
        } else {
            serde_json::from_str(&answer.body).unwrap()
        };
        assert!(error.error && error.error_source == "chat-api");
    }
    let answer = send(None, Method::POST, PICKUP, &[XML]).await;
    assert!(answer.body.contains("<ErrorMessage>nobody &lt;waits&gt;</ErrorMessage>"), "{}", answer.body);
}

#[tokio::test]
async fn an_error_that_xml_cannot_carry_is_json() {
    let router = Router::new().fallback(async || ApiError::bad_request("a\u{0}"));
    let router = chat_api::negotiated_errors(router, chat_api::ERROR_MEDIA_TYPES);
    let answer = send_to(router, Method::GET, "/", &[XML]).await;
    assert_eq!(answer.form(), "400 application/json; charset=utf-8");
}

#[tokio::test]
async fn errors_of_outer_layers_are_negotiated_once() {
    let inner = router(Arc::new(Fixed(None)));
    let router = chat_api::negotiated_errors(inner, chat_api::ERROR_MEDIA_TYPES);
    let answer = send_to(router, Method::POST, PICKUP, &[XML]).await;
    assert_eq!(answer.form(), "404 application/xml; charset=utf-8");
    assert_eq!(answer.headers.get_all(VARY).iter().count(), 1);
}

#[tokio::test]
async fn head_says_what_get_says_without_a_body() {
    for (name, path, headers) in [
        (Some("A"), LIST, &[][..]),
        (Some("A"), LIST, &[XML]),
        (None, LIST, &[]),
        (None, LIST, &[XML]),
        (None, "/nowhere", &[XML]),
    ] {
        let get = send(name, Method::GET, path, headers).await;
        let head = send(name, Method::HEAD, path, headers).await;
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.headers, get.headers, "{path}");
        assert_eq!(head.header(CONTENT_LENGTH.as_str()), get.body.len().to_string(), "{path}");
    }
}

#[tokio::test]
async fn options_say_what_a_path_can() {
    for (path, status, allow) in
        [(LIST, 204, "GET,HEAD,OPTIONS"), (PICKUP, 204, "POST,OPTIONS"), ("*", 204, ""), ("/nowhere", 404, "")]
    {
        let answer = send(None, Method::OPTIONS, path, &[]).await;
        assert_eq!((answer.status, answer.header("allow").as_str()), (status, allow), "{path}");
    }
}

const PAGE: (&str, &str) = ("origin", "https://crm.example.com");
const PREFLIGHT: (&str, &str) = ("access-control-request-method", "POST");

fn with_cors(options: CorsOptions) -> Router {
    cors(router(Arc::new(Fixed(Some("A")))), options)
}

#[tokio::test]
async fn other_origins_are_let_in_by_name_only() {
    let options = CorsOptions { allowed_origins: vec!["https://crm.example.com".to_owned()], ..CorsOptions::default() };
    for (method, headers, status, origin) in [
        (Method::POST, &[PAGE][..], 200, "https://crm.example.com"),
        (Method::POST, &[("origin", "https://crm.example.com.evil.example")], 200, ""),
        (Method::POST, &[("origin", "http://crm.example.com")], 200, ""),
        (Method::POST, &[("origin", "null")], 200, ""),
        (Method::POST, &[], 200, ""),
        (Method::OPTIONS, &[PAGE, PREFLIGHT], 204, "https://crm.example.com"),
        (Method::OPTIONS, &[("origin", "https://evil.example"), PREFLIGHT], 204, ""),
        (Method::OPTIONS, &[], 204, ""),
    ] {
        let answer = send_to(with_cors(options.clone()), method.clone(), PICKUP, headers).await;
        let seen = (answer.status, answer.header("access-control-allow-origin"));
        assert_eq!(seen, (status, origin.to_owned()), "{method} {headers:?}");
        assert!(answer.header("vary").ends_with("Origin"));
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let is_preflight = method == Method::OPTIONS && !origin.is_empty();
        assert_eq!(!answer.header("access-control-allow-headers").is_empty(), is_preflight);
    }
}

#[tokio::test]
async fn nobody_is_let_in_by_default() {
    for headers in [&[PAGE][..], &[PAGE, PREFLIGHT]] {
        let answer = send_to(with_cors(CorsOptions::default()), Method::OPTIONS, PICKUP, headers).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT.as_u16());
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
    }
}

#[tokio::test]
async fn paths_that_are_not_the_apis_are_not_opened_to_other_origins() {
    let options = || CorsOptions {
        allowed_origins: vec!["https://crm.example.com".to_owned()],
        paths_below: "/api/".to_owned(),
        ..CorsOptions::default()
    };
    let with_page =
        || cors(router(Arc::new(Fixed(Some("A")))).route("/signin", axum::routing::any(|| async {})), options());
    for (method, path, expected) in [
        (Method::GET, LIST, true),
        (Method::OPTIONS, LIST, true),
        (Method::GET, "/signin", false),
        (Method::OPTIONS, "/signin", false),
        (Method::GET, "/apiary", false),
    ] {
        let answer = send_to(with_page(), method.clone(), path, &[PAGE, PREFLIGHT]).await;
        let is_opened = answer.headers.keys().any(|name| name.as_str().starts_with("access-control"));
        assert_eq!(is_opened, expected, "{method} {path}");
    }
}
