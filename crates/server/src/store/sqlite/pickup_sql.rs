//! Finding and taking the first session of the queue: the statements in SQLite.

use super::dialect::{Connection, joined};
use super::import::insert_message;
use super::pickup::FirstRow;
use super::sessions::{session_columns, session_joins};
use crate::records::{AssociateId, Session};
use crate::rules::pickup::Acceptance;
use crate::store::StoreError;

/// The head of each queue that the caller serves is one step into the partial index; the longest waiting head wins.
/// Nobody else is taking one: its place is the first.
const FIRST: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", 1 AS place, t.welcome_message, t.language, t.accepted, t.accept_seconds,
       (SELECT ",
    joined!("a.rank"),
    "     FROM sessions a WHERE a.user_id = $1 AND a.status IN ('CustomerLast', 'UserLast')) AS ranks_in_use
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

/// The session that has waited longest.
pub(super) async fn first(connection: &mut Connection, caller: AssociateId) -> Result<Option<FirstRow>, StoreError> {
    Ok(sqlx::query_as(FIRST).bind(caller.0).fetch_optional(connection).await?)
}

/// Writes down what becomes of it.
pub(super) async fn save(
    connection: &mut Connection,
    caller: AssociateId,
    session: &Session,
    acceptance: &Acceptance,
) -> Result<(), StoreError> {
    let when = acceptance.when.as_microsecond();
    sqlx::query(
        "UPDATE sessions
            SET status = $2, user_id = $3, rank = $4, when_started = $5, when_idle = $5,
                first_message = $6, last_message = $7
          WHERE session_id = $1",
    )
    .bind(session.id.0)
    .bind(acceptance.status.as_str())
    .bind(caller.0)
    .bind(acceptance.rank)
    .bind(when)
    .bind(&acceptance.first_message)
    .bind(&acceptance.last_message)
    .execute(&mut *connection)
    .await?;
    if let Some(message) = &acceptance.message {
        insert_message(&mut *connection, session.id.0, message).await?;
    }
    // The right-hand sides see the old values; the average is worked out from the new ones, as `Waits` does.
    sqlx::query(
        "UPDATE topics
            SET last_accept = $2, accepted = accepted + 1, accept_seconds = accept_seconds + $3,
                seconds_pr_accept = (accept_seconds + $3) / (accepted + 1)
          WHERE topic_id = $1",
    )
    .bind(session.topic.0)
    .bind(when)
    .bind(acceptance.waited_seconds)
    .execute(connection)
    .await?;
    Ok(())
}
