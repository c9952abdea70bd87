//! What SQL and errors look like in SQLite, under the names that the shared files in `store/sql` use.
//!
//! The macros expand to string literals, so that they stand inside `concat!`.

use super::import::GivenIds;
use crate::records::TopicId;
use crate::store::StoreError;

/// A connection to the database.
pub(in crate::store) type Connection = sqlx::SqliteConnection;

/// A condition: a column of names equals a parameter in any case (of ASCII letters).
macro_rules! same_name {
    ($column:literal, $name:literal) => {
        // The columns collate without case.
        concat!($column, " = ", $name)
    };
}

/// A condition: a column of names equals a parameter exactly. Finds it through the index of names.
macro_rules! exact_name {
    ($column:literal, $name:literal) => {
        concat!($column, " = ", $name, " AND ", $column, " = ", $name, " COLLATE BINARY")
    };
}

/// A value to insert as an id: the parameter, or the next one where that is null.
macro_rules! new_id {
    ($table:literal, $column:literal, $id:literal) => {
        $id
    };
}

/// All values of an expression, joined with commas; empty where there are none.
macro_rules! joined {
    ($expression:literal) => {
        concat!("coalesce(group_concat(", $expression, "), '')")
    };
}

/// A condition: a column of ids is among those of a parameter, a text that holds a JSON array.
macro_rules! one_of {
    ($column:literal, $ids:literal) => {
        concat!($column, " IN (SELECT value FROM json_each(", $ids, "))")
    };
}

/// Values as the text of a JSON array, which has no line ends. Truth values are numbers in it, as everywhere in SQLite.
macro_rules! json_array {
    ($values:expr) => {
        concat!("json_array(", $values, ")")
    };
}

/// All values of a text, in the order of another one, as lines; null where there are none.
macro_rules! lines {
    ($text:expr, $order:literal) => {
        concat!("group_concat(", $text, ", char(10) ORDER BY ", $order, ")")
    };
}

/// Ends a `SELECT` that gives no more rows than a parameter says.
macro_rules! at_most {
    ($count:literal) => {
        // SQLite plans for the value of a bare parameter: the statement would be prepared anew each time that one is bound.
        concat!(" LIMIT ", $count, " + 0")
    };
}

/// Ends a `SELECT` whose rows are to be changed next: others wait. SQLite has one writer at a time anyway.
macro_rules! for_update {
    () => {
        ""
    };
}

/// Ends a `SELECT` whose rows are to be changed or deleted next: those that others hold are passed over.
macro_rules! skip_locked {
    () => {
        ""
    };
}

/// A condition: a column of e-mail addresses equals a parameter in any case (of ASCII letters), by the index.
macro_rules! same_email {
    ($column:literal, $email:literal) => {
        // It folds the letters of ASCII and no others.
        concat!("lower(", $column, ") = lower(", $email, ")")
    };
}

pub(super) use {
    at_most, exact_name, for_update, joined, json_array, lines, new_id, one_of, same_email, same_name, skip_locked,
};

/// Whether another process holds the lock (`SQLITE_BUSY`, `SQLITE_LOCKED` and their extended codes).
pub(in crate::store) fn is_busy(error: &sqlx::Error) -> bool {
    let error = error.as_database_error().and_then(|error| error.try_downcast_ref::<sqlx::sqlite::SqliteError>());
    let code = error.and_then(|error| sqlx::error::DatabaseError::code(error)?.parse::<i32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// Writers of SQLite take turns anyway.
pub(super) async fn start_in_turn(_: &mut Connection, _: TopicId) -> Result<(), StoreError> {
    Ok(())
}

/// Prepares for records whose ids are given. SQLite itself sees to it that it never chooses an id again.
pub(super) async fn begin_import<const N: usize>(_: &mut Connection, _: [GivenIds; N]) -> Result<(), StoreError> {
    Ok(())
}
