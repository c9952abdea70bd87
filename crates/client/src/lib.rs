//! A client of the chat API.
//!
//! Sign in and choose the language once, then call a method for each operation; what the
//! answers hold is in [`chat_models`].
//!
//! ```no_run
//! use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = chat_client::Client::builder("https://service.example.com")
//!     .basic("tje0", "Tje0")
//!     .language("en")
//!     .timeout(Duration::from_secs(10))
//!     .build()?;
//!
//! for session in client.chat_sessions_for_user().await?.iter() {
//!     println!("{:?} has waited since {:?}", session.customer_name, session.when_requested);
//! }
//!
//! match client.pick_up_first_chat_session(None).await {
//!     Ok(session) => println!("picked up {:?}", session.chat_session_id),
//!     Err(error) if error.is_not_found() => println!("nobody waits"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What it takes care of:
//! - A GET request that fails for a passing reason is sent again, see [`Builder::retries`], and so is an operation
//!   that takes an `Idempotency-Key`: each call has one, by which the server knows a repetition. No other request ever
//!   is sent again: what it does might be done twice.
//! - The status of an answer is never lost: [`Error::status`] knows it even where a proxy answered
//!   with a page of HTML. The documented error body, where there was one, is
//!   [`Error::error_response`].
//! - Date-times keep the offset they were sent with, and values or properties that were
//!   documented after this crate was built do not break it.
//! - Secrets show up neither in `Debug` output nor in errors, and no error prints a body.
//! - Redirects are not followed: they would carry the sign-in elsewhere. Neither does a secret travel over plain http
//!   to another machine, unless [`Builder::allow_insecure_http`] says so.

mod client;
mod defaults;
mod error;
mod events;
#[rustfmt::skip]
#[expect(clippy::allow_attributes, reason = "the generator that this code comes from allows lints by itself")]
#[allow(clippy::all, dead_code, missing_docs, unreachable_pub, unused_imports, unused_qualifications, reason = "the form of the code is the generator's")]
mod generated;
mod hooks;
#[expect(clippy::allow_attributes, reason = "whether a lint fires depends on the documents")]
#[allow(dead_code, reason = "a contract may have no keys")]
mod keys;
#[expect(clippy::allow_attributes, reason = "whether a lint fires depends on the documents")]
#[allow(dead_code, unused_imports, reason = "documents may need some of it, or none")]
mod request;
mod tls;

/// What requests and answers hold.
pub use chat_models as models;
pub use client::{BuildError, Builder, Client};
pub(crate) use defaults::Defaults;
pub use error::Error;
pub use events::{Event, EventStream};
pub use generated::*;
pub use progenitor_client::{ByteStream, ResponseValue};
pub use reqwest::{Body, multipart};

/// The example in the project's README, so that it compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The one in the crate's own.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct OwnReadme;
