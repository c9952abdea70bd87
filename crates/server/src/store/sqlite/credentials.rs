//! Tickets, access tokens, browser sessions and partner applications in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::{FromRow, SqliteConnection};

use super::SqliteStore;
use super::import::duplicate;
use super::rows::{UserRow, instant};
use crate::auth::{SecretHash, SecretKind};
use crate::records::{AssociateId, User};
use crate::store::{Application, CredentialStore, IssuedSecret, NewBrowserSession, NewSecret, StoreError};

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

#[async_trait]
impl CredentialStore for SqliteStore {
    async fn user(&self, id: AssociateId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query_as::<_, UserRow>("SELECT * FROM users WHERE associate_id = $1 AND NOT deleted")
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
        let id = sqlx::query_scalar(
            "INSERT INTO issued_secrets (kind, hash, associate_id, note, when_issued, when_expires)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING secret_id",
        )
        .bind(secret.kind.name())
        .bind(secret.hash.bytes())
        .bind(secret.user.0)
        .bind(&secret.note)
        .bind(secret.issued.as_microsecond())
        .bind(secret.expires.as_microsecond())
        .fetch_one(&self.writer)
        .await?;
        Ok(id)
    }

    async fn secret_owner(
        &self,
        kind: SecretKind,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<AssociateId>, StoreError> {
        let owner = sqlx::query_scalar(
            "SELECT u.associate_id FROM issued_secrets s JOIN users u USING (associate_id)
              WHERE s.hash = $1 AND s.kind = $2 AND s.when_revoked IS NULL AND s.when_expires > $3 AND NOT u.deleted",
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

    async fn begin_session(&self, session: NewBrowserSession) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM browser_sessions WHERE when_expires <= $1")
            .bind(session.begun.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO browser_sessions (hash, associate_id, when_begun, when_used, when_expires)
             VALUES ($1, $2, $3, $3, $4)",
        )
        .bind(session.hash.bytes())
        .bind(session.user.0)
        .bind(session.begun.as_microsecond())
        .bind(session.expires.as_microsecond())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn session_owner(
        &self,
        hash: SecretHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<Option<AssociateId>, StoreError> {
        let found: Option<(i32, i64)> = sqlx::query_as(
            "SELECT u.associate_id, s.when_used FROM browser_sessions s JOIN users u USING (associate_id)
              WHERE s.hash = $1 AND s.when_expires > $2 AND s.when_used > $3 AND NOT u.deleted",
        )
        .bind(hash.bytes())
        .bind(now.as_microsecond())
        .bind(idle_since.as_microsecond())
        .fetch_optional(&self.reader)
        .await?;
        let Some((owner, used)) = found else { return Ok(None) };
        if now.as_microsecond() - used >= USE_GRANULARITY_MICROS {
            sqlx::query("UPDATE browser_sessions SET when_used = $2 WHERE hash = $1")
                .bind(hash.bytes())
                .bind(now.as_microsecond())
                .execute(&self.writer)
                .await?;
        }
        Ok(Some(AssociateId(owner)))
    }

    async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM browser_sessions WHERE hash = $1").bind(hash.bytes()).execute(&self.writer).await?;
        Ok(())
    }

    async fn end_sessions_of(&self, user: AssociateId) -> Result<(), StoreError> {
        // Tickets come from the same page: who signs out everywhere means them too.
        let mut transaction = self.writer.begin().await?;
        for statement in [
            "DELETE FROM browser_sessions WHERE associate_id = $1",
            "DELETE FROM issued_secrets WHERE associate_id = $1 AND kind = 'ticket'",
        ] {
            sqlx::query(statement).bind(user.0).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
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

/// Replaces a password, and with it what it may have let in.
pub(super) async fn set_password(
    connection: &mut SqliteConnection,
    user_name: &str,
    password_hash: &str,
) -> Result<(), StoreError> {
    let user: Option<i32> =
        sqlx::query_scalar("UPDATE users SET password_hash = $2 WHERE user_name = $1 RETURNING associate_id")
            .bind(user_name)
            .bind(password_hash)
            .fetch_optional(&mut *connection)
            .await?;
    let user = user.ok_or_else(|| StoreError::UnknownUser(user_name.to_owned()))?;
    for statement in [
        "DELETE FROM browser_sessions WHERE associate_id = $1",
        "DELETE FROM issued_secrets WHERE associate_id = $1 AND kind = 'ticket'",
    ] {
        sqlx::query(statement).bind(user).execute(&mut *connection).await?;
    }
    Ok(())
}
