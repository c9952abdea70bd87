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
use crate::passing::Passing;

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
        self.begin().await.rest().await
    }

    /// Sends the request and validates the head of the answer; the body is the caller's to read, and is validated as it
    /// comes.
    ///
    /// # Panics
    /// When the head breaks the contract.
    pub async fn begin(self) -> TestAnswer {
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
        let place = format!("{method} {path}");
        let passing = Passing::begin(app.contract, method, path, parts.status, parts.headers);
        TestAnswer { place, passing: kept(passing), body }
    }
}

/// An answer whose body is read piece by piece, and validated as it comes: events one by one, anything else at its end.
/// What is dropped before its end is held to the contract as far as it was read.
#[derive(Debug)]
pub struct TestAnswer {
    place: String,
    passing: Passing,
    body: Body,
}

impl TestAnswer {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.passing.head().status
    }

    /// A header's text, where there is one.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.passing.head().header(name)
    }

    /// The next piece of the body; nothing at its end.
    ///
    /// # Errors
    /// The body broke off.
    ///
    /// # Panics
    /// When an event breaks the contract.
    pub async fn piece(&mut self) -> Option<Result<Bytes, axum::Error>> {
        loop {
            let data = match self.body.frame().await? {
                Ok(frame) => frame.into_data(),
                Err(error) => return Some(Err(error)),
            };
            // Trailers are nothing to anybody.
            let Ok(data) = data else { continue };
            kept(self.passing.go_on(&data));
            return Some(Ok(data));
        }
    }

    /// The whole answer, once its body has come to its end.
    ///
    /// # Panics
    /// When the answer breaks the contract or its body breaks off, with a report of all that is wrong.
    pub async fn rest(mut self) -> TestResponse {
        while let Some(piece) = self.piece().await {
            if let Err(error) = piece {
                panic!("{}: the body of the answer broke off: {error}", self.place);
            }
        }
        kept(self.passing.end())
    }
}

/// What follows the contract.
fn kept<T>(found: Result<T, String>) -> T {
    found.unwrap_or_else(|report| panic!("{report}"))
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
