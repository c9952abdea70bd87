//! Answers for requests that no operation is meant by.

use axum::response::{IntoResponse as _, Response};
use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode, Uri};

use crate::{ApiError, shortened};

/// 404 with the error body, for paths that the contract does not have; `OPTIONS *`, which asks about the server as a
/// whole, is answered with 204.
pub async fn fallback(method: Method, uri: Uri) -> Response {
    if method == Method::OPTIONS && uri.path() == "*" {
        return StatusCode::NO_CONTENT.into_response();
    }
    let path = shortened(uri.path());
    let error = ApiError::not_found(format!("there is nothing at `{path}`"));
    error.with_reference("SR_ERROR_NOTHING_AT", [("path", (&*path).into())]).into_response()
}

/// 405 with the error body, for methods that the path does not have; `OPTIONS` is answered with 204.
/// The router adds `Allow` to both.
pub async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let (path, method) = (shortened(uri.path()), shortened(method.as_str()));
    let error = ApiError::method_not_allowed(format!("`{path}` cannot be called with {method}"));
    let values = [("path", (&*path).into()), ("method", (&*method).into())];
    error.with_reference("SR_ERROR_METHOD", values).into_response()
}

/// Adds `OPTIONS` to the `Allow` that the router wrote: it knows methods with a handler of their own, and
/// [`method_not_allowed`] answers that one for all paths.
pub(crate) fn complete_allow(response: &mut Response) {
    let written = response.headers().get(ALLOW).and_then(|value| value.to_str().ok());
    let Some(written) = written else { return };
    if !written.split(',').any(|method| method.trim() == "OPTIONS")
        && let Ok(complete) = HeaderValue::try_from(format!("{written},OPTIONS"))
    {
        response.headers_mut().insert(ALLOW, complete);
    }
}
