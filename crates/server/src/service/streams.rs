//! Server-sent events.

use std::sync::Arc;
use std::time::Duration;

use chat_api::support::{Event as SentEvent, EventStream};
use chat_api::{ApiError, RequestContext};
use futures_util::stream::{Stream, StreamExt as _, once};

use super::Service;
use crate::auth::Caller;
use crate::records::{MessageId, SessionId};
use crate::streams::{Event, Listener, SignedInUser};

/// When a reader whose stream broke off should begin anew.
const RETRY: Duration = Duration::from_secs(2);

impl Service {
    /// The events of one session, for whoever may read it.
    pub(super) async fn session_events(
        &self,
        context: &RequestContext<Caller>,
        session: i32,
        last_event_id: Option<String>,
    ) -> Result<EventStream, ApiError> {
        let session = SessionId(session);
        self.reader(&context.caller, session).await?;
        let after = last_message(last_event_id.as_deref())?;
        let listener = match &context.caller {
            Caller::User(user) => Listener::User(SignedInUser::of(user)),
            Caller::Customer(customer) => Listener::Customer { address: customer.peer },
        };
        let events = self.streams.of_session(session, listener, after).await?;
        Ok(self.sent(context, events))
    }

    /// What happens in the topics of the caller.
    pub(super) async fn user_events(&self, context: &RequestContext<Caller>) -> Result<EventStream, ApiError> {
        let user = SignedInUser::of(context.caller.user()?);
        let events = self.streams.of_user(user).await?;
        Ok(self.sent(context, events))
    }

    fn sent(
        &self,
        context: &RequestContext<Caller>,
        events: impl Stream<Item = Event> + Send + 'static,
    ) -> EventStream {
        // It goes on for as long as the caller likes: other requests must not have to wait for that.
        if let Caller::User(user) = &context.caller {
            user.no_longer_counted();
        }
        let (language, time_zone) = (context.language.clone(), context.time_zone.clone());
        let resources = Arc::clone(&self.resources);
        let events = events.map(move |Event { id, mut data }| {
            chat_api::localize(&mut data, &language, time_zone.as_ref(), resources.as_ref());
            let event = SentEvent::default().event(data.name()).data(serde_json::to_string(&data)?);
            Ok(match id {
                Some(id) => event.id(id),
                None => event,
            })
        });
        EventStream::new(
            once(async { Ok(SentEvent::default().retry(RETRY)) })
                .chain(events)
                .map(|event: Result<_, serde_json::Error>| event),
        )
    }
}

/// The message that a stream was told last.
fn last_message(last_event_id: Option<&str>) -> Result<MessageId, ApiError> {
    match last_event_id.map(str::trim) {
        None | Some("") => Ok(MessageId::default()),
        Some(id) => id.parse().ok().filter(|id| *id >= 0).map(MessageId).ok_or_else(|| {
            let error = ApiError::bad_request("header `Last-Event-ID`: it is the id of no event");
            error.with_reference("SR_ERROR_HEADER", [("header", "Last-Event-ID".into())])
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_go_on_after_a_number() {
        for (id, expected) in [
            (None, Some(0)),
            (Some(""), Some(0)),
            (Some("90818"), Some(90_818)),
            (Some("0"), Some(0)),
            (Some("-1"), None),
            (Some("2147483648"), None),
            (Some("x"), None),
        ] {
            assert_eq!(last_message(id).ok(), expected.map(MessageId), "{id:?}");
        }
    }
}
