//! Finding and taking the first session of the queue: the statements in PostgreSQL.

use super::dialect::{Connection, joined};
use super::pickup::FirstRow;
use super::sessions::{session_columns, session_joins};
use crate::records::{AssociateId, MessageId, Session, SessionId};
use crate::rules::pickup::{Acceptance, Waits};
use crate::store::StoreError;
use crate::store::looks::{First, Look};

/// Reads what is locked, `$1` being the caller: as it is under the lock, not as it was when the statement began.
macro_rules! locked {
    ($head:expr) => {
        concat!(
            "WITH head AS MATERIALIZED (",
            $head,
            ") SELECT ",
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

/// The head of each queue that the caller serves is one step into the partial index, and those that others are about to
/// take are the next steps: as many as `$depth` a topic. Of these the one that has waited longest is locked. It waits for
/// nobody, so it does no harm that PostgreSQL also keeps the lock on a session that was taken a moment ago.
macro_rules! first_free {
    ($depth:literal) => {
        locked!(concat!(
            "SELECT s.*, c.place
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
              LIMIT 1 FOR NO KEY UPDATE OF s SKIP LOCKED"
        ))
    };
}

/// Passes over sessions that others are about to take, as many as there are on an ordinary day.
const FIRST_FREE: &str = first_free!("16");

/// Passes over as many as there may be.
const FIRST_FREE_OF_MANY: &str = first_free!("64");

/// One session, `$2`, if it still waits when those who hold it have let go of it. It was seen to be the first.
const AWAITED: &str = locked!(
    "SELECT s.*, CAST(1 AS BIGINT) AS place
       FROM sessions s
      WHERE s.session_id = $2 AND s.status = 'InQueue'
        AND EXISTS (SELECT 1 FROM topic_members q
                     WHERE q.associate_id = $1 AND q.topic_id = s.topic_id AND q.can_respond)
        FOR NO KEY UPDATE OF s"
);

/// The session that has waited longest for the caller, also one that somebody is about to take. It locks nothing.
const HEAD: &str = "
    SELECT w.session_id
      FROM topic_members q
     CROSS JOIN LATERAL (
               SELECT session_id, when_requested FROM sessions
                WHERE topic_id = q.topic_id AND status = 'InQueue'
                ORDER BY when_requested, session_id LIMIT 1) w
     WHERE q.associate_id = $1 AND q.can_respond
     ORDER BY w.when_requested, w.session_id LIMIT 1";

/// The session that has waited longest, locked. Whoever waits for one in a transaction has looked at no other in it: the
/// lock on a session that turns out to be taken stays until the transaction ends.
pub(super) async fn first(
    connection: &mut Connection,
    caller: AssociateId,
    look: Look,
) -> Result<First<FirstRow>, StoreError> {
    let statement = match look {
        Look::First => FIRST_FREE,
        Look::Again => FIRST_FREE_OF_MANY,
        Look::At(_) => AWAITED,
    };
    let mut query = sqlx::query_as(statement).bind(caller.0);
    if let Look::At(session) = look {
        query = query.bind(session.0);
    }
    if let Some(row) = query.fetch_optional(&mut *connection).await? {
        return Ok(First::Locked(Box::new(row)));
    }
    let head: Option<i32> = sqlx::query_scalar(HEAD).bind(caller.0).fetch_optional(connection).await?;
    Ok(match (head, look) {
        (None, _) => First::None,
        // Others took it meanwhile; there may be free ones behind.
        (Some(_), Look::At(_)) => First::Held(Look::Again),
        // Waiting is the last resort: most of those who are about to take a session do take it.
        (Some(_), Look::First) => First::Held(Look::Again),
        (Some(head), Look::Again) => First::Held(Look::At(SessionId(head))),
    })
}

/// Writes down what becomes of it, and gives the number of the message that is posted, in one round trip. Everybody who
/// picks up from the topic needs its figures: they are added to, not replaced, and no statement follows that would hold
/// them longer.
pub(super) async fn save(
    connection: &mut Connection,
    caller: AssociateId,
    session: &Session,
    acceptance: &Acceptance,
) -> Result<Option<MessageId>, StoreError> {
    let message = acceptance.message.as_ref();
    let waits = Waits::of_one(session, acceptance.waited_seconds);
    let id: Option<i32> = sqlx::query_scalar(
        "WITH taken AS (
             UPDATE sessions
                SET status = $2, user_id = $3, rank = $4, when_started = $5, when_idle = $5,
                    alert_level = 0,
                    first_message = $6, last_message = $7
              WHERE session_id = $1),
         said AS (
             INSERT INTO messages (session_id, type, special_type, special_param, message, author, when_posted)
             SELECT $1, $8, $9, $15, $10, $11, $12 WHERE $8 IS NOT NULL
             RETURNING message_id)
         UPDATE topics
            SET last_accept = CASE WHEN last_accept > $5 THEN last_accept ELSE $5 END,
                accepted = accepted + $16, accept_seconds = accept_seconds + $14,
                seconds_pr_accept =
                    (accept_seconds + $14) / CASE WHEN accepted + $16 = 0 THEN 1 ELSE accepted + $16 END
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
    .bind(waits.total_seconds)
    .bind(message.map(|message| message.special_param.as_str()))
    .bind(waits.accepted)
    .fetch_one(connection)
    .await?;
    Ok(id.map(MessageId))
}
