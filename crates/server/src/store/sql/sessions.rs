//! Reading sessions with everything that belongs to them.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::dialect::{Connection, for_update, one_of};
use super::queue;
use super::rows::{SessionRow, UserRow};
use crate::records::{AssociateId, Links, Permissions, SessionId, SessionView, User};
use crate::store::StoreError;

/// What is read of a session `s`: itself, the caller's permissions on its topic, and the linked snapshots.
macro_rules! session_columns {
    () => {
        "s.*,
         coalesce(m.can_respond, FALSE) AS can_respond, coalesce(m.can_notify, FALSE) AS can_notify,
         coalesce(m.can_listen, FALSE) AS can_listen, coalesce(m.can_manage, FALSE) AS can_manage,
         person.snapshot AS person, contact.snapshot AS contact, project.snapshot AS project,
         sale.snapshot AS sale, ticket.snapshot AS ticket"
    };
}

/// The tables that the columns come from, for the caller `$1`.
macro_rules! session_joins {
    () => {
        " LEFT JOIN topic_members m ON m.associate_id = $1 AND m.topic_id = s.topic_id
          LEFT JOIN persons person ON person.record_id = s.person_id
          LEFT JOIN contacts contact ON contact.record_id = s.contact_id
          LEFT JOIN projects project ON project.record_id = s.project_id
          LEFT JOIN sales sale ON sale.record_id = s.sale_id
          LEFT JOIN tickets ticket ON ticket.record_id = s.ticket_id "
    };
}

pub(super) use {session_columns, session_joins};

/// Three steps into three indexes; a session that several of them find counts once.
const VISIBLE: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM sessions s",
    session_joins!(),
    "WHERE s.session_id IN (
         SELECT v.session_id FROM topic_members vm JOIN sessions v ON v.topic_id = vm.topic_id
          WHERE vm.associate_id = $1
         UNION SELECT session_id FROM sessions WHERE user_id = $1
         UNION SELECT session_id FROM sessions WHERE transfer_to_id = $1)
       AND s.status NOT IN ('Invalid', 'Deleted')
     ORDER BY s.session_id"
);

/// The sessions that `caller` may see, ordered by id.
pub(super) async fn visible_to(
    connection: &mut Connection,
    caller: AssociateId,
) -> Result<Vec<SessionView>, StoreError> {
    let rows = sqlx::query_as::<_, SessionRow>(VISIBLE).bind(caller.0).fetch_all(&mut *connection).await?;
    let users = users(connection, &rows).await?;
    rows.into_iter().map(|row| mentioning(row, &users)).collect()
}

/// The sessions that `ids` name, ordered by id, as `caller` sees them; without a caller with all permissions.
pub(super) async fn listed(
    connection: &mut Connection,
    caller: Option<AssociateId>,
    ids: impl Iterator<Item = SessionId>,
) -> Result<Vec<SessionView>, StoreError> {
    let rows: Vec<SessionRow> = sqlx::query_as(concat!(
        "SELECT ",
        session_columns!(),
        " FROM sessions s",
        session_joins!(),
        "WHERE ",
        one_of!("s.session_id", "$2"),
        " ORDER BY s.session_id"
    ))
    .bind(caller.map(|caller| caller.0))
    .bind(queue::ids(ids.map(|id| id.0)))
    .fetch_all(&mut *connection)
    .await?;
    let users = users(connection, &rows).await?;
    rows.into_iter().map(|row| Ok(seen_by(caller, mentioning(row, &users)?))).collect()
}

/// One session as `caller` sees it; without a caller with all permissions.
pub(super) async fn find(
    connection: &mut Connection,
    caller: Option<AssociateId>,
    session: SessionId,
) -> Result<Option<SessionView>, StoreError> {
    let row: Option<SessionRow> = sqlx::query_as(concat!(
        "SELECT ",
        session_columns!(),
        " FROM sessions s",
        session_joins!(),
        "WHERE s.session_id = $2"
    ))
    .bind(caller.map(|caller| caller.0))
    .bind(session.0)
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => Ok(Some(seen_by(caller, one(connection, row).await?))),
        None => Ok(None),
    }
}

/// The same, locked until the transaction ends. The row is given as it is under the lock, not as it was when the
/// statement began to wait for it.
pub(super) async fn locked(
    connection: &mut Connection,
    caller: Option<AssociateId>,
    session: SessionId,
) -> Result<Option<SessionView>, StoreError> {
    let row: Option<SessionRow> = sqlx::query_as(concat!(
        "WITH locked AS MATERIALIZED (SELECT * FROM sessions WHERE session_id = $2",
        for_update!(),
        ") SELECT ",
        session_columns!(),
        " FROM locked s",
        session_joins!()
    ))
    .bind(caller.map(|caller| caller.0))
    .bind(session.0)
    .fetch_optional(&mut *connection)
    .await?;
    match row {
        Some(row) => Ok(Some(seen_by(caller, one(connection, row).await?))),
        None => Ok(None),
    }
}

/// A user, also one who was deleted.
pub(super) async fn user(connection: &mut Connection, id: AssociateId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> =
        sqlx::query_as("SELECT * FROM users WHERE associate_id = $1").bind(id.0).fetch_optional(connection).await?;
    Ok(row.map(User::from))
}

/// A user, locked until the transaction ends: whoever gives the user a session holds the user's row, so that ranks are
/// read and chosen one after the other.
pub(super) async fn locked_user(connection: &mut Connection, id: AssociateId) -> Result<Option<User>, StoreError> {
    let row: Option<UserRow> = sqlx::query_as(concat!("SELECT * FROM users WHERE associate_id = $1", for_update!()))
        .bind(id.0)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(User::from))
}

/// Who calls without being a user may do what any user may.
fn seen_by(caller: Option<AssociateId>, view: SessionView) -> SessionView {
    match caller {
        Some(_) => view,
        None => SessionView { permissions: Permissions::ALL, ..view },
    }
}

/// The users whom `rows` mention. Few users handle many sessions, so they are read once each.
async fn users(connection: &mut Connection, rows: &[SessionRow]) -> Result<BTreeMap<i32, User>, StoreError> {
    let ids: BTreeSet<i32> = rows.iter().flat_map(SessionRow::mentions).collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = sqlx::query_as::<_, UserRow>(concat!("SELECT * FROM users WHERE ", one_of!("associate_id", "$1")))
        .bind(queue::ids(ids.into_iter()))
        .fetch_all(connection)
        .await?;
    Ok(found.into_iter().map(|row| (row.id(), row.into())).collect())
}

/// A session as the caller of the statement that read `row` sees it.
pub(super) async fn one(connection: &mut Connection, row: SessionRow) -> Result<SessionView, StoreError> {
    let users = users(connection, std::slice::from_ref(&row)).await?;
    mentioning(row, &users)
}

/// A session with those of `users` whom it mentions.
fn mentioning(row: SessionRow, users: &BTreeMap<i32, User>) -> Result<SessionView, StoreError> {
    let named = |id: Option<i32>| id.and_then(|id| users.get(&id)).cloned();
    let (user, transfer_to) = (named(row.user_id), named(row.transfer_to_id));
    view(row, user, transfer_to)
}

/// A session with the two users whom it mentions.
pub(super) fn view(
    mut row: SessionRow,
    user: Option<User>,
    transfer_to: Option<User>,
) -> Result<SessionView, StoreError> {
    Ok(SessionView {
        user,
        transfer_to,
        links: Links {
            person: snapshot("a person", row.person.take())?,
            contact: snapshot("a contact", row.contact.take())?,
            project: snapshot("a project", row.project.take())?,
            sale: snapshot("a sale", row.sale.take())?,
            ticket: snapshot("a ticket", row.ticket.take())?,
        },
        permissions: row.permissions(),
        session: row.into_session()?,
    })
}

fn snapshot<T: DeserializeOwned>(what: &str, json: Option<String>) -> Result<Option<T>, StoreError> {
    json.map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|error| StoreError::Damaged { what: format!("the snapshot of {what}"), reason: error.to_string() })
}
