//! What proves who calls: the store's methods, over [`secrets`], [`browser_sessions`] and [`applications`].

use async_trait::async_trait;
use jiff::Timestamp;

use super::rows::UserRow;
use super::{Backend, accounts, applications, browser_sessions, secrets};
use crate::auth::{SecretHash, SecretKind};
use crate::records::{AssociateId, User};
use crate::store::{Application, CredentialStore, Expired, IssuedSecret, NewBrowserSession, NewSecret, StoreError};

#[async_trait]
impl CredentialStore for Backend {
    async fn user(&self, id: AssociateId) -> Result<Option<User>, StoreError> {
        self.look(move |connection| {
            Box::pin(async move {
                let row = sqlx::query_as::<_, UserRow>(
                    "SELECT * FROM users WHERE associate_id = $1 AND NOT deleted AND NOT disabled",
                )
                .bind(id.0)
                .fetch_optional(connection)
                .await?;
                Ok(row.map(User::from))
            })
        })
        .await
    }

    async fn decoy_hash(&self, seed: u32) -> Result<Option<String>, StoreError> {
        self.look(move |connection| {
            Box::pin(async move {
                let hash = sqlx::query_scalar(
                    "SELECT password_hash FROM users ORDER BY associate_id
                      LIMIT 1 OFFSET $1 % (SELECT CASE count(*) WHEN 0 THEN 1 ELSE count(*) END FROM users)",
                )
                .bind(i64::from(seed))
                .fetch_optional(connection)
                .await?;
                Ok(hash)
            })
        })
        .await
    }

    async fn replace_hash(&self, user: AssociateId, old: &str, new: &str) -> Result<(), StoreError> {
        let (old, new) = (old.to_owned(), new.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query("UPDATE users SET password_hash = $3 WHERE associate_id = $1 AND password_hash = $2")
                    .bind(user.0)
                    .bind(old)
                    .bind(new)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    async fn add_secret(&self, secret: NewSecret) -> Result<i64, StoreError> {
        self.write(|connection| Box::pin(async move { secrets::add(connection, &secret).await })).await
    }

    async fn secret_owner(
        &self,
        kind: SecretKind,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<AssociateId>, StoreError> {
        self.look(move |connection| Box::pin(secrets::owner(connection, kind, hash, now))).await
    }

    async fn secrets(&self, kind: SecretKind) -> Result<Vec<IssuedSecret>, StoreError> {
        self.look(move |connection| Box::pin(secrets::all(connection, kind))).await
    }

    async fn revoke_secret(&self, kind: SecretKind, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        self.write(move |connection| Box::pin(secrets::revoke(connection, kind, id, None, now))).await
    }

    async fn secrets_of(
        &self,
        user: AssociateId,
        kind: SecretKind,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<IssuedSecret>, StoreError> {
        self.look(move |connection| Box::pin(secrets::good_of(connection, user, kind, now, limit))).await
    }

    async fn revoke_secret_of(
        &self,
        user: AssociateId,
        kind: SecretKind,
        id: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(secrets::revoke(connection, kind, id, Some(user), now))).await?;
        Ok(())
    }

    async fn revoke_secrets_of(&self, user: AssociateId, kind: SecretKind, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(secrets::revoke_all(connection, user, kind, now))).await?;
        Ok(())
    }

    async fn begin_session(&self, session: NewBrowserSession) -> Result<(), StoreError> {
        self.write(|connection| Box::pin(async move { browser_sessions::add(connection, &session).await })).await
    }

    async fn session_owner(
        &self,
        hash: SecretHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let found =
            self.look(move |connection| Box::pin(browser_sessions::owner(connection, hash, now, idle_since))).await?;
        let Some((user, used)) = found else { return Ok(None) };
        if browser_sessions::is_use_worth_writing(used, now) {
            self.write(move |connection| Box::pin(browser_sessions::note_use(connection, hash, now))).await?;
        }
        Ok(Some(user))
    }

    async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(browser_sessions::end(connection, hash))).await
    }

    async fn end_sessions_of(&self, user: AssociateId, now: Timestamp) -> Result<(), StoreError> {
        // Tickets come from the same page: who signs out everywhere means them too.
        self.write(move |connection| Box::pin(accounts::end_page_sign_ins(connection, user, now))).await
    }

    async fn delete_expired(&self, now: Timestamp, idle_since: Timestamp, limit: u32) -> Result<Expired, StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                Ok(Expired {
                    secrets: secrets::delete_expired(connection, now, limit).await?,
                    sessions: browser_sessions::delete_ended(connection, now, idle_since, limit).await?,
                })
            })
        })
        .await
    }

    async fn add_application(&self, name: &str, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(move |connection| Box::pin(async move { applications::add(connection, &name, hash, now).await }))
            .await
    }

    async fn application(&self, hash: SecretHash) -> Result<Option<String>, StoreError> {
        self.look(move |connection| Box::pin(applications::named(connection, hash))).await
    }

    async fn applications(&self) -> Result<Vec<Application>, StoreError> {
        self.look(|connection| Box::pin(applications::all(connection))).await
    }

    async fn revoke_application(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let name = name.to_owned();
        self.write(move |connection| Box::pin(async move { applications::revoke(connection, &name, now).await })).await
    }
}
