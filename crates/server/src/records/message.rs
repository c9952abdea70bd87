//! Messages of a session.

use std::fmt;

use jiff::Timestamp;

use super::{SessionId, words};

/// Identifies a message. Later messages of a session have higher numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub i32);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

words!(
    /// From whom and to whom a message goes (`Type`).
    MessageType: Invalid, ToCustomer, ToUser, Special
);

words!(
    /// What is special about a message (`SpecialType`).
    SpecialType:
    None,
    Welcome,
    Url,
    Block,
    NewSession,
    TransferedSession,
    Error,
    SessionDeleted,
    FaqSuccessQuestion,
    ClosedByUser,
    ClosedByCustomer,
    ClosedByIdle,
    TransferRejected,
    ReopenedByCustomer,
    ClickedOption,
    BotMessage,
    Options,
);

/// A message, not yet numbered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// To whom it goes.
    pub message_type: MessageType,
    /// What is special about it.
    pub special_type: SpecialType,
    /// What the special type needs to say, empty for nothing.
    pub special_param: String,
    /// The text.
    pub text: String,
    /// Who wrote it, by name.
    pub author: String,
    /// When.
    pub when_posted: Timestamp,
}

impl NewMessage {
    /// Whether the customer wrote it, who need not fetch it to have it.
    pub fn is_of_customer(&self) -> bool {
        self.message_type == MessageType::ToUser
    }
}

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The primary key.
    pub id: MessageId,
    /// The session that it belongs to.
    pub session: SessionId,
    /// What was posted.
    pub posted: NewMessage,
    /// Whether the customer's page has fetched it.
    pub read_by_customer: bool,
}
