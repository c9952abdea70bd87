//! Topics, their members, and who of these is present.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::dialect::{Connection, new_id};
use super::import::duplicate;
use super::topic_rows::{self, TopicRow};
use super::{Backend, members, presence, queue, texts};
use crate::records::{AssociateId, Membership, NewTopic, Permissions, Presence, Topic, TopicId};
use crate::store::{StoreError, TopicStore};

#[async_trait]
impl TopicStore for Backend {
    async fn topics(&self) -> Result<Vec<Topic>, StoreError> {
        self.read(|connection| Box::pin(all(connection))).await
    }

    async fn topic(&self, topic: TopicId) -> Result<Option<Topic>, StoreError> {
        self.read(move |connection| Box::pin(find(connection, topic))).await
    }

    async fn add_topic(&self, topic: NewTopic) -> Result<TopicId, StoreError> {
        self.write(move |connection| Box::pin(async move { insert(connection, None, &topic).await })).await
    }

    async fn set_topic(&self, topic: TopicId, about: NewTopic) -> Result<bool, StoreError> {
        self.write(move |connection| Box::pin(async move { replace(connection, topic, &about).await })).await
    }

    async fn set_member(&self, topic: TopicId, user: AssociateId, permissions: Permissions) -> Result<(), StoreError> {
        self.write(move |connection| Box::pin(members::set(connection, topic, user, permissions))).await
    }

    async fn memberships_of(&self, user: AssociateId) -> Result<Vec<Membership>, StoreError> {
        self.look(move |connection| Box::pin(members::of_user(connection, user))).await
    }

    async fn members_of(&self, topic: TopicId) -> Result<Vec<Membership>, StoreError> {
        self.look(move |connection| Box::pin(members::of_topic(connection, topic))).await
    }

    async fn queue_lengths(&self, topics: &[TopicId]) -> Result<Vec<(TopicId, i64)>, StoreError> {
        let topics: Arc<[TopicId]> = topics.into();
        self.look(move |connection| Box::pin(async move { queue::lengths(connection, &topics).await })).await
    }

    async fn presences(&self) -> Result<Vec<Presence>, StoreError> {
        self.look(|connection| Box::pin(presence::all(connection))).await
    }

    async fn set_presences(&self, presences: &[(AssociateId, bool)], now: Timestamp) -> Result<(), StoreError> {
        let presences: Arc<[(AssociateId, bool)]> = presences.into();
        self.write(move |connection| Box::pin(async move { presence::set(connection, &presences, now).await })).await
    }
}

async fn all(connection: &mut Connection) -> Result<Vec<Topic>, StoreError> {
    let rows: Vec<TopicRow> = sqlx::query_as("SELECT * FROM topics ORDER BY name").fetch_all(&mut *connection).await?;
    let mut hours = topic_rows::all_hours(connection).await?;
    rows.into_iter()
        .map(|row| {
            let hours = hours.remove(&row.topic_id).unwrap_or_default();
            row.into_topic(hours)
        })
        .collect()
}

async fn find(connection: &mut Connection, topic: TopicId) -> Result<Option<Topic>, StoreError> {
    let row: Option<TopicRow> = sqlx::query_as("SELECT * FROM topics WHERE topic_id = $1")
        .bind(topic.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let hours = topic_rows::hours_of(connection, topic.0).await?;
    row.into_topic(hours).map(Some)
}

/// Adds a topic, and says which id it got.
pub(super) async fn insert(
    connection: &mut Connection,
    id: Option<TopicId>,
    topic: &NewTopic,
) -> Result<TopicId, StoreError> {
    texts::check_topic(topic)?;
    let id = sqlx::query_scalar(concat!(
        "INSERT INTO topics (topic_id, name, language, welcome_message, time_zone, warn_after_secs,
                             warn_managers_after_secs, has_post_chat_form)
         VALUES (",
        new_id!("topics", "topic_id", "$1"),
        ", $2, $3, $4, $5, $6, $7, $8)
         RETURNING topic_id"
    ))
    .bind(id.map(|id| id.0))
    .bind(&topic.name)
    .bind(&topic.language)
    .bind(&topic.welcome_message)
    .bind(&topic.time_zone)
    .bind(topic.warn_after_secs)
    .bind(topic.warn_managers_after_secs)
    .bind(topic.has_post_chat_form)
    .fetch_one(&mut *connection)
    .await
    .map_err(|error| duplicate(error, || format!("topic `{}`", topic.name)))?;
    topic_rows::insert_hours(connection, TopicId(id), &topic.hours).await?;
    Ok(TopicId(id))
}

async fn replace(connection: &mut Connection, id: TopicId, topic: &NewTopic) -> Result<bool, StoreError> {
    texts::check_topic(topic)?;
    let done = sqlx::query(
        "UPDATE topics
            SET name = $2, language = $3, welcome_message = $4, time_zone = $5, warn_after_secs = $6,
                warn_managers_after_secs = $7, has_post_chat_form = $8
          WHERE topic_id = $1",
    )
    .bind(id.0)
    .bind(&topic.name)
    .bind(&topic.language)
    .bind(&topic.welcome_message)
    .bind(&topic.time_zone)
    .bind(topic.warn_after_secs)
    .bind(topic.warn_managers_after_secs)
    .bind(topic.has_post_chat_form)
    .execute(&mut *connection)
    .await
    .map_err(|error| duplicate(error, || format!("topic `{}`", topic.name)))?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM topic_hours WHERE topic_id = $1").bind(id.0).execute(&mut *connection).await?;
    topic_rows::insert_hours(connection, id, &topic.hours).await?;
    Ok(true)
}
