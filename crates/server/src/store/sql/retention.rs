//! Finding a customer's sessions, and deleting sessions. Messages and idempotency keys go with theirs.

use jiff::Timestamp;

use super::dialect::{Connection, one_of, same_email, skip_locked};
use super::{queue, rows, sessions};
use crate::records::{SessionId, SessionView};
use crate::store::StoreError;

/// Deletes some sessions in which nobody waits or talks and nothing happened since then, and counts them. Not all of
/// them end: what was left on the offline form stays there.
pub(super) async fn delete_ended(
    connection: &mut Connection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let ended: Vec<i32> = sqlx::query_scalar(concat!(
        "SELECT session_id FROM sessions
          WHERE coalesce(when_ended, when_idle, when_requested) < $1
            AND status NOT IN ('InQueue', 'CustomerLast', 'UserLast')
          ORDER BY coalesce(when_ended, when_idle, when_requested) LIMIT $2",
        skip_locked!()
    ))
    .bind(before.as_microsecond())
    .bind(i64::from(limit))
    .fetch_all(&mut *connection)
    .await?;
    delete(connection, &ended).await
}

/// Deletes sessions, and counts them.
pub(super) async fn delete(connection: &mut Connection, sessions: &[i32]) -> Result<u64, StoreError> {
    if sessions.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(concat!("DELETE FROM sessions WHERE ", one_of!("session_id", "$1")))
        .bind(queue::ids(sessions.iter().copied()))
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// The sessions of a customer, ordered by id.
pub(super) async fn of_customer(connection: &mut Connection, email: &str) -> Result<Vec<SessionView>, StoreError> {
    if email.is_empty() || !rows::is_storable(email) {
        return Ok(Vec::new());
    }
    let ids: Vec<i32> = sqlx::query_scalar(concat!(
        "SELECT session_id FROM sessions WHERE customer_email <> '' AND ",
        same_email!("customer_email", "$1"),
        " ORDER BY session_id"
    ))
    .bind(email)
    .fetch_all(&mut *connection)
    .await?;
    sessions::listed(connection, None, ids.into_iter().map(SessionId)).await
}
