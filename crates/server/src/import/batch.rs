//! What an import writes, checked and ready.

use jiff::Timestamp;

use crate::records::{self, AssociateId, NewMessage, Permissions, Session, SessionId, TopicId};
use crate::rules::pickup::Waits;
use crate::store::{NewUser, RecordKind};

/// Refers to something that is in the database or comes with the same batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ref<Id> {
    /// In the database.
    Existing(Id),
    /// In the batch, at this index.
    New(usize),
}

/// All that one import adds.
#[derive(Default)]
pub struct Batch {
    /// Users.
    pub users: Vec<NewUser>,
    /// Topics.
    pub topics: Vec<NewTopic>,
    /// Linked records.
    pub records: Vec<NewRecord>,
    /// Sessions, in the order in which they get their ids.
    pub sessions: Vec<NewSession>,
    /// What the sessions that were accepted add to the figures of their topics.
    pub waits: Vec<TopicWaits>,
    /// Who is present from now on.
    pub present: Vec<Ref<AssociateId>>,
    /// The time of the import.
    pub now: Timestamp,
}

/// A topic to be added.
#[derive(Clone, Debug)]
pub struct NewTopic {
    /// The id that it is to have.
    pub id: Option<TopicId>,
    /// What the file says of it.
    pub about: records::NewTopic,
    /// Its members.
    pub members: Vec<NewMember>,
}

/// A member of a topic.
#[derive(Clone, Copy, Debug)]
pub struct NewMember {
    /// Who.
    pub user: Ref<AssociateId>,
    /// With which permissions.
    pub permissions: Permissions,
}

/// A linked record to be added.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// Its kind.
    pub kind: RecordKind,
    /// Its id in the CRM.
    pub id: i32,
    /// JSON in the carrier's shape.
    pub snapshot: String,
}

/// A session to be added, with its messages.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session.
    pub session: Session<Option<SessionId>, Ref<TopicId>, Ref<AssociateId>>,
    /// The records that it links to.
    pub links: Vec<(RecordKind, i32)>,
    /// Its messages, in order.
    pub messages: Vec<NewMessage>,
}

/// What accepted sessions add to the figures of a topic.
#[derive(Clone, Copy, Debug)]
pub struct TopicWaits {
    /// The topic.
    pub topic: Ref<TopicId>,
    /// How long its sessions waited.
    pub waits: Waits,
    /// When the last of them was accepted.
    pub last_accept: Timestamp,
}
