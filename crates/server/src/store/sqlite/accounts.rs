//! Accounts in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::{SqliteStore, familiar};
use crate::auth::SecretKind;
use crate::records::AssociateId;
use crate::store::{AccountStore, Ended, StoreError};

#[async_trait]
impl AccountStore for SqliteStore {
    async fn set_password(&self, user_name: &str, password_hash: &str, now: Timestamp) -> Result<Ended, StoreError> {
        let mut transaction = self.begin().await?;
        let user = update(&mut transaction, user_name, Change::Password(password_hash)).await?;
        let ended = end_all(&mut transaction, user, now).await?;
        transaction.commit().await?;
        Ok(ended)
    }

    async fn disable_user(&self, user_name: &str, now: Timestamp) -> Result<Ended, StoreError> {
        let mut transaction = self.begin().await?;
        let user = update(&mut transaction, user_name, Change::Disable).await?;
        let ended = end_all(&mut transaction, user, now).await?;
        transaction.commit().await?;
        Ok(ended)
    }

    async fn enable_user(&self, user_name: &str) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        update(&mut transaction, user_name, Change::Enable).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn end_sign_ins(&self, user_name: &str, now: Timestamp) -> Result<Ended, StoreError> {
        let mut transaction = self.begin().await?;
        let user = update(&mut transaction, user_name, Change::Nothing).await?;
        let ended = end_all(&mut transaction, user, now).await?;
        transaction.commit().await?;
        Ok(ended)
    }
}

enum Change<'a> {
    Nothing,
    Password(&'a str),
    Disable,
    Enable,
}

/// Changes a user by name, begins a new generation of sign-ins, and says which user that is.
async fn update(
    connection: &mut SqliteConnection,
    user_name: &str,
    change: Change<'_>,
) -> Result<AssociateId, StoreError> {
    let (password, disabled) = match change {
        Change::Nothing => (None, None),
        Change::Password(hash) => (Some(hash), None),
        Change::Disable => (None, Some(true)),
        Change::Enable => (None, Some(false)),
    };
    let user: Option<i32> = sqlx::query_scalar(
        "UPDATE users SET password_hash = coalesce($2, password_hash), disabled = coalesce($3, disabled),
                sign_in_generation = sign_in_generation + 1
          WHERE user_name = $1 RETURNING associate_id",
    )
    .bind(user_name)
    .bind(password)
    .bind(disabled)
    .fetch_optional(connection)
    .await?;
    user.map(AssociateId).ok_or_else(|| StoreError::UnknownUser(user_name.to_owned()))
}

async fn end_all(connection: &mut SqliteConnection, user: AssociateId, now: Timestamp) -> Result<Ended, StoreError> {
    familiar::forget_all(&mut *connection, user).await?;
    Ok(Ended {
        sessions: end_sessions(&mut *connection, user, now).await?,
        tickets: revoke_all(&mut *connection, user, SecretKind::Ticket, now).await?,
        tokens: revoke_all(connection, user, SecretKind::Token, now).await?,
    })
}

/// Ends what comes from the page, sessions and tickets, also what is just being stored. Access tokens go on, and move
/// to the new generation.
pub(super) async fn end_page_sign_ins(
    connection: &mut SqliteConnection,
    user: AssociateId,
    now: Timestamp,
) -> Result<(), StoreError> {
    end_sessions(&mut *connection, user, now).await?;
    revoke_all(&mut *connection, user, SecretKind::Ticket, now).await?;
    familiar::forget_all(&mut *connection, user).await?;
    sqlx::query(
        "UPDATE issued_secrets SET generation = generation + 1
          WHERE associate_id = $1 AND kind = $2
            AND generation = (SELECT sign_in_generation FROM users WHERE associate_id = $1)",
    )
    .bind(user.0)
    .bind(SecretKind::Token.name())
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE users SET sign_in_generation = sign_in_generation + 1 WHERE associate_id = $1")
        .bind(user.0)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Ends all sessions of a user, and counts those that had not expired.
pub(super) async fn end_sessions(
    connection: &mut SqliteConnection,
    user: AssociateId,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let were_good: Vec<bool> =
        sqlx::query_scalar("DELETE FROM browser_sessions WHERE associate_id = $1 RETURNING when_expires > $2")
            .bind(user.0)
            .bind(now.as_microsecond())
            .fetch_all(connection)
            .await?;
    Ok(were_good.into_iter().map(u64::from).sum())
}

/// Revokes all tickets or tokens of a user, and counts those that were good.
pub(super) async fn revoke_all(
    connection: &mut SqliteConnection,
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
