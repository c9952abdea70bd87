//! The body of error answers, in the form that the caller wants.

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::fallback::complete_allow;
use crate::models::xml::to_xml;
use crate::models::xml_element;
use crate::negotiation::{VARY_ON, is_xml, negotiate};

/// The form of errors that nobody asked for in another.
const DEFAULT: &str = "application/json";

/// The body, in the words of the contract's `ErrorResponse`. Written out here, so that the layer
/// serves contracts that do not describe their errors too.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ErrorBody {
    error: bool,
    error_type: String,
    error_message: String,
    error_source: String,
}

xml_element! {
    ErrorBody = "ErrorResponse" {
        error = "Error",
        error_type = "ErrorType",
        error_message = "ErrorMessage",
        error_source = "ErrorSource",
    }
}

impl ErrorBody {
    pub(crate) fn new(error_type: String, error_message: String, error_source: String) -> Self {
        Self { error: true, error_type, error_message, error_source }
    }

    pub(crate) fn message(&self) -> &str {
        &self.error_message
    }

    pub(crate) fn set_message(&mut self, message: String) {
        self.error_message = message;
    }

    /// Makes this the body of an answer that has one already, in the same form.
    pub(crate) fn rewrite(&self, response: &mut Response) {
        let written = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = written.and_then(|value| value.split(';').next()).unwrap_or(DEFAULT).trim().to_owned();
        self.write(response, &media_type);
    }

    /// Makes this the body of the answer.
    pub(crate) fn write(&self, response: &mut Response, media_type: &str) {
        let (bytes, media_type) = match to_xml(self) {
            Ok(text) if is_xml(media_type) => (text.into_bytes(), media_type),
            // A message may quote what XML cannot carry. Four plain fields are always JSON.
            failed => {
                let media_type = if failed.is_err() && is_xml(media_type) { DEFAULT } else { media_type };
                (serde_json::to_vec(self).unwrap_or_default(), media_type)
            }
        };
        if let Ok(value) = HeaderValue::try_from(format!("{media_type}; charset=utf-8")) {
            response.headers_mut().insert(CONTENT_TYPE, value);
        }
        response.headers_mut().insert(CONTENT_LENGTH, bytes.len().into());
        *response.body_mut() = Body::from(bytes);
    }
}

/// Writes errors of `router` in the form that the request's `Accept` wants most, among `offered`;
/// JSON where it wants none of them, and says what answers depend on (`Vary`).
///
/// The generated router has it already. Put it around whatever else answers with
/// [`ApiError`](crate::ApiError), too: it leaves alone what is negotiated. `Allow` gets its `OPTIONS` here as well.
pub fn negotiated_errors(router: Router, offered: &'static [&'static str]) -> Router {
    // A router of its own around the other: `Allow` is written outside of a router's layers.
    let router = Router::new().fallback_service(router);
    router.layer(middleware::from_fn_with_state(offered, negotiated))
}

async fn negotiated(State(offered): State<&'static [&'static str]>, request: Request, next: Next) -> Response {
    let mut accept = HeaderMap::new();
    for value in request.headers().get_all(ACCEPT) {
        accept.append(ACCEPT, value.clone());
    }
    let is_head = request.method() == Method::HEAD;
    let mut response = next.run(request).await;
    complete_allow(&mut response);
    if let Some(body) = response.extensions_mut().remove::<ErrorBody>() {
        // Who is told that a form is not acceptable has to be able to read it.
        let wanted =
            if response.status() == StatusCode::NOT_ACCEPTABLE { None } else { negotiate(&accept, offered).ok() };
        body.write(&mut response, wanted.unwrap_or(DEFAULT));
        if is_head {
            *response.body_mut() = Body::empty();
        }
    }
    let says = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("Accept,"));
    if !response.headers().get_all(VARY).iter().any(says) {
        response.headers_mut().append(VARY, VARY_ON.clone());
    }
    response
}
