//! Rows of topics with their opening hours, and the figures that follow from accepted sessions.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Weekday;
use sqlx::FromRow;

use super::dialect::Connection;
use super::rows::instant;
use crate::records::{NewTopic, OpeningHours, Topic, TopicId};
use crate::rules::pickup::Waits;
use crate::store::StoreError;

/// A row of `topics`.
#[derive(FromRow)]
pub(super) struct TopicRow {
    pub(super) topic_id: i32,
    name: String,
    language: String,
    welcome_message: String,
    time_zone: String,
    warn_after_secs: Option<i32>,
    warn_managers_after_secs: Option<i32>,
    has_post_chat_form: bool,
    last_accept: Option<i64>,
    accepted: i64,
    accept_seconds: i64,
}

impl TopicRow {
    /// The topic with these opening hours.
    pub(super) fn into_topic(self, hours: Vec<OpeningHours>) -> Result<Topic, StoreError> {
        let id = self.topic_id;
        Ok(Topic {
            id: TopicId(id),
            about: NewTopic {
                name: self.name,
                language: self.language,
                welcome_message: self.welcome_message,
                time_zone: self.time_zone,
                hours,
                warn_after_secs: self.warn_after_secs,
                warn_managers_after_secs: self.warn_managers_after_secs,
                has_post_chat_form: self.has_post_chat_form,
            },
            waits: Waits { accepted: self.accepted, total_seconds: self.accept_seconds },
            last_accept: self
                .last_accept
                .map(|micros| instant(&format!("`last_accept` of topic {id}"), micros))
                .transpose()?,
        })
    }
}

/// A row of `topic_hours`.
type HoursRow = (i32, i32, i32, i32);

/// The opening hours of one topic, in order.
pub(super) async fn hours_of(connection: &mut Connection, topic: i32) -> Result<Vec<OpeningHours>, StoreError> {
    let rows: Vec<HoursRow> = sqlx::query_as(
        "SELECT topic_id, weekday, opens, closes FROM topic_hours WHERE topic_id = $1 ORDER BY weekday, opens",
    )
    .bind(topic)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(hours).collect()
}

/// The opening hours of all topics that have any, in order.
pub(super) async fn all_hours(connection: &mut Connection) -> Result<BTreeMap<i32, Vec<OpeningHours>>, StoreError> {
    let rows: Vec<HoursRow> =
        sqlx::query_as("SELECT topic_id, weekday, opens, closes FROM topic_hours ORDER BY topic_id, weekday, opens")
            .fetch_all(connection)
            .await?;
    let mut all: BTreeMap<i32, Vec<OpeningHours>> = BTreeMap::new();
    for row in rows {
        all.entry(row.0).or_default().push(hours(row)?);
    }
    Ok(all)
}

fn hours((topic, weekday, opens, closes): HoursRow) -> Result<OpeningHours, StoreError> {
    let understood = || {
        Some(OpeningHours {
            weekday: Weekday::from_monday_one_offset(i8::try_from(weekday).ok()?).ok()?,
            opens: u16::try_from(opens).ok()?,
            closes: u16::try_from(closes).ok()?,
        })
    };
    understood().ok_or_else(|| StoreError::Damaged {
        what: format!("the opening hours of topic {topic}"),
        reason: "they are beyond a day or a week".to_owned(),
    })
}

/// Adds opening hours to a topic that has none.
pub(super) async fn insert_hours(
    connection: &mut Connection,
    topic: TopicId,
    hours: &[OpeningHours],
) -> Result<(), StoreError> {
    for span in hours {
        sqlx::query("INSERT INTO topic_hours (topic_id, weekday, opens, closes) VALUES ($1, $2, $3, $4)")
            .bind(topic.0)
            .bind(i32::from(span.weekday.to_monday_one_offset()))
            .bind(i32::from(span.opens))
            .bind(i32::from(span.closes))
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Sessions were accepted: the topic's figures follow, with none of them where all were counted before. They are added to,
/// not replaced, and whoever accepts one needs the row: it is the last that a transaction changes.
pub(super) async fn add_waits(
    connection: &mut Connection,
    topic: TopicId,
    waits: Waits,
    last_accept: Timestamp,
) -> Result<(), StoreError> {
    // The right-hand sides see the old values; the average is worked out from the new ones, as `Waits` does.
    sqlx::query(
        "UPDATE topics
            SET accepted = accepted + $2,
                accept_seconds = accept_seconds + $3,
                seconds_pr_accept = (accept_seconds + $3) / CASE WHEN accepted + $2 = 0 THEN 1 ELSE accepted + $2 END,
                last_accept = CASE WHEN last_accept > $4 THEN last_accept ELSE $4 END
          WHERE topic_id = $1",
    )
    .bind(topic.0)
    .bind(waits.accepted)
    .bind(waits.total_seconds)
    .bind(last_accept.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}
