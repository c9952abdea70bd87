//! Tickets, access tokens, browser sessions and partner applications in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::FromRow;

use super::import::duplicate;
use super::rows::{UserRow, instant};
use super::{SqliteStore, accounts};
use crate::auth::{SecretHash, SecretKind};
use crate::records::{AssociateId, User};
use crate::store::{Application, CredentialStore, Expired, IssuedSecret, NewBrowserSession, NewSecret, StoreError};

/// A session's last use is written when this much older: a write for every request would be a waste.
const USE_GRANULARITY_MICROS: i64 = 60 * 1_000_000;

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

/// A session's user, and when it was last used.
#[derive(FromRow)]
struct SessionOwnerRow {
    #[sqlx(flatten)]
    user: UserRow,
    when_used: i64,
}

#[async_trait]
impl CredentialStore for SqliteStore {
    async fn user(&self, id: AssociateId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query_as::<_, UserRow>(
            "SELECT * FROM users WHERE associate_id = $1 AND NOT deleted AND NOT disabled",
        )
        .bind(id.0)
        .fetch_optional(&self.reader)
        .await?;
        Ok(row.map(User::from))
    }

    async fn decoy_hash(&self, seed: u32) -> Result<Option<String>, StoreError> {
        let hash = sqlx::query_scalar(
            "SELECT password_hash FROM users ORDER BY associate_id
              LIMIT 1 OFFSET $1 % max(1, (SELECT count(*) FROM users))",
        )
        .bind(seed)
        .fetch_optional(&self.reader)
        .await?;
        Ok(hash)
    }

    async fn replace_hash(&self, user: AssociateId, old: &str, new: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE users SET password_hash = $3 WHERE associate_id = $1 AND password_hash = $2")
            .bind(user.0)
            .bind(old)
            .bind(new)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    async fn add_secret(&self, secret: NewSecret) -> Result<i64, StoreError> {
        let mut transaction = self.begin().await?;
        let id = sqlx::query_scalar(
            "INSERT INTO issued_secrets (kind, hash, associate_id, note, when_issued, when_expires, generation)
             SELECT $1, $2, associate_id, $4, $5, $6, $7 FROM users u
              WHERE u.associate_id = $3 AND u.sign_in_generation = $7
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
        .bind(secret.limit)
        .fetch_optional(&mut *transaction)
        .await?;
        if let Some(id) = id {
            transaction.commit().await?;
            return Ok(id);
        }
        let generation: Option<i64> =
            sqlx::query_scalar("SELECT sign_in_generation FROM users WHERE associate_id = $1")
                .bind(secret.user.0)
                .fetch_optional(&mut *transaction)
                .await?;
        match secret.limit.filter(|_| generation == Some(secret.generation)) {
            Some(limit) => Err(StoreError::TooManyTickets(limit)),
            None => Err(StoreError::SignedOut),
        }
    }

    async fn secret_owner(
        &self,
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
        .fetch_optional(&self.reader)
        .await?;
        Ok(owner.map(AssociateId))
    }

    async fn secrets(&self, kind: SecretKind) -> Result<Vec<IssuedSecret>, StoreError> {
        let rows = sqlx::query_as::<_, SecretRow>(
            "SELECT s.*, u.user_name FROM issued_secrets s JOIN users u USING (associate_id)
              WHERE s.kind = $1 ORDER BY s.secret_id",
        )
        .bind(kind.name())
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(IssuedSecret::try_from).collect()
    }

    async fn revoke_secret(&self, kind: SecretKind, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE issued_secrets SET when_revoked = $3 WHERE secret_id = $1 AND kind = $2 AND when_revoked IS NULL",
        )
        .bind(id)
        .bind(kind.name())
        .bind(now.as_microsecond())
        .execute(&self.writer)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn secrets_of(
        &self,
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
        .bind(limit)
        .fetch_all(&self.reader)
        .await?;
        rows.into_iter().map(IssuedSecret::try_from).collect()
    }

    async fn revoke_secret_of(
        &self,
        user: AssociateId,
        kind: SecretKind,
        id: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE issued_secrets SET when_revoked = $4
              WHERE secret_id = $1 AND associate_id = $2 AND kind = $3 AND when_revoked IS NULL",
        )
        .bind(id)
        .bind(user.0)
        .bind(kind.name())
        .bind(now.as_microsecond())
        .execute(&self.writer)
        .await?;
        Ok(())
    }

    async fn revoke_secrets_of(&self, user: AssociateId, kind: SecretKind, now: Timestamp) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        accounts::revoke_all(&mut transaction, user, kind, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn begin_session(&self, session: NewBrowserSession) -> Result<(), StoreError> {
        let done = sqlx::query(
            "INSERT INTO browser_sessions (hash, associate_id, when_begun, when_used, when_expires, generation)
             SELECT $1, associate_id, $3, $3, $4, $5 FROM users WHERE associate_id = $2 AND sign_in_generation = $5",
        )
        .bind(session.hash.bytes())
        .bind(session.user.0)
        .bind(session.begun.as_microsecond())
        .bind(session.expires.as_microsecond())
        .bind(session.generation)
        .execute(&self.writer)
        .await?;
        if done.rows_affected() == 0 { Err(StoreError::SignedOut) } else { Ok(()) }
    }

    async fn session_owner(
        &self,
        hash: SecretHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        // The user and the session in one look: what is stored for the user next carries this very generation.
        let found = sqlx::query_as::<_, SessionOwnerRow>(
            "SELECT u.*, s.when_used FROM browser_sessions s JOIN users u USING (associate_id)
              WHERE s.hash = $1 AND s.when_expires > $2 AND s.when_used > $3 AND s.generation = u.sign_in_generation
                AND NOT u.deleted AND NOT u.disabled",
        )
        .bind(hash.bytes())
        .bind(now.as_microsecond())
        .bind(idle_since.as_microsecond())
        .fetch_optional(&self.reader)
        .await?;
        let Some(SessionOwnerRow { user, when_used }) = found else { return Ok(None) };
        if now.as_microsecond() - when_used >= USE_GRANULARITY_MICROS {
            sqlx::query("UPDATE browser_sessions SET when_used = $2 WHERE hash = $1")
                .bind(hash.bytes())
                .bind(now.as_microsecond())
                .execute(&self.writer)
                .await?;
        }
        Ok(Some(user.into()))
    }

    async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM browser_sessions WHERE hash = $1").bind(hash.bytes()).execute(&self.writer).await?;
        Ok(())
    }

    async fn end_sessions_of(&self, user: AssociateId, now: Timestamp) -> Result<(), StoreError> {
        // Tickets come from the same page: who signs out everywhere means them too.
        let mut transaction = self.begin().await?;
        accounts::end_page_sign_ins(&mut transaction, user, now).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn delete_expired(&self, now: Timestamp, idle_since: Timestamp, limit: u32) -> Result<Expired, StoreError> {
        let delete = async |statement: &'static str, before: Timestamp| {
            let done = sqlx::query(statement).bind(before.as_microsecond()).bind(limit).execute(&self.writer).await?;
            Ok::<u64, StoreError>(done.rows_affected())
        };
        let secrets = "DELETE FROM issued_secrets WHERE secret_id IN
                         (SELECT secret_id FROM issued_secrets WHERE when_expires <= $1 LIMIT $2)";
        let expired = "DELETE FROM browser_sessions WHERE hash IN
                         (SELECT hash FROM browser_sessions WHERE when_expires <= $1 LIMIT $2)";
        let idle = "DELETE FROM browser_sessions WHERE hash IN
                      (SELECT hash FROM browser_sessions WHERE when_used <= $1 LIMIT $2)";
        Ok(Expired {
            secrets: delete(secrets, now).await?,
            sessions: delete(expired, now).await? + delete(idle, idle_since).await?,
        })
    }

    async fn add_application(&self, name: &str, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO applications (name, hash, when_added) VALUES ($1, $2, $3)")
            .bind(name)
            .bind(hash.bytes())
            .bind(now.as_microsecond())
            .execute(&self.writer)
            .await
            .map_err(|error| duplicate(error, || format!("application `{name}`")))?;
        Ok(())
    }

    async fn application(&self, hash: SecretHash) -> Result<Option<String>, StoreError> {
        let name = sqlx::query_scalar("SELECT name FROM applications WHERE hash = $1 AND when_revoked IS NULL")
            .bind(hash.bytes())
            .fetch_optional(&self.reader)
            .await?;
        Ok(name)
    }

    async fn applications(&self) -> Result<Vec<Application>, StoreError> {
        let rows: Vec<(String, i64, Option<i64>)> =
            sqlx::query_as("SELECT name, when_added, when_revoked FROM applications ORDER BY name, application_id")
                .fetch_all(&self.reader)
                .await?;
        let application = |(name, added, revoked): (String, i64, Option<i64>)| {
            let when = |micros| instant(&format!("an instant of application `{name}`"), micros);
            Ok(Application { added: when(added)?, revoked: revoked.map(when).transpose()?, name: name.clone() })
        };
        rows.into_iter().map(application).collect()
    }

    async fn revoke_application(&self, name: &str, now: Timestamp) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE applications SET when_revoked = $2 WHERE name = $1 AND when_revoked IS NULL")
            .bind(name)
            .bind(now.as_microsecond())
            .execute(&self.writer)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
