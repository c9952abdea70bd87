//! The chat-session service: rules, stores, sign-in, and the HTTP around the generated server layer.
//!
//! The binary is one user of this library; tests and the demonstration embed it:
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use chat_server::{App, Config};
//!
//! let app = App::open(Config::new("sqlite::memory:")).await?;
//! app.fill_with_demo().await?;
//! let listener = chat_server::bind("127.0.0.1:0".parse()?).await?;
//! chat_server::serve(listener, &app, chat_server::shutdown_signal()?).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Left to others: the shape of the API (`chat-models`), media types and the error body (`chat-api`).

mod app;
pub mod auth;
mod background;
pub mod clock;
pub mod config;
mod connections;
pub mod customers;
mod docs;
pub mod entropy;
mod http;
pub mod import;
mod limits;
mod metrics;
mod outage;
mod pages;
mod parser_errors;
pub mod passwords;
mod rates;
mod readiness;
pub mod records;
pub mod resources;
pub mod rules;
mod serve;
mod service;
pub mod store;
mod stream;
mod streams;
mod tally;

pub use self::app::{App, AppError, Config, Demo, Imported};
pub use self::http::REQUEST_ID;
pub use self::limits::Limits;
pub use self::metrics::{Metrics, serve_metrics};
pub use self::serve::{bind, serve, shutdown_signal};
pub use self::service::{Parts as ServiceParts, Service};
pub use self::streams::{Pace, Streams};
