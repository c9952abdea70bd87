//! Sessions on their way from the queue to their end.

use std::future::ready;
use std::sync::Arc;

use chat_api::support::{EventStream, Item, Items, Source};
use chat_api::{ApiError, ChatSession, RequestContext};
use chat_models::{ChatMessage, ChatSessionEntity, ChatTranscript, PostChatMessageRequest};
use futures_util::stream::{self, Stream, TryStreamExt as _};
use tracing::Instrument as _;

use super::change::{Done, Wanted};
use super::idempotency::Call;
use super::{Service, failed};
use crate::auth::Caller;
use crate::records::{AssociateId, SessionId};
use crate::rules::{carrier, life};
use crate::store::{ListedSession, PickUp, Store};

/// How many sessions of a list are read at once, and are in memory for one caller.
const PAGE: u32 = 200;

impl ChatSession for Service {
    async fn chat_sessions_for_user(
        &self,
        context: RequestContext<Caller>,
    ) -> Result<Items<ChatSessionEntity>, ApiError> {
        let user = context.caller.user()?.id;
        let sessions = visible_to(Arc::clone(&self.store), user);
        Ok(match &self.written {
            Some(written) => Items::remembered(sessions, Arc::clone(written) as _),
            None => Items::new(sessions.and_then(|session| ready(session.made()))),
        })
    }

    async fn get_chat_session(&self, context: RequestContext<Caller>, id: i32) -> Result<ChatSessionEntity, ApiError> {
        let user = context.caller.user()?.id;
        Ok(carrier::session(self.session_for(user, SessionId(id)).await?))
    }

    async fn pick_up_first_chat_session(
        &self,
        context: RequestContext<Caller>,
        idempotency_key: Option<String>,
    ) -> Result<ChatSessionEntity, ApiError> {
        let caller = context.caller.user()?.id;
        let idempotency = Call::new(idempotency_key, &())?.of_pickup(&context.caller)?;
        let pickup = PickUp { caller, now: self.clock.now(), idempotency, composer: self.composer(&context) };
        let outcome = self.store.pick_up_first(pickup).await;
        let done = self.done("picked up", Some(caller), outcome, nothing_waits)?.while_shown_to(&context.caller)?;
        Ok(done.session(&context.caller))
    }

    async fn pick_up_chat_session(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
        idempotency_key: Option<String>,
    ) -> Result<ChatSessionEntity, ApiError> {
        let call = Call::new(idempotency_key, &())?;
        let wanted = Wanted { call, ..Wanted::new("picked up", chat_session_id) };
        let composer = self.composer(&context);
        let done =
            self.change_by_user(&context, wanted, move |situation, now| life::pick_up(situation, now, &composer));
        Ok(done.await?.session(&context.caller))
    }

    async fn transfer_chat_session(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
        to_associate: i32,
    ) -> Result<ChatSessionEntity, ApiError> {
        let target = Some(AssociateId(to_associate));
        let wanted = Wanted { target, ..Wanted::new("transfer requested", chat_session_id) };
        let done = self.change_by_user(&context, wanted, |situation, _| life::request_transfer(situation)).await?;
        Ok(done.session(&context.caller))
    }

    async fn accept_transfer(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
    ) -> Result<ChatSessionEntity, ApiError> {
        let wanted = Wanted::new("transfer accepted", chat_session_id);
        let done = self.change_by_user(&context, wanted, life::accept_transfer).await?;
        Ok(done.session(&context.caller))
    }

    async fn reject_transfer(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
    ) -> Result<ChatSessionEntity, ApiError> {
        let wanted = Wanted::new("transfer rejected", chat_session_id);
        let done = self.change_by_user(&context, wanted, life::reject_transfer).await?;
        Ok(done.session(&context.caller))
    }

    async fn reset_chat_session(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
    ) -> Result<ChatSessionEntity, ApiError> {
        let wanted = Wanted::new("reset", chat_session_id);
        let done = self.change_by_user(&context, wanted, |situation, _| life::reset(situation)).await?;
        Ok(done.session(&context.caller))
    }

    async fn end_chat_session(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
    ) -> Result<ChatSessionEntity, ApiError> {
        let wanted = Wanted::new("ended", chat_session_id);
        let done = match &context.caller {
            Caller::User(_) => self.change(&context.caller, wanted, life::end_by_user).await?,
            Caller::Customer(_) => self.change(&context.caller, wanted, life::end_by_customer).await?,
        };
        Ok(done.session(&context.caller))
    }

    async fn post_chat_message(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
        idempotency_key: Option<String>,
        body: PostChatMessageRequest,
    ) -> Result<ChatMessage, ApiError> {
        self.post_message(&context, chat_session_id, idempotency_key, body).await
    }

    async fn get_chat_messages(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
        after: Option<i32>,
    ) -> Result<Vec<ChatMessage>, ApiError> {
        self.read_messages(&context, chat_session_id, after).await
    }

    async fn get_transcript(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
    ) -> Result<ChatTranscript, ApiError> {
        self.transcript(&context, chat_session_id).await
    }

    async fn stream_chat_session(
        &self,
        context: RequestContext<Caller>,
        chat_session_id: i32,
        last_event_id: Option<String>,
    ) -> Result<EventStream, ApiError> {
        self.session_events(&context, chat_session_id, last_event_id).await
    }

    async fn stream_for_user(&self, context: RequestContext<Caller>) -> Result<EventStream, ApiError> {
        self.user_events(&context).await
    }
}

impl Service {
    /// A change that no customer may ask for.
    async fn change_by_user(
        &self,
        context: &RequestContext<Caller>,
        wanted: Wanted,
        rule: impl Fn(&life::Situation, jiff::Timestamp) -> Result<life::Change, life::Refusal> + Send + Sync + 'static,
    ) -> Result<Done, ApiError> {
        context.caller.user()?;
        self.change(&context.caller, wanted, rule).await
    }
}

/// The sessions that a user may see, ordered by id. The next page is read when the last session of the one before is taken.
fn visible_to(
    store: Arc<dyn Store>,
    user: AssociateId,
) -> impl Stream<Item = Result<Item<ChatSessionEntity>, ApiError>> + Send {
    let pages = stream::try_unfold(Some(SessionId(0)), move |after| {
        let store = Arc::clone(&store);
        async move {
            let Some(after) = after else { return Ok(None) };
            // By itself: whoever asks for pages may turn to something else before it is read, and others wait for the
            // database's connection.
            let reading = async move { store.sessions_page(user, after, PAGE).await };
            let page = tokio::spawn(reading.in_current_span()).await.map_err(ApiError::internal)?.map_err(failed)?;
            // Whoever has more sessions than one page does not ask for them every few seconds.
            let is_all = after == SessionId(0) && page.next.is_none();
            Ok(Some((stream::iter(page.sessions.into_iter().map(move |session| listed(session, is_all))), page.next)))
        }
    });
    pages.try_flatten()
}

/// A session of a list, as it is or with what it can be known by.
fn listed(session: ListedSession, is_known: bool) -> Result<Item<ChatSessionEntity>, ApiError> {
    let content = session.text().clone();
    let make = move || session.view().map(carrier::session).map_err(failed);
    if is_known { Ok(Item::Source(Source { content, make: Box::new(make) })) } else { make().map(Item::Made) }
}

fn nothing_waits() -> ApiError {
    ApiError::not_found("no session waits in a topic in which you can respond")
        .with_reference("SR_ERROR_NO_SESSION_WAITS", [])
}
