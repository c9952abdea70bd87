//! The operations of the API over a store: the glue between the generated server layer and the rules.

use std::sync::Arc;
use std::time::Duration;

use chat_api::{ApiError, Authenticate, ChatSession, Presented, RequestContext, Resources};
use chat_models::ChatSessionEntity;

use crate::auth::{Authenticator, Caller};
use crate::clock::Clock;
use crate::limits::{self, Concurrency};
use crate::rules::carrier;
use crate::rules::text::Composer;
use crate::store::{Store, StoreError};

/// When to try again while the database is busy.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The chat service.
pub struct Service {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    authenticator: Arc<Authenticator>,
    concurrency: Concurrency,
    resources: Arc<dyn Resources>,
}

impl Service {
    /// The service over these parts.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        authenticator: Arc<Authenticator>,
        max_concurrent_requests_per_user: usize,
        resources: Arc<dyn Resources>,
    ) -> Self {
        let concurrency = Concurrency::new(max_concurrent_requests_per_user);
        Self { store, clock, authenticator, concurrency, resources }
    }
}

impl Authenticate for Service {
    type Caller = Caller;

    async fn authenticate(&self, presented: Presented) -> Result<Caller, ApiError> {
        let caller = self.authenticator.authenticate(presented).await?;
        // Only who signed in is counted: nobody can use up what another user has.
        let running = limits::enter(&self.concurrency, caller.id)?;
        Ok(caller.running_under(running))
    }

    fn resources(&self) -> &dyn Resources {
        self.resources.as_ref()
    }
}

impl ChatSession for Service {
    async fn chat_sessions_for_user(
        &self,
        context: RequestContext<Caller>,
    ) -> Result<Vec<ChatSessionEntity>, ApiError> {
        let views = self.store.sessions_for(context.caller.id).await.map_err(failed)?;
        Ok(views.into_iter().map(carrier::session).collect())
    }

    async fn pick_up_first_chat_session(&self, context: RequestContext<Caller>) -> Result<ChatSessionEntity, ApiError> {
        // The customer reads the topic's language: the caller's own says nothing of how numbers are written in it, only
        // `SO-Culture` does.
        let culture = context.culture.clone().filter(|_| context.headers.so_culture.is_some());
        let composer = Composer { resources: Arc::clone(&self.resources), culture };
        let picked = self.store.pick_up_first(context.caller.id, self.clock.now(), &composer).await.map_err(failed)?;
        let view = picked.ok_or_else(nothing_waits)?;
        tracing::info!(
            session = view.session.id.0,
            topic = view.session.topic.0,
            user = context.caller.id.0,
            "picked up"
        );
        Ok(carrier::session(view))
    }
}

fn nothing_waits() -> ApiError {
    ApiError::not_found("no session waits in a topic in which you can respond")
        .with_reference("SR_ERROR_NO_SESSION_WAITS", [])
}

/// The answer when the database fails.
pub(crate) fn failed(error: StoreError) -> ApiError {
    if error.is_busy() { ApiError::unavailable(error).with_retry_after(RETRY_AFTER) } else { ApiError::internal(error) }
}
