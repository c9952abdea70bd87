//! What the service keeps, as plain data: users, topics, sessions, messages and the linked records.
//!
//! Nothing here knows a database or HTTP. Ids are newtypes, because all of them are small numbers that look alike.

mod message;
mod topic;

use std::fmt;

use jiff::Timestamp;

pub use self::message::{Message, MessageId, MessageType, NewMessage, SpecialType};
pub use self::topic::{Membership, NewTopic, OpeningHours, Presence, Topic};

/// Identifies a user's login (`AssociateId` on the carriers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssociateId(pub i32);

/// Identifies a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(pub i32);

/// Identifies a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub i32);

impl fmt::Display for AssociateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An employee who signs in and answers chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The primary key.
    pub id: AssociateId,
    /// The name at sign-in.
    pub user_name: String,
    /// The short name that lists show.
    pub name: String,
    /// First and last name; the author of what the user writes.
    pub full_name: String,
    /// The name as it stands in a letter.
    pub formal_name: String,
    /// What a pointer over the name shows.
    pub tooltip: String,
    /// The kind of associate, such as `Employee`.
    pub kind: String,
    /// The person in the CRM, if known.
    pub person_id: Option<i32>,
    /// The user's id in the service desk, if there is one.
    pub ej_user_id: Option<i32>,
    /// The primary user group.
    pub group_idx: Option<i32>,
    /// The place in lists.
    pub rank: Option<i32>,
    /// Gone: may not sign in any more, but old sessions still name the user.
    pub deleted: bool,
    /// May not sign in until enabled again.
    pub disabled: bool,
    /// How often the user's sign-ins were ended: what was stored under another number is good for nothing.
    pub sign_in_generation: i64,
}

/// A user with what proves the password.
#[derive(Clone)]
pub struct Login {
    /// Who signs in.
    pub user: User,
    /// The argon2 hash in PHC string format.
    pub password_hash: String,
}

/// What a member may do on a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// May answer sessions.
    pub respond: bool,
    /// Is warned when nobody answers.
    pub notify: bool,
    /// May watch another agent's session.
    pub listen: bool,
    /// May take over or transfer any session of the topic.
    pub manage: bool,
}

impl Permissions {
    /// All four.
    pub const ALL: Self = Self { respond: true, notify: true, listen: true, manage: true };

    /// Whether any of the four is there: that makes a member.
    pub fn any(self) -> bool {
        self.respond || self.notify || self.listen || self.manage
    }
}

/// Declares an enumeration whose values have the words of the API as names.
macro_rules! words {
    ($(#[$documentation:meta])* $type:ident: $($name:ident),* $(,)?) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the words of the API, explained in the type's documentation")]
        pub enum $type { $($name),* }

        impl $type {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word that the API and the stores use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }

            /// The value with this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }
    };
}
use words;

words!(
    /// Where a session stands in its life.
    Status:
    Invalid,
    PreChatForm,
    Faq,
    OfflineForm,
    InQueue,
    CustomerLast,
    UserLast,
    Finished,
    Deleted,
    Closed,
    RequestPosted,
    ClosedFromQueue,
);

impl Status {
    /// Whether it has come to an end, and nothing more will happen to it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::ClosedFromQueue | Self::Deleted)
    }

    /// Whether a user and a customer are talking now.
    pub fn is_active(self) -> bool {
        matches!(self, Self::CustomerLast | Self::UserLast)
    }
}

/// What is known of the customer, who is not signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Customer {
    /// The name that the chat shows.
    pub alias: String,
    /// Host name or address.
    pub host: String,
    /// The name, if given.
    pub name: String,
    /// The e-mail address, if given.
    pub email: String,
    /// The telephone number, if given.
    pub phone: String,
    /// The company, if given.
    pub company_name: String,
    /// Consented to being stored when the session started.
    pub consented: bool,
}

/// A chat session without what it refers to.
///
/// The kinds of reference are parameters, because a session that is still to be written refers to topics and users that
/// may have no id yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Session<Id = SessionId, Topic = TopicId, Associate = AssociateId> {
    /// The primary key.
    pub id: Id,
    /// The queue that it belongs to.
    pub topic: Topic,
    /// Where it stands.
    pub status: Status,
    /// Who handles it.
    pub user: Option<Associate>,
    /// Who is asked to take it over.
    pub transfer_to: Option<Associate>,
    /// The person on the other side.
    pub customer: Customer,
    /// A copy of the first message.
    pub first_message: String,
    /// A copy of the last message.
    pub last_message: String,
    /// When the customer asked for it.
    pub when_requested: Option<Timestamp>,
    /// When a user accepted it.
    pub when_started: Option<Timestamp>,
    /// When it ended.
    pub when_ended: Option<Timestamp>,
    /// The time of the last message of either side.
    pub when_idle: Option<Timestamp>,
    /// The last time the customer's page asked for news.
    pub when_fetched: Option<Timestamp>,
    /// Since when the customer waits for an answer of the user (`CustomerLast`): the first message that has none.
    pub unanswered_since: Option<Timestamp>,
    /// Whether it was accepted before and put back into the queue.
    pub was_reset: bool,
    /// Proves the customer: never log it.
    pub key: String,
    /// Sessions that were pending when this one was requested, plus one.
    pub initial_queue_pos: i32,
    /// How loud the warning is that nobody answers.
    pub alert_level: i32,
    /// Number among the active sessions of its user, from 1.
    pub rank: i32,
    /// The set of flags, joined with `, `.
    pub flags: String,
}

/// Snapshots of the records that a session is linked to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Links {
    /// The customer's person.
    pub person: Option<chat_models::Person>,
    /// The company.
    pub contact: Option<chat_models::Contact>,
    /// The project.
    pub project: Option<chat_models::Project>,
    /// The sale.
    pub sale: Option<chat_models::Sale>,
    /// The ticket.
    pub ticket: Option<chat_models::Ticket>,
}

/// A session as one caller sees it: with what it refers to and with what the caller may do.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionView {
    /// The session itself.
    pub session: Session,
    /// Who handles it.
    pub user: Option<User>,
    /// Who is asked to take it over.
    pub transfer_to: Option<User>,
    /// The linked records.
    pub links: Links,
    /// The caller's permissions on the topic.
    pub permissions: Permissions,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_found_by_its_name() {
        for &status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("inqueue"), None);
        assert_eq!(Status::ALL.iter().filter(|s| s.is_active()).count(), 2);
    }
}
