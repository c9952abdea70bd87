//! What is kept of a customer, for the customer to have, and for it to be gone: what data protection law asks for.
//!
//! A customer is known by the e-mail address that sessions were started with. Sessions without one cannot be told to be
//! anybody's.

use std::sync::Arc;

use chat_models::{Associate, ChatMessage, ChatSessionEntity};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::records::{Message, MessageId, SessionId, SessionView, Status};
use crate::rules::carrier;
use crate::rules::life::{self, Situation};
use crate::store::{Outcome, SessionChange, Store, StoreError};

/// Messages that are read at a time.
const MESSAGES_AT_A_TIME: u32 = 500;

/// Sessions that are deleted at a time: others get to write in between.
const SESSIONS_AT_A_TIME: usize = 50;

/// Everything that is kept of a customer, but for what proves the customer or only concerns callers of the API.
#[derive(Debug, Serialize)]
pub struct Export {
    /// The address that was looked for.
    pub email: String,
    /// When.
    pub exported: Timestamp,
    /// The customer's sessions, the first one first.
    pub sessions: Vec<ExportedSession>,
}

/// A session of an export.
#[derive(Debug, Serialize)]
pub struct ExportedSession {
    /// The session with the linked records, in the form of the API (`ChatSessionEntity`), without what is null there. Of
    /// users it has the full name.
    pub session: Value,
    /// All its messages (`ChatMessage`), the first one first.
    pub messages: Vec<ChatMessage>,
}

/// What is kept of the customer with this e-mail address, in any letter case.
///
/// # Errors
/// The database failed.
pub async fn export(store: &dyn Store, email: &str, now: Timestamp) -> Result<Export, StoreError> {
    let mut sessions = Vec::new();
    for view in store.sessions_of_customer(email).await? {
        let messages = messages_of(store, view.session.id).await?;
        let messages = messages.into_iter().map(carrier::message).collect();
        sessions.push(ExportedSession { session: exported(view), messages });
    }
    Ok(Export { email: email.to_owned(), exported: now, sessions })
}

/// All messages of a session.
///
/// # Errors
/// The database failed.
pub async fn messages_of(store: &dyn Store, session: SessionId) -> Result<Vec<Message>, StoreError> {
    let mut messages: Vec<Message> = Vec::new();
    loop {
        let after = messages.last().map_or(MessageId::default(), |message| message.id);
        let page = store.messages(session, after, MESSAGES_AT_A_TIME).await?;
        let is_last = page.len() < MESSAGES_AT_A_TIME as usize;
        messages.extend(page);
        if is_last {
            return Ok(messages);
        }
    }
}

/// Whether somebody waits or talks in the session now.
pub fn is_open(view: &SessionView) -> bool {
    view.session.status == Status::InQueue || view.session.status.is_active()
}

/// Ends those of the sessions that are open, as their customer would.
///
/// # Errors
/// The database failed.
pub async fn end_open(store: &dyn Store, sessions: &[SessionView], now: Timestamp) -> Result<(), StoreError> {
    for view in sessions.iter().filter(|view| is_open(view)) {
        let rule = Arc::new(move |situation: &Situation| life::end_by_customer(situation, now));
        let session = view.session.id;
        let change = SessionChange { session, actor: None, target: None, now, idempotency: None, rule };
        match store.change_session(change).await? {
            Outcome::Done { .. } => {}
            // It has ended by itself, or is gone.
            Outcome::Refused(_) | Outcome::Missing | Outcome::KeyInUse => {}
        }
    }
    Ok(())
}

/// Deletes the sessions with their messages, and says how many there were.
///
/// # Errors
/// The database failed; some of them may be gone.
pub async fn delete(store: &dyn Store, sessions: &[SessionView]) -> Result<u64, StoreError> {
    let ids: Vec<_> = sessions.iter().map(|view| view.session.id).collect();
    let mut deleted = 0;
    for some in ids.chunks(SESSIONS_AT_A_TIME) {
        deleted += store.delete_sessions(some).await?;
    }
    Ok(deleted)
}

fn exported(view: SessionView) -> Value {
    let session = carrier::session(view);
    let named = |user: Associate| Associate { full_name: user.full_name, ..Associate::default() };
    let session = ChatSessionEntity {
        session_key: None,
        table_right: None,
        field_properties: None,
        user: session.user.map(named),
        transfer_to: session.transfer_to.map(named),
        ..session
    };
    without_nulls(serde_json::to_value(session).expect("a carrier is plain JSON"))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}
