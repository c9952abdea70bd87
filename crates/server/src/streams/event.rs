//! Events as they travel.

use chat_api::models::{ChatMessage, Visit, Visitor};
use serde::Serialize;

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    /// Where a stream that is begun anew goes on.
    pub(crate) id: Option<String>,
    /// What it says.
    pub(crate) data: Data,
}

impl Event {
    /// One that a stream cannot go on after.
    pub(super) fn new(data: Data) -> Self {
        Self { id: None, data }
    }
}

/// What an event says, in JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "PascalCase")]
pub(crate) enum Data {
    /// A message was posted.
    Message(Box<ChatMessage>),
    /// How the session of the stream stands.
    Status {
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        queue_pos: Option<usize>,
    },
    /// How many wait in a topic.
    Queue { topic_id: i32, topic_name: String, waiting: usize },
    /// A session is there at the beginning, is new, or has changed. Its last message shows who begins anew what was missed.
    Session {
        chat_session_id: i32,
        topic_id: i32,
        status: &'static str,
        user_id: Option<i32>,
        last_message_id: Option<i32>,
    },
    /// The user is asked to take over a session.
    Transfer { chat_session_id: i32, topic_id: i32, from_user_id: Option<i32> },
    /// Nobody has answered in time.
    Warning { chat_session_id: i32, topic_id: i32, alert_level: i32, waiting_seconds: i64 },
}

impl Data {
    /// The name of the event that says it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Status { .. } | Self::Session { .. } => "session",
            Self::Queue { .. } => "queue",
            Self::Transfer { .. } => "transfer",
            Self::Warning { .. } => "warning",
        }
    }
}

/// Texts and date-times become the caller's, as in any answer.
impl Visit for Data {
    fn visit(&mut self, visitor: &mut dyn Visitor) {
        match self {
            Self::Message(message) => message.visit(visitor),
            Self::Queue { topic_name, .. } => topic_name.visit(visitor),
            Self::Status { .. } | Self::Session { .. } | Self::Transfer { .. } | Self::Warning { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(data: Data, name: &str, json: &str) {
        assert_eq!(serde_json::to_string(&data).unwrap(), json);
        assert_eq!(data.name(), name);
    }

    #[test]
    fn events_have_the_shape_that_the_pages_say() {
        let status = |queue_pos| Data::Status { status: "InQueue", queue_pos };
        check(status(Some(2)), "session", r#"{"Status":"InQueue","QueuePos":2}"#);
        check(status(None), "session", r#"{"Status":"InQueue"}"#);
        check(
            Data::Queue { topic_id: 12, topic_name: "Support".to_owned(), waiting: 3 },
            "queue",
            r#"{"TopicId":12,"TopicName":"Support","Waiting":3}"#,
        );
        check(
            Data::Session {
                chat_session_id: 1,
                topic_id: 2,
                status: "UserLast",
                user_id: Some(3),
                last_message_id: Some(4),
            },
            "session",
            r#"{"ChatSessionId":1,"TopicId":2,"Status":"UserLast","UserId":3,"LastMessageId":4}"#,
        );
        check(
            Data::Transfer { chat_session_id: 1, topic_id: 2, from_user_id: None },
            "transfer",
            r#"{"ChatSessionId":1,"TopicId":2,"FromUserId":null}"#,
        );
        check(
            Data::Warning { chat_session_id: 1, topic_id: 2, alert_level: 1, waiting_seconds: 90 },
            "warning",
            r#"{"ChatSessionId":1,"TopicId":2,"AlertLevel":1,"WaitingSeconds":90}"#,
        );
    }
}
