//! What the event streams of a server read: few columns of many sessions at once, one read for all streams.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::StoreError;
use crate::auth::SecretHash;
use crate::records::{AssociateId, MessageId, Permissions, SessionId, Status, TopicId};

/// What of a session can make news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// The session.
    pub session: SessionId,
    /// Its topic.
    pub topic: TopicId,
    /// Where it stands.
    pub status: Status,
    /// Who handles it.
    pub user: Option<AssociateId>,
    /// Who is asked to take it over.
    pub transfer_to: Option<AssociateId>,
    /// How loud the warning is that nobody answers.
    pub alert_level: i32,
    /// When the customer asked for it.
    pub when_requested: Option<Timestamp>,
    /// Since when the customer waits for an answer of the user.
    pub unanswered_since: Option<Timestamp>,
    /// Its last message; zero where it has none.
    pub last_message: MessageId,
}

impl Pulse {
    /// Whether it waits in the queue of its topic.
    pub fn is_waiting(&self) -> bool {
        self.status == Status::InQueue
    }

    /// Since when the customer waits, in the queue or for an answer; none where nobody does.
    pub fn waits_since(&self) -> Option<Timestamp> {
        match self.status {
            Status::InQueue => self.when_requested,
            Status::CustomerLast => self.unanswered_since,
            _ => None,
        }
    }

    /// Whether it waits, or somebody talks in it.
    pub fn is_moving(&self) -> bool {
        self.is_waiting() || self.status.is_active()
    }
}

/// The sessions that move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moving {
    /// Ordered by id.
    pub pulses: Vec<Pulse>,
    /// The highest session there is, whether it moves or not; none where there is no session.
    pub highest: Option<SessionId>,
}

/// Who may hear of what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// The names of all topics.
    pub topics: BTreeMap<TopicId, String>,
    /// Topics whose members are warned when nobody answers, and not only their managers.
    pub warned: BTreeSet<TopicId>,
    /// What each user may do, on each topic that the user is a member of.
    pub members: BTreeMap<AssociateId, BTreeMap<TopicId, Permissions>>,
    /// Users who may sign in, with the number of their sign-ins' generation.
    pub users: BTreeMap<AssociateId, i64>,
}

impl Audience {
    /// The permissions of a user on a topic.
    pub fn permissions(&self, user: AssociateId, topic: TopicId) -> Permissions {
        self.members.get(&user).and_then(|topics| topics.get(&topic)).copied().unwrap_or_default()
    }
}

/// The part of a store that event streams read.
#[async_trait]
pub trait FeedStore: Send + Sync + 'static {
    /// Every session that waits or is active, and every one, however it stands, with an id above `above`.
    async fn moving_sessions(&self, above: Option<SessionId>) -> Result<Moving, StoreError>;

    /// Those of `sessions` that are there, ordered by id.
    async fn pulses(&self, sessions: &BTreeSet<SessionId>) -> Result<Vec<Pulse>, StoreError>;

    /// Who may hear of what now.
    async fn audience(&self) -> Result<Audience, StoreError>;

    /// Whether a browser session is good. Unlike [`session_owner`](super::CredentialStore::session_owner) this is no use
    /// of it.
    async fn is_session_good(
        &self,
        hash: SecretHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Carries notices between the servers that share the database; none where a database has one server.
    fn wire(&self) -> Option<Arc<dyn Wire>>;
}

/// Carries short texts from each server on a database to all of them, its sender included, outside of transactions.
/// Texts may get lost.
#[async_trait]
pub trait Wire: Send + Sync + 'static {
    /// Sends texts of at most [`MAX_WIRE_BYTES`] each.
    async fn send(&self, texts: Vec<String>) -> Result<(), StoreError>;

    /// Begins to listen.
    async fn listen(&self) -> Result<Box<dyn Listening>, StoreError>;
}

/// Bytes that a text on the wire may have: PostgreSQL takes fewer than 8,000.
pub const MAX_WIRE_BYTES: usize = 7_900;

/// Hears what is sent on a [`Wire`].
#[async_trait]
pub trait Listening: Send + 'static {
    /// The next text; none where some may have been lost. An error ends it: begin anew.
    async fn next(&mut self) -> Result<Option<String>, StoreError>;
}
