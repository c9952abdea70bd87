//! Members of topics.

use sqlx::FromRow;

use super::dialect::Connection;
use super::rows::UserRow;
use crate::records::{AssociateId, Membership, Permissions, TopicId};
use crate::store::StoreError;

#[derive(FromRow)]
struct MemberRow {
    #[sqlx(flatten)]
    user: UserRow,
    topic_id: i32,
    topic_name: String,
    can_respond: bool,
    can_notify: bool,
    can_listen: bool,
    can_manage: bool,
}

impl From<MemberRow> for Membership {
    fn from(row: MemberRow) -> Self {
        Self {
            topic: TopicId(row.topic_id),
            topic_name: row.topic_name,
            user: row.user.into(),
            permissions: Permissions {
                respond: row.can_respond,
                notify: row.can_notify,
                listen: row.can_listen,
                manage: row.can_manage,
            },
        }
    }
}

macro_rules! select_members {
    ($condition:literal) => {
        concat!(
            "SELECT u.*, t.topic_id, t.name AS topic_name, m.can_respond, m.can_notify, m.can_listen, m.can_manage
               FROM topic_members m
               JOIN users u ON u.associate_id = m.associate_id
               JOIN topics t ON t.topic_id = m.topic_id
              WHERE ",
            $condition
        )
    };
}

/// The memberships of a user, ordered by topic.
pub(super) async fn of_user(connection: &mut Connection, user: AssociateId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<MemberRow> = sqlx::query_as(select_members!("m.associate_id = $1 ORDER BY m.topic_id"))
        .bind(user.0)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(Membership::from).collect())
}

/// The members of a topic, ordered by user name.
pub(super) async fn of_topic(connection: &mut Connection, topic: TopicId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<MemberRow> = sqlx::query_as(select_members!("m.topic_id = $1 ORDER BY lower(u.user_name)"))
        .bind(topic.0)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(Membership::from).collect())
}

/// Makes a user a member with just these permissions, or, with none of them, no member any more.
pub(super) async fn set(
    connection: &mut Connection,
    topic: TopicId,
    user: AssociateId,
    permissions: Permissions,
) -> Result<(), StoreError> {
    if !permissions.any() {
        sqlx::query("DELETE FROM topic_members WHERE associate_id = $1 AND topic_id = $2")
            .bind(user.0)
            .bind(topic.0)
            .execute(connection)
            .await?;
        return Ok(());
    }
    let done = sqlx::query(
        "INSERT INTO topic_members (topic_id, associate_id, can_respond, can_notify, can_listen, can_manage)
         SELECT t.topic_id, u.associate_id, $3, $4, $5, $6 FROM topics t, users u
          WHERE t.topic_id = $1 AND u.associate_id = $2
         ON CONFLICT (associate_id, topic_id) DO UPDATE
            SET can_respond = excluded.can_respond, can_notify = excluded.can_notify,
                can_listen = excluded.can_listen, can_manage = excluded.can_manage",
    )
    .bind(topic.0)
    .bind(user.0)
    .bind(permissions.respond)
    .bind(permissions.notify)
    .bind(permissions.listen)
    .bind(permissions.manage)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() > 0 {
        return Ok(());
    }
    let is_topic: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM topics WHERE topic_id = $1)")
        .bind(topic.0)
        .fetch_one(connection)
        .await?;
    Err(if is_topic { StoreError::UnknownUser(user.to_string()) } else { StoreError::UnknownTopic(topic.to_string()) })
}
