//! Answers for requests that no operation is meant by.

use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode, Uri};

use crate::ApiError;

/// 404 with the error body, for paths that the contract does not have; `OPTIONS *`, which asks about the server as a
/// whole, is answered with 204.
pub async fn fallback(method: Method, uri: Uri) -> Response {
    if method == Method::OPTIONS && uri.path() == "*" {
        return StatusCode::NO_CONTENT.into_response();
    }
    let path = uri.path();
    let error = ApiError::not_found(format!("there is nothing at `{path}`"));
    error.with_reference("SR_ERROR_NOTHING_AT", [("path", path)]).into_response()
}

/// 405 with the error body, for methods that the path does not have; `OPTIONS` is answered with 204.
/// The router adds `Allow` to both.
pub async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let path = uri.path();
    let error = ApiError::method_not_allowed(format!("`{path}` cannot be called with {method}"));
    let values = [("path", path), ("method", method.as_str())];
    error.with_reference("SR_ERROR_METHOD", values).into_response()
}
