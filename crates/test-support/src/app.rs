//! Calls a router without a socket and validates what it answers.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HOST},
};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::contract::Contract;

/// How much of a body a report shows.
const SHOWN_BODY_CHARS: usize = 2_000;

/// A router under test. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TestApp {
    router: Router,
    contract: Arc<Contract>,
}

impl TestApp {
    /// Wraps a router whose answers must follow the workspace's `openapi.yaml`.
    pub fn new(router: Router) -> Self {
        Self::with_contract(router, Contract::workspace())
    }

    /// Wraps a router whose answers must follow this contract.
    pub fn with_contract(router: Router, contract: Arc<Contract>) -> Self {
        Self { router, contract }
    }

    /// The contract that answers are held to.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Begins a `GET`. The path may have a query.
    pub fn get(&self, path: &str) -> TestRequest {
        self.request(Method::GET, path)
    }

    /// Begins a `POST`.
    pub fn post(&self, path: &str) -> TestRequest {
        self.request(Method::POST, path)
    }

    /// Begins a `PUT`.
    pub fn put(&self, path: &str) -> TestRequest {
        self.request(Method::PUT, path)
    }

    /// Begins a `DELETE`.
    pub fn delete(&self, path: &str) -> TestRequest {
        self.request(Method::DELETE, path)
    }

    /// Begins a request with any method.
    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        TestRequest { app: self.clone(), method, path: path.to_owned(), headers: HeaderMap::new(), body: Body::empty() }
    }
}

/// A request that has not been sent. Owns all it needs, so that many can be sent at once from
/// tasks of their own.
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct TestRequest {
    app: TestApp,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
}

impl TestRequest {
    /// Adds a header; several of one name are sent in this order.
    ///
    /// # Panics
    /// When the name or value cannot be a header. Use [`Self::raw_header`] for odd bytes.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.raw_header(name, value.as_bytes())
    }

    /// Adds a header whose value need not be text.
    ///
    /// # Panics
    /// When the name or value cannot be a header.
    pub fn raw_header(mut self, name: &str, value: &[u8]) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a test names a valid header");
        self.headers.append(name, HeaderValue::from_bytes(value).expect("a test gives a valid header value"));
        self
    }

    /// Signs in with user name and password.
    pub fn basic(self, user: &str, password: &str) -> Self {
        let credentials = STANDARD.encode(format!("{user}:{password}"));
        self.authorization(&format!("Basic {credentials}"))
    }

    /// Signs in with an access token.
    pub fn bearer(self, token: &str) -> Self {
        self.authorization(&format!("Bearer {token}"))
    }

    /// Sets the header `Authorization` as it is.
    pub fn authorization(self, value: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), value)
    }

    /// Sends JSON.
    pub fn json(mut self, value: &Value) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Body::from(value.to_string());
        self
    }

    /// Sends these bytes; their content type is a header of its own.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends the request and validates the answer. Without a `Host` of its own it gets one.
    ///
    /// # Panics
    /// When the answer breaks the contract or its body cannot be read, with a report of all that is wrong.
    pub async fn send(self) -> TestResponse {
        let Self { app, method, path, mut headers, body } = self;
        // Every client says it.
        headers.entry(HOST).or_insert(HeaderValue::from_static("localhost"));
        let mut request = Request::new(body);
        *request.method_mut() = method.clone();
        *request.uri_mut() = path.parse().unwrap_or_else(|error| panic!("{path} is no URI: {error}"));
        *request.headers_mut() = headers;
        let response = match app.router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (parts, body) = response.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => panic!("{method} {path}: the body of the answer broke off: {error}"),
        };
        let answer = TestResponse { status: parts.status, headers: parts.headers, body };
        let valid = app.contract.validate_response(&method, &path, answer.status, &answer.headers, &answer.body);
        if let Err(problems) = valid {
            panic!("{}", report(&method, &path, &answer, &problems));
        }
        answer
    }
}

/// An answer that follows the contract.
#[derive(Clone, Debug)]
pub struct TestResponse {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl TestResponse {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is not.
    pub fn json(&self) -> Value {
        self.parse()
    }

    /// The body as a value of this type.
    ///
    /// # Panics
    /// When it is not one.
    pub fn parse<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}; {} with body: {}", self.status, self.text()))
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text, where there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn report(method: &Method, path: &str, answer: &TestResponse, problems: &[String]) -> String {
    let mut text = format!("the answer to {method} {path} breaks the contract ({})", answer.status);
    for problem in problems {
        text.push_str("\n  - ");
        text.push_str(problem);
    }
    text.push_str("\nheaders:");
    for (name, value) in &answer.headers {
        text.push_str(&format!("\n  {name}: {}", String::from_utf8_lossy(value.as_bytes())));
    }
    let body = answer.text();
    let shown: String = body.chars().take(SHOWN_BODY_CHARS).collect();
    let more = if shown.len() < body.len() { " …" } else { "" };
    text.push_str(&format!("\nbody:\n  {shown}{more}"));
    text
}
