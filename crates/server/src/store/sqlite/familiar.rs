//! Addresses and browsers that users signed in from, in SQLite.

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::SqliteConnection;

use super::SqliteStore;
use super::rows::instant;
use crate::auth::SecretHash;
use crate::records::{AssociateId, User};
use crate::store::{FamiliarStore, StoreError};

#[async_trait]
impl FamiliarStore for SqliteStore {
    async fn address_used(
        &self,
        user_name: &str,
        address: &str,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let used: Option<i64> = sqlx::query_scalar(
            "SELECT a.when_used FROM sign_in_addresses a JOIN users u USING (associate_id)
              WHERE u.user_name = $1 AND u.user_name = $1 COLLATE BINARY AND a.address = $2 AND a.when_used > $3",
        )
        .bind(user_name)
        .bind(address)
        .bind(since.as_microsecond())
        .fetch_optional(&self.reader)
        .await?;
        used.map(|micros| instant("the last use of an address", micros)).transpose()
    }

    async fn keep_address(&self, user: &User, address: &str, now: Timestamp, limit: u32) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO sign_in_addresses (associate_id, address, when_used)
             SELECT associate_id, $3, $4 FROM users WHERE associate_id = $1 AND sign_in_generation = $2
             ON CONFLICT (associate_id, address) DO UPDATE SET when_used = excluded.when_used",
        )
        .bind(user.id.0)
        .bind(user.sign_in_generation)
        .bind(address)
        .bind(now.as_microsecond())
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "DELETE FROM sign_in_addresses WHERE associate_id = $1 AND address NOT IN
               (SELECT address FROM sign_in_addresses WHERE associate_id = $1 ORDER BY when_used DESC LIMIT $2)",
        )
        .bind(user.id.0)
        .bind(limit)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn device_used(
        &self,
        user_name: &str,
        device: SecretHash,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let used: Option<i64> = sqlx::query_scalar(
            "SELECT d.when_used FROM sign_in_devices d JOIN users u USING (associate_id)
              WHERE d.hash = $1 AND u.user_name = $2 AND u.user_name = $2 COLLATE BINARY AND d.when_used > $3",
        )
        .bind(device.bytes())
        .bind(user_name)
        .bind(since.as_microsecond())
        .fetch_optional(&self.reader)
        .await?;
        used.map(|micros| instant("the last use of a browser", micros)).transpose()
    }

    async fn keep_device(&self, user: &User, device: SecretHash, now: Timestamp, limit: u32) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO sign_in_devices (hash, associate_id, when_used)
             SELECT $3, associate_id, $4 FROM users WHERE associate_id = $1 AND sign_in_generation = $2
             ON CONFLICT (hash) DO UPDATE SET when_used = excluded.when_used",
        )
        .bind(user.id.0)
        .bind(user.sign_in_generation)
        .bind(device.bytes())
        .bind(now.as_microsecond())
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "DELETE FROM sign_in_devices WHERE associate_id = $1 AND hash NOT IN
               (SELECT hash FROM sign_in_devices WHERE associate_id = $1 ORDER BY when_used DESC LIMIT $2)",
        )
        .bind(user.id.0)
        .bind(limit)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn forget_familiar(&self, addresses: Timestamp, devices: Timestamp, limit: u32) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM sign_in_addresses WHERE (associate_id, address) IN
               (SELECT associate_id, address FROM sign_in_addresses WHERE when_used <= $1 LIMIT $2)",
        )
        .bind(addresses.as_microsecond())
        .bind(limit)
        .execute(&self.writer)
        .await?;
        sqlx::query(
            "DELETE FROM sign_in_devices WHERE hash IN
               (SELECT hash FROM sign_in_devices WHERE when_used <= $1 LIMIT $2)",
        )
        .bind(devices.as_microsecond())
        .bind(limit)
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}

/// Forgets where a user signed in: it may have been somebody else.
pub(super) async fn forget_all(connection: &mut SqliteConnection, user: AssociateId) -> Result<(), StoreError> {
    for statement in
        ["DELETE FROM sign_in_addresses WHERE associate_id = $1", "DELETE FROM sign_in_devices WHERE associate_id = $1"]
    {
        sqlx::query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    Ok(())
}
