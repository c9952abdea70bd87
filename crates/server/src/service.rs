//! The operations of the API over a store: the glue between the generated server layer and the rules.
//!
//! | Module | Operations |
//! |---|---|
//! | `sessions` | starting, picking up, transferring, ending; one session, and all of a user |
//! | `messages` | writing and reading |
//! | `transcript` | a conversation as people read it |
//! | `streams` | server-sent events |
//! | `topics`, `presence` | where a user is a member, and who takes chats |
//!
//! `access` says who may read, `change` hands a wanted change to the store and makes an answer of what comes of it,
//! `idempotency` and `input` read what is sent.

mod access;
mod change;
mod idempotency;
mod input;
mod messages;
mod presence;
mod sessions;
mod streams;
mod topics;
mod transcript;
mod written;

use std::sync::Arc;
use std::time::Duration;

use chat_api::{ApiError, Authenticate, Credentials, Presented, RequestContext, Resources};

use self::written::WrittenSessions;
use crate::auth::{Authenticator, Caller, CallingCustomer, customer_key};
use crate::clock::Clock;
use crate::config::CustomerSettings;
use crate::entropy::Entropy;
use crate::limits::{self, Concurrency};
use crate::metrics::Metrics;
use crate::rates::CustomerRates;
use crate::rules::text::Composer;
use crate::store::{Store, StoreError};
use crate::streams::Streams;

/// When to try again while the database is busy.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What a [`Service`] works with.
pub struct Parts {
    /// Keeps sessions, topics and users.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes the keys of sessions.
    pub entropy: Arc<dyn Entropy>,
    /// Decides who calls.
    pub authenticator: Arc<Authenticator>,
    /// Requests of one user that run at the same time.
    pub max_concurrent_requests_per_user: usize,
    /// How much is remembered of how sessions were written in lists; 0 for nothing.
    pub written_sessions_bytes: u64,
    /// Counts how often what was remembered helped.
    pub metrics: Arc<Metrics>,
    /// Tells what happens.
    pub streams: Arc<Streams>,
    /// What customers may use up.
    pub customers: CustomerSettings,
    /// The texts that `[SR_…]` stands for.
    pub resources: Arc<dyn Resources>,
}

/// The chat service.
pub struct Service {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    authenticator: Arc<Authenticator>,
    concurrency: Concurrency,
    rates: CustomerRates,
    streams: Arc<Streams>,
    resources: Arc<dyn Resources>,
    written: Option<Arc<WrittenSessions>>,
}

impl Service {
    /// The service over these parts.
    pub fn new(parts: Parts) -> Self {
        let Parts {
            store,
            clock,
            entropy,
            authenticator,
            max_concurrent_requests_per_user,
            written_sessions_bytes,
            metrics,
            streams,
            customers,
            resources,
        } = parts;
        let concurrency = Concurrency::new(max_concurrent_requests_per_user);
        let rates = CustomerRates::new(Arc::clone(&clock), customers);
        let written =
            (written_sessions_bytes > 0).then(|| Arc::new(WrittenSessions::new(written_sessions_bytes, &metrics)));
        Self { store, clock, entropy, authenticator, concurrency, rates, streams, resources, written }
    }

    /// Makes the texts that are sent to a customer. The customer reads the topic's language: the caller's own says nothing
    /// of how numbers are written in it, only `SO-Culture` does.
    fn composer(&self, context: &RequestContext<Caller>) -> Composer {
        let culture = context.culture.clone().filter(|_| context.headers.so_culture.is_some());
        Composer { resources: Arc::clone(&self.resources), culture }
    }
}

impl Authenticate for Service {
    type Caller = Caller;

    /// An `Authorization` header counts before the key of a session, and the key before what a browser sends by itself: the
    /// pages of users and of customers may have the same host.
    async fn authenticate(&self, presented: Presented) -> Result<Caller, ApiError> {
        let is_express = !matches!(presented.credentials, Credentials::Missing | Credentials::Session { .. });
        if let Some(key) = customer_key(&presented).filter(|_| !is_express) {
            self.rates.request(presented.peer)?;
            tracing::Span::current().record("scheme", "customer");
            return Ok(Caller::Customer(CallingCustomer::new(key, presented.peer)));
        }
        let user = self.authenticator.authenticate(presented).await?;
        // Only who signed in is counted: nobody can use up what another user has.
        let running = limits::enter(&self.concurrency, user.id)?;
        Ok(Caller::User(user.running_under(running)))
    }

    fn resources(&self) -> &dyn Resources {
        self.resources.as_ref()
    }
}

/// The answer when the database fails.
pub(crate) fn failed(error: StoreError) -> ApiError {
    if error.is_busy() { ApiError::unavailable(error).with_retry_after(RETRY_AFTER) } else { ApiError::internal(error) }
}
