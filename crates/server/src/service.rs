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

macro_rules! stubs {
    ($($name:ident($($type:ty),*) -> $result:ty;)*) => {$(
        async fn $name(&self, _: RequestContext<Caller>, $(_: $type),*) -> Result<$result, ApiError> { Err(nothing_waits()) }
    )*};
}

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

    async fn pick_up_first_chat_session(
        &self,
        context: RequestContext<Caller>,
        _idempotency_key: Option<String>,
    ) -> Result<ChatSessionEntity, ApiError> {
        // The customer reads the topic's language: the caller's own says nothing of how numbers are written in it, only
        // `SO-Culture` does.
        let culture = context.culture.clone().filter(|_| context.headers.so_culture.is_some());
        let composer = Composer { resources: Arc::clone(&self.resources), culture };
        let now = self.clock.now();
        let picked = self.store.pick_up_first(context.caller.id, now, &composer, None).await.map_err(failed)?;
        let crate::store::Picked::Session { view, .. } = picked else { return Err(nothing_waits()) };
        tracing::info!(
            session = view.session.id.0,
            topic = view.session.topic.0,
            user = context.caller.id.0,
            "picked up"
        );
        Ok(carrier::session(*view))
    }

    stubs! {
        accept_transfer(i32) -> ChatSessionEntity;
        end_chat_session(i32) -> ChatSessionEntity;
        get_chat_messages(i32, Option<i32>) -> Vec<chat_models::ChatMessage>;
        post_chat_message(i32, Option<String>, chat_models::PostChatMessageRequest) -> chat_models::ChatMessage;
        get_chat_session(i32) -> ChatSessionEntity;
        get_transcript(i32) -> chat_models::ChatTranscript;
        pick_up_chat_session(i32, Option<String>) -> ChatSessionEntity;
        reject_transfer(i32) -> ChatSessionEntity;
        reset_chat_session(i32) -> ChatSessionEntity;
        stream_chat_session(i32, Option<String>) -> String;
        stream_for_user() -> String;
        transfer_chat_session(i32, i32) -> ChatSessionEntity;
    }
}

impl chat_api::ChatPresence for Service {
    stubs! {
        get_all_chat_presence() -> Vec<chat_models::ChatPresence>;
        save_chat_presence(Vec<chat_models::ChatPresence>) -> ();
    }
}

impl chat_api::ChatTopic for Service {
    stubs! { chat_topics_for_user() -> Vec<chat_models::ChatTopicAgent>; }
    async fn create_chat_session(
        &self,
        _: RequestContext<Option<Caller>>,
        _: i32,
        _: Option<String>,
        _: chat_models::CreateChatSessionRequest,
    ) -> Result<ChatSessionEntity, ApiError> {
        Err(nothing_waits())
    }
    async fn is_within_opening_hours(&self, _: RequestContext<Option<Caller>>, _: i32) -> Result<bool, ApiError> {
        Err(nothing_waits())
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
