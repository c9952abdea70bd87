//! Writing in a session, and reading what was written.

use chat_api::{ApiError, RequestContext};
use chat_models::{ChatMessage, PostChatMessageRequest};

use super::change::{Done, Wanted};
use super::idempotency::Call;
use super::{Service, failed, input};
use crate::auth::Caller;
use crate::records::{Message, MessageId, SessionId};
use crate::rules::{carrier, life};

/// Messages that are read at a time.
const PAGE: u32 = 1000;

impl Service {
    pub(super) async fn post_message(
        &self,
        context: &RequestContext<Caller>,
        session: i32,
        key: Option<String>,
        body: PostChatMessageRequest,
    ) -> Result<ChatMessage, ApiError> {
        let text = input::message(body.message)?;
        let wanted = Wanted { call: Call::new(key, &text)?, ..Wanted::new("message", session) };
        let Done { mut messages, .. } = match &context.caller {
            Caller::User(_) => {
                let rule = move |situation: &_, now| life::post_by_user(situation, &text, now);
                self.change(&context.caller, wanted, rule).await?
            }
            Caller::Customer(_) => {
                let rule = move |situation: &_, now| life::post_by_customer(situation, &text, now);
                self.change(&context.caller, wanted, rule).await?
            }
        };
        let posted = messages.pop().ok_or_else(|| ApiError::internal("a message was posted and is not there"))?;
        Ok(carrier::message(posted))
    }

    pub(super) async fn read_messages(
        &self,
        context: &RequestContext<Caller>,
        session: i32,
        after: Option<i32>,
    ) -> Result<Vec<ChatMessage>, ApiError> {
        let session = SessionId(session);
        let after = MessageId(after.unwrap_or_default());
        self.reader(&context.caller, session).await?;
        let mut messages = self.messages_after(session, after).await?;
        if let Caller::Customer(_) = &context.caller {
            let up_to = messages.last().map_or(after, |last| last.id);
            self.store.customer_fetched(session, up_to, self.clock.now()).await.map_err(failed)?;
            messages.retain(|message| life::customer_sees(&message.posted));
            // They are with this answer.
            messages.iter_mut().for_each(|message| message.read_by_customer = true);
        }
        Ok(messages.into_iter().map(carrier::message).collect())
    }

    /// All messages of a session after one.
    pub(super) async fn messages_after(
        &self,
        session: SessionId,
        mut after: MessageId,
    ) -> Result<Vec<Message>, ApiError> {
        let mut all = Vec::new();
        loop {
            let page = self.store.messages(session, after, PAGE).await.map_err(failed)?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            match all.last() {
                Some(last) if !is_last => after = last.id,
                _ => return Ok(all),
            }
        }
    }
}
