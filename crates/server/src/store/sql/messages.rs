//! Messages of sessions: posting, reading, and which of them the customer's page has.

use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{Connection, at_most};
use super::rows::instant;
use crate::records::{Message, MessageId, MessageType, NewMessage, SessionId, SpecialType};
use crate::store::StoreError;

#[derive(FromRow)]
struct MessageRow {
    message_id: i32,
    session_id: i32,
    #[sqlx(rename = "type")]
    message_type: String,
    special_type: String,
    special_param: String,
    message: String,
    author: String,
    when_posted: i64,
    read_by_customer: bool,
}

impl TryFrom<MessageRow> for Message {
    type Error = StoreError;

    fn try_from(row: MessageRow) -> Result<Self, StoreError> {
        let id = row.message_id;
        let unknown = |column: &str| StoreError::Damaged {
            what: format!("`{column}` of message {id}"),
            reason: "it is none of the known ones".to_owned(),
        };
        Ok(Self {
            id: MessageId(id),
            session: SessionId(row.session_id),
            posted: NewMessage {
                message_type: MessageType::parse(&row.message_type).ok_or_else(|| unknown("type"))?,
                special_type: SpecialType::parse(&row.special_type).ok_or_else(|| unknown("special_type"))?,
                special_param: row.special_param,
                text: row.message,
                author: row.author,
                when_posted: instant(&format!("`when_posted` of message {id}"), row.when_posted)?,
            },
            read_by_customer: row.read_by_customer,
        })
    }
}

/// Posts messages to a session whose row is locked: so their numbers are in the order in which they become visible.
pub(super) async fn post(
    connection: &mut Connection,
    session: SessionId,
    new: Vec<NewMessage>,
) -> Result<Vec<Message>, StoreError> {
    let mut posted = Vec::with_capacity(new.len());
    for message in new {
        // Nobody has to fetch what they wrote.
        let is_read = message.is_of_customer();
        let id = insert(&mut *connection, session, &message, is_read).await?;
        posted.push(Message { id, session, posted: message, read_by_customer: is_read });
    }
    Ok(posted)
}

/// Adds a message to a session.
pub(super) async fn insert(
    connection: &mut Connection,
    session: SessionId,
    message: &NewMessage,
    read_by_customer: bool,
) -> Result<MessageId, StoreError> {
    let id = sqlx::query_scalar(
        "INSERT INTO messages (session_id, type, special_type, special_param, message, author, when_posted,
                               read_by_customer)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         RETURNING message_id",
    )
    .bind(session.0)
    .bind(message.message_type.as_str())
    .bind(message.special_type.as_str())
    .bind(&message.special_param)
    .bind(&message.text)
    .bind(&message.author)
    .bind(message.when_posted.as_microsecond())
    .bind(read_by_customer)
    .fetch_one(connection)
    .await?;
    Ok(MessageId(id))
}

/// Some of the messages after one, in order.
pub(super) async fn after(
    connection: &mut Connection,
    session: SessionId,
    after: MessageId,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query_as::<_, MessageRow>(concat!(
        "SELECT * FROM messages WHERE session_id = $1 AND message_id > $2 ORDER BY message_id",
        at_most!("$3")
    ))
    .bind(session.0)
    .bind(after.0)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Message::try_from).collect()
}

/// The messages from one to another, in order.
pub(super) async fn between(
    connection: &mut Connection,
    session: SessionId,
    first: MessageId,
    last: MessageId,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query_as::<_, MessageRow>(
        "SELECT * FROM messages WHERE session_id = $1 AND message_id >= $2 AND message_id <= $3 ORDER BY message_id",
    )
    .bind(session.0)
    .bind(first.0)
    .bind(last.0)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Message::try_from).collect()
}

/// What the customer's page asked for, and when. A page that says to have messages behind the session's last one says
/// nothing: what will be posted there it cannot have.
#[derive(Clone, Copy)]
pub(super) struct Fetch {
    pub(super) session: SessionId,
    pub(super) up_to: MessageId,
    pub(super) now: Timestamp,
}

impl Fetch {
    /// The beginning of this second: notes of one and the same second say nothing new.
    fn second(self) -> i64 {
        self.now.as_second().saturating_mul(1_000_000)
    }

    /// Whether there is anything to write down.
    pub(super) async fn is_news(self, connection: &mut Connection) -> Result<bool, StoreError> {
        let is_news = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM sessions
                             WHERE session_id = $1 AND (when_fetched IS NULL OR when_fetched < $3))
                 OR (EXISTS (SELECT 1 FROM messages
                              WHERE session_id = $1 AND message_id <= $2 AND NOT read_by_customer)
                     AND EXISTS (SELECT 1 FROM messages WHERE session_id = $1 AND message_id >= $2))",
        )
        .bind(self.session.0)
        .bind(self.up_to.0)
        .bind(self.second())
        .fetch_one(connection)
        .await?;
        Ok(is_news)
    }

    /// Writes it down.
    pub(super) async fn note(self, connection: &mut Connection) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE sessions SET when_fetched = $2
              WHERE session_id = $1 AND (when_fetched IS NULL OR when_fetched < $3)",
        )
        .bind(self.session.0)
        .bind(self.now.as_microsecond())
        .bind(self.second())
        .execute(&mut *connection)
        .await?;
        sqlx::query(
            "UPDATE messages SET read_by_customer = TRUE
              WHERE session_id = $1 AND message_id <= $2 AND NOT read_by_customer
                AND EXISTS (SELECT 1 FROM messages m WHERE m.session_id = $1 AND m.message_id >= $2)",
        )
        .bind(self.session.0)
        .bind(self.up_to.0)
        .execute(connection)
        .await?;
        Ok(())
    }
}
