//! What a store does for sessions on their way from the queue to their end: messages, transfers, topics, presence.
//!
//! What becomes of a session is decided by a rule, a pure function over what the store knows of it
//! ([`crate::rules::life`]). The store locks the session, asks the rule, and writes down what it says, in one
//! transaction.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::records::{
    AssociateId, Customer, Membership, Message, MessageId, NewTopic, Permissions, Presence, SessionId, SessionView,
    Topic, TopicId,
};
pub use crate::rules::life::IdleSince;
use crate::rules::life::{Change, NewSituation, Opening, Refusal, Situation};
use crate::rules::text::Composer;

/// Says what becomes of a session. A store may ask more than once, when its transaction has to be repeated.
pub type Rule = Arc<dyn Fn(&Situation) -> Result<Change, Refusal> + Send + Sync>;

/// Says how a session begins.
pub type OpeningRule = Arc<dyn Fn(&NewSituation) -> Result<Opening, Refusal> + Send + Sync>;

/// A call that may be repeated: the second is answered with what came of the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Whose keys these are: the same key of another caller is another key.
    pub scope: String,
    /// The SHA-256 hash of the key.
    pub key_hash: [u8; 32],
    /// The SHA-256 hash of what was asked for.
    pub fingerprint: [u8; 32],
}

/// A change that is wanted of a session.
#[derive(Clone)]
pub struct SessionChange {
    /// The session.
    pub session: SessionId,
    /// The user who wants it; none for the customer and the service itself.
    pub actor: Option<AssociateId>,
    /// Another user whom it concerns, to whom the session is to go.
    pub target: Option<AssociateId>,
    /// When.
    pub now: Timestamp,
    /// Which call this is, where the caller says.
    pub idempotency: Option<Idempotency>,
    /// What becomes of the session.
    pub rule: Rule,
}

/// The session that has waited longest is wanted.
#[derive(Clone)]
pub struct PickUp {
    /// The user who is to get it.
    pub caller: AssociateId,
    /// When.
    pub now: Timestamp,
    /// Which call this is, where the caller says.
    pub idempotency: Option<Idempotency>,
    /// Makes the welcome message.
    pub composer: Composer,
}

/// A session that is to begin.
#[derive(Clone)]
pub struct SessionStart {
    /// The topic.
    pub topic: TopicId,
    /// Who asks.
    pub customer: Customer,
    /// The key that proves the customer from then on.
    pub key: String,
    /// When.
    pub now: Timestamp,
    /// Which call this is, where the caller says.
    pub idempotency: Option<Idempotency>,
    /// Where it begins.
    pub rule: OpeningRule,
}

/// What came of a wanted change.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is done, now or, with the same idempotency key, earlier.
    Done {
        /// The session, as the actor sees it; with all permissions where there is no actor.
        view: Box<SessionView>,
        /// The messages that were posted, in order. Of a repeated call those of the first.
        messages: Vec<Message>,
        /// Whether an earlier call with the same key did it.
        repeated: bool,
    },
    /// The rule refused; nothing was changed.
    Refused(Refusal),
    /// There is no such session or topic, or no such target.
    Missing,
    /// The idempotency key belongs to another call.
    KeyInUse,
}

/// A session whose customer waits, in the queue or for an answer, for warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongWaiting {
    /// The session.
    pub session: SessionId,
    /// Its topic.
    pub topic: TopicId,
    /// Since when the customer waits: when it was requested, or the first message that has no answer.
    pub waits_since: Timestamp,
    /// The level that it is raised to: 1 warns members with Notifications, 2 managers.
    pub alert_level: i32,
}

/// The part of a store that knows sessions one by one.
#[async_trait]
pub trait LifeStore: Send + Sync + 'static {
    /// Begins a session.
    async fn start_session(&self, start: SessionStart) -> Result<Outcome, StoreError>;

    /// Changes a session, or leaves it as it is.
    async fn change_session(&self, change: SessionChange) -> Result<Outcome, StoreError>;

    /// One session as `caller` sees it; without a caller with all permissions. `None` where there is none.
    async fn session(&self, caller: Option<AssociateId>, session: SessionId)
    -> Result<Option<SessionView>, StoreError>;

    /// At most `limit` messages of a session after `after`, ordered by id.
    async fn messages(&self, session: SessionId, after: MessageId, limit: u32) -> Result<Vec<Message>, StoreError>;

    /// Notes that the customer's page asked for news at `now` and has all messages up to `up_to`. Notes of the same
    /// second need not be written; of messages behind the session's last one nothing is noted.
    async fn customer_fetched(&self, session: SessionId, up_to: MessageId, now: Timestamp) -> Result<(), StoreError>;

    /// A waiting session's place in the queue of its topic, from 1; `None` for one that does not wait.
    async fn queue_place(&self, session: SessionId) -> Result<Option<i64>, StoreError>;

    /// At most `limit` sessions of each kind that nothing has happened to since then.
    async fn idle_sessions(&self, since: IdleSince, limit: u32) -> Result<Vec<SessionId>, StoreError>;

    /// Raises the alert level of at most `limit` sessions whose customers wait too long for their topic, in the queue or
    /// for an answer, and says which: each level of each wait is told once, whichever server asks.
    async fn raise_alerts(&self, now: Timestamp, limit: u32) -> Result<Vec<LongWaiting>, StoreError>;

    /// Deletes idempotency keys last used before `before`, at most `limit`; how many there were.
    async fn forget_idempotency(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// Deletes sessions that ended before `before`, or in which nobody waits or talks and nothing happened since then, with
    /// their messages, at most `limit`; how many there were.
    async fn delete_ended(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;

    /// The sessions of the customer with this e-mail address, in any letter case, ordered by id.
    async fn sessions_of_customer(&self, email: &str) -> Result<Vec<SessionView>, StoreError>;

    /// Deletes these sessions with their messages; how many there were.
    async fn delete_sessions(&self, sessions: &[SessionId]) -> Result<u64, StoreError>;
}

/// The part of a store that knows topics, their members, and who is present.
#[async_trait]
pub trait TopicStore: Send + Sync + 'static {
    /// All topics, ordered by name.
    async fn topics(&self) -> Result<Vec<Topic>, StoreError>;

    /// One topic.
    async fn topic(&self, topic: TopicId) -> Result<Option<Topic>, StoreError>;

    /// Adds a topic. [`StoreError::Duplicate`] where the name is taken.
    async fn add_topic(&self, topic: NewTopic) -> Result<TopicId, StoreError>;

    /// Replaces what people say of a topic; `false` where there is none.
    async fn set_topic(&self, topic: TopicId, about: NewTopic) -> Result<bool, StoreError>;

    /// Makes a user a member of a topic with just these permissions, or, with none of them, no member any more.
    async fn set_member(&self, topic: TopicId, user: AssociateId, permissions: Permissions) -> Result<(), StoreError>;

    /// The memberships of a user, ordered by topic.
    async fn memberships_of(&self, user: AssociateId) -> Result<Vec<Membership>, StoreError>;

    /// The members of a topic, ordered by user name.
    async fn members_of(&self, topic: TopicId) -> Result<Vec<Membership>, StoreError>;

    /// How many sessions wait in each of these topics.
    async fn queue_lengths(&self, topics: &[TopicId]) -> Result<Vec<(TopicId, i64)>, StoreError>;

    /// The presence of everybody who is a member of a topic, ordered by user id.
    async fn presences(&self) -> Result<Vec<Presence>, StoreError>;

    /// Sets who is present: all of it or, where a user does not exist, nothing ([`StoreError::UnknownUser`]).
    async fn set_presences(&self, presences: &[(AssociateId, bool)], now: Timestamp) -> Result<(), StoreError>;
}
