//! Sessions that wait: their places, those that nothing happens to, and warnings.

use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{Connection, one_of, skip_locked};
use super::rows::instant;
use crate::records::{SessionId, Status, TopicId};
use crate::store::{IdleSince, LongWaiting, StoreError};

/// The place of a waiting session in the queue of its topic.
pub(super) async fn place(connection: &mut Connection, session: SessionId) -> Result<Option<i64>, StoreError> {
    let place = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM sessions w
                  WHERE w.topic_id = s.topic_id AND w.status = 'InQueue'
                    AND (w.when_requested, w.session_id) < (s.when_requested, s.session_id)) + 1
           FROM sessions s WHERE s.session_id = $1 AND s.status = 'InQueue'",
    )
    .bind(session.0)
    .fetch_optional(connection)
    .await?;
    Ok(place)
}

/// How many sessions wait in each of these topics.
pub(super) async fn lengths(
    connection: &mut Connection,
    topics: &[TopicId],
) -> Result<Vec<(TopicId, i64)>, StoreError> {
    // A count for each topic: a join would tempt planners to count all queues and to throw most of them away.
    let rows: Vec<(i32, i64)> = sqlx::query_as(concat!(
        "SELECT t.topic_id,
                (SELECT count(*) FROM sessions w WHERE w.topic_id = t.topic_id AND w.status = 'InQueue')
           FROM topics t WHERE ",
        one_of!("t.topic_id", "$1")
    ))
    .bind(ids(topics.iter().map(|topic| topic.0)))
    .fetch_all(connection)
    .await?;
    let length = |topic: TopicId| rows.iter().find(|row| row.0 == topic.0).map_or(0, |row| row.1);
    Ok(topics.iter().map(|&topic| (topic, length(topic))).collect())
}

/// Ids as a parameter of `one_of!`.
pub(super) fn ids(ids: impl Iterator<Item = i32>) -> String {
    format!("{:?}", ids.collect::<Vec<i32>>())
}

/// What the rule counts as a sign of life counts here, too: whatever is found again and again and never closed would keep
/// the others from being found. Who has waited for less time than that is not idle either.
const IDLE_WAITING: &str = "
    SELECT session_id FROM sessions
     WHERE status = 'InQueue' AND when_requested < $1
       AND (when_fetched IS NULL OR when_fetched < $1) AND (when_idle IS NULL OR when_idle < $1)
     ORDER BY when_requested, session_id LIMIT $2";

macro_rules! idle_active {
    ($status:literal) => {
        concat!(
            "SELECT session_id FROM sessions
              WHERE status IN ('CustomerLast', 'UserLast') AND (when_idle < $1 OR when_idle IS NULL) AND status = '",
            $status,
            "' ORDER BY when_idle, session_id LIMIT $2"
        )
    };
}

/// Some sessions that nothing has happened to since then, as many of each kind.
pub(super) async fn idle(
    connection: &mut Connection,
    since: IdleSince,
    limit: u32,
) -> Result<Vec<SessionId>, StoreError> {
    let mut idle = Vec::new();
    for (since, statement) in [
        (since.waiting, IDLE_WAITING),
        (since.customer, idle_active!("UserLast")),
        (since.user, idle_active!("CustomerLast")),
    ] {
        let Some(since) = since else { continue };
        let found: Vec<i32> = sqlx::query_scalar(statement)
            .bind(since.as_microsecond())
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?;
        idle.extend(found.into_iter().map(SessionId));
    }
    Ok(idle)
}

/// The topics in which somebody has waited for too long at one level, and since when that would be too long: `$1` is now.
/// Who has waited longest at a level is one step into the index for each topic.
macro_rules! due {
    ($status:literal, $since:literal, from $level:literal to $raised:literal, $after_secs:literal, if $condition:literal) => {
        concat!(
            "SELECT t.topic_id, '",
            $status,
            "' AS status, ",
            $level,
            " AS alert_level, ",
            $raised,
            " AS raised_to, $1 - t.",
            $after_secs,
            " * CAST(1000000 AS BIGINT) AS since
               FROM topics t
              WHERE t.",
            $after_secs,
            " IS NOT NULL AND ",
            $condition,
            " AND (SELECT min(s.",
            $since,
            ") FROM sessions s
                    WHERE s.topic_id = t.topic_id AND s.status = '",
            $status,
            "' AND s.alert_level = ",
            $level,
            ") <= $1 - t.",
            $after_secs,
            " * CAST(1000000 AS BIGINT)"
        )
    };
}

/// Members are told at level 1, managers at level 2: from level 1, or at once where members are not warned, or not any more.
macro_rules! due_of {
    ($status:literal, $since:literal) => {
        concat!(
            due!($status, $since, from "1" to "2", "warn_managers_after_secs", if "TRUE"),
            " UNION ALL ",
            due!($status, $since, from "0" to "2", "warn_managers_after_secs", if "t.warn_after_secs IS NULL"),
            " UNION ALL ",
            due!($status, $since, from "0" to "1", "warn_after_secs", if "TRUE")
        )
    };
}

/// Who waits in the queue, and who waits for an answer in a conversation. Managers first: who is raised to level 1 now is
/// raised further at another time, so that both are told.
const DUE: &str = concat!(
    due_of!("InQueue", "when_requested"),
    " UNION ALL ",
    due_of!("CustomerLast", "unanswered_since"),
    " ORDER BY 4 DESC, 1, 2"
);

#[derive(FromRow)]
struct DueRow {
    topic_id: i32,
    status: String,
    alert_level: i32,
    raised_to: i32,
    since: i64,
}

async fn due(connection: &mut Connection, now: Timestamp) -> Result<Vec<DueRow>, StoreError> {
    Ok(sqlx::query_as(DUE).bind(now.as_microsecond()).fetch_all(connection).await?)
}

/// Whether any session is to be raised.
pub(super) async fn is_any_due(connection: &mut Connection, now: Timestamp) -> Result<bool, StoreError> {
    Ok(!due(connection, now).await?.is_empty())
}

/// Finds some sessions of a topic (`$1`) at a level (`$2`) that wait since `$3` or longer, and raises those that are still
/// there: `$1` are their ids, `$2` is the level.
macro_rules! raising {
    ($status:literal, $since:literal) => {
        Raising {
            find: concat!(
                "SELECT session_id FROM sessions WHERE topic_id = $1 AND status = '",
                $status,
                "' AND alert_level = $2 AND ",
                $since,
                " <= $3 ORDER BY ",
                $since,
                " LIMIT $4",
                skip_locked!()
            ),
            raise: concat!(
                "UPDATE sessions SET alert_level = $2 WHERE ",
                one_of!("session_id", "$1"),
                " AND status = '",
                $status,
                "' AND alert_level < $2 RETURNING session_id, topic_id, ",
                $since,
                " AS waits_since, alert_level"
            ),
        }
    };
}

struct Raising {
    find: &'static str,
    raise: &'static str,
}

const OF_QUEUE: Raising = raising!("InQueue", "when_requested");
const OF_CONVERSATION: Raising = raising!("CustomerLast", "unanswered_since");

#[derive(FromRow)]
struct RaisedRow {
    session_id: i32,
    topic_id: i32,
    waits_since: i64,
    alert_level: i32,
}

/// Raises some sessions by one level and says which. Those that another server has in hand are left to it.
pub(super) async fn raise(
    connection: &mut Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<LongWaiting>, StoreError> {
    let mut raised = Vec::new();
    for topic in due(&mut *connection, now).await? {
        let room = i64::from(limit).saturating_sub(i64::try_from(raised.len()).unwrap_or(i64::MAX));
        if room > 0 {
            raised.extend(raise_in(&mut *connection, &topic, room).await?);
        }
    }
    raised.sort_by_key(|session| (session.waits_since, session.session));
    Ok(raised)
}

/// Raises at most `limit` sessions of a topic.
async fn raise_in(connection: &mut Connection, topic: &DueRow, limit: i64) -> Result<Vec<LongWaiting>, StoreError> {
    let Raising { find, raise } = if topic.status == Status::InQueue.as_str() { OF_QUEUE } else { OF_CONVERSATION };
    let found: Vec<i32> = sqlx::query_scalar(find)
        .bind(topic.topic_id)
        .bind(topic.alert_level)
        .bind(topic.since)
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<RaisedRow> =
        sqlx::query_as(raise).bind(ids(found.into_iter())).bind(topic.raised_to).fetch_all(connection).await?;
    rows.into_iter()
        .map(|row| {
            let what = format!("the time since when session {} waits", row.session_id);
            Ok(LongWaiting {
                session: SessionId(row.session_id),
                topic: TopicId(row.topic_id),
                waits_since: instant(&what, row.waits_since)?,
                alert_level: row.alert_level,
            })
        })
        .collect()
}
