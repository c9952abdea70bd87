//! What SQL and errors look like in PostgreSQL, under the names that the shared files in `store/sql` use.
//!
//! The macros expand to string literals, so that they stand inside `concat!`.

use sqlx::postgres::PgDatabaseError;

use super::import::GivenIds;
use crate::records::TopicId;
use crate::store::StoreError;

/// A connection to the database.
pub(in crate::store) type Connection = sqlx::PgConnection;

/// A condition: a column of names equals a parameter in any case (of ASCII letters).
macro_rules! same_name {
    ($column:literal, $name:literal) => {
        // The columns collate as "C"; a parameter would collate as the database does.
        concat!("lower(", $column, ") = lower(", $name, " COLLATE \"C\")")
    };
}

/// A condition: a column of names equals a parameter exactly. Finds it through the index of names.
macro_rules! exact_name {
    ($column:literal, $name:literal) => {
        concat!("lower(", $column, ") = lower(", $name, " COLLATE \"C\") AND ", $column, " = ", $name)
    };
}

/// A value to insert as an id: the parameter, or the next one where that is null.
macro_rules! new_id {
    ($table:literal, $column:literal, $id:literal) => {
        concat!("coalesce(", $id, ", nextval(pg_get_serial_sequence('", $table, "', '", $column, "')))")
    };
}

/// All values of an expression, joined with commas; empty where there are none.
macro_rules! joined {
    ($expression:literal) => {
        concat!("coalesce(string_agg((", $expression, ")::text, ','), '')")
    };
}

/// A condition: a column of ids is among those of a parameter, a text that holds a JSON array.
macro_rules! one_of {
    ($column:literal, $ids:literal) => {
        concat!($column, " IN (SELECT value::integer FROM json_array_elements_text(", $ids, "::json))")
    };
}

/// Values as the text of a JSON array, which has no line ends.
macro_rules! json_array {
    ($values:expr) => {
        concat!("json_build_array(", $values, ")::text")
    };
}

/// All values of a text, in the order of another one, as lines; null where there are none.
macro_rules! lines {
    ($text:expr, $order:literal) => {
        concat!("string_agg(", $text, ", chr(10) ORDER BY ", $order, ")")
    };
}

/// Ends a `SELECT` that gives no more rows than a parameter says.
macro_rules! at_most {
    ($count:literal) => {
        concat!(" LIMIT ", $count)
    };
}

/// Ends a `SELECT` whose rows are to be changed next: others wait.
macro_rules! for_update {
    () => {
        " FOR NO KEY UPDATE"
    };
}

/// Ends a `SELECT` whose rows are to be changed or deleted next: those that others hold are passed over.
macro_rules! skip_locked {
    () => {
        " FOR UPDATE SKIP LOCKED"
    };
}

/// A condition: a column of e-mail addresses equals a parameter in any case (of ASCII letters), by the index.
macro_rules! same_email {
    ($column:literal, $email:literal) => {
        concat!("lower(", $column, " COLLATE \"C\") = lower(", $email, " COLLATE \"C\")")
    };
}

pub(super) use {
    at_most, exact_name, for_update, joined, json_array, lines, new_id, one_of, same_email, same_name, skip_locked,
};

/// The SQLSTATE of an error that this database sent.
fn state(error: &sqlx::Error) -> Option<&str> {
    Some(error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?.code())
}

/// Whether transactions got into each other's way, and one of them was rolled back: it may be tried again.
pub(in crate::store) fn is_conflict(error: &sqlx::Error) -> bool {
    match state(error) {
        // serialization_failure, deadlock_detected
        Some("40001" | "40P01") => true,
        // Somebody gave the user a session in between: another rank is free.
        Some("23505") => error.as_database_error().and_then(|error| error.constraint()) == Some("sessions_active_rank"),
        _ => false,
    }
}

/// Whether the connection is gone, and with it whatever was not committed.
pub(in crate::store) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        // Class 08: connection exception; admin_shutdown, crash_shutdown, cannot_connect_now, idle sessions ended.
        _ => state(error).is_some_and(|state| {
            state.starts_with("08") || matches!(state, "57P01" | "57P02" | "57P03" | "57P05" | "25P03")
        }),
    }
}

/// Whether the connection was in a transaction already, which the statement has no part in: it is to be closed, and the
/// statement may be tried on another one.
pub(super) fn is_left_over(error: &sqlx::Error) -> bool {
    // active_sql_transaction, read_only_sql_transaction, in_failed_sql_transaction
    matches!(state(error), Some("25001" | "25006" | "25P02"))
}

/// Whether the database cannot answer now, but may soon.
pub(in crate::store) fn is_busy(error: &sqlx::Error) -> bool {
    // too_many_connections, lock_not_available
    is_conflict(error) || is_lost(error) || is_left_over(error) || matches!(state(error), Some("53300" | "55P03"))
}

/// The first of the two numbers of the locks that starts of sessions take; the second is the topic's. Any number does that
/// nobody else's locks on the database begin with.
const STARTS: i32 = 0x6368_6174;

/// Waits until nobody else starts a session on the topic; nobody does until the transaction ends.
pub(super) async fn start_in_turn(connection: &mut Connection, topic: TopicId) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_xact_lock($1, $2)").bind(STARTS).bind(topic.0).execute(connection).await?;
    Ok(())
}

/// Prepares for records whose ids are given: the sequences go on behind the highest. Nobody else may draw from them or
/// take such an id until the transaction ends.
pub(super) async fn begin_import<const N: usize>(
    connection: &mut Connection,
    given: [GivenIds; N],
) -> Result<(), StoreError> {
    sqlx::query("LOCK TABLE sessions, topics, users IN SHARE ROW EXCLUSIVE MODE").execute(&mut *connection).await?;
    for (table, column, id) in given {
        // A sequence is moved on for good, also when the transaction fails: that wastes numbers and nothing more.
        sqlx::query(
            "SELECT setval(pg_get_serial_sequence($1, $2), $3)
              WHERE $3 > coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass), 0)",
        )
        .bind(table)
        .bind(column)
        .bind(id.map(i64::from))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
