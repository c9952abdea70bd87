//! What every client did and was told, and what the service says in the end.
//!
//! A history is a file of JSON Lines: the [`Setup`], an [`Event`] for every call and a [`Fault`] for every blow as they
//! end, and the [`FinalState`]. It holds no secrets: neither passwords nor session keys.

mod record;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::record::{ReadError, Recorder, read};

/// Everything about one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Who may do what.
    pub setup: Setup,
    /// The calls, in the order in which they ended.
    pub events: Vec<Event>,
    /// What was done to the service, in the order in which it was over.
    pub faults: Vec<Fault>,
    /// What the service says when all is quiet.
    pub end: FinalState,
}

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Setup {
    /// What the clients' plans were drawn from.
    pub seed: u64,
    /// The agents who can respond in each topic, by `TopicId` and `AssociateId`.
    pub responders: BTreeMap<i32, Vec<i32>>,
    /// How the service looks for the first session of a queue.
    pub pickup: Pickup,
}

/// How the service looks for the first session of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pickup {
    /// One transaction after the other: the first session is the first.
    #[default]
    Serial,
    /// It passes over a session that another transaction holds at that moment (`SKIP LOCKED`).
    SkipsHeld,
}

/// A blow to the service, which takes back what its transactions had not committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What was hit.
    pub hit: Hit,
    /// Microseconds from the beginning of the run until it began.
    pub start: u64,
    /// Microseconds from the beginning of the run until it was over.
    pub end: u64,
}

/// What a blow hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hit {
    /// A server, which was killed.
    Server(usize),
    /// The database, which dropped the connections of all servers.
    Database,
}

/// One attempt at a call, from sending to the answer or its loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Who called.
    pub client: Client,
    /// The logical call: attempts that share an idempotency key share it.
    pub operation: u64,
    /// The server that was asked.
    pub server: usize,
    /// What was asked for.
    pub call: Call,
    /// Microseconds from the beginning of the run until it was sent.
    pub start: u64,
    /// Microseconds from the beginning of the run until the outcome was clear.
    pub end: u64,
    /// What the client knows of it.
    pub outcome: Outcome,
}

/// Who called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// A customer, by number.
    Customer(usize),
    /// An agent, by `AssociateId`.
    Agent(i32),
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// A session on a topic. No two operations have the same customer's name, or the same text.
    Start {
        /// The topic.
        topic: i32,
        /// The customer's name.
        customer: String,
        /// The first message.
        text: String,
    },
    /// The first session of the queue.
    PickUp,
    /// A message. No two operations have the same text.
    Post {
        /// The session.
        session: i32,
        /// The text.
        text: String,
    },
    /// The messages of a session.
    Read {
        /// The session.
        session: i32,
        /// The last message that the client knows.
        after: Option<i32>,
    },
    /// The end of a session.
    End {
        /// The session.
        session: i32,
    },
    /// The sessions of the agent.
    List,
}

/// What the client knows of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Ok(Answer),
    /// It was not done: the status says why.
    Refused(u16),
    /// The service says by this status that it failed; or the status is one of success, and the body cannot be read. It may
    /// be done, later even.
    Failed(u16),
    /// No answer came; the text says what was noticed. It may be done, later even.
    Unknown(String),
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A session.
    Session(Session),
    /// The number of the message that was posted.
    Posted(i32),
    /// Messages.
    Messages(Vec<Message>),
    /// The sessions whose user is the caller.
    Sessions(Vec<Session>),
}

/// A session as an answer shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// `ChatSessionId`.
    pub id: i32,
    /// `TopicId`.
    pub topic: i32,
    /// `Status`.
    pub status: String,
    /// The `AssociateId` of the `User`.
    pub user: Option<i32>,
    /// `Rank`.
    pub rank: Option<i32>,
    /// `CustomerName`.
    pub customer: String,
    /// Whether there is a `WhenEnded`.
    pub has_end: bool,
}

/// A message as an answer shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `ChatMessageId`.
    pub id: i32,
    /// `Type`.
    pub kind: String,
    /// `SpecialType`.
    pub special: String,
    /// `Message`.
    pub text: String,
}

/// What the service says when all is quiet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalState {
    /// All sessions that a manager sees.
    pub sessions: Vec<Session>,
    /// The messages of each session, in the order of the answer.
    pub messages: BTreeMap<i32, Vec<Message>>,
}

impl Outcome {
    /// Whether the client knows neither that it was done nor that it was not.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Unknown(_))
    }
}

impl Session {
    /// Whether an agent and a customer write to each other.
    pub fn is_active(&self) -> bool {
        matches!(self.status.as_str(), "CustomerLast" | "UserLast")
    }

    /// Whether it waits for an agent.
    pub fn is_waiting(&self) -> bool {
        self.status == "InQueue"
    }

    /// Whether it is over.
    pub fn is_ended(&self) -> bool {
        matches!(self.status.as_str(), "Closed" | "Finished" | "ClosedFromQueue")
    }
}

impl Message {
    /// Whether a person wrote it.
    pub fn is_plain(&self) -> bool {
        matches!(self.special.as_str(), "" | "None")
    }
}

impl Call {
    /// The word for it, for tables and texts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::PickUp => "pick up",
            Self::Post { .. } => "post",
            Self::Read { .. } => "read",
            Self::End { .. } => "end",
            Self::List => "list",
        }
    }

    /// The session that it is about, where the caller names one.
    pub fn session(&self) -> Option<i32> {
        match self {
            Self::Post { session, .. } | Self::Read { session, .. } | Self::End { session } => Some(*session),
            Self::Start { .. } | Self::PickUp | Self::List => None,
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(number) => write!(f, "customer {number}"),
            Self::Agent(user) => write!(f, "agent {user}"),
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Start { topic, customer, .. } => write!(f, " `{customer}` on topic {topic}"),
            Self::Post { session, text } => write!(f, " `{text}` to session {session}"),
            Self::Read { session, after: None } => write!(f, " session {session}"),
            Self::Read { session, after: Some(after) } => write!(f, " session {session} after message {after}"),
            Self::End { session } => write!(f, " session {session}"),
            Self::PickUp | Self::List => Ok(()),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok(Answer::Session(Session { id, status, rank, user, .. })) => {
                write!(f, "session {id}, {status}")?;
                user.map_or(Ok(()), |user| write!(f, ", user {user}, rank {}", rank.unwrap_or_default()))
            }
            Self::Ok(Answer::Posted(id)) => write!(f, "message {id}"),
            Self::Ok(Answer::Messages(messages)) => {
                let ids: Vec<String> = messages.iter().map(|message| message.id.to_string()).collect();
                write!(f, "messages [{}]", ids.join(", "))
            }
            Self::Ok(Answer::Sessions(sessions)) => write!(f, "{} sessions", sessions.len()),
            Self::Refused(status) => write!(f, "refused with {status}"),
            Self::Failed(status) => write!(f, "failed with {status}"),
            Self::Unknown(reason) => write!(f, "unknown: {reason}"),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, operation, server, call, outcome, .. } = self;
        write!(f, "{}..{} {client}, operation {operation}, server {server}: ", seconds(self.start), seconds(self.end))?;
        write!(f, "{call} -> {outcome}")
    }
}

/// Microseconds as people read them.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_readable() {
        let session =
            Session { id: 7, status: "UserLast".to_owned(), user: Some(3), rank: Some(2), ..Session::default() };
        let event = |call, outcome| Event {
            client: Client::Agent(3),
            operation: 12,
            server: 1,
            call,
            start: 1_000_020,
            end: 2_500_000,
            outcome,
        };
        for (call, outcome, expected) in [
            (Call::PickUp, Outcome::Ok(Answer::Session(session)), "pick up -> session 7, UserLast, user 3, rank 2"),
            (Call::End { session: 7 }, Outcome::Refused(409), "end session 7 -> refused with 409"),
            (Call::List, Outcome::Failed(500), "list -> failed with 500"),
            (
                Call::Read { session: 7, after: Some(4) },
                Outcome::Unknown("cut".to_owned()),
                "read session 7 after message 4 -> unknown: cut",
            ),
        ] {
            let expected = format!("1.000020..2.500000 agent 3, operation 12, server 1: {expected}");
            assert_eq!(event(call, outcome).to_string(), expected);
        }
    }
}
