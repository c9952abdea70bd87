//! Answers for requests that no operation is meant by.

use axum::response::{IntoResponse as _, Response};
use http::{Method, StatusCode, Uri};

use crate::ApiError;

/// 404 with the error body, for paths that the contract does not have.
pub async fn fallback(uri: Uri) -> ApiError {
    ApiError::not_found(format!("there is nothing at `{}`", uri.path()))
}

/// 405 with the error body, for methods that the path does not have; `OPTIONS` is answered with 204.
/// The router adds `Allow` to both.
pub async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    ApiError::method_not_allowed(format!("`{}` cannot be called with {method}", uri.path())).into_response()
}
