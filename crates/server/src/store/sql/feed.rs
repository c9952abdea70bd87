//! What the event streams read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::FromRow;

use super::dialect::{Connection, one_of};
use super::rows::instant;
use super::{Backend, browser_sessions};
use crate::auth::SecretHash;
use crate::records::{AssociateId, MessageId, Permissions, SessionId, Status, TopicId};
use crate::store::{Audience, FeedStore, Moving, Pulse, StoreError, Wire};

/// The last message is one step into the index of messages.
macro_rules! pulse_of {
    ($condition:expr) => {
        concat!(
            "SELECT s.session_id, s.topic_id, s.status, s.user_id, s.transfer_to_id, s.alert_level, s.when_requested,
                    s.unanswered_since,
                    (SELECT max(m.message_id) FROM messages m WHERE m.session_id = s.session_id) AS last_message
               FROM sessions s WHERE ",
            $condition
        )
    };
}

/// Each part has its index: the history of a service that runs for years is not looked at.
const MOVING: &str = concat!(
    pulse_of!("s.status = 'InQueue'"),
    " UNION ALL ",
    pulse_of!("s.status IN ('CustomerLast', 'UserLast')"),
    " UNION ALL ",
    pulse_of!("s.session_id > $1 AND s.status NOT IN ('InQueue', 'CustomerLast', 'UserLast')"),
    " ORDER BY 1"
);

#[derive(FromRow)]
struct PulseRow {
    session_id: i32,
    topic_id: i32,
    status: String,
    user_id: Option<i32>,
    transfer_to_id: Option<i32>,
    alert_level: i32,
    when_requested: Option<i64>,
    unanswered_since: Option<i64>,
    last_message: Option<i32>,
}

impl TryFrom<PulseRow> for Pulse {
    type Error = StoreError;

    fn try_from(row: PulseRow) -> Result<Self, StoreError> {
        let id = row.session_id;
        let when = |column: &str, micros: Option<i64>| {
            micros.map(|micros| instant(&format!("`{column}` of session {id}"), micros)).transpose()
        };
        Ok(Self {
            session: SessionId(id),
            topic: TopicId(row.topic_id),
            status: Status::parse(&row.status).ok_or_else(|| StoreError::Damaged {
                what: format!("`status` of session {id}"),
                reason: "it is none of the known ones".to_owned(),
            })?,
            user: row.user_id.map(AssociateId),
            transfer_to: row.transfer_to_id.map(AssociateId),
            alert_level: row.alert_level,
            when_requested: when("when_requested", row.when_requested)?,
            unanswered_since: when("unanswered_since", row.unanswered_since)?,
            last_message: MessageId(row.last_message.unwrap_or_default()),
        })
    }
}

#[derive(FromRow)]
struct MemberRow {
    associate_id: i32,
    topic_id: i32,
    can_respond: bool,
    can_notify: bool,
    can_listen: bool,
    can_manage: bool,
}

#[async_trait]
impl FeedStore for Backend {
    async fn moving_sessions(&self, above: Option<SessionId>) -> Result<Moving, StoreError> {
        // Without one: none.
        let above = above.map_or(i32::MAX, |above| above.0);
        self.read(move |connection| {
            Box::pin(async move {
                let rows = sqlx::query_as::<_, PulseRow>(MOVING).bind(above).fetch_all(&mut *connection).await?;
                let highest: Option<i32> =
                    sqlx::query_scalar("SELECT max(session_id) FROM sessions").fetch_one(&mut *connection).await?;
                let pulses = rows.into_iter().map(Pulse::try_from).collect::<Result<_, _>>()?;
                Ok(Moving { pulses, highest: highest.map(SessionId) })
            })
        })
        .await
    }

    async fn pulses(&self, sessions: &BTreeSet<SessionId>) -> Result<Vec<Pulse>, StoreError> {
        let ids: Vec<i32> = sessions.iter().map(|session| session.0).collect();
        let ids = serde_json::Value::from(ids).to_string();
        self.look(move |connection| {
            Box::pin(async move {
                const THESE: &str = concat!(pulse_of!(one_of!("s.session_id", "$1")), " ORDER BY s.session_id");
                let rows = sqlx::query_as::<_, PulseRow>(THESE).bind(ids).fetch_all(connection).await?;
                rows.into_iter().map(Pulse::try_from).collect()
            })
        })
        .await
    }

    async fn audience(&self) -> Result<Audience, StoreError> {
        self.read(|connection| Box::pin(audience(connection))).await
    }

    async fn is_session_good(
        &self,
        hash: SecretHash,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<bool, StoreError> {
        self.look(move |connection| {
            Box::pin(async move { Ok(browser_sessions::owner(connection, hash, now, idle_since).await?.is_some()) })
        })
        .await
    }

    fn wire(&self) -> Option<Arc<dyn Wire>> {
        self.own_wire()
    }
}

async fn audience(connection: &mut Connection) -> Result<Audience, StoreError> {
    let topics: Vec<(i32, String, bool)> =
        sqlx::query_as("SELECT topic_id, name, warn_after_secs IS NOT NULL FROM topics")
            .fetch_all(&mut *connection)
            .await?;
    let users: Vec<(i32, i64)> =
        sqlx::query_as("SELECT associate_id, sign_in_generation FROM users WHERE NOT deleted AND NOT disabled")
            .fetch_all(&mut *connection)
            .await?;
    let rows = sqlx::query_as::<_, MemberRow>(
        "SELECT associate_id, topic_id, can_respond, can_notify, can_listen, can_manage FROM topic_members",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut members: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for row in rows {
        let permissions = Permissions {
            respond: row.can_respond,
            notify: row.can_notify,
            listen: row.can_listen,
            manage: row.can_manage,
        };
        members.entry(AssociateId(row.associate_id)).or_default().insert(TopicId(row.topic_id), permissions);
    }
    Ok(Audience {
        warned: topics.iter().filter(|(.., is_warned)| *is_warned).map(|(id, ..)| TopicId(*id)).collect(),
        topics: topics.into_iter().map(|(id, name, _)| (TopicId(id), name)).collect(),
        members,
        users: users.into_iter().map(|(id, generation)| (AssociateId(id), generation)).collect(),
    })
}
