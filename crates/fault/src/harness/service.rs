//! What clients ask, and whom.

use async_trait::async_trait;

use crate::history::{Call, Outcome};

/// Servers that clients can ask.
#[async_trait]
pub trait Service: Send + Sync + 'static {
    /// How many servers there are. They are numbered from 0.
    fn servers(&self) -> usize;

    /// Sends a request once, and says what came of it.
    async fn send(&self, server: usize, request: &Request) -> Sent;
}

/// A call, with what proves the caller.
#[derive(Clone)]
pub struct Request {
    /// Who asks.
    pub caller: Caller,
    /// What is asked for.
    pub call: Call,
    /// The same for all attempts at one call, where the operation takes one.
    pub idempotency_key: Option<String>,
}

/// Who asks.
#[derive(Clone)]
pub enum Caller {
    /// A customer, with the key of the session where there is one already.
    Customer(Option<String>),
    /// An agent, by the number in the [`Plan`](super::Plan).
    Agent(usize),
}

/// What came of a request.
#[derive(Clone)]
pub struct Sent {
    /// What the client knows.
    pub outcome: Outcome,
    /// The key of the session that was started. It is not part of the history.
    pub session_key: Option<String>,
}

impl From<Outcome> for Sent {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, session_key: None }
    }
}
