//! The server layer of the chat API: a trait with a method an operation, a router that serves what
//! implements it, and the OpenAPI document that [`ApiDoc`] makes of the same handlers.
//!
//! The layer owns what is the same for every operation: sign-in, content negotiation, reading
//! parameters and bodies, and the body of every error. A service implements [`Authenticate`] once and
//! the trait of each tag, and writes rules only:
//!
//! ```
//! use std::sync::Arc;
//!
//! use chat_api::{ApiError, Authenticate, ChatSession, Credentials, Presented};
//!
//! struct Service;
//!
//! impl Authenticate for Service {
//!     type Caller = String;
//!
//!     async fn authenticate(&self, presented: Presented) -> Result<String, ApiError> {
//!         match presented.credentials {
//!             Credentials::Basic { user, .. } => Ok(user),
//!             _ => Err(ApiError::unauthorized("sign in").with_challenge("Basic realm=\"chat\"")),
//!         }
//!     }
//! }
//!
//! // `impl ChatSession for Service` has an `async fn` for each operation of the tag: it gets a
//! // `RequestContext` and the operation's parameters, and gives the carrier or an `ApiError`.
//! fn serve<S: ChatSession>(service: Arc<S>) -> axum::Router {
//!     chat_api::chat_session_router(service)
//! }
//! ```
//!
//! `router` serves all tags together, and answers everything else with the error body.

mod context;
mod cors;
mod credentials;
mod culture;
mod error;
mod error_body;
mod fallback;
#[rustfmt::skip]
#[expect(clippy::allow_attributes, reason = "whether a lint fires depends on the documents")]
#[allow(missing_docs, reason = "the documents do not describe everything")]
#[allow(rustdoc::bare_urls, rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags, reason = "texts are the documents' own")]
#[allow(clippy::enum_variant_names, clippy::large_enum_variant, clippy::new_ret_no_self, clippy::too_many_arguments, clippy::type_complexity, clippy::wrong_self_convention, non_camel_case_types, reason = "names, parameters and answers are as the contract has them")]
#[allow(clippy::doc_lazy_continuation, clippy::doc_overindented_list_items, clippy::empty_docs, reason = "texts are the documents' own")]
mod generated;
mod keys;
mod language;
mod localize;
mod negotiation;
mod presented;
mod shortened;
pub mod support;
mod time_zone;

/// The carriers that travel in requests and answers.
pub use chat_models as models;
pub use context::{Authenticate, RequestContext};
pub use cors::{CorsOptions, cors};
pub use credentials::{
    Credentials, HOST_SESSION_COOKIE, SESSION_COOKIE, Secret, SessionCookie, XSRF_HEADER, cookie_values,
};
pub use culture::Culture;
pub use error::ApiError;
pub use error_body::negotiated_errors;
pub use fallback::{fallback, method_not_allowed};
pub use generated::*;
pub use keys::{ApiKey, ApiKeys, KeyPlace};
pub use language::{LanguagePreference, LanguageTag};
pub use localize::{NoResources, Resources, TextValue, compose, localize, localized_errors, translate};
pub use negotiation::negotiate;
pub use presented::{APP_TOKEN_HEADER, Peer, Presented};
pub use shortened::shortened;
pub use support::MaxBodyBytes;
pub use time_zone::{parse as parse_time_zone, time_zone_pattern};
