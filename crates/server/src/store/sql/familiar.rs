//! Addresses and browsers that users signed in from.

use async_trait::async_trait;
use jiff::Timestamp;

use super::Backend;
use super::dialect::{Connection, exact_name, for_update, skip_locked};
use super::rows::{instant, is_storable};
use crate::auth::SecretHash;
use crate::records::{AssociateId, User};
use crate::store::{FamiliarStore, StoreError};

#[async_trait]
impl FamiliarStore for Backend {
    async fn address_used(
        &self,
        user_name: &str,
        address: &str,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        if !is_storable(user_name) {
            return Ok(None);
        }
        let (user_name, address) = (user_name.to_owned(), address.to_owned());
        self.look(move |connection| {
            Box::pin(async move {
                let used: Option<i64> = sqlx::query_scalar(concat!(
                    "SELECT a.when_used FROM sign_in_addresses a JOIN users u USING (associate_id) WHERE ",
                    exact_name!("u.user_name", "$1"),
                    " AND a.address = $2 AND a.when_used > $3"
                ))
                .bind(user_name)
                .bind(address)
                .bind(since.as_microsecond())
                .fetch_optional(connection)
                .await?;
                used.map(|micros| instant("the last use of an address", micros)).transpose()
            })
        })
        .await
    }

    async fn keep_address(&self, user: &User, address: &str, now: Timestamp, limit: u32) -> Result<(), StoreError> {
        let (user, generation, address) = (user.id, user.sign_in_generation, address.to_owned());
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(concat!(
                    "INSERT INTO sign_in_addresses (associate_id, address, when_used)
                     SELECT associate_id, $3, $4 FROM users WHERE associate_id = $1 AND sign_in_generation = $2",
                    for_update!(),
                    " ON CONFLICT (associate_id, address) DO UPDATE SET when_used = excluded.when_used"
                ))
                .bind(user.0)
                .bind(generation)
                .bind(address)
                .bind(now.as_microsecond())
                .execute(&mut *connection)
                .await?;
                sqlx::query(
                    "DELETE FROM sign_in_addresses WHERE associate_id = $1 AND address NOT IN
                       (SELECT address FROM sign_in_addresses WHERE associate_id = $1
                         ORDER BY when_used DESC LIMIT $2)",
                )
                .bind(user.0)
                .bind(i64::from(limit))
                .execute(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    async fn device_used(
        &self,
        user_name: &str,
        device: SecretHash,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        if !is_storable(user_name) {
            return Ok(None);
        }
        let user_name = user_name.to_owned();
        self.look(move |connection| {
            Box::pin(async move {
                let used: Option<i64> = sqlx::query_scalar(concat!(
                    "SELECT d.when_used FROM sign_in_devices d JOIN users u USING (associate_id)
                      WHERE d.hash = $2 AND d.when_used > $3 AND ",
                    exact_name!("u.user_name", "$1")
                ))
                .bind(user_name)
                .bind(device.bytes())
                .bind(since.as_microsecond())
                .fetch_optional(connection)
                .await?;
                used.map(|micros| instant("the last use of a browser", micros)).transpose()
            })
        })
        .await
    }

    async fn keep_device(&self, user: &User, device: SecretHash, now: Timestamp, limit: u32) -> Result<(), StoreError> {
        let (user, generation) = (user.id, user.sign_in_generation);
        self.write(move |connection| {
            Box::pin(async move {
                sqlx::query(concat!(
                    "INSERT INTO sign_in_devices (hash, associate_id, when_used)
                     SELECT $3, associate_id, $4 FROM users WHERE associate_id = $1 AND sign_in_generation = $2",
                    for_update!(),
                    " ON CONFLICT (hash) DO UPDATE SET when_used = excluded.when_used"
                ))
                .bind(user.0)
                .bind(generation)
                .bind(device.bytes())
                .bind(now.as_microsecond())
                .execute(&mut *connection)
                .await?;
                sqlx::query(
                    "DELETE FROM sign_in_devices WHERE associate_id = $1 AND hash NOT IN
                       (SELECT hash FROM sign_in_devices WHERE associate_id = $1 ORDER BY when_used DESC LIMIT $2)",
                )
                .bind(user.0)
                .bind(i64::from(limit))
                .execute(connection)
                .await?;
                Ok(())
            })
        })
        .await
    }

    async fn forget_familiar(&self, addresses: Timestamp, devices: Timestamp, limit: u32) -> Result<(), StoreError> {
        self.write(move |connection| {
            Box::pin(async move {
                let old_addresses = concat!(
                    "DELETE FROM sign_in_addresses WHERE (associate_id, address) IN
                       (SELECT associate_id, address FROM sign_in_addresses WHERE when_used <= $1 LIMIT $2",
                    skip_locked!(),
                    ")"
                );
                let old_devices = concat!(
                    "DELETE FROM sign_in_devices WHERE hash IN
                       (SELECT hash FROM sign_in_devices WHERE when_used <= $1 LIMIT $2",
                    skip_locked!(),
                    ")"
                );
                for (statement, before) in [(old_addresses, addresses), (old_devices, devices)] {
                    sqlx::query(statement)
                        .bind(before.as_microsecond())
                        .bind(i64::from(limit))
                        .execute(&mut *connection)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// Forgets where a user signed in: it may have been somebody else.
pub(super) async fn forget_all(connection: &mut Connection, user: AssociateId) -> Result<(), StoreError> {
    for statement in
        ["DELETE FROM sign_in_addresses WHERE associate_id = $1", "DELETE FROM sign_in_devices WHERE associate_id = $1"]
    {
        sqlx::query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    Ok(())
}
