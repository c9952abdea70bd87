//! Rows of the tables, and how they become records.

use std::fmt;

use jiff::Timestamp;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use sqlx::FromRow;

use crate::records::{AssociateId, Customer, Login, Permissions, Session, SessionId, Status, TopicId, User};
use crate::store::StoreError;

/// The columns of a [`UserRow`] of a table in the order of its fields, as it is read from a JSON array.
macro_rules! user_values {
    ($user:literal) => {
        concat!(
            $user,
            ".associate_id, ",
            $user,
            ".user_name, ",
            $user,
            ".name, ",
            $user,
            ".full_name, ",
            $user,
            ".formal_name, ",
            $user,
            ".tooltip, ",
            $user,
            ".type, ",
            $user,
            ".person_id, ",
            $user,
            ".ej_user_id, ",
            $user,
            ".group_idx, ",
            $user,
            ".rank, ",
            $user,
            ".deleted, ",
            $user,
            ".disabled, ",
            $user,
            ".sign_in_generation"
        )
    };
}

/// The columns of a [`SessionRow`] in the order of its fields, as it is read from a JSON array. The tables are those of
/// `session_joins!`.
macro_rules! session_values {
    () => {
        "s.session_id, s.topic_id, s.status, s.user_id, s.transfer_to_id, s.customer_alias, s.customer_host,
         s.customer_name, s.customer_email, s.customer_phone, s.customer_company_name, s.customer_consented,
         s.first_message, s.last_message, s.when_requested, s.when_started, s.when_ended, s.when_idle, s.when_fetched,
         s.unanswered_since, s.was_reset, s.session_key, s.initial_queue_pos, s.alert_level, s.rank, s.flags,
         coalesce(m.can_respond, FALSE), coalesce(m.can_notify, FALSE), coalesce(m.can_listen, FALSE),
         coalesce(m.can_manage, FALSE), person.snapshot, contact.snapshot, project.snapshot, sale.snapshot, ticket.snapshot"
    };
}

pub(super) use {session_values, user_values};

/// A row of `users`.
#[derive(Clone, Deserialize, FromRow)]
pub(super) struct UserRow {
    associate_id: i32,
    user_name: String,
    name: String,
    full_name: String,
    formal_name: String,
    tooltip: String,
    #[sqlx(rename = "type")]
    kind: String,
    person_id: Option<i32>,
    ej_user_id: Option<i32>,
    group_idx: Option<i32>,
    rank: Option<i32>,
    #[serde(deserialize_with = "truth")]
    deleted: bool,
    #[serde(deserialize_with = "truth")]
    disabled: bool,
    sign_in_generation: i64,
}

impl UserRow {
    /// The primary key.
    pub(super) fn id(&self) -> i32 {
        self.associate_id
    }
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: AssociateId(row.associate_id),
            user_name: row.user_name,
            name: row.name,
            full_name: row.full_name,
            formal_name: row.formal_name,
            tooltip: row.tooltip,
            kind: row.kind,
            person_id: row.person_id,
            ej_user_id: row.ej_user_id,
            group_idx: row.group_idx,
            rank: row.rank,
            deleted: row.deleted,
            disabled: row.disabled,
            sign_in_generation: row.sign_in_generation,
        }
    }
}

/// A row of `users` with the hash.
#[derive(FromRow)]
pub(super) struct LoginRow {
    #[sqlx(flatten)]
    user: UserRow,
    password_hash: String,
}

impl From<LoginRow> for Login {
    fn from(row: LoginRow) -> Self {
        Self { user: row.user.into(), password_hash: row.password_hash }
    }
}

/// A row of `sessions`, with the caller's permissions and the snapshots of what it is linked to.
#[derive(Deserialize, FromRow)]
pub(super) struct SessionRow {
    session_id: i32,
    topic_id: i32,
    status: String,
    pub(super) user_id: Option<i32>,
    pub(super) transfer_to_id: Option<i32>,
    customer_alias: String,
    customer_host: String,
    customer_name: String,
    customer_email: String,
    customer_phone: String,
    customer_company_name: String,
    #[serde(deserialize_with = "truth")]
    customer_consented: bool,
    first_message: String,
    last_message: String,
    when_requested: Option<i64>,
    when_started: Option<i64>,
    when_ended: Option<i64>,
    when_idle: Option<i64>,
    when_fetched: Option<i64>,
    unanswered_since: Option<i64>,
    #[serde(deserialize_with = "truth")]
    was_reset: bool,
    session_key: String,
    initial_queue_pos: i32,
    alert_level: i32,
    rank: i32,
    flags: String,
    #[serde(deserialize_with = "truth")]
    can_respond: bool,
    #[serde(deserialize_with = "truth")]
    can_notify: bool,
    #[serde(deserialize_with = "truth")]
    can_listen: bool,
    #[serde(deserialize_with = "truth")]
    can_manage: bool,
    pub(super) person: Option<String>,
    pub(super) contact: Option<String>,
    pub(super) project: Option<String>,
    pub(super) sale: Option<String>,
    pub(super) ticket: Option<String>,
}

/// A row of `sessions` with the user and the one to whom it is to be transferred, as it is read from a JSON array.
#[derive(Deserialize)]
pub(super) struct ListedRow(pub(super) SessionRow, pub(super) Option<UserRow>, pub(super) Option<UserRow>);

impl SessionRow {
    /// The caller's permissions on the topic.
    pub(super) fn permissions(&self) -> Permissions {
        Permissions {
            respond: self.can_respond,
            notify: self.can_notify,
            listen: self.can_listen,
            manage: self.can_manage,
        }
    }

    /// The users that it names.
    pub(super) fn mentions(&self) -> impl Iterator<Item = i32> {
        [self.user_id, self.transfer_to_id].into_iter().flatten()
    }

    /// The session itself.
    pub(super) fn into_session(self) -> Result<Session, StoreError> {
        let id = self.session_id;
        let when = |column: &str, micros: Option<i64>| {
            micros.map(|micros| instant(&format!("`{column}` of session {id}"), micros)).transpose()
        };
        Ok(Session {
            id: SessionId(id),
            topic: TopicId(self.topic_id),
            status: Status::parse(&self.status).ok_or_else(|| StoreError::Damaged {
                what: format!("`status` of session {id}"),
                reason: "it is none of the known ones".to_owned(),
            })?,
            user: self.user_id.map(AssociateId),
            transfer_to: self.transfer_to_id.map(AssociateId),
            customer: Customer {
                alias: self.customer_alias,
                host: self.customer_host,
                name: self.customer_name,
                email: self.customer_email,
                phone: self.customer_phone,
                company_name: self.customer_company_name,
                consented: self.customer_consented,
            },
            first_message: self.first_message,
            last_message: self.last_message,
            when_requested: when("when_requested", self.when_requested)?,
            when_started: when("when_started", self.when_started)?,
            when_ended: when("when_ended", self.when_ended)?,
            when_idle: when("when_idle", self.when_idle)?,
            when_fetched: when("when_fetched", self.when_fetched)?,
            unanswered_since: when("unanswered_since", self.unanswered_since)?,
            was_reset: self.was_reset,
            key: self.session_key,
            initial_queue_pos: self.initial_queue_pos,
            alert_level: self.alert_level,
            rank: self.rank,
            flags: self.flags,
        })
    }
}

/// Reads a truth value of JSON that the database wrote: SQLite has numbers for them.
fn truth<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    struct Truth;

    impl Visitor<'_> for Truth {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true, false, 1 or 0")
        }

        fn visit_bool<E: de::Error>(self, value: bool) -> Result<bool, E> {
            Ok(value)
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<bool, E> {
            Ok(value != 0)
        }
    }

    value.deserialize_any(Truth)
}

/// Reads an instant as it is stored: microseconds since 1970.
pub(super) fn instant(what: &str, micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros)
        .map_err(|error| StoreError::Damaged { what: what.to_owned(), reason: error.to_string() })
}

/// Reads numbers that the database joined with commas.
pub(super) fn numbers(joined: &str) -> Option<Vec<i32>> {
    joined.split(',').filter(|number| !number.is_empty()).map(|number| number.parse().ok()).collect()
}

/// Whether a text can stand in the database at all: PostgreSQL refuses to look for any other, too.
pub(super) fn is_storable(text: &str) -> bool {
    !text.contains('\0')
}
