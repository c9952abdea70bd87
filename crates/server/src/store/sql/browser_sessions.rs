//! Sessions of signed-in browsers.

use jiff::{SignedDuration, Timestamp};
use sqlx::FromRow;

use super::dialect::{Connection, for_update, skip_locked};
use super::rows::{UserRow, instant};
use crate::auth::SecretHash;
use crate::records::{AssociateId, User};
use crate::store::{NewBrowserSession, StoreError};

/// A session's last use is written when this much older: a write for every request would be a waste.
const USE_GRANULARITY: SignedDuration = SignedDuration::from_mins(1);

/// A session's user, and when it was last used.
#[derive(FromRow)]
struct OwnerRow {
    #[sqlx(flatten)]
    user: UserRow,
    when_used: i64,
}

/// Adds a session, unless its user was signed out.
pub(super) async fn add(connection: &mut Connection, session: &NewBrowserSession) -> Result<(), StoreError> {
    let done = sqlx::query(concat!(
        "INSERT INTO browser_sessions (hash, associate_id, when_begun, when_used, when_expires, generation)
         SELECT $1, associate_id, $3, $3, $4, $5 FROM users WHERE associate_id = $2 AND sign_in_generation = $5",
        for_update!()
    ))
    .bind(session.hash.bytes())
    .bind(session.user.0)
    .bind(session.begun.as_microsecond())
    .bind(session.expires.as_microsecond())
    .bind(session.generation)
    .execute(connection)
    .await?;
    if done.rows_affected() == 0 { Err(StoreError::SignedOut) } else { Ok(()) }
}

/// Whose session this is, and when it was last used.
pub(super) async fn owner(
    connection: &mut Connection,
    hash: SecretHash,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<(User, Timestamp)>, StoreError> {
    // The user and the session in one look: what is stored for the user next carries this very generation.
    let found = sqlx::query_as::<_, OwnerRow>(
        "SELECT u.*, s.when_used FROM browser_sessions s JOIN users u USING (associate_id)
          WHERE s.hash = $1 AND s.when_expires > $2 AND s.when_used > $3 AND s.generation = u.sign_in_generation
            AND NOT u.deleted AND NOT u.disabled",
    )
    .bind(hash.bytes())
    .bind(now.as_microsecond())
    .bind(idle_since.as_microsecond())
    .fetch_optional(connection)
    .await?;
    found.map(|row| Ok((row.user.into(), instant("the last use of a browser session", row.when_used)?))).transpose()
}

/// Whether a use at `now` is to be noted.
pub(super) fn is_use_worth_writing(used: Timestamp, now: Timestamp) -> bool {
    now.duration_since(used) >= USE_GRANULARITY
}

/// Notes that a session was used.
pub(super) async fn note_use(connection: &mut Connection, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
    sqlx::query("UPDATE browser_sessions SET when_used = $2 WHERE hash = $1")
        .bind(hash.bytes())
        .bind(now.as_microsecond())
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends a session, if there is such a one.
pub(super) async fn end(connection: &mut Connection, hash: SecretHash) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM browser_sessions WHERE hash = $1").bind(hash.bytes()).execute(connection).await?;
    Ok(())
}

/// Ends all sessions of a user, and counts those that had not expired.
pub(super) async fn end_all(connection: &mut Connection, user: AssociateId, now: Timestamp) -> Result<u64, StoreError> {
    let were_good: Vec<bool> =
        sqlx::query_scalar("DELETE FROM browser_sessions WHERE associate_id = $1 RETURNING when_expires > $2")
            .bind(user.0)
            .bind(now.as_microsecond())
            .fetch_all(connection)
            .await?;
    Ok(were_good.into_iter().map(u64::from).sum())
}

/// Deletes some that have expired, and some that were last used before `idle_since`, and counts them.
pub(super) async fn delete_ended(
    connection: &mut Connection,
    now: Timestamp,
    idle_since: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let expired = concat!(
        "DELETE FROM browser_sessions WHERE hash IN
           (SELECT hash FROM browser_sessions WHERE when_expires <= $1 LIMIT $2",
        skip_locked!(),
        ")"
    );
    let idle = concat!(
        "DELETE FROM browser_sessions WHERE hash IN
           (SELECT hash FROM browser_sessions WHERE when_used <= $1 LIMIT $2",
        skip_locked!(),
        ")"
    );
    let mut deleted = 0;
    for (statement, before) in [(expired, now), (idle, idle_since)] {
        let done = sqlx::query(statement)
            .bind(before.as_microsecond())
            .bind(i64::from(limit))
            .execute(&mut *connection)
            .await?;
        deleted += done.rows_affected();
    }
    Ok(deleted)
}
