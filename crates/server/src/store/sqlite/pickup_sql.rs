//! Finding and taking the first session of the queue: the statements in SQLite.

use super::dialect::{Connection, joined};
use super::messages;
use super::pickup::FirstRow;
use super::sessions::{session_columns, session_joins};
use super::topic_rows;
use crate::records::{AssociateId, MessageId, Session};
use crate::rules::pickup::{Acceptance, Waits};
use crate::store::StoreError;
use crate::store::looks::{First, Look};

/// The head of each queue that the caller serves is one step into the partial index; the longest waiting head wins.
/// Nobody else is taking one: its place is the first. Without the condition on ranks SQLite would look through all
/// sessions that the caller ever had instead of the active ones.
const FIRST: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", 1 AS place, t.welcome_message, t.language, t.accepted, t.accept_seconds,
       (SELECT ",
    joined!("a.rank"),
    "     FROM sessions a
        WHERE a.user_id = $1 AND a.status IN ('CustomerLast', 'UserLast') AND a.rank > 0) AS ranks_in_use
       FROM (SELECT h.session_id
               FROM topic_members q
               JOIN sessions h ON h.session_id = (
                        SELECT w.session_id FROM sessions w
                         WHERE w.topic_id = q.topic_id AND w.status = 'InQueue'
                         ORDER BY w.when_requested, w.session_id LIMIT 1)
              WHERE q.associate_id = $1 AND q.can_respond
              ORDER BY h.when_requested, h.session_id
              LIMIT 1) head
       JOIN sessions s ON s.session_id = head.session_id
       JOIN topics t ON t.topic_id = s.topic_id ",
    session_joins!()
);

/// The session that has waited longest. Nobody else is at it: the first look finds it.
pub(super) async fn first(
    connection: &mut Connection,
    caller: AssociateId,
    _: Look,
) -> Result<First<FirstRow>, StoreError> {
    let row = sqlx::query_as(FIRST).bind(caller.0).fetch_optional(connection).await?;
    Ok(row.map_or(First::None, |row| First::Locked(Box::new(row))))
}

/// Writes down what becomes of it, and gives the number of the message that is posted.
pub(super) async fn save(
    connection: &mut Connection,
    caller: AssociateId,
    session: &Session,
    acceptance: &Acceptance,
) -> Result<Option<MessageId>, StoreError> {
    sqlx::query(
        "UPDATE sessions
            SET status = $2, user_id = $3, rank = $4, when_started = $5, when_idle = $5,
                alert_level = 0,
                first_message = $6, last_message = $7
          WHERE session_id = $1",
    )
    .bind(session.id.0)
    .bind(acceptance.status.as_str())
    .bind(caller.0)
    .bind(acceptance.rank)
    .bind(acceptance.when.as_microsecond())
    .bind(&acceptance.first_message)
    .bind(&acceptance.last_message)
    .execute(&mut *connection)
    .await?;
    let message = match &acceptance.message {
        Some(message) => Some(messages::insert(&mut *connection, session.id, message, false).await?),
        None => None,
    };
    let waits = Waits::of_one(session, acceptance.waited_seconds);
    topic_rows::add_waits(connection, session.topic, waits, acceptance.when).await?;
    Ok(message)
}

#[cfg(test)]
mod tests;
