//! Finding and taking the session that has waited longest.

use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};

use super::rows;
use crate::records::{AssociateId, SessionId};
use crate::rules::pickup::{self, Acceptance, Waiting, Waits};
use crate::rules::text::Composer;
use crate::store::StoreError;

/// The head of each queue that the caller serves is one step into the partial index; the longest waiting head wins.
const FIND_FIRST: &str = "
    SELECT s.session_id, s.topic_id, s.when_requested, s.first_message, s.last_message,
           t.welcome_message, t.language, t.accepted, t.accept_seconds, u.full_name AS agent_full_name,
           -- The others of the topic that have waited longer: none here, but the text may name the place.
           (SELECT count(*) FROM sessions w
             WHERE w.topic_id = s.topic_id AND w.status = 'InQueue'
               AND (w.when_requested, w.session_id) < (s.when_requested, s.session_id)) + 1 AS place
      FROM topic_members m
      JOIN sessions s ON s.session_id = (
               SELECT w.session_id FROM sessions w
                WHERE w.topic_id = m.topic_id AND w.status = 'InQueue'
                ORDER BY w.when_requested, w.session_id LIMIT 1)
      JOIN topics t ON t.topic_id = s.topic_id
      JOIN users u ON u.associate_id = m.associate_id
     WHERE m.associate_id = $1 AND m.can_respond
     ORDER BY s.when_requested, s.session_id
     LIMIT 1";

#[derive(FromRow)]
struct FirstRow {
    session_id: i32,
    topic_id: i32,
    when_requested: i64,
    first_message: String,
    last_message: String,
    welcome_message: String,
    language: String,
    accepted: i64,
    accept_seconds: i64,
    agent_full_name: String,
    place: i64,
}

/// Gives `caller` the session that has waited longest, inside the caller's transaction.
pub(super) async fn first(
    connection: &mut SqliteConnection,
    caller: AssociateId,
    now: Timestamp,
    composer: &Composer,
) -> Result<Option<SessionId>, StoreError> {
    let row = sqlx::query_as::<_, FirstRow>(FIND_FIRST).bind(caller.0).fetch_optional(&mut *connection).await?;
    let Some(row) = row else { return Ok(None) };
    let ranks_in_use =
        sqlx::query_scalar("SELECT rank FROM sessions WHERE user_id = $1 AND status IN ('CustomerLast', 'UserLast')")
            .bind(caller.0)
            .fetch_all(&mut *connection)
            .await?;

    let id = SessionId(row.session_id);
    let waiting = Waiting {
        when_requested: rows::instant(&format!("`when_requested` of session {id}"), row.when_requested)?,
        place: row.place,
        first_message: row.first_message,
        last_message: row.last_message,
        welcome_message: row.welcome_message,
        language: row.language,
        waits: Waits { accepted: row.accepted, total_seconds: row.accept_seconds },
        agent_full_name: row.agent_full_name,
        ranks_in_use,
    };
    save(connection, caller, id, row.topic_id, &pickup::accept(&waiting, now, composer)).await?;
    Ok(Some(id))
}

async fn save(
    connection: &mut SqliteConnection,
    caller: AssociateId,
    session: SessionId,
    topic_id: i32,
    acceptance: &Acceptance,
) -> Result<(), StoreError> {
    let when = acceptance.when.as_microsecond();
    sqlx::query(
        "UPDATE sessions
            SET status = $2, user_id = $3, rank = $4, when_started = $5, when_idle = $5,
                first_message = $6, last_message = $7
          WHERE session_id = $1",
    )
    .bind(session.0)
    .bind(acceptance.status.as_str())
    .bind(caller.0)
    .bind(acceptance.rank)
    .bind(when)
    .bind(&acceptance.first_message)
    .bind(&acceptance.last_message)
    .execute(&mut *connection)
    .await?;
    if let Some(message) = &acceptance.message {
        super::import::insert_message(&mut *connection, session.0, message).await?;
    }
    sqlx::query(
        "UPDATE topics
            SET last_accept = $2, accepted = $3, accept_seconds = $4, seconds_pr_accept = $5
          WHERE topic_id = $1",
    )
    .bind(topic_id)
    .bind(when)
    .bind(acceptance.waits.accepted)
    .bind(acceptance.waits.total_seconds)
    .bind(acceptance.waits.average_seconds())
    .execute(&mut *connection)
    .await?;
    Ok(())
}
