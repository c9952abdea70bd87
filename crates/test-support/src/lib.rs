//! Helpers for the tests of this workspace: an app that is called without a socket, and a look at the bytes of
//! connections; whatever answer passes through either is validated against `openapi.yaml`, events of streams included.
//!
//! ```no_run
//! # async fn example(router: axum::Router) {
//! let app = chat_test_support::TestApp::new(router);
//! let answer = app.get("/api/v1/ChatSession/ForCurrentUser").basic("tje0", "Tje0").send().await;
//! assert_eq!(answer.status, 200);
//! # }
//! ```

mod app;
mod contract;
mod events;
mod guard;
mod passing;
mod response;
mod route;
mod wire;
mod xml;

pub use app::{TestAnswer, TestApp, TestRequest, TestResponse};
pub use contract::Contract;
pub use guard::assert_answers_are_looked_at;
pub use wire::Wire;

use http::{HeaderMap, Method, StatusCode};

/// Validates an answer against the workspace's `openapi.yaml`: see [`Contract::validate_response`].
///
/// # Errors
/// Everything in which the answer breaks the contract, a line each.
pub fn validate_response(
    method: &Method,
    path: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Vec<String>> {
    Contract::workspace().validate_response(method, path, status, headers, body)
}
