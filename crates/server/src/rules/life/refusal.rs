//! Why a step is not taken.

use std::fmt;

use crate::records::{AssociateId, Status};

/// Why nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The caller may not do this to this session: it is reserved to these.
    Forbidden(Reserved),
    /// The state of the session does not admit it.
    Conflict(Conflict),
    /// What was sent cannot be used.
    Invalid(Unfit),
    /// The key is not that of the session.
    WrongKey,
}

/// Who alone may take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The user who handles the session.
    Handlers,
    /// The user who handles the session, and managers of its topic.
    HandlersAndManagers,
    /// Those who can respond in its topic.
    Respondents,
    /// The user whom the session is to be transferred to, as long as that user can respond in its topic or manage it.
    TransferTargets,
    /// Those who have anything to do with the session or its topic.
    Members,
    /// Those who handle the session, may respond in, listen to or manage its topic.
    Readers,
}

/// What about the state of a session is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The state that it is in.
    pub status: Status,
    /// What is in the way.
    pub obstacle: Obstacle,
}

/// What is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The state itself.
    Status,
    /// Nobody is asked to take the session over.
    NoTransfer,
    /// The one who is to take it over handles it.
    HandledAlready,
    /// Something has happened to it in the meantime.
    NotIdle,
}

/// What cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// The user can neither respond in the topic nor manage it.
    Target(AssociateId),
    /// A text has a character in it that no database keeps.
    Text,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden(reserved) => reserved.fmt(f),
            Self::Conflict(conflict) => conflict.fmt(f),
            Self::Invalid(unfit) => unfit.fmt(f),
            Self::WrongKey => f.write_str("the key is not that of the session, or there is no such session"),
        }
    }
}

impl fmt::Display for Reserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handlers => "only the user who handles the session writes in it",
            Self::HandlersAndManagers => "only the user who handles the session and managers of its topic may do this",
            Self::Respondents => "only those who can respond in the topic pick up its sessions",
            Self::TransferTargets => {
                "only the user whom the session is to be transferred to, and who may still take it over, may do this"
            }
            Self::Members => "the session is of a topic that you are not a member of",
            Self::Readers => {
                "only those who handle the session, and who respond in, listen to or manage its topic, read it"
            }
        })
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.obstacle {
            Obstacle::Status => "this state of the session does not admit it",
            Obstacle::NoTransfer => "nobody is asked to take over the session",
            Obstacle::HandledAlready => "the user handles the session already",
            Obstacle::NotIdle => "something has happened to the session in the meantime",
        })?;
        write!(f, ": it is `{}`", self.status.as_str())
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(user) => {
                write!(f, "user {user} can neither respond in the topic of the session nor manage it")
            }
            Self::Text => f.write_str("a text has the character U+0000 in it"),
        }
    }
}
