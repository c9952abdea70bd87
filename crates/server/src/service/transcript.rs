//! A conversation as people read it.

use chat_api::{ApiError, RequestContext};
use chat_models::ChatTranscript;

use super::change::no_such_topic;
use super::{Service, failed};
use crate::auth::Caller;
use crate::records::{MessageId, SessionId};
use crate::rules::life;
use crate::rules::transcript::{self, Transcript};

impl Service {
    pub(super) async fn transcript(
        &self,
        context: &RequestContext<Caller>,
        session: i32,
    ) -> Result<ChatTranscript, ApiError> {
        let view = self.reader(&context.caller, SessionId(session)).await?;
        let topic = self.store.topic(view.session.topic).await.map_err(failed)?.ok_or_else(no_such_topic)?;
        let messages = self.messages_after(view.session.id, MessageId(0)).await?;
        let is_customer = matches!(context.caller, Caller::Customer(_));
        let seen = messages
            .iter()
            .map(|message| &message.posted)
            .filter(|message| !is_customer || life::customer_sees(message));
        let reader = transcript::Reader {
            language: &context.language,
            culture: context.culture.as_ref(),
            time_zone: context.time_zone.as_ref(),
            resources: self.resources.as_ref(),
        };
        let Transcript { title, text, html } = transcript::write(&topic.about.name, &view.session, seen, &reader);
        Ok(ChatTranscript { chat_session_id: Some(session), title: Some(title), text: Some(text), html: Some(html) })
    }
}
