//! Accounts: passwords, locking out, signing out.

use async_trait::async_trait;
use jiff::Timestamp;

use super::dialect::{Connection, same_name};
use super::{Backend, browser_sessions, familiar, secrets};
use crate::auth::SecretKind;
use crate::records::AssociateId;
use crate::store::{AccountStore, Ended, StoreError};

#[async_trait]
impl AccountStore for Backend {
    async fn set_password(&self, user_name: &str, password_hash: &str, now: Timestamp) -> Result<Ended, StoreError> {
        let (user_name, hash) = (user_name.to_owned(), password_hash.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                let user = update(connection, &user_name, Change::Password(&hash)).await?;
                end_all(connection, user, now).await
            })
        })
        .await
    }

    async fn disable_user(&self, user_name: &str, now: Timestamp) -> Result<Ended, StoreError> {
        let user_name = user_name.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let user = update(connection, &user_name, Change::Disable).await?;
                end_all(connection, user, now).await
            })
        })
        .await
    }

    async fn enable_user(&self, user_name: &str) -> Result<(), StoreError> {
        let user_name = user_name.to_owned();
        self.write(|connection| {
            Box::pin(async move {
                update(connection, &user_name, Change::Enable).await?;
                Ok(())
            })
        })
        .await
    }

    async fn end_sign_ins(&self, user_name: &str, now: Timestamp) -> Result<Ended, StoreError> {
        let user_name = user_name.to_owned();
        self.write(move |connection| {
            Box::pin(async move {
                let user = update(connection, &user_name, Change::Nothing).await?;
                end_all(connection, user, now).await
            })
        })
        .await
    }
}

enum Change<'a> {
    Nothing,
    Password(&'a str),
    Disable,
    Enable,
}

/// Changes a user by name, begins a new generation of sign-ins, and says which user that is.
async fn update(connection: &mut Connection, user_name: &str, change: Change<'_>) -> Result<AssociateId, StoreError> {
    let (password, disabled) = match change {
        Change::Nothing => (None, None),
        Change::Password(hash) => (Some(hash), None),
        Change::Disable => (None, Some(true)),
        Change::Enable => (None, Some(false)),
    };
    let user: Option<i32> = sqlx::query_scalar(concat!(
        "UPDATE users SET password_hash = coalesce($2, password_hash), disabled = coalesce($3, disabled),
                sign_in_generation = sign_in_generation + 1
          WHERE ",
        same_name!("user_name", "$1"),
        " RETURNING associate_id"
    ))
    .bind(user_name)
    .bind(password)
    .bind(disabled)
    .fetch_optional(connection)
    .await?;
    user.map(AssociateId).ok_or_else(|| StoreError::UnknownUser(user_name.to_owned()))
}

async fn end_all(connection: &mut Connection, user: AssociateId, now: Timestamp) -> Result<Ended, StoreError> {
    familiar::forget_all(&mut *connection, user).await?;
    Ok(Ended {
        sessions: browser_sessions::end_all(&mut *connection, user, now).await?,
        tickets: secrets::revoke_all(&mut *connection, user, SecretKind::Ticket, now).await?,
        tokens: secrets::revoke_all(connection, user, SecretKind::Token, now).await?,
    })
}

/// Ends what comes from the page, sessions and tickets, also what is just being stored. Access tokens go on, and move
/// to the new generation.
pub(super) async fn end_page_sign_ins(
    connection: &mut Connection,
    user: AssociateId,
    now: Timestamp,
) -> Result<(), StoreError> {
    browser_sessions::end_all(&mut *connection, user, now).await?;
    secrets::revoke_all(&mut *connection, user, SecretKind::Ticket, now).await?;
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
