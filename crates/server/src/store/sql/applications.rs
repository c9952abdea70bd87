//! Partner applications.

use jiff::Timestamp;

use super::dialect::{Connection, same_name};
use super::import::duplicate;
use super::rows::instant;
use crate::auth::SecretHash;
use crate::store::{Application, StoreError};

/// Registers an application.
pub(super) async fn add(
    connection: &mut Connection,
    name: &str,
    hash: SecretHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO applications (name, hash, when_added) VALUES ($1, $2, $3)")
        .bind(name)
        .bind(hash.bytes())
        .bind(now.as_microsecond())
        .execute(connection)
        .await
        .map_err(|error| duplicate(error, || format!("application `{name}`")))?;
    Ok(())
}

/// The name of the application with this token.
pub(super) async fn named(connection: &mut Connection, hash: SecretHash) -> Result<Option<String>, StoreError> {
    let name = sqlx::query_scalar("SELECT name FROM applications WHERE hash = $1 AND when_revoked IS NULL")
        .bind(hash.bytes())
        .fetch_optional(connection)
        .await?;
    Ok(name)
}

/// All applications, ordered by name.
pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<(String, i64, Option<i64>)> =
        sqlx::query_as("SELECT name, when_added, when_revoked FROM applications ORDER BY lower(name), application_id")
            .fetch_all(connection)
            .await?;
    let application = |(name, added, revoked): (String, i64, Option<i64>)| {
        let when = |micros| instant(&format!("an instant of application `{name}`"), micros);
        Ok(Application { added: when(added)?, revoked: revoked.map(when).transpose()?, name: name.clone() })
    };
    rows.into_iter().map(application).collect()
}

/// Makes an application's token good no more. Says whether there was such a one.
pub(super) async fn revoke(connection: &mut Connection, name: &str, now: Timestamp) -> Result<bool, StoreError> {
    let done = sqlx::query(concat!(
        "UPDATE applications SET when_revoked = $2 WHERE ",
        same_name!("name", "$1"),
        " AND when_revoked IS NULL"
    ))
    .bind(name)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}
