//! Topics, their members and who of these is present.

use jiff::Timestamp;
use jiff::civil::Weekday;

use super::{AssociateId, Permissions, TopicId, User};
use crate::rules::pickup::Waits;

/// When a topic is open on one day of the week, in minutes since midnight of the topic's own time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningHours {
    /// The day.
    pub weekday: Weekday,
    /// The first minute, 0 to 1439.
    pub opens: u16,
    /// The minute at which it closes, 1 to 1440, after `opens`.
    pub closes: u16,
}

/// A topic as people describe it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name, which no other topic has.
    pub name: String,
    /// Its language, empty for none.
    pub language: String,
    /// What customers are sent when a user answers, empty for nothing.
    pub welcome_message: String,
    /// The IANA name of its time zone, empty for UTC.
    pub time_zone: String,
    /// When it is open; empty for always. Several spans of a day are several items.
    pub hours: Vec<OpeningHours>,
    /// After how many seconds without an answer, in the queue or in a conversation, members with Notifications are warned;
    /// none for never.
    pub warn_after_secs: Option<i32>,
    /// After how many seconds managers are.
    pub warn_managers_after_secs: Option<i32>,
    /// Whether a form follows the conversation: then ending leads to `Finished` first.
    pub has_post_chat_form: bool,
}

/// A topic as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The primary key.
    pub id: TopicId,
    /// What people say of it.
    pub about: NewTopic,
    /// How its customers waited so far.
    pub waits: Waits,
    /// When a session of it was accepted last.
    pub last_accept: Option<Timestamp>,
}

/// What one user may do on one topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The topic.
    pub topic: TopicId,
    /// Its name.
    pub topic_name: String,
    /// The member.
    pub user: User,
    /// What the member may do, at least one thing.
    pub permissions: Permissions,
}

/// Whether a user takes chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The user.
    pub user: AssociateId,
    /// The user's full name.
    pub full_name: String,
    /// Active sessions of the user.
    pub active_sessions: i32,
    /// Whether the user is present.
    pub present: bool,
    /// The topics that the user is a member of, ordered by id.
    pub topics: Vec<TopicId>,
}
