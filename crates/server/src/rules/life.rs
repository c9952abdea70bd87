//! The life of a session: what each step makes of it, and which steps its state admits.
//!
//! A store shows what it knows ([`Situation`]); a rule answers with what changes ([`Change`]) or why nothing does
//! ([`Refusal`]); the store writes that down.

use jiff::Timestamp;

use crate::records::{NewMessage, Permissions, Session, Status, Topic, User};

/// What a store knows about a session that something is to happen to. It is locked until the change is written.
#[derive(Clone, Debug)]
pub struct Situation {
    /// The session as it stands.
    pub session: Session,
    /// Its topic.
    pub topic: Topic,
    /// Who handles it.
    pub user: Option<User>,
    /// The user who wants the change, with the permissions on the topic; none for the customer and the service itself.
    pub actor: Option<(User, Permissions)>,
    /// The user whom the session is to go to, with the permissions on the topic, where the change names one.
    pub target: Option<(User, Permissions)>,
    /// Whether a member who can respond is present.
    pub someone_present: bool,
    /// Its place in the queue, from 1, where it waits.
    pub place: i64,
    /// Ranks of the actor's other active sessions, in any order.
    pub ranks_in_use: Vec<i32>,
}

/// What changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The session from now on; its id and topic are the same as before. `FirstMessage` and `LastMessage` are in step
    /// with the messages.
    pub session: Session,
    /// Messages that are posted with it, in order.
    pub messages: Vec<NewMessage>,
    /// Seconds that the session waited, where the change accepts it from the queue: the topic's figures follow.
    pub accepted_after_secs: Option<i64>,
}

/// What a store knows about a topic in which a session is to begin.
#[derive(Clone, Debug)]
pub struct NewSituation {
    /// The topic.
    pub topic: Topic,
    /// Whether a member who can respond is present.
    pub someone_present: bool,
    /// Sessions that wait in it.
    pub waiting: i64,
}

/// How a session begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// `InQueue` or `OfflineForm`.
    pub status: Status,
    /// Sessions that were waiting, plus one.
    pub initial_queue_pos: i32,
    /// The customer's first message.
    pub message: Option<NewMessage>,
    /// When it was requested.
    pub when_requested: Timestamp,
}

/// Why nothing changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The caller may not do this to this session.
    Forbidden(String),
    /// The state of the session does not admit it; the text says which state that is.
    Conflict(String),
    /// What was sent cannot be used.
    Invalid(String),
    /// The key is not that of the session.
    WrongKey,
}
