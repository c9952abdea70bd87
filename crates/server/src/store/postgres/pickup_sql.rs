//! Finding and taking the first session of the queue: the statements in PostgreSQL.

use super::dialect::{Connection, joined};
use super::pickup::FirstRow;
use super::sessions::{session_columns, session_joins};
use crate::records::{AssociateId, MessageId, Session};
use crate::rules::pickup::Acceptance;
use crate::store::StoreError;

/// Looks for the session again so often, while others take it away each time.
const MAX_LOOKS: u32 = 16;

/// The head of each queue that the caller serves is one step into the partial index, and those that others are about to
/// take are the next steps: as many as `$depth` a topic. Of these the one that has waited longest is locked. The row is
/// given as it is under the lock, not as it was when the statement began.
macro_rules! first {
    ($depth:literal, $others:literal) => {
        concat!(
            "WITH head AS MATERIALIZED (
                 SELECT s.*, c.place
                   FROM (SELECT w.session_id, w.when_requested, w.place
                           FROM topic_members q
                          CROSS JOIN LATERAL (
                                    SELECT session_id, when_requested,
                                           row_number() OVER (ORDER BY when_requested, session_id) AS place
                                      FROM sessions
                                     WHERE topic_id = q.topic_id AND status = 'InQueue'
                                     ORDER BY when_requested, session_id LIMIT ",
            $depth,
            "       ) w
                          WHERE q.associate_id = $1 AND q.can_respond) c
                   JOIN sessions s ON s.session_id = c.session_id
                  WHERE s.status = 'InQueue'
                  ORDER BY c.when_requested, c.session_id
                  LIMIT 1 FOR NO KEY UPDATE OF s ",
            $others,
            ")
             SELECT ",
            session_columns!(),
            ", t.welcome_message, t.language, t.accepted, t.accept_seconds,
               (SELECT ",
            joined!("a.rank"),
            "     FROM sessions a
        WHERE a.user_id = $1 AND a.status IN ('CustomerLast', 'UserLast') AND a.rank > 0) AS ranks_in_use
               FROM head s
               JOIN topics t ON t.topic_id = s.topic_id ",
            session_joins!()
        )
    };
}

/// Passes over sessions that others are about to take, as many as there are on an ordinary day.
const FIRST_FREE: &str = first!("8", "SKIP LOCKED");

/// Passes over as many as there may be.
const FIRST_FREE_OF_MANY: &str = first!("64", "SKIP LOCKED");

/// Waits for those who are about to take a session: they may leave it.
const FIRST: &str = first!("64", "");

/// Whether any session waits for the caller, also one that somebody is about to take.
const ANY: &str = "
    SELECT EXISTS (
        SELECT 1 FROM topic_members q
         WHERE q.associate_id = $1 AND q.can_respond
           AND EXISTS (SELECT 1 FROM sessions w WHERE w.topic_id = q.topic_id AND w.status = 'InQueue'))";

/// The session that has waited longest, locked.
pub(super) async fn first(connection: &mut Connection, caller: AssociateId) -> Result<Option<FirstRow>, StoreError> {
    let free = sqlx::query_as(FIRST_FREE).bind(caller.0).fetch_optional(&mut *connection).await?;
    if free.is_some() {
        return Ok(free);
    }
    for _ in 0..MAX_LOOKS {
        let is_any: bool = sqlx::query_scalar(ANY).bind(caller.0).fetch_one(&mut *connection).await?;
        if !is_any {
            return Ok(None);
        }
        // Waiting is the last resort: most of those who are about to take a session do take it.
        for statement in [FIRST_FREE_OF_MANY, FIRST] {
            let first = sqlx::query_as(statement).bind(caller.0).fetch_optional(&mut *connection).await?;
            if first.is_some() {
                return Ok(first);
            }
        }
        // Others took all that this look saw; there may be more behind.
    }
    Err(StoreError::Contended)
}

/// Writes down what becomes of it, and gives the number of the message that is posted, in one round trip. Everybody who picks up from the topic needs its figures: they are
/// added to, not replaced, and no statement follows that would hold them longer.
pub(super) async fn save(
    connection: &mut Connection,
    caller: AssociateId,
    session: &Session,
    acceptance: &Acceptance,
) -> Result<Option<MessageId>, StoreError> {
    let message = acceptance.message.as_ref();
    let id: Option<i32> = sqlx::query_scalar(
        "WITH taken AS (
             UPDATE sessions
                SET status = $2, user_id = $3, rank = $4, when_started = $5, when_idle = $5,
                    first_message = $6, last_message = $7
              WHERE session_id = $1),
         said AS (
             INSERT INTO messages (session_id, type, special_type, special_param, message, author, when_posted)
             SELECT $1, $8, $9, $15, $10, $11, $12 WHERE $8 IS NOT NULL
             RETURNING message_id)
         UPDATE topics
            SET last_accept = CASE WHEN last_accept > $5 THEN last_accept ELSE $5 END,
                accepted = accepted + 1, accept_seconds = accept_seconds + $14,
                seconds_pr_accept = (accept_seconds + $14) / (accepted + 1)
          WHERE topic_id = $13
         RETURNING (SELECT message_id FROM said)",
    )
    .bind(session.id.0)
    .bind(acceptance.status.as_str())
    .bind(caller.0)
    .bind(acceptance.rank)
    .bind(acceptance.when.as_microsecond())
    .bind(&acceptance.first_message)
    .bind(&acceptance.last_message)
    .bind(message.map(|message| message.message_type.as_str()))
    .bind(message.map(|message| message.special_type.as_str()))
    .bind(message.map(|message| message.text.as_str()))
    .bind(message.map(|message| message.author.as_str()))
    .bind(message.map(|message| message.when_posted.as_microsecond()))
    .bind(session.topic.0)
    .bind(acceptance.waited_seconds)
    .bind(message.map(|message| message.special_param.as_str()))
    .fetch_one(connection)
    .await?;
    Ok(id.map(MessageId))
}
