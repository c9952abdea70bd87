//! The keys of the configuration: their names, types, bounds, defaults and texts.
//!
//! The doc comments are what editors show (through `config.schema.json`) and what `chat-server.example.toml` says.

use std::net::SocketAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::log_filter::LogFilter;
use super::values::{Network, PublicUrl, WebOrigin, database_url};

/// Everything that can be configured.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "Configuration of chat-server")]
pub struct Settings {
    /// The address to listen on, and the port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address of `/metrics`, for Prometheus, with `/healthz` and `/readyz`: `127.0.0.1:9090`. There is no sign-in: it
    /// must not be reached from outside. None: no metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub metrics_listen: Option<SocketAddr>,
    /// The database: `sqlite://FILE`, `sqlite::memory:` or `postgres://USER@HOST/DATABASE`.
    #[serde(deserialize_with = "database_url")]
    pub database: String,
    /// Which kind of installation this is: it decides how callers sign in. `onsite` takes Basic and SoTicket, `online`
    /// takes Bearer and wants every application's SO-AppToken.
    pub installation: Installation,
    /// Where callers reach the service, `https://chat.example.com`. With https, cookies are for TLS only. None: the
    /// address above, without TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub public_url: Option<PublicUrl>,
    /// Addresses and networks of proxies (`10.0.0.0/8`) whose `X-Forwarded-For` is believed. Of anyone else it is not
    /// looked at.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<Network>,
    /// Web origins (`https://app.example.com`) whose pages may call the API from a browser. None: no other than its own.
    #[schemars(with = "Vec<String>")]
    pub cors_allowed_origins: Vec<WebOrigin>,
    /// Whether `/docs` serves the reference of the API, to everybody.
    pub docs: bool,
    /// A folder with texts, a file per language (`de.toml`), that add to or replace the built-in ones. None: those alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub resources_folder: Option<PathBuf>,
    /// What is logged, and how. Secrets and personal data never are.
    pub log: LogSettings,
    /// What a request may use up. What is beyond is refused with the documented error.
    pub limits: LimitSettings,
    /// How much work it is to hash a password. Hashes of earlier settings stay valid.
    pub password_cost: PasswordSettings,
    /// How long sign-ins last, and how failed ones are slowed down.
    pub sign_in: SignInSettings,
    /// When chat sessions end by themselves, and how long they are kept.
    pub sessions: SessionSettings,
    /// What customers, who are not signed in, may use up.
    pub customers: CustomerSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: None,
            database: "sqlite://chat.db".to_owned(),
            installation: Installation::default(),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_allowed_origins: Vec::new(),
            docs: true,
            resources_folder: None,
            log: LogSettings::default(),
            limits: LimitSettings::default(),
            password_cost: PasswordSettings::default(),
            sign_in: SignInSettings::default(),
            sessions: SessionSettings::default(),
            customers: CustomerSettings::default(),
        }
    }
}

/// The kind of installation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Installation {
    /// In the customer's own house: Basic and SoTicket.
    #[default]
    Onsite,
    /// In the cloud: Bearer, and an application token with every call.
    Online,
}

/// What is logged, and how.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// How lines are written: `text` for people, `json` for programs.
    pub format: LogFormat,
    /// From which level on: `error`, `warn`, `info`, `debug` or `trace`; also by part, `info,chat_server=debug`.
    #[schemars(with = "String")]
    pub level: LogFilter,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

/// What a request may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// Bytes of all names and values of a request's headers together. Beyond: 431.
    #[schemars(range(min = 1024, max = 1_048_576))]
    pub max_header_bytes: u32,
    /// Bytes of a request's body, whether its length is announced or it is sent in chunks. Beyond: 413.
    #[schemars(range(min = 1, max = 1_073_741_824))]
    pub max_body_bytes: u32,
    /// Milliseconds from the headers of a request to those of its answer. A request whose body has not arrived by then
    /// is answered with 408, one whose answer is not ready with 503.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub request_timeout_ms: u32,
    /// Milliseconds from the first byte of a request to the end of its headers, and between two requests of a
    /// connection. After that a request that has begun is answered with 408, and the connection is closed.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub header_read_timeout_ms: u32,
    /// Milliseconds until the other side has taken some of an answer that waits to be sent. After that the connection
    /// is closed.
    #[schemars(range(min = 1, max = 3_600_000))]
    pub write_timeout_ms: u32,
    /// Requests of one user that run at the same time, until their answers are sent. Beyond: 429.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_concurrent_requests_per_user: u32,
    /// Connections at the same time. Beyond: 503. Each takes a file descriptor, of which systems often give a process
    /// 1024.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections: u32,
    /// Connections at the same time from one address, or one IPv6 network of 64 bits. Beyond: 503. Those of
    /// `trusted_proxies` count among all only.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_connections_per_address: u32,
    /// Milliseconds that running requests have to end when the server stops.
    #[schemars(range(min = 0, max = 3_600_000))]
    pub shutdown_deadline_ms: u32,
    /// Milliseconds that the server goes on after it was told to stop, while `/readyz` answers 503: as long as load
    /// balancers need to see that. 0: it stops at once.
    #[schemars(range(min = 0, max = 3_600_000))]
    pub drain_ms: u32,
    /// KiB of memory for how sessions were written in lists. Agents who ask for theirs every few seconds get from there
    /// what did not change. 0: each session is written anew each time.
    #[schemars(range(min = 0, max = 1_048_576))]
    pub written_sessions_kib: u32,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            max_header_bytes: 32 * 1024,
            max_body_bytes: 1024 * 1024,
            request_timeout_ms: 30_000,
            header_read_timeout_ms: 30_000,
            write_timeout_ms: 30_000,
            max_concurrent_requests_per_user: 256,
            max_connections: 800,
            max_connections_per_address: 128,
            shutdown_deadline_ms: 10_000,
            drain_ms: 0,
            written_sessions_kib: 16 * 1024,
        }
    }
}

/// How much work it is to hash a password, with argon2id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordSettings {
    /// Memory in KiB, at least eight times `lanes`. The default is what OWASP asks for.
    #[schemars(range(min = 8, max = 4_194_304))]
    pub memory_kib: u32,
    /// Passes over the memory.
    #[schemars(range(min = 1, max = 1000))]
    pub passes: u32,
    /// Lanes that can be computed side by side.
    #[schemars(range(min = 1, max = 255))]
    pub lanes: u32,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// How long sign-ins last, and how failed ones are slowed down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SignInSettings {
    /// Seconds that a browser session lasts at most.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub session_lifetime_s: u32,
    /// Seconds without a request after which a browser session ends.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub session_idle_s: u32,
    /// Seconds that a ticket (`SoTicket 7T:…`) is valid, where its issue says nothing else.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub ticket_lifetime_s: u32,
    /// Seconds that an access token (`Bearer 8A:…`) is valid, where its issue says nothing else.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub token_lifetime_s: u32,
    /// Seconds that the right password of a Basic request is known at its address without being hashed again. A new
    /// password, a sign-out and a lock-out count at once all the same. 0: every request's is hashed.
    #[schemars(range(min = 0, max = 3600))]
    pub password_known_s: u32,
    /// Wrong passwords for a user from one address that cost nothing. Each further one doubles the wait before the next
    /// is looked at: 429.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub free_failures_per_user: u32,
    /// The longest such wait in seconds. Other addresses do not wait for it, so that nobody can lock a user out.
    #[schemars(range(min = 1, max = 3600))]
    pub max_failure_wait_s: u32,
    /// Wrong passwords from one address, for whatever users, that cost nothing. After them one every few seconds is
    /// looked at.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub free_failures_per_address: u32,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self {
            session_lifetime_s: 12 * 3600,
            session_idle_s: 3600,
            ticket_lifetime_s: 12 * 3600,
            token_lifetime_s: 3600,
            password_known_s: 300,
            free_failures_per_user: 5,
            max_failure_wait_s: 60,
            free_failures_per_address: 50,
        }
    }
}

/// When chat sessions end by themselves, and how long they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// Seconds without an answer from the customer after which a session is closed.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub customer_idle_s: u32,
    /// Seconds without an answer from the user after which a session is closed.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub user_idle_s: u32,
    /// Seconds without a sign of the customer's page after which a session leaves the queue.
    #[schemars(range(min = 1, max = 31_536_000))]
    pub waiting_idle_s: u32,
    /// Milliseconds between two looks for sessions that are idle or wait too long.
    #[schemars(range(min = 10, max = 3_600_000))]
    pub check_every_ms: u32,
    /// Days after their end that sessions are kept with their messages; 0 for ever.
    #[schemars(range(min = 0, max = 36_500))]
    pub retention_days: u32,
    /// Hours that a repeated call with the same `Idempotency-Key` is known.
    #[schemars(range(min = 1, max = 8760))]
    pub idempotency_hours: u32,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            customer_idle_s: 30 * 60,
            user_idle_s: 60 * 60,
            waiting_idle_s: 15 * 60,
            check_every_ms: 5_000,
            retention_days: 0,
            idempotency_hours: 24,
        }
    }
}

/// What customers, who are not signed in, may use up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerSettings {
    /// Sessions that one address, or one IPv6 network of 64 bits, may start in a minute. Beyond: 429.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub starts_per_minute: u32,
    /// Requests of customers from one address, or one IPv6 network of 64 bits, in a minute. Beyond: 429.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub requests_per_minute: u32,
    /// Event streams of customers from one address, or one IPv6 network of 64 bits, at the same time. Beyond: 429.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub streams_per_address: u32,
}

impl Default for CustomerSettings {
    fn default() -> Self {
        Self { starts_per_minute: 20, requests_per_minute: 1200, streams_per_address: 64 }
    }
}
