//! Where a user is a member, whether a topic is open, and how customers come in.

use std::sync::Arc;

use chat_api::{ApiError, ChatTopic, RequestContext};
use chat_models::{ChatSessionEntity, ChatTopicAgent, CreateChatSessionRequest};

use super::change::no_such_topic;
use super::idempotency::Call;
use super::{Service, failed, input};
use crate::auth::Caller;
use crate::entropy;
use crate::records::TopicId;
use crate::rules::life::{self, NewSituation};
use crate::rules::{carrier, hours};
use crate::store::SessionStart;

impl ChatTopic for Service {
    async fn chat_topics_for_user(&self, context: RequestContext<Caller>) -> Result<Vec<ChatTopicAgent>, ApiError> {
        let user = context.caller.user()?.id;
        let memberships = self.store.memberships_of(user).await.map_err(failed)?;
        Ok(memberships.into_iter().map(carrier::topic_agent).collect())
    }

    async fn create_chat_session(
        &self,
        context: RequestContext<Option<Caller>>,
        chat_topic_id: i32,
        idempotency_key: Option<String>,
        body: CreateChatSessionRequest,
    ) -> Result<ChatSessionEntity, ApiError> {
        let caller = context.caller.as_ref();
        // Who signed in is known, and counted with the users.
        if caller.is_none() {
            self.rates.start(context.peer)?;
        }
        let topic = TopicId(chat_topic_id);
        let idempotency = Call::new(idempotency_key, &body)?.of_start(caller, topic)?;
        let input::Start { customer, message } =
            input::start(body, context.peer, &context.language, self.resources.as_ref())?;
        let now = self.clock.now();
        let message = life::first_message(&message, &customer.alias, now);
        let start = SessionStart {
            topic,
            customer,
            key: entropy::session_key(self.entropy.as_ref()),
            now,
            idempotency,
            rule: Arc::new(move |situation: &NewSituation| Ok(life::start(situation, message.clone(), now))),
        };
        let outcome = self.store.start_session(start).await;
        let user = caller.and_then(|caller| caller.user().ok()).map(|user| user.id);
        let done = self.done("started", user, outcome, no_such_topic)?;
        Ok(carrier::session_of_customer(*done.view))
    }

    async fn is_within_opening_hours(
        &self,
        context: RequestContext<Option<Caller>>,
        chat_topic_id: i32,
    ) -> Result<bool, ApiError> {
        if context.caller.is_none() {
            self.rates.request(context.peer)?;
        }
        let topic = self.store.topic(TopicId(chat_topic_id)).await.map_err(failed)?.ok_or_else(no_such_topic)?;
        Ok(hours::is_open(&topic.about, self.clock.now()))
    }
}
