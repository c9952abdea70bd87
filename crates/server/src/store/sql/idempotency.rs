//! Calls that may be repeated: who comes first does it, the others are told what came of it.
//!
//! The key's row is written first of all, before anything else is locked. Whoever wants to write the same waits until
//! that transaction has ended, and then either reads what came of the call or does it.

use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{Connection, skip_locked};
use super::{messages, sessions};
use crate::records::{AssociateId, Message, MessageId, SessionId};
use crate::store::{Idempotency, Outcome, StoreError};

/// So often a key may be forgotten just when its row is to be read.
const MAX_LOOKS: u32 = 4;

#[derive(FromRow)]
struct KeyRow {
    fingerprint: Vec<u8>,
    session_id: Option<i32>,
    first_message_id: Option<i32>,
    last_message_id: Option<i32>,
}

/// What an earlier call with this key came to; `None` where this one is the first and has to be done. `caller` is whose
/// view of the session is given.
pub(super) async fn earlier(
    connection: &mut Connection,
    call: Option<&Idempotency>,
    caller: Option<AssociateId>,
    now: Timestamp,
) -> Result<Option<Outcome>, StoreError> {
    let Some(call) = call else { return Ok(None) };
    for _ in 0..MAX_LOOKS {
        if claim(connection, call, now).await? {
            return Ok(None);
        }
        if let Some(row) = used(connection, call, now).await? {
            if row.fingerprint != call.fingerprint {
                return Ok(Some(Outcome::KeyInUse));
            }
            return repeated(connection, caller, row).await.map(Some);
        }
    }
    Err(StoreError::Contended)
}

/// Writes down what came of the call, or, where nothing did, forgets that it was made.
pub(super) async fn settle(
    connection: &mut Connection,
    call: Option<&Idempotency>,
    outcome: Option<&Outcome>,
) -> Result<(), StoreError> {
    let Some(call) = call else { return Ok(()) };
    if let Some(Outcome::Done { view, messages, .. }) = outcome {
        sqlx::query(
            "UPDATE idempotency_keys SET session_id = $3, first_message_id = $4, last_message_id = $5
              WHERE scope = $1 AND key_hash = $2",
        )
        .bind(&call.scope)
        .bind(call.key_hash.as_slice())
        .bind(view.session.id.0)
        .bind(messages.first().map(|message| message.id.0))
        .bind(messages.last().map(|message| message.id.0))
        .execute(connection)
        .await?;
    } else {
        sqlx::query("DELETE FROM idempotency_keys WHERE scope = $1 AND key_hash = $2")
            .bind(&call.scope)
            .bind(call.key_hash.as_slice())
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Deletes some keys that were last used before then, and counts them.
pub(super) async fn forget(connection: &mut Connection, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let done = sqlx::query(concat!(
        "DELETE FROM idempotency_keys WHERE (scope, key_hash) IN
           (SELECT scope, key_hash FROM idempotency_keys WHERE when_used < $1 ORDER BY when_used LIMIT $2",
        skip_locked!(),
        ")"
    ))
    .bind(before.as_microsecond())
    .bind(i64::from(limit))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Whether this call is the first with its key. Waits for another that is just being done.
async fn claim(connection: &mut Connection, call: &Idempotency, now: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO idempotency_keys (scope, key_hash, fingerprint, when_used) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(&call.scope)
    .bind(call.key_hash.as_slice())
    .bind(call.fingerprint.as_slice())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

async fn used(connection: &mut Connection, call: &Idempotency, now: Timestamp) -> Result<Option<KeyRow>, StoreError> {
    let row = sqlx::query_as(
        "UPDATE idempotency_keys SET when_used = CASE WHEN when_used > $3 THEN when_used ELSE $3 END
          WHERE scope = $1 AND key_hash = $2
         RETURNING fingerprint, session_id, first_message_id, last_message_id",
    )
    .bind(&call.scope)
    .bind(call.key_hash.as_slice())
    .bind(now.as_microsecond())
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

async fn repeated(
    connection: &mut Connection,
    caller: Option<AssociateId>,
    row: KeyRow,
) -> Result<Outcome, StoreError> {
    let damaged = |reason: &str| StoreError::Damaged {
        what: "`session_id` of an idempotency key".to_owned(),
        reason: reason.to_owned(),
    };
    let session = SessionId(row.session_id.ok_or_else(|| damaged("it is missing"))?);
    // Deleting a session deletes its keys.
    let view = sessions::find(connection, caller, session).await?.ok_or_else(|| damaged("there is no such session"))?;
    let messages: Vec<Message> = match row.first_message_id.zip(row.last_message_id) {
        // Between them there is none of another call: all were posted under the session's lock.
        Some((first, last)) => messages::between(connection, session, MessageId(first), MessageId(last)).await?,
        None => Vec::new(),
    };
    Ok(Outcome::Done { view: Box::new(view), messages, repeated: true })
}
