//! The life of a session: what each step makes of it, and which steps its state admits.
//!
//! A store shows what it knows ([`Situation`]); a rule answers with what changes ([`Change`]) or why nothing does
//! ([`Refusal`]); the store writes that down. Each step asks first whether the caller may take it at all, then whether the
//! state admits it: who may not is told nothing of the state. A session that nobody handles may become that of anybody who
//! can respond in its topic: there they are told where its state is in the way, and else that the step is not theirs.
//!
//! | Step | who | in which states | becomes |
//! |---|---|---|---|
//! | [`start()`] | customer | | `InQueue`, or `OfflineForm` outside the hours or with nobody present |
//! | [`post_by_customer`] | customer | `InQueue` | stays |
//! | | | `CustomerLast`, `UserLast` | `CustomerLast` |
//! | [`post_by_user`] | its user | `CustomerLast`, `UserLast` | `UserLast` |
//! | [`pick_up()`] | who can respond | `InQueue` | `UserLast` |
//! | [`request_transfer`] | its user, managers | `CustomerLast`, `UserLast` | stays |
//! | [`accept_transfer`], [`reject_transfer`] | whom it is to go to | `CustomerLast`, `UserLast` | stays |
//! | [`reset`] | its user, managers | `CustomerLast`, `UserLast` | `InQueue`, or `OfflineForm` with nobody present |
//! | [`end_by_user`], [`end_by_customer`] | its user, managers; customer | `InQueue` | `Closed`; `ClosedFromQueue` |
//! | | | `CustomerLast`, `UserLast` | `Closed`, or `Finished` while a form follows |
//! | | | `PreChatForm`, `Faq`, `OfflineForm`, `RequestPosted`, `Finished` | `Closed` |
//! | [`close_idle`] | the service | `InQueue`; `CustomerLast`, `UserLast` | `ClosedFromQueue`; `Closed` |
//!
//! Nobody writes to a session that has ended, nor to one that never came to a conversation (`PreChatForm`, `Faq`,
//! `OfflineForm`, `RequestPosted`): nobody would read it.

mod end;
mod messages;
mod pick_up;
mod read;
mod refusal;
mod start;
#[cfg(test)]
mod tests;
mod transfer;

use jiff::Timestamp;

pub use self::end::{IdleSince, close_idle, end_by_customer, end_by_user};
pub use self::messages::{customer_sees, post_by_customer, post_by_user};
pub use self::pick_up::pick_up;
pub use self::read::Reader;
pub use self::refusal::{Conflict, Obstacle, Refusal, Reserved, Unfit};
pub use self::start::{first_message, start};
pub use self::transfer::{accept_transfer, reject_transfer, request_transfer, reset};
use crate::records::{MessageType, NewMessage, Permissions, Session, SpecialType, Status, Topic, User};

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
    /// Seconds that the session waited, where the change accepts it from the queue: the topic's figures follow, unless it
    /// was accepted before.
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

impl Situation {
    /// The user who wants the change, where `may` says so of user and permissions.
    fn actor_who(
        &self,
        reserved: Reserved,
        may: impl FnOnce(&User, Permissions) -> bool,
    ) -> Result<(&User, Permissions), Refusal> {
        match &self.actor {
            Some((user, permissions)) if may(user, *permissions) => Ok((user, *permissions)),
            _ => Err(Refusal::Forbidden(reserved)),
        }
    }

    /// The user who wants the change, where it is the session's own or a manager of its topic. Where nobody handles it, those
    /// who can respond are told of a state that does not admit the step.
    fn handler_or_manager(&self, admits: impl FnOnce(Status) -> bool) -> Result<&User, Refusal> {
        let may = |user: &User, permissions: Permissions| permissions.manage || self.is_handled_by(user);
        let refusal = match self.actor_who(Reserved::HandlersAndManagers, may) {
            Ok((user, _)) => return Ok(user),
            Err(refusal) => refusal,
        };
        let could = self.session.user.is_none() && self.actor.as_ref().is_some_and(|(_, may)| may.respond);
        Err(if could && !admits(self.session.status) { self.conflict(Obstacle::Status) } else { refusal })
    }

    fn is_handled_by(&self, user: &User) -> bool {
        self.session.user == Some(user.id)
    }

    /// The refusal where the state does not admit something.
    fn conflict(&self, obstacle: Obstacle) -> Refusal {
        Refusal::Conflict(Conflict { status: self.session.status, obstacle })
    }

    /// Nothing, or the refusal where the state is not one of a conversation.
    fn must_be_active(&self) -> Result<(), Refusal> {
        if self.session.status.is_active() { Ok(()) } else { Err(self.conflict(Obstacle::Status)) }
    }

    /// The session as it stands, to begin a change with.
    fn change(&self) -> Change {
        Change { session: self.session.clone(), messages: Vec::new(), accepted_after_secs: None }
    }
}

/// A message that the service itself posts. It has no text: whoever shows it says in the reader's language what happened.
fn special(special_type: SpecialType, special_param: &str, author: &str, now: Timestamp) -> NewMessage {
    NewMessage {
        message_type: MessageType::Special,
        special_type,
        special_param: special_param.to_owned(),
        text: String::new(),
        author: author.to_owned(),
        when_posted: now,
    }
}
