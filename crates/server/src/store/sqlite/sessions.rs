//! Reading sessions with everything that belongs to them.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use super::rows::{SessionRow, UserRow};
use crate::records::{AssociateId, Links, SessionId, SessionView, User};
use crate::store::StoreError;

/// A session, the permissions of caller `$1` on its topic, and the linked snapshots.
macro_rules! select_sessions {
    ($condition:literal) => {
        concat!(
            "SELECT s.*,
                    coalesce(m.can_respond, 0) AS can_respond, coalesce(m.can_notify, 0) AS can_notify,
                    coalesce(m.can_listen, 0) AS can_listen, coalesce(m.can_manage, 0) AS can_manage,
                    person.snapshot AS person, contact.snapshot AS contact, project.snapshot AS project,
                    sale.snapshot AS sale, ticket.snapshot AS ticket
               FROM sessions s
               LEFT JOIN topic_members m ON m.associate_id = $1 AND m.topic_id = s.topic_id
               LEFT JOIN persons person ON person.record_id = s.person_id
               LEFT JOIN contacts contact ON contact.record_id = s.contact_id
               LEFT JOIN projects project ON project.record_id = s.project_id
               LEFT JOIN sales sale ON sale.record_id = s.sale_id
               LEFT JOIN tickets ticket ON ticket.record_id = s.ticket_id
              WHERE ",
            $condition
        )
    };
}

/// Three steps into three indexes; a session that several of them find counts once.
const VISIBLE: &str = select_sessions!(
    "s.session_id IN (
         SELECT v.session_id FROM topic_members vm JOIN sessions v ON v.topic_id = vm.topic_id
          WHERE vm.associate_id = $1
         UNION SELECT session_id FROM sessions WHERE user_id = $1
         UNION SELECT session_id FROM sessions WHERE transfer_to_id = $1)
       AND s.status NOT IN ('Invalid', 'Deleted')
     ORDER BY s.session_id"
);

const ONE: &str = select_sessions!("s.session_id = $2");

/// The sessions that `caller` may see, ordered by id.
pub(super) async fn visible_to(
    connection: &mut SqliteConnection,
    caller: AssociateId,
) -> Result<Vec<SessionView>, StoreError> {
    let rows = sqlx::query_as::<_, SessionRow>(VISIBLE).bind(caller.0).fetch_all(&mut *connection).await?;
    let users = users(connection, &rows).await?;
    rows.into_iter().map(|row| view(row, &users)).collect()
}

/// One session as `caller` sees it.
pub(super) async fn one(
    connection: &mut SqliteConnection,
    caller: AssociateId,
    session: SessionId,
) -> Result<SessionView, StoreError> {
    let row = sqlx::query_as::<_, SessionRow>(ONE).bind(caller.0).bind(session.0).fetch_one(&mut *connection).await?;
    let users = users(connection, std::slice::from_ref(&row)).await?;
    view(row, &users)
}

/// The users whom `rows` mention. Few users handle many sessions, so they are read once each.
async fn users(connection: &mut SqliteConnection, rows: &[SessionRow]) -> Result<BTreeMap<i32, User>, StoreError> {
    let mut users = BTreeMap::new();
    for row in rows {
        for id in [row.user_id, row.transfer_to_id].into_iter().flatten() {
            if users.contains_key(&id) {
                continue;
            }
            let user = sqlx::query_as::<_, UserRow>("SELECT * FROM users WHERE associate_id = $1")
                .bind(id)
                .fetch_one(&mut *connection)
                .await?;
            users.insert(id, User::from(user));
        }
    }
    Ok(users)
}

fn view(mut row: SessionRow, users: &BTreeMap<i32, User>) -> Result<SessionView, StoreError> {
    let named = |id: Option<i32>| id.and_then(|id| users.get(&id)).cloned();
    Ok(SessionView {
        user: named(row.user_id),
        transfer_to: named(row.transfer_to_id),
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
