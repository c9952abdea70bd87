//! Who is present.

use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{Connection, joined};
use super::rows;
use crate::records::{AssociateId, Presence, TopicId};
use crate::store::StoreError;

/// An expression: whether a member who can respond in topic `t` is present.
macro_rules! someone_present {
    () => {
        "EXISTS (SELECT 1 FROM topic_members pm
                   JOIN presence p ON p.associate_id = pm.associate_id
                   JOIN users pu ON pu.associate_id = pm.associate_id
                  WHERE pm.topic_id = t.topic_id AND pm.can_respond AND p.present
                    AND NOT pu.deleted AND NOT pu.disabled)"
    };
}

pub(super) use someone_present;

#[derive(FromRow)]
struct PresenceRow {
    associate_id: i32,
    full_name: String,
    present: bool,
    active_sessions: i64,
    /// Joined with commas.
    topics: String,
}

/// The presence of everybody who is a member of a topic, ordered by user id. The condition on ranks leads SQLite to the
/// index of active sessions.
pub(super) async fn all(connection: &mut Connection) -> Result<Vec<Presence>, StoreError> {
    let rows: Vec<PresenceRow> = sqlx::query_as(concat!(
        "SELECT u.associate_id, u.full_name, coalesce(p.present AND NOT u.disabled, FALSE) AS present,
                (SELECT count(*) FROM sessions s
                  WHERE s.user_id = u.associate_id AND s.status IN ('CustomerLast', 'UserLast') AND s.rank >= 0)
                    AS active_sessions,
                (SELECT ",
        joined!("m.topic_id"),
        "          FROM topic_members m WHERE m.associate_id = u.associate_id) AS topics
           FROM users u
           LEFT JOIN presence p ON p.associate_id = u.associate_id
          WHERE NOT u.deleted AND EXISTS (SELECT 1 FROM topic_members e WHERE e.associate_id = u.associate_id)
          ORDER BY u.associate_id"
    ))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(presence).collect()
}

fn presence(row: PresenceRow) -> Result<Presence, StoreError> {
    let mut topics = rows::numbers(&row.topics).ok_or_else(|| StoreError::Damaged {
        what: format!("the membership of user {}", row.associate_id),
        reason: "it names no topic".to_owned(),
    })?;
    topics.sort_unstable();
    Ok(Presence {
        user: AssociateId(row.associate_id),
        full_name: row.full_name,
        active_sessions: i32::try_from(row.active_sessions).unwrap_or(i32::MAX),
        present: row.present,
        topics: topics.into_iter().map(TopicId).collect(),
    })
}

/// Sets who is present. The last word on a user counts.
pub(super) async fn set(
    connection: &mut Connection,
    presences: &[(AssociateId, bool)],
    now: Timestamp,
) -> Result<(), StoreError> {
    // Everybody in the same order, or two who set the same users would wait for each other.
    let mut ordered = presences.to_vec();
    ordered.sort_by_key(|&(user, _)| user);
    for (user, present) in ordered {
        let done = sqlx::query(
            "INSERT INTO presence (associate_id, present, when_set)
             SELECT associate_id, $2, $3 FROM users WHERE associate_id = $1 AND NOT deleted
             ON CONFLICT (associate_id) DO UPDATE SET present = excluded.present, when_set = excluded.when_set",
        )
        .bind(user.0)
        .bind(present)
        .bind(now.as_microsecond())
        .execute(&mut *connection)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::UnknownUser(user.to_string()));
        }
    }
    Ok(())
}
