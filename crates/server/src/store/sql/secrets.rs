//! Tickets and access tokens.

use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{Connection, for_update, skip_locked};
use super::rows::instant;
use crate::auth::{SecretHash, SecretKind};
use crate::records::AssociateId;
use crate::store::{IssuedSecret, NewSecret, StoreError};

#[derive(FromRow)]
struct SecretRow {
    secret_id: i64,
    user_name: String,
    note: String,
    when_issued: i64,
    when_expires: i64,
    when_revoked: Option<i64>,
}

impl TryFrom<SecretRow> for IssuedSecret {
    type Error = StoreError;

    fn try_from(row: SecretRow) -> Result<Self, StoreError> {
        let when = |micros| instant(&format!("an instant of ticket or token {}", row.secret_id), micros);
        Ok(Self {
            id: row.secret_id,
            issued: when(row.when_issued)?,
            expires: when(row.when_expires)?,
            revoked: row.when_revoked.map(when).transpose()?,
            user_name: row.user_name,
            note: row.note,
        })
    }
}

/// Adds a ticket or token, unless its user was signed out or has too many.
pub(super) async fn add(connection: &mut Connection, secret: &NewSecret) -> Result<i64, StoreError> {
    // With the user's row held, nobody else adds one to those that are counted next, or begins a new generation.
    let generation: Option<i64> =
        sqlx::query_scalar(concat!("SELECT sign_in_generation FROM users WHERE associate_id = $1", for_update!()))
            .bind(secret.user.0)
            .fetch_optional(&mut *connection)
            .await?;
    if generation != Some(secret.generation) {
        return Err(StoreError::SignedOut);
    }
    let id = sqlx::query_scalar(
        "INSERT INTO issued_secrets (kind, hash, associate_id, note, when_issued, when_expires, generation)
         SELECT $1, $2, associate_id, $4, $5, $6, $7 FROM users
          WHERE associate_id = $3
            AND ($8 IS NULL OR $8 > (SELECT count(*) FROM issued_secrets s
                  WHERE s.associate_id = $3 AND s.kind = $1 AND s.when_revoked IS NULL AND s.when_expires > $5
                    AND s.generation = $7))
         RETURNING secret_id",
    )
    .bind(secret.kind.name())
    .bind(secret.hash.bytes())
    .bind(secret.user.0)
    .bind(&secret.note)
    .bind(secret.issued.as_microsecond())
    .bind(secret.expires.as_microsecond())
    .bind(secret.generation)
    .bind(secret.limit.map(i64::from))
    .fetch_optional(connection)
    .await?;
    id.ok_or(match secret.limit {
        Some(limit) => StoreError::TooManyTickets(limit),
        None => StoreError::SignedOut,
    })
}

/// Whose good ticket or token this is.
pub(super) async fn owner(
    connection: &mut Connection,
    kind: SecretKind,
    hash: SecretHash,
    now: Timestamp,
) -> Result<Option<AssociateId>, StoreError> {
    let owner = sqlx::query_scalar(
        "SELECT u.associate_id FROM issued_secrets s JOIN users u USING (associate_id)
          WHERE s.hash = $1 AND s.kind = $2 AND s.when_revoked IS NULL AND s.when_expires > $3
            AND s.generation = u.sign_in_generation AND NOT u.deleted AND NOT u.disabled",
    )
    .bind(hash.bytes())
    .bind(kind.name())
    .bind(now.as_microsecond())
    .fetch_optional(connection)
    .await?;
    Ok(owner.map(AssociateId))
}

/// All of a kind, ordered by number.
pub(super) async fn all(connection: &mut Connection, kind: SecretKind) -> Result<Vec<IssuedSecret>, StoreError> {
    let rows = sqlx::query_as::<_, SecretRow>(
        "SELECT s.*, u.user_name FROM issued_secrets s JOIN users u USING (associate_id)
          WHERE s.kind = $1 ORDER BY s.secret_id",
    )
    .bind(kind.name())
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(IssuedSecret::try_from).collect()
}

/// The good ones of a user, the newest first.
pub(super) async fn good_of(
    connection: &mut Connection,
    user: AssociateId,
    kind: SecretKind,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<IssuedSecret>, StoreError> {
    let rows = sqlx::query_as::<_, SecretRow>(
        "SELECT s.*, u.user_name FROM issued_secrets s JOIN users u USING (associate_id)
          WHERE s.associate_id = $1 AND s.kind = $2 AND s.when_revoked IS NULL AND s.when_expires > $3
            AND s.generation = u.sign_in_generation
          ORDER BY s.when_issued DESC, s.secret_id DESC LIMIT $4",
    )
    .bind(user.0)
    .bind(kind.name())
    .bind(now.as_microsecond())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(IssuedSecret::try_from).collect()
}

/// Makes one good no more, of this user if one is named. Says whether there was such a one.
pub(super) async fn revoke(
    connection: &mut Connection,
    kind: SecretKind,
    id: i64,
    user: Option<AssociateId>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE issued_secrets SET when_revoked = $4
          WHERE secret_id = $1 AND kind = $2 AND ($3 IS NULL OR associate_id = $3) AND when_revoked IS NULL",
    )
    .bind(id)
    .bind(kind.name())
    .bind(user.map(|user| user.0))
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Revokes all of a user, and counts those that were good.
pub(super) async fn revoke_all(
    connection: &mut Connection,
    user: AssociateId,
    kind: SecretKind,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let done = sqlx::query(
        "UPDATE issued_secrets SET when_revoked = $3
          WHERE associate_id = $1 AND kind = $2 AND when_revoked IS NULL AND when_expires > $3",
    )
    .bind(user.0)
    .bind(kind.name())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Deletes some that have expired, and counts them.
pub(super) async fn delete_expired(connection: &mut Connection, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let done = sqlx::query(concat!(
        "DELETE FROM issued_secrets WHERE secret_id IN
           (SELECT secret_id FROM issued_secrets WHERE when_expires <= $1 LIMIT $2",
        skip_locked!(),
        ")"
    ))
    .bind(now.as_microsecond())
    .bind(i64::from(limit))
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
